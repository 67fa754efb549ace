//! What there is to do: every trial with its key, its cost, and what of it already exists.

use super::selection::{Shard, TrialName};
use crate::bundle::record::{KeyParts, TrialKey};
use crate::bundle::{BundleError, BundleFolder};
use crate::config::{Experiment, Seed, Variant};
use crate::data::{DataSize, Dataset};
use crate::model::cost;
use crate::train::trial_key;

/// One planned trial.
#[derive(Debug, Clone)]
pub struct DueTrial<'a> {
    pub variant: &'a Variant,
    pub seed: Seed,
    pub key: TrialKey,
    pub cost: TrialCost,
    pub status: TrialStatus,
}

/// What it takes to train a trial: training steps alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TrialCost {
    /// Training images it goes through, over all epochs.
    pub images: u64,
    /// Floating-point operations.
    pub flops: f64,
}

impl TrialCost {
    pub fn of(variant: &Variant, data: DataSize) -> Self {
        let images = data.training_images * u64::from(variant.train.epochs);
        let batch = u64::from(variant.train.batch_size);
        let layers = cost::layers(&variant.model, data.classes, u64::from(variant.train.image_size));
        let of_a_step: f64 = layers.iter().map(|layer| layer.training(batch).flops).sum();
        Self { images, flops: of_a_step * images as f64 / batch as f64 }
    }
}

impl std::iter::Sum for TrialCost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs
            .fold(Self::default(), |sum, cost| Self { images: sum.images + cost.images, flops: sum.flops + cost.flops })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialStatus {
    /// Finished, with this very key.
    Finished,
    /// Finished, but these parts of the key differ now.
    Outdated(Vec<&'static str>),
    Absent,
}

impl DueTrial<'_> {
    /// What `retrial run --only` calls it.
    pub fn name(&self) -> TrialName {
        TrialName { variant: self.variant.id.clone(), seed: self.seed }
    }
}

impl TrialStatus {
    pub fn is_due(&self) -> bool {
        *self != Self::Finished
    }
}

/// The trials of an experiment in plan order.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    pub trials: Vec<DueTrial<'a>>,
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PlanError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bundle(#[from] BundleError),
    #[error("the experiment plans no trial {0}")]
    #[diagnostic(code(retrial::plan::unknown), help("`retrial plan` lists the trials"))]
    Unknown(TrialName),
    #[error("variant `{variant}` has a number without a JSON form: {source}")]
    Unkeyable { variant: String, source: serde_json::Error },
}

impl<'a> Plan<'a> {
    /// # Errors
    /// When an existing trial cannot be read.
    pub fn new(
        experiment: &'a Experiment,
        data: &Dataset,
        engine: &str,
        bundle: &BundleFolder,
    ) -> Result<Self, PlanError> {
        let plan = |(variant, seed): (&'a Variant, Seed)| {
            let key = trial_key(variant, seed, data.digest, engine)
                .map_err(|source| PlanError::Unkeyable { variant: variant.id.to_string(), source })?;
            let status = match bundle.trial_record(&variant.id, seed)? {
                None => TrialStatus::Absent,
                Some(record) if record.key == key => TrialStatus::Finished,
                Some(record) => TrialStatus::Outdated(KeyParts::differing(&record.key.parts, &key.parts)),
            };
            Ok(DueTrial { variant, seed, key, cost: TrialCost::of(variant, data.size()), status })
        };
        Ok(Self { trials: experiment.trials().map(plan).collect::<Result<_, PlanError>>()? })
    }

    /// Keeps the named trials.
    ///
    /// # Errors
    /// The first name that the experiment does not plan.
    pub fn only(&mut self, names: &[TrialName]) -> Result<(), PlanError> {
        let named =
            |trial: &DueTrial<'_>, name: &TrialName| trial.variant.id == name.variant && trial.seed == name.seed;
        if let Some(unknown) = names.iter().find(|name| !self.trials.iter().any(|trial| named(trial, name))) {
            return Err(PlanError::Unknown(unknown.clone()));
        }
        self.trials.retain(|trial| names.iter().any(|name| named(trial, name)));
        Ok(())
    }

    /// Keeps one slice.
    pub fn shard(&mut self, shard: Shard) {
        let mut place = 0..;
        self.trials.retain(|_| place.next().is_some_and(|place| shard.holds(place)));
    }

    /// Trials that have a result, whether or not it still counts.
    pub fn existing(&self) -> usize {
        self.trials.iter().filter(|trial| trial.status != TrialStatus::Absent).count()
    }

    /// Makes every finished trial due again.
    pub fn forget_finished(&mut self) {
        for trial in &mut self.trials {
            trial.status = TrialStatus::Absent;
        }
    }

    pub fn due(&self) -> impl Iterator<Item = &DueTrial<'a>> {
        self.trials.iter().filter(|trial| trial.status.is_due())
    }

    /// Of all trials that are still to be run.
    pub fn due_cost(&self) -> TrialCost {
        self.due().map(|trial| trial.cost).sum()
    }
}
