//! How gradients flow through the native kernels: burn's autodiff decoration of every backend that has them.

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

use super::{Activation, KernelGradients, Kernels, Window};

/// A kernel that slides over an image.
#[derive(Debug, Clone, Copy)]
enum Sliding {
    Depthwise,
    Convolution,
}

impl Sliding {
    fn forward<B: Kernels>(self, x: FloatTensor<B>, kernel: FloatTensor<B>, window: Window) -> FloatTensor<B> {
        match self {
            Self::Depthwise => B::depthwise(x, kernel, window),
            Self::Convolution => B::convolution(x, kernel, window),
        }
    }

    fn tracked<B: KernelGradients, C: CheckpointStrategy>(
        self,
        x: FloatTensor<Autodiff<B, C>>,
        kernel: FloatTensor<Autodiff<B, C>>,
        window: Window,
    ) -> FloatTensor<Autodiff<B, C>> {
        match self.prepare::<C>([x.node(), kernel.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (x, kernel) = (x.into_primitive(), kernel.into_primitive());
                let y = self.forward::<B>(x.clone(), kernel.clone(), window);
                prep.finish((x, kernel, window), y)
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(self.forward::<B>(x.into_primitive(), kernel.into_primitive(), window))
            }
        }
    }
}

impl<B: KernelGradients> Backward<B, 2> for Sliding {
    type State = (FloatTensor<B>, FloatTensor<B>, Window);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [node_x, node_kernel] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (x, kernel, window) = ops.state;
        let wants_x = node_x.is_some();
        let (grad_x, grad_kernel) = match self {
            Self::Depthwise => B::depthwise_backward(x, kernel, grad, window, wants_x),
            Self::Convolution => B::convolution_backward(x, kernel, grad, window, wants_x),
        };
        if let (Some(node), Some(grad)) = (node_x, grad_x) {
            grads.register::<B>(node.id, grad);
        }
        if let Some(node) = node_kernel {
            grads.register::<B>(node.id, grad_kernel);
        }
    }
}

#[derive(Debug)]
struct PoolBackward;

impl<B: KernelGradients> Backward<B, 1> for PoolBackward {
    type State = (FloatTensor<B>, FloatTensor<B>, Window, bool);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (x, y, window, is_max) = ops.state;
        if let Some(node) = node {
            grads.register::<B>(node.id, B::pool_backward(x, y, grad, window, is_max));
        }
    }
}

/// What the backward pass of normalisation and activation needs.
#[derive(Debug, Clone)]
struct NormState<T> {
    x: T,
    y: T,
    moments: T,
    gamma: T,
    epsilon: f64,
    activation: Activation,
}

#[derive(Debug)]
struct NormActivationBackward;

impl<B: KernelGradients> Backward<B, 3> for NormActivationBackward {
    type State = NormState<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let NormState { x, y, moments, gamma, epsilon, activation } = ops.state;
        let gradients = B::norm_activation_backward(x, y, moments, gamma, grad, epsilon, activation);
        for (node, grad) in ops.parents.into_iter().zip(gradients) {
            if let Some(node) = node {
                grads.register::<B>(node.id, grad);
            }
        }
    }
}

#[derive(Debug)]
struct ActivationBackward;

impl<B: KernelGradients> Backward<B, 1> for ActivationBackward {
    type State = (FloatTensor<B>, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (y, activation) = ops.state;
        if let Some(node) = node {
            grads.register::<B>(node.id, B::activation_backward(y, grad, activation));
        }
    }
}

impl<B: KernelGradients, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn depthwise(x: FloatTensor<Self>, kernel: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        Sliding::Depthwise.tracked::<B, C>(x, kernel, window)
    }

    fn patches(x: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        <Self as burn::backend::AutodiffBackend>::from_inner(B::patches(x.into_primitive(), window))
    }

    fn convolution(x: FloatTensor<Self>, kernel: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        Sliding::Convolution.tracked::<B, C>(x, kernel, window)
    }

    fn pool(x: FloatTensor<Self>, window: Window, is_max: bool) -> FloatTensor<Self> {
        match PoolBackward.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let x = x.into_primitive();
                let y = B::pool(x.clone(), window, is_max);
                prep.finish((x, y.clone(), window, is_max), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::pool(x.into_primitive(), window, is_max)),
        }
    }

    fn moments(x: FloatTensor<Self>) -> FloatTensor<Self> {
        <Self as burn::backend::AutodiffBackend>::from_inner(B::moments(x.into_primitive()))
    }

    fn norm_activation(
        x: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), gamma.node(), beta.node()];
        let prep = NormActivationBackward.prepare::<C>(nodes).compute_bound().stateful();
        let [x, moments, gamma, beta] = [x, moments, gamma, beta].map(|tensor| tensor.into_primitive());
        match prep {
            OpsKind::Tracked(prep) => {
                let y = B::norm_activation(x.clone(), moments.clone(), gamma.clone(), beta, epsilon, activation);
                prep.finish(NormState { x, y: y.clone(), moments, gamma, epsilon, activation }, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::norm_activation(x, moments, gamma, beta, epsilon, activation)),
        }
    }

    fn activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        match ActivationBackward.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::activation(x.into_primitive(), activation);
                prep.finish((y.clone(), activation), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::activation(x.into_primitive(), activation)),
        }
    }
}
