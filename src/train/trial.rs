//! The training loop.

use std::ops::Range;
use std::rc::Rc;

use burn::module::Module;
use burn::nn::loss::CrossEntropyLoss;
use burn::optim::{GradientsParams, ModuleOptimizer};

use super::checkpoint::{Checkpoint, CheckpointError, Restored, State};
use super::evaluation::{Score, evaluate};
use super::optimizer::{loss, optimizer};
use super::order::epoch_picks;
use super::readings::{Reading, Readings, batch_digest};
use super::schedule::learning_rate;
use crate::bundle::correctness::Correctness;
use crate::bundle::record::{Outcome, ParameterCount, StepFingerprint};
use crate::bundle::series::Point;
use crate::config::{NativeVariant, Recipe, Seed, native};
use crate::data::Dataset;
use crate::engine::{DeviceImages, Engine, Ordered};
use crate::model::{Network, Pass, TrainingStep};
use crate::provenance::Digest;

/// One variant, one seed, one data set, one engine.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    pub variant: NativeVariant<'a>,
    pub seed: Seed,
    pub data: &'a Dataset,
    pub engine: &'a Engine,
    /// Of the trial's key; checkpoints carry it.
    pub key: Digest,
}

/// What a finished trial leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialLog {
    pub outcome: Outcome,
    pub metrics: Vec<Point>,
    pub fingerprints: Vec<StepFingerprint>,
    pub parameters: Digest,
    pub parameter_count: ParameterCount,
    /// Which test images it got right in the end; `None` of a trial that diverged.
    pub correct: Option<Correctness>,
}

/// How a call of [`run`] ended.
#[derive(Debug)]
pub enum Ended {
    /// The trial is over, and this is its network.
    Finished(Box<TrialLog>, Box<Network>),
    /// The observer asked to stop; its last checkpoint is where to go on.
    Interrupted,
}

/// Hears how a trial gets on, keeps its checkpoints, and may stop it.
pub trait Observer: Sync {
    /// `images` more training images are done.
    fn advanced(&self, images: u64);
    /// An epoch is complete.
    fn epoch(&self, metrics: &Point);

    /// Whether a checkpoint should be made now. Asked whenever one is possible.
    fn wants_checkpoint(&self) -> bool {
        false
    }

    /// `step` steps are done.
    fn checkpoint(&self, _step: u64, _checkpoint: Checkpoint) {}

    /// Whether the trial should stop after the next checkpoint.
    fn stops(&self) -> bool {
        false
    }
}

/// Trains to the end, or until the loss is no longer a finite number: from scratch, or from a checkpoint. The result is
/// the same either way, bit for bit where the engine repeats itself.
///
/// # Errors
/// When `from` is not a checkpoint of this trial, or one cannot be made.
pub fn run(trial: Trial<'_>, from: Option<&Checkpoint>, observer: &dyn Observer) -> Result<Ended, CheckpointError> {
    trial.engine.set_precision(trial.variant.train.precision);
    let mut training = Training::new(trial);
    if let Some(checkpoint) = from {
        training.restore(checkpoint)?;
    }
    while training.state.epoch < trial.variant.train.epochs {
        match training.epoch(observer)? {
            Epoch::Complete(metrics) => {
                observer.epoch(&metrics);
                training.state.metrics.push(metrics);
                (training.state.epoch, training.state.batches) = (training.state.epoch + 1, 0);
                training.state.score = Score::default();
                let is_last = training.state.epoch == trial.variant.train.epochs;
                if !is_last && training.checkpoints(observer)? {
                    return Ok(Ended::Interrupted);
                }
            }
            Epoch::Diverged { step } => {
                let epoch = training.state.epoch + 1;
                return Ok(training.finish(Outcome::Diverged { epoch, step }));
            }
            Epoch::Interrupted => return Ok(Ended::Interrupted),
        }
    }
    Ok(training.finish(Outcome::Completed))
}

enum Epoch {
    Complete(Point),
    /// The loss of this step was not a finite number.
    Diverged {
        step: u64,
    },
    Interrupted,
}

/// The loss of this step was not a finite number.
struct Diverged {
    step: u64,
}

struct Training<'a> {
    trial: Trial<'a>,
    recipe: &'a Recipe,
    train: Rc<DeviceImages<'a>>,
    test: DeviceImages<'a>,
    loss: CrossEntropyLoss,
    /// Taken out while the optimizer turns it into its successor.
    model: Option<Network>,
    optimizer: ModuleOptimizer,
    readings: Readings,
    /// Of the test images after the last complete epoch. In no checkpoint: there is none behind the last epoch.
    correct: Option<Correctness>,
    state: State,
}

impl<'a> Training<'a> {
    fn new(trial: Trial<'a>) -> Self {
        let Trial { variant, seed, data, engine, key } = trial;
        let device = engine.device().clone().autodiff();
        let images = |set| DeviceImages::new(set, data.height, data.width, engine);
        Self {
            trial,
            recipe: variant.train,
            train: Rc::new(images(&data.train)),
            test: images(&data.test),
            loss: loss(variant.train, &device),
            model: Some(Network::new(
                variant.model,
                data.classes.len(),
                variant.train.image_size as usize,
                seed,
                &device,
            )),
            optimizer: optimizer(variant.train),
            readings: Readings::default(),
            correct: None,
            state: State {
                key,
                epoch: 0,
                batches: 0,
                step: 0,
                score: Score::default(),
                metrics: Vec::new(),
                fingerprints: Vec::new(),
            },
        }
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let fresh = optimizer(self.recipe);
        let Restored { state, model, optimizer } = checkpoint.restore(self.trial.key, self.model().clone(), fresh)?;
        (self.state, self.model, self.optimizer) = (state, Some(model), optimizer);
        Ok(())
    }

    fn epoch(&mut self, observer: &dyn Observer) -> Result<Epoch, CheckpointError> {
        let epoch = self.state.epoch;
        // Shared, so that the order may borrow the images while the rest of the training changes.
        let train = Rc::clone(&self.train);
        let picks = epoch_picks(train.len() as u32, self.trial.seed, epoch, self.recipe.augment);
        let order = train.order(picks);
        let batches = order.batches(self.recipe.batch_size as usize);
        let steps = batches.len() as u64;
        let done = self.state.batches;
        for batch in batches.skip(done as usize) {
            let images = batch.len() as u64;
            let rate = learning_rate(self.recipe, self.state.step, steps);
            self.train_step(&order, batch, epoch, rate);
            observer.advanced(images);
            let last = self.state.batches == steps;
            if last || self.state.step.is_multiple_of(self.trial.engine.reads_every()) {
                if let Err(Diverged { step }) = self.read() {
                    return Ok(Epoch::Diverged { step });
                }
                if !last && self.checkpoints(observer)? {
                    return Ok(Epoch::Interrupted);
                }
            }
        }
        let rate = learning_rate(self.recipe, self.state.step.saturating_sub(1), steps);
        Ok(Epoch::Complete(self.complete_epoch(rate)))
    }

    /// Makes a checkpoint if one is wanted; whether to stop.
    fn checkpoints(&self, observer: &dyn Observer) -> Result<bool, CheckpointError> {
        let stops = observer.stops();
        if stops || observer.wants_checkpoint() {
            observer.checkpoint(self.state.step, Checkpoint::of(&self.state, self.model(), &self.optimizer)?);
        }
        Ok(stops)
    }

    fn complete_epoch(&mut self, learning_rate: f64) -> Point {
        let model = self.model();
        let parameters = model.digest();
        let (validation, correct) = evaluate(&model.valid(), &self.test, self.recipe);
        if let Some(last) = self.state.fingerprints.last_mut() {
            last.parameters = Some(parameters.to_string()[..16].to_owned());
        }
        self.correct = Some(correct);
        let finite = |loss: Option<f64>| loss.unwrap_or(f64::NAN);
        let values = [
            (native::TRAIN_LOSS.name(), finite(self.state.score.mean_loss())),
            (native::TRAIN_ACCURACY.name(), self.state.score.accuracy()),
            (native::VAL_LOSS.name(), finite(validation.mean_loss())),
            (native::VAL_ACCURACY.name(), validation.accuracy()),
            (native::LEARNING_RATE, learning_rate),
        ];
        Point::of_epoch(self.state.epoch + 1, values)
    }

    fn model(&self) -> &Network {
        self.model.as_ref().expect("the model is only away within a step")
    }

    /// One optimizer step, whose results stay on the device for now.
    fn train_step(&mut self, order: &Ordered<'_>, batch: Range<usize>, epoch: u32, rate: f64) {
        let size = self.recipe.image_size as usize;
        let images = order.images(batch.clone(), size, self.recipe.pixels).autodiff();
        let step = TrainingStep { seed: self.trial.seed, epoch, step: self.state.step };
        let mut pass = Pass::training(step).with_precision(self.recipe.precision);
        let model = self.model.take().expect("the model is only away within a step");
        let logits = model.forward(images, &mut pass);
        let targets = order.targets(batch.clone()).autodiff();
        let loss = self.loss.forward(logits.clone(), targets);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(rate, model, gradients).absorb_statistics(pass));
        self.readings.add(Reading {
            step: self.state.step,
            loss: loss.inner(),
            logits: logits.inner(),
            labels: order.labels(batch.clone()).to_vec(),
            batch: batch_digest(order.picks(batch)),
        });
        self.state.step += 1;
        self.state.batches += 1;
    }

    /// Takes down what the steps since the last reading gave, up to the first that diverged.
    fn read(&mut self) -> Result<(), Diverged> {
        for outcome in self.readings.read() {
            let step = outcome.fingerprint.step;
            self.state.fingerprints.push(outcome.fingerprint);
            self.state.score.add(outcome.score.ok_or(Diverged { step })?);
        }
        Ok(())
    }

    fn finish(self, outcome: Outcome) -> Ended {
        let model = self.model.expect("the model is only away within a step");
        // What a network that diverged later got right is not what the trial came to.
        let correct = self.correct.filter(|_| outcome == Outcome::Completed);
        let log = TrialLog {
            outcome,
            parameters: model.digest(),
            parameter_count: model.parameter_count(),
            metrics: self.state.metrics,
            correct,
            fingerprints: self.state.fingerprints,
        };
        Ended::Finished(Box::new(log), Box::new(model))
    }
}
