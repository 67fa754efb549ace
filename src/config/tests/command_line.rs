//! `--set` and `--data`.

use super::{MINIMAL, accept, minimal_with, overrides, refuse};
use crate::config::{Override, Seed};

fn three_variants() -> String {
    minimal_with("- id: bn\n", "- id: bn\n- {id: plain, model: {norm: none}}\n- {id: \"0\", model: {width: 0.5}}\n")
}

fn ids(changes: &[&str]) -> Vec<String> {
    accept(&three_variants(), changes).variants.iter().map(|variant| variant.id.to_string()).collect()
}

#[test]
fn a_value_replaces_the_files() {
    let changes = ["train.epochs=7", "seeds=[4, 5]", "model.dropout={rate: 0.3, place: head}", "title='A: b=c'"];
    let experiment = accept(MINIMAL, &changes);
    assert_eq!(experiment.title, "A: b=c");
    assert_eq!(experiment.variants[0].network().train.epochs, 7);
    assert_eq!(experiment.seeds, [Seed(4), Seed(5)]);
    assert_eq!(experiment.variants[0].network().model.dropout.as_ref().unwrap().rate.get(), 0.3);
}

#[test]
fn a_value_is_put_where_the_file_has_none_and_an_empty_one_takes_it_away() {
    let experiment = accept(MINIMAL, &["train.schedule.warmup_epochs=1", "question=Why?", "confidence=0.9"]);
    assert_eq!(experiment.variants[0].network().train.schedule.warmup_epochs, 1);
    assert_eq!(experiment.question.as_deref(), Some("Why?"));
    assert_eq!(accept(MINIMAL, &["question=Why?", "question="]).question, None);
}

#[test]
fn later_overrides_win() {
    assert_eq!(accept(MINIMAL, &["train.epochs=7", "train.epochs=8"]).variants[0].network().train.epochs, 8);
}

#[test]
fn a_variant_is_addressed_by_id_before_position() {
    let epochs = |change| -> Vec<u32> {
        accept(&three_variants(), &[change]).variants.iter().map(|variant| variant.network().train.epochs).collect()
    };
    assert_eq!(epochs("variants.plain.train.epochs=9"), [2, 9, 2]);
    assert_eq!(epochs("variants.1.train.epochs=9"), [2, 9, 2]);
    assert_eq!(epochs("variants.0.train.epochs=9"), [2, 2, 9]);
}

#[test]
fn variants_are_selected_by_id_in_the_files_order() {
    assert_eq!(ids(&["variants=[plain, bn]"]), ["bn", "plain"]);
    assert_eq!(ids(&["variants=plain"]), ["plain"]);
    assert_eq!(ids(&["variants=plain", "variants=[bn]"]), ["bn"]);
    assert_eq!(ids(&["variants=bn", "variants.bn.train.epochs=3"]), ["bn"]);
    assert_eq!(ids(&["variants=[{id: new}]"]), ["new"]);
}

#[test]
fn the_data_option_takes_any_text_as_a_path() {
    let text = minimal_with("synthetic", "images");
    for path in ["123", "a: b", "[x", "~"] {
        let experiment = super::load_str("x.yaml", &text, "dir".as_ref(), &[Override::data_path(path)]).unwrap();
        assert_eq!(experiment.images().source.path(), Some(path.as_ref()));
    }
}

#[test]
fn an_override_is_shown_as_it_was_written() {
    assert_eq!(overrides(&["a.b= [1, 2]"])[0].to_string(), "--set a.b= [1, 2]");
    assert_eq!(Override::data_path("x y").to_string(), "--data x y");
}

#[test]
fn what_is_not_an_override_says_why() {
    let reason = |text: &str| text.parse::<Override>().unwrap_err().to_string();
    insta::assert_snapshot!(reason("train.epochs"), @"`train.epochs` is not an override: write KEY=VALUE, e.g. `train.epochs=3`");
    insta::assert_snapshot!(reason("=3"), @"`` is not a key: write names with single dots between them, e.g. `train.epochs`");
    insta::assert_snapshot!(reason("train..epochs=3"), @"`train..epochs` is not a key: write names with single dots between them, e.g. `train.epochs`");
    insta::assert_snapshot!(reason("seeds=[1, 2"), @"the value of `seeds` is not valid YAML: while parsing a flow sequence, expected ',' or ']' (check indentation, quotes and brackets here; text that contains `: ` or ` #` needs quotes)");
    insta::assert_snapshot!(reason("model={norm: none, norm: batch}"), @"the value of `model` is not valid YAML: this key is given twice (remove one of the two)");
}

#[test]
fn an_error_in_an_override_shows_the_override() {
    insta::assert_snapshot!(refuse(MINIMAL, &["train.epochs=abc"]), @r#"
     × `train.epochs` should be a whole number of at least 0, not the text "abc"
      ╭─[command line:1:20]
    1 │ --set train.epochs=abc
      ·                    ───
      ╰────
     help: write a whole number of at least 0
    "#);
    insta::assert_snapshot!(refuse(MINIMAL, &["train.epochs=0"]), @"
     × `train.epochs` is out of range: 0
      ╭─[command line:1:20]
    1 │ --set train.epochs=0
      ·                    ─
      ╰────
     help: use a number of at least 1 and at most 10000
    ");
    insta::assert_snapshot!(refuse(MINIMAL, &["train.learnig_rate=0.1"]), @"
     × unknown key `learnig_rate` in `train`
      ╭─[command line:1:7]
    1 │ --set train.learnig_rate=0.1
      ·       ──────────────────
      ╰────
     help: did you mean `learning_rate`?
    ");
    insta::assert_snapshot!(refuse(MINIMAL, &["trian.epochs=3"]), @"
     × unknown key `trian`
      ╭─[command line:1:7]
    1 │ --set trian.epochs=3
      ·       ────────────
      ╰────
     help: did you mean `train`?
    ");
    insta::assert_snapshot!(refuse(MINIMAL, &["model={norm: none, droput: 0.1}"]), @"
     × unknown key `droput` in `model`
      ╭─[command line:1:13]
    1 │ --set model={norm: none, droput: 0.1}
      ·             ─────────────────────────
      ╰────
     help: did you mean `dropout`?
    ");
    insta::assert_snapshot!(refuse(MINIMAL, &["variants.bn.model.norm.momentum=0.9"]), @"
     × missing key `kind` in `variants[0].model.norm`
      ╭─[command line:1:7]
    1 │ --set variants.bn.model.norm.momentum=0.9
      ·       ───────────────────────────────
      ╰────
     help: add `kind:`; it has no default
    ");
    insta::assert_snapshot!(refuse(MINIMAL, &["seeds=[4, 5, 4]"]), @"
     × seed 4 is used twice
      ╭─[command line:1:13]
    1 │ --set seeds=[4, 5, 4]
      ·             ─────────
      ╰────
     help: give each seed once
    ");
}

#[test]
fn a_data_path_that_has_no_use_shows_the_option() {
    let error = super::load_str("x.yaml", MINIMAL, "".as_ref(), &[Override::data_path("/images")]).unwrap_err();
    insta::assert_snapshot!(super::render(&error), @"
     × `path` does not go with `source: synthetic` in `data`
      ╭─[command line:1:1]
    1 │ --data /images
      · ──────
      ╰────
     help: remove `path`, or change `source: synthetic`
    ");
}

#[test]
fn an_override_below_a_single_value_is_refused() {
    insta::assert_snapshot!(refuse(MINIMAL, &["train.epochs.first=3"]), @"
     × `train.epochs` is a single value, so it has no `first`
      ╭─[command line:1:7]
    1 │ --set train.epochs.first=3
      ·       ──────────────────
      ╰────
     help: replace it as a whole, e.g. --set 'train.epochs={…}'
    ");
}

#[test]
fn an_override_of_a_variant_that_is_not_there_is_refused() {
    insta::assert_snapshot!(refuse(&three_variants(), &["variants.plian.train.epochs=3"]), @"
     × `variants` has no element `plian`
      ╭─[command line:1:7]
    1 │ --set variants.plian.train.epochs=3
      ·       ───────────────────────────
      ╰────
     help: did you mean `plain`?
    ");
    insta::assert_snapshot!(refuse(&three_variants(), &["variants.7.train.epochs=3"]), @"
     × `variants` has no element `7`
      ╭─[command line:1:7]
    1 │ --set variants.7.train.epochs=3
      ·       ───────────────────────
      ╰────
     help: there are `bn`, `plain` and `0`
    ");
    insta::assert_snapshot!(refuse(&three_variants(), &["variants=[bn, plian]"]), @"
     × there is no variant `plian`
      ╭─[command line:1:16]
    1 │ --set variants=[bn, plian]
      ·                ───────────
      ╰────
     help: did you mean `plain`?
    ");
    insta::assert_snapshot!(refuse(&three_variants(), &["variants=[]"]), @"
     × `variants` is empty
      ╭─[command line:1:16]
    1 │ --set variants=[]
      ·                ──
      ╰────
     help: list at least 1 variant and at most 256
    ");
}
