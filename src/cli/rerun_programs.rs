//! The part of `retrial verify --tier rerun` that runs programs again, for whoever trusts the bundle.

use tempfile::TempDir;

use super::args::{Tier, VerifyArguments};
use super::output::outln;
use super::retrain::{in_words, is_named, row_of_figure, row_of_outcome};
use super::stop;
use super::tier::{Checked, FigureRow};
use super::trust::{commands, trust};
use crate::audit::cost::time_in_words;
use crate::audit::programs::{rerun_program, why_not_judged};
use crate::audit::replay::{Figure, Level, Replayed};
use crate::bundle::BundleFolder;
use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::record::{Environment, TrialRecord};
use crate::bundle::series::Point;
use crate::config::{Experiment, Trainer, Variant, VariantId, Whence};
use crate::data::Dataset;
use crate::engine::available_cores;
use crate::report::text::counted;
use crate::trainer::command::CommandTrainer;

/// The finished trials of programs that are run again, and how many variants are not.
pub struct Programs<'a> {
    trials: Vec<Program<'a>>,
    left: usize,
    tables: usize,
}

struct Program<'a> {
    variant: &'a Variant,
    record: &'a TrialRecord,
    metrics: &'a [Point],
}

impl<'a> Programs<'a> {
    /// Those that were asked for, or the first of each variant.
    pub fn of(arguments: &VerifyArguments, evidence: &'a Evidence) -> Self {
        let variants = &evidence.experiment.variants;
        let count = |is: fn(&Trainer) -> bool| variants.iter().filter(|variant| is(&variant.trainer)).count();
        let tables = count(|trainer| matches!(trainer, Trainer::Import { .. }));
        if arguments.tier != Tier::Rerun || !arguments.trust {
            return Self { trials: vec![], left: count(|trainer| matches!(trainer, Trainer::Command { .. })), tables };
        }
        let mut seen: Vec<&VariantId> = Vec::new();
        let mut trials = Vec::new();
        for trial in &evidence.trials {
            let TrialState::Done(record) = &trial.state else { continue };
            let of_trial =
                |variant: &&Variant| variant.id == trial.variant && matches!(variant.trainer, Trainer::Command { .. });
            let Some(variant) = variants.iter().find(of_trial) else { continue };
            let is_first = !seen.contains(&&variant.id);
            seen.push(&variant.id);
            if if arguments.trials.is_empty() { is_first } else { is_named(&arguments.trials, trial) } {
                trials.push(Program { variant, record, metrics: &trial.metrics });
            }
        }
        Self { trials, left: 0, tables }
    }

    /// What running them takes, by how long they took; `None` where there are none.
    pub fn cost(&self) -> Option<String> {
        let seconds: f64 = self.trials.iter().flat_map(|program| program.metrics).filter_map(wall_time).sum();
        let trials = counted(self.trials.len(), "trial");
        (!self.trials.is_empty())
            .then(|| format!("{trials} of programs run again, {} where they were made", time_in_words(seconds)))
    }

    pub fn need_images(&self) -> bool {
        self.trials.iter().any(|program| match &program.variant.trainer {
            Trainer::Command { command, .. } => command.asks_for_images(),
            Trainer::Native(_) | Trainer::Import { .. } => false,
        })
    }

    pub fn say_what_is_left(&self) {
        if self.left > 0 {
            outln!("  {} of programs not run again: `--tier rerun --trust` does that", counted(self.left, "variant"));
        }
        if self.tables > 0 {
            outln!("  {} of tables: nobody ran them here", counted(self.tables, "variant"));
        }
    }

    /// Runs them one after the other, and gives the rows of the table of their figures.
    ///
    /// # Errors
    /// When one cannot be run here.
    pub fn run(
        &self,
        arguments: &VerifyArguments,
        bundle: &BundleFolder,
        images: Option<&Dataset>,
        experiment: &Experiment,
        checked: &mut Checked,
    ) -> miette::Result<Vec<Vec<String>>> {
        if self.trials.is_empty() {
            return Ok(Vec::new());
        }
        let stop = stop::flag(false);
        let mut experiment = experiment.clone();
        experiment.whence = Whence::of_bundle(bundle.root());
        let work = arguments.cache.join("work");
        let _room: Option<TempDir> = trust(&mut experiment, true, &work)?;
        for command in commands(&experiment) {
            outln!("  runs {command}");
        }
        let trainer = CommandTrainer::new(&experiment, images, work, available_cores());
        let asked = arguments.level.map(|level| level.with_tolerance(arguments.tolerance));
        let mut rows = Vec::new();
        for program in &self.trials {
            let Program { variant, record, metrics } = program;
            let environment: Option<Environment> = bundle.trial_environment(&record.variant, record.seed)?;
            let here = trainer.details_of(variant);
            let not_judged = asked.is_none().then(|| why_not_judged(record, environment.as_ref(), &here)).flatten();
            let level = if not_judged.is_some() { None } else { Some(asked.unwrap_or(Level::Bitwise)) };
            let replayed = rerun_program(&trainer, variant, record, metrics, level, &stop)?;
            let name = format!("{}/{}", record.variant, record.seed);
            let measurements = counted(replayed.steps as usize, "measurement");
            let verdict = match (&not_judged, &replayed.difference) {
                (Some(reason), _) => format!("not judged: it {reason}"),
                (None, None) => "agrees".to_owned(),
                (None, Some(_)) => "differs".to_owned(),
            };
            let key = match replayed.key_differs.as_slice() {
                [] => String::new(),
                parts => format!(" (its {} changed since)", parts.join(", ")),
            };
            outln!("  {name}: {measurements}, {verdict}{key}");
            if not_judged.is_none() {
                checked.checked += replayed.steps;
            }
            checked.findings.extend(in_words(&replayed));
            let figures = figures(&experiment, program, &replayed);
            rows.extend(figures.iter().map(row_of_figure));
            checked.figures.extend(figures);
            rows.extend(row_of_outcome(&name, record, &replayed));
        }
        Ok(rows)
    }
}

fn wall_time(point: &Point) -> Option<f64> {
    point.figure(crate::config::command_metrics::WALL_TIME)
}

fn figures(experiment: &Experiment, program: &Program<'_>, replayed: &Replayed) -> Vec<FigureRow> {
    let trial = format!("{}/{}", program.record.variant, program.record.seed);
    let recorded = program.metrics.last().map(Point::results);
    let here = replayed.whole.as_ref().and_then(|whole| whole.metrics.as_ref()).map(Point::results);
    let figures = Figure::of(&experiment.metrics, recorded.as_ref(), here.as_ref());
    let row = |Figure { name, recorded, here }| FigureRow { trial: trial.clone(), figure: name, recorded, here };
    figures.into_iter().map(row).collect()
}
