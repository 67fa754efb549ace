//! Writing runs: each trial once, however often it is asked for, and whole or not at all as far as anybody can see.
//!
//! A run is made with the tags that name its trial and counts as running until its last value is there. One that still
//! runs was left half done, by an export that was interrupted, and is made anew.

use super::client::{Server, ServerError};
use super::records::{Run, Stage, Status};
use super::trial::{FIGURES, KEY, RunOfTrial, TRIAL};

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is a run now.
    Written,
    /// One was half written; in its place is a whole one.
    Completed,
    /// It was a run already, and stays as it is.
    There,
    /// The same, and the run has other figures.
    Differs,
}

/// Why there is no experiment to write runs to.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum NoExperiment {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Server(#[from] ServerError),
    #[error("{server}: the experiment `{name}` was deleted")]
    #[diagnostic(
        code(retrial::mlflow::deleted),
        help("restore it in MLflow, or name another with `--experiment NAME`; it is made if it is not there")
    )]
    Deleted { server: String, name: String },
}

impl Server {
    /// The id of the experiment of this name, and whether it was made for that.
    ///
    /// # Errors
    /// When the server does not answer as it should, or the experiment was deleted.
    pub fn experiment_to_write(&self, name: &str) -> Result<(String, bool), NoExperiment> {
        match self.experiment(name)? {
            None => Ok((self.create_experiment(name)?, true)),
            Some(found) if found.lifecycle_stage == Stage::Deleted => {
                Err(NoExperiment::Deleted { server: self.address().to_owned(), name: name.to_owned() })
            }
            Some(found) => Ok((found.experiment_id, false)),
        }
    }

    /// Makes a trial a run, unless it is one.
    ///
    /// # Errors
    /// When the server does not answer as it should; the same call then completes what it began.
    pub fn send(&self, experiment_id: &str, trial: &RunOfTrial) -> Result<Sent, ServerError> {
        // Digests and names of variants need no quoting.
        let filter = format!("tags.`{KEY}` = '{}' and tags.`{TRIAL}` = '{}'", trial.key, trial.name);
        let mut runs = self.runs(experiment_id, &filter)?;
        // Whatever a server makes of the filter, no other run is touched.
        runs.retain(|run| run.info.lifecycle_stage == Stage::Active && is_of(run, trial));
        let (half, whole): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(|run| run.info.status == Status::Running);
        if let Some(run) = whole.first() {
            let is_same = run.tag(FIGURES) == Some(&trial.figures.to_string());
            return Ok(if is_same { Sent::There } else { Sent::Differs });
        }
        half.iter().try_for_each(|run| self.delete_run(&run.info.run_id))?;
        let id = self.create_run(experiment_id, &trial.name, trial.started, &trial.tags)?;
        self.log(&id, &trial.params, &trial.metrics)?;
        self.end_run(&id, trial.status, trial.ended)?;
        Ok(if half.is_empty() { Sent::Written } else { Sent::Completed })
    }
}

fn is_of(run: &Run, trial: &RunOfTrial) -> bool {
    run.tag(KEY) == Some(&trial.key.to_string()) && run.tag(TRIAL) == Some(&trial.name)
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
