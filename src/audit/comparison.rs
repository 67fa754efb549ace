//! A run beside the bundle that was published of the same experiment, judged as [`Difference`] judges two bundles.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::difference::{Difference, TrialDifference};
use super::digests;
use crate::bundle::comparison::{ChangedVerdict, ComparisonRecord, TrialId};
use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::manifest::{LARGEST, MANIFEST, Manifest};
use crate::bundle::record::SCHEMA;
use crate::bundle::{BundleError, BundleFolder, FileError, read_bounded};
use crate::config::{Claim, Experiment};
use crate::provenance::Digest;

/// A publication that nothing can be held against.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ComparisonError {
    #[error("{} is not what its manifest says, or has none: it cannot be compared with", path.display())]
    #[diagnostic(code(retrial::comparison::stale), help("`retrial verify` names what differs"))]
    Stale { path: PathBuf },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bundle(#[from] BundleError),
}

/// Compares what the bundle `run` holds of `experiment` with `publication`.
///
/// # Errors
/// When one of them cannot be read or understood, or the publication is not what its manifest says.
pub fn compare(
    publication: &BundleFolder,
    run: &BundleFolder,
    experiment: &Experiment,
) -> Result<ComparisonRecord, ComparisonError> {
    let stale = || ComparisonError::Stale { path: publication.root().to_owned() };
    let manifest = Manifest::read(publication.root())?.ok_or_else(stale)?;
    if !digests::check(publication.root(), &manifest)?.is_empty() {
        return Err(stale());
    }
    let path = publication.root().join(MANIFEST);
    let bytes =
        read_bounded(&path, LARGEST).map_err(|error| BundleError::from(FileError::new("read", &path, error)))?;
    let published = publication.evidence(publication.experiment()?)?;
    let here = run.evidence(experiment.published())?;
    let difference = Difference::of_bundles((publication, &published), (run, &here));
    Ok(record(Digest::of_bytes(&bytes), &published, &here, &difference))
}

fn record(publication: Digest, published: &Evidence, here: &Evidence, difference: &Difference) -> ComparisonRecord {
    let both_done = difference.trials.differing.iter().filter(|trial| trial.a.is_done() && trial.b.is_done());
    let reasons = |trial: &TrialDifference| {
        let processor = trial.other_processor.then_some("processor");
        let level = (trial.key.is_empty() && !trial.other_processor && !trial.bits_promised).then_some("level");
        trial.key.iter().copied().chain(processor).chain(level).collect::<Vec<_>>()
    };
    let reasons: BTreeSet<&str> = both_done.flat_map(reasons).collect();
    let is_compared = |claim: &&Claim| !claim.test.metric().is_of_machine();
    let is_in_both = |claim: &&Claim| published.experiment.claims.iter().any(|one| one.id == claim.id);
    ComparisonRecord {
        schema: SCHEMA,
        publication,
        experiment_changes: difference.experiment.len(),
        published: published.trials.iter().filter(|trial| matches!(trial.state, TrialState::Done(_))).count(),
        compared: difference.trials.in_both,
        same: difference.trials.same,
        not_reproduced: difference
            .trials
            .not_reproduced()
            .map(|trial| TrialId { variant: trial.variant.clone(), seed: trial.seed })
            .collect(),
        reasons: reasons.into_iter().map(str::to_owned).collect(),
        figures: difference.figures.len(),
        differing_figures: difference.differing_figures().count(),
        verdicts: here.experiment.claims.iter().filter(is_compared).filter(is_in_both).count(),
        changed_verdicts: difference
            .verdicts
            .iter()
            .map(|change| ChangedVerdict { claim: change.claim.clone(), published: change.a, here: change.b })
            .collect(),
        results_differ: difference.results_differ(),
    }
}
