//! What the network costs, counted layer by layer: floating-point operations and the memory they must touch.
//!
//! Counted, not timed: a multiplication and an addition are two operations, and every pass over a tensor is counted as if
//! it went through memory. A cache can do better than that. Computes nothing of a trial.

use crate::bundle::throughput::LayerKind;
use crate::config::{Graph, Kernel, LayerName, ModelSpec, Node, Norm, Step};

/// One layer. Values and operations are those of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerCost {
    pub layer: LayerName,
    pub kind: LayerKind,
    /// Multiplications with a weight, each with its addition.
    pub multiply_adds: u64,
    /// Values that enter, and that leave.
    pub input: u64,
    pub output: u64,
    /// Weights that are multiplied with activations.
    pub weights: u64,
    /// Whether statistics of the layer's own input are taken: in training, and of groups always.
    norm: Statistics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statistics {
    None,
    /// Of the batch, in training alone.
    Batch,
    Group,
}

/// Operations and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Work {
    pub flops: f64,
    pub bytes: f64,
}

impl std::ops::Add for Work {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { flops: self.flops + other.flops, bytes: self.bytes + other.bytes }
    }
}

impl Work {
    /// Seconds it takes at least on a device that computes `flops` a second and moves `bytes` a second (Williams et al.
    /// 2009, "Roofline").
    pub fn least_seconds(&self, flops: f64, bytes: f64) -> f64 {
        (self.flops / flops).max(self.bytes / bytes)
    }
}

const BYTES: f64 = 4.0;

impl LayerCost {
    /// One forward pass without gradients over a batch, in f32.
    pub fn inference(&self, batch: u64) -> Work {
        let (input, output, weights) = self.sizes(batch);
        let statistics = if self.norm == Statistics::Group { input } else { 0.0 };
        Work { flops: self.forward_flops(batch), bytes: BYTES * (input + output + weights + statistics) }
    }

    /// One training step over a batch, in f32: forward, gradients of input and weights, and the update of the weights.
    pub fn training(&self, batch: u64) -> Work {
        let (input, output, weights) = self.sizes(batch);
        let forward = self.forward_flops(batch);
        match self.kind {
            // Nothing below the image wants a gradient.
            LayerKind::Image => Work {
                flops: 2.0 * forward + 2.0 * weights,
                bytes: BYTES * (2.0 * (input + output + weights) + 3.0 * weights),
            },
            LayerKind::Spatial | LayerKind::Depthwise | LayerKind::Pointwise | LayerKind::Dense => Work {
                flops: 3.0 * forward + 2.0 * weights,
                bytes: BYTES * (3.0 * (input + output + weights) + 3.0 * weights),
            },
            // Forwards: moments, then one pass. Backwards: with moments a pass for sums and one for the gradient, else one.
            LayerKind::Post if self.norm != Statistics::None => {
                Work { flops: 4.0 * forward, bytes: BYTES * (3.0 * input + 5.0 * output) }
            }
            LayerKind::Post => Work { flops: 2.0 * forward, bytes: BYTES * (2.0 * input + 3.0 * output) },
            LayerKind::Elementwise => Work { flops: 2.0 * forward, bytes: 2.0 * BYTES * (input + output) },
        }
    }

    /// Values that enter and leave for a batch, and weights.
    fn sizes(&self, batch: u64) -> (f64, f64, f64) {
        ((self.input * batch) as f64, (self.output * batch) as f64, self.weights as f64)
    }

    fn forward_flops(&self, batch: u64) -> f64 {
        let per_image = match self.kind {
            LayerKind::Image | LayerKind::Spatial | LayerKind::Depthwise | LayerKind::Pointwise | LayerKind::Dense => {
                2 * self.multiply_adds
            }
            LayerKind::Post if self.norm == Statistics::None => self.output,
            LayerKind::Post => 2 * self.output,
            LayerKind::Elementwise => self.output,
        };
        (per_image * batch) as f64
    }
}

/// Every layer that costs something, in the order of the forward pass, for square images of `size` pixels a side.
/// None where images of this size do not fit the network.
pub fn layers(spec: &ModelSpec, classes: u64, size: u64) -> Vec<LayerCost> {
    let mut found = Vec::new();
    let Ok(graph) = Graph::new(spec, classes as usize, size as usize) else { return found };
    for step in &graph.steps {
        match step {
            Step::Node(unit) => found.extend(of_unit(unit)),
            Step::Pool { name, input, output, .. } => found.push(elementwise(name, input.values(), output.values())),
            Step::GlobalPool { input, .. } => {
                found.push(elementwise(&FEATURES.into(), input.values(), input.channels));
            }
            Step::Add { name, shape } => found.push(elementwise(name, 2 * shape.values(), shape.values())),
            Step::Flatten { .. } | Step::Fork | Step::Exchange => {}
        }
    }
    found
}

/// The kinds of layers that a network has.
pub fn kinds(spec: &ModelSpec, size: u64) -> Vec<LayerKind> {
    let layers = layers(spec, 2, size);
    LayerKind::ALL.into_iter().filter(|kind| layers.iter().any(|layer| layer.kind == *kind)).collect()
}

/// What a mean over all pixels is called.
const FEATURES: &str = "features";

/// A kernel, and what follows it.
fn of_unit(unit: &Node) -> impl Iterator<Item = LayerCost> {
    let kernel = unit.kernel.map(|kernel| LayerCost {
        layer: unit.name.clone(),
        kind: kind_of(kernel),
        multiply_adds: unit.multiply_adds(),
        input: unit.input.values() as u64,
        output: unit.output.values() as u64,
        weights: unit.weights(),
        norm: Statistics::None,
    });
    let norm = match unit.norm {
        Norm::None => Statistics::None,
        Norm::Batch { .. } => Statistics::Batch,
        Norm::Group { .. } => Statistics::Group,
    };
    let values = unit.output.values();
    let post =
        unit.has_post().then(|| LayerCost { kind: LayerKind::Post, norm, ..elementwise(&unit.name, values, values) });
    kernel.into_iter().chain(post)
}

/// The kind of a kernel's layer.
pub(super) fn kind_of(kernel: Kernel) -> LayerKind {
    match kernel {
        Kernel::Image(_) => LayerKind::Image,
        Kernel::Spatial { .. } => LayerKind::Spatial,
        Kernel::Pointwise => LayerKind::Pointwise,
        Kernel::Depthwise(_) => LayerKind::Depthwise,
        Kernel::Dense => LayerKind::Dense,
    }
}

fn elementwise(layer: &LayerName, input: usize, output: usize) -> LayerCost {
    let (input, output) = (input as u64, output as u64);
    let (layer, kind) = (layer.clone(), LayerKind::Elementwise);
    LayerCost { layer, kind, multiply_adds: 0, input, output, weights: 0, norm: Statistics::None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Initializer, Seed};
    use crate::engine::testing::engines;
    use crate::model::Network;

    fn spec(norm: Norm, width: f64) -> ModelSpec {
        ModelSpec { norm, dropout: None, initializer: Initializer::Keras, width, name: None, layers: None }
    }

    fn millions(width: f64, size: u64) -> f64 {
        let layers = layers(&spec(Norm::None, width), 1000, size);
        layers.iter().map(|layer| layer.multiply_adds).sum::<u64>() as f64 / 1e6
    }

    // Sandler et al. 2018, table 4: MobileNetV2 300 M, MobileNetV2 (1.4) 585 M multiply-adds; the README of the reference
    // implementation (tensorflow/models, slim/nets/mobilenet): 1.0_192 221 M, 1.0_96 56 M, 0.5_224 97 M, 0.35_224 59 M.
    #[test]
    fn multiply_adds_are_those_that_were_published() {
        for (width, size, published) in [
            (1.0, 224, 300.0),
            (1.4, 224, 585.0),
            (1.0, 192, 221.0),
            (1.0, 96, 56.0),
            (0.5, 224, 97.0),
            (0.35, 224, 59.0),
        ] {
            let counted = millions(width, size);
            assert!(
                (counted / published - 1.0).abs() < 0.01,
                "{width} at {size}: {counted} M, published {published} M"
            );
        }
    }

    #[test]
    fn single_layers_are_those_of_hand_arithmetic() {
        let layers = layers(&spec(Norm::None, 1.0), 10, 224);
        let of =
            |layer: &str, kind| layers.iter().find(|cost| cost.layer.as_str() == layer && cost.kind == kind).unwrap();
        // 112 * 112 pixels, 27 weights for each of 32 channels: 12,544 * 864.
        let stem = of("stem", LayerKind::Image);
        assert_eq!((stem.multiply_adds, stem.input, stem.output), (10_838_016, 150_528, 401_408));
        // Block 2 expands 16 to 96 channels on 112 * 112 pixels and halves to 56 * 56: 12,544 * 1,536; 3,136 * 9 * 96.
        let expand = of("block 2 expand", LayerKind::Pointwise);
        assert_eq!((expand.multiply_adds, expand.weights), (19_267_584, 1_536));
        let depthwise = of("block 2 depthwise", LayerKind::Depthwise);
        assert_eq!((depthwise.multiply_adds, depthwise.input, depthwise.output), (2_709_504, 1_204_224, 301_056));
        let logits = of("logits", LayerKind::Dense);
        assert_eq!((logits.multiply_adds, logits.input, logits.output), (12_800, 1280, 10));
        // The head's map is 7 * 7: five halvings of 224.
        assert_eq!(of("head", LayerKind::Pointwise).output, 49 * 1280);
    }

    #[test]
    fn weights_are_all_the_weights_there_are() {
        let engine = &engines()[0];
        for width in [0.35, 1.0, 1.4] {
            let spec = spec(Norm::None, width);
            let counted: u64 = layers(&spec, 10, 32).iter().map(|layer| layer.weights).sum();
            let model = Network::new(&spec, 10, 32, Seed(1), engine.device());
            // The classifier's bias is added, not multiplied.
            assert_eq!(counted + 10, model.parameter_count().total, "{width}");
        }
    }

    #[test]
    fn a_dense_layer_costs_what_its_formula_says() {
        // Two images, 3 values to 5: 15 weights, 15 multiply-adds for each image.
        let dense = LayerCost {
            layer: "logits".into(),
            kind: LayerKind::Dense,
            multiply_adds: 15,
            input: 3,
            output: 5,
            weights: 15,
            norm: Statistics::None,
        };
        // Forward 2 * 2 * 15; bytes 4 * (6 + 10 + 15).
        assert_eq!(dense.inference(2), Work { flops: 60.0, bytes: 124.0 });
        // Three products and an update of two operations a weight; 4 * (3 * 31 + 3 * 15).
        assert_eq!(dense.training(2), Work { flops: 210.0, bytes: 552.0 });
        // At 10 operations and 4 bytes a second the bytes decide for one, at 1 operation a second the operations.
        assert_eq!(dense.inference(2).least_seconds(10.0, 4.0), 31.0);
        assert_eq!(dense.inference(2).least_seconds(1.0, 4.0), 60.0);
    }

    #[test]
    fn normalisation_costs_passes_over_memory_and_hardly_any_operations() {
        let total = |norm| {
            let layers = layers(&spec(norm, 1.0), 10, 32);
            layers.iter().fold(Work::default(), |sum, layer| sum + layer.training(16))
        };
        let (none, batch) = (total(Norm::None), total(Norm::Batch { momentum: 0.99, epsilon: 1e-3 }));
        assert!(batch.bytes > 1.15 * none.bytes && batch.flops < 1.1 * none.flops, "{none:?} {batch:?}");
    }
}
