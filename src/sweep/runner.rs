//! Runs the due trials on a few worker threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::attempt::{Attempt, Ended};
use super::plan::{DueTrial, Plan};
use crate::bundle::record::Outcome;
use crate::bundle::series::Point;
use crate::bundle::{BundleError, BundleFolder};
use crate::config::{Seed, VariantId};
use crate::engine::ThreadPlan;
use crate::trainer::Trainers;

/// How a sweep is run; none of it changes a result.
#[derive(Debug, Clone, Copy)]
pub struct SweepOptions<'a> {
    pub threads: ThreadPlan,
    /// Once true, trials stop at their next checkpoint and no further one starts.
    pub stop: &'a AtomicBool,
}

/// What happens during a sweep, for whoever shows it. Comes from several threads.
#[derive(Debug)]
pub enum SweepEvent<'a> {
    Started {
        variant: &'a VariantId,
        seed: Seed,
        /// Steps that an earlier run left done.
        resumed: Option<u64>,
    },
    /// It could go on without, but somebody should know.
    Warning {
        variant: &'a VariantId,
        seed: Seed,
        message: &'a str,
    },
    /// It was stopped, with a checkpoint to go on from.
    Interrupted {
        variant: &'a VariantId,
        seed: Seed,
    },
    /// So many more training images are done.
    Advanced {
        images: u64,
    },
    /// A trial measured something; of so many epochs, where that is known.
    Measured {
        variant: &'a VariantId,
        seed: Seed,
        epochs: Option<u32>,
        point: &'a Point,
    },
    Finished {
        variant: &'a VariantId,
        seed: Seed,
        outcome: &'a Outcome,
        seconds: f64,
    },
    /// `images` of it were not trained.
    Failed {
        variant: &'a VariantId,
        seed: Seed,
        message: &'a str,
    },
}

/// How many trials ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepOutcome {
    pub completed: usize,
    pub diverged: usize,
    pub failed: usize,
    /// Stopped on request, or not started because of it.
    pub interrupted: usize,
}

/// Runs every due trial of `plan` and writes each into `bundle`.
///
/// # Errors
/// When a result cannot be written: then nothing further is started, and what was written stays.
pub fn run(
    plan: &Plan<'_>,
    trainers: &Trainers<'_>,
    bundle: &BundleFolder,
    options: SweepOptions<'_>,
    listener: &(dyn Fn(SweepEvent<'_>) + Sync),
) -> Result<SweepOutcome, BundleError> {
    let due: Vec<&DueTrial<'_>> = plan.due().collect();
    let next = AtomicUsize::new(0);
    let outcome = Mutex::new(Ok(SweepOutcome::default()));
    let worker = || {
        while let Some(trial) = due.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = if options.stop.load(Ordering::Relaxed) {
                Ok(Ended::Interrupted)
            } else {
                Attempt { due: trial, trainers, bundle, options, listener }.run()
            };
            let mut outcome = outcome.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            match (result, &mut *outcome) {
                (Ok(ended), Ok(counts)) => counts.count(ended),
                (Err(error), slot @ Ok(_)) => *slot = Err(error),
                (_, Err(_)) => {}
            }
            if outcome.is_err() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..options.threads.jobs {
            scope.spawn(worker);
        }
    });
    outcome.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl SweepOutcome {
    /// Of this sweep and another one after it.
    pub fn plus(self, other: Self) -> Self {
        Self {
            completed: self.completed + other.completed,
            diverged: self.diverged + other.diverged,
            failed: self.failed + other.failed,
            interrupted: self.interrupted + other.interrupted,
        }
    }

    fn count(&mut self, ended: Ended) {
        match ended {
            Ended::Completed => self.completed += 1,
            Ended::Diverged => self.diverged += 1,
            Ended::Failed => self.failed += 1,
            Ended::Interrupted => self.interrupted += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::config::{Experiment, Trainer, load_str};
    use crate::data::{self, Cache};
    use crate::engine::{DeviceChoice, Engine};
    use crate::trainer::command::CommandTrainer;
    use crate::trainer::import::ImportTrainer;
    use crate::trainer::native::NativeTrainer;

    const TWO: &str = "\
schema: 1
title: T
data: {source: synthetic, per_class: {train: 4, test: 2}}
seeds: [1]
model: {width: 0.35}
train: {epochs: 1, batch_size: 20, image_size: 32}
variants: [{id: broken, label: B}, {id: sound, label: S, train: {epochs: 2}}]
";

    /// An experiment whose first variant cannot be trained: a batch of no images, which a configuration file could not have
    /// asked for.
    fn half_broken() -> Experiment {
        let mut experiment = load_str("two.yaml", TWO, Path::new(""), &[]).unwrap();
        let Trainer::Native(network) = &mut experiment.variants[0].trainer else { unreachable!() };
        network.train.batch_size = 0;
        experiment
    }

    #[test]
    fn a_trial_that_fails_is_recorded_with_its_reason_and_stops_no_other() {
        let experiment = half_broken();
        let folder = tempfile::tempdir().unwrap();
        let bundle = BundleFolder::new(folder.path());
        let data = data::load(experiment.data.as_ref().unwrap(), &Cache::disabled(), &|_| {}).unwrap();
        let engine = Engine::select(DeviceChoice::Auto).unwrap();
        let threads = ThreadPlan { jobs: 1, threads_per_job: 1 };
        let checkpoints = folder.path().join("checkpoints");
        let native = NativeTrainer {
            engine: &engine,
            data: &data,
            threads,
            checkpoints: &checkpoints,
            checkpoint_every: Duration::MAX,
        };
        let trainers = Trainers {
            native: Some(native),
            command: CommandTrainer::new(&experiment, None, folder.path().join("work"), 1),
            import: ImportTrainer::new(&experiment),
        };
        let plan = Plan::new(&experiment, &trainers, &bundle).unwrap();
        let failures = Mutex::new(Vec::new());
        let listener = |event: SweepEvent<'_>| {
            if let SweepEvent::Failed { variant, message, .. } = event {
                failures.lock().unwrap().push((variant.to_string(), message.to_owned()));
            }
        };
        let options = SweepOptions { threads, stop: &AtomicBool::new(false) };
        let outcome = run(&plan, &trainers, &bundle, options, &listener).unwrap();
        assert_eq!(outcome, SweepOutcome { completed: 1, diverged: 0, failed: 1, interrupted: 0 });
        let failures = failures.into_inner().unwrap();
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].0, "broken");
        let written = std::fs::read_to_string(folder.path().join("trials/broken/seed-1/failure.txt")).unwrap();
        assert_eq!(written, failures[0].1);
        // It is due again, and the sound one is not.
        let again = Plan::new(&experiment, &trainers, &bundle).unwrap();
        assert_eq!(again.due().map(|trial| trial.variant.id.as_str()).collect::<Vec<_>>(), ["broken"]);
    }
}
