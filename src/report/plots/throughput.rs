//! Images per second over batch sizes, image sizes and threads, where more than one was measured, under the ceilings.

use super::Plot;
use super::axis::Axis;
use super::canvas::Heading;
use super::layers::{Condition, LayerPlot, Series};
use crate::bundle::throughput::{Cell, Mode};
use crate::config::Experiment;
use crate::report::ReportError;
use crate::report::probes::spread::Spread;
use crate::report::text::{magnitude, plain, share};
use crate::report::throughput::{CellResult, Throughput};

/// Slower than anything that is measured.
const LOWEST: f64 = 1e-6;

/// What stands side by side.
struct Sizes {
    name: &'static str,
    title: &'static str,
    across: &'static str,
    of: fn(&Cell) -> u32,
    /// Whether a cell is what its variant trains with, on so many threads, in all that does not stand side by side.
    is_own: fn(&CellResult, u32) -> bool,
}

const BATCHES: Sizes = Sizes {
    name: "throughput-batch",
    title: "Throughput over batch sizes",
    across: "images per step",
    of: |cell| cell.batch_size,
    is_own: |result, threads| has_own_image(result) && result.cell().threads == threads,
};
const IMAGES: Sizes = Sizes {
    name: "throughput-image",
    title: "Throughput over image sizes",
    across: "side of the images in pixels",
    of: |cell| cell.image_size,
    is_own: |result, threads| has_own_batch(result) && result.cell().threads == threads,
};
const THREADS: Sizes = Sizes {
    name: "throughput-threads",
    title: "Throughput over threads",
    across: "threads",
    of: |cell| cell.threads,
    is_own: |result, _| has_own_batch(result) && has_own_image(result),
};

fn has_own_batch(result: &CellResult) -> bool {
    result.cell().batch_size == result.variant.train.batch_size
}

fn has_own_image(result: &CellResult) -> bool {
    result.cell().image_size == result.variant.train.image_size
}

/// # Errors
/// When plotters cannot lay a plot out.
pub fn all(experiment: &Experiment, found: Option<&Throughput>) -> Result<Vec<Plot>, ReportError> {
    let Some(found) = found else { return Ok(vec![]) };
    [BATCHES, IMAGES, THREADS].iter().filter_map(|sizes| draw(experiment, found, sizes).transpose()).collect()
}

fn draw(experiment: &Experiment, found: &Throughput, sizes: &Sizes) -> Result<Option<Plot>, ReportError> {
    let threads = found.threads();
    let of_one_kind: Vec<&CellResult> = found.cells.iter().filter(|result| (sizes.is_own)(result, threads)).collect();
    let has_another = |result: &&CellResult| {
        let size = (sizes.of)(result.cell());
        let is_another = |other: &&CellResult| is_same_line(result, other) && (sizes.of)(other.cell()) != size;
        of_one_kind.iter().any(is_another)
    };
    let shown: Vec<&CellResult> = of_one_kind.iter().copied().filter(has_another).collect();
    let mut columns: Vec<u32> = shown.iter().map(|result| (sizes.of)(result.cell())).collect();
    columns.sort_unstable();
    columns.dedup();
    let rates = shown.iter().flat_map(|result| {
        let interval = result.rate_interval().map(|interval| [interval.lower, interval.upper]);
        interval.into_iter().flatten().chain([result.images_per_second()]).chain(result.ceiling_rate())
    });
    let (true, Some(axis)) = (columns.len() > 1, Axis::logarithmic(rates, LOWEST)) else { return Ok(None) };
    let conditions: Vec<Condition> = [(Mode::Training, "Training, images/s"), (Mode::Inference, "Inference, images/s")]
        .into_iter()
        .map(|(mode, title)| Condition {
            title: title.to_owned(),
            series: series(experiment, &shown, mode, &columns, sizes),
        })
        .filter(|condition| !condition.series.is_empty())
        .collect();
    let heading = Heading {
        name: sizes.name.to_owned(),
        title: sizes.title.to_owned(),
        reading: format!(
            "Images per second, on a logarithmic axis. Lines are medians over rounds, bands their {} intervals.{}",
            share(experiment.confidence),
            if shown.iter().any(|result| result.ceiling.is_some()) { ABOUT_CEILINGS } else { "" }
        ),
        values: values(&conditions, &columns, sizes),
    };
    let layers = columns.iter().map(u32::to_string).collect();
    LayerPlot { across: Some(sizes.across), layers, conditions, axis, mark: None }.draw(heading).map(Some)
}

const ABOUT_CEILINGS: &str = " Thin dotted lines are what the measured ceilings of the device, with all its threads, allow \
                              each variant at most.";

fn is_same_line(one: &CellResult, other: &CellResult) -> bool {
    one.variant.id == other.variant.id && one.cell().mode == other.cell().mode
}

fn series(experiment: &Experiment, shown: &[&CellResult], mode: Mode, columns: &[u32], sizes: &Sizes) -> Vec<Series> {
    let of_variant = |(index, variant): (usize, &crate::config::Variant)| {
        let cells = shown.iter().filter(|result| result.variant.id == variant.id && result.cell().mode == mode);
        let mut cells: Vec<(usize, &CellResult)> = cells
            .filter_map(|result| {
                let column = columns.iter().position(|column| *column == (sizes.of)(result.cell()))?;
                Some((column, *result))
            })
            .collect();
        cells.sort_by_key(|(column, _)| *column);
        let points = cells.iter().map(|(column, result)| (*column, spread(result))).collect();
        let ceiling = cells.iter().filter_map(|(column, result)| Some((*column, result.ceiling_rate()?))).collect();
        (!cells.is_empty()).then(|| Series { label: plain(&variant.label), variant: index, points, ceiling })
    };
    experiment.variants.iter().enumerate().filter_map(of_variant).collect()
}

fn spread(result: &CellResult) -> Spread {
    let rate = result.images_per_second();
    let interval = result.rate_interval();
    Spread {
        mean: rate,
        min: interval.map_or(rate, |interval| interval.lower),
        max: interval.map_or(rate, |interval| interval.upper),
        n: result.record.rounds.len(),
    }
}

/// The last point of every line, for those who cannot see the plot.
fn values(conditions: &[Condition], columns: &[u32], sizes: &Sizes) -> String {
    let sentence = |condition: &Condition| {
        let ends = condition.series.iter().filter_map(|series| {
            let (column, spread) = series.points.last()?;
            Some(format!("{}: {} at {}", series.label, magnitude(spread.mean), columns.get(*column)?))
        });
        format!("{} ({}): {}.", condition.title, sizes.across, ends.collect::<Vec<_>>().join("; "))
    };
    conditions.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
