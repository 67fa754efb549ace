//! The accuracy of every variant over the runs of an experiment: a panel each, all with the same axes.

use super::Published;
use super::history::Series;
use crate::report::InWords as _;
use crate::report::ReportError;
use crate::report::language::say;
use crate::report::plots::{History, Panel, Plot};
use crate::report::text::{clauses, share};

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
        Some(say!("page-labelled", label = series.label.as_str(), value = series.metric.show(estimate.mean)))
    });
    let last: Vec<String> = last.collect();
    let confidence = runs.last().map_or(0.95, |run| run.evidence.experiment.confidence);
    let history = History {
        name: "history".to_owned(),
        title: say!("site-plot-title"),
        reading: say!("site-plot-reading", confidence = share(confidence)),
        values: say!("site-plot-values", values = clauses(&last)),
        runs: runs.len(),
        panels,
    };
    history.draw().map(Some)
}
