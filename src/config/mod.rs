//! Experiment files: YAML in, a resolved [`Experiment`] out.
//!
//! Raw types (what the file says) and resolved types (what runs) are different; only resolved ones leave this module.
//! A resolved experiment that was written into a bundle can be read like a file.
//! Every error names file, line and column, or the command-line option at fault, shows the line, and says what to do.

mod check;
mod check_claims;
mod claim;
mod conclusion;
mod decode;
mod document;
mod error;
mod experiment;
mod location;
mod metric;
mod network;
mod overrides;
mod placeholder;
mod raw;
mod raw_claim;
mod raw_trainer;
mod reported;
mod resolve;
mod resolve_claims;
mod resolved;
mod reworded;
mod settle;
mod shorthand;
#[cfg(test)]
mod tests;
mod trainer;
mod trainers;
mod values;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use check::MAX_VARIANTS;
pub use claim::{At, Bound, Claim, ClaimId, Direction, Test, Verdict};
pub use conclusion::{Conclusion, FigureOf, Form, Piece, level_of};
use document::{Document, MAX_BYTES};
pub use error::ConfigError;
pub use experiment::{
    Augment, DataSource, DataSpec, Decay, Dropout, DropoutKind, DropoutPlace, Experiment, Fit, Initializer, Leakage,
    ModelSpec, NativeVariant, Norm, Optimizer, PerClass, PixelRange, Precision, Recipe, SOURCES, Schedule, Source,
    Throughput, Variant, Whence,
};
pub use metric::{
    Better, Declaration, Metric, MetricName, Metrics, Role, Scale, Unit, command as command_metrics, native,
};
pub use network::{Act, Graph, GraphError, Kernel, Layer, LayerName, Node, NodeDropout, PoolKind, Shape, Step, Window};
pub use overrides::{InvalidOverride, Override};
pub use placeholder::{Placeholder, Template};
pub use reported::Reported;
pub use reworded::NotTheSame;
pub use settle::{Budget, Settle};
pub use trainer::{Command, Format, Import, MetricsFrom, Native, Param, Params, Stream, Table, Trainer};
pub use values::{ExperimentId, InvalidValue, Rate, Seed, Slug, VariantId, is_device};

/// Reads an experiment file. Data files need not exist.
///
/// # Errors
/// When the file cannot be read, is not an experiment, or an override does not fit it.
pub fn load(path: &Path, overrides: &[Override]) -> Result<Experiment, Box<ConfigError>> {
    let text = read(path)?;
    let (_, experiment) = Document::load(&path.display().to_string(), &text, folder(path), overrides)?;
    Ok(experiment)
}

/// Like [`load`], for a caller who is about to read the data.
///
/// # Errors
/// As [`load`], and when the file names a data path that does not exist.
pub fn load_with_data(path: &Path, overrides: &[Override]) -> Result<Experiment, Box<ConfigError>> {
    let text = read(path)?;
    let name = path.display().to_string();
    let (document, experiment) = Document::load(&name, &text, folder(path), overrides)?;
    document.check_data_exists(&experiment)?;
    Ok(experiment)
}

/// [`load`] for a text in memory: `name` stands for the file in errors, and `base_dir` for its folder.
///
/// # Errors
/// When the text is not an experiment, or an override does not fit it.
pub fn load_str(
    name: &str,
    text: &str,
    base_dir: &Path,
    overrides: &[Override],
) -> Result<Experiment, Box<ConfigError>> {
    let (_, experiment) = Document::load(name, text, base_dir, overrides)?;
    Ok(experiment)
}

/// A bundle's record as YAML values, once its size and its nesting are known to be bounded: `serde_yaml` alone would take
/// minutes over some text that is deeply nested.
///
/// # Errors
/// When it is larger than `most` bytes, or not YAML.
pub fn bounded_yaml(text: &str, most: usize) -> Result<serde_yaml::Value, String> {
    if text.len() > most {
        return Err(format!("it has more than {most} bytes"));
    }
    document::parse_yaml(text).map(|(_, value)| value).map_err(|error| format!("not valid YAML: {}", error.reason))
}

/// Whether an experiment that was recorded could have come from an experiment file.
///
/// # Errors
/// The first thing that no file may ask for.
pub fn check_recorded(experiment: &Experiment) -> Result<(), String> {
    match resolved::problem_of(experiment) {
        Some(problem) => Err(format!("no experiment file may say this: {}", problem.message)),
        None => Ok(()),
    }
}

/// The JSON Schema of experiment files, for editors: pretty-printed, with a final newline.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(raw::RawExperiment);
    // `{:#}` on a JSON value is infallible pretty-printing.
    format!("{:#}\n", schema.as_value())
}

/// The folder that relative paths in the file start at.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn read(path: &Path) -> Result<String, Box<ConfigError>> {
    const FIND: &str = "check the path; experiment files are usually kept in `configs/`";
    let shown = path.display();
    if path.is_dir() {
        return Err(ConfigError::new(format!("{shown} is a folder, not an experiment file"), "name a file in it"));
    }
    let unreadable = |error: std::io::Error| ConfigError::new(format!("cannot read {shown}: {error}"), FIND);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // One byte more than allowed is enough to see that a file is too large, however large it is.
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(document::too_large(&shown.to_string()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let message = format!("{shown} is not UTF-8 text: line {line} has a byte that cannot be read");
        ConfigError::new(message, "save the file as UTF-8")
    })
}
