//! The native kernels for tensors in host memory, whichever backend they belong to.

use retrial_kernels::{Out, convolution, depthwise, gather, norm, pool};

use super::{Activation, Window};

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

    /// A new tensor whose every value `fill` writes, and returns.
    fn build(dims: &[usize], fill: impl for<'a> FnOnce(Out<'a>) -> &'a mut [f32]) -> Self;

    /// A new tensor in whose zeros `fill` writes.
    fn build_on_zeros(dims: &[usize], fill: impl FnOnce(&mut [f32])) -> Self {
        Self::build(dims, |out| {
            let values = out.zeroed();
            fill(values);
            values
        })
    }
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
    T::build_on_zeros(&[values.len()], |out| out.copy_from_slice(values))
}

pub(super) fn depthwise<T: HostTensor>(x: T, kernel: T, window: Window) -> T {
    let [x, kernel] = [x, kernel].map(T::contiguous);
    let shape = window_shape(&x, window);
    T::build(&[shape.images, shape.out_height, shape.out_width, shape.channels], |y| {
        depthwise::forward(x.values(), kernel.values(), shape, y)
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
    let grad_kernel = T::build_on_zeros(&[3, 3, shape.channels], |out| out.copy_from_slice(&sums));
    let grad_x = wants_x
        .then(|| T::build(&x.dims::<4>(), |dx| depthwise::input_gradient(grad.values(), kernel.values(), shape, dx)));
    (grad_x, grad_kernel)
}

pub(super) fn patches<T: HostTensor>(x: T, window: Window) -> T {
    let x = x.contiguous();
    let shape = window_shape(&x, window);
    let rows = shape.images * shape.out_height * shape.out_width;
    let values = window.size * window.size * shape.channels;
    T::build(&[rows, values], |out| gather::patches(x.values(), shape, (window.size, window.dilation), out))
}

fn sliding<T: HostTensor>(x: &T, kernel: &T, window: Window) -> convolution::Sliding {
    let [_, outputs] = kernel.dims();
    convolution::Sliding { shape: window_shape(x, window), size: window.size, dilation: window.dilation, outputs }
}

/// `x` `[n, h, w, c]`, `kernel` `[size * size * c, k]` -> `[n, h', w', k]`.
pub(super) fn convolution<T: HostTensor>(x: T, kernel: T, window: Window) -> T {
    let [x, kernel] = [x, kernel].map(T::contiguous);
    let sliding = sliding(&x, &kernel, window);
    let depthwise::Shape { images, out_height, out_width, .. } = sliding.shape;
    T::build_on_zeros(&[images, out_height, out_width, sliding.outputs], |y| {
        convolution::forward(x.values(), kernel.values(), sliding, y);
    })
}

/// Gradients of `x` (when wanted) and `kernel`. Patches are laid out again rather than kept: they are `size * size` times as
/// large as `x`.
pub(super) fn convolution_backward<T: HostTensor>(
    x: T,
    kernel: T,
    grad: T,
    window: Window,
    wants_x: bool,
) -> (Option<T>, T) {
    let [x, kernel, grad] = [x, kernel, grad].map(T::contiguous);
    let sliding = sliding(&x, &kernel, window);
    let mut sums = Vec::new();
    let mut backward =
        |dx: Option<&mut [f32]>| sums = convolution::backward(x.values(), kernel.values(), grad.values(), sliding, dx);
    let grad_x = if wants_x {
        Some(T::build_on_zeros(&x.dims::<4>(), |dx| backward(Some(dx))))
    } else {
        backward(None);
        None
    };
    (grad_x, T::build_on_zeros(&kernel.dims::<2>(), |out| out.copy_from_slice(&sums)))
}

fn pooling<T: HostTensor>(x: &T, window: Window, is_max: bool) -> pool::Pooling {
    pool::Pooling { shape: window_shape(x, window), size: window.size, is_max }
}

pub(super) fn pool<T: HostTensor>(x: T, window: Window, is_max: bool) -> T {
    let x = x.contiguous();
    let pooling = pooling(&x, window, is_max);
    let depthwise::Shape { images, out_height, out_width, channels, .. } = pooling.shape;
    T::build_on_zeros(&[images, out_height, out_width, channels], |y| pool::forward(x.values(), pooling, y))
}

pub(super) fn pool_backward<T: HostTensor>(x: T, y: T, grad: T, window: Window, is_max: bool) -> T {
    let [x, y, grad] = [x, y, grad].map(T::contiguous);
    let pooling = pooling(&x, window, is_max);
    T::build_on_zeros(&x.dims::<4>(), |dx| pool::backward(x.values(), y.values(), grad.values(), pooling, dx))
}

pub(super) fn moments<T: HostTensor>(x: T) -> T {
    let x = x.contiguous();
    let channels = channels(&x);
    let moments = norm::moments(x.values(), channels);
    T::build_on_zeros(&[2, channels], |out| out.copy_from_slice(&moments))
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
