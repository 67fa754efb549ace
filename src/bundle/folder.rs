//! The layout of a bundle on disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::comparison::ComparisonRecord;
use super::evidence::{Evidence, TrialEvidence, TrialState};
use super::files::{FileError, read_text_bounded, remove_leftovers, write_atomically};
use super::manifest::MANIFEST;
use super::probe::ProbeRecord;
use super::record::{
    DatasetRecord, Environment, PROGRAM_SCHEMA, RegistrationRecord, SCHEMA, StepFingerprint, TrialRecord,
};
use super::series::Point;
use super::throughput::ThroughputRecord;
use crate::config::{self, Experiment, Seed, VariantId, command_metrics as command};

/// The two files of a throughput measurement; the session makes it count.
pub(super) const SAMPLES: &str = "throughput/samples.json";
pub(super) const SESSION: &str = "throughput/session.json";
/// How the results compare with those published before.
const COMPARISON: &str = "comparison.json";
/// Of a trial that could not be finished: why.
pub(super) const FAILURE: &str = "failure.txt";

/// Metrics and fingerprints of the longest trial anyone runs fit in this; a larger file is not ours.
pub(super) const LARGEST_FILE: u64 = 64 << 20;
/// Lines of a trial's log. In memory each takes many times what a short one takes in the file.
const MOST_LINES: usize = 1_000_000;
/// An experiment as it was run, which says of each variant and seed what its file says of all.
const LARGEST_EXPERIMENT: usize = 4 << 20;

/// A bundle cannot be read or written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BundleError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileError),
    #[error("{} is not what it should be: {reason}", path.display())]
    #[diagnostic(code(retrial::bundle::malformed), help("the file was changed or cut off; delete it and run again"))]
    Malformed { path: PathBuf, reason: String },
    #[error("{} has schema version {found}, and this retrial knows versions up to {newest}", path.display())]
    #[diagnostic(code(retrial::bundle::newer), help("read it with a newer retrial"))]
    Newer { path: PathBuf, found: u64, newest: u32 },
    #[error("{} is not a bundle: it has no experiment.yaml", path.display())]
    #[diagnostic(code(retrial::bundle::absent), help("name the folder that `retrial run` wrote, such as runs/quick"))]
    NotABundle { path: PathBuf },
    #[error("another retrial is writing {}", root.display())]
    #[diagnostic(
        code(retrial::bundle::locked),
        help("wait for it to end, or write elsewhere with `--out DIR`; it holds the lock {}", path.display())
    )]
    Locked { root: PathBuf, path: PathBuf },
}

/// Everything that a finished trial writes.
#[derive(Debug, Clone, Copy)]
pub struct FinishedTrial<'a> {
    pub record: &'a TrialRecord,
    pub metrics: &'a [Point],
    /// Of a native trial: fingerprints of every step, of which the bundle keeps some, and its network's insides.
    pub network: Option<(&'a [StepFingerprint], &'a ProbeRecord)>,
    /// Of another program: what else is kept, by name.
    pub files: Option<&'a BTreeMap<String, Vec<u8>>>,
    pub environment: &'a Environment,
}

/// The folder of one experiment's results.
#[derive(Debug, Clone)]
pub struct BundleFolder {
    root: PathBuf,
}

impl BundleFolder {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of one trial.
    pub fn trial(&self, variant: &VariantId, seed: Seed) -> PathBuf {
        self.root.join("trials").join(variant.as_str()).join(format!("seed-{seed}"))
    }

    /// # Errors
    /// When a file cannot be written.
    pub fn write_run(&self, experiment: &Experiment, dataset: Option<&DatasetRecord>) -> Result<(), BundleError> {
        self.write_experiment(experiment)?;
        match dataset {
            Some(dataset) => self.write_json(&self.root.join("dataset.json"), dataset),
            None => remove_if_present(&self.root.join("dataset.json")),
        }
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn write_experiment(&self, experiment: &Experiment) -> Result<(), BundleError> {
        let yaml =
            serde_yaml::to_string(&experiment.published()).map_err(|error| self.malformed("experiment.yaml", error))?;
        let yaml =
            format!("# What was run, with every default filled in. Written by retrial.\nschema: {SCHEMA}\n{yaml}");
        Ok(write_atomically(&self.root.join("experiment.yaml"), yaml.as_bytes())?)
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn write_environment(&self, environment: &Environment) -> Result<(), BundleError> {
        self.write_json(&self.root.join("environment.json"), environment)
    }

    /// What was written down before the trials, `None` where nothing was.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn registration(&self) -> Result<Option<RegistrationRecord>, BundleError> {
        self.read_json(&self.root.join("registration.json"))
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn write_registration(&self, record: &RegistrationRecord) -> Result<(), BundleError> {
        self.write_json(&self.root.join("registration.json"), record)
    }

    /// Writes how the results compare with those published before; without a record, none stays.
    ///
    /// # Errors
    /// When the file cannot be written or removed.
    pub fn write_comparison(&self, record: Option<&ComparisonRecord>) -> Result<(), BundleError> {
        let path = self.root.join(COMPARISON);
        match record {
            Some(record) => self.write_json(&path, record),
            None => Ok(remove_if_present(&path)?),
        }
    }

    /// How fast the variants were; `None` where that was not measured.
    ///
    /// # Errors
    /// When a file is there but cannot be read or understood.
    pub fn throughput(&self) -> Result<Option<ThroughputRecord>, BundleError> {
        let session = self.read_json(&self.root.join(SESSION))?;
        let samples = self.read_json(&self.root.join(SAMPLES))?;
        Ok(session.zip(samples).map(|(session, samples)| ThroughputRecord { session, samples }))
    }

    /// # Errors
    /// When a file cannot be written.
    pub fn write_throughput(&self, record: &ThroughputRecord) -> Result<(), BundleError> {
        // Without a session the samples do not count, so that no kill leaves those of one beside another.
        let session = self.root.join(SESSION);
        remove_if_present(&session)?;
        self.write_json_line(&self.root.join(SAMPLES), &record.samples)?;
        self.write_json(&session, &record.session)
    }

    /// Writes a finished trial; `trial.json` comes last and makes it count.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_trial(&self, trial: &FinishedTrial<'_>) -> Result<(), BundleError> {
        let FinishedTrial { record, metrics, network, files, environment } = trial;
        let folder = self.trial(&record.variant, record.seed);
        remove_leftovers(&folder);
        remove_if_present(&folder.join("trial.json"))?;
        remove_if_present(&folder.join(FAILURE))?;
        self.write_lines(&folder.join("metrics.jsonl"), metrics)?;
        if let Some((fingerprints, probes)) = network {
            let kept: Vec<_> = StepFingerprint::kept(fingerprints).collect();
            self.write_lines(&folder.join("fingerprints.jsonl"), &kept)?;
            self.write_json_line(&folder.join("probes.json"), probes)?;
        }
        for (name, bytes) in files.iter().copied().flatten() {
            write_atomically(&folder.join(name), bytes)?;
        }
        self.write_json(&folder.join("environment.json"), environment)?;
        self.write_json(&folder.join("trial.json"), record)
    }

    /// Records that a trial could not be finished, and why.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_failure(&self, variant: &VariantId, seed: Seed, message: &str) -> Result<(), BundleError> {
        let folder = self.trial(variant, seed);
        remove_if_present(&folder.join("trial.json"))?;
        Ok(write_atomically(&folder.join(FAILURE), message.as_bytes())?)
    }

    /// Writes rendered files and removes what an earlier rendering, or one that was killed, left besides them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_report(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<(), BundleError> {
        for folder in ["", "plots", "probes", "claims", "variants", "throughput"] {
            remove_leftovers(&self.root.join(folder));
        }
        for (path, bytes) in files {
            write_atomically(&self.root.join(path), bytes)?;
        }
        for folder in ["plots", "probes", "claims", "variants"] {
            for entry in fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if !files.contains_key(&format!("{folder}/{name}")) {
                    remove_if_present(&entry.path())?;
                }
            }
        }
        for path in ["badge.svg", "claims.json", "inside.html", "throughput.html"] {
            if !files.contains_key(path) {
                remove_if_present(&self.root.join(path))?;
            }
        }
        Ok(())
    }

    /// The record of a finished trial, `None` where there is none.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn trial_record(&self, variant: &VariantId, seed: Seed) -> Result<Option<TrialRecord>, BundleError> {
        let path = self.trial(variant, seed).join("trial.json");
        let record: Option<TrialRecord> = self.read_json_up_to(&path, PROGRAM_SCHEMA)?;
        match record {
            // There is one version of these.
            Some(record) if record.schema > SCHEMA && record.key.parts.native().is_some() => {
                Err(BundleError::Newer { path, found: record.schema.into(), newest: SCHEMA })
            }
            record => Ok(record),
        }
    }

    /// The kept steps of a finished trial.
    ///
    /// # Errors
    /// When there are none, or they cannot be read or understood.
    pub fn fingerprints(&self, variant: &VariantId, seed: Seed) -> Result<Vec<StepFingerprint>, BundleError> {
        read_lines(&self.trial(variant, seed).join("fingerprints.jsonl"))
    }

    /// The epochs of a finished trial.
    ///
    /// # Errors
    /// When there are none, or they cannot be read or understood.
    pub fn metrics(&self, variant: &VariantId, seed: Seed) -> Result<Vec<Point>, BundleError> {
        read_lines(&self.trial(variant, seed).join("metrics.jsonl"))
    }

    /// Which images the trials saw; `None` while that is not recorded.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn dataset(&self) -> Result<Option<DatasetRecord>, BundleError> {
        self.read_json(&self.root.join("dataset.json"))
    }

    /// Where the trials ran; `None` while that is not recorded.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn environment(&self) -> Result<Option<Environment>, BundleError> {
        self.read_json(&self.root.join("environment.json"))
    }

    /// Where one trial ran; `None` where that is not recorded.
    ///
    /// # Errors
    /// When the file is there but cannot be read or understood.
    pub fn trial_environment(&self, variant: &VariantId, seed: Seed) -> Result<Option<Environment>, BundleError> {
        self.read_json(&self.trial(variant, seed).join("environment.json"))
    }

    /// # Errors
    /// When this is no bundle, or a file of it cannot be read or understood.
    pub fn experiment(&self) -> Result<Experiment, BundleError> {
        let path = self.root.join("experiment.yaml");
        let text = read_text(&path)?.ok_or_else(|| BundleError::NotABundle { path: self.root.clone() })?;
        let mut value = config::bounded_yaml(&text, LARGEST_EXPERIMENT).map_err(|reason| malformed(&path, reason))?;
        let schema = value.as_mapping_mut().and_then(|mapping| mapping.remove("schema"));
        let schema = schema.and_then(|schema| schema.as_u64());
        check_schema(&path, Some(schema.ok_or_else(|| malformed(&path, "it has no schema version"))?), SCHEMA)?;
        let experiment = serde_yaml::from_value(value).map_err(|error| malformed(&path, error))?;
        // What a file may not ask for, a record may not either: it is trained again from here.
        config::check_recorded(&experiment).map_err(|reason| malformed(&path, reason))?;
        Ok(experiment)
    }

    /// Removes the manifest of a bundle that is gone on with; its next report makes another.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn forget_manifest(&self) -> Result<(), BundleError> {
        remove_if_present(&self.root.join(MANIFEST))
    }

    /// As much of the experiment as its looks have called for here.
    pub fn called(&self, experiment: &Experiment) -> Experiment {
        experiment.called_for(|variant, seed| self.has_result(variant, seed))
    }

    /// Whether the trial finished or failed here; nothing of it is read.
    pub fn has_result(&self, variant: &VariantId, seed: Seed) -> bool {
        let folder = self.trial(variant, seed);
        ["trial.json", FAILURE].iter().any(|file| folder.join(file).exists())
    }

    /// Everything a report is made from, for the trials that `experiment` plans and its looks have called for.
    ///
    /// # Errors
    /// When a file cannot be read or understood.
    pub fn evidence(&self, experiment: Experiment) -> Result<Evidence, BundleError> {
        let experiment = self.called(&experiment);
        let trials = experiment
            .trials()
            .map(|(variant, seed)| self.trial_evidence(&variant.id, seed))
            .collect::<Result<_, _>>()?;
        Ok(Evidence {
            dataset: self.dataset()?,
            environment: self.environment()?,
            registration: self.registration()?,
            throughput: self.throughput()?,
            comparison: self.read_json(&self.root.join(COMPARISON))?,
            experiment,
            trials,
        })
    }

    fn trial_evidence(&self, variant: &VariantId, seed: Seed) -> Result<TrialEvidence, BundleError> {
        let folder = self.trial(variant, seed);
        let evidence =
            |state, metrics, probes| TrialEvidence { variant: variant.clone(), seed, state, metrics, probes };
        if let Some(record) = self.trial_record(variant, seed)? {
            let mut metrics = self.metrics(variant, seed)?;
            if metrics.len() != record.epochs as usize {
                let reason = format!("it has {} epochs where trial.json says {}", metrics.len(), record.epochs);
                return Err(BundleError::Malformed { path: folder.join("metrics.jsonl"), reason });
            }
            let probes = self.read_json(&folder.join("probes.json"))?;
            // What it took is measured once, and belongs to its end.
            if let (Some(last), true) = (metrics.last_mut(), record.command.is_some())
                && let Some(place) = self.trial_environment(variant, seed)?
            {
                last.set(command::WALL_TIME, place.elapsed_seconds);
                if let Some(bytes) = place.peak_memory_bytes {
                    last.set(command::PEAK_MEMORY, bytes as f64);
                }
            }
            return Ok(evidence(TrialState::Done(record), metrics, probes));
        }
        Ok(match read_text(&folder.join(FAILURE))? {
            Some(message) => evidence(TrialState::Failed { message }, Vec::new(), None),
            None => evidence(TrialState::Missing, Vec::new(), None),
        })
    }

    fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<(), BundleError> {
        let mut text = serde_json::to_string_pretty(value).map_err(|error| malformed(path, error))?;
        text.push('\n');
        Ok(write_atomically(path, text.as_bytes())?)
    }

    /// Without the white space, which for many numbers is half of the file.
    fn write_json_line(&self, path: &Path, value: &impl Serialize) -> Result<(), BundleError> {
        self.write_lines(path, std::slice::from_ref(value))
    }

    fn write_lines(&self, path: &Path, values: &[impl Serialize]) -> Result<(), BundleError> {
        let mut text = String::new();
        for value in values {
            text.push_str(&serde_json::to_string(value).map_err(|error| malformed(path, error))?);
            text.push('\n');
        }
        Ok(write_atomically(path, text.as_bytes())?)
    }

    /// A record with a version, `None` where there is none.
    ///
    /// # Errors
    /// When the file is there but cannot be read, is of a newer version, or is not what it should be.
    pub(super) fn read_json<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, BundleError> {
        self.read_json_up_to(path, SCHEMA)
    }

    fn read_json_up_to<T: DeserializeOwned>(&self, path: &Path, newest: u32) -> Result<Option<T>, BundleError> {
        let Some(text) = read_text(path)? else { return Ok(None) };
        // Not by way of a tree of values, which takes many times the memory of the record itself.
        let version: Version = serde_json::from_str(&text).map_err(|error| malformed(path, error))?;
        check_schema(path, version.schema.as_ref().and_then(serde_json::Value::as_u64), newest)?;
        serde_json::from_str(&text).map(Some).map_err(|error| malformed(path, error))
    }

    fn malformed(&self, file: &str, error: impl std::fmt::Display) -> BundleError {
        malformed(&self.root.join(file), error)
    }
}

/// What is wrong with a record may quote it, and a record may have a key of megabytes.
pub(super) fn malformed(path: &Path, error: impl std::fmt::Display) -> BundleError {
    const LONGEST_REASON: usize = 1000;
    let mut reason = error.to_string();
    if let Some((end, _)) = reason.char_indices().nth(LONGEST_REASON) {
        reason.truncate(end);
        reason.push('…');
    }
    BundleError::Malformed { path: path.to_owned(), reason }
}

/// All that is read of a record that may be of a later version.
#[derive(Deserialize)]
struct Version {
    schema: Option<serde_json::Value>,
}

/// Some records have no version of their own; there is no version but the known one.
fn check_schema(path: &Path, found: Option<u64>, newest: u32) -> Result<(), BundleError> {
    match found {
        Some(found) if found > u64::from(newest) => Err(BundleError::Newer { path: path.to_owned(), found, newest }),
        Some(found) if found < u64::from(SCHEMA) => {
            Err(malformed(path, format!("there never was a schema version {found}")))
        }
        _ => Ok(()),
    }
}

/// A file's text; `None` when there is no such file.
fn read_text(path: &Path) -> Result<Option<String>, BundleError> {
    let failed = |error| BundleError::File(FileError::new("read", path, error));
    match read_text_bounded(path, LARGEST_FILE) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(failed),
    }
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, BundleError> {
    let text = read_text(path)?.ok_or_else(|| malformed(path, "it is missing"))?;
    let parse = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| malformed(path, format!("line {}: {error}", number + 1)))
    };
    if text.lines().nth(MOST_LINES).is_some() {
        return Err(malformed(path, format!("it has more than {MOST_LINES} lines")));
    }
    text.lines().enumerate().map(parse).collect()
}

pub(super) fn remove_if_present(path: &Path) -> Result<(), BundleError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(FileError::new("remove", path, error).into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_a_version_that_is_not_known_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let bundle = BundleFolder::new(folder.path());
        let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
        write("registration.json", r#"{"schema": 1, "entries": []}"#);
        assert!(bundle.registration().unwrap().is_some());
        write("registration.json", r#"{"schema": 2, "entries": []}"#);
        assert!(matches!(bundle.registration(), Err(BundleError::Newer { found: 2, .. })));
        write("registration.json", r#"{"schema": 0, "entries": []}"#);
        let refused = bundle.registration().unwrap_err().to_string();
        assert!(refused.contains("registration.json") && refused.contains("schema version 0"), "{refused}");
        for (text, reason) in [("schema: 0\nid: x\n", "schema version 0"), ("id: x\n", "no schema version")] {
            write("experiment.yaml", text);
            let refused = bundle.experiment().unwrap_err().to_string();
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }
}
