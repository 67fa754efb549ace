//! What came of a claim.

use serde::Serialize;

use super::images::Images;
use crate::config::{Claim, Metric, VariantId, Verdict};
use crate::stats::Interval;

/// A claim with its verdict and everything the verdict rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    pub claim: Claim,
    pub verdict: Verdict,
    /// Why it is this verdict, where the interval alone does not say so.
    pub reason: Option<Reason>,
    /// What was measured: a level or a difference over seeds. For a trend, as all that follows down to
    /// `seeds_to_settle`, its step nearest to failing.
    pub sample: Sample,
    /// The step of a trend that `sample` is of; `None` for anything else.
    pub step: Option<Step>,
    /// Best estimate on the quantity's own scale, a geometric mean for a [`Scale::Log10`](crate::config::Scale); for
    /// differences of such a quantity in decades. `None` without any value.
    pub estimate: Option<f64>,
    /// Interval of `estimate` at the claim's confidence, or for a step at the higher one that gives the whole trend the
    /// claim's; `None` for fewer than two seeds. That of a validation accuracy also covers its test images.
    pub interval: Option<Interval>,
    /// Distance of the estimate from the bound in sample standard deviations, positive on the claimed side
    /// (Cohen's d of one sample); `None` where the spread is unknown or zero.
    pub effect_size: Option<f64>,
    /// For a difference or a step: share of seed pairs in which `of` is above `minus`, or `to` above `from`,
    /// ties counting one half.
    pub probability_of_superiority: Option<f64>,
    /// Stratified bootstrap interval of it, each side resampled on its own, at the claim's confidence; `None` for fewer than
    /// two seeds. It knows nothing of looks, and of few seeds it is too narrow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superiority_interval: Option<Interval>,
    /// Mean of the middle half of the values that `estimate` is the mean of (rliable's IQM); `None` below four values, of
    /// which it leaves none out, and for speeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interquartile_mean: Option<f64>,
    /// Bootstrap interval of it at the claim's confidence, which knows nothing of looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interquartile_interval: Option<Interval>,
    /// What the images have to do with an accuracy; `None` where it is not known which ones each trial got right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Images>,
    /// The smallest distance from the bound that this many seeds with this spread would show with probability 0.8;
    /// in decades where the quantity is judged by its logarithm.
    pub minimum_detectable_effect: Option<f64>,
    /// When inconclusive: the number of seeds that would probably settle it, had they the same mean and spread;
    /// `None` where that cannot be told.
    pub seeds_to_settle: Option<u32>,
    /// Two-sided p-value of the comparison the interval makes: below 1 - confidence exactly where the interval excludes
    /// the bound; `None` without an interval.
    pub p_value: Option<f64>,
    /// The verdict and p-value after Holm's correction over all claims of the experiment.
    pub corrected: Option<Correction>,
    pub registration: Registration,
    /// The look that the verdict is of; `None` where the experiment has none, or the first is still to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
}

/// A look at a part of the planned seeds. It spends its share of the claim's error alone, and the first that settles the
/// claim is the last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Look {
    /// From 1.
    pub number: usize,
    pub of: usize,
    /// Of each variant.
    pub seeds: u32,
    /// Of the interval at this look; that of the claim holds for all looks together.
    pub confidence: f64,
}

/// One step of a trend: the difference of `to` minus `from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub from: VariantId,
    pub to: VariantId,
}

/// The trials behind a verdict; for a difference, the seeds at which both variants were to be trained. Of speeds, the
/// rounds that were measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sample {
    /// What the others count.
    #[serde(skip_serializing_if = "Counted::is_seeds")]
    pub counted: Counted,
    /// Values the verdict rests on.
    pub seeds: usize,
    pub planned: usize,
    /// Trials among `seeds` that diverged and count as guessing (accuracies only).
    pub diverged_as_chance: usize,
    /// Trials that diverged and have no such figure.
    pub diverged: usize,
    pub failed: usize,
    pub missing: usize,
}

/// What there is a value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Trials, one for each seed.
    #[default]
    Seeds,
    /// Rounds of a measurement of speed. Those of two variants were taken in turns and are paired.
    Rounds,
}

impl Counted {
    /// Which kind of value a metric has.
    pub fn of(metric: Metric) -> Self {
        if metric.is_of_rounds() { Self::Rounds } else { Self::Seeds }
    }

    fn is_seeds(&self) -> bool {
        *self == Self::Seeds
    }
}

/// Why a verdict is what it is beyond its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No trial has the quantity.
    NoValues,
    /// One seed has no interval.
    OneSeed,
    /// The speed of a variant at its own size was not measured.
    NotMeasured,
    /// One round has no interval.
    OneRound,
    /// Some diverged trials have no such figure, and leaving them out would flatter the variant.
    Diverged,
    /// Trials that the first look needs are missing.
    BeforeFirstLook,
    /// The interval reaches over the bound.
    IntervalCrossesBound,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Correction {
    pub p_value: f64,
    pub verdict: Verdict,
}

/// Whether the claim was written down before there were results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// As it was before the first trial started.
    Before,
    /// Changed when results existed.
    Changed,
    /// Added when results existed.
    Added,
    /// The bundle has no record of it.
    Unknown,
}
