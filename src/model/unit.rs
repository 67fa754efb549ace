//! A kernel and what follows it.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::init::{self, Initialization};
use super::layers::{PostConvolution, PostSpec};
use super::pass::Pass;
use crate::bundle::probe::Convolution;
use crate::config::{Kernel, Node};
use crate::engine::kernels as operations;

/// A kernel, where there is one, and what follows. Parameters are visited in this order.
#[derive(Module, Debug)]
pub(super) struct Unit {
    kernel: Option<Weights>,
    bias: Option<Param<Tensor<1>>>,
    pub(super) post: PostConvolution,
}

/// What values are multiplied with.
#[derive(Module, Debug)]
pub(super) enum Weights {
    /// `[size * size * channels, outputs]`, `[channels, outputs]`.
    Matrix(Param<Tensor<2>>),
    /// `[size, size, channels]`.
    Depthwise(Param<Tensor<3>>),
}

/// What a record calls a unit's kernel; what has none follows, as far as records go, a pointwise convolution.
pub(super) fn convolution(plan: &Node) -> Convolution {
    match plan.kernel {
        Some(Kernel::Image(_)) => Convolution::Image,
        Some(Kernel::Spatial { .. }) => Convolution::Spatial,
        Some(Kernel::Depthwise(_)) => Convolution::Depthwise,
        Some(Kernel::Dense) => Convolution::Dense,
        Some(Kernel::Pointwise) | None => Convolution::Pointwise,
    }
}

impl Unit {
    pub fn new(plan: &Node, init: &mut Initialization<'_>, device: &Device) -> Self {
        let (from, to) = (plan.input.channels, plan.output.channels);
        let shape = plan.kernel.map(|kernel| match kernel {
            Kernel::Image(window) => init::Kernel::Window { size: window.size, from, to },
            Kernel::Spatial { window, groups } => init::Kernel::Window { size: window.size, from: from / groups, to },
            Kernel::Pointwise | Kernel::Dense => init::Kernel::Pointwise { from, to },
            Kernel::Depthwise(window) => init::Kernel::Depthwise { size: window.size, channels: to },
        });
        let is_activated = plan.act.is_some();
        let kernel = shape.map(|shape| match shape {
            init::Kernel::Depthwise { .. } => Weights::Depthwise(init.kernel(shape, is_activated)),
            init::Kernel::Window { .. } | init::Kernel::Pointwise { .. } => {
                Weights::Matrix(init.kernel(shape, is_activated))
            }
        });
        let bias = shape.filter(|_| plan.bias).map(|shape| init.bias(shape, to));
        let spec = PostSpec {
            name: plan.name.clone(),
            convolution: convolution(plan),
            act: plan.act,
            dropout: plan.dropout,
            number: plan.number,
        };
        Self { kernel, bias, post: PostConvolution::new(spec, plan.norm, to, device) }
    }

    pub fn kernel(&self) -> Option<&Weights> {
        self.kernel.as_ref()
    }

    pub fn forward(&self, x: Tensor<4>, plan: &Node, pass: &mut Pass) -> Tensor<4> {
        let x = self.multiplied(x, plan, pass);
        self.post.forward(x, pass)
    }

    /// What the kernel makes of `x`, with the bias.
    pub fn multiplied(&self, x: Tensor<4>, plan: &Node, pass: &Pass) -> Tensor<4> {
        let Some((weights, kernel)) = self.kernel.as_ref().zip(plan.kernel) else { return x };
        let path = pass.path;
        let y = match (weights, kernel) {
            (Weights::Matrix(weights), Kernel::Image(window)) => {
                operations::image_convolution(x, weights.val(), window, path)
            }
            (Weights::Matrix(weights), Kernel::Spatial { window, groups }) => {
                operations::convolution(x, weights.val(), window, groups, path)
            }
            (Weights::Matrix(weights), Kernel::Dense) => {
                let [n, _, _, channels] = x.dims();
                let y = x.reshape([n, channels]).matmul(weights.val());
                let y = match &self.bias {
                    Some(bias) => y + bias.val().unsqueeze_dim(0),
                    None => y,
                };
                let [_, units] = y.dims();
                return y.reshape([n, 1, 1, units]);
            }
            (Weights::Matrix(weights), Kernel::Pointwise | Kernel::Depthwise(_)) => {
                operations::pointwise(x, weights.val())
            }
            (Weights::Depthwise(weights), Kernel::Depthwise(window)) => {
                operations::depthwise(x, weights.val(), window, path)
            }
            // A depthwise kernel is made for a depthwise convolution and for nothing else.
            (Weights::Depthwise(_), _) => x,
        };
        match &self.bias {
            Some(bias) => {
                let channels = plan.output.channels;
                let bias = operations::like(&y, bias.val());
                y + bias.reshape([1, 1, 1, channels])
            }
            None => y,
        }
    }
}
