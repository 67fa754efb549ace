//! What the server says and is told, in the API's own shapes (`mlflow/protos/service.proto`). Keys that are not needed
//! are passed over, so that newer servers can be read.

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An experiment, a named set of runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExperimentInfo {
    pub experiment_id: String,
    pub name: String,
    #[serde(default)]
    pub lifecycle_stage: Stage,
}

/// Deleted experiments and runs stay in a server's store until they are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    #[default]
    Active,
    Deleted,
}

/// A run: its settings, its tags, and the last value of each metric.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Run {
    pub info: RunInfo,
    #[serde(default)]
    pub data: RunData,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RunInfo {
    pub run_id: String,
    #[serde(default)]
    pub run_name: String,
    pub status: Status,
    #[serde(default, deserialize_with = "whole")]
    pub start_time: i64,
    #[serde(default)]
    pub lifecycle_stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct RunData {
    pub metrics: Vec<Measured>,
    pub params: Vec<Entry>,
    pub tags: Vec<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Running,
    Scheduled,
    Finished,
    Failed,
    Killed,
    #[serde(other)]
    Unknown,
}

/// A parameter or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub key: String,
    #[serde(default)]
    pub value: String,
}

/// A value of a metric at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub key: String,
    #[serde(serialize_with = "as_number", deserialize_with = "number")]
    pub value: f64,
    /// Milliseconds since 1970.
    #[serde(default, deserialize_with = "whole")]
    pub timestamp: i64,
    #[serde(default, deserialize_with = "whole")]
    pub step: i64,
}

impl Entry {
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

impl Run {
    /// The value of a parameter, or else of a tag, of this name. An empty one is none.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let entries = self.data.params.iter().chain(&self.data.tags);
        entries.filter(|entry| entry.key == name).map(|entry| entry.value.as_str()).find(|value| !value.is_empty())
    }

    /// The value of a tag.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.data.tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.as_str())
    }

    /// How people know it: its name, or where it has none its id.
    pub fn name(&self) -> &str {
        if self.info.run_name.is_empty() { &self.info.run_id } else { &self.info.run_name }
    }
}

impl Status {
    /// As MLflow writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Scheduled => "SCHEDULED",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
            Self::Unknown => "of a status that is not known",
        }
    }
}

/// JSON as protocol buffers write it: what is not finite is a text, and so may be a number of 64 bits.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient {
    Whole(i64),
    Number(f64),
    Text(String),
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = match Lenient::deserialize(deserializer)? {
        Lenient::Whole(whole) => whole as f64,
        Lenient::Number(number) => number,
        Lenient::Text(text) => match text.as_str() {
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            "NaN" => f64::NAN,
            other => other.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(other), &"a number"))?,
        },
    };
    // Databases have no infinity: MLflow's store writes the largest number instead (`mlflow/store/tracking`, sanitize_metric_value).
    Ok(if value.abs() == f64::MAX { value.signum() * f64::INFINITY } else { value })
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match Lenient::deserialize(deserializer)? {
        Lenient::Whole(whole) => Ok(whole),
        Lenient::Number(number) => Err(D::Error::invalid_value(Unexpected::Float(number), &"a whole number")),
        Lenient::Text(text) => {
            text.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &"a whole number"))
        }
    }
}

fn as_number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        value if value.is_nan() => serializer.serialize_str("NaN"),
        value if value.is_infinite() => serializer.serialize_str(if *value > 0.0 { "Infinity" } else { "-Infinity" }),
        value => serializer.serialize_f64(*value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of MLflow 3.17.2 on SQLite, but for the last, which is as protocol buffers write 64 bits (ProtoJSON).
    #[test]
    fn values_are_read_as_the_server_writes_them() {
        let read = |text: &str| serde_json::from_str::<Measured>(text).unwrap();
        let at =
            |value: &str| read(&format!(r#"{{"key": "loss", "value": {value}, "timestamp": 5, "step": 2}}"#)).value;
        assert_eq!(at("0.1"), 0.1);
        assert_eq!(at("3"), 3.0);
        assert!(at(r#""NaN""#).is_nan());
        assert_eq!(at(r#""-Infinity""#), f64::NEG_INFINITY);
        assert_eq!(at("1.7976931348623157e+308"), f64::INFINITY);
        assert_eq!(read(r#"{"key": "a", "value": 1, "timestamp": "1795765645029", "step": "-2"}"#).step, -2);
        assert!(serde_json::from_str::<Measured>(r#"{"key": "a", "value": "many"}"#).is_err());
        assert!(serde_json::from_str::<Measured>(r#"{"key": "a", "value": 1, "step": 1.5}"#).is_err());
    }

    #[test]
    fn what_is_not_finite_is_written_as_protocol_buffers_do() {
        let written = |value| {
            let measured = Measured { key: "a".to_owned(), value, timestamp: 1, step: 0 };
            serde_json::to_value(measured).unwrap()["value"].clone()
        };
        assert_eq!(written(f64::NAN), "NaN");
        assert_eq!(written(f64::NEG_INFINITY), "-Infinity");
        assert_eq!(written(0.1), 0.1);
    }

    #[test]
    fn a_run_of_a_newer_server_is_still_a_run() {
        let run: Run = serde_json::from_str(
            r#"{"info": {"run_id": "a1", "status": "PAUSED", "lifecycle_stage": "active", "more": 1}, "inputs": {}}"#,
        )
        .unwrap();
        assert_eq!((run.info.status, run.name()), (Status::Unknown, "a1"));
    }
}
