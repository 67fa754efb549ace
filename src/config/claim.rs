//! Claims of the source, made executable: resolved types.

use serde::{Deserialize, Serialize};

use super::metric::Metric;
use super::reported::Reported;
use super::values::{Slug, VariantId};

/// The name of a claim.
pub type ClaimId = Slug;

/// One sentence that is put to the test. `M` is the metric, or in a record, which knows no more, its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim<M = Metric> {
    pub id: ClaimId,
    /// The source's own words, where the claim is the source's.
    pub quote: Option<String>,
    /// The claim in a plain sentence.
    pub says: String,
    /// Why the bound is where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The source's figures for what the claim is about.
    pub reported: Reported,
    /// The verdict without which `retrial run --gate` fails.
    pub must: Option<Verdict>,
    /// Confidence of the interval the verdict rests on, in (0, 1).
    pub confidence: f64,
    /// A record of before there was this choice has none, and neither has one of the last point.
    #[serde(default = "At::last", skip_serializing_if = "At::is_last", with = "serde_yaml::with::singleton_map")]
    pub at: At<M>,
    pub test: Test<M>,
}

/// At which point of each trial's curve a claim's metric is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum At<M = Metric> {
    /// Where the trial ended.
    Last,
    /// The mean over so many points up to the end.
    MeanOfLast(u64),
    /// Where this metric was best, by its own direction: the claim's own, or another one.
    Best(M),
    /// After this epoch.
    Epoch(u64),
    /// At this step, as the program counts them.
    Step(u64),
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
pub enum Test<M = Metric> {
    /// The mean over seeds of one variant's quantity, held against a bound.
    Level { metric: M, of: VariantId, bound: Bound },
    /// The mean over shared seeds of `of` minus `minus`, held against a bound. For a quantity on a
    /// [`Scale::Log10`](super::Scale::Log10),
    /// logarithms are subtracted and the bound counts decades: 1 is a factor of ten.
    Difference { metric: M, of: VariantId, minus: VariantId, bound: Bound },
    /// The geometric mean over shared seeds of `of` divided by `over`, held against a bound that is a ratio itself.
    Ratio { metric: M, of: VariantId, over: VariantId, bound: Bound },
    /// The quantity changes in one direction from each variant to the next; at least three variants.
    Trend { metric: M, along: Vec<VariantId>, direction: Direction },
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

impl<M: Copy> Test<M> {
    pub fn metric(&self) -> M {
        match self {
            Self::Level { metric, .. }
            | Self::Difference { metric, .. }
            | Self::Ratio { metric, .. }
            | Self::Trend { metric, .. } => *metric,
        }
    }
}

impl<M> At<M> {
    pub fn last() -> Self {
        Self::Last
    }

    pub fn is_last(&self) -> bool {
        matches!(self, Self::Last)
    }

    fn try_map<N, E>(self, find: impl Fn(M) -> Result<N, E>) -> Result<At<N>, E> {
        Ok(match self {
            Self::Last => At::Last,
            Self::Best(by) => At::Best(find(by)?),
            Self::MeanOfLast(points) => At::MeanOfLast(points),
            Self::Epoch(epoch) => At::Epoch(epoch),
            Self::Step(step) => At::Step(step),
        })
    }
}

impl Claim {
    /// What a trial has to leave a figure of: the claim's metric, and the one that its point is chosen by.
    pub fn metrics(&self) -> impl Iterator<Item = Metric> {
        let by = match self.at {
            At::Best(by) => Some(by),
            At::Last | At::MeanOfLast(_) | At::Epoch(_) | At::Step(_) => None,
        };
        std::iter::once(self.test.metric()).chain(by)
    }
}

impl<M> Claim<M> {
    /// The same claim about what `find` makes of its metric.
    ///
    /// # Errors
    /// That of `find`.
    pub fn try_map<N, E>(self, find: impl Fn(M) -> Result<N, E>) -> Result<Claim<N>, E> {
        let Self { id, quote, says, because, reported, must, confidence, at, test } = self;
        let (at, test) = (at.try_map(&find)?, test.try_map(&find)?);
        Ok(Claim { id, quote, says, because, reported, must, confidence, at, test })
    }
}

impl<M> Test<M> {
    fn try_map<N, E>(self, find: impl Fn(M) -> Result<N, E>) -> Result<Test<N>, E> {
        Ok(match self {
            Self::Level { metric, of, bound } => Test::Level { metric: find(metric)?, of, bound },
            Self::Difference { metric, of, minus, bound } => {
                Test::Difference { metric: find(metric)?, of, minus, bound }
            }
            Self::Ratio { metric, of, over, bound } => Test::Ratio { metric: find(metric)?, of, over, bound },
            Self::Trend { metric, along, direction } => Test::Trend { metric: find(metric)?, along, direction },
        })
    }

    /// The variants it names, in the order in which it names them.
    pub fn variants(&self) -> Vec<&VariantId> {
        match self {
            Self::Level { of, .. } => vec![of],
            Self::Difference { of, minus, .. } => vec![of, minus],
            Self::Ratio { of, over, .. } => vec![of, over],
            Self::Trend { along, .. } => along.iter().collect(),
        }
    }
}
