//! Sentences that follow from the findings: what was seen, what decides it, and how it compares with the source.
//!
//! A sentence is only built where its data exist; what the data leave open is said in [`super::limits`].

use super::analysis::chance::{Basis, Chance};
use super::analysis::comparison::{Comparison, Shown, SourceComparison};
use super::analysis::knobs::setting_in_words;
use super::analysis::{Analysis, Fate, VariantResult};
use super::language::say;
use super::metric::InWords as _;
use super::probes::VariantProbes;
use super::stated::{self, Stated};
use super::text::{clauses, counted, paragraph, percent, quoted, range, share};
use super::{answer, causes};
use crate::bundle::evidence::Evidence;
use crate::claims::Judged;
use crate::config::Role;
use crate::stats::{Estimate, Interval};

/// Everything the report concludes, as plain sentences.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Conclusions {
    /// What the experiment's author concludes, with the data's figures, and whether it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stated: Vec<Stated>,
    /// The whole in a few sentences.
    pub answer: Vec<String>,
    /// For each variant, whether it learns.
    pub learning: Vec<String>,
    /// What single settings can and cannot be the cause of, with the pairs that show it.
    pub causes: Vec<String>,
    /// The same without the pairs.
    pub causes_in_brief: Vec<String>,
    /// Paired differences between variants that differ in one setting.
    pub comparisons: Vec<String>,
    /// Against the figures the source reports.
    pub source: Vec<String>,
}

impl Conclusions {
    pub fn of(evidence: &Evidence, analysis: &Analysis, judged: &[Judged], probes: &[VariantProbes]) -> Self {
        Self {
            stated: stated::of(evidence, judged),
            answer: answer::sentences(analysis, judged, probes),
            learning: analysis.variants.iter().map(|result| learning(result, analysis.chance.as_ref())).collect(),
            causes: causes::sentences(analysis),
            causes_in_brief: causes::in_brief(analysis),
            comparisons: analysis.comparisons.iter().filter_map(|pair| comparison(analysis, pair)).collect(),
            source: analysis.variants.iter().flat_map(|result| against_source(result, analysis)).collect(),
        }
    }
}

fn learning(result: &VariantResult, chance: Option<&Chance>) -> String {
    let what_happened = fate_as_verb(result.fate);
    let details: Vec<_> = [accuracy_in_words(result, chance), losses_in_words(result, chance), divergence(result)]
        .into_iter()
        .flatten()
        .collect();
    if details.is_empty() {
        say!("learning", name = name(result), what = what_happened)
    } else {
        say!("learning-with-details", name = name(result), what = what_happened, details = clauses(&details))
    }
}

/// What became of a variant, as the verb of a sentence.
fn fate_as_verb(fate: Fate) -> String {
    say!(match fate {
        Fate::AboveChance => "learning-above-chance",
        Fate::AtChance => "learning-at-chance",
        Fate::Inconclusive => "learning-inconclusive",
        Fate::Diverged => "learning-diverged",
        Fate::NotJudged => "learning-not-judged",
        Fate::NoResult => "learning-no-result",
    })
}

fn accuracy_in_words(result: &VariantResult, chance: Option<&Chance>) -> Option<String> {
    let metric = result.metrics.primary();
    let estimate = result.estimate(metric)?;
    let network = result.variant.native();
    let (Some(network), Role::TestAccuracy) = (network, metric.role()) else {
        let show = |value| metric.show(value);
        let figure = with_interval(estimate, show, show);
        return Some(say!("learning-figure", quantity = metric.in_words(), figure = figure));
    };
    let epochs = counted(network.train.epochs as usize, "epoch");
    let Some((judgement, chance)) = result.judgement.zip(chance) else {
        return Some(say!("learning-accuracy", accuracy = with_interval(estimate, percent, percent), epochs = epochs));
    };
    let basis = match judgement.basis {
        Basis::SeedsAndTestSet => say!("learning-over-seeds", seeds = counted(estimate.n, "seed")),
        Basis::Seeds => say!("learning-over-seeds-alone", seeds = counted(estimate.n, "seed")),
        Basis::TestSetOnly => say!("learning-over-test-images", seeds = counted(1, "seed")),
    };
    Some(say!(
        "learning-accuracy-against-chance",
        accuracy = percent(estimate.mean),
        epochs = epochs,
        confidence = share(estimate.confidence),
        interval = span(&judgement.interval, percent, percent),
        basis = basis,
        chance = percent(chance.accuracy),
    ))
}

fn losses_in_words(result: &VariantResult, chance: Option<&Chance>) -> Option<String> {
    let metric = result.metrics.with_role(Role::TrainingLoss)?;
    let loss = metric.show(result.estimate(metric)?.mean);
    Some(match chance.and_then(|chance| chance.uniform_loss) {
        None => say!("learning-loss", loss = loss),
        Some(uniform) => say!("learning-loss-against-chance", loss = loss, uniform = metric.show(uniform)),
    })
}

fn divergence(result: &VariantResult) -> Option<String> {
    let counts = result.counts;
    let ended = counts.completed + counts.diverged;
    (counts.diverged > 0)
        .then(|| say!("learning-divergence", diverged = counts.diverged.to_string(), seeds = counted(ended, "seed")))
}

/// What one pair shows of the setting in which alone it differs.
pub fn comparison(analysis: &Analysis, pair: &Comparison) -> Option<String> {
    let estimate = pair.accuracy.as_ref()?;
    let finding = say!(match pair.shown() {
        Shown::Difference => "comparison-excludes-zero",
        Shown::NoDifference => "comparison-includes-zero",
        Shown::OneSeed => "comparison-one-seed",
        Shown::Nothing => return None,
    });
    let metric = analysis.primary;
    let id = if metric.role() == Role::TestAccuracy { "comparison" } else { "comparison-of" };
    Some(say!(
        id,
        quantity = metric.in_words(),
        minuend = name(analysis.minuend(pair)),
        subtrahend = name(analysis.subtrahend(pair)),
        setting = setting_in_words(&pair.difference.knob),
        one = pair.difference.minuend.as_str(),
        other = pair.difference.subtrahend.as_str(),
        difference =
            with_interval(estimate, |value| metric.bare_difference(value), |value| metric.show_difference(value),),
        finding = finding,
    ))
}

/// One variant's figure beside the source's.
pub fn against_source(result: &VariantResult, analysis: &Analysis) -> Option<String> {
    let figure = result.source.iter().find(|figure| figure.metric == analysis.primary).or(result.source.first())?;
    let ours = result.estimate(figure.metric)?;
    let metric = figure.metric;
    let difference = figure.difference.map(|difference| metric.show_difference(difference))?;
    let sentences = [
        Some(say!(
            "source-figure",
            quantity = metric.in_words(),
            reported = metric.show(figure.reported),
            name = name(result),
            here = metric.show(ours.mean),
            difference = difference,
        )),
        Some(compatibility(figure, ours.n, analysis.experiment.confidence)),
        same_side(result, figure, analysis.chance.as_ref()),
    ];
    Some(paragraph(sentences.into_iter().flatten()))
}

/// Whether a reported figure could be one more trial like these.
pub fn compatibility(figure: &SourceComparison, seeds: usize, confidence: f64) -> String {
    let Some((range, compatible)) = figure.prediction.zip(figure.compatible) else {
        return say!(match seeds {
            1 => "source-one-seed",
            _ if figure.all_alike => "source-all-alike",
            _ => "source-few-seeds",
        });
    };
    let range = span(&range, |value| figure.metric.show(value), |value| figure.metric.show(value));
    let id = if compatible { "source-inside" } else { "source-outside" };
    say!(id, range = range, confidence = share(confidence))
}

/// Whether both figures agree on learning at all, which may hold where the figures themselves differ.
fn same_side(result: &VariantResult, figure: &SourceComparison, chance: Option<&Chance>) -> Option<String> {
    let chance = chance.filter(|_| figure.metric == result.metrics.primary())?;
    Some(say!(match (result.fate, figure.reported >= chance.ceiling) {
        (Fate::AtChance, false) => "source-both-at-chance",
        (Fate::AtChance, true) => "source-alone-above-chance",
        (Fate::AboveChance, true) => "source-both-above-chance",
        (Fate::AboveChance, false) => "source-alone-at-chance",
        _ => return None,
    }))
}

fn name(result: &VariantResult) -> String {
    quoted(&result.variant.label)
}

/// A mean with its interval; in a span, the unit stands once, at its upper end.
fn with_interval(estimate: &Estimate, bare: impl Fn(f64) -> String, show: impl Fn(f64) -> String) -> String {
    let (mean, seeds) = (show(estimate.mean), counted(estimate.n, "seed"));
    match &estimate.interval {
        Some(interval) => {
            let interval = span(interval, bare, show);
            let confidence = share(estimate.confidence);
            say!("mean-with-interval", mean = mean, confidence = confidence, interval = interval, seeds = seeds)
        }
        None => say!("mean-without-interval", mean = mean, seeds = seeds),
    }
}

fn span(interval: &Interval, lower: impl Fn(f64) -> String, upper: impl Fn(f64) -> String) -> String {
    range(lower(interval.lower), upper(interval.upper))
}
