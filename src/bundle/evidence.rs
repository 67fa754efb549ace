//! Everything a report is made from, as plain data: the experiment, what it ran on, and how each planned trial ended.

use crate::bundle::comparison::ComparisonRecord;
use crate::bundle::probe::ProbeRecord;
use crate::bundle::record::{DatasetRecord, Environment, RegistrationRecord, TrialRecord};
use crate::bundle::series::Point;
use crate::bundle::throughput::ThroughputRecord;
use crate::config::{Experiment, Seed, VariantId};

/// The evidence of one experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub experiment: Experiment,
    /// `None` while no trial has recorded which images it saw.
    pub dataset: Option<DatasetRecord>,
    pub environment: Option<Environment>,
    /// What was written down before the trials; `None` for a bundle without such a record.
    pub registration: Option<RegistrationRecord>,
    /// How fast the variants were; `None` where that was not measured.
    pub throughput: Option<ThroughputRecord>,
    /// How the results compare with those published before; `None` where nothing was compared with.
    pub comparison: Option<ComparisonRecord>,
    /// One for each trial of the experiment, in any order; a planned trial not listed counts as missing.
    pub trials: Vec<TrialEvidence>,
}

/// What is known about one planned trial.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialEvidence {
    pub variant: VariantId,
    pub seed: Seed,
    pub state: TrialState,
    /// Complete epochs, first to last; empty where nothing was recorded.
    pub metrics: Vec<Point>,
    /// What was measured inside its network.
    pub probes: Option<ProbeRecord>,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one per trial, and nearly all of them are done")]
pub enum TrialState {
    /// It ended by itself, by completing or by diverging.
    Done(TrialRecord),
    /// It was run but left no usable record.
    Failed { message: String },
    /// It was planned but has not been run.
    Missing,
}
