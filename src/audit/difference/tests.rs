use serde_json::json;

use super::*;
use crate::bundle::evidence::{TrialEvidence, TrialState};
use crate::bundle::record::{KeyParts, NativeParts, Outcome, ParameterCount, TrialKey, TrialRecord};
use crate::bundle::series::Point;
use crate::config::{load_str, native};
use crate::provenance::Digest;

const EXPERIMENT: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1, 2, 3]
train: {epochs: 1}
variants:
- {id: bn, model: {norm: batch}}
- {id: plain, model: {norm: none}}
claims:
- {id: trains, says: S, test: {metric: val_accuracy, of: bn, above: 0.76}}
";

fn trial(variant: &str, seed: u64, accuracy: f64) -> TrialEvidence {
    let digest = Digest::of_bytes(b"");
    let (variant, seed): (VariantId, Seed) = (variant.parse().unwrap(), Seed(seed));
    let parts = KeyParts::Native(NativeParts {
        model: digest,
        recipe: digest,
        seed,
        data: digest,
        engine: "flex-cpu".to_owned(),
        code: digest,
    });
    let figures = [("train_loss", 1.0), ("train_accuracy", 0.5), ("val_loss", 1.0), ("val_accuracy", accuracy)];
    let metrics = Point::of_epoch(1, figures);
    let record = TrialRecord {
        schema: 1,
        variant: variant.clone(),
        seed,
        key: TrialKey { digest, parts },
        outcome: Outcome::Completed,
        epochs: 1,
        steps: Some(3),
        parameters: Some(digest),
        parameter_count: Some(ParameterCount { total: 1, trainable: 1 }),
        correct: None,
        command: None,
    };
    TrialEvidence { variant, seed, state: TrialState::Done(record), metrics: vec![metrics], probes: None }
}

/// The trials of `bn` with these accuracies at seeds 1, 2 and 3, and nothing of `plain`.
fn evidence(accuracies: [f64; 3]) -> Evidence {
    let trials = (1..).zip(accuracies).map(|(seed, accuracy)| trial("bn", seed, accuracy)).collect();
    let experiment = load_str("x.yaml", EXPERIMENT, "".as_ref(), &[]).unwrap();
    Evidence {
        experiment,
        dataset: None,
        environment: None,
        registration: None,
        throughput: None,
        comparison: None,
        trials,
    }
}

fn steps(_: &VariantId, _: Seed) -> Option<Vec<StepFingerprint>> {
    let step = |step| StepFingerprint { step, loss: "0".to_owned(), batch: "0".to_owned(), parameters: None };
    Some((0..3).map(step).collect())
}

const NOWHERE: &dyn Fn(&VariantId, Seed) -> Option<Environment> = &|_, _| None;

fn difference(a: &Evidence, b: &Evidence) -> Difference {
    Difference::of(
        &Side { evidence: a, fingerprints: &steps, environment: NOWHERE },
        &Side { evidence: b, fingerprints: &steps, environment: NOWHERE },
    )
}

#[test]
fn a_bundle_does_not_differ_from_itself() {
    let one = evidence([0.75, 0.76, 0.74]);
    let found = difference(&one, &one);
    assert!(!found.results_differ());
    assert_eq!((found.trials.in_both, found.trials.same), (3, 3));
    assert!(found.experiment.is_empty() && found.trials.differing.is_empty() && found.verdicts.is_empty());
    let findings: Vec<_> = found.figures.iter().map(|figure| (figure.variant.as_str(), figure.finding)).collect();
    assert_eq!(findings[..4], [("bn", Finding::Same); 4]);
    assert_eq!(findings[4..], [("plain", Finding::NotShown); 4], "without a trial, nothing is shown");
}

#[test]
fn a_difference_in_a_figure_is_judged_by_its_paired_interval() {
    // SciPy 1.17.1: scipy.stats.ttest_rel([.78, .77, .80], [.75, .76, .74]): p 0.15190, and
    // .confidence_interval(0.95): -0.029182761460424443 to 0.09584942812709116.
    let found = difference(&evidence([0.75, 0.76, 0.74]), &evidence([0.78, 0.77, 0.80]));
    let accuracy = &found.figures[0];
    assert_eq!((accuracy.metric, accuracy.finding, accuracy.seeds), (native::VAL_ACCURACY, Finding::NotShown, 3));
    let interval = accuracy.interval.unwrap();
    assert!((interval.lower - -0.029182761460424443).abs() < 1e-9, "{interval:?}");
    assert!((interval.upper - 0.09584942812709116).abs() < 1e-9, "{interval:?}");
    assert!((accuracy.b.unwrap() - 0.7833333333).abs() < 1e-9);

    let found = difference(&evidence([0.75, 0.76, 0.74]), &evidence([0.85, 0.87, 0.84]));
    assert_eq!(found.figures[0].finding, Finding::Higher);
    assert_eq!(found.verdicts.len(), 1, "it crossed the claim's bound: {:?}", found.verdicts);
    let back = difference(&evidence([0.85, 0.87, 0.84]), &evidence([0.75, 0.76, 0.74]));
    assert_eq!(back.figures[0].finding, Finding::Lower);
}

#[test]
fn the_same_key_with_another_result_is_not_reproduced() {
    let (one, mut other) = (evidence([0.75, 0.76, 0.74]), evidence([0.75, 0.76, 0.745]));
    let found = difference(&one, &other);
    let named: Vec<_> = found.trials.not_reproduced().map(|trial| trial.seed).collect();
    assert_eq!(named, [Seed(3)]);
    assert!(found.results_differ(), "even where no figure is shown to differ");

    if let TrialState::Done(record) = &mut other.trials[2].state {
        record.key.parts.native_mut().engine = "libtorch-cpu 2.9.1".to_owned();
    }
    let found = difference(&one, &other);
    assert_eq!(found.trials.differing[0].key, ["engine"]);
    assert!(found.trials.not_reproduced().next().is_none());
    assert!(!found.results_differ());
}

#[test]
fn the_same_accuracy_on_other_images_is_not_the_same_result() {
    let right = |evidence: &mut Evidence, images: [bool; 4]| {
        let TrialState::Done(record) = &mut evidence.trials[0].state else { panic!("it is done") };
        record.correct = Some(images.into_iter().collect());
    };
    let (mut one, mut other) = (evidence([0.75, 0.76, 0.74]), evidence([0.75, 0.76, 0.74]));
    right(&mut one, [true, true, true, false]);
    assert_eq!(difference(&one, &other).trials.same, 3, "an older bundle does not say which");
    right(&mut other, [true, true, false, true]);
    let found = difference(&one, &other);
    assert_eq!((found.trials.same, found.trials.differing[0].seed), (2, Seed(1)));
}

#[test]
fn a_trial_on_one_side_only_is_named() {
    let (one, mut other) = (evidence([0.75, 0.76, 0.74]), evidence([0.75, 0.76, 0.74]));
    other.trials.push(trial("bn", 9, 0.7));
    other.trials.remove(0);
    let found = difference(&one, &other);
    let states: Vec<_> = found.trials.differing.iter().map(|trial| (trial.seed.0, trial.a, trial.b)).collect();
    use trials::State::{Completed, NotPlanned};
    assert_eq!(states, [(1, Completed, NotPlanned), (9, NotPlanned, Completed)]);
}

#[test]
fn the_innermost_places_are_named_and_elements_of_lists_by_their_id() {
    let a = json!({"train": {"epochs": 2, "rate": 0.1}, "variants": [{"id": "bn", "width": 1.0}, {"id": "old"}]});
    let b = json!({"train": {"epochs": 3, "rate": 0.1}, "variants": [{"id": "new"}, {"id": "bn", "width": 0.5}]});
    let found: Vec<_> = changes(&a, &b).into_iter().map(|change| (change.path, change.a, change.b)).collect();
    let expected = [
        ("train.epochs", Some(json!(2)), Some(json!(3))),
        ("variants.bn.width", Some(json!(1.0)), Some(json!(0.5))),
        ("variants.old", Some(json!({"id": "old"})), None),
        ("variants.new", None, Some(json!({"id": "new"}))),
    ];
    assert_eq!(found, expected.map(|(path, a, b)| (path.to_owned(), a, b)));
    assert!(changes(&a, &a).is_empty());
    let swapped = json!({"v": [{"id": "x"}, {"id": "y"}]});
    let other = json!({"v": [{"id": "y"}, {"id": "x"}]});
    assert_eq!(changes(&swapped, &other)[0].path, "v", "order alone is a difference, too");
}

#[test]
fn a_trial_whose_steps_are_missing_on_one_side_is_not_the_same() {
    let one = evidence([0.75, 0.76, 0.74]);
    let of = |other: &dyn Fn(&VariantId, Seed) -> Option<Vec<StepFingerprint>>| {
        let side = |fingerprints| Side { evidence: &one, fingerprints, environment: NOWHERE };
        Difference::of(&side(&steps), &side(other))
    };
    let found = of(&|variant, seed| {
        let mut shorter = steps(variant, seed)?;
        shorter.truncate(if seed == Seed(2) { 1 } else { 3 });
        Some(shorter)
    });
    let differing: Vec<_> = found.trials.differing.iter().map(|trial| (trial.seed, trial.parts_at.clone())).collect();
    assert_eq!((found.trials.same, differing), (2, vec![(Seed(2), None)]), "what both have agrees");
    assert!(found.results_differ(), "with the same key");
    let found = of(&|variant, seed| {
        let mut other = steps(variant, seed)?;
        other.remove(1);
        other[1].batch = "other".to_owned();
        Some(other)
    });
    let parts_at = found.trials.differing[0].parts_at.clone().unwrap();
    assert_eq!((parts_at.step, parts_at.what), (2, "batch order"));
}
