//! Probes: what the files hold, what the sentences say, and how many lines a plot may have.

use super::{complete, text};
use crate::bundle::evidence::Evidence;
use crate::bundle::probe::Convolution;
use crate::report::probes::findings;
use crate::report::sample::{self, Ending, at, evidence, probes};
use crate::report::{probes as subject, render};

fn json(path: &str) -> serde_json::Value {
    serde_json::from_str(&text(&complete(), path)).unwrap()
}

/// Two seeds of one network without normalisation.
fn two_seeds() -> Evidence {
    probes::probed(evidence(&[("plain", false, false, at(&[0.1, 0.1]))]))
}

#[test]
fn signals_are_summarised_by_their_geometric_mean_and_range() {
    let mut evidence = two_seeds();
    for (trial, value) in evidence.trials.iter_mut().zip([1e-2, 1e-6]) {
        trial.probes.as_mut().unwrap().initial.training[0].value = Some(value);
    }
    let stem = subject::of(&evidence)[0].initial.training[0].clone();
    // By hand: the square root of 1e-2 · 1e-6 is 1e-4.
    let spread = stem.spread.unwrap();
    assert!((spread.mean / 1e-4 - 1.0).abs() < 1e-12);
    assert_eq!((stem.layer.as_str(), spread.min, spread.max, spread.n), ("stem", 1e-6, 1e-2, 2));
}

#[test]
fn a_figure_that_is_not_finite_is_left_out_of_its_layer_only() {
    let mut evidence = two_seeds();
    evidence.trials[0].probes.as_mut().unwrap().initial.training[3].value = None;
    let probes = subject::of(&evidence);
    let seeds = |layer: usize| probes[0].initial.training[layer].spread.unwrap().n;
    assert_eq!((seeds(3), seeds(4)), (1, 2));
}

#[test]
fn a_layer_that_is_finite_at_no_seed_stays_in_the_file_and_is_named() {
    let mut evidence = two_seeds();
    for trial in &mut evidence.trials {
        trial.probes.as_mut().unwrap().initial.training[3].value = None;
    }
    let rendered = render(&evidence, &[]).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text(&rendered, "probes/signal.json")).unwrap();
    let layer = &json["variants"][0]["initial"]["training"][3];
    assert_eq!((&layer["mean"], &layer["n"]), (&serde_json::Value::Null, &0.into()));
    let page = text(&rendered, "details.md");
    assert!(page.contains("not finite numbers at any seed: its signal before training at 1 of 54 layers."), "{page}");
}

#[test]
fn files_have_a_version_and_every_layer() {
    let signal = json("probes/signal.json");
    assert_eq!((&signal["schema"], &signal["mean"]), (&1.into(), &"geometric".into()));
    // 52 convolutions, the pooled features and the classifier.
    assert_eq!(signal["variants"][0]["initial"]["training"].as_array().unwrap().len(), 54);
    assert_eq!(json("probes/gradient.json")["variants"][0]["layers"].as_array().unwrap().len(), 53);
    let masked = json("probes/masked-updates.json");
    assert_eq!(masked["mean"], "arithmetic");
    // Seeds 1, 2 and 3 silence 10010, 10020 and 10030 of 100000 entries.
    let logits = &masked["variants"][0]["layers"][52];
    assert_eq!((&logits["min"], &logits["max"], &logits["n"]), (&0.1001.into(), &0.1003.into(), &3.into()));
    // Normalisation without dropout, and neither: nothing to shift.
    let shift = json("probes/variance-shift.json");
    assert!(shift["variants"][2]["layers"].as_array().unwrap().is_empty());
}

#[test]
fn variance_ratios_are_taken_apart_by_convolution() {
    let (evidence, _) = sample::complete();
    let probes = subject::of(&evidence);
    let ratio = |kind| probes[0].shift_by_convolution[&kind].mean;
    // Geometric mean over seeds of 1 + 0.09 · (1.25, 1.5, 1.75), by hand: (1.1125 · 1.135 · 1.1575)^(1/3) = 1.13485.
    assert!((ratio(Convolution::Depthwise) - 1.13485).abs() < 1e-4);
    assert!(ratio(Convolution::Pointwise) < 1.04);
}

#[test]
fn the_first_faint_layer_is_named() {
    let (evidence, _) = sample::complete();
    let sentences = findings::sentences(&subject::of(&evidence));
    // 0.4 · 1.5 · 0.7^n falls below 1e-6 at n = 38: ln(0.6e6) / -ln(0.7) = 37.3; the seeds' geometric mean is 1.486.
    assert!(
        sentences[0].starts_with(
            "Before training, the signal in “no BN, dropout” and “no BN, no dropout” drops below 10⁻⁶ at block 13 project, \
             number 39 of 54 layers,"
        ),
        "{}",
        sentences[0]
    );
    assert!(sentences[1].contains("“BN, dropout” and “BN, no dropout” stays above 10⁻⁶ throughout"));
}

#[test]
fn a_diverged_trial_is_probed_before_training_only() {
    let evidence = probes::probed(evidence(&[("plain", false, true, Ending::SomeDiverge(vec![f64::NAN, f64::NAN]))]));
    let probes = subject::of(&evidence);
    assert!(probes[0].trained.training.is_empty() && !probes[0].initial.training.is_empty());
    let rendered = render(&evidence, &[]).unwrap();
    let svg = text(&rendered, "plots/signal.svg");
    assert!(svg.contains("At initialisation") && !svg.contains("After training"));
}

#[test]
fn without_probes_there_are_no_plots_and_no_files_of_them() {
    let rendered = render(&sample::learned_with_normalisation(), &[]).unwrap();
    assert!(rendered.files.keys().all(|path| !path.starts_with("probes/") && path != "plots/signal.svg"));
    assert!(!text(&rendered, "index.html").contains("Inside the networks"));
}

#[test]
fn an_underflow_does_not_flatten_the_other_layers() {
    let mut evidence = two_seeds();
    evidence.trials[0].probes.as_mut().unwrap().initial.training[50].value = Some(0.0);
    let svg = text(&render(&evidence, &[]).unwrap(), "plots/signal.svg");
    assert!(svg.contains("Values below 1.00 × 10⁻²⁰ are drawn at the bottom edge."));
    super::hostile::assert_well_formed(&svg);
}

#[test]
fn many_variants_get_a_panel_each() {
    let (large, judged) = sample::large();
    let (few, many) = (complete(), render(&large, &judged).unwrap());
    // A panel's title stands at the left; with few variants the labels stand beside the lines, once for each panel.
    let titles = |svg: &str| svg.matches("learning rate 0.03\n</text>").count();
    assert_eq!(titles(&text(&many, "plots/signal.svg")), 1);
    assert_eq!(text(&few, "plots/signal.svg").matches("\nBN, dropout\n</text>").count(), 2);
    // The key names what the lines of every panel are.
    assert!(text(&many, "plots/signal.svg").contains("\nAfter training\n</text>"));
}
