//! Labels beside the ends of lines: near enough to be read without a legend, apart enough not to overlap.

use plotters::style::RGBColor;

use super::canvas::{self, Align, Drawn, Sheet, px};
use super::palette::{INK, Look, MUTED};
use plotters::style::Color;

/// Distance between two labels' centres in CSS pixels.
pub const LINE_HEIGHT: i32 = 19;
const SIZE: f64 = 12.5;
/// Leader line, sample of the line, and the gap before the text.
const LEADER: i32 = 22;
const SAMPLE: i32 = 30;
const GAP: i32 = 7;
/// Longer labels are cut; the report's tables have them in full.
const LONGEST: usize = 34;

/// A label and the end of the line it belongs to.
pub struct Label {
    pub text: String,
    /// In the units of the sheet.
    pub end: (i32, i32),
    pub kind: Kind,
}

#[derive(Clone, Copy)]
pub enum Kind {
    Series(Look),
    /// A horizontal reference line of this colour.
    Reference(RGBColor),
}

/// Dash and gap of reference lines in CSS pixels.
pub const REFERENCE_DASH: (i32, i32) = (2, 4);

/// The label's text, cut if it is too long to stand beside a plot.
pub fn shortened(text: &str) -> String {
    cut(text, LONGEST)
}

/// The first characters of a text, with an ellipsis where some are missing. Lengths are in Latin letters.
pub fn cut(text: &str, longest: usize) -> String {
    if fitting(text, longest).len() == text.len() {
        return text.to_owned();
    }
    format!("{}…", fitting(text, longest - 1).trim_end())
}

/// The first characters of a text, as many as take the room of so many Latin letters.
pub fn fitting(text: &str, longest: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, c)| {
        taken += if is_wide(*c) { 2 } else { 1 };
        taken > longest
    });
    end.map_or(text, |(place, _)| &text[..place])
}

/// East Asian characters are as wide as they are high.
fn is_wide(c: char) -> bool {
    (c as u32) >= 0x2E80
}

/// Width of the column that holds these texts, in CSS pixels.
pub fn column_width<'a>(texts: impl Iterator<Item = &'a str>) -> i32 {
    let widest = texts.map(text_width).max().unwrap_or(0);
    LEADER + SAMPLE + GAP + widest + 10
}

/// A generous estimate in CSS pixels: no fonts are measured.
pub fn text_width(text: &str) -> i32 {
    width_at(text, SIZE)
}

/// The same for a text of another size.
pub fn width_at(text: &str, size: f64) -> i32 {
    let tenths: i32 = text.chars().map(|c| if is_wide(c) { 11 } else { 6 }).sum();
    (f64::from(tenths) * size / 10.0).ceil() as i32
}

/// Draws the labels to the right of `right`, spread between `top` and `bottom`, each joined to its line.
pub fn draw(sheet: &Sheet, labels: &[Label], right: i32, (top, bottom): (i32, i32)) -> Drawn {
    let mut order: Vec<&Label> = labels.iter().collect();
    order.sort_by_key(|label| label.end.1);
    let wanted: Vec<i32> = order.iter().map(|label| label.end.1).collect();
    for (label, y) in order.into_iter().zip(spread(&wanted, px(LINE_HEIGHT), top, bottom)) {
        let sample = right + px(LEADER);
        let (leader, text_colour) = match label.kind {
            Kind::Series(look) => (look.colour, INK),
            Kind::Reference(colour) => (colour, MUTED),
        };
        let elbow = vec![(label.end.0 + px(3), label.end.1), (right + px(6), label.end.1), (sample - px(4), y)];
        sheet.draw(&plotters::element::PathElement::new(elbow, leader.mix(0.55).stroke_width(3)))?;
        draw_sample(sheet, label.kind, sample, y)?;
        canvas::write(sheet, &label.text, (sample + px(SAMPLE + GAP), y), SIZE, text_colour, Align::Left)?;
    }
    Ok(())
}

fn draw_sample(sheet: &Sheet, kind: Kind, x: i32, y: i32) -> Drawn {
    let end = (x + px(SAMPLE), y);
    match kind {
        Kind::Reference(colour) => canvas::dashed_line(sheet, (x, y), end, REFERENCE_DASH, colour.stroke_width(6)),
        Kind::Series(look) => {
            match look.dash {
                None => canvas::line(sheet, vec![(x, y), end], look.colour, 9)?,
                Some(dash) => canvas::dashed_line(sheet, (x, y), end, dash, look.colour.stroke_width(9))?,
            }
            canvas::marker(sheet, look, (x + px(SAMPLE / 2), y))
        }
    }
}

/// Places as near as possible (least squares) to the wanted ones, in the same order, at least `gap` apart and within
/// `[top, bottom]` as far as they fit. `wanted` is sorted.
///
/// Subtracting `index · gap` turns the condition into "not decreasing", which pooling adjacent violators solves.
fn spread(wanted: &[i32], gap: i32, top: i32, bottom: i32) -> Vec<i32> {
    let mut pools: Vec<(f64, usize)> = vec![];
    for (index, place) in wanted.iter().enumerate() {
        let mut pool = (f64::from(*place) - index as f64 * f64::from(gap), 1);
        while let Some((mean, size)) = pools.pop_if(|(mean, _)| *mean > pool.0) {
            let total = mean * size as f64 + pool.0 * pool.1 as f64;
            pool = (total / (size + pool.1) as f64, size + pool.1);
        }
        pools.push(pool);
    }
    let highest = f64::from(top);
    let lowest = f64::from(bottom) - wanted.len().saturating_sub(1) as f64 * f64::from(gap);
    let places = pools.into_iter().flat_map(|(mean, size)| std::iter::repeat_n(mean, size));
    places
        .enumerate()
        .map(|(index, mean)| (mean.min(lowest).max(highest) + index as f64 * f64::from(gap)).round() as i32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_far_apart_stay_where_they_are() {
        assert_eq!(spread(&[10, 50, 90], 20, 0, 100), [10, 50, 90]);
    }

    #[test]
    fn labels_at_one_place_spread_evenly_around_it() {
        assert_eq!(spread(&[50, 50, 50], 20, 0, 100), [30, 50, 70]);
    }

    #[test]
    fn labels_at_the_edge_move_inwards() {
        assert_eq!(spread(&[100, 100], 20, 0, 100), [80, 100]);
        assert_eq!(spread(&[0, 0], 20, 0, 100), [0, 20]);
    }

    proptest! {
        #[test]
        fn spread_labels_keep_their_distance_and_stay_inside(
            mut wanted in proptest::collection::vec(0..400_i32, 1..15),
        ) {
            wanted.sort_unstable();
            let places = spread(&wanted, 20, 0, 400);
            prop_assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 19));
            prop_assert!(places.iter().all(|place| (0..=400).contains(place)));
        }
    }

    #[test]
    fn long_labels_are_cut_by_characters_not_bytes() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(40)).chars().count(), LONGEST);
    }

    #[test]
    fn wide_characters_take_the_room_of_two() {
        assert_eq!(cut("批次正規化", 10), "批次正規化");
        assert_eq!(cut("批次正規化", 9), "批次正規…");
        assert_eq!(cut("BN 批次正規化", 10), "BN 批次正…");
        assert_eq!(text_width("字"), 14);
    }
}
