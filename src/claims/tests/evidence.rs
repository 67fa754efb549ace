//! From a bundle's evidence to the figures that are judged.

use super::*;
use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::probe::{Convolution, LayerFigure, MaskedUpdates, ProbeRecord, Reestimation, Signal, VarianceShift};
use crate::bundle::record::{DatasetRecord, KeyParts, NativeParts, Outcome, ParameterCount, TrialKey, TrialRecord};
use crate::bundle::series::Point;
use crate::claims::{Reason, Registration, judge, register, table as figures_of};
use crate::config::{Experiment, Verdict, load_str, native};
use crate::provenance::Digest;

const EXPERIMENT: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1, 2, 3]
train: {epochs: 2}
variants:
- {id: a, model: {dropout: 0.1}}
- {id: b, model: {norm: none}}
claims:
- {id: chance, says: S, test: {metric: val_accuracy, of: b, below: 0.15}}
- {id: better, says: S, test: {metric: val_accuracy, of: a, minus: b, above: 0}}
- {id: loss, says: S, test: {metric: val_loss, of: b, above: 2}}
";

pub(super) fn experiment() -> Experiment {
    load_str("x.yaml", EXPERIMENT, "".as_ref(), &[]).unwrap()
}

fn digest() -> Digest {
    Digest::of_bytes(b"")
}

fn done(outcome: Outcome, variant: &str, seed: u64) -> TrialState {
    let seed = Seed(seed);
    let parts = KeyParts::Native(NativeParts {
        model: digest(),
        recipe: digest(),
        seed,
        data: digest(),
        engine: "flex-cpu".to_owned(),
        code: digest(),
    });
    TrialState::Done(TrialRecord {
        schema: 1,
        variant: id(variant),
        seed,
        key: TrialKey { digest: digest(), parts },
        outcome,
        epochs: 2,
        steps: Some(20),
        parameters: Some(digest()),
        parameter_count: Some(ParameterCount { total: 1, trainable: 1 }),
        correct: None,
        command: None,
    })
}

fn epoch(epoch: u32, accuracy: f64) -> Point {
    let figures = [
        ("train_loss", 2.0 - accuracy),
        ("train_accuracy", accuracy / 2.0),
        ("val_loss", 2.4 - accuracy),
        ("val_accuracy", accuracy),
        ("learning_rate", 0.1),
    ];
    Point::of_epoch(epoch, figures)
}

/// A trial of two epochs that ends at `accuracy`.
fn completed(variant: &str, seed: u64, accuracy: f64) -> TrialEvidence {
    TrialEvidence {
        variant: id(variant),
        seed: Seed(seed),
        state: done(Outcome::Completed, variant, seed),
        metrics: vec![epoch(1, 0.99), epoch(2, accuracy)],
        probes: None,
    }
}

fn diverged(variant: &str, seed: u64) -> TrialEvidence {
    let state = done(Outcome::Diverged { epoch: 2, step: 12 }, variant, seed);
    TrialEvidence { state, ..completed(variant, seed, 0.5) }
}

fn dataset(test: &[u64]) -> DatasetRecord {
    DatasetRecord {
        schema: 1,
        description: String::new(),
        classes: test.iter().map(u64::to_string).collect(),
        image: [32, 32],
        train: vec![400; test.len()],
        test: test.to_vec(),
        digest: digest(),
        archive: None,
        conversions: Default::default(),
        duplicates: None,
    }
}

fn evidence(trials: Vec<TrialEvidence>) -> Evidence {
    let dataset = Some(dataset(&[1000; 10]));
    Evidence {
        experiment: experiment(),
        dataset,
        environment: None,
        registration: None,
        throughput: None,
        comparison: None,
        trials,
    }
}

/// `a` learns, `b` does not.
fn learned() -> Evidence {
    let pairs = (1..=3).zip([(0.75, 0.1), (0.76, 0.1), (0.74, 0.1)]);
    evidence(pairs.flat_map(|(seed, (a, b))| [completed("a", seed, a), completed("b", seed, b)]).collect())
}

fn figure(evidence: &Evidence, variant: &str, seed: u64, quantity: Metric) -> Option<f64> {
    let table = figures_of(evidence);
    table.trials.get(&(id(variant), Seed(seed)))?.figures.get(&quantity).copied()
}

#[test]
fn every_claim_is_judged_in_the_experiments_order() {
    let judged = judge(&learned());
    let found: Vec<_> = judged.iter().map(|judged| (judged.claim.id.as_str(), judged.verdict)).collect();
    let supported = Verdict::Supported;
    assert_eq!(found, [("chance", supported), ("better", supported), ("loss", supported)]);
    // Wilson's interval of 1,000 in 10,000 (SciPy 1.17.1: binomtest(1000, 10000).proportion_ci(0.95, 'wilson')).
    let interval = judged[0].interval.unwrap();
    assert!((interval.lower - 0.09427283017063044).abs() < 1e-9, "{interval:?}");
    assert!((interval.upper - 0.10603436852591082).abs() < 1e-9, "{interval:?}");
}

#[test]
fn figures_are_those_of_the_last_epoch() {
    let evidence = learned();
    let found = [native::VAL_ACCURACY, native::VAL_LOSS, native::TRAIN_ACCURACY, native::TRAIN_LOSS]
        .map(|quantity| figure(&evidence, "a", 1, quantity).unwrap());
    assert_eq!(found, [0.75, 2.4 - 0.75, 0.375, 1.25]);
}

#[test]
fn a_trial_that_its_log_does_not_carry_to_the_last_epoch_has_failed() {
    let mut evidence = learned();
    evidence.trials[0].metrics.pop();
    evidence.trials[1].metrics.clear();
    evidence.trials[2].state = TrialState::Failed { message: String::new() };
    evidence.trials[3].state = TrialState::Missing;
    let judged = judge(&evidence);
    assert_eq!((judged[1].sample.failed, judged[1].sample.missing, judged[1].sample.seeds), (2, 0, 1));
    assert_eq!((judged[0].sample.failed, judged[0].sample.missing, judged[0].sample.seeds), (1, 1, 1));
}

#[test]
fn a_loss_that_is_no_number_was_measured_all_the_same() {
    let mut evidence = learned();
    evidence.trials[1].metrics[1].set(native::VAL_LOSS, f64::NAN);
    let loss = &judge(&evidence)[2];
    assert_eq!((loss.sample.diverged, loss.verdict), (1, Verdict::Inconclusive));
}

#[test]
fn a_diverged_trial_guesses_where_classes_are_balanced() {
    let mut evidence = learned();
    evidence.trials[1] = diverged("b", 1);
    let chance = &judge(&evidence)[0];
    assert_eq!((chance.sample.diverged_as_chance, chance.estimate, chance.verdict), (1, Some(0.1), Verdict::Supported));
    for unbalanced in [Some(dataset(&[1000, 999])), Some(dataset(&[])), Some(dataset(&[0, 0])), None] {
        evidence.dataset = unbalanced;
        let chance = &judge(&evidence)[0];
        assert_eq!((chance.sample.diverged, chance.verdict), (1, Verdict::Inconclusive));
    }
}

/// The same evidence, whose first claim reads its metric at another point.
fn reading_at(mut evidence: Evidence, at: At) -> Evidence {
    evidence.experiment.claims[0].at = at;
    evidence
}

#[test]
fn a_claim_may_read_its_metric_at_another_point_than_the_last() {
    // Every trial of `b` ends at 0.1 and had 0.99 after its first epoch, where its loss, 2.4 less that, was least, too.
    for at in [At::Best(native::VAL_ACCURACY), At::Best(native::VAL_LOSS), At::Epoch(1)] {
        let judged = judge(&reading_at(learned(), at));
        assert_eq!((judged[0].estimate, judged[0].verdict), (Some(0.99), Verdict::Refuted), "{at:?}");
        assert_eq!(judged[1..], judge(&learned())[1..], "other claims read theirs where they always did");
    }
    for at in [At::Last, At::Epoch(2)] {
        let judged = judge(&reading_at(learned(), at));
        assert_eq!((judged[0].estimate, judged[0].verdict), (Some(0.1), Verdict::Supported), "{at:?}");
    }
}

#[test]
fn a_trial_that_never_came_to_the_point_is_counted_as_missing() {
    let mut evidence = reading_at(learned(), At::Epoch(1));
    evidence.trials[1].metrics.remove(0);
    let sample = judge(&evidence)[0].sample;
    assert_eq!((sample.seeds, sample.missing, sample.planned), (2, 1, 3));
    let nowhere = &judge(&reading_at(learned(), At::Step(1)))[0];
    assert_eq!((nowhere.reason, nowhere.sample.missing), (Some(Reason::NoValues), 3));
}

#[test]
fn a_best_that_is_not_known_keeps_a_claim_open() {
    let mut evidence = reading_at(learned(), At::Best(native::VAL_LOSS));
    evidence.trials[1].metrics[0].set(native::VAL_LOSS, f64::NAN);
    let judged = &judge(&evidence)[0];
    assert_eq!((judged.sample.diverged, judged.sample.seeds), (1, 2));
    assert_eq!((judged.verdict, judged.reason), (Verdict::Inconclusive, Some(Reason::Diverged)));
}

#[test]
fn a_trial_that_diverged_guesses_wherever_its_metric_is_read() {
    let mut evidence = reading_at(learned(), At::Best(native::VAL_ACCURACY));
    evidence.trials[1] = diverged("b", 1);
    let sample = judge(&evidence)[0].sample;
    assert_eq!((sample.diverged_as_chance, sample.seeds), (1, 3));
}

#[test]
fn trials_that_are_not_planned_are_passed_over() {
    let mut evidence = learned();
    let expected = judge(&evidence);
    evidence.trials.extend([completed("c", 1, 0.5), completed("b", 9, 0.9)]);
    assert_eq!(judge(&evidence), expected);
    evidence.trials.reverse();
    assert_eq!(judge(&evidence), expected);
}

#[test]
fn a_claim_carries_when_it_was_written_down() {
    let mut evidence = learned();
    assert_eq!(judge(&evidence)[0].registration, Registration::Unknown);
    evidence.registration = Some(register(None, &evidence.experiment, digest(), 0));
    assert_eq!(judge(&evidence)[0].registration, Registration::Before);
}

fn layers(values: &[(&str, Option<f64>)]) -> Vec<LayerFigure> {
    values.iter().map(|&(layer, value)| LayerFigure { layer: layer.to_owned(), value }).collect()
}

fn signal(features: f64) -> Signal {
    Signal {
        training: layers(&[("stem", Some(9.0)), ("features", Some(features))]),
        evaluation: layers(&[("stem", Some(9.0)), ("features", Some(7.0))]),
    }
}

fn shift(convolution: Convolution, on: f64, off: f64) -> VarianceShift {
    VarianceShift { layer: "l".to_owned(), convolution, dropout_on: Some(on), dropout_off: Some(off) }
}

fn masked(convolution: Convolution, pixels: u64, entries: u64, silenced: u64) -> MaskedUpdates {
    MaskedUpdates { layer: "l".to_owned(), convolution, pixels, entries, silenced }
}

fn probes() -> ProbeRecord {
    ProbeRecord {
        schema: 1,
        images: 64,
        initial: signal(0.25),
        trained: Some(signal(0.5)),
        gradient: layers(&[("stem", Some(1e-6)), ("block 1 depthwise", Some(1.0))]),
        variance_shift: vec![
            shift(Convolution::Depthwise, 4.0, 1.0),
            shift(Convolution::Depthwise, 1.0, 4.0),
            shift(Convolution::Depthwise, 8.0, 1.0),
            shift(Convolution::Pointwise, 3.0, 2.0),
        ],
        reestimation: Some(Reestimation { images: 1000, before: 0.25, after: 0.75 }),
        masked_updates: vec![
            masked(Convolution::Image, 256, 100, 1),
            masked(Convolution::Depthwise, 64, 100, 2),
            masked(Convolution::Pointwise, 1, 100, 90),
            masked(Convolution::Dense, 1, 50, 10),
        ],
    }
}

const OF_PROBES: [Metric; 8] = [
    native::SIGNAL_INITIAL,
    native::SIGNAL_FINAL,
    native::GRADIENT_INITIAL,
    native::VARIANCE_SHIFT_DEPTHWISE,
    native::VARIANCE_SHIFT_POINTWISE,
    native::REESTIMATION_GAIN,
    native::MASKED_UPDATES_DENSE,
    native::MASKED_UPDATES_CONVOLUTION,
];

fn of_probes(trial: TrialEvidence) -> [Option<f64>; 8] {
    let evidence = evidence(vec![trial]);
    OF_PROBES.map(|quantity| figure(&evidence, "a", 1, quantity))
}

#[test]
fn figures_of_probes_are_what_the_quantities_say() {
    let found = of_probes(TrialEvidence { probes: Some(probes()), ..completed("a", 1, 0.75) });
    // (4 · 1/4 · 8)^(1/3) = 2; 10 of 50; 1 + 2 of 100 + 100, the kernel on a single pixel left out.
    for (found, expected) in found.into_iter().zip([0.25, 0.5, 1e-6, 2.0, 1.5, 0.5, 0.2, 0.015]) {
        assert!((found.unwrap() / expected - 1.0).abs() < 1e-12, "{found:?} is not {expected}");
    }
}

#[test]
fn a_diverged_trial_shows_what_was_measured_before_it_trained() {
    let found = of_probes(TrialEvidence { probes: Some(probes()), ..diverged("a", 1) });
    assert_eq!(found, [Some(0.25), None, Some(1e-6), None, None, None, None, None]);
}

#[test]
fn a_network_without_the_layers_in_question_has_no_figure() {
    let bare = ProbeRecord {
        initial: Signal { training: vec![], evaluation: vec![] },
        trained: None,
        gradient: vec![],
        variance_shift: vec![],
        reestimation: None,
        masked_updates: vec![masked(Convolution::Pointwise, 1, 100, 90), masked(Convolution::Dense, 1, 0, 0)],
        ..probes()
    };
    assert_eq!(of_probes(TrialEvidence { probes: Some(bare), ..completed("a", 1, 0.75) }), [None; 8]);
    assert_eq!(of_probes(completed("a", 1, 0.75)), [None; 8]);
}

#[test]
fn a_variance_of_zero_is_an_underflow_and_one_that_is_no_number_spoils_the_mean() {
    let with = |shifts| {
        let probes = ProbeRecord { variance_shift: shifts, ..probes() };
        of_probes(TrialEvidence { probes: Some(probes), ..completed("a", 1, 0.75) })[3].unwrap()
    };
    assert!((with(vec![shift(Convolution::Depthwise, 0.0, 0.0)]) - 1.0).abs() < 1e-12);
    let unknown = VarianceShift { dropout_on: None, ..shift(Convolution::Depthwise, 1.0, 1.0) };
    assert!(with(vec![shift(Convolution::Depthwise, 2.0, 1.0), unknown]).is_nan());
}
