//! Initial weights: Keras's initialisers bit for bit in distribution, and two that keep the signal alive.
//!
//! Glorot and Bengio 2010, equation 16; He et al. 2015, equation 10. Random numbers are addressed by
//! (seed, layer number), so that changing one layer changes no other.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use crate::config::{Initializer, Seed};
use crate::random::{Address, Stream};

/// The shape of a kernel, in Keras's memory order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// A square window over `from` channels, those of one group: `[size * size * from, to]`.
    Window { size: usize, from: usize, to: usize },
    /// `[from, to]`.
    Pointwise { from: usize, to: usize },
    /// `[size, size, channels]`.
    Depthwise { size: usize, channels: usize },
}

impl Kernel {
    fn len(self) -> usize {
        match self {
            Kernel::Window { size, from, to } => size * size * from * to,
            Kernel::Pointwise { from, to } => from * to,
            Kernel::Depthwise { size, channels } => size * size * channels,
        }
    }

    /// Inputs of one output and outputs of one input.
    fn true_fans(self) -> (usize, usize) {
        match self {
            Kernel::Window { size, from, to } => (size * size * from, size * size * to),
            Kernel::Pointwise { from, to } => (from, to),
            Kernel::Depthwise { size, .. } => (size * size, size * size),
        }
    }

    /// What Keras computes from a kernel's shape: it takes a depthwise kernel's third axis for inputs of every output.
    fn keras_fans(self) -> (usize, usize) {
        match self {
            Kernel::Depthwise { size, channels } => (size * size * channels, size * size),
            other => other.true_fans(),
        }
    }

    fn dims<const D: usize>(self) -> [usize; D] {
        let dims = match self {
            Kernel::Window { size, from, to } => vec![size * size * from, to],
            Kernel::Pointwise { from, to } => vec![from, to],
            Kernel::Depthwise { size, channels } => vec![size, size, channels],
        };
        dims.try_into().expect("the caller asks for the rank that this kind of kernel has")
    }
}

/// A distribution with mean zero.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Distribution {
    Uniform { limit: f64 },
    Normal { deviation: f64 },
}

impl Distribution {
    fn of(initializer: Initializer, kernel: Kernel, activated: bool) -> Self {
        let glorot = |(fan_in, fan_out): (usize, usize)| Distribution::Uniform {
            limit: (6.0 / (fan_in + fan_out) as f64).sqrt(),
        };
        match initializer {
            Initializer::Keras => glorot(kernel.keras_fans()),
            Initializer::Glorot => glorot(kernel.true_fans()),
            Initializer::He => {
                let gain = if activated { 2.0 } else { 1.0 };
                Distribution::Normal { deviation: (gain / kernel.true_fans().0 as f64).sqrt() }
            }
            // kaiming_uniform_ with a = sqrt(5): sqrt(6 / ((1 + 5) fan_in)).
            Initializer::Pytorch => Distribution::Uniform { limit: 1.0 / (kernel.true_fans().0 as f64).sqrt() },
        }
    }
}

/// Hands out initialised kernels, numbering them.
pub(super) struct Initialization<'a> {
    initializer: Initializer,
    seed: Seed,
    device: &'a Device,
    layer: u32,
}

impl<'a> Initialization<'a> {
    pub fn new(initializer: Initializer, seed: Seed, device: &'a Device) -> Self {
        Self { initializer, seed, device, layer: 0 }
    }

    /// The next kernel; `activated` says whether an activation follows.
    ///
    /// # Panics
    /// When `D` is not the kernel's rank.
    pub fn kernel<const D: usize>(&mut self, kernel: Kernel, activated: bool) -> Param<Tensor<D>> {
        let values = self.drawn(Distribution::of(self.initializer, kernel, activated), 0, kernel.len());
        self.layer += 1;
        let dims: [usize; D] = kernel.dims();
        Param::from_tensor(Tensor::from_data(TensorData::new(values, dims), self.device))
    }

    /// What is added to each of `channels` outputs of the last kernel: zeros, unless PyTorch's layers are the model.
    pub fn bias(&self, kernel: Kernel, channels: usize) -> Param<Tensor<1>> {
        if self.initializer != Initializer::Pytorch {
            return Param::from_tensor(Tensor::zeros([channels], self.device));
        }
        let of_last = Self { layer: self.layer - 1, ..*self };
        let values = of_last.drawn(Distribution::of(self.initializer, kernel, false), 1, channels);
        Param::from_tensor(Tensor::from_data(TensorData::new(values, [channels]), self.device))
    }

    /// `step` tells the draws of one layer apart.
    fn drawn(&self, distribution: Distribution, step: u64, count: usize) -> Vec<f32> {
        let address = Address { seed: self.seed.0, stream: Stream::Init, epoch: 0, step, layer: self.layer };
        let mut draws = address.draws();
        let mut draw = || match distribution {
            Distribution::Uniform { limit } => ((2.0 * draws.unit_f64() - 1.0) * limit) as f32,
            Distribution::Normal { deviation } => (draws.normal() * deviation) as f32,
        };
        (0..count).map(|_| draw()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // torch.nn.Conv2d(16, 8, 3): weight and bias within 1/sqrt(16 * 9) = 1/12; torch.nn.Linear(25, 3): within 1/5.
    #[test]
    fn pytorchs_layers_start_within_the_inverse_root_of_their_inputs() {
        let limit = |kernel| Distribution::of(Initializer::Pytorch, kernel, true);
        assert_eq!(limit(Kernel::Window { size: 3, from: 16, to: 8 }), Distribution::Uniform { limit: 1.0 / 12.0 });
        assert_eq!(limit(Kernel::Pointwise { from: 25, to: 3 }), Distribution::Uniform { limit: 0.2 });
    }

    // keras.layers.Conv2D(8, 3) on 16 channels: compute_fans((3, 3, 16, 8)) is (144, 72).
    #[test]
    fn fans_of_a_window_are_kerass() {
        let kernel = Kernel::Window { size: 3, from: 16, to: 8 };
        assert_eq!(kernel.keras_fans(), (144, 72));
    }

    // Keras 3: VarianceScaling's compute_fans on (3, 3, 32, 1) gives fan_in 288, fan_out 9.
    #[test]
    fn keras_overestimates_the_inputs_of_a_depthwise_kernel() {
        let kernel = Kernel::Depthwise { size: 3, channels: 32 };
        let expected = |limit| Distribution::Uniform { limit };
        assert_eq!(Distribution::of(Initializer::Keras, kernel, true), expected((6.0f64 / 297.0).sqrt()));
        assert_eq!(Distribution::of(Initializer::Glorot, kernel, true), expected((6.0f64 / 18.0).sqrt()));
    }

    #[test]
    fn he_doubles_the_variance_only_where_an_activation_follows() {
        let kernel = Kernel::Pointwise { from: 50, to: 7 };
        assert_eq!(Distribution::of(Initializer::He, kernel, true), Distribution::Normal { deviation: 0.2 });
        assert_eq!(
            Distribution::of(Initializer::He, kernel, false),
            Distribution::Normal { deviation: 0.02f64.sqrt() }
        );
    }
}
