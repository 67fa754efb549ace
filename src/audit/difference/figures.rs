//! The final figures of the variants that both bundles have, each difference judged as a claim about it would be.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bundle::evidence::Evidence;
use crate::claims::{self, Judged, Table};
use crate::config::{At, Bound, Claim, Metric, Reported, Seed, Slug, Test, VariantId, Verdict};
use crate::stats::{Interval, mean};

/// One figure of one variant. Losses in nats, accuracies as fractions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureDifference {
    pub variant: VariantId,
    pub metric: Metric,
    /// Seeds that both sides have a figure at; a diverged trial has the accuracy of a guess and no loss.
    pub seeds: usize,
    /// Means over these seeds; `None` where one of them diverged.
    pub a: Option<f64>,
    pub b: Option<f64>,
    /// Mean of `b` minus `a`, paired by seed.
    pub difference: Option<f64>,
    /// Student's t interval of the difference; `None` for fewer than two seeds.
    pub interval: Option<Interval>,
    pub confidence: f64,
    pub p_value: Option<f64>,
    /// After Holm's correction over all figures.
    pub corrected_p_value: Option<f64>,
    pub finding: Finding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Equal at every seed, to the last bit.
    Same,
    /// The whole interval lies above zero: `b` is higher.
    Higher,
    /// The whole interval lies below zero: `b` is lower.
    Lower,
    /// The interval includes zero, or there is none.
    NotShown,
}

impl Finding {
    /// Whether a difference is shown.
    pub fn is_difference(self) -> bool {
        matches!(self, Self::Higher | Self::Lower)
    }
}

pub fn compare(a: &Evidence, b: &Evidence) -> Vec<FigureDifference> {
    let (one, other) = (claims::table(a), claims::table(b));
    let in_both = |variant: &&VariantId| b.experiment.variants.iter().any(|other| other.id == **variant);
    let variants: Vec<&VariantId> = a.experiment.variants.iter().map(|variant| &variant.id).filter(in_both).collect();
    let pairs: Vec<(VariantId, [VariantId; 2])> =
        variants.iter().enumerate().filter_map(|(at, variant)| Some(((*variant).clone(), sides(at)?))).collect();
    let merged = merge(&one, &other, &pairs);
    let confidence = a.experiment.confidence;
    let asked: Vec<(&VariantId, &[VariantId; 2], Metric)> = pairs
        .iter()
        .flat_map(|(variant, sides)| {
            let results = a.experiment.metrics.series().filter(|metric| !metric.is_cost());
            results.map(move |metric| (variant, sides, metric))
        })
        .collect();
    let claims: Vec<Claim> = asked.iter().map(|(_, sides, metric)| is_higher(sides, *metric, confidence)).collect();
    let judged = claims::judge_table(&claims, &merged);
    asked
        .iter()
        .zip(judged)
        .map(|((variant, sides, metric), judged)| {
            let values = |side: &VariantId| figures(&merged, side, *metric);
            difference((*variant).clone(), *metric, [values(&sides[0]), values(&sides[1])], judged)
        })
        .collect()
}

/// Names for both sides of the variant with this number, as variants of one table.
fn sides(at: usize) -> Option<[VariantId; 2]> {
    let name = |side: char| format!("{side}{at}").parse::<Slug>().ok();
    Some([name('a')?, name('b')?])
}

/// One table in which each side of each variant is a variant. What a guess scores and how many test images there are is
/// taken from `a`; differences use the first only, for diverged trials.
fn merge(a: &Table, b: &Table, pairs: &[(VariantId, [VariantId; 2])]) -> Table {
    let mut merged = Table { guessing: a.guessing.clone(), test_images: a.test_images, ..Table::default() };
    for (variant, names) in pairs {
        for (side, name) in [a, b].into_iter().zip(names) {
            let of_variant = side.trials.iter().filter(|((id, _), _)| id == variant);
            merged.trials.extend(of_variant.map(|((_, seed), trial)| ((name.clone(), *seed), trial.clone())));
            let seeds = side.own_seeds.get(variant).unwrap_or(&side.seeds);
            merged.own_seeds.insert(name.clone(), seeds.clone());
        }
    }
    merged
}

/// The claim whose verdict is the finding: supported where `b` is higher, refuted where it is lower.
fn is_higher([a, b]: &[VariantId; 2], metric: Metric, confidence: f64) -> Claim {
    Claim {
        id: b.clone(),
        quote: None,
        because: None,
        says: String::new(),
        reported: Reported::default(),
        must: None,
        confidence,
        at: At::Last,
        test: Test::Difference { metric, of: b.clone(), minus: a.clone(), bound: Bound::Above { value: 0.0 } },
    }
}

/// The figures themselves, for saying whether they are the same.
fn figures(table: &Table, side: &VariantId, metric: Metric) -> BTreeMap<Seed, f64> {
    let of_side = table.trials.iter().filter(|((id, _), _)| id == side);
    of_side.filter_map(|((_, seed), trial)| Some((*seed, *trial.figures.get(&metric)?))).collect()
}

fn difference(
    variant: VariantId,
    metric: Metric,
    [a, b]: [BTreeMap<Seed, f64>; 2],
    judged: Judged,
) -> FigureDifference {
    let shared: Vec<(f64, f64)> = a.iter().filter_map(|(seed, one)| Some((*one, *b.get(seed)?))).collect();
    // Where a diverged trial stands in with the accuracy of a guess, the two means would not be of the same trials.
    let is_whole = shared.len() == judged.sample.seeds;
    let is_same = !shared.is_empty() && is_whole && shared.iter().all(|(one, other)| one.to_bits() == other.to_bits());
    let finding = match judged.verdict {
        _ if is_same => Finding::Same,
        Verdict::Supported => Finding::Higher,
        Verdict::Refuted => Finding::Lower,
        Verdict::Inconclusive => Finding::NotShown,
    };
    let side = |pick: fn(&(f64, f64)) -> f64| mean(&shared.iter().map(pick).collect::<Vec<f64>>()).filter(|_| is_whole);
    FigureDifference {
        variant,
        metric,
        seeds: judged.sample.seeds,
        a: side(|pair| pair.0),
        b: side(|pair| pair.1),
        difference: judged.estimate,
        interval: judged.interval,
        confidence: judged.claim.confidence,
        p_value: judged.p_value,
        corrected_p_value: judged.corrected.map(|corrected| corrected.p_value),
        finding,
    }
}
