//! Whether a claim was written down before there was a result (pre-registration).
//!
//! The record in the bundle grows when a run starts with something changed, and is never shortened once there were
//! results. It cannot know of results that were deleted together with it: it shows honest work, it does not prove it.

use std::collections::BTreeMap;

use super::verdict::Registration;
use crate::bundle::record::{RegistrationEntry, RegistrationRecord, SCHEMA};
use crate::config::{Claim, ClaimId, Experiment, Seed, VariantId};
use crate::provenance::Digest;

/// The record to write when a run of `experiment` starts with `finished_trials` of its trials at hand; `analysis` is the
/// digest of the code that judges claims.
///
/// The same record when nothing changed. What was written while there was no result may still be replaced; everything
/// after that is added.
pub fn register(
    previous: Option<RegistrationRecord>,
    experiment: &Experiment,
    analysis: Digest,
    finished_trials: u32,
) -> RegistrationRecord {
    let mut record = previous.unwrap_or(RegistrationRecord { schema: SCHEMA, entries: Vec::new() });
    let (seeds, settle, claims) = (seeds(experiment), experiment.settle.clone(), claims(experiment));
    let entry = RegistrationEntry { finished_trials, seeds, settle, claims, analysis, started_over: false };
    match record.entries.last_mut() {
        Some(last) if same(last, &entry) => {}
        Some(last) if finished_trials == 0 && last.finished_trials == 0 => *last = entry,
        _ => record.entries.push(entry),
    }
    record
}

/// The record once a run is asked to replace all results, if there are any. Trained again with the same bits they are no
/// others; a program's may be.
pub fn start_over(mut record: RegistrationRecord) -> RegistrationRecord {
    let again = record.entries.last().map(|last| RegistrationEntry { started_over: true, ..last.clone() });
    record.entries.extend(again);
    record
}

fn same(one: &RegistrationEntry, other: &RegistrationEntry) -> bool {
    one.seeds == other.seeds
        && one.settle == other.settle
        && one.claims == other.claims
        && one.analysis == other.analysis
}

fn seeds(experiment: &Experiment) -> BTreeMap<VariantId, Vec<Seed>> {
    experiment.variants.iter().map(|variant| (variant.id.clone(), variant.seeds.clone())).collect()
}

/// A claim without a JSON form, which no experiment file can make, is left out and so counts as never written down.
fn claims(experiment: &Experiment) -> BTreeMap<ClaimId, Digest> {
    let digest = |claim: &Claim| Some((claim.id.clone(), Digest::of_canonical_json(claim).ok()?));
    experiment.claims.iter().filter_map(digest).collect()
}

/// What the record says of a claim as it is now; when it is judged is a part of it.
pub fn status(record: Option<&RegistrationRecord>, claim: &Claim) -> Registration {
    let (Some(record), Ok(digest)) = (record, Digest::of_canonical_json(claim)) else { return Registration::Unknown };
    let is_known = record.entries.iter().any(|entry| entry.claims.contains_key(&claim.id));
    match before_results(record).and_then(|entry| entry.claims.get(&claim.id)) {
        Some(registered) if *registered == digest && !changed_afterwards(record).looks => Registration::Before,
        Some(_) => Registration::Changed,
        None if is_known => Registration::Added,
        None => Registration::Unknown,
    }
}

/// What else changed when there were results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedAfterwards {
    /// More seeds, or others: how long one goes on is then part of the result.
    pub seeds: bool,
    /// When the seeds are looked at, or how the error is spent over the looks.
    pub looks: bool,
    /// Results, by a run that replaced them all.
    pub results: bool,
    /// The code that judges claims.
    pub analysis: bool,
    /// Claims that were written down and are no longer made.
    pub withdrawn: Vec<ClaimId>,
}

/// Compares what was written before there was a result with everything after it; nothing changed where nothing was
/// written before.
pub fn changed_afterwards(record: &RegistrationRecord) -> ChangedAfterwards {
    let (Some(first), Some(last)) = (before_results(record), record.entries.last()) else {
        return ChangedAfterwards::default();
    };
    ChangedAfterwards {
        seeds: record.entries.iter().any(|entry| entry.seeds != first.seeds),
        looks: record.entries.iter().any(|entry| entry.settle != first.settle),
        results: record.entries.iter().any(|entry| entry.started_over),
        analysis: record.entries.iter().any(|entry| entry.analysis != first.analysis),
        withdrawn: first.claims.keys().filter(|id| !last.claims.contains_key(id)).cloned().collect(),
    }
}

/// The entry that stood when the first result came. Only the first can be it: entries are added once there were results.
fn before_results(record: &RegistrationRecord) -> Option<&RegistrationEntry> {
    record.entries.first().filter(|entry| entry.finished_trials == 0)
}
