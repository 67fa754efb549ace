//! Trends: every step counts, and one that went the other way is enough.

use super::*;
use crate::claims::Reason;
use crate::config::Verdict::{Inconclusive, Refuted, Supported};

const HIGH: &[f64] = &[0.80, 0.81, 0.79];
const MIDDLE: &[f64] = &[0.75, 0.77, 0.74];
const LOW: &[f64] = &[0.70, 0.715, 0.695];
/// Like `MIDDLE`, give or take what seeds make.
const ABOUT_MIDDLE: &[f64] = &[0.76, 0.76, 0.74];

fn rows<'a>(a: &'a [f64], b: &'a [f64], c: &'a [f64]) -> Table {
    table(ACCURACY, &[("a", a), ("b", b), ("c", c)])
}

fn falling() -> Claim {
    trend(ACCURACY, &["a", "b", "c"], Direction::Decreasing)
}

fn steps(judged: &Judged) -> (String, String) {
    let step = judged.step.clone().unwrap();
    (step.from.to_string(), step.to.to_string())
}

#[test]
fn every_step_must_go_the_claimed_way() {
    let judged = judge_one(&falling(), &rows(HIGH, MIDDLE, LOW));
    assert_eq!((judged.verdict, judged.reason, judged.probability_of_superiority.is_some()), (Supported, None, true));
    let rising = trend(ACCURACY, &["a", "b", "c"], Direction::Increasing);
    assert_eq!(judge_one(&rising, &rows(HIGH, MIDDLE, LOW)).verdict, Refuted);
    assert_eq!(judge_one(&rising, &rows(LOW, MIDDLE, HIGH)).verdict, Supported);
}

#[test]
fn one_step_the_other_way_refutes_the_whole_and_is_shown() {
    let judged = judge_one(&falling(), &rows(HIGH, LOW, MIDDLE));
    assert_eq!((judged.verdict, steps(&judged)), (Refuted, ("b".to_owned(), "c".to_owned())));
    assert!(judged.estimate.unwrap() > 0.0 && judged.effect_size.unwrap() < 0.0);
    assert!(judged.p_value.unwrap() < 0.05);
}

#[test]
fn one_step_that_is_open_leaves_the_whole_open_and_is_shown() {
    let judged = judge_one(&falling(), &rows(HIGH, MIDDLE, ABOUT_MIDDLE));
    assert_eq!((judged.verdict, steps(&judged)), (Inconclusive, ("b".to_owned(), "c".to_owned())));
    assert_eq!(judged.reason, Some(Reason::IntervalCrossesBound));
    assert!(judged.p_value.unwrap() >= 0.05);
}

#[test]
fn a_step_that_alone_would_do_may_not_among_others() {
    // SciPy 1.17.1: ttest_1samp([-0.02, -0.03, -0.06], 0).pvalue = 0.0927: below 0.1, but not below half of it, which is
    // its share in a trend of two steps.
    let (b, c) = (&[0.75, 0.77, 0.74], &[0.73, 0.74, 0.68]);
    let alone = Claim { confidence: 0.9, ..difference(ACCURACY, "c", "b", below(0.0)) };
    let whole = Claim { confidence: 0.9, ..falling() };
    assert_eq!(judge_one(&alone, &rows(HIGH, b, c)).verdict, Supported);
    assert_eq!(judge_one(&whole, &rows(HIGH, b, c)).verdict, Inconclusive);
}

#[test]
fn a_step_without_values_or_with_a_diverged_trial_leaves_the_whole_open() {
    let nothing = judge_one(&falling(), &rows(HIGH, MIDDLE, &[]));
    assert_eq!((nothing.verdict, nothing.reason, nothing.p_value), (Inconclusive, Some(Reason::NoValues), None));
    let one = judge_one(&falling(), &rows(HIGH, MIDDLE, &LOW[..1]));
    assert_eq!((one.verdict, one.reason, one.p_value), (Inconclusive, Some(Reason::OneSeed), None));
    let mut diverged = rows(HIGH, MIDDLE, LOW);
    put(&mut diverged, "c", 3, Ending::Diverged, &[]);
    let judged = judge_one(&falling(), &diverged);
    assert_eq!((judged.verdict, judged.reason), (Inconclusive, Some(Reason::Diverged)));
    assert_eq!(steps(&judged), ("b".to_owned(), "c".to_owned()));
}

#[test]
fn a_step_that_was_seen_to_go_the_other_way_refutes_whatever_else_is_missing() {
    let rising = trend(ACCURACY, &["a", "b", "c"], Direction::Increasing);
    let judged = judge_one(&rising, &rows(HIGH, MIDDLE, &[]));
    assert_eq!((judged.verdict, steps(&judged)), (Refuted, ("a".to_owned(), "b".to_owned())));
    assert!(judged.p_value.unwrap() < 0.05);
}

#[test]
fn a_trend_through_a_single_variant_is_open() {
    let judged = judge_one(&trend(ACCURACY, &["a"], Direction::Increasing), &rows(HIGH, MIDDLE, LOW));
    assert_eq!((judged.verdict, judged.reason, judged.step), (Inconclusive, Some(Reason::NoValues), None));
}
