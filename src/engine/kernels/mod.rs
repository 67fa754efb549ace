//! The network's operations as functions on burn tensors: fused native kernels, and burn's generic path as reference.
//!
//! Activations are `[images, height, width, channels]` (channels last) throughout. A native kernel is a burn backend
//! extension with a hand-written backward pass; [`Path::Generic`] computes the same from burn's own operations
//! and autodiff, slowly, and exists to check the kernels against.

#![cfg_attr(
    feature = "libtorch",
    expect(deprecated, reason = "burn-tch is the libtorch backend; upstream names no successor for libtorch")
)]

mod autodiff;
mod blocks;
#[cfg(feature = "flex")]
mod flex;
mod generic;
mod group;
mod host;
#[cfg(feature = "libtorch")]
mod libtorch;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{DType, FloatDType, Tensor};

pub use crate::config::Window;
pub use blocks::drop_blocks;
pub use group::{Grouping, group_norm};
pub use retrial_kernels::mask::DropMask;
pub use retrial_kernels::norm::{Activation, Clip, Dropout};

/// Which implementation computes an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Path {
    #[default]
    Native,
    Generic,
}

/// Native kernels of a backend, differentiable through their implementation for `Autodiff`.
#[backend_extension(Autodiff, Flex: cfg(feature = "flex"), LibTorch: cfg(feature = "libtorch"))]
pub trait Kernels: Backend {
    /// `x` `[n, h, w, c]`, `kernel` `[3, 3, c]`; a window of 3 without dilation.
    fn depthwise(x: FloatTensor<Self>, kernel: FloatTensor<Self>, window: Window) -> FloatTensor<Self>;

    /// `[n, h, w, c]` to `[n * h' * w', size * size * c]`; no gradient flows to the image.
    fn patches(x: FloatTensor<Self>, window: Window) -> FloatTensor<Self>;

    /// `x` `[n, h, w, c]`, `kernel` `[size * size * c, k]` -> `[n, h', w', k]`.
    fn convolution(x: FloatTensor<Self>, kernel: FloatTensor<Self>, window: Window) -> FloatTensor<Self>;

    /// The largest value (`is_max`) or the mean of each window, in which padding counts as no value.
    fn pool(x: FloatTensor<Self>, window: Window, is_max: bool) -> FloatTensor<Self>;

    /// Means and biased variances `[2, c]` over all but the last axis; no gradient flows through it.
    fn moments(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Normalise with the batch's own `moments`, scale, shift, then `activation`; the gradient counts the moments as functions of `x`.
    fn norm_activation(
        x: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> FloatTensor<Self>;

    /// `activation` alone.
    fn activation(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;
}

/// The gradients a backend must supply for its kernels.
pub trait KernelGradients: Kernels {
    /// Gradients of `x` (when wanted) and `kernel`.
    fn depthwise_backward(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        window: Window,
        wants_x: bool,
    ) -> (Option<FloatTensor<Self>>, FloatTensor<Self>);

    /// Gradients of `x` (when wanted) and `kernel`.
    fn convolution_backward(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        window: Window,
        wants_x: bool,
    ) -> (Option<FloatTensor<Self>>, FloatTensor<Self>);

    /// Gradient of `x`; `y` is what the forward pass returned.
    fn pool_backward(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        window: Window,
        is_max: bool,
    ) -> FloatTensor<Self>;

    /// Gradients of `x`, `gamma` and `beta`; `y` is what the forward pass returned.
    fn norm_activation_backward(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        epsilon: f64,
        activation: Activation,
    ) -> [FloatTensor<Self>; 3];

    /// Gradient of `x`; `y` is what the forward pass returned.
    fn activation_backward(y: FloatTensor<Self>, grad: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;
}

/// Convolution of each channel by itself. `x` `[n, h, w, c]`, `kernel` `[size, size, c]` -> `[n, h', w', c]`. There are native
/// kernels for windows of 3 without dilation; the generic path computes all others.
pub fn depthwise(x: Tensor<4>, kernel: Tensor<3>, window: Window, path: Path) -> Tensor<4> {
    match path {
        Path::Generic => generic::depthwise(x, kernel, window),
        Path::Native if !window.is_three() => {
            let kernel = like(&x, kernel);
            generic::depthwise(x, kernel, window)
        }
        Path::Native => {
            let kernel = like(&x, kernel);
            let y = <Dispatch as Kernels>::depthwise(x.into_dispatch(), kernel.into_dispatch(), window);
            Tensor::from_dispatch(y)
        }
    }
}

/// `parameter` in the numbers that `x` is in.
pub fn like<const D: usize, const E: usize>(x: &Tensor<D>, parameter: Tensor<E>) -> Tensor<E> {
    match (x.dtype(), parameter.dtype()) {
        (wanted, found) if wanted == found => parameter,
        (DType::BF16, _) => parameter.cast(FloatDType::BF16),
        (DType::F64, _) => parameter.cast(FloatDType::F64),
        _ => parameter.cast(FloatDType::F32),
    }
}

/// 1x1 convolution. `x` `[n, h, w, c]`, `kernel` `[c, k]` -> `[n, h, w, k]`.
pub fn pointwise(x: Tensor<4>, kernel: Tensor<2>) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let [_, k] = kernel.dims();
    let kernel = like(&x, kernel);
    x.reshape([n * h * w, c]).matmul(kernel).reshape([n, h, w, k])
}

/// Convolution. `x` `[n, h, w, c]`, `kernel` `[size * size * c / groups, k]` -> `[n, h', w', k]`. There are native kernels for
/// one group; the generic path computes all others.
pub fn convolution(x: Tensor<4>, kernel: Tensor<2>, window: Window, groups: usize, path: Path) -> Tensor<4> {
    let kernel = like(&x, kernel);
    if path == Path::Generic || groups > 1 {
        return generic::convolution(x, kernel, window, groups);
    }
    Tensor::from_dispatch(<Dispatch as Kernels>::convolution(x.into_dispatch(), kernel.into_dispatch(), window))
}

/// Dense convolution of images, to which no gradient flows. `x` `[n, h, w, c]`, `kernel` `[size * size * c, k]` ->
/// `[n, h', w', k]`.
pub fn image_convolution(x: Tensor<4>, kernel: Tensor<2>, window: Window, path: Path) -> Tensor<4> {
    let [n, h, w, _] = x.dims();
    let [_, k] = kernel.dims();
    let patches: Tensor<2> = match path {
        Path::Generic => return generic::convolution(x, kernel, window, 1),
        Path::Native => Tensor::from_dispatch(<Dispatch as Kernels>::patches(x.into_dispatch(), window)),
    };
    let kernel = like(&patches, kernel);
    patches.matmul(kernel).reshape([n, window.output_size(h), window.output_size(w), k])
}

/// The largest value or the mean of each window of `x` `[n, h, w, c]` -> `[n, h', w', c]`. Padding counts as no value.
pub fn pool(x: Tensor<4>, window: Window, is_max: bool, path: Path) -> Tensor<4> {
    match path {
        Path::Generic => generic::pool(x, window, is_max),
        Path::Native => Tensor::from_dispatch(<Dispatch as Kernels>::pool(x.into_dispatch(), window, is_max)),
    }
}

/// Mean and biased variance of each channel of `x` `[n, h, w, c]` as `[2, c]`, cut off from the gradient.
pub fn moments(x: Tensor<4>, path: Path) -> Tensor<2> {
    let x = x.inner();
    match path {
        Path::Generic => generic::moments(x),
        Path::Native => Tensor::from_dispatch(<Dispatch as Kernels>::moments(x.into_dispatch())),
    }
}

/// What batch normalisation normalises with: means and biased variances `[2, c]`, without gradient tracking.
#[derive(Debug, Clone)]
pub enum Moments {
    /// Those of the very batch: the gradient counts them as functions of it.
    OfBatch(Tensor<2>),
    /// Given numbers.
    Constant(Tensor<2>),
}

/// Batch normalisation of `x` `[n, h, w, c]`, then `activation`.
pub fn norm_activation(
    x: Tensor<4>,
    moments: Moments,
    [gamma, beta]: [Tensor<1>; 2],
    epsilon: f64,
    activation: Activation,
    path: Path,
) -> Tensor<4> {
    let moments = match (moments, path) {
        (Moments::OfBatch(_), Path::Generic) => return generic::norm_activation(x, [gamma, beta], epsilon, activation),
        (Moments::Constant(moments), path) if path == Path::Generic || x.is_autodiff() => {
            let x = generic::affine(x, moments, [gamma, beta], epsilon);
            return self::activation(x, activation, path);
        }
        (Moments::OfBatch(moments) | Moments::Constant(moments), _) => moments,
    };
    let moments = if x.is_autodiff() { moments.autodiff() } else { moments };
    Tensor::from_dispatch(<Dispatch as Kernels>::norm_activation(
        x.into_dispatch(),
        moments.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        activation,
    ))
}

/// `activation` alone, on `x` `[n, h, w, c]`.
pub fn activation(x: Tensor<4>, activation: Activation, path: Path) -> Tensor<4> {
    if activation.clip.is_none() && activation.dropout.is_none() {
        return x;
    }
    match path {
        Path::Generic => generic::activation(x, activation),
        Path::Native => Tensor::from_dispatch(<Dispatch as Kernels>::activation(x.into_dispatch(), activation)),
    }
}
