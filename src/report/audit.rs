//! What a reader needs to check the page without trusting it: the digests of everything it rests on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::language::say;
use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::record::SCHEMA;
use crate::config::{DataSource, Experiment, Trainer, Variant};
use crate::provenance::Digest;

/// SHA-256 of the canonical JSON (RFC 8785) of what a bundle's `experiment.yaml` says: the experiment as it was
/// resolved, with every default filled in. Comments, layout and where the images lie do not count.
///
/// # Errors
/// When a number of it has no JSON form.
pub fn config_digest(experiment: &Experiment) -> Result<Digest, serde_json::Error> {
    #[derive(Serialize)]
    struct Document {
        schema: u32,
        #[serde(flatten)]
        experiment: Experiment,
    }
    Digest::of_canonical_json(&Document { schema: SCHEMA, experiment: experiment.whole().published() })
}

#[derive(Debug, Serialize)]
pub struct Audit {
    /// What trains everything again, to be run in the bundle's folder.
    command: String,
    /// Path and SHA-256 of each data file that lies beside the page, as `sha256sum` prints them.
    files: Vec<(String, String)>,
    /// What else the trials rest on, with its SHA-256.
    digests: Vec<(String, String)>,
}

impl Audit {
    /// `files` are the data files rendered together with the page, by path.
    ///
    /// # Errors
    /// When a number of the experiment has no JSON form.
    pub fn of(evidence: &Evidence, files: &BTreeMap<String, Vec<u8>>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            command: command(evidence),
            files: files.iter().map(|(path, bytes)| (path.clone(), Digest::of_bytes(bytes).to_string())).collect(),
            digests: digests(evidence)?,
        })
    }
}

/// The images of an experiment on files lie wherever the reader has them.
fn command(evidence: &Evidence) -> String {
    let mut command = "retrial run experiment.yaml --out ../again".to_owned();
    if let Some(DataSource::Images { .. } | DataSource::Cifar100 { .. } | DataSource::Idx { .. }) =
        evidence.experiment.data.as_ref().map(|data| &data.source)
    {
        command.push_str(" --data IMAGES");
    }
    let is_command = |variant: &Variant| matches!(variant.trainer, Trainer::Command { .. });
    if evidence.experiment.variants.iter().any(is_command) {
        command.push_str(" --trust");
    }
    if evidence.experiment.settle.is_some() {
        command.push_str(" --settle");
    }
    let engine = evidence.environment.as_ref().map_or("", |environment| environment.engine.as_str());
    let device = ["flex", "libtorch", "cuda"].into_iter().rfind(|device| engine.contains(device));
    device.map_or(command.clone(), |device| format!("{command} --device {device}"))
}

fn digests(evidence: &Evidence) -> Result<Vec<(String, String)>, serde_json::Error> {
    let dataset = evidence.dataset.as_ref();
    let mut digests = vec![(say!("audit-experiment"), config_digest(&evidence.experiment)?.to_string())];
    digests.extend(dataset.map(|dataset| (say!("audit-images"), dataset.digest.to_string())));
    digests.extend(
        dataset.and_then(|dataset| dataset.archive).map(|archive| (say!("audit-archive"), archive.to_string())),
    );
    let codes: BTreeSet<_> = evidence
        .trials
        .iter()
        .filter_map(|trial| match &trial.state {
            TrialState::Done(record) => record.key.parts.native().map(|parts| parts.code),
            TrialState::Failed { .. } | TrialState::Missing => None,
        })
        .collect();
    digests.extend(codes.into_iter().map(|code| (say!("audit-training-code"), code.to_string())));
    let registered = evidence.registration.as_ref().and_then(|record| record.entries.last());
    digests.extend(registered.map(|entry| (say!("audit-judging-code"), entry.analysis.to_string())));
    Ok(digests)
}
