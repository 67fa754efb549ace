//! Judging figures made up for each case. Expected numbers are SciPy's; the calls stand beside them.

mod corrections;
mod evidence;
mod golden;
mod images;
mod looks;
mod properties;
mod registration;
mod rounds;
mod trends;
mod trials;
mod verdicts;

use std::collections::BTreeMap;

use super::{Ending, Judged, Table, Trial, judge_table};
use crate::config::{At, Bound, Claim, Direction, Metric, Reported, Seed, Test, VariantId, native};

const ACCURACY: Metric = native::VAL_ACCURACY;
const LOSS: Metric = native::VAL_LOSS;
const GRADIENT: Metric = native::GRADIENT_INITIAL;

fn id(text: &str) -> VariantId {
    text.parse().unwrap()
}

/// Completed trials with one figure each, for the seeds 1, 2, …; a shorter row lacks the last seeds.
fn table(metric: Metric, rows: &[(&str, &[f64])]) -> Table {
    let seeds = rows.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let mut table = Table { seeds: (1..=seeds as u64).map(Seed).collect(), ..Table::default() };
    for (variant, values) in rows {
        for (seed, value) in (1..).zip(*values) {
            put(&mut table, variant, seed, Ending::Completed, &[(metric, *value)]);
        }
    }
    table
}

fn put(table: &mut Table, variant: &str, seed: u64, ending: Ending, figures: &[(Metric, f64)]) {
    let figures: BTreeMap<Metric, f64> = figures.iter().copied().collect();
    table.trials.insert((id(variant), Seed(seed)), Trial { ending, figures, earlier: BTreeMap::new() });
}

fn claim(test: Test) -> Claim {
    Claim {
        id: id("claim"),
        quote: None,
        because: None,
        says: "S".to_owned(),
        reported: Reported::default(),
        must: None,
        confidence: 0.95,
        at: At::Last,
        test,
    }
}

fn level(metric: Metric, of: &str, bound: Bound) -> Claim {
    claim(Test::Level { metric, of: id(of), bound })
}

fn difference(metric: Metric, of: &str, minus: &str, bound: Bound) -> Claim {
    claim(Test::Difference { metric, of: id(of), minus: id(minus), bound })
}

fn trend(metric: Metric, along: &[&str], direction: Direction) -> Claim {
    claim(Test::Trend { metric, along: along.iter().map(|text| id(text)).collect(), direction })
}

fn below(value: f64) -> Bound {
    Bound::Below { value }
}

fn above(value: f64) -> Bound {
    Bound::Above { value }
}

fn within(around: f64, margin: f64) -> Bound {
    Bound::Within { around, margin }
}

fn judge_one(claim: &Claim, table: &Table) -> Judged {
    let mut judged = judge_table(std::slice::from_ref(claim), table);
    assert_eq!(judged.len(), 1);
    judged.remove(0)
}
