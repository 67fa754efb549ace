//! The network's weights that are multiplied with activations, by name, and their gradients.

use burn::module::Param;
use burn::tensor::{Gradients, Tensor};

use super::Network;
use super::unit::Weights;
use crate::bundle::probe::Convolution;
use crate::config::LayerName;

/// The gradient of one kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelGradient {
    pub layer: LayerName,
    pub convolution: Convolution,
    /// Row-major, in the kernel's own shape.
    pub values: Vec<f32>,
}

impl Network {
    /// Gradients of every kernel, in forward order, on the host. A kernel that no gradient reached has none.
    pub fn kernel_gradients(&self, gradients: &Gradients) -> Vec<KernelGradient> {
        let found = self.units().filter_map(|(plan, unit)| {
            let values = match unit.kernel()? {
                Weights::Matrix(kernel) => gradient(kernel, gradients)?,
                Weights::Depthwise(kernel) => gradient(kernel, gradients)?,
            };
            Some(KernelGradient { layer: plan.name.clone(), convolution: super::unit::convolution(plan), values })
        });
        found.collect()
    }
}

fn gradient<const D: usize>(kernel: &Param<Tensor<D>>, gradients: &Gradients) -> Option<Vec<f32>> {
    let gradient = kernel.val().grad(gradients)?;
    Some(gradient.into_data().convert::<f32>().try_into_vec().expect("the gradient was converted to f32"))
}
