//! `retrial plan`: what a run would do.

use super::args::PlanArguments;
use super::exit::Exit;
use super::run::{bundle_folder, load_data, load_experiment};
use super::summary::{Align, render_table};
use crate::engine::Engine;
use crate::sweep::{Plan, TrialStatus};

/// Prints every trial with its cost and state.
pub fn plan(arguments: &PlanArguments) -> miette::Result<Exit> {
    let experiment = load_experiment(&arguments.experiment)?;
    let engine = Engine::select(arguments.target.device)?;
    let data = load_data(&experiment, &arguments.experiment, false)?;
    let bundle = bundle_folder(&arguments.target, &experiment);
    let plan = Plan::new(&experiment, &data, engine.name(), &bundle)?;

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
