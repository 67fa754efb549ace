//! The region a claim says the truth lies in, on the scale it is judged on.

use super::scale::to_judged;
use super::score::OneSided;
use crate::config::{Bound, Direction, Metric, Scale, Verdict};
use crate::stats::Interval;

/// An open interval; an end where the claim sets no limit is infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    lower: f64,
    upper: f64,
}

impl Region {
    pub fn of_level(quantity: Metric, bound: &Bound) -> Self {
        let levels = quantity.levels();
        let edge = |value: f64| match quantity.scale() {
            Scale::Linear => value,
            // Below zero there is nothing, and zero itself is minus infinity on this scale.
            Scale::Log10 if value <= 0.0 => f64::NEG_INFINITY,
            Scale::Log10 => to_judged(Scale::Log10, value).unwrap_or(value),
        };
        let region = Self::limited(bound, *levels.start(), *levels.end());
        Self { lower: edge(region.lower), upper: edge(region.upper) }
    }

    pub fn of_difference(quantity: Metric, bound: &Bound) -> Self {
        let differences = quantity.differences();
        Self::limited(bound, *differences.start(), *differences.end())
    }

    /// Logarithms of the ratios: below zero there are none.
    pub fn of_ratio(bound: &Bound) -> Self {
        let edge = |value: f64| to_judged(Scale::Log10, value).filter(|_| value > 0.0).unwrap_or(f64::NEG_INFINITY);
        match *bound {
            Bound::Below { value } => Self { lower: f64::NEG_INFINITY, upper: edge(value) },
            Bound::Above { value } => Self { lower: edge(value), upper: f64::INFINITY },
            Bound::Within { around, margin } => Self { lower: edge(around - margin), upper: edge(around + margin) },
        }
    }

    /// One step of a trend.
    pub fn of_step(direction: Direction) -> Self {
        match direction {
            Direction::Increasing => Self { lower: 0.0, upper: f64::INFINITY },
            Direction::Decreasing => Self { lower: f64::NEG_INFINITY, upper: 0.0 },
        }
    }

    /// An edge beyond what the quantity can be limits nothing.
    fn limited(bound: &Bound, least: f64, most: f64) -> Self {
        let (lower, upper) = match *bound {
            Bound::Below { value } => (f64::NEG_INFINITY, value),
            Bound::Above { value } => (value, f64::INFINITY),
            Bound::Within { around, margin } => (around - margin, around + margin),
        };
        Self {
            lower: if lower < least { f64::NEG_INFINITY } else { lower },
            upper: if upper > most { f64::INFINITY } else { upper },
        }
    }

    pub fn verdict(&self, interval: &Interval) -> Verdict {
        if self.lower < interval.lower && interval.upper < self.upper {
            Verdict::Supported
        } else if interval.upper < self.lower || self.upper < interval.lower {
            Verdict::Refuted
        } else {
            Verdict::Inconclusive
        }
    }

    /// How far inside `value` is: its distance to the nearest edge, negative outside.
    pub fn depth(&self, value: f64) -> f64 {
        (value - self.lower).min(self.upper - value)
    }

    /// How far inside the end of `interval` is that is nearest to leaving.
    pub fn margin(&self, interval: &Interval) -> f64 {
        (interval.lower - self.lower).min(self.upper - interval.upper)
    }

    /// Two-sided p-value for what lies beyond the edges; `against` tests the truth against one of them.
    ///
    /// The larger of the two one-sided tests that the truth is inside (TOST, Schuirmann 1987) or the smaller of those
    /// that it is outside, doubled, since the interval at confidence 1 - alpha leaves alpha/2 on each side.
    pub fn p_value(&self, against: impl Fn(f64) -> Option<OneSided>) -> Option<f64> {
        let (mut inside, mut outside) = (0.0_f64, 1.0_f64);
        if self.lower.is_finite() {
            let test = against(self.lower)?;
            (inside, outside) = (inside.max(test.greater), outside.min(test.less));
        }
        if self.upper.is_finite() {
            let test = against(self.upper)?;
            (inside, outside) = (inside.max(test.less), outside.min(test.greater));
        }
        Some((2.0 * inside.min(outside)).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::native;

    const ACCURACY: Metric = native::VAL_ACCURACY;

    fn interval(lower: f64, upper: f64) -> Interval {
        Interval { lower, upper }
    }

    #[test]
    fn inside_is_supported_outside_refuted_and_across_an_edge_inconclusive() {
        let below = Region::of_level(ACCURACY, &Bound::Below { value: 0.15 });
        assert_eq!(below.verdict(&interval(0.08, 0.149)), Verdict::Supported);
        assert_eq!(below.verdict(&interval(0.151, 0.2)), Verdict::Refuted);
        assert_eq!(below.verdict(&interval(0.1, 0.2)), Verdict::Inconclusive);
        assert_eq!(below.verdict(&interval(0.1, 0.15)), Verdict::Inconclusive);
        let within = Region::of_difference(ACCURACY, &Bound::Within { around: 0.0, margin: 0.05 });
        assert_eq!(within.verdict(&interval(-0.04, 0.04)), Verdict::Supported);
        assert_eq!(within.verdict(&interval(-0.2, -0.06)), Verdict::Refuted);
        assert_eq!(within.verdict(&interval(0.06, 0.2)), Verdict::Refuted);
        assert_eq!(within.verdict(&interval(-0.2, 0.2)), Verdict::Inconclusive);
    }

    #[test]
    fn an_edge_beyond_what_can_be_limits_nothing() {
        let near_zero = Region::of_level(ACCURACY, &Bound::Within { around: 0.02, margin: 0.05 });
        assert_eq!(near_zero.verdict(&interval(-0.05, 0.06)), Verdict::Supported);
        let small = Region::of_level(native::SIGNAL_FINAL, &Bound::Within { around: 0.5, margin: 1.5 });
        assert_eq!(small.verdict(&interval(-40.0, 0.3)), Verdict::Supported);
        assert_eq!(small.verdict(&interval(0.31, 0.4)), Verdict::Refuted);
    }

    #[test]
    fn depth_is_the_distance_to_the_nearest_edge() {
        let within = Region::of_difference(ACCURACY, &Bound::Within { around: 0.0, margin: 0.5 });
        assert_eq!((within.depth(0.25), within.depth(-0.25), within.depth(0.75)), (0.25, 0.25, -0.25));
        assert_eq!(within.margin(&interval(0.0, 0.25)), 0.25);
        assert_eq!(Region::of_step(Direction::Decreasing).depth(-2.0), 2.0);
    }

    #[test]
    fn bounds_of_a_level_on_a_logarithmic_scale_are_logarithms() {
        let region = Region::of_level(native::GRADIENT_INITIAL, &Bound::Below { value: 1e-3 });
        assert_eq!(region.verdict(&interval(-5.0, -3.1)), Verdict::Supported);
        assert_eq!(region.verdict(&interval(-2.9, -1.0)), Verdict::Refuted);
    }
}
