//! What an experiment file says about a claim, before defaults are filled in. The comments are also the schema's.

use schemars::JsonSchema;
use serde::Deserialize;

use super::claim::{ClaimId, Direction, Verdict};
use super::metric::MetricName;
use super::reported::Reported;
use super::shorthand::Shorthand;
use super::values::VariantId;

/// One sentence that is put to the test.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of claim settings")]
#[schemars(rename = "Claim")]
pub(super) struct RawClaim {
    /// Name of the claim.
    pub id: ClaimId,
    /// The source's own words, where the claim is the source's.
    pub quote: Option<String>,
    /// The claim in a plain sentence.
    pub says: String,
    /// Why the bound of its test is where it is, and not elsewhere.
    pub because: Option<String>,
    /// The source's own figures for what the claim is about.
    #[serde(default)]
    pub reported: Reported,
    /// The verdict without which a gated run fails. Default: none is asked for.
    pub must: Option<RequiredVerdict>,
    /// How the data decide: a metric of one variant, of one `minus` another, or `along` several, and where it should lie.
    pub test: RawTest,
}

/// The verdict that a claim must get.
// Not `Verdict`: data that leave a claim open are no result to insist on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RequiredVerdict {
    /// The interval must lie wholly inside what the claim says.
    Supported,
    /// The interval must lie wholly outside.
    Refuted,
}

/// What is compared, and exactly one of `below`, `above`, `within` and `trend`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping of test settings")]
#[schemars(rename = "Test")]
pub(super) struct RawTest {
    /// What is measured of each trial; `throughput` and `inference_throughput` are of a variant, round by round.
    pub metric: MetricName,
    /// At which point of each trial's curve it is read: `last`, `best`, or a mapping. Default `last`.
    pub at: Option<Shorthand<RawPoint, RawPlace>>,
    /// The variant whose mean over seeds is judged.
    pub of: Option<VariantId>,
    /// The variant that is subtracted from `of`, seed by seed. For metrics that span orders of magnitude (signals,
    /// gradients, variance shifts) logarithms to base 10 are subtracted, so that 1 is a factor of ten.
    pub minus: Option<VariantId>,
    /// The variant that `of` is divided by, seed by seed; bounds are then ratios: `below: 0.5` is "at most half".
    pub over: Option<VariantId>,
    /// At least three variants, in the order in which the metric should change (`trend` only, required there).
    #[schemars(length(min = 3, max = 256), extend("uniqueItems" = true))]
    pub along: Option<Vec<VariantId>>,
    /// The mean lies below this.
    pub below: Option<f64>,
    /// The mean lies above this.
    pub above: Option<f64>,
    /// The mean lies at most this far from `around`, on either side.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub within: Option<f64>,
    /// Centre of `within`. Default 0 with `minus`, 1 with `over`; required without.
    pub around: Option<f64>,
    /// The metric changes in this direction from each variant of `along` to the next.
    pub trend: Option<Direction>,
    /// Confidence of the interval that the verdict rests on. Default: the experiment's.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
    pub confidence: Option<f64>,
}

/// A point of a trial's curve that needs no more than a word.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "`last`, `best`, or a mapping such as `{epoch: 3}`")]
#[schemars(rename = "Point")]
pub(super) enum RawPoint {
    /// The last one, where the trial ended.
    Last,
    /// Where the metric itself was best, by its `better:`.
    Best,
}

/// A point of a trial's curve: exactly one of these. A trial that has no such point counts as one without the metric.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `best`, `epoch`, `step` or `mean_of_last`")]
#[schemars(rename = "Place", extend("minProperties" = 1, "maxProperties" = 1))]
pub(super) struct RawPlace {
    /// Where this metric was best, by its `better:`; the first such point.
    pub best: Option<MetricName>,
    /// After exactly this epoch; the first is 1.
    pub epoch: Option<u64>,
    /// At exactly this step, as the program counts them.
    pub step: Option<u64>,
    /// The mean over this many points up to the end, for a metric that one epoch's luck decides.
    pub mean_of_last: Option<u64>,
}

impl From<RequiredVerdict> for Verdict {
    fn from(required: RequiredVerdict) -> Self {
        match required {
            RequiredVerdict::Supported => Self::Supported,
            RequiredVerdict::Refuted => Self::Refuted,
        }
    }
}
