//! Intervals of statistics that have no formula for one: the statistic is taken of resamples of the values.
//!
//! Resampling draws from an addressed generator, so an interval is a function of the values and the address.

use super::Interval;
use crate::random::{Address, Draws};

/// Percentile bootstrap interval (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13): `resamples`
/// times, as many values as there are are drawn with replacement; the interval spans the middle `confidence` of their
/// statistics. Percentiles are interpolated linearly, as by NumPy and by `scipy.stats.bootstrap`.
///
/// With few values it is too narrow: at confidence 0.95 the interval of a mean holds the mean of the normal population
/// in 90 of 100 cases with ten values, in 84 with five (4,000 samples simulated with NumPy).
///
/// `address` should be in [`crate::random::Stream::Bootstrap`]. The values are sorted first, so that their order matters
/// only where it matters to the statistic.
///
/// `None` for fewer than two values or one not finite, no resamples, a confidence outside (0, 1), or where the statistic
/// of a resample is `None` or not finite.
pub fn bootstrap_interval(
    values: &[f64],
    statistic: impl Fn(&[f64]) -> Option<f64>,
    confidence: f64,
    resamples: u32,
    address: Address,
) -> Option<Interval> {
    stratified_bootstrap_interval([values], |[values]| statistic(values), confidence, resamples, address)
}

/// As [`bootstrap_interval`], of a statistic of several samples, each of which is resampled on its own (rliable's
/// `StratifiedIndependentBootstrap`, Agarwal et al. 2021).
///
/// `None` also where one of the samples has fewer than two values or one that is not finite.
pub fn stratified_bootstrap_interval<const N: usize>(
    samples: [&[f64]; N],
    statistic: impl Fn([&[f64]; N]) -> Option<f64>,
    confidence: f64,
    resamples: u32,
    address: Address,
) -> Option<Interval> {
    let is_confidence = confidence > 0.0 && confidence < 1.0;
    let is_sample = |values: &&[f64]| values.len() >= 2 && values.iter().all(|value| value.is_finite());
    if resamples == 0 || !is_confidence || !samples.iter().all(is_sample) {
        return None;
    }
    let sorted = samples.map(|values| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    });
    let (mut draws, mut drawn) = (address.draws(), sorted.clone());
    let mut statistics = (0..resamples)
        .map(|_| {
            for (drawn, sorted) in drawn.iter_mut().zip(&sorted) {
                let n = u32::try_from(sorted.len()).ok()?;
                drawn.fill_with(|| draw(sorted, n, &mut draws));
            }
            statistic(drawn.each_ref().map(Vec::as_slice)).filter(|value| value.is_finite())
        })
        .collect::<Option<Vec<f64>>>()?;
    statistics.sort_by(f64::total_cmp);
    let outside = (1.0 - confidence) / 2.0;
    Some(Interval { lower: percentile(&statistics, outside), upper: percentile(&statistics, 1.0 - outside) })
}

fn draw(values: &[f64], n: u32, draws: &mut Draws) -> f64 {
    values[draws.below(n) as usize]
}

/// Definition 7 of Hyndman and Fan (1996, Am. Stat. 50): linear between the values, the first at 0 and the last at 1.
pub(super) fn percentile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = p * last as f64;
    let below = (place.floor() as usize).min(last);
    let (left, right) = (sorted[below], sorted[(below + 1).min(last)]);
    left + (right - left) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::{interquartile_mean, mean, probability_of_superiority};
    use proptest::prelude::*;

    const ACCURACIES: [f64; 5] = [0.7511, 0.7432, 0.7623, 0.7488, 0.7570];
    const HERE: Address = Address { seed: 1, stream: Stream::Bootstrap, epoch: 0, step: 0, layer: 0 };

    #[test]
    fn percentiles_agree_with_numpy() {
        // NumPy 2.4.6: numpy.percentile([1, 2, 4, 8, 16], [0, 2.5, 30, 50, 97.5, 100]).
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        for (p, expected) in [(0.0, 1.0), (0.025, 1.1), (0.3, 2.4), (0.5, 4.0), (0.975, 15.2), (1.0, 16.0)] {
            assert!((percentile(&sorted, p) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn the_mean_of_two_values_has_the_interval_of_its_four_resamples() {
        // By hand: a quarter of all resamples is (0, 0), half has one of each, a quarter is (1, 1). So the means'
        // 30th and 70th percentiles are 1/2, their 20th and 80th 0 and 1.
        let interval = |confidence| bootstrap_interval(&[1.0, 0.0], mean, confidence, 4000, HERE).unwrap();
        assert_eq!(interval(0.4), Interval { lower: 0.5, upper: 0.5 });
        assert_eq!(interval(0.6), Interval { lower: 0.0, upper: 1.0 });
    }

    #[test]
    fn two_resamples_of_three_values_follow_from_the_first_six_numbers_of_the_address() {
        // Written out by hand from the description above, as someone porting it would.
        let (sorted, mut draws) = ([2.0, 3.0, 7.0], HERE.draws());
        let mut mean_of_three = || (0..3).map(|_| sorted[draws.below(3) as usize]).sum::<f64>() / 3.0;
        let (one, other) = (mean_of_three(), mean_of_three());
        assert_ne!(one, other);
        let found = bootstrap_interval(&[7.0, 2.0, 3.0], mean, 0.5, 2, HERE).unwrap();
        let (low, high) = (one.min(other), one.max(other));
        assert!((found.lower - (0.75 * low + 0.25 * high)).abs() < 1e-12);
        assert!((found.upper - (0.25 * low + 0.75 * high)).abs() < 1e-12);
    }

    #[test]
    fn intervals_are_near_those_of_scipy() {
        // SciPy 1.17.1: scipy.stats.bootstrap((x,), f, confidence_level=c, n_resamples=99999, method='percentile',
        // rng=1) with f = numpy.mean and trim_mean(x, 0.25). Other resamples, so equal up to the noise of resampling.
        type Case<'a> = (&'a [f64], fn(&[f64]) -> Option<f64>, f64, f64, f64, f64);
        let ten = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0];
        let cases: [Case; 4] = [
            (&ACCURACIES, mean, 0.90, 0.74754, 0.75742, 2e-4),
            (&ACCURACIES, mean, 0.95, 0.74702, 0.75848, 2e-4),
            (&ACCURACIES, interquartile_mean, 0.90, 0.7469333333333333, 0.7587666666666667, 5e-4),
            (&ten, mean, 0.90, 4.1, 33.2, 0.25),
        ];
        for (values, statistic, confidence, lower, upper, tolerance) in cases {
            let found = bootstrap_interval(values, statistic, confidence, 20_000, HERE).unwrap();
            assert!((found.lower - lower).abs() < tolerance && (found.upper - upper).abs() < tolerance, "{found:?}");
        }
    }

    /// Eleven and nine numbers drawn with NumPy, rounded.
    const ONE: [f64; 11] = [0.513, 0.487, 0.564, 0.51, 0.446, 0.536, 0.63, 0.595, 0.43, 0.373, 0.438];
    const OTHER: [f64; 9] = [0.555, 0.271, 0.524, 0.4, 0.462, 0.485, 0.512, 0.599, 0.675];

    #[test]
    fn aggregates_are_those_of_rliable_and_their_intervals_near_its_own() {
        // rliable 1.2.0: metrics.aggregate_iqm, metrics.probability_of_improvement on arrays of one task, and
        // library.get_interval_estimates(…, reps=50000), whose resamples are others.
        for (values, expected) in [(&ONE[..], 0.499_142_857_142_857_17), (&OTHER, 0.5076)] {
            assert!((interquartile_mean(values).unwrap() - expected).abs() < 1e-12);
        }
        let both = [(&ONE[..], &OTHER[..], 0.484_848_484_848_484_86), (&OTHER, &ONE, 0.515_151_515_151_515_1)];
        for (left, right, expected) in both {
            assert!((probability_of_superiority(left, right).unwrap() - expected).abs() < 1e-12);
        }
        let near = |found: Interval, lower: f64, upper: f64| {
            assert!((found.lower - lower).abs() < 0.02 && (found.upper - upper).abs() < 0.02, "{found:?}");
        };
        near(bootstrap_interval(&ONE, interquartile_mean, 0.95, 20_000, HERE).unwrap(), 0.450_857, 0.553);
        near(bootstrap_interval(&OTHER, interquartile_mean, 0.95, 20_000, HERE).unwrap(), 0.4214, 0.5752);
        let improvement = |[left, right]: [&[f64]; 2]| probability_of_superiority(left, right);
        let found = stratified_bootstrap_interval([&ONE, &OTHER], improvement, 0.95, 20_000, HERE).unwrap();
        near(found, 0.222_222, 0.747_475);
    }

    #[test]
    fn the_same_address_gives_the_same_bits_and_another_one_others() {
        let at = |address| bootstrap_interval(&ACCURACIES, mean, 0.95, 200, address).unwrap();
        assert_eq!(at(HERE), at(HERE));
        assert_ne!(at(HERE), at(Address { seed: 2, ..HERE }));
        assert_ne!(at(HERE), at(Address { step: 1, ..HERE }));
    }

    #[test]
    fn there_is_no_interval_without_values_resamples_confidence_or_statistics() {
        for broken in [&[][..], &[0.7], &[0.7, f64::NAN], &[0.7, f64::INFINITY]] {
            assert_eq!(bootstrap_interval(broken, mean, 0.95, 100, HERE), None);
        }
        for confidence in [0.0, 1.0, f64::NAN] {
            assert_eq!(bootstrap_interval(&ACCURACIES, mean, confidence, 100, HERE), None);
        }
        assert_eq!(bootstrap_interval(&ACCURACIES, mean, 0.95, 0, HERE), None);
        assert_eq!(bootstrap_interval(&ACCURACIES, |_| None, 0.95, 100, HERE), None);
        assert_eq!(bootstrap_interval(&ACCURACIES, |_| Some(f64::NAN), 0.95, 100, HERE), None);
    }

    fn samples() -> impl Strategy<Value = Vec<f64>> {
        proptest::collection::vec(-10.0_f64..10.0, 2..12)
    }

    fn interval(values: &[f64]) -> Interval {
        bootstrap_interval(values, mean, 0.9, 100, HERE).unwrap()
    }

    proptest! {
        #[test]
        fn equal_values_have_an_interval_of_no_width(value in -10.0_f64..10.0, n in 2_usize..9) {
            prop_assert_eq!(interval(&vec![value; n]), Interval { lower: value, upper: value });
        }

        #[test]
        fn the_order_of_the_values_does_not_change_a_bit(values in samples()) {
            prop_assert_eq!(interval(&values.iter().rev().copied().collect::<Vec<_>>()), interval(&values));
        }

        #[test]
        fn shift_and_scale_carry_over(values in samples(), shift in -100.0_f64..100.0, scale in 0.1_f64..10.0) {
            let before = interval(&values);
            let after = interval(&values.iter().map(|x| x * scale + shift).collect::<Vec<_>>());
            prop_assert!((after.lower - before.lower * scale - shift).abs() < 1e-9);
            prop_assert!((after.upper - before.upper * scale - shift).abs() < 1e-9);
        }

        #[test]
        fn more_confidence_gives_a_wider_interval_within_the_values(values in samples()) {
            let (narrow, wide) = (interval(&values), bootstrap_interval(&values, mean, 0.99, 100, HERE).unwrap());
            prop_assert!(wide.lower <= narrow.lower && narrow.upper <= wide.upper);
            let range = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
            prop_assert!(range.0 - 1e-12 <= wide.lower && wide.upper <= range.1 + 1e-12);
        }
    }
}
