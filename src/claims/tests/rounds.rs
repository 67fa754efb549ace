//! Speeds, judged over the rounds of a made-up measurement.

use super::*;
use crate::bundle::evidence::Evidence;
use crate::bundle::record::CodeVersion;
use crate::bundle::throughput::{
    Cell, CellRecord, Conditions, Mode, Round, Sample as Timing, Strain, ThroughputRecord, ThroughputSamples,
    ThroughputSession,
};
use crate::claims::{Counted, Reason, judge};
use crate::config::{Experiment, NativeVariant, Verdict, load_str};
use crate::provenance::Digest;
use Verdict::{Inconclusive, Refuted, Supported};

const EXPERIMENT: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 2, batch_size: 64, image_size: 32}
variants:
- id: bn
- {id: plain, model: {norm: none}}
- {id: other, model: {norm: none, width: 0.5}}
claims:
- {id: c, says: S, test: {TEST}}
";

/// Seconds of a training step in each round.
const BN: [f64; 4] = [0.125, 0.144, 0.143, 0.12];
const PLAIN: [f64; 4] = [0.1, 0.12, 0.11, 0.1];
const BOTH: [(&str, &[f64]); 2] = [("bn", &BN), ("plain", &PLAIN)];
const SLOWER: &str = "metric: throughput, of: bn, over: plain, below: 0.9";

fn experiment(test: &str) -> Experiment {
    load_str("x.yaml", &EXPERIMENT.replace("TEST", test), "".as_ref(), &[]).unwrap()
}

/// Three samples of two steps; the last took ten times as long.
fn round(seconds: f64) -> Round {
    let sample = |factor: f64| Timing { steps: 2, nanoseconds: 2e9 * seconds * factor };
    Round { samples: [1.0, 1.0, 10.0].map(sample).into(), strain: Strain::default() }
}

fn cell(variant: NativeVariant<'_>, mode: Mode, seconds: &[f64]) -> CellRecord {
    let (batch_size, image_size) = (variant.train.batch_size, variant.train.image_size);
    CellRecord {
        cell: Cell { variant: variant.id.clone(), mode, batch_size, image_size, threads: 2 },
        precision: variant.train.precision,
        rounds: seconds.iter().map(|&seconds| round(seconds)).collect(),
        peak_host_bytes: None,
        device_bytes: None,
    }
}

/// A variant that takes so many seconds for a training step, and a quarter of that for inference. Other sizes and fewer
/// threads, all of them faster than anything can be, come first.
fn cells(variant: NativeVariant<'_>, seconds: &[f64]) -> Vec<CellRecord> {
    let elsewhere = |change: fn(&mut Cell)| {
        let mut other = cell(variant, Mode::Training, &[1e-6; 4]);
        change(&mut other.cell);
        other
    };
    let faster: Vec<f64> = seconds.iter().map(|seconds| seconds / 4.0).collect();
    vec![
        elsewhere(|cell| cell.batch_size = 16),
        elsewhere(|cell| cell.image_size = 64),
        elsewhere(|cell| cell.threads = 1),
        cell(variant, Mode::Training, seconds),
        cell(variant, Mode::Inference, &faster),
    ]
}

/// These variants with their seconds of a training step.
fn measured(test: &str, seconds: &[(&str, &[f64])]) -> Evidence {
    let experiment = experiment(test);
    let of_variant = |variant: NativeVariant<'_>| {
        let (_, own) = seconds.iter().find(|(id, _)| *id == variant.id.as_str())?;
        Some(cells(variant, own))
    };
    let cells = experiment.native_variants().filter_map(of_variant).flatten().collect();
    let session = ThroughputSession {
        schema: 1,
        key: Digest::of_bytes(b""),
        engine: "flex-cpu".to_owned(),
        engine_details: BTreeMap::new(),
        cpu: String::new(),
        cores: 2,
        code: CodeVersion { commit: None, changes: None, dependencies: None, binary: None },
        criterion: String::new(),
        before: Conditions::default(),
        after: Conditions::default(),
        skipped: vec![],
    };
    let samples = ThroughputSamples { schema: 1, cells, ceilings: vec![], layers: vec![] };
    Evidence {
        experiment,
        dataset: None,
        environment: None,
        registration: None,
        throughput: Some(ThroughputRecord { session, samples }),
        comparison: None,
        trials: vec![],
    }
}

fn judged(test: &str, seconds: &[(&str, &[f64])]) -> Judged {
    judge(&measured(test, seconds)).remove(0)
}

/// Estimate and both ends of the interval.
fn assert_numbers(judged: &Judged, [estimate, lower, upper]: [f64; 3]) {
    let interval = judged.interval.unwrap();
    for (found, expected) in [(judged.estimate.unwrap(), estimate), (interval.lower, lower), (interval.upper, upper)] {
        assert!((found - expected).abs() < 1e-8 * expected.abs(), "{found} is not {expected}");
    }
}

#[test]
fn a_ratio_is_paired_round_by_round_on_the_logarithmic_scale_and_agrees_with_scipy() {
    // SciPy 1.17.1, x = log10((64 / a) / (64 / b)): 10 ** mean(x), 10 ** t.interval(0.95, 3, mean(x), sem(x)),
    // ttest_1samp(x, log10(0.9)).pvalue.
    let slower = judged(SLOWER, &BOTH);
    assert_numbers(&slower, [0.8085298080223223, 0.7606183335276614, 0.8594592342111086]);
    assert!((slower.p_value.unwrap() - 0.011342208893114068).abs() < 1e-8, "{:?}", slower.p_value);
    assert_eq!((slower.verdict, slower.reason), (Supported, None));
    assert_eq!((slower.sample.counted, slower.sample.seeds, slower.sample.planned), (Counted::Rounds, 4, 4));
    // ttest_1samp(x, log10(0.85)).pvalue.
    let open = judged("metric: throughput, of: bn, over: plain, below: 0.85", &BOTH);
    assert_eq!((open.verdict, open.reason), (Inconclusive, Some(Reason::IntervalCrossesBound)));
    assert!((open.p_value.unwrap() - 0.07996897844129862).abs() < 1e-8, "{:?}", open.p_value);
    assert_eq!(judged("metric: throughput, of: bn, over: plain, above: 1", &BOTH).verdict, Refuted);
}

#[test]
fn levels_and_differences_are_in_images_a_second() {
    // SciPy 1.17.1, x = 64 / a, and x = 64 / a - 64 / b: mean(x), t.interval(0.95, 3, mean(x), sem(x)).
    let a_level = [484.33255633255635, 412.51918190600975, 556.145930759103];
    let level = judged("metric: throughput, of: bn, above: 400", &BOTH);
    assert_numbers(&level, a_level);
    assert_eq!(level.verdict, Supported);
    let difference = judged("metric: throughput, of: bn, minus: plain, below: 0", &BOTH);
    assert_numbers(&difference, [-114.45532245532246, -147.4543953957115, -81.45624951493343]);
    assert_eq!(difference.verdict, Supported);
    let inference = judged("metric: inference_throughput, of: bn, above: 400", &BOTH);
    assert_numbers(&inference, a_level.map(|rate| 4.0 * rate));
}

#[test]
fn a_trend_along_speeds_is_one_over_rounds() {
    let other = PLAIN.map(|seconds| seconds / 2.0);
    let all: [(&str, &[f64]); 3] = [("bn", &BN), ("plain", &PLAIN), ("other", &other)];
    let rising = judged("metric: throughput, along: [bn, plain, other], trend: increasing", &all);
    assert_eq!((rising.verdict, rising.sample.counted), (Supported, Counted::Rounds));
}

#[test]
fn what_was_not_measured_leaves_a_claim_open_and_says_so() {
    let nothing = &judge(&Evidence { throughput: None, ..measured(SLOWER, &BOTH) })[0];
    assert_eq!((nothing.verdict, nothing.reason), (Inconclusive, Some(Reason::NotMeasured)));
    assert_eq!((nothing.sample.counted, nothing.sample.planned), (Counted::Rounds, 0));
    let half = judged(SLOWER, &BOTH[..1]);
    assert_eq!((half.reason, half.sample.missing), (Some(Reason::NotMeasured), 4));
    // What was measured is not the size that the recipe trains at.
    let mut evidence = measured(SLOWER, &BOTH);
    for variant in &mut evidence.experiment.variants {
        variant.network_mut().train.batch_size = 32;
    }
    assert_eq!(judge(&evidence)[0].reason, Some(Reason::NotMeasured));
}

#[test]
fn rounds_that_one_side_lacks_or_that_have_no_samples_are_counted() {
    let mut evidence = measured(SLOWER, &[("bn", &BN), ("plain", &PLAIN[..3])]);
    let found = &judge(&evidence)[0];
    // SciPy 1.17.1, as above, of the first three rounds.
    assert_numbers(found, [0.8004271223448944, 0.7246728434247262, 0.8841004378714217]);
    assert_eq!((found.sample.seeds, found.sample.missing, found.sample.planned), (3, 1, 4));
    for record in &mut evidence.throughput.as_mut().unwrap().samples.cells {
        record.rounds[0].samples.clear();
    }
    let found = &judge(&evidence)[0];
    assert_eq!((found.sample.seeds, found.sample.failed, found.sample.missing), (2, 1, 1));
    let one = judged(SLOWER, &[("bn", &BN[..1]), ("plain", &PLAIN[..1])]);
    assert_eq!((one.verdict, one.reason), (Inconclusive, Some(Reason::OneRound)));
}
