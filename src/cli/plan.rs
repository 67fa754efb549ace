//! `retrial plan`: what a run would do.

use std::cell::OnceCell;
use std::time::Duration;

use super::args::PlanArguments;
use super::exit::Exit;
use super::output::{out, outln, print_json};
use super::progress::Manner;
use super::run::{Means, bundle_folder, load_data, load_experiment};
use super::settle::{Standing, check};
use super::summary::{Align, render_table};
use crate::bundle::record::SCHEMA;
use crate::config::{Experiment, Seed, Variant};
use crate::data::{DataSize, published_size};
use crate::engine::ThreadPlan;
use crate::report::text::counted;
use crate::sweep::{DueTrial, Plan, TrialStatus};
use crate::trainer::command::CommandTrainer;
use crate::trainer::import::ImportTrainer;
use crate::trainer::native::{NativeTrainer, cost_of};
use crate::trainer::{Trainers, TrialCost};

/// Prints every trial with its cost and state.
pub fn plan(arguments: &PlanArguments) -> miette::Result<Exit> {
    let experiment = load_experiment(&arguments.experiment)?;
    let means = Means::of(&experiment, arguments.target.device, |data| {
        load_data(data, &arguments.experiment, Manner::of(arguments.names, false)).inspect_err(|_| {
            if let (Some(size), false, false) = (published_size(data), arguments.json, arguments.names) {
                print_without_images(&experiment, size);
            }
        })
    })?;
    let bundle = bundle_folder(&arguments.target, &experiment);
    let cache = &arguments.experiment.cache;
    let threads = ThreadPlan { jobs: 1, threads_per_job: 1 };
    let trainers = Trainers {
        native: means.own().map(|(engine, data)| NativeTrainer {
            engine,
            data,
            threads,
            checkpoints: cache,
            checkpoint_every: Duration::MAX,
        }),
        command: CommandTrainer::new(&experiment, means.data.as_ref(), cache.clone(), threads.threads_per_job),
        import: ImportTrainer::new(&experiment),
    };
    if arguments.settle {
        check(&experiment)?;
    }
    let (called, further) = (bundle.called(&experiment), OnceCell::new());
    let mut plan = Plan::new(&called, &trainers, &bundle)?;
    if arguments.settle && plan.due().next().is_none() {
        match Standing::of(&experiment, &bundle, 1)?.next(None) {
            Some(next) => plan = Plan::new(further.get_or_init(|| next.called), &trainers, &bundle)?,
            None if !arguments.json && !arguments.names => outln!("No further look would settle a claim."),
            None => {}
        }
    }
    let performer = means.performer();

    if arguments.json {
        print_json(&as_json(&experiment, &plan, performer));
        return Ok(Exit::Success);
    }
    if arguments.names {
        plan.due().for_each(|trial| outln!("{}", trial.name()));
        return Ok(Exit::Success);
    }
    let mut rows = Vec::new();
    for trial in &plan.trials {
        let state = match &trial.status {
            TrialStatus::Finished => "finished".to_owned(),
            TrialStatus::Absent => "to run".to_owned(),
            TrialStatus::Outdated(parts) => format!("to run again: other {}", parts.join(", ")),
        };
        rows.push(row(trial.variant, trial.seed, trial.cost, trial.key.digest.short(), state));
    }
    print_table(rows);
    let (due, all) = (plan.due().count(), plan.trials.len());
    let cost = if means.engine.is_some() { format!(": {}", in_words(plan.due_cost())) } else { String::new() };
    outln!("{due} of {} to run on {performer}{cost}", counted(all, "trial"));
    outln!("Bundle: {}", bundle.root().display());
    Ok(Exit::Success)
}

/// What can be said before the images are there: neither keys nor what is finished.
fn print_without_images(experiment: &Experiment, size: DataSize) {
    let of = |variant: &Variant| variant.native().map_or_else(TrialCost::default, |network| cost_of(network, size));
    let costs: Vec<_> = experiment.trials().map(|(variant, _)| of(variant)).collect();
    let unknown = || "unknown without the images".to_owned();
    let rows = experiment.trials().zip(&costs);
    print_table(rows.map(|((variant, seed), cost)| row(variant, seed, *cost, "-".to_owned(), unknown())).collect());
    outln!("{}: {}", counted(costs.len(), "trial"), in_words(costs.into_iter().sum()));
}

fn row(variant: &Variant, seed: Seed, cost: TrialCost, key: String, state: String) -> Vec<String> {
    let (epochs, images, flops) = match variant.native() {
        Some(network) => (network.train.epochs.to_string(), cost.images.to_string(), format!("{:.2e}", cost.flops)),
        // What another program does is its own business.
        None => ("-".to_owned(), "-".to_owned(), "-".to_owned()),
    };
    vec![variant.id.to_string(), seed.to_string(), epochs, images, flops, key, state]
}

fn print_table(mut rows: Vec<Vec<String>>) {
    rows.insert(0, ["variant", "seed", "epochs", "images", "FLOPs", "key", "state"].map(str::to_owned).to_vec());
    let right = [Align::Right; 4];
    out!("{}", render_table(&rows, &[&[Align::Left], &right[..], &[Align::Left, Align::Left]].concat()));
}

/// `640 training images, 1.90e10 floating-point operations (training steps alone)`.
fn in_words(cost: TrialCost) -> String {
    let TrialCost { images, flops } = cost;
    let images = counted(usize::try_from(images).unwrap_or(usize::MAX), "training-image");
    format!("{images}, {flops:.2e} floating-point operations (training steps alone)")
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
            "epochs": trial.variant.native().map(|network| network.train.epochs),
            "image_size": trial.variant.native().map(|network| network.train.image_size),
            "training_images": trial.cost.images,
            "training_flops": trial.cost.flops,
        })
    };
    let json = serde_json::json!({
        "schema": SCHEMA,
        "experiment": experiment.id,
        "engine": engine,
        "trials": plan.trials.iter().map(trial).collect::<Vec<_>>(),
        "due_training_images": plan.due_cost().images,
        "due_training_flops": plan.due_cost().flops,
    });
    format!("{json:#}")
}
