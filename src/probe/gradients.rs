//! How large the first gradients are, and which of their entries a dropout mask silences.

use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::Gradients;

use super::{Bench, finite};
use crate::bundle::probe::{Convolution, LayerFigure, MaskedUpdates};
use crate::model::{KernelGradient, Network, Pass};

/// Single images whose gradients are looked at for silenced entries.
const SINGLE_IMAGES: usize = 4;

/// Root mean square of every kernel's gradient at the trial's very first step.
pub(super) fn at_first_step(model: &Network, bench: &Bench<'_>) -> Vec<LayerFigure> {
    let batch = bench.first(bench.recipe.batch_size as usize);
    let gradients = gradients(model, batch, bench, &mut bench.first_step());
    let figure = |kernel: &KernelGradient| LayerFigure {
        layer: kernel.layer.to_string(),
        value: finite(root_mean_square(&kernel.values)),
    };
    model.kernel_gradients(&gradients).iter().map(figure).collect()
}

/// Entries of single images' gradients that are zero with a mask and not without. Normalisation uses running statistics,
/// so that an image's gradient is its own.
pub(super) fn masked_updates(model: &Network, bench: &Bench<'_>) -> Vec<MaskedUpdates> {
    let mut found: Vec<MaskedUpdates> = Vec::new();
    for image in bench.first(SINGLE_IMAGES) {
        let measure = |pass: Pass| {
            let mut pass = pass.with_running_statistics().observing();
            let gradients = gradients(model, image..image + 1, bench, &mut pass);
            (model.kernel_gradients(&gradients), pass)
        };
        let (masked, _) = measure(bench.first_step());
        let (open, pass) = measure(bench.first_step().without_dropout());
        for (masked, open) in masked.iter().zip(&open) {
            let observed = pass.observations().iter().find(|observed| observed.layer == open.layer);
            let next = compare(masked, open, observed.map_or(1, |observed| observed.pixels as u64));
            match found.iter_mut().find(|known| known.layer == next.layer) {
                Some(known) => {
                    known.entries += next.entries;
                    known.silenced += next.silenced;
                }
                None => found.push(next),
            }
        }
    }
    found
}

fn compare(masked: &KernelGradient, open: &KernelGradient, pixels: u64) -> MaskedUpdates {
    let pairs = || masked.values.iter().zip(&open.values).filter(|(_, open)| **open != 0.0);
    MaskedUpdates {
        layer: open.layer.to_string(),
        convolution: open.convolution,
        pixels: if open.convolution == Convolution::Dense { 1 } else { pixels },
        entries: pairs().count() as u64,
        silenced: pairs().filter(|(masked, _)| **masked == 0.0).count() as u64,
    }
}

fn gradients(model: &Network, batch: std::ops::Range<usize>, bench: &Bench<'_>, pass: &mut Pass) -> Gradients {
    let logits = model.forward(bench.images(batch.clone()).autodiff(), pass);
    let loss = CrossEntropyLossConfig::new().init(&logits.device());
    loss.forward(logits, bench.order.targets(batch).autodiff()).backward()
}

fn root_mean_square(values: &[f32]) -> f64 {
    let squares: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
    (squares / values.len() as f64).sqrt()
}
