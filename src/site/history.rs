//! One experiment over time: verdicts side by side, and the accuracy of every variant with what can be shown of its drift.

use serde::Serialize;

use super::index::Run;
use super::{Published, plot};
use crate::audit::difference::{FigureDifference, Finding, compare};
use crate::claims::Judged;
use crate::config::{ClaimId, Metric, Metrics, Variant, VariantId, Verdict};
use crate::report::language::say;
use crate::report::text::plain;
use crate::report::{InWords as _, ReportError, metric_range, verdict_symbol, verdict_word};
use crate::stats::Estimate;

#[derive(Debug, Serialize)]
pub struct History {
    id: String,
    title: String,
    question: Option<String>,
    /// Oldest first; columns of all that follows.
    runs: Vec<Run>,
    claims: Vec<ClaimRow>,
    /// Verdicts that are not those of the run before.
    changes: usize,
    variants: Vec<VariantRow>,
    /// Accuracies whose difference from the run before is shown.
    drifts: usize,
    plot: Option<Drawing>,
}

#[derive(Debug, Serialize)]
struct Drawing {
    title: String,
    reading: String,
    svg: String,
}

#[derive(Debug, Serialize)]
struct ClaimRow {
    says: String,
    /// `None` where the run did not have the claim.
    cells: Vec<Option<VerdictCell>>,
}

#[derive(Debug, Serialize)]
struct VerdictCell {
    verdict: Verdict,
    word: String,
    symbol: &'static str,
    /// Not what it was the last time.
    changed: bool,
}

#[derive(Debug, Serialize)]
struct VariantRow {
    label: String,
    cells: Vec<Option<AccuracyCell>>,
}

#[derive(Debug, Serialize)]
struct AccuracyCell {
    mean: String,
    interval: Option<(String, String)>,
    seeds: usize,
    /// Against the run before, where both have the variant.
    drift: Option<String>,
    /// Whether that is a shown difference.
    drifted: bool,
}

pub fn view(runs: &[&Published]) -> Result<History, ReportError> {
    let newest = runs.last().map(|run| &run.evidence.experiment);
    let claims: Vec<ClaimRow> = claim_rows(runs);
    let series = accuracies(runs);
    let variants: Vec<VariantRow> = series.iter().map(|series| variant_row(series, runs)).collect();
    let drawing =
        plot::draw(&series, runs)?.map(|plot| Drawing { title: plot.title, reading: plot.reading, svg: plot.svg });
    Ok(History {
        id: newest.map(|experiment| experiment.id.to_string()).unwrap_or_default(),
        title: newest.map(|experiment| plain(&experiment.title)).unwrap_or_default(),
        question: newest.and_then(|experiment| experiment.question.as_deref().map(plain)),
        runs: runs.iter().map(|run| Run::of(run, 1)).collect::<Result<_, _>>()?,
        changes: claims.iter().flat_map(|row| row.cells.iter().flatten()).filter(|cell| cell.changed).count(),
        claims,
        drifts: variants.iter().flat_map(|row| row.cells.iter().flatten()).filter(|cell| cell.drifted).count(),
        variants,
        plot: drawing,
    })
}

/// Claims by name, those of the newest run first and in its order; each in the newest words there are.
fn claim_rows(runs: &[&Published]) -> Vec<ClaimRow> {
    let mut names: Vec<&ClaimId> = Vec::new();
    for judged in runs.iter().rev().flat_map(|run| &run.judged) {
        if !names.contains(&&judged.claim.id) {
            names.push(&judged.claim.id);
        }
    }
    let find = |run: &&Published, name: &ClaimId| -> Option<Judged> {
        run.judged.iter().find(|judged| judged.claim.id == *name).cloned()
    };
    let row = |name: &ClaimId| {
        let mut last = None;
        let mut says = String::new();
        let cells = runs.iter().map(|run| {
            let judged = find(run, name)?;
            says = plain(&judged.claim.says);
            let changed = last.replace(judged.verdict).is_some_and(|last| last != judged.verdict);
            let (word, symbol) = (verdict_word(judged.verdict).to_owned(), verdict_symbol(judged.verdict));
            Some(VerdictCell { verdict: judged.verdict, word, symbol, changed })
        });
        let cells = cells.collect();
        ClaimRow { says, cells }
    };
    names.into_iter().map(row).collect()
}

/// The final value of the experiment's first metric for one variant in every run.
pub struct Series {
    pub metric: Metric,
    pub variant: VariantId,
    pub label: String,
    /// `None` where the run has no such figure.
    pub estimates: Vec<Option<Estimate>>,
}

fn accuracies(runs: &[&Published]) -> Vec<Series> {
    let metric =
        runs.last().map_or_else(|| Metrics::default().primary(), |run| run.evidence.experiment.metrics.primary());
    let mut variants: Vec<&Variant> = Vec::new();
    for variant in runs.iter().rev().flat_map(|run| &run.evidence.experiment.variants) {
        if !variants.iter().any(|known| known.id == variant.id) {
            variants.push(variant);
        }
    }
    let of_run = |run: &&Published, id: &VariantId| {
        let table = crate::claims::table(&run.evidence);
        let of_variant = table.trials.iter().filter(|((variant, _), _)| variant == id);
        let values: Vec<f64> = of_variant.filter_map(|(_, trial)| trial.figures.get(&metric).copied()).collect();
        Estimate::over(&values, run.evidence.experiment.confidence)
            .map(|estimate| estimate.cut_to(&metric_range(metric)))
    };
    variants
        .into_iter()
        .map(|variant| Series {
            metric,
            variant: variant.id.clone(),
            label: plain(&variant.label),
            estimates: runs.iter().map(|run| of_run(run, &variant.id)).collect(),
        })
        .collect()
}

fn variant_row(series: &Series, runs: &[&Published]) -> VariantRow {
    let cell = |(at, estimate): (usize, &Option<Estimate>)| {
        let estimate = estimate.as_ref()?;
        let before = at.checked_sub(1).and_then(|before| runs.get(before));
        let finding = before.zip(runs.get(at)).and_then(|(before, run)| {
            let of_accuracy = |figure: &FigureDifference| {
                figure.variant == series.variant && figure.metric == series.metric && figure.seeds > 0
            };
            compare(&before.evidence, &run.evidence).into_iter().find(of_accuracy).map(|figure| figure.finding)
        });
        Some(AccuracyCell {
            mean: series.metric.show(estimate.mean),
            interval: estimate
                .interval
                .map(|interval| (series.metric.show(interval.lower), series.metric.show(interval.upper))),
            seeds: estimate.n,
            drift: finding.map(in_words),
            drifted: matches!(finding, Some(Finding::Higher | Finding::Lower)),
        })
    };
    VariantRow { label: series.label.clone(), cells: series.estimates.iter().enumerate().map(cell).collect() }
}

fn in_words(finding: Finding) -> String {
    match finding {
        Finding::Same => say!("site-same-bits"),
        Finding::Higher => say!("site-higher"),
        Finding::Lower => say!("site-lower"),
        Finding::NotShown => say!("site-no-difference"),
    }
}
