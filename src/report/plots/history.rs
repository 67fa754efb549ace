//! A figure over the runs of an experiment: a panel for each variant, a mark with its interval for each run.

use plotters::style::Color;

use super::Plot;
use super::axis::Axis;
use super::canvas::{self, Align, Drawn, Heading, Sheet, px};
use super::frame::Frame;
use super::grid::{self, Cell};
use super::palette::{INK, Look};
use crate::report::ReportError;
use crate::report::language::say;
use crate::stats::Interval;

/// What is drawn; shares in [0, 1].
pub struct History {
    pub name: String,
    pub title: String,
    pub reading: String,
    pub values: String,
    pub runs: usize,
    pub panels: Vec<Panel>,
}

pub struct Panel {
    pub title: String,
    /// Number of the run from 1, mean, and interval where there is one.
    pub points: Vec<(usize, f64, Option<Interval>)>,
}

impl History {
    /// # Errors
    /// When plotters cannot lay it out.
    pub fn draw(self) -> Result<Plot, ReportError> {
        let Self { name, title, reading, values, runs, panels } = self;
        let size = grid::size(panels.len());
        let highest = panels
            .iter()
            .flat_map(|panel| &panel.points)
            .map(|(_, mean, interval)| interval.map_or(*mean, |interval| interval.upper.max(*mean)));
        let axis = Axis::shares(highest);
        canvas::plot(Heading { name, title, reading, values }, size, |sheet| {
            for (cell, panel) in grid::cells(panels.len()).into_iter().zip(&panels) {
                paint(sheet, axis, &cell, panel, runs)?;
            }
            let below = (px(grid::LEFT), px(size.1 - 13));
            canvas::write(sheet, &say!("site-plot-axis"), below, 13.0, INK, Align::Left)
        })
    }
}

fn paint(sheet: &Sheet, axis: Axis, cell: &Cell, panel: &Panel, runs: usize) -> Drawn {
    let columns = (0.5, runs as f64 + 0.5);
    let frame = Frame { left: cell.left, right: cell.right, top: cell.top, bottom: cell.bottom, axis, columns };
    let look = Look::of(0);
    frame.title(sheet, &grid::title(&panel.title), 12.5)?;
    frame.grid(sheet, cell.is_first_column)?;
    let ticks: Vec<_> = (1..=runs).map(|run| (run as f64, run.to_string())).collect();
    frame.ticks(sheet, &ticks, cell.is_last_row)?;
    let line: Vec<_> = panel.points.iter().map(|(run, mean, _)| (*run as f64, *mean)).collect();
    frame.line(sheet, &line, None, look.colour.mix(0.45).stroke_width(5))?;
    for (run, mean, interval) in &panel.points {
        let run = *run as f64;
        if let Some(interval) = interval {
            let bar = vec![frame.place(run, interval.lower), frame.place(run, interval.upper)];
            canvas::line(sheet, bar, look.colour, 6)?;
        }
        canvas::marker(sheet, look, frame.place(run, *mean))?;
    }
    Ok(())
}
