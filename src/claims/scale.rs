//! Values on the scale they are averaged and compared on.

use crate::config::Scale;

/// The smallest positive f32, 2^-149. A quantity computed in f32 that is exactly zero has underflowed and is at most this.
const SMALLEST: f64 = f32::from_bits(1) as f64;

/// `value` where means are taken; `None` for one that has no place there: not finite, or negative and in want of a
/// logarithm. Zero counts as the smallest positive f32 where a logarithm is taken.
pub fn to_judged(scale: Scale, value: f64) -> Option<f64> {
    match scale {
        Scale::Linear => Some(value).filter(|value| value.is_finite()),
        // libm's functions, unlike those of std, have the same bits on every machine.
        Scale::Log10 => (value.is_finite() && value >= 0.0).then(|| libm::log10(value.max(SMALLEST))),
    }
}

/// The inverse of [`to_judged`].
pub fn from_judged(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Log10 => libm::exp10(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_count_decades_and_zero_is_an_underflow() {
        assert_eq!(to_judged(Scale::Log10, 0.001), Some(-3.0));
        assert_eq!(from_judged(Scale::Log10, -3.0), 0.001);
        // Python: math.log10(2**-149).
        assert!((to_judged(Scale::Log10, 0.0).unwrap() - -44.8534693539332).abs() < 1e-12);
        assert_eq!(to_judged(Scale::Log10, 1e-60), to_judged(Scale::Log10, 0.0));
    }

    #[test]
    fn what_is_no_number_has_no_place() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(to_judged(Scale::Linear, value), None);
            assert_eq!(to_judged(Scale::Log10, value), None);
        }
        assert_eq!(to_judged(Scale::Log10, -1.0), None);
        assert_eq!(to_judged(Scale::Linear, -1.0), Some(-1.0));
    }
}
