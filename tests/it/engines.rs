//! One variant on two engines is not one sample, unless somebody says so; then the report does, too.

use retrial::provenance::Digest;
use serde_json::Value;

use crate::support::Place;

/// Makes a finished trial one of another engine, key and all.
fn computed_by(place: &Place, folder: &str, engine: &str) {
    let path = format!("{folder}/trial.json");
    let mut record: Value = serde_json::from_str(&place.read(&path)).unwrap();
    record["key"]["parts"]["engine"] = engine.into();
    record["key"]["digest"] = Digest::of_canonical_json(&record["key"]["parts"]).unwrap().to_string().into();
    place.write(&path, serde_json::to_string_pretty(&record).unwrap() + "\n");
}

#[test]
fn parts_from_two_engines_are_not_collected_into_one_variant_without_a_word() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--only", "bn/1"]);
    place.succeed(&["run", "tiny.yaml", "--out", "other", "--only", "bn/2"]);
    place.succeed(&["run", "tiny.yaml", "--out", "dropped", "--only", "dropped/1"]);
    computed_by(&place, "other/trials/bn/seed-2", "libtorch-cpu 2.9.1");
    computed_by(&place, "dropped/trials/dropped/seed-1", "libtorch-cpu 2.9.1");
    // Two variants, each on an engine of its own, are no mixture; the report says that engines differ.
    place.succeed(&["collect", "one", "dropped", "--out", "apart"]);
    let report = place.read("apart/details.md");
    assert!(report.contains("| libtorch-cpu 2.9.1 |") && report.contains("| flex-cpu |"), "{report}");

    for sources in [["one", "other"], ["other", "one"]] {
        let (code, _, stderr) = place.run(&["collect", sources[0], sources[1], "--out", "merged"]);
        assert_eq!(code, 6, "{stderr}");
        for said in ["the trials of `bn`", "flex-cpu", "libtorch-cpu 2.9.1", "--mix-engines"] {
            assert!(stderr.contains(said), "{said}: {stderr}");
        }
        assert!(!place.path("merged/trials").exists(), "nothing is taken");
    }
    place.succeed(&["collect", "one", "other", "--out", "merged", "--mix-engines"]);
    let report = place.read("merged/details.md");
    assert!(report.contains("| Engine |") && report.contains("| libtorch-cpu 2.9.1 |"), "{report}");
    assert!(report.contains("no two of them have two trials each"), "{report}");
    assert!(place.read("merged/figures.html").contains("<td>libtorch-cpu 2.9.1</td>"));
    place.succeed(&["verify", "merged", "--tier", "report"]);
    // What was mixed once is not forgotten.
    place.succeed(&["run", "tiny.yaml", "--out", "third", "--only", "dropped/2"]);
    assert_eq!(place.run(&["collect", "third", "--out", "merged"]).0, 6);
    place.succeed(&["collect", "third", "--out", "merged", "--mix-engines"]);
}

#[test]
fn a_run_does_not_go_on_with_what_another_engine_began() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out", "--only", "bn/1"]);
    assert!(!place.read("out/experiment.yaml").is_empty());
    computed_by(&place, "out/trials/bn/seed-1", "cuda");
    let before = place.read("out/trials/bn/seed-1/trial.json");
    for which in [&[][..], &["--only", "bn/2"], &["--shard", "2/2"]] {
        let (code, _, stderr) = place.run(&[&["run", "tiny.yaml", "--out", "out"], which].concat());
        assert_eq!(code, 6, "{stderr}");
        for said in ["out holds bn/1, which was computed by cuda", "flex-cpu", "--mix-engines", "--fresh", "--out DIR"]
        {
            assert!(stderr.contains(said), "{said}: {stderr}");
        }
        assert!(!place.path("out/trials/bn/seed-2").exists());
    }
    let (_, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "out", "--mix-engines"]);
    assert!(stderr.contains("3 of 4 trials to run"), "{stderr}");
    assert_eq!(place.read("out/trials/bn/seed-1/trial.json"), before, "it counts as it is");
    assert!(place.read("out/details.md").contains("| cuda |"));
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "out", "--fresh"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(!place.read("out/details.md").contains("cuda"), "all is trained again");
}
