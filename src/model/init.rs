//! Initial weights: Keras's initialisers bit for bit in distribution, and two that keep the signal alive.
//!
//! Glorot and Bengio 2010, equation 16; He et al. 2015, equation 10. Random numbers are addressed by
//! (seed, layer number), so that changing one layer changes no other.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use crate::config::{Initializer, Seed};
use crate::random::{Address, Stream};

/// The kernel of a convolution, in Keras's memory order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// 3x3 over three colours.
    Image {
        to: usize,
    },
    Pointwise {
        from: usize,
        to: usize,
    },
    Depthwise {
        channels: usize,
    },
}

impl Kernel {
    fn len(self) -> usize {
        match self {
            Kernel::Image { to } => 27 * to,
            Kernel::Pointwise { from, to } => from * to,
            Kernel::Depthwise { channels } => 9 * channels,
        }
    }

    /// Inputs of one output and outputs of one input.
    fn true_fans(self) -> (usize, usize) {
        match self {
            Kernel::Image { to } => (27, 9 * to),
            Kernel::Pointwise { from, to } => (from, to),
            Kernel::Depthwise { .. } => (9, 9),
        }
    }

    /// What Keras computes from a kernel's shape: it takes a depthwise kernel's third axis for inputs of every output.
    fn keras_fans(self) -> (usize, usize) {
        match self {
            Kernel::Depthwise { channels } => (9 * channels, 9),
            other => other.true_fans(),
        }
    }

    fn dims<const D: usize>(self) -> [usize; D] {
        let dims = match self {
            Kernel::Image { to } => vec![27, to],
            Kernel::Pointwise { from, to } => vec![from, to],
            Kernel::Depthwise { channels } => vec![3, 3, channels],
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

    /// The next kernel; `activated` says whether a ReLU6 follows.
    ///
    /// # Panics
    /// When `D` is not the kernel's rank.
    pub fn kernel<const D: usize>(&mut self, kernel: Kernel, activated: bool) -> Param<Tensor<D>> {
        let address = Address { seed: self.seed.0, stream: Stream::Init, epoch: 0, step: 0, layer: self.layer };
        self.layer += 1;
        let mut draws = address.draws();
        let mut draw = || match Distribution::of(self.initializer, kernel, activated) {
            Distribution::Uniform { limit } => ((2.0 * draws.unit_f64() - 1.0) * limit) as f32,
            Distribution::Normal { deviation } => (draws.normal() * deviation) as f32,
        };
        let values: Vec<f32> = (0..kernel.len()).map(|_| draw()).collect();
        let dims: [usize; D] = kernel.dims();
        Param::from_tensor(Tensor::from_data(TensorData::new(values, dims), self.device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Keras 3: VarianceScaling's compute_fans on (3, 3, 32, 1) gives fan_in 288, fan_out 9.
    #[test]
    fn keras_overestimates_the_inputs_of_a_depthwise_kernel() {
        let kernel = Kernel::Depthwise { channels: 32 };
        let expected = |limit| Distribution::Uniform { limit };
        assert_eq!(Distribution::of(Initializer::Keras, kernel, true), expected((6.0f64 / 297.0).sqrt()));
        assert_eq!(Distribution::of(Initializer::Glorot, kernel, true), expected((6.0f64 / 18.0).sqrt()));
    }

    #[test]
    fn he_doubles_the_variance_only_where_a_relu6_follows() {
        let kernel = Kernel::Pointwise { from: 50, to: 7 };
        assert_eq!(Distribution::of(Initializer::He, kernel, true), Distribution::Normal { deviation: 0.2 });
        assert_eq!(
            Distribution::of(Initializer::He, kernel, false),
            Distribution::Normal { deviation: 0.02f64.sqrt() }
        );
    }
}
