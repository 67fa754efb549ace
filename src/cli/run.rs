//! `retrial run`: data, trials, report.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::against::{self, Publication};
use super::args::{ExperimentArguments, RunArguments, TargetArguments};
use super::conclude::{OwnStyle, conclude_with};
use super::events::{self, Event};
use super::exit::Exit;
use super::gate::{gate, gate_images};
use super::output::{out, outln};
use super::progress::{Manner, Progress};
use super::settle::{Standing, check};
use super::throughput::Measured;
use super::trust::trust;
use super::{stop, summary, throughput};
use crate::bundle::{BundleError, BundleFolder, BundleLock};
use crate::claims;
use crate::config::{self, DataSpec, Experiment, Override};
use crate::data::{self, Cache, Dataset};
use crate::engine::{DeviceChoice, Engine, ThreadPlan, available_cores};
use crate::provenance::code;
use crate::report::text::counted;
use crate::sweep::{self, Plan, SweepEvent, SweepOptions, SweepOutcome, TrialName};
use crate::trainer::Trainers;
use crate::trainer::command::CommandTrainer;
use crate::trainer::import::ImportTrainer;
use crate::trainer::native::NativeTrainer;

/// A part of a run cannot go into this folder.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RunError {
    #[error("{} holds trials of another experiment than this: the {what} differ", into.display())]
    #[diagnostic(
        code(retrial::run::other_experiment),
        help(
            "name another folder with `--out DIR`; or remove this one, if its trials are no longer wanted; or give the \
             file and the `--set` and `--data` options that it was begun with"
        )
    )]
    OtherExperiment { into: PathBuf, what: &'static str },
    #[error("{} holds {trial}, which was computed by {there}, and this run computes on {here}", into.display())]
    #[diagnostic(
        code(retrial::run::other_engine),
        help(
            "one variant on two engines is no longer one sample: name another folder with `--out DIR`, or train all \
             again with `--fresh`; `--mix-engines` keeps such trials and goes on, and the report says so"
        )
    )]
    OtherEngine { into: PathBuf, trial: TrialName, there: String, here: String },
    #[error("the experiment has no `data` that this program could read")]
    #[diagnostic(
        code(retrial::run::no_images),
        help("only experiments with variants of this program's own have images")
    )]
    NoImages,
    #[error("{} is what is written, so it cannot be compared with", folder.display())]
    #[diagnostic(code(retrial::run::against_itself), help("name another folder with `--out DIR`"))]
    AgainstItself { folder: PathBuf },
}

/// Trains what is due and writes the report.
pub fn run(arguments: &RunArguments) -> miette::Result<Exit> {
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let manner = Manner::of(arguments.quiet, arguments.json);
    if arguments.json {
        events::report_panics();
    }
    // Before anything else: whoever asks to stop while an engine is still starting gets the same orderly end.
    let stop = stop::flag(arguments.json);
    let mut experiment = load_experiment(&arguments.experiment)?;
    let bundle = bundle_folder(&arguments.target, &experiment);
    let own = OwnStyle::of(&arguments.style, &bundle)?;
    let publication = match &arguments.agreement.against {
        Some(folder) => Some(Publication::asked(folder, &bundle)?),
        None => Publication::near(&arguments.experiment.config, &experiment.id, &bundle),
    };
    let work = arguments.experiment.cache.join("work");
    let _room = trust(&mut experiment, arguments.trust, &work)?;
    let means = Means::of(&experiment, arguments.target.device, |data| load_data(data, &arguments.experiment, manner))?;
    if arguments.agreement.gate {
        gate_images(&experiment, means.data.as_ref().map(Dataset::record).as_ref())?;
    }
    let engine = means.engine.as_ref();
    let is_part = !arguments.only.is_empty() || arguments.shard.is_some();
    // A part of a run leaves the bundle's own files alone once they are there: others may be at work beside it.
    let is_first = is_part && !has_own_files(&bundle, &experiment, means.data.as_ref())?;
    let asked = arguments.jobs.map(usize::from);
    let command = CommandTrainer::new(&experiment, means.data.as_ref(), work, 1);
    let most = command.most_jobs().min(engine.map_or(usize::MAX, Engine::most_jobs));
    let checkpoints = arguments.experiment.cache.join("checkpoints");
    let mut trainers = Trainers { native: None, command, import: ImportTrainer::new(&experiment) };
    trainers.native = means.own().map(|(engine, data)| NativeTrainer {
        engine,
        data,
        threads: ThreadPlan { jobs: 1, threads_per_job: 1 },
        checkpoints: &checkpoints,
        checkpoint_every: Duration::from_secs(arguments.checkpoint_every),
    });
    let jobs = asked.unwrap_or_else(available_cores).min(most).max(1);
    let called = scope(arguments, &experiment, &trainers, &bundle, jobs)?;
    let mut plan = Plan::new(&called, &trainers, &bundle)?;
    let existing = plan.existing();
    if arguments.mix_engines {
        plan.keep_other_engines();
    } else if !arguments.fresh {
        one_engine(&plan, &bundle, engine)?;
    }
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
    let threads = ThreadPlan::new(asked, due.min(most), available_cores());
    trainers.set_threads(threads);
    let performer = means.performer();
    let progress = Progress::new(plan.due_cost().images, "images", manner);
    progress.tell(&planned(&plan, &experiment, performer, threads));

    let precisions = plan.due().filter_map(|trial| Some(trial.variant.native()?.train.precision));
    let leaked = means.data.as_ref().map_or(0, |data| data.duplicates.across);
    if leaked > 0 {
        let list = "`retrial data show` lists them";
        progress.line(&format!("Images that are in both train and test, pixel for pixel: {leaked} ({list})"));
    }
    let reproducibility = match engine {
        Some(engine) => sweep::self_tests(engine, threads, precisions)?,
        None => None,
    };
    if let Some(reproducibility) = reproducibility {
        progress.tell(&Event::SelfTest { engine: performer, reproducibility });
    }
    let place = |clock: &Instant| sweep::environment(engine, threads, reproducibility, started, clock.elapsed());
    if due > 0 && (!is_part || is_first) {
        bundle.write_environment(&place(&clock))?;
    }
    if is_part && due > 0 {
        // What it says of the folder is about to be no longer so, and nobody would take the trials from there.
        bundle.forget_manifest()?;
    }
    if !is_part || is_first {
        bundle.write_run(&experiment, means.data.as_ref().map(Dataset::record).as_ref())?;
        if let Some(reason) = bundle.write_sources(&trainers.sources()?)? {
            progress.line(&format!("The files that programs consist of are not kept in the bundle: {reason}"));
        }
        let registration = bundle.registration()?;
        let registered = claims::register(registration, &experiment, code::analysis(), existing as u32);
        let registered = if arguments.fresh && existing > 0 { claims::start_over(registered) } else { registered };
        bundle.write_registration(&registered)?;
    }
    let mut outcome = sweep(&plan, &trainers, &bundle, SweepOptions { threads, stop: &stop }, &progress)?;
    progress.finish();
    let budget = arguments.budget.as_ref().or(experiment.settle.as_ref().and_then(|settle| settle.budget.as_ref()));
    let mut is_out_of_time = false;
    // One that failed is a result of its look; only what stopped the run stops this.
    while arguments.settle && !is_part && outcome.interrupted == 0 {
        let left = budget.map(|budget| budget.time().saturating_sub(clock.elapsed()));
        let standing = Standing::of(&experiment, &bundle, jobs)?;
        let Some(next) = standing.next(left) else {
            is_out_of_time = standing.next(None).is_some();
            break;
        };
        let mut plan = Plan::new(&next.called, &trainers, &bundle)?;
        plan.only(&next.trials)?;
        if arguments.mix_engines {
            plan.keep_other_engines();
        }
        let threads = ThreadPlan::new(asked, plan.due().count().min(most), available_cores());
        trainers.set_threads(threads);
        let progress = Progress::new(plan.due_cost().images, "images", manner);
        progress.line(&next.said);
        progress.tell(&planned(&plan, &experiment, performer, threads));
        let more = sweep(&plan, &trainers, &bundle, SweepOptions { threads, stop: &stop }, &progress)?;
        outcome = outcome.plus(more);
        progress.finish();
    }
    let progress = Progress::new(0, "rounds", manner);
    if is_part {
        progress.tell(&Event::ended(outcome, bundle.root()));
        progress.line(&format!("Part of a run: `retrial report {}` writes the report", bundle.root().display()));
        return Ok(exit_of(&outcome));
    }
    if due > 0 {
        bundle.write_environment(&place(&clock))?;
    }
    // What was stopped has no time for this; the run that goes on from there has.
    let mut measured = Measured::Done;
    if let (false, false, Some((engine, data))) =
        (exit_of(&outcome) == Exit::Interrupted, arguments.no_throughput, means.own())
    {
        let again = arguments.fresh;
        let stage = throughput::Stage { experiment: &experiment, data, engine, stop: &stop };
        measured = throughput::into_bundle(&stage, &bundle, again, &progress)?;
    }
    let compared = against::settle(publication.as_ref(), &bundle, &experiment, |text| progress.line(text))?;
    let (evidence, judged) = conclude_with(&bundle, &experiment, own)?;
    let compared = publication.as_ref().zip(compared.as_ref());
    if let Some((publication, record)) = compared {
        progress.tell(&Event::Compared { against: publication.bundle.root(), record });
    }
    progress.tell(&Event::ended(outcome, bundle.root()));
    if !arguments.quiet {
        out!("{}", summary::table(&evidence));
        out!("{}", summary::verdicts(&judged));
        if experiment.settle.is_some() {
            let standing = Standing::judged(&experiment, &bundle, &evidence, judged.clone(), jobs)?;
            out!("{}", standing.remains());
            if is_out_of_time {
                outln!("The time that was given is too short for another look.");
            }
        }
        if let Some((publication, record)) = compared {
            outln!("{}", against::in_words(publication, record));
        }
        out!("{}", closing(&outcome));
        outln!("Report: {}", bundle.root().join("index.html").display());
    }
    if measured == Measured::Stopped {
        progress.line("throughput: stopped, and nothing of it is kept; the same command measures it again");
    }
    Ok(match exit_of(&outcome) {
        Exit::Success if measured == Measured::Stopped => Exit::Interrupted,
        Exit::Success if arguments.agreement.gate => gate(&judged, compared, arguments.json),
        exit => exit,
    })
}

/// What this run may train: everything where trials are named, else what the looks have called for; for a slice of a run that
/// settles, those of the next look once nothing else is due.
fn scope(
    arguments: &RunArguments,
    experiment: &Experiment,
    trainers: &Trainers<'_>,
    bundle: &BundleFolder,
    jobs: usize,
) -> miette::Result<Experiment> {
    if arguments.settle {
        check(experiment)?;
    }
    if !arguments.only.is_empty() {
        return Ok(experiment.clone());
    }
    let called = bundle.called(experiment);
    if arguments.settle && arguments.shard.is_some() && Plan::new(&called, trainers, bundle)?.due().next().is_none() {
        return Ok(Standing::of(experiment, bundle, jobs)?.next(None).map_or(called, |next| next.called));
    }
    Ok(called)
}

fn planned<'a>(plan: &Plan<'_>, experiment: &'a Experiment, engine: &'a str, threads: ThreadPlan) -> Event<'a> {
    Event::Planned {
        schema: events::SCHEMA,
        experiment: experiment.id.as_str(),
        engine,
        trials: plan.trials.len(),
        due: plan.due().count(),
        due_training_images: plan.due_cost().images,
        jobs: threads.jobs,
        threads_per_job: threads.threads_per_job,
    }
}

fn sweep(
    plan: &Plan<'_>,
    trainers: &Trainers<'_>,
    bundle: &BundleFolder,
    options: SweepOptions<'_>,
    progress: &Progress,
) -> Result<SweepOutcome, BundleError> {
    let show = |event: SweepEvent<'_>| match Event::of_sweep(event) {
        Ok(event) => progress.tell(&event),
        Err(images) => progress.advance(images),
    };
    sweep::run(plan, trainers, bundle, options, &show)
}

/// A bundle that is begun on one engine is not gone on with on another without a word.
fn one_engine(plan: &Plan<'_>, bundle: &BundleFolder, engine: Option<&Engine>) -> miette::Result<()> {
    let (Some(trial), Some(engine)) = (plan.on_another_engine(), engine) else { return Ok(()) };
    let record = bundle.trial_record(&trial.variant.id, trial.seed)?;
    let there = record.map(|record| record.key.parts.performer().to_owned()).unwrap_or_default();
    let (into, trial, here) = (bundle.root().to_owned(), trial.name(), engine.name().to_owned());
    Err(RunError::OtherEngine { into, trial, there, here }.into())
}

/// Whether the folder has a bundle's own files already. They must be of this very experiment: any other trial would be one
/// that they do not describe.
fn has_own_files(bundle: &BundleFolder, experiment: &Experiment, data: Option<&Dataset>) -> miette::Result<bool> {
    let other = |what| RunError::OtherExperiment { into: bundle.root().to_owned(), what };
    let recorded = match bundle.experiment() {
        Err(BundleError::NotABundle { .. }) => return Ok(false),
        recorded => recorded?,
    };
    if recorded != experiment.published() {
        return Err(other("experiments").into());
    }
    let dataset = bundle.dataset()?;
    let here = data.map(Dataset::record);
    if dataset.as_ref().is_some_and(|there| here.as_ref().is_none_or(|here| here.digest != there.digest)) {
        return Err(other("images").into());
    }
    // One that was killed before it had written all of this leaves the rest to the next.
    Ok(dataset == here && bundle.registration()?.is_some())
}

/// The whole bundle's lock, or for a part of a run those of its trials, beside those of other parts.
fn locks(bundle: &BundleFolder, plan: &Plan<'_>, is_part: bool) -> Result<Vec<BundleLock>, BundleError> {
    if is_part {
        BundleLock::take_part(bundle.root(), plan.due().map(|trial| (&trial.variant.id, trial.seed)))
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

fn closing(outcome: &SweepOutcome) -> String {
    let mut text = String::new();
    for (count, what) in [(outcome.diverged, "diverged"), (outcome.failed, "failed"), (outcome.interrupted, "stopped")]
    {
        if count > 0 {
            text.push_str(&format!("{} {what}\n", counted(count, "trial")));
        }
    }
    text
}

/// The experiment with what the command line changes about it.
pub fn load_experiment(arguments: &ExperimentArguments) -> miette::Result<Experiment> {
    config::load_with_data(&arguments.config, &overrides(arguments)).map_err(|error| miette::Report::new(*error))
}

/// What the command line says of the experiment, `--data` included.
pub fn overrides(arguments: &ExperimentArguments) -> Vec<Override> {
    let data = arguments.data.as_ref().map(|path| Override::data_path(&path.to_string_lossy()));
    arguments.overrides.iter().cloned().chain(data).collect()
}

/// What trials need of this program.
pub struct Means {
    /// `None` where all variants are somebody else's.
    pub engine: Option<Engine>,
    /// `None` where no variant asks for the experiment's images.
    pub data: Option<Dataset>,
}

impl Means {
    pub fn of(
        experiment: &Experiment,
        device: DeviceChoice,
        load: impl FnOnce(&DataSpec) -> miette::Result<Dataset>,
    ) -> miette::Result<Self> {
        let trains = experiment.native_variants().next().is_some();
        let engine = trains.then(|| Engine::select(device)).transpose()?;
        for (variant, engine) in experiment.native_variants().zip(engine.iter().cycle()) {
            engine.check_precision(variant.train.precision)?;
        }
        let data = experiment.data.as_ref().filter(|_| experiment.uses_images()).map(load).transpose()?;
        Ok(Self { engine, data })
    }

    /// What this program's own training needs.
    pub fn own(&self) -> Option<(&Engine, &Dataset)> {
        self.engine.as_ref().zip(self.data.as_ref())
    }

    /// What performs the trials, in a word.
    pub fn performer(&self) -> &str {
        self.engine.as_ref().map_or(sweep::OTHER, Engine::name)
    }
}

pub fn load_data(spec: &DataSpec, arguments: &ExperimentArguments, manner: Manner) -> miette::Result<Dataset> {
    let progress = Progress::new(0, "images", manner);
    let data = data::load(spec, &Cache::new(arguments.cache.join("data")), &|event| {
        if let data::LoadEvent::Note(text) = event {
            progress.line(&text);
        }
    });
    progress.finish();
    Ok(data?)
}

/// The images of an experiment, silently.
pub fn load_data_of(spec: &DataSpec, cache: &Path) -> miette::Result<Dataset> {
    Ok(data::load(spec, &Cache::new(cache.join("data")), &|_| {})?)
}

/// The images of an experiment for a command that is about nothing else.
///
/// # Errors
/// When it has none.
pub fn images_of(experiment: &Experiment) -> Result<&DataSpec, RunError> {
    experiment.data.as_ref().ok_or(RunError::NoImages)
}

pub fn bundle_folder(arguments: &TargetArguments, experiment: &Experiment) -> BundleFolder {
    let default = || PathBuf::from("runs").join(experiment.id.as_str());
    BundleFolder::new(arguments.out.clone().unwrap_or_else(default))
}
