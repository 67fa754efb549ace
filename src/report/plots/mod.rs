//! The report's plots as SVG: final accuracies, learning curves, the probes over the layers of the networks, and speed over
//! sizes.
//!
//! Drawn with plotters, which needs no fonts for SVG. A plot is a pure function of the analysis, has a title and a
//! description for those who cannot see it, and carries its own colours for light and dark surroundings.

mod axis;
mod canvas;
mod claims;
mod controls;
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
pub mod sharing;
mod throughput;

pub use history::{History, Panel};

use super::ReportError;
use super::analysis::Analysis;
use super::language::{known_message, say};
use super::metric::InWords as _;
use super::probes::VariantProbes;
use super::text::capitalised;
use super::throughput::Throughput;
use crate::claims::Judged;
use crate::config::{ClaimId, Metric, Metrics, Role};

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
    /// Final accuracies, what single settings change about them, and learning curves; none without a single point.
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
    let mut plots = vec![finals::draw(analysis)?];
    plots.extend(controls::draw(analysis)?);
    for metric in with_curves(&analysis.experiment.metrics) {
        let name = metric.name().replace(|c: char| !c.is_ascii_alphanumeric(), "-").to_lowercase();
        let title = known_message(&format!("plot-{name}")).filter(|_| !metric.is_declared());
        let title = title.unwrap_or_else(|| say!("plot-over-training", quantity = capitalised(&metric.in_words())));
        plots.push(curves::draw(analysis, metric, &name, title)?);
    }
    Ok(plots)
}

/// Curves of more metrics than this make a page longer, not clearer.
const MOST_CURVES: usize = 4;

/// The metrics whose curves are drawn: what the trials are about, what training minimises, and what the file declares.
fn with_curves(metrics: &Metrics) -> Vec<Metric> {
    let primary = metrics.primary();
    let mut drawn = vec![primary];
    drawn.extend(metrics.with_role(Role::TrainingLoss));
    drawn.extend(
        metrics.series().filter(|metric| metric.role() == Role::None && *metric != primary && !metric.is_cost()),
    );
    drawn.truncate(MOST_CURVES);
    drawn
}
