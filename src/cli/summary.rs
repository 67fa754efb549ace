//! The short results table that a run ends with, and the table layout it uses.

use super::visible;
use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::record::Outcome;
use crate::bundle::series::Point;
use crate::claims::{Counted, Judged};
use crate::config::{Experiment, Metric, Unit, Variant, Verdict};
use crate::report::InWords as _;
use crate::stats::Estimate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Columns padded to their widest cell, two spaces apart; the first row is the heading.
pub fn render_table(rows: &[Vec<String>], align: &[Align]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| visible::cell(cell)).collect()).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..align.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).zip(align).map(|((cell, &width), align)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// How many metrics have a column.
const COLUMNS: usize = 2;

/// Final figures of every variant over its seeds, beside the source's.
pub fn table(evidence: &Evidence) -> String {
    let Experiment { metrics, variants, confidence, .. } = &evidence.experiment;
    let (primary, shown) = (metrics.primary(), metrics.series().take(COLUMNS).collect::<Vec<_>>());
    let reported = variants.iter().any(|variant| variant.reported.of(primary).is_some());
    let mut heading = vec!["variant".to_owned(), "trials".to_owned()];
    heading.extend(shown.iter().map(|metric| metric.name().to_owned()));
    heading.extend(reported.then(|| "reported".to_owned()));
    let mut rows = vec![heading];
    for variant in variants {
        let finals = final_metrics(evidence, variant);
        let mut row = vec![variant.id.to_string(), trial_counts(evidence, variant)];
        row.extend(shown.iter().map(|metric| {
            let values: Vec<f64> = finals.iter().filter_map(|last| last.figure(*metric)).collect();
            estimate(&values, *confidence, |value| brief(*metric, value))
        }));
        row.extend(
            reported.then(|| variant.reported.of(primary).map(|value| brief(primary, value)).unwrap_or_default()),
        );
        rows.push(row);
    }
    let right = vec![Align::Right; rows[0].len() - 1];
    render_table(&rows, &[&[Align::Left], &right[..]].concat())
}

fn brief(metric: Metric, value: f64) -> String {
    match metric.unit() {
        Unit::Fraction => format!("{:.1}%", 100.0 * value),
        _ => metric.show(value),
    }
}

/// The last epoch of each trial that completed.
fn final_metrics<'a>(evidence: &'a Evidence, variant: &Variant) -> Vec<&'a Point> {
    let completed =
        |state: &TrialState| matches!(state, TrialState::Done(record) if record.outcome == Outcome::Completed);
    let trials = evidence.trials.iter().filter(|trial| trial.variant == variant.id && completed(&trial.state));
    trials.filter_map(|trial| trial.metrics.last()).collect()
}

fn trial_counts(evidence: &Evidence, variant: &Variant) -> String {
    let planned = evidence.trials.iter().filter(|trial| trial.variant == variant.id).count();
    format!("{}/{planned}", final_metrics(evidence, variant).len())
}

/// The mean, and half the interval's width where there are seeds enough for one.
fn estimate(values: &[f64], confidence: f64, show: impl Fn(f64) -> String) -> String {
    let Some(estimate) = Estimate::over(values, confidence) else { return "none".to_owned() };
    match estimate.interval {
        Some(interval) => format!("{} ± {}", show(estimate.mean), show((interval.upper - interval.lower) / 2.0)),
        None => show(estimate.mean),
    }
}
/// One line for each claim; nothing where there are none.
pub fn verdicts(judged: &[Judged]) -> String {
    if judged.is_empty() {
        return String::new();
    }
    let mut rows = vec![["claim", "verdict", "estimate", "interval", "seeds"].map(str::to_owned).to_vec()];
    for Judged { claim, verdict, estimate, interval, sample, .. } in judged {
        let figure = |value: f64| {
            if value != 0.0 && value.abs() < 1e-3 { format!("{value:.1e}") } else { format!("{value:.4}") }
        };
        let span = interval.map(|interval| format!("{} to {}", figure(interval.lower), figure(interval.upper)));
        rows.push(vec![
            claim.id.to_string(),
            in_word(*verdict).to_owned(),
            estimate.map(figure).unwrap_or_default(),
            span.unwrap_or_default(),
            match sample.counted {
                Counted::Seeds => sample.seeds.to_string(),
                Counted::Rounds => format!("{} rounds", sample.seeds),
            },
        ]);
    }
    render_table(&rows, &[Align::Left, Align::Left, Align::Right, Align::Right, Align::Right])
}

pub fn in_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Refuted => "refuted",
        Verdict::Inconclusive => "inconclusive",
    }
}
