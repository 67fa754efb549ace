//! Probes in `results.json`: the figures of the table and the sentences, unrounded. Those of every layer are in
//! `probes/*.json`.

use serde::Serialize;

use super::findings::{self, first_faint, shares_by_size};
use super::spread::Spread;
use super::{FEATURES, LayerSpread, VariantProbes};
use crate::bundle::probe::Convolution;
use crate::config::VariantId;

#[derive(Serialize)]
pub struct Entry<'a> {
    variants: Vec<VariantEntry<'a>>,
    /// What these figures say.
    sentences: Vec<String>,
}

/// Figures that do not exist are `null`.
#[derive(Serialize)]
struct VariantEntry<'a> {
    variant: &'a VariantId,
    /// That were probed.
    trials: usize,
    /// Root mean square of what the classifier sees, in training mode, before the first step and after the last.
    features_initial: Option<Figure>,
    features_trained: Option<Figure>,
    /// The first layer whose signal is faint before training.
    faint_from: Option<&'a str>,
    /// Root mean square of the gradient of the first kernel.
    first_gradient: Option<Figure>,
    /// Variance entering a normalisation with dropout on over off, by the convolution in front.
    variance_shift_depthwise: Option<Figure>,
    variance_shift_pointwise: Option<Figure>,
    /// Validation accuracy with statistics estimated anew, minus that before.
    reestimation: Option<Figure>,
    /// Shares of gradient entries that the mask silences.
    masked_dense: Option<Figure>,
    masked_convolution: Option<Figure>,
    /// The same by the size of the map that a kernel slides over, the smallest first.
    masked_by_pixels: Vec<MaskedAt>,
}

/// Over seeds.
#[derive(Serialize)]
struct Figure {
    mean: f64,
    min: f64,
    max: f64,
    n: usize,
}

#[derive(Serialize)]
struct MaskedAt {
    pixels: u64,
    share: f64,
}

impl From<Spread> for Figure {
    fn from(Spread { mean, min, max, n }: Spread) -> Self {
        Self { mean, min, max, n }
    }
}

impl<'a> Entry<'a> {
    /// `None` where nothing was probed.
    pub fn of(probes: &'a [VariantProbes<'_>]) -> Option<Self> {
        let variants = probes.iter().map(VariantEntry::of).collect();
        (!probes.is_empty()).then(|| Self { variants, sentences: findings::sentences(probes) })
    }
}

impl<'a> VariantEntry<'a> {
    fn of(probes: &'a VariantProbes<'_>) -> Self {
        let features = |layers: &[LayerSpread]| figure_of(layers, |layer| layer == FEATURES);
        let shift = |kind| probes.shift_by_convolution.get(&kind).copied().map(Figure::from);
        let by_pixels = shares_by_size(&probes.masked_updates);
        Self {
            variant: &probes.variant.id,
            trials: probes.trials,
            features_initial: features(&probes.initial.training),
            features_trained: features(&probes.trained.training),
            faint_from: first_faint(&probes.initial.training).map(|(_, layer)| layer),
            first_gradient: figure_of(&probes.gradient, |layer| layer == findings::STEM),
            variance_shift_depthwise: shift(Convolution::Depthwise),
            variance_shift_pointwise: shift(Convolution::Pointwise),
            reestimation: probes.reestimation.map(Figure::from),
            masked_dense: probes.masked_dense.map(Figure::from),
            masked_convolution: probes.masked_convolution.map(Figure::from),
            masked_by_pixels: by_pixels.into_iter().map(|(pixels, share)| MaskedAt { pixels, share }).collect(),
        }
    }
}

fn figure_of(layers: &[LayerSpread], is_it: impl Fn(&str) -> bool) -> Option<Figure> {
    layers.iter().find(|layer| is_it(&layer.layer))?.spread.map(Figure::from)
}
