//! Throughput in `results.json`: every cell, unrounded. The raw samples are in `throughput/samples.json`.

use serde::Serialize;

use super::{Ceilings, CellResult, Throughput};
use crate::bundle::throughput::Cell;
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
