//! Means of quantities that differ by factors, such as losses and learning rates: taken of the logarithms and mapped
//! back.

use super::{Interval, mean, student_t_interval};

/// The n-th root of the product; `None` when there are no values, or one is not finite or not above 0.
///
/// The geometric mean of equal values is exactly that value.
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    let logarithms = logarithms(values)?;
    // As a fraction of the largest, so that nothing overflows on the way.
    let largest = values.iter().copied().fold(0.0, f64::max);
    Some(largest * libm::exp10(mean(&logarithms)? - libm::log10(largest)))
}

/// Student-t interval of the mean of the values' decimal logarithms, mapped back: the interval of the geometric mean,
/// and of the median where the values are log-normal (Bland and Altman 1996, BMJ 312:1079).
///
/// `None` for fewer than two values, one not finite or not above 0, a confidence outside (0, 1), or an end too large
/// for a number.
pub fn log_t_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let logarithms = logarithms(values)?;
    let interval = student_t_interval(&logarithms, confidence)?;
    // Around the geometric mean rather than from 0, so that rounding cannot put it outside.
    let (centre, mean) = (geometric_mean(values)?, mean(&logarithms)?);
    let end = |logarithm: f64| centre * libm::exp10(logarithm - mean);
    let (lower, upper) = (end(interval.lower), end(interval.upper));
    upper.is_finite().then_some(Interval { lower, upper })
}

fn logarithms(values: &[f64]) -> Option<Vec<f64>> {
    values.iter().map(|&value| (value > 0.0 && value.is_finite()).then(|| libm::log10(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACCURACIES: [f64; 5] = [0.7511, 0.7432, 0.7623, 0.7488, 0.7570];
    const RATES: [f64; 4] = [1e-5, 3e-4, 2e-4, 5e-5];

    fn assert_close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-8, "{found} is not {expected}");
    }

    #[test]
    fn geometric_means_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.gmean(x). The last by hand.
        assert_close(geometric_mean(&ACCURACIES).unwrap(), 0.7524509928769427);
        assert_close(geometric_mean(&RATES).unwrap(), 7.400828044922846e-05);
        assert_close(geometric_mean(&[1.0, 10.0, 100.0]).unwrap(), 10.0);
    }

    #[test]
    fn intervals_agree_with_scipy() {
        // SciPy 1.17.1, y = log10(x): 10 ** scipy.stats.t.interval(c, n - 1, loc=mean(y), scale=scipy.stats.sem(y)).
        for (values, confidence, lower, upper) in [
            (&ACCURACIES[..], 0.90, 0.7454425174479504, 0.7595253603454808),
            (&ACCURACIES, 0.95, 0.7433362726396786, 0.7616774769659944),
            (&RATES, 0.90, 1.2097927402629765e-05, 0.00045274082020537343),
            (&[1.0, 10.0, 100.0], 0.95, 0.03279912728775662, 3048.861609111422),
        ] {
            let found = log_t_interval(values, confidence).unwrap();
            assert_close(found.lower, lower);
            assert_close(found.upper, upper);
        }
    }

    #[test]
    fn values_without_a_logarithm_have_neither() {
        for broken in [&[][..], &[1.0, 0.0], &[1.0, -1.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY]] {
            assert_eq!(geometric_mean(broken), None);
            assert_eq!(log_t_interval(broken, 0.95), None);
        }
        assert_eq!(log_t_interval(&[1.0], 0.95), None);
        assert_eq!(log_t_interval(&[1.0, 2.0], 1.0), None);
    }

    #[test]
    fn the_ends_of_the_number_range_neither_overflow_nor_make_an_infinite_interval() {
        assert_close(geometric_mean(&[1e-300, 1e300]).unwrap(), 1.0);
        assert_close(geometric_mean(&[1e300, 1e300, 1e306]).unwrap(), 1e302);
        assert_eq!(log_t_interval(&[1e-300, 1e300], 0.95), None);
    }

    proptest! {
        #[test]
        fn equal_values_have_an_interval_of_no_width_exactly_at_their_value(value in 1e-12_f64..1e12, n in 2_usize..9) {
            let values = vec![value; n];
            prop_assert_eq!(geometric_mean(&values), Some(value));
            prop_assert_eq!(log_t_interval(&values, 0.95), Some(Interval { lower: value, upper: value }));
        }

        #[test]
        fn scaling_scales_inverting_inverts_and_order_does_not_matter(
            values in proptest::collection::vec(0.5_f64..2.0, 2..9), by in 1e-3..1e3,
        ) {
            let both = |values: Vec<f64>| {
                let interval = log_t_interval(&values, 0.9).unwrap();
                (geometric_mean(&values).unwrap(), interval.lower, interval.upper)
            };
            let close = |(a, b, c): (f64, f64, f64), (x, y, z): (f64, f64, f64)| {
                [a / x, b / y, c / z].iter().all(|ratio| (ratio - 1.0).abs() < 1e-9)
            };
            let (centre, lower, upper) = both(values.clone());
            prop_assert!(lower <= centre && centre <= upper);
            prop_assert!(close(both(values.iter().map(|x| x * by).collect()), (centre * by, lower * by, upper * by)));
            prop_assert!(close(both(values.iter().map(|x| 1.0 / x).collect()), (1.0 / centre, 1.0 / upper, 1.0 / lower)));
            prop_assert!(close(both(values.into_iter().rev().collect()), (centre, lower, upper)));
        }
    }
}
