//! A measurement beside an earlier one, kept under a name: which cells have become slower, as far as the noise lets one
//! tell.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bundle::throughput::{Cell, CellRecord, ThroughputRecord, seconds_per_step};
use crate::bundle::{FileError, write_atomically};
use crate::config::Slug;
use crate::random::{Address, Stream};
use crate::stats::Interval;
use crate::stats::rounds::{ratio, ratio_interval};

use super::strain::was_strained;

const RESAMPLES: u32 = 2000;
/// A record of 256 variants at every size there may be is smaller.
const LARGEST: u64 = 256 << 20;

/// A baseline cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BaselineError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileError),
    #[error("there is no baseline `{name}`: {} does not exist", path.display())]
    #[diagnostic(
        code(retrial::baseline::absent),
        help("make it with `--save-baseline {name}`; baselines lie in the cache, see `--cache`")
    )]
    Absent { name: Slug, path: PathBuf },
    #[error("{} is no baseline: {reason}", path.display())]
    #[diagnostic(code(retrial::baseline::malformed), help("delete it and make it again with `--save-baseline`"))]
    Malformed { path: PathBuf, reason: String },
    #[error("baseline `{name}` has another {what}: {theirs}, here {ours}")]
    #[diagnostic(
        code(retrial::baseline::other),
        help("times can be compared on the same engine and machine only; save a baseline of this one")
    )]
    Other { name: Slug, what: &'static str, theirs: String, ours: String },
    #[error("baseline `{name}` has no measurement in common with this one")]
    #[diagnostic(
        code(retrial::baseline::nothing_in_common),
        help("compare runs of the same variants at the same batch and image sizes, on as many threads")
    )]
    NothingInCommon { name: Slug },
}

fn path(folder: &Path, name: &Slug) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// Keeps a measurement under a name.
///
/// # Errors
/// When it cannot be written.
pub fn save(folder: &Path, name: &Slug, record: &ThroughputRecord) -> Result<PathBuf, BaselineError> {
    let path = path(folder, name);
    let malformed =
        |error: serde_json::Error| BaselineError::Malformed { path: path.clone(), reason: error.to_string() };
    let text = serde_json::to_string(record).map_err(malformed)? + "\n";
    write_atomically(&path, text.as_bytes())?;
    Ok(path)
}

/// The measurement of this name.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn load(folder: &Path, name: &Slug) -> Result<ThroughputRecord, BaselineError> {
    let path = path(folder, name);
    let malformed = |reason: String| BaselineError::Malformed { path: path.clone(), reason };
    match fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(BaselineError::Absent { name: name.clone(), path: path.clone() });
        }
        Ok(metadata) if metadata.len() > LARGEST => {
            return Err(malformed(format!("{} bytes are more than any has", metadata.len())));
        }
        _ => {}
    }
    let text = fs::read_to_string(&path).map_err(|error| FileError::new("read", &path, error))?;
    serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))
}

/// One cell now and then.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub cell: Cell,
    /// Time of a step now over that of the baseline: above 1 is slower.
    pub ratio: f64,
    /// Of the ratio; `None` with fewer than two rounds on a side.
    pub interval: Option<Interval>,
    /// The ratio exceeds the threshold, and its whole interval lies above 1.
    pub is_slower: bool,
    /// Rounds, of both sides, during which others were at work or the GPU held back.
    pub strained: usize,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Of every cell that both sides have.
    pub changes: Vec<Change>,
    /// The others, so that they are not passed over in silence.
    pub uncompared: Vec<Uncompared>,
}

/// A cell that is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncompared {
    pub cell: Cell,
    pub reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    OnlyNow,
    OnlyThen,
    /// Both have it, each with numbers of its own kind.
    OtherPrecision,
    NoSamples,
}

/// Every cell that both have. A cell counts as slower when its ratio is above `1 + threshold` and its interval wholly above
/// 1: the threshold keeps out what is small, the interval what is noise.
///
/// # Errors
/// When they were not made on the same engine and processor, or have nothing in common.
pub fn compare(
    now: &ThroughputRecord,
    (name, then): (&Slug, &ThroughputRecord),
    threshold: f64,
    confidence: f64,
) -> Result<Comparison, BaselineError> {
    check_same_machine(now, (name, then))?;
    let changes_and_others = (0..).zip(&now.samples.cells).map(|(place, cell)| -> Result<Change, Uncompared> {
        let same_cell = || then.samples.cells.iter().filter(|before| before.cell == cell.cell);
        let uncompared = |reason| Uncompared { cell: cell.cell.clone(), reason };
        let absent = || if same_cell().next().is_some() { Reason::OtherPrecision } else { Reason::OnlyNow };
        let before = same_cell().find(|before| before.precision == cell.precision);
        let before = before.ok_or_else(|| uncompared(absent()))?;
        let (of, to) = (seconds_per_step(&cell.rounds), seconds_per_step(&before.rounds));
        let address = Address { seed: 0, stream: Stream::Bootstrap, epoch: 1, step: place, layer: 0 };
        let ratio = ratio(&of, &to).ok_or_else(|| uncompared(Reason::NoSamples))?;
        let interval = ratio_interval(&of, &to, false, confidence, RESAMPLES, address);
        let is_slower = ratio > 1.0 + threshold && interval.is_some_and(|interval| interval.lower > 1.0);
        let strained = [(now, cell), (then, before)].into_iter().map(|(record, cell)| {
            let is_strained = |round: &&_| was_strained(round, record.session.cores, cell.cell.threads);
            cell.rounds.iter().filter(is_strained).count()
        });
        Ok(Change { cell: cell.cell.clone(), ratio, interval, is_slower, strained: strained.sum() })
    });
    let (mut changes, mut uncompared) = (Vec::new(), Vec::new());
    for cell in changes_and_others {
        match cell {
            Ok(change) => changes.push(change),
            Err(other) => uncompared.push(other),
        }
    }
    let is_here = |before: &&CellRecord| now.samples.cells.iter().any(|cell| cell.cell == before.cell);
    let only_then = then.samples.cells.iter().filter(|before| !is_here(before));
    uncompared.extend(only_then.map(|before| Uncompared { cell: before.cell.clone(), reason: Reason::OnlyThen }));
    if changes.is_empty() {
        return Err(BaselineError::NothingInCommon { name: name.clone() });
    }
    Ok(Comparison { changes, uncompared })
}

fn check_same_machine(now: &ThroughputRecord, (name, then): (&Slug, &ThroughputRecord)) -> Result<(), BaselineError> {
    for (what, ours, theirs) in
        [("engine", &now.session.engine, &then.session.engine), ("processor", &now.session.cpu, &then.session.cpu)]
    {
        if ours != theirs {
            let (ours, theirs) = (ours.clone(), theirs.clone());
            return Err(BaselineError::Other { name: name.clone(), what, theirs, ours });
        }
    }
    Ok(())
}
