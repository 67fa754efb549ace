//! One due trial: run by its trainer, and written into the bundle once it is whole.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::environment::environment;
use super::plan::DueTrial;
use super::runner::{SweepEvent, SweepOptions};
use crate::bundle::record::{Environment, Outcome, PROGRAM_SCHEMA, SCHEMA, TrialRecord};
use crate::bundle::series::Point;
use crate::bundle::{BundleError, BundleFolder, FinishedTrial};
use crate::trainer::{CommandRemains, Finished, Left, Planned, Trainers, Watch};

pub(super) struct Attempt<'a> {
    pub due: &'a DueTrial<'a>,
    pub trainers: &'a Trainers<'a>,
    pub bundle: &'a BundleFolder,
    pub options: SweepOptions<'a>,
    pub listener: &'a (dyn Fn(SweepEvent<'_>) + Sync),
}

/// How an attempt ended.
pub(super) enum Ended {
    Completed,
    Diverged,
    Failed,
    Interrupted,
}

impl Attempt<'_> {
    /// # Errors
    /// When a result cannot be written.
    pub fn run(&self) -> Result<Ended, BundleError> {
        let DueTrial { variant, seed, .. } = *self.due;
        let id = &variant.id;
        let (started, clock) = (jiff::Timestamp::now(), Instant::now());
        let planned = Planned { variant, seed, key: &self.due.key };
        let attempt = || self.trainers.of(variant).run(planned, self);
        let left = catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|panic| Err(panic_message(panic.as_ref())));
        match left {
            Err(message) => {
                (self.listener)(SweepEvent::Failed { variant: id, seed, message: &message });
                self.bundle.write_failure(id, seed, &message)?;
                Ok(Ended::Failed)
            }
            Ok(Left::Interrupted) => {
                (self.listener)(SweepEvent::Interrupted { variant: id, seed });
                Ok(Ended::Interrupted)
            }
            Ok(Left::Finished(finished)) => {
                let engine = self.trainers.native.as_ref().map(|native| native.engine);
                let engine = engine.filter(|_| finished.native.is_some());
                let place = environment(engine, self.options.threads, None, started, clock.elapsed());
                let outcome = self.write(&finished, place)?;
                self.trainers.of(variant).written(planned);
                let seconds = clock.elapsed().as_secs_f64();
                (self.listener)(SweepEvent::Finished { variant: id, seed, outcome: &outcome, seconds });
                Ok(if outcome == Outcome::Completed { Ended::Completed } else { Ended::Diverged })
            }
        }
    }

    fn write(&self, finished: &Finished, mut place: Environment) -> Result<Outcome, BundleError> {
        let DueTrial { variant, seed, .. } = *self.due;
        let Finished { outcome, metrics, native, command } = finished;
        if let Some(CommandRemains { peak_memory_bytes, wall_seconds, details, .. }) = command {
            place.elapsed_seconds = (wall_seconds * 1e3).round() / 1e3;
            place.peak_memory_bytes = *peak_memory_bytes;
            place.engine_details = details.clone();
        }
        let record = TrialRecord {
            schema: if native.is_some() { SCHEMA } else { PROGRAM_SCHEMA },
            variant: variant.id.clone(),
            seed,
            key: self.due.key.clone(),
            outcome: outcome.clone(),
            epochs: metrics.len() as u32,
            steps: native.as_ref().map(|native| native.fingerprints.len() as u64),
            parameters: native.as_ref().map(|native| native.parameters),
            parameter_count: native.as_ref().map(|native| native.parameter_count),
            correct: native.as_ref().and_then(|native| native.correct.clone()),
            command: command.as_ref().map(|command| command.record.clone()),
        };
        self.bundle.write_trial(&FinishedTrial {
            record: &record,
            metrics,
            network: native.as_ref().map(|native| (native.fingerprints.as_slice(), &native.probes)),
            files: command.as_ref().map(|command| &command.files),
            environment: &place,
        })?;
        Ok(record.outcome)
    }
}

impl Watch for Attempt<'_> {
    fn started(&self, steps_done: Option<u64>) {
        let DueTrial { variant, seed, .. } = *self.due;
        (self.listener)(SweepEvent::Started { variant: &variant.id, seed, resumed: steps_done });
    }

    fn warn(&self, message: &str) {
        let DueTrial { variant, seed, .. } = *self.due;
        (self.listener)(SweepEvent::Warning { variant: &variant.id, seed, message });
    }

    fn advanced(&self, images: u64) {
        (self.listener)(SweepEvent::Advanced { images });
    }

    fn measured(&self, point: &Point, epochs: Option<u32>) {
        let DueTrial { variant, seed, .. } = *self.due;
        (self.listener)(SweepEvent::Measured { variant: &variant.id, seed, epochs, point });
    }

    fn stops(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the trial stopped for an unknown reason").to_owned()
}
