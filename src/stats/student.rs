//! Student's t test of a mean: how often chance alone would put it this far from a bound.

use serde::Serialize;
use statrs::function::beta::beta_reg;

use super::quantile::to_nine_decimals;
use super::{mean, sample_sd};

/// A one-sample t test. The p-values are rounded to nine decimals, so one below 5e-10 is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TTest {
    /// Distance of the mean from the bound in standard errors, n - 1 degrees of freedom; infinite when the values are
    /// all equal and not the bound, which JSON has no number for: `null`.
    pub t: f64,
    /// Of the alternative that the mean is below the bound.
    pub p_less: f64,
    /// Of the alternative that the mean is above the bound.
    pub p_greater: f64,
    /// Of the alternative that the mean is not the bound.
    pub p_two_sided: f64,
}

/// One-sample t test of `values` against `against`: t = (mean - against) · sqrt(n) / s (Student 1908). The two-sided p
/// is below 1 - confidence where [`super::student_t_interval`] of that confidence excludes `against`.
///
/// Values all equal are the limit of values ever closer together: `p_greater`, `p_less` and `p_two_sided` are 0, 1, 0
/// above the bound, 1, 0, 0 below it, and 0.5, 0.5, 1 on it, where t is taken as 0. That is what the formula says, not
/// that there is no noise: three equal values may be a measurement too coarse.
///
/// `None` for fewer than two values, a value or bound not finite, or values too large to square.
pub fn t_test(values: &[f64], against: f64) -> Option<TTest> {
    let sd = sample_sd(values).filter(|sd| sd.is_finite())?;
    let distance = mean(values)? - against;
    if !distance.is_finite() {
        return None;
    }
    let t = if distance == 0.0 { 0.0 } else { distance / (sd / (values.len() as f64).sqrt()) };
    let tail = tail_beyond(t.abs(), (values.len() - 1) as f64);
    let (p_less, p_greater) = if t < 0.0 { (tail, 1.0 - tail) } else { (1.0 - tail, tail) };
    Some(TTest {
        t,
        p_less: to_nine_decimals(p_less),
        p_greater: to_nine_decimals(p_greater),
        p_two_sided: to_nine_decimals(2.0 * tail),
    })
}

/// Two-sided p-value of Welch's test that two samples have one mean, whatever their variances: t = (x̄ - ȳ) / sqrt(s²/n +
/// r²/m), with Satterthwaite's degrees of freedom (Welch 1947). Rounded to nine decimals.
///
/// `None` for fewer than two values in a sample, values not finite, and where all values of each sample are equal: then
/// there is no noise to compare a difference with.
pub fn welch_p_value(one: &[f64], other: &[f64]) -> Option<f64> {
    let share = |values: &[f64]| Some(sample_sd(values).filter(|sd| sd.is_finite())?.powi(2) / values.len() as f64);
    let (first, second) = (share(one)?, share(other)?);
    let variance = first + second;
    let freedom =
        variance.powi(2) / (first.powi(2) / (one.len() - 1) as f64 + second.powi(2) / (other.len() - 1) as f64);
    let t = (mean(one)? - mean(other)?) / variance.sqrt();
    (variance > 0.0 && freedom.is_finite() && t.is_finite())
        .then(|| to_nine_decimals(2.0 * tail_beyond(t.abs(), freedom)))
}

/// P(T > t) for t >= 0: half the incomplete beta function at v / (v + t²) (Abramowitz and Stegun 26.5.27), or what is
/// left of one half by its complement, since near t = 0 that argument has lost the digits of t.
fn tail_beyond(t: f64, freedom: f64) -> f64 {
    let square = t * t;
    let tail = if square < freedom {
        0.5 - 0.5 * beta_reg(0.5, 0.5 * freedom, square / (freedom + square))
    } else {
        0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + square))
    };
    tail.clamp(0.0, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student_t_interval;
    use proptest::prelude::*;

    const ACCURACIES: [f64; 5] = [0.7511, 0.7432, 0.7623, 0.7488, 0.7570];

    #[test]
    fn t_tests_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.ttest_1samp(x, against, alternative=a) with a = 'less', 'greater', 'two-sided'.
        let forty: Vec<f64> = (0..40).map(f64::from).collect();
        let cases: [(&[f64], f64, [f64; 4]); 8] = [
            (&ACCURACIES, 0.75, [0.7504340373050652, 0.7526374013310275, 0.24736259866897245, 0.4947251973379449]),
            (&ACCURACIES, 0.74, [3.776377736115769, 0.990251650630341, 0.009748349369658946, 0.01949669873931789]),
            (&ACCURACIES, 0.76, [-2.2755096615056383, 0.042603849315597415, 0.9573961506844025, 0.08520769863119483]),
            (
                &[2.3033, 2.3028],
                2.3,
                [12.199999999995914, 0.9739672231138652, 0.026032776886134805, 0.05206555377226961],
            ),
            (
                &[1.0, 2.0, 3.0, 4.0, 10.0],
                0.0,
                [2.5298221281347035, 0.9676615530218234, 0.03233844697817652, 0.06467689395635304],
            ),
            (&[0.03, 0.01, 0.06], 0.0, [2.294157338705618, 0.9256282653793743, 0.0743717346206257, 0.1487434692412514]),
            (
                &[-1.5, -1.2, -1.7, -1.4, -1.1, -1.6],
                1.0,
                [-25.552892410821254, 8.569854858707124e-07, 0.9999991430145141, 1.7139709717414247e-06],
            ),
            (&forty, 17.25, [1.2172540068010336, 0.8845889480223501, 0.11541105197764989, 0.23082210395529978]),
        ];
        for (values, against, [t, less, greater, two_sided]) in cases {
            let found = t_test(values, against).unwrap();
            assert!((found.t / t - 1.0).abs() < 1e-10, "{found:?}");
            for (p, expected) in [(found.p_less, less), (found.p_greater, greater), (found.p_two_sided, two_sided)] {
                assert!((p - expected).abs() < 1e-9, "{found:?}: {p} is not {expected}");
            }
        }
    }

    // SciPy 1.17.1: scipy.stats.t.sf(t, freedom).
    const TAILS: [(f64, f64, f64); 12] = [
        (1e-08, 4.0, 0.49999999625),
        (0.0001, 9999.0, 0.49996010676946934),
        (0.5, 1.0, 0.35241638234956674),
        (1.0, 1.0, 0.25000000000000006),
        (1.5, 2.0, 0.13619656244550055),
        (2.0, 4.0, 0.05805826175840778),
        (2.1, 4.0, 0.05182664315880109),
        (3.0, 10.0, 0.006671827511284785),
        (10.0, 3.0, 0.0010641995292070751),
        (100.0, 2.0, 4.999250124978129e-05),
        (4.0, 9999.0, 3.189935728129379e-05),
        (150.0, 9999.0, 0.0),
    ];

    #[test]
    fn tails_agree_with_scipy() {
        for (t, freedom, expected) in TAILS {
            assert!((tail_beyond(t, freedom) - expected).abs() < 1e-12, "t({freedom}) beyond {t}");
        }
        assert_eq!(tail_beyond(0.0, 3.0), 0.5);
        assert_eq!(tail_beyond(1e200, 3.0), 0.0);
    }

    #[test]
    fn equal_values_have_the_p_values_of_the_limit() {
        assert_eq!(
            t_test(&[0.1; 3], 0.05),
            Some(TTest { t: f64::INFINITY, p_less: 1.0, p_greater: 0.0, p_two_sided: 0.0 })
        );
        assert_eq!(
            t_test(&[0.1; 3], 0.2),
            Some(TTest { t: f64::NEG_INFINITY, p_less: 0.0, p_greater: 1.0, p_two_sided: 0.0 })
        );
        assert_eq!(t_test(&[0.1; 3], 0.1), Some(TTest { t: 0.0, p_less: 0.5, p_greater: 0.5, p_two_sided: 1.0 }));
    }

    #[test]
    fn welch_tests_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.ttest_ind(x, y, equal_var=False).pvalue.
        let cases: [(&[f64], &[f64], f64); 3] = [
            (&ACCURACIES, &[0.70, 0.72, 0.735], 0.06565767053286417),
            (
                &[27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4],
                &[27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4],
                0.021378001462866992,
            ),
            (&[1.0, 2.0, 3.0], &[10.0, 10.5], 0.0017930717999468395),
        ];
        for (one, other, expected) in cases {
            for p in [welch_p_value(one, other), welch_p_value(other, one)] {
                assert!((p.unwrap() - expected).abs() < 1e-9, "{p:?} is not {expected}");
            }
        }
        assert_eq!(welch_p_value(&[1.0, 2.0], &[1.5, 1.5]), Some(1.0));
        for (one, other) in [(&[1.0][..], &[1.0, 2.0][..]), (&[1.0, 1.0], &[2.0, 2.0]), (&[f64::NAN, 1.0], &[1.0, 2.0])]
        {
            assert_eq!(welch_p_value(one, other), None);
        }
    }

    #[test]
    fn one_value_and_numbers_that_are_not_finite_have_no_test() {
        for broken in [&[][..], &[0.7], &[0.7, f64::NAN], &[0.7, f64::INFINITY], &[1e300, -1e300]] {
            assert_eq!(t_test(broken, 0.5), None);
        }
        for against in [f64::NAN, f64::INFINITY] {
            assert_eq!(t_test(&ACCURACIES, against), None);
        }
    }

    fn samples() -> impl Strategy<Value = Vec<f64>> {
        proptest::collection::vec(-10.0_f64..10.0, 2..12)
    }

    fn assert_same(found: TTest, expected: TTest) -> Result<(), TestCaseError> {
        prop_assert!((found.p_less - expected.p_less).abs() < 1e-6, "{found:?} {expected:?}");
        prop_assert!((found.p_greater - expected.p_greater).abs() < 1e-6, "{found:?} {expected:?}");
        prop_assert!((found.p_two_sided - expected.p_two_sided).abs() < 1e-6, "{found:?} {expected:?}");
        Ok(())
    }

    proptest! {
        #[test]
        fn shift_scale_and_order_change_nothing(
            values in samples(), against in -10.0_f64..10.0, shift in -100.0_f64..100.0, scale in 0.1_f64..10.0,
        ) {
            let moved: Vec<f64> = values.iter().rev().map(|x| x * scale + shift).collect();
            assert_same(t_test(&moved, against * scale + shift).unwrap(), t_test(&values, against).unwrap())?;
        }

        #[test]
        fn mirroring_the_values_swaps_the_sides(values in samples(), against in -10.0_f64..10.0) {
            let TTest { t, p_less, p_greater, p_two_sided } = t_test(&values, against).unwrap();
            let mirrored = t_test(&values.iter().map(|x| -x).collect::<Vec<_>>(), -against).unwrap();
            assert_same(mirrored, TTest { t: -t, p_less: p_greater, p_greater: p_less, p_two_sided })?;
        }

        #[test]
        fn the_test_rejects_exactly_what_the_interval_excludes(
            values in samples(), against in -10.0_f64..10.0, confidence in 0.5_f64..0.999,
        ) {
            let p = t_test(&values, against).unwrap().p_two_sided;
            prop_assume!((p - (1.0 - confidence)).abs() > 1e-7);
            let interval = student_t_interval(&values, confidence).unwrap();
            prop_assert_eq!(p < 1.0 - confidence, !interval.contains(against));
        }
    }
}
