//! What there is to do: every trial with its key, its cost, and what of it already exists.

use super::selection::{Shard, TrialName};
use crate::bundle::record::{KeyParts, TrialKey};
use crate::bundle::{BundleError, BundleFolder};
use crate::config::{Experiment, Seed, Variant};
use crate::trainer::{TrainerError, Trainers, TrialCost};

/// One planned trial.
#[derive(Debug, Clone)]
pub struct DueTrial<'a> {
    pub variant: &'a Variant,
    pub seed: Seed,
    pub key: TrialKey,
    pub cost: TrialCost,
    pub status: TrialStatus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialStatus {
    /// Finished, with this very key, or with one that counts in its place.
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

    fn is_on_another_engine(&self) -> bool {
        matches!(&self.status, TrialStatus::Outdated(parts) if *parts == ["engine"])
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
    #[error(transparent)]
    #[diagnostic(transparent)]
    Trainer(#[from] TrainerError),
}

impl<'a> Plan<'a> {
    /// # Errors
    /// When a trial's key cannot be made, or an existing trial cannot be read.
    pub fn new(experiment: &'a Experiment, trainers: &Trainers<'_>, bundle: &BundleFolder) -> Result<Self, PlanError> {
        let plan = |(variant, seed): (&'a Variant, Seed)| {
            let trainer = trainers.of(variant);
            let key = trainer.key(variant, seed)?;
            let status = match bundle.trial_record(&variant.id, seed)? {
                None => TrialStatus::Absent,
                Some(record) if record.key == key => TrialStatus::Finished,
                Some(record) => TrialStatus::Outdated(KeyParts::differing(&record.key.parts, &key.parts)),
            };
            Ok(DueTrial { variant, seed, key, cost: trainer.cost(variant), status })
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

    /// A trial that would be run again for nothing but its engine.
    pub fn on_another_engine(&self) -> Option<&DueTrial<'a>> {
        self.trials.iter().find(|trial| trial.is_on_another_engine())
    }

    /// Lets trials count that another engine has finished.
    pub fn keep_other_engines(&mut self) {
        for trial in self.trials.iter_mut().filter(|trial| trial.is_on_another_engine()) {
            trial.status = TrialStatus::Finished;
        }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::bundle::record::DatasetRecord;
    use crate::config::{self, Override};
    use crate::provenance::Digest;
    use crate::train::trial_key;

    fn configs() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")
    }

    fn keys(experiment: &Experiment) -> Vec<TrialKey> {
        let data = Digest::of_bytes(b"images");
        let key =
            |(variant, seed): (&Variant, Seed)| trial_key(variant.native().unwrap(), seed, data, "flex-cpu").unwrap();
        experiment.trials().map(key).collect()
    }

    fn dataset() -> DatasetRecord {
        DatasetRecord {
            schema: 1,
            description: "D".to_owned(),
            classes: vec!["a".to_owned()],
            image: [1, 1],
            train: vec![1],
            test: vec![1],
            digest: Digest::of_bytes(b"images"),
            archive: None,
            conversions: Default::default(),
            duplicates: None,
        }
    }

    #[test]
    fn whoever_has_only_the_bundle_plans_the_same_trials_under_the_same_keys() {
        for name in ["quick", "article-cpu", "article"] {
            let experiment = config::load(&configs().join(format!("{name}.yaml")), &[]).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let bundle = BundleFolder::new(folder.path());
            bundle.write_run(&experiment, Some(&dataset())).unwrap();
            let from_bundle = config::load(&folder.path().join("experiment.yaml"), &[]).unwrap();
            assert_eq!(from_bundle.id.as_str(), name);
            assert_eq!(from_bundle.published(), bundle.experiment().unwrap());
            assert_eq!(keys(&from_bundle), keys(&experiment), "{name}");
            // Running it writes the same file again.
            let before = std::fs::read(folder.path().join("experiment.yaml")).unwrap();
            bundle.write_run(&from_bundle, Some(&dataset())).unwrap();
            assert_eq!(std::fs::read(folder.path().join("experiment.yaml")).unwrap(), before);
        }
    }

    /// The bundles that come with the source were written by earlier versions.
    #[test]
    fn committed_bundles_can_be_planned_from_their_own_record() {
        for name in ["quick", "article-cpu"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports").join(name);
            let from_bundle = config::load(&root.join("experiment.yaml"), &[]).unwrap();
            let bundle = BundleFolder::new(root);
            assert_eq!(from_bundle.published(), bundle.experiment().unwrap());
            for ((variant, seed), key) in from_bundle.trials().zip(keys(&from_bundle)) {
                if let Some(record) = bundle.trial_record(&variant.id, seed).unwrap() {
                    let differing = KeyParts::differing(&record.key.parts, &key.parts);
                    // The images and the engine are invented here, and the code goes on.
                    let kept = ["model", "recipe", "seed"];
                    assert!(differing.iter().all(|part| !kept.contains(part)), "{name}: {differing:?}");
                }
            }
        }
    }

    #[test]
    fn precision_changes_the_key_by_the_recipe_alone() {
        let of = |precision: &str| {
            let change: Override = format!("train.precision={precision}").parse().unwrap();
            keys(&config::load(&configs().join("quick.yaml"), &[change]).unwrap()).swap_remove(0)
        };
        let (single, tf32, bf16) = (of("fp32"), of("tf32"), of("bf16"));
        for (one, other) in [(&single, &tf32), (&single, &bf16), (&tf32, &bf16)] {
            assert_eq!(KeyParts::differing(&one.parts, &other.parts), ["recipe"]);
            assert_ne!(one.digest, other.digest);
        }
    }
}
