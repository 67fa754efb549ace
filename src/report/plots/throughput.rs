//! Images per second over batch sizes, and over image sizes, where more than one was measured.

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
    /// Whether a cell is of the size that its variant trains at, in what does not stand side by side.
    is_own: fn(&CellResult) -> bool,
}

const BATCHES: Sizes = Sizes {
    name: "throughput-batch",
    title: "Throughput over batch sizes",
    across: "images per step",
    of: |cell| cell.batch_size,
    is_own: |result| result.cell().image_size == result.variant.train.image_size,
};
const IMAGES: Sizes = Sizes {
    name: "throughput-image",
    title: "Throughput over image sizes",
    across: "side of the images in pixels",
    of: |cell| cell.image_size,
    is_own: |result| result.cell().batch_size == result.variant.train.batch_size,
};

/// # Errors
/// When plotters cannot lay a plot out.
pub fn all(experiment: &Experiment, found: Option<&Throughput>) -> Result<Vec<Plot>, ReportError> {
    let Some(found) = found else { return Ok(vec![]) };
    [BATCHES, IMAGES].iter().filter_map(|sizes| draw(experiment, found, sizes).transpose()).collect()
}

fn draw(experiment: &Experiment, found: &Throughput, sizes: &Sizes) -> Result<Option<Plot>, ReportError> {
    let threads = found.threads();
    let is_shown = |result: &&CellResult| result.cell().threads == threads && (sizes.is_own)(result);
    let shown: Vec<&CellResult> = found.cells.iter().filter(is_shown).collect();
    let mut columns: Vec<u32> = shown.iter().map(|result| (sizes.of)(result.cell())).collect();
    columns.sort_unstable();
    columns.dedup();
    let rates = shown.iter().flat_map(|result| {
        let interval = result.rate_interval().map(|interval| [interval.lower, interval.upper]);
        interval.into_iter().flatten().chain([result.images_per_second()])
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
            "Images per second, on a logarithmic axis. Lines are medians over rounds, bands their {} intervals.",
            share(experiment.confidence)
        ),
        values: values(&conditions, &columns, sizes),
    };
    let layers = columns.iter().map(u32::to_string).collect();
    LayerPlot { across: Some(sizes.across), layers, conditions, axis, mark: None }.draw(heading).map(Some)
}

fn series(experiment: &Experiment, shown: &[&CellResult], mode: Mode, columns: &[u32], sizes: &Sizes) -> Vec<Series> {
    let of_variant = |(index, variant): (usize, &crate::config::Variant)| {
        let cells = shown.iter().filter(|result| result.variant.id == variant.id && result.cell().mode == mode);
        let mut points: Vec<(usize, Spread)> = cells
            .filter_map(|result| {
                let column = columns.iter().position(|column| *column == (sizes.of)(result.cell()))?;
                Some((column, spread(result)))
            })
            .collect();
        points.sort_by_key(|(column, _)| *column);
        (!points.is_empty()).then(|| Series { label: plain(&variant.label), variant: index, points })
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
