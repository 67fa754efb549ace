//! Keys that are unknown, missing, repeated, or out of place, and everything a user reads about them.

use super::{MINIMAL, minimal_with, refuse};

#[test]
fn a_misspelt_key_is_shown_with_what_was_meant() {
    insta::assert_snapshot!(refuse(&minimal_with("epochs: 2", "epochs: 2, learnig_rate: 0.1"), &[]), @"
     × unknown key `learnig_rate` in `train`
      ╭─[dir/try.yaml:5:20]
    4 │ seeds: [1]
    5 │ train: {epochs: 2, learnig_rate: 0.1}
      ·                    ────────────
    6 │ variants:
      ╰────
     help: did you mean `learning_rate`?
    ");
}

#[test]
fn an_unknown_key_is_shown_with_the_known_ones() {
    insta::assert_snapshot!(refuse(&minimal_with("- id: bn", "- id: bn\n  model: {activation: relu}"), &[]), @"
     × unknown key `activation` in `variants[0].model`
      ╭─[dir/try.yaml:8:11]
    7 │ - id: bn
    8 │   model: {activation: relu}
      ·           ──────────
      ╰────
     help: known keys are `preset`, `depth`, `layers`, `name`, `norm`, `dropout`, `initializer` and
           `width`
    ");
    insta::assert_snapshot!(refuse(&format!("{MINIMAL}results: []\n"), &[]), @"
     × unknown key `results`
      ╭─[dir/try.yaml:8:1]
    7 │ - id: bn
    8 │ results: []
      · ───────
      ╰────
     help: known keys are `schema`, `id`, `title`, `question`, `source`, `license`, `data`,
           `confidence`, `seeds`, `settle`, `trainer`, `params`, `model`, `train`, `variants`,
           `metrics`, `throughput`, `claims`, `conclusions` and `deviations`
    ");
}

#[test]
fn a_missing_key_is_named() {
    insta::assert_snapshot!(refuse(&minimal_with("seeds: [1]\n", ""), &[]), @"
     × missing key `seeds`
      ╭─[dir/try.yaml:1:1]
    1 │ schema: 1
      · ─────────
    2 │ title: T
      ╰────
     help: add `seeds:`; it has no default
    ");
    insta::assert_snapshot!(refuse(&minimal_with("{epochs: 2}", "{batch_size: 2}"), &[]), @"
     × missing key `epochs` in `train`
      ╭─[dir/try.yaml:5:1]
    4 │ seeds: [1]
    5 │ train: {batch_size: 2}
      · ─────
    6 │ variants:
      ╰────
     help: add `epochs:`, the number of passes over the training images
    ");
    insta::assert_snapshot!(refuse(&minimal_with("{source: synthetic}", "{seed: 1}"), &[]), @"
     × missing key `source` in `data`
      ╭─[dir/try.yaml:3:1]
    2 │ title: T
    3 │ data: {seed: 1}
      · ────
    4 │ seeds: [1]
      ╰────
     help: add `source:`; it has no default
    ");
}

#[test]
fn epochs_that_one_variant_lacks_are_asked_of_it() {
    let text = minimal_with("train: {epochs: 2}\n", "").replace("- id: bn", "- {id: bn, train: {epochs: 1}}\n- id: b");
    insta::assert_snapshot!(refuse(&text, &[]), @"
     × variant `b` has no `epochs`
      ╭─[dir/try.yaml:7:3]
    6 │ - {id: bn, train: {epochs: 1}}
    7 │ - id: b
      ·   ─────
      ╰────
     help: set `epochs:` in the `train` that all variants share, or in this variant's own
    ");
}

#[test]
fn keys_that_do_not_go_together_are_refused() {
    insta::assert_snapshot!(refuse(&minimal_with("source: synthetic", "source: synthetic, path: x"), &[]), @"
     × `path` does not go with `source: synthetic` in `data`
      ╭─[dir/try.yaml:3:27]
    2 │ title: T
    3 │ data: {source: synthetic, path: x}
      ·                           ────
    4 │ seeds: [1]
      ╰────
     help: remove `path`, or change `source: synthetic`
    ");
    insta::assert_snapshot!(refuse(&minimal_with("source: synthetic", "source: images, seed: 1, path: x"), &[]), @"
     × `seed` does not go with `source: images` in `data`
      ╭─[dir/try.yaml:3:24]
    2 │ title: T
    3 │ data: {source: images, seed: 1, path: x}
      ·                        ────
    4 │ seeds: [1]
      ╰────
     help: remove `seed`, or change `source: images`
    ");
    insta::assert_snapshot!(refuse(&format!("{MINIMAL}model: {{norm: {{kind: none, epsilon: 1}}}}\n"), &[]), @"
     × `epsilon` does not go with `kind: none` in `model.norm`
      ╭─[dir/try.yaml:8:28]
    7 │ - id: bn
    8 │ model: {norm: {kind: none, epsilon: 1}}
      ·                            ───────
      ╰────
     help: remove `epsilon`, or change `kind: none`
    ");
}

#[test]
fn settings_that_need_another_ask_for_it() {
    insta::assert_snapshot!(refuse(&minimal_with("synthetic", "images"), &[]), @"
     × missing key `path` in `data`
      ╭─[dir/try.yaml:3:1]
    2 │ title: T
    3 │ data: {source: images}
      · ────
    4 │ seeds: [1]
      ╰────
     help: add `path:`, the folder or archive that holds `train/<class>/` and `test/<class>/`
    ");
    insta::assert_snapshot!(refuse(&minimal_with("epochs: 2", "epochs: 2, schedule: {decay: step}"), &[]), @"
     × missing key `every_epochs` in `train.schedule.decay`
      ╭─[dir/try.yaml:5:31]
    4 │ seeds: [1]
    5 │ train: {epochs: 2, schedule: {decay: step}}
      ·                               ─────
    6 │ variants:
      ╰────
     help: add `every_epochs:`, e.g. `{kind: step, every_epochs: 30, factor: 0.1}`
    ");
    insta::assert_snapshot!(refuse(&minimal_with("epochs: 2", "epochs: 2, schedule: {warmup_epochs: 3}"), &[]), @"
     × variant `bn` warms up for 3 epochs but trains for 2
      ╭─[dir/try.yaml:7:3]
    6 │ variants:
    7 │ - id: bn
      ·   ──────
      ╰────
     help: lower `warmup_epochs` or raise `epochs`
    ");
}

#[test]
fn another_format_version_is_refused_before_anything_else() {
    insta::assert_snapshot!(refuse(&minimal_with("schema: 1", "schema: 2\nnew_key: 1"), &[]), @"
     × format version 2 is newer than this program
      ╭─[dir/try.yaml:1:9]
    1 │ schema: 2
      ·         ─
    2 │ new_key: 1
      ╰────
     help: this program reads version 1; a newer retrial may read more
    ");
    insta::assert_snapshot!(refuse(&minimal_with("schema: 1\n", ""), &[]), @"
     × missing key `schema`
      ╭─[dir/try.yaml:1:1]
    1 │ title: T
      · ────────
    2 │ data: {source: synthetic}
      ╰────
     help: add `schema: 1`, the version of the file format
    ");
    insta::assert_snapshot!(refuse(&minimal_with("schema: 1", "schema: one"), &[]), @r#"
     × `schema` should be a whole number of at least 0, not the text "one"
      ╭─[dir/try.yaml:1:9]
    1 │ schema: one
      ·         ───
    2 │ title: T
      ╰────
     help: write a whole number of at least 0
    "#);
}

#[test]
fn a_key_given_twice_is_shown_with_the_first() {
    insta::assert_snapshot!(refuse(&minimal_with("epochs: 2", "epochs: 2, batch_size: 1, epochs: 3"), &[]), @"
     × not valid YAML: this key is given twice
      ╭─[dir/try.yaml:5:35]
    4 │ seeds: [1]
    5 │ train: {epochs: 2, batch_size: 1, epochs: 3}
      ·         ───┬──                    ──────
      ·            ╰── first here
    6 │ variants:
      ╰────
     help: remove one of the two
    ");
}
