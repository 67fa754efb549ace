//! Batch normalisation, ReLU or ReLU6, and dropout in one pass over memory, and the backward of all three in two.
//!
//! All tensors are `rows x channels`, row-major, where rows run over images, height and width.
//! Formulas: Ioffe and Szegedy 2015, algorithm 1, with the biased variance inside the network.

use multiversion::multiversion;

use super::mask::DropMask;
use super::{Out, for_each_task, map_tasks, rows_per_task, sum_in_order};

/// What follows the affine part: an optional ReLU or ReLU6, then an optional dropout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activation {
    pub clip: Option<Clip>,
    pub dropout: Option<Dropout>,
}

/// Values outside a range become its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    /// Below 0.
    Relu,
    /// Below 0 and above 6.
    Relu6,
}

impl Clip {
    /// The upper end.
    pub fn ceiling(self) -> f32 {
        match self {
            Self::Relu => f32::INFINITY,
            Self::Relu6 => 6.0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    pub mask: DropMask,
    /// `None`: every element by itself. `Some(n)`: one decision per channel and image of `n` rows.
    pub rows_per_image: Option<usize>,
}

/// Mean and biased variance of every channel: `channels` means, then `channels` variances.
///
/// Sums are taken around the first row, so that a large common offset does not cancel away the variance.
///
/// # Panics
/// When `x` is empty or not a whole number of rows.
pub fn moments(x: &[f32], channels: usize) -> Vec<f32> {
    let rows = rows_of(x, channels);
    let shift = &x[..channels];
    let partials = map_tasks(rows, rows_per_task(channels), |range| {
        let mut sums = vec![0.0; 2 * channels];
        let (sum, square) = sums.split_at_mut(channels);
        add_moments(&x[range.start * channels..range.end * channels], shift, sum, square);
        sums
    });
    let mut out = sum_in_order(partials, 2 * channels);
    let (means, variances) = out.split_at_mut(channels);
    for channel in 0..channels {
        let mean = means[channel] / rows as f32;
        means[channel] = shift[channel] + mean;
        variances[channel] = (variances[channel] / rows as f32 - mean * mean).max(0.0);
    }
    out
}

fn rows_of(x: &[f32], channels: usize) -> usize {
    assert!(
        channels > 0 && !x.is_empty() && x.len().is_multiple_of(channels),
        "{} values, {channels} channels",
        x.len()
    );
    x.len() / channels
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn add_moments(x: &[f32], shift: &[f32], sum: &mut [f32], square: &mut [f32]) {
    let channels = shift.len();
    for row in x.chunks_exact(channels) {
        for ((&value, &shift), (sum, square)) in row.iter().zip(shift).zip(sum.iter_mut().zip(square.iter_mut())) {
            let centred = value - shift;
            *sum += centred;
            *square += centred * centred;
        }
    }
}

/// The affine map `x * factor + offset` per channel that normalisation amounts to.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    pub factor: Vec<f32>,
    pub offset: Vec<f32>,
}

impl Affine {
    /// Normalise by `moments` (means, then variances), then scale by `gamma` and shift by `beta`.
    pub fn normalising(moments: &[f32], gamma: &[f32], beta: &[f32], epsilon: f32) -> Self {
        let (means, variances) = moments.split_at(gamma.len());
        let factor: Vec<f32> =
            gamma.iter().zip(variances).map(|(gamma, var)| gamma * inverse_deviation(*var, epsilon)).collect();
        let offset = beta.iter().zip(means).zip(&factor).map(|((beta, mean), factor)| beta - mean * factor).collect();
        Self { factor, offset }
    }

    pub fn identity(channels: usize) -> Self {
        Self { factor: vec![1.0; channels], offset: vec![0.0; channels] }
    }
}

fn inverse_deviation(variance: f32, epsilon: f32) -> f32 {
    1.0 / (variance + epsilon).sqrt()
}

/// `dropout(clip(x * factor + offset))` into `out`, which has the shape of `x`.
pub fn forward<'a>(x: &[f32], affine: &Affine, activation: Activation, out: Out<'a>) -> &'a mut [f32] {
    let channels = affine.factor.len();
    rows_of(x, channels);
    assert_eq!(x.len(), out.len());
    out.for_each_task(channels, rows_per_task(channels), |first, out| {
        let start = first * channels;
        if let Some(dropout) = activation.dropout {
            multipliers(dropout, first, channels, out);
        }
        let x = &x[start..start + out.len()];
        match (activation.clip.map(Clip::ceiling), activation.dropout.is_some()) {
            (Some(ceiling), true) => affine_rows::<true, true>(x, affine, ceiling, out),
            (Some(ceiling), false) => affine_rows::<true, false>(x, affine, ceiling, out),
            (None, true) => affine_rows::<false, true>(x, affine, 0.0, out),
            (None, false) => affine_rows::<false, false>(x, affine, 0.0, out),
        }
    })
}

/// Writes the dropout multiplier of each element of the rows from `first` on.
fn multipliers(dropout: Dropout, first: usize, channels: usize, out: &mut [f32]) {
    let Some(rows_per_image) = dropout.rows_per_image else {
        return dropout.mask.fill(first * channels, out);
    };
    let mut decisions = vec![0.0; channels];
    let mut image = usize::MAX;
    for (row, out) in (first..).zip(out.chunks_exact_mut(channels)) {
        if row / rows_per_image != image {
            image = row / rows_per_image;
            dropout.mask.fill(image * channels, &mut decisions);
        }
        out.copy_from_slice(&decisions);
    }
}

/// With `DROP`, `out` holds the multipliers on entry.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn affine_rows<const CLIP: bool, const DROP: bool>(x: &[f32], affine: &Affine, ceiling: f32, out: &mut [f32]) {
    let channels = affine.factor.len();
    let (factor, offset) = (&affine.factor[..channels], &affine.offset[..channels]);
    for (x, out) in x.chunks_exact(channels).zip(out.chunks_exact_mut(channels)) {
        for c in 0..channels {
            let mut y = x[c] * factor[c] + offset[c];
            if CLIP {
                // As `clamp` has it, so that a NaN stays one.
                y = if y < 0.0 { 0.0 } else { y };
                y = if y > ceiling { ceiling } else { y };
            }
            out[c] = if DROP { y * out[c] } else { y };
        }
    }
}

/// Gradients of a normalisation's scale and shift.
#[derive(Debug, Clone, PartialEq)]
pub struct AffineGradients {
    pub gamma: Vec<f32>,
    pub beta: Vec<f32>,
}

/// Backward through dropout and clipping: turns the gradient of the output into that of the affine part's result.
///
/// With a ReLU the output `y` alone tells what was kept: a value strictly between 0 and the ceiling times the scale passed,
/// and everything else has gradient zero whether it was clipped or dropped. Without one the mask is drawn again.
pub fn activation_backward(y: &[f32], grad: &mut [f32], channels: usize, activation: Activation) {
    assert_eq!(y.len(), grad.len());
    let scale = activation.dropout.map_or(1.0, |dropout| dropout.mask.scale());
    for_each_task(grad, channels, rows_per_task(channels), |first, grad| {
        if let Some(clip) = activation.clip {
            gate(&y[first * channels..first * channels + grad.len()], grad, clip.ceiling() * scale, scale);
        } else if let Some(dropout) = activation.dropout {
            let mut scratch = vec![0.0; grad.len()];
            multipliers(dropout, first, channels, &mut scratch);
            grad.iter_mut().zip(scratch).for_each(|(grad, keep)| *grad *= keep);
        }
    });
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn gate(y: &[f32], grad: &mut [f32], ceiling: f32, scale: f32) {
    for (&y, grad) in y.iter().zip(grad) {
        *grad = if y > 0.0 && y < ceiling { *grad * scale } else { 0.0 };
    }
}

/// Backward through normalisation with batch statistics: turns the gradient of its result into that of `x`.
///
/// dx = gamma / sigma * (g - mean(g) - xhat * mean(g * xhat)), xhat = (x - mean) / sigma.
pub fn normalisation_backward(
    x: &[f32],
    moments: &[f32],
    gamma: &[f32],
    epsilon: f32,
    grad: &mut [f32],
) -> AffineGradients {
    let channels = gamma.len();
    let rows = rows_of(x, channels);
    assert_eq!(x.len(), grad.len());
    let (means, variances) = moments.split_at(channels);
    let partials = map_tasks(rows, rows_per_task(channels), |range| {
        let mut sums = vec![0.0; 2 * channels];
        let (plain, weighted) = sums.split_at_mut(channels);
        let range = range.start * channels..range.end * channels;
        add_gradients(&x[range.clone()], &grad[range], means, plain, weighted);
        sums
    });
    let sums = sum_in_order(partials, 2 * channels);
    let (plain, weighted) = sums.split_at(channels);

    // dx = factor * g + slope * (x - mean) + constant, per channel.
    let inverse: Vec<f32> = variances.iter().map(|&variance| inverse_deviation(variance, epsilon)).collect();
    let count = rows as f32;
    let factor: Vec<f32> = gamma.iter().zip(&inverse).map(|(gamma, inverse)| gamma * inverse).collect();
    let slope: Vec<f32> = (0..channels).map(|c| -factor[c] * inverse[c] * inverse[c] * weighted[c] / count).collect();
    let constant: Vec<f32> = (0..channels).map(|c| -factor[c] * plain[c] / count - slope[c] * means[c]).collect();
    for_each_task(grad, channels, rows_per_task(channels), |first, grad| {
        combine(&x[first * channels..first * channels + grad.len()], grad, &factor, &slope, &constant);
    });
    let gamma = weighted.iter().zip(&inverse).map(|(sum, inverse)| sum * inverse).collect();
    AffineGradients { gamma, beta: plain.to_vec() }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn add_gradients(x: &[f32], grad: &[f32], means: &[f32], plain: &mut [f32], weighted: &mut [f32]) {
    let channels = means.len();
    let (plain, weighted) = (&mut plain[..channels], &mut weighted[..channels]);
    for (x, grad) in x.chunks_exact(channels).zip(grad.chunks_exact(channels)) {
        for c in 0..channels {
            plain[c] += grad[c];
            weighted[c] += grad[c] * (x[c] - means[c]);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn combine(x: &[f32], grad: &mut [f32], factor: &[f32], slope: &[f32], constant: &[f32]) {
    let channels = factor.len();
    let (slope, constant) = (&slope[..channels], &constant[..channels]);
    for (x, grad) in x.chunks_exact(channels).zip(grad.chunks_exact_mut(channels)) {
        for c in 0..channels {
            grad[c] = factor[c] * grad[c] + slope[c] * x[c] + constant[c];
        }
    }
}
