//! The tiers of `retrial verify` that train again: the first steps of trials (`replay`), or all of them (`rerun`).

use super::args::{Tier, VerifyArguments};
use super::output::{out, outln};
use super::rerun_programs::Programs;
use super::run::{images_of, load_data_of};
use super::summary::{Align, render_table};
use super::tier::{Checked, FigureRow, TierResult, run_tier};
use crate::audit::cost::{Again, Cost};
use crate::audit::replay::{
    BITWISE_STEPS, Figure, Level, Recorded, ReplayError, Replayed, TOLERANCE_STEPS, level, other_processor, replay,
    rerun,
};
use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::record::{Environment, Outcome, StepFingerprint, TrialRecord};
use crate::bundle::series::Point;
use crate::bundle::{BundleError, BundleFolder};
use crate::config::{Experiment, Metrics, NativeVariant, VariantId};
use crate::data::Dataset;
use crate::engine::{Engine, ThreadPlan, available_cores};
use crate::report::text::counted;
use crate::sweep::{PlanError, TrialName};

/// Added to the verdict where trials were trained to their end and judged within a tolerance.
const FIRST_STEPS_ONLY: &str =
    "within a tolerance only the first steps are judged; the final figures are shown for information";

/// # Errors
/// The first name that the experiment does not plan.
pub fn check_names(names: &[TrialName], experiment: &Experiment) -> Result<(), PlanError> {
    let is_planned =
        |name: &TrialName| experiment.trials().any(|(variant, seed)| variant.id == name.variant && seed == name.seed);
    match names.iter().find(|name| !is_planned(name)) {
        Some(unknown) => Err(PlanError::Unknown(unknown.clone())),
        None => Ok(()),
    }
}

/// Trains trials again, from the start of each or whole.
///
/// # Errors
/// When there is no engine or no images for it, or a trial cannot be run here.
pub fn retrain(arguments: &VerifyArguments, bundle: &BundleFolder, evidence: &Evidence) -> miette::Result<TierResult> {
    let engine = Engine::select(arguments.device)?;
    let threads = ThreadPlan::new(Some(1), 1, available_cores());
    engine.set_threads(threads);
    let is_whole = arguments.tier == Tier::Rerun;
    let programs = Programs::of(arguments, evidence);
    let (mut jobs, mut findings) = (Vec::new(), Vec::new());
    for chosen in chosen(&arguments.trials, evidence) {
        match logs(bundle, chosen.record) {
            Ok(logs) => jobs.push(Job::new(chosen, logs, arguments, evidence, &engine)?),
            Err(error) => findings.push(format!("{} cannot be trained again: {error}", chosen.name())),
        }
    }
    run_tier(if is_whole { "rerun" } else { "replay" }, &cost(&jobs, &programs, is_whole), || {
        for name in unfinished(&arguments.trials, evidence) {
            outln!("  {name} has not finished: there is nothing to compare");
        }
        let mut checked = Checked { findings, ..Checked::default() };
        programs.say_what_is_left();
        let needs_images = !jobs.is_empty() || programs.need_images();
        let data = needs_images.then(|| load_images(arguments, &evidence.experiment)).transpose()?;
        let mut rows = programs.run(arguments, bundle, data.as_ref(), &evidence.experiment, &mut checked)?;
        let data = data.filter(|_| !jobs.is_empty());
        for (job, data) in jobs.iter().zip(data.iter().cycle()) {
            job.say_why_not_bitwise(arguments);
            let replayed = job.run(data, &engine, threads, is_whole)?;
            job.show(&replayed);
            checked.checked += replayed.steps;
            checked.findings.extend(in_words(&replayed));
            checked.figures.extend(job.figures(&replayed));
            rows.extend(job.rows(&replayed));
        }
        if is_whole {
            if !rows.is_empty() {
                out!("{}", table(rows));
            }
            let is_judged_in_part = jobs.iter().any(|job| job.level != Level::Bitwise);
            checked.note = is_judged_in_part.then_some(FIRST_STEPS_ONLY);
        }
        Ok(checked)
    })
}

fn load_images(arguments: &VerifyArguments, experiment: &Experiment) -> miette::Result<Dataset> {
    let mut spec = images_of(experiment)?.clone();
    if let Some(path) = &arguments.data {
        spec.source.set_path(path);
    }
    load_data_of(&spec, &arguments.cache)
}

fn cost(jobs: &[Job<'_>], programs: &Programs<'_>, is_whole: bool) -> String {
    if jobs.is_empty() {
        return match programs.cost() {
            Some(cost) => cost,
            None => "no finished trial of a network to train again".to_owned(),
        };
    }
    let of_programs = programs.cost().map(|cost| format!("; {cost}")).unwrap_or_default();
    let part = if is_whole { "" } else { "the first steps of " };
    let costs: Vec<Again> = jobs.iter().map(|job| job.cost(is_whole)).collect();
    format!("{part}{} trained again, {}{of_programs}", counted(jobs.len(), "trial"), Cost::of(&costs).in_words())
}

/// A finished trial that was asked for.
struct Chosen<'a> {
    variant: NativeVariant<'a>,
    record: &'a TrialRecord,
    metrics: &'a [Point],
    /// What the experiment's trials may leave.
    kinds: &'a Metrics,
}

impl Chosen<'_> {
    fn name(&self) -> String {
        format!("{}/{}", self.record.variant, self.record.seed)
    }
}

pub fn is_named(names: &[TrialName], trial: &TrialEvidence) -> bool {
    names.iter().any(|name| name.variant == trial.variant && name.seed == trial.seed)
}

/// The named trials, or the first finished one of each variant.
fn chosen<'a>(names: &[TrialName], evidence: &'a Evidence) -> Vec<Chosen<'a>> {
    let mut seen: Vec<&VariantId> = Vec::new();
    let mut chosen = Vec::new();
    for trial in &evidence.trials {
        let TrialState::Done(record) = &trial.state else { continue };
        let variant = evidence.experiment.native_variants().find(|variant| *variant.id == trial.variant);
        let is_first = !seen.contains(&&trial.variant);
        seen.push(&trial.variant);
        let is_chosen = if names.is_empty() { is_first } else { is_named(names, trial) };
        if let (true, Some(variant)) = (is_chosen, variant) {
            chosen.push(Chosen { variant, record, metrics: &trial.metrics, kinds: &evidence.experiment.metrics });
        }
    }
    chosen
}

/// The named trials that have no result.
fn unfinished(names: &[TrialName], evidence: &Evidence) -> Vec<String> {
    let is_done = |trial: &TrialEvidence| matches!(trial.state, TrialState::Done(_));
    let open = evidence.trials.iter().filter(|trial| is_named(names, trial) && !is_done(trial));
    open.map(|trial| format!("{}/{}", trial.variant, trial.seed)).collect()
}

type Logs = (Vec<StepFingerprint>, Option<Environment>);

fn logs(bundle: &BundleFolder, record: &TrialRecord) -> Result<Logs, BundleError> {
    let fingerprints = bundle.fingerprints(&record.variant, record.seed)?;
    Ok((fingerprints, bundle.trial_environment(&record.variant, record.seed)?))
}

/// A trial, and how it is trained again.
struct Job<'a> {
    trial: Chosen<'a>,
    fingerprints: Vec<StepFingerprint>,
    level: Level,
    /// Steps of a replay.
    steps: u64,
    recorded_seconds: Option<f64>,
    /// What it was computed on, where that is another kind of processor.
    other_processor: Option<String>,
}

impl<'a> Job<'a> {
    fn new(
        trial: Chosen<'a>,
        (fingerprints, environment): Logs,
        arguments: &VerifyArguments,
        evidence: &Evidence,
        engine: &Engine,
    ) -> Result<Self, ReplayError> {
        let asked = arguments.level.map(|level| level.with_tolerance(arguments.tolerance));
        let claimed = evidence.environment.as_ref().and_then(|environment| environment.reproducibility);
        let other_processor = environment.as_ref().and_then(|environment| other_processor(environment, engine));
        let level = level(asked, claimed, trial.record, engine, other_processor.is_some())?;
        let steps = arguments.steps.unwrap_or(match level {
            Level::Bitwise => BITWISE_STEPS,
            Level::Tolerance(_) => TOLERANCE_STEPS,
        });
        let recorded_seconds = environment.map(|environment| environment.elapsed_seconds);
        Ok(Self { trial, fingerprints, level, steps, recorded_seconds, other_processor })
    }

    fn cost(&self, is_whole: bool) -> Again {
        let recorded_steps = self.trial.record.steps.unwrap_or(0);
        Again {
            steps: if is_whole { recorded_steps } else { self.steps.min(recorded_steps) },
            recorded_steps,
            images_per_step: u64::from(self.trial.variant.train.batch_size),
            recorded_seconds: self.recorded_seconds,
        }
    }

    fn say_why_not_bitwise(&self, arguments: &VerifyArguments) {
        if let (Some(other), None, Level::Tolerance(tolerance)) = (&self.other_processor, arguments.level, self.level) {
            outln!("  {} ran on {other}: compared within {tolerance}", self.trial.name());
        }
    }

    fn run(
        &self,
        data: &Dataset,
        engine: &Engine,
        threads: ThreadPlan,
        is_whole: bool,
    ) -> Result<Replayed, ReplayError> {
        let Chosen { variant, record, metrics, .. } = self.trial;
        let trial = Recorded { variant, seed: record.seed, record, fingerprints: &self.fingerprints, metrics };
        if is_whole {
            rerun(trial, data, engine, threads, self.level)
        } else {
            replay(trial, data, engine, threads, self.level, self.steps)
        }
    }

    /// A line: how far it was compared, and whether that agrees.
    fn show(&self, replayed: &Replayed) {
        let steps = |number| counted(usize::try_from(number).unwrap_or(usize::MAX), "step");
        let steps = match (&replayed.whole, self.level) {
            (Some(_), Level::Tolerance(_)) => {
                format!("first {} of {}", replayed.steps, steps(self.trial.record.steps.unwrap_or(0)))
            }
            _ => steps(replayed.steps),
        };
        let verdict = if replayed.difference.is_none() { "agrees" } else { "differs" };
        let key = match replayed.key_differs.as_slice() {
            [] => String::new(),
            parts => format!(" (another {} than recorded)", parts.join(", ")),
        };
        outln!("  {}: {steps}, {verdict}{key}", self.trial.name());
    }

    fn figures(&self, replayed: &Replayed) -> Vec<FigureRow> {
        let row =
            |Figure { name, recorded, here }| FigureRow { trial: self.trial.name(), figure: name, recorded, here };
        let recorded = self.trial.metrics.last();
        match &replayed.whole {
            Some(whole) if recorded.is_some() || whole.metrics.is_some() => {
                Figure::of(self.trial.kinds, recorded, whole.metrics.as_ref()).into_iter().map(row).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Rows of the table: its figures, and how it ended where that is not the same.
    fn rows(&self, replayed: &Replayed) -> Vec<Vec<String>> {
        let mut rows: Vec<_> = self.figures(replayed).iter().map(row_of_figure).collect();
        rows.extend(row_of_outcome(&self.trial.name(), self.trial.record, replayed));
        rows
    }
}

/// A row of the table.
pub fn row_of_figure(figure: &FigureRow) -> Vec<String> {
    let show = |figure: Option<f64>| figure.map_or_else(|| "none".to_owned(), |figure| format!("{figure:.6}"));
    let difference = figure.recorded.zip(figure.here).map(|(recorded, here)| here - recorded);
    vec![
        figure.trial.clone(),
        figure.figure.clone(),
        show(figure.recorded),
        show(figure.here),
        difference.map(signed).unwrap_or_default(),
    ]
}

/// The row that says how a trial ended, where that is not the same.
pub fn row_of_outcome(name: &str, record: &TrialRecord, replayed: &Replayed) -> Option<Vec<String>> {
    let here = &replayed.whole.as_ref()?.outcome;
    let [recorded, here] = (record.outcome != *here).then(|| [&record.outcome, here].map(outcome_in_words))?;
    Some(vec![name.to_owned(), "outcome".to_owned(), recorded, here, String::new()])
}

fn signed(difference: f64) -> String {
    if difference == 0.0 { "0".to_owned() } else { format!("{difference:+.2e}") }
}

fn outcome_in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Completed => "completed".to_owned(),
        Outcome::Diverged { step, .. } => format!("diverged at step {step}"),
    }
}

fn table(rows: Vec<Vec<String>>) -> String {
    let heading = ["trial", "figure", "recorded", "here", "difference"].map(str::to_owned).to_vec();
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    render_table(&rows, &[Align::Left, Align::Left, Align::Right, Align::Right, Align::Right])
}

pub fn in_words(replayed: &Replayed) -> Option<String> {
    let difference = replayed.difference.as_ref()?;
    let place = difference.step.map(|step| format!(" at step {step}")).unwrap_or_default();
    Some(format!(
        "{}/{}: the {} differs{place}: recorded {}, here {}",
        replayed.variant, replayed.seed, difference.what, difference.recorded, difference.here
    ))
}
