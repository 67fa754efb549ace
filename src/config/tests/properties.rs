//! Whatever the text: an experiment or an error, never a panic, and quickly.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{MINIMAL, configs, refuse, render};
use crate::config::{Override, load_str};

/// Loads and, on an error, renders it: spans outside the text would show here.
fn survive(text: &str, overrides: &[Override]) {
    if let Err(error) = load_str("x.yaml", text, Path::new(""), overrides) {
        assert!(!render(&error).is_empty());
    }
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(configs().join(name)).unwrap()
}

/// One change to a valid file: characters from `start` on (both in 1/10,000 of the length) give way to `with`.
fn mutate(text: &str, start: usize, length: usize, with: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = characters.len() * start / 10_000;
    let end = (start + length).min(characters.len());
    characters[..start].iter().copied().chain(with.chars()).chain(characters[end..].iter().copied()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        survive(&text, &[]);
    }

    #[test]
    fn text_of_yaml_punctuation_never_panics(text in r#"([a-z1\[\]{}:,&*!|>'"%@?# \t\r\n-]|\n  |: |- |é|---|<<: ){0,60}"#) {
        survive(&text, &[]);
        survive(&format!("{MINIMAL}{text}"), &[]);
    }

    #[test]
    fn a_damaged_file_never_panics(
        start in 0usize..10_000, length in 0usize..40, with in r##"([a-z0-9\[\]{}:,&*!|'"# \n-]|: |- |é){0,6}"##
    ) {
        survive(&mutate(MINIMAL, start, length, &with), &[]);
        survive(&mutate(&shipped("article.yaml"), start, length, &with), &[]);
    }

    #[test]
    fn any_override_that_parses_can_be_tried(key in "[a-z_.0-9]{1,20}", value in any::<String>()) {
        for key in [key.as_str(), "data", "train.epochs", "variants.bn.model", "variants", "model.dropout", "seeds"] {
            if let Ok(change) = format!("{key}={value}").parse() {
                survive(MINIMAL, &[change]);
            }
        }
    }
}

#[test]
fn alias_bombs_and_deep_nesting_are_refused_in_no_time() {
    let start = Instant::now();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    insta::assert_snapshot!(refuse(&bomb, &[]), @"
     × not valid YAML: repetition limit exceeded
      ╭─[dir/try.yaml:1:1]
    1 │ a0: &a0 [x, x, x, x, x, x, x, x, x]
      · ▲
    2 │ a1: &a1 [*a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, ]
      ╰────
     help: write this more simply: an experiment needs no more than keys, texts, numbers and lists
    ");
    for nested in ["[", "{a: ", "- ", "? ", "a:\n "] {
        let text = nested.repeat(crate::config::MAX_BYTES / nested.len());
        load_str("x.yaml", &text, Path::new(""), &[]).unwrap_err();
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
