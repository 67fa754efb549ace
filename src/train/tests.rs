//! The contract of every engine, from the whole trial's side: repeatable, independent of threads, resumable.

use std::sync::Mutex;

use super::*;
use crate::bundle::record::Outcome;
use crate::bundle::series::Point;
use crate::config::{Experiment, Seed, load_str};
use crate::data::{self, Cache, Dataset};
use crate::engine::Engine;
use crate::engine::testing::engines;

/// Everything that has state: momentum, running statistics, dropout, augmentation, a schedule, a short last batch.
const EVERYTHING: &str = "\
schema: 1
title: T
data: {source: synthetic, per_class: {train: 4, test: 2}}
seeds: [1]
model: {width: 0.35, norm: batch, dropout: 0.1}
train: {epochs: 2, batch_size: 12, image_size: 32, learning_rate: 0.02, momentum: 0.9, weight_decay: 0.0001,
        schedule: {warmup_epochs: 1, decay: cosine}, augment: {horizontal_flip: true, crop_padding: 2}}
variants: [{id: v}]
";

fn experiment() -> Experiment {
    load_str("everything.yaml", EVERYTHING, std::path::Path::new(""), &[]).unwrap()
}

fn images(experiment: &Experiment) -> Dataset {
    data::load(experiment.images(), &Cache::disabled(), &|_| {}).unwrap()
}

/// Keeps every checkpoint, and stops after so many steps.
#[derive(Default)]
struct Recorder {
    checkpoints: Mutex<Vec<(u64, Checkpoint)>>,
    stop_after: Option<u64>,
}

impl Observer for Recorder {
    fn advanced(&self, _images: u64) {}
    fn epoch(&self, _metrics: &Point) {}

    fn wants_checkpoint(&self) -> bool {
        true
    }

    fn checkpoint(&self, step: u64, checkpoint: Checkpoint) {
        self.checkpoints.lock().unwrap().push((step, checkpoint));
    }

    fn stops(&self) -> bool {
        let checkpoints = self.checkpoints.lock().unwrap();
        let next = checkpoints.last().map_or(0, |(step, _)| step + 1);
        self.stop_after.is_some_and(|stop| next >= stop)
    }
}

fn train(
    experiment: &Experiment,
    data: &Dataset,
    engine: &Engine,
    from: Option<&Checkpoint>,
    observer: &Recorder,
) -> Option<TrialLog> {
    let variant = experiment.variants[0].network();
    let trial = Trial { variant, seed: Seed(1), data, engine, key: data.digest };
    match run(trial, from, observer).unwrap() {
        Ended::Finished(log, _) => Some(*log),
        Ended::Interrupted => None,
    }
}

#[test]
fn a_trial_resumed_at_any_step_is_the_trial_that_was_never_stopped() {
    let experiment = experiment();
    let data = images(&experiment);
    for engine in engines() {
        let recorder = Recorder::default();
        let whole = train(&experiment, &data, &engine, None, &recorder).unwrap();
        assert_eq!((whole.outcome.clone(), whole.fingerprints.len()), (Outcome::Completed, 8));
        let checkpoints = recorder.checkpoints.into_inner().unwrap();
        assert!(!checkpoints.is_empty());
        for (step, checkpoint) in checkpoints {
            let read_back = Checkpoint::from_bytes(checkpoint.bytes().to_vec()).unwrap();
            let rest = train(&experiment, &data, &engine, Some(&read_back), &Recorder::default()).unwrap();
            assert_eq!(rest, whole, "{} after step {step}", engine.name());
        }
    }
}

#[test]
fn a_trial_that_is_asked_to_stop_leaves_a_checkpoint_of_the_step_it_stopped_at() {
    let experiment = experiment();
    let data = images(&experiment);
    let engine = &engines()[0];
    let recorder = Recorder { stop_after: Some(3), ..Recorder::default() };
    assert_eq!(train(&experiment, &data, engine, None, &recorder), None);
    let checkpoints = recorder.checkpoints.into_inner().unwrap();
    let (step, last) = checkpoints.last().unwrap();
    assert_eq!((last.state().unwrap().step, last.state().unwrap().fingerprints.len() as u64), (*step, *step));
}

#[test]
fn a_checkpoint_of_another_trial_is_refused() {
    let experiment = experiment();
    let data = images(&experiment);
    let engine = &engines()[0];
    let recorder = Recorder { stop_after: Some(1), ..Recorder::default() };
    train(&experiment, &data, engine, None, &recorder);
    let checkpoints = recorder.checkpoints.into_inner().unwrap();
    let key = crate::provenance::Digest::of_bytes(b"another trial");
    let trial = Trial { variant: experiment.variants[0].network(), seed: Seed(1), data: &data, engine, key };
    let refused = run(trial, Some(&checkpoints[0].1), &Recorder::default()).unwrap_err();
    assert_eq!(refused, CheckpointError::OtherTrial(data.digest));
}

#[test]
fn threads_change_no_bit() {
    let experiment = experiment();
    let data = images(&experiment);
    for engine in engines() {
        let log = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| train(&experiment, &data, &engine, None, &Recorder::default()))
        };
        assert_eq!(log(1), log(3), "{}", engine.name());
    }
}

#[test]
fn another_precision_gives_other_numbers_that_are_close() {
    let mut experiment = experiment();
    let data = images(&experiment);
    for engine in engines() {
        let full = train(&experiment, &data, &engine, None, &Recorder::default()).unwrap();
        for precision in [crate::config::Precision::Tf32, crate::config::Precision::Bf16] {
            if let Err(reason) = engine.check_precision(precision) {
                println!("skipped: {reason}");
                continue;
            }
            experiment.variants[0].network_mut().train.precision = precision;
            let other = train(&experiment, &data, &engine, None, &Recorder::default()).unwrap();
            assert_ne!(other.parameters, full.parameters);
            let again = train(&experiment, &data, &engine, None, &Recorder::default()).unwrap();
            assert_eq!(other, again, "{precision:?} repeats itself");
            let loss =
                |log: &TrialLog| f64::from(f32::from_bits(u32::from_str_radix(&log.fingerprints[0].loss, 16).unwrap()));
            // bf16 has 8 bits of mantissa: 2^-8 is 0.004, and the first loss sums many roundings.
            assert!((loss(&other) / loss(&full) - 1.0).abs() < 0.05, "{} {}", loss(&other), loss(&full));
        }
        experiment.variants[0].network_mut().train.precision = crate::config::Precision::Fp32;
    }
}
