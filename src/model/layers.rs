//! What follows a convolution: batch normalisation, ReLU6 and dropout, each where the experiment has it.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::config::{Dropout, DropoutKind, Norm, Seed};
use crate::engine::kernels::{self, Activation, DropMask, Path};
use crate::random::{Address, Stream};

/// One use of the network: evaluation with running statistics, or a training step, which collects batch statistics.
#[derive(Debug, Default)]
pub struct Pass {
    pub path: Path,
    training: Option<TrainingStep>,
    statistics: Vec<BatchStatistics>,
}

/// The address of a training step: dropout masks follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingStep {
    pub seed: Seed,
    /// Counted from 0.
    pub epoch: u32,
    /// Counted from 0 over the whole trial.
    pub step: u64,
}

/// What one normalisation saw of a batch.
#[derive(Debug)]
pub(super) struct BatchStatistics {
    /// Means and biased variances `[2, c]`.
    moments: Tensor<2>,
    /// Values per channel.
    count: usize,
}

impl Pass {
    pub fn evaluation() -> Self {
        Self::default()
    }

    pub fn training(step: TrainingStep) -> Self {
        Self { training: Some(step), ..Self::default() }
    }

    pub(super) fn into_statistics(self) -> Vec<BatchStatistics> {
        self.statistics
    }
}

/// The plan of one [`PostConvolution`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PostSpec {
    pub norm: Norm,
    pub relu6: bool,
    pub dropout: Option<Dropout>,
    /// Address of its dropout masks.
    pub layer: u32,
}

#[derive(Module, Debug)]
pub(super) struct PostConvolution {
    norm: Option<BatchNorm>,
    #[module(skip)]
    spec: PostSpec,
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

impl PostConvolution {
    pub fn new(spec: PostSpec, channels: usize, device: &Device) -> Self {
        let norm = match spec.norm {
            Norm::None => None,
            Norm::Batch { momentum, epsilon } => Some(BatchNorm::new(channels, momentum, epsilon, device)),
        };
        Self { norm, spec }
    }

    pub fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let activation = self.activation(&x, pass);
        match &self.norm {
            None => kernels::activation(x, activation, pass.path),
            Some(norm) => norm.forward(x, activation, pass),
        }
    }

    fn activation(&self, x: &Tensor<4>, pass: &Pass) -> Activation {
        let dropout = pass.training.zip(self.spec.dropout).map(|(step, dropout)| {
            let TrainingStep { seed, epoch, step } = step;
            let address = Address { seed: seed.0, stream: Stream::Dropout, epoch, step, layer: self.spec.layer };
            let [_, height, width, _] = x.dims();
            kernels::Dropout {
                mask: DropMask::new(address.key(), dropout.rate),
                rows_per_image: (dropout.kind == DropoutKind::Channel).then_some(height * width),
            }
        });
        Activation { relu6: self.spec.relu6, dropout }
    }

    /// Takes the next statistics of a training pass if this place normalises.
    pub fn absorb(&mut self, collected: &mut impl Iterator<Item = BatchStatistics>) {
        if let Some(norm) = &mut self.norm
            && let Some(statistics) = collected.next()
        {
            norm.absorb(statistics);
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
        self.norm.as_ref().map_or(0, |norm| norm.running.lazy_shape().num_elements())
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

    fn forward(&self, x: Tensor<4>, activation: Activation, pass: &mut Pass) -> Tensor<4> {
        let moments = if pass.training.is_some() {
            let [n, h, w, _] = x.dims();
            let moments = kernels::moments(x.clone(), pass.path);
            pass.statistics.push(BatchStatistics { moments: moments.clone(), count: n * h * w });
            moments
        } else {
            self.running.val().inner()
        };
        kernels::norm_activation(x, moments, [self.gamma.val(), self.beta.val()], self.epsilon, activation, pass.path)
    }

    /// running = momentum * running + (1 - momentum) * batch, the batch's variance with Bessel's correction,
    /// as Keras's fused kernel has it (a single value has no such correction and is taken as it is).
    fn absorb(&mut self, statistics: BatchStatistics) {
        let BatchStatistics { moments, count } = statistics;
        let channels = moments.dims()[1];
        let bessel = if count > 1 { count as f64 / (count - 1) as f64 } else { 1.0 };
        let mean = moments.clone().slice([0..1, 0..channels]);
        let variance = moments.slice([1..2, 0..channels]) * bessel;
        let batch = Tensor::cat(vec![mean, variance], 0);
        let autodiff = self.running.val().is_autodiff();
        let running = self.running.val().inner() * self.momentum + batch * (1.0 - self.momentum);
        let running = if autodiff { running.autodiff() } else { running };
        self.running = Param::initialized(self.running.id, running.set_require_grad(false));
    }
}
