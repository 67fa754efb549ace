//! What single settings do: every two variants that differ in one setting, joined by a line from the one's result to the other's.

use plotters::prelude::*;

use super::Plot;
use super::canvas::{self, Align, Drawn, Heading, Sheet, Tips, px};
use super::finals;
use super::labels::{cut, text_width};
use super::palette::{INK, Look, MUTED};
use crate::report::ReportError;
use crate::report::analysis::Analysis;
use crate::report::analysis::comparison::{Comparison, Shown};
use crate::report::analysis::knobs::setting_in_words;
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::text::{capitalised, clauses, paragraph, plain, share};
use crate::stats::Estimate;

const WIDTH: i32 = 720;
const ROW: i32 = 22;
/// Of a row with the name of a setting.
const HEADING: i32 = 25;
const HEAD: i32 = 8;
const X_AXIS: i32 = 40;
const BOTTOM: i32 = 6;
const LEFT: i32 = 10;
/// Of the differences.
const VALUES: i32 = 96;
/// Of one side's label; longer ones are cut, and the tip of the mark has them in full.
const LONGEST_LABEL: usize = 24;
/// More pairs than this make a drawing longer, not clearer: those that are furthest apart are drawn.
const MOST_PAIRS: usize = 40;

/// `None` where no two variants that differ in one setting were both trained.
///
/// # Errors
/// When plotters cannot lay it out.
pub fn draw(analysis: &Analysis) -> Result<Option<Plot>, ReportError> {
    let rows = Rows::of(analysis);
    if rows.settings.is_empty() {
        return Ok(None);
    }
    let (n, number) = (rows.left_out, rows.left_out.to_string());
    let left_out = (n > 0).then(|| say!("plot-controls-left-out", n = n, number = number));
    let reading = say!("plot-controls-reading", confidence = share(analysis.experiment.confidence));
    let reading = paragraph([Some(reading), left_out].into_iter().flatten());
    let title = say!("plot-controls");
    let heading = Heading { name: "controls".to_owned(), title, reading, values: rows.values(analysis) };
    let tips = Tips::default();
    let size = (WIDTH, HEAD + rows.height() + X_AXIS + BOTTOM);
    canvas::plot_with_tips(heading, size, &tips, |sheet| paint(sheet, analysis, &rows, &tips)).map(Some)
}

/// A pair with what lies between its sides.
type Step<'a> = (&'a Comparison, Estimate);

/// What stands in each row, from the top.
struct Rows<'a> {
    /// The pairs that differ in each setting, in the order of the first of these.
    settings: Vec<(String, Vec<Step<'a>>)>,
    left_out: usize,
    /// Room for the longest label, in CSS pixels.
    labels: i32,
}

impl<'a> Rows<'a> {
    fn of(analysis: &'a Analysis) -> Self {
        let trained = analysis.comparisons.iter().filter_map(|pair| Some((pair, pair.accuracy?)));
        let steps: Vec<Step> = trained.collect();
        let left_out = steps.len().saturating_sub(MOST_PAIRS);
        let drawn = furthest(steps, MOST_PAIRS, |(_, estimate)| estimate.mean.abs());
        let labels = drawn.iter().map(|(pair, _)| text_width(&label_of(analysis, pair))).max().unwrap_or(0) + LEFT + 8;
        let mut settings: Vec<(String, Vec<Step>)> = vec![];
        for step in drawn {
            let setting = capitalised(&setting_in_words(&step.0.difference.knob));
            match settings.iter_mut().find(|(known, _)| *known == setting) {
                Some((_, steps)) => steps.push(step),
                None => settings.push((setting, vec![step])),
            }
        }
        Self { settings, left_out, labels }
    }

    fn height(&self) -> i32 {
        let rows = |steps: &Vec<Step>| HEADING + ROW * i32::try_from(steps.len()).unwrap_or(0);
        self.settings.iter().map(|(_, steps)| rows(steps)).sum()
    }

    fn values(&self, analysis: &Analysis) -> String {
        let steps = self.settings.iter().flat_map(|(_, steps)| steps);
        say!("plot-values", values = clauses(&steps.map(|step| in_words(analysis, step)).collect::<Vec<_>>()))
    }
}

/// As many as there may be, those with the largest distances, in the order given.
fn furthest<T>(all: Vec<T>, most: usize, distance: impl Fn(&T) -> f64) -> Vec<T> {
    let mut ranked: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    ranked.sort_by(|(_, one), (_, other)| distance(other).total_cmp(&distance(one)));
    ranked.truncate(most);
    ranked.sort_by_key(|(place, _)| *place);
    ranked.into_iter().map(|(_, one)| one).collect()
}

/// From one variant to the other, each as far as it fits.
fn label_of(analysis: &Analysis, pair: &Comparison) -> String {
    let [from, to] = names(analysis, pair).map(|name| cut(&name, LONGEST_LABEL));
    say!("plot-controls-step", from = from, to = to)
}

fn names(analysis: &Analysis, pair: &Comparison) -> [String; 2] {
    [analysis.subtrahend(pair), analysis.minuend(pair)].map(|result| plain(&result.variant.label))
}

fn in_words(analysis: &Analysis, (pair, estimate): &Step) -> String {
    let [from, to] = names(analysis, pair);
    let step = say!("plot-controls-step", from = from, to = to);
    say!("plot-value", label = step, value = analysis.primary.show_difference(estimate.mean))
}

fn paint(sheet: &Sheet, analysis: &Analysis, rows: &Rows, tips: &Tips) -> Drawn {
    let height = f64::from(rows.height());
    let mut chart = ChartBuilder::on(sheet)
        .margin_top(px(HEAD))
        .margin_left(px(rows.labels))
        .margin_right(px(VALUES))
        .margin_bottom(px(BOTTOM))
        .x_label_area_size(px(X_AXIS))
        .build_cartesian_2d(finals::lowest(analysis)..finals::highest(analysis), 0.0..height)?;
    finals::draw_axis(&mut chart, analysis.primary)?;
    if let Some(chance) = analysis.chance {
        finals::draw_chance(sheet, &chart, chance.accuracy, height)?;
    }
    let mut y = HEAD;
    for (setting, steps) in &rows.settings {
        canvas::write(
            sheet,
            &cut(setting, 2 * LONGEST_LABEL),
            (px(LEFT), px(y + HEADING / 2 + 2)),
            12.0,
            MUTED,
            Align::Left,
        )?;
        y += HEADING;
        for step in steps {
            let place = |value: f64| (chart.backend_coord(&(value, 0.0)).0, px(y + ROW / 2));
            draw_step(sheet, analysis, step, place, tips)?;
            y += ROW;
        }
    }
    Ok(())
}

fn draw_step(sheet: &Sheet, analysis: &Analysis, step: &Step, place: impl Fn(f64) -> (i32, i32), tips: &Tips) -> Drawn {
    let (pair, estimate) = step;
    let is_shown = pair.shown() == Shown::Difference;
    let (_, y) = place(0.0);
    canvas::write(sheet, &label_of(analysis, pair), (px(LEFT), y), 12.5, INK, Align::Left)?;
    let sides = [(pair.subtrahend, analysis.subtrahend(pair)), (pair.minuend, analysis.minuend(pair))];
    let mean = |side: usize| Some(sides[side].1.estimate(analysis.primary)?.mean);
    if let Some((from, to)) = mean(0).zip(mean(1)) {
        let (colour, width) = if is_shown { (INK, 9) } else { (MUTED, 4) };
        canvas::line(sheet, vec![place(from), place(to)], colour, width)?;
        for ((index, _), mean) in sides.into_iter().zip([from, to]) {
            canvas::marker(sheet, Look::of(index), place(mean))?;
        }
        tips.add(place(to), &in_words(analysis, step));
    }
    let colour = if is_shown { INK } else { MUTED };
    let value = analysis.primary.show_difference(estimate.mean);
    canvas::write(sheet, &value, (px(WIDTH - 10), y), 12.5, colour, Align::Right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_least_far_apart_is_left_out_wherever_it_stands() {
        assert_eq!(furthest(vec![1.0, 5.0, 2.0, 9.0], 3, |one| *one), [5.0, 2.0, 9.0]);
        assert_eq!(furthest(vec![2.0, 2.0, 9.0], 2, |one| *one), [2.0, 9.0]);
        assert_eq!(furthest(vec![3.0, 1.0], 2, |one| *one), [3.0, 1.0]);
    }
}
