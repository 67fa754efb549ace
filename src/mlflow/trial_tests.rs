use std::collections::BTreeMap;

use super::*;
use crate::bundle::record::{CodeVersion, CommandParts, KeyParts, TrialKey};
use crate::config::{Command, Format, MetricsFrom, Param, Params, Reported, Seed, Stream};

fn digest(text: &str) -> Digest {
    Digest::of_bytes(text.as_bytes())
}

fn variant(params: &[(&str, Param)]) -> Variant {
    let params: Params = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let metrics = MetricsFrom {
        from: Stream::Stdout,
        format: Format::Pairs,
        path: None,
        pattern: None,
        pointers: Default::default(),
        step: None,
    };
    let command = Command {
        command: vec!["train".to_owned()],
        shell: false,
        folder: None,
        sources: Vec::new(),
        data: Vec::new(),
        env: Vec::new(),
        variables: BTreeMap::new(),
        metrics,
        artifacts: Vec::new(),
        timeout: None,
        gpus: 0,
        threads: None,
        repeat: 1,
        resume: false,
    };
    Variant {
        id: "bn".parse().unwrap(),
        label: "Batch norm".to_owned(),
        description: None,
        seeds: vec![Seed(1)],
        trainer: Trainer::Command { command, params },
        reported: Reported::default(),
    }
}

fn record(outcome: Outcome) -> TrialRecord {
    let parts = KeyParts::Command(CommandParts {
        command: digest("command"),
        params: digest("params"),
        seed: Seed(1),
        sources: digest("sources"),
        data: digest("data"),
        images: None,
    });
    TrialRecord {
        schema: 2,
        variant: "bn".parse().unwrap(),
        seed: Seed(1),
        key: TrialKey { digest: digest("key"), parts },
        outcome,
        epochs: 2,
        steps: None,
        parameters: None,
        parameter_count: None,
        correct: None,
        command: None,
    }
}

fn environment() -> Environment {
    Environment {
        retrial: "0.1.0".to_owned(),
        code: CodeVersion { commit: Some("abc".to_owned()), changes: None, dependencies: None, binary: None },
        engine: "command".to_owned(),
        engine_details: BTreeMap::new(),
        os: "os".to_owned(),
        cpu: "cpu".to_owned(),
        cpu_features: Vec::new(),
        cores: 2,
        jobs: 1,
        threads_per_job: 1,
        memory_bytes: 1,
        rustc: "rustc".to_owned(),
        reproducibility: None,
        started: "2026-01-02T03:04:05.5Z".to_owned(),
        elapsed_seconds: 1.25,
        peak_memory_bytes: None,
    }
}

fn run_of(variant: &Variant, outcome: Outcome, environment: &Environment) -> RunOfTrial {
    let metrics = [
        Point::of_epoch(1, [("loss", 0.5), ("acc", f64::NAN)]),
        Point::of_epoch(2, [("loss", 0.25), ("wall_time", 9.0)]),
    ];
    let record = record(outcome);
    let finished = Finished { variant, record: &record, metrics: &metrics, environment: Some(environment) };
    RunOfTrial::of(&finished, &Origin { manifest: None, experiment: digest("experiment") }).unwrap()
}

fn value<'a>(entries: &'a [Entry], key: &str) -> Option<&'a str> {
    entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
}

#[test]
fn a_trial_is_a_run_with_its_settings_curves_and_what_it_rests_on() {
    let run = run_of(
        &variant(&[("rate", Param::Number(0.1)), ("deep", Param::Truth(true))]),
        Outcome::Completed,
        &environment(),
    );
    let params: Vec<String> = run.params.iter().map(|entry| format!("{}={}", entry.key, entry.value)).collect();
    assert_eq!(params, ["variant=bn", "seed=1", "params.rate=0.1", "params.deep=true"]);
    let metrics: Vec<String> =
        run.metrics.iter().map(|measured| format!("{}@{}={}", measured.key, measured.step, measured.value)).collect();
    assert_eq!(metrics, ["loss@1=0.5", "acc@1=NaN", "loss@2=0.25", "wall_time@2=9"]);
    // date -u -d 2026-01-02T03:04:05.5Z +%s%3N
    assert_eq!((run.started, run.ended, run.status), (1_767_323_045_500, 1_767_323_046_750, Status::Finished));
    for (key, expected) in [
        ("mlflow.runName", "bn/1"),
        (KEY, &digest("key").to_string()),
        (TRIAL, "bn/1"),
        (OUTCOME, "completed"),
        (AXIS, "epoch"),
        ("retrial.verified", "nothing"),
        ("retrial.reproducibility", "run once"),
        ("mlflow.source.git.commit", "abc"),
    ] {
        assert_eq!(value(&run.tags, key), Some(expected), "{key}");
    }
    assert_eq!(value(&run.tags, "retrial.bundle"), None);
}

#[test]
fn a_trial_that_diverged_has_failed() {
    let run = run_of(&variant(&[]), Outcome::Diverged { epoch: 2, step: 7 }, &environment());
    assert_eq!(run.status, Status::Failed);
    assert_eq!(value(&run.tags, OUTCOME), Some("diverged in epoch 2 at step 7"));
}

#[test]
fn times_that_nothing_can_have_are_brought_to_an_end() {
    let strange = Environment { started: "soon".to_owned(), elapsed_seconds: 1e300, ..environment() };
    let run = run_of(&variant(&[]), Outcome::Completed, &strange);
    assert!(run.started > 1_700_000_000_000 && run.ended == 253_402_300_799_999, "{} {}", run.started, run.ended);
}

/// `validate_param_and_metric_name` and `path_not_unique` of MLflow 3.17.2 take each of these as it is.
#[test]
fn names_and_values_are_such_as_the_server_takes() {
    for (name, usable) in [
        ("val/acc-1.x_y z", "val/acc-1.x_y z"),
        ("a//b", "a__b"),
        ("a/./b/", "a_._b_"),
        ("a/../b", "a_.._b"),
        ("/a", "_a"),
        ("ä\n:'", "____"),
    ] {
        assert_eq!(usable_name(name), usable);
    }
    assert_eq!(usable_name(&"x".repeat(999)).len(), 250);
    let run = run_of(&variant(&[("text", Param::Text("é".repeat(999)))]), Outcome::Completed, &environment());
    assert_eq!(value(&run.params, "params.text").map(|text| text.chars().count()), Some(500));
}
