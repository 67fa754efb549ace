//! Claims and probes on the pages: verdicts from the data, words from the file, nothing injected.

use super::{rendered, text};
use crate::bundle::evidence::Evidence;
use crate::bundle::probe::{Convolution, LayerFigure, MaskedUpdates, ProbeRecord, Signal, VarianceShift};
use crate::bundle::record::{RegistrationEntry, RegistrationRecord};
use crate::config::{Bound, Claim, Direction, Quantity, Reported, Test, Verdict};
use crate::provenance::Digest;
use crate::report::sample;

fn claim(id: &str, says: &str, test: Test) -> Claim {
    Claim {
        id: id.parse().unwrap(),
        quote: None,
        says: says.to_owned(),
        reported: Reported::default(),
        must: None,
        confidence: 0.95,
        test,
    }
}

fn level(of: &str, bound: Bound) -> Test {
    Test::Level { metric: Quantity::ValAccuracy, of: of.parse().unwrap(), bound }
}

fn figures(values: &[(&str, f64)]) -> Vec<LayerFigure> {
    values.iter().map(|(layer, value)| LayerFigure { layer: (*layer).to_owned(), value: Some(*value) }).collect()
}

/// Signals of three layers: alive at first, `last` at the pooled features.
fn probes(last: f64) -> ProbeRecord {
    let signal = || {
        let layers = figures(&[("stem", 0.3), ("block 1 depthwise", last * 100.0), ("features", last)]);
        Signal { training: layers.clone(), evaluation: layers }
    };
    let shift = |layer: &str, convolution| VarianceShift {
        layer: layer.to_owned(),
        convolution,
        dropout_on: Some(1.2),
        dropout_off: Some(1.0),
    };
    ProbeRecord {
        schema: 1,
        images: 64,
        initial: signal(),
        trained: Some(signal()),
        gradient: figures(&[("stem", last / 10.0), ("logits", 0.1)]),
        variance_shift: vec![shift("block 1 depthwise", Convolution::Depthwise)],
        reestimation: None,
        masked_updates: vec![MaskedUpdates {
            layer: "logits".to_owned(),
            convolution: Convolution::Dense,
            pixels: 1,
            entries: 200,
            silenced: 20,
        }],
    }
}

/// The sample with one claim of each verdict, a trend, and probes: without normalisation the signal is dead.
fn with_claims() -> Evidence {
    let mut evidence = sample::learned_with_normalisation();
    let mut first =
        claim("exp1", "Without normalisation it stays at chance.", level("dropout_only", Bound::Below { value: 0.15 }));
    first.quote = Some("完全没在训练".to_owned());
    first.reported.val_accuracy = Some(0.1);
    first.must = Some(Verdict::Supported);
    let trend = Test::Trend {
        metric: Quantity::ValAccuracy,
        along: ["bn", "bn_dropout", "plain"].map(|id| id.parse().unwrap()).to_vec(),
        direction: Direction::Decreasing,
    };
    evidence.experiment.claims = vec![
        first,
        claim("cause", "Without dropout it trains.", level("plain", Bound::Above { value: 0.15 })),
        claim("exact", "It reaches its level.", level("bn_dropout", Bound::Above { value: 0.74 })),
        claim("order", "Each step is worse.", trend),
    ];
    for trial in &mut evidence.trials {
        trial.probes = Some(probes(if trial.variant.as_str().starts_with("bn") { 0.4 } else { 2e-12 }));
    }
    evidence
}

#[test]
fn each_claim_has_its_words_its_figures_and_its_verdict() {
    let files = rendered(&with_claims());
    let markdown = text(&files, "report.md");
    let row =
        |what: &str| markdown.lines().find(|line| line.starts_with('|') && line.contains(what)).unwrap().to_owned();
    let first = row("stays at chance");
    assert!(first.contains("完全没在训练") && first.contains("10.00%") && first.contains("✓ **supported**"), "{first}");
    assert!(row("Without dropout it trains").contains("✗ **refuted**"));
    // Mean 0.7511, t(2) interval 0.7315 to 0.7707 (SciPy: t.interval(0.95, 2, 0.7511, sem)).
    assert!(row("reaches its level").contains("? **inconclusive**"), "{}", row("reaches its level"));
    assert!(markdown.contains("Of 4 claims, "), "{markdown}");
    let html = text(&files, "index.html");
    assert!(html.contains("<a href=\"#claim-exp1\">") && html.contains("id=\"claim-exp1\""));
    assert!(html.contains("would probably settle it"), "an open claim says what would settle it");
    let claims: serde_json::Value = serde_json::from_str(&text(&files, "claims.json")).unwrap();
    assert_eq!((claims["schema"].as_u64(), claims["claims"][1]["verdict"].as_str()), (Some(1), Some("refuted")));
    assert_eq!(claims["counts"]["inconclusive"], 1);
}

#[test]
fn a_claim_that_was_changed_after_the_results_is_marked() {
    let mut evidence = with_claims();
    let digest = |claim: &Claim| Digest::of_canonical_json(claim).unwrap();
    let entry = RegistrationEntry {
        finished_trials: 0,
        seeds: std::collections::BTreeMap::new(),
        claims: evidence.experiment.claims.iter().map(|claim| (claim.id.clone(), digest(claim))).collect(),
        analysis: Digest::of_bytes(b"analysis"),
    };
    evidence.registration = Some(RegistrationRecord { schema: 1, entries: vec![entry] });
    assert!(!text(&rendered(&evidence), "report.md").contains("changed after there were results"));
    evidence.experiment.claims[1].test = level("plain", Bound::Above { value: 0.05 });
    let markdown = text(&rendered(&evidence), "report.md");
    let marked: Vec<_> = markdown.lines().filter(|line| line.contains("changed after there were results")).collect();
    assert!(
        marked.iter().all(|line| line.contains("Without dropout it trains") || line.starts_with("- cause")),
        "{marked:?}"
    );
    assert_eq!(marked.iter().filter(|line| line.starts_with('|')).count(), 1);
}

#[test]
fn probes_say_where_the_signal_dies_and_are_written_layer_by_layer() {
    let files = rendered(&with_claims());
    let markdown = text(&files, "report.md");
    let dead = markdown.lines().find(|line| line.contains("dead from")).unwrap();
    assert!(dead.contains("2.0 × 10⁻¹² (dead from block 1 depthwise on)"), "{dead}");
    let signal: serde_json::Value = serde_json::from_str(&text(&files, "probes/signal-initial.json")).unwrap();
    let layers = signal["variants"][0]["layers"].as_array().unwrap();
    assert_eq!((layers.len(), layers[2]["seeds"].as_u64()), (3, Some(3)));
    for name in ["signal-initial", "signal-trained", "gradient", "variance-shift", "masked-updates"] {
        assert!(files.files.contains_key(&format!("plots/{name}.svg")), "{name}");
        assert!(files.files.contains_key(&format!("probes/{name}.json")), "{name}");
    }
    assert!(text(&files, "index.html").contains("Silenced, dense"));
}

#[test]
fn nothing_in_a_claim_can_leave_its_place() {
    let mut evidence = with_claims();
    let evil = "</td><script>alert(1)</script> | `x` ](javascript:alert(1)) \n# heading";
    for claim in &mut evidence.experiment.claims {
        (claim.says, claim.quote) = (evil.to_owned(), Some(evil.to_owned()));
    }
    let files = rendered(&evidence);
    assert!(!text(&files, "index.html").contains("<script"));
    let markdown = text(&files, "report.md");
    assert!(!markdown.lines().any(|line| line.starts_with("# heading")));
    let rows: Vec<_> = markdown.lines().filter(|line| line.contains("alert") && line.starts_with('|')).collect();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let pipes = row.replace("\\|", "").matches('|').count();
        assert_eq!(pipes, 6, "five cells: {row}");
    }
}
