//! The vertical axis of a plot over layers or epochs: where a value stands on it, and which ticks it has.

use crate::report::text::{power_of_ten, trimmed};

use super::canvas::percent_tick;

/// More ticks than this crowd an axis.
const MOST_TICKS: usize = 7;
/// Mantissas of the ticks within one decade, from sparse to dense.
const MANTISSAS: [&[f64]; 4] =
    [&[1.0], &[1.0, 3.0], &[1.0, 2.0, 5.0], &[1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Logarithmic,
    Percent,
    Number,
}

/// A range of values on a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    scale: Scale,
    /// On the scale: logarithms to base 10 for a logarithmic one.
    lower: f64,
    upper: f64,
}

impl Axis {
    /// Covers the positive ones of `values`, but nothing below `floor`; `None` without a positive value.
    pub fn logarithmic(values: impl Iterator<Item = f64>, floor: f64) -> Option<Self> {
        let positive =
            values.filter(|value| value.is_finite() && *value > 0.0).map(|value| libm::log10(value.max(floor)));
        let (lower, upper) = positive.fold(None, |range: Option<(f64, f64)>, value| {
            Some(range.map_or((value, value), |(lower, upper)| (lower.min(value), upper.max(value))))
        })?;
        // A little air, and never so narrow that noise fills the plot: at least a factor of 1.25 (0.1 decades) each way.
        let margin = ((upper - lower) * 0.05).max(0.1);
        Some(Self { scale: Scale::Logarithmic, lower: lower - margin, upper: upper + margin })
    }

    /// From zero to a little above the largest value, as percentages.
    pub fn shares(values: impl Iterator<Item = f64>) -> Self {
        let highest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        Self { scale: Scale::Percent, lower: 0.0, upper: if highest > 0.0 { (highest * 1.1).min(1.0) } else { 1.0 } }
    }

    /// From zero to `top`.
    pub fn up_to(top: f64, is_share: bool) -> Self {
        Self { scale: if is_share { Scale::Percent } else { Scale::Number }, lower: 0.0, upper: top }
    }

    /// The value's place from 0 (bottom) to 1 (top); what lies outside stands at the edge.
    pub fn at(&self, value: f64) -> f64 {
        let value = match self.scale {
            Scale::Logarithmic if value > 0.0 => libm::log10(value),
            Scale::Logarithmic => f64::NEG_INFINITY,
            Scale::Percent | Scale::Number => value,
        };
        ((value - self.lower) / (self.upper - self.lower)).clamp(0.0, 1.0)
    }

    pub fn shows(&self, value: f64) -> bool {
        let place = match self.scale {
            Scale::Logarithmic if value > 0.0 => libm::log10(value),
            Scale::Logarithmic => return false,
            Scale::Percent | Scale::Number => value,
        };
        (self.lower..=self.upper).contains(&place)
    }

    /// Values with their labels, upwards; at least two.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        match self.scale {
            Scale::Logarithmic => self.logarithmic_ticks(),
            Scale::Percent => self.even_ticks().into_iter().map(|value| (value, percent_tick(value))).collect(),
            Scale::Number => self.even_ticks().into_iter().map(|value| (value, trimmed(value))).collect(),
        }
    }

    fn logarithmic_ticks(&self) -> Vec<(f64, String)> {
        let dense = MANTISSAS.iter().rev().map(|mantissas| self.with_mantissas(mantissas));
        let readable = dense.into_iter().find(|ticks| (2..=MOST_TICKS).contains(&ticks.len()));
        let ticks = readable.unwrap_or_else(|| self.every_few_decades());
        ticks.into_iter().map(|(mantissa, exponent)| tick(mantissa, exponent)).collect()
    }

    fn with_mantissas(&self, mantissas: &[f64]) -> Vec<(f64, i32)> {
        self.decades()
            .flat_map(|exponent| mantissas.iter().map(move |mantissa| (*mantissa, exponent)))
            .filter(|(mantissa, exponent)| {
                (self.lower..=self.upper).contains(&(libm::log10(*mantissa) + f64::from(*exponent)))
            })
            .collect()
    }

    fn every_few_decades(&self) -> Vec<(f64, i32)> {
        let all = self.with_mantissas(&[1.0]);
        let step = all.len().div_ceil(MOST_TICKS).max(1);
        let step = i32::try_from(step).unwrap_or(1);
        all.into_iter().filter(|(_, exponent)| exponent % step == 0).collect()
    }

    fn decades(&self) -> impl Iterator<Item = i32> {
        (self.lower.floor() as i32)..=(self.upper.ceil() as i32)
    }

    fn even_ticks(&self) -> Vec<f64> {
        let wanted = self.upper / 5.0;
        let decade = libm::exp10(libm::log10(wanted).floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * decade).find(|step| *step >= wanted * 0.999);
        let step = step.unwrap_or(wanted);
        let number = (self.upper / step + 1e-9).floor() as u32;
        (0..=number).map(|index| f64::from(index) * step).collect()
    }
}

fn tick(mantissa: f64, exponent: i32) -> (f64, String) {
    let value = mantissa * libm::exp10(f64::from(exponent));
    let label = match exponent {
        -2..=3 => trimmed(value),
        _ if mantissa == 1.0 => power_of_ten(exponent),
        _ => format!("{mantissa}·{}", power_of_ten(exponent)),
    };
    (value, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn many_decades_have_ticks_at_some_powers_of_ten() {
        let axis = Axis::logarithmic([1e-11, 1.0].into_iter(), 1e-30).unwrap();
        assert_eq!(labels(&axis), ["10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01", "1"]);
    }

    #[test]
    fn a_narrow_range_has_ticks_between_powers_of_ten() {
        let axis = Axis::logarithmic([0.9, 2.2].into_iter(), 1e-30).unwrap();
        assert_eq!(labels(&axis), ["0.8", "0.9", "1", "1.25", "1.5", "2", "2.5"]);
    }

    #[test]
    fn shares_start_at_zero() {
        assert_eq!(labels(&Axis::shares([0.1, 0.3].into_iter())), ["0%", "10%", "20%", "30%"]);
        assert_eq!(labels(&Axis::up_to(5.0, false)), ["0", "1", "2", "3", "4", "5"]);
    }

    #[test]
    fn values_outside_stand_at_the_edge() {
        let axis = Axis::logarithmic([1e-40, 1.0].into_iter(), 1e-20).unwrap();
        assert_eq!((axis.at(0.0), axis.at(1e-40), axis.at(1e9)), (0.0, 0.0, 1.0));
        assert!(!axis.shows(1e-40) && axis.shows(1e-20));
        assert!(Axis::logarithmic([0.0, f64::NAN].into_iter(), 1e-20).is_none());
    }
}
