//! Figures of made-up samples, worked out by hand.

use super::sample::measured;
use super::words::{rows, sentences, shares};
use super::{Throughput, of};
use crate::bundle::throughput::{Mode, Strain};
use crate::report::sample::{self, evidence};
use crate::stats::Interval;
use serde_json::Value;

fn figures<T>(look: impl Fn(&Throughput<'_>) -> T) -> T {
    look(&of(&measured(sample::learned_with_normalisation())).unwrap())
}

#[test]
fn rates_and_costs_are_those_of_hand_arithmetic() {
    figures(|found| {
        let bn = "bn".parse().unwrap();
        let own = found.own(&bn, Mode::Training).unwrap();
        // 40 ms * 1.5, of rounds at 60, 66 and 60 ms; 32 / 0.06.
        assert!((own.seconds - 0.06).abs() < 1e-12);
        assert!((own.images_per_second() - 533.333_333).abs() < 1e-3);
        let relative = own.relative.unwrap();
        // Drift hits both alike, round by round.
        assert!((relative.ratio - 1.5).abs() < 1e-12);
        let Interval { lower, upper } = relative.interval.unwrap();
        assert!((lower - 1.5).abs() < 1e-9 && (upper - 1.5).abs() < 1e-9, "{lower} {upper}");
        assert_eq!((own.marked, own.loaded, own.throttled), (1, 1, 0));
        assert_eq!((own.samples, own.outliers.high_severe, own.outliers.count()), (30, 3, 3));
        let plain = found.own(found.reference.unwrap(), Mode::Training).unwrap();
        assert!(plain.relative.is_none());
        let ceilings = found.ceilings.unwrap();
        assert!((ceilings.flops - 1e11).abs() < 1.0 && (ceilings.bytes - 2e10).abs() < 1.0);
    });
}

#[test]
fn the_share_of_the_ceiling_is_the_least_time_over_the_time_it_took() {
    figures(|found| {
        let own = found.own(&"plain".parse().unwrap(), Mode::Training).unwrap();
        let least: f64 = found.least_of_training(&"plain".parse().unwrap()).unwrap().iter().map(|(_, s)| s).sum();
        assert!((own.ceiling.unwrap() - least / 0.04).abs() < 1e-12);
        // 32 images of 32 px: 6.1 M multiply-adds each, thrice, are 1.17 GFLOP or 12 ms at 100 GFLOP/s; memory adds to that.
        assert!(least > 0.012 && least < 0.04, "{least}");
    });
}

#[test]
fn shares_are_those_of_the_layers_by_themselves_and_of_the_least_time_where_none_was_timed() {
    let table = |evidence: &crate::bundle::evidence::Evidence| -> Value {
        serde_json::to_value(shares(&of(evidence).unwrap()).unwrap()).unwrap()
    };
    let mut evidence = measured(sample::learned_with_normalisation());
    let timed = table(&evidence);
    let row = |label: &str| {
        let rows = timed["rows"].as_array().unwrap();
        rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("{label}: {timed:#}")).clone()
    };
    let cells = |row: &Value| -> Vec<String> {
        row["cells"].as_array().unwrap().iter().map(|cell| cell["value"].as_str().unwrap().to_owned()).collect()
    };
    // 30 ms and 20 ms of a step of 60; 30 and 2 of one of 40. In the order pointwise, depthwise, between, image,
    // shortcuts, classifier.
    let (with_norm, without) = (row("BN, no dropout"), row("no BN, no dropout"));
    assert_eq!(cells(&with_norm), ["32%", "16%", "40%", "6%", "4%", "2%"]);
    assert_eq!(with_norm["together"]["value"], "50.0");
    assert!(with_norm["together"]["interval"].as_str().unwrap().contains("83%"), "{with_norm}");
    assert_eq!(cells(&without)[..3], ["50%", "25%", "6%"]);
    assert!(without["together"]["interval"].as_str().unwrap().contains("80%"), "{without}");
    let said = sentences(&of(&evidence).unwrap()).join(" ");
    // Means of 41%, 20.5% and 23%.
    let named = "pointwise convolutions take 32% to 50%; normalisation, activation and dropout take 6% to 40%";
    assert!(said.contains(named) && said.contains("together take 64% to 83% of the whole step"), "{said}");
    // Without one kind there is no sum, and without any the counts speak.
    let layers = &mut evidence.throughput.as_mut().unwrap().samples.layers;
    layers.remove(0);
    assert!(shares(&of(&evidence).unwrap()).is_none());
    evidence.throughput.as_mut().unwrap().samples.layers.clear();
    let counted = table(&evidence);
    assert_eq!((counted["timed"].as_bool(), counted["rows"].as_array().unwrap().len()), (Some(false), 4));
    assert!(counted["rows"][0]["together"].is_null());
}

#[test]
fn load_is_said_and_its_absence_too() {
    let said = figures(|found| sentences(found).join(" "));
    // 4 variants of 4 cells of 3 rounds, and 3 of the cell on one thread: others had 1.5 cores and only one was free.
    assert!(said.contains("in 17 of 51 rounds others took"), "{said}");
    assert!(
        said.contains("load average, with retrial’s own work, 0.50 before and 1.75 after; other busy processes 0 before and 1 after"),
        "{said}"
    );
    assert!(
        said.contains("bn_dropout training with 128 images of 32 px (it would not fit into the budget of 45 s)"),
        "{said}"
    );
    let strained = |strain: &Strain| {
        let mut evidence = measured(sample::learned_with_normalisation());
        let cells = &mut evidence.throughput.as_mut().unwrap().samples.cells;
        cells.iter_mut().flat_map(|cell| &mut cell.rounds).for_each(|round| round.strain = strain.clone());
        sentences(&of(&evidence).unwrap()).join(" ")
    };
    let quiet = strained(&Strain { others_cores: Some(0.0), ..Strain::default() });
    assert!(quiet.contains("No round ran under load") && !quiet.contains("with care"), "{quiet}");
    assert!(strained(&Strain::default()).contains("nothing vouches for these rates"));
    let hot = strained(&Strain { throttled: vec!["HW_SLOWDOWN".to_owned()], ..Strain::default() });
    assert!(hot.contains("in 51 of 51 rounds the GPU held its clocks back"), "{hot}");
}

#[test]
fn without_a_plain_network_there_are_rates_and_no_costs() {
    let with_norm =
        evidence(&[("bn", true, false, sample::at(&[0.7])), ("bn_dropout", true, true, sample::at(&[0.7]))]);
    let evidence = measured(with_norm);
    let found = of(&evidence).unwrap();
    assert!(found.reference.is_none() && found.cells.iter().all(|result| result.relative.is_none()));
    assert_eq!(rows(&found).len(), 2);
}

#[test]
fn a_record_of_other_variants_only_is_no_throughput() {
    let mut evidence = measured(sample::learned_with_normalisation());
    evidence.throughput.as_mut().unwrap().samples.cells.iter_mut().for_each(|cell| {
        cell.cell.variant = "another".parse().unwrap();
    });
    assert!(of(&evidence).is_none());
}
