//! Group normalisation (Wu and He 2018) from burn's own operations.

use burn::tensor::{DType, FloatDType, Tensor};

/// How channels are grouped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grouping {
    /// A divisor of the number of channels.
    pub groups: usize,
    pub epsilon: f64,
}

/// Normalises `x` `[n, h, w, c]` by mean and variance over each image's groups of neighbouring channels, then scales by
/// `gamma` and shifts by `beta`, both `[c]`. Statistics are computed in f32 or better.
pub fn group_norm(x: Tensor<4>, [gamma, beta]: [Tensor<1>; 2], grouping: Grouping) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let is_half = x.dtype() == DType::BF16;
    let x = if is_half { x.cast(FloatDType::F32) } else { x };
    let grouped: Tensor<4> = x.reshape([n, h * w, grouping.groups, c / grouping.groups]);
    let mean = grouped.clone().mean_dim(1).mean_dim(3);
    let centred = grouped - mean;
    let variance = centred.clone().powf_scalar(2.0).mean_dim(1).mean_dim(3);
    let normalised = (centred / (variance + grouping.epsilon).sqrt()).reshape([n * h * w, c]);
    let y: Tensor<2> = normalised * gamma.unsqueeze_dim(0) + beta.unsqueeze_dim(0);
    let y = y.reshape([n, h, w, c]);
    if is_half { y.cast(FloatDType::BF16) } else { y }
}
