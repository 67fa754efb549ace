//! Raw claims to resolved ones.
//!
//! What a test compares follows from which of its keys are given, so that is worked out here, and `check_claims` asks
//! for it too; what a variant's network cannot show is known only after merging and refused here.

use super::check::Problem;
use super::claim::{At, Bound, Claim, Test};
use super::error::{did_you_mean, list};
use super::experiment::{ModelSpec, Norm, Variant};
use super::location::KeyPath;
use super::metric::native::{self, Needs};
use super::metric::{Metric, Metrics};
use super::raw_claim::{RawClaim, RawPlace, RawPoint, RawTest};
use super::shorthand::Shorthand;
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
        let point = resolve_at(&raw.test, test.metric(), metrics, &at)?;
        refuse_unreachable(&point, &test, variants, &at)?;
        Ok(Claim {
            id: raw.id,
            quote: raw.quote,
            because: raw.because,
            says: raw.says,
            reported: raw.reported.resolved(usual),
            must: raw.must.map(Into::into),
            confidence: raw.test.confidence.unwrap_or(confidence),
            at: point,
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
    let metric = known_metric(raw.metric.as_str(), metrics, &at.key("metric"))?;
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

/// At which point of a trial's curve `metric` is read; `at` is the test's own place.
///
/// # Errors
/// When the metric has no curve, what says where it is best has no direction, or there is not exactly one such place.
pub(super) fn resolve_at(raw: &RawTest, metric: Metric, metrics: &Metrics, at: &KeyPath) -> Result<At, Problem> {
    let at = at.key("at");
    let point = match &raw.at {
        None | Some(Shorthand::Short(RawPoint::Last)) => return Ok(At::Last),
        Some(Shorthand::Short(RawPoint::Best)) => best_of(metric, &at)?,
        Some(Shorthand::Full(place)) => resolve_place(place, metrics, &at)?,
    };
    if !metric.is_series() {
        let message = format!("`{metric}` has no curve, so there is no choice of a point to read it at");
        return Err(Problem::at_key(at, message, "remove `at`, or name a metric that has a curve"));
    }
    Ok(point)
}

fn resolve_place(place: &RawPlace, metrics: &Metrics, at: &KeyPath) -> Result<At, Problem> {
    match (&place.best, place.epoch, place.step, place.mean_of_last) {
        (Some(by), None, None, None) => {
            let at = at.key("best");
            best_of(known_metric(by.as_str(), metrics, &at)?, &at)
        }
        (None, Some(epoch), None, None) => Ok(At::Epoch(epoch)),
        (None, None, Some(step), None) => Ok(At::Step(step)),
        (None, None, None, Some(points @ 1..)) => Ok(At::MeanOfLast(points)),
        (None, None, None, Some(0)) => {
            let at = at.key("mean_of_last");
            Err(Problem::at_value(at, "there is no mean of 0 points", "give a number of points from 1"))
        }
        _ => {
            let message = format!("`{at}` does not name exactly one point");
            let help = "give one of `best:` a metric, `epoch:`, `step:` and `mean_of_last:` a number";
            Err(Problem::at_key(at.clone(), message, help))
        }
    }
}

/// `at` is the place that asks for the best of `by`.
fn best_of(by: Metric, at: &KeyPath) -> Result<At, Problem> {
    if !by.is_series() {
        let message = format!("`{by}` has no curve, so there is no point at which it was best");
        return Err(Problem::at_value(at.clone(), message, "name a metric that has a curve"));
    }
    if by.better().is_none() {
        let message = format!("`{at}` asks where `{by}` was best, and nothing says whether higher or lower is better");
        let help = format!("add `better: higher` or `better: lower` to `metrics.{by}`");
        return Err(Problem::at_value(at.clone(), message, help));
    }
    Ok(At::Best(by))
}

/// What a network of ours never comes to: its curve has a point after each of its epochs, and no others.
fn refuse_unreachable(point: &At, test: &Test, variants: &[Variant], at: &KeyPath) -> Result<(), Problem> {
    let named = |variant: &&Variant| test.variants().contains(&&variant.id);
    for variant in variants.iter().filter(named) {
        let Trainer::Native(Native { train, .. }) = &variant.trainer else { continue };
        let (id, epochs) = (&variant.id, train.epochs);
        let (key, message) = match *point {
            At::Step(_) => ("step", format!("variant `{id}` is measured after each epoch, and not after single steps")),
            At::Epoch(0) => ("epoch", "there is no epoch 0: they are counted from 1".to_owned()),
            At::Epoch(epoch) if epoch > u64::from(epochs) => {
                ("epoch", format!("variant `{id}` is not trained for {epoch} epochs, but for {epochs}"))
            }
            At::MeanOfLast(points) if points > u64::from(epochs) => {
                ("mean_of_last", format!("variant `{id}` is trained for {epochs} epochs, and has no more points"))
            }
            At::Last | At::MeanOfLast(_) | At::Best(_) | At::Epoch(_) => continue,
        };
        let counted = if key == "step" { "epoch" } else { key };
        let help = format!("use `{counted}:` with a number from 1 to {epochs}");
        return Err(Problem::at_value(at.key("at").key(key), message, help));
    }
    Ok(())
}

/// `at` is the place of the name.
fn known_metric(name: &str, metrics: &Metrics, at: &KeyPath) -> Result<Metric, Problem> {
    metrics.named(name).ok_or_else(|| {
        let known: Vec<&str> = metrics.all().map(Metric::name).collect();
        let help = did_you_mean(name, &known)
            .unwrap_or_else(|| format!("it can be {}", list(&known).replace(" and ", " or ")));
        Problem::at_value(at.clone(), format!("`{at}` cannot be `{name}`"), help)
    })
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

pub(super) fn refuse_unmeasurable(test: &Test, variants: &[Variant], at: &KeyPath) -> Result<(), Problem> {
    let metric = test.metric();
    for (place, id) in test.places(at) {
        let variant = variants.iter().find(|variant| variant.id == *id);
        let Some(variant) = variant else { continue };
        let missing = match &variant.trainer {
            Trainer::Native(Native { model, .. }) => lacking(metric, model),
            _ if metric.is_probed() => Some("network of ours to look into"),
            _ if metric.is_of_rounds() => Some("network of ours to time"),
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
