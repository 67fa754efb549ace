//! The network's weights that are multiplied with activations, by name, and their gradients.

use burn::module::Param;
use burn::tensor::{Gradients, Tensor};

use super::{LayerId, MobileNetV2, Role};
use crate::bundle::probe::Convolution;

/// The gradient of one kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelGradient {
    pub layer: LayerId,
    pub convolution: Convolution,
    /// Row-major, in the kernel's own shape.
    pub values: Vec<f32>,
}

impl MobileNetV2 {
    /// Gradients of every convolution kernel and of the classifier's weights, in forward order, on the host.
    /// A kernel that no gradient reached has none.
    pub fn kernel_gradients(&self, gradients: &Gradients) -> Vec<KernelGradient> {
        let outside = |role| LayerId { block: 0, role };
        let mut found = Vec::new();
        let mut add = |layer, convolution, values: Option<Vec<f32>>| {
            found.extend(values.map(|values| KernelGradient { layer, convolution, values }));
        };
        add(outside(Role::Stem), Convolution::Image, gradient(&self.stem, gradients));
        for (block, number) in self.blocks.iter().zip(1..) {
            let inside = |role| LayerId { block: number, role };
            if let Some(expand) = &block.expand {
                add(inside(Role::Expand), Convolution::Pointwise, gradient(expand, gradients));
            }
            add(inside(Role::Depthwise), Convolution::Depthwise, gradient(&block.depthwise, gradients));
            add(inside(Role::Project), Convolution::Pointwise, gradient(&block.project, gradients));
        }
        add(outside(Role::Head), Convolution::Pointwise, gradient(&self.head, gradients));
        add(outside(Role::Logits), Convolution::Dense, gradient(&self.classifier, gradients));
        found
    }
}

fn gradient<const D: usize>(kernel: &Param<Tensor<D>>, gradients: &Gradients) -> Option<Vec<f32>> {
    let gradient = kernel.val().grad(gradients)?;
    Some(gradient.into_data().convert::<f32>().try_into_vec().expect("the gradient was converted to f32"))
}
