//! What the probes show, in sentences and as one table.

use std::collections::BTreeMap;

use serde::Serialize;

use super::spread::Spread;
use super::{FEATURES, KernelSpread, LayerSpread, VariantProbes, spread_of};
use crate::bundle::probe::Convolution;
use crate::config::Norm;
use crate::report::language::say;
use crate::report::text::{
    self, clauses, count, counted, list, magnitude, paragraph, percent, plain, points, quoted, ratio,
};

/// Marked in the plots: a few times the resolution of single precision beside 1, which is 2^-23 or 1.2 · 10^-7.
pub const FAINT: f64 = 1e-6;
pub const FAINT_IN_WORDS: &str = "10⁻⁶";

/// A signal that is after training what it was before, to this share of it, has not been trained.
const UNMOVED: f64 = 0.01;

/// More names than this in one sentence are counted, not listed; the table has them all.
const MOST_NAMES: usize = 6;

/// The layers whose figures stand for the whole network: what the classifier sees, and what gradients reach last.
pub(super) const STEM: &str = "stem";

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

/// The same of one variant as (term, value), without what there is no figure of.
pub fn terms(probes: &VariantProbes) -> Vec<(String, String)> {
    let row = row(probes);
    let terms = [
        ("page-features-before", row.features_initial),
        ("page-features-after", row.features_trained),
        ("page-faint-from", row.faint_from),
        ("page-first-gradient", row.gradient),
        ("page-depthwise-ratio", row.shift_depthwise),
        ("page-pointwise-ratio", row.shift_pointwise),
        ("page-reestimation-gain", row.reestimation),
        ("page-silenced-classifier", row.masked_dense),
        ("page-silenced-convolutions", row.masked_convolution),
    ];
    terms.into_iter().filter_map(|(term, value)| Some((text::capitalised(&say!(term)), value?))).collect()
}

fn row(probes: &VariantProbes) -> Row {
    let at = |layers: &[LayerSpread], name| spread_of(layers, name).map(|spread| magnitude(spread.mean));
    let shift = |kind| probes.shift_by_convolution.get(&kind).map(|spread: &Spread| ratio(spread.mean));
    Row {
        label: plain(probes.variant.label),
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
pub(super) fn first_faint(layers: &[LayerSpread]) -> Option<Place<'_>> {
    let place = layers.iter().position(|layer| layer.spread.is_some_and(|spread| spread.mean < FAINT))?;
    Some((place + 1, &layers[place].layer))
}

/// What the probes of all variants say, in the order of the plots.
pub fn sentences(probes: &[VariantProbes]) -> Vec<String> {
    let mut sentences = signal(probes, When::BeforeTraining);
    sentences.extend(signal(probes, When::AfterTraining));
    sentences.extend(unmoved(probes));
    sentences.extend(probes.iter().filter_map(not_finite));
    sentences.extend(shift(probes));
    sentences.extend(reestimation(probes));
    sentences.extend(masked(probes));
    sentences.extend(masked_by_size(probes));
    sentences
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    BeforeTraining,
    AfterTraining,
}

impl When {
    fn layers<'p>(self, probes: &'p VariantProbes) -> &'p [LayerSpread] {
        match self {
            Self::BeforeTraining => &probes.initial.training,
            Self::AfterTraining => &probes.trained.training,
        }
    }

    /// The message for a signal that falls below [`FAINT`].
    fn fading(self) -> &'static str {
        match self {
            Self::BeforeTraining => "probes-fades-before-training",
            Self::AfterTraining => "probes-fades-after-training",
        }
    }

    /// The message for one that does not.
    fn lasting(self) -> &'static str {
        match self {
            Self::BeforeTraining => "probes-lasts-before-training",
            Self::AfterTraining => "probes-lasts-after-training",
        }
    }
}

/// Variants whose signal fades at the same layer share a sentence.
fn signal(probes: &[VariantProbes], when: When) -> Vec<String> {
    let mut groups: Vec<(Option<Place>, Vec<&VariantProbes>)> = vec![];
    for variant in probes.iter().filter(|variant| !when.layers(variant).is_empty()) {
        let faint = first_faint(when.layers(variant));
        match groups.iter_mut().find(|(known, _)| *known == faint) {
            Some((_, variants)) => variants.push(variant),
            None => groups.push((faint, vec![variant])),
        }
    }
    groups.sort_by_key(|(faint, _)| faint.map_or(usize::MAX, |(place, _)| place));
    let describe = |(faint, variants): (Option<Place>, Vec<&VariantProbes>)| {
        let last = |variant: &&VariantProbes| Some(when.layers(variant).last()?.spread?.mean);
        let end = range(variants.iter().filter_map(last), magnitude).unwrap_or_else(|| say!("not-finite"));
        let who = names(&variants);
        match faint {
            Some((place, layer)) => {
                let layers = counted(when.layers(variants[0]).len(), "layer");
                say!(
                    when.fading(),
                    variants = who,
                    level = FAINT_IN_WORDS,
                    layer = plain(layer),
                    place = place.to_string(),
                    layers = layers,
                    end = end,
                )
            }
            None => say!(when.lasting(), variants = who, level = FAINT_IN_WORDS, end = end),
        }
    };
    groups.into_iter().map(describe).collect()
}

/// Variants whose body has not moved: only the classifier can have learned.
fn unmoved(probes: &[VariantProbes]) -> Option<String> {
    let features = |layers: &[LayerSpread]| spread_of(layers, FEATURES);
    let has_not_moved = |variant: &&VariantProbes| {
        let both = features(&variant.initial.training).zip(features(&variant.trained.training));
        both.is_some_and(|(before, after)| (after.mean / before.mean - 1.0).abs() < UNMOVED)
    };
    let variants: Vec<_> = probes.iter().filter(has_not_moved).collect();
    (!variants.is_empty()).then(|| say!("probes-unmoved", variants = names(&variants)))
}

/// Layers whose figures are missing from the plots, because no seed has a finite one.
fn not_finite(probes: &VariantProbes) -> Option<String> {
    let parts: Vec<_> = [
        (&probes.initial.training, "probes-signal-before-not-finite"),
        (&probes.trained.training, "probes-signal-after-not-finite"),
        (&probes.gradient, "probes-gradient-not-finite"),
    ]
    .into_iter()
    .filter_map(|(layers, id)| {
        let number = layers.iter().filter(|layer| layer.spread.is_none()).count();
        let all = counted(layers.len(), "layer");
        (number > 0).then(|| say!(id, number = number.to_string(), layers = all))
    })
    .collect();
    (!parts.is_empty()).then(|| say!("probes-not-finite", variant = quoted(probes.variant.label), parts = list(&parts)))
}

fn shift(probes: &[VariantProbes]) -> Option<String> {
    let variants: Vec<_> = probes.iter().filter(|probes| !probes.shift_by_convolution.is_empty()).collect();
    let behind = |kind, id| {
        let means = variants.iter().filter_map(|variant| Some(variant.shift_by_convolution.get(&kind)?.mean));
        Some(say!(id, ratio = range(means, ratio)?))
    };
    let ratios: Vec<_> = [
        behind(Convolution::Depthwise, "probes-shift-depthwise"),
        behind(Convolution::Pointwise, "probes-shift-pointwise"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!ratios.is_empty()).then(|| say!("probes-shift", variants = names(&variants), ratios = list(&ratios)))
}

/// What new statistics do with dropout in the network, and as the control without.
fn reestimation(probes: &[VariantProbes]) -> Option<String> {
    let (with, without): (Vec<_>, Vec<_>) = probes
        .iter()
        .filter(|probes| probes.reestimation.is_some())
        .partition(|probes| probes.variant.model.dropout.is_some());
    let means = |variants: &[&VariantProbes]| -> Vec<f64> {
        variants.iter().filter_map(|variant| Some(variant.reestimation?.mean)).collect()
    };
    let gain = |id: &str, variants: &[&VariantProbes]| {
        let gain = range(means(variants).into_iter(), points)?;
        Some(say!(id, variants = names(variants), gain = gain))
    };
    if with.is_empty() {
        return gain("probes-reestimation", &without);
    }
    let least = means(&with).into_iter().reduce(f64::min)?;
    let is_there_without = means(&without).into_iter().any(|gain| gain > 0.0 && gain >= least);
    let sentences = [
        gain("probes-reestimation", &with),
        gain("probes-reestimation-control", &without),
        (is_there_without && least > 0.0).then(|| say!("probes-reestimation-not-by-dropout")),
    ];
    Some(paragraph(sentences.into_iter().flatten()))
}

fn masked(probes: &[VariantProbes]) -> Option<String> {
    let variants: Vec<_> =
        probes.iter().filter(|probes| probes.masked_dense.is_some() || probes.masked_convolution.is_some()).collect();
    let shares = |share: fn(&VariantProbes) -> Option<Spread>, id| {
        let means = variants.iter().filter_map(|variant| Some(share(variant)?.mean));
        Some(say!(id, share = range(means, percent)?))
    };
    let parts: Vec<_> = [
        shares(|probes| probes.masked_dense, "probes-masked-dense"),
        shares(|probes| probes.masked_convolution, "probes-masked-convolution"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| say!("probes-masked", variants = names(&variants), parts = list(&parts)))
}

/// How the share depends on the size of the map: convolutions at the largest and at the smallest one. Without
/// normalisation gradients can be too small to tell, so only variants with it are named.
fn masked_by_size(probes: &[VariantProbes]) -> Option<String> {
    let parts: Vec<String> = probes
        .iter()
        .filter(|probes| probes.variant.model.norm != Norm::None)
        .filter_map(|probes| {
            let by_size = shares_by_size(&probes.masked_updates);
            let ((smallest, most), (largest, least)) = (by_size.first()?, by_size.last()?);
            (smallest < largest && most > least).then(|| {
                say!(
                    "probes-masked-at-sizes",
                    variant = quoted(probes.variant.label),
                    least = percent(*least),
                    largest = count(*largest),
                    most = percent(*most),
                    smallest = count(*smallest),
                )
            })
        })
        .take(MOST_NAMES)
        .collect();
    (!parts.is_empty()).then(|| say!("probes-masked-by-size", parts = clauses(&parts)))
}

/// (pixels of the map, mean share over the kernels that slide over one of that size), the smallest map first.
pub(super) fn shares_by_size(kernels: &[KernelSpread]) -> Vec<(u64, f64)> {
    let mut by_size: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for kernel in kernels.iter().filter(|kernel| kernel.convolution != Convolution::Dense) {
        if let (Some(pixels), Some(spread)) = (kernel.pixels, kernel.spread) {
            by_size.entry(pixels).or_default().push(spread.mean);
        }
    }
    by_size.into_iter().map(|(pixels, shares)| (pixels, shares.iter().sum::<f64>() / shares.len() as f64)).collect()
}

/// The variants by name, or their number where that reads better.
fn names(variants: &[&VariantProbes]) -> String {
    if variants.len() > MOST_NAMES {
        return counted(variants.len(), "variant");
    }
    list(&variants.iter().map(|variant| quoted(variant.variant.label)).collect::<Vec<_>>())
}

/// From the smallest to the largest, or the one value that all read as; `None` without values.
fn range(values: impl Iterator<Item = f64>, show: fn(f64) -> String) -> Option<String> {
    let values: Vec<f64> = values.collect();
    let lowest = show(values.iter().copied().reduce(f64::min)?);
    let highest = show(values.iter().copied().reduce(f64::max)?);
    Some(if lowest == highest { lowest } else { text::range(lowest, highest) })
}
