//! What a proportion counted on a finite sample says about the proportion behind it.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::Interval;
use super::quantile;

/// Wilson's score interval for a proportion seen in `trials` independent trials (Wilson 1927, J. Am. Stat. Assoc. 22):
/// (p + z²/2n ± z · sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n).
///
/// `None` without trials, for a proportion outside [0, 1] or a confidence outside (0, 1).
pub fn wilson_interval(proportion: f64, trials: u64, confidence: f64) -> Option<Interval> {
    if trials == 0 || !(0.0..=1.0).contains(&proportion) {
        return None;
    }
    let z = quantile::normal(confidence)?;
    let (p, n, z2) = (proportion, trials as f64, z * z);
    let shrink = 1.0 + z2 / n;
    let centre = (p + z2 / (2.0 * n)) / shrink;
    let half_width = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / shrink;
    Some(Interval { lower: (centre - half_width).max(0.0), upper: (centre + half_width).min(1.0) })
}

/// Two-sided exact p-value that two networks are equally good, from the images that only one of them got right (McNemar
/// 1947; the binomial test of `only_one` of both at 1/2). Rounded to nine decimals; 1 where they agree on every image.
pub fn mcnemar_p_value(only_one: u64, only_other: u64) -> f64 {
    let differing = only_one.saturating_add(only_other);
    let tail = Binomial::new(0.5, differing).map_or(1.0, |coin| coin.cdf(only_one.min(only_other)));
    quantile::to_nine_decimals((2.0 * tail).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wilson_intervals_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.binomtest(k, n).proportion_ci(0.95, method='wilson').
        for (successes, trials, lower, upper) in [
            (1000, 10_000, 0.09427283017063044, 0.10603436852591082),
            (0, 50, 0.0, 0.07134759913335872),
            (50, 50, 0.9286524008666412, 1.0),
            (7, 20, 0.1811918241010821, 0.5671457233147637),
        ] {
            let found = wilson_interval(f64::from(successes) / trials as f64, trials, 0.95).unwrap();
            assert!((found.lower - lower).abs() < 1e-9 && (found.upper - upper).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn tests_of_paired_images_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.binomtest(b, b + c, 0.5).pvalue.
        for (only_one, only_other, expected) in [
            (12, 5, 0.143463134765625),
            (0, 3, 0.25),
            (120, 85, 0.017351090463147357),
            (85, 120, 0.017351090463147357),
            (7, 7, 1.0),
            (1, 30, 2.9802322387695312e-08),
            (0, 0, 1.0),
        ] {
            let found = mcnemar_p_value(only_one, only_other);
            assert!((found - expected).abs() < 1e-9, "{only_one}:{only_other} gives {found}");
        }
    }

    #[test]
    fn there_is_no_interval_without_trials_or_for_an_impossible_proportion() {
        assert_eq!(wilson_interval(0.5, 0, 0.95), None);
        assert_eq!(wilson_interval(1.5, 10, 0.95), None);
        assert_eq!(wilson_interval(0.5, 10, 1.0), None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_proportion_and_narrows_with_more_trials(p in 0.0..=1.0, n in 1_u64..10_000) {
            let few = wilson_interval(p, n, 0.95).unwrap();
            let many = wilson_interval(p, n * 4, 0.95).unwrap();
            prop_assert!(few.lower <= p + 1e-12 && p <= few.upper + 1e-12);
            prop_assert!(many.upper - many.lower < few.upper - few.lower);
        }

        #[test]
        fn successes_and_failures_mirror_each_other(p in 0.0..=1.0, n in 1_u64..10_000) {
            let (one, other) = (wilson_interval(p, n, 0.9).unwrap(), wilson_interval(1.0 - p, n, 0.9).unwrap());
            prop_assert!((one.lower - (1.0 - other.upper)).abs() < 1e-9);
            prop_assert!((one.upper - (1.0 - other.lower)).abs() < 1e-9);
        }
    }
}
