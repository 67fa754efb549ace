//! How the figures of a claim are read.
//!
//! Quantities that span orders of magnitude are read as they are, and their differences in decades: one decade is a
//! factor of ten.

use crate::config::{Metric, Test, Unit};
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::text::{range, significant};
use crate::stats::Interval;

/// How the values of a claim are read: as levels of its quantity or as differences of two of them.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub metric: Metric,
    of: Of,
}

/// What is read of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Level,
    Difference,
    /// Shown as a factor, judged by its logarithm.
    Ratio,
}

impl Reading {
    pub fn of(test: &Test) -> Self {
        match test {
            Test::Level { metric, .. } => Self::level(*metric),
            Test::Difference { metric, .. } | Test::Trend { metric, .. } => {
                Self { metric: *metric, of: Of::Difference }
            }
            Test::Ratio { metric, .. } => Self { metric: *metric, of: Of::Ratio },
        }
    }

    pub fn level(metric: Metric) -> Self {
        Self { metric, of: Of::Level }
    }

    pub fn is_in_decades(self) -> bool {
        self.is_logarithmic() && self.of == Of::Difference
    }

    /// Where a value stands on an axis: its logarithm for a ratio, or a level that spans orders of magnitude.
    pub fn place(self, value: f64) -> f64 {
        let by_logarithm = self.of == Of::Ratio || (self.is_logarithmic() && self.of == Of::Level);
        if by_logarithm { libm::log10(value) } else { value }
    }

    /// A value with its unit, and with its sign where it is a difference.
    pub fn show(self, value: f64) -> String {
        match self.of {
            Of::Level => self.metric.show(value),
            Of::Difference => self.metric.show_difference(value),
            Of::Ratio => say!("times", value = significant(value)),
        }
    }

    /// As [`Self::show`], for the lower end of a span, whose unit stands at the upper one.
    fn bare(self, value: f64) -> String {
        match self.of {
            Of::Difference => self.metric.bare_difference(value),
            Of::Level if self.metric.unit() == Unit::Points => self.metric.bare_difference(value),
            Of::Level => self.metric.show(value),
            Of::Ratio => significant(value),
        }
    }

    pub fn span(self, interval: &Interval) -> String {
        range(self.bare(interval.lower), self.show(interval.upper))
    }

    /// A distance between two values, without a sign, on the scale they are judged on.
    pub fn distance(self, distance: f64) -> String {
        match self.of {
            Of::Ratio => say!("factor", value = significant(libm::exp10(distance.abs()))),
            Of::Level | Of::Difference => self.metric.show_distance(distance),
        }
    }

    /// How far a bound reaches on either side of its middle, in the unit the bound is stated in.
    pub fn margin(self, margin: f64) -> String {
        match self.of {
            Of::Ratio => significant(margin),
            Of::Level if self.is_logarithmic() => self.metric.show(margin),
            Of::Level | Of::Difference => self.distance(margin),
        }
    }

    fn is_logarithmic(self) -> bool {
        self.metric.unit() == Unit::Magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::native;

    fn difference(metric: Metric) -> Reading {
        Reading { metric, of: Of::Difference }
    }

    #[test]
    fn accuracies_are_percentages_and_their_differences_points() {
        assert_eq!(Reading::level(native::VAL_ACCURACY).show(0.7511), "75.11%");
        assert_eq!(difference(native::VAL_ACCURACY).show(-0.0338), "−3.38 points");
        let interval = Interval { lower: -0.05, upper: 0.01 };
        assert_eq!(difference(native::VAL_ACCURACY).span(&interval), "−5.00 to +1.00 points");
    }

    #[test]
    fn differences_of_what_spans_orders_of_magnitude_are_decades() {
        assert_eq!(Reading::level(native::SIGNAL_INITIAL).show(3.2e-9), "3.20 × 10⁻⁹");
        assert_eq!(difference(native::GRADIENT_INITIAL).show(-4.5), "−4.50 decades");
        assert_eq!(Reading::level(native::SIGNAL_FINAL).distance(0.5), "0.50 decades");
    }

    #[test]
    fn a_gain_is_a_difference_already() {
        assert_eq!(Reading::level(native::REESTIMATION_GAIN).show(0.012), "+1.20 points");
    }
}
