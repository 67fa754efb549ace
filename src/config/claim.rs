//! Claims of the source, made executable: resolved types.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::experiment::Reported;
use super::values::{Slug, VariantId};

/// The name of a claim.
pub type ClaimId = Slug;

/// One sentence that is put to the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub id: ClaimId,
    /// The source's own words, where the claim is the source's.
    pub quote: Option<String>,
    /// The claim in a plain sentence.
    pub says: String,
    /// The source's figures for what the claim is about.
    pub reported: Reported,
    /// The verdict without which `retrial run --gate` fails.
    pub must: Option<Verdict>,
    /// Confidence of the interval the verdict rests on, in (0, 1).
    pub confidence: f64,
    pub test: Test,
}

/// What the data say about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies wholly inside what the claim says.
    Supported,
    /// The interval lies wholly outside.
    Refuted,
    /// The data leave it open.
    Inconclusive,
}

/// How a claim is tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Test {
    /// The mean over seeds of one variant's quantity, held against a bound.
    Level { metric: Quantity, of: VariantId, bound: Bound },
    /// The mean over shared seeds of `of` minus `minus`, held against a bound. For a quantity on a [`Scale::Log10`],
    /// logarithms are subtracted and the bound counts decades: 1 is a factor of ten.
    Difference { metric: Quantity, of: VariantId, minus: VariantId, bound: Bound },
    /// The quantity changes in one direction from each variant to the next; at least three variants.
    Trend { metric: Quantity, along: Vec<VariantId>, direction: Direction },
}

/// The region a claim says the quantity lies in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Bound {
    Below {
        value: f64,
    },
    Above {
        value: f64,
    },
    /// Within `margin` of `around` on either side: equivalence.
    Within {
        around: f64,
        margin: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Increasing,
    Decreasing,
}

/// What can be measured of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Fraction of the test images that the final network classifies correctly.
    ValAccuracy,
    /// Mean cross-entropy of the final network on the test images, in nats.
    ValLoss,
    /// Running mean over the last epoch, dropout on.
    TrainAccuracy,
    /// Running mean over the last epoch, dropout on, in nats.
    TrainLoss,
    /// Root mean square of the pooled features before training, as in training (batch statistics, dropout on).
    SignalInitial,
    /// The same after training.
    SignalFinal,
    /// Root mean square of the first convolution's weight gradient at the first step.
    GradientInitial,
    /// Variance entering batch normalisation behind depthwise convolutions with dropout on, over the same with dropout
    /// off; geometric mean over layers, after training.
    VarianceShiftDepthwise,
    /// The same behind pointwise convolutions.
    VarianceShiftPointwise,
    /// Validation accuracy after the running statistics were estimated anew with dropout off, minus that before.
    ReestimationGain,
    /// Share of the classifier's weight-gradient entries for a single image that are zero only because of the mask.
    MaskedUpdatesDense,
    /// The same share over convolution kernels that slide over more than one pixel.
    MaskedUpdatesConvolution,
}

/// How a quantity's values are averaged and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// As they are.
    Linear,
    /// By their logarithms to base 10, because they span orders of magnitude; means are geometric.
    Log10,
}

impl Test {
    pub fn metric(&self) -> Quantity {
        match self {
            Self::Level { metric, .. } | Self::Difference { metric, .. } | Self::Trend { metric, .. } => *metric,
        }
    }

    /// The variants it names, in the order in which it names them.
    pub fn variants(&self) -> Vec<&VariantId> {
        match self {
            Self::Level { of, .. } => vec![of],
            Self::Difference { of, minus, .. } => vec![of, minus],
            Self::Trend { along, .. } => along.iter().collect(),
        }
    }
}

impl Quantity {
    /// Its name in an experiment file.
    pub fn key(self) -> &'static str {
        match self {
            Self::ValAccuracy => "val_accuracy",
            Self::ValLoss => "val_loss",
            Self::TrainAccuracy => "train_accuracy",
            Self::TrainLoss => "train_loss",
            Self::SignalInitial => "signal_initial",
            Self::SignalFinal => "signal_final",
            Self::GradientInitial => "gradient_initial",
            Self::VarianceShiftDepthwise => "variance_shift_depthwise",
            Self::VarianceShiftPointwise => "variance_shift_pointwise",
            Self::ReestimationGain => "reestimation_gain",
            Self::MaskedUpdatesDense => "masked_updates_dense",
            Self::MaskedUpdatesConvolution => "masked_updates_convolution",
        }
    }

    /// Whether it is measured before training, so that a trial that diverges later has it.
    pub fn is_initial(self) -> bool {
        matches!(self, Self::SignalInitial | Self::GradientInitial)
    }

    pub fn scale(self) -> Scale {
        match self {
            Self::SignalInitial
            | Self::SignalFinal
            | Self::GradientInitial
            | Self::VarianceShiftDepthwise
            | Self::VarianceShiftPointwise => Scale::Log10,
            Self::ValAccuracy
            | Self::ValLoss
            | Self::TrainAccuracy
            | Self::TrainLoss
            | Self::ReestimationGain
            | Self::MaskedUpdatesDense
            | Self::MaskedUpdatesConvolution => Scale::Linear,
        }
    }

    /// Where its values lie by definition.
    pub fn levels(self) -> RangeInclusive<f64> {
        match self {
            Self::ValAccuracy | Self::TrainAccuracy | Self::MaskedUpdatesDense | Self::MaskedUpdatesConvolution => {
                0.0..=1.0
            }
            Self::ReestimationGain => -1.0..=1.0,
            Self::ValLoss
            | Self::TrainLoss
            | Self::SignalInitial
            | Self::SignalFinal
            | Self::GradientInitial
            | Self::VarianceShiftDepthwise
            | Self::VarianceShiftPointwise => 0.0..=f64::INFINITY,
        }
    }

    /// Where differences of two of its values lie: for a [`Scale::Log10`], differences of their logarithms.
    pub fn differences(self) -> RangeInclusive<f64> {
        let levels = self.levels();
        levels.start() - levels.end()..=levels.end() - levels.start()
    }
}
