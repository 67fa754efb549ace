//! What comes from outside cannot steer a terminal, forge a line of ours, or give orders to a CI system.
//!
//! Every text that a bundle, an experiment file, an archive or a program can put before somebody's eyes is made hostile in
//! turn, and each command is heard out on the raw bytes of both of its streams.

use std::process::Output;

use serde_json::Value;

use crate::answering::{Answer, Answering};
use crate::archive::{Made, make, manifest};
use crate::mlflow;
use crate::support::{Place, files_below};

/// ECMA-48 sequences in 7 and 8 bits, a title that is set, a direction override (UAX #9), a tag character, a bell, ends of
/// lines, and what GitHub's and Azure's runners obey (their documentation of workflow and logging commands).
const HOSTILE: &str = "\u{1b}[31m\u{9b}2J\u{1b}]0;t\u{7}\u{202e}\u{2066}\u{feff}\u{e0041}\r\n::error title=x::forged%0A\n\
     The bundle holds.\n##[error]old##vso[task.complete]\u{8}\u{7f}";
/// Something of it that is to be seen, since nothing is left out in silence.
const SEEN: &str = "forged%0A";
/// The same as the beginning of a key, as it is spelt in JSON.
const KEY: &str = r#"{"\u001b[31m\u202e\u0007x": 1, "#;

const SMALL: &str = "\
schema: 1
title: Small
data: {source: synthetic, per_class: {train: 8, test: 4}}
seeds: [1]
model: {width: 0.35}
train: {epochs: 1, batch_size: 16, image_size: 32}
variants: [{id: bn, label: BN, model: {norm: batch}}]
throughput: {batch_sizes: [4], rounds: 2, seconds: 0.001, budget: 600}
claims: [{id: c, says: S, test: {metric: val_accuracy, of: bn, above: 0}}]
";

/// A bundle with every record that there is, and beside it another copy to change.
fn bundles() -> Place {
    let place = Place::new();
    place.write("small.yaml", SMALL);
    place.succeed(&["run", "small.yaml", "--out", "one"]);
    place.succeed(&["publish", "one", "--out", "published"]);
    place.succeed(&["run", "small.yaml", "--out", "one", "--against", "published"]);
    place.succeed(&["publish", "one", "--out", "theirs"]);
    assert!(place.path("theirs/comparison.json").exists());
    place
}

/// As a quoted scalar of YAML, in ASCII: no YAML file may hold these characters as they are.
fn yaml(text: &str) -> String {
    let spelt = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08x}", c as u32),
    };
    format!("\"{}\"", text.chars().map(spelt).collect::<String>())
}

/// Nothing in it is obeyed instead of shown. `commands` of its lines are meant for a CI system.
#[track_caller]
fn assert_harmless(bytes: &[u8], commands: usize) -> String {
    let text = std::str::from_utf8(bytes).expect("UTF-8").to_owned();
    // Unicode's general categories Cc and Cf, as far as any of the texts here have them.
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{e0000}'..='\u{e0fff}')
    };
    assert!(!text.contains(steers), "{text:?}");
    assert_eq!(text.lines().filter(|line| line.trim_start().starts_with("::")).count(), commands, "{text}");
    assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 2200), "{}", text.len());
    assert!(text.lines().filter(|line| line.trim() == "The bundle holds.").count() < 2, "{text}");
    text
}

#[track_caller]
fn listen(place: &Place, arguments: &[&str]) -> (i32, String) {
    heard(place.retrial(arguments).output().unwrap(), 0)
}

#[track_caller]
fn heard(Output { status, stdout, stderr }: Output, commands: usize) -> (i32, String) {
    let (out, err) = (assert_harmless(&stdout, commands), assert_harmless(&stderr, 0));
    assert!(!err.contains("panicked"), "{err}");
    (status.code().expect("it ended by itself"), out + &err)
}

/// Commands that read a bundle somebody else made, as they are given for `theirs`.
const READERS: [&[&str]; 6] = [
    &["verify", "theirs"],
    &["diff", "one", "theirs"],
    &["diff", "theirs", "one", "--json"],
    &["collect", "theirs", "--out", "merged"],
    &["publish", "theirs", "--out", "again"],
    &["report", "theirs"],
];

/// What every reader says, together. Whatever they wrote is made undone.
#[track_caller]
fn all_readers(place: &Place) -> String {
    let mut said = String::new();
    for reader in READERS {
        let (code, text) = listen(place, reader);
        assert!([0, 3, 6, 10].contains(&code), "{reader:?}: {code} {text}");
        said += &text;
    }
    for folder in ["merged", "again"] {
        let _ = std::fs::remove_dir_all(place.path(folder));
    }
    said
}

/// `theirs` as it was.
fn restore(place: &Place) {
    std::fs::remove_dir_all(place.path("theirs")).unwrap();
    copy(place, "one", "theirs");
}

fn copy(place: &Place, from: &str, to: &str) {
    for file in files_below(&place.path(from)) {
        place.write(&format!("{to}/{file}"), std::fs::read(place.path(&format!("{from}/{file}"))).unwrap());
    }
}

/// Every way to make one thing of a JSON value hostile: a key in each mapping, each string. Of a list only the first two
/// elements, which are all of a kind.
fn changes(value: &Value) -> Vec<Value> {
    let mut made = Vec::new();
    match value {
        Value::Object(fields) => {
            let mut with_key = fields.clone();
            with_key.insert(HOSTILE.to_owned(), 1.into());
            made.push(Value::Object(with_key));
            for (name, field) in fields {
                made.extend(changes(field).into_iter().map(|changed| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    Value::Object(fields)
                }));
            }
        }
        Value::Array(items) => {
            for at in 0..items.len().min(2) {
                made.extend(changes(&items[at]).into_iter().map(|changed| {
                    let mut items = items.clone();
                    items[at] = changed;
                    Value::Array(items)
                }));
            }
        }
        Value::String(_) => made.push(HOSTILE.into()),
        // A text where a number, a truth or nothing is expected.
        _ => made.push(HOSTILE.into()),
    }
    made
}

/// As [`bundles`] has them; every record but those that are looked at by themselves.
const RECORDS: [&str; 10] = [
    "dataset.json",
    "environment.json",
    "registration.json",
    "comparison.json",
    "throughput/session.json",
    "throughput/samples.json",
    "trials/bn/seed-1/trial.json",
    "trials/bn/seed-1/probes.json",
    "trials/bn/seed-1/environment.json",
    "manifest.json",
];

#[test]
fn no_text_of_any_record_reaches_a_terminal_as_it_is() {
    let place = bundles();
    // How many of a file's changes are tried: those to keys and texts alike, spread over the file.
    const MOST: usize = 6;
    for file in RECORDS {
        let path = format!("theirs/{file}");
        let original: Value = serde_json::from_str(&place.read(&path)).unwrap();
        let all = changes(&original);
        let step = all.len().div_ceil(MOST);
        for changed in all.iter().step_by(step) {
            place.write(&path, serde_json::to_string_pretty(changed).unwrap() + "\n");
            all_readers(&place);
            restore(&place);
        }
    }
    for file in ["metrics.jsonl", "fingerprints.jsonl"] {
        let path = format!("theirs/trials/bn/seed-1/{file}");
        let original = place.read(&path);
        let (first, rest) = original.split_once('\n').unwrap();
        for changed in changes(&serde_json::from_str(first).unwrap()) {
            place.write(&path, format!("{changed}\n{rest}"));
            all_readers(&place);
            restore(&place);
        }
    }
}

#[test]
fn a_key_that_begins_with_an_escape_sequence_is_spelt_out() {
    let place = bundles();
    let path = "theirs/trials/bn/seed-1/trial.json";
    place.write(path, place.read(path).replacen('{', KEY, 1));
    for (reader, expected) in
        [(&["verify", "theirs"][..], 10), (&["report", "theirs"], 6), (&["diff", "one", "theirs"], 6)]
    {
        let (code, said) = listen(&place, reader);
        assert_eq!(code, expected, "{said}");
        assert!(said.contains(r"\u{1b}[31m\u{202e}\u{7}x"), "{said}");
    }
    // However long it is.
    let long = "x".repeat(1 << 20);
    place.write(path, place.read(path).replacen(r"\u0007x", &long, 1));
    for reader in READERS {
        let (_, said) = listen(&place, reader);
        assert!(said.len() < 20_000, "{reader:?} says {} bytes", said.len());
    }
    assert!(place.read("theirs/audit.json").len() < 20_000);
}

#[test]
fn the_texts_of_an_experiment_file_are_shown_as_text_everywhere() {
    let place = bundles();
    let quoted = yaml(HOSTILE);
    let label = format!("label: {quoted}, description: {quoted}");
    let says = format!("says: {quoted}, quote: {quoted}, must: refuted");
    let text = SMALL
        .replace(
            "title: Small",
            &format!("title: {quoted}\nquestion: {quoted}\ndeviations: [{quoted}]\nlicense: {quoted}"),
        )
        .replace("label: BN", &label)
        .replace("says: S", &says);
    place.write("hostile.yaml", &text);
    for command in [
        &["plan", "hostile.yaml"][..],
        &["plan", "hostile.yaml", "--json"],
        &["plan", "hostile.yaml", "--names"],
        &["run", "hostile.yaml", "--out", "bad", "--json", "--gate"],
        &["verify", "bad", "--tier", "rerun"],
        &["verify", "bad", "--tier", "replay"],
        &["diff", "one", "bad"],
        &["diff", "one", "bad", "--json"],
        &["collect", "bad", "--out", "merged"],
        &["collect", "one", "bad", "--out", "other"],
        &["publish", "bad", "--out", "reports/bad"],
        &["site", "reports"],
        &["report", "bad", "--lang", "zh-Hant"],
        &["pack", "bad"],
        &["data", "show", "hostile.yaml", "--out", "sheet.png"],
        &["bench", "hostile.yaml"],
    ] {
        let (code, said) = listen(&place, command);
        assert!([0, 6, 9, 10].contains(&code), "{command:?}: {code} {said}");
    }
    let output =
        place.retrial(&["run", "hostile.yaml", "--out", "bad", "--gate"]).env("GITHUB_ACTIONS", "true").output();
    let (code, said) = heard(output.unwrap(), 1);
    assert_eq!(code, 9, "{said}");
    assert!(said.contains("\n::error title=Claim c is inconclusive and must be refuted::"), "{said}");
    assert!(said.contains("forged%250A%0AThe bundle holds.%0A"), "one line, escaped as GitHub unescapes it: {said}");
    // What others show of it: a CI system's page, a job summary, a browser.
    for file in ["junit.xml", "summary.md", "report.md", "index.html", "results.csv", "results.tex"] {
        let text = place.read(&format!("reports/bad/{file}"));
        let hidden =
            |c: char| (c.is_control() && c != '\n') || ['\u{202e}', '\u{2066}', '\u{feff}', '\u{e0041}'].contains(&c);
        assert!(!text.contains(hidden), "{file}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::error")), "{file}");
    }
    let (code, said) = listen(&place, &["diff", "one", "bad"]);
    assert!([0, 10].contains(&code) && said.contains("forged%0A"), "{said}");
}

#[test]
fn mistakes_in_a_hostile_experiment_file_are_shown_without_it() {
    let place = Place::new();
    let quoted = yaml(HOSTILE);
    for (from, to) in [
        ("title: Small", format!("title: Small\n{quoted}: 1")),
        ("title: Small", format!("title: Small # {}", HOSTILE.replace(['\r', '\n'], " "))),
        ("title: Small", format!("title: [{quoted}]")),
        ("title: Small", format!("title: Small\nsource: {{title: T, url: {quoted}}}")),
        ("id: bn,", format!("id: {quoted},")),
        ("norm: batch", format!("norm: {quoted}")),
        ("norm: batch", format!("{quoted}: batch")),
        ("source: synthetic", format!("source: images, path: {quoted}")),
        ("seeds: [1]", format!("seeds: [{quoted}]")),
        ("epochs: 1", format!("epochs: {quoted}")),
        ("metric: val_accuracy", format!("metric: {quoted}")),
        ("of: bn", format!("of: {quoted}")),
        ("above: 0", format!("above: {quoted}")),
        ("schema: 1", format!("schema: {quoted}")),
        ("schema: 1", format!("{HOSTILE}schema: 1")),
        ("throughput: {", format!("throughput: {{{quoted}: 1, ")),
    ] {
        assert!(SMALL.contains(from), "{from}");
        place.write("bad.yaml", SMALL.replacen(from, &to, 1));
        for command in [&["plan", "bad.yaml"][..], &["run", "bad.yaml", "--json"], &["run", "bad.yaml"]] {
            let (code, said) = listen(&place, command);
            assert!([3, 4].contains(&code), "{to}: {code} {said}");
        }
    }
    place.write("small.yaml", SMALL);
    for arguments in [
        &["plan", "small.yaml", "--set", HOSTILE][..],
        &["plan", "small.yaml", "--set", &format!("title.{HOSTILE}=1")],
        &["plan", "small.yaml", "--set", &format!("seeds=[{HOSTILE}]")],
        &["plan", HOSTILE],
        &["plan", "small.yaml", "--device", HOSTILE],
        &["run", "small.yaml", "--only", HOSTILE],
        &["run", "small.yaml", "--shard", HOSTILE],
        &["report", "small.yaml", "--lang", HOSTILE],
        &["verify", HOSTILE],
        &["diff", HOSTILE, HOSTILE],
        &["unpack", HOSTILE],
        &["site", HOSTILE],
        &["sign", HOSTILE, "--key", HOSTILE],
        &[HOSTILE],
        &["plan", "small.yaml", "--data", HOSTILE, "--set", "data={source: images}"],
    ] {
        let (code, said) = listen(&place, arguments);
        assert!(code != 0 && said.contains("forged"), "{arguments:?}: {code} {said}");
    }
}

#[test]
fn what_a_server_says_is_text() {
    let place = Place::new();
    let run = |status, seed| mlflow::run(HOSTILE, status, HOSTILE, seed, HOSTILE);
    let curve = serde_json::json!([{ "key": HOSTILE, "value": 0.5, "timestamp": 1, "step": 1 }]);
    let answering = mlflow::serving(vec![run("FINISHED", 1), run("FINISHED", 2), run("KILLED", 3)], curve);
    let import = ["import", &answering.address, "--experiment", "sweep", "--out"];
    let (code, said) = listen(&place, &[&import[..], &["taken"]].concat());
    assert!(code == 0 && said.contains(SEEN) && said.contains("KILLED"), "{code} {said}");
    assert_eq!(files_below(&place.path("")), ["taken/article.yaml", "taken/results.csv"]);
    for file in ["taken/article.yaml", "taken/results.csv"] {
        let written = place.read(file);
        assert!(
            !written.contains(|c: char| c.is_control() && c != '\n') && !written.contains('\u{202e}'),
            "{written:?}"
        );
    }
    let (code, said) = listen(&place, &["run", "taken/article.yaml", "--out", "bundle"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = listen(&place, &[&import[..], &["twice", "--seed", "variant"]].concat());
    assert!(code == 4 && said.contains("is no whole number") && said.contains(SEEN), "{code} {said}");

    let refusing = Answering::with(|_| Answer::refusal("400 Bad Request", HOSTILE, HOSTILE));
    for arguments in [
        &["import", &refusing.address, "--experiment", HOSTILE][..],
        &["import", &format!("{}/{HOSTILE}", refusing.address), "--experiment", "x"],
    ] {
        let (code, said) = listen(&place, arguments);
        assert!([2, 13].contains(&code), "{code} {said}");
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_are_text_too() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let place = bundles();
    let name = HOSTILE.replace('/', " ");
    place.write(&format!("theirs/{name}"), "x");
    let said = all_readers(&place);
    assert!(said.contains(SEEN), "{said}");
    restore(&place);
    std::fs::write(place.path("theirs").join(OsStr::from_bytes(b"\x1b[31m\xff")), "x").unwrap();
    all_readers(&place);
    restore(&place);
    for inside in ["templates", "signatures", "trials", "trials/bn", "trials/bn/seed-1", "throughput"] {
        place.write(&format!("theirs/{inside}/{name}"), "x");
        all_readers(&place);
        restore(&place);
    }
    // Folders of bundles and of images.
    std::fs::rename(place.path("theirs"), place.path(&name)).unwrap();
    for command in [
        &["verify", &name][..],
        &["report", &name],
        &["diff", "one", &name],
        &["pack", &name],
        &["publish", &name, "--out", "fine"],
        &["publish", "one", "--out", &format!("{name}2")],
        &["collect", &name, "--out", &format!("{name}3")],
        &["site", "."],
        &["run", "small.yaml", "--out", &format!("{name}4"), "--set", "throughput=false"],
    ] {
        let (code, said) = listen(&place, command);
        assert!([0, 6].contains(&code), "{command:?}: {code} {said}");
    }
    let mut pixel = Vec::new();
    let image = image::RgbImage::from_pixel(32, 32, image::Rgb([1, 2, 3]));
    image.write_to(&mut std::io::Cursor::new(&mut pixel), image::ImageFormat::Png).unwrap();
    for split in ["train", "test"] {
        place.write(&format!("images/{split}/{name}/1.png"), &pixel);
    }
    let images = ["--set", "data={source: images}", "--data", "images"];
    for command in [&["data", "show", "small.yaml", "--out", "sheet.png"][..], &["plan", "small.yaml"]] {
        let (code, said) = listen(&place, &[command, &images].concat());
        assert!([0, 4].contains(&code), "{command:?}: {code} {said}");
    }
    place.write(&format!("images/train/{name}/{name}.png"), "no image");
    let (code, said) = listen(&place, &[&["plan", "small.yaml"], &images[..]].concat());
    assert!(code == 4 && said.contains("forged"), "{said}");
}

#[test]
fn archives_envelopes_templates_and_texts_of_a_language_say_nothing_on_their_own() {
    let place = bundles();
    let short = "\u{1b}[31m\u{202e}\n::error::x";
    let one = manifest(&[("a.txt", b"abc")]);
    let with_name = one.replace("a.txt", &serde_json::to_string(short).unwrap().replace('"', ""));
    for entries in [
        vec![Made::File("x/manifest.json", one.as_bytes()), Made::File(&format!("x/{short}"), b"abc")],
        vec![Made::File(&format!("{short}/manifest.json"), one.as_bytes())],
        vec![Made::File("x/manifest.json", with_name.as_bytes())],
        vec![Made::File("x/manifest.json", HOSTILE.as_bytes())],
        vec![Made::File(short, b"")],
    ] {
        make(&place, &entries);
        let (code, said) = listen(&place, &["unpack", "made.tar.zst", "--out", "bad"]);
        assert_eq!(code, 6, "{said}");
    }
    place.write("hostile.tar.zst", HOSTILE);
    assert_eq!(listen(&place, &["unpack", "hostile.tar.zst"]).0, 6);

    place.succeed(&["keygen", "--out", "me"]);
    place.succeed(&["sign", "theirs", "--key", "me.pem"]);
    let signature = files_below(&place.path("theirs/signatures")).remove(0);
    let path = format!("theirs/signatures/{signature}");
    let envelope: Value = serde_json::from_str(&place.read(&path)).unwrap();
    for changed in changes(&envelope) {
        place.write(&path, changed.to_string());
        for command in [&["verify", "theirs"][..], &["verify", "theirs", "--key", "me.pub.pem"]] {
            let (code, said) = listen(&place, command);
            assert!([0, 6, 10, 12].contains(&code), "{code} {said}");
        }
    }
    std::fs::remove_file(place.path(&path)).unwrap();
    for audit in [HOSTILE.to_owned(), format!("{{\"bundle\": {}}}", serde_json::to_string(HOSTILE).unwrap())] {
        place.write("theirs/audit.json", &audit);
        listen(&place, &["sign", "theirs", "--key", "me.pem", "--audit", "theirs/audit.json"]);
        listen(&place, &["verify", "theirs"]);
    }
    place.write("me.pem", HOSTILE);
    listen(&place, &["sign", "theirs", "--key", "me.pem"]);

    for (name, text) in [
        ("report.md.j2", format!("{{{{ {HOSTILE} }}}}")),
        ("report.md.j2", format!("{{{{ unknown({:?}) }}}}", HOSTILE)),
        ("report.md.j2", format!("{{% include {:?} %}}", HOSTILE)),
        ("report.md.j2", HOSTILE.to_owned()),
        ("summary.md.j2", format!("{{{{ say({:?}) }}}}", HOSTILE)),
        ("fr.ftl", HOSTILE.to_owned()),
        ("fr.ftl", format!("count-seed = {{ ${HOSTILE} }}\n")),
    ] {
        restore(&place);
        place.write(&format!("theirs/templates/{name}"), &text);
        place.write("theirs/rendering.json", "{\n  \"schema\": 1,\n  \"language\": \"fr\"\n}\n");
        all_readers(&place);
        place.write(&format!("mine/{name}"), &text);
        listen(&place, &["report", "theirs", "--templates", "mine", "--lang", "fr"]);
        std::fs::remove_dir_all(place.path("mine")).unwrap();
    }
    restore(&place);
    place.write("theirs/rendering.json", format!("{{\"schema\": 1, \"language\": {:?}}}", "\u{7}x"));
    all_readers(&place);
}

/// Another program's output is no more ours than a bundle is.
#[cfg(unix)]
#[test]
fn what_a_program_prints_is_quoted_and_not_repeated() {
    let place = Place::new();
    let spelt = HOSTILE.replace("%0A", "%%0A").replace('\u{7}', "\\007");
    let base = "schema: 1\ntitle: T\nseeds: [1]\nmetrics: {score: {better: higher}}\nvariants: [{id: a}]\n";
    place.write("program.sh", format!("#!/bin/sh\nprintf '{spelt}\\n' >&2\nprintf '{spelt}\\n'\n$1\n"));
    for (end, expected) in [("exit 1", 7), ("true", 7), ("echo score: 1", 0)] {
        place.write("program.yaml", format!("{base}trainer: {{command: [sh, program.sh, {end:?}]}}\n"));
        for flags in [&[][..], &["--json"], &["--quiet"]] {
            let (code, said) = listen(&place, &[&["run", "program.yaml", "--fresh"], flags].concat());
            assert_eq!(code, expected, "{end}: {said}");
        }
        listen(&place, &["verify", "runs/program"]);
        let (_, said) = listen(&place, &["run", "runs/program/experiment.yaml", "--out", "elsewhere"]);
        assert!(said.contains("--trust"), "{said}");
    }
}
