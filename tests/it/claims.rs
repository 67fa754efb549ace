//! Claims from the file to the exit code.

use crate::support::{Place, TINY};

/// Without normalisation the tiny network stays at chance, 0.1, whatever the seed.
const CLAIMS: &str = "\
claims:
  - id: holds
    says: It stays at chance.
    must: supported
    test: {metric: val_accuracy, of: dropped, below: 0.5}
  - id: fails
    says: It learns.
    must: supported
    test: {metric: val_accuracy, of: dropped, above: 0.5}
";

#[test]
fn a_claim_that_must_hold_and_does_not_fails_the_gate_and_only_the_gate() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}"));
    let stdout = place.succeed(&["run", "tiny.yaml"]);
    let verdict = |claim: &str| stdout.lines().find(|line| line.starts_with(claim)).unwrap().to_owned();
    assert!(verdict("holds").contains("supported"), "{stdout}");
    assert!(verdict("fails").contains("refuted"), "{stdout}");
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--gate"]);
    assert_eq!(code, 9, "{stderr}");
    assert!(stderr.contains("claim fails is refuted: It learns.") && !stderr.contains("claim holds"), "{stderr}");
    let claims: serde_json::Value = serde_json::from_str(&place.read("runs/tiny/claims.json")).unwrap();
    assert_eq!(claims["claims"][0]["registration"], "before");
}

#[test]
fn within_github_actions_an_unmet_claim_is_an_annotation_as_well() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{}", CLAIMS.replace("It learns.", "\"It learns:\\n100%, surely.\"")));
    let arguments = ["run", "tiny.yaml", "--gate", "--quiet"];
    let (code, stdout, _) = place.run(&arguments);
    assert_eq!((code, stdout.as_str()), (9, ""), "elsewhere there is none");
    let output = place.retrial(&arguments).env("GITHUB_ACTIONS", "true").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let expected = "::error title=Claim fails is refuted and must be supported::It learns:%0A100%25, surely.\n";
    assert_eq!((output.status.code(), stdout.as_str()), (Some(9), expected));
}

#[test]
fn collected_trials_pass_the_gate_or_fail_it_like_a_run() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}"));
    place.succeed(&["run", "tiny.yaml", "--shard", "1/1", "--out", "part"]);
    place.succeed(&["collect", "part", "--out", "merged"]);
    let (code, _, stderr) = place.run(&["collect", "part", "--out", "merged", "--gate"]);
    assert_eq!(code, 9, "{stderr}");
    assert!(stderr.contains("claim fails is refuted: It learns.") && !stderr.contains("claim holds"), "{stderr}");
}

#[test]
fn a_claim_changed_after_the_results_is_marked_for_good() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}"));
    place.succeed(&["run", "tiny.yaml"]);
    let registered = place.read("runs/tiny/registration.json");
    place.succeed(&["run", "tiny.yaml"]);
    assert_eq!(place.read("runs/tiny/registration.json"), registered, "nothing changed");
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}").replace("above: 0.5", "above: 0.01"));
    place.succeed(&["run", "tiny.yaml", "--gate"]);
    let report = place.read("runs/tiny/report.md");
    let row = report.lines().find(|line| line.starts_with('|') && line.contains("It learns.")).unwrap();
    assert!(row.contains("supported") && row.contains("▲"), "{row}");
    let other = report.lines().find(|line| line.starts_with('|') && line.contains("It stays at chance.")).unwrap();
    assert!(!other.contains("▲"), "{other}");
    place.succeed(&["report", "runs/tiny"]);
    assert_eq!(place.read("runs/tiny/report.md"), report, "the report follows from the bundle alone");
}

#[test]
fn a_claim_about_a_variant_that_is_not_there_is_shown_with_its_line() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}").replace("of: dropped, above", "of: droped, above"));
    let (code, _, stderr) = place.run(&["run", "tiny.yaml"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("droped") && stderr.contains("did you mean `dropped`"), "{stderr}");
}
