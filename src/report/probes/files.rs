//! `probes/*.json`: each probe per variant and layer, as mean and range over seeds.
//!
//! Figures have nine significant digits: probes are computed in f32, which nine tell apart from every other.
//! Those of each trial are in its own `probes.json`, as they were computed.
//!
//! Within one major schema version, fields are only added.

use std::collections::BTreeMap;

use serde::Serialize;

use super::spread::Spread;
use super::{KernelSpread, LayerSpread, SignalSpread, VariantProbes};
use crate::bundle::probe::Convolution;
use crate::config::{ExperimentId, VariantId};
use crate::report::ReportError;

/// Major version of the files.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a, T> {
    schema: u32,
    experiment: &'a ExperimentId,
    /// What each figure is.
    figure: &'static str,
    /// `geometric` or `arithmetic`, over seeds.
    mean: &'static str,
    variants: Vec<Entry<'a, T>>,
}

#[derive(Serialize)]
struct Entry<'a, T> {
    variant: &'a VariantId,
    /// Trials that were probed.
    trials: usize,
    #[serde(flatten)]
    figures: T,
}

#[derive(Serialize)]
struct Signals<'a> {
    /// Before the first step.
    initial: Signal<'a>,
    /// After the last step, of trials that did not diverge.
    trained: Signal<'a>,
}

#[derive(Serialize)]
struct Signal<'a> {
    /// Batch statistics, dropout on.
    training: Vec<Row<'a>>,
    /// Running statistics, dropout off.
    evaluation: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Layers<'a> {
    layers: Vec<Row<'a>>,
}

/// A layer's figure; `null` with an `n` of zero where no seed has a finite one.
#[derive(Serialize)]
struct Row<'a> {
    layer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    convolution: Option<Convolution>,
    /// Of the map a kernel slides over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pixels: Option<u64>,
    mean: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    /// Seeds with a finite figure.
    n: usize,
}

impl<'a> Row<'a> {
    fn of(layer: &'a str, spread: Option<Spread>) -> Self {
        Self {
            layer,
            convolution: None,
            pixels: None,
            mean: spread.map(|spread| nine_digits(spread.mean)),
            min: spread.map(|spread| nine_digits(spread.min)),
            max: spread.map(|spread| nine_digits(spread.max)),
            n: spread.map_or(0, |spread| spread.n),
        }
    }
}

/// The same number with nine significant digits. Formatting and parsing are exact and the same on every machine.
fn nine_digits(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

fn of_layers(layers: &[LayerSpread]) -> Vec<Row<'_>> {
    layers.iter().map(|layer| Row::of(&layer.layer, layer.spread)).collect()
}

fn of_kernels(kernels: &[KernelSpread]) -> Vec<Row<'_>> {
    let with_kind =
        |kernel: &KernelSpread, row| Row { convolution: Some(kernel.convolution), pixels: kernel.pixels, ..row };
    kernels.iter().map(|kernel| with_kind(kernel, Row::of(&kernel.layer, kernel.spread))).collect()
}

fn of_signal(signal: &SignalSpread) -> Signal<'_> {
    Signal { training: of_layers(&signal.training), evaluation: of_layers(&signal.evaluation) }
}

/// The files by their path in the bundle; none where nothing was probed.
///
/// # Errors
/// When a value has no JSON form.
pub fn all(experiment: &ExperimentId, probes: &[VariantProbes]) -> Result<BTreeMap<String, Vec<u8>>, ReportError> {
    if probes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let signal = document(
        experiment,
        ("root mean square of a layer's output", "geometric"),
        probes.iter().map(|v| entry(v, Signals { initial: of_signal(&v.initial), trained: of_signal(&v.trained) })),
    )?;
    let gradient = document(
        experiment,
        ("root mean square of the gradient of a kernel's weights at the first step", "geometric"),
        probes.iter().map(|v| entry(v, Layers { layers: of_layers(&v.gradient) })),
    )?;
    let shift = document(
        experiment,
        ("variance entering a normalisation with dropout on, over that with dropout off, after training", "geometric"),
        probes.iter().map(|v| entry(v, Layers { layers: of_kernels(&v.variance_shift) })),
    )?;
    let masked = document(
        experiment,
        ("share of the gradient entries of one image that dropout makes zero", "arithmetic"),
        probes.iter().map(|v| entry(v, Layers { layers: of_kernels(&v.masked_updates) })),
    )?;
    let named = [("signal", signal), ("gradient", gradient), ("variance-shift", shift), ("masked-updates", masked)];
    Ok(named.into_iter().map(|(name, text)| (format!("probes/{name}.json"), text.into_bytes())).collect())
}

fn entry<'a, T>(probes: &VariantProbes<'a>, figures: T) -> Entry<'a, T> {
    Entry { variant: probes.variant.id, trials: probes.trials, figures }
}

fn document<'a, T: Serialize>(
    experiment: &'a ExperimentId,
    (figure, mean): (&'static str, &'static str),
    variants: impl Iterator<Item = Entry<'a, T>>,
) -> Result<String, ReportError> {
    let document = Document { schema: SCHEMA, experiment, figure, mean, variants: variants.collect() };
    // On one line: indentation would be more than half of it.
    let mut text = serde_json::to_string(&document).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::nine_digits;

    #[test]
    fn nine_digits_tell_every_f32_from_its_neighbours() {
        assert_eq!(nine_digits(0.123_456_789_123), 0.123_456_789);
        assert_eq!(nine_digits(6.372_584_129_87e-13), 6.372_584_13e-13);
        assert_eq!(nine_digits(0.0), 0.0);
        for value in [0.1_f32, 1.0 / 3.0, 1.175_494_4e-38, 3.402_823_5e38, f32::from_bits(0x3f80_0001)] {
            assert_eq!(nine_digits(f64::from(value)) as f32, value);
        }
    }
}
