//! `retrial import URL` and `retrial export mlflow`, before a server that answers as MLflow 3.17.2 does;
//! `scripts/test-mlflow.sh` has a real one.

use serde_json::{Value, json};

use crate::answering::{Answer, Answering, Asked};
use crate::support::{Place, files_below};

/// A server with one experiment, `sweep`, and these runs; curves have the values that `curve` gives.
pub fn serving(runs: Vec<Value>, curve: Value) -> Answering {
    Answering::with(move |asked: &Asked| {
        let line = &asked.line;
        if line.contains("experiment_name=sweep") {
            let experiment = json!({ "experiment_id": "7", "name": "sweep", "lifecycle_stage": "active" });
            Answer::json(json!({ "experiment": experiment }).to_string())
        } else if line.contains("experiment_name=") {
            Answer::refusal("404 Not Found", "RESOURCE_DOES_NOT_EXIST", "Could not find experiment")
        } else if line.contains("experiments/search") {
            Answer::json(
                r#"{"experiments": [{"experiment_id": "7", "name": "sweep"}, {"experiment_id": "0", "name": "Default"}]}"#,
            )
        } else if line.contains("runs/search") {
            Answer::json(json!({ "runs": runs }).to_string())
        } else if line.contains("get-history") {
            Answer::json(json!({ "metrics": curve }).to_string())
        } else if line.contains("runs/create") {
            Answer::json(r#"{"run": {"info": {"run_id": "new", "status": "RUNNING"}}}"#)
        } else {
            Answer::json("{}")
        }
    })
}

pub fn run(name: &str, status: &str, variant: &str, seed: u64, metric: &str) -> Value {
    json!({
        "info": { "run_id": format!("id-{name}"), "run_name": name, "status": status, "start_time": seed },
        "data": {
            "params": [{ "key": "variant", "value": variant }, { "key": "seed", "value": seed.to_string() }],
            "metrics": [{ "key": metric, "value": 1.0, "timestamp": 1, "step": 1 }],
        },
    })
}

fn curve() -> Value {
    json!([
        { "key": "acc", "value": 0.5, "timestamp": 1, "step": 1 },
        { "key": "acc", "value": "NaN", "timestamp": 1, "step": 2 },
        { "key": "acc", "value": 1e-7, "timestamp": 1, "step": 3 },
    ])
}

#[test]
fn finished_runs_of_a_server_become_an_experiment_to_put_claims_to() {
    let place = Place::new();
    let runs = vec![
        run("one", "FINISHED", "ResNet_50", 1, "val acc"),
        run("two", "FINISHED", "ResNet_50", 2, "val acc"),
        run("three", "FINISHED", "VGG/16", 1, "val acc"),
        run("four", "KILLED", "VGG/16", 2, "val acc"),
    ];
    let answering = serving(runs, curve());
    let said = place.succeed(&["import", &answering.address, "--experiment", "sweep", "--out", "taken"]);
    assert!(said.contains("3 trials of 2 variants, with 1 metric"), "{said}");
    assert!(said.contains("Left out, 1 of 4 runs:\n  four (id-four) is KILLED"), "{said}");
    let trial = |place: &str| format!("{place},1,0.5\n{place},2,NaN\n{place},3,1e-7\n");
    let table: String = ["resnet_50,1", "vgg-16,1", "resnet_50,2"].map(trial).concat();
    assert_eq!(place.read("taken/results.csv"), format!("variant,seed,step,val_acc\n{table}"));
    let expected = format!(
        "# What the MLflow experiment sweep says, as trials that nobody ran here. Say below what the metrics are and what is claimed.\n\
         # Taken over by `retrial import` from {}, experiment sweep (id 7).\n",
        answering.address
    );
    let experiment = place.read("taken/article.yaml");
    assert!(experiment.starts_with(&expected), "{experiment}");
    assert!(experiment.contains("\"val_acc\": { label: \"val acc\" }"), "{experiment}");
    place.succeed(&["run", "taken/article.yaml", "--out", "bundle"]);
    let metrics = place.read("bundle/trials/vgg-16/seed-1/metrics.jsonl");
    assert_eq!(metrics, "{\"step\":1,\"val_acc\":0.5}\n{\"step\":2,\"val_acc\":null}\n{\"step\":3,\"val_acc\":1e-7}\n");
    // What is there is left as it is, and the server not asked for all it has.
    let asked = answering.asked().len();
    let said = place.end_with(3, &["import", &answering.address, "--experiment", "sweep", "--out", "taken"]);
    assert!(said.contains("is left as it is") && answering.asked().len() == asked, "{said}");
}

#[test]
fn what_cannot_be_taken_over_says_why_and_what_to_do() {
    let place = Place::new();
    let answering = serving(vec![run("one", "FAILED", "a", 1, "acc")], curve());
    let import = |code, arguments: &[&str]| place.end_with(code, &[&["import"], arguments].concat());
    let url = answering.address.as_str();
    let said = import(2, &[url]);
    assert!(said.contains("`Default`, `sweep`") && said.contains("--experiment NAME"), "{said}");
    let said = import(4, &[url, "--experiment", "swep"]);
    assert!(said.contains("no experiment `swep`; there are `Default`, `sweep`"), "{said}");
    let said = import(4, &[url, "--experiment", "sweep"]);
    assert!(
        said.contains("experiment `sweep`: of 1 run none has finished") && said.contains("one (id-one) is FAILED"),
        "{said}"
    );
    place.write("sweep.csv", "variant,seed,acc\na,1,0.5\n");
    let said = import(2, &["sweep.csv", "--experiment", "sweep"]);
    assert!(said.contains("sweep.csv is a table"), "{said}");
    let said = import(2, &["http://me:s3cret@/", "--experiment", "sweep"]);
    assert!(said.contains("names no host") && !said.contains("s3cret"), "{said}");
    let said = import(13, &["http://127.0.0.1:9", "--experiment", "sweep"]);
    assert!(said.contains("http://127.0.0.1:9: it cannot be reached"), "{said}");
    assert!(files_below(&place.path("")) == ["sweep.csv"], "something was written");
}

#[test]
fn credentials_are_sent_and_written_nowhere() {
    let place = Place::new();
    let answering = serving(vec![run("one", "FINISHED", "a", 1, "acc")], curve());
    let named = answering.address.replace("http://", "http://me:s3cret@");
    for (url, variable, header) in [
        // echo -n 'me:s3cret' | base64
        (&named, "MLFLOW_TRACKING_URI", "Basic bWU6czNjcmV0"),
        (&answering.address, "MLFLOW_TRACKING_TOKEN", "Bearer s3cret"),
    ] {
        let mut command = place.retrial(&["import", url, "--experiment", "sweep", "--out", variable]);
        let output = command.env(variable, "s3cret").output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success() && !said.contains("s3cret"), "{said}");
        assert_eq!(answering.asked().last().unwrap().header("authorization"), Some(header));
    }
    for file in files_below(&place.path("")) {
        assert!(!place.read(&file).contains("s3cret"), "{file}");
    }
}

#[test]
fn a_bundle_is_exported_as_its_manifest_has_it_and_nothing_of_it_runs() {
    let place = Place::new();
    place.write(
        "any.yaml",
        "schema: 1\ntitle: Any\ntrainer: {command: [sh, -c, 'echo x >> \"$HOME/ran\"; echo score: 0.5']}\n\
         metrics: {score: {better: higher}}\nseeds: [1]\nvariants: [{id: a, params: {rate: 0.1}}]\n",
    );
    let home = place.path("").display().to_string();
    assert!(place.retrial(&["run", "any.yaml"]).env("HOME", &home).output().unwrap().status.success());
    let ran = place.read("ran");
    let answering = serving(Vec::new(), json!([]));
    let export = ["export", "mlflow", "runs/any", "--to", &answering.address, "--experiment", "sweep"];
    let output = place.retrial(&export).env("HOME", &home).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("experiment sweep (id 7)\n1 trial exported"), "{said}");
    assert_eq!(place.read("ran"), ran, "its command ran");
    let asked = answering.asked();
    let calls: Vec<&str> = asked.iter().map(|asked| asked.line.split('?').next().unwrap()).collect();
    let of = |call: &str| format!("POST /api/2.0/mlflow/runs/{call}");
    assert_eq!(calls[0], "GET /api/2.0/mlflow/experiments/get-by-name");
    assert_eq!(calls[1..], ["search", "create", "log-batch", "log-batch", "update"].map(of));
    let body = |number: usize| serde_json::from_str::<Value>(&asked[number].body).unwrap();
    let params = json!([
        { "key": "variant", "value": "a" }, { "key": "seed", "value": "1" }, { "key": "params.rate", "value": "0.1" },
    ]);
    assert_eq!(body(3)["params"], params);
    assert_eq!((&body(4)["metrics"][0]["key"], &body(4)["metrics"][0]["value"]), (&json!("score"), &json!(0.5)));
    assert_eq!(body(5)["status"], "FINISHED");

    place.write("runs/any/trials/a/seed-1/metrics.jsonl", "{\"step\":1,\"score\":0.9}\n");
    let said = place.end_with(6, &export);
    assert!(said.contains("trials/a/seed-1/metrics.jsonl in runs/any is not what the manifest says"), "{said}");
    assert_eq!(answering.asked().len(), asked.len(), "it was exported all the same");
    place.end_with(2, &["export", "mlflow", "runs/any", "--to", "sqlite:///mlflow.db"]);
    place.end_with(6, &["export", "mlflow", "elsewhere", "--to", "http://127.0.0.1:9"]);
}
