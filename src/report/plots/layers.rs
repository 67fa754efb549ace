//! A figure of every layer, in the order of the forward pass: one line per variant, its range over seeds as a band.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::Plot;
use super::canvas::{self, Drawn, Heading, Sheet, px};
use super::labels::{self, Kind, Label, REFERENCE_DASH};
use super::palette::{GRID, INK, Look, MUTED};
use crate::report::ReportError;
use crate::report::inside::{DEAD, Probe, Series};
use crate::report::text::scientific;

const WIDTH: i32 = 860;
const PLOT_HEIGHT: i32 = 320;
const TOP: i32 = 16;
const X_AXIS: i32 = 42;
const EDGE: i32 = 10;
const Y_AXIS: i32 = 96;
/// More lines than this cannot be told apart; the probe's file has them all.
const MOST_LINES: usize = 8;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// How a probe is drawn.
struct Design {
    title: &'static str,
    y: &'static str,
    logarithmic: bool,
    /// A level drawn across, with its name.
    level: Option<(f64, &'static str)>,
}

fn design(probe: &Probe) -> Design {
    let of = |title, y, logarithmic, level| Design { title, y, logarithmic, level };
    match probe.name {
        "signal-initial" => of("Signal before training", "RMS of the output", true, Some((DEAD, "dead"))),
        "signal-trained" => of("Signal after training", "RMS of the output", true, Some((DEAD, "dead"))),
        "gradient" => of("Gradient at the first step", "RMS of the gradient", true, None),
        "variance-shift" => of("Variance shift", "variance, dropout on over off", false, Some((1.0, "no shift"))),
        _ => of("Silenced updates", "share of gradient entries", false, None),
    }
}

/// # Errors
/// When plotters cannot lay it out.
pub fn draw(probe: &Probe) -> Result<Plot, ReportError> {
    let design = design(probe);
    let shown = &probe.variants[..probe.variants.len().min(MOST_LINES)];
    let heading = Heading { name: probe.name, title: design.title, description: description(probe, shown) };
    canvas::plot(heading, (WIDTH, TOP + PLOT_HEIGHT + X_AXIS + EDGE), |sheet| paint(sheet, &design, shown))
}

fn description(probe: &Probe, shown: &[Series]) -> String {
    let ends = shown.iter().filter_map(|series| {
        let last = series.layers.last()?;
        Some(format!("{}: {} at {}", series.label, scientific(last.mean), last.layer))
    });
    let rest = match probe.variants.len() - shown.len() {
        0 => String::new(),
        more => format!(" {more} further variants are in probes/{}.json.", probe.name),
    };
    format!(
        "The {}; lines are means over seeds, bands reach from the smallest seed to the largest. At the last layer: {}.{rest}",
        probe.measures,
        ends.collect::<Vec<_>>().join("; ")
    )
}

fn paint(sheet: &Sheet, design: &Design, shown: &[Series]) -> Drawn {
    let place = |value: f64| if design.logarithmic { libm::log10(value) } else { value };
    // The longest series gives the axis; the others find their layers on it by name.
    let axis: Vec<&str> = shown
        .iter()
        .max_by_key(|series| series.layers.len())
        .map(|series| series.layers.iter().map(|layer| layer.layer.as_str()).collect())
        .unwrap_or_default();
    let values = shown.iter().flat_map(|series| series.layers.iter().flat_map(|layer| [layer.min, layer.max]));
    let levels = design.level.iter().map(|(level, _)| *level);
    let (low, high) = values
        .chain(levels)
        .map(place)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let margin = ((high - low) * 0.05).max(if design.logarithmic { 0.2 } else { 0.01 });
    let names: Vec<String> = shown.iter().map(|series| labels::shortened(&series.label)).collect();
    let column = labels::column_width(names.iter().map(String::as_str));
    let mut chart = ChartBuilder::on(sheet)
        .margin_top(px(TOP))
        .margin_left(px(EDGE))
        .margin_right(px(column))
        .margin_bottom(px(EDGE))
        .x_label_area_size(px(X_AXIS))
        .y_label_area_size(px(Y_AXIS))
        .build_cartesian_2d(0.0..(axis.len().max(2) - 1) as f64, low - margin..high + margin)?;
    draw_axes(&mut chart, design, &axis)?;
    if let Some((level, _)) = design.level {
        let y = place(level);
        let (from, to) = (chart.backend_coord(&(0.0, y)), chart.backend_coord(&((axis.len().max(2) - 1) as f64, y)));
        canvas::dashed_line(sheet, from, to, REFERENCE_DASH, MUTED.stroke_width(6))?;
    }
    let mut ends: Vec<Label> = Vec::new();
    for (series, name) in shown.iter().zip(names) {
        let end = draw_series(sheet, &chart, series, &axis, place)?;
        ends.extend(end.map(|end| Label { text: name, end, kind: Kind::Series(Look::of(series.index)) }));
    }
    if let Some((level, name)) = design.level {
        let end = chart.backend_coord(&((axis.len().max(2) - 1) as f64, place(level)));
        ends.push(Label { text: name.to_owned(), end, kind: Kind::Reference(MUTED) });
    }
    labels::draw(sheet, &ends, px(WIDTH - column), (px(TOP), px(TOP + PLOT_HEIGHT)))
}

fn draw_axes(chart: &mut Chart, design: &Design, axis: &[&str]) -> Drawn {
    let decades = |value: &f64| {
        if (value - value.round()).abs() < 1e-9 { scientific(libm::exp10(value.round())) } else { String::new() }
    };
    let y_label = |value: &f64| if design.logarithmic { decades(value) } else { canvas::tick(*value) };
    chart
        .configure_mesh()
        .bold_line_style(GRID.stroke_width(4))
        .light_line_style(TRANSPARENT)
        .axis_style(MUTED.stroke_width(4))
        .label_style(canvas::muted_font(12.0))
        .axis_desc_style(canvas::font(13.0).color(&INK))
        .x_labels(6)
        .y_labels(8)
        .x_desc("layer, in the order of the forward pass")
        .y_desc(design.y)
        .x_label_formatter(&|value| axis.get(value.round() as usize).map_or_else(String::new, |name| block(name)))
        .y_label_formatter(&y_label)
        .draw()
}

/// The block of a layer, or its name outside blocks: whole names would run into each other.
fn block(name: &str) -> String {
    name.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// Draws one variant; where its line ends.
fn draw_series(
    sheet: &Sheet,
    chart: &Chart,
    series: &Series,
    axis: &[&str],
    place: impl Fn(f64) -> f64,
) -> Result<Option<(i32, i32)>, DrawingAreaErrorKind<std::io::Error>> {
    let look = Look::of(series.index);
    let at = |layer: &str| axis.iter().position(|name| *name == layer).map(|position| position as f64);
    let points = |of: fn(&crate::report::inside::LayerSummary) -> f64| -> Vec<(i32, i32)> {
        let point = |layer: &crate::report::inside::LayerSummary| {
            Some(chart.backend_coord(&(at(&layer.layer)?, place(of(layer)))))
        };
        series.layers.iter().filter_map(point).collect()
    };
    let (means, mut band) = (points(|layer| layer.mean), points(|layer| layer.max));
    if band.len() > 1 {
        band.extend(points(|layer| layer.min).into_iter().rev());
        sheet.draw(&Polygon::new(band, look.colour.mix(0.15).filled()))?;
    }
    canvas::line(sheet, means.clone(), look.colour, 7)?;
    for point in means.iter().step_by(6) {
        canvas::marker(sheet, look, *point)?;
    }
    Ok(means.last().copied())
}
