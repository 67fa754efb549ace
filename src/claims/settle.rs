//! What to train next so that open claims are settled, and when there is nothing left to do.

use std::collections::BTreeMap;

use super::verdict::{Counted, Judged, Reason};
use crate::config::{Experiment, Seed, Settle, Test, VariantId, Verdict};
use crate::stats::t_test_power;

/// A claim is not gone on with where even its last look would settle it less often than this.
const FUTILE_BELOW: f64 = 0.2;

/// Where a claim stands between two looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outlook {
    /// It has its verdict, or there is no look at what it is about.
    Settled,
    /// Another look may settle it.
    Open {
        /// Of each variant.
        seeds: u32,
        /// How likely that look settles it, were the truth what was measured.
        probability: f64,
        /// The same of the last look.
        at_last: f64,
    },
    /// Seeds that are left would hardly settle it, or cannot.
    Futile,
    /// Its last look is taken.
    Exhausted,
}

/// A look is futile to wait for where the last one would settle the claim with a probability of less than 0.2, even if the
/// truth lay one standard error further from the bound than was measured. Stopping for that spends no error, and cannot make
/// a verdict.
pub fn outlook(judged: &Judged, settle: &Settle) -> Outlook {
    if judged.verdict != Verdict::Inconclusive || judged.sample.counted == Counted::Rounds {
        return Outlook::Settled;
    }
    let taken = judged.look.map_or(0, |look| look.number);
    let (Some(&next), Some(&last)) = (settle.looks.get(taken), settle.looks.last()) else {
        return Outlook::Exhausted;
    };
    if judged.look.is_none() {
        return Outlook::Open { seeds: next, probability: 1.0, at_last: 1.0 };
    }
    // Diverged trials keep it open at any number of seeds; without a number that settles it, so do its test images.
    let can_be_settled = judged.reason == Some(Reason::IntervalCrossesBound) && judged.seeds_to_settle.is_some();
    let Some(effect) = judged.effect_size.filter(|_| can_be_settled) else { return Outlook::Futile };
    let shares = settle.shares();
    let power = |effect: f64, look: usize, seeds: u32| {
        let steps = match &judged.claim.test {
            Test::Trend { along, .. } => along.len().saturating_sub(1).max(1) as f64,
            Test::Level { .. } | Test::Difference { .. } | Test::Ratio { .. } => 1.0,
        };
        let error = (1.0 - judged.claim.confidence) * shares.get(look).copied().unwrap_or(0.0) / steps;
        t_test_power(effect, seeds as usize, 1.0 - error).unwrap_or(0.0)
    };
    let at_best = effect.abs() + 1.0 / (judged.sample.seeds.max(1) as f64).sqrt();
    let to_last = |effect: f64| power(effect, settle.looks.len() - 1, last);
    if to_last(at_best) < FUTILE_BELOW {
        return Outlook::Futile;
    }
    let probability = power(effect.abs(), taken, next);
    Outlook::Open { seeds: next, probability, at_last: to_last(effect.abs()) }
}

/// Trials to run before the next look at some claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// How many seeds of each variant have been called for by then.
    pub seeds: BTreeMap<VariantId, usize>,
    /// In plan order.
    pub trials: Vec<(VariantId, Seed)>,
    /// Places of the claims, in the experiment's order, that are looked at again then.
    pub claims: Vec<usize>,
    /// Of all its trials together, one after the other.
    pub seconds: f64,
}

/// The stages that settle claims, that which probably settles most of them in an hour first; none where nothing is left to
/// settle. `called` is the part of `experiment` that was called for so far, every trial of which has a result; `seconds` is
/// what a trial of a variant takes.
pub fn stages(
    experiment: &Experiment,
    called: &Experiment,
    judged: &[Judged],
    seconds: impl Fn(&VariantId) -> f64,
) -> Vec<Stage> {
    let Some(settle) = &experiment.settle else { return vec![] };
    let open: Vec<Open<'_>> =
        (0..).zip(judged).filter_map(|(place, judged)| Open::of(place, judged, outlook(judged, settle))).collect();
    let had: BTreeMap<VariantId, usize> =
        called.variants.iter().map(|variant| (variant.id.clone(), variant.seeds.len())).collect();
    let mut stages: Vec<(f64, Stage)> = vec![];
    for claim in &open {
        let mut seeds = had.clone();
        for variant in &claim.variants {
            seeds.entry((*variant).clone()).and_modify(|of| *of = (*of).max(claim.seeds));
        }
        if stages.iter().all(|(_, stage)| stage.seeds != seeds) {
            stages.push(stage(experiment, &had, seeds, &open, &seconds));
        }
    }
    // Stable: of equals, that of the first claim.
    stages.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    stages.into_iter().map(|(_, stage)| stage).collect()
}

/// A claim that another look may settle.
struct Open<'a> {
    place: usize,
    variants: Vec<&'a VariantId>,
    seeds: usize,
    probability: f64,
}

impl<'a> Open<'a> {
    fn of(place: usize, judged: &'a Judged, outlook: Outlook) -> Option<Self> {
        let Outlook::Open { seeds, probability, .. } = outlook else { return None };
        Some(Self { place, variants: judged.claim.test.variants(), seeds: seeds as usize, probability })
    }
}

/// What it takes to have so many seeds, and how many claims an hour of it would settle.
fn stage(
    experiment: &Experiment,
    had: &BTreeMap<VariantId, usize>,
    seeds: BTreeMap<VariantId, usize>,
    open: &[Open<'_>],
    seconds: impl Fn(&VariantId) -> f64,
) -> (f64, Stage) {
    let number = |of: &BTreeMap<VariantId, usize>, id: &VariantId| of.get(id).copied().unwrap_or(0);
    let new = experiment.variants.iter().flat_map(|variant| {
        let (from, to) = (number(had, &variant.id), number(&seeds, &variant.id));
        variant.seeds.iter().take(to).skip(from).map(|seed| (variant.id.clone(), *seed))
    });
    let trials: Vec<(VariantId, Seed)> = new.collect();
    let takes: f64 = trials.iter().map(|(variant, _)| seconds(variant)).sum();
    let is_reached = |claim: &&Open<'_>| claim.variants.iter().all(|variant| number(&seeds, variant) >= claim.seeds);
    let reached: Vec<&Open<'_>> = open.iter().filter(is_reached).collect();
    let settled: f64 = reached.iter().map(|claim| claim.probability).sum();
    let claims = reached.iter().map(|claim| claim.place).collect();
    (settled / takes.max(1e-9), Stage { seeds, trials, claims, seconds: takes })
}
