//! Learning curves of many variants: a small panel each, all with the same axes.

use plotters::style::Color;

use super::Plot;
use super::axis::Axis;
use super::canvas::{self, Align, Drawn, Heading, Sheet, Tips, px};
use super::curves::{Curve, Figure, is_accuracy};
use super::frame::Frame;
use super::grid::{self, Cell};
use super::labels::REFERENCE_DASH;
use super::palette::{INK, Look, MUTED};
use crate::report::ReportError;
use crate::report::language::say;
use crate::stats::Interval;

pub fn draw(figure: &Figure, heading: Heading) -> Result<Plot, ReportError> {
    let size = grid::size(figure.curves.len());
    let tips = Tips::default();
    canvas::plot_with_tips(heading, size, &tips, |sheet| {
        let keys = [say!("plot-mean-over-seeds"), say!("plot-reported-by-source")];
        let has_reported = figure.curves.iter().any(|curve| curve.reported.is_some());
        let guess = figure.guess.as_ref().map(|(_, text)| text.as_str());
        grid::key(sheet, if has_reported { &keys } else { &keys[..1] }, guess)?;
        for (cell, curve) in grid::cells(figure.curves.len()).into_iter().zip(&figure.curves) {
            paint(sheet, figure, &cell, curve, &tips)?;
        }
        let name = if is_accuracy(figure.metric) {
            say!("plot-accuracy-over-epochs")
        } else {
            say!("plot-cross-entropy-over-epochs")
        };
        canvas::write(sheet, &name, (px(grid::LEFT), px(size.1 - 13)), 13.0, INK, Align::Left)
    })
}

fn paint(sheet: &Sheet, figure: &Figure, cell: &Cell, curve: &Curve, tips: &Tips) -> Drawn {
    let axis = Axis::up_to(figure.top, is_accuracy(figure.metric));
    let columns = (0.0, f64::from(figure.epochs));
    let frame = Frame { left: cell.left, right: cell.right, top: cell.top, bottom: cell.bottom, axis, columns };
    let (mean, reported) = (Look::of(0), Look::of(1));
    frame.title(sheet, &grid::title(&title(curve)), 12.5)?;
    frame.grid(sheet, cell.is_first_column)?;
    frame.ticks(sheet, &ticks(figure.epochs), cell.is_last_row)?;
    if let Some((value, _)) = figure.guess {
        frame.reference(sheet, value, REFERENCE_DASH, MUTED)?;
    }
    if let Some((value, dash)) = curve.reported.zip(reported.dash) {
        frame.reference(sheet, value, dash, reported.colour)?;
    }
    frame.band(sheet, &band(curve), mean.colour.mix(0.16))?;
    for line in curve.seeds.iter().chain(&curve.diverged) {
        frame.line(sheet, &numbers(line), None, mean.colour.mix(0.45).stroke_width(4))?;
    }
    let line: Vec<_> = curve.mean.iter().map(|(epoch, estimate)| (f64::from(*epoch), estimate.mean)).collect();
    frame.line(sheet, &line, None, mean.colour.stroke_width(9))?;
    if let Some((epoch, last)) = curve.mean.last() {
        let place = frame.place(f64::from(*epoch), last.mean.min(figure.top));
        tips.add(place, &figure.tip(curve, *epoch, last.mean));
    }
    for (epoch, value) in curve.diverged.iter().filter_map(|line| line.last()) {
        canvas::cross(sheet, frame.place(f64::from(*epoch), *value), mean.colour)?;
    }
    Ok(())
}

fn title(curve: &Curve) -> String {
    let is_diverged = curve.mean.is_empty() && !curve.diverged.is_empty();
    if is_diverged { say!("plot-diverged", label = &curve.label) } else { curve.label.clone() }
}

fn band(curve: &Curve) -> Vec<(f64, f64, f64)> {
    let with_interval = curve.mean.iter().filter_map(|(epoch, estimate)| {
        let Interval { lower, upper } = estimate.interval?;
        Some((f64::from(*epoch), lower, upper))
    });
    with_interval.collect()
}

fn numbers(line: &[(u32, f64)]) -> Vec<(f64, f64)> {
    line.iter().map(|(epoch, value)| (f64::from(*epoch), *value)).collect()
}

/// At most six, at whole epochs.
fn ticks(epochs: u32) -> Vec<(f64, String)> {
    let step = epochs.div_ceil(5).max(1);
    (0..=epochs).filter(|epoch| epoch % step == 0).map(|epoch| (f64::from(epoch), epoch.to_string())).collect()
}
