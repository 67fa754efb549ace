//! The answer: the question put to all variants, what decides it, and how the claims fare.

use super::analysis::{Analysis, Fate, VariantResult};
use super::causes;
use super::language::say;
use super::metric::InWords as _;
use super::probes::VariantProbes;
use super::text::{capitalised, clauses, list, magnitude, percent, quoted};
use super::verdicts::view;
use crate::claims::Judged;

/// More names than this in one sentence are counted, not listed.
const MOST_NAMES: usize = 6;

/// What became of the variants, what decides it, and how the claims fare.
pub fn sentences(analysis: &Analysis, judged: &[Judged], probes: &[VariantProbes]) -> Vec<String> {
    let last = view::tally(judged).or_else(|| agreement(analysis));
    let causes = causes::in_brief(analysis);
    [overview(analysis)].into_iter().chain(causes).chain(signals(analysis, probes)).chain(last).collect()
}

/// One sentence that sorts all variants by what became of them; of many, those that the source reports on come first.
pub fn overview(analysis: &Analysis) -> String {
    let all: Vec<&VariantResult> = analysis.variants.iter().collect();
    let (sourced, others): (Vec<_>, Vec<_>) =
        all.iter().copied().partition(|result| result.variant.reported.of(analysis.primary).is_some());
    if analysis.chance.is_none() && analysis.experiment.data.is_none() && all.len() <= MOST_NAMES {
        let members = list(&all.iter().map(|result| named_with_accuracy(result)).collect::<Vec<_>>());
        return say!("answer-figures", quantity = capitalised(&analysis.primary.in_words()), members = members);
    }
    let groups = if all.len() <= MOST_NAMES {
        clauses(&groups(&all, |fate, members| Some(named_group(fate, members))))
    } else if sourced.is_empty() || sourced.len() > MOST_NAMES {
        say!("answer-all", n = all.len(), number = all.len().to_string(), groups = list(&groups(&all, counted_group)))
    } else {
        let named = list(&sourced.iter().map(|result| sourced_variant(result)).collect::<Vec<_>>());
        let (n, groups) = (others.len(), list(&groups(&others, counted_group)));
        clauses(&[named, say!("answer-others", n = n, number = n.to_string(), groups = groups)])
    };
    capitalised(&match analysis.chance {
        Some(chance) => say!("answer-overview-with-chance", chance = percent(chance.accuracy), groups = groups),
        None => say!("sentence", text = groups),
    })
}

/// Words for the members of each fate that has any.
fn groups<'a>(
    variants: &[&'a VariantResult<'a>],
    words: impl Fn(Fate, &[&'a VariantResult<'a>]) -> Option<String>,
) -> Vec<String> {
    let order =
        [Fate::AboveChance, Fate::AtChance, Fate::Inconclusive, Fate::Diverged, Fate::NotJudged, Fate::NoResult];
    let members = |fate| variants.iter().copied().filter(|result| result.fate == fate).collect::<Vec<_>>();
    order.into_iter().filter_map(|fate| words(fate, &members(fate)).filter(|_| !members(fate).is_empty())).collect()
}

fn named_group(fate: Fate, members: &[&VariantResult]) -> String {
    let names = list(&members.iter().map(|member| named_with_accuracy(member)).collect::<Vec<_>>());
    say!("answer-group", verb = verb(fate, members.len()), members = names)
}

fn counted_group(fate: Fate, members: &[&VariantResult]) -> Option<String> {
    let best = members
        .iter()
        .filter_map(|result| Some((result, result.estimate(result.metrics.primary())?.mean)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .filter(|_| fate == Fate::AboveChance);
    let (number, verb) = (members.len().to_string(), verb(fate, members.len()));
    Some(match best {
        Some((best, _)) => {
            say!("answer-count-with-best", number = number, verb = verb, best = named_with_accuracy(best))
        }
        None => say!("answer-count", number = number, verb = verb),
    })
}

fn sourced_variant(result: &VariantResult) -> String {
    let (name, what) = (quoted(&result.variant.label), verb(result.fate, 1));
    match result.estimate(result.metrics.primary()) {
        Some(estimate) => {
            say!("answer-sourced", name = name, what = what, accuracy = result.metrics.primary().show(estimate.mean))
        }
        None => say!("answer-sourced-without-figure", name = name, what = what),
    }
}

/// What became of so many variants, as the verb of a clause.
fn verb(fate: Fate, n: usize) -> String {
    let id = match fate {
        Fate::AboveChance => "verb-above-chance",
        Fate::AtChance => "verb-at-chance",
        Fate::Inconclusive => "verb-inconclusive",
        Fate::Diverged => "verb-diverged",
        Fate::NotJudged => "verb-not-judged",
        Fate::NoResult => "verb-no-result",
    };
    say!(id, n = n)
}

/// Where the signal before training tells variants that fail from those that learn, all of them.
fn signals(analysis: &Analysis, probes: &[VariantProbes]) -> Option<String> {
    let of = |wanted: Fate| -> Vec<f64> {
        let ids = analysis.variants.iter().filter(|result| result.fate == wanted).map(|result| &result.variant.id);
        let probed = ids.filter_map(|id| probes.iter().find(|probes| probes.variant.id == id));
        probed.filter_map(|probes| probes.features_before_training()).collect()
    };
    let fails = of(Fate::AtChance).into_iter().reduce(f64::max)?;
    let learns = of(Fate::AboveChance).into_iter().reduce(f64::min)?;
    (fails < learns).then(|| say!("answer-signals", fails = magnitude(fails), learns = magnitude(learns)))
}

fn named_with_accuracy(result: &VariantResult) -> String {
    let name = quoted(&result.variant.label);
    match result.estimate(result.metrics.primary()) {
        Some(estimate) => {
            say!("answer-name-with-accuracy", name = name, accuracy = result.metrics.primary().show(estimate.mean))
        }
        None => name,
    }
}

/// How many of the source's validation accuracies the trials could have produced.
fn agreement(analysis: &Analysis) -> Option<String> {
    let of_accuracy = |result: &VariantResult| {
        result.source.iter().find(|figure| figure.metric == analysis.primary).and_then(|figure| figure.compatible)
    };
    let judged: Vec<bool> = analysis.variants.iter().filter_map(of_accuracy).collect();
    let compatible = judged.iter().filter(|compatible| **compatible).count();
    (!judged.is_empty())
        .then(|| say!("answer-agreement", compatible = compatible.to_string(), judged = judged.len().to_string()))
}
