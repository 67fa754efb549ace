//! Whether a finished trial can be what it says: its key is that of the trial it is filed as, and nothing that a trial
//! writes down is missing from its logs.

use super::folder::{BundleError, BundleFolder};
use super::record::{
    CommandParts, DatasetRecord, ImportParts, KeyParts, NativeParts, Outcome, StepFingerprint, TrialRecord,
};
use super::series::Point;
use crate::config::{NativeVariant, Seed, Trainer, Variant, native};
use crate::provenance::Digest;
use crate::provenance::code;

/// What speaks against a trial; `None` where nothing does, or it has not finished. `dataset` is what the bundle says of
/// its images.
///
/// # Errors
/// When a file of the trial cannot be read or understood.
pub fn fault_of_trial(
    bundle: &BundleFolder,
    variant: &Variant,
    seed: Seed,
    dataset: Option<&DatasetRecord>,
) -> Result<Option<String>, BundleError> {
    let Some(record) = bundle.trial_record(&variant.id, seed)? else { return Ok(None) };
    let metrics = bundle.metrics(&variant.id, seed)?;
    if let Some(fault) = fault_of_key(&record, variant, seed, dataset) {
        return Ok(Some(fault));
    }
    let Some(network) = variant.native() else { return Ok(fault_of_figures(&record, &metrics)) };
    let Some((steps, parameters)) = record.steps.zip(record.parameters) else {
        return Ok(Some("its record has no steps, or no digest of its parameters".to_owned()));
    };
    let native = Native { outcome: &record.outcome, epochs: record.epochs, steps, parameters };
    let fingerprints = bundle.fingerprints(&variant.id, seed)?;
    let steps_per_epoch = steps_per_epoch(&native, network, dataset);
    Ok(fault_of_steps(&native, &fingerprints)
        .or_else(|| fault_of_metrics(&native, &metrics))
        .or_else(|| fault_of_images(&record, &metrics, dataset))
        .or_else(|| fault_of_end(&native, network, steps_per_epoch))
        .or_else(|| fault_of_parameters(&native, &fingerprints, steps_per_epoch)))
}

/// What the record of a native trial says of its end.
struct Native<'a> {
    outcome: &'a Outcome,
    epochs: u32,
    steps: u64,
    parameters: Digest,
}

/// Of a trial that was not run by this program: there is no more to check than that its log is as long as it says.
fn fault_of_figures(record: &TrialRecord, metrics: &[Point]) -> Option<String> {
    let (said, found) = (record.epochs as usize, metrics.len());
    (said != found).then(|| format!("metrics.jsonl has {found} lines where trial.json says {said}"))
}

fn fault_of_key(
    record: &TrialRecord,
    variant: &Variant,
    seed: Seed,
    dataset: Option<&DatasetRecord>,
) -> Option<String> {
    if record.variant != variant.id || record.seed != seed {
        return Some(format!("its record is of {}/{}", record.variant, record.seed));
    }
    if let Some(part) = foreign_part(record, variant, seed, dataset) {
        return Some(format!("its key has another {part} than the experiment"));
    }
    let is_own = Digest::of_canonical_json(&record.key.parts).ok() == Some(record.key.digest);
    (!is_own).then(|| "the digest of its key is not that of the key's parts".to_owned())
}

/// The first part of a trial's key that is not the experiment's. Engine, code and what lies outside of the bundle are free.
fn foreign_part(
    record: &TrialRecord,
    variant: &Variant,
    seed: Seed,
    dataset: Option<&DatasetRecord>,
) -> Option<&'static str> {
    let expected = match (&record.key.parts, &variant.trainer) {
        (KeyParts::Native(parts), Trainer::Native(network)) => KeyParts::Native(NativeParts {
            model: Digest::of_canonical_json(&network.model).ok()?,
            recipe: Digest::of_canonical_json(&network.train).ok()?,
            seed,
            data: dataset.map_or(parts.data, |dataset| dataset.digest),
            engine: parts.engine.clone(),
            code: parts.code,
        }),
        // The command's digest has environment variables in it that only its machine knows.
        (KeyParts::Command(parts), Trainer::Command { command, params }) => {
            let images = dataset.map(|dataset| dataset.digest).filter(|_| command.asks_for_images());
            let params = Digest::of_canonical_json(params).ok()?;
            KeyParts::Command(CommandParts { params, seed, images, ..parts.clone() })
        }
        (KeyParts::Import(parts), Trainer::Import { .. }) => {
            KeyParts::Import(ImportParts { variant: variant.id.clone(), seed, figures: parts.figures })
        }
        _ => return Some("trainer"),
    };
    KeyParts::differing(&record.key.parts, &expected).into_iter().next()
}

/// Images that are told apart are as many as there are, and as many of them right as the accuracy says.
fn fault_of_images(record: &TrialRecord, metrics: &[Point], dataset: Option<&DatasetRecord>) -> Option<String> {
    let Some(correct) = &record.correct else {
        // Older builds did not keep them; for others there is no telling.
        let is_of_this_build = record.key.parts.native().is_some_and(|parts| parts.code == code::numerics());
        let is_lost = is_of_this_build && record.outcome == Outcome::Completed;
        return is_lost.then(|| "trial.json does not say which test images it got right".to_owned());
    };
    let (right, images) = (correct.count(), correct.len() as u64);
    let test = dataset.map(|dataset| of_all_classes(&dataset.test));
    if let Some(test) = test.filter(|&test| test != images) {
        return Some(format!("trial.json tells {images} test images apart where there are {test}"));
    }
    let accuracy = metrics.last().and_then(|last| last.figure(native::VAL_ACCURACY));
    let fits = accuracy == Some(right as f64 / images as f64);
    (!fits).then(|| format!("trial.json has {right} of {images} test images right, and metrics.jsonl another accuracy"))
}

fn fault_of_steps(record: &Native<'_>, fingerprints: &[StepFingerprint]) -> Option<String> {
    let steps = record.steps;
    let text = || format!("fingerprints.jsonl does not have the steps that a trial of {steps} keeps");
    (!are_kept_steps(fingerprints, steps)).then(text)
}

/// Whether these are steps of a trial of so many, in order, and none that is always kept is missing.
fn are_kept_steps(fingerprints: &[StepFingerprint], steps: u64) -> bool {
    let always = (0..steps).filter(|step| StepFingerprint::is_always_kept(*step));
    fingerprints.is_sorted_by(|one, next| one.step < next.step)
        && fingerprints.last().map_or(0, |last| last.step.saturating_add(1)) == steps
        && fingerprints.iter().map(|step| step.step).filter(|step| StepFingerprint::is_always_kept(*step)).eq(always)
}

fn fault_of_metrics(record: &Native<'_>, metrics: &[Point]) -> Option<String> {
    let are_in_order = metrics.iter().map(|point| point.at).eq(1..=u64::from(record.epochs));
    (!are_in_order).then(|| format!("metrics.jsonl does not have its {} epochs in order", record.epochs))
}

/// Images of a split. A record from elsewhere may count more than there can be.
fn of_all_classes(images: &[u64]) -> u64 {
    images.iter().fold(0, |sum, images| sum.saturating_add(*images))
}

/// Steps of an epoch; `None` where the images are not described and the trial did not get through its epochs.
fn steps_per_epoch(record: &Native<'_>, variant: NativeVariant<'_>, dataset: Option<&DatasetRecord>) -> Option<u64> {
    let steps = match dataset {
        Some(dataset) => of_all_classes(&dataset.train).div_ceil(u64::from(variant.train.batch_size).max(1)),
        None if *record.outcome == Outcome::Completed => record.steps / u64::from(record.epochs).max(1),
        None => return None,
    };
    Some(steps.max(1))
}

/// A trial that completed has all of its epochs; one that diverged ends with the step at which it did.
fn fault_of_end(record: &Native<'_>, variant: NativeVariant<'_>, steps_per_epoch: Option<u64>) -> Option<String> {
    let Native { epochs, steps, .. } = *record;
    let planned = variant.train.epochs;
    match *record.outcome {
        Outcome::Completed => {
            if epochs != planned {
                return Some(format!("it is completed with {epochs} of {planned} epochs"));
            }
            let expected = steps_per_epoch.map_or(steps, |of_one| of_one.saturating_mul(u64::from(epochs)));
            (steps != expected).then(|| format!("it is completed with {steps} of {expected} steps"))
        }
        Outcome::Diverged { epoch, step } => {
            let is_in_epoch = steps_per_epoch.is_none_or(|of_one| step / of_one == u64::from(epochs));
            let fits = u64::from(epochs) + 1 == u64::from(epoch)
                && epoch <= planned
                && step.saturating_add(1) == steps
                && is_in_epoch;
            let text =
                || format!("it diverged at step {step}, in epoch {epoch}, and has {steps} steps, {epochs} epochs");
            (!fits).then(text)
        }
    }
}

/// The last step of every complete epoch has the digest of the parameters, and no other step has one.
fn fault_of_parameters(
    record: &Native<'_>,
    fingerprints: &[StepFingerprint],
    steps_per_epoch: Option<u64>,
) -> Option<String> {
    let with = fingerprints.iter().filter(|step| step.parameters.is_some()).map(|step| step.step);
    let is_complete = match steps_per_epoch {
        Some(of_one) => {
            let last = |epoch: u32| of_one.saturating_mul(u64::from(epoch)) - 1;
            with.eq((1..=record.epochs).map(last))
        }
        None => with.count() as u64 == u64::from(record.epochs),
    };
    if !is_complete {
        return Some("fingerprints.jsonl does not have the parameters at the end of each of its epochs".to_owned());
    }
    let last = fingerprints.last().and_then(|step| step.parameters.as_deref());
    let is_final = *record.outcome != Outcome::Completed || last == record.parameters.to_string().get(..16);
    (!is_final).then(|| "its last fingerprint does not have its final parameters".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::bundle::record::{ParameterCount, TrialKey};
    use crate::config::load_str;

    /// Two epochs of 150 steps.
    const EXPERIMENT: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 2, batch_size: 8}
variants: [{id: bn}]
";

    fn variant() -> Variant {
        load_str("x.yaml", EXPERIMENT, Path::new(""), &[]).unwrap().variants.remove(0)
    }

    fn dataset() -> DatasetRecord {
        DatasetRecord {
            schema: 1,
            description: String::new(),
            classes: vec!["a".to_owned(), "b".to_owned()],
            image: [32, 32],
            // 1199 images in batches of 8: 149 of 8, and one of 7.
            train: vec![600, 599],
            test: vec![1, 1],
            digest: Digest::of_bytes(b"images"),
            archive: None,
            conversions: Default::default(),
            duplicates: None,
        }
    }

    fn record(outcome: Outcome, epochs: u32, steps: u64) -> TrialRecord {
        let variant = variant();
        let network = variant.native().unwrap();
        let parts = KeyParts::Native(NativeParts {
            model: Digest::of_canonical_json(network.model).unwrap(),
            recipe: Digest::of_canonical_json(network.train).unwrap(),
            seed: Seed(1),
            data: dataset().digest,
            engine: "flex-cpu".to_owned(),
            code: Digest::of_bytes(b"code"),
        });
        TrialRecord {
            schema: 1,
            variant: variant.id.clone(),
            seed: Seed(1),
            key: TrialKey { digest: Digest::of_canonical_json(&parts).unwrap(), parts },
            outcome,
            epochs,
            steps: Some(steps),
            // FIPS 180-2, appendix B.1.
            parameters: Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".parse().unwrap()),
            parameter_count: Some(ParameterCount { total: 1, trainable: 1 }),
            correct: None,
            command: None,
        }
    }

    /// Every step of a trial of so many; the parameters of each epoch's last step are those of the record.
    fn steps(steps: u64) -> Vec<StepFingerprint> {
        let step = |step| StepFingerprint {
            step,
            loss: "40000000".to_owned(),
            batch: "0".repeat(16),
            parameters: ((step + 1) % 150 == 0).then(|| "ba7816bf8f01cfea".to_owned()),
        };
        (0..steps).map(step).collect()
    }

    fn fault(
        record: &TrialRecord,
        fingerprints: &[StepFingerprint],
        dataset: Option<&DatasetRecord>,
    ) -> Option<String> {
        let kept: Vec<_> = StepFingerprint::kept(fingerprints).cloned().collect();
        let variant = variant();
        let network = variant.native().unwrap();
        let (steps, parameters) = (record.steps.unwrap(), record.parameters.unwrap());
        let native = Native { outcome: &record.outcome, epochs: record.epochs, steps, parameters };
        let of_one = steps_per_epoch(&native, network, dataset);
        fault_of_key(record, &variant, Seed(1), dataset)
            .or_else(|| fault_of_steps(&native, &kept))
            .or_else(|| fault_of_end(&native, network, of_one))
            .or_else(|| fault_of_parameters(&native, &kept, of_one))
    }

    #[test]
    fn trials_that_completed_and_trials_that_diverged_are_whole() {
        let images = dataset();
        for images in [Some(&images), None] {
            assert_eq!(fault(&record(Outcome::Completed, 2, 300), &steps(300), images), None);
            // At the first step, in the midst of the second epoch, and at the last step of the first one.
            for (epoch, step) in [(1, 0), (2, 170), (1, 149)] {
                let record = record(Outcome::Diverged { epoch, step }, epoch - 1, step + 1);
                let mut fingerprints = steps(step + 1);
                fingerprints.last_mut().unwrap().parameters = None;
                assert_eq!(fault(&record, &fingerprints, images), None, "{epoch} {step}");
            }
        }
    }

    #[test]
    fn what_is_missing_from_a_trial_is_told() {
        let images = dataset();
        let completed = record(Outcome::Completed, 2, 300);
        let without = |lost: &dyn Fn(&mut Vec<StepFingerprint>)| {
            let mut fingerprints = steps(300);
            lost(&mut fingerprints);
            fault(&completed, &fingerprints, Some(&images)).unwrap_or_default()
        };
        for (lost, reason) in [
            (without(&Vec::clear), "does not have the steps that a trial of 300 keeps"),
            (without(&|steps| steps.truncate(200)), "does not have the steps"),
            (without(&|steps| drop(steps.remove(5))), "does not have the steps"),
            (without(&|steps| drop(steps.remove(149))), "the parameters at the end of each of its epochs"),
            (without(&|steps| steps[149].parameters = None), "the parameters at the end"),
            (without(&|steps| steps[299].parameters = None), "the parameters at the end"),
            (without(&|steps| steps[3].parameters = Some(String::new())), "the parameters at the end"),
            (without(&|steps| steps[299].parameters = Some(String::new())), "its final parameters"),
        ] {
            assert!(lost.contains(reason), "{reason}: {lost:?}");
        }
    }

    #[test]
    fn images_told_apart_are_all_of_them_and_add_up_to_the_accuracy() {
        let fault = |each: &[bool], accuracy: f64| {
            let record =
                TrialRecord { correct: Some(each.iter().copied().collect()), ..record(Outcome::Completed, 2, 300) };
            let metrics = [Point::of_epoch(2, [(native::VAL_ACCURACY.name(), accuracy)])];
            fault_of_images(&record, &metrics, Some(&dataset())).unwrap_or_default()
        };
        assert_eq!(fault(&[true, false], 0.5), "");
        assert!(fault(&[true, true], 0.5).contains("2 of 2 test images right"));
        let mut lost = record(Outcome::Completed, 2, 300);
        assert_eq!(fault_of_images(&lost, &[], None), None, "another build need not have kept them");
        lost.key.parts.native_mut().code = code::numerics();
        assert!(
            fault_of_images(&lost, &[], None).is_some_and(|fault| fault.contains("does not say which test images"))
        );
        assert!(fault(&[true, false, true], 2.0 / 3.0).contains("3 test images apart where there are 2"));
    }

    #[test]
    fn a_trial_cannot_be_shorter_than_it_says() {
        let images = dataset();
        let reason =
            |record: &TrialRecord| fault(record, &steps(record.steps.unwrap()), Some(&images)).unwrap_or_default();
        assert!(reason(&record(Outcome::Completed, 1, 150)).contains("completed with 1 of 2 epochs"));
        assert!(reason(&record(Outcome::Completed, 2, 150)).contains("completed with 150 of 300 steps"));
        assert!(reason(&record(Outcome::Diverged { epoch: 2, step: 170 }, 1, 100)).contains("diverged at step 170"));
        assert!(reason(&record(Outcome::Diverged { epoch: 2, step: 100 }, 1, 101)).contains("in epoch 2"));
        let mut foreign = record(Outcome::Completed, 2, 300);
        foreign.seed = Seed(2);
        assert!(reason(&foreign).contains("its record is of bn/2"));
    }
}
