//! The resolved experiment: what runs. Every default is filled in; nothing here is optional for convenience.
//!
//! These types are also written into the bundle as `experiment.yaml`, so they read back what they wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::conclusion::Conclusion;
use super::metric::{Declaration, MetricName, Metrics};
use super::network::Layer;
use super::reported::Reported;
use super::settle::Settle;
use super::trainer::{Command, Import, Native, Params, Trainer};
use super::values::{ExperimentId, Rate, Seed, VariantId};

/// A whole experiment: where its claims come from, what is trained on what, and with which seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Record")]
pub struct Experiment {
    pub id: ExperimentId,
    pub title: String,
    /// The question the experiment answers, in one sentence.
    pub question: Option<String>,
    pub source: Option<Source>,
    /// How a bundle of this experiment may be used: an SPDX identifier, a URL, or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// What native variants are trained on; `None` without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<DataSpec>,
    /// Confidence of every interval in the report, in (0, 1).
    pub confidence: f64,
    /// What variants without seeds of their own are trained with.
    pub seeds: Vec<Seed>,
    /// When these are looked at, one stage after the other; `None` where all are trained and judged at once. With it no
    /// variant has seeds of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle: Option<Settle>,
    pub variants: Vec<Variant>,
    /// What the trials may leave; the file's own declarations where it is written down.
    #[serde(skip_serializing_if = "Metrics::declares_nothing")]
    pub metrics: Metrics,
    /// How throughput is measured after the trials; `None` where it is not.
    pub throughput: Option<Throughput>,
    /// In the order of the file.
    pub claims: Vec<Claim>,
    /// What its author concludes, as long as the verdicts allow it; no part of any trial or claim.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conclusions: Vec<Conclusion>,
    /// Ways in which this experiment departs from its source, stated in the report as they stand here.
    pub deviations: Vec<String>,
    #[serde(skip)]
    pub whence: Whence,
}

/// Folder, in a bundle, of copies of what its programs consist of, laid out as beside the experiment file.
pub const SOURCES: &str = "sources";

/// Where an experiment was read: no part of what it is, so that all are equal.
#[derive(Debug, Clone, Default)]
pub struct Whence {
    /// Of the experiment file, or of the copies of its sources in a bundle: where the paths that commands name start.
    pub folder: PathBuf,
    /// Of the file itself: where the paths of `data` start.
    pub data_folder: PathBuf,
    /// Whether it was read from a bundle, which may be anybody's.
    pub is_bundle: bool,
}

impl Whence {
    /// Of a file in `folder`.
    pub fn of_file(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), data_folder: folder.to_owned(), is_bundle: false }
    }

    /// Of the record in the bundle at `root`.
    pub fn of_bundle(root: &Path) -> Self {
        let sources = root.join(SOURCES);
        let folder = if sources.is_dir() { sources } else { root.to_owned() };
        Self { folder, data_folder: root.to_owned(), is_bundle: true }
    }
}

impl PartialEq for Whence {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// An experiment as a bundle has it, in which a metric is no more than its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    id: ExperimentId,
    title: String,
    question: Option<String>,
    source: Option<Source>,
    license: Option<String>,
    data: Option<DataSpec>,
    confidence: f64,
    seeds: Vec<Seed>,
    #[serde(default)]
    settle: Option<Settle>,
    variants: Vec<Variant>,
    #[serde(default)]
    metrics: IndexMap<MetricName, Declaration>,
    #[serde(default)]
    throughput: Option<Throughput>,
    #[serde(default)]
    claims: Vec<Claim<MetricName>>,
    #[serde(default)]
    conclusions: Vec<Conclusion>,
    deviations: Vec<String>,
}

/// How throughput is measured. No part of a trial's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// Besides each variant's own; `None` takes a quarter and half of that.
    pub batch_sizes: Option<Vec<u32>>,
    /// Sides in pixels, besides each variant's own.
    pub image_sizes: Vec<u32>,
    pub rounds: u32,
    /// Of sampling, in each round of each measurement.
    pub seconds: f64,
    /// Seconds for everything together.
    pub budget: f64,
}

/// The publication whose findings are re-run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `title`, `author`, `url`, `published`, `says` and `lang`")]
pub struct Source {
    /// Title as the source gives it.
    pub title: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Web address, starting with `https://` or `http://`.
    pub url: Option<String>,
    /// Date or year as the source gives it.
    pub published: Option<String>,
    /// What it says, in a sentence or two: the report's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// Language of its title and of quotes, such as `zh-Hans` (BCP 47): fonts and screen readers go by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// One setting under test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "VariantRecord", into = "VariantRecord")]
pub struct Variant {
    pub id: VariantId,
    /// What people read in tables and plots.
    pub label: String,
    pub description: Option<String>,
    pub seeds: Vec<Seed>,
    pub trainer: Trainer,
    pub reported: Reported,
}

/// A variant as a bundle has it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantRecord {
    id: VariantId,
    label: String,
    description: Option<String>,
    seeds: Vec<Seed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<ModelSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    train: Option<Recipe>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trainer: Option<TrainerRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    params: Option<Params>,
    reported: Reported,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(clippy::large_enum_variant, reason = "one per variant, while it is read or written")]
enum TrainerRecord {
    Command(Command),
    Import(Import),
}

/// A variant that this program trains itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NativeVariant<'a> {
    pub id: &'a VariantId,
    pub label: &'a str,
    pub model: &'a ModelSpec,
    pub train: &'a Recipe,
}

impl TryFrom<VariantRecord> for Variant {
    type Error = String;

    fn try_from(record: VariantRecord) -> Result<Self, String> {
        let VariantRecord { id, label, description, seeds, model, train, trainer, params, reported } = record;
        let trainer = match (trainer, model, train, params) {
            (None, Some(model), Some(train), None) => Trainer::Native(Native { model, train }),
            (Some(TrainerRecord::Command(command)), None, None, params) => {
                Trainer::Command { command, params: params.unwrap_or_default() }
            }
            (Some(TrainerRecord::Import(import)), None, None, params) => {
                Trainer::Import { import, params: params.unwrap_or_default() }
            }
            _ => return Err(format!("variant `{id}` has neither `model` and `train` nor a `trainer`, or both")),
        };
        Ok(Self { id, label, description, seeds, trainer, reported })
    }
}

impl From<Variant> for VariantRecord {
    fn from(variant: Variant) -> Self {
        let Variant { id, label, description, seeds, trainer, reported } = variant;
        let (model, train, trainer, params) = match trainer {
            Trainer::Native(Native { model, train }) => (Some(model), Some(train), None, None),
            Trainer::Command { command, params } => (None, None, Some(TrainerRecord::Command(command)), Some(params)),
            Trainer::Import { import, params } => (None, None, Some(TrainerRecord::Import(import)), Some(params)),
        };
        Self { id, label, description, seeds, model, train, trainer, params, reported }
    }
}

impl Variant {
    /// What this program trains; `None` for a variant that somebody else does.
    pub fn native(&self) -> Option<NativeVariant<'_>> {
        let Native { model, train } = self.trainer.native()?;
        Some(NativeVariant { id: &self.id, label: &self.label, model, train })
    }
}

/// A network and its knobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// What the network is called, where it is not the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `None`: MobileNetV2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<Layer>>,
    pub norm: Norm,
    /// `None` when the rate is zero.
    pub dropout: Option<Dropout>,
    pub initializer: Initializer,
    /// Multiplier of channels and units in (0, 4]; those of a width other than 1 are rounded to multiples of 8 as MobileNet's
    /// reference implementation does.
    pub width: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Norm {
    None,
    /// Keras's convention: running = momentum * running + (1 - momentum) * batch.
    Batch {
        momentum: f64,
        epsilon: f64,
    },
    /// Mean and variance over a group of neighbouring channels of one image (Wu and He 2018), in training and evaluation
    /// alike. A layer whose channels do not divide into `groups` takes the next smaller number that does.
    Group {
        groups: u32,
        epsilon: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    pub rate: Rate,
    pub kind: DropoutKind,
    pub place: DropoutPlace,
    /// Side of a block in pixels, of `kind: block` alone; a smaller map is one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_size: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DropoutKind {
    /// Every value is kept or dropped by itself.
    Element,
    /// Whole feature maps are kept or dropped (spatial dropout).
    Channel,
    /// Square blocks of neighbouring pixels of a channel are dropped together (DropBlock, Ghiasi et al. 2018).
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DropoutPlace {
    /// After every activation.
    Activation,
    /// Once, on the features before the classifier.
    Head,
    /// Right before every convolution but the first (Cai et al. 2019).
    Convolution,
    /// Right after every normalisation, before the activation where one follows.
    Norm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initializer {
    /// Glorot uniform as Keras computes it, with its too small limit for depthwise kernels.
    Keras,
    /// Glorot uniform with the true fans of depthwise kernels.
    Glorot,
    /// Normal, variance 2/fan_in before an activation and 1/fan_in for linear projections.
    He,
    /// Uniform within ±1/sqrt(fan_in), biases too: what PyTorch's layers start with.
    Pytorch,
}

/// How a variant is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub epochs: u32,
    pub batch_size: u32,
    /// Side of the square network input in pixels; images are resized to it on the device.
    pub image_size: u32,
    pub pixels: PixelRange,
    pub learning_rate: f64,
    #[serde(default, skip_serializing_if = "Optimizer::is_plain")]
    pub optimizer: Optimizer,
    /// Heavy-ball momentum in [0, 1), of SGD and RMSprop.
    pub momentum: f64,
    /// L2 coefficient added to the gradient; of AdamW the share of each weight, times the learning rate, that is taken off.
    pub weight_decay: f64,
    /// Share of the target that is spread over all classes (Szegedy et al. 2016).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub label_smoothing: f64,
    pub schedule: Schedule,
    pub augment: Augment,
    pub precision: Precision,
}

/// How weights follow from gradients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Optimizer {
    /// v = momentum v + g, w = w - rate v; with Nesterov's look ahead w = w - rate (g + momentum v) (Sutskever et al. 2013,
    /// as PyTorch has it).
    Sgd { nesterov: bool },
    /// s = rho s + (1 - rho) g^2, w = w - rate g / (sqrt(s) + epsilon) (Tieleman and Hinton 2012, as PyTorch has it).
    Rmsprop { rho: f64, epsilon: f64 },
    /// Kingma and Ba 2015, algorithm 1.
    Adam { beta_1: f64, beta_2: f64, epsilon: f64 },
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    Adamw { beta_1: f64, beta_2: f64, epsilon: f64 },
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::Sgd { nesterov: false }
    }
}

impl Optimizer {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Numbers that matrix products and convolutions compute with; parameters, statistics and losses are always f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// IEEE single precision.
    #[default]
    Fp32,
    /// Factors rounded to 10 bits of mantissa, sums in f32; a GPU's tensor cores (CUDA only).
    Tf32,
    /// Activations and factors in bfloat16, sums in f32 (libtorch only).
    Bf16,
}

/// What the network sees for an 8-bit pixel p.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PixelRange {
    /// p / 255, in [0, 1].
    Unit,
    /// p / 127.5 - 1, in [-1, 1].
    Signed,
    /// p, in [0, 255].
    Raw,
}

/// Learning rate over time: linear warm-up from 0, then a decay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub warmup_epochs: u32,
    pub decay: Decay,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Decay {
    Constant,
    /// Multiplied by `factor` after every `every_epochs` epochs.
    Step {
        every_epochs: u32,
        factor: f64,
    },
    /// Half a cosine from 1 down to `final_factor` at the last step.
    Cosine {
        final_factor: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augment {
    /// Mirror each image with probability one half.
    pub horizontal_flip: bool,
    /// Pad by this many pixels of zeros on each side (before resizing), then crop back at a random place.
    pub crop_padding: u32,
}

/// Where images come from and how many of them are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSpec {
    pub source: DataSource,
    /// Class-balanced subset; `None` takes all images of the split.
    pub per_class: PerClass,
    #[serde(default, skip_serializing_if = "Leakage::is_reported")]
    pub leakage: Leakage,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum DataSource {
    /// Procedural images; `per_class` says how many to draw, so both its counts are set.
    Synthetic { seed: u64 },
    /// The canonical binary version: a folder or `cifar-10-binary.tar.gz`. `None` looks in the data cache.
    Cifar10 { path: Option<PathBuf> },
    /// The binary version: a folder or `cifar-100-binary.tar.gz`.
    Cifar100 { path: PathBuf },
    /// A folder with IDX files, as MNIST has them.
    Idx { path: PathBuf },
    /// `train/<class>/<image>` and `test/<class>/…` in a folder or a `.tar`, `.tar.gz`, `.tar.zst`.
    Images {
        path: PathBuf,
        /// `None` where all images have one size already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fit: Option<Fit>,
    },
}

/// How images are made one size: scaled until the shorter side has `resize` pixels, then cropped to the middle `crop` by
/// `crop` pixels, which are no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    pub resize: u32,
    pub crop: u32,
}

/// What a test image that is a training image as well means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Leakage {
    /// The report says so.
    #[default]
    Report,
    /// A gated run fails.
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerClass {
    pub train: Option<u32>,
    pub test: Option<u32>,
}

impl Default for Throughput {
    fn default() -> Self {
        // Five rounds of everything in configs/quick.yaml take half a minute on two cores.
        Self { batch_sizes: None, image_sizes: Vec::new(), rounds: 5, seconds: 0.15, budget: 45.0 }
    }
}

impl Leakage {
    fn is_reported(&self) -> bool {
        *self == Self::Report
    }
}

impl DataSource {
    /// Where the images are on disk, for a source that has its own place.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Images { path, .. }
            | Self::Cifar10 { path: Some(path) }
            | Self::Cifar100 { path }
            | Self::Idx { path } => Some(path),
            Self::Synthetic { .. } | Self::Cifar10 { path: None } => None,
        }
    }

    /// Says where the images lie, for a source that has its own place.
    pub fn set_path(&mut self, path: &Path) {
        match self {
            Self::Images { path: own, .. } | Self::Cifar100 { path: own } | Self::Idx { path: own } => {
                *own = path.to_owned();
            }
            Self::Cifar10 { path: own } => *own = Some(path.to_owned()),
            Self::Synthetic { .. } => {}
        }
    }

    pub(super) fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::Images { path, .. }
            | Self::Cifar10 { path: Some(path) }
            | Self::Cifar100 { path }
            | Self::Idx { path } => Some(path),
            Self::Synthetic { .. } | Self::Cifar10 { path: None } => None,
        }
    }
}

/// What trials of these variants may leave.
pub(super) fn metrics_of(variants: &[Variant], declared: &IndexMap<MetricName, Declaration>) -> Metrics {
    let has_native = variants.iter().any(|variant| variant.trainer.native().is_some());
    let has_command = variants.iter().any(|variant| matches!(variant.trainer, Trainer::Command { .. }));
    Metrics::new(has_native, has_command, declared)
}

impl TryFrom<Record> for Experiment {
    type Error = String;

    fn try_from(record: Record) -> Result<Self, String> {
        let metrics = metrics_of(&record.variants, &record.metrics);
        let find = |name: MetricName| metrics.named(name.as_str()).ok_or(format!("there is no metric `{name}`"));
        let claims = record.claims.into_iter().map(|claim| claim.try_map(find)).collect::<Result<_, _>>()?;
        let Record { id, title, question, source, license, data, confidence, seeds, variants, throughput, .. } = record;
        let (settle, conclusions, deviations) = (record.settle, record.conclusions, record.deviations);
        Ok(Self {
            id,
            title,
            question,
            source,
            license,
            data,
            confidence,
            seeds,
            settle,
            variants,
            metrics,
            throughput,
            claims,
            conclusions,
            deviations,
            whence: Whence { is_bundle: true, ..Whence::default() },
        })
    }
}

impl Experiment {
    /// The same as others should see it: where the images lay on this machine is nobody's business, their name is.
    pub fn published(&self) -> Self {
        let mut published = self.clone();
        if let Some(path) = published.data.as_mut().and_then(|data| data.source.path_mut())
            && let Some(name) = path.file_name()
        {
            *path = PathBuf::from(name);
        }
        published
    }

    /// The variants that this program trains itself.
    pub fn native_variants(&self) -> impl Iterator<Item = NativeVariant<'_>> {
        self.variants.iter().filter_map(Variant::native)
    }

    /// Whether any trial is trained on the images of `data`.
    pub fn uses_images(&self) -> bool {
        self.variants.iter().any(|variant| match &variant.trainer {
            Trainer::Native(_) => true,
            Trainer::Command { command, .. } => command.asks_for_images(),
            Trainer::Import { .. } => false,
        })
    }

    /// The same with no more of its seeds than so many for each variant; all for one that is not named.
    pub fn with_seeds(&self, of: &BTreeMap<VariantId, usize>) -> Self {
        let mut part = self.clone();
        for variant in &mut part.variants {
            variant.seeds.truncate(of.get(&variant.id).copied().unwrap_or(usize::MAX));
        }
        part
    }

    /// The experiment that this is a part of, if its looks have not called for all of it: what its file says.
    pub fn whole(&self) -> Self {
        let mut whole = self.clone();
        if self.settle.is_some() {
            whole.variants.iter_mut().for_each(|variant| variant.seeds.clone_from(&self.seeds));
        }
        whole
    }

    /// As much of it as its looks have called for: of each variant the seeds of the last look whose every seed has a result, and
    /// at least those of the first. A result beyond these calls for nothing. All of it where there are no looks.
    pub fn called_for(&self, has_result: impl Fn(&VariantId, Seed) -> bool) -> Self {
        let Some(settle) = &self.settle else { return self.clone() };
        let of = |variant: &Variant| {
            let results = variant.seeds.iter().take_while(|&&seed| has_result(&variant.id, seed)).count();
            let mut looks = settle.looks.iter().map(|&seeds| seeds as usize);
            let first = looks.next().unwrap_or(usize::MAX);
            (variant.id.clone(), looks.take_while(|&seeds| seeds <= results).last().unwrap_or(first))
        };
        self.with_seeds(&self.variants.iter().map(of).collect())
    }

    /// Every trial of the experiment: variants in file order, and for each its seeds in file order.
    pub fn trials(&self) -> impl Iterator<Item = (&Variant, Seed)> {
        self.variants.iter().flat_map(|variant| variant.seeds.iter().map(move |&seed| (variant, seed)))
    }
}

/// For tests of experiments that this program trains itself.
#[cfg(test)]
impl Variant {
    pub fn network(&self) -> NativeVariant<'_> {
        self.native().expect("it is a variant of this program's own")
    }

    pub fn network_mut(&mut self) -> &mut Native {
        match &mut self.trainer {
            Trainer::Native(network) => network,
            Trainer::Command { .. } | Trainer::Import { .. } => panic!("it is a variant of this program's own"),
        }
    }
}

#[cfg(test)]
impl Experiment {
    pub fn images(&self) -> &DataSpec {
        self.data.as_ref().expect("it has images")
    }
}
