//! Metrics: named series of numbers that trials leave, each with a unit, a direction and, where there is one, a chance
//! level. All that judges, plots or compares goes by these, never by a metric's name.

pub mod command;
pub mod native;

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::values::InvalidValue;

/// The name of a metric as trainers report it and claims ask for it: 1 to 64 letters, digits, `_`, `-`, `.` or `/`,
/// starting with a letter or `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[A-Za-z_][A-Za-z0-9_./-]{0,63}$"))]
pub struct MetricName(String);

/// A metric and what is known of it before it is measured. Of one experiment, a metric is its name.
///
/// A handle to a declaration that is kept for the life of the program, one for each that differs.
#[derive(Clone, Copy)]
pub struct Metric(&'static Spec);

/// What a trainer, or an experiment file, declares of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spec {
    pub name: &'static str,
    /// What people read; `None` takes a trainer's own words, or else the name.
    pub label: Option<&'static str>,
    pub unit: Unit,
    /// `None` where neither is better.
    pub better: Option<Better>,
    /// What guessing gives, where that does not depend on the data set.
    pub chance: Option<f64>,
    /// Where its values lie by definition.
    pub least: f64,
    pub most: f64,
    pub kind: Kind,
    pub role: Role,
}

/// What a metric's values are measured in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unit {
    /// A part of a whole, shown in percent; differences in percentage points.
    Fraction,
    /// A difference of two fractions, itself the metric.
    Points,
    Nats,
    /// A positive number that spans orders of magnitude, judged by its logarithm.
    Magnitude,
    Seconds,
    Bytes,
    /// Any other, by its symbol; empty for a bare number.
    Symbol(&'static str),
}

/// The direction in which a metric improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    Higher,
    Lower,
}

/// Where a trial's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A series over the training, of which the last value is the trial's.
    Series,
    /// Measured inside the network before training, so that a trial that diverges later has it.
    Before,
    /// Measured inside the network after training.
    After,
    /// What the trial took.
    Cost,
    /// How fast a variant is, measured after the trials in rounds, which take turns with all others.
    Speed,
}

/// What a metric is to the trainer that declares it, for sentences that only make sense of such a one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    None,
    /// The share of the test images that are classified correctly.
    TestAccuracy,
    /// The same of the training images.
    TrainingAccuracy,
    /// A cross-entropy over classes, which for a network that guesses is that of equal probabilities.
    TestLoss,
    TrainingLoss,
}

/// How a metric's values are averaged and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// As they are.
    Linear,
    /// By their logarithms to base 10, because they span orders of magnitude; means are geometric.
    Log10,
}

/// What an experiment file says of a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of metric settings")]
#[schemars(rename = "Metric")]
pub struct Declaration {
    /// What people read in tables and plots. Default: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `fraction` (shown in percent), `nats`, `seconds`, `bytes`, `magnitude` (judged by its logarithm), or any symbol,
    /// such as `dB` or `tokens/s`. Default: a bare number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether a higher or a lower value is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
    /// What guessing gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// The least value there can be. Default: 0 for fractions, seconds, bytes and magnitudes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The greatest value there can be. Default: 1 for fractions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
}

/// The metrics that an experiment's trials may leave: those of its trainers, then those that its file declares.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    of_trainers: Vec<Metric>,
    declared: Vec<Metric>,
    of_programs: Vec<Metric>,
}

impl Metric {
    /// A metric as an experiment file declares it.
    pub fn declared(name: &MetricName, declaration: &Declaration) -> Self {
        let unit = Unit::named(declaration.unit.as_deref().unwrap_or_default());
        let levels = unit.levels();
        intern(Spec {
            name: leaked(name.as_str()),
            label: declaration.label.as_deref().map(leaked),
            unit,
            better: declaration.better,
            chance: declaration.chance,
            least: declaration.minimum.unwrap_or(*levels.start()),
            most: declaration.maximum.unwrap_or(*levels.end()),
            kind: Kind::Series,
            role: Role::None,
        })
    }

    /// Its name in experiment files and records.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub fn label(self) -> Option<&'static str> {
        self.0.label
    }

    pub fn unit(self) -> Unit {
        self.0.unit
    }

    pub fn better(self) -> Option<Better> {
        self.0.better
    }

    pub fn chance(self) -> Option<f64> {
        self.0.chance
    }

    pub fn role(self) -> Role {
        self.0.role
    }

    /// Whether an experiment file declares it, and no trainer: then no language has words of its own for it.
    pub fn is_declared(self) -> bool {
        let of_trainers = native::ALL.iter().chain(command::ALL);
        !of_trainers.into_iter().any(|metric| std::ptr::eq(metric.0, self.0))
    }

    /// Whether a trial leaves a series of it over its training.
    pub fn is_series(self) -> bool {
        self.0.kind == Kind::Series
    }

    /// Whether it is what the trial took, measured once.
    pub fn is_cost(self) -> bool {
        self.0.kind == Kind::Cost
    }

    /// Whether it is of a variant and not of its trials: measured in rounds, after them.
    pub fn is_of_rounds(self) -> bool {
        self.0.kind == Kind::Speed
    }

    /// Whether it says how much time or memory something took on this machine: no two runs agree on that.
    pub fn is_of_machine(self) -> bool {
        self.is_cost() || self.is_of_rounds()
    }

    /// Whether it is measured inside a network of ours.
    pub fn is_probed(self) -> bool {
        matches!(self.0.kind, Kind::Before | Kind::After)
    }

    /// Whether it is measured before training, so that a trial that diverges later has it.
    pub fn is_initial(self) -> bool {
        self.0.kind == Kind::Before
    }

    pub fn scale(self) -> Scale {
        match self.0.unit {
            Unit::Magnitude => Scale::Log10,
            _ => Scale::Linear,
        }
    }

    /// Where its values lie by definition.
    pub fn levels(self) -> RangeInclusive<f64> {
        self.0.least..=self.0.most
    }

    /// Where differences of two of its values lie: for a [`Scale::Log10`], differences of their logarithms.
    pub fn differences(self) -> RangeInclusive<f64> {
        let (least, most) = (self.0.least, self.0.most);
        least - most..=most - least
    }

    fn declaration(self) -> Declaration {
        let Spec { label, unit, better, chance, least, most, .. } = *self.0;
        let levels = unit.levels();
        Declaration {
            label: label.map(str::to_owned),
            unit: unit.name().map(str::to_owned),
            better,
            chance,
            minimum: (least != *levels.start()).then_some(least),
            maximum: (most != *levels.end()).then_some(most),
        }
    }
}

impl Unit {
    /// The unit of this name, or with this symbol.
    fn named(name: &str) -> Self {
        match name {
            "fraction" => Self::Fraction,
            "nats" => Self::Nats,
            "magnitude" => Self::Magnitude,
            "seconds" | "s" => Self::Seconds,
            "bytes" | "B" => Self::Bytes,
            symbol => Self::Symbol(leaked(symbol)),
        }
    }

    /// Its name in an experiment file; `None` for a bare number.
    fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Fraction => "fraction",
            Self::Points => "points",
            Self::Nats => "nats",
            Self::Magnitude => "magnitude",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Symbol("") => return None,
            Self::Symbol(symbol) => symbol,
        })
    }

    fn levels(self) -> RangeInclusive<f64> {
        match self {
            Self::Fraction => 0.0..=1.0,
            Self::Points => -1.0..=1.0,
            Self::Nats | Self::Magnitude | Self::Seconds | Self::Bytes => 0.0..=f64::INFINITY,
            Self::Symbol(_) => f64::NEG_INFINITY..=f64::INFINITY,
        }
    }
}

impl Metrics {
    /// Those that the native trainer leaves where there is such a variant, those that are declared, and those that every
    /// program has.
    pub fn new(native: bool, command: bool, declared: &IndexMap<MetricName, Declaration>) -> Self {
        let declared = declared.iter().map(|(name, declaration)| Metric::declared(name, declaration)).collect();
        let of_trainers = if native { native::ALL.to_vec() } else { Vec::new() };
        Self { of_trainers, declared, of_programs: if command { command::ALL.to_vec() } else { Vec::new() } }
    }

    /// Those of the experiment's trainers come first.
    pub fn all(&self) -> impl Iterator<Item = Metric> {
        self.of_trainers.iter().chain(&self.declared).chain(&self.of_programs).copied()
    }

    /// What a trial has one figure of at its end: the last value of a series, or what the trial took. What matters most
    /// comes first.
    pub fn series(&self) -> impl Iterator<Item = Metric> {
        self.all().filter(|metric| metric.is_series() || metric.is_cost())
    }

    /// What the trials are about.
    pub fn primary(&self) -> Metric {
        self.series().next().unwrap_or(command::WALL_TIME)
    }

    pub fn with_role(&self, role: Role) -> Option<Metric> {
        self.all().find(|metric| metric.role() == role)
    }

    pub fn named(&self, name: &str) -> Option<Metric> {
        self.all().find(|metric| metric.name() == name)
    }

    pub(super) fn declares_nothing(&self) -> bool {
        self.declared.is_empty()
    }

    /// What the experiment file says, by name.
    fn declarations(&self) -> IndexMap<MetricName, Declaration> {
        let named = |metric: &Metric| (MetricName(metric.name().to_owned()), metric.declaration());
        self.declared.iter().map(named).collect()
    }
}

impl PartialEq for Metrics {
    fn eq(&self, other: &Self) -> bool {
        self.all().map(|metric| metric.0).eq(other.all().map(|metric| metric.0))
    }
}

impl MetricName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MetricName {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if starts_well && text.len() <= 64 && text.chars().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidValue::new(format!(
            "`{}` is not a usable name for a metric: use 1 to 64 letters, digits, `_`, `-`, `.` or `/`, starting with a \
             letter or `_`",
            text.escape_debug()
        )))
    }
}

impl TryFrom<String> for MetricName {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl From<MetricName> for String {
    fn from(name: MetricName) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for MetricName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Metric {}

impl PartialOrd for Metric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Metric {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for Metric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metric({})", self.name())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.declarations().serialize(serializer)
    }
}

/// The one handle for such a declaration.
fn intern(spec: Spec) -> Metric {
    static KNOWN: Mutex<Vec<&'static Spec>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let kept = known.iter().find(|kept| ***kept == spec).copied().unwrap_or_else(|| {
        let kept: &'static Spec = Box::leak(Box::new(spec));
        known.push(kept);
        kept
    });
    Metric(kept)
}

/// The one copy of a text that is kept for the life of the program.
fn leaked(text: &str) -> &'static str {
    static KNOWN: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    known.get(text).copied().unwrap_or_else(|| {
        let kept: &'static str = Box::leak(text.into());
        known.insert(kept);
        kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(name: &str, declaration: Declaration) -> Metric {
        Metric::declared(&name.parse().unwrap(), &declaration)
    }

    #[test]
    fn a_metric_is_what_is_declared_of_it() {
        let lower = Declaration { better: Some(Better::Lower), ..Declaration::default() };
        let one = declared("perplexity", lower.clone());
        assert!(std::ptr::eq(one.0, declared("perplexity", lower.clone()).0));
        assert_ne!(one, declared("loss", lower.clone()));
        let metrics = |declaration: Declaration| {
            Metrics::new(false, false, &IndexMap::from([("perplexity".parse().unwrap(), declaration)]))
        };
        assert_eq!(metrics(lower.clone()), metrics(lower.clone()));
        assert_ne!(metrics(lower.clone()), metrics(Declaration::default()));
        assert_eq!(one.declaration(), lower);
        assert_eq!((one.scale(), one.levels()), (Scale::Linear, f64::NEG_INFINITY..=f64::INFINITY));
    }

    #[test]
    fn a_unit_says_where_values_lie_unless_the_file_does() {
        let unit = |unit: &str| Declaration { unit: Some(unit.to_owned()), ..Declaration::default() };
        assert_eq!(declared("f1", unit("fraction")).levels(), 0.0..=1.0);
        assert_eq!(declared("norm", unit("magnitude")).scale(), Scale::Log10);
        let bounded = Declaration { maximum: Some(100.0), minimum: Some(0.0), ..unit("dB") };
        assert_eq!(declared("psnr", bounded.clone()).levels(), 0.0..=100.0);
        for declaration in [unit("fraction"), unit("dB"), unit("seconds"), bounded] {
            assert_eq!(declared("m", declaration.clone()).declaration(), declaration);
        }
    }

    #[test]
    fn names_are_those_that_programs_print() {
        for name in ["val_accuracy", "eval/loss", "top-5", "F1", "_x", "rouge.l"] {
            assert_eq!(name.parse::<MetricName>().unwrap().as_str(), name);
        }
        for name in ["", "5", "a b", "a\u{202e}", "é", &"x".repeat(65)] {
            assert!(name.parse::<MetricName>().is_err(), "{name}");
        }
    }
}
