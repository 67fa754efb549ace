//! What the samples say: rates with intervals over rounds, costs beside the plain network, and how near the device's ceiling
//! each variant comes.
//!
//! Everything follows from the raw samples and the experiment, so that an audit gets the same figures again. Rounds under
//! load or throttling are counted and stay in: leaving them out would choose the samples by what they may say.

pub mod entry;
#[cfg(test)]
pub mod sample;
#[cfg(test)]
mod tests;
pub mod words;

use crate::bundle::evidence::Evidence;
use crate::bundle::throughput::{
    CeilingRecord, CeilingTask, Cell, CellRecord, LayerKind, LayersRecord, Mode, ThroughputSession, seconds_per_step,
};
use crate::config::{Experiment, NativeVariant, Norm, Precision, VariantId};
use crate::model::cost::{self, LayerCost, Work};
use crate::random::{Address, Stream};
use crate::stats::Interval;
use crate::stats::rounds::{Outliers, level, level_interval, ratio, ratio_interval};
use crate::throughput::{is_loaded, is_throttled};

const RESAMPLES: u32 = 2000;

/// One cell's samples, summed up.
pub struct CellResult<'a> {
    pub record: &'a CellRecord,
    pub variant: NativeVariant<'a>,
    /// Of a step: the median over rounds of each round's median.
    pub seconds: f64,
    pub interval: Option<Interval>,
    /// Its time over that of the plain network in the same cell otherwise.
    pub relative: Option<Relative>,
    /// The least time that the device's ceilings allow, over the time it took.
    pub ceiling: Option<f64>,
    /// By each round's own fences.
    pub outliers: Outliers,
    pub samples: usize,
    /// Rounds during which others were at work on the same cores, and during which the GPU held its clocks back.
    pub loaded: usize,
    pub throttled: usize,
    /// Rounds with either.
    pub marked: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relative {
    pub ratio: f64,
    pub interval: Option<Interval>,
}

/// Everything about throughput.
pub struct Throughput<'a> {
    pub session: &'a ThroughputSession,
    pub experiment: &'a Experiment,
    pub cells: Vec<CellResult<'a>>,
    pub layers: Vec<LayersResult<'a>>,
    /// The variant with neither normalisation nor dropout, if there is one.
    pub reference: Option<&'a VariantId>,
    pub ceilings: Option<Ceilings>,
    /// Without a record of the images their number of classes is not known, and nothing is counted.
    classes: Option<u64>,
}

/// The layers of one kind of a training step by themselves, summed up.
pub struct LayersResult<'a> {
    pub record: &'a LayersRecord,
    /// Of a pass over all of them: the median over rounds of each round's median.
    pub seconds: f64,
    pub interval: Option<Interval>,
    /// The least time that the device's ceilings allow, in f32.
    pub least: Option<f64>,
}

/// The layers of one variant's own training step, each kind timed by itself.
pub struct Timed<'a> {
    pub layers: Vec<&'a LayersResult<'a>>,
    /// Seconds of all together.
    pub total: f64,
    /// Their share of the whole step's time.
    pub of_step: Option<f64>,
}

impl<'a> Timed<'a> {
    /// `None` where not every kind was timed: the sum of the others would be no sum.
    pub fn of(found: &'a Throughput<'_>, variant: &VariantId) -> Option<Self> {
        let is_of = |result: &&LayersResult| result.record.variants.contains(variant);
        let layers: Vec<_> = found.layers.iter().filter(is_of).collect();
        let total = layers.iter().map(|result| result.seconds).sum();
        let of_step = found.own(variant, Mode::Training).map(|own| total / own.seconds);
        let variant = found.experiment.native_variants().find(|native| native.id == variant)?;
        let kinds = cost::kinds(variant.model, u64::from(variant.train.image_size));
        (layers.len() == kinds.len()).then_some(Self { layers, total, of_step })
    }
}

/// The best that was seen of the device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceilings {
    /// Floating-point operations per second in products of matrices.
    pub flops: f64,
    /// Bytes per second, read and written, in copies.
    pub bytes: f64,
}

/// `None` where nothing was measured that the experiment still has.
pub fn of(evidence: &Evidence) -> Option<Throughput<'_>> {
    let record = evidence.throughput.as_ref()?;
    let experiment = &evidence.experiment;
    let classes = evidence.dataset.as_ref().map(|dataset| dataset.classes.len() as u64);
    let is_plain = |variant: &NativeVariant<'_>| variant.model.norm == Norm::None && variant.model.dropout.is_none();
    let reference = experiment.native_variants().find(is_plain).map(|variant| variant.id);
    let ceilings = Ceilings::of(&record.samples.ceilings);
    let all = &record.samples.cells;
    let cells: Vec<_> = (0..)
        .zip(all)
        .filter_map(|(place, cell)| {
            let variant = experiment.native_variants().find(|variant| *variant.id == cell.cell.variant)?;
            let result = CellResult::of(cell, variant, &record.session, experiment.confidence, place)?;
            let plain = reference.and_then(|id| like(all, cell, id));
            let relative = plain.and_then(|plain| relative(cell, plain, experiment.confidence, place));
            let ceiling = ceilings.zip(classes).and_then(|(ceilings, classes)| result.ceiling(&ceilings, classes));
            Some(CellResult { relative, ceiling, ..result })
        })
        .collect();
    let layers = (0..)
        .zip(&record.samples.layers)
        .filter_map(|(place, layers)| {
            let is_of = |variant: &NativeVariant<'_>| layers.variants.contains(variant.id);
            let variant = experiment.native_variants().find(is_of)?;
            let result = LayersResult::of(layers, experiment.confidence, place)?;
            let least = ceilings.zip(classes).and_then(|(ceilings, classes)| result.least(variant, &ceilings, classes));
            Some(LayersResult { least, ..result })
        })
        .collect();
    let session = &record.session;
    (!cells.is_empty()).then_some(Throughput { session, experiment, cells, layers, reference, ceilings, classes })
}

/// The cell of another variant that is the same in everything else.
fn like<'a>(all: &'a [CellRecord], cell: &CellRecord, variant: &VariantId) -> Option<&'a CellRecord> {
    let wanted = Cell { variant: variant.clone(), ..cell.cell.clone() };
    all.iter().find(|other| other.cell == wanted && other.precision == cell.precision)
}

fn relative(cell: &CellRecord, plain: &CellRecord, confidence: f64, place: u64) -> Option<Relative> {
    if cell.cell == plain.cell {
        return None;
    }
    let (of, to) = (seconds_per_step(&cell.rounds), seconds_per_step(&plain.rounds));
    let interval = ratio_interval(&of, &to, true, confidence, RESAMPLES, address(place, 1));
    Some(Relative { ratio: ratio(&of, &to)?, interval })
}

fn address(place: u64, layer: u32) -> Address {
    Address { seed: 0, stream: Stream::Bootstrap, epoch: 1, step: place, layer }
}

impl<'a> CellResult<'a> {
    fn of(
        record: &'a CellRecord,
        variant: NativeVariant<'a>,
        session: &ThroughputSession,
        confidence: f64,
        place: u64,
    ) -> Option<Self> {
        let rounds = seconds_per_step(&record.rounds);
        let seconds = level(&rounds).filter(|seconds| *seconds > 0.0)?;
        let threads = record.cell.threads;
        let loaded = |round: &&crate::bundle::throughput::Round| is_loaded(&round.strain, session.cores, threads);
        let throttled = |round: &&crate::bundle::throughput::Round| is_throttled(&round.strain);
        Some(Self {
            record,
            variant,
            seconds,
            interval: level_interval(&rounds, confidence, RESAMPLES, address(place, 0)),
            relative: None,
            ceiling: None,
            outliers: rounds.iter().fold(Outliers::default(), |sum, round| sum.plus(Outliers::of(round))),
            samples: rounds.iter().map(Vec::len).sum(),
            loaded: record.rounds.iter().filter(loaded).count(),
            throttled: record.rounds.iter().filter(throttled).count(),
            marked: record.rounds.iter().filter(|round| loaded(round) || throttled(round)).count(),
        })
    }

    pub fn cell(&self) -> &'a Cell {
        &self.record.cell
    }

    pub fn images_per_second(&self) -> f64 {
        f64::from(self.cell().batch_size) / self.seconds
    }

    pub fn rate_interval(&self) -> Option<Interval> {
        let batch = f64::from(self.cell().batch_size);
        self.interval.map(|interval| Interval { lower: batch / interval.upper, upper: batch / interval.lower })
    }

    /// Images a second that the ceilings allow.
    pub fn ceiling_rate(&self) -> Option<f64> {
        self.ceiling.filter(|share| *share > 0.0).map(|share| self.images_per_second() / share)
    }

    /// Whether it is the size that the variant trains at, on all threads that were used.
    pub fn is_own(&self, threads: u32) -> bool {
        self.cell().is_own(self.variant.train, threads)
    }

    /// The ceilings are those of f32 on all cores; other numbers and fewer threads have others.
    fn ceiling(&self, ceilings: &Ceilings, classes: u64) -> Option<f64> {
        let least: f64 = least_by_kind(self.variant, self.cell(), classes, ceilings).into_iter().map(|(_, s)| s).sum();
        (self.record.precision == Precision::Fp32).then_some(least / self.seconds)
    }
}

impl<'a> LayersResult<'a> {
    fn of(record: &'a LayersRecord, confidence: f64, place: u64) -> Option<Self> {
        let rounds = seconds_per_step(&record.rounds);
        let seconds = level(&rounds).filter(|seconds| *seconds > 0.0)?;
        let interval = level_interval(&rounds, confidence, RESAMPLES, address(place, 2));
        Some(Self { record, seconds, interval, least: None })
    }

    /// Least time by the ceilings over the time it took.
    pub fn share_of_ceiling(&self) -> Option<f64> {
        self.least.map(|least| least / self.seconds)
    }

    fn least(&self, variant: NativeVariant<'_>, ceilings: &Ceilings, classes: u64) -> Option<f64> {
        let layers = cost::layers(variant.model, classes, u64::from(self.record.image_size));
        let least = least_of(self.record.kind, &layers, Mode::Training, self.record.batch_size, ceilings);
        (self.record.precision == Precision::Fp32).then_some(least)
    }
}

impl Ceilings {
    fn of(records: &[CeilingRecord]) -> Option<Self> {
        let best = |task: CeilingTask| {
            let record = records.iter().find(|record| record.task == task)?;
            let least = seconds_per_step(&record.rounds).into_iter().flatten().reduce(f64::min)?;
            let rate = record.work / least;
            (rate.is_finite() && rate > 0.0).then_some(rate)
        };
        Some(Self { flops: best(CeilingTask::MatrixProduct)?, bytes: best(CeilingTask::MemoryCopy)? })
    }
}

impl Throughput<'_> {
    /// The kinds of layers that there are in any variant's network.
    pub fn kinds(&self) -> Vec<LayerKind> {
        let of = |variant: NativeVariant<'_>| cost::kinds(variant.model, u64::from(variant.train.image_size));
        let all: Vec<LayerKind> = self.experiment.native_variants().flat_map(of).collect();
        LayerKind::ALL.into_iter().filter(|kind| all.contains(kind)).collect()
    }

    /// The most threads that a cell used: that of all but the cells on fewer.
    pub fn threads(&self) -> u32 {
        self.cells.iter().map(|result| result.cell().threads).max().unwrap_or(1)
    }

    /// The cell of a variant at its own size.
    pub fn own(&self, variant: &VariantId, mode: Mode) -> Option<&CellResult<'_>> {
        let threads = self.threads();
        let is_it = |result: &&CellResult| *result.variant.id == *variant && result.cell().mode == mode;
        self.cells.iter().find(|result| is_it(result) && result.is_own(threads))
    }

    /// Least seconds of a variant's own training step, by kind of layer; `None` where they cannot be counted.
    pub fn least_of_training(&self, variant: &VariantId) -> Option<Vec<(LayerKind, f64)>> {
        let own = self.own(variant, Mode::Training)?;
        let by_kind = least_by_kind(own.variant, own.cell(), self.classes?, &self.ceilings?);
        (own.record.precision == Precision::Fp32).then_some(by_kind)
    }
}

/// The roofline, layer by layer: each takes at least what its operations or its bytes take.
fn least_by_kind(variant: NativeVariant<'_>, cell: &Cell, classes: u64, ceilings: &Ceilings) -> Vec<(LayerKind, f64)> {
    let layers = cost::layers(variant.model, classes, u64::from(cell.image_size));
    let of_kind = |kind| (kind, least_of(kind, &layers, cell.mode, cell.batch_size, ceilings));
    let is_there = |kind: &LayerKind| layers.iter().any(|layer| layer.kind == *kind);
    LayerKind::ALL.into_iter().filter(is_there).map(of_kind).collect()
}

fn least_of(kind: LayerKind, layers: &[LayerCost], mode: Mode, batch: u32, ceilings: &Ceilings) -> f64 {
    let batch = u64::from(batch);
    let work = |layer: &LayerCost| -> Work {
        match mode {
            Mode::Training => layer.training(batch),
            Mode::Inference => layer.inference(batch),
        }
    };
    let of_kind = layers.iter().filter(|layer| layer.kind == kind);
    of_kind.map(|layer| work(layer).least_seconds(ceilings.flops, ceilings.bytes)).sum()
}
