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
    let claims: serde_json::Value = serde_json::from_str(&place.read("reports/tiny/claims.json")).unwrap();
    assert_eq!(claims["claims"][0]["registration"], "before");
}

#[test]
fn a_claim_changed_after_the_results_is_marked_for_good() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}"));
    place.succeed(&["run", "tiny.yaml"]);
    let registered = place.read("reports/tiny/registration.json");
    place.succeed(&["run", "tiny.yaml"]);
    assert_eq!(place.read("reports/tiny/registration.json"), registered, "nothing changed");
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}").replace("above: 0.5", "above: 0.01"));
    place.succeed(&["run", "tiny.yaml", "--gate"]);
    let report = place.read("reports/tiny/report.md");
    let row = report.lines().find(|line| line.starts_with('|') && line.contains("It learns.")).unwrap();
    assert!(row.contains("supported") && row.contains("▲"), "{row}");
    let other = report.lines().find(|line| line.starts_with('|') && line.contains("It stays at chance.")).unwrap();
    assert!(!other.contains("▲"), "{other}");
    place.succeed(&["report", "reports/tiny"]);
    assert_eq!(place.read("reports/tiny/report.md"), report, "the report follows from the bundle alone");
}

#[test]
fn a_claim_about_a_variant_that_is_not_there_is_shown_with_its_line() {
    let place = Place::new();
    place.write("tiny.yaml", format!("{TINY}{CLAIMS}").replace("of: dropped, above", "of: droped, above"));
    let (code, _, stderr) = place.run(&["run", "tiny.yaml"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("droped") && stderr.contains("did you mean `dropped`"), "{stderr}");
}
