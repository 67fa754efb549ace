//! Trial by trial: which exist on both sides, which gave the same bits, and where the others part.

use serde::Serialize;

use super::Side;
use crate::audit::replay::{Level, difference_of_step};
use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::record::{Environment, KeyParts, Outcome, Reproducibility, StepFingerprint, TrialRecord};
use crate::config::{Seed, VariantId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trials {
    /// Finished on both sides.
    pub in_both: usize,
    /// Of these, those with the same logs and the same final parameters, to the last bit.
    pub same: usize,
    /// All others that one side or both plan.
    pub differing: Vec<TrialDifference>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialDifference {
    pub variant: VariantId,
    pub seed: Seed,
    pub a: State,
    pub b: State,
    /// Parts of the trial's key that differ; empty where they do not, or one side has no result.
    pub key: Vec<&'static str>,
    /// Whether both ran on another kind of processor or GPU each, where products may round differently.
    pub other_processor: bool,
    /// Whether the same bits were promised: the key, the kind of processor and the engine are the same, and no side's
    /// self-test showed that its engine does not repeat its bits.
    pub bits_promised: bool,
    /// The first step at which both part, and in what; `None` where no kept step shows it.
    pub parts_at: Option<Parting>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parting {
    /// Counted from 0.
    pub step: u64,
    pub what: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Completed,
    Diverged,
    Failed,
    Missing,
    /// The side's experiment has no such trial.
    NotPlanned,
}

impl State {
    fn of(trial: Option<&TrialEvidence>) -> Self {
        match trial.map(|trial| &trial.state) {
            None => Self::NotPlanned,
            Some(TrialState::Missing) => Self::Missing,
            Some(TrialState::Failed { .. }) => Self::Failed,
            Some(TrialState::Done(record)) if record.outcome == Outcome::Completed => Self::Completed,
            Some(TrialState::Done(_)) => Self::Diverged,
        }
    }

    /// Whether it left a result.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Completed | Self::Diverged)
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::NotPlanned => "not planned",
        }
    }
}

impl Trials {
    pub fn of(a: &Side<'_>, b: &Side<'_>) -> Self {
        let mut trials = Self { in_both: 0, same: 0, differing: Vec::new() };
        let only_b = b.evidence.trials.iter().filter(|trial| find(a.evidence, &trial.variant, trial.seed).is_none());
        for TrialEvidence { variant, seed, .. } in a.evidence.trials.iter().chain(only_b) {
            let one = find(a.evidence, variant, *seed);
            let other = find(b.evidence, variant, *seed);
            let (mut other_processor, mut bits_promised) = (false, false);
            let difference = match (record(one), record(other)) {
                (Some(a_record), Some(b_record)) => {
                    trials.in_both += 1;
                    let metrics_agree = one.zip(other).is_some_and(|(one, other)| same_results(one, other));
                    let steps = (a.fingerprints)(variant, *seed).zip((b.fingerprints)(variant, *seed));
                    let steps_agree = steps.as_ref().is_none_or(|(one, other)| one == other);
                    let images_agree = a_record
                        .correct
                        .as_ref()
                        .zip(b_record.correct.as_ref())
                        .is_none_or(|(one, other)| one == other);
                    let parting = steps.as_ref().and_then(|(one, other)| parting(one, other));
                    if metrics_agree && a_record.parameters == b_record.parameters && steps_agree && images_agree {
                        trials.same += 1;
                        continue;
                    }
                    let key = KeyParts::differing(&a_record.key.parts, &b_record.key.parts);
                    let places = (a.environment)(variant, *seed).zip((b.environment)(variant, *seed));
                    other_processor = places.is_some_and(|(one, other)| !is_same_processor(&one, &other));
                    let sides = [(a, a_record), (b, b_record)];
                    let repeat = sides.iter().all(|(side, record)| repeats_bits(side.evidence, record));
                    bits_promised = key.is_empty() && !other_processor && repeat;
                    (key, parting)
                }
                _ => (vec![], None),
            };
            let (a, b) = (State::of(one), State::of(other));
            // Both failed or missing: nothing to compare, and nothing that differs.
            if a != b || record(one).is_some() {
                let (key, parts_at) = difference;
                let variant = variant.clone();
                trials.differing.push(TrialDifference {
                    variant,
                    seed: *seed,
                    a,
                    b,
                    key,
                    other_processor,
                    bits_promised,
                    parts_at,
                });
            }
        }
        trials
    }

    /// Trials whose bits should be the same and are not: the code, the engine or the machine does not do what it promises.
    pub fn not_reproduced(&self) -> impl Iterator<Item = &TrialDifference> {
        self.differing.iter().filter(|trial| trial.bits_promised)
    }
}

/// As far as a trial's record says it.
fn is_same_processor(one: &Environment, other: &Environment) -> bool {
    one.cpu == other.cpu
        && one.cpu_features == other.cpu_features
        && one.engine_details.get("GPU") == other.engine_details.get("GPU")
}

fn same_results(one: &TrialEvidence, other: &TrialEvidence) -> bool {
    let mut pairs = one.metrics.iter().zip(&other.metrics);
    one.metrics.len() == other.metrics.len() && pairs.all(|(one, other)| one.same_results(other))
}

/// Unless the self-test before its run showed otherwise; another program only where it was seen to.
fn repeats_bits(evidence: &Evidence, record: &TrialRecord) -> bool {
    if record.key.parts.native().is_none() {
        let repeated = record.command.as_ref().and_then(|command| command.repeated);
        return repeated.is_some_and(|repeated| repeated.difference == 0.0);
    }
    let shown = evidence.environment.as_ref().and_then(|environment| environment.reproducibility);
    !matches!(shown, Some(Reproducibility::Tolerance { .. }))
}

fn find<'a>(evidence: &'a Evidence, variant: &VariantId, seed: Seed) -> Option<&'a TrialEvidence> {
    evidence.trials.iter().find(|trial| trial.variant == *variant && trial.seed == seed)
}

fn record(trial: Option<&TrialEvidence>) -> Option<&TrialRecord> {
    match &trial?.state {
        TrialState::Done(record) => Some(record),
        _ => None,
    }
}

/// The first of the steps that both kept at which they do not agree. One may have been trained for longer than the other.
fn parting(a: &[StepFingerprint], b: &[StepFingerprint]) -> Option<Parting> {
    let difference = a.iter().find_map(|one| {
        let other = b.binary_search_by_key(&one.step, |step| step.step).ok().map(|at| &b[at])?;
        difference_of_step(one, other, Level::Bitwise)
    })?;
    Some(Parting { step: difference.step?, what: difference.what })
}
