//! A claim as a row of the page's first table, and as the list of everything its verdict rests on.

use serde::Serialize;

use super::quantity::{self, Reading};
use super::words;
use crate::claims::{Judged, Registration};
use crate::config::{ClaimId, Experiment, Quantity, Reported, Test, VariantId, Verdict};
use crate::report::plots::Plot;
use crate::report::text::{capitalised, counted, list, p_value, percent, plain, ratio, share};

/// One claim as the templates see it.
#[derive(Debug, Serialize)]
pub struct ClaimView<'a> {
    /// Also the anchor of its evidence.
    id: String,
    /// Place in the experiment file, from 1.
    number: usize,
    quote: Option<String>,
    says: String,
    /// The source's own figures.
    reported: Vec<String>,
    estimate: Option<String>,
    interval: Option<String>,
    confidence: String,
    seeds: String,
    /// Trials that did not simply complete.
    exceptions: Vec<String>,
    verdict: Verdict,
    word: &'static str,
    symbol: &'static str,
    reason: Option<&'static str>,
    /// What the verdict becomes after Holm's correction, where that is something else.
    corrected: Option<&'static str>,
    /// The verdict the experiment demands, and whether it holds.
    must: Option<&'static str>,
    holds: Option<bool>,
    /// Set where the claim was changed or added when results existed.
    late: Option<&'static str>,
    /// (term, description) of everything the verdict rests on.
    evidence: Vec<(&'static str, String)>,
    /// Where its estimate lies against what it says.
    strip: Option<&'a str>,
}

/// Every claim in the order given; `strips` are the drawings of those that have one.
pub fn views<'a>(judged: &[Judged], experiment: &Experiment, strips: &'a [(ClaimId, Plot)]) -> Vec<ClaimView<'a>> {
    (1..).zip(judged).map(|(number, judged)| view(number, judged, experiment, strips)).collect()
}

fn view<'a>(number: usize, judged: &Judged, experiment: &Experiment, strips: &'a [(ClaimId, Plot)]) -> ClaimView<'a> {
    let claim = &judged.claim;
    let reading = Reading::of(&claim.test);
    ClaimView {
        id: claim.id.to_string(),
        number,
        quote: claim.quote.as_deref().map(plain),
        says: plain(&claim.says),
        reported: reported(judged, experiment),
        estimate: judged.estimate.map(|estimate| reading.show(estimate)),
        interval: judged.interval.map(|interval| reading.span(&interval)),
        confidence: share(claim.confidence),
        seeds: words::seeds(&judged.sample),
        exceptions: words::exceptions(&judged.sample),
        verdict: judged.verdict,
        word: words::verdict(judged.verdict),
        symbol: words::symbol(judged.verdict),
        reason: judged.reason.map(words::reason),
        corrected: corrected(judged),
        must: claim.must.map(words::verdict),
        holds: claim.must.map(|must| must == judged.verdict),
        late: is_late(judged.registration).then(|| words::registration(judged.registration)),
        evidence: evidence(judged, experiment),
        strip: strips.iter().find(|(id, _)| *id == claim.id).map(|(_, plot)| plot.svg.as_str()),
    }
}

fn is_late(registration: Registration) -> bool {
    matches!(registration, Registration::Changed | Registration::Added)
}

fn corrected(judged: &Judged) -> Option<&'static str> {
    let corrected = judged.corrected.filter(|corrected| corrected.verdict != judged.verdict)?;
    Some(words::verdict(corrected.verdict))
}

/// The figures the claim gives; else those the source reports for the variants it is about.
fn reported(judged: &Judged, experiment: &Experiment) -> Vec<String> {
    let stated = stated(&judged.claim.reported);
    if !stated.is_empty() {
        return stated;
    }
    let quantity = Reading::of(&judged.claim.test).quantity;
    let of_variant = |id: &VariantId| {
        let variant = experiment.variants.iter().find(|variant| variant.id == *id)?;
        let figure = quantity::reported(quantity, &variant.reported)?;
        Some((plain(&variant.label), Reading::level(quantity).show(figure)))
    };
    match &judged.claim.test {
        Test::Level { of, .. } => of_variant(of).into_iter().map(|(_, figure)| figure).collect(),
        Test::Difference { of, minus, .. } => named([of, minus].into_iter().filter_map(of_variant)),
        Test::Trend { along, .. } => named(along.iter().filter_map(of_variant)),
    }
}

fn named(figures: impl Iterator<Item = (String, String)>) -> Vec<String> {
    figures.map(|(label, figure)| format!("{label}: {figure}")).collect()
}

fn stated(figures: &Reported) -> Vec<String> {
    let order = [Quantity::ValAccuracy, Quantity::ValLoss, Quantity::TrainAccuracy, Quantity::TrainLoss];
    let shown = order.into_iter().filter_map(|quantity| {
        let figure = quantity::reported(quantity, figures)?;
        Some((quantity, Reading::level(quantity).show(figure)))
    });
    shown.map(|(quantity, figure)| format!("{figure} {}", quantity::name(quantity))).collect()
}

fn evidence(judged: &Judged, experiment: &Experiment) -> Vec<(&'static str, String)> {
    let claim = &judged.claim;
    let reading = Reading::of(&claim.test);
    let what = match &claim.test {
        Test::Level { .. } => "Mean over seeds",
        Test::Difference { .. } => "Mean difference",
        Test::Trend { .. } => "Step nearest to failing",
    };
    let rows = [
        ("Test", Some(words::test(claim, experiment))),
        (what, judged.estimate.map(|estimate| reading.show(estimate))),
        ("Step", judged.step.as_ref().map(|step| format!("from {} to {}", step.from, step.to))),
        ("Interval", judged.interval.map(|interval| format!("{} ({})", reading.span(&interval), confidence(judged)))),
        ("Why this verdict", judged.reason.map(|reason| format!("{}.", capitalised(words::reason(reason))))),
        ("Seeds", Some(trials(judged))),
        ("Distance from the bound", judged.effect_size.map(in_deviations)),
        ("Probability of superiority", judged.probability_of_superiority.map(percent)),
        (
            "Detectable effect",
            judged.minimum_detectable_effect.map(|effect| detectable(judged, reading.distance(effect))),
        ),
        ("Seeds that would settle it", judged.seeds_to_settle.map(|seeds| settling(seeds as usize))),
        ("Two-sided p", judged.p_value.map(|p| format!("p {}", p_value(p)))),
        ("After Holm’s correction", judged.corrected.map(|_| correction(judged))),
        ("Demanded", claim.must.map(|must| demand(judged, words::verdict(must)))),
        ("Registration", Some(format!("{}.", capitalised(words::registration(judged.registration))))),
    ];
    rows.into_iter().filter_map(|(term, description)| Some((term, description?))).collect()
}

/// Of the claim; a trend has it for all of its steps together, each of which has a higher one.
fn confidence(judged: &Judged) -> String {
    let confidence = share(judged.claim.confidence);
    match judged.claim.test {
        Test::Level { .. } | Test::Difference { .. } => confidence,
        Test::Trend { .. } => format!("{confidence} for all steps together"),
    }
}

fn trials(judged: &Judged) -> String {
    let mut parts = vec![words::seeds(&judged.sample)];
    parts.extend(words::exceptions(&judged.sample));
    parts.join("; ")
}

fn in_deviations(effect_size: f64) -> String {
    let side = if effect_size < 0.0 { "on the other side" } else { "on the claimed side" };
    format!("{} sample standard deviations {side} (Cohen’s d of one sample)", ratio(effect_size.abs()))
}

fn detectable(judged: &Judged, distance: String) -> String {
    let seeds = counted(judged.sample.seeds, "seed");
    format!("{distance} from the bound would be shown by {seeds} of this spread with probability 0.8")
}

fn settling(seeds: usize) -> String {
    format!("probably {}, had they the same mean and spread", counted(seeds, "seed"))
}

fn correction(judged: &Judged) -> String {
    let Some(corrected) = judged.corrected else { return String::new() };
    let verdict = words::verdict(corrected.verdict);
    let change = if corrected.verdict == judged.verdict { "still" } else { "no longer the same:" };
    format!("p {}, {change} {verdict}", p_value(corrected.p_value))
}

fn demand(judged: &Judged, must: &str) -> String {
    let holds = if judged.claim.must == Some(judged.verdict) { "it is" } else { "it is not" };
    format!("The experiment demands that this be {must}; {holds}.")
}

/// What was found, in one line for logs and summaries.
pub fn finding(judged: &Judged) -> String {
    let reading = Reading::of(&judged.claim.test);
    let estimate = judged.estimate.map(|estimate| format!(": {}", reading.show(estimate)));
    let interval = judged
        .interval
        .map(|interval| format!("{} interval {}", share(judged.claim.confidence), reading.span(&interval)));
    let mut details: Vec<_> = interval.into_iter().collect();
    details.push(trials(judged));
    let reason = judged.reason.map(|reason| format!("; {}", words::reason(reason)));
    format!(
        "{}{} ({}){}",
        words::verdict(judged.verdict),
        estimate.unwrap_or_default(),
        details.join(", "),
        reason.unwrap_or_default()
    )
}

/// How many claims got which verdict, as one sentence; `None` without claims.
pub fn tally(judged: &[Judged]) -> Option<String> {
    let parts: Vec<_> = [Verdict::Supported, Verdict::Refuted, Verdict::Inconclusive]
        .into_iter()
        .filter_map(|verdict| {
            let number = judged.iter().filter(|judged| judged.verdict == verdict).count();
            (number > 0).then(|| format!("{number} {}", in_a_tally(verdict, number)))
        })
        .collect();
    (!judged.is_empty()).then(|| format!("Of {} put to the test, {}.", counted(judged.len(), "claim"), list(&parts)))
}

fn in_a_tally(verdict: Verdict, number: usize) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    let word = match verdict {
        Verdict::Supported | Verdict::Refuted => words::verdict(verdict),
        Verdict::Inconclusive => "left open",
    };
    format!("{verb} {word}")
}
