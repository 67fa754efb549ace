//! What is timed: steps as a trial takes them, on images of the experiment.

use burn::nn::loss::CrossEntropyLoss;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Int, Tensor};

use super::finish;
use crate::bundle::throughput::Mode;
use crate::config::{NativeVariant, Recipe, Seed};
use crate::engine::{DeviceImages, Engine, Ordered};
use crate::model::{Network, Pass, TrainingStep};
use crate::train::{epoch_picks, loss, optimizer};

/// The seed of weights, order and masks; the time of a step does not depend on it.
const SEED: Seed = Seed(1);

/// Where a step takes its images from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Each batch is picked from the data set, scaled and resized, as in a trial.
    Gathered,
    /// One batch lies on the device already.
    Resident,
}

/// A network at work.
pub struct Workload<'a> {
    mode: Mode,
    engine: &'a Engine,
    recipe: &'a Recipe,
    batch: usize,
    size: usize,
    order: Ordered<'a>,
    resident: Option<(Tensor<4>, Tensor<1, Int>)>,
    loss: CrossEntropyLoss,
    /// Taken out while the optimizer turns it into its successor.
    model: Option<Network>,
    optimizer: ModuleOptimizer,
    step: u64,
}

impl<'a> Workload<'a> {
    /// A fresh network for batches of `batch` images of `size` pixels a side. With fewer images than a batch, some are
    /// in it more than once.
    pub fn new(
        (variant, mode): (NativeVariant<'a>, Mode),
        (batch, size): (u32, u32),
        (images, classes): (&'a DeviceImages<'a>, usize),
        input: Input,
        engine: &'a Engine,
    ) -> Self {
        let recipe = variant.train;
        engine.set_precision(recipe.precision);
        let (batch, size) = (batch as usize, size as usize);
        let epoch = epoch_picks(images.len() as u32, SEED, 0, recipe.augment);
        let count = epoch.len().next_multiple_of(batch);
        let order = images.order(epoch.into_iter().cycle().take(count).collect());
        let resident =
            (input == Input::Resident).then(|| (order.images(0..batch, size, recipe.pixels), order.targets(0..batch)));
        let device = match mode {
            Mode::Training => engine.device().clone().autodiff(),
            Mode::Inference => engine.device().clone(),
        };
        Self {
            mode,
            engine,
            recipe,
            batch,
            size,
            order,
            resident,
            loss: loss(recipe, &device),
            model: Some(Network::new(variant.model, classes, size, SEED, &device)),
            optimizer: optimizer(recipe),
            step: 0,
        }
    }

    /// Takes `steps` steps; the device is idle before and after.
    ///
    /// # Panics
    /// When the device cannot compute, for lack of memory for example.
    pub fn run(&mut self, steps: u64) {
        finish(self.engine);
        for _ in 0..steps {
            match self.mode {
                Mode::Training => self.train(),
                Mode::Inference => self.infer(),
            }
            self.step += 1;
        }
        finish(self.engine);
    }

    fn batch(&self) -> (Tensor<4>, Tensor<1, Int>) {
        if let Some(resident) = &self.resident {
            return resident.clone();
        }
        let batches = (self.order.len() / self.batch) as u64;
        let first = (self.step % batches) as usize * self.batch;
        let at = first..first + self.batch;
        (self.order.images(at.clone(), self.size, self.recipe.pixels), self.order.targets(at))
    }

    fn train(&mut self) {
        let (images, targets) = self.batch();
        let step = TrainingStep { seed: SEED, epoch: 0, step: self.step };
        let mut pass = Pass::training(step).with_precision(self.recipe.precision);
        let model = self.model.take().expect("the model is only away within a step");
        let logits = model.forward(images.autodiff(), &mut pass);
        let loss = self.loss.forward(logits, targets.autodiff());
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let next = self.optimizer.step(self.recipe.learning_rate, model, gradients);
        self.model = Some(next.absorb_statistics(pass));
    }

    fn infer(&self) {
        let (images, _) = self.batch();
        let model = self.model.as_ref().expect("the model is only away within a step");
        let mut pass = Pass::evaluation().with_precision(self.recipe.precision);
        std::hint::black_box(model.forward(images, &mut pass));
    }

    /// Weights, for a test that steps do something.
    #[cfg(test)]
    pub fn digest(&self) -> crate::provenance::Digest {
        self.model.as_ref().unwrap().digest()
    }
}
