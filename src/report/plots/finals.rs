//! Final validation accuracy of every variant: each seed, their mean with its interval, and the reported figure.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::Plot;
use super::canvas::{self, Align, Drawn, Heading, Sheet, Tips, px};
use super::labels::{REFERENCE_DASH, cut, text_width, width_at};
use super::palette::{GRID, INK, Look, MUTED};
use crate::config::{Metric, Role};
use crate::report::ReportError;
use crate::report::analysis::{Analysis, VariantResult};
use crate::report::groups::{self, Group};
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::text::{clauses, plain, range, share};
use crate::stats::Estimate;

const WIDTH: i32 = 720;
const ROW: i32 = 27;
/// Of a row with the name of a group.
const HEADING: i32 = 25;
const HEAD: i32 = 34;
const X_AXIS: i32 = 40;
const BOTTOM: i32 = 6;
const LEFT: i32 = 10;
const VALUES: i32 = 74;
/// Of the texts in the key.
const KEY_SIZE: f64 = 11.5;
/// Longer labels are cut; tables have them in full.
const LONGEST_LABEL: usize = 36;

pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

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
    let rows = Rows::of(analysis);
    let tips = Tips::default();
    let size = (WIDTH, HEAD + rows.height() + X_AXIS + BOTTOM);
    canvas::plot_with_tips(heading, size, &tips, |sheet| paint(sheet, analysis, &rows, &tips))
}

/// What stands in each row, from the top.
struct Rows {
    groups: Vec<Group>,
    /// Room for the longest label, in CSS pixels.
    labels: i32,
}

/// Things with their places along an axis.
type Placed<T> = Vec<(T, i32)>;

impl Rows {
    fn of(analysis: &Analysis) -> Self {
        let labels = analysis.variants.iter().map(|result| text_width(&label_of(result))).max();
        Self { groups: groups::of(analysis), labels: labels.unwrap_or(0) + LEFT + 8 }
    }

    /// Each group's name, with the place of the middle of its row below the top.
    fn headings(&self) -> Vec<(&str, i32)> {
        self.places().0
    }

    /// Each variant, with the same.
    fn variants(&self) -> Vec<(usize, i32)> {
        self.places().1
    }

    fn height(&self) -> i32 {
        self.places().2.max(ROW)
    }

    fn places(&self) -> (Placed<&str>, Placed<usize>, i32) {
        let (mut headings, mut variants, mut y) = (vec![], vec![], 0_i32);
        for group in &self.groups {
            if let Some(name) = &group.name {
                headings.push((name.as_str(), y + HEADING / 2 + 2));
                y = y.saturating_add(HEADING);
            }
            for index in &group.members {
                variants.push((*index, y + ROW / 2));
                y = y.saturating_add(ROW);
            }
        }
        (headings, variants, y)
    }
}

/// As far as it fits.
fn label_of(result: &VariantResult) -> String {
    cut(&plain(&result.variant.label), LONGEST_LABEL)
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

fn paint(sheet: &Sheet, analysis: &Analysis, rows: &Rows, tips: &Tips) -> Drawn {
    let height = f64::from(rows.height());
    let mut chart = ChartBuilder::on(sheet)
        .margin_top(px(HEAD))
        .margin_left(px(rows.labels))
        .margin_right(px(VALUES))
        .margin_bottom(px(BOTTOM))
        .x_label_area_size(px(X_AXIS))
        .build_cartesian_2d(lowest(analysis)..highest(analysis), 0.0..height)?;
    draw_axis(&mut chart, analysis.primary)?;
    draw_key(sheet, analysis)?;
    if let Some(chance) = analysis.chance {
        draw_chance(sheet, &chart, chance.accuracy, height)?;
    }
    for (name, y) in rows.headings() {
        let name = cut(name, LONGEST_LABEL + 20);
        canvas::write(sheet, &name, (px(LEFT), px(HEAD + y)), 12.0, MUTED, Align::Left)?;
    }
    for (index, y) in rows.variants() {
        draw_row(sheet, &chart, px(HEAD + y), Look::of(index), &analysis.variants[index], tips)?;
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
pub(super) fn highest(analysis: &Analysis) -> f64 {
    let most = *analysis.primary.levels().end();
    let highest = marks(analysis).into_iter().fold(0.0, f64::max);
    if highest > 0.0 { (highest * 1.06).min(most) } else { most.min(1.0) }
}

/// Zero, or below what lies below it.
pub(super) fn lowest(analysis: &Analysis) -> f64 {
    marks(analysis).into_iter().fold(0.0, f64::min) * 1.06
}

/// The axis of the final figures.
pub(super) fn draw_axis(chart: &mut Chart, metric: Metric) -> Drawn {
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
        .x_labels(6)
        .x_desc(axis)
        .x_label_formatter(&|value| metric.tick(*value))
        .draw()
}

fn draw_key(sheet: &Sheet, analysis: &Analysis) -> Drawn {
    let y = px(15);
    let mean = Look { colour: MUTED, ..Look::of(0) };
    let place = |left: i32| (px(LEFT + left), y);
    // Each entry stands at its own place, or further to the right where the texts before it need the room.
    let write = |text: &str, left: i32, next: i32| {
        canvas::write(sheet, text, place(left), KEY_SIZE, MUTED, Align::Left)?;
        Ok(next.max(left + width_at(text, KEY_SIZE)))
    };
    canvas::line(sheet, vec![place(0), place(30)], MUTED, 9)?;
    canvas::marker(sheet, mean, place(15))?;
    let seed = write(&say!("plot-key-mean", confidence = share(analysis.experiment.confidence)), 38, 172)?;
    sheet.draw(&Circle::new(place(seed), px(3), MUTED.mix(0.6).filled()))?;
    let reported = write(&say!("plot-key-seed"), seed + 11, 262)?;
    canvas::hollow_diamond(sheet, place(reported), INK)?;
    let guess = write(&say!("plot-reported-by-source"), reported + 17, 412)?;
    if let Some(chance) = analysis.chance {
        canvas::dashed_line(sheet, place(guess), place(guess + 28), REFERENCE_DASH, MUTED.stroke_width(6))?;
        write(&say!("plot-chance", value = analysis.primary.show(chance.accuracy)), guess + 36, 0)?;
    }
    Ok(())
}

/// A dotted line over the whole height.
pub(super) fn draw_chance(sheet: &Sheet, chart: &Chart, chance: f64, height: f64) -> Drawn {
    let (from, to) = (chart.backend_coord(&(chance, height)), chart.backend_coord(&(chance, 0.0)));
    canvas::dashed_line(sheet, from, to, REFERENCE_DASH, MUTED.stroke_width(6))
}

fn draw_row(sheet: &Sheet, chart: &Chart, y: i32, look: Look, result: &VariantResult, tips: &Tips) -> Drawn {
    let metric = result.metrics.primary();
    let place = |accuracy: f64| (chart.backend_coord(&(accuracy, 0.0)).0, y);
    canvas::write(sheet, &label_of(result), (px(LEFT), y), 12.5, INK, Align::Left)?;
    for (index, accuracy) in result.finals(metric).into_values().enumerate() {
        let (x, y) = place(accuracy);
        sheet.draw(&Circle::new((x, y + jitter(index)), px(2), look.colour.mix(0.5).filled()))?;
    }
    let label = plain(&result.variant.label);
    if let Some(estimate) = result.estimate(metric) {
        draw_estimate(sheet, estimate, look, place)?;
        let value = in_words(metric, estimate);
        tips.add(place(estimate.mean), &say!("plot-value", label = label.as_str(), value = value));
    }
    if let Some(reported) = result.variant.reported.of(metric) {
        canvas::hollow_diamond(sheet, place(reported), INK)?;
    }
    let value = result.estimate(metric).map_or_else(|| result.fate.in_words(), |estimate| metric.show(estimate.mean));
    canvas::write(sheet, &value, (px(WIDTH - 10), y), 13.0, INK, Align::Right)
}

/// Seeds at the same accuracy are set apart vertically, below the interval; the offset means nothing.
fn jitter(index: usize) -> i32 {
    px(6) + px(2) * i32::try_from(index % 3).unwrap_or(0)
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
