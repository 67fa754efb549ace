//! Bundles that were tampered with, each caught by the tier that can.

use base64::Engine as _;
use retrial::bundle::manifest::Manifest;
use retrial::provenance::Digest;

use crate::support::{Place, files_below};

const METRICS: &str = "runs/tiny/trials/bn/seed-1/metrics.jsonl";
const TRIAL: &str = "runs/tiny/trials/bn/seed-1/trial.json";
const STEPS: &str = "runs/tiny/trials/bn/seed-1/fingerprints.jsonl";

fn audited() -> Place {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml"]);
    place
}

/// Makes report and manifest fit what lies there now, as a forger would: rendering writes both.
fn forge_report(place: &Place) {
    place.succeed(&["report", "runs/tiny"]);
}

/// Makes the manifest alone fit what lies there now.
fn forge_manifest(place: &Place) {
    Manifest::write(&place.path("runs/tiny")).unwrap();
}

fn audit(place: &Place) -> serde_json::Value {
    serde_json::from_str(&place.read("runs/tiny/audit.json")).unwrap()
}

#[test]
fn an_untouched_bundle_holds_in_every_tier() {
    let place = audited();
    for tier in ["digests", "report", "replay", "rerun"] {
        let stdout = place.succeed(&["verify", "runs/tiny", "--tier", tier]);
        assert!(stdout.ends_with("The bundle holds.\n"), "{stdout}");
        if ["replay", "rerun"].contains(&tier) {
            let start = stdout.lines().find(|line| line.starts_with(&format!("{tier}: "))).unwrap();
            // All of a trial's 10 steps of 16 images, in both tiers, for one trial of each of two variants.
            let cost = "2 trials trained again, about 320 training images, ";
            assert!(start.contains(cost) && start.ends_with("where they were made"), "{start}");
        }
    }
    let audit = audit(&place);
    assert_eq!((audit["holds"].as_bool(), audit["tiers"].as_array().unwrap().len()), (Some(true), 3));
    assert_eq!(audit["tiers"][2]["tier"], "rerun");
    // One trial of each variant, 10 steps each.
    assert_eq!(audit["tiers"][2]["checked"], 20);
    // Four figures of each, the same here as recorded.
    let figures = audit["tiers"][2]["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 8);
    assert!(figures.iter().all(|row| row["recorded"].is_f64() && row["recorded"] == row["here"]), "{figures:?}");
    // What an audit leaves behind is no part of the bundle.
    assert!(place.succeed(&["verify", "runs/tiny", "--tier", "digests"]).contains("holds"));
}

#[test]
fn a_changed_file_is_named_by_its_digest() {
    let place = audited();
    let original = place.read(METRICS);
    place.write(METRICS, original.replacen('1', "2", 1));
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "digests"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("trials/bn/seed-1/metrics.jsonl was changed"), "{stdout}");
}

#[test]
fn a_report_that_does_not_follow_from_its_data_is_shown_with_its_first_difference() {
    let place = audited();
    let page = place.read("runs/tiny/details.md");
    place.write("runs/tiny/details.md", page.replacen("at chance", "far above chance", 1));
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "report"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("details.md differs from what the data give, first in line"), "{stdout}");
    assert!(stdout.contains("far above chance"), "{stdout}");
}

#[test]
fn a_forged_metric_with_a_forged_report_and_manifest_is_caught_by_training_again() {
    let place = audited();
    let original = place.read(METRICS);
    let last = original.lines().last().unwrap();
    let record: serde_json::Value = serde_json::from_str(last).unwrap();
    let accuracy = format!("\"val_accuracy\":{}", record["val_accuracy"]);
    // All test images but the last are said to be right.
    let trial: serde_json::Value = serde_json::from_str(&place.read(TRIAL)).unwrap();
    let (images, bits) = (trial["correct"]["images"].as_u64().unwrap(), trial["correct"]["bits"].as_str().unwrap());
    let forged = (images - 1) as f64 / images as f64;
    place.write(METRICS, original.replace(last, &last.replace(&accuracy, &format!("\"val_accuracy\":{forged}"))));
    assert_ne!(original, place.read(METRICS));
    forge_report(&place);
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "report"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("test images right, and metrics.jsonl another accuracy"), "{stdout}");
    let mut all = vec![u8::MAX; images.div_ceil(8) as usize];
    *all.last_mut().unwrap() = u8::MAX >> (images.next_multiple_of(8) - images + 1);
    let all = base64::engine::general_purpose::STANDARD.encode(all);
    place.write(TRIAL, place.read(TRIAL).replace(bits, &all));
    forge_report(&place);
    assert_eq!(place.run(&["verify", "runs/tiny", "--tier", "report"]).0, 0, "these tiers believe the logs");
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "rerun", "--trial", "bn/1"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("bn/1: the metrics of an epoch differs"), "{stdout}");
    // Within a tolerance final figures are not judged, and nobody is left to believe they were.
    let tolerance = ["--level", "tolerance", "--trial", "bn/1"];
    let stdout = place.succeed(&[&["verify", "runs/tiny", "--tier", "rerun"][..], &tolerance].concat());
    assert!(stdout.contains("bn/1: first 2 of 10 steps, agrees"), "{stdout}");
    assert!(stdout.contains("2 compared, holds (within a tolerance only the first steps are judged"), "{stdout}");
    let row = stdout.lines().find(|line| line.contains("val accuracy")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    let (here, difference) = (record["val_accuracy"].as_f64().unwrap(), cells[5].parse::<f64>().unwrap());
    assert_eq!(cells[..5], ["bn/1", "val", "accuracy", &format!("{forged:.6}"), &format!("{here:.6}")], "{stdout}");
    assert!((difference - (here - forged)).abs() < 0.005, "{stdout}");
}

#[test]
fn a_changed_metric_in_an_honest_manifest_does_not_give_the_report() {
    let place = audited();
    let original = place.read(METRICS);
    place.write(METRICS, original.replace("\"val_accuracy\":0.", "\"val_accuracy\":0.9"));
    assert_ne!(original, place.read(METRICS));
    forge_manifest(&place);
    place.succeed(&["verify", "runs/tiny", "--tier", "digests"]);
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "report"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("results.json differs from what the data give, first in line"), "{stdout}");
}

#[test]
fn one_flipped_bit_in_any_file_is_found_by_its_digest_and_the_file_named() {
    let place = audited();
    let root = place.path("runs/tiny");
    for file in files_below(&root) {
        let path = root.join(&file);
        let original = std::fs::read(&path).unwrap();
        let mut flipped = original.clone();
        if file == "manifest.json" {
            // The case of a digit, which changes no digest's meaning.
            let digit = flipped.iter().rposition(|byte| (b'a'..=b'f').contains(byte)).unwrap();
            flipped[digit] ^= 0x20;
        } else {
            flipped[original.len() / 2] ^= 1;
        }
        std::fs::write(&path, flipped).unwrap();
        let (code, stdout, stderr) = place.run(&["verify", "runs/tiny", "--tier", "digests"]);
        assert_eq!(code, 10, "{file}: {stdout}{stderr}");
        let named =
            if file == "manifest.json" { "manifest.json is not what".to_owned() } else { format!("  {file} was") };
        assert!(stdout.contains(&named), "{file}: {stdout}");
        assert_eq!(audit(&place)["holds"], false, "{file}");
        std::fs::write(&path, original).unwrap();
    }
    place.succeed(&["verify", "runs/tiny", "--tier", "digests"]);
}

#[test]
fn a_record_that_cannot_be_read_is_a_finding_and_the_audit_goes_on() {
    let place = audited();
    let trial = "runs/tiny/trials/bn/seed-1/trial.json";
    let environment = "runs/tiny/trials/bn/seed-1/environment.json";
    let experiment = "runs/tiny/experiment.yaml";
    let cut = |file: &str| place.read(file).as_bytes()[..100].to_vec();
    let cases: [(&str, Option<Vec<u8>>, &str); 8] = [
        (trial, Some(cut(trial)), "trial.json is not what it should be"),
        (trial, Some(place.read(trial).replace("\"schema\": 1", "\"schema\": 0").into()), "schema version 0"),
        (METRICS, Some(b"{}\n".to_vec()), "metrics.jsonl is not what it should be: line 1"),
        (STEPS, Some(b"\xff\n".to_vec()), "valid UTF-8"),
        (STEPS, None, "fingerprints.jsonl is not what it should be: it is missing"),
        (environment, Some(b"{}\n".to_vec()), "bn/1 cannot be trained again"),
        (experiment, Some(cut(experiment)), "experiment.yaml is not what it should be"),
        (experiment, None, "it has no experiment.yaml"),
    ];
    for (file, bytes, reason) in cases {
        let original = place.read(file);
        match &bytes {
            Some(bytes) => place.write(file, bytes),
            None => std::fs::remove_file(place.path(file)).unwrap(),
        }
        let name = file.strip_prefix("runs/tiny/").unwrap();
        for tier in ["digests", "report", "replay"] {
            let (code, stdout, stderr) = place.run(&["verify", "runs/tiny", "--tier", tier, "--trial", "bn/1"]);
            assert_eq!(code, 10, "{file} {tier}: {stdout}{stderr}");
            let found = format!("{name} {}", if bytes.is_some() { "was changed" } else { "is missing" });
            assert!(stdout.contains(&found), "{file} {tier}: {stdout}");
            let audit = audit(&place);
            assert_eq!((&audit["holds"], &audit["tiers"][0]["findings"][0]), (&false.into(), &found.into()));
            // Who ran where has no part in the report; how closely to compare depends on it.
            let is_read = tier == "replay" || (tier == "report" && file != environment);
            assert_eq!(stdout.contains(reason), is_read, "{file} {tier}: {stdout}");
        }
        place.write(file, original);
    }
    place.succeed(&["verify", "runs/tiny"]);
    // A folder that never was one is another matter.
    assert_eq!(place.run(&["verify", "reports"]).0, 6);
    assert_eq!(place.run(&["verify", "nowhere"]).0, 6);
}

#[test]
fn removed_fingerprints_are_noticed_even_where_report_and_manifest_fit() {
    let place = audited();
    let original = place.read(STEPS);
    let lines = |kept: usize| original.lines().take(kept).map(|line| format!("{line}\n")).collect::<String>();
    let bare = |line: &str| format!("{}}}\n", line.split(",\"parameters\"").next().unwrap().trim_end_matches('}'));
    let without_parameters: String = original.lines().map(bare).collect();
    assert_eq!(original.matches("parameters").count() - without_parameters.matches("parameters").count(), 2);
    // 80 images in batches of 16: the parameters are taken at steps 4 and 9.
    for (steps, fault, step) in [
        (String::new(), "the steps that a trial of 10 keeps", "the fingerprint differs at step 0: recorded none"),
        (lines(7), "the steps that a trial of 10 keeps", "the fingerprint differs at step 7: recorded none"),
        (without_parameters, "the parameters at the end of each", "the parameters differs at step 4: recorded none"),
    ] {
        place.write(STEPS, steps);
        forge_report(&place);
        let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "replay", "--trial", "bn/1"]);
        assert_eq!(code, 10, "{stdout}");
        assert!(stdout.contains("bn/1 cannot be what it says: fingerprints.jsonl does not have"), "{stdout}");
        assert!(stdout.contains(fault) && stdout.contains(&format!("bn/1: {step}")), "{stdout}");
    }
}

#[test]
fn a_trial_that_diverged_is_whole() {
    let place = Place::with_tiny();
    let settings = ["variants.dropped.train.learning_rate=1e38", "variants.dropped.model.initializer=he"];
    place.succeed(&["run", "tiny.yaml", "--set", settings[0], "--set", settings[1]]);
    assert!(place.read("runs/tiny/trials/dropped/seed-1/trial.json").contains("\"status\": \"diverged\""));
    let stdout = place.succeed(&["verify", "runs/tiny", "--tier", "rerun", "--trial", "dropped/1"]);
    assert!(stdout.ends_with("The bundle holds.\n"), "{stdout}");
}

#[test]
fn a_trial_that_is_not_there_is_not_said_to_hold() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--only", "bn/1"]);
    forge_report(&place);
    let (code, stdout, stderr) = place.run(&["verify", "runs/tiny", "--tier", "replay", "--trial", "nobody/9"]);
    assert_eq!(code, 2, "{stdout}{stderr}");
    assert!(stderr.contains("the experiment plans no trial nobody/9"), "{stderr}");
    let stdout = place.succeed(&["verify", "runs/tiny", "--tier", "replay", "--trial", "bn/2"]);
    assert!(stdout.contains("bn/2 has not finished") && stdout.contains("replay: nothing to compare"), "{stdout}");
    assert!(
        stdout.ends_with("The bundle holds as far as it was compared: replay had nothing to compare.\n"),
        "{stdout}"
    );
}

#[test]
fn a_forged_fingerprint_is_caught_at_its_step() {
    let place = audited();
    let original = place.read(STEPS);
    let fourth = original.lines().nth(3).unwrap();
    let record: serde_json::Value = serde_json::from_str(fourth).unwrap();
    let loss = record["loss"].as_str().unwrap();
    place.write(STEPS, original.replace(fourth, &fourth.replace(loss, "3f800000")));
    forge_report(&place);
    let (code, stdout, _) = place.run(&["verify", "runs/tiny", "--tier", "replay"]);
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("bn/1: the loss differs at step 3: recorded 1.000000000 (bits 3f800000)"), "{stdout}");
    assert!(stdout.contains("dropped/1: 10 steps, agrees"), "{stdout}");
}

#[test]
fn bits_of_another_engine_are_not_compared_and_losses_may_be() {
    let place = audited();
    for variant in ["bn", "dropped"] {
        let record = format!("runs/tiny/trials/{variant}/seed-1/trial.json");
        let original = place.read(&record);
        let parsed: serde_json::Value = serde_json::from_str(&original).unwrap();
        let mut parts = parsed["key"]["parts"].clone();
        parts["engine"] = "some-engine 1.0".into();
        let digest = Digest::of_canonical_json(&parts).unwrap().to_string();
        let forged = original.replace(parsed["key"]["digest"].as_str().unwrap(), &digest);
        place.write(&record, forged.replace(parsed["key"]["parts"]["engine"].as_str().unwrap(), "some-engine 1.0"));
    }
    forge_report(&place);
    let (code, _, stderr) = place.run(&["verify", "runs/tiny", "--tier", "replay"]);
    assert_eq!(code, 5, "{stderr}");
    assert!(stderr.contains("some-engine 1.0") && stderr.contains("--level tolerance"), "{stderr}");
    let stdout = place.succeed(&["verify", "runs/tiny", "--tier", "replay", "--level", "tolerance"]);
    assert!(stdout.contains("bn/1: 2 steps, agrees (another engine than recorded)"), "{stdout}");
}

#[test]
fn bits_are_not_expected_of_another_kind_of_processor_unless_asked_for() {
    let place = audited();
    for variant in ["bn", "dropped"] {
        let record = format!("runs/tiny/trials/{variant}/seed-1/environment.json");
        let mut environment: serde_json::Value = serde_json::from_str(&place.read(&record)).unwrap();
        environment["cpu"] = "Analytical Engine".into();
        place.write(&record, environment.to_string());
    }
    forge_report(&place);
    let stdout = place.succeed(&["verify", "runs/tiny", "--tier", "replay"]);
    assert!(stdout.contains("bn/1 ran on Analytical Engine"), "{stdout}");
    assert!(stdout.contains("bn/1: 2 steps, agrees"), "{stdout}");
    let stdout = place.succeed(&["verify", "runs/tiny", "--tier", "replay", "--level", "bitwise"]);
    assert!(stdout.contains("bn/1: 10 steps, agrees") && !stdout.contains("Analytical"), "{stdout}");
}

/// Two engines of one build, where there are two.
#[cfg(all(feature = "flex", feature = "libtorch"))]
mod across_engines {
    use super::*;
    use crate::support::TINY;

    fn engines_in(place: &Place, bundle: &str) -> Vec<String> {
        // No label of the tiny experiment has a comma, so fields are what lies between commas.
        let results = place.read(&format!("{bundle}/results.csv"));
        let mut lines = results.lines();
        let column = lines.next().unwrap().split(',').position(|name| name == "engine").unwrap();
        lines.map(|line| line.split(',').nth(column).unwrap().to_owned()).collect()
    }

    #[test]
    fn another_engine_is_refused_bit_by_bit_and_judged_within_a_tolerance_by_its_first_steps() {
        let place = Place::new();
        place.write("tiny.yaml", TINY.replace("image_size: 32", "image_size: 32, learning_rate: 0.001"));
        for [maker, auditor] in [["flex", "libtorch"], ["libtorch", "flex"]] {
            place.succeed(&["run", "tiny.yaml", "--device", maker, "--out", maker]);
            let verify = ["verify", maker, "--tier", "replay", "--device", auditor];
            // Asked for, and because the bundle claims bits.
            for level in [&["--level", "bitwise"][..], &[]] {
                let (code, stdout, stderr) = place.run(&[&verify[..], level].concat());
                assert_eq!(code, 5, "{stdout}{stderr}");
                let names =
                    stderr.contains(&format!("computed by {maker}-cpu")) && stderr.contains("--level tolerance");
                assert!(names && stderr.contains(&format!("this is {auditor}-cpu")), "{stderr}");
                assert!(!stdout.contains("The bundle holds"), "{stdout}");
            }
            // Batch normalisation of a narrow network turns the rounding of the first step into a hundredth by the second.
            let wide = ["--level", "tolerance", "--tolerance", "0.05"];
            let stdout = place.succeed(&[&verify[..], &wide].concat());
            for variant in ["bn", "dropped"] {
                let agrees = format!("{variant}/1: 2 steps, agrees (another engine than recorded)");
                assert!(stdout.contains(&agrees), "{stdout}");
            }
            assert!(stdout.ends_with("The bundle holds.\n"), "{stdout}");
            let audit: serde_json::Value = serde_json::from_str(&place.read(&format!("{maker}/audit.json"))).unwrap();
            assert_eq!((&audit["holds"], &audit["tiers"][2]["checked"]), (&true.into(), &4.into()), "{audit}");
            // Nothing at all is no tolerance: the engines do round differently.
            let none = ["--level", "tolerance", "--tolerance", "0", "--steps", "10"];
            let (code, stdout, _) = place.run(&[&verify[..], &none].concat());
            assert_eq!(code, 10, "{stdout}");
            assert!(stdout.contains("the loss differs at step"), "{stdout}");
        }
    }

    #[test]
    fn a_run_on_another_engine_trains_every_trial_of_a_bundle_again() {
        let place = Place::with_tiny();
        place.succeed(&["run", "tiny.yaml", "--device", "flex"]);
        assert_eq!(engines_in(&place, "runs/tiny"), ["flex-cpu"; 4]);
        let plan = place.succeed(&["plan", "tiny.yaml", "--device", "libtorch"]);
        assert_eq!(plan.matches("to run again: other engine").count(), 4, "{plan}");
        let other = ["run", "tiny.yaml", "--device", "libtorch"];
        let (code, _, stderr) = place.run(&other);
        assert!(code != 0 && stderr.contains("--mix-engines") && stderr.contains("--fresh"), "{code} {stderr}");
        let (code, _, stderr) = place.run(&[&other[..], &["--fresh"]].concat());
        assert_eq!(code, 0, "{stderr}");
        assert!(stderr.contains("4 of 4 trials to run on libtorch-cpu"), "{stderr}");
        let engines = engines_in(&place, "runs/tiny");
        assert!(engines.iter().all(|engine| engine.starts_with("libtorch-cpu ")), "{engines:?}");
        assert!(!place.read("runs/tiny/details.md").contains("What one engine alone would give"));
        place.succeed(&["verify", "runs/tiny", "--tier", "replay", "--device", "libtorch", "--level", "bitwise"]);
    }

    /// Whoever asks for a mixture gets one, but not quietly.
    #[test]
    fn a_bundle_of_parts_from_two_engines_says_so_and_no_engine_vouches_for_its_bits() {
        let place = Place::with_tiny();
        for (device, seed) in [("flex", 1), ("libtorch", 2)] {
            let [one, other] = ["bn", "dropped"].map(|variant| format!("{variant}/{seed}"));
            place.succeed(&["run", "tiny.yaml", "--device", device, "--only", &one, "--only", &other, "--mix-engines"]);
        }
        place.succeed(&["report", "runs/tiny"]);
        let mixed = "What one engine alone would give: trials were computed by \u{201c}flex-cpu\u{201d} and \u{201c}libtorch-cpu";
        for page in ["details.md", "index.html", "results.json"] {
            assert!(place.read(&format!("runs/tiny/{page}")).contains(mixed), "{page}");
        }
        let all = ["--trial", "bn/1", "--trial", "bn/2"];
        for device in ["flex", "libtorch"] {
            let verify = ["verify", "runs/tiny", "--tier", "replay", "--device", device];
            let (code, _, stderr) = place.run(&[&verify[..], &all].concat());
            assert_eq!(code, 5, "{stderr}");
        }
    }
}
