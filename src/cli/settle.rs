//! `--settle`: which trials are next, as long as there is time, and what is left when there is not.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::audit::cost::time_in_words;
use crate::bundle::BundleFolder;
use crate::bundle::evidence::Evidence;
use crate::claims::settle::{Outlook, Stage, outlook, stages};
use crate::claims::{self, Judged, Reason};
use crate::config::{Experiment, Seed, VariantId, Verdict};
use crate::report::text::counted;
use crate::stats::mean;
use crate::sweep::TrialName;

/// `--settle` of an experiment without looks.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SettleError {
    #[error("the experiment has no `settle`, so nobody has written down when its seeds are looked at")]
    #[diagnostic(
        code(retrial::settle::no_looks),
        help(
            "write into the file, before the first trial, how many seeds there may be and when they are looked at: \
             `seeds: 20` and `settle: {{looks: [3, 5, 8, 13, 20]}}`"
        )
    )]
    NoLooks,
}

/// # Errors
/// When the experiment has no looks.
pub fn check(experiment: &Experiment) -> Result<(), SettleError> {
    if experiment.settle.is_some() { Ok(()) } else { Err(SettleError::NoLooks) }
}

/// What is to be done for the next look.
pub struct Next {
    /// The experiment as far as it calls for it.
    pub called: Experiment,
    /// Those that are new.
    pub trials: Vec<TrialName>,
    /// In a line.
    pub said: String,
}

/// What has been found so far, and what further looks would take.
pub struct Standing<'a> {
    experiment: &'a Experiment,
    judged: Vec<Judged>,
    /// Best first.
    stages: Vec<Stage>,
    jobs: usize,
}

impl<'a> Standing<'a> {
    /// By what the bundle holds; `jobs`: how many trials run at a time.
    ///
    /// # Errors
    /// When the experiment has no looks, or the bundle cannot be read.
    pub fn of(experiment: &'a Experiment, bundle: &BundleFolder, jobs: usize) -> miette::Result<Self> {
        check(experiment)?;
        let evidence = bundle.evidence(experiment.published())?;
        let judged = claims::judge(&evidence);
        Self::judged(experiment, bundle, &evidence, judged, jobs)
    }

    /// As [`Self::of`], of evidence that is at hand.
    ///
    /// # Errors
    /// When what trials took cannot be read.
    pub fn judged(
        experiment: &'a Experiment,
        bundle: &BundleFolder,
        evidence: &Evidence,
        judged: Vec<Judged>,
        jobs: usize,
    ) -> miette::Result<Self> {
        let called = &evidence.experiment;
        let mut took: BTreeMap<&VariantId, Vec<f64>> = BTreeMap::new();
        for (variant, seed) in called.trials() {
            let place = bundle.trial_environment(&variant.id, seed)?;
            let seconds = place.map(|place| place.elapsed_seconds).filter(|took| took.is_finite() && *took > 0.0);
            took.entry(&variant.id).or_default().extend(seconds);
        }
        let means: BTreeMap<&VariantId, f64> =
            took.into_iter().filter_map(|(variant, seconds)| Some((variant, mean(&seconds)?))).collect();
        // What never ran to its end is taken for a trial like the others.
        let usual = mean(&means.values().copied().collect::<Vec<_>>()).unwrap_or(1.0);
        let seconds = |variant: &VariantId| means.get(variant).copied().unwrap_or(usual);
        let stages = stages(experiment, called, &judged, seconds);
        Ok(Self { experiment, judged, stages, jobs })
    }

    fn takes(&self, stage: &Stage) -> Duration {
        Duration::try_from_secs_f64(stage.seconds / self.jobs.max(1) as f64).unwrap_or(Duration::MAX)
    }

    /// `None` where nothing is left to settle, or there is not enough time `left` for any look.
    pub fn next(&self, left: Option<Duration>) -> Option<Next> {
        let stage = self.stages.iter().find(|stage| left.is_none_or(|left| self.takes(stage) <= left))?;
        let names: Vec<&str> = self.names(&stage.claims).collect();
        let said = format!(
            "Next look: {} for {} ({}), {}",
            counted(stage.trials.len(), "trial"),
            counted(names.len(), "claim"),
            names.join(", "),
            self.takes_in_words(stage),
        );
        let trial = |(variant, seed): &(VariantId, Seed)| TrialName { variant: variant.clone(), seed: *seed };
        let trials = stage.trials.iter().map(trial).collect();
        Some(Next { called: self.experiment.with_seeds(&stage.seeds), trials, said })
    }

    fn takes_in_words(&self, stage: &Stage) -> String {
        time_in_words(self.takes(stage).as_secs_f64())
    }

    fn names<'b>(&'b self, places: &'b [usize]) -> impl Iterator<Item = &'b str> {
        places.iter().filter_map(|&place| Some(self.judged.get(place)?.claim.id.as_str()))
    }

    /// Which claims are still open, what the next look at them would take, and which ones no further look is worth it for.
    pub fn remains(&self) -> String {
        let mut text = String::new();
        let Some(settle) = &self.experiment.settle else { return text };
        for (place, judged) in self.judged.iter().enumerate().filter(|(_, one)| one.verdict == Verdict::Inconclusive) {
            let Some(look) = judged.look else {
                text.push_str(&format!("{}: open until its first look is complete\n", judged.claim.id));
                continue;
            };
            let seeds = look.seeds;
            let line = match outlook(judged, settle) {
                Outlook::Settled => continue,
                Outlook::Exhausted => format!("open after all {seeds} seeds"),
                Outlook::Futile => format!("open after {seeds} seeds, and {}", why_futile(judged)),
                Outlook::Open { seeds: next, probability, at_last } => {
                    let stage = self.stages.iter().find(|stage| stage.claims.contains(&place));
                    let takes = stage.map(|stage| format!(" ({})", self.takes_in_words(stage))).unwrap_or_default();
                    let all = settle.looks.last().copied().unwrap_or(next);
                    let further = if next == all { String::new() } else { format!(", one at {all} with {at_last:.2}") };
                    format!(
                        "open after {seeds} seeds; a look at {next}{takes} would settle it with probability \
                         {probability:.2}{further}"
                    )
                }
            };
            text.push_str(&format!("{}: {line}\n", judged.claim.id));
        }
        text
    }
}

fn why_futile(judged: &Judged) -> &'static str {
    match judged.reason {
        Some(Reason::Diverged) => "further seeds cannot settle it: of some trials the figure is no number",
        Some(Reason::NoValues | Reason::OneSeed) => "further seeds cannot settle it: its trials lack the figure",
        _ => "the seeds left would hardly settle it",
    }
}
