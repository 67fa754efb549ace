//! The training loop.

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::evaluation::{Score, evaluate, logit_values};
use super::order::epoch_picks;
use super::schedule::learning_rate;
use crate::bundle::record::{EpochMetrics, Outcome, ParameterCount, StepFingerprint};
use crate::config::{Recipe, Seed, Variant};
use crate::data::Dataset;
use crate::engine::{DeviceImages, Engine, Pick};
use crate::model::{MobileNetV2, Pass, TrainingStep};
use crate::provenance::Digest;

/// One variant, one seed, one data set, one engine.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    pub variant: &'a Variant,
    pub seed: Seed,
    pub data: &'a Dataset,
    pub engine: &'a Engine,
}

/// What a finished trial leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialLog {
    pub outcome: Outcome,
    pub metrics: Vec<EpochMetrics>,
    pub fingerprints: Vec<StepFingerprint>,
    pub parameters: Digest,
    pub parameter_count: ParameterCount,
}

/// Hears how a trial gets on.
pub trait Observer: Sync {
    /// `images` more training images are done.
    fn advanced(&self, images: u64);
    /// An epoch is complete.
    fn epoch(&self, metrics: &EpochMetrics);
}

/// Trains from scratch to the end, or until the loss is no longer a finite number.
pub fn run(trial: Trial<'_>, observer: &dyn Observer) -> TrialLog {
    let mut training = Training::new(trial);
    for epoch in 0..trial.variant.train.epochs {
        match training.epoch(epoch, observer) {
            Ok(metrics) => {
                observer.epoch(&metrics);
                training.metrics.push(metrics);
            }
            Err(Diverged { step }) => return training.finish(Outcome::Diverged { epoch: epoch + 1, step }),
        }
    }
    training.finish(Outcome::Completed)
}

/// The loss of this step was not a finite number.
struct Diverged {
    step: u64,
}

struct Training<'a> {
    recipe: &'a Recipe,
    seed: Seed,
    classes: usize,
    train: DeviceImages<'a>,
    test: DeviceImages<'a>,
    device: Device,
    loss: CrossEntropyLoss,
    /// Taken out while the optimizer turns it into its successor.
    model: Option<MobileNetV2>,
    optimizer: ModuleOptimizer,
    step: u64,
    metrics: Vec<EpochMetrics>,
    fingerprints: Vec<StepFingerprint>,
}

impl<'a> Training<'a> {
    fn new(Trial { variant, seed, data, engine }: Trial<'a>) -> Self {
        let device = engine.device().clone().autodiff();
        let classes = data.classes.len();
        let images = |set| DeviceImages::new(set, data.height, data.width, engine);
        Self {
            recipe: &variant.train,
            seed,
            classes,
            train: images(&data.train),
            test: images(&data.test),
            loss: CrossEntropyLossConfig::new().init(&device),
            model: Some(MobileNetV2::new(&variant.model, classes, seed, &device)),
            device,
            optimizer: optimizer(&variant.train),
            step: 0,
            metrics: Vec::new(),
            fingerprints: Vec::new(),
        }
    }

    fn epoch(&mut self, epoch: u32, observer: &dyn Observer) -> Result<EpochMetrics, Diverged> {
        let picks = epoch_picks(self.train.len() as u32, self.seed, epoch, self.recipe.augment);
        let batches = picks.chunks(self.recipe.batch_size as usize);
        let steps = batches.len() as u64;
        let (mut score, mut rate) = (Score::default(), self.recipe.learning_rate);
        for batch in batches {
            rate = learning_rate(self.recipe, self.step, steps);
            score.add(self.train_step(batch, epoch, rate)?);
            observer.advanced(batch.len() as u64);
        }
        let model = self.model();
        let parameters = model.digest();
        let validation = evaluate(&model.valid(), &self.test, self.recipe);
        if let Some(last) = self.fingerprints.last_mut() {
            last.parameters = Some(parameters.to_string()[..16].to_owned());
        }
        Ok(EpochMetrics {
            epoch: epoch + 1,
            train_loss: score.mean_loss(),
            train_accuracy: score.accuracy(),
            val_loss: validation.mean_loss(),
            val_accuracy: validation.accuracy(),
            learning_rate: rate,
        })
    }

    fn model(&self) -> &MobileNetV2 {
        self.model.as_ref().expect("the model is only away within a step")
    }

    /// One optimizer step; the score is that of the batch before the step, dropout on.
    fn train_step(&mut self, picks: &[Pick], epoch: u32, rate: f64) -> Result<Score, Diverged> {
        let labels = self.train.labels(picks);
        let images = self.train.batch(picks, self.recipe.image_size as usize, self.recipe.pixels).autodiff();
        let targets: Vec<i64> = labels.iter().map(|&label| i64::from(label)).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [labels.len()]), &self.device);

        let mut pass = Pass::training(TrainingStep { seed: self.seed, epoch, step: self.step });
        let model = self.model.take().expect("the model is only away within a step");
        let logits = model.forward(images, &mut pass);
        let loss = self.loss.forward(logits.clone(), targets);
        let loss_value: f32 = loss.clone().into_scalar();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(rate, model, gradients).absorb_statistics(pass));

        self.fingerprints.push(StepFingerprint {
            step: self.step,
            loss: format!("{:08x}", loss_value.to_bits()),
            batch: batch_digest(picks),
            parameters: None,
        });
        let step = self.step;
        self.step += 1;
        if !loss_value.is_finite() {
            return Err(Diverged { step });
        }
        Ok(Score::of(&logit_values(logits.inner()), self.classes, &labels))
    }

    fn finish(self, outcome: Outcome) -> TrialLog {
        TrialLog {
            outcome,
            parameters: self.model().digest(),
            parameter_count: self.model().parameter_count(),
            metrics: self.metrics,
            fingerprints: self.fingerprints,
        }
    }
}

/// SGD as PyTorch defines it: v = momentum * v + (g + weight_decay * w), w = w - rate * v.
fn optimizer(recipe: &Recipe) -> ModuleOptimizer {
    let momentum =
        (recipe.momentum > 0.0).then(|| MomentumConfig::new().with_momentum(recipe.momentum).with_dampening(0.0));
    let decay = (recipe.weight_decay > 0.0).then(|| WeightDecayConfig::new(recipe.weight_decay as f32));
    SgdConfig::new().with_momentum(momentum).with_weight_decay(decay).init()
}

/// First 16 hexadecimal digits of the SHA-256 of the images' indices (u32, little endian).
fn batch_digest(picks: &[Pick]) -> String {
    let bytes: Vec<u8> = picks.iter().flat_map(|pick| pick.index.to_le_bytes()).collect();
    Digest::of_bytes(&bytes).to_string()[..16].to_owned()
}
