//! Trials that were run in several places, brought together in one bundle.
//!
//! Nothing is believed: every trial's key, record and logs must fit each other and the experiment. The same trial with
//! two results is a reproducibility failure; neither result is overwritten. A source that has a manifest must be what it
//! says; the parts that `retrial run --only` leaves have none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::completeness::fault_of_trial;
use super::files::{FileError, read_bounded, write_atomically};
use super::folder::{BundleError, BundleFolder, FAILURE, LARGEST_FILE, SAMPLES, SESSION, remove_if_present};
use super::manifest::{Manifest, files_of};
use super::paths;
use super::record::{DatasetRecord, KeyParts, TrialRecord};
use crate::config::{Experiment, SOURCES, Seed, Variant, VariantId};

/// Files that are the same however often and wherever a trial is run; `trial.json` makes the trial count.
const RESULT: [&str; 4] = ["metrics.jsonl", "fingerprints.jsonl", "probes.json", "trial.json"];
/// What another program said.
const KEPT: [&str; 2] = ["stdout.txt", "stderr.txt"];
/// Where and when it ran.
const PLACE: &str = "environment.json";
/// Files of the whole bundle, taken from the first source that has them.
const SHARED: [&str; 4] = ["dataset.json", "environment.json", "registration.json", "experiment.yaml"];
/// One measurement, taken from the first source that has it whole: samples mean nothing beside another session.
const THROUGHPUT: [&str; 2] = [SAMPLES, SESSION];

/// Trials that are brought over at once. Each file is synced to the disk, and most of the time is spent waiting for that.
const AT_ONCE: usize = 32;

/// What was brought together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    /// Trials copied into the bundle.
    pub copied: usize,
    /// Trials that were there already, or came twice, with the same result.
    pub same: usize,
    /// Trials that no source could finish, and one says why.
    pub failed: usize,
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
    #[error("{file} in {} {fault}, so this bundle is not what its manifest says", bundle.display())]
    #[diagnostic(
        code(retrial::collect::not_as_recorded),
        help(
            "`retrial verify --tier digests` names everything that differs; where trials were run into the bundle after \
             its report was written, `retrial report` makes report and manifest anew"
        )
    )]
    NotAsRecorded { bundle: PathBuf, file: String, fault: &'static str },
    #[error("the trial in {} cannot be what it says: {reason}", folder.display())]
    #[diagnostic(code(retrial::collect::inconsistent), help("run this trial again; its files do not fit each other"))]
    Inconsistent { folder: PathBuf, reason: String },
    #[error("the trials in {} and {} have other {}", one.display(), other.display(), parts.join(", "))]
    #[diagnostic(
        code(retrial::collect::other_key),
        help("they are different trials under one name; run both with the same retrial on the same kind of engine")
    )]
    OtherKey { one: PathBuf, other: PathBuf, parts: Vec<&'static str> },
    #[error("the trials of `{variant}` in {} were computed by {}, and those in {} by {}", one.display(), engines[0], other.display(), engines[1])]
    #[diagnostic(
        code(retrial::collect::mixed_engines),
        help(
            "one variant on two engines is no longer one sample; `--mix-engines` takes them together, and the report says so"
        )
    )]
    MixedEngines { variant: VariantId, one: PathBuf, other: PathBuf, engines: [String; 2] },
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

/// Copies the trials of `sources` into `into`, which may hold some already, and checks every one of them. Trials that this
/// program computed on different engines become one variant only if `mix_engines` says so; precision is part of the
/// experiment, and so the same.
///
/// # Errors
/// When a source is not what its manifest says, sources do not belong together, a trial does not fit its experiment or
/// itself, or two results of one trial differ; the first such trial in the order of the experiment is told. Trials that
/// were copied stay.
pub fn collect(sources: &[PathBuf], into: &BundleFolder, mix_engines: bool) -> Result<Collected, CollectError> {
    let places: Vec<Vec<Place>> = sources.iter().map(|source| places(source)).collect::<Result<_, _>>()?;
    for (source, places) in sources.iter().zip(&places) {
        check_manifest(source, places)?;
    }
    let experiment = common_experiment(sources, into)?;
    let holders = holders(sources, places);
    if !mix_engines {
        check_engines(&experiment, &holders, into)?;
    }
    take_shared(sources, into)?;
    let dataset: Option<DatasetRecord> = into.dataset()?;
    let none = Vec::new();
    let one = |(variant, seed): (&Variant, Seed)| {
        let holders = holders.get(&place(&variant.id, seed)).unwrap_or(&none);
        collect_trial(holders, into, variant, seed, dataset.as_ref())
    };
    // What its looks have not called for is taken where it is there, and not missing where it is not.
    let is_there =
        |variant: &VariantId, seed| holders.contains_key(&place(variant, seed)) || into.has_result(variant, seed);
    let called = experiment.called_for(is_there);
    // Variants are the same on both sides, and what is called for is the first of their seeds.
    let wanted = experiment.variants.iter().zip(&called.variants).flat_map(|(variant, called)| {
        let is_wanted = |(at, seed): &(usize, &Seed)| *at < called.seeds.len() || is_there(&variant.id, **seed);
        variant.seeds.iter().enumerate().filter(is_wanted).map(move |(_, seed)| (variant, *seed)).collect::<Vec<_>>()
    });
    let trials: Vec<(&Variant, Seed)> = wanted.collect();
    // Every trial is heard out, so that which error is told does not depend on which came first.
    let each: Vec<Result<Collected, CollectError>> = match rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build()
    {
        Ok(pool) => pool.install(|| trials.par_iter().map(|trial| one(*trial)).collect()),
        Err(_) => trials.iter().map(|trial| one(*trial)).collect(),
    };
    each.into_iter().try_fold(Collected::default(), |sum, trial| {
        let Collected { copied, same, failed, missing } = trial?;
        Ok(Collected {
            copied: sum.copied + copied,
            same: sum.same + same,
            failed: sum.failed + failed,
            missing: sum.missing + missing,
        })
    })
}

/// Brings over what is not of one trial, and that `into` does not have yet.
fn take_shared(sources: &[PathBuf], into: &BundleFolder) -> Result<(), CollectError> {
    for file in SHARED {
        let target = into.root().join(file);
        let source = sources.iter().map(|source| source.join(file)).find(|path| path.exists());
        if let (false, Some(source)) = (target.exists(), source) {
            write_atomically(&target, &read(&source)?)?;
        }
    }
    let (target, source) =
        (into.sources(), sources.iter().map(|source| source.join(SOURCES)).find(|path| path.exists()));
    if let (false, Some(source)) = (target.exists(), source) {
        for file in files_of(&source)? {
            write_atomically(&target.join(&file), &read(&source.join(&file))?)?;
        }
    }
    let has_both = |folder: &Path| THROUGHPUT.iter().all(|file| folder.join(file).exists());
    if !has_both(into.root())
        && let Some(source) = sources.iter().find(|source| has_both(source))
    {
        // A session that is left from half a measurement would make the new samples count as its own.
        remove_if_present(&into.root().join(SESSION))?;
        for file in THROUGHPUT {
            write_atomically(&into.root().join(file), &read(&source.join(file))?)?;
        }
    }
    Ok(())
}

/// The place of a trial in the folders of a bundle.
type Place = (String, String);

fn place(variant: &VariantId, seed: Seed) -> Place {
    (variant.to_string(), format!("seed-{seed}"))
}

/// The trials that a source has a folder for.
fn places(source: &Path) -> Result<Vec<Place>, CollectError> {
    let mut places = Vec::new();
    for variant in names(&source.join("trials"))? {
        let seeds = names(&source.join("trials").join(&variant))?;
        places.extend(seeds.into_iter().map(|seed| (variant.clone(), seed)));
    }
    Ok(places)
}

/// The sources that have a folder for each trial, in the order given. Reading what is there takes time proportional to
/// it; asking every source for every trial would take the square of that.
fn holders(sources: &[PathBuf], places: Vec<Vec<Place>>) -> BTreeMap<Place, Vec<BundleFolder>> {
    let mut holders: BTreeMap<Place, Vec<BundleFolder>> = BTreeMap::new();
    for (source, places) in sources.iter().zip(places) {
        for place in places {
            holders.entry(place).or_default().push(BundleFolder::new(source.as_path()));
        }
    }
    holders
}

/// The trials of a variant, each as it would be in the target, must be of one engine.
fn check_engines(
    experiment: &Experiment,
    holders: &BTreeMap<Place, Vec<BundleFolder>>,
    into: &BundleFolder,
) -> Result<(), CollectError> {
    for variant in &experiment.variants {
        let mut first: Option<(PathBuf, String)> = None;
        for seed in &variant.seeds {
            let found = holders.get(&place(&variant.id, *seed)).into_iter().flatten();
            for bundle in std::iter::once(into).chain(found) {
                let Some(record) = bundle.trial_record(&variant.id, *seed)? else { continue };
                let Some(parts) = record.key.parts.native() else { break };
                match &first {
                    None => first = Some((bundle.root().to_owned(), parts.engine.clone())),
                    Some((one, engine)) if *engine != parts.engine => {
                        return Err(CollectError::MixedEngines {
                            variant: variant.id.clone(),
                            one: one.clone(),
                            other: bundle.root().to_owned(),
                            engines: [engine.clone(), parts.engine.clone()],
                        });
                    }
                    Some(_) => {}
                }
                // Further results of the same trial are compared with this one.
                break;
            }
        }
    }
    Ok(())
}

/// What is taken of a source must be as its manifest says, where it has one. Its report is made anew in any case.
fn check_manifest(source: &Path, places: &[Place]) -> Result<(), CollectError> {
    let Some(manifest) = Manifest::read(source)? else { return Ok(()) };
    let shared = || SHARED.iter().chain(&THROUGHPUT).copied();
    let is_taken = |path: &str| {
        ["trials", SOURCES].iter().any(|folder| Path::new(path).starts_with(folder))
            || shared().any(|file| file == path)
    };
    let of_trials = places.iter().flat_map(|(variant, seed)| {
        let files = RESULT.iter().chain(&KEPT).chain([&PLACE, &FAILURE]);
        files.map(move |file| format!("trials/{variant}/{seed}/{file}"))
    });
    let copies = if source.join(SOURCES).exists() { files_of(&source.join(SOURCES))? } else { Vec::new() };
    let copies = copies.iter().map(|name| format!("{SOURCES}/{name}"));
    let present = of_trials.chain(shared().map(str::to_owned)).chain(copies);
    let present = present.filter(|path| source.join(path).exists());
    let announced = manifest.files.keys().filter(|path| is_taken(path)).cloned();
    let paths: BTreeSet<String> = present.chain(announced).collect();
    let fault = |path: &String| -> Result<Option<&'static str>, CollectError> {
        let full = source.join(path);
        Ok(match manifest.files.get(path) {
            None => Some("is not in its manifest"),
            Some(_) if !full.exists() => Some("is missing"),
            Some(record) if record.fits(&full)? => None,
            Some(_) => Some("was changed"),
        })
    };
    let paths: Vec<String> = paths.into_iter().collect();
    let faults: Vec<_> = paths.par_iter().map(fault).collect();
    for (path, fault) in paths.into_iter().zip(faults) {
        if let Some(fault) = fault? {
            return Err(CollectError::NotAsRecorded { bundle: source.to_owned(), file: path, fault });
        }
    }
    Ok(())
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

/// Brings one trial over from the first of its sources that finished it, and compares it with those of the others; where
/// none did, from the first that says why not.
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
    if !found {
        let has_failed = take_failure(sources, &into.trial(&variant.id, seed), (&variant.id, seed))?;
        (collected.failed, collected.missing) = (usize::from(has_failed), usize::from(!has_failed));
    }
    Ok(collected)
}

/// Brings over why a trial could not be finished; whether anybody says so.
fn take_failure(
    sources: &[BundleFolder],
    to: &Path,
    (variant, seed): (&VariantId, Seed),
) -> Result<bool, CollectError> {
    let target = to.join(FAILURE);
    if target.exists() {
        return Ok(true);
    }
    let failure = sources.iter().map(|source| source.trial(variant, seed).join(FAILURE)).find(|path| path.exists());
    let Some(failure) = failure else { return Ok(false) };
    write_atomically(&target, &read(&failure)?)?;
    Ok(true)
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
        if other.dataset()?.map(|images| images.digest) != dataset.as_ref().map(|images| images.digest) {
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

fn record_of(folder: &Path) -> Result<Option<TrialRecord>, CollectError> {
    Ok(serde_json::from_slice(&read(&folder.join("trial.json"))?).ok())
}

fn same_result(one: &Path, other: &Path) -> Result<(), CollectError> {
    let record = record_of;
    if let (Some(left), Some(right)) = (record(one)?, record(other)?)
        && left.key != right.key
    {
        let parts = KeyParts::differing(&left.key.parts, &right.key.parts);
        return Err(CollectError::OtherKey { one: one.to_owned(), other: other.to_owned(), parts });
    }
    // Another program prints times and the like: its figures are its result.
    let is_program = record(one)?.is_some_and(|record| record.command.is_some());
    for file in RESULT.into_iter().take(if is_program { 1 } else { RESULT.len() }) {
        let (left, right) = (one.join(file), other.join(file));
        if left.exists() && right.exists() && read(&left)? != read(&right)? {
            return Err(CollectError::NotReproduced { file, one: one.to_owned(), other: other.to_owned() });
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), CollectError> {
    let mut files = BTreeMap::new();
    for file in [PLACE].iter().chain(&KEPT).chain(&RESULT) {
        let path = from.join(file);
        if path.exists() {
            files.insert(*file, read(&path)?);
        }
    }
    // By the names that the record has, and by no path that leads elsewhere.
    let left = record_of(from)?.and_then(|record| record.command).map(|command| command.artifacts).unwrap_or_default();
    for name in left.keys().map(|name| format!("artifacts/{name}")).filter(|name| paths::fault_of(name).is_none()) {
        if from.join(&name).is_file() {
            write_atomically(&to.join(&name), &read(&from.join(&name))?)?;
        }
    }
    // What an earlier source could not finish is finished now.
    remove_if_present(&to.join(FAILURE))?;
    // The record goes last: without it the trial does not count.
    let record = files.remove("trial.json");
    for (file, bytes) in files.into_iter().chain(record.map(|bytes| ("trial.json", bytes))) {
        write_atomically(&to.join(file), &bytes)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, CollectError> {
    Ok(read_bounded(path, LARGEST_FILE).map_err(|error| FileError::new("read", path, error))?)
}
