//! How fast the variants are, round by round, taken from the raw samples of a measurement.

use std::collections::BTreeMap;

use crate::bundle::throughput::{CellRecord, Mode, ThroughputRecord};
use crate::config::{Experiment, Metric, VariantId, native};
use crate::stats::rounds::median;

/// Which work each metric is the speed of.
const SPEEDS: [(Metric, Mode); 2] =
    [(native::THROUGHPUT, Mode::Training), (native::INFERENCE_THROUGHPUT, Mode::Inference)];

/// Images a second in each round, first to last, of every variant that was measured at its own size. A round without
/// usable samples is NaN.
///
/// Rounds under load or throttling stay in, as they do in the report's section: leaving them out would choose the samples
/// by what they may say, and a round's other variants were measured under much the same load.
pub fn speeds(record: &ThroughputRecord, experiment: &Experiment) -> BTreeMap<(VariantId, Metric), Vec<f64>> {
    let of_variant = |variant| {
        SPEEDS.into_iter().filter_map(move |(metric, mode)| Some((metric, record.samples.own(variant, mode)?)))
    };
    let all = experiment.native_variants().flat_map(|variant| of_variant(variant).map(move |own| (variant.id, own)));
    all.map(|(id, (metric, own))| ((id.clone(), metric), by_round(own))).collect()
}

/// By the median of each round's samples, which one that was interrupted does not move.
fn by_round(own: &CellRecord) -> Vec<f64> {
    let images = f64::from(own.cell.batch_size);
    let seconds = own.rounds.iter().map(|round| median(&round.seconds_per_step()));
    seconds
        .map(|seconds| seconds.filter(|seconds| *seconds > 0.0).map_or(f64::NAN, |seconds| images / seconds))
        .collect()
}
