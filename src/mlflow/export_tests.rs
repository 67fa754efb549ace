use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::super::records::{Entry, Measured};
use super::super::testing::{Answer, Answering, Asked};
use super::*;
use crate::provenance::Digest;

fn trial() -> RunOfTrial {
    let (key, figures) = (Digest::of_bytes(b"key"), Digest::of_bytes(b"figures"));
    let tags = [(KEY, key.to_string()), (TRIAL, "bn/1".to_owned()), (FIGURES, figures.to_string())];
    RunOfTrial {
        name: "bn/1".to_owned(),
        key,
        figures,
        started: 1,
        ended: 2,
        status: Status::Finished,
        params: vec![Entry::new("variant", "bn")],
        tags: tags.map(|(key, value)| Entry::new(key, value)).to_vec(),
        metrics: vec![Measured { key: "loss".to_owned(), value: 0.5, timestamp: 2, step: 1 }],
    }
}

/// A store of runs that answers every search with all it has, and breaks at the call that is named.
fn store(runs: Vec<Value>, breaks_at: &'static str) -> Answering {
    let runs = Arc::new(Mutex::new(runs));
    Answering::with(move |asked: &Asked| {
        let call = asked.line.rsplit("/mlflow/").next().unwrap();
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let mut runs = runs.lock().unwrap();
        let find = |runs: &mut Vec<Value>| runs.iter().position(|run| run["info"]["run_id"] == body["run_id"]).unwrap();
        match call {
            call if call == breaks_at => {
                return Answer::new("500 Internal Server Error", "text/plain", "full".to_owned());
            }
            "runs/search" => return Answer::json(json!({ "runs": *runs }).to_string()),
            "runs/create" => {
                let id = format!("run-{}", runs.len());
                let run = json!({ "info": { "run_id": id, "status": "RUNNING" }, "data": { "tags": body["tags"] } });
                runs.push(run.clone());
                return Answer::json(json!({ "run": run }).to_string());
            }
            "runs/update" => {
                let at = find(&mut runs);
                runs[at]["info"]["status"] = body["status"].clone();
            }
            "runs/delete" => {
                let at = find(&mut runs);
                runs[at]["info"]["lifecycle_stage"] = "deleted".into();
            }
            _ => {}
        }
        Answer::json("{}")
    })
}

fn calls(answering: &Answering) -> Vec<String> {
    answering.asked().iter().map(|asked| asked.line.rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn a_trial_is_written_once() {
    let answering = store(Vec::new(), "");
    let server = answering.server();
    assert_eq!(server.send("1", &trial()).unwrap(), Sent::Written);
    assert_eq!(calls(&answering), ["search", "create", "log-batch", "log-batch", "update"]);
    assert_eq!(server.send("1", &trial()).unwrap(), Sent::There);
    assert_eq!(calls(&answering).len(), 6);
    let filter: Value = serde_json::from_str(&answering.asked()[0].body).unwrap();
    let expected = format!("tags.`retrial.key` = '{}' and tags.`retrial.trial` = 'bn/1'", trial().key);
    assert_eq!(filter["filter"], expected);
    let other = RunOfTrial { figures: Digest::of_bytes(b"other"), ..trial() };
    assert_eq!(server.send("1", &other).unwrap(), Sent::Differs);
}

#[test]
fn what_was_half_written_is_made_anew() {
    let half = json!({ "info": { "run_id": "half", "status": "RUNNING" }, "data": { "tags": trial().tags } });
    let answering = store(vec![half], "");
    let server = answering.server();
    assert_eq!(server.send("1", &trial()).unwrap(), Sent::Completed);
    assert_eq!(calls(&answering), ["search", "delete", "create", "log-batch", "log-batch", "update"]);
    assert!(answering.asked()[1].body.contains(r#""run_id":"half""#));
    assert_eq!(server.send("1", &trial()).unwrap(), Sent::There);
}

#[test]
fn a_run_of_somebody_else_is_not_touched_whatever_the_server_finds() {
    let theirs = json!({ "info": { "run_id": "theirs", "status": "RUNNING" }, "data": {} });
    let answering = store(vec![theirs], "");
    assert_eq!(answering.server().send("1", &trial()).unwrap(), Sent::Written);
    assert!(!calls(&answering).contains(&"delete".to_owned()));
}

#[test]
fn a_run_that_could_not_be_written_to_its_end_is_left_running() {
    let answering = store(Vec::new(), "runs/log-batch");
    let said = answering.server().send("1", &trial()).unwrap_err().to_string();
    assert!(said.contains("fails at `runs/log-batch` with 500 Internal Server Error: full"), "{said}");
    assert_eq!(calls(&answering), ["search", "create", "log-batch"]);
}

#[test]
fn an_experiment_is_made_unless_it_is_there_or_was_deleted() {
    let answering = Answering::with(|asked| match asked.line.starts_with("GET") {
        true => Answer::refusal("404 Not Found", "RESOURCE_DOES_NOT_EXIST", "no"),
        false => Answer::json(r#"{"experiment_id": "5"}"#),
    });
    assert_eq!(answering.server().experiment_to_write("sweep").unwrap(), ("5".to_owned(), true));
    let stage = |stage: &'static str| {
        Answering::with(move |_| {
            let experiment = json!({ "experiment_id": "4", "name": "sweep", "lifecycle_stage": stage });
            Answer::json(json!({ "experiment": experiment }).to_string())
        })
    };
    assert_eq!(stage("active").server().experiment_to_write("sweep").unwrap(), ("4".to_owned(), false));
    let said = stage("deleted").server().experiment_to_write("sweep").unwrap_err().to_string();
    assert!(said.contains("the experiment `sweep` was deleted"), "{said}");
}
