//! Learning curves: for each variant the mean over seeds, its interval as a band, and every seed as a thin line.

use plotters::coord::types::{RangedCoordf64, RangedCoordu32};
use plotters::prelude::*;

use super::Plot;
use super::canvas::{self, Drawn, Heading, Sheet, Tips, px};
use super::curve_grid;
use super::labels::{self, Kind, Label, REFERENCE_DASH};
use super::layers::MOST_LINES;
use super::palette::{GRID, INK, Look, MUTED};
use crate::bundle::series::Point;
use crate::config::{Metric, Role, Unit};
use crate::report::ReportError;
use crate::report::analysis::trial::Status;
use crate::report::analysis::{Analysis, VariantResult};
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::text::{clauses, paragraph, plain, share};
use crate::stats::{Estimate, Interval};

const WIDTH: i32 = 860;
const PLOT_HEIGHT: i32 = 330;
const TOP: i32 = 16;
const X_AXIS: i32 = 42;
/// Room between the axis descriptions and the edge.
const EDGE: i32 = 10;
const Y_AXIS: i32 = 62;
/// Losses above this multiple of a uniform guess's are drawn at the top edge, so that one explosion hides nothing else.
const LOSS_CEILING: f64 = 2.0;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordu32, RangedCoordf64>>;
pub type Line = Vec<(u32, f64)>;

/// What is drawn for one variant.
pub struct Curve {
    pub label: String,
    look: Look,
    pub mean: Vec<(u32, Estimate)>,
    /// One line per completed seed; empty when the mean is a single seed.
    pub seeds: Vec<Line>,
    /// One line per seed that diverged, as far as it got.
    pub diverged: Vec<Line>,
    pub reported: Option<f64>,
}

impl Curve {
    fn of(index: usize, result: &VariantResult, metric: Metric) -> Self {
        let lines = |wanted: fn(&Status) -> bool| -> Vec<Line> {
            let trials = result.trials.iter().filter(|trial| wanted(&trial.status));
            trials
                .map(|trial| trial.metrics.iter().filter_map(|m| Some((place(m), m.figure(metric)?))).collect::<Line>())
                .filter(|line| !line.is_empty())
                .collect()
        };
        let seeds = lines(|status| *status == Status::Completed);
        Self {
            label: plain(&result.variant.label),
            look: Look::of(index),
            mean: result.mean_curve(metric).into_iter().map(|(at, estimate)| (within(at), estimate)).collect(),
            seeds: if seeds.len() > 1 { seeds } else { vec![] },
            diverged: lines(|status| matches!(status, Status::Diverged { .. })),
            reported: result.variant.reported.of(metric),
        }
    }

    fn end(&self) -> Option<(u32, f64)> {
        let mean = self.mean.last().map(|(epoch, estimate)| (*epoch, estimate.mean));
        mean.or_else(|| self.diverged.iter().filter_map(|line| line.last()).max_by_key(|(epoch, _)| *epoch).copied())
    }

    fn highest(&self) -> impl Iterator<Item = f64> {
        let means = self.mean.iter().map(|(_, estimate)| estimate.mean);
        let seeds = self.seeds.iter().flatten().map(|(_, value)| *value);
        means.chain(seeds).chain(self.reported)
    }
}

/// Everything a plot of one metric shows.
pub struct Figure {
    pub metric: Metric,
    pub curves: Vec<Curve>,
    /// What guessing gives, and how to call it.
    pub guess: Option<(f64, String)>,
    pub epochs: u32,
    pub top: f64,
    /// Zero, or below what lies below it.
    pub bottom: f64,
}

pub fn draw(analysis: &Analysis, metric: Metric, name: &str, title: String) -> Result<Plot, ReportError> {
    let figure = Figure::of(analysis, metric);
    let reading = figure.reading(analysis.experiment.confidence);
    let heading = Heading { name: name.to_owned(), title, reading, values: figure.values() };
    if figure.curves.len() > MOST_LINES {
        return curve_grid::draw(&figure, heading);
    }
    let texts: Vec<String> = figure.texts();
    let column = labels::column_width(texts.iter().map(String::as_str));
    let height = PLOT_HEIGHT.max(i32::try_from(texts.len()).unwrap_or(0) * labels::LINE_HEIGHT) + TOP + X_AXIS + EDGE;
    let tips = Tips::default();
    canvas::plot_with_tips(heading, (WIDTH, height), &tips, |sheet| figure.paint(sheet, column, &tips))
}

impl Figure {
    fn of(analysis: &Analysis, metric: Metric) -> Self {
        let curves: Vec<_> =
            analysis.variants.iter().enumerate().map(|(index, result)| Curve::of(index, result, metric)).collect();
        let chance = |value: f64| (value, say!("plot-chance", value = metric.show(value)));
        let guess = match metric.role() {
            Role::TestAccuracy | Role::TrainingAccuracy => analysis.chance.map(|known| chance(known.accuracy)),
            Role::TestLoss | Role::TrainingLoss => analysis.chance.and_then(|chance| {
                let uniform = chance.uniform_loss?;
                Some((uniform, say!("plot-uniform-guess", value = metric.show(uniform))))
            }),
            Role::None => metric.chance().map(chance),
        };
        let highest = curves.iter().flat_map(Curve::highest).chain(guess.iter().map(|(value, _)| *value));
        let highest = highest.fold(0.0, f64::max);
        let ceiling = match (&guess, metric.role()) {
            (_, _) if is_accuracy(metric) => 1.0,
            (Some((uniform, _)), Role::TestLoss | Role::TrainingLoss) => uniform * LOSS_CEILING,
            _ => f64::MAX,
        };
        let top = if highest > 0.0 { (highest * 1.08).min(ceiling) } else { 1.0 };
        let planned = analysis.experiment.native_variants().map(|variant| variant.train.epochs).max().unwrap_or(1);
        let points = curves.iter().flat_map(|curve| {
            curve.mean.iter().map(|(at, _)| *at).chain(curve.diverged.iter().flatten().map(|(at, _)| *at))
        });
        let epochs = points.max().unwrap_or(1).max(planned).max(1);
        let bottom = curves.iter().flat_map(Curve::highest).fold(0.0, f64::min) * 1.08;
        Self { metric, curves, guess, epochs, top, bottom }
    }

    fn reading(&self, confidence: f64) -> String {
        let reading = say!("plot-curves-reading", confidence = share(confidence));
        let diverged = self.curves.iter().flat_map(|curve| curve.diverged.iter().flatten().map(|(_, value)| *value));
        let clipped = self.curves.iter().flat_map(Curve::highest).chain(diverged).any(|value| value > self.top);
        if clipped {
            paragraph([reading, say!("plot-values-above", top = self.metric.show(self.top))])
        } else {
            reading
        }
    }

    fn values(&self) -> String {
        let ends = self.curves.iter().map(|curve| match (curve.mean.last(), curve.end()) {
            (Some((epoch, last)), _) => {
                let value = self.metric.show(last.mean);
                say!("plot-curve-end", label = &curve.label, value = value, epoch = epoch.to_string())
            }
            (None, Some((epoch, _))) => {
                say!("plot-curve-diverged", label = &curve.label, epoch = epoch.to_string())
            }
            (None, None) => say!("plot-curve-missing", label = &curve.label),
        });
        say!("plot-values", values = clauses(&ends.collect::<Vec<_>>()))
    }

    fn paint(&self, sheet: &Sheet, column: i32, tips: &Tips) -> Drawn {
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(px(TOP))
            .margin_right(px(column))
            .margin_bottom(px(EDGE))
            .margin_left(px(EDGE))
            .x_label_area_size(px(X_AXIS))
            .y_label_area_size(px(Y_AXIS))
            .build_cartesian_2d(0..self.epochs, self.bottom..self.top)?;
        self.draw_axes(&mut chart)?;
        let (right, bottom) = chart.backend_coord(&(self.epochs, self.bottom));
        for value in self.references() {
            self.draw_reference(sheet, &chart, value)?;
        }
        for curve in &self.curves {
            self.draw_spread(&mut chart, curve)?;
        }
        for curve in &self.curves {
            self.draw_mean(&mut chart, curve)?;
        }
        for curve in &self.curves {
            self.draw_ends(sheet, &chart, curve)?;
        }
        for curve in &self.curves {
            self.add_tips(curve, |epoch, value| chart.backend_coord(&(epoch, self.inside(value))), tips);
        }
        labels::draw(sheet, &self.labels(&chart, right), right, (px(TOP), bottom))
    }

    /// One at the mean of every epoch.
    fn add_tips(&self, curve: &Curve, place: impl Fn(u32, f64) -> (i32, i32), tips: &Tips) {
        for (epoch, estimate) in &curve.mean {
            tips.add(place(*epoch, estimate.mean), &self.tip(curve, *epoch, estimate.mean));
        }
    }

    pub fn tip(&self, curve: &Curve, epoch: u32, value: f64) -> String {
        say!("plot-curve-end", label = &curve.label, value = self.metric.show(value), epoch = epoch.to_string())
    }

    /// What the axes count.
    fn axes(&self) -> (String, String) {
        let y = match self.metric.role() {
            Role::TestAccuracy | Role::TrainingAccuracy => say!("plot-accuracy"),
            Role::TestLoss | Role::TrainingLoss => say!("plot-cross-entropy"),
            Role::None => self.metric.in_words(),
        };
        (say!("plot-epoch"), y)
    }

    fn draw_axes(&self, chart: &mut Chart) -> Drawn {
        let metric = self.metric;
        let y_label = |value: &f64| metric.tick(*value);
        let (x, y) = self.axes();
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID.stroke_width(4))
            .light_line_style(TRANSPARENT)
            .axis_style(MUTED.stroke_width(4))
            .label_style(canvas::muted_font(12.0))
            .axis_desc_style(canvas::font(13.0).color(&INK))
            .x_labels(self.epochs.min(12) as usize + 1)
            .y_labels(6)
            .x_desc(x)
            .y_desc(y)
            .y_label_formatter(&y_label)
            .draw()
    }

    /// Each reference value once, with its colour: several variants may be reported at the same figure.
    fn references(&self) -> Vec<(f64, RGBColor)> {
        let reported = self.curves.iter().filter_map(|curve| Some((curve.reported?, curve.look.colour)));
        self.guess.iter().map(|(value, _)| (*value, MUTED)).chain(reported).collect()
    }

    fn draw_reference(&self, sheet: &Sheet, chart: &Chart, (value, colour): (f64, RGBColor)) -> Drawn {
        let y = value.min(self.top);
        let (from, to) = (chart.backend_coord(&(0, y)), chart.backend_coord(&(self.epochs, y)));
        canvas::dashed_line(sheet, from, to, REFERENCE_DASH, colour.stroke_width(6))
    }

    fn draw_spread(&self, chart: &mut Chart, curve: &Curve) -> Drawn {
        let band: Vec<_> = curve.mean.iter().filter_map(|(epoch, e)| Some((*epoch, e.interval?))).collect();
        let upper = band.iter().map(|(epoch, Interval { upper, .. })| (*epoch, self.inside(*upper)));
        let lower = band.iter().rev().map(|(epoch, Interval { lower, .. })| (*epoch, self.inside(*lower)));
        let outline: Vec<_> = upper.chain(lower).collect();
        if band.len() > 1 {
            chart.draw_series([Polygon::new(outline, curve.look.colour.mix(0.16))])?;
        }
        for line in curve.seeds.iter().chain(&curve.diverged) {
            let points = line.iter().map(|(epoch, value)| (*epoch, self.inside(*value)));
            chart.draw_series(LineSeries::new(points, curve.look.colour.mix(0.45).stroke_width(4)))?;
        }
        Ok(())
    }

    fn draw_mean(&self, chart: &mut Chart, curve: &Curve) -> Drawn {
        let points: Line = curve.mean.iter().map(|(epoch, estimate)| (*epoch, self.inside(estimate.mean))).collect();
        let style = curve.look.colour.stroke_width(9);
        match curve.look.dash {
            None => chart.draw_series(LineSeries::new(points, style))?,
            Some((dash, gap)) => chart.draw_series(DashedLineSeries::new(
                points,
                px(dash).unsigned_abs(),
                px(gap).unsigned_abs(),
                style,
            ))?,
        };
        Ok(())
    }

    fn draw_ends(&self, sheet: &Sheet, chart: &Chart, curve: &Curve) -> Drawn {
        for (epoch, value) in curve.diverged.iter().filter_map(|line| line.last()) {
            canvas::cross(sheet, chart.backend_coord(&(*epoch, self.inside(*value))), curve.look.colour)?;
        }
        if let Some((epoch, last)) = curve.mean.last() {
            canvas::marker(sheet, curve.look, chart.backend_coord(&(*epoch, self.inside(last.mean))))?;
        }
        Ok(())
    }

    fn labels(&self, chart: &Chart, right: i32) -> Vec<Label> {
        let edge = |value: f64| (right, chart.backend_coord(&(0, value.min(self.top))).1);
        let mut labels = vec![];
        for curve in &self.curves {
            if let Some((epoch, value)) = curve.end() {
                let end = chart.backend_coord(&(epoch, self.inside(value)));
                labels.push(Label { text: curve_text(curve), end, kind: Kind::Series(curve.look) });
            }
            if let Some(reported) = curve.reported {
                let text = reported_text(self.metric, reported);
                labels.push(Label { text, end: edge(reported), kind: Kind::Reference(curve.look.colour) });
            }
        }
        let guess = self.guess.iter().map(|(value, text)| Label {
            text: text.clone(),
            end: edge(*value),
            kind: Kind::Reference(MUTED),
        });
        labels.extend(guess);
        labels
    }

    /// All label texts, to reserve room before the chart exists.
    fn texts(&self) -> Vec<String> {
        let ended = self.curves.iter().filter(|curve| curve.end().is_some()).map(curve_text);
        let reported = self.curves.iter().filter_map(|curve| Some(reported_text(self.metric, curve.reported?)));
        ended.chain(reported).chain(self.guess.iter().map(|(_, text)| text.clone())).collect()
    }

    fn inside(&self, value: f64) -> f64 {
        value.clamp(self.bottom, self.top)
    }
}

/// Where a point stands; no axis is longer than this.
fn place(point: &Point) -> u32 {
    within(point.at)
}

fn within(at: u64) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub fn is_accuracy(metric: Metric) -> bool {
    metric.unit() == Unit::Fraction
}

fn curve_text(curve: &Curve) -> String {
    let label = labels::shortened(&curve.label);
    if curve.mean.is_empty() { say!("plot-diverged", label = label) } else { label }
}

fn reported_text(metric: Metric, reported: f64) -> String {
    say!("plot-reported", value = metric.show(reported))
}
