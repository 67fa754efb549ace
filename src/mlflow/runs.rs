//! The runs of an experiment as trials: which setting and seed each had, and its curves.
//!
//! Only runs that ended well count. The others are named, so that nobody takes what is left for everything there was.

use std::collections::BTreeMap;

use super::client::{Problem, Server, ServerError};
use super::records::{Measured, Run, Stage, Status};
use super::trial;
use crate::bundle::series::Axis;
use crate::report::text::counted;

const NO_METRICS: &str = "has no metrics";
/// What stands for the name of a run where names of parameters and tags are asked for.
pub const RUN_NAME: &str = "run_name";
/// Parameters and tags that hold a setting or a seed by custom, where nobody says which does.
const VARIANT: &str = "variant";
const SEEDS: [&str; 3] = ["seed", "random_state", "random_seed"];
/// Values of all curves together; as a table they take some hundred megabytes of memory.
const MOST_VALUES: usize = 2_000_000;

/// The parameters or tags that tell runs apart; `None` where that is left to custom.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names<'a> {
    pub variant: Option<&'a str>,
    pub seed: Option<&'a str>,
}

/// What an experiment of a server came to.
#[derive(Debug)]
pub struct TakenOver {
    /// As they were started.
    pub trials: Vec<RunTrial>,
    /// Name or id of each run that does not count, and why.
    pub left_out: Vec<(String, String)>,
    /// What the variants are named by: a parameter or tag, or [`RUN_NAME`].
    pub variants_by: String,
    /// The parameter or tag with the seeds; `None` where they were counted.
    pub seeds_by: Option<String>,
    /// Values at steps below zero, which no trial has.
    pub before_zero: usize,
}

/// A run as a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTrial {
    pub variant: String,
    pub seed: u64,
    pub axis: Axis,
    /// By step, and there by the name of the metric. At the last step is the last value of every metric, since a trial's
    /// figures are what it ended with, and runs log some metrics more often than others.
    pub points: BTreeMap<u64, BTreeMap<String, f64>>,
}

/// Why runs are no trials.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RunsError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Server(#[from] ServerError),
    #[error("of {} none has finished and left a metric", counted(*of, "run"))]
    #[diagnostic(code(retrial::mlflow::no_runs), help("{left_out}"))]
    NoRuns { of: usize, left_out: String },
    #[error("the run {run} has no parameter and no tag `{name}`; it has {has}")]
    #[diagnostic(
        code(retrial::mlflow::no_setting),
        help("name one that every run has with `{option} NAME`, or delete the runs that do not belong there")
    )]
    NoSetting { run: String, name: String, has: String, option: &'static str },
    #[error("the seed of the run {run} is `{value}`, which is no whole number")]
    #[diagnostic(code(retrial::mlflow::no_seed), help("name the parameter or tag with the seeds with `--seed NAME`"))]
    NoSeed { run: String, value: String },
    #[error("the runs {one} and {other} are both of the variant `{variant}` with seed {seed}")]
    #[diagnostic(
        code(retrial::mlflow::same_trial),
        help("delete one of them in MLflow, or say what tells them apart with `--variant NAME` or `--seed NAME`")
    )]
    SameTrial { one: String, other: String, variant: String, seed: u64 },
}

impl Server {
    /// The finished runs of an experiment, with all of their curves.
    ///
    /// # Errors
    /// When the server does not answer as it should, no run counts, or runs cannot be told apart.
    pub fn take_over(&self, experiment_id: &str, names: Names<'_>) -> Result<TakenOver, RunsError> {
        let (mut runs, mut left_out) = (Vec::new(), Vec::new());
        for run in self.runs(experiment_id, "")? {
            match why_not(&run) {
                None => runs.push(run),
                Some(why) => left_out.push((in_words(&run), why)),
            }
        }
        let (variants_by, seeds_by) = (variants_by(&runs, names.variant), seeds_by(&runs, names.seed));
        let places = places(&runs, &variants_by, seeds_by.as_deref())?;
        let (mut trials, mut before_zero, mut values) = (Vec::new(), 0, 0);
        for (run, (variant, seed)) in runs.iter().zip(places) {
            let curves = self.curves(run, &mut values)?;
            before_zero += curves.before_zero;
            let points = curves.last_values();
            if points.is_empty() {
                left_out.push((in_words(run), NO_METRICS.to_owned()));
            } else {
                trials.push(RunTrial { variant, seed, axis: axis(run), points });
            }
        }
        if trials.is_empty() {
            return Err(RunsError::NoRuns { of: left_out.len(), left_out: why_none(&left_out) });
        }
        Ok(TakenOver { trials, left_out, variants_by, seeds_by, before_zero })
    }

    /// All values of a run. `values` counts those of all runs together.
    fn curves(&self, run: &Run, values: &mut usize) -> Result<Curves, ServerError> {
        let mut curves = Curves::default();
        for metric in metrics(run) {
            let history = self.history(&run.info.run_id, metric)?;
            *values += history.len();
            if *values > MOST_VALUES {
                let (call, what) = ("metrics/get-history", "values");
                return Err(self.error(Problem::TooMany { call, most: MOST_VALUES, what }));
            }
            curves.add(metric, history);
        }
        Ok(curves)
    }
}

/// What to do where no run counts.
fn why_none(left_out: &[(String, String)]) -> String {
    const MOST_LISTED: usize = 20;
    let listed: Vec<String> = left_out.iter().take(MOST_LISTED).map(|(run, why)| format!("{run} {why}")).collect();
    if listed.is_empty() {
        return "log something to it first, or name another with `--experiment NAME`".to_owned();
    }
    format!("left out: {}", listed.join(", "))
}

/// What the steps of a run count, which runs of this program's own trials say.
fn axis(run: &Run) -> Axis {
    if run.tag(trial::AXIS) == Some(Axis::Epoch.name()) { Axis::Epoch } else { Axis::Step }
}

/// Why a run does not count.
fn why_not(run: &Run) -> Option<String> {
    if run.info.lifecycle_stage == Stage::Deleted {
        Some("was deleted".to_owned())
    } else if run.info.status != Status::Finished {
        let diverged = run.tag(trial::OUTCOME).is_some_and(|outcome| outcome != trial::COMPLETED);
        Some(format!("is {}{}", run.info.status.name(), if diverged { ", diverged" } else { "" }))
    } else if run.data.metrics.is_empty() {
        Some(NO_METRICS.to_owned())
    } else {
        None
    }
}

/// A run by its name, which need not be the only one of it, and its id.
fn in_words(run: &Run) -> String {
    let id: String = run.info.run_id.chars().take(8).collect();
    if run.info.run_name.is_empty() { run.info.run_id.clone() } else { format!("{} ({id})", run.name()) }
}

fn variants_by(runs: &[Run], said: Option<&str>) -> String {
    let by_custom = || if runs.iter().all(|run| run.setting(VARIANT).is_some()) { VARIANT } else { RUN_NAME };
    said.unwrap_or_else(by_custom).to_owned()
}

fn seeds_by(runs: &[Run], said: Option<&str>) -> Option<String> {
    let holds_seeds =
        |name: &&str| runs.iter().all(|run| run.setting(name).is_some_and(|value| value.parse::<u64>().is_ok()));
    said.or_else(|| SEEDS.into_iter().find(holds_seeds)).map(str::to_owned)
}

/// Variant and seed of each run, no two of which are the same.
fn places(runs: &[Run], variants_by: &str, seeds_by: Option<&str>) -> Result<Vec<(String, u64)>, RunsError> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut taken: BTreeMap<(&str, u64), &Run> = BTreeMap::new();
    let mut places = Vec::new();
    for run in runs {
        let variant = setting(run, variants_by, "--variant")?;
        let count = counts.entry(variant).or_default();
        *count += 1;
        let seed = match seeds_by {
            None => *count,
            Some(name) => {
                let value = setting(run, name, "--seed")?;
                value.parse().map_err(|_| RunsError::NoSeed { run: in_words(run), value: value.to_owned() })?
            }
        };
        if let Some(other) = taken.insert((variant, seed), run) {
            let (one, other, variant) = (in_words(other), in_words(run), variant.to_owned());
            return Err(RunsError::SameTrial { one, other, variant, seed });
        }
        places.push((variant.to_owned(), seed));
    }
    Ok(places)
}

fn setting<'a>(run: &'a Run, name: &str, option: &'static str) -> Result<&'a str, RunsError> {
    let found = if name == RUN_NAME { Some(run.name()) } else { run.setting(name) };
    found.ok_or_else(|| {
        let names = run.data.params.iter().chain(&run.data.tags).map(|entry| entry.key.as_str());
        let own: Vec<&str> = names.filter(|key| !key.starts_with("mlflow.")).take(50).collect();
        let has = if own.is_empty() { "none".to_owned() } else { own.join(", ") };
        RunsError::NoSetting { run: in_words(run), name: name.to_owned(), has, option }
    })
}

/// The names of the metrics that a run has, in alphabetical order: a server has none.
fn metrics(run: &Run) -> Vec<&str> {
    let mut names: Vec<&str> = run.data.metrics.iter().map(|metric| metric.key.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The curves of a run: values with the time at which each was logged.
#[derive(Default)]
struct Curves {
    points: BTreeMap<u64, BTreeMap<String, (i64, f64)>>,
    /// Values that were passed over, since they are at steps below zero.
    before_zero: usize,
}

impl Curves {
    /// Of several values at one step the one that was logged last counts, of those the largest, as MLflow itself has it
    /// (`_update_latest_metrics_if_necessary` in `mlflow/store/tracking/sqlalchemy_store.py`).
    fn add(&mut self, metric: &str, history: Vec<Measured>) {
        for Measured { value, timestamp, step, .. } in history {
            let Ok(step) = u64::try_from(step) else {
                self.before_zero += 1;
                continue;
            };
            let point = self.points.entry(step).or_default();
            let known = point.entry(metric.to_owned()).or_insert((timestamp, value));
            if timestamp > known.0 || (timestamp == known.0 && value.total_cmp(&known.1).is_gt()) {
                *known = (timestamp, value);
            }
        }
    }

    fn last_values(self) -> BTreeMap<u64, BTreeMap<String, f64>> {
        let values = |point: BTreeMap<String, (i64, f64)>| point.into_iter().map(|(name, (_, value))| (name, value));
        let mut points: BTreeMap<u64, BTreeMap<String, f64>> =
            self.points.into_iter().map(|(step, point)| (step, values(point).collect())).collect();
        // Later ones replace earlier ones.
        let last: BTreeMap<String, f64> =
            points.values().flatten().map(|(name, value)| (name.clone(), *value)).collect();
        if let Some(mut end) = points.last_entry() {
            end.insert(last);
        }
        points
    }
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
