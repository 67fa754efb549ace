//! What cannot be concluded, and why: said from the data, as plainly as the findings are.

use super::analysis::comparison::Shown;
use super::analysis::metric::Metric;
use super::analysis::{Analysis, Counts, Fate, VariantResult};
use super::text::{count, counted, list, plain, quoted, share};
use crate::bundle::evidence::Evidence;
use crate::config::{DataSource, DataSpec};

/// Below this many seeds the shape of the distribution over seeds cannot be seen, only assumed.
const FEW_SEEDS: usize = 10;

pub fn limits(evidence: &Evidence, analysis: &Analysis) -> Vec<String> {
    let mut limits: Vec<String> = analysis.variants.iter().flat_map(of_variant).collect();
    limits.extend(few_seeds(analysis));
    limits.extend(still_rising(analysis));
    limits.extend(many_comparisons(analysis));
    limits.extend(of_data(&evidence.experiment.data));
    if evidence.dataset.is_none() {
        limits.push(
            "There is no record of the images used, so no chance level is known and nothing is held against it.".into(),
        );
    }
    limits
}

fn of_variant(result: &VariantResult) -> Vec<String> {
    let (name, counts) = (quoted(&result.variant.label), result.counts);
    let mut limits = vec![];
    if counts.completed == 1 {
        limits.push(format!(
            "How far results of {name} vary between seeds: one trial completed, so its figures have no interval over seeds."
        ));
    }
    if counts.diverged > 0 && counts.completed > 0 {
        limits.push(format!(
            "What {name} reaches in general: its training diverged at {} of {}, and its final figures are those of the \
             others, which need not be typical.",
            counts.diverged,
            counted(counts.completed + counts.diverged, "seed"),
        ));
    }
    limits.extend(incomplete(&name, counts));
    limits.extend(not_finite(result, &name));
    if result.fate == Fate::Inconclusive {
        limits.push(format!("Whether {name} learns: its interval holds both chance and accuracies well above it."));
    }
    limits
}

/// Planned trials without a result. Diverged ones are named here only where nothing completed beside them.
fn incomplete(name: &str, counts: Counts) -> Option<String> {
    let nothing_completed = counts.completed == 0;
    let parts: Vec<_> = [
        (if nothing_completed { counts.diverged } else { 0 }, "diverged"),
        (counts.failed, "failed without a usable record"),
        (counts.missing, "not run"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if parts.is_empty() {
        return None;
    }
    let (planned, parts) = (counted(counts.planned, "planned-trial"), list(&parts));
    Some(if nothing_completed {
        format!("Anything about the final figures of {name}: of its {planned} none completed ({parts}).")
    } else {
        format!("What all trials of {name} together would show: of its {planned}, these have no result: {parts}.")
    })
}

fn not_finite(result: &VariantResult, name: &str) -> Vec<String> {
    let without = |metric| result.counts.completed - result.finals(metric).len();
    Metric::ALL
        .into_iter()
        .filter(|metric| without(*metric) > 0)
        .map(|metric| {
            format!(
                "The {} of {name} in full: it is not a finite number at {} of {} that completed, and the mean is that of \
                 the others.",
                metric.name(),
                without(metric),
                counted(result.counts.completed, "seed"),
            )
        })
        .collect()
}

fn few_seeds(analysis: &Analysis) -> Option<String> {
    let with_interval =
        analysis.variants.iter().map(|result| result.counts.completed).filter(|completed| *completed > 1);
    let fewest = with_interval.min()?;
    (fewest < FEW_SEEDS).then(|| {
        format!(
            "Whether the intervals hold exactly: with as few as {} they rest on results being normally distributed over \
             seeds, which cannot be checked.",
            counted(fewest, "seed"),
        )
    })
}

/// Variants whose mean validation accuracy is highest at the very end have not shown where they settle.
fn still_rising(analysis: &Analysis) -> Option<String> {
    let rising: Vec<_> = analysis
        .variants
        .iter()
        .filter(|result| result.fate == Fate::AboveChance && is_rising(result))
        .map(|result| quoted(&result.variant.label))
        .collect();
    (!rising.is_empty()).then(|| {
        format!(
            "Where longer training leads: the mean validation accuracy of {} is highest at the last epoch.",
            list(&rising)
        )
    })
}

fn is_rising(result: &VariantResult) -> bool {
    let curve = result.mean_curve(Metric::ValAccuracy);
    let Some(((_, last), earlier)) = curve.split_last() else { return false };
    !earlier.is_empty() && earlier.iter().all(|(_, estimate)| estimate.mean < last.mean)
}

fn many_comparisons(analysis: &Analysis) -> Option<String> {
    let with_interval = analysis
        .comparisons
        .iter()
        .filter(|pair| matches!(pair.shown(), Shown::Difference | Shown::NoDifference))
        .count();
    (with_interval > 1).then(|| {
        format!(
            "That every one of the {with_interval} differences between variants holds at once: each interval has {} \
             confidence by itself, without correction for their number.",
            share(analysis.experiment.confidence),
        )
    })
}

fn of_data(data: &DataSpec) -> Vec<String> {
    let mut limits = vec![];
    if let DataSource::Synthetic { .. } = data.source {
        limits.push(
            "Anything about photographs or about the source's own data: the images here are synthetic.".to_owned(),
        );
        return limits;
    }
    let parts: Vec<_> = [(data.per_class.train, "training"), (data.per_class.test, "test")]
        .into_iter()
        .filter_map(|(number, split)| Some(format!("{} {split} images per class", count(number?.into()))))
        .collect();
    if !parts.is_empty() {
        limits.push(format!("What the whole data set would give: only {} were used.", list(&parts)));
    }
    limits
}

/// The experiment's own list of departures from its source, as it stands there.
pub fn deviations(evidence: &Evidence) -> Vec<String> {
    evidence.experiment.deviations.iter().map(|deviation| plain(deviation)).collect()
}
