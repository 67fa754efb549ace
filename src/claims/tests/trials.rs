//! Trials that did not give a figure: counted, and never left out in silence.

use super::*;
use crate::claims::{Reason, Sample};
use crate::config::Verdict::{Inconclusive, Refuted, Supported};

/// Seeds 1 to 3 of `a` completed with these losses and accuracies at chance; seeds 4 and 5 are for a test to fill.
fn three_of_five() -> Table {
    let mut table = Table { seeds: (1..=5).map(Seed).collect(), ..Table::default() };
    for (seed, loss) in (1..).zip([2.30, 2.31, 2.29]) {
        put(&mut table, "a", seed, Ending::Completed, &[(LOSS, loss), (ACCURACY, 0.1), (GRADIENT, 1e-6)]);
    }
    table
}

#[test]
fn missing_and_failed_trials_are_counted_and_the_rest_is_judged() {
    let mut table = three_of_five();
    put(&mut table, "a", 4, Ending::Failed, &[(LOSS, 99.0)]);
    let judged = judge_one(&level(LOSS, "a", below(2.5)), &table);
    assert_eq!(judged.sample, Sample { seeds: 3, planned: 5, failed: 1, missing: 1, ..Sample::default() });
    assert_eq!((judged.verdict, judged.reason), (Supported, None));
    put(&mut table, "a", 5, Ending::Missing, &[]);
    assert_eq!(judge_one(&level(LOSS, "a", below(2.5)), &table), judged);
}

#[test]
fn a_completed_trial_without_the_figure_is_missing_it() {
    let mut table = three_of_five();
    put(&mut table, "a", 4, Ending::Completed, &[(ACCURACY, 0.1)]);
    let sample = judge_one(&level(LOSS, "a", below(2.5)), &table).sample;
    assert_eq!(sample, Sample { seeds: 3, planned: 5, missing: 2, ..Sample::default() });
}

#[test]
fn a_diverged_trial_has_the_accuracy_of_guessing() {
    let mut table = three_of_five();
    table.guessing = BTreeMap::from([(ACCURACY, 0.1)]);
    for seed in [4, 5] {
        put(&mut table, "a", seed, Ending::Diverged, &[]);
        put(&mut table, "b", seed, Ending::Completed, &[(ACCURACY, 0.7)]);
    }
    for seed in [1, 2, 3] {
        put(&mut table, "b", seed, Ending::Diverged, &[(ACCURACY, 0.99)]);
    }
    let a = judge_one(&level(ACCURACY, "a", below(0.15)), &table);
    assert_eq!(a.sample, Sample { seeds: 5, planned: 5, diverged_as_chance: 2, ..Sample::default() });
    assert_eq!((a.verdict, a.estimate), (Supported, Some(0.1)));
    // Two of five at 0.7 and three at 0.1, whatever the diverged ones had reached: 1.7 / 5.
    let b = judge_one(&level(ACCURACY, "b", above(0.5)), &table);
    assert!((b.estimate.unwrap() - 0.34).abs() < 1e-12);
    let difference = judge_one(&difference(ACCURACY, "b", "a", above(0.0)), &table);
    assert_eq!(difference.sample, Sample { seeds: 5, planned: 5, diverged_as_chance: 5, ..Sample::default() });
}

#[test]
fn without_a_chance_level_a_diverged_trial_keeps_its_claim_open() {
    let mut table = three_of_five();
    put(&mut table, "a", 4, Ending::Diverged, &[]);
    let judged = judge_one(&level(ACCURACY, "a", below(0.15)), &table);
    assert_eq!(judged.sample, Sample { seeds: 3, planned: 5, diverged: 1, missing: 1, ..Sample::default() });
    assert_eq!((judged.verdict, judged.reason), (Inconclusive, Some(Reason::Diverged)));
}

#[test]
fn a_diverged_trial_has_no_loss_so_its_claim_is_neither_supported_nor_refuted() {
    let mut table = three_of_five();
    table.guessing = BTreeMap::from([(ACCURACY, 0.1)]);
    put(&mut table, "a", 4, Ending::Diverged, &[]);
    for bound in [below(2.5), above(2.5)] {
        let judged = judge_one(&level(LOSS, "a", bound), &table);
        assert_eq!((judged.verdict, judged.reason), (Inconclusive, Some(Reason::Diverged)));
        // What is there is shown all the same.
        assert!(judged.interval.is_some_and(|interval| interval.upper < 2.5));
        assert_eq!(judged.corrected.map(|corrected| corrected.verdict), Some(Inconclusive));
        assert_eq!(judged.seeds_to_settle, None);
    }
}

#[test]
fn a_figure_that_is_no_number_is_no_reason_to_leave_its_trial_out() {
    for bad in [f64::NAN, f64::INFINITY] {
        let mut table = three_of_five();
        put(&mut table, "a", 4, Ending::Completed, &[(LOSS, bad)]);
        let judged = judge_one(&level(LOSS, "a", below(2.5)), &table);
        assert_eq!((judged.reason, judged.sample.diverged), (Some(Reason::Diverged), 1));
    }
}

#[test]
fn what_was_measured_before_training_is_there_for_a_trial_that_diverged() {
    let mut table = three_of_five();
    put(&mut table, "a", 4, Ending::Diverged, &[(GRADIENT, 2e-6)]);
    put(&mut table, "a", 5, Ending::Diverged, &[(GRADIENT, 2e-6), (native::SIGNAL_FINAL, 1.0)]);
    let judged = judge_one(&level(GRADIENT, "a", above(1e-3)), &table);
    assert_eq!(judged.sample, Sample { seeds: 5, planned: 5, ..Sample::default() });
    assert_eq!(judged.verdict, Refuted);
    let after = judge_one(&level(native::SIGNAL_FINAL, "a", above(1e-3)), &table);
    assert_eq!((after.reason, after.sample.diverged), (Some(Reason::NoValues), 2));
}

#[test]
fn differences_are_over_seeds_that_both_have() {
    let mut table = three_of_five();
    for (seed, loss) in [(2, 1.0), (3, 1.1), (4, 1.2)] {
        put(&mut table, "b", seed, Ending::Completed, &[(LOSS, loss)]);
    }
    put(&mut table, "b", 5, Ending::Failed, &[]);
    let judged = judge_one(&difference(LOSS, "a", "b", above(0.0)), &table);
    assert_eq!(judged.sample, Sample { seeds: 2, planned: 5, failed: 1, missing: 2, ..Sample::default() });
    // ((2.31 - 1.0) + (2.29 - 1.1)) / 2.
    assert!((judged.estimate.unwrap() - 1.25).abs() < 1e-12);
    put(&mut table, "b", 5, Ending::Diverged, &[]);
    let judged = judge_one(&difference(LOSS, "a", "b", above(0.0)), &table);
    assert_eq!((judged.sample.diverged, judged.reason), (1, Some(Reason::Diverged)));
}

#[test]
fn a_variant_with_more_seeds_is_judged_by_all_of_them_and_compared_by_the_shared_ones() {
    let mut table = table(ACCURACY, &[("many", &[0.5, 0.6, 0.7, 0.8, 0.9]), ("few", &[0.4, 0.5, 0.6])]);
    table.own_seeds.insert(id("few"), (1..=3).map(Seed).collect());
    let sample = |test| judge_table(&[claim(test)], &table)[0].sample;
    let bound = Bound::Above { value: 0.0 };
    let level = |of: &str| sample(Test::Level { metric: ACCURACY, of: id(of), bound });
    assert_eq!((level("many").planned, level("many").seeds), (5, 5));
    assert_eq!((level("few").planned, level("few").seeds, level("few").missing), (3, 3, 0));
    let difference = sample(Test::Difference { metric: ACCURACY, of: id("many"), minus: id("few"), bound });
    assert_eq!((difference.planned, difference.seeds, difference.missing), (3, 3, 0));
}
