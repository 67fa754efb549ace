//! Throughput in tables and sentences: the rates, what they can be believed for, and what was left out.

use serde::Serialize;

use super::{CellResult, KINDS, Throughput};
use crate::bundle::throughput::{Cell, Conditions, Mode};
use crate::model::cost::LayerKind;
use crate::report::text::{count, counted, list, magnitude, plain, quoted, ratio, trimmed};
use crate::stats::Interval;
use crate::stats::rounds::Outliers;

/// More skipped cells than this are counted, not named.
const MOST_NAMED: usize = 3;

/// A variant at its own size, as the table shows it. `None` is a figure that does not exist.
#[derive(Debug, Serialize)]
pub struct Row {
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

/// Shares of the least time of a training step by kind of layer.
#[derive(Debug, Serialize)]
pub struct Shares {
    kinds: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
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
                label: plain(&variant.label),
                size: format!("{}, {}", one.cell().batch_size, one.cell().image_size),
                training: training.map(rate),
                step: training.map(|result| magnitude(1e3 * result.seconds).into()),
                relative: training.and_then(|result| cost(found, result)),
                inference: inference.map(rate),
                memory: training.and_then(memory).map(Figure::from),
                ceiling_training: training.and_then(|result| result.ceiling).map(|share| whole_percent(share).into()),
                ceiling_inference: inference.and_then(|result| result.ceiling).map(|share| whole_percent(share).into()),
                marked: format!("{marked} of {rounds}"),
            })
        })
        .collect()
}

fn rate(result: &CellResult) -> Figure {
    with_interval(result.images_per_second(), result.rate_interval(), magnitude_of_rate)
}

/// Whole numbers from 1,000 up: no rate is known to more digits.
fn magnitude_of_rate(rate: f64) -> String {
    if (1e3..1e12).contains(&rate) { count(rate.round() as u64) } else { magnitude(rate) }
}

fn with_interval(value: f64, interval: Option<Interval>, show: impl Fn(f64) -> String) -> Figure {
    let interval = interval.map(|interval| format!("{} to {}", show(interval.lower), show(interval.upper)));
    Figure { value: show(value), interval }
}

/// A share that rests on counts and ceilings: more digits would say more than is known.
fn whole_percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

fn cost(found: &Throughput, result: &CellResult) -> Option<Figure> {
    if found.reference == Some(&result.variant.id) {
        return Some("1, by definition".to_owned().into());
    }
    result.relative.map(|relative| with_interval(relative.ratio, relative.interval, ratio))
}

fn memory(result: &CellResult) -> Option<String> {
    let mebibytes = |bytes: u64| format!("{} MiB", count(bytes >> 20));
    let host = result.record.peak_host_bytes.map(mebibytes);
    let device = result.record.device_bytes.map(|bytes| format!("{} on the device", mebibytes(bytes)));
    let parts: Vec<_> = host.into_iter().chain(device).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `None` where nothing can be counted.
pub fn shares(found: &Throughput) -> Option<Shares> {
    let rows: Vec<_> = found
        .experiment
        .variants
        .iter()
        .filter_map(|variant| {
            let by_kind = found.least_of_training(&variant.id)?;
            let total: f64 = by_kind.iter().map(|(_, seconds)| seconds).sum();
            let share = |(_, seconds): &(LayerKind, f64)| whole_percent(seconds / total);
            Some((plain(&variant.label), by_kind.iter().map(share).collect()))
        })
        .collect();
    (!rows.is_empty()).then(|| Shares { kinds: KINDS.map(kind_in_words).to_vec(), rows })
}

fn kind_in_words(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Image => "first convolution",
        LayerKind::Depthwise => "depthwise convolutions",
        LayerKind::Pointwise => "pointwise convolutions",
        LayerKind::Dense => "classifier",
        LayerKind::Post => "normalisation, ReLU6, dropout",
        LayerKind::Elementwise => "shortcuts and pooling",
    }
}

pub fn sentences(found: &Throughput) -> Vec<String> {
    let mut sentences = vec![what(found), validity(found)];
    sentences.extend(conditions(found));
    sentences.extend(ceilings(found));
    sentences.extend(threads(found));
    sentences.push(outliers(found));
    sentences.extend(skipped(found));
    sentences
}

fn what(found: &Throughput) -> String {
    let session = found.session;
    let rounds = found.cells.iter().map(|result| result.record.rounds.len()).max().unwrap_or(0);
    format!(
        "Measured on {} with {}, {} of {}, by criterion {}: {} in each of {}, every measurement once a round, so that \
         a machine that drifts favours none. A training step gathers a batch, goes forwards and backwards and updates the \
         weights; inference gathers a batch and goes forwards.",
        plain(&session.cpu),
        plain(&session.engine),
        counted(found.threads() as usize, "thread"),
        counted(session.cores as usize, "core"),
        plain(&session.criterion),
        counted(found.cells.len(), "measurement"),
        counted(rounds, "round"),
    )
}

fn validity(found: &Throughput) -> String {
    let total: usize = found.cells.iter().map(|result| result.record.rounds.len()).sum();
    let loaded: usize = found.cells.iter().map(|result| result.loaded).sum();
    let throttled: usize = found.cells.iter().map(|result| result.throttled).sum();
    let marks: Vec<String> = [
        (loaded, "others took more than a tenth of the processor time in use, or computed on the GPU"),
        (throttled, "the GPU held its clocks back"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("in {} of {} {what}", count(number as u64), counted(total, "round")))
    .collect();
    if marks.is_empty() {
        return if found.cells.iter().any(|result| is_known(result)) {
            "No round ran under load from elsewhere or with clocks held back.".to_owned()
        } else {
            "This system does not say what else ran meanwhile, so nothing vouches for these rates.".to_owned()
        };
    }
    format!(
        "These rates are to be read with care: {}. The rounds are marked in the table; costs compare rounds that were close \
         in time, and suffer less.",
        list(&marks)
    )
}

fn is_known(result: &CellResult) -> bool {
    let known =
        |strain: &crate::bundle::throughput::Strain| strain.others_cores.is_some() || strain.gpu_processes.is_some();
    result.record.rounds.iter().any(|round| known(&round.strain))
}

fn conditions(found: &Throughput) -> Option<String> {
    let (before, after) = (&found.session.before, &found.session.after);
    let pair = |what: &str, of: &dyn Fn(&Conditions) -> Option<String>| {
        Some(format!("{what} {} before and {} after", of(before)?, of(after)?))
    };
    let gpu = |figure: fn(&crate::bundle::throughput::GpuState) -> Option<u32>| {
        move |state: &Conditions| state.gpu.as_ref().and_then(figure).map(|figure| figure.to_string())
    };
    let found: Vec<String> = [
        pair("load average", &|state| state.load_average.map(|[one, ..]| ratio(one))),
        pair("other busy processes", &|state| state.busy_processes.map(|number| number.to_string())),
        pair("mean MHz of the cores", &|state| state.cpu_mhz.map(trimmed)),
        pair("MHz of the GPU", &gpu(|state| state.clock_mhz)),
        pair("°C of the GPU", &gpu(|state| state.celsius)),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!found.is_empty()).then(|| format!("Around it: {}.", found.join("; ")))
}

fn ceilings(found: &Throughput) -> Option<String> {
    let ceilings = found.ceilings?;
    Some(format!(
        "The device’s ceilings, the best of as many rounds: {} GFLOP/s in products of matrices of f32, {} GB/s read and \
         written in copies. The share of the ceiling is the least time that these allow for the counted operations and bytes \
         of every layer, over the time it took; a cache that spares passes over memory can raise it above what memory allows.",
        magnitude(ceilings.flops / 1e9),
        magnitude(ceilings.bytes / 1e9)
    ))
}

/// What fewer threads cost, where that was measured.
fn threads(found: &Throughput) -> Option<String> {
    let most = found.threads();
    let parts: Vec<String> = found
        .cells
        .iter()
        .filter(|result| result.cell().threads < most)
        .filter_map(|result| {
            let all = found.own(&result.variant.id, result.cell().mode)?;
            let speedup = result.seconds / all.seconds;
            let fewer = counted(result.cell().threads as usize, "thread");
            Some(format!(
                "training {} on {} is {} times as fast as on {fewer}",
                quoted(&result.variant.label),
                counted(most as usize, "thread"),
                ratio(speedup)
            ))
        })
        .collect();
    (!parts.is_empty()).then(|| format!("Threads: {}.", list(&parts)))
}

fn outliers(found: &Throughput) -> String {
    let samples: usize = found.cells.iter().map(|result| result.samples).sum();
    let all = found.cells.iter().fold(Outliers::default(), |sum, result| sum.plus(result.outliers));
    let slow = all.high_mild + all.high_severe;
    format!(
        "Of {}, {} lie outside the fences of their round (Tukey), {} of them on the slow side; medians hardly notice, and \
         none is left out.",
        counted(samples, "sample"),
        count(all.count() as u64),
        count(slow as u64)
    )
}

fn skipped(found: &Throughput) -> Vec<String> {
    let skipped = &found.session.skipped;
    let name = |cell: &Cell| {
        let mode = match cell.mode {
            Mode::Training => "training",
            Mode::Inference => "inference",
        };
        let threads = if cell.threads < found.threads() {
            format!(" on {}", counted(cell.threads as usize, "thread"))
        } else {
            String::new()
        };
        format!("{} {mode} with {} images of {} px{threads}", cell.variant, cell.batch_size, cell.image_size)
    };
    let named = skipped.iter().take(MOST_NAMED).map(|skip| format!("{} ({})", name(&skip.cell), plain(&skip.reason)));
    let named: Vec<String> = named.collect();
    match skipped.len() {
        0 => vec![],
        number if number <= MOST_NAMED => vec![format!("Not measured: {}.", named.join("; "))],
        number => vec![format!(
            "Not measured: {}; and {} more, listed in throughput/session.json.",
            named.join("; "),
            count((number - MOST_NAMED) as u64)
        )],
    }
}
