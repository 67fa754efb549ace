//! Who performs a trial. The sweep knows no more than [`Trainer`]: what a trial's key is made of, what it costs, and how
//! to run it; each trainer is a folder of its own, and a further one is one folder more and an arm of [`Trainers::of`].
//!
//! A trainer writes nothing into the bundle. It hands back what the trial left, and the sweep writes that down once it is
//! whole, so that nothing half done ever counts.

pub mod command;
pub mod import;
pub mod native;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::bundle::correctness::Correctness;
use crate::bundle::probe::ProbeRecord;
use crate::bundle::record::{CommandRecord, Outcome, ParameterCount, StepFingerprint, TrialKey};
use crate::bundle::series::Point;
use crate::config::{self, Seed, Variant};
use crate::engine::ThreadPlan;
use crate::provenance::Digest;

/// A trainer, for variants of its kind.
pub trait Trainer: Sync {
    /// Everything that may change the result of a trial, part by part.
    ///
    /// # Errors
    /// When a part of it cannot be read.
    fn key(&self, variant: &Variant, seed: Seed) -> Result<TrialKey, TrainerError>;

    /// What a trial takes, as far as that is known beforehand.
    fn cost(&self, variant: &Variant) -> TrialCost;

    /// Runs a trial to its end, or until it is asked to stop. May be called by several threads at a time.
    ///
    /// # Errors
    /// Why the trial failed, for people.
    fn run(&self, trial: Planned<'_>, watch: &dyn Watch) -> Result<Left, String>;

    /// What the trial left is in the bundle: what was kept to go on from may go.
    fn written(&self, _trial: Planned<'_>) {}
}

/// A trial that is due.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    pub variant: &'a Variant,
    pub seed: Seed,
    pub key: &'a TrialKey,
}

/// Hears how a trial gets on, and may stop it.
pub trait Watch: Sync {
    /// It starts, or goes on after so many steps.
    fn started(&self, steps_done: Option<u64>);
    /// It could go on without, but somebody should know.
    fn warn(&self, message: &str);
    /// So many more training images are done.
    fn advanced(&self, images: u64);
    /// Something was measured, of so many epochs where that is known.
    fn measured(&self, point: &Point, epochs: Option<u32>);
    /// Whether it should stop.
    fn stops(&self) -> bool;
}

/// How a run of a trial ended.
pub enum Left {
    Finished(Box<Finished>),
    /// On request; the same run goes on or starts again.
    Interrupted,
}

/// What a finished trial left.
pub struct Finished {
    pub outcome: Outcome,
    pub metrics: Vec<Point>,
    pub native: Option<NativeRemains>,
    pub command: Option<CommandRemains>,
}

/// What only a trial of this program's own leaves.
pub struct NativeRemains {
    /// Of every step.
    pub fingerprints: Vec<StepFingerprint>,
    pub parameters: Digest,
    pub parameter_count: ParameterCount,
    pub correct: Option<Correctness>,
    pub probes: ProbeRecord,
}

/// What only a program leaves.
pub struct CommandRemains {
    pub record: CommandRecord,
    /// Files to keep beside the record, by name.
    pub files: BTreeMap<String, Vec<u8>>,
    pub peak_memory_bytes: Option<u64>,
    pub wall_seconds: f64,
    /// What the program ran on, in its own terms.
    pub details: BTreeMap<String, String>,
}

/// What it takes to train a trial: training steps alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TrialCost {
    /// Training images it goes through, over all epochs.
    pub images: u64,
    /// Floating-point operations.
    pub flops: f64,
}

impl std::iter::Sum for TrialCost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs
            .fold(Self::default(), |sum, cost| Self { images: sum.images + cost.images, flops: sum.flops + cost.flops })
    }
}

/// Why a trial's key cannot be made.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TrainerError {
    #[error("variant `{variant}` has a number without a JSON form: {source}")]
    #[diagnostic(code(retrial::trainer::unkeyable))]
    Unkeyable { variant: String, source: serde_json::Error },
    #[error("variant `{variant}`: {reason}")]
    #[diagnostic(code(retrial::trainer::inputs), help("{help}"))]
    Inputs { variant: String, reason: String, help: String },
}

/// One of each kind, as far as the experiment has variants of it.
pub struct Trainers<'a> {
    pub native: Option<native::NativeTrainer<'a>>,
    pub command: command::CommandTrainer<'a>,
    pub import: import::ImportTrainer<'a>,
}

impl Trainers<'_> {
    /// How many trials run at a time, and with how many threads each.
    pub fn set_threads(&mut self, threads: ThreadPlan) {
        if let Some(native) = &mut self.native {
            native.engine.set_threads(threads);
            native.threads = threads;
        }
        self.command.set_threads(threads.threads_per_job);
    }

    /// What whoever has no more than the bundle needs to run the trials again, by name: files that programs consist of,
    /// and tables.
    ///
    /// # Errors
    /// When a pattern of such files matches nothing.
    pub fn sources(&self) -> Result<BTreeMap<String, PathBuf>, TrainerError> {
        let mut files = self.command.sources()?;
        files.extend(self.import.sources());
        Ok(files)
    }

    /// Who performs the trials of a variant.
    ///
    /// # Panics
    /// For a native variant where there is no engine; whoever makes a value of this type sees to that.
    pub fn of(&self, variant: &Variant) -> &dyn Trainer {
        match &variant.trainer {
            config::Trainer::Native(_) => {
                self.native.as_ref().expect("an experiment with native variants has an engine")
            }
            config::Trainer::Command { .. } => &self.command,
            config::Trainer::Import { .. } => &self.import,
        }
    }
}
