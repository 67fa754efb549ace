//! Pooling from burn's own operations.

use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{DType, FloatDType, Tensor};

use super::Window;

/// The largest value or the mean of each window of `x` `[n, h, w, c]` -> `[n, h', w', c]`. Padding counts as no value.
pub fn pool(x: Tensor<4>, window: Window, is_max: bool) -> Tensor<4> {
    let Window { size, stride, before, after, .. } = window;
    let is_half = x.dtype() == DType::BF16;
    let x = if is_half { x.cast(FloatDType::F32) } else { x };
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
    let y = y.permute([0, 2, 3, 1]);
    if is_half { y.cast(FloatDType::BF16) } else { y }
}
