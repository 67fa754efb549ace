//! A trial of a bundle as a run: its settings as parameters, its curves as metrics, and tags that say what it rests on.
//! A pure function of the bundle, so that the same trial is the same run wherever it is exported from.

use serde_json::Value;

use super::records::{Entry, Measured, Status};
use crate::bundle::record::{Environment, KeyParts, Outcome, Reproducibility, TrialRecord};
use crate::bundle::series::{Axis, Point};
use crate::config::{Trainer, Variant};
use crate::provenance::Digest;

/// Tag with the digest of the trial's key.
pub const KEY: &str = "retrial.key";
/// Tag with `VARIANT/SEED`: two variants of the same settings have the same keys.
pub const TRIAL: &str = "retrial.trial";
/// Tag with the digest of the trial's figures.
pub const FIGURES: &str = "retrial.figures";
/// Tag that says how the trial ended.
pub const OUTCOME: &str = "retrial.outcome";
/// The value of [`OUTCOME`] of a trial that did not diverge.
pub const COMPLETED: &str = "completed";
/// Tag that says what steps count: epochs or steps.
pub const AXIS: &str = "retrial.axis";
/// Longer values are cut: servers before MLflow 2.8 take parameters of 500 characters, and all take tags of 5,000.
const LONGEST_PARAM: usize = 500;
const LONGEST_TAG: usize = 5000;
/// `MAX_ENTITY_KEY_LENGTH` in `mlflow/utils/validation.py`.
const LONGEST_NAME: usize = 250;
/// The end of the year 9999, in milliseconds since 1970: later nothing was run.
const LATEST: f64 = 253_402_300_799_999.0;

/// The bundle that trials are of.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Digest of its manifest, which every file was compared with; `None` where it has none.
    pub manifest: Option<Digest>,
    /// Of the experiment as it was resolved.
    pub experiment: Digest,
}

/// A finished trial.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    pub variant: &'a Variant,
    pub record: &'a TrialRecord,
    pub metrics: &'a [Point],
    pub environment: Option<&'a Environment>,
}

/// What a run is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOfTrial {
    /// `VARIANT/SEED`.
    pub name: String,
    pub key: Digest,
    /// Of its curves, without what it took in time and memory.
    pub figures: Digest,
    /// Milliseconds since 1970, as the two that follow.
    pub started: i64,
    pub ended: i64,
    pub status: Status,
    pub params: Vec<Entry>,
    pub tags: Vec<Entry>,
    pub metrics: Vec<Measured>,
}

impl RunOfTrial {
    /// # Errors
    /// When a number has no JSON form.
    pub fn of(trial: &Finished<'_>, origin: &Origin) -> Result<Self, serde_json::Error> {
        let Finished { variant, record, metrics, environment } = trial;
        let results: Vec<Point> = metrics.iter().map(Point::results).collect();
        let (started, ended) = times(*environment);
        let mut run = Self {
            name: format!("{}/{}", variant.id, record.seed),
            key: record.key.digest,
            figures: Digest::of_canonical_json(&results)?,
            started,
            ended,
            status: if record.outcome == Outcome::Completed { Status::Finished } else { Status::Failed },
            params: params(variant, record)?,
            tags: Vec::new(),
            metrics: metrics.iter().flat_map(|point| values(point, ended)).collect(),
        };
        run.tags = run.tags(trial, origin);
        Ok(run)
    }

    fn tags(&self, trial: &Finished<'_>, origin: &Origin) -> Vec<Entry> {
        let Finished { variant, record, metrics, environment } = trial;
        let manifest = origin.manifest.map(|manifest| manifest.to_string());
        let verified = if manifest.is_some() { "digests" } else { "nothing" };
        let axis = metrics.first().map_or(Axis::Step, |point| point.axis);
        let tags = [
            ("mlflow.runName", Some(self.name.clone())),
            ("mlflow.source.name", Some("retrial".to_owned())),
            ("mlflow.source.type", Some("LOCAL".to_owned())),
            ("mlflow.source.git.commit", environment.and_then(|environment| environment.code.commit.clone())),
            (KEY, Some(self.key.to_string())),
            (TRIAL, Some(self.name.clone())),
            (FIGURES, Some(self.figures.to_string())),
            ("retrial.experiment", Some(origin.experiment.to_string())),
            ("retrial.bundle", manifest),
            ("retrial.verified", Some(verified.to_owned())),
            ("retrial.reproducibility", Some(reproducibility(record, *environment))),
            ("retrial.trainer", Some(record.key.parts.performer().to_owned())),
            (OUTCOME, Some(outcome(&record.outcome))),
            (AXIS, Some(axis.name().to_owned())),
            ("retrial.label", Some(variant.label.clone())),
            ("retrial.version", environment.map(|environment| environment.retrial.clone())),
        ];
        let kept = tags.into_iter().filter_map(|(key, value)| Some(Entry::new(key, cut(&value?, LONGEST_TAG))));
        kept.collect()
    }
}

/// When it ran. Where that is not recorded it is now, since a server sorts by it.
fn times(environment: Option<&Environment>) -> (i64, i64) {
    let started = environment.and_then(|environment| environment.started.parse::<jiff::Timestamp>().ok());
    let started = started.unwrap_or_else(jiff::Timestamp::now).as_millisecond().max(0);
    let took = environment.map_or(0.0, |environment| environment.elapsed_seconds.max(0.0));
    (started, (started as f64 + 1000.0 * took).min(LATEST) as i64)
}

fn params(variant: &Variant, record: &TrialRecord) -> Result<Vec<Entry>, serde_json::Error> {
    let mut params = vec![Entry::new("variant", variant.id.as_str()), Entry::new("seed", record.seed.to_string())];
    let mut add = |name: &str, value: Value| flatten(name, &value, &mut params);
    match &variant.trainer {
        Trainer::Native(native) => {
            add("model", serde_json::to_value(&native.model)?);
            add("train", serde_json::to_value(&native.train)?);
        }
        Trainer::Command { params, .. } | Trainer::Import { params, .. } => {
            add("params", serde_json::to_value(params)?)
        }
    }
    Ok(params)
}

/// Every leaf of a value under the path that leads to it.
fn flatten(name: &str, value: &Value, into: &mut Vec<Entry>) {
    let text = match value {
        Value::Object(map) => {
            return map.iter().for_each(|(key, value)| flatten(&format!("{name}.{key}"), value, into));
        }
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    into.push(Entry::new(usable_name(name), cut(&text, LONGEST_PARAM)));
}

fn values(point: &Point, timestamp: i64) -> impl Iterator<Item = Measured> {
    let step = i64::try_from(point.at).unwrap_or(i64::MAX);
    let measured = move |(name, value): (&crate::config::MetricName, Option<f64>)| Measured {
        key: usable_name(name.as_str()),
        value: value.unwrap_or(f64::NAN),
        timestamp,
        step,
    };
    point.values().map(measured)
}

/// How far it was shown that the trial repeats itself.
fn reproducibility(record: &TrialRecord, environment: Option<&Environment>) -> String {
    match (&record.key.parts, environment.and_then(|environment| environment.reproducibility)) {
        (KeyParts::Import(_), _) => "nothing was run".to_owned(),
        (KeyParts::Command(_), _) => match record.command.as_ref().and_then(|command| command.repeated) {
            None => "run once".to_owned(),
            Some(repeated) if repeated.difference == 0.0 => format!("{} runs, bitwise", repeated.runs),
            Some(repeated) => format!("{} runs, within {}", repeated.runs, repeated.difference),
        },
        (KeyParts::Native(_), None) => "not shown".to_owned(),
        (KeyParts::Native(_), Some(Reproducibility::Bitwise)) => "bitwise".to_owned(),
        (KeyParts::Native(_), Some(Reproducibility::Tolerance { loss })) => format!("within {loss}"),
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Completed => COMPLETED.to_owned(),
        Outcome::Diverged { epoch, step } => format!("diverged in epoch {epoch} at step {step}"),
    }
}

/// A name as the server takes it (`validate_param_and_metric_name` and `path_not_unique` in `mlflow/utils/validation.py`):
/// it must be a path that is its own shortest form.
fn usable_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/');
    let kept: String = name.chars().take(LONGEST_NAME).map(|c| if allowed(c) { c } else { '_' }).collect();
    let is_plain = kept.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_plain { kept } else { kept.replace('/', "_") }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
#[path = "trial_tests.rs"]
mod tests;
