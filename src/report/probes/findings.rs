//! What the probes show, in sentences and as one table.

use serde::Serialize;

use super::spread::Spread;
use super::{FEATURES, LayerSpread, VariantProbes};
use crate::bundle::probe::Convolution;
use crate::report::text::{counted, list, magnitude, percent, plain, points, quoted, ratio};

/// Marked in the plots: a few times the resolution of single precision beside 1, which is 2^-23 or 1.2 · 10^-7.
pub const FAINT: f64 = 1e-6;
pub const FAINT_IN_WORDS: &str = "10⁻⁶";

/// More names than this in one sentence are counted, not listed; the table has them all.
const MOST_NAMES: usize = 6;

/// The layers whose figures stand for the whole network: what the classifier sees, and what gradients reach last.
const STEM: &str = "stem";

/// One variant in the table of probes; texts that are missing have no data.
#[derive(Debug, Serialize)]
pub struct Row {
    label: String,
    trials: usize,
    features_initial: Option<String>,
    features_trained: Option<String>,
    /// First layer whose signal is faint before training.
    faint_from: Option<String>,
    gradient: Option<String>,
    shift_depthwise: Option<String>,
    shift_pointwise: Option<String>,
    reestimation: Option<String>,
    masked_dense: Option<String>,
    masked_convolution: Option<String>,
}

pub fn rows(probes: &[VariantProbes]) -> Vec<Row> {
    probes.iter().map(row).collect()
}

fn row(probes: &VariantProbes) -> Row {
    let at = |layers: &[LayerSpread], name: &str| {
        layers.iter().find(|layer| layer.layer == name).and_then(|layer| Some(magnitude(layer.spread?.mean)))
    };
    let shift = |kind| probes.shift_by_convolution.get(&kind).map(|spread: &Spread| ratio(spread.mean));
    Row {
        label: plain(&probes.variant.label),
        trials: probes.trials,
        features_initial: at(&probes.initial.training, FEATURES),
        features_trained: at(&probes.trained.training, FEATURES),
        faint_from: first_faint(&probes.initial.training).map(|(_, layer)| plain(layer)),
        gradient: at(&probes.gradient, STEM),
        shift_depthwise: shift(Convolution::Depthwise),
        shift_pointwise: shift(Convolution::Pointwise),
        reestimation: probes.reestimation.map(|gain| points(gain.mean)),
        masked_dense: probes.masked_dense.map(|share| percent(share.mean)),
        masked_convolution: probes.masked_convolution.map(|share| percent(share.mean)),
    }
}

/// A layer's place in the forward pass, from 1, and its name.
type Place<'a> = (usize, &'a str);

/// The first layer whose mean signal lies below [`FAINT`].
fn first_faint(layers: &[LayerSpread]) -> Option<Place<'_>> {
    let place = layers.iter().position(|layer| layer.spread.is_some_and(|spread| spread.mean < FAINT))?;
    Some((place + 1, &layers[place].layer))
}

/// What the probes of all variants say, in the order of the plots.
pub fn sentences(probes: &[VariantProbes]) -> Vec<String> {
    let mut sentences = signal(probes, "Before training", |probes| &probes.initial.training);
    sentences.extend(signal(probes, "After training", |probes| &probes.trained.training));
    sentences.extend(probes.iter().filter_map(not_finite));
    sentences.extend(shift(probes));
    sentences.extend(reestimation(probes));
    sentences.extend(masked(probes));
    sentences
}

/// Variants whose signal fades at the same layer share a sentence.
fn signal(
    probes: &[VariantProbes],
    when: &str,
    layers: for<'p> fn(&'p VariantProbes<'_>) -> &'p [LayerSpread],
) -> Vec<String> {
    let mut groups: Vec<(Option<Place>, Vec<&VariantProbes>)> = vec![];
    for variant in probes.iter().filter(|variant| !layers(variant).is_empty()) {
        let faint = first_faint(layers(variant));
        match groups.iter_mut().find(|(known, _)| *known == faint) {
            Some((_, variants)) => variants.push(variant),
            None => groups.push((faint, vec![variant])),
        }
    }
    groups.sort_by_key(|(faint, _)| faint.map_or(usize::MAX, |(place, _)| place));
    let describe = |(faint, variants): (Option<Place>, Vec<&VariantProbes>)| {
        let last = |variant: &&VariantProbes| Some(layers(variant).last()?.spread?.mean);
        let end = range(variants.iter().filter_map(last), magnitude).unwrap_or_else(|| "not finite".to_owned());
        let who = names(&variants);
        match faint {
            Some((place, layer)) => {
                let of = counted(layers(variants[0]).len(), "layer");
                let layer = plain(layer);
                format!(
                    "{when}, the signal of {who} falls below {FAINT_IN_WORDS} at {layer} (number {place} of {of}) and is {end} \
                     at the end."
                )
            }
            None => {
                format!("{when}, the signal of {who} nowhere falls below {FAINT_IN_WORDS} and is {end} at the end.")
            }
        }
    };
    groups.into_iter().map(describe).collect()
}

/// Layers whose figures are missing from the plots, because no seed has a finite one.
fn not_finite(probes: &VariantProbes) -> Option<String> {
    let parts: Vec<_> = [
        (&probes.initial.training, "its signal before training"),
        (&probes.trained.training, "its signal after training"),
        (&probes.gradient, "its gradient"),
    ]
    .into_iter()
    .filter_map(|(layers, what)| {
        let number = layers.iter().filter(|layer| layer.spread.is_none()).count();
        (number > 0).then(|| format!("{what} at {number} of {}", counted(layers.len(), "layer")))
    })
    .collect();
    (!parts.is_empty()).then(|| {
        format!("In {}, these are not finite numbers at any seed: {}.", quoted(&probes.variant.label), list(&parts))
    })
}

fn shift(probes: &[VariantProbes]) -> Option<String> {
    let variants: Vec<_> = probes.iter().filter(|probes| !probes.shift_by_convolution.is_empty()).collect();
    let behind = |kind, words| {
        let means = variants.iter().filter_map(|variant| Some(variant.shift_by_convolution.get(&kind)?.mean));
        Some(format!("{} times {words}", range(means, ratio)?))
    };
    let ratios: Vec<_> = [
        behind(Convolution::Depthwise, "behind depthwise convolutions"),
        behind(Convolution::Pointwise, "behind pointwise convolutions"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!ratios.is_empty()).then(|| {
        format!(
            "In {}, the variance that normalisation sees with dropout on is {} that with dropout off.",
            names(&variants),
            list(&ratios)
        )
    })
}

fn reestimation(probes: &[VariantProbes]) -> Option<String> {
    let variants: Vec<_> = probes.iter().filter(|probes| probes.reestimation.is_some()).collect();
    let gain = range(variants.iter().filter_map(|variant| Some(variant.reestimation?.mean)), points)?;
    Some(format!(
        "Estimating the running statistics of {} anew without dropout changes validation accuracy by {gain} in the mean over \
         seeds.",
        names(&variants),
    ))
}

fn masked(probes: &[VariantProbes]) -> Option<String> {
    let variants: Vec<_> =
        probes.iter().filter(|probes| probes.masked_dense.is_some() || probes.masked_convolution.is_some()).collect();
    let shares = |share: fn(&VariantProbes) -> Option<Spread>, whose| {
        let means = variants.iter().filter_map(|variant| Some(share(variant)?.mean));
        Some(format!("{} {whose}", range(means, percent)?))
    };
    let parts: Vec<_> = [
        shares(|probes| probes.masked_dense, "of the classifier’s weights"),
        shares(|probes| probes.masked_convolution, "of convolution kernels that slide over more than one pixel"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "In {}, dropout silences these shares of the updates that a single image would make: {}.",
            names(&variants),
            list(&parts)
        )
    })
}

/// The variants by name, or their number where that reads better.
fn names(variants: &[&VariantProbes]) -> String {
    if variants.len() > MOST_NAMES {
        return counted(variants.len(), "variant");
    }
    list(&variants.iter().map(|variant| quoted(&variant.variant.label)).collect::<Vec<_>>())
}

/// From the smallest to the largest, or the one value that all read as; `None` without values.
fn range(values: impl Iterator<Item = f64>, show: fn(f64) -> String) -> Option<String> {
    let values: Vec<f64> = values.collect();
    let lowest = show(values.iter().copied().reduce(f64::min)?);
    let highest = show(values.iter().copied().reduce(f64::max)?);
    Some(if lowest == highest { lowest } else { format!("{lowest} to {highest}") })
}
