//! One experiment file in memory: its text, the overrides applied to it, and where each of its values came from.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde_yaml::Value;

use super::check::{Problem, check, check_schema};
use super::decode::decode;
use super::error::{ConfigError, did_you_mean, list};
use super::experiment::{Experiment, Whence};
use super::location::{Index, KeyPath, Part, SyntaxError};
use super::overrides::{Blocked, Override};
use super::raw::RawExperiment;
use super::resolve::resolve;
use super::resolved::{as_file, is_resolved};

/// Larger files are refused: no experiment needs them, and reading them takes time and memory.
pub(super) const MAX_BYTES: usize = 1 << 20;

pub(super) struct Document<'a> {
    name: &'a str,
    text: Arc<str>,
    index: Index,
    overrides: &'a [Override],
    /// The value that each override in `overrides` put in place; `None` for one that selects variants.
    overridden: Vec<Option<KeyPath>>,
    /// Whether it is a bundle's record of what was run.
    is_resolved: bool,
}

impl<'a> Document<'a> {
    /// Reads `text` into an experiment; relative data paths in it start at `base_dir`, those in overrides where they are.
    pub fn load(
        name: &'a str,
        text: &str,
        base_dir: &Path,
        overrides: &'a [Override],
    ) -> Result<(Self, Experiment), Box<ConfigError>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (text, index) = (text.into(), Index::default());
        let mut document = Self { name, text, index, overrides, overridden: vec![], is_resolved: false };
        let value = document.parse()?;
        let mut experiment = document.interpret(value)?;
        document.select(&mut experiment)?;
        experiment.whence = if document.is_resolved { Whence::of_bundle(base_dir) } else { Whence::of_file(base_dir) };
        if let Some(path) = experiment.data.as_mut().and_then(|data| data.source.path_mut())
            && document.origin(&data_path()).is_none()
        {
            *path = base_dir.join(&path);
        }
        Ok((document, experiment))
    }

    fn parse(&mut self) -> Result<Value, Box<ConfigError>> {
        if self.text.len() > MAX_BYTES {
            return Err(too_large(self.name));
        }
        let (index, value) = parse_yaml(&self.text).map_err(|error| self.syntax_error(error))?;
        self.index = index;
        if value.is_null() {
            let message = format!("{} is empty", self.name);
            return Err(ConfigError::new(message, "start with a copy of one of the files in `configs/`"));
        }
        Ok(value)
    }

    fn interpret(&mut self, mut value: Value) -> Result<Experiment, Box<ConfigError>> {
        self.is_resolved = is_resolved(&value);
        if self.is_resolved {
            value = as_file(value).map_err(|problem| self.locate(problem))?;
        }
        for change in self.overrides {
            let path = match change.selection() {
                Some(_) => None,
                None => Some(change.apply(&mut value).map_err(|blocked| on_command_line(change, blocked, Part::Key))?),
            };
            self.overridden.push(path);
        }
        if let Value::Mapping(file) = &value {
            check_schema(file).map_err(|problem| self.locate(problem))?;
        }
        let raw: RawExperiment = decode(value).map_err(|problem| self.locate(problem))?;
        let errors = check(&raw).into_iter().map(|problem| *self.locate(problem)).collect();
        if let Some(error) = ConfigError::together(self.name, errors) {
            return Err(error);
        }
        let file_stem = Path::new(self.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        resolve(raw, file_stem).map_err(|problem| self.locate(problem))
    }

    /// Keeps the variants that the last selecting override names, and the claims about no others: who selects asks to
    /// look at a part.
    fn select(&self, experiment: &mut Experiment) -> Result<(), Box<ConfigError>> {
        let mut selections = self.overrides.iter().rev().filter_map(|change| Some((change, change.selection()?)));
        let Some((change, wanted)) = selections.next() else { return Ok(()) };
        let known: Vec<&str> = experiment.variants.iter().map(|variant| variant.id.as_str()).collect();
        if let Some(unknown) = wanted.iter().find(|id| !known.contains(id)) {
            let help = did_you_mean(unknown, &known).unwrap_or_else(|| format!("there are {}", list(&known)));
            let message = format!("there is no variant `{}`", unknown.escape_debug());
            return Err(on_command_line(change, Blocked { message, help }, Part::Value));
        }
        experiment.variants.retain(|variant| wanted.contains(&variant.id.as_str()));
        experiment.claims.retain(|claim| claim.test.variants().iter().all(|id| wanted.contains(&id.as_str())));
        let kept: Vec<String> = experiment.claims.iter().map(|claim| claim.id.to_string()).collect();
        experiment.conclusions.retain(|conclusion| {
            let (claims, variants) = conclusion.names();
            claims.iter().all(|id| kept.iter().any(|kept| kept == id)) && variants.iter().all(|id| wanted.contains(id))
        });
        Ok(())
    }

    /// # Errors
    /// When the experiment names a data path that is not there.
    pub fn check_data_exists(&self, experiment: &Experiment) -> Result<(), Box<ConfigError>> {
        match experiment.data.as_ref().and_then(|data| data.source.path()) {
            Some(path) if !path.exists() => {
                let message = format!("there is no data at `{}`", path.display());
                let help = if self.is_resolved && self.origin(&data_path()).is_none() {
                    "a bundle records the name of its images, not where they lay: say where they are with --data PATH"
                } else {
                    "put the images there, or name another place with --set data.path=PATH; a relative path starts at \
                     the experiment file's folder, on the command line at the current folder"
                };
                Err(self.locate(Problem::at_value(data_path(), message, help)).about_missing_data())
            }
            _ => Ok(()),
        }
    }

    /// Puts a problem where it belongs: on the override that brought the value, or else on the line of the file.
    fn locate(&self, problem: Problem) -> Box<ConfigError> {
        let error = ConfigError::new(problem.message, problem.help);
        if let Some((change, exact)) = self.origin(&problem.path) {
            let part = if exact { problem.part } else { Part::Value };
            return error.pointing_at("command line", change.to_string().into(), change.range(part));
        }
        let error = self.in_file(error, self.index.range(&self.text, &problem.path, problem.part));
        match problem.first {
            Some(first) if self.index.contains(&first) => {
                error.repeating(self.index.range(&self.text, &first, Part::Value))
            }
            _ => error,
        }
    }

    /// The last override that set `path` or something around it, or that brought `path` about by setting something
    /// inside it; and whether it is `path` itself, or inside, that it names.
    fn origin(&self, path: &KeyPath) -> Option<(&Override, bool)> {
        let in_file = self.index.contains(path);
        let pairs = self.overrides.iter().zip(&self.overridden).rev();
        let mut named = pairs.filter_map(|(change, set)| Some((change, set.as_ref()?)));
        let (change, set) = named.find(|(_, set)| path.starts_with(set) || (!in_file && set.starts_with(path)))?;
        Some((change, set.starts_with(path)))
    }

    fn in_file(&self, error: Box<ConfigError>, range: Range<usize>) -> Box<ConfigError> {
        error.pointing_at(self.name, Arc::clone(&self.text), range)
    }

    fn syntax_error(&self, error: SyntaxError) -> Box<ConfigError> {
        let located = ConfigError::new(format!("not valid YAML: {}", error.reason), error.help);
        let located = self.in_file(located, error.range);
        match error.first {
            Some(first) => located.repeating(first),
            None => located,
        }
    }
}

pub(super) fn too_large(name: &str) -> Box<ConfigError> {
    let message = format!("{name} is larger than an experiment file may be");
    ConfigError::new(message, format!("the limit is {MAX_BYTES} bytes; is this the right file?"))
}

fn data_path() -> KeyPath {
    KeyPath::root().key("data").key("path")
}

fn on_command_line(change: &Override, blocked: Blocked, part: Part) -> Box<ConfigError> {
    let error = ConfigError::new(blocked.message, blocked.help);
    error.pointing_at("command line", change.to_string().into(), change.range(part))
}

/// A number that fits none of its types is all that serde_yaml tells in terms of Rust.
fn in_plain_words(reason: String) -> String {
    let number = reason.split_once("invalid type: integer `").and_then(|(_, rest)| rest.split_once("` as "));
    match number {
        Some((number, _)) => format!("the number {number} is out of any range"),
        None => reason,
    }
}

/// YAML text to a value, with merge keys (`<<`) resolved.
pub(super) fn parse_yaml(text: &str) -> Result<(Index, Value), SyntaxError> {
    // First, because it bounds nesting in linear time: serde_yaml alone takes minutes to refuse 1 MiB of `{a: {a: …`.
    let index = Index::of(text)?;
    let syntax = |error: serde_yaml::Error| {
        // serde_yaml counts characters.
        let byte = |place: serde_yaml::Location| text.char_indices().nth(place.index()).map(|(byte, _)| byte);
        let at = error.location().and_then(byte).unwrap_or(0);
        let help = "write this more simply: an experiment needs no more than keys, texts, numbers and lists";
        SyntaxError { reason: in_plain_words(error.to_string()), help, range: at..at, first: None }
    };
    let mut value: Value = serde_yaml::from_str(text).map_err(syntax)?;
    value.apply_merge().map_err(syntax)?;
    Ok((index, value))
}
