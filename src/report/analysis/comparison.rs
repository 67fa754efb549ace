//! Variants against each other, and against what the source reports.

use serde::Serialize;

use super::VariantResult;
use super::knobs::{self, Difference};
use crate::config::{Metric, Reported};
use crate::stats::{Estimate, Interval, paired_differences, prediction_interval};

/// Half a unit in the fourth decimal: sources print four, so a figure closer than this may be the same figure.
const REPORTED_ROUNDING: f64 = 0.5e-4;

/// With two seeds, the range of one further trial at 95% confidence is 22 times as wide as they are apart, and holds
/// nearly everything: t(1) · sqrt(1/2) · sqrt(3/2) on either side.
const FEWEST_FOR_PREDICTION: usize = 3;

/// Two variants that differ in one setting, and what that setting does to the final validation accuracy.
pub struct Comparison {
    /// Index into the analysis's variants.
    pub minuend: usize,
    pub subtrahend: usize,
    pub difference: Difference,
    /// Of minuend minus subtrahend over the seeds both completed; `None` where there are none.
    pub accuracy: Option<Estimate>,
}

/// The difference between two variants as far as the data go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The interval excludes zero.
    Difference,
    /// The interval includes zero.
    NoDifference,
    /// One common seed: no interval.
    OneSeed,
    /// No seed was completed by both.
    Nothing,
}

impl Comparison {
    pub fn shown(&self) -> Shown {
        match self.accuracy {
            None => Shown::Nothing,
            Some(Estimate { interval: None, .. }) => Shown::OneSeed,
            Some(Estimate { interval: Some(interval), .. }) if interval.contains(0.0) => Shown::NoDifference,
            Some(_) => Shown::Difference,
        }
    }
}

/// Every pair that differs in exactly one setting, in file order. The variant that has normalisation or dropout is the
/// minuend of one that has not; otherwise the later one is.
pub fn of_all_pairs(variants: &[VariantResult], primary: Metric, confidence: f64) -> Vec<Comparison> {
    let pairs = (0..variants.len()).flat_map(|first| (first + 1..variants.len()).map(move |second| (first, second)));
    pairs.filter_map(|(first, second)| of_pair(variants, (first, second), primary, confidence)).collect()
}

fn of_pair(
    variants: &[VariantResult],
    (first, second): (usize, usize),
    primary: Metric,
    confidence: f64,
) -> Option<Comparison> {
    let first_has_it = knobs::has_feature_other_lacks(variants[first].variant, variants[second].variant);
    let (minuend, subtrahend) = if first_has_it { (first, second) } else { (second, first) };
    let mut differences = knobs::differences(variants[minuend].variant, variants[subtrahend].variant);
    if differences.len() != 1 {
        return None;
    }
    let finals = |index: usize| variants[index].finals(primary);
    let paired = paired_differences(&finals(minuend), &finals(subtrahend));
    Some(Comparison {
        minuend,
        subtrahend,
        difference: differences.remove(0),
        accuracy: Estimate::over(&paired, confidence),
    })
}

/// One figure of the source beside the trials.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SourceComparison {
    pub metric: Metric,
    pub reported: f64,
    /// Mean of the trials minus the reported figure; `None` without completed trials.
    pub difference: Option<f64>,
    /// Where one further trial would be expected; `None` for fewer than three completed trials, and where all of them gave
    /// the same figure: nothing then says how far another may lie.
    pub prediction: Option<Interval>,
    /// Whether the reported figure could be one further trial, to the four decimals sources print.
    pub compatible: Option<bool>,
    /// Several completed trials gave one and the same figure.
    #[serde(skip)]
    pub all_alike: bool,
}

impl SourceComparison {
    /// `None` where the source reports no such figure.
    pub fn of(metric: Metric, reported: &Reported, finals: &[f64], confidence: f64) -> Option<Self> {
        let reported = reported.of(metric)?;
        let all_alike = finals.len() > 1 && finals.iter().all(|figure| *figure == finals[0]);
        let prediction = prediction_interval(finals, confidence)
            .filter(|_| finals.len() >= FEWEST_FOR_PREDICTION && !all_alike)
            .map(|interval| interval.cut_to(&super::range(metric)));
        Some(Self {
            metric,
            reported,
            difference: Estimate::over(finals, confidence).map(|estimate| estimate.mean - reported),
            prediction,
            compatible: prediction.map(|interval| widened(interval).contains(reported)),
            all_alike,
        })
    }
}

fn widened(interval: Interval) -> Interval {
    Interval { lower: interval.lower - REPORTED_ROUNDING, upper: interval.upper + REPORTED_ROUNDING }
}
