//! What the probes found inside the networks, over seeds: for the section that says why, and for `probes/*.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportError;
use super::text::plain;
use crate::bundle::evidence::Evidence;
use crate::bundle::probe::{Convolution, LayerFigure, MaskedUpdates, ProbeRecord, VarianceShift};
use crate::claims;
use crate::config::{Quantity, Scale, VariantId};

/// Major version of `probes/*.json`.
const SCHEMA: u32 = 1;
/// Below this a signal is called dead: the square of what is left is lost beside f32's rounding of a bias.
pub const DEAD: f64 = 1e-6;

/// One probe over all variants.
#[derive(Debug, Serialize)]
pub struct Probe {
    schema: u32,
    #[serde(skip)]
    pub name: &'static str,
    /// What the figures are.
    pub measures: &'static str,
    pub variants: Vec<Series>,
}

/// One variant's figures, layer after layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    pub variant: VariantId,
    #[serde(skip)]
    pub label: String,
    /// Place of the variant in the experiment, which decides how it is drawn.
    #[serde(skip)]
    pub index: usize,
    pub layers: Vec<LayerSummary>,
}

/// A layer's figure over seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerSummary {
    pub layer: String,
    /// Geometric for what spans orders of magnitude.
    pub mean: f64,
    pub min: f64,
    pub max: f64,
    pub seeds: usize,
}

/// A variant's row in the table that says why.
#[derive(Debug, Serialize)]
pub struct InsideView {
    label: String,
    signal_initial: Option<f64>,
    signal_final: Option<f64>,
    /// The first layer whose signal is dead before training.
    dies_at: Option<String>,
    gradient: Option<f64>,
    shift_depthwise: Option<f64>,
    shift_pointwise: Option<f64>,
    reestimation_gain: Option<f64>,
    masked_dense: Option<f64>,
    masked_convolution: Option<f64>,
}

/// Every probe that some trial has, in the order of the page.
pub fn probes(evidence: &Evidence) -> Vec<Probe> {
    let log = |evidence, of: fn(&ProbeRecord) -> Vec<(String, f64)>| series(evidence, Scale::Log10, of);
    let all = [
        (
            "signal-initial",
            "root mean square of every layer's output before training, batch statistics and dropout as in training",
            log(evidence, |probe| figures(&probe.initial.training)),
        ),
        (
            "signal-trained",
            "root mean square of every layer's output after training, batch statistics and dropout as in training",
            log(evidence, |probe| probe.trained.as_ref().map(|signal| figures(&signal.training)).unwrap_or_default()),
        ),
        (
            "gradient",
            "root mean square of every kernel's gradient at the first step",
            log(evidence, |probe| figures(&probe.gradient)),
        ),
        (
            "variance-shift",
            "variance entering each batch normalisation with dropout on, over the same with dropout off, after training",
            log(evidence, |probe| probe.variance_shift.iter().filter_map(shift).collect()),
        ),
        (
            "masked-updates",
            "share of each kernel's gradient entries for a single image that are zero with the mask and not without",
            series(evidence, Scale::Linear, |probe| probe.masked_updates.iter().filter_map(silenced).collect()),
        ),
    ];
    all.into_iter()
        .filter(|(.., variants)| !variants.is_empty())
        .map(|(name, measures, variants)| Probe { schema: SCHEMA, name, measures, variants })
        .collect()
}

/// A probe's file in the bundle.
///
/// # Errors
/// When a figure has no JSON form.
pub fn json(probe: &Probe) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(probe).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

fn figures(figures: &[LayerFigure]) -> Vec<(String, f64)> {
    figures.iter().filter_map(|figure| Some((figure.layer.clone(), figure.value?))).collect()
}

fn shift(shift: &VarianceShift) -> Option<(String, f64)> {
    let ratio = shift.dropout_on? / shift.dropout_off?;
    (ratio.is_finite() && ratio > 0.0).then(|| (shift.layer.clone(), ratio))
}

fn silenced(updates: &MaskedUpdates) -> Option<(String, f64)> {
    let name = match updates.convolution {
        Convolution::Dense => "classifier".to_owned(),
        _ => updates.layer.clone(),
    };
    (updates.entries > 0).then(|| (name, updates.silenced as f64 / updates.entries as f64))
}

fn series(evidence: &Evidence, scale: Scale, of: impl Fn(&ProbeRecord) -> Vec<(String, f64)>) -> Vec<Series> {
    let variants = evidence.experiment.variants.iter().enumerate().map(|(index, variant)| {
        let mut names: Vec<String> = Vec::new();
        let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for trial in evidence.trials.iter().filter(|trial| trial.variant == variant.id) {
            for (layer, value) in trial.probes.as_ref().map(&of).unwrap_or_default() {
                if !names.contains(&layer) {
                    names.push(layer.clone());
                }
                values.entry(layer).or_default().push(value);
            }
        }
        let layers = names.into_iter().filter_map(|layer| summary(scale, &values[&layer], layer)).collect();
        Series { variant: variant.id.clone(), label: plain(&variant.label), index, layers }
    });
    variants.filter(|series| !series.layers.is_empty()).collect()
}

/// Zero is an underflow where a logarithm is taken, and counts as the smallest positive f32.
fn summary(scale: Scale, values: &[f64], layer: String) -> Option<LayerSummary> {
    const SMALLEST: f64 = f32::from_bits(1) as f64;
    let mut sorted: Vec<f64> = match scale {
        Scale::Linear => values.to_vec(),
        Scale::Log10 => values.iter().map(|value| value.max(SMALLEST)).collect(),
    };
    sorted.sort_by(f64::total_cmp);
    let mean = match scale {
        Scale::Linear => crate::stats::mean(&sorted),
        Scale::Log10 => crate::stats::geometric_mean(&sorted),
    };
    Some(LayerSummary { layer, mean: mean?, min: *sorted.first()?, max: *sorted.last()?, seeds: sorted.len() })
}

/// One row for each variant with probes.
pub fn rows(evidence: &Evidence, probes: &[Probe]) -> Vec<InsideView> {
    let table = claims::table(evidence);
    let initial = probes.iter().find(|probe| probe.name == "signal-initial");
    let row = |variant: &crate::config::Variant| {
        let mean = |quantity: Quantity| {
            let values: Vec<f64> = variant
                .seeds
                .iter()
                .filter_map(|seed| table.trials.get(&(variant.id.clone(), *seed))?.figures.get(&quantity).copied())
                .collect();
            summary(quantity.scale(), &values, String::new()).map(|summary| summary.mean)
        };
        let dead = initial.and_then(|probe| probe.variants.iter().find(|series| series.variant == variant.id));
        let dies_at = dead.and_then(|series| series.layers.iter().find(|layer| layer.mean < DEAD));
        InsideView {
            label: plain(&variant.label),
            signal_initial: mean(Quantity::SignalInitial),
            signal_final: mean(Quantity::SignalFinal),
            dies_at: dies_at.map(|layer| layer.layer.clone()),
            gradient: mean(Quantity::GradientInitial),
            shift_depthwise: mean(Quantity::VarianceShiftDepthwise),
            shift_pointwise: mean(Quantity::VarianceShiftPointwise),
            reestimation_gain: mean(Quantity::ReestimationGain),
            masked_dense: mean(Quantity::MaskedUpdatesDense),
            masked_convolution: mean(Quantity::MaskedUpdatesConvolution),
        }
    };
    let has_probes =
        |id: &VariantId| evidence.trials.iter().any(|trial| trial.variant == *id && trial.probes.is_some());
    evidence.experiment.variants.iter().filter(|variant| has_probes(&variant.id)).map(row).collect()
}
