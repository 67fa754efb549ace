//! What dropout does to the variances that batch normalisation counts on (Li et al. 2019, "Understanding the disharmony
//! between dropout and batch normalization by variance shift").

use super::{Bench, IMAGES, finite};
use crate::bundle::probe::{Reestimation, VarianceShift};
use crate::model::{BatchStatistics, Network, Pass};
use crate::train::evaluate;

/// Training images that running statistics are estimated anew from.
const ESTIMATION_IMAGES: usize = 2_500;
const ESTIMATION_BATCH: usize = 250;

/// The variance that enters each batch normalisation, on the same images, with dropout and without.
pub(super) fn variance_shift(model: &Network, bench: &Bench<'_>) -> Vec<VarianceShift> {
    let measure = |pass| statistics(model, bench.first(IMAGES), bench, pass);
    let (on, off) = (measure(bench.first_step()), measure(bench.first_step().without_dropout()));
    let shift = |(on, off): (&BatchStatistics, &BatchStatistics)| VarianceShift {
        layer: on.layer.to_string(),
        convolution: on.convolution,
        dropout_on: finite(on.mean_variance()),
        dropout_off: finite(off.mean_variance()),
    };
    on.iter().zip(&off).map(shift).collect()
}

/// Validation accuracy with statistics of training images that went through without dropout; `None` for a network that
/// keeps no statistics.
pub(super) fn reestimation(model: &Network, before: f64, bench: &Bench<'_>) -> Option<Reestimation> {
    let images = bench.first(ESTIMATION_IMAGES);
    let batches = images.clone().step_by(ESTIMATION_BATCH).map(|from| {
        let batch = from..(from + ESTIMATION_BATCH).min(images.end);
        statistics(model, batch, bench, bench.first_step().without_dropout())
    });
    let batches: Vec<_> = batches.collect();
    if batches.iter().all(Vec::is_empty) {
        return None;
    }
    let estimated = model.clone().with_statistics_of(batches);
    let after = evaluate(&estimated, bench.test, bench.recipe).0.accuracy();
    Some(Reestimation { images: images.len() as u64, before, after })
}

fn statistics(
    model: &Network,
    batch: std::ops::Range<usize>,
    bench: &Bench<'_>,
    mut pass: Pass,
) -> Vec<BatchStatistics> {
    model.forward(bench.images(batch), &mut pass);
    pass.into_statistics()
}
