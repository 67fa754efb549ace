//! Throughput in tables and sentences: the rates, what they can be believed for, and what was left out.

use serde::Serialize;

use super::{CellResult, LayersResult, Throughput, Timed};
use crate::bundle::throughput::{Cell, Conditions, LayerKind, Mode};

use crate::config::VariantId;
use crate::report::language::say;
use crate::report::text::{
    capitalised, clauses, count, counted, list, magnitude, plain, quoted, range, ratio, trimmed,
};
use crate::stats::Interval;
use crate::stats::rounds::Outliers;

/// More skipped cells than this are counted, not named.
const MOST_NAMED: usize = 3;
/// Kinds of layers that take less of all layers' time on average are left to the table.
const WORTH_NAMING: f64 = 0.1;

/// A variant at its own size, as the table shows it. `None` is a figure that does not exist.
#[derive(Debug, Serialize)]
pub struct Row {
    id: String,
    label: String,
    size: String,
    training: Option<Figure>,
    step: Option<Figure>,
    relative: Option<Figure>,
    inference: Option<Figure>,
    memory: Option<Figure>,
    ceiling_training: Option<Figure>,
    ceiling_inference: Option<Figure>,
    /// Rounds under load or throttling, of all.
    marked: String,
}

#[derive(Debug, Serialize)]
struct Figure {
    value: String,
    interval: Option<String>,
}

impl From<String> for Figure {
    fn from(value: String) -> Self {
        Self { value, interval: None }
    }
}

/// Where the time of a training step goes, by kind of layer.
#[derive(Debug, Serialize)]
pub struct Shares {
    /// Whether layers were timed; else the shares are those of the least time.
    timed: bool,
    kinds: Vec<String>,
    rows: Vec<SharesRow>,
}

/// One variant. `None` is a figure that does not exist.
#[derive(Debug, Serialize)]
struct SharesRow {
    label: String,
    /// By kind.
    cells: Vec<Option<Figure>>,
    /// Milliseconds of all layers by themselves, and their share of the whole step.
    together: Option<Figure>,
}

pub fn rows(found: &Throughput) -> Vec<Row> {
    let variants = found.experiment.variants.iter();
    variants
        .filter_map(|variant| {
            let (training, inference) =
                (found.own(&variant.id, Mode::Training), found.own(&variant.id, Mode::Inference));
            let both = || training.into_iter().chain(inference);
            let rounds: usize = both().map(|result| result.record.rounds.len()).sum();
            let marked: usize = both().map(|result| result.marked).sum();
            let one = training.or(inference)?;
            Some(Row {
                id: variant.id.to_string(),
                label: plain(&variant.label),
                size: say!(
                    "speed-size",
                    batch = one.cell().batch_size.to_string(),
                    side = one.cell().image_size.to_string()
                ),
                training: training.map(rate),
                step: training.map(|result| magnitude(1e3 * result.seconds).into()),
                relative: training.and_then(|result| cost(found, result)),
                inference: inference.map(rate),
                memory: training.and_then(memory).map(Figure::from),
                ceiling_training: training.and_then(|result| result.ceiling).map(|share| whole_percent(share).into()),
                ceiling_inference: inference.and_then(|result| result.ceiling).map(|share| whole_percent(share).into()),
                marked: say!("speed-marked", marked = marked.to_string(), rounds = rounds.to_string()),
            })
        })
        .collect()
}

/// The same of one variant as (term, value), without what there is no figure of.
pub fn terms(found: &Throughput, variant: &VariantId) -> Vec<(String, String)> {
    let Some(row) = rows(found).into_iter().find(|row| row.id == variant.as_str()) else { return vec![] };
    let shown = |figure: Figure| match figure.interval {
        Some(interval) => say!("page-aside", what = figure.value, aside = interval),
        None => figure.value,
    };
    let terms = [
        ("page-batch-and-pixels", Some(Figure::from(row.size))),
        ("page-training-rate", row.training),
        ("page-step-time", row.step),
        ("page-cost-of-step", row.relative),
        ("page-inference-rate", row.inference),
        ("page-peak-memory", row.memory),
    ];
    terms.into_iter().filter_map(|(term, value)| Some((capitalised(&say!(term)), shown(value?)))).collect()
}

fn rate(result: &CellResult) -> Figure {
    with_interval(result.images_per_second(), result.rate_interval(), magnitude_of_rate)
}

/// Whole numbers from 1,000 up: no rate is known to more digits.
fn magnitude_of_rate(rate: f64) -> String {
    if (1e3..1e12).contains(&rate) { count(rate.round() as u64) } else { magnitude(rate) }
}

fn with_interval(value: f64, interval: Option<Interval>, show: impl Fn(f64) -> String) -> Figure {
    let interval = interval.map(|interval| range(show(interval.lower), show(interval.upper)));
    Figure { value: show(value), interval }
}

/// A share that rests on counts and ceilings: more digits would say more than is known.
fn whole_percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

fn cost(found: &Throughput, result: &CellResult) -> Option<Figure> {
    if found.reference == Some(result.variant.id) {
        return Some(say!("speed-reference", ratio = "1").into());
    }
    result.relative.map(|relative| with_interval(relative.ratio, relative.interval, ratio))
}

fn memory(result: &CellResult) -> Option<String> {
    let mebibytes = |bytes: u64| format!("{} MiB", count(bytes >> 20));
    let host = result.record.peak_host_bytes.map(mebibytes);
    let device = result.record.device_bytes.map(|bytes| say!("speed-device-memory", memory = mebibytes(bytes)));
    let parts: Vec<_> = host.into_iter().chain(device).collect();
    (!parts.is_empty()).then(|| parts.join(&say!("list-separator")))
}

/// `None` where nothing was timed and nothing can be counted.
pub fn shares(found: &Throughput) -> Option<Shares> {
    let timed = !found.layers.is_empty();
    let kinds = found.kinds();
    let variants = found.experiment.variants.iter();
    let rows: Vec<_> = variants
        .filter_map(|variant| {
            let label = plain(&variant.label);
            if timed {
                let Timed { layers, total, of_step } = Timed::of(found, &variant.id)?;
                let cell =
                    |kind| layers.iter().find(|result| result.record.kind == kind).map(|result| part(result, total));
                let of_step = of_step.map(|share| say!("speed-of-step", share = whole_percent(share)));
                let together = Some(Figure { value: magnitude(1e3 * total), interval: of_step });
                Some(SharesRow { label, cells: kinds.iter().copied().map(cell).collect(), together })
            } else {
                let by_kind = found.least_of_training(&variant.id)?;
                let total: f64 = by_kind.iter().map(|(_, seconds)| seconds).sum();
                let share = |kind: &LayerKind| {
                    let (_, seconds) = by_kind.iter().find(|(of, _)| of == kind)?;
                    Some(whole_percent(seconds / total).into())
                };
                Some(SharesRow { label, cells: kinds.iter().map(share).collect(), together: None })
            }
        })
        .collect();
    (!rows.is_empty()).then(|| Shares { timed, kinds: kinds.into_iter().map(kind_in_words).collect(), rows })
}

/// Its share of the time of all layers, and how near it comes to the ceiling.
fn part(result: &LayersResult, total: f64) -> Figure {
    let of_ceiling = result.share_of_ceiling().map(|share| say!("speed-of-ceiling", share = whole_percent(share)));
    Figure { value: whole_percent(result.seconds / total), interval: of_ceiling }
}

/// What the larger kinds of layers take, largest first, and how much of the step the layers explain.
fn layers(found: &Throughput) -> Option<String> {
    let variants = &found.experiment.variants;
    let timed: Vec<Timed> = variants.iter().filter_map(|variant| Timed::of(found, &variant.id)).collect();
    let shares_of = |kind: LayerKind| -> Vec<f64> {
        let share = |timed: &Timed| {
            let result = timed.layers.iter().find(|result| result.record.kind == kind)?;
            Some(result.seconds / timed.total)
        };
        timed.iter().filter_map(share).collect()
    };
    let mean = |shares: &[f64]| shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    let mut kinds: Vec<(LayerKind, Vec<f64>)> = LayerKind::ALL.map(|kind| (kind, shares_of(kind))).to_vec();
    kinds.retain(|(_, shares)| mean(shares) >= WORTH_NAMING);
    kinds.sort_by(|(_, one), (_, other)| mean(other).total_cmp(&mean(one)));
    let named = kinds.iter().filter_map(|(kind, shares)| {
        Some(say!("speed-kind-share", kind = kind_in_words(*kind), share = extent(shares)?))
    });
    let of_step: Vec<f64> = timed.iter().filter_map(|timed| timed.of_step).collect();
    let step = extent(&of_step)?;
    Some(say!("speed-layers", shares = clauses(&named.collect::<Vec<_>>()), step = step))
}

/// From the least to the most, or the one that all are.
fn extent(shares: &[f64]) -> Option<String> {
    let least = shares.iter().copied().reduce(f64::min)?;
    let most = shares.iter().copied().reduce(f64::max)?;
    let (least, most) = (whole_percent(least), whole_percent(most));
    Some(if least == most { least } else { range(least, most) })
}

fn kind_in_words(kind: LayerKind) -> String {
    match kind {
        LayerKind::Image => say!("speed-kind-image"),
        LayerKind::Spatial => say!("speed-kind-spatial"),
        LayerKind::Depthwise => say!("speed-kind-depthwise"),
        LayerKind::Pointwise => say!("speed-kind-pointwise"),
        LayerKind::Dense => say!("speed-kind-dense"),
        LayerKind::Post => say!("speed-kind-post"),
        LayerKind::Elementwise => say!("speed-kind-elementwise"),
    }
}

pub fn sentences(found: &Throughput) -> Vec<String> {
    let mut sentences = vec![what(found), validity(found)];
    sentences.extend(conditions(found));
    sentences.extend(ceilings(found));
    sentences.extend(layers(found));
    sentences.extend(threads(found));
    sentences.push(outliers(found));
    sentences.extend(skipped(found));
    sentences
}

fn what(found: &Throughput) -> String {
    let session = found.session;
    let rounds = found.cells.iter().map(|result| result.record.rounds.len()).max().unwrap_or(0);
    say!(
        "speed-what",
        cpu = plain(&session.cpu),
        engine = plain(&session.engine),
        threads = counted(found.threads() as usize, "thread"),
        cores = counted(session.cores as usize, "core"),
        criterion = plain(&session.criterion),
        measurements = counted(found.cells.len(), "measurement"),
        rounds = counted(rounds, "round"),
    )
}

fn validity(found: &Throughput) -> String {
    let total: usize = found.cells.iter().map(|result| result.record.rounds.len()).sum();
    let loaded: usize = found.cells.iter().map(|result| result.loaded).sum();
    let throttled: usize = found.cells.iter().map(|result| result.throttled).sum();
    let mark = |number: usize, id: &str| {
        (number > 0).then(|| say!(id, number = count(number as u64), rounds = counted(total, "round")))
    };
    let marks = match (mark(loaded, "speed-loaded"), mark(throttled, "speed-throttled")) {
        (None, None) if found.cells.iter().any(|result| is_known(result)) => return say!("speed-undisturbed"),
        (None, None) => return say!("speed-unknown"),
        (Some(loaded), Some(throttled)) => say!("speed-both-marks", loaded = loaded, throttled = throttled),
        (Some(mark), None) | (None, Some(mark)) => mark,
    };
    say!("speed-with-care", marks = marks)
}

fn is_known(result: &CellResult) -> bool {
    let known =
        |strain: &crate::bundle::throughput::Strain| strain.others_cores.is_some() || strain.gpu_processes.is_some();
    result.record.rounds.iter().any(|round| known(&round.strain))
}

fn conditions(found: &Throughput) -> Option<String> {
    let (before, after) = (&found.session.before, &found.session.after);
    let pair =
        |id: &str, of: &dyn Fn(&Conditions) -> Option<String>| Some(say!(id, before = of(before)?, after = of(after)?));
    let gpu = |figure: fn(&crate::bundle::throughput::GpuState) -> Option<u32>| {
        move |state: &Conditions| state.gpu.as_ref().and_then(figure).map(|figure| figure.to_string())
    };
    let found: Vec<String> = [
        pair("speed-load-average", &|state| state.load_average.map(|[one, ..]| ratio(one))),
        pair("speed-busy-processes", &|state| state.busy_processes.map(|number| number.to_string())),
        pair("speed-core-clock", &|state| state.cpu_mhz.map(trimmed)),
        pair("speed-gpu-clock", &gpu(|state| state.clock_mhz)),
        pair("speed-gpu-temperature", &gpu(|state| state.celsius)),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!found.is_empty()).then(|| say!("speed-conditions", conditions = clauses(&found)))
}

fn ceilings(found: &Throughput) -> Option<String> {
    let ceilings = found.ceilings?;
    let (flops, bytes) = (magnitude(ceilings.flops / 1e9), magnitude(ceilings.bytes / 1e9));
    Some(say!("speed-ceilings", flops = flops, bytes = bytes))
}

/// What fewer threads cost, where that was measured.
fn threads(found: &Throughput) -> Option<String> {
    let most = found.threads();
    let parts: Vec<String> = found
        .cells
        .iter()
        .filter(|result| result.cell().threads < most)
        .filter_map(|result| {
            let all = found.own(result.variant.id, result.cell().mode)?;
            let speedup = result.seconds / all.seconds;
            let fewer = counted(result.cell().threads as usize, "thread");
            Some(say!(
                "speed-speedup",
                variant = quoted(result.variant.label),
                threads = counted(most as usize, "thread"),
                speedup = ratio(speedup),
                fewer = fewer,
            ))
        })
        .collect();
    (!parts.is_empty()).then(|| say!("speed-threads", speedups = list(&parts)))
}

fn outliers(found: &Throughput) -> String {
    let samples: usize = found.cells.iter().map(|result| result.samples).sum();
    let all = found.cells.iter().fold(Outliers::default(), |sum, result| sum.plus(result.outliers));
    let slow = all.high_mild + all.high_severe;
    say!(
        "speed-outliers",
        samples = counted(samples, "sample"),
        outliers = count(all.count() as u64),
        slow = count(slow as u64),
    )
}

fn skipped(found: &Throughput) -> Vec<String> {
    let skipped = &found.session.skipped;
    let named = skipped.iter().take(MOST_NAMED).map(|skip| {
        say!("speed-skipped-cell", cell = cell_in_words(&skip.cell, found.threads()), reason = plain(&skip.reason))
    });
    let named = clauses(&named.collect::<Vec<_>>());
    match skipped.len() {
        0 => vec![],
        number if number <= MOST_NAMED => vec![say!("speed-skipped", cells = named)],
        number => {
            let more = count((number - MOST_NAMED) as u64);
            vec![say!("speed-skipped-and-more", cells = named, more = more)]
        }
    }
}

/// The threads are said where they are fewer than `most`.
fn cell_in_words(cell: &Cell, most: u32) -> String {
    let (variant, batch, side) = (cell.variant.to_string(), cell.batch_size.to_string(), cell.image_size.to_string());
    let n = cell.batch_size;
    if cell.threads < most {
        let id = match cell.mode {
            Mode::Training => "speed-training-cell-on-threads",
            Mode::Inference => "speed-inference-cell-on-threads",
        };
        let threads = counted(cell.threads as usize, "thread");
        return say!(id, variant = variant, n = n, batch = batch, side = side, threads = threads);
    }
    let id = match cell.mode {
        Mode::Training => "speed-training-cell",
        Mode::Inference => "speed-inference-cell",
    };
    say!(id, variant = variant, n = n, batch = batch, side = side)
}
