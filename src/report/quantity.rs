//! The quantities that claims are about, in words and figures.

use super::text::{self, bare_points, percent, points};
use crate::config::{Bound, Direction, Quantity, Scale};
use crate::stats::Interval;

/// What it is, as the subject of a sentence.
pub fn name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::ValAccuracy => "final validation accuracy",
        Quantity::ValLoss => "final validation loss",
        Quantity::TrainAccuracy => "training accuracy of the last epoch",
        Quantity::TrainLoss => "training loss of the last epoch",
        Quantity::SignalInitial => "signal at the pooled features before training (RMS)",
        Quantity::SignalFinal => "signal at the pooled features after training (RMS)",
        Quantity::GradientInitial => "gradient of the first convolution at the first step (RMS)",
        Quantity::VarianceShiftDepthwise => "variance behind depthwise convolutions, dropout on over off",
        Quantity::VarianceShiftPointwise => "variance behind pointwise convolutions, dropout on over off",
        Quantity::ReestimationGain => "accuracy gained by estimating the running statistics anew",
        Quantity::MaskedUpdatesDense => "share of the classifier’s updates silenced by the mask",
        Quantity::MaskedUpdatesConvolution => "share of sliding kernels’ updates silenced by the mask",
    }
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Percent,
    Points,
    Loss,
    /// Spans orders of magnitude.
    Scientific,
    Ratio,
    Decades,
}

fn manner(quantity: Quantity, is_difference: bool) -> Manner {
    match (quantity, is_difference) {
        (Quantity::ReestimationGain, _)
        | (
            Quantity::ValAccuracy
            | Quantity::TrainAccuracy
            | Quantity::MaskedUpdatesDense
            | Quantity::MaskedUpdatesConvolution,
            true,
        ) => Manner::Points,
        (_, true) if quantity.scale() == Scale::Log10 => Manner::Decades,
        (Quantity::ValLoss | Quantity::TrainLoss, _) => Manner::Loss,
        (Quantity::SignalInitial | Quantity::SignalFinal | Quantity::GradientInitial, _) => Manner::Scientific,
        (Quantity::VarianceShiftDepthwise | Quantity::VarianceShiftPointwise, _) => Manner::Ratio,
        (_, _) => Manner::Percent,
    }
}

/// A value for people, with its unit.
pub fn show(quantity: Quantity, value: f64, is_difference: bool) -> String {
    match manner(quantity, is_difference) {
        Manner::Percent => percent(value),
        Manner::Points => points(value),
        Manner::Loss if is_difference => text::loss_difference(value),
        Manner::Loss => text::loss(value),
        Manner::Scientific => text::scientific(value),
        Manner::Ratio => format!("× {value:.3}"),
        Manner::Decades => format!("{} decades", bare_points(value / 100.0)),
    }
}

pub fn show_interval(quantity: Quantity, interval: &Interval, is_difference: bool) -> String {
    let lower = match manner(quantity, is_difference) {
        Manner::Points => bare_points(interval.lower),
        Manner::Decades => bare_points(interval.lower / 100.0),
        _ => show(quantity, interval.lower, is_difference),
    };
    format!("{lower} to {}", show(quantity, interval.upper, is_difference))
}

/// Where a claim says the quantity lies.
pub fn bound_in_words(quantity: Quantity, bound: &Bound, is_difference: bool) -> String {
    let show = |value| show(quantity, value, is_difference);
    match *bound {
        Bound::Below { value } => format!("below {}", show(value)),
        Bound::Above { value } => format!("above {}", show(value)),
        Bound::Within { around, margin } => {
            let range = Interval { lower: around - margin, upper: around + margin };
            format!("between {}", show_interval(quantity, &range, is_difference).replacen(" to ", " and ", 1))
        }
    }
}

pub fn direction_in_words(direction: Direction) -> &'static str {
    match direction {
        Direction::Increasing => "rises",
        Direction::Decreasing => "falls",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_in_the_unit_of_their_quantity() {
        assert_eq!(show(Quantity::ValAccuracy, 0.15, false), "15.00%");
        assert_eq!(show(Quantity::ValAccuracy, -0.02, true), "−2.00 points");
        assert_eq!(show(Quantity::SignalInitial, 1.234e-11, false), "1.2 × 10⁻¹¹");
        assert_eq!(show(Quantity::SignalInitial, -2.5, true), "−2.50 decades");
        assert_eq!(show(Quantity::VarianceShiftDepthwise, 1.102, false), "× 1.102");
        assert_eq!(show(Quantity::ReestimationGain, 0.05, false), "+5.00 points");
        let within = Bound::Within { around: 0.1, margin: 0.03 };
        assert_eq!(bound_in_words(Quantity::MaskedUpdatesDense, &within, false), "between 7.00% and 13.00%");
    }
}
