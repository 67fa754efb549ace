//! Metrics as people read them: by name, and with their unit.

use super::language::{self, say};
use super::text;
use crate::config::{Metric, Unit};

/// A metric in words and figures.
pub trait InWords: Copy {
    /// Its name inside a sentence.
    fn in_words(self) -> String;
    /// A value with its unit.
    fn show(self, value: f64) -> String;
    /// A difference of two values, with its sign and unit; of values that are judged by their logarithms, in decades.
    fn show_difference(self, difference: f64) -> String;
    /// As [`Self::show_difference`], for the lower end of a span, whose unit stands at the upper one.
    fn bare_difference(self, difference: f64) -> String;
    /// A distance between two values, without a sign, on the scale they are judged on.
    fn show_distance(self, distance: f64) -> String;
    /// A value on an axis, in few characters; the unit stands beside the axis.
    fn tick(self, value: f64) -> String;
}

impl InWords for Metric {
    fn in_words(self) -> String {
        let declared = self.label().map(text::plain);
        // Trainers' own metrics have a message in every language.
        let id = format!("quantity-{}", self.name().replace('_', "-"));
        let known = || if self.is_declared() { None } else { language::known_message(&id) };
        declared.or_else(known).unwrap_or_else(|| self.name().to_owned())
    }

    fn show(self, value: f64) -> String {
        match self.unit() {
            Unit::Fraction => text::percent(value),
            Unit::Points => text::points(value),
            Unit::Nats => text::loss(value),
            Unit::Magnitude => text::magnitude(value),
            Unit::Seconds => with_unit(text::significant(value), "s"),
            Unit::Bytes => with_unit(text::significant(value / MEGABYTE), "MB"),
            Unit::Symbol(symbol) => with_unit(text::significant(value), &text::plain(symbol)),
        }
    }

    fn show_difference(self, difference: f64) -> String {
        match self.unit() {
            Unit::Fraction | Unit::Points => text::points(difference),
            Unit::Nats => text::loss_difference(difference),
            Unit::Magnitude => text::decades(difference),
            Unit::Seconds => with_unit(text::signed_significant(difference), "s"),
            Unit::Bytes => with_unit(text::signed_significant(difference / MEGABYTE), "MB"),
            Unit::Symbol(symbol) => with_unit(text::signed_significant(difference), &text::plain(symbol)),
        }
    }

    fn bare_difference(self, difference: f64) -> String {
        match self.unit() {
            Unit::Fraction | Unit::Points => text::bare_points(difference),
            Unit::Magnitude => text::bare_decades(difference),
            Unit::Nats => text::loss_difference(difference),
            Unit::Bytes => text::signed_significant(difference / MEGABYTE),
            Unit::Seconds | Unit::Symbol(_) => text::signed_significant(difference),
        }
    }

    fn show_distance(self, distance: f64) -> String {
        let distance = distance.abs();
        match self.unit() {
            Unit::Fraction | Unit::Points => text::unsigned_points(distance),
            // A level is judged by its logarithm, too.
            Unit::Magnitude => say!("decades", value = text::ratio(distance)),
            _ => self.show(distance),
        }
    }

    fn tick(self, value: f64) -> String {
        match self.unit() {
            Unit::Fraction | Unit::Points => format!("{}%", (value * 1000.0).round() / 10.0),
            Unit::Bytes => text::significant(value / MEGABYTE),
            Unit::Magnitude => text::magnitude(value),
            Unit::Nats | Unit::Seconds | Unit::Symbol(_) => text::trimmed(value),
        }
    }
}

const MEGABYTE: f64 = 1e6;

fn with_unit(number: String, unit: &str) -> String {
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Declaration, native};

    fn of_unit(unit: &str) -> Metric {
        let declaration = Declaration { unit: Some(unit.to_owned()), ..Declaration::default() };
        Metric::declared(&"speed".parse().unwrap(), &declaration)
    }

    #[test]
    fn values_stand_with_their_unit() {
        assert_eq!(native::VAL_ACCURACY.show(0.7511), "75.11%");
        assert_eq!(native::VAL_ACCURACY.show_difference(-0.0338), "−3.38 points");
        assert_eq!(native::REESTIMATION_GAIN.show(0.012), "+1.20 points");
        assert_eq!(native::SIGNAL_INITIAL.show(3.2e-9), "3.20 × 10⁻⁹");
        assert_eq!(of_unit("seconds").show(12.345), "12.35 s");
        assert_eq!(of_unit("bytes").show(123_456_789.0), "123.5 MB");
        assert_eq!(of_unit("tokens/s").show_difference(1500.0), "+1,500 tokens/s");
        assert_eq!(of_unit("").show(0.5), "0.5");
    }

    #[test]
    fn a_metric_is_called_by_its_label_or_in_the_language_spoken_or_by_its_name() {
        assert_eq!(native::VAL_LOSS.in_words(), say!("quantity-val-loss"));
        assert_eq!(of_unit("").in_words(), "speed");
        let declaration = Declaration { label: Some("Speed of\nlight".to_owned()), ..Declaration::default() };
        assert_eq!(Metric::declared(&"c".parse().unwrap(), &declaration).in_words(), "Speed of light");
    }
}
