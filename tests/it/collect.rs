//! Trials that are run apart and brought together again.

use crate::support::{Place, TINY};

fn results(place: &Place, bundle: &str) -> String {
    place.read(&format!("{bundle}/results.json"))
}

#[test]
fn trials_run_apart_and_collected_are_the_run_in_one_piece() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "whole"]);
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1", "--only", "dropped/2"]);
    assert!(!place.path("one/index.html").exists(), "a part has no report");
    place.succeed(&["run", "tiny.yaml", "--out", "slices", "--shard", "1/2"]);
    place.succeed(&["run", "tiny.yaml", "--out", "slices", "--shard", "2/2"]);
    place.succeed(&["report", "slices"]);
    assert_eq!(results(&place, "slices"), results(&place, "whole"));
    let stdout = place.succeed(&["collect", "one", "--out", "merged"]);
    assert!(stdout.contains("2 trial(s) collected, 0 there already, 2 missing"), "{stdout}");
    let stdout = place.succeed(&["collect", "slices", "one", "--out", "merged"]);
    assert!(stdout.contains("2 trial(s) collected, 4 there already, 0 missing"), "{stdout}");
    assert_eq!(results(&place, "merged"), results(&place, "whole"));
    assert_eq!(place.read("merged/report.md"), place.read("whole/report.md"));
}

#[test]
fn the_same_trial_with_two_results_is_a_failure_and_nothing_is_overwritten() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1"]);
    place.succeed(&["run", "tiny.yaml", "--out", "other", "--only", "bn/1"]);
    let metrics = "other/trials/bn/seed-1/metrics.jsonl";
    let original = place.read(metrics);
    place.write(metrics, original.replacen("\"val_accuracy\":0.1", "\"val_accuracy\":0.9", 1));
    assert_ne!(original, place.read(metrics), "the test changed something");
    let (code, _, stderr) = place.run(&["collect", "one", "other", "--out", "merged"]);
    assert_eq!(code, 10, "{stderr}");
    assert!(stderr.contains("the same trial came out differently: metrics.jsonl"), "{stderr}");
    assert_eq!(place.read("merged/trials/bn/seed-1/metrics.jsonl"), original);
}

#[test]
fn a_trial_that_does_not_fit_itself_or_its_experiment_is_refused() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1"]);
    let record = "one/trials/bn/seed-1/trial.json";
    let original = place.read(record);
    place.write(record, original.replace("\"steps\": 10", "\"steps\": 11"));
    let (code, _, stderr) = place.run(&["collect", "one", "--out", "merged"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("fingerprints.jsonl does not have the steps that a trial of 11 keeps"), "{stderr}");
    place.write(record, original);
    place.write("tiny.yaml", TINY.replace("epochs: 2", "epochs: 1"));
    place.succeed(&["run", "tiny.yaml", "--out", "other", "--only", "bn/1"]);
    let (code, _, stderr) = place.run(&["collect", "one", "other", "--out", "merged"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("are not of one experiment: their experiments differ"), "{stderr}");
}

#[test]
fn a_plan_for_schedulers_names_trials_as_run_takes_them() {
    let place = Place::with_tiny();
    let plan: serde_json::Value = serde_json::from_str(&place.succeed(&["plan", "tiny.yaml", "--json"])).unwrap();
    let names: Vec<&str> = plan["trials"].as_array().unwrap().iter().map(|t| t["trial"].as_str().unwrap()).collect();
    assert_eq!(names, ["bn/1", "bn/2", "dropped/1", "dropped/2"]);
    assert_eq!(plan["due_training_images"], 4 * 2 * 80);
    place.succeed(&["run", "tiny.yaml", "--only", names[3]]);
    let plan: serde_json::Value = serde_json::from_str(&place.succeed(&["plan", "tiny.yaml", "--json"])).unwrap();
    let states: Vec<&str> = plan["trials"].as_array().unwrap().iter().map(|t| t["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["absent", "absent", "absent", "finished"]);
    assert_eq!(place.succeed(&["plan", "tiny.yaml", "--names"]), "bn/1\nbn/2\ndropped/1\n", "only what is to be run");
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--only", "bn/7"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("the experiment plans no trial bn/7"), "{stderr}");
}
