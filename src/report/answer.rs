//! The answer: the question put to all variants, what decides it, and how the claims fare, in three sentences at most.

use super::analysis::metric::Metric;
use super::analysis::{Analysis, Fate, VariantResult};
use super::causes;
use super::language::say;
use super::text::{capitalised, clauses, counted, list, percent, quoted};
use super::verdicts::view;
use crate::claims::Judged;

/// More names than this in one sentence are counted, not listed.
const MOST_NAMES: usize = 6;

pub fn sentences(analysis: &Analysis, judged: &[Judged]) -> Vec<String> {
    let agreement = agreement(analysis);
    let last = view::tally(judged).or_else(|| agreement.clone());
    let middle = causes::in_brief(analysis).or_else(|| agreement.filter(|_| !judged.is_empty()));
    [Some(overview(analysis)), middle, last].into_iter().flatten().collect()
}

/// One sentence that sorts all variants by what became of them.
fn overview(analysis: &Analysis) -> String {
    let order =
        [Fate::AboveChance, Fate::AtChance, Fate::Inconclusive, Fate::Diverged, Fate::NotJudged, Fate::NoResult];
    let names_all = analysis.variants.len() <= MOST_NAMES;
    let groups: Vec<_> = order.into_iter().filter_map(|fate| group(analysis, fate, names_all)).collect();
    let groups = clauses(&groups);
    capitalised(&match analysis.chance {
        Some(chance) => say!("answer-overview-with-chance", chance = percent(chance.accuracy), groups = groups),
        None => say!("sentence", text = groups),
    })
}

fn group(analysis: &Analysis, fate: Fate, names_all: bool) -> Option<String> {
    let members: Vec<_> = analysis.variants.iter().filter(|result| result.fate == fate).collect();
    let words = fate.in_words();
    if members.is_empty() {
        return None;
    }
    if names_all {
        let names = list(&members.iter().map(|member| named_with_accuracy(member)).collect::<Vec<_>>());
        return Some(say!("answer-group", fate = words, members = names));
    }
    let best = members
        .iter()
        .filter_map(|result| Some((result, result.estimate(Metric::ValAccuracy)?.mean)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    let count = counted(members.len(), "variant");
    Some(match best.filter(|_| fate == Fate::AboveChance) {
        Some((best, _)) => {
            say!("answer-group-with-best", fate = words, members = count, best = named_with_accuracy(best))
        }
        None => say!("answer-group", fate = words, members = count),
    })
}

fn named_with_accuracy(result: &VariantResult) -> String {
    let name = quoted(&result.variant.label);
    match result.estimate(Metric::ValAccuracy) {
        Some(estimate) => say!("answer-name-with-accuracy", name = name, accuracy = percent(estimate.mean)),
        None => name,
    }
}

/// How many of the source's validation accuracies the trials could have produced.
fn agreement(analysis: &Analysis) -> Option<String> {
    let of_accuracy = |result: &VariantResult| {
        result.source.iter().find(|figure| figure.metric == Metric::ValAccuracy).and_then(|figure| figure.compatible)
    };
    let judged: Vec<bool> = analysis.variants.iter().filter_map(of_accuracy).collect();
    let compatible = judged.iter().filter(|compatible| **compatible).count();
    (!judged.is_empty())
        .then(|| say!("answer-agreement", compatible = compatible.to_string(), judged = judged.len().to_string()))
}
