//! What follows a convolution: normalisation, activation and dropout, each where the network has it.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::pass::{BatchStatistics, Pass, TrainingStep};
use crate::bundle::probe::Convolution;
use crate::config::{Act, DropoutKind, LayerName, NodeDropout, Norm};
use crate::engine::kernels::{self, Activation, Clip, DropMask, Grouping};
use crate::random::{Address, Stream};

/// Nothing is clipped and nothing dropped.
const LINEAR: Activation = Activation { clip: None, dropout: None };

/// The plan of one [`PostConvolution`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PostSpec {
    pub name: LayerName,
    /// What it follows.
    pub convolution: Convolution,
    pub act: Option<Act>,
    pub dropout: Option<NodeDropout>,
    /// Address of its dropout masks.
    pub number: u32,
}

#[derive(Module, Debug)]
pub(super) struct PostConvolution {
    norm: Option<Normalisation>,
    #[module(skip)]
    spec: PostSpec,
}

#[derive(Module, Debug)]
enum Normalisation {
    Batch(BatchNorm),
    Group(GroupNorm),
}

#[derive(Module, Debug)]
struct BatchNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    /// Running means, then running variances: `[2, c]`. Never requires a gradient.
    running: Param<Tensor<2>>,
    #[module(skip)]
    momentum: f64,
    #[module(skip)]
    epsilon: f64,
}

#[derive(Module, Debug)]
struct GroupNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    #[module(skip)]
    grouping: Grouping,
}

impl PostConvolution {
    pub fn new(spec: PostSpec, norm: Norm, channels: usize, device: &Device) -> Self {
        let norm = match norm {
            Norm::None => None,
            Norm::Batch { momentum, epsilon } => {
                Some(Normalisation::Batch(BatchNorm::new(channels, momentum, epsilon, device)))
            }
            Norm::Group { groups, epsilon } => {
                Some(Normalisation::Group(GroupNorm::new(channels, groups, epsilon, device)))
            }
        };
        Self { norm, spec }
    }

    pub fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let y = match pass.dropout().zip(self.spec.dropout) {
            None => self.activated(x, None, pass),
            Some((step, dropout)) => {
                let key = self.address(step).key();
                let is_before = dropout.is_before_act && self.spec.act.is_some();
                if let (DropoutKind::Block, Some(size)) = (dropout.kind, dropout.block_size) {
                    let drop = |x| kernels::drop_blocks(x, key, dropout.rate, size as usize);
                    if is_before {
                        let x = self.normalised(x, LINEAR, pass);
                        self.act(drop(x), None, pass)
                    } else {
                        drop(self.activated(x, None, pass))
                    }
                } else {
                    let [_, height, width, _] = x.dims();
                    let dropout = Some(kernels::Dropout {
                        mask: DropMask::new(key, dropout.rate.get()),
                        rows_per_image: (dropout.kind == DropoutKind::Channel).then_some(height * width),
                    });
                    if is_before {
                        let x = self.normalised(x, Activation { dropout, ..LINEAR }, pass);
                        self.act(x, None, pass)
                    } else {
                        self.activated(x, dropout, pass)
                    }
                }
            }
        };
        pass.observe(&self.spec.name, &y);
        y
    }

    fn address(&self, TrainingStep { seed, epoch, step }: TrainingStep) -> Address {
        Address { seed: seed.0, stream: Stream::Dropout, epoch, step, layer: self.spec.number }
    }

    /// Normalisation, activation, then dropout: in one pass where the activation only clips.
    fn activated(&self, x: Tensor<4>, dropout: Option<kernels::Dropout>, pass: &mut Pass) -> Tensor<4> {
        match self.spec.act {
            None => self.normalised(x, Activation { clip: None, dropout }, pass),
            Some(Act::Relu) => self.normalised(x, Activation { clip: Some(Clip::Relu), dropout }, pass),
            Some(Act::Relu6) => self.normalised(x, Activation { clip: Some(Clip::Relu6), dropout }, pass),
            Some(Act::Gelu | Act::Silu) => {
                let x = self.normalised(x, LINEAR, pass);
                self.act(x, dropout, pass)
            }
        }
    }

    /// The activation, then dropout.
    fn act(&self, x: Tensor<4>, dropout: Option<kernels::Dropout>, pass: &Pass) -> Tensor<4> {
        let (x, clip) = match self.spec.act {
            None => (x, None),
            Some(Act::Relu) => (x, Some(Clip::Relu)),
            Some(Act::Relu6) => (x, Some(Clip::Relu6)),
            Some(Act::Gelu) => (burn::tensor::activation::gelu(x), None),
            Some(Act::Silu) => (burn::tensor::activation::silu(x), None),
        };
        kernels::activation(x, Activation { clip, dropout }, pass.path)
    }

    fn normalised(&self, x: Tensor<4>, activation: Activation, pass: &mut Pass) -> Tensor<4> {
        match &self.norm {
            None => kernels::activation(x, activation, pass.path),
            Some(Normalisation::Batch(norm)) => norm.forward(x, &self.spec, activation, pass),
            Some(Normalisation::Group(norm)) => {
                let x = kernels::group_norm(x, [norm.gamma.val(), norm.beta.val()], norm.grouping);
                kernels::activation(x, activation, pass.path)
            }
        }
    }

    /// Takes the next statistics of a training pass if this place has running statistics.
    pub fn absorb(&mut self, collected: &mut impl Iterator<Item = BatchStatistics>) {
        if let Some(Normalisation::Batch(norm)) = &mut self.norm
            && let Some(statistics) = collected.next()
        {
            norm.absorb(statistics);
        }
    }

    /// Puts means and variances of a whole data set in place of the running statistics.
    pub fn replace_statistics(&mut self, estimated: &mut impl Iterator<Item = Tensor<2>>) {
        if let Some(Normalisation::Batch(norm)) = &mut self.norm
            && let Some(statistics) = estimated.next()
        {
            norm.set_running(statistics);
        }
    }

    #[cfg(test)]
    pub fn drops(&self) -> bool {
        self.spec.dropout.is_some()
    }

    #[cfg(test)]
    pub fn normalises(&self) -> bool {
        self.norm.is_some()
    }

    /// Scalars that are not trained.
    pub fn running_len(&self) -> usize {
        match &self.norm {
            Some(Normalisation::Batch(norm)) => norm.running.lazy_shape().num_elements(),
            Some(Normalisation::Group(_)) | None => 0,
        }
    }
}

impl BatchNorm {
    fn new(channels: usize, momentum: f64, epsilon: f64, device: &Device) -> Self {
        let running = Tensor::cat(vec![Tensor::zeros([1, channels], device), Tensor::ones([1, channels], device)], 0);
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], device)),
            beta: Param::from_tensor(Tensor::zeros([channels], device)),
            running: Param::from_tensor(running).set_require_grad(false),
            momentum,
            epsilon,
        }
    }

    fn forward(&self, x: Tensor<4>, spec: &PostSpec, activation: Activation, pass: &mut Pass) -> Tensor<4> {
        let moments = if pass.uses_batch_statistics() {
            let [n, h, w, _] = x.dims();
            let moments = kernels::moments(x.clone(), pass.path);
            pass.collect(BatchStatistics {
                layer: spec.name.clone(),
                convolution: spec.convolution,
                moments: moments.clone(),
                count: n * h * w,
            });
            kernels::Moments::OfBatch(moments)
        } else {
            kernels::Moments::Constant(self.running.val().inner())
        };
        kernels::norm_activation(x, moments, [self.gamma.val(), self.beta.val()], self.epsilon, activation, pass.path)
    }

    /// running = momentum * running + (1 - momentum) * batch, the batch's variance with Bessel's correction,
    /// as Keras's fused kernel has it (a single value has no such correction and is taken as it is).
    fn absorb(&mut self, statistics: BatchStatistics) {
        let batch = statistics.unbiased();
        let running = self.running.val().inner() * self.momentum + batch * (1.0 - self.momentum);
        self.set_running(running);
    }

    /// `running` `[2, c]`, without gradient tracking.
    fn set_running(&mut self, running: Tensor<2>) {
        let running = if self.running.val().is_autodiff() { running.autodiff() } else { running };
        self.running = Param::initialized(self.running.id, running.set_require_grad(false));
    }
}

impl GroupNorm {
    fn new(channels: usize, groups: u32, epsilon: f64, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels], device)),
            beta: Param::from_tensor(Tensor::zeros([channels], device)),
            grouping: Grouping { groups: largest_divisor(channels, groups as usize), epsilon },
        }
    }
}

/// The largest divisor of `channels` that is at most `limit`.
fn largest_divisor(channels: usize, limit: usize) -> usize {
    (1..=limit.clamp(1, channels)).rev().find(|groups| channels.is_multiple_of(*groups)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_do_not_divide_the_channels_become_the_next_fewer_that_do() {
        assert_eq!(largest_divisor(32, 8), 8);
        assert_eq!(largest_divisor(24, 32), 24);
        assert_eq!(largest_divisor(40, 16), 10);
        assert_eq!(largest_divisor(7, 3), 1);
    }
}
