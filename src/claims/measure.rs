//! The figures that claims are about, taken from the evidence.

use std::collections::BTreeMap;

use super::curve::value_at;
use super::rounds::speeds;
use super::scale::{from_judged, to_judged};
use super::table::{Ending, Quantity, Table, Trial};
use crate::bundle::correctness::Correctness;
use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::probe::{Convolution, LayerFigure, ProbeRecord};
use crate::bundle::record::{DatasetRecord, Outcome};
use crate::config::{At, Metric, Metrics, Role, Scale, Seed, Variant, VariantId, native};
use crate::stats::mean;

/// The layers that signals and gradients are read at.
const FIRST_CONVOLUTION: &str = "stem";
const POOLED_FEATURES: &str = "features";

/// The figures of every planned trial. Trials that the experiment does not plan are passed over; of two with the same
/// variant and seed the last counts.
pub fn table(evidence: &Evidence) -> Table {
    let experiment = &evidence.experiment;
    let epochs =
        |variant: &'_ Variant| (variant.id.clone(), variant.native().map(|network| network.train.epochs.into()));
    let epochs: BTreeMap<VariantId, Option<u64>> = experiment.variants.iter().map(epochs).collect();
    let claimed = experiment.claims.iter().map(Quantity::of);
    let elsewhere: Vec<Quantity> = claimed.filter(|quantity| !quantity.at.is_last()).collect();
    let trial = |trial: &TrialEvidence| {
        let epochs = *epochs.get(&trial.variant)?;
        let ending = match ending(trial, epochs) {
            // Another program goes on when a figure is lost, and what is a number still is one: its accuracy does not
            // depend on its loss. What is none counts as diverged by itself.
            Ending::Diverged if epochs.is_none() => Ending::Completed,
            ending => ending,
        };
        let figures = figures(trial, &experiment.metrics, ending);
        let earlier = earlier(trial, &elsewhere, ending);
        Some(((trial.variant.clone(), trial.seed), Trial { ending, figures, earlier }))
    };
    Table {
        seeds: experiment.seeds.clone(),
        own_seeds: experiment.variants.iter().map(|variant| (variant.id.clone(), variant.seeds.clone())).collect(),
        settle: experiment.settle.clone(),
        trials: evidence.trials.iter().filter_map(trial).collect(),
        correct: evidence.trials.iter().filter_map(correct).collect(),
        rounds: evidence.throughput.as_ref().map(|record| speeds(record, experiment)).unwrap_or_default(),
        guessing: guessing(&experiment.metrics, evidence.dataset.as_ref()),
        test_images: evidence.dataset.as_ref().map(|dataset| dataset.test.iter().sum()).filter(|&images| images > 0),
    }
}

fn correct(trial: &TrialEvidence) -> Option<((VariantId, Seed), Correctness)> {
    let TrialState::Done(record) = &trial.state else { return None };
    Some(((trial.variant.clone(), trial.seed), record.correct.clone()?))
}

/// How a trial of a recipe with so many epochs ended. A record may say more than its log can show; only a log that
/// reaches the last epoch counts as completed.
pub fn ending(trial: &TrialEvidence, epochs: Option<u64>) -> Ending {
    match &trial.state {
        TrialState::Missing => Ending::Missing,
        TrialState::Failed { .. } => Ending::Failed,
        TrialState::Done(record) => match record.outcome {
            Outcome::Diverged { .. } => Ending::Diverged,
            Outcome::Completed
                if epochs.is_none_or(|epochs| trial.metrics.last().is_some_and(|last| last.at == epochs)) =>
            {
                Ending::Completed
            }
            Outcome::Completed => Ending::Failed,
        },
    }
}

/// What a diverged trial counts as. A network of NaN names the same class for every image, which scores 1/classes where
/// classes are balanced; where they are not, it depends on the class, and nothing is said.
fn guessing(metrics: &Metrics, dataset: Option<&DatasetRecord>) -> BTreeMap<Metric, f64> {
    let of_images = |images: &[u64]| {
        let is_balanced = images.first().is_some_and(|&first| first > 0 && images.iter().all(|&n| n == first));
        is_balanced.then(|| 1.0 / images.len() as f64)
    };
    let guess = |metric: Metric| {
        metric.chance().or_else(|| match metric.role() {
            Role::TestAccuracy => of_images(&dataset?.test),
            Role::TrainingAccuracy => of_images(&dataset?.train),
            Role::None | Role::TestLoss | Role::TrainingLoss => None,
        })
    };
    metrics.series().filter_map(|metric| Some((metric, guess(metric)?))).collect()
}

/// The last value of a series counts. A loss that is not a number is NaN, not absent: the trial has an answer, and it is
/// that there is none.
fn figures(trial: &TrialEvidence, metrics: &Metrics, ending: Ending) -> BTreeMap<Metric, f64> {
    let has_trained = ending == Ending::Completed;
    let curve = if has_trained { trial.metrics.as_slice() } else { &[] };
    let trained = metrics.series().filter_map(|metric| Some((metric, value_at(curve, metric, At::Last)?)));
    let inside = trial.probes.as_ref().filter(|_| has_trained || ending == Ending::Diverged).into_iter();
    let measured = inside.flat_map(of_probes).filter(|(metric, _)| has_trained || metric.is_initial());
    trained.chain(measured).collect()
}

/// Of a trial that came to its end only: half a curve may have its best before it.
fn earlier(trial: &TrialEvidence, asked: &[Quantity], ending: Ending) -> BTreeMap<Quantity, f64> {
    let asked = asked.iter().filter(|_| ending == Ending::Completed);
    asked.filter_map(|quantity| Some((*quantity, value_at(&trial.metrics, quantity.metric, quantity.at)?))).collect()
}

fn of_probes(probes: &ProbeRecord) -> impl Iterator<Item = (Metric, f64)> {
    let trained = probes.trained.as_ref();
    [
        (native::SIGNAL_INITIAL, at_layer(&probes.initial.training, POOLED_FEATURES)),
        (native::SIGNAL_FINAL, trained.and_then(|signal| at_layer(&signal.training, POOLED_FEATURES))),
        (native::GRADIENT_INITIAL, at_layer(&probes.gradient, FIRST_CONVOLUTION)),
        (native::VARIANCE_SHIFT_DEPTHWISE, variance_shift(probes, Convolution::Depthwise)),
        (native::VARIANCE_SHIFT_POINTWISE, variance_shift(probes, Convolution::Pointwise)),
        (native::REESTIMATION_GAIN, probes.reestimation.map(|both| both.after - both.before)),
        (native::MASKED_UPDATES_DENSE, masked_updates(probes, true)),
        (native::MASKED_UPDATES_CONVOLUTION, masked_updates(probes, false)),
    ]
    .into_iter()
    .filter_map(|(quantity, figure)| Some((quantity, figure?)))
}

fn at_layer(figures: &[LayerFigure], layer: &str) -> Option<f64> {
    figures.iter().find(|figure| figure.layer == layer).map(|figure| figure.value.unwrap_or(f64::NAN))
}

/// Geometric mean over layers; `None` without any, NaN where a layer has no figure.
fn variance_shift(probes: &ProbeRecord, convolution: Convolution) -> Option<f64> {
    let layers = probes.variance_shift.iter().filter(|shift| shift.convolution == convolution);
    let log = |variance: Option<f64>| variance.and_then(|variance| to_judged(Scale::Log10, variance));
    let decades: Vec<f64> = layers
        .map(|shift| log(shift.dropout_on).zip(log(shift.dropout_off)).map_or(f64::NAN, |(on, off)| on - off))
        .collect();
    (!decades.is_empty()).then(|| mean(&decades).map_or(f64::NAN, |mean| from_judged(Scale::Log10, mean)))
}

/// Over dense layers, or else over the convolutions. `None` without any entries.
fn masked_updates(probes: &ProbeRecord, dense: bool) -> Option<f64> {
    let kernels = || probes.masked_updates.iter().filter(|kernel| kernel.is_of(dense));
    // As numbers with a fraction, so that counts from a damaged file cannot overflow.
    let (silenced, entries) =
        kernels().fold((0.0, 0.0), |(silenced, entries), k| (silenced + k.silenced as f64, entries + k.entries as f64));
    (entries > 0.0).then(|| silenced / entries)
}
