//! `retrial run --json`: standard error is nothing but events, one JSON object a line, as docs/events.md describes them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Place, TINY};

/// Every line of a text as an event.
fn events(stderr: &str) -> Vec<Value> {
    stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn count(events: &[Value], name: &str) -> usize {
    events.iter().filter(|event| event["event"] == name).count()
}

/// The events of docs/events.md and the fields it lists for each, from the rows of its table.
fn documented() -> Vec<(String, BTreeSet<String>)> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/events.md")).unwrap();
    let cells = |row: &str| row.split('|').map(str::trim).map(str::to_owned).collect::<Vec<_>>();
    let codes = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|row| (codes(&row[1])[0].clone(), codes(&row[2]).into_iter().collect())).collect()
}

#[test]
fn a_run_tells_what_happens_in_documented_events_and_nothing_else() {
    let place = Place::new();
    let claims = "claims: [{id: c, says: \"It learns.\", must: supported, \
                  test: {metric: val_accuracy, of: dropped, above: 0.5}}]\n";
    place.write("tiny.yaml", format!("{TINY}{claims}"));
    let (code, stdout, stderr) = place.run(&["run", "tiny.yaml", "--json", "--gate"]);
    assert_eq!(code, 9, "{stderr}");
    assert!(stdout.contains("Report: "), "{stdout}");
    let events = events(&stderr);
    let documented = documented();
    for event in &events {
        let name = event["event"].as_str().unwrap();
        let (_, fields) = documented.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}"));
        for field in event.as_object().unwrap().keys().filter(|key| *key != "event") {
            assert!(fields.contains(field), "`{field}` of `{name}` is not in docs/events.md");
        }
    }
    assert_eq!(events[0]["event"], "planned", "{stderr}");
    // Two variants, two seeds, two epochs, 80 training images: the experiment's own figures.
    assert_eq!((&events[0]["due"], &events[0]["due_training_images"]), (&4.into(), &(4 * 2 * 80).into()));
    let counts = ["trial_started", "epoch", "trial_finished", "self_test", "ended", "claim_not_met", "error"];
    assert_eq!(counts.map(|name| count(&events, name)), [4, 8, 4, 1, 1, 1, 0], "{stderr}");
    let last = events.iter().rfind(|event| event["event"] == "progress").unwrap();
    assert_eq!((&last["training_images"], &last["of"]), (&640.into(), &640.into()));
    let unmet = events.last().unwrap();
    assert_eq!(
        (&unmet["claim"], &unmet["verdict"], &unmet["must"]),
        (&"c".into(), &"refuted".into(), &"supported".into())
    );
}

#[test]
fn a_run_that_cannot_be_done_says_so_in_an_event_with_its_exit_code() {
    let place = Place::with_tiny();
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--json", "--set", "train.epcohs=2"]);
    assert_eq!(code, 3, "{stderr}");
    let events = events(&stderr);
    assert_eq!(events.len(), 1, "{stderr}");
    assert_eq!((&events[0]["event"], &events[0]["exit"]), (&"error".into(), &3.into()));
    assert!(events[0]["message"].as_str().unwrap().contains("epcohs"), "{stderr}");
}

#[test]
#[cfg(unix)]
fn a_run_that_is_stopped_says_so_in_events() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};
    let place = Place::new();
    place.write("tiny.yaml", TINY.replace("epochs: 2", "epochs: 400"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_retrial"))
        .current_dir(place.path(""))
        .args(["run", "tiny.yaml", "--json", "--only", "bn/1"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("\"epoch\"") {
        assert!(reader.read_line(&mut text).unwrap() > 0, "it ended before its first epoch: {text}");
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(8), "{text}");
    let events = events(&text);
    let counts = ["stopping", "trial_stopped", "trial_finished", "ended"].map(|name| count(&events, name));
    assert_eq!(counts, [1, 1, 0, 1], "{text}");
}
