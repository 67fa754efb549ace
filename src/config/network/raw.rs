//! Layers as an experiment file lists them: a word (`norm`), or one key with its settings (`conv: {filters: 64}`).
//!
//! The comments here are also the descriptions in `configs/schema.json`.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::layer::{Act, PoolKind};
use crate::config::experiment::DropoutKind;
use crate::config::raw::{NormKind, RawNorm};
use crate::config::shorthand::Shorthand;
use crate::config::values::Rate;

/// One layer, or several: a word, or a single key with its settings.
pub(in crate::config) type RawLayer = Shorthand<LayerWord, LayerForm>;

/// A layer that needs no settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum LayerWord {
    /// The normalisation that `model.norm` chooses.
    Norm,
    /// The mean over all pixels.
    GlobalPool,
    /// All values of an image in one row: rows, then columns, then channels.
    Flatten,
}

/// A layer with its settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum LayerForm {
    /// Convolution: its number of filters, or a mapping.
    Conv(Shorthand<u32, RawConv>),
    /// Convolution of each channel by itself: the side of its window, or a mapping.
    Depthwise(Shorthand<u32, RawDepthwise>),
    /// Normalisation of its own kind, whatever `model.norm` says.
    Norm(Shorthand<NormKind, RawNorm>),
    /// Activation.
    Act(Act),
    /// Dropout of its own, whatever `model.dropout` says: a rate, or a mapping.
    Dropout(Shorthand<Rate, RawLayerDropout>),
    /// Pooling of windows of 2 pixels: its kind, or a mapping.
    Pool(Shorthand<PoolKind, RawPool>),
    /// One value for each channel: the mean (`avg`) or the largest (`max`) of all pixels.
    GlobalPool(PoolKind),
    /// Fully connected: its number of units, `classes` for one of each class, or a mapping.
    Dense(RawUnits),
    /// Layers whose input is added to their output: a list, or a mapping with `layers` and a `shortcut`.
    Residual(RawResidual),
    /// Layers that are there several times, one after the other.
    Repeat(RawRepeat),
    /// Layers that are named together, as `block 1`, `block 2`, …; a `residual` is one by itself.
    Block(Vec<RawLayer>),
}

/// Convolution with its settings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, expecting = "a mapping of convolution settings")]
#[schemars(rename = "Conv")]
pub(in crate::config) struct RawConv {
    /// Channels of its output, times `model.width`. Either this or `expand` is required.
    #[schemars(range(min = 1, max = 65_536))]
    pub filters: Option<u32>,
    /// Channels of its output as a multiple of those of its input.
    #[schemars(range(min = 1, max = 64))]
    pub expand: Option<u32>,
    /// Whether a `width` below 1 makes it narrower. Default true.
    pub narrow: Option<bool>,
    /// Side of the window in pixels. Default 3.
    #[schemars(range(min = 1, max = 31))]
    pub size: Option<u32>,
    /// Pixels from one window to the next. Default 1.
    #[schemars(range(min = 1, max = 31))]
    pub stride: Option<u32>,
    /// What stands around the image. Default `same`.
    pub padding: Option<RawPadding>,
    /// Distance of neighbouring pixels of a window. Default 1.
    #[schemars(range(min = 1, max = 31))]
    pub dilation: Option<u32>,
    /// Groups of channels that are convolved by themselves. Default 1.
    #[schemars(range(min = 1, max = 65_536))]
    pub groups: Option<u32>,
    /// Whether something is added to each channel. Default: unless `norm` follows.
    pub bias: Option<bool>,
    /// What probes and tables call it. Default: `conv 1`, `conv 2`, … within its block.
    pub name: Option<String>,
}

/// Depthwise convolution with its settings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, expecting = "a mapping of convolution settings")]
#[schemars(rename = "Depthwise")]
pub(in crate::config) struct RawDepthwise {
    /// Side of the window in pixels. Default 3, which is the fast one.
    #[schemars(range(min = 1, max = 31))]
    pub size: Option<u32>,
    /// Pixels from one window to the next. Default 1.
    #[schemars(range(min = 1, max = 31))]
    pub stride: Option<u32>,
    /// What stands around the image. Default `same`.
    pub padding: Option<RawPadding>,
    /// Distance of neighbouring pixels of a window. Default 1.
    #[schemars(range(min = 1, max = 31))]
    pub dilation: Option<u32>,
    /// Whether something is added to each channel. Default: unless `norm` follows.
    pub bias: Option<bool>,
    /// What probes and tables call it. Default: `depthwise 1`, `depthwise 2`, … within its block.
    pub name: Option<String>,
}

/// Dropout at one place.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of dropout settings")]
#[schemars(rename = "LayerDropout")]
pub(in crate::config) struct RawLayerDropout {
    /// Probability that a value is zeroed.
    pub rate: Rate,
    /// What is dropped at once. Default `element`.
    pub kind: Option<DropoutKind>,
    /// Side of a block in pixels (`block` only). Default 3.
    #[schemars(range(min = 1, max = 64))]
    pub block_size: Option<u32>,
}

/// Pooling with its settings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, expecting = "a mapping of pooling settings")]
#[schemars(rename = "Pool")]
pub(in crate::config) struct RawPool {
    /// `max` or `avg`. Default `max`.
    pub kind: Option<PoolKind>,
    /// Side of the window in pixels. Default 2.
    #[schemars(range(min = 1, max = 31))]
    pub size: Option<u32>,
    /// Pixels from one window to the next. Default: its size.
    #[schemars(range(min = 1, max = 31))]
    pub stride: Option<u32>,
    /// What stands around the image; it counts as no value. Default `valid`.
    pub padding: Option<RawPadding>,
}

/// How many units a dense layer has.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum RawUnits {
    Short(RawCount),
    Full(RawDense),
}

/// A number of units, or a word for it.
#[derive(Debug, Clone, Copy, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum RawCount {
    Count(#[schemars(range(min = 1, max = 65_536))] u32),
    Word(ClassesWord),
}

/// One unit of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum ClassesWord {
    /// As many as there are classes.
    Classes,
}

/// A fully connected layer with its settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of settings of a dense layer")]
#[schemars(rename = "Dense")]
pub(in crate::config) struct RawDense {
    /// Values of its output, times `model.width`; `classes` for one of each class.
    pub units: RawCount,
    /// Whether something is added to each value. Default: unless `norm` follows.
    pub bias: Option<bool>,
    /// What probes and tables call it. Default: `dense 1`, `dense 2`, …, and `logits` for the last.
    pub name: Option<String>,
}

/// Layers and what is added to their output.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum RawResidual {
    List(Vec<RawLayer>),
    Full(RawBranches),
}

/// Layers whose input is added to their output.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a list of layers, or a mapping with `layers` and `shortcut`")]
#[schemars(rename = "Residual")]
pub(in crate::config) struct RawBranches {
    /// The layers.
    pub layers: Vec<RawLayer>,
    /// What the input goes through before it is added. Default: nothing.
    pub shortcut: Option<Vec<RawLayer>>,
}

/// Layers that are there several times.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `times` and `layers`")]
#[schemars(rename = "Repeat")]
pub(in crate::config) struct RawRepeat {
    /// How often.
    #[schemars(range(min = 1, max = 1000))]
    pub times: u32,
    /// Layers that stand in place of `layers` the first time: where the stride or the number of channels changes.
    pub first: Option<Vec<RawLayer>>,
    /// The layers.
    pub layers: Vec<RawLayer>,
}

/// What stands around an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum RawPadding {
    Word(PaddingWord),
    /// As many pixels of zeros on each side.
    Both(u32),
    /// Pixels above and to the left, then below and to the right.
    Sides([u32; 2]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum PaddingWord {
    /// Zeros, so that the output has as many pixels as the input, divided by the stride and rounded up; an odd pixel goes
    /// after, as in TensorFlow.
    Same,
    /// Nothing.
    Valid,
}

impl From<u32> for RawConv {
    fn from(filters: u32) -> Self {
        Self { filters: Some(filters), ..Self::default() }
    }
}

impl From<u32> for RawDepthwise {
    fn from(size: u32) -> Self {
        Self { size: Some(size), ..Self::default() }
    }
}

impl From<Rate> for RawLayerDropout {
    fn from(rate: Rate) -> Self {
        Self { rate, kind: None, block_size: None }
    }
}

impl From<PoolKind> for RawPool {
    fn from(kind: PoolKind) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }
}

impl<'de> Deserialize<'de> for RawUnits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Units;
        impl<'de> Visitor<'de> for Units {
            type Value = RawUnits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of units, `classes`, or a mapping")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<RawUnits, E> {
                RawCount::deserialize(count.into_deserializer()).map(RawUnits::Short)
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<RawUnits, E> {
                RawCount::deserialize(word.into_deserializer()).map(RawUnits::Short)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawUnits, A::Error> {
                RawDense::deserialize(MapAccessDeserializer::new(map)).map(RawUnits::Full)
            }
        }
        deserializer.deserialize_any(Units)
    }
}

impl<'de> Deserialize<'de> for RawCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;
        impl Visitor<'_> for Count {
            type Value = RawCount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of units or `classes`")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<RawCount, E> {
                // What is beyond u32 is beyond any limit; saturating keeps the range check's own message.
                Ok(RawCount::Count(u32::try_from(count).unwrap_or(u32::MAX)))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<RawCount, E> {
                ClassesWord::deserialize(word.into_deserializer()).map(RawCount::Word)
            }
        }
        deserializer.deserialize_any(Count)
    }
}

impl<'de> Deserialize<'de> for RawResidual {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Branches;
        impl<'de> Visitor<'de> for Branches {
            type Value = RawResidual;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of layers, or a mapping with `layers` and `shortcut`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawResidual, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(RawResidual::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawResidual, A::Error> {
                RawBranches::deserialize(MapAccessDeserializer::new(map)).map(RawResidual::Full)
            }
        }
        deserializer.deserialize_any(Branches)
    }
}

impl<'de> Deserialize<'de> for RawPadding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Padding;
        impl<'de> Visitor<'de> for Padding {
            type Value = RawPadding;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`same`, `valid`, a number of pixels, or two of them: before and after")
            }

            fn visit_u64<E: Error>(self, pixels: u64) -> Result<RawPadding, E> {
                Ok(RawPadding::Both(u32::try_from(pixels).unwrap_or(u32::MAX)))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<RawPadding, E> {
                PaddingWord::deserialize(word.into_deserializer()).map(RawPadding::Word)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawPadding, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(RawPadding::Sides)
            }
        }
        deserializer.deserialize_any(Padding)
    }
}
