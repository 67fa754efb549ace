//! Figures of every layer, in the order of the forward pass, or over some sizes: a line for each variant with its range.
//!
//! Few variants share one panel for each condition; many get a small panel each, with the conditions as its lines.

use plotters::prelude::*;

use super::Plot;
use super::axis::Axis;
use super::canvas::{self, Align, Drawn, Heading, Sheet, Tips, px};
use super::frame::Frame;
use super::grid::{self, Cell};
use super::labels::{self, Kind, Label, REFERENCE_DASH};
use super::palette::{INK, Look, MUTED};
use crate::report::ReportError;
use crate::report::language::say;
use crate::report::probes::spread::Spread;
use crate::report::text::magnitude;

const WIDTH: i32 = 860;
const LEFT: i32 = 64;
const PANEL: i32 = 240;
const PANEL_HEAD: i32 = 46;
const PANEL_FOOT: i32 = 30;
const FOOT: i32 = 26;
/// Every so many layers a line carries its marker.
const MARKER_EVERY: usize = 9;
const MOST_TICKS_IN_CELL: usize = 5;
/// More lines than this in one panel cannot be told apart.
pub const MOST_LINES: usize = 8;

/// What is measured under one condition, such as before training.
pub struct Condition {
    pub title: String,
    pub series: Vec<Series>,
}

/// One variant's line.
pub struct Series {
    pub label: String,
    /// The variant's place in the experiment: it looks the same in every plot.
    pub variant: usize,
    /// (index of the layer, figure), in order.
    pub points: Vec<(usize, Spread)>,
    /// (index of the layer, what the figure cannot exceed), in order; empty where nothing says so.
    pub ceiling: Vec<(usize, f64)>,
}

/// A level to hold values against, with its label.
pub type Mark = (f64, String);

/// Everything a plot over layers shows.
pub struct LayerPlot {
    /// In words, where it is not layers that stand side by side.
    pub across: Option<String>,
    /// What stands side by side, by name.
    pub layers: Vec<String>,
    pub conditions: Vec<Condition>,
    pub axis: Axis,
    pub mark: Option<Mark>,
}

impl LayerPlot {
    pub fn draw(&self, heading: Heading) -> Result<Plot, ReportError> {
        let most = self.conditions.iter().map(|condition| condition.series.len()).max().unwrap_or(0);
        if most > MOST_LINES { self.draw_multiples(heading) } else { self.draw_panels(heading) }
    }

    fn draw_panels(&self, heading: Heading) -> Result<Plot, ReportError> {
        let column = labels::column_width(self.texts().iter().map(String::as_str));
        let panels = i32::try_from(self.conditions.len()).unwrap_or(1);
        let height = panels * (PANEL_HEAD + PANEL + PANEL_FOOT) + FOOT;
        let tips = Tips::default();
        canvas::plot_with_tips(heading, (WIDTH, height), &tips, |sheet| {
            for (index, condition) in (0..).zip(&self.conditions) {
                let top = index * (PANEL_HEAD + PANEL + PANEL_FOOT) + PANEL_HEAD;
                let frame = self.frame((LEFT, WIDTH - column), (top, top + PANEL));
                self.paint_panel(sheet, &frame, condition, &tips)?;
            }
            self.write_axis_name(sheet, (LEFT, height - FOOT / 2))
        })
    }

    fn frame(&self, (left, right): (i32, i32), (top, bottom): (i32, i32)) -> Frame {
        let last = self.layers.len().saturating_sub(1) as f64;
        Frame { left, right, top, bottom, axis: self.axis, columns: (-0.5, last + 0.5) }
    }

    fn paint_panel(&self, sheet: &Sheet, frame: &Frame, condition: &Condition, tips: &Tips) -> Drawn {
        frame.title(sheet, &condition.title, 14.0)?;
        frame.grid(sheet, true)?;
        frame.ticks(sheet, &self.ticks(), true)?;
        if let Some((value, _)) = self.mark {
            frame.reference(sheet, value, REFERENCE_DASH, MUTED)?;
        }
        for series in &condition.series {
            let look = Look::of(series.variant);
            paint_range(sheet, frame, series, look.colour)?;
            paint_mean(sheet, frame, series, look.colour, look.dash)?;
            paint_ceiling(sheet, frame, series, look.colour)?;
        }
        for series in &condition.series {
            let every = if self.across.is_some() { 1 } else { MARKER_EVERY };
            for (layer, mean) in marked(series, every) {
                let place = frame.place(layer as f64, mean);
                canvas::marker(sheet, Look::of(series.variant), place)?;
                let (label, value, layer) = (&series.label, magnitude(mean), &self.layers[layer]);
                tips.add(place, &say!("plot-value-at", label = label, value = value, place = layer));
            }
        }
        let right = px(frame.right);
        labels::draw(sheet, &self.labels(frame, condition), right, (px(frame.top), px(frame.bottom)))
    }

    fn labels(&self, frame: &Frame, condition: &Condition) -> Vec<Label> {
        let ends = condition.series.iter().filter_map(|series| {
            let (layer, spread) = series.points.last()?;
            let end = frame.place(*layer as f64, spread.mean);
            let text = labels::shortened(&series.label);
            Some(Label { text, end, kind: Kind::Series(Look::of(series.variant)) })
        });
        let mark = self.mark.iter().filter(|(value, _)| self.axis.shows(*value)).map(|(value, text)| Label {
            text: text.clone(),
            end: (px(frame.right), frame.place(0.0, *value).1),
            kind: Kind::Reference(MUTED),
        });
        ends.chain(mark).collect()
    }

    fn texts(&self) -> Vec<String> {
        let series = self.conditions.iter().flat_map(|condition| &condition.series);
        let mark = self.mark.iter().map(|(_, text)| text.clone());
        series.map(|series| labels::shortened(&series.label)).chain(mark).collect()
    }

    fn draw_multiples(&self, heading: Heading) -> Result<Plot, ReportError> {
        let variants = self.variants();
        let keys: Vec<_> = self.conditions.iter().map(|condition| condition.title.clone()).collect();
        let mark = self.mark.as_ref().map(|(_, text)| text.clone());
        let size = grid::size(variants.len());
        canvas::plot(heading, size, |sheet| {
            grid::key(sheet, &keys, mark.as_deref())?;
            for (cell, (variant, label)) in grid::cells(variants.len()).into_iter().zip(&variants) {
                self.paint_cell(sheet, &cell, *variant, label)?;
            }
            self.write_axis_name(sheet, (grid::LEFT, size.1 - FOOT / 2))
        })
    }

    fn paint_cell(&self, sheet: &Sheet, cell: &Cell, variant: usize, label: &str) -> Drawn {
        let frame = self.frame((cell.left, cell.right), (cell.top, cell.bottom));
        frame.title(sheet, &grid::title(label), 12.5)?;
        frame.grid(sheet, cell.is_first_column)?;
        frame.ticks(sheet, &thinned(self.ticks()), cell.is_last_row)?;
        if let Some((value, _)) = self.mark {
            frame.reference(sheet, value, REFERENCE_DASH, MUTED)?;
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            let look = Look::of(index);
            for series in condition.series.iter().filter(|series| series.variant == variant) {
                paint_range(sheet, &frame, series, look.colour)?;
                paint_mean(sheet, &frame, series, look.colour, look.dash)?;
                paint_ceiling(sheet, &frame, series, look.colour)?;
            }
        }
        Ok(())
    }

    /// Every variant with a line, in the order of the experiment.
    fn variants(&self) -> Vec<(usize, String)> {
        let mut variants: Vec<(usize, String)> = vec![];
        for series in self.conditions.iter().flat_map(|condition| &condition.series) {
            if variants.iter().all(|(known, _)| *known != series.variant) {
                variants.push((series.variant, series.label.clone()));
            }
        }
        variants.sort_by_key(|(variant, _)| *variant);
        variants
    }

    /// One at the first layer of every block, labelled by its number; other layers by their names.
    fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks: Vec<(f64, String)> = vec![];
        for (index, layer) in self.layers.iter().enumerate() {
            let group = block(layer).unwrap_or(layer);
            if ticks.last().is_none_or(|(_, known)| known != group) {
                ticks.push((index as f64, group.to_owned()));
            }
        }
        ticks
    }

    fn write_axis_name(&self, sheet: &Sheet, (x, y): (i32, i32)) -> Drawn {
        let name = if let Some(across) = &self.across {
            across.clone()
        } else if self.layers.iter().any(|layer| block(layer).is_some()) {
            say!("plot-layers-in-blocks")
        } else {
            say!("plot-layers")
        };
        canvas::write(sheet, &name, (px(x), px(y)), 13.0, INK, Align::Left)
    }
}

/// A few of them, the first and the last included: a small panel has no room for more.
fn thinned(ticks: Vec<(f64, String)>) -> Vec<(f64, String)> {
    let last = ticks.len().saturating_sub(1);
    let step = last.div_ceil(MOST_TICKS_IN_CELL).max(1);
    let is_kept = |index: usize| index == last || (index.is_multiple_of(step) && index + step / 2 < last);
    ticks.into_iter().enumerate().filter(|(index, _)| is_kept(*index)).map(|(_, tick)| tick).collect()
}

/// The number of the block a layer is in.
fn block(layer: &str) -> Option<&str> {
    layer.strip_prefix("block ")?.split(' ').next()
}

fn paint_range(sheet: &Sheet, frame: &Frame, series: &Series, colour: RGBColor) -> Drawn {
    let is_spread = series.points.iter().any(|(_, spread)| spread.n > 1);
    let band: Vec<_> = series.points.iter().map(|(layer, spread)| (*layer as f64, spread.min, spread.max)).collect();
    if is_spread { frame.band(sheet, &band, colour.mix(0.16)) } else { Ok(()) }
}

fn paint_mean(sheet: &Sheet, frame: &Frame, series: &Series, colour: RGBColor, dash: Option<(i32, i32)>) -> Drawn {
    let line: Vec<_> = series.points.iter().map(|(layer, spread)| (*layer as f64, spread.mean)).collect();
    frame.line(sheet, &line, dash, colour.stroke_width(8))
}

fn paint_ceiling(sheet: &Sheet, frame: &Frame, series: &Series, colour: RGBColor) -> Drawn {
    let line: Vec<_> = series.ceiling.iter().map(|(layer, value)| (*layer as f64, *value)).collect();
    if line.is_empty() { Ok(()) } else { frame.line(sheet, &line, Some(REFERENCE_DASH), colour.stroke_width(5)) }
}

/// The points of a line that carry a marker: every so many, and the last.
fn marked(series: &Series, every: usize) -> impl Iterator<Item = (usize, f64)> {
    let last = series.points.len().saturating_sub(1);
    // Different variants carry their markers at different layers, so that lines on top of each other both show.
    let is_marked = move |place: usize| place == last || (place + series.variant * 2).is_multiple_of(every);
    let points = series.points.iter().enumerate();
    points.filter(move |(place, _)| is_marked(*place)).map(|(_, (layer, spread))| (*layer, spread.mean))
}

/// All layers of several lists that agree in their order, each once: a layer follows the one it follows in its list.
pub fn merged<'a>(lists: impl Iterator<Item = Vec<&'a str>>) -> Vec<&'a str> {
    let mut all: Vec<&str> = vec![];
    for list in lists {
        let mut next = 0;
        for layer in list {
            match all.iter().position(|known| *known == layer) {
                Some(place) => next = place + 1,
                None => {
                    all.insert(next, layer);
                    next += 1;
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_that_only_some_variants_have_keep_their_place() {
        let lists = [vec!["stem", "block 1", "logits"], vec!["stem", "norm", "block 1", "pool", "logits"]];
        assert_eq!(merged(lists.into_iter()), ["stem", "norm", "block 1", "pool", "logits"]);
        assert_eq!(merged([vec!["b"], vec!["a", "b"]].into_iter()), ["a", "b"]);
        assert!(merged([].into_iter()).is_empty());
    }

    #[test]
    fn blocks_are_told_by_their_number() {
        assert_eq!(block("block 12 depthwise"), Some("12"));
        assert_eq!(block("stem"), None);
    }
}
