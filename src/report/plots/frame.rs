//! One panel of a plot: a rectangle with grid lines, ticks and a title, in which points have a place.

use plotters::prelude::*;

use super::axis::Axis;
use super::canvas::{self, Align, Drawn, Sheet, px};
use super::labels::text_width;
use super::palette::{GRID, INK, MUTED};

/// Where a panel stands on the sheet, in CSS pixels, and what its axes cover.
pub struct Frame {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
    pub axis: Axis,
    /// Positions along the horizontal axis.
    pub columns: (f64, f64),
}

impl Frame {
    /// In the units of the sheet.
    pub fn place(&self, column: f64, value: f64) -> (i32, i32) {
        let (first, last) = self.columns;
        let across = if last > first { (column - first) / (last - first) } else { 0.5 };
        let (left, right) = (f64::from(px(self.left)), f64::from(px(self.right)));
        let (top, bottom) = (f64::from(px(self.top)), f64::from(px(self.bottom)));
        let x = left + across * (right - left);
        let y = bottom - self.axis.at(value) * (bottom - top);
        (x.round() as i32, y.round() as i32)
    }

    pub fn title(&self, sheet: &Sheet, title: &str, size: f64) -> Drawn {
        canvas::write(sheet, title, (px(self.left), px(self.top - 14)), size, INK, Align::Left)
    }

    /// Horizontal grid lines, with their labels on the left where `labelled`.
    pub fn grid(&self, sheet: &Sheet, labelled: bool) -> Drawn {
        for (value, label) in self.axis.ticks() {
            let (_, y) = self.place(self.columns.0, value);
            canvas::line(sheet, vec![(px(self.left), y), (px(self.right), y)], GRID, 4)?;
            if labelled {
                canvas::write(sheet, &label, (px(self.left - 8), y), 12.0, MUTED, Align::Right)?;
            }
        }
        let base = vec![(px(self.left), px(self.bottom)), (px(self.right), px(self.bottom))];
        canvas::line(sheet, base, MUTED, 4)
    }

    /// Ticks below the panel. Labels that would touch one already written are left out; the last is written first.
    pub fn ticks(&self, sheet: &Sheet, ticks: &[(f64, String)], labelled: bool) -> Drawn {
        for (column, _) in ticks {
            let (x, _) = self.place(*column, 0.0);
            canvas::line(sheet, vec![(x, px(self.bottom)), (x, px(self.bottom + 4))], MUTED, 4)?;
        }
        if !labelled {
            return Ok(());
        }
        let mut taken: Vec<(i32, i32)> = vec![];
        for (column, label) in ticks.last().into_iter().chain(ticks) {
            let (x, _) = self.place(*column, 0.0);
            let half = px(text_width(label)) / 2 + px(2);
            // Labels at the ends stay out of the neighbouring panel.
            let x = x.min(px(self.right + 6) - half).max(px(self.left - 6) + half);
            if taken.iter().any(|(from, to)| x + half > *from && x - half < *to) {
                continue;
            }
            taken.push((x - half, x + half));
            canvas::write(sheet, label, (x, px(self.bottom + 15)), 12.0, MUTED, Align::Centre)?;
        }
        Ok(())
    }

    /// A horizontal line at a value that the axis shows.
    pub fn reference(&self, sheet: &Sheet, value: f64, dash: (i32, i32), colour: RGBColor) -> Drawn {
        if !self.axis.shows(value) {
            return Ok(());
        }
        let (_, y) = self.place(self.columns.0, value);
        canvas::dashed_line(sheet, (px(self.left), y), (px(self.right), y), dash, colour.stroke_width(6))
    }

    /// A filled area between two lines over the same columns.
    pub fn band(&self, sheet: &Sheet, band: &[(f64, f64, f64)], fill: RGBAColor) -> Drawn {
        let upper = band.iter().map(|(column, _, upper)| self.place(*column, *upper));
        let lower = band.iter().rev().map(|(column, lower, _)| self.place(*column, *lower));
        let outline: Vec<_> = upper.chain(lower).collect();
        if band.len() > 1 { sheet.draw(&Polygon::new(outline, fill)) } else { Ok(()) }
    }

    /// A line, dashed or not.
    pub fn line(&self, sheet: &Sheet, line: &[(f64, f64)], dash: Option<(i32, i32)>, style: ShapeStyle) -> Drawn {
        let points: Vec<_> = line.iter().map(|(column, value)| self.place(*column, *value)).collect();
        match dash {
            Some(dash) if points.len() > 1 => canvas::dashed_path(sheet, points, dash, style),
            _ => sheet.draw(&PathElement::new(points, style)),
        }
    }
}
