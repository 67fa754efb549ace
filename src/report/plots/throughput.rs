//! Images per second over batch sizes, image sizes and threads, where more than one was measured, under the ceilings.

use super::Plot;
use super::axis::Axis;
use super::canvas::Heading;
use super::layers::{Condition, LayerPlot, Series};
use crate::bundle::throughput::{Cell, Mode};
use crate::config::Experiment;
use crate::report::ReportError;
use crate::report::language::say;
use crate::report::probes::spread::Spread;
use crate::report::text::{clauses, magnitude, paragraph, plain, share};
use crate::report::throughput::{CellResult, Throughput};

/// Slower than anything that is measured.
const LOWEST: f64 = 1e-6;

/// What stands side by side.
struct Sizes {
    name: &'static str,
    title: fn() -> String,
    across: fn() -> String,
    of: fn(&Cell) -> u32,
    /// Whether a cell is what its variant trains with, on so many threads, in all that does not stand side by side.
    is_own: fn(&CellResult, u32) -> bool,
}

const BATCHES: Sizes = Sizes {
    name: "throughput-batch",
    title: || say!("plot-throughput-batch"),
    across: || say!("plot-across-batch"),
    of: |cell| cell.batch_size,
    is_own: |result, threads| has_own_image(result) && result.cell().threads == threads,
};
const IMAGES: Sizes = Sizes {
    name: "throughput-image",
    title: || say!("plot-throughput-image"),
    across: || say!("plot-across-image"),
    of: |cell| cell.image_size,
    is_own: |result, threads| has_own_batch(result) && result.cell().threads == threads,
};
const THREADS: Sizes = Sizes {
    name: "throughput-threads",
    title: || say!("plot-throughput-threads"),
    across: || say!("plot-across-threads"),
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
    let titles = [(Mode::Training, say!("plot-training-rate")), (Mode::Inference, say!("plot-inference-rate"))];
    let conditions: Vec<Condition> = titles
        .into_iter()
        .map(|(mode, title)| Condition { title, series: series(experiment, &shown, mode, &columns, sizes) })
        .filter(|condition| !condition.series.is_empty())
        .collect();
    let mut reading = vec![say!("plot-throughput-reading", confidence = share(experiment.confidence))];
    if shown.iter().any(|result| result.ceiling.is_some()) {
        reading.push(say!("plot-throughput-ceilings"));
    }
    let heading = Heading {
        name: sizes.name.to_owned(),
        title: (sizes.title)(),
        reading: paragraph(reading),
        values: values(&conditions, &columns, sizes),
    };
    let layers = columns.iter().map(u32::to_string).collect();
    LayerPlot { across: Some((sizes.across)()), layers, conditions, axis, mark: None }.draw(heading).map(Some)
}

fn is_same_line(one: &CellResult, other: &CellResult) -> bool {
    one.variant.id == other.variant.id && one.cell().mode == other.cell().mode
}

fn series(experiment: &Experiment, shown: &[&CellResult], mode: Mode, columns: &[u32], sizes: &Sizes) -> Vec<Series> {
    let of_variant = |(index, variant): (usize, &crate::config::Variant)| {
        let cells = shown.iter().filter(|result| *result.variant.id == variant.id && result.cell().mode == mode);
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
            let (value, size) = (magnitude(spread.mean), columns.get(*column)?.to_string());
            Some(say!("plot-value-at", label = &series.label, value = value, place = size))
        });
        let values = clauses(&ends.collect::<Vec<_>>());
        say!("plot-panel-values-across", title = &condition.title, across = (sizes.across)(), values = values)
    };
    paragraph(conditions.iter().map(sentence))
}
