//! The measurement as a whole, on the smallest experiment there is, and comparisons of invented ones. No test asserts how
//! long anything takes; the only ratio asserted is one that the clock was made to have.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::baseline::{self, BaselineError, Change, Reason, compare};
use super::*;
use crate::bundle::throughput::{CellRecord, LayerKind, Mode, Round, Sample, Strain, ThroughputRecord};
use crate::config::{Experiment, Precision, Slug, load_str};
use crate::data::{self, Cache, Dataset};
use crate::engine::testing::engines;
use crate::engine::{DeviceImages, Engine};

const TINY: &str = "\
schema: 1
title: T
data: {source: synthetic, per_class: {train: 1, test: 1}}
seeds: [1]
model: {width: 0.35}
train: {epochs: 1, batch_size: 4, image_size: 32}
throughput: {batch_sizes: [2], rounds: 2, seconds: 0.001, budget: 1000}
variants: [{id: bn}, {id: plain, model: {norm: none}}]
";

struct Ready {
    experiment: Experiment,
    data: Dataset,
    engine: Engine,
}

fn ready() -> Ready {
    let experiment = load_str("tiny.yaml", TINY, Path::new(""), &[]).unwrap();
    let data = data::load(experiment.images(), &Cache::disabled(), &|_| {}).unwrap();
    Ready { experiment, data, engine: engines().remove(0) }
}

fn measured(ready: &Ready, clock: &Clock<'_>) -> Option<ThroughputRecord> {
    let stop = AtomicBool::new(false);
    measure(&bench(ready, clock, &stop), &|_| {}).unwrap()
}

fn bench<'a>(ready: &'a Ready, clock: &'a Clock<'a>, stop: &'a AtomicBool) -> Bench<'a> {
    let settings = ready.experiment.throughput.as_ref().unwrap();
    let Ready { experiment, data, engine } = ready;
    Bench { experiment, settings, data, engine, hushed: false, stop, clock }
}

#[test]
fn everything_that_was_asked_for_is_measured_in_every_round() {
    let ready = ready();
    let stop = AtomicBool::new(false);
    let rounds = Mutex::new(Vec::new());
    let listener = |event: Event| {
        if let Event::Round { done, rounds: of } = event {
            rounds.lock().unwrap().push((done, of));
        }
    };
    let record = measure(&bench(&ready, &wall_clock, &stop), &listener).unwrap().unwrap();
    assert_eq!(rounds.into_inner().unwrap(), [(1, 2), (2, 2)]);
    let threads = crate::engine::available_cores() as u32;
    for variant in ["bn", "plain"] {
        for mode in [Mode::Training, Mode::Inference] {
            for batch_size in [2, 4] {
                let is_it = |cell: &&crate::bundle::throughput::CellRecord| {
                    let cell = &cell.cell;
                    (cell.variant.as_str(), cell.mode, cell.batch_size, cell.threads)
                        == (variant, mode, batch_size, threads)
                };
                let cell = record.samples.cells.iter().find(is_it).unwrap();
                assert_eq!(cell.rounds.iter().map(|round| round.samples.len()).collect::<Vec<_>>(), [10, 10]);
            }
        }
    }
    assert_eq!(record.samples.ceilings.len(), 2);
    // Five kinds that both have in common, and what stands between convolutions, which they have not.
    let layers = &record.samples.layers;
    assert_eq!(layers.len(), 7);
    for alone in layers {
        assert_eq!(alone.rounds.iter().map(|round| round.samples.len()).collect::<Vec<_>>(), [10, 10]);
        let whose: &[&str] = if alone.kind == LayerKind::Post { &["bn", "plain"] } else { &["bn plain"] };
        let names = alone.variants.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert!(whose.contains(&names.as_str()), "{:?}: {names}", alone.kind);
    }
    assert!(record.session.skipped.is_empty());
    // What is read back is what was measured.
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<ThroughputRecord>(&text).unwrap(), record);
}

#[test]
fn the_clock_is_asked_for_every_sample_and_believed() {
    let ready = ready();
    // A second, whatever it is asked to time.
    let record = measured(&ready, &|work| {
        work();
        Duration::from_secs(1)
    })
    .unwrap();
    for round in record.samples.cells.iter().flat_map(|cell| &cell.rounds) {
        assert!(round.samples.iter().all(|sample| sample.nanoseconds == 1e9));
    }
}

#[test]
fn a_measurement_that_is_asked_to_stop_has_no_result() {
    let ready = ready();
    let stop = AtomicBool::new(true);
    assert!(measure(&bench(&ready, &wall_clock, &stop), &|_| {}).unwrap().is_none());
}

#[test]
fn training_changes_the_network_and_inference_does_not() {
    let ready = ready();
    let images = DeviceImages::new(&ready.data.train, ready.data.height, ready.data.width, &ready.engine);
    for (mode, input, changes) in [
        (Mode::Training, Input::Gathered, true),
        (Mode::Training, Input::Resident, true),
        (Mode::Inference, Input::Gathered, false),
    ] {
        let variant = ready.experiment.variants[0].network();
        // More images than there are: some come twice.
        let mut workload = Workload::new((variant, mode), (16, 32), (&images, 10), input, &ready.engine);
        let before = workload.digest();
        workload.run(2);
        assert_eq!(workload.digest() != before, changes, "{mode:?} {input:?}");
    }
}

/// The work, and a fifth of its time besides, in truth.
fn slowed(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    let until = start.elapsed().mul_f64(1.2);
    while start.elapsed() < until {
        std::hint::spin_loop();
    }
    start.elapsed()
}

/// Both clocks run over the very same work, so that load on the machine hits both alike: every sample is taken once, and
/// written down as it was and slowed down.
#[test]
fn a_step_that_was_made_a_fifth_slower_is_flagged() {
    let ready = ready();
    let plain = Mutex::new(Vec::new());
    let both = |work: &mut dyn FnMut()| {
        let mut alone = Duration::ZERO;
        let slow = slowed(&mut || alone = wall_clock(work));
        plain.lock().unwrap().push((slow, alone));
        slow
    };
    let slow = measured(&ready, &both).unwrap();
    let times = plain.into_inner().unwrap();
    let mut fast = slow.clone();
    for sample in fast.samples.cells.iter_mut().flat_map(|cell| &mut cell.rounds).flat_map(|round| &mut round.samples) {
        let of = |(slow, _): &&(Duration, Duration)| slow.as_nanos() as f64 == sample.nanoseconds;
        sample.nanoseconds = times.iter().find(of).unwrap().1.as_nanos() as f64;
    }
    let name: Slug = "before".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    baseline::save(folder.path(), &name, &fast).unwrap();
    let loaded = baseline::load(folder.path(), &name).unwrap();
    assert_eq!(loaded, fast);
    let changes = compare(&slow, (&name, &loaded), 0.05, 0.95).unwrap().changes;
    assert_eq!(changes.len(), slow.samples.cells.len());
    // Two rounds are few and the machine may be busy, so single cells may stay within the noise; the ratio cannot.
    assert!(changes.iter().all(|change| change.ratio > 1.15), "{changes:?}");
    let back = compare(&fast, (&name, &slow), 0.05, 0.95).unwrap().changes;
    assert!(back.iter().all(|change| !change.is_slower), "{back:?}");
}

/// A record with one cell, whose rounds have these seconds per step and two per cent of noise within.
fn invented(rounds: &[f64]) -> ThroughputRecord {
    let mut record = record_of_tiny();
    record.samples.cells.truncate(1);
    let sample = |seconds: f64| Sample { steps: 1, nanoseconds: seconds * 1e9 };
    record.samples.cells[0].rounds = rounds
        .iter()
        .map(|seconds| Round {
            samples: (0..10).map(|at| sample(seconds * (1.0 + 0.002 * f64::from(at)))).collect(),
            strain: Strain::default(),
        })
        .collect();
    record
}

fn record_of_tiny() -> ThroughputRecord {
    static RECORD: std::sync::OnceLock<ThroughputRecord> = std::sync::OnceLock::new();
    let make = || measured(&ready(), &|work: &mut dyn FnMut()| wall_clock(work)).unwrap();
    RECORD.get_or_init(make).clone()
}

fn change(now: &[f64], then: &[f64]) -> Change {
    let name = "then".parse().unwrap();
    compare(&invented(now), (&name, &invented(then)), 0.05, 0.95).unwrap().changes.remove(0)
}

#[test]
fn a_fifth_is_flagged_and_neither_a_hundredth_nor_noise_is() {
    let then = [0.100, 0.102, 0.099, 0.101, 0.100];
    assert!(change(&[0.120, 0.122, 0.119, 0.121, 0.120], &then).is_slower);
    assert!(!change(&then, &then).is_slower, "the same again");
    assert!(!change(&[0.101, 0.103, 0.100, 0.102, 0.101], &then).is_slower, "below the threshold");
    let noisy = change(&[0.080, 0.150, 0.085, 0.140, 0.110], &then);
    assert!(noisy.ratio > 1.05 && !noisy.is_slower, "above the threshold, and nothing but noise: {noisy:?}");
    assert!(!change(&[0.080, 0.082, 0.079, 0.081, 0.080], &then).is_slower, "faster");
}

#[test]
fn rounds_under_load_are_counted_in_a_comparison() {
    let name: Slug = "then".parse().unwrap();
    let then = invented(&[0.1; 5]);
    let mut now = then.clone();
    now.samples.cells[0].rounds[2].strain.others_cores = Some(f64::from(now.session.cores));
    assert_eq!(compare(&now, (&name, &then), 0.05, 0.95).unwrap().changes[0].strained, 1);
}

#[test]
fn another_engine_another_processor_and_other_cells_are_not_compared() {
    let name: Slug = "then".parse().unwrap();
    let then = invented(&[0.1; 5]);
    let mut now = then.clone();
    now.session.engine = "another".to_owned();
    assert!(matches!(compare(&now, (&name, &then), 0.05, 0.95), Err(BaselineError::Other { what: "engine", .. })));
    let mut now = then.clone();
    now.session.cpu = "another".to_owned();
    assert!(matches!(compare(&now, (&name, &then), 0.05, 0.95), Err(BaselineError::Other { what: "processor", .. })));
    let mut now = then.clone();
    now.samples.cells[0].cell.batch_size += 1;
    assert!(matches!(compare(&now, (&name, &then), 0.05, 0.95), Err(BaselineError::NothingInCommon { .. })));
}

#[test]
fn cells_that_cannot_be_compared_are_listed_with_the_reason() {
    let name: Slug = "then".parse().unwrap();
    let mut now = invented(&[0.1; 5]);
    let cell = |change: &dyn Fn(&mut CellRecord)| {
        let mut cell = now.samples.cells[0].clone();
        change(&mut cell);
        cell
    };
    let of_batch = |size: u32| cell(&|cell| cell.cell.batch_size = size);
    let other_precision = cell(&|cell| (cell.cell.batch_size, cell.precision) = (8, Precision::Bf16));
    let empty = cell(&|cell| (cell.cell.batch_size, cell.rounds) = (16, Vec::new()));
    let shared = of_batch(2);
    let mut then = now.clone();
    then.samples.cells = vec![shared.clone(), of_batch(64), other_precision, of_batch(16)];
    now.samples.cells = vec![of_batch(32), of_batch(8), shared, empty];
    let comparison = compare(&now, (&name, &then), 0.05, 0.95).unwrap();
    assert_eq!(comparison.changes.iter().map(|change| change.cell.batch_size).collect::<Vec<_>>(), [2]);
    let uncompared: Vec<_> = comparison.uncompared.iter().map(|other| (other.cell.batch_size, other.reason)).collect();
    let expected =
        [(32, Reason::OnlyNow), (8, Reason::OtherPrecision), (16, Reason::NoSamples), (64, Reason::OnlyThen)];
    assert_eq!(uncompared, expected);
}

#[test]
fn a_baseline_that_is_not_there_or_broken_is_named() {
    let name: Slug = "then".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = baseline::load(folder.path(), &name).unwrap_err();
    assert!(matches!(error, BaselineError::Absent { .. }) && error.to_string().contains("then"), "{error}");
    std::fs::write(folder.path().join("then.json"), "{").unwrap();
    assert!(matches!(baseline::load(folder.path(), &name), Err(BaselineError::Malformed { .. })));
}
