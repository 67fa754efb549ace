//! Values that are wrong because others are the same.

use super::{minimal_with, refuse};

#[test]
fn repetitions_are_shown_with_the_first_one() {
    let text = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1, 2, 1]
train: {epochs: 2}
variants:
- id: bn
  label: BN
- id: plain
  label: BN
  model: {norm: none}
- id: bn
  model: {width: 0.5}
";
    insta::assert_snapshot!(refuse(text, &[]), @"
      × dir/try.yaml has 3 errors

    Error:
      × seed 1 is used twice
       ╭─[dir/try.yaml:4:15]
     3 │ data: {source: synthetic}
     4 │ seeds: [1, 2, 1]
       ·         ┬     ─
       ·         ╰── first here
     5 │ train: {epochs: 2}
       ╰────
      help: give each seed once

    Error:
      × variant id `bn` is used twice
        ╭─[dir/try.yaml:12:7]
      6 │ variants:
      7 │ - id: bn
        ·       ─┬
        ·        ╰── first here
      8 │   label: BN
      9 │ - id: plain
     10 │   label: BN
     11 │   model: {norm: none}
     12 │ - id: bn
        ·       ──
     13 │   model: {width: 0.5}
        ╰────
      help: give each variant an id of its own

    Error:
      × label `BN` is used twice
        ╭─[dir/try.yaml:10:10]
      7 │ - id: bn
      8 │   label: BN
        ·          ─┬
        ·           ╰── first here
      9 │ - id: plain
     10 │   label: BN
        ·          ──
     11 │   model: {norm: none}
        ╰────
      help: give each variant a label of its own: plots tell them apart by it
    ");
}

#[test]
fn variants_that_would_be_the_same_trials_are_refused() {
    let text = minimal_with("- id: bn\n", "- id: bn\n- id: explicit\n  model: {norm: batch, dropout: 0.0}\n");
    insta::assert_snapshot!(refuse(&text, &[]), @"
     × variants `bn` and `explicit` are the same network and recipe
      ╭─[dir/try.yaml:8:7]
    6 │ variants:
    7 │ - id: bn
      ·       ─┬
      ·        ╰── first here
    8 │ - id: explicit
      ·       ────────
    9 │   model: {norm: batch, dropout: 0.0}
      ╰────
     help: change `model` or `train` in one of them, or remove it: more seeds, not copies, show the
           spread
    ");
}

#[test]
fn only_the_first_of_many_errors_are_shown() {
    let seeds = vec!["1"; 30].join(", ");
    let shown = refuse(&minimal_with("[1]", &format!("[{seeds}]")), &[]);
    assert!(shown.contains("dir/try.yaml has 29 errors"), "{shown}");
    assert!(shown.contains("help: the first 20 are shown"), "{shown}");
    assert_eq!(shown.matches("seed 1 is used twice").count(), 20);
}

#[test]
fn names_that_are_one_folder_somewhere_are_refused() {
    let text = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 2}
variants:
- id: a
- {id: A, model: {norm: none}}
- {id: COM1, model: {width: 0.5}}
";
    let refused = refuse(text, &[]);
    assert!(refused.contains("variant id `A` is `a` in another case") && refused.contains("first here"), "{refused}");
    assert!(refused.contains("`COM1` cannot be a folder on Windows, where it is a device"), "{refused}");
    let claim = |id: &str| format!("  - {{id: {id}, says: S., test: {{metric: val_accuracy, of: bn, above: 0.1}}}}\n");
    let claims = format!("claims:\n{}{}", claim("c"), claim("C"));
    let refused = refuse(&format!("{}\n{claims}", minimal_with("", "").trim_end()), &[]);
    assert!(refused.contains("claim id `C` is `c` in another case"), "{refused}");
    let refused = refuse(&minimal_with("title: T", "title: T\nid: nul"), &[]);
    assert!(refused.contains("`nul` cannot be a folder on Windows, where it is a device"), "{refused}");
}
