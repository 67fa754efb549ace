//! Claims as the pages show them: the source's words, its figure, ours, the verdict, and what the verdict rests on.

use serde::Serialize;

use super::ReportError;
use super::quantity::{bound_in_words, direction_in_words, name, show, show_interval};
use super::text::{capitalised, counted, list, percent, plain, quoted, share};
use crate::claims::{Judged, Reason, Registration};
use crate::config::{Experiment, Quantity, Reported, Test, VariantId, Verdict};

/// Major version of `claims.json`.
const SCHEMA: u32 = 1;

/// One row of the claims table, with its details.
#[derive(Serialize)]
pub struct ClaimView {
    id: String,
    quote: Option<String>,
    says: String,
    /// `supported`, `refuted` or `inconclusive`.
    verdict: &'static str,
    symbol: &'static str,
    /// The source's figure for the same quantity.
    reported: Option<String>,
    estimate: Option<String>,
    interval: Option<String>,
    seeds: usize,
    /// What is measured and where the claim says it lies.
    test: String,
    /// Why the verdict is what it is, and what it rests on, sentence by sentence.
    details: Vec<String>,
    /// Said prominently: the claim was not written down before the results.
    warning: Option<&'static str>,
}

/// How many claims got which verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct VerdictCounts {
    pub supported: usize,
    pub refuted: usize,
    pub inconclusive: usize,
}

impl VerdictCounts {
    pub fn of(judged: &[Judged]) -> Self {
        let count = |wanted| judged.iter().filter(|judged| judged.verdict == wanted).count();
        Self {
            supported: count(Verdict::Supported),
            refuted: count(Verdict::Refuted),
            inconclusive: count(Verdict::Inconclusive),
        }
    }
}

/// `claims.json`: every claim with its verdict, unrounded.
///
/// # Errors
/// When a figure has no JSON form.
pub fn json(judged: &[Judged]) -> Result<String, ReportError> {
    #[derive(Serialize)]
    struct Claims<'a> {
        schema: u32,
        counts: VerdictCounts,
        claims: &'a [Judged],
    }
    let claims = Claims { schema: SCHEMA, counts: VerdictCounts::of(judged), claims: judged };
    let mut text = serde_json::to_string_pretty(&claims).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

/// One sentence over all claims; `None` where there are none.
pub fn overview(judged: &[Judged]) -> Option<String> {
    let counts = VerdictCounts::of(judged);
    let parts: Vec<String> =
        [(counts.supported, "supported"), (counts.refuted, "refuted"), (counts.inconclusive, "left open")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
    (!judged.is_empty()).then(|| format!("Of {}, {}.", counted(judged.len(), "claim"), list(&parts)))
}

pub fn views(experiment: &Experiment, judged: &[Judged]) -> Vec<ClaimView> {
    judged.iter().map(|judged| view(experiment, judged)).collect()
}

fn view(experiment: &Experiment, judged: &Judged) -> ClaimView {
    let claim = &judged.claim;
    let metric = claim.test.metric();
    let is_difference = !matches!(claim.test, Test::Level { .. });
    let (verdict, symbol) = match judged.verdict {
        Verdict::Supported => ("supported", "✓"),
        Verdict::Refuted => ("refuted", "✗"),
        Verdict::Inconclusive => ("inconclusive", "?"),
    };
    ClaimView {
        id: claim.id.to_string(),
        quote: claim.quote.as_deref().map(plain),
        says: plain(&claim.says),
        verdict,
        symbol,
        reported: reported(&claim.reported, metric).map(|value| show(metric, value, false)),
        estimate: judged.estimate.map(|value| show(metric, value, is_difference)),
        interval: judged.interval.map(|interval| show_interval(metric, &interval, is_difference)),
        seeds: judged.sample.seeds,
        test: test_in_words(experiment, &claim.test),
        details: details(experiment, judged, is_difference),
        warning: match judged.registration {
            Registration::Before | Registration::Unknown => None,
            Registration::Changed => Some("changed after there were results"),
            Registration::Added => Some("added after there were results"),
        },
    }
}

fn reported(reported: &Reported, metric: Quantity) -> Option<f64> {
    match metric {
        Quantity::ValAccuracy => reported.val_accuracy,
        Quantity::ValLoss => reported.val_loss,
        Quantity::TrainAccuracy => reported.train_accuracy,
        Quantity::TrainLoss => reported.train_loss,
        _ => None,
    }
}

fn test_in_words(experiment: &Experiment, test: &Test) -> String {
    let label = |id: &VariantId| label(experiment, id);
    match test {
        Test::Level { metric, of, bound } => {
            format!("{} of {} lies {}", capitalised(name(*metric)), label(of), bound_in_words(*metric, bound, false))
        }
        Test::Difference { metric, of, minus, bound } => format!(
            "{}: {} minus {}, seed by seed, lies {}",
            capitalised(name(*metric)),
            label(of),
            label(minus),
            bound_in_words(*metric, bound, true)
        ),
        Test::Trend { metric, along, direction } => format!(
            "{} {} with every step over {}",
            capitalised(name(*metric)),
            direction_in_words(*direction),
            list(&along.iter().map(label).collect::<Vec<_>>())
        ),
    }
}

fn label(experiment: &Experiment, id: &VariantId) -> String {
    let variant = experiment.variants.iter().find(|variant| variant.id == *id);
    quoted(variant.map_or(id.as_str(), |variant| &variant.label))
}

fn details(experiment: &Experiment, judged: &Judged, is_difference: bool) -> Vec<String> {
    let mut details = vec![trials(judged)];
    details.extend(judged.reason.map(|reason| reason_in_words(reason).to_owned()));
    if let Some(step) = &judged.step {
        let (from, to) = (label(experiment, &step.from), label(experiment, &step.to));
        details.push(format!("The figures are those of the step from {from} to {to}, the one nearest to failing."));
    }
    if let Some(interval) = judged.interval {
        let metric = judged.claim.test.metric();
        details.push(format!(
            "The {} interval is {}.",
            share(judged.claim.confidence),
            show_interval(metric, &interval, is_difference)
        ));
    }
    details.extend(judged.effect_size.map(|effect| {
        let side = if effect < 0.0 { "against the claim" } else { "on the claim’s side" };
        format!("The estimate lies {:.1} standard deviations from the bound, {side}.", effect.abs())
    }));
    details.extend(
        judged
            .probability_of_superiority
            .map(|share| format!("The first side is above the other in {} of all pairs.", percent(share))),
    );
    details.extend(judged.seeds_to_settle.map(|seeds| {
        format!(
            "{} would probably settle it, if they had the same mean and spread.",
            capitalised(&counted(seeds as usize, "seed"))
        )
    }));
    details.extend(judged.p_value.map(|p| match judged.corrected {
        Some(corrected) if corrected.verdict != judged.verdict => format!(
            "p {}; after Holm’s correction over all claims p {}, and the verdict would be {}.",
            p_in_words(p),
            p_in_words(corrected.p_value),
            word(corrected.verdict)
        ),
        Some(corrected) => {
            format!("p {}, after Holm’s correction over all claims p {}.", p_in_words(p), p_in_words(corrected.p_value))
        }
        None => format!("p {}.", p_in_words(p)),
    }));
    details.push(
        match judged.registration {
            Registration::Before => "The claim was written down before the first trial started.",
            Registration::Changed => "The claim was changed after there were results.",
            Registration::Added => "The claim was added after there were results.",
            Registration::Unknown => "Nothing records when the claim was written down.",
        }
        .to_owned(),
    );
    details
}

fn trials(judged: &Judged) -> String {
    let sample = judged.sample;
    let mut left_out = Vec::new();
    for (count, what) in
        [(sample.diverged, "diverged without such a figure"), (sample.failed, "failed"), (sample.missing, "missing")]
    {
        if count > 0 {
            left_out.push(format!("{count} {what}"));
        }
    }
    let guessing = match sample.diverged_as_chance {
        0 => String::new(),
        count => format!(" ({count} of them diverged and count as guessing)"),
    };
    let rest = if left_out.is_empty() { String::new() } else { format!("; {}", list(&left_out)) };
    format!("It rests on {} of {}{guessing}{rest}.", sample.seeds, counted(sample.planned, "seed"))
}

fn reason_in_words(reason: Reason) -> &'static str {
    match reason {
        Reason::NoValues => "No trial has this figure.",
        Reason::OneSeed => "One seed has no interval, so nothing is decided.",
        Reason::Diverged => "Trials that diverged have no such figure, and leaving them out would flatter the variant.",
        Reason::IntervalCrossesBound => "The interval reaches over the bound, so both are possible.",
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Refuted => "refuted",
        Verdict::Inconclusive => "inconclusive",
    }
}

fn p_in_words(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("= {p:.3}") }
}
