//! Raw claims to resolved ones.
//!
//! What a test compares follows from which of its keys are given, so that is worked out here, and `check_claims` asks
//! for it too; what a variant's network cannot show is known only after merging and refused here.

use super::check::Problem;
use super::claim::{Bound, Claim, Test};
use super::error::{did_you_mean, list};
use super::experiment::{ModelSpec, Norm, Variant};
use super::location::KeyPath;
use super::metric::native::{self, Needs};
use super::metric::{Metric, Metrics};
use super::raw_claim::{RawClaim, RawTest};
use super::trainer::{Native, Trainer};

/// `at` is the place of the list; `confidence` is the experiment's.
pub(super) fn resolve_claims(
    raw: Vec<RawClaim>,
    variants: &[Variant],
    metrics: &Metrics,
    confidence: f64,
    at: &KeyPath,
) -> Result<Vec<Claim>, Problem> {
    let has_native = variants.iter().any(|variant| variant.native().is_some());
    let usual: &[Metric] = if has_native { &native::REPORTED } else { &[] };
    let resolve = |(i, raw): (usize, RawClaim)| {
        let at = at.index(i).key("test");
        let test = resolve_test(&raw.test, metrics, &at)?;
        refuse_unmeasurable(&test, variants, &at)?;
        Ok(Claim {
            id: raw.id,
            quote: raw.quote,
            says: raw.says,
            reported: raw.reported.resolved(usual),
            must: raw.must.map(Into::into),
            confidence: raw.test.confidence.unwrap_or(confidence),
            test,
        })
    };
    raw.into_iter().enumerate().map(resolve).collect()
}

/// `at` is the test's own place.
///
/// # Errors
/// When there is no such metric, or the keys given do not add up to one comparison with one bound.
pub(super) fn resolve_test(raw: &RawTest, metrics: &Metrics, at: &KeyPath) -> Result<Test, Problem> {
    let metric = metrics.named(raw.metric.as_str()).ok_or_else(|| unknown_metric(raw.metric.as_str(), metrics, at))?;
    let bound = only_bound(raw, at)?;
    match raw.trend {
        Some(direction) => {
            let given = [
                ("of", raw.of.is_some()),
                ("minus", raw.minus.is_some()),
                ("over", raw.over.is_some()),
                ("around", raw.around.is_some()),
            ];
            refuse_foreign(&given, "trend", at)?;
            let along = raw.along.clone();
            let help = "`along:`, the variants in the order in which the metric should change";
            Ok(Test::Trend { metric, along: along.ok_or_else(|| Problem::missing_key(at, "along", help))?, direction })
        }
        None => {
            refuse_foreign(&[("along", raw.along.is_some())], bound, at)?;
            let help = "`of:`, the variant whose metric is judged";
            let of = raw.of.clone().ok_or_else(|| Problem::missing_key(at, "of", help))?;
            let bound = resolve_bound(raw, bound, at)?;
            Ok(match (raw.minus.clone(), raw.over.clone()) {
                (None, None) => Test::Level { metric, of, bound },
                (Some(minus), None) => Test::Difference { metric, of, minus, bound },
                (None, Some(over)) => Test::Ratio { metric, of, over, bound },
                (Some(_), Some(_)) => {
                    let message = format!("`{at}` has both `minus` and `over`");
                    return Err(Problem::at_key(at.key("over"), message, "keep one: a difference or a ratio"));
                }
            })
        }
    }
}

fn unknown_metric(name: &str, metrics: &Metrics, at: &KeyPath) -> Problem {
    let at = at.key("metric");
    let known: Vec<&str> = metrics.all().map(Metric::name).collect();
    let help =
        did_you_mean(name, &known).unwrap_or_else(|| format!("it can be {}", list(&known).replace(" and ", " or ")));
    Problem::at_value(at.clone(), format!("`{at}` cannot be `{name}`"), help)
}

/// The name of the one bound that is given.
fn only_bound(raw: &RawTest, at: &KeyPath) -> Result<&'static str, Problem> {
    let bounds = [
        ("below", raw.below.is_some()),
        ("above", raw.above.is_some()),
        ("within", raw.within.is_some()),
        ("trend", raw.trend.is_some()),
    ];
    let mut given = bounds.into_iter().filter_map(|(name, given)| given.then_some(name));
    match (given.next(), given.next()) {
        (Some(only), None) => Ok(only),
        (Some(first), Some(second)) => {
            let message = format!("`{at}` has two bounds, `{first}` and `{second}`");
            Err(Problem::at_key(at.key(second), message, "keep one; what else the source says is a claim of its own"))
        }
        (None, _) => {
            let help = "add `below:`, `above:` or `within:` a number, or `trend:` and `along:` several variants";
            Err(Problem::at_key(at.clone(), format!("`{at}` does not say where the metric should lie"), help))
        }
    }
}

fn resolve_bound(raw: &RawTest, bound: &str, at: &KeyPath) -> Result<Bound, Problem> {
    if let Some(margin) = raw.within {
        let help = "`around:`, the figure that the metric should be close to";
        let centre = raw.around.or(raw.minus.is_some().then_some(0.0)).or(raw.over.is_some().then_some(1.0));
        let around = centre.ok_or_else(|| Problem::missing_key(at, "around", help))?;
        return Ok(Bound::Within { around, margin });
    }
    refuse_foreign(&[("around", raw.around.is_some())], bound, at)?;
    match (raw.below, raw.above) {
        (Some(value), _) => Ok(Bound::Below { value }),
        (None, Some(value)) => Ok(Bound::Above { value }),
        (None, None) => Err(Problem::missing_key(at, "below", "`below:`, `above:` or `within:`")),
    }
}

fn refuse_foreign(keys: &[(&str, bool)], bound: &str, at: &KeyPath) -> Result<(), Problem> {
    let Some((key, _)) = keys.iter().find(|(_, given)| *given) else { return Ok(()) };
    let message = format!("`{key}` does not go with `{bound}` in `{at}`");
    Err(Problem::at_key(at.key(key), message, format!("remove `{key}`, or change `{bound}`")))
}

fn refuse_unmeasurable(test: &Test, variants: &[Variant], at: &KeyPath) -> Result<(), Problem> {
    let metric = test.metric();
    for (place, id) in test.places(at) {
        let variant = variants.iter().find(|variant| variant.id == *id);
        let Some(variant) = variant else { continue };
        let missing = match &variant.trainer {
            Trainer::Native(Native { model, .. }) => lacking(metric, model),
            _ if metric.is_probed() => Some("network of ours to look into"),
            Trainer::Import { .. } if metric.is_cost() => Some("program that could be measured"),
            _ => None,
        };
        if let Some(missing) = missing {
            let message = format!("`{metric}` cannot be measured of variant `{id}`, which has no {missing}");
            return Err(Problem::at_value(place, message, format!("name a variant with {missing}, or another metric")));
        }
    }
    Ok(())
}

/// What a network would need for `metric` and does not have.
fn lacking(metric: Metric, model: &ModelSpec) -> Option<&'static str> {
    let Needs { batch_normalisation, dropout } = native::needs(metric);
    if metric.is_cost() {
        Some("program that could be measured")
    } else if batch_normalisation && !matches!(model.norm, Norm::Batch { .. }) {
        Some("batch normalisation")
    } else if dropout && model.dropout.is_none() {
        Some("dropout")
    } else {
        None
    }
}

impl Test {
    /// The variants the test names, each with the place of its name below `at`.
    pub(super) fn places(&self, at: &KeyPath) -> Vec<(KeyPath, &super::values::VariantId)> {
        match self {
            Self::Level { of, .. } => vec![(at.key("of"), of)],
            Self::Difference { of, minus, .. } => vec![(at.key("of"), of), (at.key("minus"), minus)],
            Self::Ratio { of, over, .. } => vec![(at.key("of"), of), (at.key("over"), over)],
            Self::Trend { along, .. } => {
                along.iter().enumerate().map(|(i, id)| (at.key("along").index(i), id)).collect()
            }
        }
    }
}
