//! The report's plots as SVG: final accuracies, learning curves, and what the probes found layer by layer.
//!
//! Drawn with plotters, which needs no fonts for SVG. A plot is a pure function of the analysis, has a title and a
//! description for those who cannot see it, and carries its own colours for light and dark surroundings.

mod canvas;
mod curves;
mod finals;
mod labels;
mod layers;
mod palette;

use super::ReportError;
use super::analysis::Analysis;
use super::analysis::metric::Metric;
use super::inside::Probe;

/// One drawing, ready to be written or put into a page.
pub struct Plot {
    /// File stem under `plots/`, also the prefix of ids inside the drawing.
    pub name: &'static str,
    pub title: &'static str,
    /// What is drawn and how to read it.
    pub description: String,
    pub svg: String,
}

/// A plot of each probe, in the order of the page.
///
/// # Errors
/// When plotters cannot lay a plot out.
pub fn of_probes(probes: &[Probe]) -> Result<Vec<Plot>, ReportError> {
    probes.iter().map(layers::draw).collect()
}

/// Every plot of what the trials scored, in reading order. Plots without a single point are left out.
///
/// # Errors
/// When plotters cannot lay a plot out.
pub fn all(analysis: &Analysis) -> Result<Vec<Plot>, ReportError> {
    let has_metrics = analysis.variants.iter().any(|v| v.trials.iter().any(|trial| !trial.metrics.is_empty()));
    if !has_metrics {
        return Ok(vec![]);
    }
    Ok(vec![
        finals::draw(analysis)?,
        curves::draw(analysis, Metric::ValAccuracy, "val-accuracy", "Validation accuracy over epochs")?,
        curves::draw(analysis, Metric::TrainLoss, "train-loss", "Training loss over epochs")?,
    ])
}
