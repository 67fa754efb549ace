//! The same operations from burn's own tensor operations and autodiff: slow, independent of the native kernels.

use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, TensorData};

use super::{Activation, Clip, Dropout, Window};

/// Zero rows and columns around `x` `[n, c, h, w]`.
fn padded(x: Tensor<4>, window: Window) -> Tensor<4> {
    x.pad((window.before, window.after, window.before, window.after), 0.0)
}

fn options(window: Window, groups: usize) -> ConvOptions<2> {
    ConvOptions::new([window.stride; 2], [0, 0], [window.dilation; 2], groups)
}

pub(super) fn depthwise(x: Tensor<4>, kernel: Tensor<3>, window: Window) -> Tensor<4> {
    let [_, _, channels] = kernel.dims();
    let kernel = kernel.permute([2, 0, 1]).reshape([channels, 1, window.size, window.size]);
    let x = padded(x.permute([0, 3, 1, 2]), window);
    conv2d(x, kernel, None, options(window, channels)).permute([0, 2, 3, 1])
}

pub(super) fn convolution(x: Tensor<4>, kernel: Tensor<2>, window: Window, groups: usize) -> Tensor<4> {
    let [_, _, _, channels] = x.dims();
    let [_, outputs] = kernel.dims();
    let kernel = kernel.reshape([window.size, window.size, channels / groups, outputs]).permute([3, 2, 0, 1]);
    let x = padded(x.permute([0, 3, 1, 2]), window);
    conv2d(x, kernel, None, options(window, groups)).permute([0, 2, 3, 1])
}

pub(super) fn pool(x: Tensor<4>, window: Window, is_max: bool) -> Tensor<4> {
    let Window { size, stride, before, after, .. } = window;
    let is_padded = before + after > 0;
    let pad = |x: Tensor<4>, value: f32| {
        if is_padded { x.pad((before, after, before, after), value) } else { x }
    };
    let images = x.permute([0, 3, 1, 2]);
    let y = if is_max {
        // No window is all padding: a graph sees to it.
        let options = MaxPoolOptions::new([size, size]).with_stride([stride, stride]);
        max_pool2d(pad(images, f32::NEG_INFINITY), options)
    } else {
        let [_, _, height, width] = images.dims();
        let options = || AvgPoolOptions::new([size, size]).with_stride([stride, stride]);
        let counted = is_padded.then(|| {
            let ones = Tensor::<4>::ones([1, 1, height, width], &images.clone().inner().device());
            avg_pool2d(pad(ones, 0.0), options())
        });
        let y = avg_pool2d(pad(images, 0.0), options());
        match counted {
            // Both are over all of the window: their ratio is over what counts.
            Some(counted) => {
                let counted = if y.is_autodiff() { counted.autodiff() } else { counted };
                y / counted
            }
            None => y,
        }
    };
    y.permute([0, 2, 3, 1])
}

fn rows(x: Tensor<4>) -> Tensor<2> {
    let [n, h, w, c] = x.dims();
    x.reshape([n * h * w, c])
}

fn mean_and_variance(x: Tensor<2>) -> [Tensor<2>; 2] {
    let mean = x.clone().mean_dim(0);
    let variance = (x - mean.clone()).powf_scalar(2.0).mean_dim(0);
    [mean, variance]
}

pub(super) fn moments(x: Tensor<4>) -> Tensor<2> {
    Tensor::cat(mean_and_variance(rows(x)).to_vec(), 0)
}

/// Normalisation of `x` with constant `moments` `[2, c]`, scaled and shifted.
pub(super) fn affine(x: Tensor<4>, moments: Tensor<2>, [gamma, beta]: [Tensor<1>; 2], epsilon: f64) -> Tensor<4> {
    let [_, channels] = moments.dims();
    let moments = if x.is_autodiff() { moments.autodiff() } else { moments };
    let mean = moments.clone().slice([0..1, 0..channels]);
    let variance = moments.slice([1..2, 0..channels]);
    let dims = x.dims();
    let normalised = (rows(x) - mean) / (variance + epsilon).sqrt();
    (normalised * gamma.unsqueeze_dim(0) + beta.unsqueeze_dim(0)).reshape(dims)
}

pub(super) fn norm_activation(
    x: Tensor<4>,
    [gamma, beta]: [Tensor<1>; 2],
    epsilon: f64,
    activation: Activation,
) -> Tensor<4> {
    let dims = x.dims();
    let x = rows(x);
    let [mean, variance] = mean_and_variance(x.clone());
    let normalised = (x - mean) / (variance + epsilon).sqrt();
    let y = normalised * gamma.unsqueeze_dim(0) + beta.unsqueeze_dim(0);
    self::activation(y.reshape(dims), activation)
}

pub(super) fn activation(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let x = match activation.clip {
        None => x,
        Some(Clip::Relu) => x.clamp_min(0.0),
        Some(Clip::Relu6) => x.clamp(0.0, 6.0),
    };
    match activation.dropout {
        None => x,
        Some(dropout) => {
            let mask = multipliers(dropout, &x);
            x * mask
        }
    }
}

fn multipliers(dropout: Dropout, x: &Tensor<4>) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let (rows, repeat) = match dropout.rows_per_image {
        None => ([n, h, w, c], [1, 1]),
        Some(_) => ([n, 1, 1, c], [h, w]),
    };
    let mut values = vec![0.0f32; rows.iter().product()];
    dropout.mask.fill(0, &mut values);
    let mask = Tensor::<4>::from_data(TensorData::new(values, rows), &x.device());
    let mask = super::like(x, mask);
    mask.repeat(&[1, repeat[0], repeat[1], 1])
}
