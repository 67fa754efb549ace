//! Tests, verdicts, reasons and the trials behind them, in words.

use super::quantity::{Reading, name};
use crate::claims::{Reason, Registration, Sample};
use crate::config::{Bound, Claim, Direction, Experiment, Test, VariantId, Verdict};
use crate::report::text::{capitalised, counted, list, quoted};

pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Refuted => "refuted",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// Tells verdicts apart without colour.
pub fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "✓",
        Verdict::Refuted => "✗",
        Verdict::Inconclusive => "?",
    }
}

pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoValues => "no trial has this figure",
        Reason::OneSeed => "a single seed has no interval",
        Reason::Diverged => {
            "some trials diverged without such a figure, and leaving them out would flatter the variant"
        }
        Reason::IntervalCrossesBound => "the interval reaches over the bound",
    }
}

pub fn registration(registration: Registration) -> &'static str {
    match registration {
        Registration::Before => "written down before the first trial",
        Registration::Changed => "changed when results existed",
        Registration::Added => "added when results existed",
        Registration::Unknown => "no record of when it was written down",
    }
}

/// What is held against what, in one sentence, with its unit explained where few know it.
pub fn test(claim: &Claim, experiment: &Experiment) -> String {
    let unit = if Reading::of(&claim.test).is_in_decades() { " One decade is a factor of ten." } else { "" };
    format!("{}{unit}", comparison(claim, experiment))
}

fn comparison(claim: &Claim, experiment: &Experiment) -> String {
    let reading = Reading::of(&claim.test);
    let what = name(reading.quantity);
    let label = |id: &VariantId| label(id, experiment);
    match &claim.test {
        Test::Level { of, bound, .. } => {
            format!("The mean {what} of {} over seeds {}.", label(of), bounded(bound, reading))
        }
        Test::Difference { of, minus, bound, .. } => format!(
            "{} of {} minus that of {}, in the mean over shared seeds, {}.",
            capitalised(what),
            label(of),
            label(minus),
            bounded(bound, reading),
        ),
        Test::Trend { along, direction, .. } => {
            let direction = match direction {
                Direction::Increasing => "rises",
                Direction::Decreasing => "falls",
            };
            let names: Vec<_> = along.iter().map(label).collect();
            format!("{} {direction} with every step along {}.", capitalised(what), list(&names))
        }
    }
}

fn bounded(bound: &Bound, reading: Reading) -> String {
    match *bound {
        Bound::Below { value } => format!("is below {}", reading.show(value)),
        Bound::Above { value } => format!("is above {}", reading.show(value)),
        Bound::Within { around, margin } => {
            format!("lies within {} of {} on either side", reading.margin(margin), reading.show(around))
        }
    }
}

/// A variant as people call it; its id where the experiment has no such variant.
pub fn label(id: &VariantId, experiment: &Experiment) -> String {
    let variant = experiment.variants.iter().find(|variant| variant.id == *id);
    quoted(variant.map_or(id.as_str(), |variant| &variant.label))
}

/// `3 of 3 seeds`, and every trial that is not simply counted.
pub fn seeds(sample: &Sample) -> String {
    format!("{} of {}", sample.seeds, counted(sample.planned, "seed"))
}

/// The trials that did not simply complete, each with what became of it.
pub fn exceptions(sample: &Sample) -> Vec<String> {
    [
        (sample.diverged_as_chance, "diverged, counted as guessing"),
        (sample.diverged, "diverged, without such a figure"),
        (sample.failed, "failed"),
        (sample.missing, "missing"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect()
}
