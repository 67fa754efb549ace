//! Probes in `results.json`: the figures of the table and the sentences, unrounded. Those of every layer are in
//! `probes/*.json`.

use serde::Serialize;

use super::findings::{self, first_faint, shares_by_size};
use super::spread::Spread;
use super::{FEATURES, VariantProbes, spread_of};
use crate::bundle::probe::Convolution;
use crate::config::VariantId;

#[derive(Serialize)]
pub struct Entry<'a> {
    variants: Vec<VariantEntry<'a>>,
    /// What these figures say.
    sentences: Vec<String>,
}

/// Over seeds; figures that do not exist are `null`.
#[derive(Serialize)]
struct VariantEntry<'a> {
    variant: &'a VariantId,
    /// That were probed.
    trials: usize,
    /// Root mean square of what the classifier sees, in training mode, before the first step and after the last.
    features_initial: Option<Spread>,
    features_trained: Option<Spread>,
    /// The first layer whose signal is faint before training.
    faint_from: Option<&'a str>,
    /// Root mean square of the gradient of the first kernel.
    first_gradient: Option<Spread>,
    /// Variance entering a normalisation with dropout on over off, by the convolution in front.
    variance_shift_depthwise: Option<Spread>,
    variance_shift_pointwise: Option<Spread>,
    /// Validation accuracy with statistics estimated anew, minus that before.
    reestimation: Option<Spread>,
    /// Shares of gradient entries that the mask silences.
    masked_dense: Option<Spread>,
    masked_convolution: Option<Spread>,
    /// The same by the size of the map that a kernel slides over, the smallest first.
    masked_by_pixels: Vec<MaskedAt>,
}

#[derive(Serialize)]
struct MaskedAt {
    pixels: u64,
    share: f64,
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
        let shift = |kind| probes.shift_by_convolution.get(&kind).copied();
        let by_pixels = shares_by_size(&probes.masked_updates);
        Self {
            variant: probes.variant.id,
            trials: probes.trials,
            features_initial: spread_of(&probes.initial.training, FEATURES),
            features_trained: spread_of(&probes.trained.training, FEATURES),
            faint_from: first_faint(&probes.initial.training).map(|(_, layer)| layer),
            first_gradient: spread_of(&probes.gradient, findings::STEM),
            variance_shift_depthwise: shift(Convolution::Depthwise),
            variance_shift_pointwise: shift(Convolution::Pointwise),
            reestimation: probes.reestimation,
            masked_dense: probes.masked_dense,
            masked_convolution: probes.masked_convolution,
            masked_by_pixels: by_pixels.into_iter().map(|(pixels, share)| MaskedAt { pixels, share }).collect(),
        }
    }
}
