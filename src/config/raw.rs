//! What an experiment file says, before defaults are filled in.
//!
//! The comments here are also the descriptions in `configs/schema.json`, so they speak to someone writing a file.
//! Limits that cannot be expressed in types are checked in `check`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::conclusion::Conclusion;
use super::experiment::{DropoutKind, DropoutPlace, Initializer, Leakage, PixelRange, Precision, Source};
use super::metric::{Declaration, MetricName};
use super::network::Preset;
use super::network::raw::RawLayer;
use super::raw_claim::RawClaim;
use super::raw_trainer::{RawTrainer, TrainerName};
use super::reported::Reported;
use super::settle::Settle;
use super::shorthand::{Seeds, Shorthand};
use super::trainer::Params;
use super::values::{Rate, Slug};

/// The format version this program writes and reads.
pub(super) const SCHEMA: u32 = 1;

/// An experiment: which article it re-runs, on which images, and which variants it compares.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of experiment settings")]
#[schemars(title = "retrial experiment")]
pub(super) struct RawExperiment {
    /// Version of this file format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "judged by `check_schema` before the rest is read; here it is a known, required key")]
    pub schema: u32,
    /// Name of the experiment and of its report's folder. Default: the file's name without `.yaml`.
    pub id: Option<Slug>,
    /// Title of the report.
    pub title: String,
    /// The question the experiment answers, in one sentence.
    pub question: Option<String>,
    /// The publication whose findings are re-run.
    pub source: Option<Source>,
    /// How the report and the records behind it may be used: an SPDX identifier, a URL, or words.
    pub license: Option<String>,
    /// Which images native variants are trained on, and how many; required where there is such a variant.
    pub data: Option<RawData>,
    /// Confidence of every interval in the report. Default 0.95.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
    pub confidence: Option<f64>,
    /// Seeds that every variant is trained with: a list, or a number n for the seeds 1 to n.
    pub seeds: Seeds,
    /// Stages in which seeds are trained, with a verdict after each: claims that are settled get no more.
    pub settle: Option<Settle>,
    /// Who performs the trials, unless a variant says otherwise. Default `native`: this program.
    pub trainer: Option<Shorthand<TrainerName, RawTrainer>>,
    /// Parameters that all variants share, for `{params.NAME}` in a trainer's command.
    #[serde(default)]
    pub params: Params,
    /// The network that all variants share; each may override parts of it. A preset's name, or a mapping.
    #[serde(default, deserialize_with = "model")]
    #[schemars(with = "Shorthand<Preset, RawModel>")]
    pub model: RawModel,
    /// The training recipe that all variants share; each may override parts of it.
    #[serde(default)]
    pub train: RawTrain,
    /// The networks and recipes to compare.
    #[schemars(length(min = 1, max = 256))]
    pub variants: Vec<RawVariant>,
    /// Metrics by name, beside those that the trainers themselves declare; what matters most comes first.
    #[serde(default)]
    pub metrics: IndexMap<MetricName, Declaration>,
    /// Measures how fast the variants are, after the trials: `false` for not at all, or a mapping. Default true.
    pub throughput: Option<Shorthand<bool, RawThroughput>>,
    /// What the source says, or what is said about it, each put to the test.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub claims: Vec<RawClaim>,
    /// What follows, in your own words: each sentence is shown only while the verdicts that it presumes stand.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub conclusions: Vec<Conclusion>,
    /// Ways in which this experiment departs from its source; the report states them as they stand here.
    #[serde(default)]
    pub deviations: Vec<String>,
}

/// Where images come from and how many of them are used.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of data settings")]
#[schemars(rename = "Data")]
pub(super) struct RawData {
    /// `synthetic`: drawn by the program. `cifar10`, `cifar100`: the binary versions. `idx`: files as MNIST has them.
    /// `images`: folders of JPEG, PNG, WebP or BMP files.
    pub source: SourceKind,
    /// Seed of the drawn images (`synthetic` only). Default 1.
    pub seed: Option<u64>,
    /// Folder or archive (optional for `cifar10`, else required), relative to this file's folder.
    pub path: Option<String>,
    /// Images per class; a single number counts for both splits. Default: all, or 400 and 100 for `synthetic`.
    pub per_class: Option<Shorthand<u32, RawPerClass>>,
    /// How photographs become one size (`images` only): a side in pixels, or a mapping. Default: they have one size.
    pub fit: Option<Shorthand<u32, RawFit>>,
    /// What it means when a test image is a training image as well, pixel for pixel: `report` it (the default), or
    /// `fail` a gated run.
    pub leakage: Option<Leakage>,
}

/// How photographs become one size: scaled, then cropped to the middle.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `resize` and `crop`")]
#[schemars(rename = "Fit")]
pub(super) struct RawFit {
    /// Pixels of the shorter side after scaling.
    #[schemars(range(min = 1, max = 4096))]
    pub resize: u32,
    /// Pixels of both sides after cropping, no more than `resize`. Default: as many.
    #[schemars(range(min = 1, max = 4096))]
    pub crop: Option<u32>,
}

/// Where images come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SourceKind {
    /// Images drawn by the program; needs no download.
    Synthetic,
    /// The canonical binary version of CIFAR-10.
    Cifar10,
    /// The binary version of CIFAR-100, by its fine labels: a folder or an archive.
    Cifar100,
    /// IDX files, as MNIST has them, in a folder: gray images and labels, packed with gzip or not.
    Idx,
    /// `train/<class>/` and `test/<class>/` with JPEG, PNG, WebP or BMP files, in a folder or a tar archive.
    Images,
}

/// Images per class in each split.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `train` and `test`")]
#[schemars(rename = "PerClass")]
pub(super) struct RawPerClass {
    /// Training images per class.
    #[schemars(range(min = 1, max = 100_000))]
    pub train: Option<u32>,
    /// Test images per class.
    #[schemars(range(min = 1, max = 100_000))]
    pub test: Option<u32>,
}

/// A network and its knobs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of model settings")]
#[schemars(rename = "Model")]
pub(super) struct RawModel {
    /// A network that is known by name; `configs/networks/` has the layers of each. Default `mobilenet_v2`.
    pub preset: Option<Preset>,
    /// Layers with weights, for `preset: vgg` (11, 13, 16, 19) and `preset: resnet` (6 n + 2). Default 16 and 20.
    pub depth: Option<u32>,
    /// The network itself, layer by layer, in place of a `preset`.
    #[serde(default, deserialize_with = "some_layers")]
    #[schemars(length(min = 1))]
    pub layers: Option<Vec<RawLayer>>,
    /// What the report calls the network. Default: the preset's name.
    pub name: Option<String>,
    /// Normalisation where the network has `norm`: `none`, `batch`, `group`, or a mapping. Default `batch`.
    pub norm: Option<Shorthand<NormKind, RawNorm>>,
    /// Dropout: a rate, or a mapping. Default: none.
    pub dropout: Option<Shorthand<Rate, RawDropout>>,
    /// How weights are drawn. Default `keras`.
    pub initializer: Option<Initializer>,
    /// Multiplier of channels and units. Default 1.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 4.0))]
    pub width: Option<f64>,
}

/// Kind of normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum NormKind {
    /// No normalisation.
    None,
    /// Batch normalisation.
    Batch,
    /// Group normalisation.
    Group,
}

/// Normalisation with its settings.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of normalisation settings")]
#[schemars(rename = "Norm")]
pub(super) struct RawNorm {
    /// Kind of normalisation.
    pub kind: NormKind,
    /// Share of the running statistics kept at each step, as Keras counts it (`batch` only). Default 0.99.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub momentum: Option<f64>,
    /// Added to the variance. Default 0.001.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub epsilon: Option<f64>,
    /// Groups of channels (`group` only). Default 8; layers whose channels do not divide so take fewer.
    #[schemars(range(min = 1, max = 1024))]
    pub groups: Option<u32>,
}

/// Dropout with its settings.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of dropout settings")]
#[schemars(rename = "Dropout")]
pub(super) struct RawDropout {
    /// Probability that a value is zeroed; 0 turns dropout off.
    pub rate: Option<Rate>,
    /// What is dropped at once. Default `element`.
    pub kind: Option<DropoutKind>,
    /// Where in the network. Default `activation`.
    pub place: Option<DropoutPlace>,
    /// Side of a block in pixels (`block` only). Default 3.
    #[schemars(range(min = 1, max = 64))]
    pub block_size: Option<u32>,
}

/// How a variant is trained: an optimizer on softmax cross-entropy.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of training settings")]
#[schemars(rename = "Train")]
pub(super) struct RawTrain {
    /// Passes over the training images. Required, here or in each variant.
    #[schemars(range(min = 1, max = 10_000))]
    pub epochs: Option<u32>,
    /// Images per step. Default 32.
    #[schemars(range(min = 1, max = 65_536))]
    pub batch_size: Option<u32>,
    /// Side of the square network input in pixels; images are resized to it. Default 224.
    #[schemars(range(min = 8, max = 1024))]
    pub image_size: Option<u32>,
    /// What the network sees for a pixel. Default `unit`.
    pub pixels: Option<PixelRange>,
    /// How weights follow from gradients: `sgd`, `rmsprop`, `adam`, `adamw`, or a mapping. Default `sgd`.
    pub optimizer: Option<Shorthand<OptimizerKind, RawOptimizer>>,
    /// Step size. Default for `sgd` 0.1: an inference, since the article gives none; with batches of 32 it fits its losses.
    /// For others 0.001, and 0.01 for `rmsprop` with PyTorch's defaults.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub learning_rate: Option<f64>,
    /// Heavy-ball momentum (`sgd` and `rmsprop` only). Default 0.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub momentum: Option<f64>,
    /// L2 coefficient added to the gradient; for `adamw`, decoupled from it. Default 0; for `adamw` 0.004, and 0.01 with
    /// PyTorch's defaults.
    #[schemars(range(min = 0.0))]
    pub weight_decay: Option<f64>,
    /// Share of the target that is spread over all classes while training. Default 0. Losses are recorded without it.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub label_smoothing: Option<f64>,
    /// Learning rate over time. Default: constant.
    pub schedule: Option<RawSchedule>,
    /// Random changes to training images. Default: none.
    pub augment: Option<RawAugment>,
    /// Numbers that matrix products and convolutions compute with. Default `fp32`.
    pub precision: Option<Precision>,
}

/// Kind of optimizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OptimizerKind {
    /// Stochastic gradient descent.
    Sgd,
    /// Tieleman and Hinton 2012.
    Rmsprop,
    /// Kingma and Ba 2015.
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    Adamw,
}

/// Whose defaults an optimizer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Framework {
    /// Keras 3.
    #[default]
    Keras,
    /// PyTorch 2.
    Pytorch,
}

/// Optimizer with its settings.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of optimizer settings")]
#[schemars(rename = "Optimizer")]
pub(super) struct RawOptimizer {
    /// Kind of optimizer.
    pub kind: OptimizerKind,
    /// Whose defaults count: `keras` or `pytorch`. Default `keras`.
    pub defaults: Option<Framework>,
    /// Whether momentum looks ahead (`sgd` only). Default false.
    pub nesterov: Option<bool>,
    /// Share of the mean square gradient kept at each step (`rmsprop` only). Default 0.9, in PyTorch 0.99.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub rho: Option<f64>,
    /// Share of the mean gradient kept at each step (`adam` and `adamw` only). Default 0.9.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub beta_1: Option<f64>,
    /// Share of the mean square gradient kept at each step (`adam` and `adamw` only). Default 0.999.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub beta_2: Option<f64>,
    /// Added to the root of the mean square gradient (not for `sgd`). Default 1e-7, in PyTorch 1e-8.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub epsilon: Option<f64>,
}

/// Learning rate over time: a linear warm-up from 0, then a decay.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `warmup_epochs` and `decay`")]
#[schemars(rename = "Schedule")]
pub(super) struct RawSchedule {
    /// Epochs of linear warm-up. Default 0.
    #[schemars(range(max = 10_000))]
    pub warmup_epochs: Option<u32>,
    /// `constant`, or a mapping for `step` and `cosine`. Default `constant`.
    pub decay: Option<Shorthand<DecayKind, RawDecay>>,
}

/// Kind of learning-rate decay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecayKind {
    /// No decay.
    Constant,
    /// Multiplied by `factor` after every `every_epochs` epochs.
    Step,
    /// Half a cosine from 1 down to `final_factor`.
    Cosine,
}

/// Learning-rate decay with its settings.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of decay settings")]
#[schemars(rename = "Decay")]
pub(super) struct RawDecay {
    /// Kind of decay.
    pub kind: DecayKind,
    /// Epochs between two steps (`step` only, required there).
    #[schemars(range(min = 1, max = 10_000))]
    pub every_epochs: Option<u32>,
    /// Multiplier at each step (`step` only, required there).
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1.0))]
    pub factor: Option<f64>,
    /// Share of the learning rate left at the last step (`cosine` only). Default 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub final_factor: Option<f64>,
}

/// Random changes to training images.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of augmentation settings")]
#[schemars(rename = "Augment")]
pub(super) struct RawAugment {
    /// Mirror each image with probability one half. Default false.
    pub horizontal_flip: Option<bool>,
    /// Pad by this many pixels on each side, then crop back at a random place. Default 0.
    #[schemars(range(max = 64))]
    pub crop_padding: Option<u32>,
}

/// One network and recipe under test.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of variant settings")]
#[schemars(rename = "Variant")]
pub(super) struct RawVariant {
    /// Name of the variant and of its folder.
    pub id: Slug,
    /// What people read in tables and plots: keep it short. Default: the id.
    pub label: Option<String>,
    /// What this variant is for.
    pub description: Option<String>,
    /// Seeds that this variant is trained with, in place of those that all share.
    pub seeds: Option<Seeds>,
    /// Who performs its trials, in place of the trainer that all share.
    pub trainer: Option<Shorthand<TrainerName, RawTrainer>>,
    /// Parameters of its own, beside those that all share.
    #[serde(default)]
    pub params: Params,
    /// What differs from the shared `model`. `norm` and the network itself (`preset` or `layers`) are replaced as a whole;
    /// `dropout` is merged key by key.
    #[serde(default, deserialize_with = "model")]
    #[schemars(with = "Shorthand<Preset, RawModel>")]
    pub model: RawModel,
    /// What differs from the shared `train`. `schedule.decay` is replaced as a whole; the rest is merged key by key.
    #[serde(default)]
    pub train: RawTrain,
    /// The source's own figures for this variant.
    #[serde(default)]
    pub reported: Reported,
}

/// How throughput is measured. It is no part of a trial: changing it makes no trial due again.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of throughput settings")]
#[schemars(rename = "Throughput")]
pub(super) struct RawThroughput {
    /// Whether to measure at all. Default true.
    pub enabled: Option<bool>,
    /// Images per step. Default: a quarter, half and all of each variant's own, which is always measured.
    #[schemars(length(min = 1, max = 16), inner(range(min = 1, max = 65_536)))]
    pub batch_sizes: Option<Vec<u32>>,
    /// Sides of the network input in pixels. Default: each variant's own, which is always measured.
    #[schemars(length(min = 1, max = 16), inner(range(min = 8, max = 1024)))]
    pub image_sizes: Option<Vec<u32>>,
    /// How often each measurement is repeated, with all others in between. Default 5.
    #[schemars(range(min = 2, max = 1000))]
    pub rounds: Option<u32>,
    /// Seconds of sampling in each round of each measurement; ten steps are taken in any case. Default 0.15.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 600.0))]
    pub seconds: Option<f64>,
    /// Seconds that all of it may take. What does not fit is left out, and the report says what. Default 45.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1_000_000.0))]
    pub budget: Option<f64>,
}

impl From<bool> for RawThroughput {
    fn from(enabled: bool) -> Self {
        Self { enabled: Some(enabled), ..Self::default() }
    }
}

impl From<u32> for RawPerClass {
    fn from(both: u32) -> Self {
        Self { train: Some(both), test: Some(both) }
    }
}

impl From<u32> for RawFit {
    fn from(side: u32) -> Self {
        Self { resize: side, crop: None }
    }
}

/// A key without a value names no network: read as if it were not there, it would train another one than its author wrote.
fn some_layers<'de, D: serde::Deserializer<'de>>(layers: D) -> Result<Option<Vec<RawLayer>>, D::Error> {
    let layers = Option::deserialize(layers)?;
    layers.map(Some).ok_or_else(|| serde::de::Error::custom("it has no layers: list them, or leave `layers` out"))
}

/// `model: resnet`, or a mapping, or nothing.
fn model<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<RawModel, D::Error> {
    let model = Option::<Shorthand<Preset, RawModel>>::deserialize(deserializer)?;
    Ok(model.map(Shorthand::into_full).unwrap_or_default())
}

impl From<Preset> for RawModel {
    fn from(preset: Preset) -> Self {
        Self { preset: Some(preset), ..Self::default() }
    }
}

impl From<OptimizerKind> for RawOptimizer {
    fn from(kind: OptimizerKind) -> Self {
        Self { kind, defaults: None, nesterov: None, rho: None, beta_1: None, beta_2: None, epsilon: None }
    }
}

impl From<NormKind> for RawNorm {
    fn from(kind: NormKind) -> Self {
        Self { kind, momentum: None, epsilon: None, groups: None }
    }
}

impl From<Rate> for RawDropout {
    fn from(rate: Rate) -> Self {
        Self { rate: Some(rate), kind: None, place: None, block_size: None }
    }
}

impl From<DecayKind> for RawDecay {
    fn from(kind: DecayKind) -> Self {
        Self { kind, every_epochs: None, factor: None, final_factor: None }
    }
}
