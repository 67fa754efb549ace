//! Layers with every default filled in: what a record holds and a network is built from.
//!
//! They are written as an experiment file writes them, so that a record's layers can be copied into one.

use std::fmt;

use schemars::JsonSchema;
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::raw::{
    LayerForm, LayerWord, PaddingWord, RawBranches, RawConv, RawCount, RawDense, RawDepthwise, RawLayer,
    RawLayerDropout, RawPadding, RawPool, RawRepeat, RawResidual, RawUnits,
};
use crate::config::experiment::{DropoutKind, Norm};
use crate::config::resolve::{BLOCK_SIZE, resolve_norm};
use crate::config::shorthand::Shorthand;
use crate::config::values::Rate;

/// One layer of a network, or several.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "RawLayer")]
pub enum Layer {
    Conv(Conv),
    Depthwise(Depthwise),
    /// `None`: what the experiment's knob says.
    Norm(Option<Norm>),
    Act(Act),
    Dropout(LayerDropout),
    Pool(Pool),
    GlobalPool(PoolKind),
    Flatten,
    Dense(Dense),
    Residual(Residual),
    Repeat(Repeat),
    Block(Vec<Layer>),
}

/// A dense convolution, or a grouped one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conv {
    #[serde(flatten)]
    pub filters: Filters,
    /// Whether a width below 1 makes it narrower.
    #[serde(skip_serializing_if = "is_true")]
    pub narrow: bool,
    pub size: u32,
    pub stride: u32,
    pub padding: Padding,
    pub dilation: u32,
    pub groups: u32,
    /// `None`: unless normalisation follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bias: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

fn is_true(value: &bool) -> bool {
    *value
}

/// Channels of a convolution's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filters {
    #[serde(rename = "filters")]
    Count(u32),
    /// Times those of its input.
    Expand(u32),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Depthwise {
    pub size: u32,
    pub stride: u32,
    pub padding: Padding,
    pub dilation: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bias: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What stands around an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// TensorFlow's: as many outputs as pixels, divided by the stride and rounded up; an odd pixel goes after.
    Same,
    Valid,
    /// Above and to the left, then below and to the right.
    #[serde(untagged)]
    Sides([u32; 2]),
}

/// An activation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
    /// x Φ(x), with the exact distribution function of the normal distribution (Hendrycks and Gimpel 2016).
    Gelu,
    /// x sigmoid(x), also called swish.
    Silu,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LayerDropout {
    pub rate: Rate,
    pub kind: DropoutKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_size: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PoolKind {
    /// The largest value.
    Max,
    /// The mean.
    Avg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pool {
    pub kind: PoolKind,
    pub size: u32,
    pub stride: u32,
    pub padding: Padding,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dense {
    pub units: Units,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bias: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// One of each class.
    Classes,
    #[serde(untagged)]
    Count(u32),
}

/// Layers whose input is added to their output.
#[derive(Debug, Clone, PartialEq)]
pub struct Residual {
    pub layers: Vec<Layer>,
    /// What the input goes through before.
    pub shortcut: Vec<Layer>,
    /// Whether it is written as a plain list.
    pub is_list: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repeat {
    pub times: u32,
    /// In place of `layers` the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Vec<Layer>>,
    pub layers: Vec<Layer>,
}

impl Layer {
    /// The word that a file has for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Conv(_) => "conv",
            Self::Depthwise(_) => "depthwise",
            Self::Norm(_) => "norm",
            Self::Act(_) => "act",
            Self::Dropout(_) => "dropout",
            Self::Pool(_) => "pool",
            Self::GlobalPool(_) => "global_pool",
            Self::Flatten => "flatten",
            Self::Dense(_) => "dense",
            Self::Residual(_) => "residual",
            Self::Repeat(_) => "repeat",
            Self::Block(_) => "block",
        }
    }
}

impl fmt::Display for PoolKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Max => "max",
            Self::Avg => "avg",
        })
    }
}

impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = self.word();
        match self {
            Self::Norm(None) | Self::Flatten => serializer.serialize_str(word),
            Self::Conv(conv) => pair(serializer, word, conv),
            Self::Depthwise(depthwise) => pair(serializer, word, depthwise),
            Self::Norm(Some(norm)) => pair(serializer, word, norm),
            Self::Act(act) => pair(serializer, word, act),
            Self::Dropout(dropout) => pair(serializer, word, dropout),
            Self::Pool(pool) => pair(serializer, word, pool),
            Self::GlobalPool(kind) => pair(serializer, word, kind),
            Self::Dense(dense) => pair(serializer, word, dense),
            Self::Residual(residual) => pair(serializer, word, residual),
            Self::Repeat(repeat) => pair(serializer, word, repeat),
            Self::Block(layers) => pair(serializer, word, layers),
        }
    }
}

fn pair<S: Serializer>(serializer: S, key: &str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl Serialize for Residual {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_list {
            return self.layers.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("layers", &self.layers)?;
        if !self.shortcut.is_empty() {
            map.serialize_entry("shortcut", &self.shortcut)?;
        }
        map.end()
    }
}

/// A convolution says how many filters it has in two ways, or in none.
const FILTERS: &str = "a `conv` needs either `filters` or `expand`";

/// # Errors
/// What keys of one layer do not go together.
impl TryFrom<RawLayer> for Layer {
    type Error = &'static str;

    fn try_from(raw: RawLayer) -> Result<Self, &'static str> {
        Ok(match raw {
            Shorthand::Short(LayerWord::Norm) => Self::Norm(None),
            Shorthand::Short(LayerWord::GlobalPool) => Self::GlobalPool(PoolKind::Avg),
            Shorthand::Short(LayerWord::Flatten) => Self::Flatten,
            Shorthand::Full(LayerForm::Conv(conv)) => Self::Conv(conv.into_full().try_into()?),
            Shorthand::Full(LayerForm::Depthwise(depthwise)) => Self::Depthwise(depthwise.into_full().into()),
            Shorthand::Full(LayerForm::Norm(norm)) => Self::Norm(Some(resolve_norm(norm.into_full()))),
            Shorthand::Full(LayerForm::Act(act)) => Self::Act(act),
            Shorthand::Full(LayerForm::Dropout(dropout)) => Self::Dropout(dropout.into_full().into()),
            Shorthand::Full(LayerForm::Pool(pool)) => Self::Pool(pool.into_full().into()),
            Shorthand::Full(LayerForm::GlobalPool(kind)) => Self::GlobalPool(kind),
            Shorthand::Full(LayerForm::Dense(units)) => Self::Dense(units.into()),
            Shorthand::Full(LayerForm::Residual(residual)) => Self::Residual(residual.try_into()?),
            Shorthand::Full(LayerForm::Repeat(repeat)) => Self::Repeat(repeat.try_into()?),
            Shorthand::Full(LayerForm::Block(layers)) => Self::Block(all(layers)?),
        })
    }
}

/// # Errors
/// As of a single layer.
pub(in crate::config) fn all(raw: Vec<RawLayer>) -> Result<Vec<Layer>, &'static str> {
    raw.into_iter().map(Layer::try_from).collect()
}

impl TryFrom<RawConv> for Conv {
    type Error = &'static str;

    fn try_from(raw: RawConv) -> Result<Self, &'static str> {
        let filters = match (raw.filters, raw.expand) {
            (Some(count), None) => Filters::Count(count),
            (None, Some(factor)) => Filters::Expand(factor),
            (Some(_), Some(_)) | (None, None) => return Err(FILTERS),
        };
        Ok(Self {
            filters,
            narrow: raw.narrow.unwrap_or(true),
            size: raw.size.unwrap_or(3),
            stride: raw.stride.unwrap_or(1),
            padding: raw.padding.map_or(Padding::Same, Padding::from),
            dilation: raw.dilation.unwrap_or(1),
            groups: raw.groups.unwrap_or(1),
            bias: raw.bias,
            name: raw.name,
        })
    }
}

impl From<RawDepthwise> for Depthwise {
    fn from(raw: RawDepthwise) -> Self {
        Self {
            size: raw.size.unwrap_or(3),
            stride: raw.stride.unwrap_or(1),
            padding: raw.padding.map_or(Padding::Same, Padding::from),
            dilation: raw.dilation.unwrap_or(1),
            bias: raw.bias,
            name: raw.name,
        }
    }
}

impl From<RawPadding> for Padding {
    fn from(raw: RawPadding) -> Self {
        match raw {
            RawPadding::Word(PaddingWord::Same) => Self::Same,
            RawPadding::Word(PaddingWord::Valid) => Self::Valid,
            RawPadding::Both(pixels) => Self::Sides([pixels; 2]),
            RawPadding::Sides(sides) => Self::Sides(sides),
        }
    }
}

impl From<RawLayerDropout> for LayerDropout {
    fn from(raw: RawLayerDropout) -> Self {
        let kind = raw.kind.unwrap_or(DropoutKind::Element);
        let block_size = (kind == DropoutKind::Block).then(|| raw.block_size.unwrap_or(BLOCK_SIZE));
        Self { rate: raw.rate, kind, block_size }
    }
}

impl From<RawPool> for Pool {
    fn from(raw: RawPool) -> Self {
        let size = raw.size.unwrap_or(2);
        Self {
            kind: raw.kind.unwrap_or(PoolKind::Max),
            size,
            stride: raw.stride.unwrap_or(size),
            padding: raw.padding.map_or(Padding::Valid, Padding::from),
        }
    }
}

impl From<RawCount> for Units {
    fn from(raw: RawCount) -> Self {
        match raw {
            RawCount::Count(count) => Self::Count(count),
            RawCount::Word(_) => Self::Classes,
        }
    }
}

impl From<RawUnits> for Dense {
    fn from(raw: RawUnits) -> Self {
        match raw {
            RawUnits::Short(count) => Self { units: count.into(), bias: None, name: None },
            RawUnits::Full(RawDense { units, bias, name }) => Self { units: units.into(), bias, name },
        }
    }
}

impl TryFrom<RawResidual> for Residual {
    type Error = &'static str;

    fn try_from(raw: RawResidual) -> Result<Self, &'static str> {
        Ok(match raw {
            RawResidual::List(layers) => Self { layers: all(layers)?, shortcut: Vec::new(), is_list: true },
            RawResidual::Full(RawBranches { layers, shortcut }) => {
                Self { layers: all(layers)?, shortcut: all(shortcut.unwrap_or_default())?, is_list: false }
            }
        })
    }
}

impl TryFrom<RawRepeat> for Repeat {
    type Error = &'static str;

    fn try_from(RawRepeat { times, first, layers }: RawRepeat) -> Result<Self, &'static str> {
        Ok(Self { times, first: first.map(all).transpose()?, layers: all(layers)? })
    }
}
