use std::io::Write as _;
use std::time::Duration;

use serde::de::IgnoredAny;

use super::super::testing::{Answer, Answering};
use super::*;

const CALL: &str = "runs/search";

/// What is said of an answer to a call.
fn said_of(answer: impl Fn() -> Answer + Send + 'static) -> String {
    explained(&Answering::with(move |_| answer()).server())
}

fn explained(server: &Server) -> String {
    let error = server.get::<IgnoredAny>(CALL, &[]).unwrap_err();
    let help = miette::Diagnostic::help(&error).map(|help| help.to_string()).unwrap_or_default();
    format!("{error} | {help}")
}

#[test]
fn credentials_go_to_the_server_that_was_named_and_nowhere_else() {
    let answering = Answering::with(|_| Answer::json("{}"));
    let address: Address = answering.address.parse().unwrap();
    let server = Server::new(&address, Some("Bearer abc".to_owned()), PATIENCE, LARGEST_ANSWER);
    server.get::<IgnoredAny>(CALL, &[("a", "b c&d=\u{e9}")]).unwrap();
    server.post::<IgnoredAny>(CALL, &serde_json::json!({ "a": 1 })).unwrap();
    let asked = answering.asked();
    assert_eq!(asked[0].line, "GET /api/2.0/mlflow/runs/search?a=b%20c%26d%3D%C3%A9");
    assert_eq!((asked[1].line.as_str(), asked[1].body.as_str()), ("POST /api/2.0/mlflow/runs/search", r#"{"a":1}"#));
    assert!(asked.iter().all(|asked| asked.header("authorization") == Some("Bearer abc")), "{asked:?}");

    let moved = Answering::with(|_| Answer::new("302 Found", "text/html", String::new()));
    let said = explained(&moved.server());
    assert!(said.contains("sends `runs/search` on to https://elsewhere.example/login"), "{said}");
    assert_eq!(moved.asked().len(), 1);
}

#[test]
fn a_server_that_is_not_there_is_told_of() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address: Address = format!("http://me:s3cret@127.0.0.1:{port}").parse().unwrap();
    let said = explained(&Server::at(&address));
    assert!(said.contains("cannot be reached") && said.contains("check the address"), "{said}");
    assert!(said.starts_with(&format!("http://127.0.0.1:{port}: ")) && !said.contains("s3cret"), "{said}");
}

#[test]
fn what_the_server_says_of_an_error_is_passed_on() {
    let said = said_of(|| Answer::refusal("400 Bad Request", "INVALID_PARAMETER_VALUE", "no such thing"));
    assert!(said.contains("refuses `runs/search` with INVALID_PARAMETER_VALUE: no such thing"), "{said}");
    let said = said_of(|| Answer::new("401 Unauthorized", "text/plain", "You are not authenticated.".to_owned()));
    assert!(said.contains("401 Unauthorized: You are not") && said.contains("MLFLOW_TRACKING_TOKEN"), "{said}");
    let said = said_of(|| Answer::refusal("403 Forbidden", "PERMISSION_DENIED", "Permission denied"));
    assert!(said.contains("403 Forbidden: Permission denied"), "{said}");
    let said = said_of(|| Answer::new("500 Internal Server Error", "text/html", "x".repeat(9999)));
    assert!(said.contains("500 Internal Server Error") && said.len() < 800, "{said}");
}

#[test]
fn another_kind_of_server_is_recognised() {
    let said = said_of(|| Answer::new("200 OK", "text/html; charset=utf-8", "<!doctype html>".to_owned()));
    assert!(said.contains("no MLflow server: to `runs/search` it answers with text/html"), "{said}");
    assert!(said.contains("MLFLOW_TRACKING_URI"), "{said}");
    let said = said_of(|| Answer::new("404 Not Found", "application/json", r#"{"detail": "Not Found"}"#.to_owned()));
    assert!(said.contains("it answers with 404 Not Found"), "{said}");
}

#[test]
fn an_answer_is_waited_for_and_read_within_limits() {
    let large = Answering::with(|_| Answer::json(format!("\"{}\"", "x".repeat(2000))));
    let said = explained(&large.server_within(PATIENCE, 2001));
    assert!(said.contains("larger than the limit of 2001 bytes"), "{said}");
    assert!(large.server_within(PATIENCE, 2002).get::<IgnoredAny>(CALL, &[]).is_ok());

    let slow = Answering::serving(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")?;
        loop {
            std::thread::sleep(Duration::from_millis(50));
            out.write_all(b" ")?;
        }
    });
    let said = explained(&slow.server_within(Duration::from_secs(1), 1000));
    assert!(said.contains("did not answer `runs/search` within the limit of 1 seconds"), "{said}");

    let broken = Answering::serving(|_, out| write!(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{{"));
    let said = explained(&broken.server());
    assert!(said.contains("the connection broke"), "{said}");
}
