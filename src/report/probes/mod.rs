//! What was measured inside the networks, summarised over the seeds of each variant.
//!
//! Signals, gradients and variance ratios span orders of magnitude and have geometric means; shares and differences of
//! accuracies have arithmetic ones. Layers are taken as the records name them, in the order of the forward pass.

pub mod entry;
pub mod files;
pub mod findings;
pub mod spread;

use std::collections::BTreeMap;

use crate::bundle::evidence::Evidence;
use crate::bundle::probe::{Convolution, LayerFigure, MaskedUpdates, ProbeRecord, Signal, VarianceShift};
use crate::config::{NativeVariant, Seed};
use spread::Spread;

/// One layer's figure over seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSpread {
    pub layer: String,
    /// `None` where no seed has a finite figure.
    pub spread: Option<Spread>,
}

/// The same for a layer of which the kind of convolution matters.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelSpread {
    pub layer: String,
    pub convolution: Convolution,
    /// Pixels of the map a kernel slides over; `None` where that was not recorded.
    pub pixels: Option<u64>,
    pub spread: Option<Spread>,
}

/// Root mean square of every layer's output.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SignalSpread {
    /// Batch statistics, dropout on.
    pub training: Vec<LayerSpread>,
    /// Running statistics, dropout off.
    pub evaluation: Vec<LayerSpread>,
}

/// Everything that was measured inside the networks of one variant.
pub struct VariantProbes<'a> {
    pub variant: NativeVariant<'a>,
    /// Trials that were probed.
    pub trials: usize,
    pub initial: SignalSpread,
    pub trained: SignalSpread,
    pub gradient: Vec<LayerSpread>,
    /// Variance entering each normalisation with dropout on, over that with dropout off.
    pub variance_shift: Vec<KernelSpread>,
    /// Share of gradient entries that the mask silences.
    pub masked_updates: Vec<KernelSpread>,
    /// Validation accuracy with statistics estimated anew minus that before.
    pub reestimation: Option<Spread>,
    /// Geometric mean of the variance ratios over layers, by the convolution in front.
    pub shift_by_convolution: BTreeMap<Convolution, Spread>,
    /// Share of the classifier's entries that are silenced, over all its images.
    pub masked_dense: Option<Spread>,
    /// The same over all convolution kernels that slide over more than one pixel.
    pub masked_convolution: Option<Spread>,
}

/// The layer that the classifier sees.
pub const FEATURES: &str = "features";

/// Per variant in the order of the experiment; variants without a probed trial are left out.
pub fn of(evidence: &Evidence) -> Vec<VariantProbes<'_>> {
    let mut records: BTreeMap<_, BTreeMap<Seed, &ProbeRecord>> = BTreeMap::new();
    for trial in &evidence.trials {
        if let Some(probes) = &trial.probes {
            records.entry(&trial.variant).or_default().insert(trial.seed, probes);
        }
    }
    let variants = evidence.experiment.native_variants();
    variants
        .filter_map(|variant| {
            let by_seed = records.get(variant.id)?;
            Some(VariantProbes::of(variant, &by_seed.values().copied().collect::<Vec<_>>()))
        })
        .collect()
}

impl<'a> VariantProbes<'a> {
    /// Root mean square of what the classifier sees before the first step, in the geometric mean over seeds.
    pub fn features_before_training(&self) -> Option<f64> {
        spread_of(&self.initial.training, FEATURES).map(|spread| spread.mean)
    }

    fn of(variant: NativeVariant<'a>, records: &[&ProbeRecord]) -> Self {
        let over_layers = |kind| by_trial(records, |record| shift_over_layers(record, kind));
        let kinds = [
            Convolution::Image,
            Convolution::Spatial,
            Convolution::Depthwise,
            Convolution::Pointwise,
            Convolution::Dense,
        ];
        Self {
            variant,
            trials: records.len(),
            initial: signal(&records.iter().map(|record| &record.initial).collect::<Vec<_>>()),
            trained: signal(&records.iter().filter_map(|record| record.trained.as_ref()).collect::<Vec<_>>()),
            gradient: layers(records.iter().map(|record| record.gradient.as_slice())),
            variance_shift: variance_shift(records),
            masked_updates: masked_updates(records),
            reestimation: Spread::arithmetic(&by_trial(records, |record| {
                record.reestimation.map(|figures| figures.after - figures.before)
            })),
            shift_by_convolution: kinds
                .into_iter()
                .filter_map(|kind| Some((kind, Spread::geometric(&over_layers(kind))?)))
                .collect(),
            masked_dense: Spread::arithmetic(&by_trial(records, |record| masked_share(record, true))),
            masked_convolution: Spread::arithmetic(&by_trial(records, |record| masked_share(record, false))),
        }
    }
}

/// The figure of the layer of this name; `None` where there is none, or none that is finite.
fn spread_of(layers: &[LayerSpread], name: &str) -> Option<Spread> {
    layers.iter().find(|layer| layer.layer == name)?.spread
}

fn by_trial(records: &[&ProbeRecord], figure: impl Fn(&ProbeRecord) -> Option<f64>) -> Vec<f64> {
    records.iter().filter_map(|record| figure(record)).collect()
}

/// Values by a key, in the order in which keys come first.
struct InOrder<K>(Vec<(K, Vec<f64>)>);

impl<K: PartialEq> InOrder<K> {
    fn collect(items: impl Iterator<Item = (K, Option<f64>)>) -> Self {
        let mut found: Vec<(K, Vec<f64>)> = vec![];
        for (key, value) in items {
            let place = found.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                found.push((key, vec![]));
                found.len() - 1
            });
            found[place].1.extend(value);
        }
        Self(found)
    }
}

fn signal(signals: &[&Signal]) -> SignalSpread {
    SignalSpread {
        training: layers(signals.iter().map(|signal| signal.training.as_slice())),
        evaluation: layers(signals.iter().map(|signal| signal.evaluation.as_slice())),
    }
}

fn layers<'r>(trials: impl Iterator<Item = &'r [LayerFigure]>) -> Vec<LayerSpread> {
    let figures = trials.flatten().map(|figure| (figure.layer.clone(), figure.value));
    let spread = |(layer, values): (String, Vec<f64>)| LayerSpread { layer, spread: Spread::geometric(&values) };
    InOrder::collect(figures).0.into_iter().map(spread).collect()
}

fn variance_shift(records: &[&ProbeRecord]) -> Vec<KernelSpread> {
    let shifts = records.iter().flat_map(|record| &record.variance_shift);
    InOrder::collect(shifts.map(|shift| ((shift.layer.clone(), shift.convolution), ratio(shift))))
        .0
        .into_iter()
        .map(|((layer, convolution), ratios)| KernelSpread {
            layer,
            convolution,
            pixels: None,
            spread: Spread::geometric(&ratios),
        })
        .collect()
}

fn masked_updates(records: &[&ProbeRecord]) -> Vec<KernelSpread> {
    let kernels = records.iter().flat_map(|record| &record.masked_updates);
    InOrder::collect(
        kernels.map(|kernel| ((kernel.layer.clone(), kernel.convolution, kernel.pixels), silenced(kernel))),
    )
    .0
    .into_iter()
    .map(|((layer, convolution, pixels), shares)| KernelSpread {
        layer,
        convolution,
        pixels: Some(pixels),
        spread: Spread::arithmetic(&shares),
    })
    .collect()
}

/// `None` where dropout off leaves no variance to compare with.
fn ratio(shift: &VarianceShift) -> Option<f64> {
    let (on, off) = (shift.dropout_on?, shift.dropout_off?);
    (off > 0.0).then_some(on / off)
}

fn silenced(kernel: &MaskedUpdates) -> Option<f64> {
    (kernel.entries > 0).then(|| kernel.silenced as f64 / kernel.entries as f64)
}

/// Geometric mean over the layers behind one kind of convolution; `None` where one of them has no ratio, since a mean of
/// the others would be of something else.
fn shift_over_layers(record: &ProbeRecord, kind: Convolution) -> Option<f64> {
    let layers = record.variance_shift.iter().filter(|shift| shift.convolution == kind);
    let ratios: Vec<f64> = layers.map(ratio).collect::<Option<_>>()?;
    Spread::geometric(&ratios).map(|spread| spread.mean)
}

/// Over dense layers, or over the convolutions.
fn masked_share(record: &ProbeRecord, dense: bool) -> Option<f64> {
    let is_wanted = |kernel: &&MaskedUpdates| kernel.is_of(dense);
    // As numbers with a fraction, so that counts from a damaged file cannot overflow.
    let sums = record
        .masked_updates
        .iter()
        .filter(is_wanted)
        .fold((0.0, 0.0), |(silenced, entries), k| (silenced + k.silenced as f64, entries + k.entries as f64));
    (sums.1 > 0.0).then(|| sums.0 / sums.1)
}
