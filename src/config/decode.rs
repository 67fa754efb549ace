//! YAML values to settings, with serde's complaints put into words for someone who writes a file.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment as Step;
use serde_yaml::Value;

use super::check::Problem;
use super::error::{did_you_mean, list};
use super::location::{KeyPath, Segment};

const A_WORD: &str = "a single word";

/// # Errors
/// On a key that is unknown or missing, or a value of the wrong type.
pub(super) fn decode<T: DeserializeOwned>(document: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(document).map_err(|error| {
        let path = key_path(error.path());
        explain(path, &error.into_inner().to_string())
    })
}

fn key_path(path: &serde_path_to_error::Path) -> KeyPath {
    path.iter().fold(KeyPath::root(), |path, step| match step {
        Step::Seq { index } => path.join(Segment::Index(*index)),
        Step::Map { key } => path.key(key),
        Step::Enum { .. } | Step::Unknown => path,
    })
}

fn explain(path: KeyPath, complaint: &str) -> Problem {
    if let Some((name, known)) = unknown(complaint, "unknown field `") {
        unknown_key(path, name, &known)
    } else if let Some((name, known)) = unknown(complaint, "unknown variant `") {
        let help = did_you_mean(name, &known).unwrap_or_else(|| one_of(&known));
        // The name of a layer is a key, where the layer has settings.
        if path.last_key() == Some(name) {
            return Problem::at_key(path, format!("there is no `{}`", name.escape_debug()), help);
        }
        let message = format!("`{path}` cannot be `{}`", name.escape_debug());
        Problem::at_value(path, message, help)
    } else if let Some(key) = complaint.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Problem::missing_key(&path, key, format!("`{key}:`; it has no default"))
    } else if complaint.starts_with("invalid length ") && complaint.ends_with(" fewer elements in map") {
        let message = format!("`{path}` has several keys, and a layer has one");
        Problem::at_value(path, message, "begin each layer on a line of its own, with `- `")
    } else if let Some((found, expected)) = wrong_type(complaint) {
        let help = help_for_type(&expected);
        Problem::at_value(path.clone(), format!("{} should be {expected}, not {found}", subject(&path)), help)
    } else {
        // From a domain value's own check, whose message says what is allowed.
        Problem::at_value(path.clone(), format!("{}: {complaint}", subject(&path)), "")
    }
}

fn subject(path: &KeyPath) -> String {
    if path.is_root() { "the file".to_owned() } else { format!("`{path}`") }
}

fn unknown_key(path: KeyPath, name: &str, known: &[&str]) -> Problem {
    let place = path.parent();
    let within = if place.is_root() { String::new() } else { format!(" in `{place}`") };
    let message = format!("unknown key `{}`{within}", name.escape_debug());
    Problem::at_key(
        path,
        message,
        did_you_mean(name, known).unwrap_or_else(|| format!("known keys are {}", list(known))),
    )
}

fn one_of(known: &[&str]) -> String {
    format!("it can be {}", list(known).replace(" and ", " or "))
}

/// Splits "unknown field `x`, expected one of `a`, `b`" into `x` and the known names.
fn unknown<'a>(complaint: &'a str, start: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let (name, known) = complaint.strip_prefix(start)?.rsplit_once("`, expected ")?;
    Some((name, known.split('`').skip(1).step_by(2).collect()))
}

/// Splits "invalid type: string "x", expected u32" into what was found and what was expected, in plain words.
fn wrong_type(complaint: &str) -> Option<(String, String)> {
    let rest = complaint.strip_prefix("invalid type: ").or_else(|| complaint.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let expected = match expected {
        "u32" | "u64" => "a whole number of at least 0",
        "f64" => "a number",
        "a string" => "text",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a mapping",
        // What serde_yaml says of anything that has a few words to choose from, without saying which.
        "a Value::Tagged enum" => A_WORD,
        other => other,
    };
    let plain = |kind: &str| found.strip_prefix(kind).map(|value| value.trim().trim_matches('`').to_owned());
    let found = match found {
        "unit value" => "empty".to_owned(),
        "map" => "a mapping".to_owned(),
        "enum" => "a value with a YAML tag".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => plain("integer").or_else(|| plain("floating point")).or_else(|| plain("boolean")).unwrap_or_else(|| {
            found.strip_prefix("string ").map_or_else(|| found.to_owned(), |text| format!("the text {text}"))
        }),
    };
    Some((found, expected.to_owned()))
}

fn help_for_type(expected: &str) -> String {
    match expected {
        "text" => "put it in quotes".to_owned(),
        A_WORD => "`retrial schema` lists the words it can be".to_owned(),
        "a list" => "write `[a, b]`, or one `- item` a line".to_owned(),
        other if other.starts_with("a mapping") => "write `key: value` lines, indented below it".to_owned(),
        other => format!("write {other}"),
    }
}
