//! Several claims tested on one experiment: what their p-values are worth together.

/// p-values adjusted by Holm's step-down procedure (Holm 1979, Scand. J. Stat. 6), in the order given: a test may be
/// rejected at level a when its adjusted value is at most a, and then the probability of rejecting any true hypothesis
/// is at most a, however the tests depend on each other.
///
/// The i-th smallest of m becomes the largest of min(1, (m - j + 1) · p(j)) over j = 1..=i. A p-value that is not a
/// number counts as 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let p_values: Vec<f64> = p_values.iter().map(|&p| if p.is_nan() { 1.0 } else { p }).collect();
    let mut ascending: Vec<usize> = (0..p_values.len()).collect();
    ascending.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &at) in ascending.iter().enumerate() {
        largest = largest.max(((p_values.len() - rank) as f64 * p_values[at]).min(1.0));
        adjusted[at] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn adjusted_values_agree_with_statsmodels() {
        // statsmodels 0.15.0: statsmodels.stats.multitest.multipletests(p, method='holm')[1].
        for (p_values, expected) in [
            (&[0.01, 0.04, 0.03, 0.005][..], &[0.03, 0.06, 0.06, 0.02][..]),
            (&[0.2, 0.001, 0.04, 0.04, 0.9, 0.012], &[0.4, 0.006, 0.16, 0.16, 0.9, 0.06]),
            (&[0.5, 0.6, 0.7], &[1.0, 1.0, 1.0]),
        ] {
            for (found, expected) in holm(p_values).into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{p_values:?}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn a_value_that_is_not_a_number_counts_as_one() {
        for nan in [f64::NAN, -f64::NAN] {
            assert_eq!(holm(&[nan, 0.01]), [1.0, 0.02]);
        }
    }

    #[test]
    fn no_tests_have_no_adjusted_values() {
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    proptest! {
        #[test]
        fn one_test_keeps_its_p_value(p in 0.0..=1.0) {
            prop_assert_eq!(holm(&[p]), [p]);
        }

        #[test]
        fn adjusted_values_keep_the_order_and_are_never_below_the_raw_ones(
            p_values in proptest::collection::vec(0.0..=1.0, 1..12),
        ) {
            let adjusted = holm(&p_values);
            for (p, a) in p_values.iter().zip(&adjusted) {
                prop_assert!(p <= a && *a <= 1.0);
                for (q, b) in p_values.iter().zip(&adjusted) {
                    prop_assert!(p > q || a <= b);
                }
            }
        }

        #[test]
        fn the_order_of_the_tests_does_not_matter(p_values in proptest::collection::vec(0.0..=1.0, 1..12)) {
            let mut adjusted = holm(&p_values.iter().rev().copied().collect::<Vec<_>>());
            adjusted.reverse();
            prop_assert_eq!(adjusted, holm(&p_values));
        }
    }
}
