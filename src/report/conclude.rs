//! Sentences that follow from the findings: what was seen, what decides it, and how it compares with the source.
//!
//! A sentence is only built where its data exist; what the data leave open is said in [`super::limits`].

use super::analysis::chance::{Basis, Chance};
use super::analysis::comparison::{Comparison, Shown, SourceComparison};
use super::analysis::metric::Metric;
use super::analysis::{Analysis, Fate, VariantResult};
use super::text::{bare_points, counted, percent, points, quoted, share};
use super::{answer, causes};
use crate::claims::Judged;
use crate::stats::{Estimate, Interval};

/// Everything the report concludes, as plain sentences.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Conclusions {
    /// The whole in three sentences at most.
    pub answer: Vec<String>,
    /// For each variant, whether it learns.
    pub learning: Vec<String>,
    /// What single settings can and cannot be the cause of.
    pub causes: Vec<String>,
    /// Paired differences between variants that differ in one setting.
    pub comparisons: Vec<String>,
    /// Against the figures the source reports.
    pub source: Vec<String>,
}

impl Conclusions {
    pub fn of(analysis: &Analysis, judged: &[Judged]) -> Self {
        Self {
            answer: answer::sentences(analysis, judged),
            learning: analysis.variants.iter().map(|result| learning(result, analysis.chance.as_ref())).collect(),
            causes: causes::sentences(analysis),
            comparisons: analysis.comparisons.iter().filter_map(|pair| comparison(analysis, pair)).collect(),
            source: analysis.variants.iter().flat_map(|result| against_source(result, analysis)).collect(),
        }
    }
}

fn learning(result: &VariantResult, chance: Option<&Chance>) -> String {
    let what_happened = match result.fate {
        Fate::AboveChance => "ends above chance",
        Fate::AtChance => "stays at chance",
        Fate::Inconclusive => "may or may not be above chance",
        Fate::Diverged => "does not get to the end",
        Fate::NotJudged => "is not judged, because the chance level is not known",
        Fate::NoResult => "has no result",
    };
    let details: Vec<_> = [accuracy_in_words(result, chance), losses_in_words(result, chance), divergence(result)]
        .into_iter()
        .flatten()
        .collect();
    let name = name(result);
    if details.is_empty() {
        format!("{name} {what_happened}.")
    } else {
        format!("{name} {what_happened}: {}.", details.join("; "))
    }
}

fn accuracy_in_words(result: &VariantResult, chance: Option<&Chance>) -> Option<String> {
    let estimate = result.estimate(Metric::ValAccuracy)?;
    let epochs = counted(result.variant.train.epochs as usize, "epoch");
    let Some((judgement, chance)) = result.judgement.zip(chance) else {
        return Some(format!("validation accuracy {} after {epochs}", with_interval(estimate, percent, percent)));
    };
    let basis = match judgement.basis {
        Basis::SeedsAndTestSet => format!("over {} and the test images", counted(estimate.n, "seed")),
        Basis::TestSetOnly => "over the test images only, 1 seed".to_owned(),
    };
    Some(format!(
        "validation accuracy {} after {epochs} ({} interval {} {basis}) against {} by chance",
        percent(estimate.mean),
        share(estimate.confidence),
        span(&judgement.interval, percent, percent),
        percent(chance.accuracy),
    ))
}

fn losses_in_words(result: &VariantResult, chance: Option<&Chance>) -> Option<String> {
    let loss = result.estimate(Metric::TrainLoss)?;
    let uniform =
        chance.map(|chance| format!(" (a uniform guess has {})", Metric::TrainLoss.show(chance.uniform_loss)));
    Some(format!("training loss {}{}", Metric::TrainLoss.show(loss.mean), uniform.unwrap_or_default()))
}

fn divergence(result: &VariantResult) -> Option<String> {
    let counts = result.counts;
    let ended = counts.completed + counts.diverged;
    (counts.diverged > 0)
        .then(|| format!("training diverged at {} of {} that ran", counts.diverged, counted(ended, "seed")))
}

fn comparison(analysis: &Analysis, pair: &Comparison) -> Option<String> {
    let estimate = pair.accuracy.as_ref()?;
    let finding = match pair.shown() {
        Shown::Difference => "the interval excludes zero",
        Shown::NoDifference => "the interval includes zero, so no difference is shown",
        Shown::OneSeed => "one seed gives no interval, so nothing is shown",
        Shown::Nothing => return None,
    };
    Some(format!(
        "{} minus {}, which differ only in {} ({} against {}): validation accuracy {}; {finding}.",
        name(analysis.minuend(pair)),
        name(analysis.subtrahend(pair)),
        pair.difference.knob,
        pair.difference.minuend,
        pair.difference.subtrahend,
        with_interval(estimate, bare_points, points),
    ))
}

fn against_source(result: &VariantResult, analysis: &Analysis) -> Option<String> {
    let figure = result.source.iter().find(|figure| figure.metric == Metric::ValAccuracy).or(result.source.first())?;
    let ours = result.estimate(figure.metric)?;
    let metric = figure.metric;
    let difference = figure.difference.map(|difference| metric.show_difference(difference))?;
    Some(format!(
        "The source reports {} {} for {}; here it is {}, a difference of {difference}. {}{}",
        metric.name(),
        metric.show(figure.reported),
        name(result),
        metric.show(ours.mean),
        compatibility(figure, ours.n, analysis.experiment.confidence),
        same_side(result, figure, analysis.chance.as_ref()).unwrap_or_default(),
    ))
}

fn compatibility(figure: &SourceComparison, seeds: usize, confidence: f64) -> String {
    let Some((range, compatible)) = figure.prediction.zip(figure.compatible) else {
        let too_few = if seeds == 1 { "One seed says" } else { "So few seeds say" };
        return format!("{too_few} nothing about how far further trials would lie apart.");
    };
    let side = if compatible { "inside" } else { "outside" };
    format!(
        "The reported figure lies {side} the range in which one further trial here is expected ({}, {}).",
        span(&range, |value| figure.metric.show(value), |value| figure.metric.show(value)),
        share(confidence),
    )
}

/// Whether both figures agree on learning at all, which may hold where the figures themselves differ.
fn same_side(result: &VariantResult, figure: &SourceComparison, chance: Option<&Chance>) -> Option<&'static str> {
    let chance = chance.filter(|_| figure.metric == Metric::ValAccuracy)?;
    match (result.fate, figure.reported >= chance.ceiling) {
        (Fate::AtChance, false) => Some(" Both are at this data set’s chance level."),
        (Fate::AtChance, true) => {
            Some(" The reported figure is well above this data set’s chance level; this one is not.")
        }
        (Fate::AboveChance, true) => Some(" Both are above this data set’s chance level."),
        (Fate::AboveChance, false) => {
            Some(" The reported figure is at this data set’s chance level; this one is above it.")
        }
        _ => None,
    }
}

fn name(result: &VariantResult) -> String {
    quoted(&result.variant.label)
}

/// A mean with its interval; in a span, the unit stands once, at its upper end.
fn with_interval(estimate: &Estimate, bare: impl Fn(f64) -> String, show: impl Fn(f64) -> String) -> String {
    let (mean, seeds) = (show(estimate.mean), counted(estimate.n, "seed"));
    match &estimate.interval {
        Some(interval) => {
            format!("{mean} ({} interval {}, {seeds})", share(estimate.confidence), span(interval, bare, show))
        }
        None => format!("{mean} ({seeds}, no interval)"),
    }
}

fn span(interval: &Interval, lower: impl Fn(f64) -> String, upper: impl Fn(f64) -> String) -> String {
    format!("{} to {}", lower(interval.lower), upper(interval.upper))
}
