//! What an experiment file says about who performs its trials. The comments are also the schema's.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::metric::MetricName;
use super::trainer::{Format, Param, Stream, Table};

/// Trainers that need no settings here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TrainerName {
    /// This program; `model` and `train` say what is trained.
    Native,
}

/// Who performs the trials: a program of any kind (`command`), or nobody, where the figures exist already (`import`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of trainer settings")]
#[schemars(rename = "Trainer")]
pub(super) struct RawTrainer {
    /// The program and its arguments, as a list; no shell sees them. With `shell: true`, one line for `sh -c`. In braces:
    /// `{seed}`, `{variant}`, `{params.NAME}`, `{out}` (a folder to write to), `{data}` (the first of `data`), `{images}`
    /// (a folder with the experiment's images as NumPy arrays), `{device}` (`cuda` or `cpu`) and `{threads}`; a brace that
    /// stands for itself is doubled.
    pub command: Option<CommandLine>,
    /// Whether `command` is a line for the shell. Default false.
    pub shell: Option<bool>,
    /// Where the program runs, relative to this file's folder. Default: there.
    pub folder: Option<String>,
    /// Patterns of its source files (`"*.py"`), relative to this file's folder. A trial is due again when one changes.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Files and folders that it trains on, relative to this file's folder. A trial is due again when one changes.
    #[serde(default)]
    pub data: Vec<String>,
    /// Environment variables to pass on and to record; few others are passed on.
    #[serde(default)]
    pub env: Vec<String>,
    /// Environment variables to set.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Where its figures are read. Default: `name: value` pairs on its standard output.
    pub metrics: Option<RawMetricsFrom>,
    /// Files in `{out}` to record by their digests.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// How long a trial may take: `90s`, `30m`, `2h`, or a number of seconds. Default: as long as it likes.
    pub timeout: Option<Param>,
    /// What a trial needs.
    pub resources: Option<RawResources>,
    /// How often each trial is run, to see how far it repeats itself. Default 1.
    #[schemars(range(min = 1, max = 100))]
    pub repeat: Option<u32>,
    /// Whether the program goes on from what it finds in `{out}` after an interruption. Default false: `{out}` is emptied.
    pub resume: Option<bool>,
    /// A file with figures that exist already: one row for each trial and step, with columns `variant` and `seed`.
    pub import: Option<String>,
    /// What kind of file `import` is. Default: by its name.
    pub format: Option<Table>,
}

/// A program and its arguments.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum CommandLine {
    Line(String),
    List(Vec<String>),
}

/// Where a program's figures are read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `from` and `format`")]
#[schemars(rename = "MetricsFrom")]
pub(super) struct RawMetricsFrom {
    /// `stdout`, `stderr` or `file`. Default `stdout`, or `file` where there is a `path`.
    pub from: Option<Stream>,
    /// `pairs`, `jsonl`, `csv`, `json` or `regex`. Default `pairs`, or for a file by its name.
    pub format: Option<Format>,
    /// A file in `{out}`.
    pub path: Option<String>,
    /// A regular expression with a named group for each metric (`regex` only, required there).
    pub pattern: Option<String>,
    /// The place of each metric as a JSON pointer, such as `/final/accuracy` (`json` only). Default: `/NAME`.
    #[serde(default)]
    pub pointers: IndexMap<MetricName, String>,
    /// The figure that counts steps. Default: `step` or `epoch` where there is one, else lines are counted.
    pub step: Option<MetricName>,
}

/// What a trial needs of the machine.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `gpus` and `threads`")]
#[schemars(rename = "Resources")]
pub(super) struct RawResources {
    /// GPUs of its own; the program sees no others. Default 0.
    #[schemars(range(max = 64))]
    pub gpus: Option<u32>,
    /// Threads for mathematical libraries (OpenMP, BLAS). Default: the cores, shared among the trials at a time.
    #[schemars(range(min = 1, max = 4096))]
    pub threads: Option<u32>,
}

impl<'de> Deserialize<'de> for CommandLine {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = CommandLine;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of a program and its arguments")
            }

            fn visit_str<E: serde::de::Error>(self, line: &str) -> Result<CommandLine, E> {
                Ok(CommandLine::Line(line.to_owned()))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<CommandLine, A::Error> {
                let mut arguments = Vec::new();
                // A number in a command is the text that stands there.
                while let Some(argument) = list.next_element::<Param>()? {
                    arguments.push(argument.to_string());
                }
                Ok(CommandLine::List(arguments))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
