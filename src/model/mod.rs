//! A network, made from the graph that an experiment's layers amount to.
//!
//! Activations are channels last, kernels have Keras's memory order. The forward pass is a function of parameters,
//! input and [`Pass`]: batch statistics come back as values, dropout masks from addresses.

pub mod cost;
mod init;
mod kernels;
mod layers;
mod pass;
#[cfg(test)]
mod tests;
pub mod timing;
mod unit;

use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, FloatDType, Tensor};

use crate::bundle::record::ParameterCount;
use crate::config::{Graph, ModelSpec, Node, PoolKind, Precision, Seed, Step};
use crate::engine::kernels as operations;
use crate::provenance::{Digest, Digester};

use init::Initialization;
use layers::PostConvolution;
use unit::Unit;

pub use kernels::KernelGradient;
pub use pass::{BatchStatistics, Observation, Pass, TrainingStep};

/// The network. Parameters are visited in the order of the forward pass.
#[derive(Module, Debug)]
pub struct Network {
    /// One for each unit of the graph, in its order.
    units: Vec<Unit>,
    #[module(skip)]
    graph: Arc<Graph>,
}

/// The graph of a network for `classes` classes and images of `size` pixels a side.
///
/// # Panics
/// When its layers do not fit together, which is found out when an experiment is read.
fn graph(spec: &ModelSpec, classes: usize, size: usize) -> Graph {
    Graph::new(spec, classes, size).unwrap_or_else(|error| panic!("an experiment's network was checked: {error}"))
}

impl Network {
    /// A freshly initialised network for `classes` classes and images of `size` pixels a side; equal arguments give equal
    /// bits on every device. Other sizes of images can go through it unless it reads all pixels by place (`flatten`).
    ///
    /// Parameters require gradients when `device` is an autodiff device.
    ///
    /// # Panics
    /// When images of this size do not fit its layers.
    pub fn new(spec: &ModelSpec, classes: usize, size: usize, seed: Seed, device: &Device) -> Self {
        let graph = graph(spec, classes, size);
        let mut init = Initialization::new(spec.initializer, seed, device);
        let units = graph.nodes().map(|plan| Unit::new(plan, &mut init, device)).collect();
        Self { units, graph: Arc::new(graph) }
    }

    /// Images `[n, size, size, 3]` to logits `[n, classes]`.
    ///
    /// # Panics
    /// When the images have another size than the network was made for, and it flattens them.
    pub fn forward(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        let mut units = self.units.iter();
        let mut kept: Vec<Tensor<4>> = Vec::new();
        let mut x = match pass.precision {
            Precision::Fp32 | Precision::Tf32 => images,
            Precision::Bf16 => images.cast(FloatDType::BF16),
        };
        for step in &self.graph.steps {
            x = match step {
                Step::Node(plan) => match units.next() {
                    Some(unit) => unit.forward(x, plan, pass),
                    None => x,
                },
                Step::Pool { kind, window, .. } => operations::pool(x, *window, *kind == PoolKind::Max, pass.path),
                Step::GlobalPool { kind, .. } => pooled(single(x), *kind),
                Step::Flatten { .. } => {
                    let [n, height, width, channels] = x.dims();
                    single(x).reshape([n, 1, 1, height * width * channels])
                }
                Step::Fork => {
                    kept.push(x.clone());
                    x
                }
                Step::Exchange => match kept.last_mut() {
                    Some(kept) => std::mem::replace(kept, x),
                    None => x,
                },
                Step::Add { .. } => match kept.pop() {
                    Some(kept) => x + kept,
                    None => x,
                },
            };
        }
        let [n, _, _, classes] = x.dims();
        x.reshape([n, classes])
    }

    fn units(&self) -> impl Iterator<Item = (&Node, &Unit)> {
        self.graph.nodes().zip(&self.units)
    }

    /// Moves every running mean and variance towards the batch statistics that a training pass collected.
    pub fn absorb_statistics(mut self, pass: Pass) -> Self {
        let mut collected = pass.into_statistics().into_iter();
        for post in self.posts_mut() {
            post.absorb(&mut collected);
        }
        self
    }

    /// Normalises in future with the means and variances over several batches, each of which went through a pass that
    /// used its own statistics. Batches count by their number of values.
    pub fn with_statistics_of(mut self, batches: Vec<Vec<BatchStatistics>>) -> Self {
        let mut estimated = pass::pooled(batches).into_iter();
        for post in self.posts_mut() {
            post.replace_statistics(&mut estimated);
        }
        self
    }

    /// What follows each kernel, in the order of the forward pass.
    fn posts_mut(&mut self) -> impl Iterator<Item = &mut PostConvolution> {
        self.units.iter_mut().map(|unit| &mut unit.post)
    }

    /// Scalar weights as Keras's `model.summary()` counts them: running statistics are not trainable.
    pub fn parameter_count(&self) -> ParameterCount {
        let running: usize = self.units.iter().map(|unit| unit.post.running_len()).sum();
        let total = self.num_params() as u64;
        ParameterCount { total, trainable: total - running as u64 }
    }

    /// Whether anything is dropped in training.
    pub fn drops(&self) -> bool {
        self.graph.nodes().any(|plan| plan.dropout.is_some())
    }

    /// Digest of all parameters and running statistics: shapes and f32 bits, in forward order.
    pub fn digest(&self) -> Digest {
        let mut digests = ParameterDigest(Digester::default());
        self.visit(&mut digests);
        digests.0.finish()
    }
}

/// In f32 whatever came before.
fn single(x: Tensor<4>) -> Tensor<4> {
    if x.dtype() == burn::tensor::DType::BF16 { x.cast(FloatDType::F32) } else { x }
}

/// `[n, h, w, c]` to `[n, 1, 1, c]`.
fn pooled(x: Tensor<4>, kind: PoolKind) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    let pixels = x.reshape([n, h * w, c]);
    let pooled = match kind {
        PoolKind::Avg => pixels.mean_dim(1),
        PoolKind::Max => pixels.max_dim(1),
    };
    pooled.reshape([n, 1, 1, c])
}

struct ParameterDigest(Digester);

impl ModuleVisitor for ParameterDigest {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().inner().into_data();
        for size in data.shape().iter() {
            self.0.update(&(*size as u64).to_le_bytes());
        }
        self.0.update(data.as_bytes());
    }
}
