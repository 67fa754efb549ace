//! A bundle's `experiment.yaml` as an experiment file.

use std::fs;
use std::path::Path;

use super::{accept, configs, minimal_with, overrides, refuse, render, try_load};
use crate::config::{Experiment, Seed, load, load_with_data};

/// Everything that resolves to a form of its own.
const EVERYTHING: &str = "\
schema: 1
id: all
title: T
data: {source: images, path: photos.tar, per_class: {train: 3}, fit: {resize: 40, crop: 32}, leakage: fail}
confidence: 0.9
seeds: [1, 18446744073709551615]
model: {width: 0.35}
train: {epochs: 4, learning_rate: 0.1, schedule: {warmup_epochs: 1, decay: {kind: step, every_epochs: 2, factor: 0.5}}}
variants:
- {id: a, label: b, model: {norm: {kind: group, groups: 4}, dropout: {rate: 0.1, kind: block}}, seeds: 3}
- {id: b, label: a, model: {dropout: {rate: 0.2, kind: channel, place: norm}}, train: {precision: bf16}}
- {id: c, model: {norm: none, initializer: he}, train: {schedule: {decay: cosine}}, reported: {val_loss: 1.5}}
throughput: {batch_sizes: [2], image_sizes: [64], rounds: 3}
claims:
- {id: below, quote: Q, says: S, must: refuted, test: {metric: val_accuracy, of: a, below: 0.1, confidence: 0.99}}
- {id: within, says: S, reported: {val_accuracy: 0.5}, test: {metric: val_accuracy, of: a, around: 0.5, within: 0.1}}
- {id: same, says: S, test: {metric: val_loss, of: a, minus: b, within: 1e-6}}
- {id: above, says: S, test: {metric: signal_initial, of: a, minus: b, above: 1}}
- {id: trend, says: S, test: {metric: val_accuracy, along: [c, b, a], trend: increasing}}
deviations: [D]
";

/// What a bundle writes of an experiment.
fn recorded(experiment: &Experiment) -> String {
    format!("schema: 1\n{}", serde_yaml::to_string(experiment).unwrap())
}

/// Reads it back under another file name, which would give another id.
#[track_caller]
fn read_back(experiment: &Experiment, changes: &[&str]) -> Experiment {
    let text = recorded(experiment);
    super::load_str("bundle/experiment.yaml", &text, Path::new(""), &overrides(changes))
        .unwrap_or_else(|error| panic!("{}\n{text}", render(&error)))
}

#[test]
fn a_recorded_experiment_resolves_to_itself_id_included() {
    let shipped = ["quick.yaml", "article-cpu.yaml", "article.yaml"].map(|name| {
        let experiment = load(&configs().join(name), &[]).unwrap();
        assert_eq!(experiment.id.as_str(), name.trim_end_matches(".yaml"));
        experiment.published()
    });
    let all = accept(EVERYTHING, &[]).published();
    for experiment in shipped.iter().chain([&all, &accept(&minimal_with("", ""), &["throughput=false"])]) {
        assert_eq!(read_back(experiment, &[]), *experiment);
    }
}

#[test]
fn an_override_changes_a_recorded_experiment_as_it_changes_the_file() {
    for change in [
        "train.epochs=7",
        "train.schedule.warmup_epochs=2",
        "model.width=1",
        "seeds=[5]",
        "confidence=0.8",
        "throughput=false",
        "throughput.rounds=9",
        "variants=[b,c]",
        "variants.a.model.dropout.rate=0.3",
        "variants.c.train.epochs=9",
        "data.path=/elsewhere.tar",
        "data={source: synthetic}",
    ] {
        let changed = accept(EVERYTHING, &[change]).published();
        assert_eq!(read_back(&accept(EVERYTHING, &[]).published(), &[change]).published(), changed, "{change}");
    }
    let seeds = read_back(&accept(EVERYTHING, &[]), &["seeds=1"]).variants.swap_remove(1).seeds;
    assert_eq!(seeds, [Seed(1)]);
}

#[test]
fn images_of_a_recorded_experiment_are_looked_for_beside_it_unless_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("experiment.yaml");
    fs::write(&path, recorded(&accept(EVERYTHING, &[]).published())).unwrap();
    let experiment = load(&path, &[]).unwrap();
    assert_eq!(experiment.images().source.path(), Some(folder.path().join("photos.tar").as_path()));
    let shown = render(&load_with_data(&path, &[]).unwrap_err());
    assert!(shown.contains("--data PATH") && !shown.contains("put the images there"), "{shown}");
    let elsewhere = [crate::config::Override::data_path(folder.path().to_str().unwrap())];
    assert_eq!(load_with_data(&path, &elsewhere).unwrap().images().source.path(), Some(folder.path()));
}

#[test]
fn a_damaged_record_is_shown_where_it_is_damaged() {
    let quick = recorded(&load(&configs().join("quick.yaml"), &[]).unwrap());
    let damaged = |from: &str, to: &str| {
        assert!(quick.contains(from), "{from}");
        refuse(&quick.replacen(from, to, 1), &[])
    };
    assert!(damaged("schema: 1", "schema: 2").contains("format version 2 is newer than this program"));
    assert!(damaged("schema: 1\n", "").contains("missing key `schema`"));
    let unknown = damaged("    initializer: keras", "    initialiser: keras");
    assert!(unknown.contains("unknown key `initialiser` in `variants[0].model`"), "{unknown}");
    assert!(unknown.contains("did you mean `initializer`?"), "{unknown}");
    let range = damaged("    epochs: 8", "    epochs: 0");
    assert!(range.contains("`variants[0].train.epochs` is out of range: 0"), "{range}");
    let verdict = damaged("must: supported", "must: inconclusive");
    assert!(verdict.contains("`claims[0].must` cannot be `inconclusive`"), "{verdict}");
}

#[test]
fn no_message_speaks_of_the_programs_own_types() {
    for (from, to) in [
        ("source: synthetic", "source: {seed: 1}"),
        ("source: synthetic", "source: [synthetic]"),
        ("source: synthetic", "source: 1"),
        ("source: synthetic", "source: !synthetic {seed: 1}"),
        ("source: synthetic", "source: synthetic, seed: -1"),
        ("source: synthetic", "source: synthetic, seed: 36893488147419103232"),
        ("epochs: 2", "epochs: !two 2"),
        ("epochs: 2", "epochs: 2.5"),
        ("epochs: 2", "epochs: 2, pixels: {unit: 1}"),
        ("epochs: 2", "epochs: 2, schedule: constant"),
        ("epochs: 2", "epochs: 2, augment: {horizontal_flip: 1}"),
        ("- id: bn", "- id: bn\n  model: {norm: [batch]}"),
        ("- id: bn", "- id: bn\n  model: {initializer: true}"),
        ("- id: bn", "- id: [bn]"),
        ("- id: bn", "- bn"),
        ("title: T", "title: !text T"),
        ("title: T", "title: {T: 1}"),
    ] {
        let Err(error) = try_load(&minimal_with(from, to), &[]) else { continue };
        let shown = render(&error);
        for word in ["Value", "enum", "u32", "u64", "u128", "i128", "f64", "struct", "variant `", "unit v"] {
            assert!(!shown.split_once("╭").unwrap().0.contains(word), "{to}: {shown}");
        }
    }
    insta::assert_snapshot!(refuse(&minimal_with("source: synthetic", "source: {seed: 1}"), &[]), @"
     × `data.source` should be a single word, not a mapping
      ╭─[dir/try.yaml:3:16]
    2 │ title: T
    3 │ data: {source: {seed: 1}}
      ·                ─────────
    4 │ seeds: [1]
      ╰────
     help: `retrial schema` lists the words it can be
    ");
}
