//! What a claim about an accuracy owes to its test images, and what to its seeds, from the images that each network got right.

use serde::Serialize;

use super::table::{Quantity, Table};
use crate::bundle::correctness::Correctness;
use crate::config::{At, Seed, Test, VariantId, native};
use crate::stats::{CrossedMean, Interval, mcnemar_p_value};

/// Had the test images been others, too. No verdict rests on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Images {
    /// Of each trial.
    pub images: usize,
    /// The part of the estimate's variance that is the images', which no further seed would lower, in [0, 1]; `None` without
    /// any variance.
    pub share: Option<f64>,
    /// Of the estimate, for other seeds and other images of the same kind, at the claim's confidence.
    pub interval: Interval,
    /// Of a difference, the images that only one of both got right, seed by seed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discordant: Vec<Discordant>,
}

/// Two trials of one seed on the same images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Discordant {
    pub seed: Seed,
    /// Images that only the trial of `of` got right.
    pub only_of: u64,
    /// Those that only the one of `minus` did.
    pub only_minus: u64,
    /// McNemar's exact test of the two.
    pub p_value: f64,
}

impl Images {
    /// `None` where the claim is about anything but one or two final accuracies of this program's own trials, or one of the
    /// values that it rests on comes without its images.
    pub(super) fn of(table: &Table, quantity: Quantity, test: &Test, confidence: f64) -> Option<Self> {
        let is_told_apart = quantity.metric == native::VAL_ACCURACY && quantity.at.is_last();
        match test {
            Test::Level { of, .. } if is_told_apart => Self::of_level(table, of, confidence),
            Test::Difference { of, minus, .. } if is_told_apart => Self::of_difference(table, of, minus, confidence),
            _ => None,
        }
    }

    fn of_level(table: &Table, of: &VariantId, confidence: f64) -> Option<Self> {
        let trials = table.told_apart([of])?;
        let rows: Vec<Vec<i8>> = trials.iter().map(|(_, [one])| one.iter().map(i8::from).collect()).collect();
        Self::over(&rows, confidence, vec![])
    }

    fn of_difference(table: &Table, of: &VariantId, minus: &VariantId, confidence: f64) -> Option<Self> {
        let trials = table.told_apart([of, minus])?;
        let is_paired = trials.iter().all(|(_, [one, other])| one.len() == other.len());
        let difference = |[one, other]: [&Correctness; 2]| -> Vec<i8> {
            one.iter().zip(other.iter()).map(|(one, other)| i8::from(one) - i8::from(other)).collect()
        };
        let rows: Vec<Vec<i8>> = trials.iter().filter(|_| is_paired).map(|(_, pair)| difference(*pair)).collect();
        let only = |row: &[i8], sign: i8| row.iter().filter(|&&value| value == sign).count() as u64;
        let discordant = trials.iter().zip(&rows).map(|((seed, _), row)| {
            let (only_of, only_minus) = (only(row, 1), only(row, -1));
            Discordant { seed: *seed, only_of, only_minus, p_value: mcnemar_p_value(only_of, only_minus) }
        });
        Self::over(&rows, confidence, discordant.collect())
    }

    fn over(rows: &[Vec<i8>], confidence: f64, discordant: Vec<Discordant>) -> Option<Self> {
        let mean = CrossedMean::of(rows)?;
        let interval = mean.interval(confidence)?;
        Some(Self { images: rows.first()?.len(), share: mean.share_of_columns(), interval, discordant })
    }
}

impl Table {
    /// The images of every seed that all of these variants have a value of; `None` where one of these is without.
    fn told_apart<const N: usize>(&self, variants: [&VariantId; N]) -> Option<Vec<(Seed, [&Correctness; N])>> {
        // Simulated tables have none, and there are many of these.
        if self.correct.is_empty() {
            return None;
        }
        let quantity = Quantity { metric: native::VAL_ACCURACY, at: At::Last };
        let seeds = self.valued_seeds(quantity, &variants);
        let at = |seed: Seed| {
            let found: Vec<&Correctness> =
                variants.iter().filter_map(|&variant| self.correct.get(&(variant.clone(), seed))).collect();
            Some((seed, <[&Correctness; N]>::try_from(found).ok()?))
        };
        seeds.into_iter().map(at).collect()
    }
}
