//! Trials that were run in several places, brought together in one bundle.
//!
//! Nothing is believed: every trial's key, record and logs must fit each other and the experiment. The same trial with
//! two results is a reproducibility failure; neither result is overwritten.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::completeness::fault_of_trial;
use super::files::{FileError, write_atomically};
use super::folder::{BundleError, BundleFolder, SAMPLES, SESSION};
use super::record::{DatasetRecord, KeyParts, TrialRecord};
use crate::config::{Experiment, Seed, Variant, VariantId};

/// Files that are the same however often and wherever a trial is run; `trial.json` makes the trial count.
const RESULT: [&str; 4] = ["metrics.jsonl", "fingerprints.jsonl", "probes.json", "trial.json"];
/// Where and when it ran.
const PLACE: &str = "environment.json";
/// Files of the whole bundle, taken from the first source that has them.
const SHARED: [&str; 6] =
    ["dataset.json", "environment.json", "registration.json", "experiment.yaml", SAMPLES, SESSION];

/// Trials that are brought over at once. Each file is synced to the disk, and most of the time is spent waiting for that.
const AT_ONCE: usize = 32;

/// What was brought together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    /// Trials copied into the bundle.
    pub copied: usize,
    /// Trials that were there already, or came twice, with the same result.
    pub same: usize,
    /// Planned trials that no source has.
    pub missing: usize,
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CollectError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bundle(#[from] BundleError),
    #[error("{} and {} are not of one experiment: their {what} differ", one.display(), other.display())]
    #[diagnostic(
        code(retrial::collect::other_experiment),
        help("collect bundles of the same experiment file, run with the same `--set` options on the same images")
    )]
    OtherExperiment { one: PathBuf, other: PathBuf, what: &'static str },
    #[error("the trial in {} cannot be what it says: {reason}", folder.display())]
    #[diagnostic(code(retrial::collect::inconsistent), help("run this trial again; its files do not fit each other"))]
    Inconsistent { folder: PathBuf, reason: String },
    #[error("the trials in {} and {} have other {}", one.display(), other.display(), parts.join(", "))]
    #[diagnostic(
        code(retrial::collect::other_key),
        help("they are different trials under one name; run both with the same retrial on the same kind of engine")
    )]
    OtherKey { one: PathBuf, other: PathBuf, parts: Vec<&'static str> },
    #[error("the same trial came out differently: {file} in {} and in {}", one.display(), other.display())]
    #[diagnostic(
        code(retrial::collect::not_reproduced),
        help(
            "this is a reproducibility failure; `retrial verify --tier rerun` on both bundles shows which one repeats itself"
        )
    )]
    NotReproduced { file: &'static str, one: PathBuf, other: PathBuf },
}

impl From<FileError> for CollectError {
    fn from(error: FileError) -> Self {
        Self::Bundle(error.into())
    }
}

/// Copies the trials of `sources` into `into`, which may hold some already, and checks every one of them.
///
/// # Errors
/// When sources do not belong together, a trial does not fit its experiment or itself, or two results of one trial
/// differ; the first such trial in the order of the experiment is told. Trials that were copied stay.
pub fn collect(sources: &[PathBuf], into: &BundleFolder) -> Result<Collected, CollectError> {
    let experiment = common_experiment(sources, into)?;
    for file in SHARED {
        let target = into.root().join(file);
        let source = sources.iter().map(|source| source.join(file)).find(|path| path.exists());
        if let (false, Some(source)) = (target.exists(), source) {
            write_atomically(&target, &read(&source)?)?;
        }
    }
    let dataset: Option<DatasetRecord> = into.dataset()?;
    let holders = holders(sources)?;
    let none = Vec::new();
    let one = |(variant, seed): (&Variant, Seed)| {
        let holders = holders.get(&place(&variant.id, seed)).unwrap_or(&none);
        collect_trial(holders, into, variant, seed, dataset.as_ref())
    };
    let trials: Vec<_> = experiment.trials().collect();
    // Every trial is heard out, so that which error is told does not depend on which came first.
    let each: Vec<Result<Collected, CollectError>> = match rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build()
    {
        Ok(pool) => pool.install(|| trials.par_iter().map(|trial| one(*trial)).collect()),
        Err(_) => trials.iter().map(|trial| one(*trial)).collect(),
    };
    each.into_iter().try_fold(Collected::default(), |sum, trial| {
        let Collected { copied, same, missing } = trial?;
        Ok(Collected { copied: sum.copied + copied, same: sum.same + same, missing: sum.missing + missing })
    })
}

/// The place of a trial in the folders of a bundle.
type Place = (String, String);

fn place(variant: &VariantId, seed: Seed) -> Place {
    (variant.to_string(), format!("seed-{seed}"))
}

/// The sources that have a folder for each trial, in the order given. Reading what is there takes time proportional to
/// it; asking every source for every trial would take the square of that.
fn holders(sources: &[PathBuf]) -> Result<BTreeMap<Place, Vec<BundleFolder>>, CollectError> {
    let mut holders: BTreeMap<Place, Vec<BundleFolder>> = BTreeMap::new();
    for source in sources {
        for variant in names(&source.join("trials"))? {
            for seed in names(&source.join("trials").join(&variant))? {
                holders.entry((variant.clone(), seed)).or_default().push(BundleFolder::new(source.as_path()));
            }
        }
    }
    Ok(holders)
}

/// The names of the folders in a folder; none where it is not there. Names that are not text name no trial.
fn names(folder: &Path) -> Result<Vec<String>, CollectError> {
    let failed = |error| FileError::new("read the folder", folder, error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        // Follows links: a source may be put together from them.
        if entry.path().is_dir() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    Ok(names)
}

/// Brings one trial over from the first of its sources, and compares it with those of the others.
fn collect_trial(
    sources: &[BundleFolder],
    into: &BundleFolder,
    variant: &Variant,
    seed: Seed,
    dataset: Option<&DatasetRecord>,
) -> Result<Collected, CollectError> {
    let mut collected = Collected::default();
    let mut found = into.trial_record(&variant.id, seed)?.is_some();
    if found {
        check(into, variant, seed, dataset)?;
    }
    for source in sources {
        if source.trial_record(&variant.id, seed)?.is_none() {
            continue;
        }
        check(source, variant, seed, dataset)?;
        if found {
            same_result(&into.trial(&variant.id, seed), &source.trial(&variant.id, seed))?;
            collected.same += 1;
        } else {
            copy(&source.trial(&variant.id, seed), &into.trial(&variant.id, seed))?;
            collected.copied += 1;
            found = true;
        }
    }
    collected.missing = usize::from(!found);
    Ok(collected)
}

/// The experiment that all sources, and the target where it holds one, are runs of.
fn common_experiment(sources: &[PathBuf], into: &BundleFolder) -> Result<Experiment, CollectError> {
    let target = into.root().join("experiment.yaml").exists().then(|| into.root().to_owned());
    let mut folders = target.into_iter().chain(sources.iter().cloned());
    let first = folders.next().unwrap_or_else(|| into.root().to_owned());
    let bundle = BundleFolder::new(&first);
    let (experiment, dataset) = (bundle.experiment()?, bundle.dataset()?);
    for folder in folders {
        let other = BundleFolder::new(&folder);
        let differ = |what| Err(CollectError::OtherExperiment { one: first.clone(), other: folder.clone(), what });
        if other.experiment()? != experiment {
            return differ("experiments");
        }
        if other.dataset()? != dataset {
            return differ("images");
        }
    }
    Ok(experiment)
}

/// A trial's own consistency: its key with the experiment and the images, its logs with its record.
fn check(
    bundle: &BundleFolder,
    variant: &Variant,
    seed: Seed,
    dataset: Option<&DatasetRecord>,
) -> Result<(), CollectError> {
    match fault_of_trial(bundle, variant, seed, dataset)? {
        Some(reason) => Err(CollectError::Inconsistent { folder: bundle.trial(&variant.id, seed), reason }),
        None => Ok(()),
    }
}

fn same_result(one: &Path, other: &Path) -> Result<(), CollectError> {
    let record = |folder: &Path| -> Result<Option<TrialRecord>, CollectError> {
        Ok(serde_json::from_slice(&read(&folder.join("trial.json"))?).ok())
    };
    if let (Some(left), Some(right)) = (record(one)?, record(other)?)
        && left.key != right.key
    {
        let parts = KeyParts::differing(&left.key.parts, &right.key.parts);
        return Err(CollectError::OtherKey { one: one.to_owned(), other: other.to_owned(), parts });
    }
    for file in RESULT {
        let (left, right) = (one.join(file), other.join(file));
        if left.exists() && right.exists() && read(&left)? != read(&right)? {
            return Err(CollectError::NotReproduced { file, one: one.to_owned(), other: other.to_owned() });
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), CollectError> {
    let mut files = BTreeMap::new();
    for file in [PLACE].iter().chain(&RESULT) {
        let path = from.join(file);
        if path.exists() {
            files.insert(*file, read(&path)?);
        }
    }
    // The record goes last: without it the trial does not count.
    let record = files.remove("trial.json");
    for (file, bytes) in files.into_iter().chain(record.map(|bytes| ("trial.json", bytes))) {
        write_atomically(&to.join(file), &bytes)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, CollectError> {
    Ok(fs::read(path).map_err(|error| FileError::new("read", path, error))?)
}
