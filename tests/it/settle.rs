//! More seeds, look by look, from outside: shells stand for programs in any language.

#![cfg(unix)]

use serde_json::Value;

use crate::support::Place;

/// Figures by hand: seed by seed, `clear` is ten above its bound and hardly moves, `close` is near it and moves a lot, and
/// `hopeless` lies on it.
const TRAIN: &str = "\
case $1 in
  clear) awk -v s=$2 'BEGIN {print \"score: \" 10 + (s % 3) / 100}' ;;
  close) awk -v s=$2 'BEGIN {print \"score: \" 1 + (s % 2 == 0 ? 0.9 : -0.6)}' ;;
  hopeless) awk -v s=$2 'BEGIN {print \"score: \" (s % 2 == 0 ? 5 : -5) + (s % 4 < 2 ? 0.5 : -0.5)}' ;;
esac
";

const EXPERIMENT: &str = "\
schema: 1
title: As many seeds as it takes
trainer:
  command: [sh, train.sh, '{variant}', '{seed}']
  sources: [train.sh]
metrics:
  score: {better: higher}
seeds: 20
settle: {looks: [3, 5, 8, 13, 20]}
variants: [{id: clear}, {id: close}, {id: hopeless}]
claims:
  - {id: far, says: S., test: {metric: score, of: clear, above: 0}}
  - {id: near, says: S., test: {metric: score, of: close, above: 0}}
  - {id: on-it, says: S., test: {metric: score, of: hopeless, above: 0}}
";

fn place() -> Place {
    let place = Place::new();
    place.write("many.yaml", EXPERIMENT);
    place.write("train.sh", TRAIN);
    place
}

fn json(place: &Place, path: &str) -> Value {
    serde_json::from_str(&place.read(path)).unwrap()
}

/// (verdict, look) of each claim.
fn verdicts(place: &Place, bundle: &str) -> Vec<(String, u64)> {
    let claims = json(place, &format!("{bundle}/claims.json"));
    let of = |claim: &Value| (claim["verdict"].as_str().unwrap().to_owned(), claim["look"]["number"].as_u64().unwrap());
    claims["claims"].as_array().unwrap().iter().map(of).collect()
}

fn trials(place: &Place, variant: &str) -> usize {
    std::fs::read_dir(place.path(&format!("runs/many/trials/{variant}"))).unwrap().count()
}

fn found(verdict: &str, look: u64) -> (String, u64) {
    (verdict.to_owned(), look)
}

#[test]
fn a_run_settles_what_it_can_and_says_what_it_cannot() {
    let place = place();
    // Without being asked to go on it stops at the first look, and says what another would take.
    let first = place.succeed(&["run", "many.yaml"]);
    assert_eq!(["clear", "close", "hopeless"].map(|variant| trials(&place, variant)), [3, 3, 3]);
    let open = ["about ", "less than a second) "].map(|time| format!("near: open after 3 seeds; a look at 5 ({time}"));
    assert!(open.iter().any(|open| first.contains(open)), "{first}");
    assert_eq!(verdicts(&place, "runs/many")[0], found("supported", 1));
    let plan = place.succeed(&["plan", "many.yaml", "--settle", "--names"]);
    assert!(plan.lines().all(|trial| !trial.starts_with("clear/")) && plan.contains("close/4"), "{plan}");

    let (code, stdout, stderr) = place.run(&["run", "many.yaml", "--settle"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("Next look: "), "{stderr}");
    let verdicts = verdicts(&place, "runs/many");
    assert_eq!((&verdicts[0], verdicts[1].0.as_str()), (&found("supported", 1), "supported"));
    assert_eq!(verdicts[2].0, "inconclusive");
    assert!(stdout.contains("on-it: open after ") && stdout.contains("would hardly settle it"), "{stdout}");
    // The settled claim's variant got no more seeds, and the hopeless one not all of them.
    assert_eq!(trials(&place, "clear"), 3);
    assert!((5..20).contains(&trials(&place, "close")) && trials(&place, "hopeless") < 20);
    // Nothing is left to do, and nothing is missing.
    let (_, again, stderr) = place.run(&["run", "many.yaml", "--settle"]);
    assert!(!stderr.contains("Next look") && again.contains("would hardly settle it"), "{stderr}");
    let details = place.read("runs/many/details.md");
    assert!(details.contains("| Looks | at 3, 5, 8, 13 and 20 seeds of each variant"), "{details}");
    assert!(!place.read("runs/many/report.md").contains("missing"));
    place.succeed(&["verify", "runs/many", "--tier", "report"]);
    let registered = json(&place, "runs/many/registration.json");
    assert_eq!(registered["entries"].as_array().unwrap().len(), 1, "{registered}");
    assert_eq!(registered["entries"][0]["settle"]["rule"], "quadratic");
}

#[test]
fn slices_of_a_run_do_one_look_after_the_other_and_are_collected() {
    let place = place();
    for round in ["one", "two"] {
        for slice in ["1/2", "2/2"] {
            let out = format!("{round}-{}", &slice[..1]);
            if round == "two" {
                // Each goes on from what was collected.
                let from = place.path("whole");
                let copied = std::process::Command::new("cp").arg("-r").arg(from).arg(place.path(&out)).status();
                assert!(copied.unwrap().success());
            }
            place.succeed(&["run", "many.yaml", "--settle", "--shard", slice, "--out", &out]);
        }
        let whole = if round == "one" { "whole" } else { "further" };
        let (code, stdout, stderr) =
            place.run(&["collect", &format!("{round}-1"), &format!("{round}-2"), "--out", whole]);
        assert!(code == 0 && (stdout.clone() + &stderr).contains(" 0 missing"), "{stdout}{stderr}");
    }
    let looks = |bundle: &str| verdicts(&place, bundle).into_iter().map(|(_, look)| look).collect::<Vec<_>>();
    assert_eq!(looks("whole"), [1, 1, 1]);
    assert!(looks("further").contains(&2), "{:?}", looks("further"));
}

#[test]
fn looks_changed_after_results_are_told_and_settling_needs_looks() {
    let place = place();
    place.succeed(&["run", "many.yaml"]);
    place.write("many.yaml", EXPERIMENT.replace("[3, 5, 8, 13, 20]", "[3, 20]"));
    place.succeed(&["run", "many.yaml"]);
    let page = place.read("runs/many/report.md");
    assert!(page.contains("When the seeds are looked at was changed when results existed."), "{page}");
    place.write("many.yaml", EXPERIMENT.replace("settle: {looks: [3, 5, 8, 13, 20]}\n", ""));
    let (code, _, stderr) = place.run(&["run", "many.yaml", "--settle"]);
    assert!(code == 3 && stderr.contains("has no `settle`") && stderr.contains("looks: [3, 5, 8, 13, 20]"), "{stderr}");
}

#[test]
fn a_budget_begins_no_look_that_would_end_after_it() {
    let place = place();
    place.write("train.sh", format!("sleep 0.3\n{TRAIN}"));
    let (code, stdout, stderr) = place.run(&["run", "many.yaml", "--settle", "--budget", "100ms"]);
    assert_eq!(code, 0, "{stderr}");
    // What was called for is run in any case; further looks are named with what they take.
    assert_eq!(trials(&place, "close"), 3);
    assert!(stdout.contains("near: open after 3 seeds") && stdout.contains("too short for another look"), "{stdout}");
    let (code, _, stderr) = place.run(&["run", "many.yaml", "--settle", "--budget", "whenever"]);
    assert!(code == 2 && stderr.contains("`whenever` is no span of time"), "{stderr}");
}

#[test]
fn a_trial_that_fails_keeps_no_other_claim_from_its_looks() {
    let place = place();
    place.write("train.sh", TRAIN.replace("hopeless) awk", "hopeless) [ $2 = 2 ] && exit 1; awk"));
    let (code, stdout, stderr) = place.run(&["run", "many.yaml", "--settle"]);
    assert_eq!(code, 7, "{stdout}{stderr}");
    assert_eq!(verdicts(&place, "runs/many")[1].0, "supported", "{stdout}");
    // Nobody asked for it again in between.
    assert_eq!(stderr.matches("hopeless seed 2: FAILED").count(), 1, "{stderr}");
}

#[test]
fn results_that_were_all_replaced_are_told() {
    let place = place();
    place.succeed(&["run", "many.yaml", "--fresh"]);
    let told = "All results were replaced by new ones";
    assert!(!place.read("runs/many/report.md").contains(told));
    place.succeed(&["run", "many.yaml", "--fresh"]);
    assert!(place.read("runs/many/report.md").contains(told));
}

#[test]
fn a_settled_report_says_how_it_comes_out_again() {
    let place = place();
    place.succeed(&["run", "many.yaml", "--settle"]);
    let page = place.read("runs/many/report.md");
    let command = page.lines().find(|line| line.starts_with("retrial run experiment.yaml")).unwrap();
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let again = std::process::Command::new(env!("CARGO_BIN_EXE_retrial"))
        .args(&arguments)
        .args(["--cache", "../../elsewhere"])
        .current_dir(place.path("runs/many"))
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(verdicts(&place, "runs/again"), verdicts(&place, "runs/many"));
}
