//! The exit codes, in one place; README has the same table, and a test keeps the two together.

use std::process::ExitCode;

use super::bench::BenchError;
use super::export::ExportError;
use super::import::ImportError;
use super::init::InitError;
use super::publish::PublishError;
use super::report::ReadmeError;
use super::run::RunError;
use super::settle::SettleError;
use super::trust::TrustError;
use crate::audit::comparison::ComparisonError;
use crate::audit::replay::ReplayError;
use crate::bundle::{BundleError, CollectError, FileError, UnpackError};
use crate::config::{ConfigError, NotTheSame};
use crate::data::DataError;
use crate::engine::EngineError;
use crate::report::{LanguageError, ReportError, UnknownTemplate};
use crate::sweep::PlanError;
use crate::throughput::baseline::BaselineError;

/// How `retrial` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done.
    Success = 0,
    /// Something unexpected went wrong: a defect, or a system that refuses its service.
    Failure = 1,
    /// The command line is not understood.
    Usage = 2,
    /// The experiment file, an override of it, a template or a language is wrong.
    Config = 3,
    /// The data set is missing, broken or not what it should be.
    Data = 4,
    /// The asked-for device is not there, or cannot compute as asked.
    Engine = 5,
    /// A bundle cannot be read or written.
    Bundle = 6,
    /// At least one trial failed; the others are done and reported.
    TrialsFailed = 7,
    /// It was asked to stop: what is done is kept, and the same command goes on from there.
    Interrupted = 8,
    /// A claim does not have the verdict that it must have (`--gate`).
    ClaimsNotMet = 9,
    /// Two results that should agree do not: an audit, a comparison or a merge found a difference.
    Disagreement = 10,
    /// A step takes longer than in the baseline, by more than the threshold and the noise.
    Slower = 11,
    /// The bundle has no valid signature by the key that was given (`verify --key`).
    NotSigned = 12,
    /// A server that was named is not there, refuses, or does not answer as it should.
    Server = 13,
}

impl Exit {
    pub const ALL: [Exit; 14] = [
        Exit::Success,
        Exit::Failure,
        Exit::Usage,
        Exit::Config,
        Exit::Data,
        Exit::Engine,
        Exit::Bundle,
        Exit::TrialsFailed,
        Exit::Interrupted,
        Exit::ClaimsNotMet,
        Exit::Disagreement,
        Exit::Slower,
        Exit::NotSigned,
        Exit::Server,
    ];

    /// What the code means, as the documentation says it.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Success => "everything asked for was done",
            Exit::Failure => "something unexpected went wrong",
            Exit::Usage => "the command line is not understood",
            Exit::Config => "the experiment file, an override of it, a template or a language is wrong",
            Exit::Data => "the data, or sources of a program, are missing, broken or not what they should be",
            Exit::Engine => "the asked-for device is not there, or cannot compute as asked",
            Exit::Bundle => "a bundle cannot be read or written",
            Exit::TrialsFailed => "at least one trial failed; the others are done and reported",
            Exit::Interrupted => "it was asked to stop; the same command goes on from there",
            Exit::ClaimsNotMet => "a claim does not have the verdict that it must have (`--gate`)",
            Exit::Disagreement => "results that should agree do not",
            Exit::Slower => "a step takes longer than in the baseline (`bench --baseline`)",
            Exit::NotSigned => "the bundle has no valid signature by the given key",
            Exit::Server => "a server cannot be reached, refuses, or does not answer as it should",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The code that belongs to an error.
pub fn of_error(report: &miette::Report) -> Exit {
    if report.downcast_ref::<ConfigError>().is_some_and(ConfigError::is_of_missing_data) {
        return Exit::Data;
    }
    if report.downcast_ref::<ConfigError>().is_some()
        || report.downcast_ref::<NotTheSame>().is_some()
        || report.downcast_ref::<ReadmeError>().is_some()
        || report.downcast_ref::<UnknownTemplate>().is_some()
        || report.downcast_ref::<LanguageError>().is_some()
        || matches!(report.downcast_ref::<ReportError>(), Some(ReportError::Page(_) | ReportError::Language(_)))
        || matches!(report.downcast_ref::<InitError>(), Some(InitError::Exists { .. }))
        || matches!(report.downcast_ref::<RunError>(), Some(RunError::NoImages))
        || report.downcast_ref::<SettleError>().is_some()
        || report.downcast_ref::<TrustError>().is_some()
    {
        Exit::Config
    } else if report.downcast_ref::<DataError>().is_some()
        || matches!(report.downcast_ref::<PlanError>(), Some(PlanError::Trainer(_)))
    {
        Exit::Data
    } else if matches!(report.downcast_ref::<PlanError>(), Some(PlanError::Unknown(_))) {
        Exit::Usage
    } else if matches!(report.downcast_ref::<CollectError>(), Some(CollectError::NotReproduced { .. })) {
        Exit::Disagreement
    } else if report.downcast_ref::<CollectError>().is_some() {
        Exit::Bundle
    } else if let Some(error) = report.downcast_ref::<ReplayError>() {
        match error {
            ReplayError::OtherEngine { .. } => Exit::Engine,
            ReplayError::OtherData { .. } => Exit::Data,
            ReplayError::Failed(_) => Exit::Failure,
        }
    } else if let Some(error) = report.downcast_ref::<ImportError>() {
        of_import(error)
    } else if let Some(error) = report.downcast_ref::<ExportError>() {
        match error {
            ExportError::Address(_) => Exit::Usage,
            ExportError::Server(_) | ExportError::Experiment(_) => Exit::Server,
            ExportError::Bundle(_) | ExportError::NotAsRecorded { .. } | ExportError::Inconsistent { .. } => {
                Exit::Bundle
            }
            ExportError::Json(_) => Exit::Failure,
        }
    } else if report.downcast_ref::<RunError>().is_some() {
        Exit::Bundle
    } else if let Some(error) = report.downcast_ref::<BenchError>() {
        match error {
            BenchError::OtherExperiment { .. } => Exit::Bundle,
            BenchError::NoVariant(..) => Exit::Usage,
        }
    } else if let Some(error) = report.downcast_ref::<BaselineError>() {
        match error {
            BaselineError::Absent { .. } | BaselineError::NothingInCommon { .. } => Exit::Usage,
            BaselineError::Other { .. } => Exit::Engine,
            BaselineError::File(_) | BaselineError::Malformed { .. } => Exit::Bundle,
        }
    } else if report.downcast_ref::<EngineError>().is_some() {
        Exit::Engine
    } else if report.downcast_ref::<super::sign::SignError>().is_some()
        || report.downcast_ref::<super::site::ForeignIndex>().is_some()
        || report.downcast_ref::<ComparisonError>().is_some()
        || report.downcast_ref::<PublishError>().is_some()
        || report.downcast_ref::<UnpackError>().is_some()
        || report.downcast_ref::<BundleError>().is_some()
        || report.downcast_ref::<FileError>().is_some()
        || matches!(report.downcast_ref::<PlanError>(), Some(PlanError::Bundle(_)))
        || matches!(report.downcast_ref::<InitError>(), Some(InitError::File(_)))
    {
        Exit::Bundle
    } else {
        Exit::Failure
    }
}

fn of_import(error: &ImportError) -> Exit {
    match error {
        ImportError::Exists { .. } => Exit::Config,
        ImportError::NotAServer { .. } | ImportError::WhichExperiment { .. } | ImportError::Address(_) => Exit::Usage,
        ImportError::Server(_) => Exit::Server,
        ImportError::Table { .. }
        | ImportError::NoExperiment { .. }
        | ImportError::Unusable { .. }
        | ImportError::Runs { .. } => Exit::Data,
        ImportError::File(_) => Exit::Bundle,
    }
}
