//! What the trials of an experiment show, as plain numbers: all that judging needs.

use std::collections::BTreeMap;

use super::scale::to_judged;
use super::verdict::{Counted, Sample};
use crate::bundle::correctness::Correctness;
use crate::config::{At, Claim, Metric, Scale, Seed, Settle, VariantId};

/// Every planned trial with its figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Every variant is planned with each of them, unless it has seeds of its own.
    pub seeds: Vec<Seed>,
    pub own_seeds: BTreeMap<VariantId, Vec<Seed>>,
    /// At which of them claims are judged; at all of them at once where it is `None`.
    pub settle: Option<Settle>,
    /// A planned trial not listed counts as missing.
    pub trials: BTreeMap<(VariantId, Seed), Trial>,
    /// Which test images a completed trial got right in the end, where it was kept.
    pub correct: BTreeMap<(VariantId, Seed), Correctness>,
    /// Of metrics that are measured in rounds, the value of each; NaN for a round that gave none.
    pub rounds: BTreeMap<(VariantId, Metric), Vec<f64>>,
    /// What a network that guesses scores, for the quantities where a diverged trial counts as that.
    pub guessing: BTreeMap<Metric, f64>,
    /// Images behind each validation accuracy; `None` where that is not known, and accuracies then count as exact.
    pub test_images: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    pub ending: Ending,
    /// Final values, on the metrics' own scales. One that is not finite was measured but is no number.
    pub figures: BTreeMap<Metric, f64>,
    /// Values at other points of the trial's curve, those that claims ask for.
    pub earlier: BTreeMap<Quantity, f64>,
}

/// What is read of each trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    pub metric: Metric,
    pub at: At,
}

/// How a planned trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Completed,
    /// Its loss stopped being finite.
    Diverged,
    /// It was run but left no usable record.
    Failed,
    Missing,
}

/// One trial's value of one quantity, on the scale it is judged on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Value(f64),
    /// A diverged trial's accuracy.
    Guess(f64),
    /// It ran, but the quantity came to no number.
    NoFigure,
    /// A trial that failed, or a round without usable samples.
    Failed,
    Missing,
}

/// The values that a level rests on.
pub(super) struct Column {
    /// In ascending order, so that the order of the seeds cannot matter, not even in the last bit.
    pub values: Vec<f64>,
    pub sample: Sample,
}

/// The values that a difference rests on.
pub(super) struct Pairs {
    /// `of` minus `minus` at every seed that both are planned with and have a value at, or in every such round, in
    /// ascending order.
    pub differences: Vec<f64>,
    /// Both sides, in the order of the seeds or rounds.
    pub of: Vec<f64>,
    pub minus: Vec<f64>,
    /// Counts seeds or rounds: one of a pair that diverged, failed or is missing speaks for both, in this order.
    pub sample: Sample,
}

impl Table {
    /// What the first so many seeds of these variants show, without what is measured in rounds.
    pub(super) fn first(&self, seeds: usize, of: &[&VariantId]) -> Self {
        let first = |variant: &VariantId| self.seeds_of(variant).iter().copied().take(seeds).collect::<Vec<Seed>>();
        let own_seeds: BTreeMap<_, _> = of.iter().map(|&variant| (variant.clone(), first(variant))).collect();
        let names = || own_seeds.iter().flat_map(|(variant, own)| own.iter().map(|seed| (variant.clone(), *seed)));
        let trials = names().filter_map(|name| Some((name.clone(), self.trials.get(&name)?.clone()))).collect();
        let correct = names().filter_map(|name| Some((name.clone(), self.correct.get(&name)?.clone()))).collect();
        Self {
            own_seeds,
            trials,
            correct,
            guessing: self.guessing.clone(),
            test_images: self.test_images,
            ..Self::default()
        }
    }

    /// Whether the variant has a result, of whatever kind, for each of its first so many seeds.
    pub(super) fn is_complete(&self, variant: &VariantId, seeds: usize) -> bool {
        let is_there = |seed: &Seed| {
            let trial = self.trials.get(&(variant.clone(), *seed));
            trial.is_some_and(|trial| trial.ending != Ending::Missing)
        };
        self.seeds_of(variant).get(..seeds).is_some_and(|first| first.iter().all(is_there))
    }

    pub(super) fn column(&self, quantity: Quantity, of: &VariantId) -> Column {
        let (sample, values) = self.taken(quantity, [of], quantity.metric.scale());
        let mut values: Vec<f64> = values.into_iter().flatten().collect();
        values.sort_by(f64::total_cmp);
        Column { values, sample }
    }

    pub(super) fn pairs(&self, quantity: Quantity, of: &VariantId, minus: &VariantId) -> Pairs {
        self.paired(quantity, of, minus, quantity.metric.scale())
    }

    /// As [`Self::pairs`], of logarithms to base 10: their differences are those of ratios. What is not above zero has none.
    pub(super) fn ratios(&self, quantity: Quantity, of: &VariantId, over: &VariantId) -> Pairs {
        self.paired(quantity, of, over, Scale::Log10)
    }

    fn paired(&self, quantity: Quantity, of: &VariantId, minus: &VariantId, scale: Scale) -> Pairs {
        let (sample, both) = self.taken(quantity, [of, minus], scale);
        let side = |index: usize| both.iter().map(|pair| pair[index]).collect::<Vec<f64>>();
        let mut differences: Vec<f64> = both.iter().map(|pair| pair[0] - pair[1]).collect();
        differences.sort_by(f64::total_cmp);
        Pairs { differences, of: side(0), minus: side(1), sample }
    }

    /// The values of several variants wherever all have one: at each seed that all are planned with, or in each round.
    fn taken<const N: usize>(
        &self,
        quantity: Quantity,
        variants: [&VariantId; N],
        scale: Scale,
    ) -> (Sample, Vec<Vec<f64>>) {
        let counted = Counted::of(quantity.metric);
        let cells: Vec<[Cell; N]> = match counted {
            Counted::Seeds => {
                let at = |seed| variants.map(|variant| self.cell(quantity, variant, seed, scale));
                self.shared_seeds(&variants).map(at).collect()
            }
            Counted::Rounds => {
                let of = variants.map(|variant| self.rounds_of(quantity.metric, variant));
                let rounds = of.iter().map(|rounds| rounds.len()).max().unwrap_or(0);
                (0..rounds).map(|round| of.map(|rounds| Cell::of_round(rounds.get(round), scale))).collect()
            }
        };
        let mut sample = Sample { counted, planned: cells.len(), ..Sample::default() };
        let values = cells.iter().filter_map(|cells| sample.take(cells)).collect();
        (sample, values)
    }

    /// Those of the seeds that all of these variants are planned with at which all have a value.
    pub(super) fn valued_seeds(&self, quantity: Quantity, variants: &[&VariantId]) -> Vec<Seed> {
        let is_valued = |variant: &VariantId, seed| {
            let cell = self.cell(quantity, variant, seed, quantity.metric.scale());
            matches!(cell, Cell::Value(_) | Cell::Guess(_))
        };
        let seeds = self.shared_seeds(variants);
        seeds.filter(|seed| variants.iter().all(|variant| is_valued(variant, *seed))).collect()
    }

    /// In the order of the first variant's.
    fn shared_seeds(&self, variants: &[&VariantId]) -> impl Iterator<Item = Seed> {
        let first = variants.first().map_or(&[][..], |first| self.seeds_of(first));
        let in_all = |seed: &Seed| variants.iter().all(|variant| self.seeds_of(variant).contains(seed));
        first.iter().copied().filter(in_all)
    }

    fn rounds_of(&self, metric: Metric, variant: &VariantId) -> &[f64] {
        self.rounds.get(&(variant.clone(), metric)).map_or(&[], Vec::as_slice)
    }

    fn seeds_of(&self, variant: &VariantId) -> &[Seed] {
        self.own_seeds.get(variant).unwrap_or(&self.seeds)
    }

    fn cell(&self, quantity: Quantity, variant: &VariantId, seed: Seed, scale: Scale) -> Cell {
        let Some(trial) = self.trials.get(&(variant.clone(), seed)) else { return Cell::Missing };
        match trial.ending {
            Ending::Missing => return Cell::Missing,
            Ending::Failed => return Cell::Failed,
            Ending::Diverged if !quantity.metric.is_initial() => {
                let guess = self.guessing.get(&quantity.metric).and_then(|&guess| to_judged(scale, guess));
                return guess.map_or(Cell::NoFigure, Cell::Guess);
            }
            Ending::Completed | Ending::Diverged => {}
        }
        match trial.figure(quantity) {
            None => Cell::Missing,
            // Zero is an underflow only of what was computed to span orders of magnitude.
            Some(figure) if scale == Scale::Log10 && quantity.metric.scale() == Scale::Linear && figure <= 0.0 => {
                Cell::NoFigure
            }
            Some(figure) => to_judged(scale, figure).map_or(Cell::NoFigure, Cell::Value),
        }
    }
}

impl Cell {
    /// A speed is positive, or it is none.
    fn of_round(speed: Option<&f64>, scale: Scale) -> Self {
        speed.map_or(Self::Missing, |&speed| {
            to_judged(scale, speed).filter(|_| speed > 0.0).map_or(Self::Failed, Self::Value)
        })
    }
}

impl Quantity {
    /// What a claim is about.
    pub fn of(claim: &Claim) -> Self {
        Self { metric: claim.test.metric(), at: claim.at }
    }
}

impl Trial {
    fn figure(&self, quantity: Quantity) -> Option<f64> {
        if quantity.at.is_last() { self.figures.get(&quantity.metric) } else { self.earlier.get(&quantity) }.copied()
    }
}

impl Sample {
    /// Counts the cells of one seed, and gives their values where all have one.
    fn take(&mut self, cells: &[Cell]) -> Option<Vec<f64>> {
        let values: Option<Vec<f64>> = cells
            .iter()
            .map(|cell| match cell {
                Cell::Value(value) | Cell::Guess(value) => Some(*value),
                Cell::NoFigure | Cell::Failed | Cell::Missing => None,
            })
            .collect();
        let any = |wanted: Cell| cells.contains(&wanted);
        if values.is_some() {
            self.seeds += 1;
            self.diverged_as_chance += usize::from(cells.iter().any(|cell| matches!(cell, Cell::Guess(_))));
        } else if any(Cell::NoFigure) {
            self.diverged += 1;
        } else if any(Cell::Failed) {
            self.failed += 1;
        } else {
            self.missing += 1;
        }
        values
    }
}
