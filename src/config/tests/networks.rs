//! Networks in a file: what is refused, where, and how it is recorded.

use super::{accept, minimal_with, refuse};
use crate::config::Optimizer;

const LISTED: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 2, image_size: 32}
model:
  layers:
  - conv: 8
  - norm
  - act: relu
  - repeat:
      times: 2
      layers:
      - residual:
        - conv: 8
        - norm
      - pool: max
  - flatten
  - dense: classes
variants:
- id: bn
- {id: none, model: {norm: none}}
";

fn with(old: &str, new: &str) -> String {
    assert!(LISTED.contains(old), "{old}");
    LISTED.replacen(old, new, 1)
}

#[test]
fn a_list_of_layers_is_accepted_and_recorded_in_the_language_it_was_written_in() {
    let experiment = accept(LISTED, &[]);
    let text = format!("schema: 1\n{}", serde_yaml::to_string(&experiment).unwrap());
    assert!(text.contains("- residual:") && text.contains("filters: 8"), "{text}");
    let again = crate::config::load_str("bundle/experiment.yaml", &text, std::path::Path::new(""), &[]);
    assert_eq!(again.unwrap_or_else(|error| panic!("{error:?}\n{text}")), experiment);
}

#[test]
fn every_preset_is_recorded_as_its_layers_and_read_back() {
    for preset in ["vgg", "resnet", "mlp", "simple_cnn"] {
        let text = minimal_with("- id: bn", &format!("- {{id: bn, model: {preset}}}"));
        let experiment = accept(&text, &["train.image_size=32"]);
        let record = format!("schema: 1\n{}", serde_yaml::to_string(&experiment).unwrap());
        let again = crate::config::load_str("dir/try.yaml", &record, std::path::Path::new("dir"), &[]);
        assert_eq!(again.unwrap_or_else(|error| panic!("{error:?}\n{record}")), experiment, "{preset}");
    }
}

#[test]
fn a_layer_that_cannot_follow_is_pointed_at() {
    insta::assert_snapshot!(refuse(&with("  - flatten\n", ""), &[]));
    insta::assert_snapshot!(refuse(&with("      - pool: max", "      - pool: {kind: max, size: 9, stride: 9}"), &[]));
    insta::assert_snapshot!(refuse(&with("        - conv: 8", "        - conv: {filters: 16, stride: 2}"), &[]));
}

#[test]
fn a_layer_that_is_written_wrongly_is_pointed_at() {
    insta::assert_snapshot!(refuse(&with("  - act: relu", "  - act: tanh"), &[]));
    insta::assert_snapshot!(refuse(&with("  - norm\n  - act", "  - nrom\n  - act"), &[]));
    insta::assert_snapshot!(refuse(&with("  - conv: 8\n  - norm", "  - convolution: 8\n  - norm"), &[]));
    insta::assert_snapshot!(refuse(
        &with("  - conv: 8\n  - norm", "  - conv: {filters: 8, strides: 2}\n  - norm"),
        &[]
    ));
    insta::assert_snapshot!(refuse(&with("  - conv: 8\n  - norm", "  - conv: {size: 5}\n  - norm"), &[]));
    insta::assert_snapshot!(refuse(&with("times: 2", "times: 0"), &[]));
    insta::assert_snapshot!(refuse(&with("  - act: relu", "  - act: relu\n    dropout: 0.1"), &[]));
    insta::assert_snapshot!(refuse(&with("  - dense: classes\n", "  - dense: 10\n"), &[]));
}

#[test]
fn a_network_that_would_take_all_memory_is_refused() {
    let endless = "      times: 1000\n      layers:\n      - repeat: {times: 1000, layers: [{conv: 8}]}\n";
    let text = with("      times: 2\n      layers:\n", endless);
    assert!(refuse(&text, &[]).contains("more than 10000 layers"), "{}", refuse(&text, &[]));
    let wide = refuse(&with("  - flatten\n", "  - flatten\n  - dense: 65536\n  - dense: 65536\n"), &[]);
    assert!(wide.contains("more than 536870912 weights"), "{wide}");
}

#[test]
fn a_knob_that_a_network_has_no_place_for_is_refused() {
    let plain = with("  - norm\n  - act", "  - act")
        .replace("        - norm\n", "")
        .replace("- {id: none, model: {norm: none}}\n", "");
    assert_eq!(accept(&plain, &[]).variants[0].network().model.norm, crate::config::Norm::None);
    let norm = refuse(&plain, &["model.norm=batch"]);
    assert!(norm.contains("has a `norm`, and its network has no place for it"), "{norm}");
    let place = refuse(&plain, &["model.dropout={rate: 0.1, place: norm}"]);
    assert!(place.contains("drops after every normalisation, and its network has none"), "{place}");
    let depth = refuse(&minimal_with("- id: bn", "- {id: bn, model: {preset: mlp, depth: 4}}"), &[]);
    assert!(depth.contains("`mlp` has one depth"), "{depth}");
    let resnet = refuse(&minimal_with("- id: bn", "- {id: bn, model: {preset: resnet, depth: 21}}"), &[]);
    assert!(resnet.contains("there is no `resnet` of this depth") && resnet.contains("8, 14, 20"), "{resnet}");
    let both = refuse(LISTED, &["model.preset=mlp"]);
    assert!(both.contains("both `layers` and the preset `mlp`"), "{both}");
}

#[test]
fn images_must_be_large_enough_for_the_network() {
    let small = refuse(&minimal_with("epochs: 2", "epochs: 2, image_size: 8"), &[]);
    assert!(small.contains("of images of 8 x 8 pixels a map of 1 x 1"), "{small}");
    let measured = "train: {epochs: 2}\nthroughput: {image_sizes: [8]}";
    let small = refuse(&minimal_with("train: {epochs: 2}", measured), &[]);
    assert!(small.contains("of images of 8 x 8 pixels") && small.contains("image_sizes: [8]"), "{small}");
    accept(&minimal_with("- id: bn", "- {id: bn, model: mlp, train: {image_size: 8}}"), &[]);
}

#[test]
fn optimizers_have_the_defaults_of_the_framework_that_is_named() {
    let recipe = |train: &str| {
        let text = minimal_with("epochs: 2", &format!("epochs: 2, {train}"));
        accept(&text, &[]).variants[0].network().train.clone()
    };
    // keras.optimizers.RMSprop(): learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07.
    let keras = recipe("optimizer: rmsprop");
    assert_eq!(keras.optimizer, Optimizer::Rmsprop { rho: 0.9, epsilon: 1e-7 });
    assert_eq!((keras.learning_rate, keras.weight_decay), (0.001, 0.0));
    // torch.optim.RMSprop: lr=0.01, alpha=0.99, eps=1e-08.
    let pytorch = recipe("optimizer: {kind: rmsprop, defaults: pytorch}");
    assert_eq!(pytorch.optimizer, Optimizer::Rmsprop { rho: 0.99, epsilon: 1e-8 });
    assert_eq!(pytorch.learning_rate, 0.01);
    // keras.optimizers.AdamW(): weight_decay=0.004; torch.optim.AdamW: weight_decay=0.01.
    let decay = |train: &str| recipe(train).weight_decay;
    assert_eq!((decay("optimizer: adamw"), decay("optimizer: {kind: adamw, defaults: pytorch}")), (0.004, 0.01));
    assert_eq!(
        recipe("optimizer: {kind: sgd, nesterov: true}, momentum: 0.9").optimizer,
        Optimizer::Sgd { nesterov: true }
    );
    assert_eq!(recipe("label_smoothing: 0.1").label_smoothing, 0.1);
    let wrong = |train: &str| refuse(&minimal_with("epochs: 2", &format!("epochs: 2, {train}")), &[]);
    assert!(wrong("optimizer: {kind: sgd, rho: 0.9}").contains("`rho` does not go with `kind: sgd`"));
    assert!(wrong("optimizer: adam, momentum: 0.9").contains("which its optimizer has in `beta_1`"));
    assert!(wrong("optimizer: {kind: sgd, nesterov: true}").contains("and has no momentum"));
    assert!(wrong("label_smoothing: 1").contains("out of range: 1"));
}

/// A record is a stranger's: no size in it may reach the arithmetic of shapes before it was judged.
#[test]
fn sizes_of_a_recorded_network_that_no_file_may_have_are_refused_before_it_is_built() {
    let experiment = accept(LISTED, &[]);
    let text = format!("schema: 1\n{}", serde_yaml::to_string(&experiment).unwrap());
    for (from, to) in [
        ("stride: 1", "stride: 0"),
        ("size: 3", "size: 0"),
        ("dilation: 1", "dilation: 0"),
        ("groups: 1", "groups: 0"),
        ("times: 2", "times: 0"),
    ] {
        let forged = text.replacen(from, to, 1);
        assert_ne!(forged, text, "{from}");
        assert!(refuse(&forged, &[]).contains("out of range: 0"), "{to}: {}", refuse(&forged, &[]));
        // As a bundle's reader has it.
        let record = forged.split_once('\n').unwrap().1;
        let read: Result<crate::config::Experiment, _> = serde_yaml::from_str(record);
        assert!(crate::config::check_recorded(&read.unwrap()).unwrap_err().contains("out of range: 0"), "{to}");
    }
    let without = text.lines().skip(1).filter(|line| line.trim() != "- flatten");
    let record = without.map(|line| format!("{line}\n")).collect::<String>();
    let read: crate::config::Experiment = serde_yaml::from_str(&record).unwrap();
    assert!(crate::config::check_recorded(&read).unwrap_err().contains("a dense layer reads a row of values"));
}
