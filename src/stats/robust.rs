//! Summaries that one bad run cannot carry away: they use the order of the values, or little more than it.

use super::mean;

/// Mean of the middle half: a quarter of the values, rounded down, is left out at each end. rliable's aggregate
/// (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice"), and
/// `scipy.stats.trim_mean(x, 0.25)`.
///
/// Below four values nothing is left out. `None` when there are no values, or one is not finite.
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // A value that is not finite is sorted to an end and might be cut off unseen.
    if sorted.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let cut = sorted.len() / 4;
    mean(&sorted[cut..sorted.len() - cut])
}

/// P(left > right) + P(left = right) / 2 over all pairs: the A of Vargha and Delaney (2000, J. Educ. Behav. Stat. 25),
/// the Mann-Whitney U of `left` divided by the number of pairs.
///
/// `None` when a side has no values, or one is not finite.
pub fn probability_of_superiority(left: &[f64], right: &[f64]) -> Option<f64> {
    if left.is_empty() || right.is_empty() || left.iter().chain(right).any(|value| !value.is_finite()) {
        return None;
    }
    let half_wins = |l: &f64, r: &f64| u64::from(l > r) + u64::from(l >= r);
    let won: u64 = left.iter().flat_map(|l| right.iter().map(move |r| half_wins(l, r))).sum();
    Some(won as f64 / (2.0 * left.len() as f64 * right.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACCURACIES: [f64; 5] = [0.7511, 0.7432, 0.7623, 0.7488, 0.7570];

    #[test]
    fn interquartile_means_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.trim_mean(x, 0.25).
        for (values, expected) in [
            (&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0][..], 5.5),
            (&ACCURACIES, 0.7523),
            (&[3.0, 1.0, 2.0], 2.0),
            (&[5.0, 1.0, 9.0, 2.0, 7.0, 3.0, 11.0], 5.2),
        ] {
            assert!((interquartile_mean(values).unwrap() - expected).abs() < 1e-12, "{values:?}");
        }
    }

    #[test]
    fn probabilities_of_superiority_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.mannwhitneyu(left, right).statistic / (len(left) * len(right)).
        for (left, right, expected) in [
            (&[1.0, 2.0, 3.0][..], &[2.0, 3.0, 4.0][..], 0.2222222222222222),
            (&ACCURACIES, &[0.7401, 0.7432, 0.7560], 0.7666666666666667),
            (&[5.0; 3], &[5.0; 2], 0.5),
        ] {
            assert!((probability_of_superiority(left, right).unwrap() - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn the_two_zeros_are_a_tie() {
        assert_eq!(probability_of_superiority(&[0.0], &[-0.0]), Some(0.5));
    }

    #[test]
    fn no_values_and_values_that_are_not_finite_have_neither() {
        for broken in [&[][..], &[f64::NAN, 1.0, 2.0, 3.0], &[f64::INFINITY, 1.0, 2.0, 3.0]] {
            assert_eq!(interquartile_mean(broken), None);
            assert_eq!(probability_of_superiority(broken, &[1.0]), None);
            assert_eq!(probability_of_superiority(&[1.0], broken), None);
        }
    }

    fn samples() -> impl Strategy<Value = Vec<f64>> {
        proptest::collection::vec(-10.0_f64..10.0, 1..12)
    }

    /// With ties.
    fn counts() -> impl Strategy<Value = Vec<f64>> {
        proptest::collection::vec((0_u8..6).prop_map(f64::from), 1..12)
    }

    proptest! {
        #[test]
        fn an_interquartile_mean_does_not_depend_on_the_order_and_follows_shift_and_scale(
            values in samples(), by in 0.1_f64..10.0,
        ) {
            let found = interquartile_mean(&values).unwrap();
            prop_assert_eq!(interquartile_mean(&values.iter().rev().copied().collect::<Vec<_>>()), Some(found));
            let shifted = interquartile_mean(&values.iter().map(|x| x + by).collect::<Vec<_>>()).unwrap();
            let scaled = interquartile_mean(&values.iter().map(|x| x * by).collect::<Vec<_>>()).unwrap();
            prop_assert!((shifted - found - by).abs() < 1e-9 && (scaled - found * by).abs() < 1e-9);
        }

        #[test]
        fn a_quarter_of_wild_values_cannot_carry_the_interquartile_mean_away(values in samples(), wild in 1e3..1e9) {
            let mut values = values;
            values.extend(vec![wild; values.len() / 3]);
            prop_assert!(interquartile_mean(&values).unwrap().abs() <= 10.0);
        }

        #[test]
        fn superiority_of_the_one_side_is_inferiority_of_the_other(left in counts(), right in counts()) {
            let one = probability_of_superiority(&left, &right).unwrap();
            let other = probability_of_superiority(&right, &left).unwrap();
            prop_assert!((one + other - 1.0).abs() < 1e-12);
            prop_assert_eq!(probability_of_superiority(&left, &left), Some(0.5));
        }

        #[test]
        fn superiority_depends_on_order_alone(left in counts(), right in counts()) {
            let cubed = |side: &[f64]| side.iter().map(|x| x * x * x - 7.0).collect::<Vec<_>>();
            prop_assert_eq!(
                probability_of_superiority(&cubed(&left), &cubed(&right)),
                probability_of_superiority(&left, &right)
            );
        }
    }
}
