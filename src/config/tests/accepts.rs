//! What a file may say, and what it then means.

use std::path::Path;

use super::{MINIMAL, accept, minimal_with};
use crate::config::{
    DataSource, Decay, Dropout, DropoutKind, DropoutPlace, Initializer, Norm, PerClass, PixelRange, Rate, Seed,
    Throughput,
};

#[test]
fn a_minimal_file_gets_the_documented_defaults() {
    let experiment = accept(MINIMAL, &[]);
    assert_eq!(experiment.id.as_str(), "try");
    assert_eq!(experiment.confidence, 0.95);
    assert_eq!(experiment.images().source, DataSource::Synthetic { seed: 1 });
    assert_eq!(experiment.images().per_class, PerClass { train: Some(400), test: Some(100) });
    let variant = &experiment.variants[0];
    assert_eq!(variant.label, "bn");
    // Keras's BatchNormalization: momentum=0.99, epsilon=0.001.
    assert_eq!(variant.network().model.norm, Norm::Batch { momentum: 0.99, epsilon: 0.001 });
    assert_eq!(variant.network().model.dropout, None);
    assert_eq!(variant.network().model.initializer, Initializer::Keras);
    assert_eq!(variant.network().model.width, 1.0);
    assert_eq!(
        (variant.network().train.epochs, variant.network().train.batch_size, variant.network().train.image_size),
        (2, 32, 224)
    );
    assert_eq!(variant.network().train.pixels, PixelRange::Unit);
    assert_eq!(
        (variant.network().train.learning_rate, variant.network().train.momentum, variant.network().train.weight_decay),
        (0.1, 0.0, 0.0)
    );
    assert_eq!(
        (variant.network().train.schedule.warmup_epochs, variant.network().train.schedule.decay),
        (0, Decay::Constant)
    );
    assert_eq!(
        (variant.network().train.augment.horizontal_flip, variant.network().train.augment.crop_padding),
        (false, 0)
    );
}

#[test]
fn a_variant_overrides_shared_settings_key_by_key() {
    let text = "\
schema: 1
title: T
data: {source: synthetic, per_class: 7}
seeds: 3
model: {norm: none, dropout: {rate: 0.2, kind: channel}, width: 0.5}
train:
  epochs: 4
  schedule: {warmup_epochs: 1, decay: {kind: cosine, final_factor: 0.1}}
  augment: {horizontal_flip: true}
variants:
- id: a
- id: b
  model: {norm: {kind: batch, momentum: 0.9}, dropout: 0.1}
  train: {learning_rate: 0.02, schedule: {decay: constant}, augment: {crop_padding: 4}}
- id: c
  model: {dropout: 0}
  train: {schedule: {decay: {kind: step, every_epochs: 2, factor: 0.5}}}
";
    let experiment = accept(text, &[]);
    assert_eq!(experiment.seeds, [Seed(1), Seed(2), Seed(3)]);
    assert_eq!(experiment.images().per_class, PerClass { train: Some(7), test: Some(7) });
    let [a, b, c] = &experiment.variants[..] else { panic!("three variants") };
    let dropout = |rate| {
        Some(Dropout {
            rate: Rate::new(rate).unwrap(),
            kind: DropoutKind::Channel,
            place: DropoutPlace::Activation,
            block_size: None,
        })
    };
    assert_eq!((a.network().model.norm, a.network().model.dropout.as_ref()), (Norm::None, dropout(0.2).as_ref()));
    assert_eq!(b.network().model.norm, Norm::Batch { momentum: 0.9, epsilon: 0.001 });
    assert_eq!((b.network().model.dropout.as_ref(), b.network().model.width), (dropout(0.1).as_ref(), 0.5));
    assert_eq!((b.network().train.epochs, b.network().train.learning_rate), (4, 0.02));
    assert_eq!((b.network().train.schedule.warmup_epochs, b.network().train.schedule.decay), (1, Decay::Constant));
    assert_eq!((b.network().train.augment.horizontal_flip, b.network().train.augment.crop_padding), (true, 4));
    assert_eq!(c.network().model.dropout, None);
    assert_eq!(c.network().train.schedule.decay, Decay::Step { every_epochs: 2, factor: 0.5 });
    assert_eq!(a.network().train.schedule.decay, Decay::Cosine { final_factor: 0.1 });
}

#[test]
fn a_data_path_starts_at_the_files_folder_or_on_the_command_line_at_the_current_one() {
    let path = |experiment: super::Experiment| experiment.images().source.path().map(Path::to_path_buf);
    let text = minimal_with("source: synthetic", "source: images, path: some/images");
    assert_eq!(path(accept(&text, &[])).as_deref(), Some(Path::new("dir/some/images")));
    assert_eq!(path(accept(&text, &["data.path=some/images"])).as_deref(), Some(Path::new("some/images")));
    let whole = ["data={source: cifar10, path: here}"];
    assert_eq!(path(accept(&text, &whole)).as_deref(), Some(Path::new("here")));
    let absolute = minimal_with("source: synthetic", "source: cifar10, path: /data");
    assert_eq!(path(accept(&absolute, &[])).as_deref(), Some(Path::new("/data")));
    assert_eq!(path(accept(&minimal_with("synthetic", "cifar10"), &[])), None);
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let text = minimal_with(
        "- id: bn\n",
        "- {id: a, train: &slow {learning_rate: 0.01}}\n- {id: b, train: *slow, model: {norm: none}}\n\
         - {id: c, train: {<<: *slow, momentum: 0.9}}\n",
    );
    let rates: Vec<f64> =
        accept(&text, &[]).variants.iter().map(|variant| variant.network().train.learning_rate).collect();
    assert_eq!(rates, [0.01, 0.01, 0.01]);
}

#[test]
fn sections_may_be_left_empty() {
    let text = minimal_with("train: {epochs: 2}\n", "train: {epochs: 2}\nmodel:\ndeviations:\nquestion:\n");
    assert_eq!(accept(&format!("{text}  model:\n  reported:\n"), &[]), accept(MINIMAL, &[]));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_accepted() {
    let text = format!("\u{feff}{}", MINIMAL.replace('\n', "\r\n"));
    assert_eq!(accept(&text, &[]), accept(MINIMAL, &[]));
}

#[test]
fn trials_come_variant_by_variant_in_file_order() {
    let text = minimal_with("- id: bn\n", "- id: z\n- {id: a, model: {norm: none}}\n").replace("[1]", "[9, 3]");
    let experiment = accept(&text, &[]);
    let trials: Vec<(&str, u64)> = experiment.trials().map(|(variant, seed)| (variant.id.as_str(), seed.0)).collect();
    assert_eq!(trials, [("z", 9), ("z", 3), ("a", 9), ("a", 3)]);
}

#[test]
fn a_resolved_experiment_reads_back_what_it_wrote() {
    let text = minimal_with("- id: bn\n", "- id: a\n  model: {dropout: 0.1}\n  reported: {val_loss: 0.1}\n");
    let experiment = accept(&text, &["train.schedule.decay={kind: step, every_epochs: 1, factor: 0.3}"]);
    let yaml = serde_yaml::to_string(&experiment).unwrap();
    assert_eq!(serde_yaml::from_str::<super::Experiment>(&yaml).unwrap(), experiment);
    let json = serde_json::to_string(&experiment).unwrap();
    assert_eq!(serde_json::from_str::<super::Experiment>(&json).unwrap(), experiment);
}

#[test]
fn throughput_is_measured_unless_it_is_switched_off() {
    let throughput = |line: &str| accept(&format!("{MINIMAL}{line}"), &[]).throughput;
    let default = Throughput { batch_sizes: None, image_sizes: vec![], rounds: 5, seconds: 0.15, budget: 45.0 };
    assert_eq!(throughput(""), Some(default.clone()));
    assert_eq!(throughput("throughput: true\n"), Some(default.clone()));
    for off in ["throughput: false\n", "throughput: {enabled: false, rounds: 9}\n"] {
        assert_eq!(throughput(off), None);
    }
    let changed = throughput("throughput: {batch_sizes: [1, 64], image_sizes: [96], rounds: 3, budget: 600}\n");
    let expected =
        Throughput { batch_sizes: Some(vec![1, 64]), image_sizes: vec![96], rounds: 3, budget: 600.0, ..default };
    assert_eq!(changed, Some(expected));
}
