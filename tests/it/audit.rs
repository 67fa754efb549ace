//! Bundles that were tampered with, each caught by the tier that can.

use crate::support::Place;

const METRICS: &str = "reports/tiny/trials/bn/seed-1/metrics.jsonl";
const STEPS: &str = "reports/tiny/trials/bn/seed-1/fingerprints.jsonl";

fn audited() -> Place {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml"]);
    place
}

/// Makes the manifest fit what lies there now, as a forger would: rendering writes it.
fn forge_manifest(place: &Place) {
    place.succeed(&["report", "reports/tiny"]);
}

#[test]
fn an_untouched_bundle_holds_in_every_tier() {
    let place = audited();
    for tier in ["digests", "report", "replay", "rerun"] {
        let stdout = place.succeed(&["verify", "reports/tiny", "--tier", tier]);
        assert!(stdout.ends_with("The bundle holds.\n"), "{stdout}");
    }
    let audit: serde_json::Value = serde_json::from_str(&place.read("reports/tiny/audit.json")).unwrap();
    assert_eq!((audit["holds"].as_bool(), audit["tiers"].as_array().unwrap().len()), (Some(true), 3));
    assert_eq!(audit["tiers"][2]["tier"], "rerun");
    // One trial of each variant, 10 steps each.
    assert_eq!(audit["tiers"][2]["checked"], 20);
    // What an audit leaves behind is no part of the bundle.
    assert!(place.succeed(&["verify", "reports/tiny", "--tier", "digests"]).contains("holds"));
}

#[test]
fn a_changed_file_is_named_by_its_digest() {
    let place = audited();
    let original = place.read(METRICS);
    place.write(METRICS, original.replacen('1', "2", 1));
    let (code, stdout, _) = place.run(&["verify", "reports/tiny", "--tier", "digests"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("trials/bn/seed-1/metrics.jsonl was changed"), "{stdout}");
}

#[test]
fn a_report_that_does_not_follow_from_its_data_is_shown_with_its_first_difference() {
    let place = audited();
    let page = place.read("reports/tiny/report.md");
    place.write("reports/tiny/report.md", page.replacen("at chance", "far above chance", 1));
    let (code, stdout, _) = place.run(&["verify", "reports/tiny", "--tier", "report"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("report.md differs from what the data give, first in line"), "{stdout}");
    assert!(stdout.contains("far above chance"), "{stdout}");
}

#[test]
fn a_forged_metric_with_a_forged_report_and_manifest_is_caught_by_training_again() {
    let place = audited();
    let original = place.read(METRICS);
    let last = original.lines().last().unwrap();
    let record: serde_json::Value = serde_json::from_str(last).unwrap();
    let accuracy = format!("\"val_accuracy\":{}", record["val_accuracy"]);
    place.write(METRICS, original.replace(last, &last.replace(&accuracy, "\"val_accuracy\":0.975")));
    assert_ne!(original, place.read(METRICS));
    forge_manifest(&place);
    assert_eq!(place.run(&["verify", "reports/tiny", "--tier", "report"]).0, 0, "these tiers believe the logs");
    let (code, stdout, _) = place.run(&["verify", "reports/tiny", "--tier", "rerun", "--trial", "bn/1"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("bn/1: the metrics of an epoch differs"), "{stdout}");
}

#[test]
fn a_forged_fingerprint_is_caught_at_its_step() {
    let place = audited();
    let original = place.read(STEPS);
    let fourth = original.lines().nth(3).unwrap();
    let record: serde_json::Value = serde_json::from_str(fourth).unwrap();
    let loss = record["loss"].as_str().unwrap();
    place.write(STEPS, original.replace(fourth, &fourth.replace(loss, "3f800000")));
    forge_manifest(&place);
    let (code, stdout, _) = place.run(&["verify", "reports/tiny", "--tier", "replay"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("bn/1: the loss differs at step 3: recorded 1.000000000 (bits 3f800000)"), "{stdout}");
    assert!(stdout.contains("dropped/1: 10 steps, agrees"), "{stdout}");
}

#[test]
fn bits_of_another_engine_are_not_compared_and_losses_may_be() {
    let place = audited();
    for variant in ["bn", "dropped"] {
        let record = format!("reports/tiny/trials/{variant}/seed-1/trial.json");
        let original = place.read(&record);
        let parsed: serde_json::Value = serde_json::from_str(&original).unwrap();
        let engine = parsed["key"]["parts"]["engine"].as_str().unwrap();
        place.write(&record, original.replace(engine, "some-engine 1.0"));
    }
    forge_manifest(&place);
    let (code, _, stderr) = place.run(&["verify", "reports/tiny", "--tier", "replay"]);
    assert_eq!(code, 5, "{stderr}");
    assert!(stderr.contains("some-engine 1.0") && stderr.contains("--level tolerance"), "{stderr}");
    let stdout = place.succeed(&["verify", "reports/tiny", "--tier", "replay", "--level", "tolerance"]);
    assert!(stdout.contains("bn/1: 2 steps, agrees (another engine than recorded)"), "{stdout}");
}

#[test]
fn bits_are_not_expected_of_another_kind_of_processor_unless_asked_for() {
    let place = audited();
    for variant in ["bn", "dropped"] {
        let record = format!("reports/tiny/trials/{variant}/seed-1/environment.json");
        let mut environment: serde_json::Value = serde_json::from_str(&place.read(&record)).unwrap();
        environment["cpu"] = "Analytical Engine".into();
        place.write(&record, environment.to_string());
    }
    forge_manifest(&place);
    let stdout = place.succeed(&["verify", "reports/tiny", "--tier", "replay"]);
    assert!(stdout.contains("bn/1 ran on Analytical Engine"), "{stdout}");
    assert!(stdout.contains("bn/1: 2 steps, agrees"), "{stdout}");
    let stdout = place.succeed(&["verify", "reports/tiny", "--tier", "replay", "--level", "bitwise"]);
    assert!(stdout.contains("bn/1: 10 steps, agrees") && !stdout.contains("Analytical"), "{stdout}");
}
