//! Domain values of an experiment file: each type admits only values that make sense.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text or number is not a valid domain value; lowercase, without a full stop, ready to follow a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(String);

impl InvalidValue {
    pub(super) fn new(reason: String) -> Self {
        Self(reason)
    }
}

/// A dropout rate: the probability in `[0, 1)` that a value is zeroed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(extend("minimum" = 0.0, "exclusiveMaximum" = 1.0))]
pub struct Rate(f64);

impl Rate {
    /// # Errors
    /// When `value` is not a number in `[0, 1)`: at 1 nothing would be kept and the scaling 1/(1-rate) is infinite.
    pub fn new(value: f64) -> Result<Self, InvalidValue> {
        if (0.0..1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidValue(format!("a dropout rate must be at least 0 and below 1, but this is {value}")))
        }
    }

    pub fn get(self) -> f64 {
        self.0
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0.0
    }
}

impl TryFrom<f64> for Rate {
    type Error = InvalidValue;
    fn try_from(value: f64) -> Result<Self, InvalidValue> {
        Self::new(value)
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> f64 {
        rate.0
    }
}

/// The seed of a trial: everything random in it is addressed from this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A name that is also a folder name: 1 to 64 of `a-z A-Z 0-9 _ -`, starting with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(rename = "Name", extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"))]
pub struct Slug(String);

/// The name of a variant, also its folder under `trials/`.
pub type VariantId = Slug;

/// The name of an experiment, also its folder under `reports/`.
pub type ExperimentId = Slug;

impl Slug {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Two names with the same fold are one folder where case does not count.
    pub fn fold(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Names that are devices on Windows, with any extension, in upper and lower case; so are COM and LPT with a digit.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Whether Windows takes a file or folder of this name for a device (Microsoft, "Naming Files, Paths, and Namespaces").
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| {
        stem.strip_prefix(port).is_some_and(|digit| digit.len() == 1 && digit.bytes().all(|c| c.is_ascii_digit()))
    });
    is_port || DEVICES.contains(&stem.as_str())
}

impl FromStr for Slug {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && text.len() <= 64 && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidValue(format!(
                "`{}` is not a usable name: it becomes a folder, so use 1 to 64 letters, digits, `_` or `-`, \
                 starting with a letter or digit",
                text.escape_debug()
            )))
        }
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidValue;
    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
