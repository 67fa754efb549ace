//! From evidence to a published report: the page, its plots, and the same findings in the formats of others.
//!
//! [`render`] is a pure function: the same evidence and verdicts give the same bytes, on every machine, at any time.
//! Nothing of when or where the trials ran is shown, but what throughput was measured on. A report states only what its data show, and says what they do not.

mod analysis;
mod answer;
mod audit;
mod causes;
pub(crate) mod comparison;
mod conclude;
mod exports;
mod groups;
pub(crate) mod language;
mod limits;
mod metric;
mod pages;
pub(crate) mod plots;
mod probes;
#[cfg(test)]
pub(crate) mod sample;
mod stated;
mod templates;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod text;
mod throughput;
mod verdicts;
mod view;

use std::collections::BTreeMap;

use crate::bundle::evidence::Evidence;
use crate::claims::Judged;
use crate::config::{Seed, VariantId};
use crate::provenance::Digest;
use analysis::Analysis;
use audit::Audit;
use conclude::Conclusions;
use exports::{bibtex, croissant, latex, results, ro_crate};
use plots::{Plots, sharing};
use probes::VariantProbes;
use throughput::Throughput;
use verdicts::view::tally;
use verdicts::{files as claim_files, junit};
use view::{Parts, View};

pub use analysis::range as metric_range;
pub use audit::config_digest;
pub use exports::results::SCHEMA;
pub use language::{LanguageError, LanguageTag};
pub use metric::InWords;
pub(crate) use pages::page;
pub use templates::{Templates, UnknownTemplate};
pub(crate) use verdicts::words::{symbol as verdict_symbol, verdict as verdict_word};

/// The files of a report by their path relative to the bundle, with `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ReportError {
    #[error("the evidence holds a trial of variant `{variant}` with seed {seed}, which the experiment does not plan")]
    Unplanned { variant: VariantId, seed: Seed },
    #[error("the evidence holds the trial of variant `{variant}` with seed {seed} twice")]
    Repeated { variant: VariantId, seed: Seed },
    #[error("the plot `{name}` could not be drawn: {reason}")]
    Plot { name: String, reason: String },
    #[error("template {} does not work: {}", place(.0), reason(.0))]
    #[diagnostic(
        code(retrial::report::template),
        help(
            "values and filters are those that the built-in template of this name uses; `results.json` and `claims.json` have every figure"
        )
    )]
    Page(#[source] Box<minijinja::Error>),
    #[error("the results have no JSON form")]
    Json(#[source] serde_json::Error),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Language(#[from] LanguageError),
}

impl From<minijinja::Error> for ReportError {
    fn from(error: minijinja::Error) -> Self {
        Self::Page(Box::new(error))
    }
}

/// The innermost error: that of an included template names the template that includes it only from outside.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut inner = error;
    while let Some(next) = std::error::Error::source(inner).and_then(|source| source.downcast_ref()) {
        inner = next;
    }
    inner
}

/// The file and line of a template's error, as far as they are known.
fn place(error: &minijinja::Error) -> String {
    let inner = innermost(error);
    match (inner.name(), inner.line()) {
        (Some(name), Some(line)) => format!("{name}, line {line},"),
        (Some(name), None) => name.to_owned(),
        _ => "of the report".to_owned(),
    }
}

fn reason(error: &minijinja::Error) -> String {
    let inner = innermost(error);
    inner.detail().map_or_else(|| inner.kind().to_string(), |detail| format!("{}: {detail}", inner.kind()))
}

/// How a report is laid out and what language it speaks; its findings depend on neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    pub templates: Templates,
    pub language: LanguageTag,
}

impl Default for Style {
    fn default() -> Self {
        Self { templates: Templates::default(), language: LanguageTag::source() }
    }
}

/// [`render_with`] the built-in templates, in English.
///
/// # Errors
/// As [`render_with`].
pub fn render(evidence: &Evidence, judged: &[Judged]) -> Result<Rendered, ReportError> {
    render_with(evidence, judged, &Style::default())
}

/// Makes every file of the report. `judged` are the experiment's claims with their verdicts. Pages and plots are in the
/// language of `style`; files for programs are the same in all of them.
///
/// # Errors
/// When the evidence does not fit its experiment, or a file cannot be laid out.
pub fn render_with(evidence: &Evidence, judged: &[Judged], style: &Style) -> Result<Rendered, ReportError> {
    let language = style.templates.language(&style.language)?;
    let mut files = language::english().speak(|| data_files(&Findings::of(evidence, judged)?))?;
    files.extend(language.speak(|| pages_and_plots(&Findings::of(evidence, judged)?, &files, &style.templates))?);
    let metadata = ro_crate::metadata(evidence, &files).map_err(ReportError::Json)?;
    files.extend(metadata.map(|text| (ro_crate::FILE.to_owned(), text.into_bytes())));
    Ok(Rendered { files })
}

/// What came out, as a part of a Markdown file that lies outside of the bundle, which is at `folder` from there.
///
/// # Errors
/// As [`render_with`].
pub fn readme(evidence: &Evidence, judged: &[Judged], style: &Style, folder: &str) -> Result<String, ReportError> {
    let language = style.templates.language(&style.language)?;
    language.speak(|| {
        let findings = Findings::of(evidence, judged)?;
        let plots = findings.plots()?;
        let view = findings.view(&plots, &Files::new())?;
        Ok(pages::readme(view, &style.templates, &evidence.experiment.metrics, folder)?)
    })
}

/// The first sentence of the answer, which sorts all variants by what became of them, in the language that is being spoken.
///
/// # Errors
/// When the evidence does not fit its experiment.
pub(crate) fn answer_in_brief(evidence: &Evidence) -> Result<String, ReportError> {
    Ok(answer::overview(&Analysis::of(evidence)?))
}

type Files = BTreeMap<String, Vec<u8>>;

/// Everything that the evidence says, in the language that is being spoken: made once, and read by every format.
struct Findings<'a> {
    evidence: &'a Evidence,
    judged: &'a [Judged],
    analysis: Analysis<'a>,
    probes: Vec<VariantProbes<'a>>,
    throughput: Option<Throughput<'a>>,
    conclusions: Conclusions,
    limits: Vec<String>,
}

impl<'a> Findings<'a> {
    fn of(evidence: &'a Evidence, judged: &'a [Judged]) -> Result<Self, ReportError> {
        let analysis = Analysis::of(evidence)?;
        let probes = probes::of(evidence);
        let conclusions = Conclusions::of(evidence, &analysis, judged, &probes);
        let limits = limits::limits(evidence, &analysis);
        Ok(Self { evidence, judged, analysis, probes, throughput: throughput::of(evidence), conclusions, limits })
    }

    fn plots(&self) -> Result<Plots, ReportError> {
        plots::all(&self.analysis, self.judged, &self.probes, self.throughput.as_ref())
    }

    /// What templates see; `data` are the files whose digests the pages name.
    fn view(&self, plots: &Plots, data: &Files) -> Result<serde_json::Value, ReportError> {
        let audit = Audit::of(self.evidence, data).map_err(ReportError::Json)?;
        let parts = Parts {
            judged: self.judged,
            conclusions: &self.conclusions,
            limits: &self.limits,
            probes: &self.probes,
            throughput: self.throughput.as_ref(),
            plots,
            audit: &audit,
        };
        serde_json::to_value(View::of(self.evidence, &self.analysis, parts)).map_err(ReportError::Json)
    }
}

/// The findings in the formats of others.
fn data_files(findings: &Findings) -> Result<Files, ReportError> {
    let Findings { evidence, judged, analysis, probes, throughput, conclusions, limits } = findings;
    let experiment = &evidence.experiment;
    let dataset = evidence.dataset.as_ref();
    let results = results::json(analysis, dataset, conclusions, limits, throughput.as_ref(), probes)?.into_bytes();
    let digest = Digest::of_bytes(&results);
    let version = evidence.environment.as_ref().map(|environment| environment.retrial.as_str());
    let mut files = BTreeMap::from([
        ("results.json".to_owned(), results),
        ("results.csv".to_owned(), results::csv(analysis).into_bytes()),
        ("results.tex".to_owned(), latex::tables(analysis, judged).into_bytes()),
        ("citation.bib".to_owned(), bibtex::entries(analysis, version, digest).into_bytes()),
        ("claims.json".to_owned(), claim_files::json(&experiment.id, judged)?.into_bytes()),
        ("junit.xml".to_owned(), junit::xml(&experiment.id, judged).into_bytes()),
    ]);
    let trials = croissant::metadata(evidence, &files["results.csv"]).map_err(ReportError::Json)?;
    files.insert(croissant::FILE.to_owned(), trials.into_bytes());
    files.extend(probes::files::all(&experiment.id, probes)?);
    Ok(files)
}

/// What people read and look at.
fn pages_and_plots(findings: &Findings, data: &Files, templates: &Templates) -> Result<Files, ReportError> {
    let plots = findings.plots()?;
    let view = findings.view(&plots, data)?;
    let (answer, _) = view::answer_and_why(&findings.conclusions, tally(findings.judged).as_deref());
    let card = sharing::card(&findings.evidence.experiment.title, &answer, findings.judged);
    let shared = [("badge.svg", sharing::badge(findings.judged)), ("card.svg", Some(card))];
    let shared = shared.into_iter().filter_map(|(path, svg)| Some((path.to_owned(), svg?.into_bytes())));
    let pages = pages::render(view, templates, &findings.evidence.experiment.metrics)?;
    let pages = pages.into_iter().map(|(path, page)| (path, page.into_bytes()));
    let plots = plots.results.into_iter().chain(plots.probes).chain(plots.throughput);
    Ok(pages
        .chain(shared)
        .chain(plots.map(|plot| (format!("plots/{}.svg", plot.name), plot.svg.into_bytes())))
        .collect())
}
