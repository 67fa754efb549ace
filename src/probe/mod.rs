//! What goes on inside a network: how large its signals and gradients are, what dropout does to the variance that
//! normalisation sees, and which weight updates a mask silences. This is where a report's "why" comes from.
//!
//! Probes look at a trial's network before and after training and change nothing about it; they are no part of the
//! trial key.

mod gradients;
mod normalisation;
mod signal;
#[cfg(test)]
mod tests;

use burn::module::Module;

use crate::bundle::probe::ProbeRecord;
use crate::bundle::record::SCHEMA;
use crate::config::{NativeVariant, Recipe, Seed};
use crate::data::Dataset;
use crate::engine::{DeviceImages, Engine, Ordered};
use crate::model::{Network, Pass, TrainingStep};
use crate::train::epoch_picks;

/// Training images that signals are measured on.
const IMAGES: usize = 64;

/// A network to look into, and how it was trained.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub variant: NativeVariant<'a>,
    pub seed: Seed,
    pub data: &'a Dataset,
    pub engine: &'a Engine,
    /// After the last step; `None` where the trial diverged.
    pub trained: Option<&'a Network>,
    /// Its validation accuracy.
    pub accuracy: Option<f64>,
}

/// What every probe works with.
struct Bench<'a> {
    recipe: &'a Recipe,
    seed: Seed,
    /// The training images in the order of the first epoch, with its augmentation.
    order: Ordered<'a>,
    test: &'a DeviceImages<'a>,
}

impl Bench<'_> {
    /// The first step of the trial.
    fn first_step(&self) -> Pass {
        let step = TrainingStep { seed: self.seed, epoch: 0, step: 0 };
        Pass::training(step).with_precision(self.recipe.precision)
    }

    fn evaluation(&self) -> Pass {
        Pass::evaluation().with_precision(self.recipe.precision)
    }

    fn images(&self, at: std::ops::Range<usize>) -> burn::tensor::Tensor<4> {
        self.order.images(at, self.recipe.image_size as usize, self.recipe.pixels)
    }

    /// The first `count` images, or as many as there are.
    fn first(&self, count: usize) -> std::ops::Range<usize> {
        0..count.min(self.order.len())
    }
}

/// Looks into a network with every probe that applies to it.
pub fn probe(subject: Subject<'_>) -> ProbeRecord {
    let Subject { variant, seed, data, engine, trained, accuracy } = subject;
    let recipe = variant.train;
    engine.set_precision(recipe.precision);
    let train = DeviceImages::new(&data.train, data.height, data.width, engine);
    let test = DeviceImages::new(&data.test, data.height, data.width, engine);
    let order = train.order(epoch_picks(train.len() as u32, seed, 0, recipe.augment));
    let bench = Bench { recipe, seed, order, test: &test };
    let device = engine.device().clone().autodiff();
    let initial = Network::new(variant.model, data.classes.len(), recipe.image_size as usize, seed, &device);
    let drops = initial.drops();
    ProbeRecord {
        schema: SCHEMA,
        images: bench.first(IMAGES).len() as u32,
        initial: signal::signal(&initial.valid(), &bench),
        trained: trained.map(|model| signal::signal(&model.valid(), &bench)),
        gradient: gradients::at_first_step(&initial, &bench),
        variance_shift: match trained {
            Some(model) if drops => normalisation::variance_shift(&model.valid(), &bench),
            _ => Vec::new(),
        },
        reestimation: trained
            .zip(accuracy)
            .and_then(|(model, before)| normalisation::reestimation(&model.valid(), before, &bench)),
        masked_updates: if drops { gradients::masked_updates(trained.unwrap_or(&initial), &bench) } else { Vec::new() },
    }
}

/// A figure as a record has it: `None` unless it is finite.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
