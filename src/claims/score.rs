//! How far one edge of a claimed region is from what was measured, as one-sided p-values.

use crate::stats::{mean, sample_sd, t_test};

/// Evidence that the truth lies on one side of an edge: each is the probability of data as extreme as these, were the
/// truth at the edge. Small `less` speaks for a truth below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneSided {
    pub less: f64,
    pub greater: f64,
}

impl OneSided {
    /// Student's t-test of the mean of `values` against `edge`; values without spread leave no doubt.
    /// `None` for fewer than two values.
    pub fn of_mean(values: &[f64], edge: f64) -> Option<Self> {
        if sample_sd(values)? == 0.0 {
            return Some(Self::without_doubt(mean(values)?, edge));
        }
        let test = t_test(values, edge)?;
        Some(Self { less: test.p_less, greater: test.p_greater })
    }

    /// The score test of a proportion seen in `trials` trials, (p - e) / sqrt(e(1 - e)/n) against the normal
    /// distribution: Wilson's interval holds exactly the edges that it does not reject (Wilson 1927).
    pub fn of_proportion(proportion: f64, trials: u64, edge: f64) -> Self {
        let deviation = (edge * (1.0 - edge) / trials as f64).sqrt();
        if deviation > 0.0 {
            let z = (proportion - edge) / deviation;
            let upper_tail = |z: f64| libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0;
            Self { less: upper_tail(-z), greater: upper_tail(z) }
        } else {
            Self::without_doubt(proportion, edge)
        }
    }

    fn without_doubt(value: f64, edge: f64) -> Self {
        Self { less: if value < edge { 0.0 } else { 1.0 }, greater: if value > edge { 0.0 } else { 1.0 } }
    }

    /// Evidence that two independent doubts leave: no more than the weaker of the two gives.
    pub fn weaker(self, other: Self) -> Self {
        Self { less: self.less.max(other.less), greater: self.greater.max(other.greater) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_tests_agree_with_scipy() {
        // SciPy 1.17.1: z = (p - e) / sqrt(e * (1 - e) / n); scipy.stats.norm.cdf(z), scipy.stats.norm.sf(z).
        for (proportion, trials, edge, less, greater) in SCORE {
            let found = OneSided::of_proportion(proportion, trials, edge);
            assert!((found.less - less).abs() < 1e-12 * less.max(1e-3), "{found:?}");
            assert!((found.greater - greater).abs() < 1e-12 * greater.max(1e-3), "{found:?}");
        }
    }

    const SCORE: [(f64, u64, f64, f64, f64); 3] = [
        (0.106, 10_000, 0.1, 0.9772498680518207, 0.02275013194817935),
        (0.13, 1000, 0.15, 0.038261250237529694, 0.9617387497624703),
        (0.5, 10, 0.2, 0.9911469670963167, 0.00885303290368332),
    ];

    #[test]
    fn values_without_spread_leave_no_doubt() {
        assert_eq!(OneSided::of_mean(&[0.1; 3], 0.15), Some(OneSided { less: 0.0, greater: 1.0 }));
        assert_eq!(OneSided::of_mean(&[0.1; 3], 0.1), Some(OneSided { less: 1.0, greater: 1.0 }));
        assert_eq!(OneSided::of_mean(&[0.1], 0.15), None);
        assert_eq!(OneSided::of_proportion(0.2, 100, 0.0), OneSided { less: 1.0, greater: 0.0 });
    }
}
