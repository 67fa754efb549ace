use serde_json::{Value, json};

use super::super::testing::{Answer, Answering, Asked};
use super::*;

/// A run as MLflow 3 answers with it: settings are parameters, and each metric has a last value.
fn run(id: &str, status: &str, params: &[(&str, &str)], metrics: &[&str]) -> Value {
    let entry = |(key, value): &(&str, &str)| json!({ "key": key, "value": value });
    let last = |key: &&str| json!({ "key": key, "value": 1.0, "timestamp": 1, "step": 0 });
    json!({
        "info": { "run_id": id, "run_name": format!("name-{id}"), "status": status, "start_time": 1, "lifecycle_stage": "active" },
        "data": {
            "params": params.iter().map(entry).collect::<Vec<_>>(),
            "metrics": metrics.iter().map(last).collect::<Vec<_>>(),
        },
    })
}

/// A server with these runs, whose curves all have one value.
fn serving(runs: Vec<Value>) -> Answering {
    Answering::with(move |asked: &Asked| match asked.line.contains("runs/search") {
        true => Answer::json(json!({ "runs": runs }).to_string()),
        false => Answer::json(r#"{"metrics": [{"key": "x", "value": 0.5, "timestamp": 1, "step": 3}]}"#),
    })
}

fn places_of(runs: Vec<Value>, names: Names<'_>) -> Vec<(String, u64)> {
    let taken = serving(runs).server().take_over("1", names).unwrap();
    taken.trials.into_iter().map(|trial| (trial.variant, trial.seed)).collect()
}

fn said_of(runs: Vec<Value>, names: Names<'_>) -> String {
    let error = serving(runs).server().take_over("1", names).unwrap_err();
    let help = miette::Diagnostic::help(&error).map(|help| help.to_string()).unwrap_or_default();
    format!("{error} | {help}")
}

fn place(variant: &str, seed: u64) -> (String, u64) {
    (variant.to_owned(), seed)
}

#[test]
fn only_runs_that_ended_well_count_and_the_others_are_named() {
    let mut deleted = run("d", "FINISHED", &[], &["loss"]);
    deleted["info"]["lifecycle_stage"] = "deleted".into();
    let mut diverged = run("f", "FAILED", &[], &["loss"]);
    diverged["data"]["tags"] = json!([{ "key": "retrial.outcome", "value": "diverged in epoch 1 at step 7" }]);
    let others = vec![
        deleted,
        diverged,
        run("k", "KILLED", &[], &["loss"]),
        run("r", "RUNNING", &[], &[]),
        run("e", "FINISHED", &[], &[]),
    ];
    let all: Vec<Value> = others.iter().cloned().chain([run("a", "FINISHED", &[], &["loss", "acc"])]).collect();
    let taken = serving(all).server().take_over("1", Names::default()).unwrap();
    assert_eq!(taken.trials.len(), 1);
    assert_eq!(taken.trials[0].points[&3].keys().collect::<Vec<_>>(), ["acc", "loss"]);
    let why: Vec<String> = taken.left_out.iter().map(|(run, why)| format!("{run} {why}")).collect();
    let expected = [
        "name-d (d) was deleted",
        "name-e (e) has no metrics",
        "name-f (f) is FAILED, diverged",
        "name-k (k) is KILLED",
        "name-r (r) is RUNNING",
    ];
    assert_eq!(why, expected);

    let said = said_of(others, Names::default());
    assert!(said.contains("of 5 runs none has finished") && said.contains("name-k (k) is KILLED"), "{said}");
    assert!(said_of(Vec::new(), Names::default()).contains("log something to it first"));
}

#[test]
fn a_run_with_nothing_at_a_step_of_a_trial_is_named() {
    let answering = Answering::with(|asked: &Asked| match asked.line.contains("runs/search") {
        true => Answer::json(json!({ "runs": [run("a", "FINISHED", &[], &["x"])] }).to_string()),
        false => Answer::json(r#"{"metrics": [{"key": "x", "value": 0.5, "timestamp": 1, "step": -3}]}"#),
    });
    let error = answering.server().take_over("1", Names::default()).unwrap_err();
    assert_eq!(miette::Diagnostic::help(&error).unwrap().to_string(), "left out: name-a (a) has no metrics");
}

#[test]
fn settings_and_seeds_are_found_by_custom() {
    let with = |id, variant, seed| run(id, "FINISHED", &[("variant", variant), ("random_state", seed)], &["x"]);
    let places = places_of(vec![with("a", "bn", "7"), with("b", "bn", "8")], Names::default());
    assert_eq!(places, [place("bn", 7), place("bn", 8)]);
    // Not all of them have the parameters: then they count for none.
    let places = places_of(vec![with("a", "bn", "7"), run("b", "FINISHED", &[], &["x"])], Names::default());
    assert_eq!(places, [place("name-a", 1), place("name-b", 1)]);
    let places = places_of(vec![with("a", "bn", "x"), with("b", "bn", "y"), with("c", "no", "z")], Names::default());
    assert_eq!(places, [place("bn", 1), place("bn", 2), place("no", 1)]);
}

#[test]
fn settings_and_seeds_are_what_somebody_says() {
    let of = |id, model, fold| run(id, "FINISHED", &[("model", model), ("fold", fold), ("variant", "v")], &["x"]);
    let runs = vec![of("a", "tree", "1"), of("b", "tree", "2")];
    let names = Names { variant: Some("model"), seed: Some("fold") };
    assert_eq!(places_of(runs.clone(), names), [place("tree", 1), place("tree", 2)]);
    let by_name = Names { variant: Some(RUN_NAME), ..names };
    assert_eq!(places_of(runs.clone(), by_name), [place("name-a", 1), place("name-b", 2)]);

    let said = said_of(runs.clone(), Names { variant: Some("arch"), seed: None });
    assert!(said.contains("no tag `arch`; it has model, fold, variant") && said.contains("--variant NAME"), "{said}");
    let said = said_of(runs.clone(), Names { variant: None, seed: Some("model") });
    assert!(said.contains("the seed of the run name-a (a) is `tree`"), "{said}");
    let twice = vec![runs[0].clone(), of("c", "tree", "1")];
    let said = said_of(twice, names);
    assert!(said.contains("name-a (a) and name-c (c) are both of the variant `tree` with seed 1"), "{said}");
}

#[test]
fn of_several_values_at_a_step_the_last_counts() {
    let value = |step: i64, timestamp: i64, value: f64| Measured { key: "loss".to_owned(), value, timestamp, step };
    let mut curves = Curves::default();
    let history = vec![value(2, 5, 0.5), value(2, 4, 0.7), value(1, 1, 0.1), value(1, 1, 0.2), value(-1, 9, 9.0)];
    curves.add("loss", history);
    assert_eq!(curves.before_zero, 1);
    curves.add("acc", vec![value(2, 1, f64::NAN)]);
    let kept = curves.last_values();
    assert_eq!(kept.keys().collect::<Vec<_>>(), [&1, &2]);
    assert_eq!((kept[&1]["loss"], kept[&2]["loss"]), (0.2, 0.5));
    assert!(kept[&2]["acc"].is_nan());
}

#[test]
fn a_trial_ends_with_the_last_value_of_every_metric() {
    let value = |step: i64, value: f64| Measured { key: String::new(), value, timestamp: 1, step };
    let mut curves = Curves::default();
    curves.add("loss", vec![value(10, 0.3), value(5, 0.4), value(20, 0.2)]);
    curves.add("test_acc", vec![value(0, 0.9)]);
    curves.add("val_acc", vec![value(10, 0.8), value(5, 0.7)]);
    let kept = curves.last_values();
    let point = |values: &[(&str, f64)]| values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let expected: BTreeMap<u64, BTreeMap<String, f64>> = BTreeMap::from([
        (0, point(&[("test_acc", 0.9)])),
        (5, point(&[("loss", 0.4), ("val_acc", 0.7)])),
        (10, point(&[("loss", 0.3), ("val_acc", 0.8)])),
        (20, point(&[("loss", 0.2), ("test_acc", 0.9), ("val_acc", 0.8)])),
    ]);
    assert_eq!(kept, expected);
}

#[test]
fn a_hostile_run_is_only_text() {
    let id = "../x?y=\u{1b}[2J\n::error::\u{202e}";
    let answering = serving(vec![run(id, "FINISHED", &[("variant", "a' or 1=1\n")], &["m&run_id=other"])]);
    let taken = answering.server().take_over("1", Names::default()).unwrap();
    assert_eq!(taken.trials[0].variant, "a' or 1=1\n");
    let line = &answering.asked()[1].line;
    assert!(line.starts_with("GET /api/2.0/mlflow/metrics/get-history?run_id="), "{line}");
    assert!(!line.chars().any(char::is_control) && line.matches("run_id=").count() == 1, "{line}");
}
