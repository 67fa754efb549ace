//! How each planned trial ended, matched with the plan.

use std::collections::BTreeMap;

use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::record::{Outcome, TrialRecord};
use crate::bundle::series::Point;
use crate::config::{Seed, Variant, VariantId};
use crate::report::ReportError;
use crate::report::language::say;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Completed,
    Diverged { epoch: u32, step: u64 },
    Failed { message: String },
    Missing,
}

impl Status {
    pub fn in_words(&self) -> String {
        say!(match self {
            Self::Completed => "status-completed",
            Self::Diverged { .. } => "status-diverged",
            Self::Failed { .. } => "status-failed",
            Self::Missing => "status-missing",
        })
    }

    /// For programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Diverged { .. } => "diverged",
            Self::Failed { .. } => "failed",
            Self::Missing => "missing",
        }
    }
}

/// One planned trial.
#[derive(Debug, Clone)]
pub struct Trial<'a> {
    pub seed: Seed,
    pub status: Status,
    /// Present for completed and diverged trials.
    pub record: Option<&'a TrialRecord>,
    pub metrics: &'a [Point],
}

impl<'a> Trial<'a> {
    /// The epoch whose figures count: the recipe's last, of a completed trial.
    pub fn last_epoch(&self) -> Option<&'a Point> {
        if self.status == Status::Completed { self.metrics.last() } else { None }
    }

    /// What computed it, where this program did.
    pub fn engine(&self) -> Option<&'a str> {
        Some(self.record?.key.parts.native()?.engine.as_str())
    }
}

/// The evidence by variant and seed, each looked up once.
pub struct Ledger<'a>(BTreeMap<(&'a VariantId, Seed), &'a TrialEvidence>);

impl<'a> Ledger<'a> {
    /// # Errors
    /// When the evidence holds a trial that the experiment does not plan, or the same trial twice.
    pub fn of(evidence: &'a Evidence) -> Result<Self, ReportError> {
        let mut ledger = BTreeMap::new();
        for trial in &evidence.trials {
            let is_planned = evidence.experiment.trials().any(|(v, seed)| v.id == trial.variant && seed == trial.seed);
            if !is_planned {
                return Err(ReportError::Unplanned { variant: trial.variant.clone(), seed: trial.seed });
            }
            if ledger.insert((&trial.variant, trial.seed), trial).is_some() {
                return Err(ReportError::Repeated { variant: trial.variant.clone(), seed: trial.seed });
            }
        }
        Ok(Self(ledger))
    }

    pub fn trial(&self, variant: &'a Variant, seed: Seed) -> Trial<'a> {
        let Some(evidence) = self.0.get(&(&variant.id, seed)) else {
            return Trial { seed, status: Status::Missing, record: None, metrics: &[] };
        };
        let record = match &evidence.state {
            TrialState::Done(record) => Some(record),
            TrialState::Failed { .. } | TrialState::Missing => None,
        };
        Trial {
            seed,
            status: status(evidence, variant.native().map(|network| network.train.epochs)),
            record,
            metrics: &evidence.metrics,
        }
    }
}

fn status(evidence: &TrialEvidence, epochs: Option<u32>) -> Status {
    match &evidence.state {
        TrialState::Missing => Status::Missing,
        TrialState::Failed { message } => Status::Failed { message: message.clone() },
        TrialState::Done(record) => match record.outcome {
            Outcome::Diverged { epoch, step } => Status::Diverged { epoch, step },
            Outcome::Completed => epochs.map_or(Status::Completed, |epochs| {
                completed(evidence.metrics.last().map_or(0, |last| last.at), epochs.into())
            }),
        },
    }
}

/// A record may say more than its log can show; only a log that reaches the last epoch counts as completed.
fn completed(last: u64, planned: u64) -> Status {
    if last == planned {
        Status::Completed
    } else {
        Status::Failed { message: say!("status-log-too-short", last = last.to_string(), planned = planned.to_string()) }
    }
}
