//! A mean with what is known about it: its interval, the confidence of that interval, and the number of values.

use serde::Serialize;

use super::quantile;

/// A closed range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub lower: f64,
    pub upper: f64,
}

impl Interval {
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }

    /// The smallest interval that covers both.
    pub fn hull(&self, other: &Self) -> Self {
        Self { lower: self.lower.min(other.lower), upper: self.upper.max(other.upper) }
    }

    /// The part that lies in `range`: for a quantity that cannot leave it, cutting costs no coverage.
    pub fn cut_to(&self, range: &Self) -> Self {
        Self { lower: self.lower.clamp(range.lower, range.upper), upper: self.upper.clamp(range.lower, range.upper) }
    }

    fn around(centre: f64, half_width: f64) -> Self {
        Self { lower: centre - half_width, upper: centre + half_width }
    }
}

/// A mean over independent runs, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    pub mean: f64,
    /// Student-t interval of the mean; `None` for a single value.
    pub interval: Option<Interval>,
    /// Confidence of `interval`, in (0, 1).
    pub confidence: f64,
    /// Number of values.
    pub n: usize,
    /// Sample standard deviation; `None` for a single value.
    pub sd: Option<f64>,
}

impl Estimate {
    /// `None` when there are no values, or one is not finite.
    pub fn over(values: &[f64], confidence: f64) -> Option<Self> {
        Some(Self {
            mean: mean(values)?,
            interval: student_t_interval(values, confidence),
            confidence,
            n: values.len(),
            sd: sample_sd(values),
        })
    }

    /// The same with its interval cut to `range`, in which the quantity is known to lie.
    pub fn cut_to(self, range: &Interval) -> Self {
        Self { interval: self.interval.map(|interval| interval.cut_to(range)), ..self }
    }
}

/// Arithmetic mean; `None` when there are no values, or one is not finite.
///
/// Summed as differences from the first value, so that the mean of equal values is exactly that value.
pub fn mean(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let shifted: f64 = values.iter().map(|value| value - first).sum();
    Some(first + shifted / values.len() as f64)
}

/// Sample standard deviation, sqrt(sum((x - mean)^2) / (n - 1)); `None` for fewer than two values or one not finite.
pub fn sample_sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    if values.len() < 2 {
        return None;
    }
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Confidence interval of the mean of a normal population with unknown variance:
/// mean ± t(n - 1) · s / sqrt(n) (Student 1908).
///
/// `None` for fewer than two values, a value not finite, or a confidence outside (0, 1).
pub fn student_t_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let n = values.len() as f64;
    spread_around_mean(values, confidence, (1.0 / n).sqrt())
}

/// Where one further value from the same normal population is expected: mean ± t(n - 1) · s · sqrt(1 + 1/n)
/// (Hahn and Meeker, Statistical Intervals, section 4.7).
///
/// The right interval to hold a single published run against; the interval of the mean shrinks with every seed added,
/// until it excludes most single runs. `None` as for [`student_t_interval`].
pub fn prediction_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let n = values.len() as f64;
    spread_around_mean(values, confidence, (1.0 + 1.0 / n).sqrt())
}

fn spread_around_mean(values: &[f64], confidence: f64, factor: f64) -> Option<Interval> {
    let sd = sample_sd(values)?;
    let t = quantile::student(confidence, (values.len() - 1) as f64)?;
    Some(Interval::around(mean(values)?, t * sd * factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACCURACIES: [f64; 5] = [0.7511, 0.7432, 0.7623, 0.7488, 0.7570];

    fn assert_close(found: f64, expected: f64) {
        let scale = expected.abs().max(1e-3);
        assert!((found - expected).abs() < 1e-8 * scale, "{found} is not {expected}");
    }

    fn assert_interval(found: Option<Interval>, (lower, upper): (f64, f64)) {
        let found = found.unwrap();
        assert_close(found.lower, lower);
        assert_close(found.upper, upper);
    }

    #[test]
    fn mean_and_standard_deviation_agree_with_numpy() {
        // NumPy 2: numpy.mean(x), numpy.std(x, ddof=1).
        assert_close(mean(&ACCURACIES).unwrap(), 0.75248);
        assert_close(sample_sd(&ACCURACIES).unwrap(), 0.00738965493105057);
    }

    #[test]
    fn intervals_of_the_mean_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.t.interval(c, n - 1, loc=mean(x), scale=scipy.stats.sem(x)).
        assert_interval(student_t_interval(&ACCURACIES, 0.90), (0.7454347704831239, 0.7595252295168762));
        assert_interval(student_t_interval(&ACCURACIES, 0.95), (0.7433045315129656, 0.7616554684870345));
        assert_interval(student_t_interval(&ACCURACIES, 0.99), (0.7372645983612995, 0.7676954016387005));
        assert_interval(student_t_interval(&[2.3033, 2.3028], 0.95), (2.299873448815955, 2.3062265511840447));
    }

    #[test]
    fn prediction_intervals_agree_with_scipy() {
        // SciPy 1.17.1: scipy.stats.t.interval(c, n - 1, loc=mean(x), scale=std(x, ddof=1) * sqrt(1 + 1/n)).
        assert_interval(prediction_interval(&ACCURACIES, 0.90), (0.7352227825628587, 0.7697372174371414));
        assert_interval(prediction_interval(&ACCURACIES, 0.95), (0.730004784055779, 0.7749552159442211));
        assert_interval(prediction_interval(&ACCURACIES, 0.99), (0.7152100297536768, 0.7897499702463233));
    }

    #[test]
    fn one_value_has_a_mean_but_no_interval() {
        let estimate = Estimate::over(&[0.7511], 0.95).unwrap();
        assert_eq!((estimate.mean, estimate.n), (0.7511, 1));
        assert_eq!((estimate.interval, estimate.sd), (None, None));
        assert_eq!(prediction_interval(&[0.7511], 0.95), None);
    }

    #[test]
    fn no_values_and_values_that_are_not_finite_have_no_estimate() {
        assert_eq!(Estimate::over(&[], 0.95), None);
        assert_eq!(Estimate::over(&[0.1, f64::NAN], 0.95), None);
        assert_eq!(Estimate::over(&[0.1, f64::INFINITY], 0.95), None);
    }

    #[test]
    fn equal_values_have_an_interval_of_no_width_exactly_at_their_value() {
        let estimate = Estimate::over(&[0.1; 3], 0.95).unwrap();
        assert_eq!(estimate.mean, 0.1);
        assert_eq!(estimate.interval, Some(Interval { lower: 0.1, upper: 0.1 }));
    }

    #[test]
    fn a_hull_covers_both_intervals() {
        let (left, right) = (Interval { lower: 0.0, upper: 2.0 }, Interval { lower: 1.0, upper: 3.0 });
        assert_eq!(left.hull(&right), Interval { lower: 0.0, upper: 3.0 });
        assert!(left.contains(2.0) && !left.contains(2.1));
    }

    fn samples() -> impl Strategy<Value = Vec<f64>> {
        proptest::collection::vec(-10.0_f64..10.0, 2..12)
    }

    fn estimate(values: &[f64]) -> (f64, Interval, f64) {
        let found = Estimate::over(values, 0.95).unwrap();
        (found.mean, found.interval.unwrap(), found.sd.unwrap())
    }

    proptest! {
        #[test]
        fn shifting_the_data_shifts_mean_and_interval_and_keeps_the_spread(values in samples(), by in -100.0_f64..100.0) {
            let (mean, interval, sd) = estimate(&values);
            let (mean2, interval2, sd2) = estimate(&values.iter().map(|x| x + by).collect::<Vec<_>>());
            prop_assert!((mean2 - mean - by).abs() < 1e-9);
            prop_assert!((interval2.lower - interval.lower - by).abs() < 1e-7);
            prop_assert!((interval2.upper - interval.upper - by).abs() < 1e-7);
            prop_assert!((sd2 - sd).abs() < 1e-9);
        }

        #[test]
        fn scaling_the_data_scales_everything(values in samples(), by in 0.01_f64..100.0) {
            let (mean, interval, sd) = estimate(&values);
            let (mean2, interval2, sd2) = estimate(&values.iter().map(|x| x * by).collect::<Vec<_>>());
            let tolerance = 1e-9 * by.max(1.0) * 100.0;
            prop_assert!((mean2 - mean * by).abs() < tolerance);
            prop_assert!((interval2.lower - interval.lower * by).abs() < tolerance);
            prop_assert!((interval2.upper - interval.upper * by).abs() < tolerance);
            prop_assert!((sd2 - sd * by).abs() < tolerance);
        }

        #[test]
        fn the_order_of_the_data_does_not_matter(values in samples()) {
            let (mean, interval, _) = estimate(&values);
            let (mean2, interval2, _) = estimate(&values.iter().rev().copied().collect::<Vec<_>>());
            prop_assert!((mean2 - mean).abs() < 1e-9);
            prop_assert!((interval2.lower - interval.lower).abs() < 1e-7);
            prop_assert!((interval2.upper - interval.upper).abs() < 1e-7);
        }

        #[test]
        fn the_mean_lies_inside_its_interval_and_that_inside_the_prediction_interval(values in samples()) {
            let (mean, interval, _) = estimate(&values);
            let prediction = prediction_interval(&values, 0.95).unwrap();
            prop_assert!(interval.contains(mean));
            prop_assert!(prediction.contains(interval.lower) && prediction.contains(interval.upper));
        }
    }
}
