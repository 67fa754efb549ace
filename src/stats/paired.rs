//! Differences between two variants, taken seed by seed.

use std::collections::BTreeMap;

/// `minuend - subtrahend` at every key both have, in key order.
///
/// Two variants that share a seed share the order of images and, where their layers agree, the initial weights;
/// the difference within a seed has that common noise removed.
pub fn paired_differences<K: Ord>(minuend: &BTreeMap<K, f64>, subtrahend: &BTreeMap<K, f64>) -> Vec<f64> {
    minuend.iter().filter_map(|(key, value)| Some(value - subtrahend.get(key)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student_t_interval;

    #[test]
    fn the_interval_of_paired_differences_agrees_with_scipy() {
        // SciPy 1.17.1: scipy.stats.ttest_rel([.78, .77, .80], [.75, .76, .74]).confidence_interval(0.95).
        let left = BTreeMap::from([(1, 0.78), (2, 0.77), (3, 0.80)]);
        let right = BTreeMap::from([(1, 0.75), (2, 0.76), (3, 0.74)]);
        let interval = student_t_interval(&paired_differences(&left, &right), 0.95).unwrap();
        assert!((interval.lower - -0.029182761460424443).abs() < 1e-9);
        assert!((interval.upper - 0.09584942812709116).abs() < 1e-9);
    }

    #[test]
    fn only_keys_on_both_sides_count() {
        let left = BTreeMap::from([(1, 5.0), (2, 7.0), (4, 1.0)]);
        let right = BTreeMap::from([(2, 4.0), (3, 9.0)]);
        assert_eq!(paired_differences(&left, &right), [3.0]);
    }
}
