//! Results on an MLflow server: the finished runs of an experiment.

use super::found::Found;
use super::{ImportError, Source};
use crate::cli::args::ImportArguments;
use crate::mlflow::records::Stage;
use crate::mlflow::runs::{Names, RUN_NAME, RunTrial, RunsError, TakenOver};
use crate::mlflow::{Address, Server};

/// Names of experiments that are listed where the one asked for is not there.
const MOST_LISTED: usize = 20;

/// Reads an experiment's runs with their curves.
///
/// # Errors
/// When there is no such experiment, the server does not answer as it should, or runs cannot be told apart.
pub fn read(address: &Address, arguments: &ImportArguments) -> Result<Source, ImportError> {
    let server = Server::at(address);
    let url = server.address();
    let Some(name) = &arguments.experiment else {
        return Err(ImportError::WhichExperiment { url: url.to_owned(), there: there(&server)? });
    };
    let experiment = server.experiment(name)?.filter(|experiment| experiment.lifecycle_stage == Stage::Active);
    let Some(experiment) = experiment else {
        return Err(ImportError::NoExperiment { url: url.to_owned(), name: name.clone(), there: there(&server)? });
    };
    let names = Names { variant: arguments.variant.as_deref(), seed: arguments.seed.as_deref() };
    let taken = server.take_over(&experiment.experiment_id, names).map_err(|error| match error {
        RunsError::Server(error) => ImportError::Server(error),
        error => ImportError::Runs { url: url.to_owned(), name: name.clone(), error: Box::new(error) },
    })?;
    let mut found = Found::default();
    for trial in &taken.trials {
        add(&mut found, trial).map_err(|reason| ImportError::Unusable { url: url.to_owned(), reason })?;
    }
    let id = &experiment.experiment_id;
    Ok(Source {
        notes: notes(&taken, &found),
        found,
        says: format!("the MLflow experiment {name}"),
        from: Some(format!("Taken over by `retrial import` from {url}, experiment {name} (id {id}).")),
    })
}

/// The names of the experiments that there are, for people.
fn there(server: &Server) -> Result<String, ImportError> {
    let names = server.experiment_names()?;
    let rest = names.len().saturating_sub(MOST_LISTED);
    let listed = names.iter().take(MOST_LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Ok(match (names.is_empty(), rest) {
        (true, _) => "none".to_owned(),
        (false, 0) => listed,
        (false, rest) => format!("{listed} and {rest} more"),
    })
}

fn add(found: &mut Found, trial: &RunTrial) -> Result<(), String> {
    for (at, point) in &trial.points {
        // As `NaN` and `inf` where it is not finite, which a table has as well.
        let values: Vec<(&str, String)> =
            point.iter().map(|(name, value)| (name.as_str(), format!("{value:?}"))).collect();
        let values = values.iter().map(|(name, value)| (*name, value.as_str()));
        found.add(&trial.variant, Some(trial.seed), [(trial.axis.name(), at.to_string())], values)?;
    }
    Ok(())
}

/// What somebody should know about how runs became trials.
fn notes(taken: &TakenOver, found: &Found) -> Vec<String> {
    let mut notes: Vec<String> = taken.left_out.iter().map(|(run, why)| format!("  {run} {why}")).collect();
    if !notes.is_empty() {
        notes.insert(0, format!("Left out, {} of {} runs:", notes.len(), notes.len() + taken.trials.len()));
    }
    let variants =
        if taken.variants_by == RUN_NAME { "the name of a run" } else { &format!("`{}`", taken.variants_by) };
    let seeds = match &taken.seeds_by {
        Some(name) => format!("`{name}` its seed"),
        None => "the runs of a variant count as its seeds, from 1".to_owned(),
    };
    notes.push(format!("Of a run, {variants} is the variant, and {seeds}"));
    if taken.variants_by == RUN_NAME && found.variants() == found.trials() && found.trials() > 1 {
        notes.push(
            "Every run is a variant of its own by its name: say which parameter or tag is the setting under test with \
             --variant NAME"
                .to_owned(),
        );
    }
    if taken.before_zero > 0 {
        notes.push(format!("Values at steps below zero, which no trial has, and so left out: {}", taken.before_zero));
    }
    notes
}
