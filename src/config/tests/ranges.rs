//! Numbers that are too small or too large: all of a file's are reported together.

use super::{MINIMAL, accept, minimal_with, refuse};
use crate::config::{DataSource, Fit};

#[test]
fn every_number_out_of_range_is_reported_at_once() {
    let text = "\
schema: 1
title: T
confidence: 1
data: {source: synthetic, per_class: {train: 0}}
seeds: 0
model:
  width: 4.5
  norm: {kind: batch, momentum: 1, epsilon: 0}
train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
variants:
- id: a
  train:
    image_size: 1025
    learning_rate: .inf
    schedule: {decay: {kind: step, every_epochs: 0, factor: 1.5}}
  reported: {val_accuracy: 75.11, val_loss: .nan}
- {id: b, train: {learning_rate: 0, epochs: 10001, augment: {crop_padding: 65}}}
";
    insta::assert_snapshot!(refuse(text, &[]), @"
      × dir/try.yaml has 20 errors

    Error:
      × `confidence` is out of range: 1
       ╭─[dir/try.yaml:3:13]
     2 │ title: T
     3 │ confidence: 1
       ·             ─
     4 │ data: {source: synthetic, per_class: {train: 0}}
       ╰────
      help: use a number above 0 and below 1

    Error:
      × `data.per_class.train` is out of range: 0
       ╭─[dir/try.yaml:4:46]
     3 │ confidence: 1
     4 │ data: {source: synthetic, per_class: {train: 0}}
       ·                                              ─
     5 │ seeds: 0
       ╰────
      help: use a number of at least 1 and at most 100000

    Error:
      × `seeds` is out of range: 0
       ╭─[dir/try.yaml:5:8]
     4 │ data: {source: synthetic, per_class: {train: 0}}
     5 │ seeds: 0
       ·        ─
     6 │ model:
       ╰────
      help: use a number of at least 1 and at most 10000

    Error:
      × `model.width` is out of range: 4.5
       ╭─[dir/try.yaml:7:10]
     6 │ model:
     7 │   width: 4.5
       ·          ───
     8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
       ╰────
      help: use a number above 0 and at most 4

    Error:
      × `model.norm.momentum` is out of range: 1
       ╭─[dir/try.yaml:8:33]
     7 │   width: 4.5
     8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
       ·                                 ─
     9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
       ╰────
      help: use a number of at least 0 and below 1

    Error:
      × `model.norm.epsilon` is out of range: 0
       ╭─[dir/try.yaml:8:45]
     7 │   width: 4.5
     8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
       ·                                             ─
     9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
       ╰────
      help: use a number above 0

    Error:
      × `train.epochs` is out of range: 0
        ╭─[dir/try.yaml:9:17]
      8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
      9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
        ·                 ─
     10 │ variants:
        ╰────
      help: use a number of at least 1 and at most 10000

    Error:
      × `train.batch_size` is out of range: 0
        ╭─[dir/try.yaml:9:32]
      8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
      9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
        ·                                ─
     10 │ variants:
        ╰────
      help: use a number of at least 1 and at most 65536

    Error:
      × `train.image_size` is out of range: 7
        ╭─[dir/try.yaml:9:47]
      8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
      9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
        ·                                               ─
     10 │ variants:
        ╰────
      help: use a number of at least 8 and at most 1024

    Error:
      × `train.momentum` is out of range: 1
        ╭─[dir/try.yaml:9:60]
      8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
      9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
        ·                                                            ───
     10 │ variants:
        ╰────
      help: use a number of at least 0 and below 1

    Error:
      × `train.weight_decay` is out of range: -1
        ╭─[dir/try.yaml:9:79]
      8 │   norm: {kind: batch, momentum: 1, epsilon: 0}
      9 │ train: {epochs: 0, batch_size: 0, image_size: 7, momentum: 1.0, weight_decay: -1}
        ·                                                                               ──
     10 │ variants:
        ╰────
      help: use a number of at least 0

    Error:
      × `variants[0].train.image_size` is out of range: 1025
        ╭─[dir/try.yaml:13:17]
     12 │   train:
     13 │     image_size: 1025
        ·                 ────
     14 │     learning_rate: .inf
        ╰────
      help: use a number of at least 8 and at most 1024

    Error:
      × `variants[0].train.learning_rate` is out of range: inf
        ╭─[dir/try.yaml:14:20]
     13 │     image_size: 1025
     14 │     learning_rate: .inf
        ·                    ────
     15 │     schedule: {decay: {kind: step, every_epochs: 0, factor: 1.5}}
        ╰────
      help: use a number above 0

    Error:
      × `variants[0].train.schedule.decay.every_epochs` is out of range: 0
        ╭─[dir/try.yaml:15:50]
     14 │     learning_rate: .inf
     15 │     schedule: {decay: {kind: step, every_epochs: 0, factor: 1.5}}
        ·                                                  ─
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
        ╰────
      help: use a number of at least 1 and at most 10000

    Error:
      × `variants[0].train.schedule.decay.factor` is out of range: 1.5
        ╭─[dir/try.yaml:15:61]
     14 │     learning_rate: .inf
     15 │     schedule: {decay: {kind: step, every_epochs: 0, factor: 1.5}}
        ·                                                             ───
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
        ╰────
      help: use a number above 0 and at most 1

    Error:
      × `variants[0].reported.val_accuracy` is out of range: 75.11
        ╭─[dir/try.yaml:16:28]
     15 │     schedule: {decay: {kind: step, every_epochs: 0, factor: 1.5}}
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
        ·                            ─────
     17 │ - {id: b, train: {learning_rate: 0, epochs: 10001, augment: {crop_padding: 65}}}
        ╰────
      help: use a number of at least 0 and at most 1

    Error:
      × `variants[0].reported.val_loss` is out of range: NaN
        ╭─[dir/try.yaml:16:45]
     15 │     schedule: {decay: {kind: step, every_epochs: 0, factor: 1.5}}
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
        ·                                             ────
     17 │ - {id: b, train: {learning_rate: 0, epochs: 10001, augment: {crop_padding: 65}}}
        ╰────
      help: use a number of at least 0

    Error:
      × `variants[1].train.epochs` is out of range: 10001
        ╭─[dir/try.yaml:17:45]
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
     17 │ - {id: b, train: {learning_rate: 0, epochs: 10001, augment: {crop_padding: 65}}}
        ·                                             ─────
        ╰────
      help: use a number of at least 1 and at most 10000

    Error:
      × `variants[1].train.learning_rate` is out of range: 0
        ╭─[dir/try.yaml:17:34]
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
     17 │ - {id: b, train: {learning_rate: 0, epochs: 10001, augment: {crop_padding: 65}}}
        ·                                  ─
        ╰────
      help: use a number above 0

    Error:
      × `variants[1].train.augment.crop_padding` is out of range: 65
        ╭─[dir/try.yaml:17:76]
     16 │   reported: {val_accuracy: 75.11, val_loss: .nan}
     17 │ - {id: b, train: {learning_rate: 0, epochs: 10001, augment: {crop_padding: 65}}}
        ·                                                                            ──
        ╰────
      help: use a number of at least 0 and at most 64
    ");
}

#[test]
fn sizes_and_times_of_throughput_have_limits() {
    for (line, wanted) in [
        ("throughput: {rounds: 1}", "at least 2 and at most 1000"),
        ("throughput: {seconds: 0}", "above 0 and at most 600"),
        ("throughput: {budget: .nan}", "above 0 and at most 1000000"),
        ("throughput: {batch_sizes: [0]}", "at least 1 and at most 65536"),
        ("throughput: {image_sizes: [7]}", "at least 8 and at most 1024"),
        (
            "throughput: {image_sizes: [16]}",
            "of images of 16 x 16 pixels a map of 1 x 1 x 576 is left, too small for 3 x 3 pixels",
        ),
        ("throughput: {batch_sizes: []}", "`throughput.batch_sizes` is empty"),
        ("throughput: {batch_sizes: [4, 4]}", "size 4 is used twice"),
    ] {
        let refusal = refuse(&format!("{MINIMAL}{line}\n"), &[]);
        assert!(refusal.contains(wanted), "{line}: {refusal}");
    }
}

#[test]
fn photographs_are_made_no_smaller_than_what_is_cropped_from_them() {
    let with = |data: &str| minimal_with("{source: synthetic}", &format!("{{{data}}}"));
    let source = |data: &str| accept(&with(&format!("source: images, path: p, {data}")), &[]).images().source.clone();
    let fitted = |resize, crop| DataSource::Images { path: "dir/p".into(), fit: Some(Fit { resize, crop }) };
    assert_eq!(source("fit: 224"), fitted(224, 224));
    assert_eq!(source("fit: {resize: 256, crop: 224}"), fitted(256, 224));
    for (data, wanted) in [
        ("source: images, path: p, fit: 0", "at least 1 and at most 4096"),
        ("source: images, path: p, fit: {resize: 224, crop: 256}", "crops to 256 pixels what it made 224 pixels small"),
        ("source: images, path: p, fit: {crop: 224}", "missing key `resize` in `data.fit`"),
        ("source: synthetic, fit: 224", "`fit` does not go with `source: synthetic`"),
        ("source: idx, path: p, fit: 224", "`fit` does not go with `source: idx`"),
        ("source: idx", "missing key `path` in `data`"),
        ("source: cifar100", "missing key `path` in `data`"),
        ("source: images, path: p, leakage: never", "leakage"),
    ] {
        let refusal = refuse(&with(data), &[]);
        assert!(refusal.contains(wanted), "{data}: {refusal}");
    }
}

#[test]
fn looks_that_cannot_be_taken_are_refused_with_what_is_wrong() {
    let file = |seeds: &str, settle: &str, own: &str| {
        format!(
            "schema: 1\ntitle: T\ntrainer: {{command: [sh, '{{seed}}']}}\nmetrics: {{m: {{better: higher}}}}\n{seeds}\n\
             settle: {settle}\nvariants: [{{id: a{own}}}]\n"
        )
    };
    for (seeds, settle, own, said) in [
        ("seeds: 20", "{looks: [3, 5]}", "", "the last look has 5 seeds where the experiment has 20"),
        ("seeds: [4, 5, 6]", "{looks: [2, 3]}", "", ""),
        ("seeds: 5", "{looks: [5, 3]}", "", "looks must ascend"),
        ("seeds: 5", "{looks: [3, 3, 5]}", "", "looks must ascend"),
        ("seeds: 5", "{looks: [1, 5]}", "", "the first look has fewer than 2 seeds"),
        ("seeds: 5", "{looks: []}", "", "there are 0 looks"),
        ("seeds: 5", "{looks: [3, 5], rule: obrien}", "", "`settle.rule` cannot be `obrien`"),
        ("seeds: 5", "{looks: [3, 5], budget: soon}", "", "`soon` is no span of time"),
        ("seeds: 5", "{looks: [3, 5], budget: 2h 30m, rule: cubic}", "", ""),
        ("seeds: 5", "{looks: [3, 5]}", ", seeds: 2", "`seeds` of a variant's own do not go with `settle`"),
    ] {
        let text = file(seeds, settle, own);
        match crate::config::load_str("try.yaml", &text, std::path::Path::new(""), &[]) {
            Ok(_) => assert_eq!(said, "", "{text}"),
            Err(error) => {
                let error = format!("{:?}", miette::Report::new(*error));
                assert!(!said.is_empty() && error.contains(said), "{text}{error}");
            }
        }
    }
}
