//! The source's own figures, by metric.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::{Metric, MetricName};

/// The source's own figures for a variant or a claim, where it gives them, in their metrics' units.
///
/// A record also lists what sources of such trials usually report, as `null` where this one does not.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Reported(IndexMap<MetricName, Option<f64>>);

impl Reported {
    /// `usual` is what the trainers of the experiment say that sources report.
    pub fn resolved(self, usual: &[Metric]) -> Self {
        let Self(mut given) = self;
        let usual = usual.iter().filter_map(|metric| metric.name().parse::<MetricName>().ok());
        let mut all: IndexMap<_, _> =
            usual.map(|name| (name.clone(), given.shift_remove(name.as_str()).flatten())).collect();
        all.extend(given);
        Self(all)
    }

    pub fn of(&self, metric: Metric) -> Option<f64> {
        self.0.get(metric.name()).copied().flatten()
    }

    /// Sets a figure.
    pub fn set(&mut self, metric: Metric, figure: f64) {
        if let Ok(name) = metric.name().parse() {
            self.0.insert(name, Some(figure));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.given().next().is_none()
    }

    /// Each with its figure.
    pub fn given(&self) -> impl Iterator<Item = (&MetricName, f64)> {
        self.0.iter().filter_map(|(name, figure)| Some((name, (*figure)?)))
    }
}

impl PartialEq for Reported {
    fn eq(&self, other: &Self) -> bool {
        let same = |(name, figure): (&MetricName, f64)| other.0.get(name).copied().flatten() == Some(figure);
        self.given().count() == other.given().count() && self.given().all(same)
    }
}

/// For tests and samples.
impl<const N: usize> From<[(Metric, f64); N]> for Reported {
    fn from(figures: [(Metric, f64); N]) -> Self {
        let named = |(metric, figure): (Metric, f64)| Some((metric.name().parse().ok()?, Some(figure)));
        Self(figures.into_iter().filter_map(named).collect())
    }
}
