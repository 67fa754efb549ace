//! The native kernels for tensors in host memory, whichever backend they belong to.

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;

use super::{Activation, Window};
use crate::engine::cpu::{depthwise, gather, norm};

/// Values of patches that are laid out at a time: few enough to stay in a cache, and for one product of matrices enough.
const PATCH_VALUES: usize = 1 << 20;

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
    patches_of(x.values(), shape, window)
}

fn patches_of<T: HostTensor>(x: &[f32], shape: depthwise::Shape, window: Window) -> T {
    let rows = shape.images * shape.out_height * shape.out_width;
    let values = window.size * window.size * shape.channels;
    T::build(&[rows, values], |out| gather::patches(x, shape, (window.size, window.dilation), out))
}

/// Pieces of a batch, some images each: their number depends on the shape alone, so that sums over them do, too.
fn pieces(shape: depthwise::Shape, window: Window) -> impl Iterator<Item = (std::ops::Range<usize>, depthwise::Shape)> {
    let values = shape.out_height * shape.out_width * window.size * window.size * shape.channels;
    let images = (PATCH_VALUES / values.max(1)).clamp(1, shape.images);
    (0..shape.images).step_by(images).map(move |first| {
        let range = first..(first + images).min(shape.images);
        let piece = depthwise::Shape { images: range.len(), ..shape };
        (range, piece)
    })
}

/// The values of these images.
fn part(values: &[f32], range: &std::ops::Range<usize>, of_an_image: usize) -> std::ops::Range<usize> {
    debug_assert!(values.len().is_multiple_of(of_an_image.max(1)));
    range.start * of_an_image..range.end * of_an_image
}

/// `x` `[n, h, w, c]`, `kernel` `[size * size * c, k]` -> `[n, h', w', k]`, as products of matrices.
pub(super) fn convolution<B: Backend>(x: FloatTensor<B>, kernel: FloatTensor<B>, window: Window) -> FloatTensor<B>
where
    FloatTensor<B>: HostTensor,
{
    let x = x.contiguous();
    let shape = window_shape(&x, window);
    let [_, outputs] = kernel.dims();
    let [rows, of_image] = [shape.out_height * shape.out_width, shape.input_len() / shape.images.max(1)];
    let products = pieces(shape, window).map(|(range, piece)| {
        let patches: FloatTensor<B> = patches_of(&x.values()[part(x.values(), &range, of_image)], piece, window);
        B::float_matmul(patches, kernel.clone())
    });
    let mut products: Vec<_> = products.collect();
    let y = if products.len() == 1 { products.remove(0) } else { B::float_cat(products, 0) };
    debug_assert_eq!(y.dims::<2>(), [shape.images * rows, outputs]);
    B::float_reshape(y, Shape::from([shape.images, shape.out_height, shape.out_width, outputs]))
}

/// Gradients of `x` (when wanted) and `kernel`. Patches are laid out again rather than kept: they are `size * size` times as
/// large as `x`.
pub(super) fn convolution_backward<B: Backend>(
    x: FloatTensor<B>,
    kernel: FloatTensor<B>,
    grad: FloatTensor<B>,
    window: Window,
    wants_x: bool,
) -> (Option<FloatTensor<B>>, FloatTensor<B>)
where
    FloatTensor<B>: HostTensor,
{
    let [x, grad] = [x, grad].map(FloatTensor::<B>::contiguous);
    let shape = window_shape(&x, window);
    let [_, outputs] = kernel.dims();
    let of_image = shape.input_len() / shape.images.max(1);
    let of_grad = shape.out_height * shape.out_width * outputs;
    let transposed = B::float_swap_dims(kernel, 0, 1);
    let mut grad_kernel: Option<FloatTensor<B>> = None;
    let mut grad_patches = |range: &std::ops::Range<usize>, piece: depthwise::Shape| {
        let patches: FloatTensor<B> = patches_of(&x.values()[part(x.values(), range, of_image)], piece, window);
        let rows = piece.images * piece.out_height * piece.out_width;
        let grad = &grad.values()[part(grad.values(), range, of_grad)];
        let grad: FloatTensor<B> = HostTensor::build(&[rows, outputs], |out| out.copy_from_slice(grad));
        let product = B::float_matmul(B::float_swap_dims(patches, 0, 1), grad.clone());
        grad_kernel = Some(match grad_kernel.take() {
            None => product,
            Some(sum) => B::float_add(sum, product),
        });
        wants_x.then(|| B::float_matmul(grad, transposed.clone()).contiguous())
    };
    let grad_x = if wants_x {
        Some(HostTensor::build(&x.dims::<4>(), |out: &mut [f32]| {
            for (range, piece) in pieces(shape, window) {
                if let Some(patches) = grad_patches(&range, piece) {
                    let at = part(out, &range, of_image);
                    gather::fold(patches.values(), piece, (window.size, window.dilation), &mut out[at]);
                }
            }
        }))
    } else {
        pieces(shape, window).for_each(|(range, piece)| drop(grad_patches(&range, piece)));
        None
    };
    let grad_kernel = grad_kernel
        .unwrap_or_else(|| HostTensor::build(&[window.size * window.size * shape.channels, outputs], |_| {}));
    (grad_x, grad_kernel)
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
