//! `retrial plan`: what a run would do.

use super::args::PlanArguments;
use super::exit::Exit;
use super::progress::Manner;
use super::run::{bundle_folder, load_data, load_experiment};
use super::summary::{Align, render_table};
use crate::bundle::record::SCHEMA;
use crate::config::Experiment;
use crate::engine::Engine;
use crate::sweep::{DueTrial, Plan, TrialStatus};

/// Prints every trial with its cost and state.
pub fn plan(arguments: &PlanArguments) -> miette::Result<Exit> {
    let experiment = load_experiment(&arguments.experiment)?;
    let engine = Engine::select(arguments.target.device)?;
    let data = load_data(&experiment, &arguments.experiment, Manner::of(arguments.names, false))?;
    let bundle = bundle_folder(&arguments.target, &experiment);
    let plan = Plan::new(&experiment, &data, engine.name(), &bundle)?;

    if arguments.json {
        println!("{}", as_json(&experiment, &plan, engine.name()));
        return Ok(Exit::Success);
    }
    if arguments.names {
        plan.due().for_each(|trial| println!("{}", trial.name()));
        return Ok(Exit::Success);
    }
    let mut rows = vec![["variant", "seed", "epochs", "images", "key", "state"].map(str::to_owned).to_vec()];
    for trial in &plan.trials {
        let state = match &trial.status {
            TrialStatus::Finished => "finished".to_owned(),
            TrialStatus::Absent => "to run".to_owned(),
            TrialStatus::Outdated(parts) => format!("to run again: other {}", parts.join(", ")),
        };
        rows.push(vec![
            trial.variant.id.to_string(),
            trial.seed.to_string(),
            trial.variant.train.epochs.to_string(),
            trial.images.to_string(),
            trial.key.digest.short(),
            state,
        ]);
    }
    print!(
        "{}",
        render_table(&rows, &[Align::Left, Align::Right, Align::Right, Align::Right, Align::Left, Align::Left])
    );
    println!(
        "{} of {} trials to run on {}: {} training images",
        plan.due().count(),
        plan.trials.len(),
        engine.name(),
        plan.due_images()
    );
    println!("Bundle: {}", bundle.root().display());
    Ok(Exit::Success)
}

/// The plan for schedulers: one entry for each trial, named as `retrial run --only` takes it.
fn as_json(experiment: &Experiment, plan: &Plan<'_>, engine: &str) -> String {
    let trial = |trial: &DueTrial<'_>| {
        let (state, changed) = match &trial.status {
            TrialStatus::Finished => ("finished", vec![]),
            TrialStatus::Absent => ("absent", vec![]),
            TrialStatus::Outdated(parts) => ("outdated", parts.clone()),
        };
        serde_json::json!({
            "trial": trial.name().to_string(),
            "variant": trial.variant.id,
            "seed": trial.seed,
            "key": trial.key.digest,
            "state": state,
            "changed": changed,
            "epochs": trial.variant.train.epochs,
            "image_size": trial.variant.train.image_size,
            "training_images": trial.images,
        })
    };
    let json = serde_json::json!({
        "schema": SCHEMA,
        "experiment": experiment.id,
        "engine": engine,
        "trials": plan.trials.iter().map(trial).collect::<Vec<_>>(),
        "due_training_images": plan.due_images(),
    });
    format!("{json:#}")
}
