//! One due trial: from its last checkpoint or from scratch, to its record in the bundle.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::checkpoints::Checkpoints;
use super::environment::environment;
use super::plan::DueTrial;
use super::runner::{SweepEvent, SweepOptions};
use crate::bundle::probe::ProbeRecord;
use crate::bundle::record::{Outcome, SCHEMA, TrialRecord};
use crate::bundle::series::Point;
use crate::bundle::{BundleError, BundleFolder, FinishedTrial};
use crate::config::native;
use crate::data::Dataset;
use crate::engine::{Engine, ThreadPlan};
use crate::probe::{self, Subject};
use crate::train::{self, Checkpoint, Observer, Trial, TrialLog};

pub(super) struct Attempt<'a> {
    pub due: &'a DueTrial<'a>,
    pub data: &'a Dataset,
    pub engine: &'a Engine,
    pub bundle: &'a BundleFolder,
    pub options: SweepOptions<'a>,
    pub listener: &'a (dyn Fn(SweepEvent<'_>) + Sync),
}

/// How an attempt ended.
pub(super) enum Ended {
    Completed,
    Diverged,
    Failed,
    Interrupted,
}

/// The trial's own end, with what its network showed.
enum Trained {
    Finished(Box<TrialLog>, Box<ProbeRecord>),
    Interrupted,
}

impl Attempt<'_> {
    /// # Errors
    /// When a result cannot be written.
    pub fn run(&self) -> Result<Ended, BundleError> {
        let DueTrial { variant, seed, .. } = *self.due;
        let id = &variant.id;
        let checkpoints = Checkpoints::new(self.options.checkpoints, self.due.key.digest);
        let found = checkpoints.newest();
        found.warnings.iter().for_each(|message| self.warn(message));
        let resumed = found.checkpoint.as_ref().and_then(|checkpoint| Some(checkpoint.state().ok()?.step));
        (self.listener)(SweepEvent::Started { variant: id, seed, resumed });
        let (started, clock) = (jiff::Timestamp::now(), Instant::now());
        let pool = self.options.threads.pool().map_err(|error| format!("cannot start threads: {error}"));
        let trained = pool.and_then(|pool| {
            let train = || pool.install(|| self.train(found.checkpoint.as_ref(), &checkpoints));
            catch_unwind(AssertUnwindSafe(train)).map_err(|panic| panic_message(panic.as_ref()))
        });
        match trained {
            Err(message) => {
                (self.listener)(SweepEvent::Failed { variant: id, seed, message: &message });
                self.bundle.write_failure(id, seed, &message)?;
                Ok(Ended::Failed)
            }
            Ok(Trained::Interrupted) => {
                (self.listener)(SweepEvent::Interrupted { variant: id, seed });
                Ok(Ended::Interrupted)
            }
            Ok(Trained::Finished(log, probes)) => {
                let record = TrialRecord {
                    schema: SCHEMA,
                    variant: id.clone(),
                    seed,
                    key: self.due.key.clone(),
                    outcome: log.outcome,
                    epochs: log.metrics.len() as u32,
                    steps: log.fingerprints.len() as u64,
                    parameters: log.parameters,
                    parameter_count: log.parameter_count,
                };
                let place = environment(self.engine, self.options.threads, None, started, clock.elapsed());
                let (metrics, fingerprints) = (&log.metrics, &log.fingerprints);
                self.bundle.write_trial(&FinishedTrial {
                    record: &record,
                    metrics,
                    fingerprints,
                    probes: &probes,
                    environment: &place,
                })?;
                checkpoints.forget();
                let seconds = clock.elapsed().as_secs_f64();
                (self.listener)(SweepEvent::Finished { variant: id, seed, outcome: &record.outcome, seconds });
                Ok(if record.outcome == Outcome::Completed { Ended::Completed } else { Ended::Diverged })
            }
        }
    }

    fn warn(&self, message: &str) {
        let DueTrial { variant, seed, .. } = *self.due;
        (self.listener)(SweepEvent::Warning { variant: &variant.id, seed, message });
    }

    /// Trains, from the checkpoint if it can be used, and probes what came of it.
    fn train(&self, from: Option<&Checkpoint>, checkpoints: &Checkpoints) -> Trained {
        let DueTrial { variant, seed, .. } = *self.due;
        let (data, engine) = (self.data, self.engine);
        let trial = Trial { variant, seed, data, engine, key: self.due.key.digest };
        let observer = Watching { attempt: self, checkpoints, last: Mutex::new(Instant::now()) };
        let ended = train::run(trial, from, &observer).or_else(|error| {
            self.warn(&format!("starts from the beginning: its checkpoint cannot be used: {error}"));
            train::run(trial, None, &observer)
        });
        match ended.unwrap_or_else(|error| panic!("a checkpoint could not be made: {error}")) {
            train::Ended::Interrupted => Trained::Interrupted,
            train::Ended::Finished(log, model) => {
                let trained = (log.outcome == Outcome::Completed).then_some(&*model);
                let accuracy = log.metrics.last().and_then(|last| last.figure(native::VAL_ACCURACY));
                // libtorch sums a whole tensor in as many parts as it has threads, which shows in the last digits of a probe.
                engine.set_threads(ThreadPlan { jobs: 1, threads_per_job: 1 });
                let probes = probe::probe(Subject { variant, seed, data, engine, trained, accuracy });
                engine.set_threads(self.options.threads);
                Trained::Finished(log, Box::new(probes))
            }
        }
    }
}

/// Passes on how a trial gets on and keeps its checkpoints.
struct Watching<'a> {
    attempt: &'a Attempt<'a>,
    checkpoints: &'a Checkpoints,
    /// When the last checkpoint was made, or the trial started.
    last: Mutex<Instant>,
}

impl Watching<'_> {
    fn last(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Observer for Watching<'_> {
    fn advanced(&self, images: u64) {
        (self.attempt.listener)(SweepEvent::Advanced { images });
    }

    fn epoch(&self, metrics: &Point) {
        let DueTrial { variant, seed, .. } = *self.attempt.due;
        let epochs = variant.train.epochs;
        (self.attempt.listener)(SweepEvent::Epoch { variant: &variant.id, seed, epochs, metrics });
    }

    fn wants_checkpoint(&self) -> bool {
        self.last().elapsed() >= self.attempt.options.checkpoint_every
    }

    /// A checkpoint that cannot be written costs time should the run be killed, and nothing else.
    fn checkpoint(&self, step: u64, checkpoint: Checkpoint) {
        if let Err(error) = self.checkpoints.keep(step, &checkpoint) {
            self.attempt.warn(&format!("no checkpoint at step {step}: {error}"));
        }
        *self.last() = Instant::now();
    }

    fn stops(&self) -> bool {
        self.attempt.options.stop.load(Ordering::Relaxed)
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the trial stopped for an unknown reason").to_owned()
}
