//! Claims: what a file may say of them, and what that then means.

use super::{MINIMAL, accept, minimal_with};
use crate::config::{At, Bound, Claim, Direction, Experiment, Metric, Reported, Scale, Test, Verdict, native};

/// Four variants: with and without normalisation, with and without dropout.
const VARIANTS: &str = "\
- id: bn
- {id: bn_dropout, model: {dropout: 0.1}}
- {id: plain, model: {norm: none}}
- {id: dropout_only, model: {norm: none, dropout: 0.1}}
";

const QUANTITIES: [Metric; 14] = [
    native::VAL_ACCURACY,
    native::VAL_LOSS,
    native::TRAIN_ACCURACY,
    native::TRAIN_LOSS,
    native::SIGNAL_INITIAL,
    native::SIGNAL_FINAL,
    native::GRADIENT_INITIAL,
    native::VARIANCE_SHIFT_DEPTHWISE,
    native::VARIANCE_SHIFT_POINTWISE,
    native::REESTIMATION_GAIN,
    native::MASKED_UPDATES_DENSE,
    native::MASKED_UPDATES_CONVOLUTION,
    native::THROUGHPUT,
    native::INFERENCE_THROUGHPUT,
];

pub(super) fn with_claims(claims: &str) -> String {
    format!("{}claims:\n{claims}", minimal_with("- id: bn\n", VARIANTS))
}

/// An experiment with one claim for each test.
pub(super) fn with_tests(tests: &[&str]) -> String {
    let claim = |(i, test): (usize, &&str)| format!("- {{id: c{i}, says: S, test: {test}}}\n");
    with_claims(&tests.iter().enumerate().map(claim).collect::<String>())
}

pub(super) fn tests(experiment: &Experiment) -> Vec<&Test> {
    experiment.claims.iter().map(|claim| &claim.test).collect()
}

fn slug(text: &str) -> crate::config::VariantId {
    text.parse().unwrap()
}

#[test]
fn a_claim_may_say_everything_or_only_what_is_required() {
    let text = with_claims(
        "\
- id: does-not-train
  quote: 完全無法訓練
  says: Without normalisation, dropout keeps the network at chance.
  reported: {val_accuracy: 0.1, val_loss: 2.3033}
  must: supported
  test: {metric: val_accuracy, of: dropout_only, below: 0.15, confidence: 0.99}
- {id: small, says: S, test: {metric: val_accuracy, of: plain, above: 0.2}}
",
    );
    let experiment = accept(&text, &["confidence=0.9"]);
    let reported = Reported::from([(native::VAL_ACCURACY, 0.1), (native::VAL_LOSS, 2.3033)]);
    assert_eq!(
        experiment.claims[0],
        Claim {
            id: slug("does-not-train"),
            quote: Some("完全無法訓練".to_owned()),
            because: None,
            says: "Without normalisation, dropout keeps the network at chance.".to_owned(),
            reported,
            must: Some(Verdict::Supported),
            confidence: 0.99,
            at: At::Last,
            test: Test::Level {
                metric: native::VAL_ACCURACY,
                of: slug("dropout_only"),
                bound: Bound::Below { value: 0.15 }
            },
        }
    );
    let small = &experiment.claims[1];
    assert_eq!((small.must, small.confidence, &small.reported), (None, 0.9, &Reported::default()));
    let json = serde_json::to_string(&experiment).unwrap();
    assert_eq!(serde_json::from_str::<Experiment>(&json).unwrap(), experiment);
}

#[test]
fn a_test_is_what_its_keys_make_it() {
    let experiment = accept(
        &with_tests(&[
            "{metric: val_accuracy, of: bn_dropout, minus: bn, below: 0.0}",
            "{metric: val_accuracy, of: bn_dropout, around: 0.7511, within: 0.05}",
            "{metric: signal_final, of: bn_dropout, minus: bn, within: 0.3}",
            "{metric: val_loss, along: [bn, bn_dropout, plain], trend: increasing}",
        ]),
        &[],
    );
    let (of, minus) = (slug("bn_dropout"), slug("bn"));
    let expected = [
        Test::Difference {
            metric: native::VAL_ACCURACY,
            of: of.clone(),
            minus: minus.clone(),
            bound: Bound::Below { value: 0.0 },
        },
        Test::Level {
            metric: native::VAL_ACCURACY,
            of: of.clone(),
            bound: Bound::Within { around: 0.7511, margin: 0.05 },
        },
        Test::Difference {
            metric: native::SIGNAL_FINAL,
            of: of.clone(),
            minus: minus.clone(),
            bound: Bound::Within { around: 0.0, margin: 0.3 },
        },
        Test::Trend {
            metric: native::VAL_LOSS,
            along: vec![minus, of, slug("plain")],
            direction: Direction::Increasing,
        },
    ];
    assert_eq!(tests(&experiment), expected.iter().collect::<Vec<_>>());
}

#[test]
fn a_test_says_at_which_point_of_the_curve_its_metric_is_read() {
    let text = with_tests(&[
        "{metric: val_accuracy, of: bn, above: 0.5}",
        "{metric: val_accuracy, at: last, of: bn, above: 0.5}",
        "{metric: val_accuracy, at: best, of: bn, minus: plain, above: 0}",
        "{metric: val_accuracy, at: {best: val_loss}, of: bn, over: plain, above: 1}",
        "{metric: val_loss, at: {epoch: 1}, along: [bn, bn_dropout, plain], trend: increasing}",
        "{metric: signal_initial, at: last, of: bn, above: 0.5}",
    ]);
    let experiment = accept(&text, &[]);
    let points: Vec<At> = experiment.claims.iter().map(|claim| claim.at).collect();
    let expected =
        [At::Last, At::Last, At::Best(native::VAL_ACCURACY), At::Best(native::VAL_LOSS), At::Epoch(1), At::Last];
    assert_eq!(points, expected);
    let json = serde_json::to_value(&experiment).unwrap();
    let written: Vec<&serde_json::Value> =
        json["claims"].as_array().unwrap().iter().map(|claim| &claim["at"]).collect();
    // What is read where it always was leaves no trace, so that records from before are the same bytes.
    assert!(written[0].is_null() && written[1].is_null());
    assert_eq!(*written[3], serde_json::json!({"best": "val_loss"}));
    assert_eq!(*written[4], serde_json::json!({"epoch": 1}));
    assert_eq!(serde_json::from_value::<Experiment>(json).unwrap(), experiment);
    let yaml = serde_yaml::to_string(&experiment).unwrap();
    assert_eq!(serde_yaml::from_str::<Experiment>(&yaml).unwrap(), experiment);
    assert_eq!(accept(&text, &["claims.c4.test.at=best"]).claims[4].at, At::Best(native::VAL_LOSS));
}

#[test]
fn a_selection_of_variants_drops_the_claims_about_others() {
    let text = with_tests(&[
        "{metric: val_accuracy, of: bn, above: 0.5}",
        "{metric: val_accuracy, of: bn, minus: plain, above: 0}",
        "{metric: val_accuracy, along: [bn, bn_dropout, plain], trend: decreasing}",
        "{metric: val_accuracy, of: dropout_only, below: 0.15}",
    ]);
    let kept = |selection| -> Vec<String> {
        accept(&text, &[selection]).claims.iter().map(|claim| claim.id.to_string()).collect()
    };
    assert_eq!(kept("variants=bn"), ["c0"]);
    assert_eq!(kept("variants=[bn, plain]"), ["c0", "c1"]);
    assert_eq!(kept("variants=[dropout_only]"), ["c3"]);
    assert_eq!(kept("variants=[plain, bn_dropout, bn]"), ["c0", "c1", "c2"]);
}

#[test]
fn a_claim_is_overridden_by_its_name() {
    let text = with_tests(&["{metric: val_accuracy, of: bn, above: 0.5}"]);
    let experiment = accept(&text, &["claims.c0.must=refuted", "claims.c0.test.above=0.6"]);
    assert_eq!(experiment.claims[0].must, Some(Verdict::Refuted));
    let Test::Level { bound, .. } = &experiment.claims[0].test else { panic!("a level") };
    assert_eq!(*bound, Bound::Above { value: 0.6 });
}

#[test]
fn a_file_may_have_no_claims() {
    assert_eq!(accept(MINIMAL, &[]).claims, []);
    assert_eq!(accept(&format!("{MINIMAL}claims: []\n"), &[]).claims, []);
    assert_eq!(accept(&format!("{MINIMAL}claims:\n"), &[]).claims, []);
}

#[test]
fn a_metric_is_named_as_in_the_file() {
    let metrics = accept(MINIMAL, &[]).metrics;
    assert!(metrics.all().eq(QUANTITIES));
    for quantity in QUANTITIES {
        assert_eq!(metrics.named(quantity.name()), Some(quantity));
        assert_eq!(serde_json::to_value(quantity).unwrap(), quantity.name());
        assert!(quantity.levels().contains(&0.0) && quantity.differences().contains(&0.0));
        // Only what cannot be negative has a logarithm.
        assert!(quantity.scale() == Scale::Linear || *quantity.levels().start() == 0.0);
    }
}

#[test]
fn a_variant_without_normalisation_has_figures_before_it_trains() {
    let text = with_tests(&["{metric: gradient_initial, of: plain, minus: bn, below: -3}"]);
    assert_eq!(tests(&accept(&text, &[])).len(), 1);
}
