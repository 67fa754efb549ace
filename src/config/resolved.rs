//! A bundle's `experiment.yaml`, which is a resolved experiment, put back into the form of an experiment file, so that
//! whoever has only a bundle can run it again, and change it with `--set` like any other.
//!
//! What all variants have in common becomes theirs to share, because that is where an override of `train.epochs` looks.
//! Resolving the outcome gives the experiment that was recorded.

use serde::Serialize;
use serde_yaml::{Mapping, Value};

use super::check::{Problem, check, check_schema};
use super::claim::{Bound, Claim, Test};
use super::decode::decode;
use super::experiment::{DataSpec, Experiment, Throughput, Variant};
use super::location::KeyPath;
use super::network::Graph;
use super::raw::{RawExperiment, SCHEMA};

/// Settings that a variant takes over key by key where it has some of its own; others are replaced as a whole.
const MERGED: [&str; 3] = ["dropout", "schedule", "augment"];

/// Whether this is a resolved experiment. It says of what kind its source is, and each variant for itself what it is; a
/// file that somebody wrote names its source by one word.
pub(super) fn is_resolved(document: &Value) -> bool {
    let source = document.get("data").and_then(|data| data.get("source"));
    let has_shared = document.get("model").is_some() || document.get("train").is_some();
    let is_ours = source.is_some_and(|source| source.get("kind").is_some());
    let variants = document.get("variants").and_then(Value::as_sequence).into_iter().flatten();
    let mut trainers = variants.filter_map(|variant| variant.get("trainer"));
    (is_ours || trainers.any(|trainer| trainer.get("kind").is_some())) && !has_shared
}

/// The experiment file that resolves to this resolved experiment.
///
/// # Errors
/// When it is of another format version, or no resolved experiment.
pub(super) fn as_file(mut document: Value) -> Result<Value, Problem> {
    if let Value::Mapping(file) = &mut document {
        check_schema(file)?;
        file.remove("schema");
    }
    let experiment: Experiment = decode(document)?;
    file_of(&experiment).map_err(|error| Problem::at_value(KeyPath::root(), error.to_string(), ""))
}

/// What is wrong with a resolved experiment as a file.
pub(super) fn problem_of(experiment: &Experiment) -> Option<Problem> {
    let file = match file_of(experiment) {
        Ok(file) => file,
        Err(error) => return Some(Problem::at_value(KeyPath::root(), error.to_string(), "")),
    };
    match decode::<RawExperiment>(file) {
        Ok(raw) => check(&raw).into_iter().next().or_else(|| misfit(experiment)),
        Err(problem) => Some(problem),
    }
}

/// Layers that make no network; only sizes that `check` allowed can be built.
fn misfit(experiment: &Experiment) -> Option<Problem> {
    experiment.native_variants().find_map(|variant| {
        let error = Graph::new(variant.model, 2, variant.train.image_size as usize).err()?;
        let message = format!("the network of variant `{}`: {error}", variant.id);
        Some(Problem::at_value(KeyPath::root(), message, ""))
    })
}

fn file_of(experiment: &Experiment) -> Result<Value, serde_yaml::Error> {
    let mut file = mapping(experiment)?;
    let mut variants: Vec<Mapping> =
        experiment.variants.iter().map(|variant| variant_of(variant, experiment)).collect::<Result<_, _>>()?;
    for section in ["model", "train"] {
        let mut settings: Vec<&mut Mapping> =
            variants.iter_mut().filter_map(|variant| variant.get_mut(section)?.as_mapping_mut()).collect();
        file.insert(section.into(), shared(&mut settings).into());
    }
    let claims: Vec<Value> =
        experiment.claims.iter().map(|claim| claim_of(claim, experiment)).collect::<Result<_, _>>()?;
    file.insert("schema".into(), SCHEMA.into());
    if let Some(data) = &experiment.data {
        file.insert("data".into(), data_of(data)?);
    }
    file.insert("variants".into(), variants.into_iter().map(Value::Mapping).collect::<Vec<_>>().into());
    file.insert("throughput".into(), throughput_of(experiment.throughput.as_ref())?);
    file.insert("claims".into(), claims.into());
    Ok(Value::Mapping(file))
}

fn mapping(value: &impl Serialize) -> Result<Mapping, serde_yaml::Error> {
    serde_yaml::from_value(serde_yaml::to_value(value)?)
}

/// `{source: {kind: synthetic, seed: 1}}` as `{source: synthetic, seed: 1}`.
fn data_of(data: &DataSpec) -> Result<Value, serde_yaml::Error> {
    let mut source = mapping(&data.source)?;
    let mut rest = mapping(data)?;
    rest.remove("source");
    let kind = source.remove("kind").unwrap_or(Value::Null);
    source.insert("source".into(), kind);
    source.extend(rest);
    Ok(Value::Mapping(source))
}

/// Without what it only takes over: a label that is its id, seeds that are everybody's.
fn variant_of(variant: &Variant, experiment: &Experiment) -> Result<Mapping, serde_yaml::Error> {
    let mut written = mapping(variant)?;
    if variant.label == variant.id.as_str() {
        written.remove("label");
    }
    if variant.seeds == experiment.seeds {
        written.remove("seeds");
    }
    if let Some(trainer) = written.get_mut("trainer").and_then(Value::as_mapping_mut) {
        trainer_of(trainer);
    }
    Ok(written)
}

/// `{kind: command, gpus: 1, …}` as `{resources: {gpus: 1}, …}`, and `{kind: import, path: x}` as `{import: x}`.
fn trainer_of(trainer: &mut Mapping) {
    trainer.remove("kind");
    if !trainer.contains_key("command") {
        let path = trainer.remove("path");
        trainer.extend(path.map(|path| ("import".into(), path)));
        return;
    }
    let mut resources = Mapping::new();
    for key in ["gpus", "threads"] {
        resources.extend(trainer.remove(key).map(|value| (key.into(), value)));
    }
    if !resources.is_empty() {
        trainer.insert("resources".into(), Value::Mapping(resources));
    }
    if trainer.contains_key("shell")
        && let Some(line) = trainer.get("command").and_then(|command| command.get(0)).cloned()
    {
        trainer.insert("command".into(), line);
    }
}

/// Takes out of the variants' settings what is the same in all of them.
fn shared(settings: &mut [&mut Mapping]) -> Mapping {
    let keys: Vec<Value> = settings.first().map(|first| first.keys().cloned().collect()).unwrap_or_default();
    let mut common = Mapping::new();
    for key in keys {
        if settings.iter().all(|other| other.get(&key) == settings[0].get(&key)) {
            for settings in &mut *settings {
                common.extend(settings.remove(&key).map(|value| (key.clone(), value)));
            }
        } else if key.as_str().is_some_and(|key| MERGED.contains(&key)) {
            let parts = settings.iter_mut().map(|settings| settings.get_mut(&key)?.as_mapping_mut());
            let below = parts.collect::<Option<Vec<_>>>().map(|mut parts| shared(&mut parts)).unwrap_or_default();
            common.extend((!below.is_empty()).then(|| (key, Value::Mapping(below))));
        }
    }
    common
}

/// No image sizes besides the variants' own are written by leaving them out.
fn throughput_of(throughput: Option<&Throughput>) -> Result<Value, serde_yaml::Error> {
    let Some(throughput) = throughput else { return Ok(Value::Bool(false)) };
    let mut written = mapping(throughput)?;
    if throughput.image_sizes.is_empty() {
        written.remove("image_sizes");
    }
    Ok(Value::Mapping(written))
}

/// The confidence is its test's, where it is not the experiment's, and so is the point that the metric is read at.
fn claim_of(claim: &Claim, experiment: &Experiment) -> Result<Value, serde_yaml::Error> {
    let mut written = mapping(claim)?;
    written.remove("confidence");
    let mut test = test_of(&claim.test)?;
    test.extend(written.remove("at").map(|at| ("at".into(), at)));
    if claim.confidence != experiment.confidence {
        test.insert("confidence".into(), claim.confidence.into());
    }
    written.insert("test".into(), Value::Mapping(test));
    Ok(Value::Mapping(written))
}

/// What a test compares follows from its keys: `{kind: level, of: a, bound: {kind: below, value: 1}}` is
/// `{of: a, below: 1}`.
fn test_of(test: &Test) -> Result<Mapping, serde_yaml::Error> {
    let mut written = mapping(test)?;
    written.remove("kind");
    written.remove("bound");
    let numbers: Vec<(&str, f64)> = match test {
        Test::Level { bound, .. } | Test::Difference { bound, .. } | Test::Ratio { bound, .. } => match *bound {
            Bound::Below { value } => vec![("below", value)],
            Bound::Above { value } => vec![("above", value)],
            Bound::Within { around, margin } => vec![("around", around), ("within", margin)],
        },
        Test::Trend { .. } => Vec::new(),
    };
    written.extend(numbers.into_iter().map(|(key, number)| (key.into(), number.into())));
    if let Some(direction) = written.remove("direction") {
        written.insert("trend".into(), direction);
    }
    Ok(written)
}
