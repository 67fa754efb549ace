//! One use of the network: what is switched on, and what is collected on the way.

use burn::tensor::Tensor;

use crate::bundle::probe::Convolution;
use crate::config::{LayerName, Precision, Seed};
use crate::engine::kernels::Path;

/// One forward pass. Evaluation uses running statistics and no dropout; a training step draws masks, normalises with the
/// batch's own statistics and collects them.
#[derive(Debug, Default)]
pub struct Pass {
    pub path: Path,
    pub precision: Precision,
    dropout: Option<TrainingStep>,
    batch_statistics: bool,
    statistics: Vec<BatchStatistics>,
    observed: Option<Vec<Observation>>,
}

/// The address of a training step: dropout masks follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingStep {
    pub seed: Seed,
    /// Counted from 0.
    pub epoch: u32,
    /// Counted from 0 over the whole trial.
    pub step: u64,
}

/// What one normalisation saw of a batch.
#[derive(Debug, Clone)]
pub struct BatchStatistics {
    pub layer: LayerName,
    /// What the values come out of.
    pub convolution: Convolution,
    /// Means and biased variances `[2, c]`.
    pub(super) moments: Tensor<2>,
    /// Values per channel.
    pub(super) count: usize,
}

/// The size of a layer's output.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    pub layer: LayerName,
    /// Root mean square over the whole output.
    pub rms: f64,
    /// Height times width of the output.
    pub pixels: usize,
}

impl Pass {
    pub fn evaluation() -> Self {
        Self::default()
    }

    pub fn training(step: TrainingStep) -> Self {
        Self { dropout: Some(step), batch_statistics: true, ..Self::default() }
    }

    /// The same, computed with these numbers.
    pub fn with_precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// The same, without masks.
    pub fn without_dropout(self) -> Self {
        Self { dropout: None, ..self }
    }

    /// The same, normalised with running statistics.
    pub fn with_running_statistics(self) -> Self {
        Self { batch_statistics: false, ..self }
    }

    /// The same, measuring every layer's output: slow, each measurement waits for the device.
    pub fn observing(self) -> Self {
        Self { observed: Some(Vec::new()), ..self }
    }

    pub(super) fn dropout(&self) -> Option<TrainingStep> {
        self.dropout
    }

    pub(super) fn uses_batch_statistics(&self) -> bool {
        self.batch_statistics
    }

    pub(super) fn collect(&mut self, statistics: BatchStatistics) {
        self.statistics.push(statistics);
    }

    /// What each batch normalisation saw, in forward order.
    pub fn into_statistics(self) -> Vec<BatchStatistics> {
        self.statistics
    }

    /// What each layer gave, in forward order; empty unless [`Self::observing`].
    pub fn observations(&self) -> &[Observation] {
        self.observed.as_deref().unwrap_or_default()
    }

    pub(super) fn observe(&mut self, layer: &LayerName, output: &Tensor<4>) {
        if let Some(observed) = &mut self.observed {
            let [_, height, width, _] = output.dims();
            observed.push(Observation {
                layer: layer.clone(),
                rms: root_mean_square(output.clone()),
                pixels: height * width,
            });
        }
    }
}

/// Scaled by the largest value first: squares of a dying signal would be zero in f32.
fn root_mean_square<const D: usize>(tensor: Tensor<D>) -> f64 {
    let tensor = tensor.inner().cast(burn::tensor::FloatDType::F32);
    let largest: f32 = tensor.clone().abs().max().into_scalar();
    if largest == 0.0 || !largest.is_finite() {
        return f64::from(largest);
    }
    let mean: f32 = (tensor / largest).powf_scalar(2.0).mean().into_scalar();
    f64::from(largest) * f64::from(mean).sqrt()
}

impl BatchStatistics {
    /// Means and variances `[2, c]`, the variances with Bessel's correction.
    pub(super) fn unbiased(self) -> Tensor<2> {
        let channels = self.moments.dims()[1];
        let bessel = if self.count > 1 { self.count as f64 / (self.count - 1) as f64 } else { 1.0 };
        let mean = self.moments.clone().slice([0..1, 0..channels]);
        let variance = self.moments.slice([1..2, 0..channels]) * bessel;
        Tensor::cat(vec![mean, variance], 0)
    }

    /// Biased variance, averaged over the channels.
    pub fn mean_variance(&self) -> f64 {
        let channels = self.moments.dims()[1];
        let mean: f32 = self.moments.clone().slice([1..2, 0..channels]).mean().into_scalar();
        f64::from(mean)
    }
}

/// Mean and variance of each normalisation over all batches `[2, c]`, by the law of total variance.
pub(super) fn pooled(batches: Vec<Vec<BatchStatistics>>) -> Vec<Tensor<2>> {
    let mut totals: Vec<Option<Totals>> = Vec::new();
    for batch in batches {
        totals.resize_with(batch.len(), || None);
        for (total, statistics) in totals.iter_mut().zip(batch) {
            let next = Totals::of(statistics);
            *total = Some(match total.take() {
                None => next,
                Some(sum) => sum.plus(next),
            });
        }
    }
    totals.into_iter().flatten().map(Totals::moments).collect()
}

/// Sums over values: their number, the values, and their squares, by channel `[1, c]`.
struct Totals {
    count: f64,
    sum: Tensor<2>,
    squares: Tensor<2>,
}

impl Totals {
    fn of(BatchStatistics { moments, count, .. }: BatchStatistics) -> Self {
        let channels = moments.dims()[1];
        let count = count as f64;
        let mean = moments.clone().slice([0..1, 0..channels]);
        let variance = moments.slice([1..2, 0..channels]);
        Self { count, sum: mean.clone() * count, squares: (variance + mean.powf_scalar(2.0)) * count }
    }

    fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    fn moments(self) -> Tensor<2> {
        let mean = self.sum / self.count;
        let variance = (self.squares / self.count - mean.clone().powf_scalar(2.0)).clamp_min(0.0);
        Tensor::cat(vec![mean, variance], 0)
    }
}
