//! Layers by themselves, to be timed: all of one kind of a training step, one after the other.
//!
//! Each goes forwards and backwards from a gradient of ones, on inputs of its own as large as those of the network. What
//! a step has besides is left out: gathering a batch, the loss, the update of the weights, and what one layer leaves in
//! the caches for the next. Computes nothing of a trial.

use std::hint::black_box;

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::Network;
use super::cost::kind_of;
use super::pass::{Pass, TrainingStep};
use super::unit::Unit;
use crate::bundle::throughput::LayerKind;
use crate::config::{ModelSpec, Node, PoolKind, Precision, Seed, Shape, Step, Window};
use crate::engine::kernels as operations;

/// Neither weights nor masks matter to the time.
const SEED: Seed = Seed(1);

/// The layers of one kind, ready to be run.
pub struct LayersAlone {
    /// With what enters each.
    layers: Vec<(Tensor<4>, Layer)>,
    precision: Precision,
    step: u64,
}

enum Layer {
    /// The kernel alone, and the bias.
    Kernel(Box<(Unit, Node)>),
    /// What follows a kernel.
    Post(Box<Unit>),
    Shortcut,
    Pool(Window, PoolKind),
    GlobalPool(PoolKind),
}

impl LayersAlone {
    /// The layers of `kind` in a network for `classes` classes, for batches of `batch` images of `size` pixels a side.
    pub fn new(
        (spec, precision): (&ModelSpec, Precision),
        classes: usize,
        kind: LayerKind,
        (batch, size): (usize, usize),
        device: &Device,
    ) -> Self {
        let model = Network::new(spec, classes, size, SEED, &device.clone().autodiff());
        let mut found = Found { kind, batch, precision, device, layers: Vec::new() };
        found.network(&model);
        Self { layers: found.layers, precision, step: 0 }
    }

    /// Takes `steps` steps through all the layers. The device may still be at work afterwards.
    ///
    /// # Panics
    /// When the device cannot compute, for lack of memory for example.
    pub fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            let step = TrainingStep { seed: SEED, epoch: 0, step: self.step };
            for (input, layer) in &self.layers {
                layer.run(input, Pass::training(step).with_precision(self.precision));
            }
            self.step += 1;
        }
    }
}

impl Layer {
    fn run(&self, input: &Tensor<4>, mut pass: Pass) {
        let x = input.clone();
        let y = match self {
            Self::Kernel(layer) => {
                let (unit, plan) = &**layer;
                unit.multiplied(x, plan, &pass)
            }
            Self::Post(unit) => unit.post.forward(x, &mut pass),
            Self::Shortcut => x.clone() + x,
            Self::Pool(window, kind) => operations::pool(x, *window, *kind == PoolKind::Max, pass.path),
            Self::GlobalPool(kind) => super::pooled(x, *kind),
        };
        black_box(y.backward());
    }
}

/// The walk through the network, in the order of the forward pass.
struct Found<'a> {
    kind: LayerKind,
    batch: usize,
    precision: Precision,
    device: &'a Device,
    layers: Vec<(Tensor<4>, Layer)>,
}

impl Found<'_> {
    fn network(&mut self, model: &Network) {
        let mut units = model.units.iter();
        // A map without pixels stands behind pooling and flattening: what is there computes in f32.
        let mut is_single = false;
        for step in &model.graph.steps {
            match step {
                Step::Node(plan) => {
                    let Some(unit) = units.next() else { continue };
                    if let Some(kernel) = plan.kernel {
                        let layer = || Layer::Kernel(Box::new((unit.clone(), plan.clone())));
                        self.add(kind_of(kernel), plan.input, is_single, layer);
                    }
                    if plan.has_post() {
                        self.add(LayerKind::Post, plan.output, is_single, || Layer::Post(Box::new(unit.clone())));
                    }
                }
                Step::Pool { kind, window, input, .. } => {
                    self.add(LayerKind::Elementwise, *input, is_single, || Layer::Pool(*window, *kind));
                }
                Step::GlobalPool { kind, input } => {
                    is_single = true;
                    self.add(LayerKind::Elementwise, *input, is_single, || Layer::GlobalPool(*kind));
                }
                Step::Add { shape, .. } => self.add(LayerKind::Elementwise, *shape, is_single, || Layer::Shortcut),
                Step::Flatten { .. } => is_single = true,
                Step::Fork | Step::Exchange => {}
            }
        }
    }

    /// `map`: what enters.
    fn add(&mut self, kind: LayerKind, map: Shape, is_single: bool, layer: impl FnOnce() -> Layer) {
        if kind != self.kind {
            return;
        }
        let shape = [self.batch, map.side, map.side, map.channels];
        let values = TensorData::new(pattern(shape.iter().product()), shape);
        let x = Tensor::<4>::from_data(values, self.device);
        let is_narrow = self.precision == Precision::Bf16 && !is_single;
        let x = if is_narrow { x.cast(FloatDType::BF16) } else { x }.autodiff();
        // Nothing below the image wants a gradient.
        let x = if kind == LayerKind::Image { x } else { x.require_grad() };
        self.layers.push((x, layer()));
    }
}

/// Numbers on both sides of zero and of six, none of them so small that it would slow arithmetic down.
fn pattern(len: usize) -> Vec<f32> {
    (0..len).map(|at| (at * 7919 % 256) as f32 / 16.0 - 7.97).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Variant, load_str};
    use crate::engine::testing::engines;
    use crate::model::cost;
    use std::path::Path;

    const PLACES: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
model: {width: 0.35}
train: {epochs: 1, batch_size: 2, image_size: 32}
variants:
  - {id: bn}
  - {id: group, model: {norm: group}}
  - {id: plain, model: {norm: none}}
  - {id: after, model: {norm: none, dropout: 0.1}}
  - {id: before, model: {dropout: {rate: 0.1, place: convolution}}}
  - {id: within, model: {norm: none, dropout: {rate: 0.1, place: norm}}}
  - {id: head, model: {dropout: {rate: 0.1, place: head}}}
  - {id: resnet, model: {preset: resnet, depth: 8, width: 0.5}}
  - {id: cnn, model: simple_cnn}
";

    fn variants() -> Vec<Variant> {
        load_str("places.yaml", PLACES, Path::new(""), &[]).unwrap().variants
    }

    fn alone(variant: &Variant, kind: LayerKind, device: &Device) -> LayersAlone {
        LayersAlone::new((variant.network().model, variant.network().train.precision), 10, kind, (2, 32), device)
    }

    /// What is timed is what is counted, layer by layer and value by value.
    #[test]
    fn the_layers_are_those_that_the_network_is_counted_to_have() {
        let device = engines().remove(0).device().clone();
        for variant in variants() {
            let counted = cost::layers(variant.network().model, 10, 32);
            for kind in LayerKind::ALL {
                let of_kind = counted.iter().filter(|layer| layer.kind == kind);
                let timed = alone(&variant, kind, &device);
                // A shortcut adds two maps of the same size.
                let entering = |(x, layer): &(Tensor<4>, Layer)| {
                    let maps = if matches!(layer, Layer::Shortcut) { 2 } else { 1 };
                    (maps * x.shape().num_elements() / 2) as u64
                };
                let values: Vec<u64> = timed.layers.iter().map(entering).collect();
                assert_eq!(values, of_kind.map(|layer| layer.input).collect::<Vec<_>>(), "{} {kind:?}", variant.id);
            }
        }
    }

    #[test]
    fn every_kind_of_layer_runs_on_every_engine() {
        for engine in engines() {
            for variant in variants() {
                for kind in LayerKind::ALL {
                    let mut layers = alone(&variant, kind, engine.device());
                    layers.run(2);
                    assert_eq!(layers.step, 2);
                }
            }
        }
    }
}
