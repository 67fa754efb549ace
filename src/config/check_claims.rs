//! What types cannot rule out about claims: names of variants, bounds, repetitions.

use std::ops::Bound as End;
use std::ops::Bound::{Excluded, Unbounded};

use super::check::{Findings, Problem, check_reported, ends};
use super::claim::{Bound, Test};
use super::error::{did_you_mean, list};
use super::location::KeyPath;
use super::metric::{Metric, Metrics, Scale};
use super::raw::RawExperiment;
use super::resolve::resolve_throughput;
use super::resolve_claims::{resolve_at, resolve_test};
use super::values::VariantId;

const MAX_CLAIMS: usize = 200;
const MIN_TREND: usize = 3;

pub(super) fn check_claims(raw: &RawExperiment, metrics: &Metrics, at: &KeyPath, findings: &mut Findings) {
    let claims = &raw.claims;
    // An empty list is a file whose claims are still to be written.
    if !claims.is_empty() {
        findings.length(at, claims.len(), MAX_CLAIMS, "claim");
    }
    let ids = claims.iter().enumerate().map(|(i, claim)| (at.index(i).key("id"), &claim.id));
    findings.folders(ids, "claim id", "give each claim an id of its own");
    let known: Vec<&str> = raw.variants.iter().map(|variant| variant.id.as_str()).collect();
    let measures_throughput = resolve_throughput(raw.throughput.clone()).is_some();
    // Beyond the limit each would only repeat what the length already says.
    for (i, claim) in claims.iter().enumerate().take(MAX_CLAIMS) {
        let at = at.index(i);
        findings.text(at.key("says"), Some(&claim.says));
        findings.text(at.key("quote"), claim.quote.as_deref());
        findings.text(at.key("because"), claim.because.as_deref());
        check_reported(&claim.reported, metrics, &at.key("reported"), findings);
        let at = at.key("test");
        findings.number(at.key("confidence"), claim.test.confidence, (Excluded(0.0), Excluded(1.0)));
        match resolve_test(&claim.test, metrics, &at) {
            Ok(test) => {
                check_test(&test, &known, &at, findings);
                if test.metric().is_of_rounds() && !measures_throughput {
                    findings.0.push(never_measured(test.metric(), &at.key("metric")));
                }
                findings.0.extend(resolve_at(&claim.test, test.metric(), metrics, &at).err());
            }
            Err(problem) => findings.0.push(problem),
        }
    }
}

fn never_measured(metric: Metric, at: &KeyPath) -> Problem {
    let message = format!("`{metric}` will not be measured: this experiment switches it off");
    Problem::at_value(at.clone(), message, "remove `throughput: false`, or name another metric")
}

fn check_test(test: &Test, known: &[&str], at: &KeyPath, findings: &mut Findings) {
    for (place, id) in test.places(at) {
        if !known.contains(&id.as_str()) {
            let help = did_you_mean(id.as_str(), known).unwrap_or_else(|| format!("there are {}", list(known)));
            findings.0.push(Problem::at_value(place, format!("there is no variant `{id}`"), help));
        }
    }
    match test {
        Test::Level { metric, bound, .. } => check_bound(bound, level(*metric), at, findings),
        Test::Difference { metric, of, minus, bound } => {
            refuse_itself(of, minus, ("minus", "subtracts variant"), at, findings);
            check_bound(bound, ends(metric.differences()), at, findings);
        }
        Test::Ratio { of, over, bound, .. } => {
            refuse_itself(of, over, ("over", "divides variant"), at, findings);
            check_bound(bound, (Excluded(0.0), Unbounded), at, findings);
            if let Bound::Within { around, margin } = *bound
                && margin >= around
            {
                let message = format!("`{}` reaches down to a ratio of {}", at.key("within"), around - margin);
                findings.0.push(Problem::at_value(at.key("within"), message, format!("use a number below {around}")));
            }
        }
        Test::Trend { along, .. } => {
            if along.len() < MIN_TREND {
                let message = format!("`{}` lists {} variants", at.key("along"), along.len());
                let help = format!("list at least {MIN_TREND}; two are compared with `of` and `minus`");
                findings.0.push(Problem::at_value(at.key("along"), message, help));
            }
            let named = along.iter().enumerate().map(|(i, id)| (at.key("along").index(i), id));
            findings.distinct(named, |id| format!("variant `{id}`"), "name each variant once");
        }
    }
}

fn refuse_itself(of: &VariantId, other: &VariantId, (key, does): (&str, &str), at: &KeyPath, findings: &mut Findings) {
    if of == other {
        let from = if key == "minus" { "from" } else { "by" };
        let message = format!("`{at}` {does} `{of}` {from} itself");
        let problem = Problem::at_value(at.key(key), message, "name another variant to compare it with");
        findings.0.push(Problem { first: Some(at.key("of")), ..problem });
    }
}

fn check_bound(bound: &Bound, allowed: (End<f64>, End<f64>), at: &KeyPath, findings: &mut Findings) {
    match *bound {
        Bound::Below { value } => findings.number(at.key("below"), Some(value), allowed),
        Bound::Above { value } => findings.number(at.key("above"), Some(value), allowed),
        Bound::Within { around, margin } => {
            findings.number(at.key("around"), Some(around), allowed);
            findings.number(at.key("within"), Some(margin), (Excluded(0.0), Unbounded));
        }
    }
}

fn level(metric: Metric) -> (End<f64>, End<f64>) {
    match metric.scale() {
        Scale::Linear => ends(metric.levels()),
        // Zero has no logarithm.
        Scale::Log10 => (Excluded(0.0), Unbounded),
    }
}
