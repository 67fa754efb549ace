//! Looks at growing samples: verdicts, and how often they are wrong.

use super::*;
use crate::claims::looks::taken;
use crate::claims::settle::{Outlook, outlook, stages};
use crate::claims::{Look, Reason};
use crate::config::{Experiment, Settle, Verdict, load_str};
use crate::random::{Address, Draws, Stream};
use crate::stats::Spending;

fn settle(rule: Spending) -> Settle {
    Settle { looks: vec![3, 5, 8, 13, 20], rule, budget: None }
}

/// A table whose variant `a` has these values at its first seeds, of twenty.
fn looked_at(values: &[f64], rule: Spending) -> Table {
    let mut table = table(LOSS, &[("a", values)]);
    table.seeds = (1..=20).map(Seed).collect();
    table.settle = Some(settle(rule));
    table
}

/// Values with this mean and a standard deviation of 1, whatever their number.
fn spread(mean: f64, number: usize) -> Vec<f64> {
    let ranks: Vec<f64> = (0..number).map(|rank| rank as f64 - (number - 1) as f64 / 2.0).collect();
    let sd = (ranks.iter().map(|rank| rank * rank).sum::<f64>() / (number - 1) as f64).sqrt();
    // From both ends inwards, so that the first few are around the mean, too.
    let inwards = (0..number).map(|place| if place % 2 == 0 { place / 2 } else { number - 1 - place / 2 });
    inwards.map(|place| mean + ranks[place] / sd).collect()
}

#[test]
fn a_look_spends_its_share_of_the_error_alone() {
    // SciPy 1.17.1, x = [2.0, 2.5, 3.0]: t.interval(1 - 0.05 * 0.0225, 2, mean(x), sem(x)) with the quadratic rule's share
    // 0.0225 of 3 of 20; 2 * t.sf(mean(x) / sem(x), 2) / 0.0225.
    let judged = judge_one(&level(LOSS, "a", above(0.0)), &looked_at(&[2.0, 2.5, 3.0], Spending::Quadratic));
    let interval = judged.interval.unwrap();
    // A loss is not below zero, and neither is its interval.
    assert!(interval.lower == 0.0 && (interval.upper - 11.099_366_1).abs() < 1e-6, "{interval:?}");
    assert_eq!(judged.look, Some(Look { number: 1, of: 5, seeds: 3, confidence: 1.0 - 0.05 * 0.0225 }));
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!((judged.p_value.unwrap() - 0.580_998_1).abs() < 1e-6, "{:?}", judged.p_value);
}

#[test]
fn the_first_look_that_settles_a_claim_is_the_last() {
    let claim = level(LOSS, "a", above(0.0));
    // Ten standard deviations above the bound: too near for three values at this rule, and settled with five.
    let mut values = spread(10.0, 5);
    let settled = judge_one(&claim, &looked_at(&values, Spending::Quadratic));
    assert_eq!((settled.verdict, settled.look.unwrap().number), (Verdict::Supported, 2));
    // What comes later changes nothing, not even the interval.
    values.extend([-500.0, 700.0, -900.0]);
    assert_eq!(judge_one(&claim, &looked_at(&values, Spending::Quadratic)), settled);
}

#[test]
fn without_every_trial_of_a_look_there_is_none() {
    let claim = level(LOSS, "a", above(0.0));
    let look = |values: &[f64]| judge_one(&claim, &looked_at(values, Spending::Pocock)).look.map(|look| look.seeds);
    assert_eq!([look(&spread(0.1, 4)), look(&spread(0.1, 5)), look(&spread(0.1, 7))], [Some(3), Some(5), Some(5)]);
    let early = judge_one(&claim, &looked_at(&[10.0, 10.1], Spending::Pocock));
    assert_eq!((early.verdict, early.reason, early.look), (Verdict::Inconclusive, Some(Reason::BeforeFirstLook), None));
    assert_eq!(early.p_value, None);
    // A trial that failed has been taken; one that is missing has not.
    let mut table = looked_at(&spread(0.1, 3), Spending::Pocock);
    put(&mut table, "a", 2, Ending::Failed, &[]);
    assert_eq!(judge_one(&claim, &table).look.unwrap().seeds, 3);
    put(&mut table, "a", 2, Ending::Missing, &[]);
    assert_eq!(judge_one(&claim, &table).look, None);
}

#[test]
fn a_comparison_looks_where_all_of_its_variants_have_come_that_far() {
    let mut table = table(LOSS, &[("a", &spread(20.0, 8)), ("b", &[0.0, 0.1, 0.3])]);
    table.seeds = (1..=20).map(Seed).collect();
    table.settle = Some(settle(Spending::Linear));
    let judged = judge_one(&difference(LOSS, "a", "b", above(0.0)), &table);
    assert_eq!((judged.look.unwrap().seeds, judged.sample.seeds), (3, 3));
}

/// Of 10,000 experiments of twenty seeds, the shares in which one of the looks finds the claim `above` this bound supported,
/// and refuted.
fn wrong(rule: Spending, bound: f64, draw: impl Fn(&mut Draws) -> f64) -> [f64; 2] {
    const EXPERIMENTS: u64 = 10_000;
    let claim = level(LOSS, "a", above(bound));
    let mut found = [0u32; 2];
    for seed in 0..EXPERIMENTS {
        let mut draws = Address { seed, stream: Stream::Bootstrap, epoch: 0, step: 0, layer: 0 }.draws();
        let values: Vec<f64> = (0..20).map(|_| draw(&mut draws)).collect();
        let table = looked_at(&values, rule);
        // As `judge` has it, without what it says beside the verdict.
        match taken(&claim, &table, &settle(rule)).map_or(Verdict::Inconclusive, |taken| taken.verdict()) {
            Verdict::Supported => found[0] += 1,
            Verdict::Refuted => found[1] += 1,
            Verdict::Inconclusive => {}
        }
    }
    found.map(|found| f64::from(found) / EXPERIMENTS as f64)
}

const RULES: [Spending; 4] = [Spending::Pocock, Spending::Linear, Spending::Quadratic, Spending::Cubic];

/// Three standard errors of a share of one in twenty.
const NOISE: f64 = 0.0066;

#[test]
fn at_the_bound_all_looks_together_err_no_more_often_than_one_may() {
    // NumPy 2, 400,000 experiments: the share in which a look's t interval excludes the mean. Looking as often with an
    // interval of 95% each time, it is 0.167.
    for (rule, expected) in RULES.into_iter().zip([0.0403, 0.0402, 0.0415, 0.0436]) {
        let [supported, refuted] = wrong(rule, 0.0, Draws::normal);
        assert!(supported + refuted <= 0.05, "{rule:?}: {supported} {refuted}");
        assert!((supported + refuted - expected).abs() < NOISE, "{rule:?}: {supported} {refuted}");
    }
}

#[test]
fn near_the_bound_the_false_verdict_is_rarer_still() {
    let [supported, refuted] = wrong(Spending::Quadratic, 0.1, Draws::normal);
    assert!(supported <= 0.025 && supported < refuted, "{supported} {refuted}");
}

#[test]
fn of_bounded_and_skewed_values_looks_err_as_the_t_test_itself_does() {
    // NumPy 2, 400,000 experiments each, as above. A single t test of 20 such values errs in 0.054 and 0.082, of three in
    // 0.065 and 0.116.
    let beta = |draws: &mut Draws| {
        // The second smallest of six uniform numbers is Beta(2, 5).
        let mut uniform: Vec<f64> = (0..6).map(|_| draws.unit_f64()).collect();
        uniform.sort_by(f64::total_cmp);
        uniform[1]
    };
    let exponential = |draws: &mut Draws| -libm::log1p(-draws.unit_f64());
    let bounded: f64 = wrong(Spending::Quadratic, 2.0 / 7.0, beta).iter().sum();
    assert!((bounded - 0.0534).abs() < NOISE, "{bounded}");
    let skewed: f64 = wrong(Spending::Quadratic, 1.0, exponential).iter().sum();
    assert!((skewed - 0.1148).abs() < 2.0 * NOISE, "{skewed}");
}

#[test]
fn an_outlook_tells_what_is_settled_open_futile_and_over() {
    let settle = settle(Spending::Quadratic);
    let of = |values: &[f64]| {
        outlook(&judge_one(&level(LOSS, "a", above(0.0)), &looked_at(values, Spending::Quadratic)), &settle)
    };
    assert_eq!(of(&spread(100.0, 3)), Outlook::Settled);
    assert_eq!(of(&spread(0.001, 13)), Outlook::Futile);
    assert_eq!(of(&spread(0.2, 20)), Outlook::Exhausted);
    // SciPy 1.17.1, nct.sf(t.isf(0.05 * 0.04 / 2, 4), 4, 3 * sqrt(5)): a look at five values three deviations away.
    let Outlook::Open { seeds, probability, .. } = of(&spread(3.0, 3)) else { panic!() };
    assert_eq!(seeds, 5);
    assert!((probability - 0.516_861).abs() < 1e-5, "{probability}");
}

const FILE: &str = "\
schema: 1
title: T
trainer: {command: [sh, train.sh, '{variant}', '{seed}']}
metrics: {score: {better: higher}}
seeds: 20
settle: {looks: [3, 5, 8, 13, 20]}
variants: [{id: a}, {id: b}, {id: c}]
claims:
  - {id: near, says: S., test: {metric: score, of: a, above: 0}}
  - {id: far, says: S., test: {metric: score, of: b, minus: c, above: 0}}
";

fn experiment() -> Experiment {
    load_str("looks.yaml", FILE, std::path::Path::new(""), &[]).unwrap()
}

/// The verdicts of `FILE`'s claims on three values of each variant.
fn judged_of(experiment: &Experiment, [a, b, c]: [f64; 3]) -> Vec<Judged> {
    let metric = experiment.metrics.primary();
    let rows = [("a", spread(a, 3)), ("b", spread(b, 3)), ("c", vec![c, c + 0.4, c - 0.2])];
    let mut table = table(metric, &rows.each_ref().map(|(id, values)| (*id, values.as_slice())));
    table.seeds.clone_from(&experiment.seeds);
    table.settle.clone_from(&experiment.settle);
    judge_table(&experiment.claims, &table)
}

#[test]
fn the_next_stage_is_that_which_settles_most_in_an_hour() {
    let experiment = experiment();
    let called = experiment.called_for(|_, seed| seed.0 <= 3);
    assert_eq!(called.trials().count(), 9);
    let judged = judged_of(&experiment, [2.0, 3.0, 0.0]);
    let cheap_first =
        |slow: &str| stages(&experiment, &called, &judged, |id| if id.as_str() == slow { 100.0 } else { 1.0 });
    let first = |slow: &str| cheap_first(slow).swap_remove(0);
    assert_eq!(first("a").claims, [1]);
    assert_eq!(first("c").claims, [0]);
    let stage = first("c");
    let trials: Vec<String> = stage.trials.iter().map(|(variant, seed)| format!("{variant}/{seed}")).collect();
    assert_eq!((trials, stage.seconds), (vec!["a/4".to_owned(), "a/5".to_owned()], 2.0));
    // Everything settled: nothing to do.
    assert!(stages(&experiment, &called, &judged_of(&experiment, [100.0, 200.0, 0.0]), |_| 1.0).is_empty());
}

#[test]
fn looks_call_for_whole_stages() {
    let experiment = experiment();
    let of = |last: u64| experiment.called_for(|id, seed| id.as_str() == "b" && seed.0 <= last);
    let seeds = |part: &Experiment| part.variants.iter().map(|variant| variant.seeds.len()).collect::<Vec<_>>();
    // Four results are those of a look at three, and one that is begun.
    assert_eq!([seeds(&of(1)), seeds(&of(4)), seeds(&of(5))], [vec![3, 3, 3], vec![3, 3, 3], vec![3, 5, 3]]);
    assert_eq!(seeds(&of(20)), [3, 20, 3]);
    assert_eq!(of(5).whole(), experiment);
    // One that somebody ran beyond that calls for nothing.
    assert_eq!(seeds(&experiment.called_for(|_, seed| seed.0 <= 3 || seed.0 == 9)), [3, 3, 3]);
}
