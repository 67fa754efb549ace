//! What happens in a run: a line for people, or with `--json` an object for programs.
//!
//! `docs/events.md` describes the objects. Events and fields may be added; what would break a reader raises `SCHEMA`.

use std::path::Path;

use serde::Serialize;

use super::exit::Exit;
use super::output::note_json;
use super::summary::in_word;
use crate::bundle::comparison::ComparisonRecord;
use crate::bundle::record::{Outcome, Reproducibility};
use crate::bundle::series::Point;
use crate::config::{ClaimId, MetricName, Seed, VariantId, Verdict};
use crate::report::text::{counted, significant};
use crate::sweep::{SweepEvent, SweepOutcome};

/// Major version of the events.
pub const SCHEMA: u32 = 1;

/// One thing that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// What is going to be done.
    Planned {
        schema: u32,
        experiment: &'a str,
        engine: &'a str,
        /// Trials asked for, and of these the ones that are not finished yet.
        trials: usize,
        due: usize,
        due_training_images: u64,
        jobs: usize,
        threads_per_job: usize,
    },
    SelfTest {
        engine: &'a str,
        reproducibility: Reproducibility,
    },
    Note {
        text: &'a str,
    },
    TrialStarted {
        variant: &'a VariantId,
        seed: Seed,
        /// Steps that an earlier run left done.
        steps_done: Option<u64>,
    },
    /// Over all trials; at most once a second.
    Progress {
        training_images: u64,
        of: u64,
    },
    /// An epoch of a native trial is complete.
    Epoch {
        variant: &'a VariantId,
        seed: Seed,
        epochs: u32,
        #[serde(flatten)]
        metrics: &'a Point,
    },
    /// Another program told something.
    Measured {
        variant: &'a VariantId,
        seed: Seed,
        #[serde(flatten)]
        metrics: &'a Point,
    },
    Warning {
        variant: &'a VariantId,
        seed: Seed,
        message: &'a str,
    },
    TrialFinished {
        variant: &'a VariantId,
        seed: Seed,
        #[serde(flatten)]
        outcome: &'a Outcome,
        seconds: f64,
    },
    TrialStopped {
        variant: &'a VariantId,
        seed: Seed,
    },
    TrialFailed {
        variant: &'a VariantId,
        seed: Seed,
        message: &'a str,
    },
    /// Somebody asked the run to stop.
    Stopping,
    /// All trials have ended or been stopped, and what was asked for is written.
    Ended {
        completed: usize,
        diverged: usize,
        failed: usize,
        stopped: usize,
        bundle: &'a Path,
    },
    ClaimNotMet {
        claim: &'a ClaimId,
        says: &'a str,
        verdict: Verdict,
        must: Verdict,
    },
    /// The results beside those that were published.
    Compared {
        against: &'a Path,
        #[serde(flatten)]
        record: &'a ComparisonRecord,
    },
    /// Published results that should have come out again did not.
    NotReproduced {
        against: &'a Path,
        #[serde(flatten)]
        record: &'a ComparisonRecord,
    },
    /// The run could not be done; the process ends with this exit code.
    Error {
        exit: u8,
        code: Option<String>,
        message: String,
        help: Option<String>,
    },
    /// A defect of the program.
    Panic {
        message: String,
        place: Option<String>,
    },
}

impl Event<'_> {
    /// Writes it to standard error as one line of JSON.
    pub fn emit(&self) {
        // Serialising numbers and text cannot fail, and nobody listening is no reason to stop training.
        if let Ok(line) = serde_json::to_string(self) {
            note_json(&line);
        }
    }

    /// What a reader of a log wants to know of it, if anything.
    pub fn in_words(&self) -> Option<String> {
        Some(match self {
            Self::TrialStarted { steps_done: None, .. }
            | Self::Progress { .. }
            | Self::Ended { .. }
            | Self::Compared { .. }
            | Self::Error { .. }
            | Self::Panic { .. } => return None,
            Self::Planned { experiment, engine, trials, due, .. } if *due == 0 => {
                format!("{experiment}: {due} of {} to run on {engine}", counted(*trials, "trial"))
            }
            Self::Planned { experiment, engine, trials, due, jobs, threads_per_job, .. } => format!(
                "{experiment}: {due} of {} to run on {engine}, {jobs} at a time with {} each",
                counted(*trials, "trial"),
                counted(*threads_per_job, "thread")
            ),
            Self::SelfTest { engine, reproducibility } => format!("{engine}: {}", level_in_words(*reproducibility)),
            Self::Note { text } => (*text).to_owned(),
            Self::TrialStarted { variant, seed, steps_done: Some(step) } => {
                format!("{variant} seed {seed}: goes on after step {step}")
            }
            Self::Epoch { variant, seed, epochs, metrics } => {
                format!("{variant} seed {seed} epoch {}/{epochs}: {}", metrics.at, figures(metrics))
            }
            Self::Measured { variant, seed, metrics } => {
                format!("{variant} seed {seed} {} {}: {}", metrics.axis.name(), metrics.at, figures(metrics))
            }
            Self::Warning { variant, seed, message } => format!("{variant} seed {seed}: warning: {message}"),
            Self::TrialFinished { variant, seed, outcome, seconds } => match outcome {
                Outcome::Completed => format!("{variant} seed {seed}: completed in {seconds:.1} s"),
                Outcome::Diverged { epoch, step } => format!(
                    "{variant} seed {seed}: diverged in epoch {epoch} at step {step}, the training loss is not finite"
                ),
            },
            Self::TrialStopped { variant, seed } => format!("{variant} seed {seed}: stopped"),
            Self::TrialFailed { variant, seed, message } => format!("{variant} seed {seed}: FAILED, {message}"),
            Self::Stopping => "stopping: trials write a checkpoint first; once more to stop at once".to_owned(),
            Self::NotReproduced { against, .. } => {
                format!("the results published in {} do not come out again", against.display())
            }
            Self::ClaimNotMet { claim, says, verdict, .. } => format!("claim {claim} is {}: {says}", in_word(*verdict)),
        })
    }

    /// What a sweep tells, except how many images are done: those are counted first.
    pub fn of_sweep(event: SweepEvent<'_>) -> Result<Event<'_>, u64> {
        Ok(match event {
            SweepEvent::Advanced { images } => return Err(images),
            SweepEvent::Started { variant, seed, resumed } => {
                Event::TrialStarted { variant, seed, steps_done: resumed }
            }
            SweepEvent::Warning { variant, seed, message } => Event::Warning { variant, seed, message },
            SweepEvent::Interrupted { variant, seed } => Event::TrialStopped { variant, seed },
            SweepEvent::Measured { variant, seed, epochs: Some(epochs), point: metrics } => {
                Event::Epoch { variant, seed, epochs, metrics }
            }
            SweepEvent::Measured { variant, seed, epochs: None, point: metrics } => {
                Event::Measured { variant, seed, metrics }
            }
            SweepEvent::Finished { variant, seed, outcome, seconds } => {
                Event::TrialFinished { variant, seed, outcome, seconds }
            }
            SweepEvent::Failed { variant, seed, message } => Event::TrialFailed { variant, seed, message },
        })
    }

    pub fn ended(outcome: SweepOutcome, bundle: &Path) -> Event<'_> {
        let SweepOutcome { completed, diverged, failed, interrupted } = outcome;
        Event::Ended { completed, diverged, failed, stopped: interrupted, bundle }
    }
}

fn figures(point: &Point) -> String {
    let figure = |(name, value): (&MetricName, Option<f64>)| match value {
        Some(value) => format!("{name} {}", significant(value)),
        None => format!("{name} not finite"),
    };
    point.values().map(figure).collect::<Vec<_>>().join(", ")
}

/// What ended the run before its time.
pub fn error(report: &miette::Report, exit: Exit) -> Event<'static> {
    let message = report.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let text = |part: Option<Box<dyn std::fmt::Display + '_>>| part.map(|part| part.to_string());
    Event::Error { exit: exit as u8, code: text(report.code()), message, help: text(report.help()) }
}

/// Makes a panic an event instead of text. A trial that panics is caught and told of as failed, too.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("unknown").to_owned();
        Event::Panic { message, place: panic.location().map(ToString::to_string) }.emit();
    }));
}

/// What the self-test showed.
pub fn level_in_words(level: Reproducibility) -> String {
    match level {
        Reproducibility::Bitwise => "a short training run twice gave the same bits (level `bitwise`)".to_owned(),
        Reproducibility::Tolerance { loss } => format!(
            "a short training run twice did not give the same bits (level `tolerance`: losses differ by up to {loss:.1e})"
        ),
    }
}
