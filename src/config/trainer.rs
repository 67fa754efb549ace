//! Who performs a variant's trials, resolved.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::experiment::{ModelSpec, Recipe};
use super::placeholder::{Placeholder, Template};

/// Who performs a variant's trials, and what it is told.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a few per experiment, and nearly all of them native")]
pub enum Trainer {
    /// This program, on burn.
    Native(Native),
    /// Any program.
    Command { command: Command, params: Params },
    /// Nobody here: figures that exist already.
    Import { import: Import, params: Params },
}

/// A network and how it is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Native {
    pub model: ModelSpec,
    pub train: Recipe,
}

/// What tells variants apart that are not ours, by name, in the order of the file.
pub type Params = IndexMap<String, Param>;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a parameter is a number, a text, `true` or `false`")]
pub enum Param {
    Truth(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

/// A program as a trainer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Program and arguments, with placeholders; with `shell`, one line for the shell.
    pub command: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shell: bool,
    /// Where it runs, relative to the experiment file's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Patterns of the files whose content is part of the key, relative to the experiment file's folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Files and folders with what it trains on, part of the key as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Environment variables that are passed on, and recorded with their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Environment variables that are set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    pub metrics: MetricsFrom,
    /// Files that it leaves in `{out}` and that are recorded by their digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<String>,
    /// Seconds after which it has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gpus: u32,
    /// Threads that it may use; `None` shares the cores among the trials at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// How often each trial is run, to see how far it repeats itself.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub repeat: u32,
    /// Whether it goes on from what an interrupted run left in `{out}`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resume: bool,
}

impl Command {
    /// Whether it is trained on the experiment's own images.
    pub fn asks_for_images(&self) -> bool {
        self.asks_for(&Placeholder::Images)
    }

    /// Whether it is told the trial's seed.
    pub fn asks_for_seed(&self) -> bool {
        self.asks_for(&Placeholder::Seed)
    }

    /// Whether it is told its variant's id.
    pub fn asks_for_variant(&self) -> bool {
        self.asks_for(&Placeholder::Variant)
    }

    fn asks_for(&self, placeholder: &Placeholder) -> bool {
        self.templates().any(|text| Template::parse(text).is_ok_and(|found| found.asks_for(placeholder)))
    }

    /// Every text that may hold placeholders.
    fn templates(&self) -> impl Iterator<Item = &str> {
        self.command.iter().chain(self.variables.values()).map(String::as_str)
    }
}

/// Where a program's figures are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsFrom {
    pub from: Stream,
    pub format: Format,
    /// A file in `{out}`, for [`Stream::File`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Has a named group for each metric, for [`Format::Regex`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The place of each metric as a JSON pointer (RFC 6901), for [`Format::Json`].
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub pointers: IndexMap<String, String>,
    /// The figure that counts steps; `None` takes `step` or `epoch` where there is one, and else counts lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Stdout,
    Stderr,
    /// A file in `{out}`, read when the program has ended.
    File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `name: value` or `name=value`, any number of them anywhere in a line, as most programs print.
    Pairs,
    /// A JSON object a line.
    Jsonl,
    /// Comma-separated values with a heading.
    Csv,
    /// One JSON document.
    Json,
    /// A regular expression with a named group for each metric.
    Regex,
}

/// Figures from elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Where they are: a file, relative to the experiment file's folder.
    pub path: String,
    pub format: Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    Csv,
    Jsonl,
}

impl Trainer {
    pub fn native(&self) -> Option<&Native> {
        match self {
            Self::Native(native) => Some(native),
            Self::Command { .. } | Self::Import { .. } => None,
        }
    }

    pub fn params(&self) -> Option<&Params> {
        match self {
            Self::Native(_) => None,
            Self::Command { params, .. } | Self::Import { params, .. } => Some(params),
        }
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn once() -> u32 {
    1
}

fn is_once(number: &u32) -> bool {
    *number == 1
}
