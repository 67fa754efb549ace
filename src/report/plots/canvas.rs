//! A sheet to draw on: plotters' SVG backend at four times the size, wrapped into an accessible, scalable SVG element.
//!
//! plotters rounds to whole pixels; at four times the size that is a quarter of a pixel, which no eye sees.

use std::cell::RefCell;

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Plot;
use super::palette::{Look, MUTED, Marker, PAPER, style};
use crate::report::ReportError;
use crate::report::language;
use crate::report::text::paragraph;

pub type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

const SCALE: i32 = 4;

/// CSS pixels in the units of the sheet.
pub const fn px(length: i32) -> i32 {
    length * SCALE
}

/// What is said about a plot before it is drawn.
pub struct Heading {
    pub name: String,
    pub title: String,
    /// How to read it.
    pub reading: String,
    /// Its main values, for those who cannot see it.
    pub values: String,
}

impl Heading {
    fn description(&self) -> String {
        paragraph([self.reading.clone(), self.values.clone()])
    }
}

/// Draws a plot of the given size in CSS pixels.
///
/// # Errors
/// Whatever plotters cannot lay out.
pub fn plot(heading: Heading, size: (i32, i32), paint: impl FnOnce(&Sheet) -> Drawn) -> Result<Plot, ReportError> {
    plot_with_tips(heading, size, &Tips::default(), paint)
}

/// What a pointer that rests on a mark is told; collected while the marks are painted.
#[derive(Default)]
pub struct Tips(RefCell<String>);

/// How near to a mark counts as on it, in CSS pixels.
const REACH: i32 = 7;

impl Tips {
    pub fn add(&self, (x, y): (i32, i32), text: &str) {
        self.0.borrow_mut().push_str(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\" fill=\"none\" pointer-events=\"all\"><title>{}</title></circle>\n",
            px(REACH),
            escape(text)
        ));
    }
}

/// As [`plot`], with what `paint` adds to `tips` lying over the marks, invisible.
///
/// # Errors
/// Whatever plotters cannot lay out.
pub fn plot_with_tips(
    heading: Heading,
    size: (i32, i32),
    tips: &Tips,
    paint: impl FnOnce(&Sheet) -> Drawn,
) -> Result<Plot, ReportError> {
    let failed = |error: DrawingAreaErrorKind<std::io::Error>| ReportError::Plot {
        name: heading.name.clone(),
        reason: error.to_string(),
    };
    let mut drawing = String::new();
    {
        let sheet = SVGBackend::with_string(&mut drawing, (px(size.0).unsigned_abs(), px(size.1).unsigned_abs()))
            .into_drawing_area();
        sheet.fill(&PAPER).map_err(failed)?;
        paint(&sheet).map_err(failed)?;
        sheet.present().map_err(failed)?;
    }
    let drawing = drawing.replace("</svg>", &format!("{}</svg>", tips.0.borrow()));
    let svg = with_own_header(&heading, size, &joined(&drawing));
    let description = heading.description();
    let Heading { name, title, reading, values: _ } = heading;
    Ok(Plot { name, title, description, reading, svg })
}

/// The same drawing in fewer bytes: plotters makes every dash an element of its own. Lines of one look that follow each
/// other become one path, and an opacity of one, which is the default, is not said.
fn joined(drawing: &str) -> String {
    let mut found = String::with_capacity(drawing.len());
    let mut open: Option<(String, String)> = None;
    let close = |open: &mut Option<(String, String)>, found: &mut String| {
        if let Some((look, path)) = open.take() {
            found.push_str(&format!("<path {look}d=\"{path}\"/>\n"));
        }
    };
    for line in drawing.lines() {
        let line = line.replace(" opacity=\"1\"", "");
        let parts = line.strip_prefix("<polyline ").and_then(|rest| rest.strip_suffix(" \"/>"));
        match parts.and_then(|rest| rest.split_once("points=\"")) {
            Some((look, points)) if look.contains("fill=\"none\"") => match &mut open {
                Some((known, path)) if known == look => path.push_str(&format!("M{points}")),
                _ => {
                    close(&mut open, &mut found);
                    open = Some((look.to_owned(), format!("M{points}")));
                }
            },
            _ => {
                close(&mut open, &mut found);
                found.push_str(&line);
                found.push('\n');
            }
        }
    }
    close(&mut open, &mut found);
    found
}

/// Replaces plotters' opening tag by one that scales, is announced as one image, and says what it shows.
fn with_own_header(heading: &Heading, (width, height): (i32, i32), drawing: &str) -> String {
    let body = drawing.split_once('\n').map_or("", |(_opening_tag, body)| body);
    let (name, title) = (&heading.name, escape(&heading.title));
    let description = escape(&heading.description());
    let language = language();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\" viewBox=\"0 0 {} {}\" width=\"{width}\" height=\"{height}\"{language}>\n\
         <title id=\"{name}-title\">{title}</title>\n<desc id=\"{name}-desc\">{description}</desc>\n\
         <style>{}</style>\n{body}",
        px(width),
        px(height),
        style(),
    )
}

/// Names the language of the texts, where it is not the one they are written in first: the same characters look different
/// in Chinese and Japanese type, and drawings are shown without a page around them, too.
fn language() -> String {
    let tag = language::spoken();
    if tag == language::SOURCE { String::new() } else { format!(" xml:lang=\"{}\"", escape(&tag)) }
}

/// For text and attributes of XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A font of this size in CSS pixels. plotters divides sizes by 1.24 on their way into the SVG.
pub fn font(size: f64) -> FontDesc<'static> {
    ("sans-serif", size * f64::from(SCALE) * 1.24).into_font()
}

/// Where a text stands relative to its point, always centred vertically.
#[derive(Clone, Copy)]
pub enum Align {
    Left,
    Centre,
    Right,
}

pub fn write(sheet: &Sheet, text: &str, at: (i32, i32), size: f64, colour: RGBColor, align: Align) -> Drawn {
    let h_pos = match align {
        Align::Left => HPos::Left,
        Align::Centre => HPos::Center,
        Align::Right => HPos::Right,
    };
    let style = font(size).color(&colour).pos(Pos::new(h_pos, VPos::Center));
    sheet.draw(&Text::new(text.to_owned(), at, style))
}

pub fn line(sheet: &Sheet, points: Vec<(i32, i32)>, colour: RGBColor, width: u32) -> Drawn {
    sheet.draw(&PathElement::new(points, colour.stroke_width(width)))
}

/// A line of evenly spaced dashes from left to right or top to bottom.
pub fn dashed_line(sheet: &Sheet, from: (i32, i32), to: (i32, i32), dash: (i32, i32), style: ShapeStyle) -> Drawn {
    dashed_path(sheet, vec![from, to], dash, style)
}

/// The same through several points; lengths of dash and gap are in CSS pixels.
pub fn dashed_path(sheet: &Sheet, points: Vec<(i32, i32)>, (dash, gap): (i32, i32), style: ShapeStyle) -> Drawn {
    let (dash, gap) = (u32::try_from(px(dash)).unwrap_or(1), u32::try_from(px(gap)).unwrap_or(1));
    sheet.draw(&DashedPathElement::new(points, dash, gap, style))
}

/// A marker centred on a point, filled with its colour.
pub fn marker(sheet: &Sheet, look: Look, at: (i32, i32)) -> Drawn {
    let (x, y) = at;
    let fill = look.colour.filled();
    let r = px(4);
    match look.marker {
        Marker::Circle => sheet.draw(&Circle::new(at, r, fill)),
        Marker::Square => sheet.draw(&Rectangle::new([(x - r, y - r), (x + r, y + r)], fill)),
        Marker::Triangle => sheet.draw(&Polygon::new([(x, y - r - 4), (x + r + 2, y + r), (x - r - 2, y + r)], fill)),
        Marker::Diamond => {
            let r = r + 5;
            sheet.draw(&Polygon::new([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill))
        }
        Marker::Cross => cross(sheet, at, look.colour),
    }
}

/// Two crossed strokes.
pub fn cross(sheet: &Sheet, (x, y): (i32, i32), colour: RGBColor) -> Drawn {
    let r = px(4);
    line(sheet, vec![(x - r, y - r), (x + r, y + r)], colour, 9)?;
    line(sheet, vec![(x - r, y + r), (x + r, y - r)], colour, 9)
}

/// A hollow diamond: a figure of the source.
pub fn hollow_diamond(sheet: &Sheet, (x, y): (i32, i32), colour: RGBColor) -> Drawn {
    let r = px(9);
    let outline = vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y), (x, y - r)];
    line(sheet, outline, colour, 6)
}

/// Grid, axes and their labels in the report's style, for any pair of axes.
pub fn muted_font(size: f64) -> TextStyle<'static> {
    font(size).color(&MUTED)
}

/// A fraction on an axis of percentages.
pub fn percent_tick(value: f64) -> String {
    format!("{}%", (value * 1000.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn dashes_become_one_path_and_other_marks_stay_what_they_are() {
        let dash = |colour: &str, points: &str| {
            format!(
                "<polyline fill=\"none\" opacity=\"1\" stroke=\"{colour}\" stroke-width=\"8\" points=\"{points} \"/>\n"
            )
        };
        let band = "<polygon opacity=\"0.16\" fill=\"#0072B2\" points=\"0,0 1,1 2,0\"/>\n";
        let text = "<text x=\"1\" opacity=\"1\" fill=\"#1B1F24\">\nopacity\n</text>\n";
        let (red, blue) = ("#D55E00", "#0072B2");
        let drawing = [
            &dash(red, "0,1 2,3"),
            &dash(red, "4,5 6,7 8,9"),
            &dash(blue, "1,1 2,2"),
            band,
            &dash(red, "3,3 4,4"),
            text,
        ];
        assert_eq!(
            joined(&drawing.map(ToString::to_string).concat()),
            "<path fill=\"none\" stroke=\"#D55E00\" stroke-width=\"8\" d=\"M0,1 2,3M4,5 6,7 8,9\"/>\n\
             <path fill=\"none\" stroke=\"#0072B2\" stroke-width=\"8\" d=\"M1,1 2,2\"/>\n\
             <polygon opacity=\"0.16\" fill=\"#0072B2\" points=\"0,0 1,1 2,0\"/>\n\
             <path fill=\"none\" stroke=\"#D55E00\" stroke-width=\"8\" d=\"M3,3 4,4\"/>\n\
             <text x=\"1\" fill=\"#1B1F24\">\nopacity\n</text>\n"
        );
    }
}
