//! Values that were taken in rounds, such as timings: what varies between rounds does not average out within one.
//!
//! The level is the median over rounds of each round's median. Intervals resample rounds, and within a drawn round its
//! values (Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8, two stages).

use super::Interval;
use super::bootstrap::percentile;
use crate::random::{Address, Draws};

/// The middle value, or the mean of the two in the middle; `None` when there are no values, or one is not finite.
pub fn median(values: &[f64]) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(percentile(&sorted, 0.5))
}

/// The median over rounds of each round's median; `None` where there is no round, or one has no median.
pub fn level(rounds: &[Vec<f64>]) -> Option<f64> {
    let medians: Vec<f64> = rounds.iter().map(|round| median(round)).collect::<Option<_>>()?;
    median(&medians)
}

/// The percentile interval of [`level`]. With few rounds it is too narrow: two rounds have only three different sets.
///
/// `None` for fewer than two rounds, and as [`level`].
pub fn level_interval(rounds: &[Vec<f64>], confidence: f64, resamples: u32, address: Address) -> Option<Interval> {
    level(rounds)?;
    let mut draws = address.draws();
    interval(rounds.len(), confidence, resamples, || {
        level(&resampled(rounds, &picks(rounds.len(), &mut draws), &mut draws))
    })
}

/// The percentile interval of `level(of) / level(to)`.
///
/// Where `paired`, round i of both was taken at about the same time, and the same rounds are drawn of both, so that what
/// slows both down cancels out; else rounds are drawn of each by itself.
///
/// `None` for fewer than two rounds on a side, unequal numbers of paired rounds, a level that is not positive, and as
/// [`level`].
pub fn ratio_interval(
    of: &[Vec<f64>],
    to: &[Vec<f64>],
    paired: bool,
    confidence: f64,
    resamples: u32,
    address: Address,
) -> Option<Interval> {
    ratio(of, to)?;
    if paired && of.len() != to.len() {
        return None;
    }
    let mut draws = address.draws();
    interval(of.len().min(to.len()), confidence, resamples, || {
        let drawn = picks(of.len(), &mut draws);
        let others = if paired { drawn.clone() } else { picks(to.len(), &mut draws) };
        ratio(&resampled(of, &drawn, &mut draws), &resampled(to, &others, &mut draws))
    })
}

/// `level(of) / level(to)`; `None` where a level is missing or not positive.
pub fn ratio(of: &[Vec<f64>], to: &[Vec<f64>]) -> Option<f64> {
    let (of, to) = (level(of)?, level(to)?);
    (of > 0.0 && to > 0.0).then(|| of / to)
}

fn interval(
    rounds: usize,
    confidence: f64,
    resamples: u32,
    mut statistic: impl FnMut() -> Option<f64>,
) -> Option<Interval> {
    if rounds < 2 || resamples == 0 || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let mut statistics = (0..resamples).map(|_| statistic()).collect::<Option<Vec<f64>>>()?;
    statistics.sort_by(f64::total_cmp);
    let outside = (1.0 - confidence) / 2.0;
    Some(Interval { lower: percentile(&statistics, outside), upper: percentile(&statistics, 1.0 - outside) })
}

fn picks(count: usize, draws: &mut Draws) -> Vec<usize> {
    (0..count).map(|_| below(count, draws)).collect()
}

fn resampled(rounds: &[Vec<f64>], picks: &[usize], draws: &mut Draws) -> Vec<Vec<f64>> {
    let mut resample = |round: &Vec<f64>| round.iter().map(|_| round[below(round.len(), draws)]).collect();
    picks.iter().map(|&pick| resample(&rounds[pick])).collect()
}

fn below(count: usize, draws: &mut Draws) -> usize {
    draws.below(u32::try_from(count).unwrap_or(u32::MAX)) as usize
}

/// How many values lie far from the rest (Tukey 1977, Exploratory Data Analysis): mild ones more than 1.5, severe ones
/// more than 3 interquartile ranges beyond the quartiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Outliers {
    pub low_severe: usize,
    pub low_mild: usize,
    pub high_mild: usize,
    pub high_severe: usize,
}

/// The fences of [`Outliers`], low severe to high severe, with linearly interpolated quartiles as criterion has them;
/// `None` when there are no values, or one is not finite.
pub fn tukey_fences(values: &[f64]) -> Option<[f64; 4]> {
    median(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (first, third) = (percentile(&sorted, 0.25), percentile(&sorted, 0.75));
    let range = third - first;
    Some([first - 3.0 * range, first - 1.5 * range, third + 1.5 * range, third + 3.0 * range])
}

impl Outliers {
    pub fn of(values: &[f64]) -> Self {
        let Some([low_severe, low_mild, high_mild, high_severe]) = tukey_fences(values) else { return Self::default() };
        let count = |is: &dyn Fn(f64) -> bool| values.iter().filter(|value| is(**value)).count();
        Self {
            low_severe: count(&|value| value < low_severe),
            low_mild: count(&|value| value >= low_severe && value < low_mild),
            high_mild: count(&|value| value > high_mild && value <= high_severe),
            high_severe: count(&|value| value > high_severe),
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            low_severe: self.low_severe + other.low_severe,
            low_mild: self.low_mild + other.low_mild,
            high_mild: self.high_mild + other.high_mild,
            high_severe: self.high_severe + other.high_severe,
        }
    }

    pub fn count(&self) -> usize {
        self.low_severe + self.low_mild + self.high_mild + self.high_severe
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::*;

    const HERE: Address = Address { seed: 1, stream: Stream::Bootstrap, epoch: 0, step: 0, layer: 0 };

    fn rounds() -> Vec<Vec<f64>> {
        vec![vec![10.0, 11.0, 12.0], vec![13.0, 14.0, 15.0], vec![10.5, 11.5, 50.0]]
    }

    #[test]
    fn the_level_is_the_median_of_medians() {
        // By hand: 11, 14 and 11.5.
        assert_eq!(level(&rounds()), Some(11.5));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!((median(&[]), level(&[]), level(&[vec![]]), median(&[f64::NAN])), (None, None, None, None));
    }

    #[test]
    fn two_constant_rounds_have_the_interval_of_their_four_resamples() {
        // By hand: a quarter of all resamples is (1, 1), half has one of each and the level 1.5, a quarter is (2, 2).
        let interval = |confidence| level_interval(&[vec![1.0], vec![2.0]], confidence, 4000, HERE).unwrap();
        assert_eq!(interval(0.4), Interval { lower: 1.5, upper: 1.5 });
        assert_eq!(interval(0.6), Interval { lower: 1.0, upper: 2.0 });
    }

    #[test]
    fn drift_that_slows_both_sides_cancels_out_in_paired_rounds_only() {
        let drifting: Vec<Vec<f64>> = (1..=6).map(|round| vec![f64::from(round); 3]).collect();
        let slower: Vec<Vec<f64>> = drifting.iter().map(|round| round.iter().map(|x| x * 1.2).collect()).collect();
        let interval = |paired| ratio_interval(&slower, &drifting, paired, 0.95, 400, HERE).unwrap();
        let paired = interval(true);
        assert!((paired.lower - 1.2).abs() < 1e-12 && (paired.upper - 1.2).abs() < 1e-12, "{paired:?}");
        let apart = interval(false);
        assert!(apart.lower < 1.0 && apart.upper > 1.5, "{apart:?}");
    }

    #[test]
    fn one_round_has_a_level_and_no_interval() {
        let one = [vec![1.0, 2.0, 3.0]];
        assert_eq!(level(&one), Some(2.0));
        assert_eq!(level_interval(&one, 0.95, 100, HERE), None);
        assert_eq!(ratio_interval(&one, &rounds(), false, 0.95, 100, HERE), None);
        assert_eq!(ratio_interval(&rounds()[..2], &rounds(), true, 0.95, 100, HERE), None);
    }

    #[test]
    fn outliers_are_counted_by_the_fences() {
        // NumPy 2.4.6: numpy.percentile(range(1, 12), [25, 75]) = 3.5, 8.5; with 16.1 and 23.6 appended: 4, 10.
        let plain: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(tukey_fences(&plain), Some([-11.5, -4.0, 16.0, 23.5]));
        assert_eq!(Outliers::of(&plain), Outliers::default());
        let far: Vec<f64> = plain.iter().copied().chain([19.5, 29.0]).collect();
        // Fences at 10 + 9 and 10 + 18.
        assert_eq!(Outliers::of(&far), Outliers { high_mild: 1, high_severe: 1, ..Outliers::default() });
    }

    proptest! {
        #[test]
        fn the_unit_of_time_changes_no_ratio(scale in 0.1_f64..10.0) {
            let scaled: Vec<Vec<f64>> = rounds().iter().map(|round| round.iter().map(|x| x * scale).collect()).collect();
            let found = ratio_interval(&scaled, &rounds(), true, 0.9, 50, HERE).unwrap();
            let plain = ratio_interval(&rounds(), &rounds(), true, 0.9, 50, HERE).unwrap();
            prop_assert!((found.lower - scale * plain.lower).abs() < 1e-9 * scale);
            prop_assert!((found.upper - scale * plain.upper).abs() < 1e-9 * scale);
        }
    }
}
