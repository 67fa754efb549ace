//! From evidence to a published report: `index.html`, `report.md`, `plots/*.svg`, `claims.json`, `probes/*.json`,
//! `results.json` and `results.csv`.
//!
//! [`render`] is a pure function: the same evidence gives the same bytes, on every machine, at any time. Nothing of when
//! or where the trials ran is shown. A report states only what its data show, and says what they do not.

mod analysis;
mod causes;
mod conclude;
mod inside;
mod limits;
mod pages;
mod plots;
mod quantity;
mod results;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod text;
mod verdicts;
mod view;

use std::collections::BTreeMap;

use crate::bundle::evidence::Evidence;
use crate::claims::Judged;
use crate::config::{Seed, VariantId};
use analysis::Analysis;
use conclude::Conclusions;
use view::{Inside, View};

pub use results::SCHEMA;

/// The files of a report by their path relative to the bundle, with `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the evidence holds a trial of variant `{variant}` with seed {seed}, which the experiment does not plan")]
    Unplanned { variant: VariantId, seed: Seed },
    #[error("the evidence holds the trial of variant `{variant}` with seed {seed} twice")]
    Repeated { variant: VariantId, seed: Seed },
    #[error("the plot `{name}` could not be drawn: {reason}")]
    Plot { name: &'static str, reason: String },
    #[error("a page could not be rendered")]
    Page(#[from] minijinja::Error),
    #[error("the results have no JSON form")]
    Json(#[source] serde_json::Error),
}

/// Makes every file of the report.
///
/// # Errors
/// When the evidence does not fit its experiment, or a file cannot be laid out.
pub fn render(evidence: &Evidence, judged: &[Judged]) -> Result<Rendered, ReportError> {
    let analysis = Analysis::of(evidence)?;
    let conclusions = Conclusions::of(&analysis);
    let limits = limits::limits(evidence, &analysis);
    let plots = plots::all(&analysis)?;
    let probes = inside::probes(evidence);
    let inside_plots = plots::of_probes(&probes)?;
    let inside = Inside { rows: inside::rows(evidence, &probes), plots: &inside_plots };
    let view = View::of(evidence, &analysis, &conclusions, &limits, &plots, judged, inside);
    let pages = pages::render(serde_json::to_value(&view).map_err(ReportError::Json)?)?;
    let mut files = BTreeMap::from([
        ("index.html".to_owned(), pages.html.into_bytes()),
        ("report.md".to_owned(), pages.markdown.into_bytes()),
        (
            "results.json".to_owned(),
            results::json(&analysis, evidence.dataset.as_ref(), &conclusions, &limits)?.into_bytes(),
        ),
        ("results.csv".to_owned(), results::csv(&analysis).into_bytes()),
    ]);
    if !judged.is_empty() {
        files.insert("claims.json".to_owned(), verdicts::json(judged)?.into_bytes());
    }
    for probe in &probes {
        files.insert(format!("probes/{}.json", probe.name), inside::json(probe)?.into_bytes());
    }
    let plots = plots.into_iter().chain(inside_plots);
    files.extend(plots.map(|plot| (format!("plots/{}.svg", plot.name), plot.svg.into_bytes())));
    Ok(Rendered { files })
}
