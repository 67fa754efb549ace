//! Tests, verdicts, reasons and the trials behind them, in words.

use super::reading::Reading;
use crate::claims::{Counted, Reason, Registration, Sample};
use crate::config::{At, Bound, Claim, Direction, Experiment, Test, VariantId, Verdict};
use crate::report::language::say;
use crate::report::metric::InWords as _;
use crate::report::text::{capitalised, counted, list, paragraph, quoted};

pub fn verdict(verdict: Verdict) -> String {
    say!(match verdict {
        Verdict::Supported => "verdict-supported",
        Verdict::Refuted => "verdict-refuted",
        Verdict::Inconclusive => "verdict-inconclusive",
    })
}

/// Tells verdicts apart without colour.
pub fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "✓",
        Verdict::Refuted => "✗",
        Verdict::Inconclusive => "?",
    }
}

pub fn reason(reason: Reason) -> String {
    say!(match reason {
        Reason::NoValues => "reason-no-values",
        Reason::OneSeed => "reason-one-seed",
        Reason::NotMeasured => "reason-not-measured",
        Reason::OneRound => "reason-one-round",
        Reason::Diverged => "reason-diverged",
        Reason::BeforeFirstLook => "reason-before-first-look",
        Reason::IntervalCrossesBound => "reason-interval-crosses-bound",
    })
}

pub fn registration(registration: Registration) -> String {
    say!(match registration {
        Registration::Before => "registration-before",
        Registration::Changed => "registration-changed",
        Registration::Added => "registration-added",
        Registration::Unknown => "registration-unknown",
    })
}

/// What is held against what, in one sentence, with its unit explained where few know it.
pub fn test(claim: &Claim, experiment: &Experiment) -> String {
    let unit = Reading::of(&claim.test).is_in_decades().then(|| say!("test-decade"));
    paragraph([Some(comparison(claim, experiment)), unit].into_iter().flatten())
}

fn comparison(claim: &Claim, experiment: &Experiment) -> String {
    let reading = Reading::of(&claim.test);
    let what = at_point(claim, reading.metric.in_words());
    let label = |id: &VariantId| label(id, experiment);
    let over = |of_seeds: &'static str, of_rounds: &'static str| match Counted::of(reading.metric) {
        Counted::Seeds => of_seeds,
        Counted::Rounds => of_rounds,
    };
    match &claim.test {
        Test::Level { of, bound, .. } => {
            let id = over("test-level", "test-level-of-rounds");
            say!(id, quantity = what, name = label(of), bound = bounded(bound, reading))
        }
        Test::Difference { of, minus, bound, .. } => say!(
            over("test-difference", "test-difference-of-rounds"),
            quantity = capitalised(&what),
            of = label(of),
            minus = label(minus),
            bound = bounded(bound, reading),
        ),
        Test::Ratio { of, over: divisor, bound, .. } => say!(
            over("test-ratio", "test-ratio-of-rounds"),
            quantity = capitalised(&what),
            of = label(of),
            over = label(divisor),
            bound = bounded(bound, reading),
        ),
        Test::Trend { along, direction, .. } => {
            let names: Vec<_> = along.iter().map(label).collect();
            let id = match direction {
                Direction::Increasing => "test-rises",
                Direction::Decreasing => "test-falls",
            };
            say!(id, quantity = capitalised(&what), names = list(&names))
        }
    }
}

/// At which point of each trial's curve the metric is read; `None` for the last one, which goes without saying.
fn point(claim: &Claim) -> Option<String> {
    match claim.at {
        At::Last => None,
        At::MeanOfLast(points) => Some(say!("point-mean-of-last", points = points.to_string())),
        At::Best(by) if by == claim.test.metric() => Some(say!("point-best")),
        At::Best(by) => Some(say!("point-best-of", quantity = by.in_words())),
        At::Epoch(epoch) => Some(say!("point-epoch", epoch = epoch.to_string())),
        At::Step(step) => Some(say!("point-step", step = step.to_string())),
    }
}

/// A quantity or a figure of a claim, with the point at which it is read.
pub fn at_point(claim: &Claim, what: String) -> String {
    match point(claim) {
        Some(point) => say!("at-point", what = what, point = point),
        None => what,
    }
}

/// What makes a claim hold, as a predicate of its figure.
pub fn bound(claim: &Claim) -> String {
    let bound = bound_of(&claim.test);
    match point(claim) {
        Some(point) => say!("bound-at-point", point = point, bound = bound),
        None => bound,
    }
}

fn bound_of(test: &Test) -> String {
    match test {
        Test::Level { bound, .. } | Test::Difference { bound, .. } | Test::Ratio { bound, .. } => {
            bounded(bound, Reading::of(test))
        }
        Test::Trend { direction: Direction::Increasing, .. } => say!("bound-rises"),
        Test::Trend { direction: Direction::Decreasing, .. } => say!("bound-falls"),
    }
}

fn bounded(bound: &Bound, reading: Reading) -> String {
    match *bound {
        Bound::Below { value } => say!("bound-below", value = reading.show(value)),
        Bound::Above { value } => say!("bound-above", value = reading.show(value)),
        Bound::Within { around, margin } => {
            say!("bound-within", margin = reading.margin(margin), around = reading.show(around))
        }
    }
}

/// A variant as people call it; its id where the experiment has no such variant.
pub fn label(id: &VariantId, experiment: &Experiment) -> String {
    let variant = experiment.variants.iter().find(|variant| variant.id == *id);
    quoted(variant.map_or(id.as_str(), |variant| &variant.label))
}

/// `3 of 3 seeds`, or rounds.
pub fn seeds(sample: &Sample) -> String {
    say!("seeds-of-planned", seeds = sample.seeds.to_string(), planned = repetitions(sample.planned, sample))
}

/// So many of what a sample counts.
pub fn repetitions(number: usize, sample: &Sample) -> String {
    let noun = match sample.counted {
        Counted::Seeds => "seed",
        Counted::Rounds => "round",
    };
    counted(number, noun)
}

/// The trials that did not simply complete, each with what became of it.
pub fn exceptions(sample: &Sample) -> Vec<String> {
    [
        (sample.diverged_as_chance, "exception-diverged-as-chance"),
        (sample.diverged, "exception-diverged"),
        (sample.failed, "exception-failed"),
        (sample.missing, "exception-missing"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| say!(what, number = number.to_string()))
    .collect()
}
