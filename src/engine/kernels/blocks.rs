//! DropBlock (Ghiasi et al. 2018) from burn's own operations.

use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{DType, FloatDType, Tensor};

use super::{Activation, DropMask, Dropout, Path, activation};
use crate::config::Rate;

/// Zeroes square blocks of `size` pixels in each channel of `x` `[n, h, w, c]` and scales what is left so that as many
/// values count as before. A map smaller than a block is one block.
///
/// The corners of blocks are drawn with the probability of the paper's equation 1, so that about `rate` of all values
/// are dropped; overlapping blocks make it somewhat less.
pub fn drop_blocks(x: Tensor<4>, key: [u32; 2], rate: Rate, size: usize) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let (rows, columns) = (size.min(h), size.min(w));
    let (corner_rows, corner_columns) = (h - rows + 1, w - columns + 1);
    let chance = rate.get() * (h * w) as f64 / (rows * columns * corner_rows * corner_columns) as f64;
    // A corner is what a dropout of all but this share keeps. Rates are below 1, and so is what is kept of them.
    let spared = Rate::new((1.0 - chance).max(0.0)).unwrap_or(rate);
    let dropout = Some(Dropout { mask: DropMask::new(key, spared.get()), rows_per_image: None });
    let ones = Tensor::<4>::ones([n, corner_rows, corner_columns, c], &x.clone().inner().device());
    let corners = activation(ones, Activation { clip: None, dropout }, Path::Native).greater_elem(0.0).float();
    let padded = corners.permute([0, 3, 1, 2]).pad((columns - 1, columns - 1, rows - 1, rows - 1), 0.0);
    let blocks = MaxPoolOptions::new([rows, columns]).with_stride([1, 1]);
    let dropped = max_pool2d(padded, blocks).permute([0, 2, 3, 1]);
    let kept = dropped.neg() + 1.0;
    let values = (n * h * w * c) as f64;
    let count = kept.clone().sum().clamp_min(1.0).reshape([1, 1, 1, 1]);
    let multipliers = kept * values / count;
    let multipliers = if x.dtype() == DType::BF16 { multipliers.cast(FloatDType::BF16) } else { multipliers };
    let multipliers = if x.is_autodiff() { multipliers.autodiff() } else { multipliers };
    x * multipliers
}
