//! The native trainer's own declaration: what it measures of a trial. Nothing but the trainer itself asks for one of
//! these by name.

use super::{Better, Kind, Metric, Role, Spec, Unit};

/// A series, of which the last epoch's value counts.
const fn series(name: &'static str, unit: Unit, better: Better, most: f64, role: Role) -> Spec {
    Spec { name, label: None, unit, better: Some(better), chance: None, least: 0.0, most, kind: Kind::Series, role }
}

/// A figure from inside the network.
const fn probed(name: &'static str, unit: Unit, least: f64, most: f64, kind: Kind) -> Spec {
    Spec { name, label: None, unit, better: None, chance: None, least, most, kind, role: Role::None }
}

/// Images a second.
const fn speed(name: &'static str) -> Spec {
    Spec {
        name,
        label: None,
        unit: Unit::Symbol("images/s"),
        better: Some(Better::Higher),
        chance: None,
        least: 0.0,
        most: f64::INFINITY,
        kind: Kind::Speed,
        role: Role::None,
    }
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident = $spec:expr;)*) => {
        $($(#[$doc])* pub const $name: Metric = { static SPEC: Spec = $spec; Metric(&SPEC) };)*
        /// All of them; what matters most comes first.
        pub const ALL: &[Metric] = &[$($name),*];
    };
}

declare! {
    /// Fraction of the test images that the final network classifies correctly.
    VAL_ACCURACY = series("val_accuracy", Unit::Fraction, Better::Higher, 1.0, Role::TestAccuracy);
    /// Mean cross-entropy of the final network on the test images, in nats.
    VAL_LOSS = series("val_loss", Unit::Nats, Better::Lower, f64::INFINITY, Role::TestLoss);
    /// Running mean over the last epoch, dropout on.
    TRAIN_ACCURACY = series("train_accuracy", Unit::Fraction, Better::Higher, 1.0, Role::TrainingAccuracy);
    /// Running mean over the last epoch, dropout on, in nats.
    TRAIN_LOSS = series("train_loss", Unit::Nats, Better::Lower, f64::INFINITY, Role::TrainingLoss);
    /// Root mean square of the pooled features before training, as in training (batch statistics, dropout on).
    SIGNAL_INITIAL = probed("signal_initial", Unit::Magnitude, 0.0, f64::INFINITY, Kind::Before);
    /// The same after training.
    SIGNAL_FINAL = probed("signal_final", Unit::Magnitude, 0.0, f64::INFINITY, Kind::After);
    /// Root mean square of the first convolution's weight gradient at the first step.
    GRADIENT_INITIAL = probed("gradient_initial", Unit::Magnitude, 0.0, f64::INFINITY, Kind::Before);
    /// Variance entering batch normalisation behind depthwise convolutions with dropout on, over the same with dropout
    /// off; geometric mean over layers, after training.
    VARIANCE_SHIFT_DEPTHWISE = probed("variance_shift_depthwise", Unit::Magnitude, 0.0, f64::INFINITY, Kind::After);
    /// The same behind pointwise convolutions.
    VARIANCE_SHIFT_POINTWISE = probed("variance_shift_pointwise", Unit::Magnitude, 0.0, f64::INFINITY, Kind::After);
    /// Validation accuracy after the running statistics were estimated anew with dropout off, minus that before.
    REESTIMATION_GAIN = probed("reestimation_gain", Unit::Points, -1.0, 1.0, Kind::After);
    /// Share of the classifier's weight-gradient entries for a single image that are zero only because of the mask.
    MASKED_UPDATES_DENSE = probed("masked_updates_dense", Unit::Fraction, 0.0, 1.0, Kind::After);
    /// The same share over convolution kernels that slide over more than one pixel.
    MASKED_UPDATES_CONVOLUTION = probed("masked_updates_convolution", Unit::Fraction, 0.0, 1.0, Kind::After);
    /// Training images a second at the variant's own batch and image size, round by round.
    THROUGHPUT = speed("throughput");
    /// The same of inference.
    INFERENCE_THROUGHPUT = speed("inference_throughput");
}

/// What sources report of a network, in the order in which records list it.
pub const REPORTED: [Metric; 4] = [TRAIN_LOSS, TRAIN_ACCURACY, VAL_LOSS, VAL_ACCURACY];

/// Of the last step of each epoch, beside the series that are declared.
pub const LEARNING_RATE: &str = "learning_rate";

/// What a network must have for a metric to be measured of it.
pub struct Needs {
    pub batch_normalisation: bool,
    pub dropout: bool,
}

pub fn needs(metric: Metric) -> Needs {
    // The variance shifts when dropout is turned off, so it takes both.
    let shifts = [VARIANCE_SHIFT_DEPTHWISE, VARIANCE_SHIFT_POINTWISE].contains(&metric);
    let masked = [MASKED_UPDATES_DENSE, MASKED_UPDATES_CONVOLUTION].contains(&metric);
    Needs { batch_normalisation: shifts || metric == REESTIMATION_GAIN, dropout: shifts || masked }
}
