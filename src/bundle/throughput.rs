//! `throughput/*.json`: how fast the variants are on one machine, as raw samples, and what else went on there meanwhile.
//!
//! `samples.json` has every sample in the order in which it was taken, `session.json` what they were taken with.
//! Statistics are made from the samples by whoever reads them. Files name no process and no host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::CodeVersion;
use crate::config::{NativeVariant, Precision, Recipe, VariantId};
use crate::provenance::Digest;

/// Both files of a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThroughputRecord {
    pub session: ThroughputSession,
    pub samples: ThroughputSamples,
}

/// `throughput/session.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThroughputSession {
    pub schema: u32,
    /// Of everything that says what is measured and with which code; another digest is another measurement.
    pub key: Digest,
    pub engine: String,
    /// What the engine computes with, in its own terms.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub engine_details: BTreeMap<String, String>,
    pub cpu: String,
    pub cores: u32,
    pub code: CodeVersion,
    /// Version of the crate that warmed up and sampled.
    pub criterion: String,
    pub before: Conditions,
    pub after: Conditions,
    /// What was asked for and not measured.
    pub skipped: Vec<Skipped>,
}

/// `throughput/samples.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThroughputSamples {
    pub schema: u32,
    pub cells: Vec<CellRecord>,
    /// What the device reached at simple tasks, between the others.
    pub ceilings: Vec<CeilingRecord>,
    /// The layers of each variant's own training step by themselves, kind by kind, between the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayersRecord>,
}

/// What is measured at a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    pub variant: VariantId,
    pub mode: Mode,
    pub batch_size: u32,
    /// Side of the network's input in pixels.
    pub image_size: u32,
    /// Threads that the engine may use on the host.
    pub threads: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Gather a batch, forward, backward, one step of SGD, running statistics.
    Training,
    /// Gather a batch, forward with running statistics and without dropout.
    Inference,
}

/// All samples of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellRecord {
    pub cell: Cell,
    pub precision: Precision,
    /// First to last; between two of them every other cell had one.
    pub rounds: Vec<Round>,
    /// The largest resident memory of the process while this cell was measured, in the round in which that was least; where
    /// the system tells. What the process kept from other cells counts, so it is no less than what the cell needs.
    pub peak_host_bytes: Option<u64>,
    /// What the process held of the device's memory after it, including what the engine keeps for later.
    pub device_bytes: Option<u64>,
}

/// All layers of one kind of a training step, one after the other: each forwards and backwards, with nothing in between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayersRecord {
    pub kind: LayerKind,
    /// Every variant whose layers of this kind are just these.
    pub variants: Vec<VariantId>,
    pub batch_size: u32,
    /// Side of the network's input in pixels.
    pub image_size: u32,
    /// Threads that the engine may use on the host.
    pub threads: u32,
    pub precision: Precision,
    /// A step is one pass over all the layers.
    pub rounds: Vec<Round>,
}

/// Kinds of layers, as a report sums them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// The dense convolution of the image.
    Image,
    /// Dense and grouped convolutions further on.
    Spatial,
    Depthwise,
    Pointwise,
    /// Fully connected layers, the classifier among them.
    Dense,
    /// What follows a convolution, or precedes one: normalisation, activation and dropout in one pass.
    Post,
    /// Shortcuts, pools and the mean over pixels.
    Elementwise,
}

impl LayerKind {
    /// Those that take most of a step first.
    pub const ALL: [Self; 7] =
        [Self::Pointwise, Self::Spatial, Self::Depthwise, Self::Post, Self::Image, Self::Elementwise, Self::Dense];
}

/// What a device reached at one simple task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeilingRecord {
    pub task: CeilingTask,
    /// Floating-point operations, or bytes read and written, of one step.
    pub work: f64,
    pub rounds: Vec<Round>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CeilingTask {
    /// A product of two square matrices of f32; a multiplication and an addition are two operations.
    MatrixProduct,
    /// A copy that is too large for any cache.
    MemoryCopy,
}

/// Samples taken without a pause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    pub samples: Vec<Sample>,
    pub strain: Strain,
}

/// So many steps, one after the other, took so long; the device was idle at both ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub steps: u64,
    pub nanoseconds: f64,
}

/// What others did to the machine while a round ran. `None` where the system does not tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strain {
    /// Mean number of cores that other processes kept busy.
    pub others_cores: Option<f64>,
    /// Mean number of cores that a virtual machine's host withheld.
    pub stolen_cores: Option<f64>,
    /// Why the GPU held its clocks back at the end of the round, in the words of its driver.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub throttled: Vec<String>,
    /// Other processes that computed on the GPU at the end of the round.
    pub gpu_processes: Option<u32>,
}

/// The machine as it was at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Over 1, 5 and 15 minutes; it counts retrial itself.
    pub load_average: Option<[f64; 3]>,
    /// Other processes that kept more than a tenth of a core busy for a moment.
    pub busy_processes: Option<u32>,
    /// Mean over the cores.
    pub cpu_mhz: Option<f64>,
    pub gpu: Option<GpuState>,
}

/// A GPU as its driver describes it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuState {
    pub clock_mhz: Option<u32>,
    pub memory_clock_mhz: Option<u32>,
    pub celsius: Option<u32>,
    /// Why clocks are held back; being idle is no reason.
    pub throttled: Vec<String>,
    /// Processes besides this one that compute on it.
    pub other_processes: Option<u32>,
    /// What this process holds of its memory.
    pub own_bytes: Option<u64>,
}

/// A cell that was not measured, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    pub cell: Cell,
    pub reason: String,
}

impl Cell {
    /// Whether it is the size that a recipe trains at, on so many threads.
    pub fn is_own(&self, train: &Recipe, threads: u32) -> bool {
        (self.batch_size, self.image_size, self.threads) == (train.batch_size, train.image_size, threads)
    }
}

impl ThroughputSamples {
    /// What was measured of a variant as it is trained: at its own batch and image size, in its own precision, and on all
    /// threads that were used. `None` where the measurement has no such cell.
    pub fn own(&self, variant: NativeVariant<'_>, mode: Mode) -> Option<&CellRecord> {
        let threads = self.cells.iter().map(|record| record.cell.threads).max()?;
        self.cells.iter().find(|CellRecord { cell, precision, .. }| {
            cell.variant == *variant.id
                && cell.mode == mode
                && *precision == variant.train.precision
                && cell.is_own(variant.train, threads)
        })
    }
}

impl Round {
    /// Of every sample, in its order.
    pub fn seconds_per_step(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.nanoseconds / 1e9 / sample.steps.max(1) as f64).collect()
    }
}

/// Seconds per step, by round.
pub fn seconds_per_step(rounds: &[Round]) -> Vec<Vec<f64>> {
    rounds.iter().map(Round::seconds_per_step).collect()
}
