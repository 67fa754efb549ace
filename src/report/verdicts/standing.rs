//! Where every claim's interval lies against its bound, on one scale for all: distances from the bound, in half-widths of
//! the interval, to the right where the claim says. A whole bar on the right is a claim that is supported.

use serde::Serialize;

use super::reading::Reading;
use crate::claims::Judged;
use crate::config::{Bound, Direction, Test};

/// So many half-widths from the bound are at the end of the track; what is further away is drawn there.
const FURTHEST: f64 = 20.0;

/// Places on a track, in percent of its length from the left; its middle is the bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Standing {
    pub from: f64,
    pub width: f64,
    pub at: f64,
}

impl Standing {
    /// `None` without an interval, or where a value has no place on the scale that is judged on.
    pub fn of(judged: &Judged) -> Option<Self> {
        let (estimate, interval) = (judged.estimate?, judged.interval?);
        let reading = Reading::of(&judged.claim.test);
        let [estimate, lower, upper] = [estimate, interval.lower, interval.upper].map(|value| reading.place(value));
        // A level on a logarithmic scale whose interval reaches down to nothing reaches to the end of the track.
        let half = (upper - lower) / 2.0;
        let sides = sides(&judged.claim.test).into_iter().map(|(bound, sign)| {
            let bound = reading.place(bound);
            [estimate, lower, upper].map(|value| sign * (value - bound))
        });
        // Of two bounds that which the interval reaches furthest beyond, or comes nearest to.
        let worst = |margins: &[f64; 3]| margins[1].min(margins[2]);
        let margins = sides.min_by(|one, other| worst(one).total_cmp(&worst(other)))?;
        if margins.iter().any(|margin| margin.is_nan()) || half.is_nan() {
            return None;
        }
        let [at, one, other] = margins.map(|margin| place(if half > 0.0 { margin / half } else { margin * f64::MAX }));
        let (from, to) = (one.min(other), one.max(other));
        Some(Self { from, width: ((to - from) * 10.0).round() / 10.0, at })
    }
}

/// Each bound with the sign of the direction in which the claim holds.
fn sides(test: &Test) -> Vec<(f64, f64)> {
    match test {
        Test::Level { bound, .. } | Test::Difference { bound, .. } | Test::Ratio { bound, .. } => match *bound {
            Bound::Below { value } => vec![(value, -1.0)],
            Bound::Above { value } => vec![(value, 1.0)],
            Bound::Within { around, margin } => vec![(around - margin, 1.0), (around + margin, -1.0)],
        },
        Test::Trend { direction: Direction::Increasing, .. } => vec![(0.0, 1.0)],
        Test::Trend { direction: Direction::Decreasing, .. } => vec![(0.0, -1.0)],
    }
}

/// In percent, with one decimal. The inverse hyperbolic sine is linear around the bound and logarithmic far from it.
fn place(half_widths: f64) -> f64 {
    let share = (libm::asinh(half_widths) / libm::asinh(FURTHEST)).clamp(-1.0, 1.0);
    (500.0 * (1.0 + share)).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Verdict;
    use crate::report::sample::claims::judged;

    #[test]
    fn a_bar_lies_wholly_on_the_side_that_its_verdict_names() {
        let standings: Vec<_> = judged().iter().map(|judged| (judged.verdict, Standing::of(judged))).collect();
        assert_eq!(standings.iter().filter(|(_, standing)| standing.is_none()).count(), 1, "one has no figure");
        for (verdict, standing) in standings {
            let Some(Standing { from, width, at }) = standing else { continue };
            let is_on_it = match verdict {
                Verdict::Supported => from > 50.0,
                Verdict::Refuted => from + width < 50.0,
                Verdict::Inconclusive => from <= 50.0 && from + width >= 50.0,
            };
            assert!(is_on_it, "{verdict:?}: {from} and {width}");
            assert!((from..=from + width + 0.1).contains(&at) && from >= 0.0 && from + width <= 100.1);
        }
    }

    // asinh(1) / asinh(20) = 0.8814 / 3.6895 by hand.
    #[test]
    fn a_bound_at_the_edge_of_an_interval_is_a_half_width_from_its_middle() {
        assert_eq!(place(0.0), 50.0);
        assert_eq!(place(1.0), 61.9);
        assert_eq!(place(-1.0), 38.1);
        assert_eq!((place(f64::INFINITY), place(-1e9)), (100.0, 0.0));
    }
}
