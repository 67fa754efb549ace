//! Layers by themselves, to be timed: all of one kind of a training step, one after the other.
//!
//! Each goes forwards and backwards from a gradient of ones, on inputs of its own as large as those of the network. What
//! a step has besides is left out: gathering a batch, the loss, the update of the weights, and what one layer leaves in
//! the caches for the next. Computes nothing of a trial.

use std::hint::black_box;

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::architecture::BlockWindow;
use super::layers::PostConvolution;
use super::pass::{Pass, TrainingStep};
use super::{Block, MobileNetV2};
use crate::bundle::throughput::LayerKind;
use crate::config::{DropoutPlace, ModelSpec, Norm, Precision, Seed};
use crate::engine::kernels::{self as operations, Window};

/// Neither weights nor masks matter to the time.
const SEED: Seed = Seed(1);

/// The layers of one kind, ready to be run.
pub struct LayersAlone {
    /// With what enters each.
    layers: Vec<(Tensor<4>, Layer)>,
    precision: Precision,
    step: u64,
}

#[expect(clippy::large_enum_variant, reason = "there are some fifty of them")]
enum Layer {
    Image(Tensor<2>, Window),
    Depthwise(Tensor<3>, Window),
    Pointwise(Tensor<2>),
    Post(Box<PostConvolution>),
    Shortcut,
    Pool,
    Dense(Tensor<2>, Tensor<1>),
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
        let model = MobileNetV2::new(spec, classes, SEED, &device.clone().autodiff());
        let mut found = Found { spec, kind, batch, precision, device, layers: Vec::new() };
        found.network(&model, size);
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
            Self::Image(kernel, window) => operations::image_convolution(x, kernel.clone(), *window, pass.path),
            Self::Depthwise(kernel, window) => operations::depthwise(x, kernel.clone(), *window, pass.path),
            Self::Pointwise(kernel) => operations::pointwise(x, kernel.clone()),
            Self::Post(post) => post.forward(x, &mut pass),
            Self::Shortcut => x.clone() + x,
            Self::Pool => {
                let [n, h, w, c] = x.dims();
                x.reshape([n, h * w, c]).mean_dim(1).reshape([n, 1, 1, c])
            }
            Self::Dense(weights, bias) => {
                let [n, _, _, c] = x.dims();
                let [_, classes] = weights.dims();
                let logits = x.reshape([n, c]).matmul(weights.clone()) + bias.clone().unsqueeze_dim(0);
                logits.reshape([n, 1, 1, classes])
            }
        };
        black_box(y.backward());
    }
}

/// The walk through the network, in the order of the forward pass.
struct Found<'a> {
    spec: &'a ModelSpec,
    kind: LayerKind,
    batch: usize,
    precision: Precision,
    device: &'a Device,
    layers: Vec<(Tensor<4>, Layer)>,
}

impl Found<'_> {
    fn network(&mut self, model: &MobileNetV2, size: usize) {
        let window = Window::same(size, 2);
        self.add(LayerKind::Image, [size, size, 3], || Layer::Image(model.stem.val(), window));
        let mut side = window.output_size(size);
        let [_, stem] = model.stem.val().dims();
        self.post(&model.stem_post, [side, side, stem], true);
        for block in &model.blocks {
            side = self.block(block, side);
        }
        let [last, features] = model.head.val().dims();
        if let Some(input) = &model.head_input {
            self.post(input, [side, side, last], true);
        }
        self.add(LayerKind::Pointwise, [side, side, last], || Layer::Pointwise(model.head.val()));
        self.post(&model.head_post, [side, side, features], true);
        self.add(LayerKind::Elementwise, [side, side, features], || Layer::Pool);
        let drops_features = self.spec.dropout.is_some_and(|dropout| dropout.place == DropoutPlace::Head);
        self.post(&model.pooled_post, [1, 1, features], drops_features);
        let dense = || Layer::Dense(model.classifier.val(), model.bias.val());
        self.add(LayerKind::Dense, [1, 1, features], dense);
    }

    /// The side of the map that leaves it.
    fn block(&mut self, block: &Block, side: usize) -> usize {
        let [_, _, expanded] = block.depthwise.val().dims();
        let [_, output] = block.project.val().dims();
        if let Some(input) = &block.input {
            self.post(input, [side, side, block.shape.input], true);
        }
        if let (Some(kernel), Some(post)) = (&block.expand, &block.expand_post) {
            self.add(LayerKind::Pointwise, [side, side, block.shape.input], || Layer::Pointwise(kernel.val()));
            self.post(post, [side, side, expanded], true);
        }
        let window = match block.shape.window {
            BlockWindow::Same => Window::same(side, 1),
            BlockWindow::HalvingAfterZeroPad => Window::zero_padded_after(2),
        };
        let depthwise = || Layer::Depthwise(block.depthwise.val(), window);
        self.add(LayerKind::Depthwise, [side, side, expanded], depthwise);
        let side = window.output_size(side);
        self.post(&block.depthwise_post, [side, side, expanded], true);
        self.add(LayerKind::Pointwise, [side, side, expanded], || Layer::Pointwise(block.project.val()));
        let drops = self.spec.dropout.is_some_and(|dropout| dropout.place == DropoutPlace::Norm);
        self.post(&block.project_post, [side, side, output], self.spec.norm != Norm::None || drops);
        if block.shape.shortcut {
            self.add(LayerKind::Elementwise, [side, side, output], || Layer::Shortcut);
        }
        side
    }

    fn post(&mut self, post: &PostConvolution, map: [usize; 3], does_something: bool) {
        if does_something {
            self.add(LayerKind::Post, map, || Layer::Post(Box::new(post.clone())));
        }
    }

    /// `map`: height, width and channels of what enters.
    fn add(&mut self, kind: LayerKind, [height, width, channels]: [usize; 3], layer: impl FnOnce() -> Layer) {
        if kind != self.kind {
            return;
        }
        let layer = layer();
        let shape = [self.batch, height, width, channels];
        let values = TensorData::new(pattern(shape.iter().product()), shape);
        let x = Tensor::<4>::from_data(values, self.device);
        // Pooling and the classifier compute in f32 whatever the rest does.
        let is_narrow = self.precision == Precision::Bf16 && !matches!(layer, Layer::Pool | Layer::Dense(..));
        let x = if is_narrow { x.cast(FloatDType::BF16) } else { x }.autodiff();
        // Nothing below the image wants a gradient.
        let x = if kind == LayerKind::Image { x } else { x.require_grad() };
        self.layers.push((x, layer));
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
