//! Values that may be written short (`dropout: 0.1`) or in full (`dropout: {rate: 0.1, kind: channel}`).
//!
//! Written by hand because serde's untagged enums try each form in turn and then cannot say which key was wrong.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::values::Seed;

// A single value `S`, or a mapping `F` with all the settings. No doc comment: the schema describes the keys that use it.
#[derive(Debug, Clone, Copy, schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum Shorthand<S, F> {
    Short(S),
    Full(F),
}

impl<S: Into<F>, F> Shorthand<S, F> {
    pub fn into_full(self) -> F {
        match self {
            Self::Short(short) => short.into(),
            Self::Full(full) => full,
        }
    }
}

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> Deserialize<'de> for Shorthand<S, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShorthandVisitor(PhantomData))
    }
}

struct ShorthandVisitor<S, F>(PhantomData<(S, F)>);

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> Visitor<'de> for ShorthandVisitor<S, F> {
    type Value = Shorthand<S, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value or a mapping")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Shorthand::Short)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Shorthand::Short)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Shorthand::Short)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Shorthand::Short)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Shorthand::Short)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        F::deserialize(MapAccessDeserializer::new(map)).map(Shorthand::Full)
    }
}

/// How many seeds (`5` means 1 to 5), or which.
#[derive(Debug, Clone, schemars::JsonSchema)]
#[schemars(untagged)]
pub(super) enum Seeds {
    Count(#[schemars(range(min = 1, max = 10_000))] u32),
    List(#[schemars(length(min = 1, max = 10_000), extend("uniqueItems" = true))] Vec<Seed>),
}

impl Seeds {
    /// How many they are.
    pub fn number(&self) -> usize {
        match self {
            Self::Count(count) => *count as usize,
            Self::List(list) => list.len(),
        }
    }
}

impl<'de> Deserialize<'de> for Seeds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeedsVisitor)
    }
}

struct SeedsVisitor;

impl<'de> Visitor<'de> for SeedsVisitor {
    type Value = Seeds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seeds or a list of seeds")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Seeds, E> {
        // A count beyond u32 is beyond any limit; saturating keeps the range check's own message.
        Ok(Seeds::Count(u32::try_from(value).unwrap_or(u32::MAX)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Seeds, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Seeds::List)
    }
}
