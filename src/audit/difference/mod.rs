//! What differs between two bundles: what was asked for, what it ran on, and what came out.
//!
//! Files are not compared, but what they mean: the resolved experiments, data sets, machines, code, every trial both have,
//! the figures of every variant both have, and the verdicts. Differences in figures are judged as claims are, by an
//! interval of the paired differences over seeds.

mod changes;
mod figures;
#[cfg(test)]
mod tests;
mod trials;

use serde::Serialize;

use crate::bundle::evidence::Evidence;
use crate::bundle::record::{Environment, StepFingerprint};
use crate::bundle::{BundleError, BundleFolder};
use crate::claims;
use crate::config::{ClaimId, Seed, VariantId, Verdict};

pub use changes::{Change, changes};
pub use figures::{FigureDifference, Finding, compare};
pub use trials::{TrialDifference, Trials};

/// Major version of the JSON form.
const SCHEMA: u32 = 1;

/// Everything in which bundle `b` differs from bundle `a`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    pub schema: u32,
    /// Of the resolved experiment, but for its claims' and variants' order.
    pub experiment: Vec<Change>,
    pub data: Vec<Change>,
    /// Machine, system, engine and threads; not when it ran and for how long.
    pub environment: Vec<Change>,
    /// Version, commit, dependencies and program.
    pub code: Vec<Change>,
    pub trials: Trials,
    /// One for each figure of each variant that both have, in the order of `a`'s experiment.
    pub figures: Vec<FigureDifference>,
    /// Claims of both whose verdict is not the same.
    pub verdicts: Vec<VerdictChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    pub claim: ClaimId,
    pub a: Verdict,
    pub b: Verdict,
}

/// One bundle, read.
pub struct Side<'a> {
    pub evidence: &'a Evidence,
    /// The kept steps of a trial; `None` where they cannot be read.
    pub fingerprints: &'a dyn Fn(&VariantId, Seed) -> Option<Vec<StepFingerprint>>,
    /// Where a trial ran; `None` where that is not recorded.
    pub environment: &'a dyn Fn(&VariantId, Seed) -> Option<Environment>,
}

impl Difference {
    /// Between two bundles on disk.
    ///
    /// # Errors
    /// When one of them cannot be read or understood.
    pub fn between(a: &BundleFolder, b: &BundleFolder) -> Result<Self, BundleError> {
        let (one, other) = (a.evidence(a.experiment()?)?, b.evidence(b.experiment()?)?);
        Ok(Self::of_bundles((a, &one), (b, &other)))
    }

    /// Between two bundles whose evidence was read already.
    pub fn of_bundles((a, one): (&BundleFolder, &Evidence), (b, other): (&BundleFolder, &Evidence)) -> Self {
        let a_steps = |variant: &VariantId, seed| a.fingerprints(variant, seed).ok();
        let b_steps = |variant: &VariantId, seed| b.fingerprints(variant, seed).ok();
        let a_place = |variant: &VariantId, seed| a.trial_environment(variant, seed).ok().flatten();
        let b_place = |variant: &VariantId, seed| b.trial_environment(variant, seed).ok().flatten();
        Self::of(
            &Side { evidence: one, fingerprints: &a_steps, environment: &a_place },
            &Side { evidence: other, fingerprints: &b_steps, environment: &b_place },
        )
    }

    pub fn of(a: &Side<'_>, b: &Side<'_>) -> Self {
        let (one, other) = (a.evidence, b.evidence);
        let (a_place, b_place) = (one.environment.as_ref(), other.environment.as_ref());
        Self {
            schema: SCHEMA,
            experiment: changes(
                &json(&one.experiment.whole().published()),
                &json(&other.experiment.whole().published()),
            ),
            data: changes(&json(&one.dataset), &json(&other.dataset)),
            environment: changes(&machine(a_place), &machine(b_place)),
            code: changes(&code(a_place), &code(b_place)),
            trials: Trials::of(a, b),
            figures: figures::compare(one, other),
            verdicts: verdicts(one, other),
        }
    }

    /// The figures that are shown to differ.
    pub fn differing_figures(&self) -> impl Iterator<Item = &FigureDifference> {
        self.figures.iter().filter(|figure| figure.finding.is_difference())
    }

    /// Whether the results are not the same: a figure is shown to differ, a verdict has changed, or a trial came out
    /// differently whose bits should be the same.
    pub fn results_differ(&self) -> bool {
        self.differing_figures().next().is_some()
            || !self.verdicts.is_empty()
            || self.trials.not_reproduced().next().is_some()
    }
}

fn verdicts(a: &Evidence, b: &Evidence) -> Vec<VerdictChange> {
    let other = claims::judge(b);
    let changed = |one: claims::Judged| {
        let other = other.iter().find(|other| other.claim.id == one.claim.id)?;
        (one.verdict != other.verdict).then(|| VerdictChange {
            claim: one.claim.id.clone(),
            a: one.verdict,
            b: other.verdict,
        })
    };
    // What trials took depends on the machine and its load: another verdict about it is no other result.
    claims::judge(a).into_iter().filter(|one| !one.claim.test.metric().is_of_machine()).filter_map(changed).collect()
}

/// `null` for what has no JSON form, which none of our records is.
fn json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn machine(environment: Option<&Environment>) -> serde_json::Value {
    let mut value = json(&environment);
    if let Some(fields) = value.as_object_mut() {
        for other in ["started", "elapsed_seconds", "code", "retrial", "rustc"] {
            fields.remove(other);
        }
    }
    value
}

fn code(environment: Option<&Environment>) -> serde_json::Value {
    let version = |environment: &Environment| {
        let mut value = json(&environment.code);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("retrial".to_owned(), json(&environment.retrial));
            fields.insert("rustc".to_owned(), json(&environment.rustc));
        }
        value
    };
    environment.map(version).unwrap_or_default()
}
