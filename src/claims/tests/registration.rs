//! Claims written down before and after there were results.

use super::evidence::experiment;
use super::*;
use crate::bundle::record::RegistrationRecord;
use crate::claims::{ChangedAfterwards, Registration, changed_afterwards, register, status};
use crate::config::Experiment;
use crate::provenance::Digest;

fn analysis(version: &str) -> Digest {
    Digest::of_bytes(version.as_bytes())
}

/// The experiment with its first claim's bound changed.
fn changed() -> Experiment {
    let mut experiment = experiment();
    experiment.claims[0].test = Test::Level { metric: ACCURACY, of: id("b"), bound: below(0.5) };
    experiment
}

/// Starts a run of each experiment, with so many trials finished by then.
fn runs(starts: &[(&Experiment, u32)]) -> RegistrationRecord {
    let mut record = None;
    for (experiment, finished) in starts {
        record = Some(register(record, experiment, analysis("one"), *finished));
    }
    record.unwrap()
}

fn statuses(record: &RegistrationRecord, experiment: &Experiment) -> Vec<Registration> {
    experiment.claims.iter().map(|claim| status(Some(record), claim)).collect()
}

#[test]
fn a_claim_that_stood_when_the_first_trial_started_was_registered() {
    let record = runs(&[(&experiment(), 0)]);
    assert_eq!(record.entries.len(), 1);
    assert_eq!(statuses(&record, &experiment()), [Registration::Before; 3]);
    assert_eq!(changed_afterwards(&record), ChangedAfterwards::default());
}

#[test]
fn starting_again_with_nothing_changed_writes_nothing() {
    let record = runs(&[(&experiment(), 0)]);
    assert_eq!(runs(&[(&experiment(), 0), (&experiment(), 3), (&experiment(), 6)]), record);
}

#[test]
fn a_claim_may_be_changed_until_there_is_a_result() {
    let record = runs(&[(&experiment(), 0), (&changed(), 0)]);
    assert_eq!(record.entries.len(), 1);
    assert_eq!(statuses(&record, &changed()), [Registration::Before; 3]);
    assert_eq!(status(Some(&record), &experiment().claims[0]), Registration::Changed);
}

#[test]
fn a_claim_changed_after_a_result_is_shown_as_changed() {
    let record = runs(&[(&experiment(), 0), (&changed(), 1)]);
    assert_eq!(record.entries.len(), 2);
    assert_eq!(statuses(&record, &changed()), [Registration::Changed, Registration::Before, Registration::Before]);
    // Whoever changes it back makes the claim that was registered.
    let back = runs(&[(&experiment(), 0), (&changed(), 1), (&experiment(), 2)]);
    assert_eq!(statuses(&back, &experiment()), [Registration::Before; 3]);
}

#[test]
fn a_claim_that_is_read_at_another_point_is_another_claim() {
    let mut elsewhere = experiment();
    elsewhere.claims[0].at = At::Best(ACCURACY);
    let record = runs(&[(&experiment(), 0), (&elsewhere, 1)]);
    assert_eq!(statuses(&record, &elsewhere)[0], Registration::Changed);
    assert_eq!(statuses(&record, &experiment())[0], Registration::Before);
}

#[test]
fn a_claim_added_after_a_result_is_shown_as_added_and_one_never_run_is_unknown() {
    let mut longer = experiment();
    longer.claims.push(Claim { id: id("late"), ..longer.claims[0].clone() });
    let record = runs(&[(&experiment(), 0), (&longer, 1)]);
    assert_eq!(statuses(&record, &longer)[3], Registration::Added);
    assert_eq!(statuses(&runs(&[(&experiment(), 0)]), &longer)[3], Registration::Unknown);
    assert_eq!(status(None, &longer.claims[0]), Registration::Unknown);
}

#[test]
fn a_record_that_starts_when_there_are_results_registers_nothing() {
    let record = runs(&[(&experiment(), 2)]);
    assert_eq!(statuses(&record, &experiment()), [Registration::Added; 3]);
}

#[test]
fn results_that_were_deleted_do_not_make_room_for_another_claim() {
    let record = runs(&[(&experiment(), 0), (&experiment(), 1), (&changed(), 1), (&changed(), 0)]);
    assert_eq!(statuses(&record, &changed())[0], Registration::Changed);
    let mut other = changed();
    other.claims.truncate(2);
    let record = register(Some(record), &other, analysis("one"), 0);
    assert_eq!(record.entries.len(), 3);
    assert_eq!(statuses(&record, &other), [Registration::Changed, Registration::Before]);
}

#[test]
fn seeds_analysis_and_claims_that_change_afterwards_are_named() {
    let mut more_seeds = experiment();
    more_seeds.variants[0].seeds.push(Seed(4));
    more_seeds.claims.remove(1);
    let first = runs(&[(&experiment(), 0)]);
    let record = register(Some(first.clone()), &more_seeds, analysis("one"), 6);
    let withdrawn = vec![id("better")];
    assert_eq!(
        changed_afterwards(&record),
        ChangedAfterwards { seeds: true, withdrawn, ..ChangedAfterwards::default() }
    );
    let record = register(Some(first), &experiment(), analysis("two"), 6);
    let expected = ChangedAfterwards { analysis: true, ..ChangedAfterwards::default() };
    assert_eq!(changed_afterwards(&record), expected);
    assert_eq!(changed_afterwards(&runs(&[(&experiment(), 2), (&more_seeds, 3)])), ChangedAfterwards::default());
}

#[test]
fn a_record_reads_back_what_it_wrote() {
    let record = runs(&[(&experiment(), 0), (&changed(), 1)]);
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<RegistrationRecord>(&json).unwrap(), record);
}
