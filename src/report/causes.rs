//! What single settings can and cannot be the cause of, from pairs of variants that differ in nothing else.
//!
//! If a network fails with a setting and without it, that setting is not the sole cause. If it fails with and learns
//! without, the setting decides, given all the others as they are.

use super::analysis::comparison::Comparison;
use super::analysis::{Analysis, Fate, VariantResult};
use super::text::{capitalised, counted, list, quoted};

/// What the pairs of one sentence have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause<'a> {
    /// Both sides fail.
    NotSole { setting: &'static str, one: &'a str, other: &'a str },
    /// One side learns at every seed that ran, the other fails.
    Decides { setting: &'static str, learns: &'a str, fails: &'a str },
}

/// One sentence for each cause, with all pairs that show it; what decides comes first.
pub fn sentences(analysis: &Analysis) -> Vec<String> {
    all(analysis).iter().map(|(cause, pairs)| sentence(analysis, cause, pairs)).collect()
}

/// All causes as one sentence that names settings but no pairs; `None` without any.
///
/// A setting that decides somewhere is not also said to be no sole cause: which it is, the others decide.
pub fn in_brief(analysis: &Analysis) -> Option<String> {
    let causes = all(analysis);
    let mut deciding: Vec<(&str, String)> = vec![];
    for (cause, _) in &causes {
        if let Cause::Decides { setting, learns, fails } = cause
            && deciding.iter().all(|(known, _)| known != setting)
        {
            let subject = with_article(setting);
            deciding.push((
                setting,
                format!(
                    "{subject} decides whether the network learns (with {learns} it does, with {fails} it does not)"
                ),
            ));
        }
    }
    let mut innocent: Vec<&str> = vec![];
    for (cause, _) in &causes {
        if let Cause::NotSole { setting, .. } = cause
            && deciding.iter().all(|(known, _)| known != setting)
            && !innocent.contains(setting)
        {
            innocent.push(setting);
        }
    }
    let innocent = list(&innocent.into_iter().map(with_article).collect::<Vec<_>>());
    let innocent = (!innocent.is_empty())
        .then(|| format!("{innocent} cannot be the sole cause of the failure, since both sides of a pair fail"));
    let deciding = list(&deciding.into_iter().map(|(_, words)| words).collect::<Vec<_>>());
    match (deciding.is_empty(), innocent) {
        (true, None) => None,
        (true, Some(innocent)) => Some(format!("{}.", capitalised(&innocent))),
        (false, None) => Some(format!("{}.", capitalised(&deciding))),
        (false, Some(innocent)) => Some(format!("{}; {innocent}.", capitalised(&deciding))),
    }
}

/// Every cause with the pairs that show it; what decides comes first.
fn all<'a>(analysis: &'a Analysis) -> Vec<(Cause<'a>, Vec<&'a Comparison>)> {
    let mut causes: Vec<(Cause, Vec<&Comparison>)> = vec![];
    for pair in &analysis.comparisons {
        let Some(cause) = cause(analysis, pair) else { continue };
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, pairs)) => pairs.push(pair),
            None => causes.push((cause, vec![pair])),
        }
    }
    let (decisive, others): (Vec<_>, Vec<_>) =
        causes.into_iter().partition(|(cause, _)| matches!(cause, Cause::Decides { .. }));
    decisive.into_iter().chain(others).collect()
}

fn cause<'a>(analysis: &Analysis, pair: &'a Comparison) -> Option<Cause<'a>> {
    let (minuend, subtrahend) = (analysis.minuend(pair), analysis.subtrahend(pair));
    let (with, without) = (pair.difference.minuend.as_str(), pair.difference.subtrahend.as_str());
    let setting = pair.difference.knob;
    match (minuend.fate.fails_to_learn(), subtrahend.fate.fails_to_learn()) {
        (true, true) => Some(Cause::NotSole { setting, one: with, other: without }),
        (false, true) if learns_always(minuend) => Some(Cause::Decides { setting, learns: with, fails: without }),
        (true, false) if learns_always(subtrahend) => Some(Cause::Decides { setting, learns: without, fails: with }),
        _ => None,
    }
}

/// Above chance, and no seed diverged: a setting that loses some seeds has not decided anything.
fn learns_always(result: &VariantResult) -> bool {
    result.fate == Fate::AboveChance && result.counts.diverged == 0
}

fn sentence(analysis: &Analysis, cause: &Cause, pairs: &[&Comparison]) -> String {
    let named: Vec<_> = pairs.iter().map(|pair| in_words(analysis, cause, pair)).collect();
    let named = named.join("; ");
    let pairs_differ = if pairs.len() == 1 {
        "One pair differs".to_owned()
    } else {
        format!("{} differ", counted(pairs.len(), "pair"))
    };
    let finding = match cause {
        Cause::NotSole { setting, one, other } => format!(
            "{pairs_differ} only in {setting} ({one} against {other}), and neither side learns: {named}. \
             So {} cannot be the sole cause of the failure.",
            with_article(setting)
        ),
        Cause::Decides { setting, learns, fails } => format!(
            "{pairs_differ} only in {setting}, and the side with {learns} learns while the side with {fails} does not: \
             {named}. With everything else as it is here, {} decides whether the network learns.",
            with_article(setting)
        ),
    };
    format!("{finding}{}", caveat(analysis, pairs).unwrap_or_default())
}

/// A setting as the subject of a sentence.
fn with_article(setting: &str) -> String {
    let stands_alone = ["normalisation", "dropout", "momentum", "weight decay", "warm-up"].contains(&setting);
    if stands_alone { setting.to_owned() } else { format!("the {setting}") }
}

fn in_words(analysis: &Analysis, cause: &Cause, pair: &Comparison) -> String {
    let (minuend, subtrahend) = (analysis.minuend(pair), analysis.subtrahend(pair));
    match cause {
        Cause::NotSole { .. } => format!("{} and {}", with_fate(minuend), with_fate(subtrahend)),
        Cause::Decides { .. } if learns_always(minuend) => {
            format!("{} against {}", name(minuend), with_fate(subtrahend))
        }
        Cause::Decides { .. } => format!("{} against {}", name(subtrahend), with_fate(minuend)),
    }
}

fn caveat(analysis: &Analysis, pairs: &[&Comparison]) -> Option<&'static str> {
    let mut sides = pairs.iter().flat_map(|pair| [analysis.minuend(pair), analysis.subtrahend(pair)]);
    let rests_on_one = sides.any(|result| result.counts.completed + result.counts.diverged == 1);
    rests_on_one.then_some(" This rests on a single seed of some variant.")
}

fn with_fate(result: &VariantResult) -> String {
    format!("{} ({})", name(result), result.fate.in_words())
}

fn name(result: &VariantResult) -> String {
    quoted(&result.variant.label)
}
