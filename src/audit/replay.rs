//! Training again what a bundle says was trained, and finding the first step at which the two part.

use std::sync::Mutex;

use crate::bundle::correctness::Correctness;
use crate::bundle::record::{Environment, KeyParts, Outcome, Reproducibility, StepFingerprint, TrialRecord};
use crate::bundle::series::Point;
use crate::config::{Metric, Metrics, NativeVariant, Seed, VariantId};
use crate::data::Dataset;
use crate::engine::describe::{cpu_features, cpu_name};
use crate::engine::{Engine, ThreadPlan};
use crate::provenance::Digest;
use crate::train::{Checkpoint, Ended, Observer, Trial, TrialLog, run, trial_key};

/// How closely two runs must agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// Every bit.
    Bitwise,
    /// The same batches, and losses within this relative difference.
    Tolerance(f64),
}

/// Steps compared where every bit must agree.
pub const BITWISE_STEPS: u64 = 16;
/// Steps compared within a tolerance. Batch normalisation at initialisation multiplies rounding errors by about a hundred
/// with every step, so two engines that agree to seven digits at the first step need not at the fourth.
pub const TOLERANCE_STEPS: u64 = 2;
/// The relative difference of losses that counts as agreement, unless another is asked for.
pub const TOLERANCE: f64 = 1e-4;

/// The engines differ, so their bits do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ReplayError {
    #[error("the trials were computed by {recorded}, this is {here}: their bits cannot be expected to agree")]
    #[diagnostic(
        code(retrial::audit::other_engine),
        help("audit on the engine that made the bundle (`--device`), or judge with `--level tolerance`")
    )]
    OtherEngine { recorded: String, here: String },
    #[error("the images are not those of the bundle: their digest is {here}, the bundle has {recorded}")]
    #[diagnostic(
        code(retrial::audit::other_data),
        help("name the images that the bundle was made from with `--data PATH`; its dataset.json describes them")
    )]
    OtherData { recorded: String, here: String },
    #[error("{0}")]
    #[diagnostic(
        code(retrial::audit::failed),
        help(
            "see that all that it needs is here, and is what was recorded; `retrial doctor` shows what this machine has"
        )
    )]
    Failed(String),
}

/// The level to judge at: the asked-for one, or the one the bundle claims, if the engine is the same. No bundle claims
/// bits for `is_other_processor`, one of another kind than the trial was computed on.
///
/// # Errors
/// When bits are to be compared between different engines.
pub fn level(
    asked: Option<Level>,
    claimed: Option<Reproducibility>,
    record: &TrialRecord,
    engine: &Engine,
    is_other_processor: bool,
) -> Result<Level, ReplayError> {
    let level = asked.unwrap_or(match claimed {
        Some(Reproducibility::Tolerance { loss }) => Level::Tolerance(loss.max(TOLERANCE)),
        Some(Reproducibility::Bitwise) | None if is_other_processor => Level::Tolerance(TOLERANCE),
        Some(Reproducibility::Bitwise) | None => Level::Bitwise,
    });
    let recorded = record.key.parts.performer();
    if level == Level::Bitwise && recorded != engine.name() {
        return Err(ReplayError::OtherEngine { recorded: recorded.to_owned(), here: engine.name().to_owned() });
    }
    Ok(level)
}

/// What a trial was computed on, where that is another kind of processor, or of GPU, than this machine's.
pub fn other_processor(recorded: &Environment, engine: &Engine) -> Option<String> {
    let gpu = engine.details().remove("GPU");
    let is_same = recorded.cpu == cpu_name()
        && recorded.cpu_features == cpu_features()
        && recorded.engine_details.get("GPU") == gpu.as_ref();
    (!is_same).then(|| match recorded.engine_details.get("GPU") {
        Some(gpu) => gpu.clone(),
        None => format!("{} ({})", recorded.cpu, recorded.cpu_features.join(" ")),
    })
}

/// A trial and what its bundle recorded of it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    pub variant: NativeVariant<'a>,
    pub seed: Seed,
    pub record: &'a TrialRecord,
    pub fingerprints: &'a [StepFingerprint],
    pub metrics: &'a [Point],
}

/// What training again showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    pub variant: VariantId,
    pub seed: Seed,
    /// Steps that were compared.
    pub steps: u64,
    /// Parts of the trial key that are different here; of these `code` alone need not change a result.
    pub key_differs: Vec<&'static str>,
    /// `None` where everything agrees.
    pub difference: Option<Difference>,
    /// Of a trial that was trained to its end.
    pub whole: Option<Whole>,
}

/// How a trial ended here, whether or not that is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// Of the last complete epoch, if there is one.
    pub metrics: Option<Point>,
    pub outcome: Outcome,
}

/// A final figure, as it was recorded and as it came out here.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub name: String,
    pub recorded: Option<f64>,
    pub here: Option<f64>,
}

impl Figure {
    /// The figures of an epoch, by name; those that are not finite are `None`.
    pub fn of(metrics: &Metrics, recorded: Option<&Point>, here: Option<&Point>) -> Vec<Self> {
        let measured = |point: Option<&Point>, metric| point.is_some_and(|point| point.measured(metric).is_some());
        let figure = |metric: Metric| Self {
            name: metric.name().replace('_', " "),
            recorded: recorded.and_then(|point| point.figure(metric)),
            here: here.and_then(|point| point.figure(metric)),
        };
        metrics.series().filter(|metric| measured(recorded, *metric) || measured(here, *metric)).map(figure).collect()
    }
}

/// The first thing that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The step, counted from 0; `None` for something of the whole trial.
    pub step: Option<u64>,
    /// `batch order`, `loss`, `parameters`, …
    pub what: &'static str,
    pub recorded: String,
    pub here: String,
}

/// Trains the first `steps` steps again, or as many as were recorded, and compares.
///
/// # Errors
/// When the images are others, or the trial cannot be run here.
pub fn replay(
    trial: Recorded<'_>,
    data: &Dataset,
    engine: &Engine,
    threads: ThreadPlan,
    level: Level,
    steps: u64,
) -> Result<Replayed, ReplayError> {
    let key_differs = check_key(trial, data, engine)?;
    let steps = steps.min(trial.record.steps.unwrap_or(0));
    let fingerprints = match train(trial, data, engine, threads, Some(steps))? {
        Trained::Stopped(fingerprints) => fingerprints,
        Trained::Finished(log) => log.fingerprints,
    };
    let here = &fingerprints[..fingerprints.len().min(steps as usize)];
    let difference = first_difference(trial.fingerprints, here, level);
    let Recorded { variant, seed, .. } = trial;
    Ok(Replayed { variant: variant.id.clone(), seed, steps: here.len() as u64, key_differs, difference, whole: None })
}

/// Trains the whole trial again and compares: every bit of it, or within a tolerance the first steps. Figures at the end
/// are then not judged: rounding errors grow with every step, so those of two engines need not agree.
///
/// # Errors
/// As [`replay`].
pub fn rerun(
    trial: Recorded<'_>,
    data: &Dataset,
    engine: &Engine,
    threads: ThreadPlan,
    level: Level,
) -> Result<Replayed, ReplayError> {
    let key_differs = check_key(trial, data, engine)?;
    let Trained::Finished(log) = train(trial, data, engine, threads, None)? else {
        return Err(ReplayError::Failed("the trial stopped before its end".to_owned()));
    };
    let (steps, difference) = match level {
        Level::Bitwise => (log.fingerprints.len(), whole_difference(trial, &log)),
        Level::Tolerance(_) => {
            let count = (TOLERANCE_STEPS as usize).min(log.fingerprints.len());
            (count, first_difference(trial.fingerprints, &log.fingerprints[..count], level))
        }
    };
    let Recorded { variant, seed, .. } = trial;
    Ok(Replayed {
        variant: variant.id.clone(),
        seed,
        steps: steps as u64,
        key_differs,
        difference,
        whole: Some(Whole { metrics: log.metrics.last().cloned(), outcome: log.outcome }),
    })
}

fn check_key(trial: Recorded<'_>, data: &Dataset, engine: &Engine) -> Result<Vec<&'static str>, ReplayError> {
    let recorded = &trial.record.key.parts;
    if let Some(parts) = recorded.native()
        && parts.data != data.digest
    {
        let (recorded, here) = (parts.data.to_string(), data.digest.to_string());
        return Err(ReplayError::OtherData { recorded, here });
    }
    let here = trial_key(trial.variant, trial.seed, data.digest, engine.name())
        .map_err(|error| ReplayError::Failed(error.to_string()))?;
    Ok(KeyParts::differing(recorded, &here.parts))
}

enum Trained {
    Stopped(Vec<StepFingerprint>),
    Finished(Box<TrialLog>),
}

/// Stops a trial after so many steps, and keeps what it had done by then.
struct Watch {
    stop_after: Option<u64>,
    steps: Mutex<u64>,
    last: Mutex<Option<Checkpoint>>,
    batch: u64,
}

impl Observer for Watch {
    fn advanced(&self, images: u64) {
        // The last batch of an epoch may be shorter.
        *lock(&self.steps) += images.div_ceil(self.batch);
    }

    fn epoch(&self, _metrics: &Point) {}

    fn checkpoint(&self, _step: u64, checkpoint: Checkpoint) {
        *lock(&self.last) = Some(checkpoint);
    }

    fn stops(&self) -> bool {
        self.stop_after.is_some_and(|stop| *lock(&self.steps) >= stop)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn train(
    trial: Recorded<'_>,
    data: &Dataset,
    engine: &Engine,
    threads: ThreadPlan,
    stop_after: Option<u64>,
) -> Result<Trained, ReplayError> {
    let failed = |error: &dyn std::fmt::Display| ReplayError::Failed(error.to_string());
    let Recorded { variant, seed, record, .. } = trial;
    let watch =
        Watch { stop_after, steps: Mutex::new(0), last: Mutex::new(None), batch: u64::from(variant.train.batch_size) };
    let pool = threads.pool().map_err(|error| failed(&error))?;
    let trial = Trial { variant, seed, data, engine, key: record.key.digest };
    match pool.install(|| run(trial, None, &watch)).map_err(|error| failed(&error))? {
        Ended::Finished(log, _) => Ok(Trained::Finished(log)),
        Ended::Interrupted => {
            let last = lock(&watch.last).take();
            let checkpoint = last.ok_or_else(|| ReplayError::Failed("it stopped without a checkpoint".to_owned()))?;
            Ok(Trained::Stopped(checkpoint.state().map_err(|error| failed(&error))?.fingerprints))
        }
    }
}

/// The first step at which two runs part: in the images of the batch, the loss, or the parameters. `recorded` has the
/// kept steps of its run, `here` every step of the other, from the first, as far as it went. A step that should have been
/// kept and was not is a difference, too: else whoever removes what does not agree would be right.
pub fn first_difference(recorded: &[StepFingerprint], here: &[StepFingerprint], level: Level) -> Option<Difference> {
    let last = recorded.last().map(|step| step.step);
    let is_kept = |step: &&StepFingerprint| {
        StepFingerprint::is_always_kept(step.step) || step.parameters.is_some() || Some(step.step) == last
    };
    let mut recorded = recorded.iter();
    here.iter().filter(is_kept).find_map(|here| match recorded.next() {
        Some(recorded) => difference_of_step(recorded, here, level),
        None => Some(Difference {
            step: Some(here.step),
            what: "fingerprint",
            recorded: NONE.to_owned(),
            here: format!("a loss of {}", in_words(&here.loss)),
        }),
    })
}

/// What is not there, in a difference.
const NONE: &str = "none";

/// What does not agree between the fingerprints of one step.
pub fn difference_of_step(recorded: &StepFingerprint, here: &StepFingerprint, level: Level) -> Option<Difference> {
    let step = Some(recorded.step);
    let differs = |what, recorded: &str, here: &str| {
        Some(Difference { step, what, recorded: recorded.to_owned(), here: here.to_owned() })
    };
    if recorded.step != here.step {
        return differs("number of the step", &recorded.step.to_string(), &here.step.to_string());
    }
    if recorded.batch != here.batch {
        return differs("batch order", &recorded.batch, &here.batch);
    }
    if !losses_agree(&recorded.loss, &here.loss, level) {
        return differs("loss", &in_words(&recorded.loss), &in_words(&here.loss));
    }
    match (recorded.parameters.as_deref(), here.parameters.as_deref()) {
        (Some(recorded), Some(here)) if recorded == here || level != Level::Bitwise => None,
        (None, None) => None,
        (recorded, here) => differs("parameters", recorded.unwrap_or(NONE), here.unwrap_or(NONE)),
    }
}

fn losses_agree(recorded: &str, here: &str, level: Level) -> bool {
    match level {
        Level::Bitwise => recorded == here,
        Level::Tolerance(tolerance) => match (loss(recorded), loss(here)) {
            (Some(recorded), Some(here)) if recorded.is_finite() && here.is_finite() => {
                (recorded - here).abs() <= tolerance * recorded.abs()
            }
            (Some(recorded), Some(here)) => {
                recorded.is_nan() == here.is_nan() && (recorded.is_nan() || recorded == here)
            }
            _ => false,
        },
    }
}

fn loss(bits: &str) -> Option<f64> {
    u32::from_str_radix(bits, 16).ok().map(|bits| f64::from(f32::from_bits(bits)))
}

fn in_words(bits: &str) -> String {
    loss(bits).map_or_else(|| format!("`{bits}`, which is no number"), |loss| format!("{loss:.9} (bits {bits})"))
}

/// What of a whole trial does not agree to the last bit, steps first.
fn whole_difference(trial: Recorded<'_>, log: &TrialLog) -> Option<Difference> {
    let differs = |what, recorded: String, here: String| Difference { step: None, what, recorded, here };
    first_difference(trial.fingerprints, &log.fingerprints, Level::Bitwise)
        .or_else(|| {
            let (recorded, here) = (trial.record.steps.unwrap_or(0), log.fingerprints.len() as u64);
            (recorded != here).then(|| differs("number of steps", recorded.to_string(), here.to_string()))
        })
        .or_else(|| {
            let pair = trial.metrics.iter().zip(&log.metrics).find(|(recorded, here)| recorded != here)?;
            let show = |epoch: &Point| format!("{epoch:?}");
            Some(differs("metrics of an epoch", show(pair.0), show(pair.1)))
        })
        .or_else(|| {
            let (recorded, here) = (trial.metrics.len(), log.metrics.len());
            (recorded != here).then(|| differs("number of epochs", recorded.to_string(), here.to_string()))
        })
        .or_else(|| {
            let (recorded, here) = (trial.record.parameters, log.parameters);
            let in_words = |digest: Option<Digest>| digest.map_or_else(|| NONE.to_owned(), |digest| digest.to_string());
            (recorded != Some(here)).then(|| differs("final parameters", in_words(recorded), here.to_string()))
        })
        .or_else(|| {
            let recorded = trial.record.correct.as_ref()?;
            let digest = |correct: &Correctness| {
                Digest::of_canonical_json(correct).map_or_else(|_| NONE.to_owned(), |digest| digest.short())
            };
            let show =
                |correct: &Correctness| format!("{} of {} ({})", correct.count(), correct.len(), digest(correct));
            let here = log.correct.as_ref();
            (Some(recorded) != here).then(|| {
                differs(
                    "choice of test images it got right",
                    show(recorded),
                    here.map_or_else(|| NONE.to_owned(), show),
                )
            })
        })
        .or_else(|| {
            let (recorded, here) = (&trial.record.outcome, &log.outcome);
            (recorded != here).then(|| differs("outcome", format!("{recorded:?}"), format!("{here:?}")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: u64, loss: f32, batch: &str) -> StepFingerprint {
        StepFingerprint { step, loss: format!("{:08x}", loss.to_bits()), batch: batch.to_owned(), parameters: None }
    }

    #[test]
    fn the_first_step_that_differs_is_named_with_what_differs() {
        let recorded = [step(0, 2.3, "a"), step(1, 2.2, "b"), step(2, 2.1, "c")];
        assert_eq!(first_difference(&recorded, &recorded, Level::Bitwise), None);
        let mut other = recorded.clone();
        (other[1], other[2]) = (step(1, 2.200_000_3, "b"), step(2, 2.1, "x"));
        let found = first_difference(&recorded, &other, Level::Bitwise).unwrap();
        assert_eq!((found.step, found.what), (Some(1), "loss"));
        let found = first_difference(&recorded, &other, Level::Tolerance(1e-6)).unwrap();
        assert_eq!((found.step, found.what), (Some(2), "batch order"));
        let mut trained_on = recorded.clone();
        trained_on[2].parameters = Some("1".to_owned());
        let mut other = trained_on.clone();
        other[2].parameters = Some("2".to_owned());
        let found = first_difference(&trained_on, &other, Level::Bitwise).unwrap();
        assert_eq!((found.step, found.what), (Some(2), "parameters"));
    }

    #[test]
    fn only_the_kept_steps_are_compared_and_a_missing_one_is_noticed() {
        let whole: Vec<_> = (0..300).map(|at| step(at, at as f32, "a")).collect();
        let kept: Vec<_> = StepFingerprint::kept(&whole).cloned().collect();
        // Hand arithmetic: 0 to 127, then 128, 192, 256, and the last.
        let numbers: Vec<u64> = kept.iter().map(|step| step.step).collect();
        assert_eq!(numbers, (0..128).chain([128, 192, 256, 299]).collect::<Vec<u64>>());
        assert_eq!(first_difference(&kept, &whole, Level::Bitwise), None);
        assert_eq!(first_difference(&kept, &whole[..200], Level::Bitwise), None);
        let mut other = whole.clone();
        other[130..].iter_mut().for_each(|step| step.loss = "0".to_owned());
        assert_eq!(first_difference(&kept, &other, Level::Bitwise).unwrap().step, Some(192));
        let mut short = kept.clone();
        short.remove(129);
        assert_eq!(first_difference(&short, &whole, Level::Bitwise).unwrap().what, "number of the step");
    }

    #[test]
    fn steps_and_parameters_that_were_removed_are_noticed() {
        let mut whole: Vec<_> = (0..20).map(|at| step(at, at as f32, "a")).collect();
        whole[9].parameters = Some("p".to_owned());
        let missing = |recorded: &[StepFingerprint], level| {
            let found = first_difference(recorded, &whole, level).unwrap();
            assert_eq!(found.recorded, "none");
            (found.step, found.what)
        };
        for level in [Level::Bitwise, Level::Tolerance(0.1)] {
            assert_eq!(missing(&[], level), (Some(0), "fingerprint"));
            assert_eq!(missing(&whole[..12], level), (Some(12), "fingerprint"));
            let mut without = whole.clone();
            without[9].parameters = None;
            assert_eq!(missing(&without, level), (Some(9), "parameters"));
            // A replay that stops before knows nothing of them.
            assert_eq!(first_difference(&whole[..5], &whole[..5], level), None);
            assert_eq!(first_difference(&without, &whole[..9], level), None);
        }
        let mut other = whole.clone();
        other[9].parameters = Some("q".to_owned());
        assert_eq!(first_difference(&other, &whole, Level::Tolerance(0.1)), None, "their bits are not compared");
    }

    #[test]
    fn losses_that_are_no_numbers_agree_with_their_like_only() {
        let (nan, one) = (step(0, f32::NAN, "a"), step(0, 1.0, "a"));
        assert_eq!(
            first_difference(std::slice::from_ref(&nan), std::slice::from_ref(&nan), Level::Tolerance(0.1)),
            None
        );
        assert!(first_difference(&[nan], &[one], Level::Tolerance(0.1)).is_some());
    }
}
