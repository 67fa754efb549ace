//! The answer: the question put to all variants, what decides it, and how the claims fare, in three sentences at most.

use super::analysis::metric::Metric;
use super::analysis::{Analysis, Fate, VariantResult};
use super::causes;
use super::text::{capitalised, counted, list, percent, quoted};
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
    let chance = analysis.chance.map(|chance| format!("with chance at {}, ", percent(chance.accuracy)));
    capitalised(&format!("{}{}.", chance.unwrap_or_default(), groups.join("; ")))
}

fn group(analysis: &Analysis, fate: Fate, names_all: bool) -> Option<String> {
    let members: Vec<_> = analysis.variants.iter().filter(|result| result.fate == fate).collect();
    let words = fate.in_words();
    if members.is_empty() {
        return None;
    }
    if names_all {
        return Some(format!("{words}: {}", list(&members.iter().map(|m| named_with_accuracy(m)).collect::<Vec<_>>())));
    }
    let best = members
        .iter()
        .filter_map(|result| Some((result, result.estimate(Metric::ValAccuracy)?.mean)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    let best =
        best.filter(|_| fate == Fate::AboveChance).map(|(result, _)| format!(", best {}", named_with_accuracy(result)));
    Some(format!("{words}: {}{}", counted(members.len(), "variant"), best.unwrap_or_default()))
}

fn named_with_accuracy(result: &VariantResult) -> String {
    let accuracy = result.estimate(Metric::ValAccuracy).map(|estimate| format!(" ({})", percent(estimate.mean)));
    format!("{}{}", quoted(&result.variant.label), accuracy.unwrap_or_default())
}

/// How many of the source's validation accuracies the trials could have produced.
fn agreement(analysis: &Analysis) -> Option<String> {
    let of_accuracy = |result: &VariantResult| {
        result.source.iter().find(|figure| figure.metric == Metric::ValAccuracy).and_then(|figure| figure.compatible)
    };
    let judged: Vec<bool> = analysis.variants.iter().filter_map(of_accuracy).collect();
    let compatible = judged.iter().filter(|compatible| **compatible).count();
    (!judged.is_empty()).then(|| {
        format!(
            "Validation accuracies reported by the source that could have come from one further trial here: {compatible} \
             of {} with enough seeds to tell.",
            judged.len()
        )
    })
}
