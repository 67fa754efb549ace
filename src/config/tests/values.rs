//! Values that are wrong by themselves, and everything a user reads about them.

use std::path::Path;

use super::{MINIMAL, minimal_with, refuse, render};

#[test]
fn a_wrong_type_says_what_belongs_there() {
    insta::assert_snapshot!(refuse(&minimal_with("epochs: 2", "epochs: two"), &[]), @r#"
     × `train.epochs` should be a whole number of at least 0, not the text "two"
      ╭─[dir/try.yaml:5:17]
    4 │ seeds: [1]
    5 │ train: {epochs: two}
      ·                 ───
    6 │ variants:
      ╰────
     help: write a whole number of at least 0
    "#);
    insta::assert_snapshot!(refuse(&minimal_with("epochs: 2", "epochs: -2"), &[]), @"
     × `train.epochs` should be a whole number of at least 0, not -2
      ╭─[dir/try.yaml:5:17]
    4 │ seeds: [1]
    5 │ train: {epochs: -2}
      ·                 ──
    6 │ variants:
      ╰────
     help: write a whole number of at least 0
    ");
    insta::assert_snapshot!(refuse(&minimal_with("title: T", "title: 2021"), &[]), @"
     × `title` should be text, not 2021
      ╭─[dir/try.yaml:2:8]
    1 │ schema: 1
    2 │ title: 2021
      ·        ────
    3 │ data: {source: synthetic}
      ╰────
     help: put it in quotes
    ");
    insta::assert_snapshot!(refuse(&minimal_with("variants:\n- id: bn", "variants: bn"), &[]), @r#"
     × `variants` should be a list, not the text "bn"
      ╭─[dir/try.yaml:6:11]
    5 │ train: {epochs: 2}
    6 │ variants: bn
      ·           ──
      ╰────
     help: write `[a, b]`, or one `- item` a line
    "#);
    insta::assert_snapshot!(refuse(&minimal_with("[1]", "[1, x]"), &[]), @r#"
     × `seeds[1]` should be a whole number of at least 0, not the text "x"
      ╭─[dir/try.yaml:4:12]
    3 │ data: {source: synthetic}
    4 │ seeds: [1, x]
      ·            ─
    5 │ train: {epochs: 2}
      ╰────
     help: write a whole number of at least 0
    "#);
    insta::assert_snapshot!(refuse(&minimal_with("{epochs: 2}", "[2]"), &[]), @"
     × `train` should be a mapping of training settings, not a list
      ╭─[dir/try.yaml:5:8]
    4 │ seeds: [1]
    5 │ train: [2]
      ·        ───
    6 │ variants:
      ╰────
     help: write `key: value` lines, indented below it
    ");
    insta::assert_snapshot!(refuse("just text", &[]), @r#"
     × the file should be a mapping of experiment settings, not the text "just text"
      ╭─[dir/try.yaml:1:1]
    1 │ just text
      · ─────────
      ╰────
     help: write `key: value` lines, indented below it
    "#);
}

#[test]
fn a_wrong_choice_lists_the_right_ones() {
    insta::assert_snapshot!(refuse(&minimal_with("synthetic", "syntetic"), &[]), @"
     × `data.source` cannot be `syntetic`
      ╭─[dir/try.yaml:3:16]
    2 │ title: T
    3 │ data: {source: syntetic}
      ·                ────────
    4 │ seeds: [1]
      ╰────
     help: did you mean `synthetic`?
    ");
    insta::assert_snapshot!(refuse(&minimal_with("- id: bn", "- id: bn\n  model:\n    norm: layer"), &[]), @"
     × `variants[0].model.norm` cannot be `layer`
      ╭─[dir/try.yaml:9:11]
    8 │   model:
    9 │     norm: layer
      ·           ─────
      ╰────
     help: it can be `none`, `batch` or `group`
    ");
}

#[test]
fn a_dropout_rate_must_leave_something() {
    insta::assert_snapshot!(refuse(&minimal_with("- id: bn", "- id: bn\n  model: {dropout: 1}"), &[]), @"
     × `variants[0].model.dropout`: a dropout rate must be at least 0 and below 1, but this is 1
      ╭─[dir/try.yaml:8:20]
    7 │ - id: bn
    8 │   model: {dropout: 1}
      ·                    ─
      ╰────
    ");
    insta::assert_snapshot!(refuse(&minimal_with("- id: bn", "- id: bn\n  model: {dropout: {rate: -0.1}}"), &[]), @"
     × `variants[0].model.dropout.rate`: a dropout rate must be at least 0 and below 1, but this is
     │ -0.1
      ╭─[dir/try.yaml:8:27]
    7 │ - id: bn
    8 │   model: {dropout: {rate: -0.1}}
      ·                           ────
      ╰────
    ");
    insta::assert_snapshot!(refuse(&minimal_with("- id: bn", "- id: bn\n  model: {dropout: {kind: channel}}"), &[]), @"
     × variant `bn` describes a dropout without a `rate`
      ╭─[dir/try.yaml:8:11]
    7 │ - id: bn
    8 │   model: {dropout: {kind: channel}}
      ·           ───────
      ╰────
     help: add `rate:` to its `dropout`
    ");
}

#[test]
fn empty_lists_and_texts_are_refused() {
    insta::assert_snapshot!(refuse(&minimal_with("variants:\n- id: bn", "variants: []"), &[]), @"
     × `variants` is empty
      ╭─[dir/try.yaml:6:11]
    5 │ train: {epochs: 2}
    6 │ variants: []
      ·           ──
      ╰────
     help: list at least 1 variant and at most 256
    ");
    insta::assert_snapshot!(refuse(&minimal_with("[1]", "[]"), &[]), @"
     × `seeds` is empty
      ╭─[dir/try.yaml:4:8]
    3 │ data: {source: synthetic}
    4 │ seeds: []
      ·        ──
    5 │ train: {epochs: 2}
      ╰────
     help: list at least 1 seed and at most 10000
    ");
    insta::assert_snapshot!(refuse(&minimal_with("title: T", "title: ' '"), &[]), @"
     × `title` is empty
      ╭─[dir/try.yaml:2:8]
    1 │ schema: 1
    2 │ title: ' '
      ·        ───
    3 │ data: {source: synthetic}
      ╰────
     help: write some text, or remove the key if it is optional
    ");
}

#[test]
fn names_must_be_usable_as_folders() {
    insta::assert_snapshot!(refuse(&minimal_with("id: bn", "id: ../bn"), &[]), @"
     × `variants[0].id`: `../bn` is not a usable name: it becomes a folder, so use 1 to 64 letters,
     │ digits, `_` or `-`, starting with a letter or digit
      ╭─[dir/try.yaml:7:7]
    6 │ variants:
    7 │ - id: ../bn
      ·       ─────
      ╰────
    ");
    let error = super::load_str("my file.yaml", MINIMAL, Path::new(""), &[]).unwrap_err();
    insta::assert_snapshot!(render(&error), @"
     × the file's name gives no id: `my file` is not a usable name: it becomes a folder, so use 1 to
     │ 64 letters, digits, `_` or `-`, starting with a letter or digit
      ╭─[my file.yaml:1:1]
    1 │ schema: 1
      · ─────────
    2 │ title: T
      ╰────
     help: add `id:`
    ");
}

#[test]
fn a_link_that_is_not_a_web_address_is_refused() {
    let text = format!("{MINIMAL}source:\n  title: T\n  url: javascript:alert(1)\n");
    insta::assert_snapshot!(refuse(&text, &[]), @"
     × `source.url` is not a web address
       ╭─[dir/try.yaml:10:8]
     9 │   title: T
    10 │   url: javascript:alert(1)
       ·        ───────────────────
       ╰────
     help: start it with `https://` or `http://`
    ");
}
