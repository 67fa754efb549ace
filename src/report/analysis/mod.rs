//! From evidence to findings: every number of the report is computed here, before any page or plot is laid out.
//!
//! Works on any experiment: variants are told apart by their settings, never by their names.

pub mod chance;
pub mod comparison;
pub mod knobs;
pub mod level;
pub mod trial;

use std::collections::{BTreeMap, BTreeSet};

use chance::{Chance, Judgement, Verdict};
use comparison::{Comparison, SourceComparison};
use serde::Serialize;
use trial::{Ledger, Status, Trial};

use crate::bundle::evidence::Evidence;
use crate::bundle::record::ParameterCount;
use crate::config::{Experiment, Metric, Metrics, Role, Seed, Variant};
use crate::report::ReportError;
use crate::report::language::say;
use crate::stats::{Estimate, Interval};

/// All findings of one experiment.
pub struct Analysis<'a> {
    pub experiment: &'a Experiment,
    pub chance: Option<Chance>,
    /// What the experiment is about.
    pub primary: Metric,
    /// In the order of the experiment file.
    pub variants: Vec<VariantResult<'a>>,
    /// Every pair of variants that differ in exactly one setting.
    pub comparisons: Vec<Comparison>,
}

impl<'a> Analysis<'a> {
    /// # Errors
    /// When the evidence holds a trial that the experiment does not plan, or the same trial twice.
    pub fn of(evidence: &'a Evidence) -> Result<Self, ReportError> {
        let ledger = Ledger::of(evidence)?;
        let experiment = &evidence.experiment;
        let of_images = evidence.dataset.as_ref().filter(|_| experiment.metrics.primary().role() == Role::TestAccuracy);
        let chance = of_images.and_then(Chance::of).or_else(|| Chance::declared(experiment.metrics.primary()));
        let variants: Vec<_> = experiment
            .variants
            .iter()
            .map(|variant| {
                let trials = variant.seeds.iter().map(|&seed| ledger.trial(variant, seed)).collect();
                VariantResult::of(variant, trials, chance.as_ref(), experiment)
            })
            .collect();
        let primary = experiment.metrics.primary();
        let comparisons = comparison::of_all_pairs(&variants, primary, experiment.confidence);
        Ok(Self { experiment, chance, primary, variants, comparisons })
    }

    /// Over all variants.
    pub fn counts(&self) -> Counts {
        self.variants.iter().fold(Counts::default(), |sum, result| sum.plus(result.counts))
    }

    /// What computed the trials, in alphabetical order.
    pub fn engines(&self) -> BTreeSet<&'a str> {
        self.variants.iter().flat_map(VariantResult::engines).collect()
    }

    pub fn minuend(&self, comparison: &Comparison) -> &VariantResult<'a> {
        &self.variants[comparison.minuend]
    }

    pub fn subtrahend(&self, comparison: &Comparison) -> &VariantResult<'a> {
        &self.variants[comparison.subtrahend]
    }
}

/// How many of a variant's, or all, planned trials ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub planned: usize,
    pub completed: usize,
    pub diverged: usize,
    pub failed: usize,
    pub missing: usize,
}

impl Counts {
    pub fn of(trials: &[Trial]) -> Self {
        let mut counts = Self { planned: trials.len(), ..Self::default() };
        for trial in trials {
            match trial.status {
                Status::Completed => counts.completed += 1,
                Status::Diverged { .. } => counts.diverged += 1,
                Status::Failed { .. } => counts.failed += 1,
                Status::Missing => counts.missing += 1,
            }
        }
        counts
    }

    fn plus(self, other: Self) -> Self {
        Self {
            planned: self.planned + other.planned,
            completed: self.completed + other.completed,
            diverged: self.diverged + other.diverged,
            failed: self.failed + other.failed,
            missing: self.missing + other.missing,
        }
    }
}

/// What became of a variant, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    AboveChance,
    AtChance,
    Inconclusive,
    /// Every trial that ended by itself diverged.
    Diverged,
    /// There are results, but the chance level is not known.
    NotJudged,
    /// No trial ended by itself.
    NoResult,
}

impl Fate {
    pub fn in_words(self) -> String {
        say!(match self {
            Self::AboveChance => "fate-above-chance",
            Self::AtChance => "fate-at-chance",
            Self::Inconclusive => "fate-inconclusive",
            Self::Diverged => "fate-diverged",
            Self::NotJudged => "fate-not-judged",
            Self::NoResult => "fate-no-result",
        })
    }

    pub fn fails_to_learn(self) -> bool {
        matches!(self, Self::AtChance | Self::Diverged)
    }
}

/// What the trials of one variant show.
pub struct VariantResult<'a> {
    pub variant: &'a Variant,
    /// In the order of the experiment's seeds.
    pub trials: Vec<Trial<'a>>,
    pub counts: Counts,
    pub parameters: Option<ParameterCount>,
    pub judgement: Option<Judgement>,
    pub fate: Fate,
    /// Final figures over completed trials, where there are any.
    estimates: BTreeMap<Metric, Estimate>,
    /// One for each figure that the source reports.
    pub source: Vec<SourceComparison>,
    pub metrics: &'a Metrics,
    confidence: f64,
}

impl<'a> VariantResult<'a> {
    fn of(variant: &'a Variant, trials: Vec<Trial<'a>>, chance: Option<&Chance>, experiment: &'a Experiment) -> Self {
        let Experiment { metrics, confidence, .. } = experiment;
        let (confidence, primary) = (*confidence, metrics.primary());
        let counts = Counts::of(&trials);
        let parameters = trials.iter().find_map(|trial| trial.record?.parameter_count);
        let finals = |metric| finals(&trials, metric).into_values().collect::<Vec<_>>();
        let estimates: BTreeMap<_, _> = metrics
            .series()
            .filter_map(|metric| Some((metric, Estimate::over(&finals(metric), confidence)?.cut_to(&range(metric)))))
            .collect();
        let judgement = chance.and_then(|chance| Judgement::of(&finals(primary), chance, confidence));
        let source = metrics
            .series()
            .filter_map(|metric| SourceComparison::of(metric, &variant.reported, &finals(metric), confidence))
            .collect();
        Self {
            variant,
            fate: fate(counts, judgement),
            counts,
            parameters,
            judgement,
            estimates,
            source,
            trials,
            metrics,
            confidence,
        }
    }

    /// The estimate of a final figure over completed trials; `None` where no completed trial has it.
    pub fn estimate(&self, metric: Metric) -> Option<&Estimate> {
        self.estimates.get(&metric)
    }

    /// For each epoch, the estimate over completed trials that have the figure there.
    pub fn mean_curve(&self, metric: Metric) -> Vec<(u64, Estimate)> {
        let mut values: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for trial in self.trials.iter().filter(|trial| trial.status == Status::Completed) {
            for epoch in trial.metrics {
                values.entry(epoch.at).or_default().extend(epoch.figure(metric));
            }
        }
        let estimate = |(epoch, values): (u64, Vec<f64>)| {
            Some((epoch, Estimate::over(&values, self.confidence)?.cut_to(&range(metric))))
        };
        values.into_iter().filter_map(estimate).collect()
    }

    /// What computed its trials, in alphabetical order.
    pub fn engines(&self) -> BTreeSet<&'a str> {
        self.trials.iter().filter_map(Trial::engine).collect()
    }

    /// The final figure of each completed trial that has it.
    pub fn finals(&self, metric: Metric) -> BTreeMap<Seed, f64> {
        finals(&self.trials, metric)
    }
}

fn finals(trials: &[Trial], metric: Metric) -> BTreeMap<Seed, f64> {
    trials.iter().filter_map(|trial| Some((trial.seed, trial.last_epoch()?.figure(metric)?))).collect()
}

/// Where a metric's values lie by definition.
pub fn range(metric: Metric) -> Interval {
    let levels = metric.levels();
    Interval { lower: *levels.start(), upper: *levels.end() }
}

fn fate(counts: Counts, judgement: Option<Judgement>) -> Fate {
    match judgement.map(|judgement| judgement.verdict) {
        Some(Verdict::AboveChance) => Fate::AboveChance,
        Some(Verdict::AtChance) => Fate::AtChance,
        Some(Verdict::Inconclusive) => Fate::Inconclusive,
        None if counts.completed > 0 => Fate::NotJudged,
        None if counts.diverged > 0 => Fate::Diverged,
        None => Fate::NoResult,
    }
}
