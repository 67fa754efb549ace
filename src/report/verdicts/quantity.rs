//! What a claim measures, by its name and with its unit.
//!
//! Quantities that span orders of magnitude are read as they are, and their differences in decades: one decade is a
//! factor of ten.

use crate::config::{Quantity, Reported, Test};
use crate::report::language::say;
use crate::report::text::{
    bare_decades, bare_points, decades, loss, loss_difference, magnitude, percent, points, range, ratio,
    unsigned_points,
};
use crate::stats::Interval;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A fraction in [0, 1].
    Share,
    /// A difference of two fractions, itself the quantity.
    Points,
    Nats,
    /// A positive number whose logarithm counts.
    Magnitude,
}

fn unit(quantity: Quantity) -> Unit {
    match quantity {
        Quantity::ValAccuracy
        | Quantity::TrainAccuracy
        | Quantity::MaskedUpdatesDense
        | Quantity::MaskedUpdatesConvolution => Unit::Share,
        Quantity::ReestimationGain => Unit::Points,
        Quantity::ValLoss | Quantity::TrainLoss => Unit::Nats,
        Quantity::SignalInitial
        | Quantity::SignalFinal
        | Quantity::GradientInitial
        | Quantity::VarianceShiftDepthwise
        | Quantity::VarianceShiftPointwise => Unit::Magnitude,
    }
}

/// Its name inside a sentence.
pub fn name(quantity: Quantity) -> String {
    say!(match quantity {
        Quantity::ValAccuracy => "quantity-val-accuracy",
        Quantity::ValLoss => "quantity-val-loss",
        Quantity::TrainAccuracy => "quantity-train-accuracy",
        Quantity::TrainLoss => "quantity-train-loss",
        Quantity::SignalInitial => "quantity-signal-initial",
        Quantity::SignalFinal => "quantity-signal-final",
        Quantity::GradientInitial => "quantity-gradient-initial",
        Quantity::VarianceShiftDepthwise => "quantity-variance-shift-depthwise",
        Quantity::VarianceShiftPointwise => "quantity-variance-shift-pointwise",
        Quantity::ReestimationGain => "quantity-reestimation-gain",
        Quantity::MaskedUpdatesDense => "quantity-masked-updates-dense",
        Quantity::MaskedUpdatesConvolution => "quantity-masked-updates-convolution",
    })
}

/// How the values of a claim are read: as levels of its quantity or as differences of two of them.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub quantity: Quantity,
    is_difference: bool,
}

impl Reading {
    pub fn of(test: &Test) -> Self {
        match test {
            Test::Level { metric, .. } => Self { quantity: *metric, is_difference: false },
            Test::Difference { metric, .. } | Test::Trend { metric, .. } => {
                Self { quantity: *metric, is_difference: true }
            }
        }
    }

    pub fn level(quantity: Quantity) -> Self {
        Self { quantity, is_difference: false }
    }

    pub fn is_in_decades(self) -> bool {
        unit(self.quantity) == Unit::Magnitude && self.is_difference
    }

    /// Where a value stands on an axis: its logarithm for a level that spans orders of magnitude.
    pub fn place(self, value: f64) -> f64 {
        if unit(self.quantity) == Unit::Magnitude && !self.is_difference { libm::log10(value) } else { value }
    }

    /// A value with its unit, and with its sign where it is a difference.
    pub fn show(self, value: f64) -> String {
        match (unit(self.quantity), self.is_difference) {
            (Unit::Share, false) => percent(value),
            (Unit::Share, true) | (Unit::Points, _) => points(value),
            (Unit::Nats, false) => loss(value),
            (Unit::Nats, true) => loss_difference(value),
            (Unit::Magnitude, false) => magnitude(value),
            (Unit::Magnitude, true) => decades(value),
        }
    }

    /// As [`Self::show`], for the lower end of a span, whose unit stands at the upper one.
    fn bare(self, value: f64) -> String {
        match (unit(self.quantity), self.is_difference) {
            (Unit::Share, true) | (Unit::Points, _) => bare_points(value),
            (Unit::Magnitude, true) => bare_decades(value),
            _ => self.show(value),
        }
    }

    pub fn span(self, interval: &Interval) -> String {
        range(self.bare(interval.lower), self.show(interval.upper))
    }

    /// A distance between two values, without a sign, on the scale they are judged on.
    pub fn distance(self, distance: f64) -> String {
        let distance = distance.abs();
        match unit(self.quantity) {
            Unit::Share | Unit::Points => unsigned_points(distance),
            Unit::Nats => loss(distance),
            // A level is judged by its logarithm, too.
            Unit::Magnitude => say!("decades", value = ratio(distance)),
        }
    }

    /// How far a bound reaches on either side of its middle, in the unit the bound is stated in.
    pub fn margin(self, margin: f64) -> String {
        match (unit(self.quantity), self.is_difference) {
            (Unit::Magnitude, false) => magnitude(margin),
            _ => self.distance(margin),
        }
    }
}

/// The source's figure for a quantity that sources report.
pub fn reported(quantity: Quantity, reported: &Reported) -> Option<f64> {
    match quantity {
        Quantity::ValAccuracy => reported.val_accuracy,
        Quantity::ValLoss => reported.val_loss,
        Quantity::TrainAccuracy => reported.train_accuracy,
        Quantity::TrainLoss => reported.train_loss,
        Quantity::SignalInitial
        | Quantity::SignalFinal
        | Quantity::GradientInitial
        | Quantity::VarianceShiftDepthwise
        | Quantity::VarianceShiftPointwise
        | Quantity::ReestimationGain
        | Quantity::MaskedUpdatesDense
        | Quantity::MaskedUpdatesConvolution => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(quantity: Quantity) -> Reading {
        Reading { quantity, is_difference: true }
    }

    #[test]
    fn accuracies_are_percentages_and_their_differences_points() {
        assert_eq!(Reading::level(Quantity::ValAccuracy).show(0.7511), "75.11%");
        assert_eq!(difference(Quantity::ValAccuracy).show(-0.0338), "−3.38 points");
        let interval = Interval { lower: -0.05, upper: 0.01 };
        assert_eq!(difference(Quantity::ValAccuracy).span(&interval), "−5.00 to +1.00 points");
    }

    #[test]
    fn differences_of_what_spans_orders_of_magnitude_are_decades() {
        assert_eq!(Reading::level(Quantity::SignalInitial).show(3.2e-9), "3.20 × 10⁻⁹");
        assert_eq!(difference(Quantity::GradientInitial).show(-4.5), "−4.50 decades");
        assert_eq!(Reading::level(Quantity::SignalFinal).distance(0.5), "0.50 decades");
    }

    #[test]
    fn a_gain_is_a_difference_already() {
        assert_eq!(Reading::level(Quantity::ReestimationGain).show(0.012), "+1.20 points");
    }
}
