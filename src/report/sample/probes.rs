//! Probes made up for tests: signals fade without normalisation and keep their size with it.

use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::probe::{Convolution, LayerFigure, MaskedUpdates, ProbeRecord, Reestimation, Signal, VarianceShift};
use crate::bundle::record::Outcome;
use crate::config::{Norm, Variant};

/// The same evidence, with every trial that ended by itself probed.
pub fn probed(mut evidence: Evidence) -> Evidence {
    for trial in &mut evidence.trials {
        let variant = evidence.experiment.variants.iter().find(|variant| variant.id == trial.variant).unwrap();
        if let TrialState::Done(done) = &trial.state {
            trial.probes = Some(record(variant, trial.seed.0, done.outcome == Outcome::Completed));
        }
    }
    evidence
}

fn record(variant: &Variant, seed: u64, completed: bool) -> ProbeRecord {
    let is_normalised = variant.network().model.norm != Norm::None;
    let has_dropout = variant.network().model.dropout.is_some();
    // Seeds lie a quarter apart.
    let spread = 1.0 + 0.25 * seed as f64;
    let kept: f64 = if is_normalised { 0.995 } else { 0.7 };
    let fading = |first: f64, kept: f64, names: Vec<String>| -> Vec<LayerFigure> {
        let value = |place: usize| Some(first * spread * kept.powi(i32::try_from(place).unwrap()));
        names.into_iter().enumerate().map(|(place, layer)| LayerFigure { layer, value: value(place) }).collect()
    };
    let signal =
        |first| Signal { training: fading(first, kept, outputs()), evaluation: fading(first, kept, outputs()) };
    let with_both = is_normalised && has_dropout && completed;
    ProbeRecord {
        schema: 1,
        images: 32,
        initial: signal(0.4),
        trained: completed.then(|| signal(0.6)),
        gradient: fading(0.01, if is_normalised { 1.01 } else { 1.4 }, kernels().map(|(layer, _)| layer).collect()),
        variance_shift: if with_both { variance_shift(spread) } else { vec![] },
        reestimation: with_both.then_some(Reestimation { images: 2000, before: 0.74, after: 0.74 + 0.004 * spread }),
        masked_updates: if has_dropout { masked_updates(seed) } else { vec![] },
    }
}

fn variance_shift(spread: f64) -> Vec<VarianceShift> {
    let normalised = kernels().filter(|(layer, _)| layer != "logits");
    normalised
        .map(|(layer, convolution)| {
            let ratio = match convolution {
                Convolution::Image => 1.0,
                Convolution::Depthwise => 1.0 + 0.09 * spread,
                Convolution::Spatial | Convolution::Pointwise | Convolution::Dense => 1.0 + 0.02 * spread,
            };
            VarianceShift { layer, convolution, dropout_on: Some(0.5 * ratio), dropout_off: Some(0.5) }
        })
        .collect()
}

fn masked_updates(seed: u64) -> Vec<MaskedUpdates> {
    kernels()
        .map(|(layer, convolution)| MaskedUpdates {
            layer,
            convolution,
            pixels: if convolution == Convolution::Dense { 1 } else { 16 },
            entries: 100_000,
            silenced: if convolution == Convolution::Dense { 10_000 + seed * 10 } else { seed },
        })
        .collect()
}

/// MobileNetV2's layers with an output, in the order of the forward pass.
fn outputs() -> Vec<String> {
    let mut names: Vec<String> = kernels().map(|(layer, _)| layer).collect();
    names.insert(names.len() - 1, "features".to_owned());
    names
}

/// MobileNetV2's kernels in the order of the forward pass: 17 blocks, of which the first does not expand.
fn kernels() -> impl Iterator<Item = (String, Convolution)> {
    let blocks = (1..=17).flat_map(|block| {
        let expand = (block > 1).then(|| (format!("block {block} expand"), Convolution::Pointwise));
        let rest = [
            (format!("block {block} depthwise"), Convolution::Depthwise),
            (format!("block {block} project"), Convolution::Pointwise),
        ];
        expand.into_iter().chain(rest)
    });
    let ends = [("head", Convolution::Pointwise), ("logits", Convolution::Dense)];
    std::iter::once(("stem".to_owned(), Convolution::Image))
        .chain(blocks)
        .chain(ends.map(|(layer, convolution)| (layer.to_owned(), convolution)))
}
