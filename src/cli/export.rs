//! `retrial export`: a bundle's finished trials as runs on an MLflow server. Nothing of the bundle is executed; what its
//! files hold is compared with its manifest first, so that no run is made of what was changed.

use std::path::{Path, PathBuf};

use super::args::{ExportArguments, ExportCommand, MlflowArguments};
use super::exit::Exit;
use super::output::outln;
use crate::audit::digests;
use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::manifest::{LARGEST, MANIFEST, Manifest};
use crate::bundle::{BundleError, BundleFolder, FileError, fault_of_trial, read_bounded};
use crate::config::{Experiment, Variant};
use crate::mlflow::export::{NoExperiment, Sent};
use crate::mlflow::trial::{Finished, Origin, RunOfTrial};
use crate::mlflow::{Address, NotAnAddress, Server, ServerError};
use crate::provenance::Digest;
use crate::report::config_digest;
use crate::report::text::counted;

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ExportError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Address(#[from] NotAnAddress),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bundle(#[from] BundleError),
    #[error("{file} in {} is not what the manifest says, so nothing is exported", bundle.display())]
    #[diagnostic(
        code(retrial::export::not_as_recorded),
        help(
            "`retrial verify --tier digests` names everything that differs; where trials were run into the bundle after \
             its report was written, `retrial report` makes report and manifest anew"
        )
    )]
    NotAsRecorded { bundle: PathBuf, file: String },
    #[error("the trial in {} cannot be what it says: {reason}", folder.display())]
    #[diagnostic(code(retrial::export::inconsistent), help("run this trial again; its files do not fit each other"))]
    Inconsistent { folder: PathBuf, reason: String },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Experiment(#[from] NoExperiment),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Server(#[from] ServerError),
    #[error("a number of it has no JSON form: {0}")]
    #[diagnostic(code(retrial::export::json))]
    Json(#[from] serde_json::Error),
}

pub fn export(arguments: &ExportArguments) -> miette::Result<Exit> {
    match &arguments.command {
        ExportCommand::Mlflow(arguments) => Ok(to_mlflow(arguments)?),
    }
}

fn to_mlflow(arguments: &MlflowArguments) -> Result<Exit, ExportError> {
    let address: Address = arguments.to.parse()?;
    let bundle = BundleFolder::new(&arguments.bundle);
    let experiment = bundle.experiment()?;
    let name = arguments.experiment.clone().unwrap_or_else(|| experiment.id.to_string());
    let origin = Origin { manifest: checked_manifest(bundle.root())?, experiment: config_digest(&experiment)? };
    let (runs, others) = runs_of(&bundle, experiment, &origin)?;
    let mut tally = Tally::default();
    if !runs.is_empty() {
        let server = Server::at(&address);
        let (id, is_new) = server.experiment_to_write(&name)?;
        outln!("{}: experiment {name} (id {id}){}", server.address(), if is_new { ", which is new" } else { "" });
        for run in &runs {
            tally.count(&run.name, server.send(&id, run)?);
        }
    }
    tally.tell(others);
    Ok(if tally.differing.is_empty() { Exit::Success } else { Exit::Disagreement })
}

/// The digest of the manifest, once every file was compared with it; `None` for a bundle that has none yet.
fn checked_manifest(root: &Path) -> Result<Option<Digest>, ExportError> {
    let Some(manifest) = Manifest::read(root)? else { return Ok(None) };
    if let Some(finding) = digests::check(root, &manifest)?.into_iter().next() {
        return Err(ExportError::NotAsRecorded { bundle: root.to_owned(), file: finding.path });
    }
    let path = root.join(MANIFEST);
    let bytes = read_bounded(&path, LARGEST);
    let bytes = bytes.map_err(|error| BundleError::File(FileError::new("read", &path, error)))?;
    Ok(Some(Digest::of_bytes(&bytes)))
}

/// Every finished trial as a run, and the number of those that are not finished.
fn runs_of(
    bundle: &BundleFolder,
    experiment: Experiment,
    origin: &Origin,
) -> Result<(Vec<RunOfTrial>, usize), ExportError> {
    let evidence = bundle.evidence(experiment)?;
    let mut runs = Vec::new();
    let variant_of = |trial: &TrialEvidence| evidence.experiment.variants.iter().find(|own| own.id == trial.variant);
    for trial in &evidence.trials {
        let (TrialState::Done(record), Some(variant)) = (&trial.state, variant_of(trial)) else { continue };
        refuse_faults(bundle, variant, trial, &evidence)?;
        let environment = bundle.trial_environment(&trial.variant, trial.seed)?;
        let finished = Finished { variant, record, metrics: &trial.metrics, environment: environment.as_ref() };
        runs.push(RunOfTrial::of(&finished, origin)?);
    }
    let others = evidence.trials.len() - runs.len();
    Ok((runs, others))
}

fn refuse_faults(
    bundle: &BundleFolder,
    variant: &Variant,
    trial: &TrialEvidence,
    evidence: &Evidence,
) -> Result<(), ExportError> {
    match fault_of_trial(bundle, variant, trial.seed, evidence.dataset.as_ref())? {
        None => Ok(()),
        Some(reason) => Err(ExportError::Inconsistent { folder: bundle.trial(&trial.variant, trial.seed), reason }),
    }
}

/// What became of the trials.
#[derive(Default)]
struct Tally {
    written: usize,
    completed: usize,
    there: usize,
    /// The names of those that are there with other figures.
    differing: Vec<String>,
}

impl Tally {
    fn count(&mut self, name: &str, sent: Sent) {
        match sent {
            Sent::Written => self.written += 1,
            Sent::Completed => self.completed += 1,
            Sent::There => self.there += 1,
            Sent::Differs => self.differing.push(name.to_owned()),
        }
    }

    fn tell(&self, others: usize) {
        outln!("{} exported", counted(self.written + self.completed, "trial"));
        if self.completed > 0 {
            outln!("Half written by an earlier export, and now whole: {}", self.completed);
        }
        if self.there > 0 {
            outln!("There already, and left as they are: {}", self.there);
        }
        if others > 0 {
            outln!("Not finished, and so not exported: {others}");
        }
        if !self.differing.is_empty() {
            outln!("There already WITH OTHER FIGURES, and left as they are: {}", self.differing.join(", "));
        }
    }
}
