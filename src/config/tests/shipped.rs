//! The files in `configs/`.

use std::fs;

use super::{configs, render};
use crate::config::{DataSource, DropoutPlace, Experiment, Norm, Override, json_schema, load, load_with_data, native};

fn shipped(name: &str) -> Experiment {
    load(&configs().join(name), &[]).unwrap_or_else(|error| panic!("{}", render(&error)))
}

#[test]
fn every_shipped_experiment_loads() {
    let mut count = 0;
    for entry in fs::read_dir(configs()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let experiment = load(&path, &[]).unwrap_or_else(|error| panic!("{}", render(&error)));
            assert_eq!(experiment.id.as_str(), path.file_stem().unwrap().to_str().unwrap());
            count += 1;
        }
    }
    assert!(count >= 3, "only {count} experiments in {}", configs().display());
}

#[test]
fn every_shipped_experiment_has_both_of_the_articles_variants_and_both_controls() {
    for name in ["quick.yaml", "article.yaml", "article-cpu.yaml"] {
        let experiment = shipped(name);
        let facts: Vec<(&str, bool, bool)> = experiment
            .variants
            .iter()
            .map(|v| (v.id.as_str(), v.network().model.norm != Norm::None, v.network().model.dropout.is_some()))
            .collect();
        let expected =
            [("dropout_only", false, true), ("bn_dropout", true, true), ("bn", true, false), ("plain", false, false)];
        assert_eq!(facts[..4], expected, "{name}");
    }
}

#[test]
fn the_articles_figures_and_recipe_are_in_its_experiment() {
    let experiment = shipped("article.yaml");
    assert_eq!(experiment.images().source, DataSource::Cifar10 { path: None });
    // The two log lines that the article prints.
    let figures = |i: usize| {
        let reported = &experiment.variants[i].reported;
        native::REPORTED.map(|metric| reported.of(metric).unwrap())
    };
    assert_eq!(figures(0), [2.3033, 0.0998, 2.3033, 0.1]);
    assert_eq!(figures(1), [0.6246, 0.7846, 0.7367, 0.7511]);
    for variant in &experiment.variants {
        assert_eq!(
            (variant.network().train.image_size, variant.network().train.momentum),
            (224, 0.0),
            "SGD(LR) on (224, 224, 3)"
        );
    }
    for experiment_of_the_article in &experiment.variants[..2] {
        let dropout = experiment_of_the_article.network().model.dropout.unwrap();
        assert_eq!((dropout.rate.get(), dropout.place), (0.1, DropoutPlace::Activation), "DROP_RATE=0.1");
    }
}

#[test]
fn the_data_path_of_a_shipped_experiment_can_be_given_on_the_command_line() {
    let here = configs();
    let change = [Override::data_path(here.to_str().unwrap())];
    let experiment = load_with_data(&here.join("article-cpu.yaml"), &change).unwrap();
    assert_eq!(experiment.images().source.path(), Some(here.as_path()));
}

#[test]
fn the_published_schema_is_the_one_the_program_has() {
    let path = configs().join("schema.json");
    if std::env::var_os("RETRIAL_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, json_schema()).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == json_schema(),
        "configs/schema.json is out of date: run this test with RETRIAL_BLESS=1 to rewrite it, and commit the result"
    );
}
