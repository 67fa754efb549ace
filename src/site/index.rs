//! What the index says of every experiment and each of its bundles.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{HISTORY, Published, encoded};
use crate::bundle::evidence::TrialState;
use crate::config::{ExperimentId, Verdict};
use crate::report::text::plain;
use crate::report::{ReportError, answer_in_brief};

#[derive(Debug, Serialize)]
pub struct Index {
    bundles: usize,
    experiments: Vec<Experiment>,
}

#[derive(Debug, Serialize)]
struct Experiment {
    id: String,
    /// From the newest bundle.
    title: String,
    question: Option<String>,
    source: Option<String>,
    /// Link to its history; `None` for a single bundle, which has none.
    history: Option<String>,
    /// Newest first.
    runs: Vec<Run>,
}

/// One bundle in a list.
#[derive(Debug, Serialize)]
pub struct Run {
    folder: String,
    link: String,
    date: Option<String>,
    engine: Option<String>,
    /// What its page says first.
    answer: String,
    finished: usize,
    planned: usize,
    claims: usize,
    supported: usize,
    refuted: usize,
    inconclusive: usize,
    /// Claims without the verdict that the experiment demands.
    unmet: usize,
    commit: Option<String>,
    digest: Option<String>,
}

impl Run {
    /// As seen from a page `up` folders below the root.
    ///
    /// # Errors
    /// When the bundle's trials are not those of its experiment.
    pub fn of(bundle: &Published, up: usize) -> Result<Self, ReportError> {
        let trials = &bundle.evidence.trials;
        let code = bundle.evidence.environment.as_ref().map(|environment| &environment.code);
        Ok(Self {
            folder: plain(&bundle.folder),
            link: bundle.link(up),
            date: bundle.date(),
            engine: bundle.engine(),
            answer: answer_in_brief(&bundle.evidence)?,
            finished: trials.iter().filter(|trial| matches!(trial.state, TrialState::Done(_))).count(),
            planned: trials.len(),
            claims: bundle.judged.len(),
            supported: bundle.count(Verdict::Supported),
            refuted: bundle.count(Verdict::Refuted),
            inconclusive: bundle.count(Verdict::Inconclusive),
            unmet: crate::claims::gate(&bundle.judged).len(),
            commit: code.and_then(|code| code.commit.as_ref()?.get(..10).map(str::to_owned)),
            digest: bundle.digest.map(|digest| digest.to_string()),
        })
    }
}

pub fn view(experiments: &BTreeMap<ExperimentId, Vec<&Published>>) -> Result<Index, ReportError> {
    let experiment = |(id, runs): (&ExperimentId, &Vec<&Published>)| {
        let newest = &runs.last()?.evidence.experiment;
        let runs: Result<Vec<Run>, ReportError> = runs.iter().rev().map(|run| Run::of(run, 0)).collect();
        Some(runs.map(|runs| Experiment {
            id: id.to_string(),
            title: plain(&newest.title),
            question: newest.question.as_deref().map(plain),
            source: newest.source.as_ref().map(|source| plain(&source.title)),
            history: (runs.len() > 1).then(|| format!("{HISTORY}/{}.html", encoded(id.as_str()))),
            runs,
        }))
    };
    Ok(Index {
        bundles: experiments.values().map(Vec::len).sum(),
        experiments: experiments.iter().filter_map(experiment).collect::<Result<_, _>>()?,
    })
}
