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
    assert!(stdout.contains("2 trials collected, 0 there already, 2 missing"), "{stdout}");
    let stdout = place.succeed(&["collect", "slices", "one", "--out", "merged"]);
    assert!(stdout.contains("2 trials collected, 4 there already, 0 missing"), "{stdout}");
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

/// Replaces a piece of a file that is in it.
#[track_caller]
fn alter(place: &Place, file: &str, from: &str, to: &str) {
    let original = place.read(file);
    assert!(original.contains(from), "{file} has no {from}");
    place.write(file, original.replacen(from, to, 1));
}

#[track_caller]
fn refused(place: &Place, sources: &[&str], code: i32) -> String {
    let (found, stdout, stderr) = place.run(&[&["collect"], sources, &["--out", "merged"]].concat());
    assert_eq!(found, code, "{stdout}{stderr}");
    // The terminal's width breaks lines anywhere.
    stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn a_difference_in_any_result_of_a_trial_is_named() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1"]);
    place.succeed(&["run", "tiny.yaml", "--out", "other", "--only", "bn/1"]);
    let trial = "other/trials/bn/seed-1";
    let steps = place.read(&format!("{trial}/fingerprints.jsonl"));
    let loss = steps.split("\"loss\":\"").nth(2).unwrap().split('"').next().unwrap().to_owned();
    for (file, from, to) in [
        ("fingerprints.jsonl", format!("\"loss\":\"{loss}\""), "\"loss\":\"40000000\""),
        ("probes.json", "\"images\":".to_owned(), "\"images\":1"),
    ] {
        let path = format!("{trial}/{file}");
        let original = place.read(&path);
        alter(&place, &path, &from, to);
        let stderr = refused(&place, &["one", "other"], 10);
        assert!(stderr.contains(&format!("the same trial came out differently: {file}")), "{stderr}");
        assert_ne!(place.read(&format!("merged/trials/bn/seed-1/{file}")), place.read(&path), "nothing is overwritten");
        place.write(&path, original);
    }
    place.succeed(&["collect", "one", "other", "--out", "merged"]);
}

#[test]
fn a_record_whose_key_or_parameters_do_not_fit_is_refused() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1"]);
    let record = "one/trials/bn/seed-1/trial.json";
    let json: serde_json::Value = serde_json::from_str(&place.read(record)).unwrap();
    let part = |name: &str| json["key"]["parts"][name].as_str().unwrap().to_owned();
    let zeros = "0".repeat(64);
    let digest = json["key"]["digest"].as_str().unwrap().to_owned();
    let parameters = json["parameters"].as_str().unwrap().to_owned();
    for (from, to, reason) in [
        (part("model"), zeros.as_str(), "its key has another model than the experiment"),
        (part("recipe"), &zeros, "its key has another recipe than the experiment"),
        (part("data"), &zeros, "its key has another data than the experiment"),
        (part("engine"), "another", "the digest of its key is not that of the key's parts"),
        (part("code"), &zeros, "the digest of its key is not that of the key's parts"),
        (digest, &zeros, "the digest of its key is not that of the key's parts"),
        (parameters, &zeros, "its last fingerprint does not have its final parameters"),
        ("\"epochs\": 2".to_owned(), "\"epochs\": 1", "metrics.jsonl does not have its 1 epochs in order"),
    ] {
        let original = place.read(record);
        alter(&place, record, &from, to);
        let stderr = refused(&place, &["one"], 6);
        assert!(stderr.contains(reason), "{reason}: {stderr}");
        place.write(record, original);
    }
    let steps = "one/trials/bn/seed-1/fingerprints.jsonl";
    let lines = place.read(steps);
    let (all_but_the_last, _) = lines.trim_end().rsplit_once('\n').unwrap();
    place.write(steps, format!("{all_but_the_last}\n"));
    let stderr = refused(&place, &["one"], 6);
    assert!(stderr.contains("fingerprints.jsonl does not have the steps that a trial of 10 keeps"), "{stderr}");
    assert!(!place.path("merged/trials/bn/seed-1/trial.json").exists());
}

#[test]
fn a_failed_trial_stays_failed_until_a_source_has_finished_it() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1"]);
    place.write("one/trials/dropped/seed-2/failure.txt", "out of memory");
    let stdout = place.succeed(&["collect", "one", "--out", "merged"]);
    assert!(stdout.contains("1 trial collected, 0 there already, 2 missing, 1 failed"), "{stdout}");
    assert_eq!(place.read("merged/trials/dropped/seed-2/failure.txt"), "out of memory");
    assert!(place.read("merged/details.md").contains("out of memory"), "the report says why");
    place.succeed(&["verify", "merged", "--tier", "report"]);

    place.succeed(&["run", "tiny.yaml", "--out", "other", "--only", "dropped/2"]);
    let stdout = place.succeed(&["collect", "one", "other", "--out", "merged"]);
    assert!(stdout.contains("1 trial collected, 1 there already, 2 missing\n"), "{stdout}");
    assert!(!place.path("merged/trials/dropped/seed-2/failure.txt").exists());
    // The order of the sources does not matter, and what is finished is not undone.
    place.succeed(&["collect", "other", "one", "--out", "merged-again"]);
    for bundle in ["merged", "merged-again"] {
        assert!(place.path(&format!("{bundle}/trials/dropped/seed-2/trial.json")).exists());
        assert!(!place.path(&format!("{bundle}/trials/dropped/seed-2/failure.txt")).exists());
    }
}

#[test]
fn throughput_comes_from_one_source_that_has_both_of_its_files() {
    let place = Place::new();
    let on = "throughput: {batch_sizes: [4], rounds: 2, seconds: 0.001, budget: 600}";
    place.write("tiny.yaml", TINY.replace("throughput: false", on).replace("epochs: 2", "epochs: 1"));
    place.succeed(&["run", "tiny.yaml", "--out", "whole"]);
    for (part, trial) in [("samples", "bn/1"), ("session", "bn/2")] {
        place.succeed(&["run", "tiny.yaml", "--out", part, "--only", trial]);
        let file = format!("{part}/throughput/{part}.json");
        place.write(&file, place.read(&format!("whole/throughput/{part}.json")));
    }
    place.succeed(&["collect", "samples", "session", "--out", "halves"]);
    assert!(!place.path("halves/throughput").exists(), "two halves are no measurement");
    place.succeed(&["collect", "samples", "session", "whole", "--out", "merged"]);
    for file in ["throughput/samples.json", "throughput/session.json"] {
        assert_eq!(place.read(&format!("merged/{file}")), place.read(&format!("whole/{file}")));
    }
}

#[test]
fn a_source_that_is_not_what_its_manifest_says_is_refused_with_the_file() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "whole", "--set", "variants=[bn]"]);
    // The report is made anew, so it may be as it likes.
    place.write("whole/report.md", "else");
    place.succeed(&["collect", "whole", "--out", "fine"]);
    // Nothing but the manifest could tell this from the record of another machine.
    let environment = "whole/trials/bn/seed-2/environment.json";
    alter(&place, environment, "\"os\": \"", "\"os\": \"x");
    let stderr = refused(&place, &["whole"], 6);
    assert!(stderr.contains("trials/bn/seed-2/environment.json in whole was changed"), "{stderr}");
    alter(&place, environment, "\"os\": \"x", "\"os\": \"");
    place.write("whole/trials/bn/seed-2/failure.txt", "no");
    let stderr = refused(&place, &["whole"], 6);
    assert!(stderr.contains("trials/bn/seed-2/failure.txt in whole is not in its manifest"), "{stderr}");
    std::fs::remove_file(place.path("whole/trials/bn/seed-2/failure.txt")).unwrap();
    std::fs::remove_file(place.path("whole/trials/bn/seed-1/probes.json")).unwrap();
    let stderr = refused(&place, &["whole"], 6);
    assert!(stderr.contains("trials/bn/seed-1/probes.json in whole is missing"), "{stderr}");
    assert!(!place.path("merged/trials").exists(), "nothing is taken of it");
    // Whoever stands for the files as they are makes the manifest anew.
    place.succeed(&["report", "whole"]);
    place.succeed(&["collect", "whole", "--out", "merged"]);
}

#[test]
fn a_part_does_not_go_into_a_folder_of_another_experiment() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "part", "--only", "bn/1"]);
    place.succeed(&["run", "tiny.yaml", "--out", "part", "--only", "bn/2"]);
    for (change, what) in [("train.epochs=1", "experiments"), ("data.per_class.train=9", "experiments")] {
        for which in [["--only", "dropped/1"], ["--shard", "2/2"]] {
            let (code, _, stderr) =
                place.run(&[&["run", "tiny.yaml", "--out", "part", "--set", change], &which[..]].concat());
            assert_eq!(code, 6, "{stderr}");
            assert!(stderr.contains("part holds trials of another experiment") && stderr.contains(what), "{stderr}");
            assert!(stderr.contains("--out DIR"), "{stderr}");
        }
    }
    assert!(!place.path("part/trials/dropped").exists());
    // The same words about other images.
    alter(&place, "part/dataset.json", "\"digest\": \"", "\"digest\": \"0000000000");
    let digest = place.read("part/dataset.json");
    let digest = digest.split("\"digest\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    alter(&place, "part/dataset.json", &digest, &digest[..64]);
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "part", "--only", "dropped/1"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("the images differ"), "{stderr}");
    // A record that cannot be read is nobody's to overwrite.
    alter(&place, "part/experiment.yaml", "schema: 1", "schema: 2");
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "part", "--only", "dropped/1"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("version 2"), "{stderr}");
}

#[test]
fn a_plan_says_what_a_trial_costs_and_what_made_it_outdated() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--only", "bn/1"]);
    let plan = |change: &str| -> serde_json::Value {
        serde_json::from_str(&place.succeed(&["plan", "tiny.yaml", "--json", "--set", change])).unwrap()
    };
    let flops = |plan: &serde_json::Value| -> Vec<f64> {
        plan["trials"].as_array().unwrap().iter().map(|trial| trial["training_flops"].as_f64().unwrap()).collect()
    };
    let same = plan("confidence=0.9");
    assert_eq!(
        (&same["trials"][0]["state"], &same["trials"][0]["changed"]),
        (&"finished".into(), &serde_json::json!([]))
    );
    let costs = flops(&same);
    assert!(costs.iter().all(|cost| *cost > 0.0));
    assert_eq!((costs[0], costs[2]), (costs[1], costs[3]), "a seed costs nothing");
    let due = same["due_training_flops"].as_f64().unwrap();
    assert!((due / costs[1..].iter().sum::<f64>() - 1.0).abs() < 1e-12, "the finished one is not counted");
    // Three times the epochs or the images are three times the work.
    for change in ["train.epochs=6", "data.per_class.train=24"] {
        assert!((flops(&plan(change))[0] / costs[0] - 3.0).abs() < 1e-12, "{change}");
    }
    for (change, part) in [
        ("train.epochs=1", "recipe"),
        ("train.learning_rate=0.2", "recipe"),
        ("model.width=0.5", "model"),
        ("variants.bn.model.norm=none", "model"),
        ("data.per_class.train=9", "data"),
    ] {
        let plan = plan(change);
        let trial = &plan["trials"][0];
        assert_eq!((&trial["state"], &trial["changed"]), (&"outdated".into(), &serde_json::json!([part])), "{change}");
        assert_eq!(plan["trials"][1]["state"], "absent");
    }
}
