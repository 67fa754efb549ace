//! Files that are not experiments at all, and data that is not there.

use std::fs;

use super::{MINIMAL, configs, minimal_with, refuse, render};
use crate::config::{load, load_with_data};

#[test]
fn what_is_not_yaml_is_shown_where_it_breaks() {
    insta::assert_snapshot!(refuse(&minimal_with("title: T", "title: é: what"), &[]), @"
     × not valid YAML: mapping values are not allowed in this context
      ╭─[dir/try.yaml:2:10]
    1 │ schema: 1
    2 │ title: é: what
      ·         ▲
    3 │ data: {source: synthetic}
      ╰────
     help: check indentation, quotes and brackets here; text that contains `: ` or ` #` needs quotes
    ");
    insta::assert_snapshot!(refuse(&minimal_with("[1]", "[1"), &[]), @"
     × not valid YAML: invalid indentation in flow construct
      ╭─[dir/try.yaml:6:1]
    5 │ train: {epochs: 2}
    6 │ variants:
      · ▲
    7 │ - id: bn
      ╰────
     help: check indentation, quotes and brackets here; text that contains `: ` or ` #` needs quotes
    ");
    insta::assert_snapshot!(refuse("a: *nowhere\n", &[]), @"
     × not valid YAML: while parsing node, found unknown anchor
      ╭─[dir/try.yaml:1:4]
    1 │ a: *nowhere
      ·    ▲
      ╰────
     help: check indentation, quotes and brackets here; text that contains `: ` or ` #` needs quotes
    ");
    let shown = refuse("title: a\u{7}b\n", &[]);
    assert!(shown.contains("control character U+0007") && shown.contains("[dir/try.yaml:1:9]"), "{shown}");
    insta::assert_snapshot!(refuse("a: 1\n---\nb: 1\n", &[]), @"
     × not valid YAML: a second document starts here
      ╭─[dir/try.yaml:2:1]
    1 │ a: 1
    2 │ ---
      · ───
    3 │ b: 1
      ╰────
     help: remove the line `---`, or split the file
    ");
    insta::assert_snapshot!(refuse("a: é\nseeds: [18446744073709551616]\n", &[]), @"
     × not valid YAML: the number 18446744073709551616 is out of any range
      ╭─[dir/try.yaml:2:10]
    1 │ a: é
    2 │ seeds: [18446744073709551616]
      ·          ▲
      ╰────
     help: write this more simply: an experiment needs no more than keys, texts, numbers and lists
    ");
}

#[test]
fn a_fault_inside_an_alias_is_shown_where_the_alias_is_used() {
    let text = minimal_with("- id: bn", "- {id: a, reported: &shared {val_loss: 1}}\n- id: b\n  model: *shared");
    insta::assert_snapshot!(refuse(&text, &[]), @"
     × unknown key `val_loss` in `variants[1].model`
      ╭─[dir/try.yaml:9:3]
    8 │ - id: b
    9 │   model: *shared
      ·   ─────
      ╰────
     help: known keys are `preset`, `depth`, `layers`, `name`, `norm`, `dropout`, `initializer` and
           `width`
    ");
}

#[test]
fn an_empty_file_is_refused() {
    insta::assert_snapshot!(refuse("", &[]), @"
    × dir/try.yaml is empty
    help: start with a copy of one of the files in `configs/`
    ");
    insta::assert_snapshot!(refuse("# nothing but a comment\n", &[]), @"
    × dir/try.yaml is empty
    help: start with a copy of one of the files in `configs/`
    ");
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    insta::assert_snapshot!(refuse(&format!("{MINIMAL}{}", "#\n".repeat(1 << 19)), &[]), @"
    × dir/try.yaml is larger than an experiment file may be
    help: the limit is 1048576 bytes; is this the right file?
    ");
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let shown = |name: &str| {
        let error = load(&folder.path().join(name), &[]).unwrap_err();
        // On one line, whatever the length of the temporary path; the system's own words vary with the platform.
        let advice = miette::Diagnostic::help(&*error).map(|help| help.to_string()).unwrap_or_default();
        format!("{error}\nhelp: {advice}").replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    fs::write(folder.path().join("latin1.yaml"), b"schema: 1\ntitle: caf\xe9\n").unwrap();
    fs::write(folder.path().join("large.yaml"), "#\n".repeat(1 << 20)).unwrap();
    fs::create_dir(folder.path().join("sub.yaml")).unwrap();
    insta::assert_snapshot!(shown("latin1.yaml"), @"
    FOLDER/latin1.yaml is not UTF-8 text: line 2 has a byte that cannot be read
    help: save the file as UTF-8
    ");
    insta::assert_snapshot!(shown("large.yaml"), @"
    FOLDER/large.yaml is larger than an experiment file may be
    help: the limit is 1048576 bytes; is this the right file?
    ");
    insta::assert_snapshot!(shown("sub.yaml"), @"
    FOLDER/sub.yaml is a folder, not an experiment file
    help: name a file in it
    ");
    assert!(shown("none.yaml").starts_with("cannot read FOLDER/none.yaml: "));
}

#[test]
fn data_that_is_not_there_is_shown_at_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("try.yaml");
    fs::write(&file, minimal_with("source: synthetic", "source: images, path: photos")).unwrap();
    load(&file, &[]).unwrap();
    let error = load_with_data(&file, &[]).unwrap_err();
    let shown = render(&error).replace(folder.path().to_str().unwrap(), "FOLDER");
    assert!(shown.contains("there is no data at `FOLDER/photos`"), "{shown}");
    assert!(shown.contains("try.yaml:3:30]"), "{shown}");
    let change = super::overrides(&["data.path=/nowhere"]);
    insta::assert_snapshot!(render(&load_with_data(&file, &change).unwrap_err()), @"
     × there is no data at `/nowhere`
      ╭─[command line:1:17]
    1 │ --set data.path=/nowhere
      ·                 ────────
      ╰────
     help: put the images there, or name another place with --set data.path=PATH; a relative path
           starts at the experiment file's folder, on the command line at the current folder
    ");
    fs::create_dir(folder.path().join("photos")).unwrap();
    load_with_data(&file, &[]).unwrap();
    load_with_data(&configs().join("quick.yaml"), &[]).unwrap();
}
