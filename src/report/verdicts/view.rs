//! A claim as a row of the page's first table, and as the list of everything its verdict rests on.

use serde::Serialize;

use super::bounds;
use super::reading::Reading;
use super::standing::Standing;
use super::words;
use crate::claims::{Counted, Discordant, Images, Judged, Look, Reason, Registration};
use crate::config::{ClaimId, Experiment, Reported, Test, VariantId, Verdict};
use crate::report::analysis::Analysis;
use crate::report::analysis::comparison::SourceComparison;
use crate::report::conclude::compatibility;
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::plots::Plot;
use crate::report::text::{capitalised, clauses, counted, list, p_value, percent, plain, range, ratio, share};

/// One claim as the templates see it.
#[derive(Debug, Serialize)]
pub struct ClaimView<'a> {
    /// Also the anchor of its evidence.
    id: String,
    /// Place in the experiment file, from 1.
    number: usize,
    /// The anchor of its heading in Markdown, as GitHub makes it.
    heading: String,
    quote: Option<String>,
    says: String,
    /// What of the figure makes the claim hold, in brief.
    bound: String,
    /// The source's own figures.
    reported: Vec<String>,
    estimate: Option<String>,
    interval: Option<String>,
    confidence: String,
    seeds: String,
    /// Trials that did not simply complete.
    exceptions: Vec<String>,
    verdict: Verdict,
    word: String,
    symbol: &'static str,
    reason: Option<String>,
    /// What the verdict becomes after Holm's correction, where that is something else.
    corrected: Option<String>,
    /// The verdict the experiment demands, and whether it holds.
    must: Option<String>,
    holds: Option<bool>,
    /// Set where the claim was changed or added when results existed.
    late: Option<String>,
    /// (term, description) of everything the verdict rests on.
    evidence: Vec<(String, String)>,
    /// Where its estimate lies against what it says.
    strip: Option<&'a str>,
    /// The same on the scale of all claims.
    standing: Option<Standing>,
    /// Places of the variants it is about.
    variants: Vec<usize>,
}

/// Every claim in the order given; `strips` are the drawings of those that have one.
pub fn views<'a>(judged: &[Judged], analysis: &Analysis, strips: &'a [(ClaimId, Plot)]) -> Vec<ClaimView<'a>> {
    (1..).zip(judged).map(|(number, judged)| view(number, judged, analysis, strips)).collect()
}

fn view<'a>(number: usize, judged: &Judged, analysis: &Analysis, strips: &'a [(ClaimId, Plot)]) -> ClaimView<'a> {
    let experiment = analysis.experiment;
    let claim = &judged.claim;
    let reading = Reading::of(&claim.test);
    let place = |id: &VariantId| experiment.variants.iter().position(|variant| variant.id == *id);
    ClaimView {
        id: claim.id.to_string(),
        number,
        heading: say!("page-claim-number", number = number.to_string()).to_lowercase().replace(' ', "-"),
        quote: claim.quote.as_deref().map(plain),
        says: plain(&claim.says),
        bound: words::bound(claim),
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
        evidence: evidence(judged, analysis),
        strip: strips.iter().find(|(id, _)| *id == claim.id).map(|(_, plot)| plot.svg.as_str()),
        standing: Standing::of(judged),
        variants: claim.test.variants().into_iter().filter_map(place).collect(),
    }
}

fn is_late(registration: Registration) -> bool {
    matches!(registration, Registration::Changed | Registration::Added)
}

fn corrected(judged: &Judged) -> Option<String> {
    let corrected = judged.corrected.filter(|corrected| corrected.verdict != judged.verdict)?;
    Some(words::verdict(corrected.verdict))
}

/// The figures the claim gives; else, where it is about one variant, that which the source reports of it. Of a comparison
/// a source has said nothing by reporting one side of it.
fn reported(judged: &Judged, experiment: &Experiment) -> Vec<String> {
    let stated = stated(&judged.claim.reported, experiment);
    if !stated.is_empty() {
        return stated;
    }
    let Test::Level { of, metric, .. } = &judged.claim.test else { return vec![] };
    let variant = experiment.variants.iter().find(|variant| variant.id == *of);
    let figure = variant.and_then(|variant| variant.reported.of(*metric));
    figure.map(|figure| Reading::level(*metric).show(figure)).into_iter().collect()
}

fn stated(figures: &Reported, experiment: &Experiment) -> Vec<String> {
    let shown = experiment.metrics.series().filter_map(|metric| {
        let figure = metric.show(figures.of(metric)?);
        Some(say!("stated-figure", figure = figure, quantity = metric.in_words()))
    });
    shown.collect()
}

fn evidence(judged: &Judged, analysis: &Analysis) -> Vec<(String, String)> {
    let experiment = analysis.experiment;
    let claim = &judged.claim;
    let reading = Reading::of(&claim.test);
    let of_rounds = judged.sample.counted == Counted::Rounds;
    let what = match &claim.test {
        Test::Level { .. } if of_rounds => "evidence-mean-of-rounds",
        Test::Level { .. } => "evidence-mean",
        Test::Difference { .. } => "evidence-mean-difference",
        Test::Ratio { .. } => "evidence-mean-ratio",
        Test::Trend { .. } => "evidence-nearest-step",
    };
    let rows = [
        ("evidence-test", Some(words::test(claim, experiment))),
        (what, judged.estimate.map(|estimate| reading.show(estimate))),
        (
            "evidence-step",
            judged
                .step
                .as_ref()
                .map(|step| say!("evidence-step-between", from = step.from.as_str(), to = step.to.as_str())),
        ),
        (
            "evidence-interval",
            judged.interval.map(|interval| {
                say!("evidence-interval-with", interval = reading.span(&interval), confidence = confidence(judged))
            }),
        ),
        ("evidence-because", claim.because.as_deref().map(plain)),
        ("evidence-bounds", bounds::holds_for(judged)),
        ("evidence-reported", reported_run(judged, analysis)),
        ("evidence-reason", judged.reason.map(|reason| say!("sentence", text = capitalised(&words::reason(reason))))),
        (if of_rounds { "evidence-rounds" } else { "evidence-seeds" }, Some(trials(judged))),
        ("evidence-look", judged.look.map(|look| look_of(&look))),
        ("evidence-distance", judged.effect_size.map(in_deviations)),
        ("evidence-superiority", judged.probability_of_superiority.map(|found| superiority(found, judged))),
        ("evidence-interquartile", judged.interquartile_mean.map(|mean| middle_half(mean, judged, &reading))),
        ("evidence-images", judged.images.as_ref().map(|images| other_images(images, judged, &reading))),
        ("evidence-discordant", judged.images.as_ref().and_then(|images| discordant(&images.discordant))),
        (
            "evidence-detectable",
            judged.minimum_detectable_effect.map(|effect| detectable(judged, reading.distance(effect))),
        ),
        (
            if of_rounds { "evidence-settling-of-rounds" } else { "evidence-settling" },
            // Of the next looks each has another share of the error: `run --settle` says what they would do.
            judged.seeds_to_settle.filter(|_| judged.look.is_none()).map(|seeds| settling(judged, seeds as usize)),
        ),
        ("evidence-p", judged.p_value.map(|p| say!("evidence-p-value", p = p_value(p)))),
        ("evidence-holm", judged.corrected.map(|_| correction(judged))),
        ("evidence-demand", claim.must.map(|must| demand(judged, words::verdict(must)))),
        (
            "evidence-registration",
            Some(say!("sentence", text = capitalised(&words::registration(judged.registration)))),
        ),
    ];
    rows.into_iter().filter_map(|(term, description)| Some((say!(term), description?))).collect()
}

/// A source gives one run: whether that could be one more of these.
fn reported_run(judged: &Judged, analysis: &Analysis) -> Option<String> {
    let claim = &judged.claim;
    let Test::Level { of, metric, .. } = &claim.test else { return None };
    let result = analysis.variants.iter().find(|result| result.variant.id == *of).filter(|_| claim.at.is_last())?;
    let of_variant = &result.variant.reported;
    let reported = if claim.reported.of(*metric).is_some() { &claim.reported } else { of_variant };
    let finals: Vec<f64> = result.finals(*metric).into_values().collect();
    let figure = SourceComparison::of(*metric, reported, &finals, claim.confidence)?;
    let sentence = compatibility(&figure, finals.len(), claim.confidence);
    let shown = metric.show(figure.reported);
    (!finals.is_empty()).then(|| say!("evidence-reported-figure", figure = shown, sentence = sentence))
}

/// Of the claim; a trend has it for all of its steps together, each of which has a higher one.
fn confidence(judged: &Judged) -> String {
    let confidence = share(judged.claim.confidence);
    match judged.claim.test {
        Test::Level { .. } | Test::Difference { .. } | Test::Ratio { .. } => confidence,
        Test::Trend { .. } => say!("evidence-confidence-of-all-steps", confidence = confidence),
    }
}

fn trials(judged: &Judged) -> String {
    let mut parts = vec![words::seeds(&judged.sample)];
    parts.extend(words::exceptions(&judged.sample));
    clauses(&parts)
}

fn superiority(found: f64, judged: &Judged) -> String {
    let (here, confidence) = (percent(found), share(judged.claim.confidence));
    match judged.superiority_interval {
        Some(interval) => {
            let interval = range(percent(interval.lower), percent(interval.upper));
            say!("evidence-superiority-within", share = here, interval = interval, confidence = confidence)
        }
        None => here,
    }
}

fn middle_half(mean: f64, judged: &Judged, reading: &Reading) -> String {
    let (here, confidence) = (reading.show(mean), share(judged.claim.confidence));
    match judged.interquartile_interval {
        Some(interval) => {
            let interval = reading.span(&interval);
            say!("evidence-interquartile-within", mean = here, interval = interval, confidence = confidence)
        }
        None => here,
    }
}

fn other_images(images: &Images, judged: &Judged, reading: &Reading) -> String {
    let (interval, confidence) = (reading.span(&images.interval), share(judged.claim.confidence));
    let tested = counted(images.images, "test-image");
    match images.share {
        Some(share) => say!(
            "evidence-images-within",
            interval = interval,
            confidence = confidence,
            images = tested,
            share = percent(share)
        ),
        None => say!("evidence-images-alike", images = tested),
    }
}

/// `None` for a claim about one variant.
fn discordant(pairs: &[Discordant]) -> Option<String> {
    let one = |pair: &Discordant| {
        let [of, minus] = [pair.only_of, pair.only_minus].map(|images| images.to_string());
        let (seed, p) = (pair.seed.to_string(), p_value(pair.p_value));
        say!("evidence-discordant-seed", seed = seed, of = of, minus = minus, p = p)
    };
    (!pairs.is_empty()).then(|| clauses(&pairs.iter().map(one).collect::<Vec<_>>()))
}

fn look_of(look: &Look) -> String {
    let (number, of) = (look.number.to_string(), look.of.to_string());
    let seeds = counted(look.seeds as usize, "seed");
    say!("evidence-look-of", number = number, of = of, seeds = seeds, confidence = share(look.confidence))
}

fn in_deviations(effect_size: f64) -> String {
    let id = if effect_size < 0.0 { "evidence-deviations-other-side" } else { "evidence-deviations-claimed-side" };
    say!(id, number = ratio(effect_size.abs()))
}

fn detectable(judged: &Judged, distance: String) -> String {
    let seeds = words::repetitions(judged.sample.seeds, &judged.sample);
    say!("evidence-detectable-effect", distance = distance, seeds = seeds, power = "0.8")
}

fn settling(judged: &Judged, seeds: usize) -> String {
    say!("evidence-settling-seeds", seeds = words::repetitions(seeds, &judged.sample))
}

fn correction(judged: &Judged) -> String {
    let Some(corrected) = judged.corrected else { return String::new() };
    let verdict = words::verdict(corrected.verdict);
    let id = if corrected.verdict == judged.verdict { "evidence-holm-same" } else { "evidence-holm-other" };
    say!(id, p = p_value(corrected.p_value), verdict = verdict)
}

fn demand(judged: &Judged, must: String) -> String {
    let id = if judged.claim.must == Some(judged.verdict) { "evidence-demand-met" } else { "evidence-demand-unmet" };
    say!(id, must = must)
}

/// What was found, in one line for logs and summaries.
pub fn finding(judged: &Judged) -> String {
    let reading = Reading::of(&judged.claim.test);
    let verdict = words::verdict(judged.verdict);
    let interval = judged.interval.map(|interval| {
        say!("finding-interval", confidence = share(judged.claim.confidence), interval = reading.span(&interval))
    });
    let trials = trials(judged);
    let details = interval.map_or_else(|| trials.clone(), |interval| format!("{interval}, {trials}"));
    let found = match judged.estimate {
        Some(estimate) => {
            let estimate = words::at_point(&judged.claim, reading.show(estimate));
            say!("finding-with-estimate", verdict = verdict, estimate = estimate, details = details)
        }
        None => say!("finding", verdict = verdict, details = details),
    };
    clauses(&[Some(found), judged.reason.map(words::reason)].into_iter().flatten().collect::<Vec<_>>())
}

/// How many claims got which verdict, as one sentence; `None` without claims.
pub fn tally(judged: &[Judged]) -> Option<String> {
    let number = |wanted: &dyn Fn(&&Judged) -> bool| judged.iter().filter(wanted).count();
    let parts: Vec<_> = [
        ("tally-supported", number(&|judged| judged.verdict == Verdict::Supported)),
        ("tally-refuted", number(&|judged| judged.verdict == Verdict::Refuted)),
        ("tally-inconclusive", number(&|judged| judged.verdict == Verdict::Inconclusive && !is_untested(judged))),
        ("tally-untested", number(&|judged| is_untested(judged))),
    ]
    .into_iter()
    .filter(|(_, number)| *number > 0)
    .map(|(id, number)| say!(id, n = number, number = number.to_string()))
    .collect();
    let claims = counted(judged.len(), "claim");
    let lost = number(&|judged| corrected(judged).is_some());
    match (judged.is_empty(), lost) {
        (true, _) => None,
        (false, 0) => Some(say!("tally", claims = claims, parts = list(&parts))),
        (false, _) => {
            Some(say!("tally-with-lost", n = lost, lost = lost.to_string(), claims = claims, parts = list(&parts)))
        }
    }
}

/// No trial has what the claim is about, so there is nothing that could leave it open.
fn is_untested(judged: &Judged) -> bool {
    judged.reason == Some(Reason::NoValues) && judged.sample.diverged == 0 && judged.sample.failed == 0
}
