//! `retrial run`: data, trials, report.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::args::{ExperimentArguments, RunArguments, TargetArguments};
use super::exit::Exit;
use super::progress::Progress;
use super::publish::publish;
use super::{stop, summary, throughput};
use crate::bundle::record::{Outcome, Reproducibility};
use crate::bundle::{BundleError, BundleFolder, BundleLock};
use crate::claims::{self, Judged};
use crate::config::{self, Experiment, Override};
use crate::data::{self, Cache, Dataset};
use crate::engine::{Engine, ThreadPlan, available_cores};
use crate::provenance::code;
use crate::sweep::{self, Plan, SweepEvent, SweepOptions, SweepOutcome};

/// Trains what is due and writes the report.
pub fn run(arguments: &RunArguments) -> miette::Result<Exit> {
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let experiment = load_experiment(&arguments.experiment)?;
    let engine = Engine::select(arguments.target.device)?;
    for variant in &experiment.variants {
        engine.check_precision(variant.train.precision)?;
    }
    let data = load_data(&experiment, &arguments.experiment, arguments.quiet)?;
    let bundle = bundle_folder(&arguments.target, &experiment);
    let mut plan = Plan::new(&experiment, &data, engine.name(), &bundle)?;
    let existing = plan.existing();
    let is_part = !arguments.only.is_empty() || arguments.shard.is_some();
    if !arguments.only.is_empty() {
        plan.only(&arguments.only)?;
    }
    if let Some(shard) = arguments.shard {
        plan.shard(shard);
    }
    if arguments.fresh {
        plan.forget_finished();
    }
    let _locks = locks(&bundle, &plan, is_part)?;
    let due = plan.due().count();
    let asked = arguments.jobs.map(usize::from);
    let threads = ThreadPlan::new(asked, due.min(engine.most_jobs()), available_cores());
    engine.set_threads(threads);
    let progress = Progress::new(plan.due_images(), "images", arguments.quiet);
    progress.line(&format!(
        "{}: {due} of {} trials to run on {}, {} at a time with {} thread(s) each",
        experiment.id,
        plan.trials.len(),
        engine.name(),
        threads.jobs,
        threads.threads_per_job
    ));

    let reproducibility = if due == 0 { None } else { Some(sweep::self_test(&engine, threads)?) };
    if let Some(level) = reproducibility {
        progress.line(&format!("{}: {}", engine.name(), in_words(level)));
    }
    let place = |clock: &Instant| sweep::environment(&engine, threads, reproducibility, started, clock.elapsed());
    // A part of a run leaves the bundle's own files alone once they are there: others may be at work beside it.
    let is_first = bundle.experiment().is_err();
    if due > 0 && (!is_part || is_first) {
        bundle.write_environment(&place(&clock))?;
    }
    if !is_part || is_first {
        bundle.write_run(&experiment, &data.record())?;
        let registration = bundle.registration()?;
        let registered = claims::register(registration, &experiment, code::analysis(), existing as u32);
        bundle.write_registration(&registered)?;
    }
    let show = |event: SweepEvent<'_>| show(&progress, event);
    let stop = stop::flag();
    let options = SweepOptions {
        threads,
        checkpoints: &arguments.experiment.cache.join("checkpoints"),
        checkpoint_every: Duration::from_secs(arguments.checkpoint_every),
        stop: &stop,
    };
    let outcome = sweep::run(&plan, &data, &engine, &bundle, options, &show)?;
    progress.finish();
    let progress = Progress::new(0, "rounds", arguments.quiet);
    if is_part {
        progress.line(&format!("Part of a run: `retrial report {}` writes the report", bundle.root().display()));
        return Ok(exit_of(&outcome));
    }
    if due > 0 {
        bundle.write_environment(&place(&clock))?;
    }
    // What was stopped has no time for this; the run that goes on from there has.
    if exit_of(&outcome) != Exit::Interrupted && !arguments.no_throughput {
        let again = arguments.fresh;
        let stage = throughput::Stage { experiment: &experiment, data: &data, engine: &engine, stop: &stop };
        throughput::into_bundle(&stage, &bundle, again, &progress)?;
    }
    let (evidence, judged) = publish(&bundle, &experiment)?;
    if !arguments.quiet {
        print!("{}", summary::table(&evidence));
        print!("{}", summary::verdicts(&judged));
        println!("{}", closing(&outcome, &bundle));
    }
    Ok(match exit_of(&outcome) {
        Exit::Success if arguments.gate => gate(&judged),
        exit => exit,
    })
}

/// The whole bundle's lock, or for a part of a run those of its trials.
fn locks(bundle: &BundleFolder, plan: &Plan<'_>, is_part: bool) -> Result<Vec<BundleLock>, BundleError> {
    if is_part {
        plan.due().map(|trial| BundleLock::take_trial(bundle.root(), &trial.variant.id, trial.seed)).collect()
    } else {
        Ok(vec![BundleLock::take(bundle.root())?])
    }
}

fn exit_of(outcome: &SweepOutcome) -> Exit {
    match outcome {
        SweepOutcome { failed: 1.., .. } => Exit::TrialsFailed,
        SweepOutcome { interrupted: 1.., .. } => Exit::Interrupted,
        _ => Exit::Success,
    }
}

/// Names every claim that is not what it must be.
fn gate(judged: &[Judged]) -> Exit {
    let unmet = claims::gate(judged);
    for judged in &unmet {
        eprintln!("claim {} is {}: {}", judged.claim.id, summary::in_word(judged.verdict), judged.claim.says);
    }
    if unmet.is_empty() { Exit::Success } else { Exit::ClaimsNotMet }
}

/// What the self-test showed.
pub fn in_words(level: Reproducibility) -> String {
    match level {
        Reproducibility::Bitwise => "a short training run twice gave the same bits (level `bitwise`)".to_owned(),
        Reproducibility::Tolerance { loss } => format!(
            "a short training run twice did not give the same bits (level `tolerance`: losses differ by up to {loss:.1e})"
        ),
    }
}

fn closing(outcome: &SweepOutcome, bundle: &BundleFolder) -> String {
    let mut text = String::new();
    for (count, what) in [(outcome.diverged, "diverged"), (outcome.failed, "failed"), (outcome.interrupted, "stopped")]
    {
        if count > 0 {
            text.push_str(&format!("{count} trial(s) {what}\n"));
        }
    }
    text + &format!("Report: {}", bundle.root().join("index.html").display())
}

/// One line for what a reader of a log wants to know.
fn show(progress: &Progress, event: SweepEvent<'_>) {
    let percent = |fraction: f64| format!("{:.1}%", 100.0 * fraction);
    let loss = |loss: Option<f64>| loss.map_or_else(|| "not finite".to_owned(), |loss| format!("{loss:.4}"));
    match event {
        SweepEvent::Started { resumed: None, .. } => {}
        SweepEvent::Started { variant, seed, resumed: Some(step) } => {
            progress.line(&format!("{variant} seed {seed}: goes on after step {step}"));
        }
        SweepEvent::Warning { variant, seed, message } => {
            progress.line(&format!("{variant} seed {seed}: warning: {message}"));
        }
        SweepEvent::Interrupted { variant, seed } => {
            progress.line(&format!("{variant} seed {seed}: stopped, with a checkpoint"));
        }
        SweepEvent::Advanced { images } => progress.advance(images),
        SweepEvent::Epoch { variant, seed, epochs, metrics } => progress.line(&format!(
            "{variant} seed {seed} epoch {}/{epochs}: train loss {} accuracy {}, val loss {} accuracy {}",
            metrics.epoch,
            loss(metrics.train_loss),
            percent(metrics.train_accuracy),
            loss(metrics.val_loss),
            percent(metrics.val_accuracy),
        )),
        SweepEvent::Finished { variant, seed, outcome, seconds } => progress.line(&match outcome {
            Outcome::Completed => format!("{variant} seed {seed}: completed in {seconds:.1} s"),
            Outcome::Diverged { epoch, step } => format!(
                "{variant} seed {seed}: diverged in epoch {epoch} at step {step}, the training loss is not finite"
            ),
        }),
        SweepEvent::Failed { variant, seed, message } => {
            progress.line(&format!("{variant} seed {seed}: FAILED, {message}"));
        }
    }
}

/// The experiment with what the command line changes about it.
pub fn load_experiment(arguments: &ExperimentArguments) -> miette::Result<Experiment> {
    let mut overrides = arguments.overrides.clone();
    if let Some(path) = &arguments.data {
        overrides.push(Override::data_path(&path.to_string_lossy()));
    }
    config::load_with_data(&arguments.config, &overrides).map_err(|error| miette::Report::new(*error))
}

pub fn load_data(experiment: &Experiment, arguments: &ExperimentArguments, quiet: bool) -> miette::Result<Dataset> {
    let progress = Progress::new(0, "images", quiet);
    let data = data::load(&experiment.data, &Cache::new(arguments.cache.join("data")), &|event| {
        if let data::LoadEvent::Note(text) = event {
            progress.line(&text);
        }
    });
    progress.finish();
    Ok(data?)
}

/// The images of an experiment, silently.
pub fn load_data_of(experiment: &Experiment, cache: &Path) -> miette::Result<Dataset> {
    Ok(data::load(&experiment.data, &Cache::new(cache.join("data")), &|_| {})?)
}

pub fn bundle_folder(arguments: &TargetArguments, experiment: &Experiment) -> BundleFolder {
    let default = || PathBuf::from("reports").join(experiment.id.as_str());
    BundleFolder::new(arguments.out.clone().unwrap_or_else(default))
}
