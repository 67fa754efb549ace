//! Two bundles, compared.

use crate::support::Place;

#[test]
fn bundles_of_the_same_run_do_not_differ_and_those_of_another_say_in_what() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one"]);
    place.succeed(&["run", "tiny.yaml", "--out", "again"]);
    place.succeed(&["run", "tiny.yaml", "--out", "shorter", "--set", "train.epochs=1"]);

    let stdout = place.succeed(&["diff", "one", "again"]);
    assert!(
        stdout.contains("Trials (4 finished on both sides, 4 of them the same to the last bit): the same"),
        "{stdout}"
    );
    assert!(stdout.contains("Experiment: the same") && stdout.contains("Figures: the same"), "{stdout}");

    let (_, stdout, _) = place.run(&["diff", "one", "shorter"]);
    assert!(stdout.contains("variants.bn.train.epochs: 2 → 1"), "{stdout}");
    assert!(stdout.contains("bn/1: completed; another recipe"), "{stdout}");
    assert!(!stdout.contains("NOT REPRODUCED"), "{stdout}");
}

#[test]
fn another_result_with_the_same_key_is_told_apart_from_a_changed_experiment() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one"]);
    place.succeed(&["run", "tiny.yaml", "--out", "other"]);
    place.alter_second_loss("other/trials/bn/seed-2/fingerprints.jsonl");
    let (code, stdout, stderr) = place.run(&["diff", "one", "other", "--json"]);
    assert_eq!(code, 10, "{stderr}");
    let difference: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let trial = &difference["trials"]["differing"][0];
    assert_eq!((&trial["variant"], &trial["seed"]), (&"bn".into(), &2.into()));
    assert_eq!((&trial["parts_at"]["step"], &trial["parts_at"]["what"]), (&1.into(), &"loss".into()));
    let (code, stdout, _) = place.run(&["diff", "one", "other"]);
    assert_eq!(code, 10);
    assert!(stdout.contains("NOT REPRODUCED, under the same conditions another result: bn/2"), "{stdout}");
}

#[test]
fn what_is_no_bundle_is_refused() {
    let place = Place::with_tiny();
    let (code, _, stderr) = place.run(&["diff", "nothing", "here"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("nothing"), "{stderr}");
}

#[test]
fn what_a_bundle_says_cannot_steer_the_terminal() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "one", "--set", "variants=[bn]", "--set", "seeds=[1]"]);
    place.succeed(&["run", "tiny.yaml", "--out", "theirs", "--set", "variants=[bn]", "--set", "seeds=[1]"]);
    // Escape sequences as JSON and YAML spell them, a control sequence of one character, and a direction override.
    let hostile = "\\u001b[2J\u{9b}31m\u{202e}evil";
    for (file, key) in [("environment.json", "\"os\": \""), ("dataset.json", "\"description\": \"")] {
        let path = format!("theirs/{file}");
        let text = place.read(&path);
        assert!(text.contains(key), "{file}");
        place.write(&path, text.replacen(key, &format!("{key}{hostile}"), 1));
    }
    let experiment = place.read("theirs/experiment.yaml");
    let title = "title: \"\\e[2J\\e]0;evil\\a\"";
    place.write("theirs/experiment.yaml", experiment.replacen("title: A tiny experiment", title, 1));
    let (_, stdout, stderr) = place.run(&["diff", "one", "theirs"]);
    assert!(stdout.contains("[2J31mevil") && stdout.contains("[2J]0;evil"), "{stdout}{stderr}");
    let is_steering = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!stdout.contains(is_steering), "{stdout:?}");
}
