//! Throughput in `results.json`: every cell, unrounded. The raw samples are in `throughput/samples.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Ceilings, CellResult, LayersResult, Throughput, Timed, words};
use crate::bundle::throughput::{Cell, Conditions, LayerKind};
use crate::config::VariantId;
use crate::stats::Interval;
use crate::stats::rounds::Outliers;

#[derive(Serialize)]
pub struct Entry<'a> {
    engine: &'a str,
    /// The variant that costs are relative to: neither normalisation nor dropout.
    relative_to: Option<&'a VariantId>,
    ceilings: Option<CeilingsEntry>,
    cells: Vec<CellEntry<'a>>,
    /// Of training steps, by themselves.
    layers: Vec<LayersEntry<'a>>,
    /// What of a training step these are, by variant.
    steps: Vec<StepEntry<'a>>,
    /// The machine around the measurement.
    before: &'a Conditions,
    after: &'a Conditions,
    /// What these figures say.
    sentences: Vec<String>,
}

/// The best that was seen of the device, in f32.
#[derive(Serialize)]
struct CeilingsEntry {
    flops_per_second: f64,
    bytes_per_second: f64,
}

#[derive(Serialize)]
struct CellEntry<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    images_per_second: Quantity,
    seconds_per_step: Quantity,
    /// Time of a step over that of the reference, rounds paired.
    relative_cost: Option<Quantity>,
    /// Least time by the ceilings over the time measured.
    share_of_ceiling: Option<f64>,
    peak_host_bytes: Option<u64>,
    device_bytes: Option<u64>,
    rounds: usize,
    samples: usize,
    outliers: Outliers,
    rounds_under_load: usize,
    rounds_throttled: usize,
}

#[derive(Serialize)]
struct LayersEntry<'a> {
    kind: LayerKind,
    /// Those whose layers of this kind are just these.
    variants: &'a [VariantId],
    batch_size: u32,
    image_size: u32,
    seconds: Quantity,
    /// By the ceilings.
    least_seconds: Option<f64>,
    /// Least time by the ceilings over the time measured.
    share_of_ceiling: Option<f64>,
}

#[derive(Serialize)]
struct StepEntry<'a> {
    variant: &'a VariantId,
    /// Of all layers, each kind by itself.
    seconds_of_layers: f64,
    /// Their time over that of the whole step.
    share_of_step: Option<f64>,
    /// Of all layers' time, by kind.
    shares: BTreeMap<LayerKind, f64>,
}

/// A median over rounds with its bootstrap interval.
#[derive(Serialize)]
struct Quantity {
    median: f64,
    interval: Option<Interval>,
}

impl<'a> Entry<'a> {
    pub fn of(found: &'a Throughput<'_>) -> Self {
        let ceilings = |Ceilings { flops, bytes }| CeilingsEntry { flops_per_second: flops, bytes_per_second: bytes };
        Self {
            engine: &found.session.engine,
            relative_to: found.reference,
            ceilings: found.ceilings.map(ceilings),
            cells: found.cells.iter().map(CellEntry::of).collect(),
            layers: found.layers.iter().map(LayersEntry::of).collect(),
            steps: found.experiment.variants.iter().filter_map(|of| StepEntry::of(found, &of.id)).collect(),
            before: &found.session.before,
            after: &found.session.after,
            sentences: words::sentences(found),
        }
    }
}

impl<'a> StepEntry<'a> {
    fn of(found: &Throughput<'_>, variant: &'a VariantId) -> Option<Self> {
        let Timed { layers, total, of_step } = Timed::of(found, variant)?;
        let shares = layers.iter().map(|result| (result.record.kind, result.seconds / total)).collect();
        Some(Self { variant, seconds_of_layers: total, share_of_step: of_step, shares })
    }
}

impl<'a> LayersEntry<'a> {
    fn of(result: &LayersResult<'a>) -> Self {
        let record = result.record;
        Self {
            kind: record.kind,
            variants: &record.variants,
            batch_size: record.batch_size,
            image_size: record.image_size,
            seconds: Quantity { median: result.seconds, interval: result.interval },
            least_seconds: result.least,
            share_of_ceiling: result.share_of_ceiling(),
        }
    }
}

impl<'a> CellEntry<'a> {
    fn of(result: &'a CellResult<'_>) -> Self {
        Self {
            cell: result.cell(),
            images_per_second: Quantity { median: result.images_per_second(), interval: result.rate_interval() },
            seconds_per_step: Quantity { median: result.seconds, interval: result.interval },
            relative_cost: result.relative.map(|cost| Quantity { median: cost.ratio, interval: cost.interval }),
            share_of_ceiling: result.ceiling,
            peak_host_bytes: result.record.peak_host_bytes,
            device_bytes: result.record.device_bytes,
            rounds: result.record.rounds.len(),
            samples: result.samples,
            outliers: result.outliers,
            rounds_under_load: result.loaded,
            rounds_throttled: result.throttled,
        }
    }
}
