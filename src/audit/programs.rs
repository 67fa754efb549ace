//! Running a program's trials again, and comparing what it says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::replay::{Difference, Level, ReplayError, Replayed, Whole};
use crate::bundle::record::{Environment, KeyParts, TrialRecord};
use crate::bundle::series::Point;
use crate::config::Variant;
use crate::engine::describe::{cpu_features, cpu_name};
use crate::trainer::command::{CommandTrainer, largest_difference};
use crate::trainer::{Left, Planned, Trainer as _, Watch};

/// Why a program's figures are not judged, in words that go on from the trial's name; `None` where every bit must agree.
///
/// It was not seen to repeat itself, or it ran elsewhere: on another kind of processor, another interpreter, other
/// packages.
pub fn why_not_judged(
    record: &TrialRecord,
    recorded: Option<&Environment>,
    here: &BTreeMap<String, String>,
) -> Option<String> {
    let repeats = record.command.as_ref().and_then(|command| command.repeated.as_ref());
    match repeats {
        None => return Some("was run once, so nobody knows whether it repeats itself".to_owned()),
        Some(repeats) if repeats.difference > 0.0 => return Some("did not repeat itself to the bit".to_owned()),
        Some(_) => {}
    }
    let recorded = recorded?;
    if recorded.cpu != cpu_name() || recorded.cpu_features != cpu_features() {
        return Some(format!("ran on {}", recorded.cpu));
    }
    let differs = |name: &&String| recorded.engine_details.get(*name) != here.get(*name);
    let names = recorded.engine_details.keys().chain(here.keys());
    names.into_iter().find(differs).map(|name| format!("ran with another {name}"))
}

/// Runs a trial's program again and compares every figure: to the bit, within a relative difference, or, with no `level`,
/// not at all.
///
/// # Errors
/// When it cannot be run here, or fails.
pub fn rerun_program(
    trainer: &CommandTrainer<'_>,
    variant: &Variant,
    record: &TrialRecord,
    recorded: &[Point],
    level: Option<Level>,
    stop: &AtomicBool,
) -> Result<Replayed, ReplayError> {
    let seed = record.seed;
    let key = trainer.key(variant, seed).map_err(|error| ReplayError::Failed(error.to_string()))?;
    let planned = Planned { variant, seed, key: &key };
    let finished = match trainer.run(planned, &Silent(stop)).map_err(ReplayError::Failed)? {
        Left::Finished(finished) => finished,
        Left::Interrupted => return Err(ReplayError::Failed("it was stopped".to_owned())),
    };
    trainer.written(planned);
    let here = &finished.metrics;
    let difference = match level {
        None => None,
        Some(Level::Bitwise) => first_difference(recorded, here, 0.0),
        Some(Level::Tolerance(most)) => first_difference(recorded, here, most),
    };
    Ok(Replayed {
        variant: variant.id.clone(),
        seed,
        steps: here.len() as u64,
        key_differs: KeyParts::differing(&record.key.parts, &key.parts),
        difference,
        whole: Some(Whole { metrics: here.last().cloned(), outcome: finished.outcome }),
    })
}

/// The first figure that is more than `most` away, relative to the one that was recorded. What a trial took in time and
/// memory is no result.
fn first_difference(recorded: &[Point], here: &[Point], most: f64) -> Option<Difference> {
    let differs = |(one, other): &(&Point, &Point)| {
        largest_difference(&[one.results()], &[other.results()]) > most || (one.axis, one.at) != (other.axis, other.at)
    };
    let in_words = |point: &Point| serde_json::to_string(&point.results()).unwrap_or_default();
    if let Some((one, other)) = recorded.iter().zip(here).find(differs) {
        return Some(Difference { step: Some(one.at), what: "output", recorded: in_words(one), here: in_words(other) });
    }
    (recorded.len() != here.len()).then(|| Difference {
        step: None,
        what: "number of points",
        recorded: recorded.len().to_string(),
        here: here.len().to_string(),
    })
}

struct Silent<'a>(&'a AtomicBool);

impl Watch for Silent<'_> {
    fn started(&self, _steps_done: Option<u64>) {}
    fn warn(&self, _message: &str) {}
    fn advanced(&self, _images: u64) {}
    fn measured(&self, _point: &Point, _epochs: Option<u32>) {}
    fn stops(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
