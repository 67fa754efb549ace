//! A strip for each claim: the region it speaks of, where the trials lie, and where the source's figure does.

use plotters::element::Rectangle;
use plotters::style::{Color, RGBColor};

use super::Plot;
use super::canvas::{self, Align, Drawn, Heading, Sheet, px};
use super::labels::text_width;
use super::palette::{INK, Look, MUTED};
use crate::claims::Judged;
use crate::config::{Bound, ClaimId, Direction, Experiment, Test, Verdict};
use crate::report::ReportError;
use crate::report::language::say;
use crate::report::verdicts::reading::Reading;
use crate::report::verdicts::words;

const WIDTH: i32 = 400;
const HEIGHT: i32 = 84;
const SIDE: i32 = 44;
const MIDDLE: i32 = 36;
/// Half the height of the claimed region.
const REGION: i32 = 16;

/// The strips of all claims for which there is an estimate, by claim.
///
/// # Errors
/// When plotters cannot lay a strip out.
pub fn all(judged: &[Judged], experiment: &Experiment) -> Result<Vec<(ClaimId, Plot)>, ReportError> {
    let strips = judged.iter().filter_map(|judged| Some((judged.claim.id.clone(), Strip::of(judged, experiment)?)));
    strips.map(|(id, strip)| Ok((id.clone(), strip.draw(&id)?))).collect()
}

/// Everything on one strip, on the scale it is drawn on.
struct Strip {
    reading: Reading,
    /// Ends of the claimed region; `None` where it has none on that side.
    claimed: (Option<f64>, Option<f64>),
    estimate: f64,
    interval: Option<(f64, f64)>,
    reported: Option<f64>,
    verdict: Verdict,
}

impl Strip {
    fn of(judged: &Judged, experiment: &Experiment) -> Option<Self> {
        let test = &judged.claim.test;
        let reading = Reading::of(test);
        let claimed = match test {
            Test::Level { bound, .. } | Test::Difference { bound, .. } | Test::Ratio { bound, .. } => ends(bound),
            Test::Trend { direction: Direction::Increasing, .. } => (Some(0.0), None),
            Test::Trend { direction: Direction::Decreasing, .. } => (None, Some(0.0)),
        };
        let strip = Self {
            reading,
            claimed,
            estimate: judged.estimate?,
            interval: judged.interval.map(|interval| (interval.lower, interval.upper)),
            reported: reported(judged, experiment),
            verdict: judged.verdict,
        };
        let is_drawable = strip.values().all(|value| reading.place(value).is_finite());
        is_drawable.then_some(strip)
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let (lower, upper) = self.claimed;
        let interval = self.interval.map(|(lower, upper)| [lower, upper]).into_iter().flatten();
        [lower, upper, self.reported, Some(self.estimate)].into_iter().flatten().chain(interval)
    }

    fn draw(&self, id: &ClaimId) -> Result<Plot, ReportError> {
        let heading = Heading {
            name: format!("claim-{id}-strip"),
            title: say!("plot-claim", id = id.to_string(), verdict = words::verdict(self.verdict)),
            reading: say!("plot-claim-reading"),
            values: self.in_words(),
        };
        canvas::plot(heading, (WIDTH, HEIGHT), |sheet| self.paint(sheet))
    }

    fn in_words(&self) -> String {
        let show = |value| self.reading.show(value);
        let found = show(self.estimate);
        match self.claimed {
            (Some(lower), Some(upper)) => {
                say!("plot-claimed-between", lower = show(lower), upper = show(upper), found = found)
            }
            (Some(lower), None) => say!("plot-claimed-above", bound = show(lower), found = found),
            (None, Some(upper)) => say!("plot-claimed-below", bound = show(upper), found = found),
            (None, None) => say!("plot-claimed-anything", found = found),
        }
    }

    /// Where a value stands, in the units of the sheet.
    fn x(&self, value: f64) -> i32 {
        let places = || self.values().map(|value| self.reading.place(value));
        let (least, most) =
            places().fold((f64::MAX, f64::MIN), |(least, most), place| (least.min(place), most.max(place)));
        let across = if most > least { (self.reading.place(value) - least) / (most - least) } else { 0.5 };
        let width = f64::from(px(WIDTH - 2 * SIDE));
        px(SIDE) + (across * width).round() as i32
    }

    fn paint(&self, sheet: &Sheet) -> Drawn {
        let look = Look::of(0);
        let middle = px(MIDDLE);
        self.paint_region(sheet, Look::of(2).colour)?;
        canvas::line(sheet, vec![(px(8), middle), (px(WIDTH - 8), middle)], MUTED, 3)?;
        if let Some((lower, upper)) = self.interval {
            let (from, to) = (self.x(lower), self.x(upper));
            canvas::line(sheet, vec![(from, middle), (to, middle)], look.colour, 14)?;
            for x in [from, to] {
                canvas::line(sheet, vec![(x, middle - px(6)), (x, middle + px(6))], look.colour, 9)?;
            }
        }
        canvas::marker(sheet, look, (self.x(self.estimate), middle))?;
        if let Some(reported) = self.reported {
            canvas::hollow_diamond(sheet, (self.x(reported), middle), INK)?;
        }
        self.write_labels(sheet)
    }

    fn paint_region(&self, sheet: &Sheet, colour: RGBColor) -> Drawn {
        let (lower, upper) = self.claimed;
        let from = lower.map_or(px(8), |lower| self.x(lower));
        let to = upper.map_or(px(WIDTH - 8), |upper| self.x(upper));
        let corners = [(from, px(MIDDLE - REGION)), (to, px(MIDDLE + REGION))];
        sheet.draw(&Rectangle::new(corners, colour.mix(0.18).filled()))?;
        for end in [lower, upper].into_iter().flatten() {
            let x = self.x(end);
            canvas::line(sheet, vec![(x, px(MIDDLE - REGION)), (x, px(MIDDLE + REGION))], colour, 7)?;
        }
        Ok(())
    }

    /// The bounds below, the estimate above, each held inside the strip; a second bound that has no room is left out.
    fn write_labels(&self, sheet: &Sheet) -> Drawn {
        let estimate = self.reading.show(self.estimate);
        let at = (held_inside(self.x(self.estimate), &estimate), px(9));
        canvas::write(sheet, &estimate, at, 12.5, INK, Align::Centre)?;
        let mut free_from = 0;
        for end in [self.claimed.0, self.claimed.1].into_iter().flatten() {
            let text = self.reading.show(end);
            let x = held_inside(self.x(end), &text);
            let half = px(text_width(&text)) / 2;
            if x - half < free_from {
                continue;
            }
            free_from = x + half + px(6);
            canvas::write(sheet, &text, (x, px(MIDDLE + REGION + 14)), 12.0, MUTED, Align::Centre)?;
        }
        Ok(())
    }
}

/// The figure the claim gives, else the one the source reports for its variant. It is a level, and has no place among
/// differences.
fn reported(judged: &Judged, experiment: &Experiment) -> Option<f64> {
    let Test::Level { metric, of, .. } = &judged.claim.test else { return None };
    let variant = experiment.variants.iter().find(|variant| variant.id == *of);
    judged.claim.reported.of(*metric).or_else(|| variant?.reported.of(*metric))
}

fn ends(bound: &Bound) -> (Option<f64>, Option<f64>) {
    match *bound {
        Bound::Below { value } => (None, Some(value)),
        Bound::Above { value } => (Some(value), None),
        Bound::Within { around, margin } => (Some(around - margin), Some(around + margin)),
    }
}

/// The centre of a text near `x`, so far from the edges that all of it is seen.
fn held_inside(x: i32, text: &str) -> i32 {
    let half = px(text_width(text)) / 2 + px(4);
    x.min(px(WIDTH) - half).max(half)
}
