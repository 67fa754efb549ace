//! What each verdict takes, and why there is none.

use super::*;
use crate::claims::{Reason, gate};
use crate::config::Verdict::{self, Inconclusive, Refuted, Supported};

const LOW: &[f64] = &[0.10, 0.11, 0.09, 0.10];
const HIGH: &[f64] = &[0.75, 0.74, 0.77, 0.76];
const WIDE: &[f64] = &[0.10, 0.75, 0.10, 0.74];

fn verdict(claim: &Claim, table: &Table) -> (Verdict, Option<Reason>) {
    let judged = judge_one(claim, table);
    (judged.verdict, judged.reason)
}

#[test]
fn changing_the_data_flips_the_verdict() {
    let claim = level(ACCURACY, "a", below(0.15));
    assert_eq!(verdict(&claim, &table(ACCURACY, &[("a", LOW)])), (Supported, None));
    assert_eq!(verdict(&claim, &table(ACCURACY, &[("a", HIGH)])), (Refuted, None));
    assert_eq!(verdict(&claim, &table(ACCURACY, &[("a", WIDE)])), (Inconclusive, Some(Reason::IntervalCrossesBound)));
}

#[test]
fn changing_the_data_flips_a_difference_and_an_equivalence() {
    let (worse, same) = (difference(ACCURACY, "a", "b", below(0.0)), difference(ACCURACY, "a", "b", within(0.0, 0.1)));
    let rows = |a, b| table(ACCURACY, &[("a", a), ("b", b)]);
    for (a, b, expected) in [
        (LOW, HIGH, (Supported, Refuted)),
        (HIGH, LOW, (Refuted, Refuted)),
        (HIGH, &[0.74, 0.76, 0.76, 0.75], (Inconclusive, Supported)),
        (WIDE, HIGH, (Inconclusive, Inconclusive)),
    ] {
        let found = (verdict(&worse, &rows(a, b)).0, verdict(&same, &rows(a, b)).0);
        assert_eq!(found, expected, "{a:?} {b:?}");
    }
}

#[test]
fn pairing_shows_what_the_spread_between_seeds_would_hide() {
    // Every seed gains 0.01, while seeds differ by 0.3.
    let rows = [("a", &[0.41, 0.52, 0.62, 0.72][..]), ("b", &[0.40, 0.51, 0.61, 0.70])];
    assert_eq!(verdict(&difference(ACCURACY, "a", "b", above(0.0)), &table(ACCURACY, &rows)).0, Supported);
}

#[test]
fn one_seed_settles_nothing() {
    let one = judge_one(&level(ACCURACY, "a", below(0.15)), &table(ACCURACY, &[("a", &[0.1])]));
    assert_eq!((one.verdict, one.reason), (Inconclusive, Some(Reason::OneSeed)));
    assert_eq!((one.estimate, one.interval, one.p_value), (Some(0.1), None, None));
    assert_eq!((one.effect_size, one.minimum_detectable_effect, one.seeds_to_settle), (None, None, None));
    assert_eq!(one.corrected, None);
}

#[test]
fn two_seeds_have_the_wide_interval_that_they_have() {
    // t(0.95, 1) = 12.7062 makes half a width of 12.7062 * 0.1 / 2 (SciPy 1.17.1: scipy.stats.t.ppf(0.975, 1)).
    let far = judge_one(&level(LOSS, "a", below(4.0)), &table(LOSS, &[("a", &[2.3, 2.4])]));
    assert!((far.interval.unwrap().upper - (2.35 + 12.706204736 * 0.05)).abs() < 1e-8);
    assert_eq!((far.verdict, far.reason), (Supported, None));
    let near = table(LOSS, &[("a", &[2.3, 2.4])]);
    assert_eq!(verdict(&level(LOSS, "a", below(2.5)), &near), (Inconclusive, Some(Reason::IntervalCrossesBound)));
}

#[test]
fn a_variant_without_values_has_no_verdict() {
    let none = judge_one(&level(ACCURACY, "b", below(0.15)), &table(ACCURACY, &[("a", LOW)]));
    assert_eq!((none.verdict, none.reason), (Inconclusive, Some(Reason::NoValues)));
    assert_eq!((none.estimate, none.interval, none.p_value, none.sample.missing), (None, None, None, 4));
    let other = level(LOSS, "a", below(0.15));
    assert_eq!(verdict(&other, &table(ACCURACY, &[("a", LOW)])), (Inconclusive, Some(Reason::NoValues)));
}

#[test]
fn seeds_without_spread_are_judged_by_the_test_set_alone() {
    let mut chance = table(ACCURACY, &[("a", &[0.1; 3])]);
    let claim = level(ACCURACY, "a", below(0.15));
    chance.test_images = Some(10_000);
    assert_eq!(verdict(&claim, &chance), (Supported, None));
    // Wilson's interval of 1 in 10 reaches 0.40 (SciPy 1.17.1: binomtest(1, 10).proportion_ci(0.95, 'wilson')).
    chance.test_images = Some(10);
    let judged = judge_one(&claim, &chance);
    assert_eq!((judged.verdict, judged.effect_size), (Inconclusive, None));
    assert!(judged.p_value.unwrap() > 0.05);
}

#[test]
fn the_test_set_bounds_validation_accuracy_only() {
    for metric in [native::TRAIN_ACCURACY, LOSS] {
        let mut table = table(metric, &[("a", &[0.1; 3])]);
        table.test_images = Some(10);
        assert_eq!(verdict(&level(metric, "a", below(0.15)), &table), (Supported, None));
    }
}

#[test]
fn an_underflow_counts_as_the_smallest_number_there_is() {
    let gradients = table(GRADIENT, &[("a", &[0.0, 0.0, 0.0])]);
    assert_eq!(verdict(&level(GRADIENT, "a", below(1e-30)), &gradients).0, Supported);
    // 2^-149.
    let estimate = judge_one(&level(GRADIENT, "a", below(1e-30)), &gradients).estimate.unwrap();
    assert!((estimate / 1.401298464324817e-45 - 1.0).abs() < 1e-9, "{estimate}");
}

#[test]
fn an_interval_does_not_leave_what_can_be() {
    let judged = judge_one(&level(ACCURACY, "a", above(0.5)), &table(ACCURACY, &[("a", &[0.99, 0.80])]));
    assert_eq!(judged.interval.unwrap().upper, 1.0);
    let judged = judge_one(&level(LOSS, "a", above(0.5)), &table(LOSS, &[("a", &[0.1, 0.2])]));
    assert_eq!(judged.interval.unwrap().lower, 0.0);
}

#[test]
fn superiority_counts_ties_as_one_half() {
    let rows = |a, b| table(ACCURACY, &[("a", a), ("b", b)]);
    let superiority =
        |table: &Table| judge_one(&difference(ACCURACY, "a", "b", above(0.0)), table).probability_of_superiority;
    assert_eq!(superiority(&rows(HIGH, LOW)), Some(1.0));
    assert_eq!(superiority(&rows(LOW, HIGH)), Some(0.0));
    assert_eq!(superiority(&rows(&[0.1; 3], &[0.1; 3])), Some(0.5));
    let alone = judge_one(&level(ACCURACY, "a", above(0.0)), &rows(HIGH, LOW));
    assert_eq!(alone.probability_of_superiority, None);
}

#[test]
fn an_open_claim_says_how_many_seeds_would_settle_it() {
    let table = table(LOSS, &[("a", &[2.30, 2.40, 2.35, 2.20])]);
    let open = judge_one(&level(LOSS, "a", below(2.38)), &table);
    assert_eq!(open.verdict, Inconclusive);
    assert!(open.seeds_to_settle.unwrap() > 4);
    let nearer = judge_one(&level(LOSS, "a", below(2.33)), &table);
    assert!(nearer.seeds_to_settle > open.seeds_to_settle);
    let settled = judge_one(&level(LOSS, "a", below(3.0)), &table);
    assert_eq!((settled.verdict, settled.seeds_to_settle), (Supported, None));
    assert!(settled.minimum_detectable_effect.unwrap() > 0.0);
}

#[test]
fn the_gate_names_the_claims_that_did_not_get_their_verdict() {
    let table = table(ACCURACY, &[("a", LOW), ("b", WIDE)]);
    let with = |must, of| Claim { must, ..level(ACCURACY, of, below(0.15)) };
    let claims = [
        with(Some(Supported), "a"),
        with(Some(Refuted), "a"),
        with(None, "b"),
        with(Some(Supported), "b"),
        with(Some(Refuted), "b"),
    ];
    let judged = judge_table(&claims, &table);
    let failed: Vec<*const Judged> = gate(&judged).into_iter().map(std::ptr::from_ref).collect();
    assert_eq!(failed, [1, 3, 4].map(|index: usize| std::ptr::from_ref(&judged[index])));
}
