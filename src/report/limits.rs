//! What cannot be concluded, and why: said from the data, as plainly as the findings are.

use super::analysis::comparison::Shown;
use super::analysis::level::Level;
use super::analysis::{Analysis, Counts, Fate, VariantResult};
use super::language::say;
use super::metric::InWords as _;
use super::text::{count, counted, list, plain, quoted, share, unsigned_points};
use crate::bundle::evidence::Evidence;
use crate::config::{Better, DataSource, DataSpec, Metric, Trainer, Unit};
use crate::stats::{holm, welch_p_value};

/// Below this many seeds the shape of the distribution over seeds cannot be seen, only assumed.
const FEW_SEEDS: usize = 10;

/// How many changes from epoch to epoch count as late, and how large a change leaves the last epoch to luck.
const LATE_CHANGES: usize = 5;
const UNSTEADY: f64 = 0.02;

pub fn limits(evidence: &Evidence, analysis: &Analysis) -> Vec<String> {
    let mut limits: Vec<String> = analysis.variants.iter().flat_map(of_variant).collect();
    limits.extend(not_repeated(analysis));
    limits.extend(few_seeds(analysis));
    limits.extend(still_rising(analysis));
    limits.extend(unsteady(analysis));
    limits.extend(many_comparisons(analysis));
    limits.extend(several_engines(analysis));
    limits.extend(evidence.experiment.settle.as_ref().map(|_| say!("limit-looks")));
    let costs = evidence.experiment.claims.iter().any(|claim| claim.test.metric().is_cost());
    limits.extend(costs.then(|| say!("limit-side-by-side")));
    limits.extend(evidence.experiment.data.iter().flat_map(of_data));
    let across = evidence.dataset.as_ref().and_then(|images| images.duplicates).map_or(0, |found| found.across);
    if across > 0 {
        limits.push(say!("limit-leakage", n = across, number = count(across)));
    }
    if evidence.dataset.is_none() && evidence.experiment.data.is_some() {
        limits.push(say!("limit-no-record-of-images"));
    }
    limits
}

/// Trials that nobody ran a second time, or here at all.
fn not_repeated(analysis: &Analysis) -> Vec<String> {
    let names = |level: Level| -> Vec<String> {
        let variants = analysis.variants.iter().filter(|result| Level::of(result) == Some(level));
        variants.map(|result| quoted(&result.variant.label)).collect()
    };
    let said = [(Level::Once, "limit-run-once"), (Level::Reported, "limit-reported")];
    let sentence = |(level, message): (Level, &str)| {
        let names = names(level);
        (!names.is_empty()).then(|| say!(message, name = list(&names)))
    };
    said.into_iter().filter_map(sentence).collect()
}

fn of_variant(result: &VariantResult) -> Vec<String> {
    let (name, counts) = (quoted(&result.variant.label), result.counts);
    let mut limits = vec![];
    if counts.completed == 1 {
        limits.push(say!("limit-one-trial", name = name.as_str()));
    }
    if counts.diverged > 0 && counts.completed > 0 {
        limits.push(say!(
            "limit-diverged",
            name = name.as_str(),
            diverged = counts.diverged.to_string(),
            seeds = counted(counts.completed + counts.diverged, "seed"),
        ));
    }
    limits.extend(incomplete(&name, counts));
    if let Trainer::Command { command, .. } = &result.variant.trainer
        && counts.completed > 1
        && !command.asks_for_seed()
    {
        limits.push(say!("limit-no-seed", name = name.as_str()));
    }
    limits.extend(match Level::of(result) {
        Some(Level::Repeated { runs, difference }) if difference > 0.0 => {
            let level = Level::Repeated { runs, difference }.in_words();
            Some(say!("limit-does-not-repeat", name = name.as_str(), level = level))
        }
        Some(Level::Repeated { .. } | Level::Once | Level::Reported) | None => None,
    });
    limits.extend(not_finite(result, &name));
    if result.fate == Fate::Inconclusive {
        limits.push(say!("limit-inconclusive", name = name));
    }
    limits
}

/// Planned trials without a result. Diverged ones are named here only where nothing completed beside them.
fn incomplete(name: &str, counts: Counts) -> Option<String> {
    let nothing_completed = counts.completed == 0;
    let parts: Vec<_> = [
        (if nothing_completed { counts.diverged } else { 0 }, "limit-part-diverged"),
        (counts.failed, "limit-part-failed"),
        (counts.missing, "limit-part-not-run"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| say!(what, number = number.to_string()))
    .collect();
    if parts.is_empty() {
        return None;
    }
    let (planned, parts) = (counted(counts.planned, "planned-trial"), list(&parts));
    let id = if nothing_completed { "limit-none-completed" } else { "limit-some-without-result" };
    Some(say!(id, name = name, planned = planned, parts = parts))
}

fn not_finite(result: &VariantResult, name: &str) -> Vec<String> {
    let without = |metric: Metric| result.counts.completed - result.finals(metric).len();
    result
        .metrics
        .series()
        .filter(|metric| !metric.is_cost() && without(*metric) > 0)
        .map(|metric| {
            say!(
                "limit-not-finite",
                quantity = metric.in_words(),
                name = name,
                without = without(metric).to_string(),
                seeds = counted(result.counts.completed, "seed"),
            )
        })
        .collect()
}

fn few_seeds(analysis: &Analysis) -> Option<String> {
    let with_interval =
        analysis.variants.iter().map(|result| result.counts.completed).filter(|completed| *completed > 1);
    let fewest = with_interval.min()?;
    (fewest < FEW_SEEDS).then(|| say!("limit-few-seeds", seeds = counted(fewest, "seed")))
}

/// Variants whose mean figure is at its best at the very end have not shown where they settle.
fn still_rising(analysis: &Analysis) -> Option<String> {
    let rising: Vec<_> = analysis
        .variants
        .iter()
        .filter(|result| result.fate == Fate::AboveChance && is_rising(result))
        .map(|result| quoted(&result.variant.label))
        .collect();
    let quantity = analysis.primary.in_words();
    let best = if analysis.primary.better() == Some(Better::Lower) { say!("best-lower") } else { say!("best-higher") };
    (!rising.is_empty()).then(|| say!("limit-still-rising", quantity = quantity, names = list(&rising), best = best))
}

fn is_rising(result: &VariantResult) -> bool {
    let curve = result.mean_curve(result.metrics.primary());
    let Some(((_, last), earlier)) = curve.split_last() else { return false };
    let is_better = |earlier: f64| match result.metrics.primary().better() {
        Some(Better::Higher) => earlier < last.mean,
        Some(Better::Lower) => earlier > last.mean,
        None => false,
    };
    !earlier.is_empty() && earlier.iter().all(|(_, estimate)| is_better(estimate.mean))
}

/// Variants whose mean figure still moves so much that the last epoch is a matter of luck.
fn unsteady(analysis: &Analysis) -> Option<String> {
    // How far is far is known of shares alone.
    if analysis.primary.unit() != Unit::Fraction {
        return None;
    }
    let moves: Vec<(String, f64)> = analysis
        .variants
        .iter()
        .filter(|result| result.fate == Fate::AboveChance)
        .filter_map(|result| Some((quoted(&result.variant.label), largest_late_change(result)?)))
        .filter(|(_, change)| *change >= UNSTEADY)
        .collect();
    let largest = moves.iter().map(|(_, change)| *change).reduce(f64::max)?;
    let names: Vec<_> = moves.into_iter().map(|(name, _)| name).collect();
    let epochs = counted(LATE_CHANGES, "epoch");
    Some(say!(
        "limit-unsteady",
        quantity = analysis.primary.in_words(),
        names = list(&names),
        change = unsigned_points(largest),
        epochs = epochs,
    ))
}

/// The largest change of the mean figure from one epoch to the next near the end.
fn largest_late_change(result: &VariantResult) -> Option<f64> {
    let curve = result.mean_curve(result.metrics.primary());
    let changes = curve.windows(2).map(|pair| (pair[1].1.mean - pair[0].1.mean).abs());
    changes.rev().take(LATE_CHANGES).reduce(f64::max)
}

fn many_comparisons(analysis: &Analysis) -> Option<String> {
    let with_interval = analysis
        .comparisons
        .iter()
        .filter(|pair| matches!(pair.shown(), Shown::Difference | Shown::NoDifference))
        .count();
    (with_interval > 1).then(|| {
        say!(
            "limit-many-comparisons",
            number = with_interval.to_string(),
            confidence = share(analysis.experiment.confidence),
        )
    })
}

/// Parts of one run, or bundles collected into one, may have been computed on different engines. Whether that shows is
/// tested for each variant that has trials on several, corrected for their number.
fn several_engines(analysis: &Analysis) -> Vec<String> {
    let engines: Vec<_> = analysis.engines().into_iter().map(quoted).collect();
    if engines.len() < 2 {
        return Vec::new();
    }
    let mixed: Vec<(String, Option<f64>)> = analysis
        .variants
        .iter()
        .filter(|result| result.engines().len() > 1)
        .map(|result| (quoted(&result.variant.label), engines_differ(result, analysis.primary)))
        .collect();
    let tested: Vec<(&str, f64)> = mixed.iter().filter_map(|(name, p)| Some((name.as_str(), (*p)?))).collect();
    let corrected = holm(&tested.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    let level = 1.0 - analysis.experiment.confidence;
    let (apart, alike): (Vec<_>, Vec<_>) = tested.iter().zip(corrected).partition(|(_, p)| *p < level);
    let names = |found: &[(&(&str, f64), f64)]| {
        list(&found.iter().map(|((name, _), _)| (*name).to_owned()).collect::<Vec<_>>())
    };
    let untested: Vec<String> = mixed.iter().filter(|(_, p)| p.is_none()).map(|(name, _)| name.clone()).collect();
    let figure = analysis.primary.in_words();
    let mut limits = vec![say!("limit-several-engines", engines = list(&engines))];
    if !apart.is_empty() {
        limits.push(say!("limit-engines-apart", names = names(&apart), figure = figure.as_str()));
    }
    if !alike.is_empty() {
        limits.push(say!("limit-engines-not-apart", names = names(&alike), figure = figure.as_str()));
    }
    if !untested.is_empty() {
        limits.push(say!("limit-engines-untested", names = list(&untested)));
    }
    limits
}

/// The smallest p-value, corrected, of Welch's test between any two engines' final figures of one variant; `None` where no
/// two engines have two trials each that differ at all.
fn engines_differ(result: &VariantResult, metric: Metric) -> Option<f64> {
    let finals = result.finals(metric);
    let of = |engine: &str| -> Vec<f64> {
        let trials = result.trials.iter().filter(|trial| trial.engine() == Some(engine));
        trials.filter_map(|trial| finals.get(&trial.seed).copied()).collect()
    };
    let samples: Vec<Vec<f64>> = result.engines().into_iter().map(of).collect();
    let pairs =
        samples.iter().enumerate().flat_map(|(at, one)| samples[at + 1..].iter().map(move |other| (one, other)));
    let p_values: Vec<f64> = pairs.filter_map(|(one, other)| welch_p_value(one, other)).collect();
    holm(&p_values).into_iter().reduce(f64::min)
}

fn of_data(data: &DataSpec) -> Vec<String> {
    let mut limits = vec![];
    if let DataSource::Synthetic { .. } = data.source {
        limits.push(say!("limit-synthetic"));
        return limits;
    }
    let parts: Vec<_> = [(data.per_class.train, "limit-training-images"), (data.per_class.test, "limit-test-images")]
        .into_iter()
        .filter_map(|(number, split)| Some(say!(split, n = number?, number = count(number?.into()))))
        .collect();
    if !parts.is_empty() {
        limits.push(say!("limit-part-of-data", parts = list(&parts)));
    }
    limits
}

/// The experiment's own list of departures from its source, as it stands there.
pub fn deviations(evidence: &Evidence) -> Vec<String> {
    evidence.experiment.deviations.iter().map(|deviation| plain(deviation)).collect()
}
