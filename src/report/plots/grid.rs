//! Small multiples: a panel for each variant, all with the same axes, and one key for all of them.

use super::canvas::{self, Align, Drawn, Sheet, px};
use super::labels::{self, REFERENCE_DASH, text_width};
use super::palette::{INK, Look, MUTED};
use plotters::style::Color;

const WIDTH: i32 = 860;
pub const LEFT: i32 = 56;
const RIGHT: i32 = 14;
const COLUMNS: usize = 3;
const GAP: i32 = 22;
const KEY: i32 = 30;
const CELL_HEAD: i32 = 30;
const CELL: i32 = 124;
const CELL_FOOT: i32 = 12;
const FOOT: i32 = 46;

/// Longer titles would run into the next panel.
const LONGEST_TITLE: usize = 40;

/// A panel's title as far as it fits.
pub fn title(label: &str) -> String {
    labels::cut(label, LONGEST_TITLE)
}

/// One panel's place in CSS pixels.
pub struct Cell {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
    pub is_first_column: bool,
    /// Nothing stands below it.
    pub is_last_row: bool,
}

/// Width and height of a plot with this many panels.
pub fn size(panels: usize) -> (i32, i32) {
    let rows = i32::try_from(panels.div_ceil(COLUMNS)).unwrap_or(1);
    (WIDTH, KEY + rows * (CELL_HEAD + CELL + CELL_FOOT) + FOOT)
}

pub fn cells(panels: usize) -> Vec<Cell> {
    let columns = i32::try_from(COLUMNS).unwrap_or(1);
    let width = (WIDTH - LEFT - RIGHT - GAP * (columns - 1)) / columns;
    (0..panels)
        .map(|index| {
            let row = i32::try_from(index / COLUMNS).unwrap_or(0);
            let column = i32::try_from(index % COLUMNS).unwrap_or(0);
            let left = LEFT + column * (width + GAP);
            let top = KEY + row * (CELL_HEAD + CELL + CELL_FOOT) + CELL_HEAD;
            Cell {
                left,
                right: left + width,
                top,
                bottom: top + CELL,
                is_first_column: column == 0,
                is_last_row: index + COLUMNS >= panels,
            }
        })
        .collect()
}

/// What the lines of all panels mean, and the reference line.
pub fn key(sheet: &Sheet, lines: &[String], reference: Option<&str>) -> Drawn {
    let (mut x, y) = (LEFT, px(KEY / 2));
    for (index, line) in lines.iter().enumerate() {
        let look = Look::of(index);
        let (from, to) = ((px(x), y), (px(x + 28), y));
        match look.dash {
            None => canvas::line(sheet, vec![from, to], look.colour, 9)?,
            Some(dash) => canvas::dashed_line(sheet, from, to, dash, look.colour.stroke_width(9))?,
        }
        canvas::write(sheet, line, (px(x + 36), y), 12.5, INK, Align::Left)?;
        x += 36 + text_width(line) + 24;
    }
    if let Some(reference) = reference {
        canvas::dashed_line(sheet, (px(x), y), (px(x + 28), y), REFERENCE_DASH, MUTED.stroke_width(6))?;
        canvas::write(sheet, reference, (px(x + 36), y), 12.5, MUTED, Align::Left)?;
    }
    Ok(())
}
