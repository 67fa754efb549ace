//! Changes to an experiment made on the command line: `--set train.epochs=3`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde_yaml::{Mapping, Value};

use super::document::parse_yaml;
use super::error::{did_you_mean, list};
use super::location::{KeyPath, Part, Segment};

/// A value put in the place of the one an experiment file gives.
///
/// Written `KEY=VALUE`: KEY is a path such as `train.epochs` or `variants.bn.train.epochs`, where a variant is named by
/// its id or counted from 0; VALUE is YAML and replaces what was there as a whole. `variants=[bn,plain]` keeps those
/// variants of the file, in the file's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    keys: Vec<String>,
    value: Value,
    /// As the user wrote it, option included, and where in it the key and the value stand.
    written: String,
    key_at: usize,
    value_at: usize,
}

/// Why a text is not an override.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOverride {
    #[error("`{0}` is not an override: write KEY=VALUE, e.g. `train.epochs=3`")]
    NoValue(String),
    #[error("`{0}` is not a key: write names with single dots between them, e.g. `train.epochs`")]
    BadKey(String),
    #[error("the value of `{key}` is not valid YAML: {reason} ({help})")]
    BadValue { key: String, reason: String, help: &'static str },
}

impl FromStr for Override {
    type Err = InvalidOverride;

    fn from_str(text: &str) -> Result<Self, InvalidOverride> {
        const OPTION: &str = "--set ";
        let (key, value) = text.split_once('=').ok_or_else(|| InvalidOverride::NoValue(text.to_owned()))?;
        let keys: Vec<String> = key.split('.').map(|key| key.trim().to_owned()).collect();
        if keys.iter().any(String::is_empty) {
            return Err(InvalidOverride::BadKey(key.to_owned()));
        }
        let (_, value) = parse_yaml(value).map_err(|error| InvalidOverride::BadValue {
            key: key.to_owned(),
            reason: error.reason,
            help: error.help,
        })?;
        let value_at = OPTION.len() + key.len() + 1;
        Ok(Self { keys, value, written: format!("{OPTION}{text}"), key_at: OPTION.len(), value_at })
    }
}

impl Override {
    /// `--data PATH`: the path of the data set, taken as text whatever it looks like.
    pub fn data_path(path: &str) -> Self {
        const OPTION: &str = "--data ";
        Self {
            keys: vec!["data".to_owned(), "path".to_owned()],
            value: Value::String(path.to_owned()),
            written: format!("{OPTION}{path}"),
            key_at: 0,
            value_at: OPTION.len(),
        }
    }

    /// The bytes of [`Display`](fmt::Display)'s text to underline.
    pub(super) fn range(&self, part: Part) -> Range<usize> {
        match part {
            Part::Key => self.key_at..self.value_at - 1,
            Part::Value => self.value_at..self.written.len(),
        }
    }

    /// The variant ids of `variants=[bn,plain]` or `variants=bn`; `None` for any other override.
    pub(super) fn selection(&self) -> Option<Vec<&str>> {
        if self.keys != ["variants"] {
            return None;
        }
        match &self.value {
            Value::String(id) => Some(vec![id]),
            Value::Sequence(ids) if !ids.is_empty() => ids.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// Puts the value into `document`, making mappings on the way where there is nothing yet.
    ///
    /// # Errors
    /// When the way leads below a single value or to an element that a list does not have.
    pub(super) fn apply(&self, document: &mut Value) -> Result<KeyPath, Blocked> {
        let mut path = KeyPath::root();
        let mut place = document;
        for key in &self.keys {
            let (segment, next) = step(place, key, &path)?;
            path = path.join(segment);
            place = next;
        }
        *place = self.value.clone();
        Ok(path)
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Why an override cannot be applied, and what to do.
#[derive(Debug)]
pub(super) struct Blocked {
    pub message: String,
    pub help: String,
}

fn step<'a>(place: &'a mut Value, key: &str, path: &KeyPath) -> Result<(Segment, &'a mut Value), Blocked> {
    if place.is_null() {
        *place = Value::Mapping(Mapping::new());
    }
    match place {
        Value::Mapping(map) => {
            let next = map.entry(Value::String(key.to_owned())).or_insert(Value::Null);
            Ok((Segment::Key(key.to_owned()), next))
        }
        Value::Sequence(items) => {
            let position = position(items, key).ok_or_else(|| no_such_element(items, key, path))?;
            Ok((Segment::Index(position), &mut items[position]))
        }
        _ => Err(Blocked {
            message: format!("`{path}` is a single value, so it has no `{}`", key.escape_debug()),
            help: format!("replace it as a whole, e.g. --set '{path}={{…}}'"),
        }),
    }
}

fn position(items: &[Value], key: &str) -> Option<usize> {
    let index = || key.parse().ok().filter(|&index: &usize| index < items.len());
    items.iter().position(|item| id(item) == Some(key)).or_else(index)
}

fn id(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

fn no_such_element(items: &[Value], key: &str, path: &KeyPath) -> Blocked {
    let ids: Vec<&str> = items.iter().filter_map(id).collect();
    let message = format!("`{path}` has no element `{}`", key.escape_debug());
    let help = match (did_you_mean(key, &ids), items.len()) {
        (Some(meant), _) => meant,
        (None, 0) => "the list is empty".to_owned(),
        (None, count) if ids.is_empty() => format!("elements are counted from 0, so the last is {}", count - 1),
        (None, _) => format!("there are {}", list(&ids)),
    };
    Blocked { message, help }
}
