//! This program as a trainer: on burn, bit by bit, with checkpoints and a look into the network at the end.

mod checkpoints;

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use checkpoints::Checkpoints;

use super::{Finished, Left, NativeRemains, Planned, Trainer, TrainerError, TrialCost, Watch};
use crate::bundle::record::{Outcome, TrialKey};
use crate::bundle::series::Point;
use crate::config::{NativeVariant, Seed, Variant, native};
use crate::data::{DataSize, Dataset};
use crate::engine::{Engine, ThreadPlan};
use crate::model::cost;
use crate::probe::{self, Subject};
use crate::train::{self, Checkpoint, Observer, Trial, trial_key};

/// Trains networks of this program's own.
pub struct NativeTrainer<'a> {
    pub engine: &'a Engine,
    pub data: &'a Dataset,
    pub threads: ThreadPlan,
    /// Folder of the checkpoints of all trials.
    pub checkpoints: &'a Path,
    /// Time between two checkpoints of a trial; they are also made where a trial is stopped.
    pub checkpoint_every: Duration,
}

impl Trainer for NativeTrainer<'_> {
    fn key(&self, variant: &Variant, seed: Seed) -> Result<TrialKey, TrainerError> {
        let unkeyable = |source| TrainerError::Unkeyable { variant: variant.id.to_string(), source };
        trial_key(network(variant), seed, self.data.digest, self.engine.name()).map_err(unkeyable)
    }

    fn cost(&self, variant: &Variant) -> TrialCost {
        cost_of(network(variant), self.data.size())
    }

    fn run(&self, trial: Planned<'_>, watch: &dyn Watch) -> Result<Left, String> {
        let checkpoints = Checkpoints::new(self.checkpoints, trial.key.digest);
        let found = checkpoints.newest();
        found.warnings.iter().for_each(|message| watch.warn(message));
        watch.started(found.checkpoint.as_ref().and_then(|checkpoint| Some(checkpoint.state().ok()?.step)));
        let pool = self.threads.pool().map_err(|error| format!("cannot start threads: {error}"))?;
        Ok(pool.install(|| self.train(trial, found.checkpoint.as_ref(), &checkpoints, watch)))
    }

    fn written(&self, trial: Planned<'_>) {
        Checkpoints::new(self.checkpoints, trial.key.digest).forget();
    }
}

/// Training steps alone.
pub fn cost_of(network: NativeVariant<'_>, data: DataSize) -> TrialCost {
    let NativeVariant { model, train, .. } = network;
    let images = data.training_images * u64::from(train.epochs);
    let batch = u64::from(train.batch_size);
    let layers = cost::layers(model, data.classes, u64::from(train.image_size));
    let of_a_step: f64 = layers.iter().map(|layer| layer.training(batch).flops).sum();
    TrialCost { images, flops: of_a_step * images as f64 / batch as f64 }
}

fn network(variant: &Variant) -> NativeVariant<'_> {
    variant.native().expect("only native variants come here")
}

impl NativeTrainer<'_> {
    /// Trains, from the checkpoint if it can be used, and probes what came of it.
    fn train(
        &self,
        trial: Planned<'_>,
        from: Option<&Checkpoint>,
        checkpoints: &Checkpoints,
        watch: &dyn Watch,
    ) -> Left {
        let (variant, seed) = (network(trial.variant), trial.seed);
        let (data, engine) = (self.data, self.engine);
        let trial = Trial { variant, seed, data, engine, key: trial.key.digest };
        let epochs = variant.train.epochs;
        let every = self.checkpoint_every;
        let observer = Watching { watch, epochs, every, checkpoints, last: Mutex::new(Instant::now()) };
        let ended = train::run(trial, from, &observer).or_else(|error| {
            watch.warn(&format!("starts from the beginning: its checkpoint cannot be used: {error}"));
            train::run(trial, None, &observer)
        });
        match ended.unwrap_or_else(|error| panic!("a checkpoint could not be made: {error}")) {
            train::Ended::Interrupted => Left::Interrupted,
            train::Ended::Finished(log, model) => {
                let trained = (log.outcome == Outcome::Completed).then_some(&*model);
                let accuracy = log.metrics.last().and_then(|last| last.figure(native::VAL_ACCURACY));
                // libtorch sums a whole tensor in as many parts as it has threads, which shows in the last digits of a probe.
                engine.set_threads(ThreadPlan { jobs: 1, threads_per_job: 1 });
                let probes = probe::probe(Subject { variant, seed, data, engine, trained, accuracy });
                engine.set_threads(self.threads);
                Left::Finished(Box::new(Finished {
                    outcome: log.outcome,
                    metrics: log.metrics,
                    native: Some(NativeRemains {
                        fingerprints: log.fingerprints,
                        parameters: log.parameters,
                        parameter_count: log.parameter_count,
                        correct: log.correct,
                        probes,
                    }),
                    command: None,
                }))
            }
        }
    }
}

/// Passes on how a trial gets on and keeps its checkpoints.
struct Watching<'a> {
    watch: &'a dyn Watch,
    epochs: u32,
    every: Duration,
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
        self.watch.advanced(images);
    }

    fn epoch(&self, metrics: &Point) {
        self.watch.measured(metrics, Some(self.epochs));
    }

    fn wants_checkpoint(&self) -> bool {
        self.last().elapsed() >= self.every
    }

    /// A checkpoint that cannot be written costs time should the run be killed, and nothing else.
    fn checkpoint(&self, step: u64, checkpoint: Checkpoint) {
        if let Err(error) = self.checkpoints.keep(step, &checkpoint) {
            self.watch.warn(&format!("no checkpoint at step {step}: {error}"));
        }
        *self.last() = Instant::now();
    }

    fn stops(&self) -> bool {
        self.watch.stops()
    }
}
