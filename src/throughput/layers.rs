//! The layers of each variant's own training step by themselves, kind by kind. What variants have in common is timed once.

use super::finish;
use crate::bundle::throughput::{Cell, LayerKind, LayersRecord, Mode};
use crate::config::{Dropout, Layer, NativeVariant, Norm, Precision, VariantId};
use crate::engine::Engine;
use crate::model::cost;
use crate::model::timing::LayersAlone;

/// The layers of one kind, and whose they are.
#[derive(Debug, Clone, PartialEq)]
pub struct LayersCell {
    pub kind: LayerKind,
    /// At least one.
    pub variants: Vec<VariantId>,
    classes: usize,
    threads: u32,
    same: Same,
}

/// What layers of one kind must have in common to be the same.
#[derive(Debug, Clone, PartialEq)]
struct Same {
    /// `None`: MobileNetV2.
    network: Option<Vec<Layer>>,
    width: f64,
    batch: u32,
    size: u32,
    precision: Precision,
    /// Convolutions, shortcuts and the classifier are the same whatever stands between them.
    between: Option<(Norm, Option<Dropout>)>,
}

impl Same {
    fn of(variant: NativeVariant<'_>, kind: LayerKind) -> Self {
        let (model, train) = (variant.model, variant.train);
        let between = (kind == LayerKind::Post).then_some((model.norm, model.dropout));
        let (batch, size, precision) = (train.batch_size, train.image_size, train.precision);
        Self { network: model.layers.clone(), width: model.width, batch, size, precision, between }
    }
}

/// The layers of all variants, each once.
pub fn of(variants: &[NativeVariant<'_>], threads: u32, classes: usize) -> Vec<LayersCell> {
    let mut cells: Vec<LayersCell> = Vec::new();
    let kinds_of = |variant: &NativeVariant<'_>| cost::kinds(variant.model, u64::from(variant.train.image_size));
    let kinds: Vec<Vec<LayerKind>> = variants.iter().map(kinds_of).collect();
    for kind in LayerKind::ALL {
        for (&variant, _) in variants.iter().zip(&kinds).filter(|(_, kinds)| kinds.contains(&kind)) {
            let same = Same::of(variant, kind);
            match cells.iter_mut().find(|cell| cell.kind == kind && cell.same == same) {
                Some(cell) => cell.variants.push(variant.id.clone()),
                None => cells.push(LayersCell { kind, variants: vec![variant.id.clone()], classes, threads, same }),
            }
        }
    }
    cells
}

impl LayersCell {
    /// The whole training step of the first variant whose layers they are.
    pub fn training(&self) -> Cell {
        Cell {
            variant: self.variants[0].clone(),
            mode: Mode::Training,
            batch_size: self.same.batch,
            image_size: self.same.size,
            threads: self.threads,
        }
    }

    pub fn empty(&self) -> LayersRecord {
        LayersRecord {
            kind: self.kind,
            variants: self.variants.clone(),
            batch_size: self.same.batch,
            image_size: self.same.size,
            threads: self.threads,
            precision: self.same.precision,
            rounds: Vec::new(),
        }
    }

    /// The layers, with all that enters them on the device; `variant` is one of those they belong to.
    pub fn ready(&self, variant: NativeVariant<'_>, engine: &Engine) -> LayersAlone {
        engine.set_precision(self.same.precision);
        let sizes = (self.same.batch as usize, self.same.size as usize);
        LayersAlone::new((variant.model, self.same.precision), self.classes, self.kind, sizes, engine.device())
    }

    pub fn kind_in_words(&self) -> &'static str {
        match self.kind {
            LayerKind::Image => "the first convolution",
            LayerKind::Spatial => "further convolutions",
            LayerKind::Depthwise => "depthwise convolutions",
            LayerKind::Pointwise => "pointwise convolutions",
            LayerKind::Dense => "dense layers",
            LayerKind::Post => "normalisation, activation and dropout",
            LayerKind::Elementwise => "shortcuts and pooling",
        }
    }
}

/// Takes `steps` steps; the device is idle before and after.
pub fn run(layers: &mut LayersAlone, steps: u64, engine: &Engine) {
    finish(engine);
    layers.run(steps);
    finish(engine);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load_str;
    use std::path::Path;

    const FOUR: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 1, batch_size: 8, image_size: 32}
variants:
  - {id: a}
  - {id: b, train: {learning_rate: 0.5}}
  - {id: c, model: {norm: none}}
  - {id: d, train: {batch_size: 4}}
";

    #[test]
    fn what_variants_have_in_common_is_timed_once() {
        let experiment = load_str("four.yaml", FOUR, Path::new(""), &[]).unwrap();
        let cells = of(&experiment.native_variants().collect::<Vec<_>>(), 2, 10);
        let whose = |kind| {
            let of_kind = cells.iter().filter(|cell| cell.kind == kind);
            of_kind.map(|cell| cell.variants.iter().map(ToString::to_string).collect::<String>()).collect::<Vec<_>>()
        };
        // A learning rate changes no layer, another batch all, and what stands between convolutions none of them.
        assert_eq!(whose(LayerKind::Depthwise), ["abc", "d"]);
        assert_eq!(whose(LayerKind::Post), ["ab", "c", "d"]);
        assert_eq!(cells.len(), 5 * 2 + 3);
    }
}
