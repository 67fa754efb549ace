//! Part of an experiment's trials: named ones, or every n-th.

use std::fmt;
use std::str::FromStr;

use crate::config::{Seed, VariantId};

/// One trial by name, `VARIANT/SEED`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialName {
    pub variant: VariantId,
    pub seed: Seed,
}

/// The i-th of n slices, `i/n` with i from 1: the trials at the places i, i + n, i + 2n, … of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    #[error("`{0}` does not name a trial: write VARIANT/SEED, e.g. bn_dropout/1")]
    NotATrial(String),
    #[error("`{0}` is not a slice: write i/n with i from 1 to n, e.g. 2/8")]
    NotAShard(String),
}

impl FromStr for TrialName {
    type Err = SelectionError;
    fn from_str(text: &str) -> Result<Self, SelectionError> {
        let parts = text
            .split_once('/')
            .and_then(|(variant, seed)| Some(Self { variant: variant.parse().ok()?, seed: Seed(seed.parse().ok()?) }));
        parts.ok_or_else(|| SelectionError::NotATrial(text.to_owned()))
    }
}

impl fmt::Display for TrialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.variant, self.seed)
    }
}

impl FromStr for Shard {
    type Err = SelectionError;
    fn from_str(text: &str) -> Result<Self, SelectionError> {
        let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((index, of)) if 1 <= index && index <= of => Ok(Self { index, of }),
            _ => Err(SelectionError::NotAShard(text.to_owned())),
        }
    }
}

impl Shard {
    /// Whether the trial at this place of the plan, counted from 0, belongs to it.
    pub fn holds(self, place: usize) -> bool {
        place % self.of + 1 == self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_hold_every_trial_exactly_once() {
        for of in 1..6 {
            let shards: Vec<Shard> = (1..=of).map(|index| format!("{index}/{of}").parse().unwrap()).collect();
            for place in 0..20 {
                assert_eq!(shards.iter().filter(|shard| shard.holds(place)).count(), 1, "{place} of {of}");
            }
        }
    }

    #[test]
    fn names_and_slices_that_make_no_sense_are_refused() {
        assert_eq!("bn/3".parse::<TrialName>().unwrap().to_string(), "bn/3");
        for wrong in ["", "bn", "bn/", "bn/x", "../3", "bn/-1", "/1"] {
            assert!(wrong.parse::<TrialName>().is_err(), "{wrong}");
        }
        for wrong in ["", "1", "0/3", "4/3", "a/b", "1/0", "-1/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
