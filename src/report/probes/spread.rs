//! One figure of a layer over the seeds of a variant.

/// The smallest positive f32, 2^-149. Probes are computed in f32: one that is exactly zero has underflowed.
const SMALLEST: f64 = f32::from_bits(1) as f64;

/// Mean and range over seeds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Spread {
    pub mean: f64,
    pub min: f64,
    pub max: f64,
    /// Seeds with a finite figure.
    pub n: usize,
}

impl Spread {
    /// With the geometric mean, for figures that span orders of magnitude; zero counts as 2^-149 in it.
    ///
    /// `None` without a figure that is finite and not negative.
    pub fn geometric(values: &[f64]) -> Option<Self> {
        let usable: Vec<f64> = values.iter().copied().filter(|value| value.is_finite() && *value >= 0.0).collect();
        let range = Self::range(&usable)?;
        // libm's functions, unlike those of std, have the same bits on every machine.
        let logarithms: Vec<f64> = usable.iter().map(|value| libm::log10(value.max(SMALLEST))).collect();
        let mean = libm::exp10(crate::stats::mean(&logarithms)?);
        // Rounding must not push the mean of equal values out of their range.
        Some(Self { mean: if range.max > 0.0 { mean.clamp(range.min, range.max) } else { 0.0 }, ..range })
    }

    /// With the arithmetic mean, for shares and differences.
    pub fn arithmetic(values: &[f64]) -> Option<Self> {
        let usable: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        Some(Self { mean: crate::stats::mean(&usable)?, ..Self::range(&usable)? })
    }

    fn range(values: &[f64]) -> Option<Self> {
        let min = values.iter().copied().reduce(f64::min)?;
        let max = values.iter().copied().reduce(f64::max)?;
        Some(Self { mean: f64::NAN, min, max, n: values.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_geometric_mean_is_the_mean_of_logarithms() {
        // By hand: the square root of 1e-3 · 1e-9 is 1e-6.
        let spread = Spread::geometric(&[1e-3, 1e-9]).unwrap();
        assert!((spread.mean / 1e-6 - 1.0).abs() < 1e-12);
        assert_eq!((spread.min, spread.max, spread.n), (1e-9, 1e-3, 2));
    }

    #[test]
    fn figures_that_are_not_finite_are_left_out_and_an_underflow_is_not() {
        assert_eq!(Spread::geometric(&[f64::NAN, f64::INFINITY]), None);
        assert_eq!(Spread::geometric(&[]), None);
        assert_eq!(Spread::geometric(&[f64::NAN, 2.0]).unwrap().n, 1);
        assert_eq!(Spread::geometric(&[0.0, 0.0]).unwrap().mean, 0.0);
        // By hand: the square root of 2^-149 · 2^-1 is 2^-75.
        let underflow = Spread::geometric(&[0.0, 0.5]).unwrap();
        assert!((underflow.mean / 2f64.powi(-75) - 1.0).abs() < 1e-9 && underflow.min == 0.0, "{underflow:?}");
    }

    proptest! {
        #[test]
        fn the_mean_lies_in_the_range(values in proptest::collection::vec(1e-30..1e30_f64, 1..8)) {
            for spread in [Spread::geometric(&values).unwrap(), Spread::arithmetic(&values).unwrap()] {
                prop_assert!(spread.min <= spread.mean * (1.0 + 1e-12) && spread.mean <= spread.max * (1.0 + 1e-12));
            }
        }
    }
}
