//! What a trial measures of itself while it runs: named series, as the lines of `metrics.jsonl`.
//!
//! A line is a JSON object. Its place comes first, `epoch` or `step`, a whole number; every other key is a metric with
//! its value there. A value that is not finite is `null`.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};

use crate::config::{Metric, MetricName, command_metrics};

/// The values that were measured at one place of the training.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub axis: Axis,
    /// Epochs count from 1; steps as the program counts them.
    pub at: u64,
    values: IndexMap<MetricName, Option<f64>>,
}

/// What places are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    Epoch,
    Step,
}

impl Axis {
    pub fn name(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Step => "step",
        }
    }
}

impl Point {
    /// Values by name, in the order in which they are written down; one that is not finite is kept as such.
    pub fn new(axis: Axis, at: u64, values: impl IntoIterator<Item = (MetricName, f64)>) -> Self {
        let kept = |(name, value): (MetricName, f64)| (name, Some(value).filter(|value| value.is_finite()));
        Self { axis, at, values: values.into_iter().map(kept).collect() }
    }

    /// After an epoch, counted from 1. Names that are no names of metrics are left out.
    pub fn of_epoch<'a>(epoch: u32, values: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let named = |(name, value): (&str, f64)| Some((name.parse().ok()?, value));
        Self::new(Axis::Epoch, epoch.into(), values.into_iter().filter_map(named))
    }

    /// The finite value of a metric here, if there is one.
    pub fn figure(&self, metric: Metric) -> Option<f64> {
        self.values.get(metric.name()).copied().flatten()
    }

    /// As [`Self::figure`], and NaN for one that was measured and is no number: that is an answer, too.
    pub fn measured(&self, metric: Metric) -> Option<f64> {
        self.values.get(metric.name()).map(|value| value.unwrap_or(f64::NAN))
    }

    /// Every metric that was measured here, `None` where the value is not finite.
    pub fn values(&self) -> impl Iterator<Item = (&MetricName, Option<f64>)> {
        self.values.iter().map(|(name, value)| (name, *value))
    }

    /// The same without what the trial took, which no two runs agree on.
    pub fn results(&self) -> Self {
        let is_cost = |name: &MetricName| command_metrics::ALL.iter().any(|metric| metric.name() == name.as_str());
        let values = self.values.iter().filter(|(name, _)| !is_cost(name));
        Self { values: values.map(|(name, value)| (name.clone(), *value)).collect(), ..*self }
    }

    /// Whether both have the same results at the same place.
    pub fn same_results(&self, other: &Self) -> bool {
        self.results() == other.results()
    }

    /// Whether both measured the same metric.
    pub fn shares_a_name_with(&self, other: &Self) -> bool {
        other.values.keys().any(|name| self.values.contains_key(name))
    }

    /// Takes over the values of another point at the same place.
    pub fn absorb(&mut self, other: Self) {
        self.values.extend(other.values);
    }

    /// Replaces or adds a value.
    pub fn set(&mut self, metric: Metric, value: f64) {
        if let Ok(name) = metric.name().parse() {
            self.values.insert(name, Some(value).filter(|value| value.is_finite()));
        }
    }
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.values.len()))?;
        map.serialize_entry(self.axis.name(), &self.at)?;
        for (name, value) in &self.values {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PointVisitor)
    }
}

struct PointVisitor;

impl<'de> Visitor<'de> for PointVisitor {
    type Value = Point;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an `epoch` or a `step`, and metrics by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Point, A::Error> {
        let mut place = None;
        let mut values = IndexMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let axis = [Axis::Epoch, Axis::Step].into_iter().find(|axis| axis.name() == key);
            let is_repeated = match axis {
                Some(axis) => place.replace((axis, map.next_value::<u64>()?)).is_some(),
                None => {
                    let name = key.parse::<MetricName>().map_err(A::Error::custom)?;
                    values.insert(name, map.next_value::<Option<f64>>()?).is_some()
                }
            };
            if is_repeated {
                return Err(A::Error::custom("it has a key twice, or both an epoch and a step"));
            }
        }
        let (axis, at) = place.ok_or_else(|| A::Error::custom("it has neither an `epoch` nor a `step`"))?;
        Ok(Point { axis, at, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::native;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for line in [
            r#"{"epoch":1,"train_loss":2.25,"val_accuracy":0.1,"learning_rate":0.1}"#,
            r#"{"step":120,"eval/loss":null}"#,
            r#"{"epoch":3}"#,
        ] {
            let point: Point = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&point).unwrap(), line);
        }
    }

    #[test]
    fn a_line_without_a_place_or_with_two_is_none() {
        for line in
            [r#"{"loss": 1.0}"#, r#"{"epoch": 1, "step": 1}"#, r#"{"epoch": -1}"#, r#"{"epoch": 1, "a": 1, "a": 2}"#]
        {
            assert!(serde_json::from_str::<Point>(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_is_no_number_was_measured_all_the_same() {
        let point = Point::of_epoch(1, [("val_loss", f64::NAN), ("val_accuracy", 0.5)]);
        assert_eq!(point.figure(native::VAL_LOSS), None);
        assert!(point.measured(native::VAL_LOSS).unwrap().is_nan());
        assert_eq!(point.measured(native::TRAIN_LOSS), None);
        assert_eq!(serde_json::to_string(&point).unwrap(), r#"{"epoch":1,"val_loss":null,"val_accuracy":0.5}"#);
    }
}
