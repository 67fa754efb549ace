use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::testing::{Answer, Answering, Asked};
use super::*;

fn run(id: &str, start: u64) -> String {
    format!(r#"{{"info": {{"run_id": "{id}", "status": "FINISHED", "start_time": {start}}}, "data": {{}}}}"#)
}

#[test]
fn runs_come_page_by_page_in_the_order_of_their_start() {
    let answering = Answering::with(|asked| match asked.body.contains("page_token") {
        false => Answer::json(format!(r#"{{"runs": [{}, {}], "next_page_token": "n1"}}"#, run("b", 2), run("c", 2))),
        true => Answer::json(format!(r#"{{"runs": [{}], "next_page_token": ""}}"#, run("a", 1))),
    });
    let runs = answering.server().runs("7", "").unwrap();
    let ids: Vec<&str> = runs.iter().map(|run| run.info.run_id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let bodies: Vec<Value> = answering.asked().iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect();
    assert_eq!(bodies[0]["experiment_ids"], json!(["7"]));
    assert_eq!(bodies[0]["run_view_type"], "ALL");
    assert_eq!((&bodies[0]["page_token"], &bodies[1]["page_token"]), (&Value::Null, &json!("n1")));
}

#[test]
fn a_curve_comes_page_by_page() {
    let answering = Answering::with(|asked| {
        let value = |step: u32| format!(r#"{{"key": "loss", "value": 0.5, "timestamp": 1, "step": {step}}}"#);
        match asked.line.contains("page_token=bjE%3D") {
            false => Answer::json(format!(r#"{{"metrics": [{}], "next_page_token": "bjE="}}"#, value(1))),
            true => Answer::json(format!(r#"{{"metrics": [{}]}}"#, value(2))),
        }
    });
    let steps: Vec<i64> =
        answering.server().history("a1", "val loss").unwrap().iter().map(|value| value.step).collect();
    assert_eq!(steps, [1, 2]);
    assert!(answering.asked()[0].line.contains("run_id=a1&metric_key=val%20loss&"), "{:?}", answering.asked()[0]);
}

#[test]
fn pages_that_do_not_end_are_not_read_for_ever() {
    let itself = Answering::with(|_| Answer::json(r#"{"runs": [], "next_page_token": "same"}"#));
    let said = itself.server().runs("7", "").unwrap_err().to_string();
    assert!(said.contains("a page follows itself"), "{said}");

    let count = AtomicUsize::new(0);
    let many: String = vec![run("a", 1); 20_000].join(",");
    let ever = Answering::with(move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Answer::json(format!(r#"{{"runs": [{many}], "next_page_token": "n{number}"}}"#))
    });
    let server = ever.server_within(std::time::Duration::from_secs(20), 1 << 30);
    let said = server.runs("7", "").unwrap_err().to_string();
    assert!(said.contains("more than 100000 runs"), "{said}");
    assert_eq!(ever.asked().len(), 6);
}

#[test]
fn an_experiment_that_is_not_there_is_no_error() {
    let answering = Answering::with(|_| Answer::refusal("404 Not Found", "RESOURCE_DOES_NOT_EXIST", "no"));
    assert_eq!(answering.server().experiment("sweep").unwrap(), None);
    let other = Answering::with(|_| Answer::new("404 Not Found", "text/html", "<html>".to_owned()));
    assert!(other.server().experiment("sweep").is_err());
    let broken = Answering::with(|_| Answer::json(r#"{"experiment": {"name": "sweep"}}"#));
    let said = broken.server().experiment("sweep").unwrap_err().to_string();
    assert!(said.contains("is not what MLflow's is: missing field `experiment_id`"), "{said}");
}

#[test]
fn no_call_logs_more_than_the_server_takes() {
    let answering = Answering::with(|_| Answer::json("{}"));
    let params: Vec<Entry> = (0..101).map(|number| Entry::new(format!("p{number}"), "v")).collect();
    let metrics: Vec<Measured> =
        (0..2001).map(|step| Measured { key: "loss".to_owned(), value: f64::NAN, timestamp: 1, step }).collect();
    answering.server().log("a1", &params, &metrics).unwrap();
    let count = |asked: &Asked| {
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        ["params", "metrics"].map(|name| body[name].as_array().map_or(0, Vec::len))
    };
    let counts: Vec<[usize; 2]> = answering.asked().iter().map(count).collect();
    assert_eq!(counts, [[100, 0], [1, 0], [0, 1000], [0, 1000], [0, 1]]);
    assert!(answering.asked()[2].body.starts_with(r#"{"run_id":"a1","metrics":[{"key":"loss","value":"NaN","#));
}
