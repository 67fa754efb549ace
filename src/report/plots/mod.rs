//! The report's plots as SVG: final accuracies, learning curves, the probes over the layers of the networks, and speed over
//! sizes.
//!
//! Drawn with plotters, which needs no fonts for SVG. A plot is a pure function of the analysis, has a title and a
//! description for those who cannot see it, and carries its own colours for light and dark surroundings.

mod axis;
mod canvas;
mod claims;
mod curve_grid;
mod curves;
mod finals;
mod frame;
mod grid;
mod history;
mod labels;
mod layers;
mod palette;
mod probes;
mod throughput;

pub use history::{History, Panel};

use super::ReportError;
use super::analysis::Analysis;
use super::analysis::metric::Metric;
use super::language::say;
use super::probes::VariantProbes;
use super::throughput::Throughput;
use crate::claims::Judged;
use crate::config::ClaimId;

/// One drawing, ready to be written or put into a page.
pub struct Plot {
    /// File stem under `plots/`, also the prefix of ids inside the drawing.
    pub name: String,
    pub title: String,
    /// What is drawn and how to read it.
    pub reading: String,
    /// The same with the main values, for those who cannot see the drawing.
    pub description: String,
    pub svg: String,
}

/// Every plot of a report, in reading order.
pub struct Plots {
    /// Final accuracies and learning curves; none without a single point.
    pub results: Vec<Plot>,
    /// What was measured inside the networks, where anything was.
    pub probes: Vec<Plot>,
    /// How speed goes with the sizes, where more than one was measured.
    pub throughput: Vec<Plot>,
    /// A strip for each claim with an estimate; part of the page only.
    pub claims: Vec<(ClaimId, Plot)>,
}

/// # Errors
/// When plotters cannot lay a plot out.
pub fn all(
    analysis: &Analysis,
    judged: &[Judged],
    probes: &[VariantProbes],
    throughput: Option<&Throughput>,
) -> Result<Plots, ReportError> {
    let has_metrics = analysis.variants.iter().any(|v| v.trials.iter().any(|trial| !trial.metrics.is_empty()));
    let results = if has_metrics { results(analysis)? } else { vec![] };
    Ok(Plots {
        results,
        probes: probes::all(analysis.experiment, probes)?,
        throughput: throughput::all(analysis.experiment, throughput)?,
        claims: claims::all(judged, analysis.experiment)?,
    })
}

fn results(analysis: &Analysis) -> Result<Vec<Plot>, ReportError> {
    Ok(vec![
        finals::draw(analysis)?,
        curves::draw(analysis, Metric::ValAccuracy, "val-accuracy", say!("plot-val-accuracy"))?,
        curves::draw(analysis, Metric::TrainLoss, "train-loss", say!("plot-train-loss"))?,
    ])
}
