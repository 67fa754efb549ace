//! A run beside what was published of the same experiment, and how a run becomes a publication.

use serde_json::Value;

use crate::support::{Place, TINY, files_below};

const CLAIMS: &str = "claims:
  - {id: learns, says: It learns., test: {metric: train_loss, of: bn, below: 100}}
  - {id: does-not, says: It does not., test: {metric: train_loss, of: bn, above: 100}}
";

/// `configs/tiny.yaml`, run and published.
fn published() -> Place {
    let place = Place::new();
    place.write("configs/tiny.yaml", format!("{TINY}{CLAIMS}"));
    place.succeed(&["run", "configs/tiny.yaml"]);
    place.succeed(&["publish", "runs/tiny"]);
    place
}

#[test]
fn a_publication_is_not_a_run_and_a_run_ends_beside_what_was_published() {
    let place = published();
    std::fs::remove_dir_all(place.path("runs")).unwrap();
    assert!(place.succeed(&["plan", "configs/tiny.yaml"]).contains("4 of 4 trials to run"));
    let before: Vec<String> = files_below(&place.path("reports/tiny"))
        .iter()
        .map(|file| place.read(&format!("reports/tiny/{file}")))
        .collect();
    let (code, stdout, stderr) = place.run(&["run", "configs/tiny.yaml", "--gate", "--against", "reports/tiny"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("4 of 4 trials to run"), "{stderr}");
    let said = "4 of 4 trials have the published bits; 2 of 2 verdicts are the same";
    assert!(stdout.contains(&format!("Beside reports/tiny: {said}.\nReport: runs/tiny/index.html")), "{stdout}");
    for page in ["index.html", "report.md", "summary.md"] {
        assert!(place.read(&format!("runs/tiny/{page}")).contains(said), "{page}");
    }
    // Found without being named as well, from wherever the file is.
    let stdout = place.succeed(&["run", "configs/tiny.yaml"]);
    assert!(stdout.contains(said), "{stdout}");
    place.succeed(&["verify", "runs/tiny"]);
    let after: Vec<String> = files_below(&place.path("reports/tiny"))
        .iter()
        .map(|file| place.read(&format!("reports/tiny/{file}")))
        .collect();
    assert_eq!(before, after, "a run writes nothing into a publication");
}

#[test]
fn results_that_do_not_come_out_again_fail_the_gate_and_are_named() {
    let place = published();
    // What was published is changed, honestly as far as its manifest goes: one loss of one step, another verdict's bound.
    place.alter_second_loss("reports/tiny/trials/bn/seed-2/fingerprints.jsonl");
    let (_, stdout, stderr) = place.run(&["run", "configs/tiny.yaml"]);
    assert!(stderr.contains("not compared with reports/tiny") && stderr.contains("manifest"), "{stderr}");
    assert!(!stdout.contains("Beside"), "{stdout}");
    let (code, _, stderr) = place.run(&["run", "configs/tiny.yaml", "--against", "reports/tiny"]);
    assert_eq!(code, 6, "{stderr}");
    place.succeed(&["report", "reports/tiny"]);
    let against = ["run", "configs/tiny.yaml", "--against", "reports/tiny"];
    let stdout = place.succeed(&against);
    let said = "3 of 4 trials have the published bits; not reproduced, under the same conditions another result: bn/2";
    assert!(stdout.contains(said), "{stdout}");
    let (code, _, stderr) = place.run(&[&against[..], &["--gate"]].concat());
    assert_eq!(code, 10, "{stderr}");
    assert!(stderr.contains("the results published in reports/tiny do not come out again"), "{stderr}");
    // One that was only found is shown, and fails nothing.
    place.succeed(&["run", "configs/tiny.yaml", "--gate"]);
    let (code, _, stderr) = place.run(&[&against[..], &["--gate", "--json"]].concat());
    assert_eq!(code, 10, "{stderr}");
    let events: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found = |name: &str| events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("{name}"));
    for name in ["compared", "not_reproduced"] {
        assert_eq!((&found(name)["published"], &found(name)["same"]), (&4.into(), &3.into()));
        assert_eq!(found(name)["not_reproduced"][0]["variant"], "bn");
    }
}

#[test]
fn on_another_kind_of_processor_bits_are_not_demanded() {
    let place = published();
    place.alter_second_loss("reports/tiny/trials/bn/seed-2/fingerprints.jsonl");
    let environment = "reports/tiny/trials/bn/seed-2/environment.json";
    let mut record: Value = serde_json::from_str(&place.read(environment)).unwrap();
    record["cpu"] = "another".into();
    place.write(environment, record.to_string());
    place.succeed(&["report", "reports/tiny"]);
    let stdout = place.succeed(&["run", "configs/tiny.yaml", "--against", "reports/tiny", "--gate"]);
    assert!(
        stdout.contains("3 of 4 trials have the published bits; 1 was trained under other conditions (processor)"),
        "{stdout}"
    );
}

#[test]
fn a_run_of_another_recipe_says_so_and_is_judged_by_its_figures() {
    let place = published();
    let (_, stdout, _) = place.run(&["run", "configs/tiny.yaml", "--out", "shorter", "--set", "train.epochs=1"]);
    assert!(
        stdout.contains("its experiment file is another in 2 places; 0 of 4 trials have the published bits"),
        "{stdout}"
    );
    assert!(stdout.contains("4 were trained under other conditions (recipe)"), "{stdout}");
    // Nothing in common is no agreement.
    let only =
        ["run", "configs/tiny.yaml", "--out", "other", "--set", "seeds=[7]", "--against", "reports/tiny", "--gate"];
    let (code, stdout, stderr) = place.run(&only);
    assert_eq!(code, 10, "{stdout}{stderr}");
    assert!(stdout.contains("4 of them are not finished here"), "{stdout}");
}

#[test]
fn what_is_no_publication_is_refused_before_anything_is_trained() {
    let place = published();
    for (against, code, reason) in
        [("nothing", 6, "is not a bundle"), ("runs/tiny", 6, "so it cannot be compared with")]
    {
        let (found, stdout, stderr) = place.run(&["run", "configs/tiny.yaml", "--against", against, "--fresh"]);
        assert_eq!(found, code, "{stdout}{stderr}");
        assert!(stderr.contains(reason) && !stderr.contains("epoch"), "{stderr}");
    }
    for part in [["--only", "bn/1"], ["--shard", "1/2"]] {
        let (code, _, stderr) =
            place.run(&[&["run", "configs/tiny.yaml", "--against", "reports/tiny"][..], &part].concat());
        assert_eq!(code, 2, "a part has no report to compare: {stderr}");
    }
}

#[test]
fn a_bundles_own_experiment_is_compared_with_the_bundle_and_so_is_what_is_collected() {
    let place = published();
    let stdout = place.succeed(&["run", "reports/tiny/experiment.yaml", "--out", "mine"]);
    assert!(stdout.contains("Beside reports/tiny: 4 of 4 trials have the published bits"), "{stdout}");
    place.succeed(&["run", "configs/tiny.yaml", "--out", "one", "--shard", "1/2"]);
    place.succeed(&["run", "configs/tiny.yaml", "--out", "two", "--shard", "2/2"]);
    let stdout = place.succeed(&["collect", "one", "two", "--out", "merged", "--against", "reports/tiny", "--gate"]);
    assert!(stdout.contains("4 of 4 trials have the published bits"), "{stdout}");
    assert!(place.path("merged/comparison.json").exists());
    place.succeed(&["collect", "one", "two", "--out", "merged"]);
    assert!(!place.path("merged/comparison.json").exists(), "nothing was compared this time");
}

#[test]
fn publishing_copies_what_the_manifest_lists_and_replaces_only_its_own() {
    let place = published();
    let listed = files_below(&place.path("reports/tiny"));
    place.succeed(&["verify", "runs/tiny"]);
    assert!(place.path("runs/tiny/audit.json").exists());
    assert!(place.succeed(&["publish", "runs/tiny"]).starts_with("reports/tiny: bundle "));
    assert_eq!(files_below(&place.path("reports/tiny")), listed, "and no audit");
    assert!(!files_below(&place.path("reports")).iter().any(|file| file.starts_with(".publishing")));

    place.write("reports/other/notes.txt", "mine");
    for target in ["reports/other", "runs/tiny"] {
        let (code, _, stderr) = place.run(&["publish", "runs/tiny", "--out", target]);
        assert_eq!(code, 6, "{stderr}");
    }
    assert_eq!(place.read("reports/other/notes.txt"), "mine");
    place.succeed(&["run", "configs/tiny.yaml", "--set", "id=other", "--set", "seeds=[1]"]);
    let (code, _, stderr) = place.run(&["publish", "runs/other", "--out", "reports/tiny"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("something else than a publication of `other`"), "{stderr}");
    place.write("runs/tiny/report.md", "changed");
    let (code, _, stderr) = place.run(&["publish", "runs/tiny"]);
    assert_eq!(code, 6, "{stderr}");
    place.succeed(&["verify", "reports/tiny"]);
}
