//! The native kernels for tensors in host memory, whichever backend they belong to.

use super::{Activation, Window};
use crate::engine::cpu::{depthwise, gather, norm};

/// A backend's float tensor, f32 and in host memory.
pub(super) trait HostTensor: Sized {
    /// Row-major without gaps.
    fn contiguous(self) -> Self;

    /// Row-major without gaps, and shared with nobody.
    fn unshared(self) -> Self;

    /// # Panics
    /// When the tensor's rank is not `D`.
    fn dims<const D: usize>(&self) -> [usize; D];

    /// The values of a contiguous tensor.
    fn values(&self) -> &[f32];

    /// The values of an unshared tensor.
    fn values_mut(&mut self) -> &mut [f32];

    /// A new tensor whose every value `fill` writes.
    fn build(dims: &[usize], fill: impl FnOnce(&mut [f32])) -> Self;
}

fn window_shape<T: HostTensor>(x: &T, window: Window) -> depthwise::Shape {
    let [images, height, width, channels] = x.dims();
    depthwise::Shape {
        images,
        height,
        width,
        channels,
        stride: window.stride,
        pad: window.before,
        out_height: window.output_size(height),
        out_width: window.output_size(width),
    }
}

fn channels<T: HostTensor>(x: &T) -> usize {
    let [_, _, _, channels] = x.dims();
    channels
}

fn vector<T: HostTensor>(values: &[f32]) -> T {
    T::build(&[values.len()], |out| out.copy_from_slice(values))
}

pub(super) fn depthwise<T: HostTensor>(x: T, kernel: T, window: Window) -> T {
    let [x, kernel] = [x, kernel].map(T::contiguous);
    let shape = window_shape(&x, window);
    T::build(&[shape.images, shape.out_height, shape.out_width, shape.channels], |y| {
        depthwise::forward(x.values(), kernel.values(), shape, y);
    })
}

pub(super) fn depthwise_backward<T: HostTensor>(
    x: T,
    kernel: T,
    grad: T,
    window: Window,
    wants_x: bool,
) -> (Option<T>, T) {
    let [x, kernel, grad] = [x, kernel, grad].map(T::contiguous);
    let shape = window_shape(&x, window);
    let sums = depthwise::kernel_gradient(x.values(), grad.values(), shape);
    let grad_kernel = T::build(&[3, 3, shape.channels], |out| out.copy_from_slice(&sums));
    let grad_x = wants_x
        .then(|| T::build(&x.dims::<4>(), |dx| depthwise::input_gradient(grad.values(), kernel.values(), shape, dx)));
    (grad_x, grad_kernel)
}

pub(super) fn patches<T: HostTensor>(x: T, window: Window) -> T {
    let x = x.contiguous();
    let shape = window_shape(&x, window);
    let rows = shape.images * shape.out_height * shape.out_width;
    T::build(&[rows, 9 * shape.channels], |out| gather::patches3x3(x.values(), shape, out))
}

pub(super) fn moments<T: HostTensor>(x: T) -> T {
    let x = x.contiguous();
    let channels = channels(&x);
    let moments = norm::moments(x.values(), channels);
    T::build(&[2, channels], |out| out.copy_from_slice(&moments))
}

pub(super) fn norm_activation<T: HostTensor>(
    [x, moments, gamma, beta]: [T; 4],
    epsilon: f64,
    activation: Activation,
) -> T {
    let [x, moments, gamma, beta] = [x, moments, gamma, beta].map(T::contiguous);
    let affine = norm::Affine::normalising(moments.values(), gamma.values(), beta.values(), epsilon as f32);
    T::build(&x.dims::<4>(), |y| norm::forward(x.values(), &affine, activation, y))
}

/// Gradients of `x`, `gamma` and `beta`.
pub(super) fn norm_activation_backward<T: HostTensor>(
    [x, y, moments, gamma]: [T; 4],
    grad: T,
    epsilon: f64,
    activation: Activation,
) -> [T; 3] {
    let [x, y, moments, gamma] = [x, y, moments, gamma].map(T::contiguous);
    let mut grad = grad.unshared();
    norm::activation_backward(y.values(), grad.values_mut(), channels(&x), activation);
    let affine =
        norm::normalisation_backward(x.values(), moments.values(), gamma.values(), epsilon as f32, grad.values_mut());
    [grad, vector(&affine.gamma), vector(&affine.beta)]
}

pub(super) fn activation<T: HostTensor>(x: T, activation: Activation) -> T {
    let x = x.contiguous();
    let affine = norm::Affine::identity(channels(&x));
    T::build(&x.dims::<4>(), |y| norm::forward(x.values(), &affine, activation, y))
}

pub(super) fn activation_backward<T: HostTensor>(y: T, grad: T, activation: Activation) -> T {
    let y = y.contiguous();
    let mut grad = grad.unshared();
    norm::activation_backward(y.values(), grad.values_mut(), channels(&y), activation);
    grad
}
