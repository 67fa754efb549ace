//! What a run leaves behind, and that it can be repeated.

use retrial::provenance::Digest;

use crate::support::{Place, TINY, files_below};

const TRIAL_FILES: [&str; 3] = ["metrics.jsonl", "fingerprints.jsonl", "trial.json"];

/// What must not differ between two runs of the same trial.
fn trial(place: &Place, bundle: &str, variant: &str, seed: u64) -> [String; 3] {
    TRIAL_FILES.map(|file| place.read(&format!("{bundle}/trials/{variant}/seed-{seed}/{file}")))
}

#[test]
fn a_run_writes_the_whole_bundle_and_says_where() {
    let place = Place::with_tiny();
    let stdout = place.succeed(&["run", "tiny.yaml"]);
    assert!(stdout.contains("variant") && stdout.contains("bn") && stdout.contains("2/2"), "{stdout}");
    assert!(stdout.trim_end().ends_with("Report: runs/tiny/index.html"), "{stdout}");
    let files = files_below(&place.path("runs/tiny"));
    for file in [
        "dataset.json",
        "environment.json",
        "experiment.yaml",
        "index.html",
        "report.md",
        "results.csv",
        "results.json",
    ] {
        assert!(files.iter().any(|found| found == file), "{file} is missing from {files:?}");
    }
    for variant in ["bn", "dropped"] {
        for seed in [1, 2] {
            for file in TRIAL_FILES.into_iter().chain(["environment.json"]) {
                let path = format!("trials/{variant}/seed-{seed}/{file}");
                assert!(files.contains(&path), "{path} is missing");
            }
        }
    }
    assert!(files.iter().any(|file| file.starts_with("plots/") && file.ends_with(".svg")));
    assert_eq!(place.read("runs/tiny/trials/bn/seed-1/metrics.jsonl").lines().count(), 2);
    // 80 images in batches of 16, two epochs.
    assert_eq!(place.read("runs/tiny/trials/bn/seed-1/fingerprints.jsonl").lines().count(), 10);
}

#[test]
fn the_same_trial_gives_the_same_bits_whatever_runs_beside_it() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--jobs", "1"]);
    let reversed = TINY.replace("seeds: [1, 2]", "seeds: [2, 1]");
    place.write("tiny.yaml", reversed);
    place.succeed(&["run", "tiny.yaml", "--out", "two", "--jobs", "3"]);
    for variant in ["bn", "dropped"] {
        for seed in [1, 2] {
            assert_eq!(trial(&place, "one", variant, seed), trial(&place, "two", variant, seed), "{variant} {seed}");
        }
        let [metrics, ..] = trial(&place, "one", variant, 1);
        assert_ne!(metrics, trial(&place, "one", variant, 2)[0], "another seed is another trial");
    }
}

#[test]
fn finished_trials_are_kept_until_their_key_changes_and_plan_says_why() {
    let place = Place::with_tiny();
    assert!(place.succeed(&["plan", "tiny.yaml"]).contains("4 of 4 trials to run"));
    place.succeed(&["run", "tiny.yaml"]);
    assert!(place.succeed(&["plan", "tiny.yaml"]).contains("0 of 4 trials to run"));
    let (_, _, stderr) = place.run(&["run", "tiny.yaml"]);
    assert!(stderr.contains("0 of 4 trials to run"), "{stderr}");

    let changed = place.succeed(&["plan", "tiny.yaml", "--set", "variants.bn.train.epochs=1"]);
    assert!(changed.contains("to run again: other recipe"), "{changed}");
    assert!(changed.contains("2 of 4 trials to run"), "{changed}");
    let other_data = place.succeed(&["plan", "tiny.yaml", "--set", "data.seed=9"]);
    assert!(other_data.contains("to run again: other data"), "{other_data}");
}

#[test]
fn planning_trains_nothing() {
    let place = Place::with_tiny();
    let stdout = place.succeed(&["plan", "tiny.yaml"]);
    // 4 trials of 2 epochs of 80 images.
    assert!(stdout.contains("640 training images"), "{stdout}");
    assert!(!place.path("runs").exists());
}

#[test]
fn the_cost_of_a_published_data_set_is_known_before_its_images_are_here() {
    let place = Place::new();
    let variants = "[{id: bn, label: BN, model: {norm: batch}}]";
    place.write(
        "all.yaml",
        format!("schema: 1\ntitle: T\ndata: {{source: cifar10}}\nseeds: [1, 2]\ntrain: {{epochs: 10, batch_size: 32, image_size: 224}}\nvariants: {variants}\n"),
    );
    let (code, stdout, stderr) = place.run(&["plan", "all.yaml"]);
    assert_eq!(code, 4, "{stdout}{stderr}");
    assert!(stderr.contains("retrial data fetch cifar10"), "{stderr}");
    // Two seeds, 10 epochs of the 50,000 training images (Krizhevsky 2009).
    assert!(stdout.contains("2 trials: 1,000,000 training images"), "{stdout}");
    // 300 million multiply-adds a forward pass at 224 pixels (Sandler et al. 2018, table 4), with all that training adds
    // to it: three times two operations for each, and less than half as much again for what surrounds convolutions.
    let operations = stdout.split("images, ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let of_an_image = operations.parse::<f64>().unwrap() / 1e6;
    assert!((6.0 * 0.3e9..9.0 * 0.3e9).contains(&of_an_image), "{of_an_image:e}");
    assert!(place.run(&["plan", "all.yaml", "--json"]).1.is_empty(), "no plan for programs without keys");
}

#[test]
fn a_diverging_trial_is_recorded_and_reported_and_the_others_go_on() {
    let place = Place::with_tiny();
    let stdout = place.succeed(&[
        "run",
        "tiny.yaml",
        "--set",
        "variants.dropped.train.learning_rate=1e38",
        "--set",
        "variants.dropped.model.initializer=he",
    ]);
    assert!(stdout.contains("2 trials diverged"), "{stdout}");
    let record = place.read("runs/tiny/trials/dropped/seed-1/trial.json");
    assert!(record.contains("\"status\": \"diverged\""), "{record}");
    assert!(place.read("runs/tiny/trials/bn/seed-1/trial.json").contains("\"status\": \"completed\""));
    assert!(place.read("runs/tiny/report.md").contains("diverged"));
}

#[test]
fn rendering_again_gives_the_same_bytes() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml"]);
    let files = files_below(&place.path("runs/tiny"));
    let read = || files.iter().map(|file| place.read(&format!("runs/tiny/{file}"))).collect::<Vec<_>>();
    let before = read();
    place.succeed(&["report", "runs/tiny"]);
    assert_eq!(before, read());
}

#[test]
fn a_quiet_run_prints_nothing() {
    let place = Place::with_tiny();
    let (code, stdout, stderr) = place.run(&["run", "tiny.yaml", "--quiet"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
}

#[test]
fn a_sheet_of_the_images_can_be_looked_at() {
    let place = Place::with_tiny();
    let stdout = place.succeed(&["data", "show", "tiny.yaml", "--out", "sheet.png", "--columns", "4"]);
    assert!(stdout.contains("digest"), "{stdout}");
    let sheet = std::fs::read(place.path("sheet.png")).unwrap();
    assert_eq!(&sheet[..8], b"\x89PNG\r\n\x1a\n");
}

#[test]
fn whoever_has_only_the_bundle_can_run_it_again() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml"]);
    let results = place.read("runs/tiny/results.json");
    place.succeed(&["pack", "runs/tiny", "--out", "tiny.tar.zst"]);
    std::fs::remove_dir_all(place.path("runs")).unwrap();
    std::fs::remove_file(place.path("tiny.yaml")).unwrap();
    place.succeed(&["unpack", "tiny.tar.zst", "--out", "theirs"]);
    // Under its own name, wherever the bundle lies.
    place.succeed(&["run", "theirs/experiment.yaml"]);
    assert_eq!(place.read("runs/tiny/results.json"), results);
    assert_eq!(place.read("runs/tiny/experiment.yaml"), place.read("theirs/experiment.yaml"));
    let plan = place.succeed(&["plan", "theirs/experiment.yaml", "--out", "theirs"]);
    assert!(plan.contains("0 of 4 trials to run"), "{plan}");
    let shorter = place.succeed(&["plan", "theirs/experiment.yaml", "--out", "theirs", "--set", "train.epochs=1"]);
    assert!(shorter.contains("4 of 4 trials to run"), "{shorter}");
}

#[test]
fn the_experiments_digest_is_that_of_its_file_and_changes_with_what_the_file_says() {
    let place = Place::with_tiny();
    let digest = |arguments: &[&str]| {
        place.succeed(&[&["run", "tiny.yaml", "--only", "bn/1", "--out", "out"][..], arguments].concat());
        place.succeed(&["report", "out"]);
        let results: serde_json::Value = serde_json::from_str(&place.read("out/results.json")).unwrap();
        let digest = results["config_digest"].as_str().unwrap().to_owned();
        // As docs/digests.md has it: the file's YAML as canonical JSON.
        let file: serde_json::Value = serde_yaml::from_str(&place.read("out/experiment.yaml")).unwrap();
        assert_eq!(Digest::of_canonical_json(&file).unwrap().to_string(), digest);
        for page in ["method.html", "details.md"] {
            assert!(place.read(&format!("out/{page}")).contains(&digest), "{page}");
        }
        std::fs::remove_dir_all(place.path("out")).unwrap();
        digest
    };
    let first = digest(&[]);
    // A comment and what is a default anyway say nothing new.
    place
        .write("tiny.yaml", format!("# A comment.\n{TINY}").replace("width: 0.35", "width: 0.350, initializer: keras"));
    assert_eq!(digest(&[]), first);
    assert_ne!(digest(&["--set", "seeds=3"]), first);
    assert_ne!(digest(&["--set", "train.learning_rate=0.03"]), first);
}
