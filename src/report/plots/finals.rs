//! Final validation accuracy of every variant: each seed, their mean with its interval, and the reported figure.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::Plot;
use super::canvas::{self, Align, Drawn, Heading, Sheet, Tips, px};
use super::labels::{REFERENCE_DASH, fitting, text_width, width_at};
use super::palette::{GRID, INK, Look, MUTED, PAPER};
use crate::config::{Metric, Role};
use crate::report::ReportError;
use crate::report::analysis::{Analysis, VariantResult};
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::text::{clauses, plain, range, share};
use crate::stats::Estimate;

const WIDTH: i32 = 860;
const ROW: i32 = 64;
const HEAD: i32 = 44;
const X_AXIS: i32 = 42;
const BOTTOM: i32 = 10;
const LEFT: i32 = 18;
const VALUES: i32 = 150;
/// Of the texts in the key.
const KEY_SIZE: f64 = 12.0;
/// Longer labels would run into the values.
const LONGEST_LABEL: usize = 90;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

pub fn draw(analysis: &Analysis) -> Result<Plot, ReportError> {
    let heading = Heading {
        name: "final-accuracy".to_owned(),
        title: match analysis.primary.role() {
            Role::TestAccuracy => say!("plot-final-accuracy"),
            _ => say!("plot-final", quantity = analysis.primary.in_words()),
        },
        reading: say!("plot-final-accuracy-reading", confidence = share(analysis.experiment.confidence)),
        values: values(analysis),
    };
    let rows = i32::try_from(analysis.variants.len()).unwrap_or(i32::MAX / ROW / 8);
    let tips = Tips::default();
    let size = (WIDTH, HEAD + rows * ROW + X_AXIS + BOTTOM);
    canvas::plot_with_tips(heading, size, &tips, |sheet| paint(sheet, analysis, &tips))
}

fn values(analysis: &Analysis) -> String {
    let rows = analysis.variants.iter().map(|result| {
        let label = plain(&result.variant.label);
        match result.estimate(result.metrics.primary()) {
            Some(estimate) => say!("plot-value", label = label, value = result.metrics.primary().show(estimate.mean)),
            None => say!("plot-value", label = label, value = result.fate.in_words()),
        }
    });
    say!("plot-values", values = clauses(&rows.collect::<Vec<_>>()))
}

fn paint(sheet: &Sheet, analysis: &Analysis, tips: &Tips) -> Drawn {
    let rows = analysis.variants.len() as f64;
    let mut chart = ChartBuilder::on(sheet)
        .margin_top(px(HEAD))
        .margin_left(px(LEFT))
        .margin_right(px(VALUES))
        .margin_bottom(px(BOTTOM))
        .x_label_area_size(px(X_AXIS))
        .build_cartesian_2d(lowest(analysis)..highest(analysis), 0.0..rows.max(1.0))?;
    draw_axis(&mut chart, analysis.primary)?;
    draw_key(sheet, analysis)?;
    if let Some(chance) = analysis.chance {
        draw_chance(sheet, &chart, chance.accuracy, rows)?;
    }
    for (index, result) in analysis.variants.iter().enumerate() {
        // Rows from the top: the middle of row 0 is half a row below the upper end.
        draw_row(sheet, &chart, rows - index as f64 - 0.5, Look::of(index), result, tips)?;
    }
    Ok(())
}

/// Everything that has a place on the axis.
fn marks(analysis: &Analysis) -> Vec<f64> {
    let seeds = analysis.variants.iter().flat_map(|result| result.finals(analysis.primary).into_values());
    let intervals = analysis.variants.iter().filter_map(|r| r.estimate(analysis.primary)?.interval);
    let reported = analysis.variants.iter().filter_map(|result| result.variant.reported.of(analysis.primary));
    let chance = analysis.chance.map(|chance| chance.accuracy);
    seeds.chain(intervals.flat_map(|i| [i.lower, i.upper])).chain(reported).chain(chance).collect()
}

/// The upper end of the axis: a little above the highest mark, never above what there can be.
fn highest(analysis: &Analysis) -> f64 {
    let most = *analysis.primary.levels().end();
    let highest = marks(analysis).into_iter().fold(0.0, f64::max);
    if highest > 0.0 { (highest * 1.06).min(most) } else { most.min(1.0) }
}

/// Zero, or below what lies below it.
fn lowest(analysis: &Analysis) -> f64 {
    marks(analysis).into_iter().fold(0.0, f64::min) * 1.06
}

fn draw_axis(chart: &mut Chart, metric: Metric) -> Drawn {
    let axis = match metric.role() {
        Role::TestAccuracy => say!("plot-final-accuracy-axis"),
        _ => say!("plot-final-axis", quantity = metric.in_words()),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .bold_line_style(GRID.stroke_width(4))
        .light_line_style(TRANSPARENT)
        .axis_style(MUTED.stroke_width(4))
        .label_style(canvas::muted_font(12.0))
        .axis_desc_style(canvas::font(13.0).color(&INK))
        .x_labels(8)
        .x_desc(axis)
        .x_label_formatter(&|value| metric.tick(*value))
        .draw()
}

fn draw_key(sheet: &Sheet, analysis: &Analysis) -> Drawn {
    let y = px(18);
    let mean = Look { colour: MUTED, ..Look::of(0) };
    let place = |left: i32| (px(LEFT + left), y);
    // Each entry stands at its own place, or further to the right where the texts before it need the room.
    let write = |text: &str, left: i32, next: i32| {
        canvas::write(sheet, text, place(left), KEY_SIZE, MUTED, Align::Left)?;
        Ok(next.max(left + width_at(text, KEY_SIZE)))
    };
    canvas::line(sheet, vec![place(0), place(30)], MUTED, 9)?;
    canvas::marker(sheet, mean, place(15))?;
    let seed = write(&say!("plot-key-mean", confidence = share(analysis.experiment.confidence)), 38, 196)?;
    sheet.draw(&Circle::new(place(seed), px(3), MUTED.mix(0.6).filled()))?;
    let reported = write(&say!("plot-key-seed"), seed + 11, 286)?;
    canvas::hollow_diamond(sheet, place(reported), INK)?;
    let guess = write(&say!("plot-reported-by-source"), reported + 17, 462)?;
    if let Some(chance) = analysis.chance {
        canvas::dashed_line(sheet, place(guess), place(guess + 28), REFERENCE_DASH, MUTED.stroke_width(6))?;
        write(&say!("plot-chance", value = analysis.primary.show(chance.accuracy)), guess + 36, 0)?;
    }
    Ok(())
}

fn draw_chance(sheet: &Sheet, chart: &Chart, chance: f64, rows: f64) -> Drawn {
    let (from, to) = (chart.backend_coord(&(chance, rows)), chart.backend_coord(&(chance, 0.0)));
    canvas::dashed_line(sheet, from, to, REFERENCE_DASH, MUTED.stroke_width(6))
}

fn draw_row(sheet: &Sheet, chart: &Chart, row: f64, look: Look, result: &VariantResult, tips: &Tips) -> Drawn {
    let place = |accuracy: f64| {
        let (x, y) = chart.backend_coord(&(accuracy, row));
        (x, y + px(12))
    };
    let left = chart.backend_coord(&(chart.x_range().start, row)).0;
    let middle = place(0.0).1;
    let label = plain(&result.variant.label);
    write_label(sheet, fitting(&label, LONGEST_LABEL), (left + px(6), middle - px(27)))?;
    for (index, accuracy) in result.finals(result.metrics.primary()).into_values().enumerate() {
        let (x, y) = place(accuracy);
        sheet.draw(&Circle::new((x, y + jitter(index)), px(3), look.colour.mix(0.5).filled()))?;
    }
    if let Some(estimate) = result.estimate(result.metrics.primary()) {
        draw_estimate(sheet, estimate, look, place)?;
        tips.add(
            place(estimate.mean),
            &say!("plot-value", label = label.as_str(), value = in_words(result.metrics.primary(), estimate)),
        );
    }
    if let Some(reported) = result.variant.reported.of(result.metrics.primary()) {
        canvas::hollow_diamond(sheet, place(reported), INK)?;
    }
    write_values(sheet, result, middle)
}

/// The label on a patch of paper, because the line of chance passes under it.
fn write_label(sheet: &Sheet, label: &str, at: (i32, i32)) -> Drawn {
    let corners = [(at.0 - px(2), at.1 - px(9)), (at.0 + px(text_width(label)), at.1 + px(9))];
    sheet.draw(&Rectangle::new(corners, PAPER.filled()))?;
    canvas::write(sheet, label, at, 13.0, INK, Align::Left)
}

/// Seeds at the same accuracy are set apart vertically, below the interval; the offset means nothing.
fn jitter(index: usize) -> i32 {
    px(9) + px(3) * i32::try_from(index % 3).unwrap_or(0)
}

fn draw_estimate(sheet: &Sheet, estimate: &Estimate, look: Look, place: impl Fn(f64) -> (i32, i32)) -> Drawn {
    if let Some(interval) = estimate.interval {
        let (from, to) = (place(interval.lower), place(interval.upper));
        canvas::line(sheet, vec![from, to], look.colour, 9)?;
        for (x, y) in [from, to] {
            canvas::line(sheet, vec![(x, y - px(5)), (x, y + px(5))], look.colour, 7)?;
        }
    }
    canvas::marker(sheet, look, place(estimate.mean))
}

fn in_words(metric: Metric, estimate: &Estimate) -> String {
    let mean = metric.show(estimate.mean);
    let interval = estimate.interval.map(|interval| range(metric.show(interval.lower), metric.show(interval.upper)));
    interval.map_or(mean.clone(), |interval| say!("page-aside", what = mean, aside = interval))
}

fn write_values(sheet: &Sheet, result: &VariantResult, middle: i32) -> Drawn {
    let right = px(WIDTH - 14);
    let counts = result.counts;
    let value = match result.estimate(result.metrics.primary()) {
        Some(estimate) => result.metrics.primary().show(estimate.mean),
        None => result.fate.in_words().to_string(),
    };
    let (completed, planned) = (counts.completed.to_string(), counts.planned.to_string());
    let seeds = say!("plot-seeds", completed = completed, planned = planned);
    canvas::write(sheet, &value, (right, middle - px(8)), 14.0, INK, Align::Right)?;
    canvas::write(sheet, &seeds, (right, middle + px(9)), 12.0, MUTED, Align::Right)
}
