//! Kinds of normalisation and dropout, and the precision: what goes with what.

use super::{accept, minimal_with, refuse};
use crate::config::{DropoutKind, DropoutPlace, Norm, Precision};

fn with_model(model: &str) -> String {
    minimal_with("- id: bn", &format!("- id: bn\n  model: {{{model}}}"))
}

#[test]
fn group_normalisation_has_groups_and_no_momentum() {
    let norm = |model: &str| accept(&with_model(model), &[]).variants[0].network().model.norm;
    assert_eq!(norm("norm: group"), Norm::Group { groups: 8, epsilon: 0.001 });
    assert_eq!(norm("norm: {kind: group, groups: 4, epsilon: 0.1}"), Norm::Group { groups: 4, epsilon: 0.1 });
    let momentum = refuse(&with_model("norm: {kind: group, momentum: 0.9}"), &[]);
    assert!(momentum.contains("`momentum` does not go with `kind: group`"), "{momentum}");
    let groups = refuse(&with_model("norm: {kind: batch, groups: 4}"), &[]);
    assert!(groups.contains("`groups` does not go with `kind: batch`"), "{groups}");
    assert!(refuse(&with_model("norm: {kind: group, groups: 0}"), &[]).contains("out of range: 0"));
}

#[test]
fn blocks_have_a_size_and_stand_where_there_are_maps() {
    let dropout = |model: &str| accept(&with_model(model), &[]).variants[0].network().model.dropout.unwrap();
    let block = dropout("dropout: {rate: 0.1, kind: block}");
    assert_eq!((block.kind, block.block_size, block.place), (DropoutKind::Block, Some(3), DropoutPlace::Activation));
    assert_eq!(dropout("dropout: {rate: 0.1, kind: block, block_size: 5}").block_size, Some(5));
    assert_eq!(dropout("dropout: {rate: 0.1, place: convolution}").place, DropoutPlace::Convolution);
    assert_eq!(dropout("dropout: {rate: 0.1, place: norm}").block_size, None);
    let element = refuse(&with_model("dropout: {rate: 0.1, kind: element, block_size: 5}"), &[]);
    assert!(element.contains("`block_size` does not go with `kind: element`"), "{element}");
    let head = refuse(&with_model("dropout: {rate: 0.1, kind: block, place: head}"), &[]);
    assert!(head.contains("which have no neighbours"), "{head}");
}

#[test]
fn precision_is_single_unless_asked_otherwise() {
    let precision = |overrides: &[&str]| accept(&minimal_with("", ""), overrides).variants[0].network().train.precision;
    assert_eq!(precision(&[]), Precision::Fp32);
    assert_eq!(precision(&["train.precision=bf16"]), Precision::Bf16);
    let wrong = refuse(&minimal_with("", ""), &["train.precision=fp16"]);
    assert!(wrong.contains("`fp32`, `tf32` or `bf16`"), "{wrong}");
}

#[test]
fn a_variant_may_have_seeds_of_its_own() {
    let text = minimal_with("- id: bn", "- id: bn\n- id: more\n  model: {norm: none}\n  seeds: 3");
    let experiment = accept(&text, &[]);
    let trials: Vec<_> = experiment.trials().map(|(variant, seed)| (variant.id.to_string(), seed.0)).collect();
    let expected = [("bn", 1), ("more", 1), ("more", 2), ("more", 3)].map(|(id, seed)| (id.to_owned(), seed));
    assert_eq!(trials, expected);
    let twice = refuse(&minimal_with("- id: bn", "- id: bn\n  seeds: [4, 4]"), &[]);
    assert!(twice.contains("seed 4 is used twice"), "{twice}");
}

#[test]
fn a_published_experiment_names_its_data_but_not_where_it_lay() {
    let text = minimal_with("source: synthetic", "source: images, path: /home/somebody/images.tar");
    let published = accept(&text, &[]).published();
    assert_eq!(published.images().source.path(), Some(std::path::Path::new("images.tar")));
}
