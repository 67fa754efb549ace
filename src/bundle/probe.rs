//! `probes.json` of a trial: what was measured inside its network, before and after training.
//!
//! Layers are named as the network's graph names them, in the order of the forward pass; those of MobileNetV2: `stem`,
//! `block 1 depthwise`, `block 1 project`, `block 2 expand`, …, `head`, `features` (pooled), `logits`. A figure that is not
//! finite is `null` and read back as `None`.

use serde::{Deserialize, Serialize};

/// All probes of one trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeRecord {
    pub schema: u32,
    /// Training images that a probe looks at, the first of the trial's first epoch.
    pub images: u32,
    /// Before the first step.
    pub initial: Signal,
    /// After the last step; `None` where the trial diverged.
    pub trained: Option<Signal>,
    /// Root mean square of every weight's gradient at the first step, by kernel.
    pub gradient: Vec<LayerFigure>,
    /// One for each batch normalisation of a network that also has dropout, after training; else empty.
    pub variance_shift: Vec<VarianceShift>,
    /// `None` without batch normalisation, or where the trial diverged.
    pub reestimation: Option<Reestimation>,
    /// One for each kernel of a network with dropout, else empty.
    pub masked_updates: Vec<MaskedUpdates>,
}

/// Root mean square of every layer's output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Batch statistics, dropout on.
    pub training: Vec<LayerFigure>,
    /// Running statistics, dropout off.
    pub evaluation: Vec<LayerFigure>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerFigure {
    pub layer: String,
    pub value: Option<f64>,
}

/// Variance entering a batch normalisation, averaged over its channels (Li et al. 2019).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VarianceShift {
    pub layer: String,
    pub convolution: Convolution,
    pub dropout_on: Option<f64>,
    pub dropout_off: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convolution {
    /// The dense convolution of the image.
    Image,
    /// A dense or grouped convolution further on.
    Spatial,
    Depthwise,
    Pointwise,
    /// Fully connected, as the classifier is: no convolution, but a weight that a mask can silence.
    Dense,
}

/// Validation accuracy with running statistics as trained, and with statistics estimated anew with dropout off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reestimation {
    /// Training images the new statistics are from.
    pub images: u64,
    pub before: f64,
    pub after: f64,
}

/// Entries of a weight's gradient that dropout silences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskedUpdates {
    pub layer: String,
    pub convolution: Convolution,
    /// Pixels of the map that the kernel slides over.
    pub pixels: u64,
    /// Gradients of one image's loss: entries that are not zero without a mask, summed over the images.
    pub entries: u64,
    /// Those of them that the mask makes exactly zero.
    pub silenced: u64,
}

impl MaskedUpdates {
    /// Whether it is of a dense layer, or else of a kernel that slides over more than one pixel: one that sees a single pixel
    /// is a dense layer in all but name.
    pub fn is_of(&self, dense: bool) -> bool {
        match self.convolution {
            Convolution::Dense => dense,
            Convolution::Image | Convolution::Spatial | Convolution::Depthwise | Convolution::Pointwise => {
                !dense && self.pixels > 1
            }
        }
    }
}
