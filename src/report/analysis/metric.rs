//! The four figures that a trial's last epoch gives and a source may report.

use serde::Serialize;

use crate::bundle::record::EpochMetrics;
use crate::config::Reported;
use crate::report::language::say;
use crate::report::text;
use crate::stats::Interval;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    ValAccuracy,
    ValLoss,
    TrainAccuracy,
    TrainLoss,
}

impl Metric {
    /// What matters most comes first.
    pub const ALL: [Self; 4] = [Self::ValAccuracy, Self::ValLoss, Self::TrainAccuracy, Self::TrainLoss];

    pub fn in_words(self) -> String {
        say!(match self {
            Self::ValAccuracy => "quantity-val-accuracy",
            Self::ValLoss => "quantity-val-loss",
            Self::TrainAccuracy => "quantity-train-accuracy",
            Self::TrainLoss => "quantity-train-loss",
        })
    }

    /// The finite figure of an epoch, if there is one.
    pub fn of(self, epoch: &EpochMetrics) -> Option<f64> {
        let value = match self {
            Self::ValAccuracy => Some(epoch.val_accuracy),
            Self::ValLoss => epoch.val_loss,
            Self::TrainAccuracy => Some(epoch.train_accuracy),
            Self::TrainLoss => epoch.train_loss,
        };
        value.filter(|value| value.is_finite())
    }

    pub fn reported(self, reported: &Reported) -> Option<f64> {
        match self {
            Self::ValAccuracy => reported.val_accuracy,
            Self::ValLoss => reported.val_loss,
            Self::TrainAccuracy => reported.train_accuracy,
            Self::TrainLoss => reported.train_loss,
        }
    }

    pub fn is_accuracy(self) -> bool {
        matches!(self, Self::ValAccuracy | Self::TrainAccuracy)
    }

    /// Where its values lie by definition.
    pub fn range(self) -> Interval {
        Interval { lower: 0.0, upper: if self.is_accuracy() { 1.0 } else { f64::INFINITY } }
    }

    /// A value of this metric for people.
    pub fn show(self, value: f64) -> String {
        if self.is_accuracy() { text::percent(value) } else { text::loss(value) }
    }

    /// A difference of two values of this metric for people.
    pub fn show_difference(self, difference: f64) -> String {
        if self.is_accuracy() { text::points(difference) } else { text::loss_difference(difference) }
    }
}
