//! What single settings can and cannot be the cause of, from pairs of variants that differ in nothing else.
//!
//! If a network fails with a setting and without it, that setting is not the sole cause. If it fails with and learns
//! without, the setting decides, given all the others as they are.

use super::analysis::comparison::Comparison;
use super::analysis::knobs::{PERFORMER, differences, setting_in_words};
use super::analysis::{Analysis, Fate, VariantResult};
use super::language::say;
use super::text::{capitalised, clauses, counted, list, paragraph, quoted};

/// What the pairs of one sentence have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause<'a> {
    /// Both sides fail.
    NotSole { setting: &'a str, one: &'a str, other: &'a str },
    /// One side learns at every seed that ran, the other fails.
    Decides { setting: &'a str, learns: &'a str, fails: &'a str },
}

/// One sentence for each cause, with all pairs that show it; what decides comes first.
pub fn sentences(analysis: &Analysis) -> Vec<String> {
    all(analysis).iter().map(|(cause, pairs)| sentence(analysis, cause, pairs)).collect()
}

/// The first setting that decides anything.
pub fn first_deciding(analysis: &Analysis) -> Option<String> {
    all(analysis).iter().find_map(|(cause, _)| match cause {
        Cause::Decides { setting, .. } => Some((*setting).to_owned()),
        Cause::NotSole { .. } => None,
    })
}

/// All causes in sentences that name settings but no pairs.
///
/// A setting that decides somewhere is not also said to be no sole cause: which it is, the others decide.
pub fn in_brief(analysis: &Analysis) -> Vec<String> {
    let causes = all(analysis);
    let mut deciding: Vec<(&str, String)> = vec![];
    for (cause, pairs) in &causes {
        if let Cause::Decides { setting, learns, fails } = *cause
            && deciding.iter().all(|(known, _)| *known != setting)
        {
            let subject = capitalised(&subject(setting));
            let (learns, fails) = (with_or_without(learns), with_or_without(fails));
            let decides = say!("cause-decides-in-brief", setting = subject, learns = learns, fails = fails.as_str());
            let elsewhere = exception_in_brief(&fails, &exceptions(analysis, pairs));
            deciding.push((setting, paragraph([Some(decides), elsewhere].into_iter().flatten())));
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
    let n = innocent.len();
    let innocent = capitalised(&list(&innocent.into_iter().map(subject).collect::<Vec<_>>()));
    let innocent = (n > 0).then(|| say!("cause-not-sole-in-brief", n = n, settings = innocent));
    deciding.into_iter().map(|(_, words)| words).chain(innocent).collect()
}

/// A value of a setting as the end of a clause.
fn with_or_without(value: &str) -> String {
    if value == say!("value-none") { say!("cause-without") } else { say!("cause-with", value = value) }
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
    let setting = pair.difference.knob.as_str();
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
    let (n, count, named) = (pairs.len(), counted(pairs.len(), "pair"), clauses(&named));
    let finding = match *cause {
        // What decides elsewhere is not acquitted by a pair that fails with both of two other values.
        Cause::NotSole { setting, one, other } => say!(
            if decides_somewhere(analysis, setting) { "cause-neither" } else { "cause-not-sole" },
            n = n,
            pairs = count,
            setting = setting_in_words(setting),
            one = one,
            other = other,
            named = named,
            subject = subject(setting),
        ),
        Cause::Decides { setting, learns, fails } => say!(
            "cause-decides",
            n = n,
            pairs = count,
            setting = setting_in_words(setting),
            learns = with_or_without(learns),
            fails = with_or_without(fails),
            named = named,
            subject = subject(setting),
        ),
    };
    let elsewhere = match *cause {
        Cause::Decides { fails, .. } => exception(fails, &exceptions(analysis, pairs)),
        Cause::NotSole { .. } => None,
    };
    paragraph([Some(finding), elsewhere, caveat(analysis, pairs)].into_iter().flatten())
}

/// A setting as the subject of a sentence.
fn subject(setting: &str) -> String {
    let stands_alone = ["normalisation", "dropout", "momentum", "weight decay", "warm-up"].contains(&setting);
    let words = setting_in_words(setting);
    if stands_alone { words } else { say!("cause-the-setting", setting = words) }
}

fn in_words(analysis: &Analysis, cause: &Cause, pair: &Comparison) -> String {
    let (minuend, subtrahend) = (analysis.minuend(pair), analysis.subtrahend(pair));
    let against = |learns, fails| say!("cause-against", learns = name(learns), fails = with_fate(fails));
    match cause {
        Cause::NotSole { .. } => list(&[with_fate(minuend), with_fate(subtrahend)]),
        Cause::Decides { .. } if learns_always(minuend) => against(minuend, subtrahend),
        Cause::Decides { .. } => against(subtrahend, minuend),
    }
}

fn decides_somewhere(analysis: &Analysis, setting: &str) -> bool {
    all(analysis).iter().any(|(cause, _)| matches!(cause, Cause::Decides { setting: known, .. } if *known == setting))
}

/// Variants that learn although they have what fails in these pairs, because something else about them is different.
fn exceptions<'a>(analysis: &'a Analysis<'_>, pairs: &[&Comparison]) -> Vec<&'a VariantResult<'a>> {
    let Some(pair) = pairs.first() else { return vec![] };
    let (minuend, subtrahend) = (analysis.minuend(pair), analysis.subtrahend(pair));
    let fails = if learns_always(minuend) { subtrahend } else { minuend };
    let has_it = |variant: &VariantResult| {
        // One that somebody else performs has settings of its own, whatever they are called.
        let is_other = |knob: &str| knob == pair.difference.knob || knob == PERFORMER;
        !differences(variant.variant, fails.variant).iter().any(|difference| is_other(&difference.knob))
    };
    analysis.variants.iter().filter(|variant| variant.fate == Fate::AboveChance && has_it(variant)).collect()
}

fn exception(fails: &str, variants: &[&VariantResult]) -> Option<String> {
    let names: Vec<_> = variants.iter().map(|variant| name(variant)).collect();
    (!names.is_empty())
        .then(|| say!("cause-exception", n = names.len(), names = list(&names), fails = with_or_without(fails)))
}

/// More than two are counted and not named.
fn exception_in_brief(fails: &str, variants: &[&VariantResult]) -> Option<String> {
    const MOST_NAMES: usize = 2;
    let names = match variants.len() {
        0 => return None,
        number if number > MOST_NAMES => counted(number, "variant"),
        _ => list(&variants.iter().map(|variant| name(variant)).collect::<Vec<_>>()),
    };
    Some(say!("cause-exception-in-brief", n = variants.len(), names = names, fails = fails))
}

fn caveat(analysis: &Analysis, pairs: &[&Comparison]) -> Option<String> {
    let mut sides = pairs.iter().flat_map(|pair| [analysis.minuend(pair), analysis.subtrahend(pair)]);
    let rests_on_one = sides.any(|result| result.counts.completed + result.counts.diverged == 1);
    rests_on_one.then(|| say!("cause-single-seed"))
}

fn with_fate(result: &VariantResult) -> String {
    say!("cause-with-fate", name = name(result), fate = result.fate.in_words())
}

fn name(result: &VariantResult) -> String {
    quoted(&result.variant.label)
}
