//! The accuracy of every variant over the runs of an experiment: a panel each, all with the same axes.

use super::Published;
use super::history::Series;
use crate::report::ReportError;
use crate::report::plots::{History, Panel, Plot};
use crate::report::text::{percent, share};

/// `None` for fewer than two runs: a single point is no history.
pub fn draw(series: &[Series], runs: &[&Published]) -> Result<Option<Plot>, ReportError> {
    let drawn: Vec<&Series> = series.iter().filter(|series| series.estimates.iter().any(Option::is_some)).collect();
    if runs.len() < 2 || drawn.is_empty() {
        return Ok(None);
    }
    let panels = drawn
        .iter()
        .map(|series| Panel {
            title: series.label.clone(),
            points: series
                .estimates
                .iter()
                .enumerate()
                .filter_map(|(run, estimate)| {
                    let estimate = estimate.as_ref()?;
                    Some((run + 1, estimate.mean, estimate.interval))
                })
                .collect(),
        })
        .collect();
    let last = drawn.iter().filter_map(|series| {
        let estimate = series.estimates.last()?.as_ref()?;
        Some(format!("{}: {}", series.label, percent(estimate.mean)))
    });
    let confidence = runs.last().map_or(0.95, |run| run.evidence.experiment.confidence);
    let history = History {
        name: "history".to_owned(),
        title: "Final validation accuracy over runs".to_owned(),
        reading: format!(
            "Marks are means over completed seeds, bars their {} intervals (from two seeds up); runs are numbered as in the \
             list, oldest first.",
            share(confidence)
        ),
        values: format!("In the last run {}.", last.collect::<Vec<_>>().join("; ")),
        runs: runs.len(),
        panels,
    };
    history.draw().map(Some)
}
