//! How many seeds an experiment may take, and when it looks at what they show.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stats::Spending;

const MOST_LOOKS: usize = 20;

/// Trains seeds in stages, and judges after each: only claims that are still open get more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `looks`")]
pub struct Settle {
    /// How many of the experiment's seeds each look has, in ascending order; the last has them all.
    #[schemars(length(min = 1, max = 20))]
    pub looks: Vec<u32>,
    /// How the error is spent over the looks. Default `quadratic`.
    #[serde(default)]
    pub rule: Spending,
    /// How long a run with `--settle` goes on at most, e.g. `3h` or `90m`; default: until nothing is left to settle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// A span of time, as `3h`, `90m` or `2h 30m`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Budget {
    text: String,
    time: Duration,
}

impl Budget {
    pub fn time(&self) -> Duration {
        self.time
    }
}

impl std::str::FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span: Option<jiff::SignedDuration> = text.parse().ok();
        let time = span.and_then(|span| Duration::try_from(span).ok()).filter(|time| !time.is_zero());
        let time = time.ok_or_else(|| format!("`{text}` is no span of time: write e.g. `3h`, `90m` or `2h 30m`"))?;
        Ok(Self { text: text.to_owned(), time })
    }
}

impl TryFrom<String> for Budget {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Budget> for String {
    fn from(budget: Budget) -> Self {
        budget.text
    }
}

impl Settle {
    /// The share of a claim's error that each look may spend; they add up to one.
    pub fn shares(&self) -> Vec<f64> {
        self.rule.shares(&self.looks)
    }

    /// Why these looks cannot be taken of so many seeds.
    pub(super) fn problem(&self, seeds: usize) -> Option<String> {
        let is_ascending = self.looks.windows(2).all(|pair| pair[0] < pair[1]);
        let least = self.looks.first().copied().unwrap_or(0);
        if self.looks.is_empty() || self.looks.len() > MOST_LOOKS {
            Some(format!("there are {} looks, and there may be 1 to {MOST_LOOKS}", self.looks.len()))
        } else if !is_ascending {
            Some("looks must ascend: each has more seeds than the one before it".to_owned())
        } else if least < 2 {
            Some("the first look has fewer than 2 seeds, which give no interval".to_owned())
        } else if self.looks.last().is_some_and(|&last| last as usize != seeds) {
            let last = self.looks.last().copied().unwrap_or(0);
            Some(format!("the last look has {last} seeds where the experiment has {seeds}: write `seeds: {last}`"))
        } else {
            None
        }
    }
}
