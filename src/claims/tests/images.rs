//! What accuracies owe to their test images.

use super::*;
use crate::bundle::correctness::Correctness;
use crate::claims::Discordant;

/// Completed trials with the images they got right, and the accuracies that follow.
fn told_apart(rows: &[(&str, &[&str])]) -> Table {
    let seeds = rows.iter().map(|(_, trials)| trials.len() as u64).max().unwrap_or(0);
    let mut table = Table { seeds: (1..=seeds).map(Seed).collect(), ..Table::default() };
    for (variant, trials) in rows {
        for (seed, images) in (1..).zip(*trials) {
            let correct: Correctness = images.chars().map(|image| image == '1').collect();
            let accuracy = correct.count() as f64 / correct.len() as f64;
            put(&mut table, variant, seed, Ending::Completed, &[(ACCURACY, accuracy)]);
            table.correct.insert((id(variant), Seed(seed)), correct);
        }
    }
    table
}

const A: [&str; 3] = ["11111000000101", "11110011100011", "10110110010010"];
const B: [&str; 3] = ["01000001100010", "01100011000001", "00100010010000"];

fn judge_one(claim: Claim, table: &Table) -> Judged {
    judge_table(&[claim], table).remove(0)
}

fn difference() -> Claim {
    claim(Test::Difference { metric: ACCURACY, of: id("a"), minus: id("b"), bound: Bound::Above { value: 0.0 } })
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
}

// statsmodels 0.14, anova_lm of the outcomes by seed and image; scipy.stats.t; scipy.stats.binomtest(b, b + c).
#[test]
fn an_accuracy_and_a_difference_are_told_apart_by_seeds_and_images() {
    let table = told_apart(&[("a", &A), ("b", &B)]);
    let level = judge_one(level(ACCURACY, "a", Bound::Above { value: 0.1 }), &table).images.unwrap();
    assert_eq!((level.images, level.discordant.len()), (14, 0));
    let found = judge_one(difference(), &table).images.unwrap();
    close(level.share.unwrap(), LEVEL.0);
    close(level.interval.lower, LEVEL.1);
    close(level.interval.upper, LEVEL.2);
    close(found.share.unwrap(), DIFFERENCE.0);
    close(found.interval.lower, DIFFERENCE.1);
    close(found.interval.upper, DIFFERENCE.2);
    let counts = |pair: &Discordant| (pair.seed.0, pair.only_of, pair.only_minus, pair.p_value);
    assert_eq!(found.discordant.iter().map(counts).collect::<Vec<_>>(), PAIRS);
}

#[test]
fn nothing_is_said_of_images_where_one_trial_comes_without() {
    let mut table = told_apart(&[("a", &A), ("b", &B)]);
    table.correct.remove(&(id("b"), Seed(2)));
    assert!(judge_one(level(ACCURACY, "a", Bound::Above { value: 0.1 }), &table).images.is_some());
    assert_eq!(judge_one(difference(), &table).images, None);
    // Of other numbers of images there are no pairs.
    table.correct.insert((id("b"), Seed(2)), [true].into_iter().collect());
    assert_eq!(judge_one(difference(), &table).images, None);
    // Nor of other figures than the last accuracy.
    let earlier = Claim { at: At::MeanOfLast(2), ..level(ACCURACY, "a", Bound::Above { value: 0.1 }) };
    assert_eq!(judge_one(earlier, &table).images, None);
    let one = told_apart(&[("a", &A[..1])]);
    assert_eq!(judge_one(level(ACCURACY, "a", Bound::Above { value: 0.1 }), &one).images, None);
}

// SciPy 1.17.1: scipy.stats.trim_mean([.1, .2, .3, .4, .9], 0.25) = 0.3.
#[test]
fn the_middle_half_stands_beside_the_mean_from_four_values_on() {
    let of = |values: &[f64]| {
        let table = table(LOSS, &[("a", values)]);
        judge_one(level(LOSS, "a", Bound::Above { value: 0.0 }), &table)
    };
    let five = of(&[0.9, 0.1, 0.2, 0.3, 0.4]);
    close(five.interquartile_mean.unwrap(), 0.3);
    assert!(five.interquartile_interval.is_some_and(|interval| interval.contains(0.3)));
    assert_eq!(of(&[0.9, 0.1, 0.2]).interquartile_mean, None);
}

/// The images' share of the variance, and the ends of the interval.
const LEVEL: (f64, f64, f64) = (0.28767123287671215, 0.390049234830748, 0.7051888604073473);
const DIFFERENCE: (f64, f64, f64) = (0.7868852459016397, 0.15796341785221582, 0.36584610595730804);
/// Seed, images right in `a` alone, in `b` alone, and the binomial test of these.
const PAIRS: [(u64, u64, u64, f64); 3] = [(1, 6, 3, 0.5078125), (2, 4, 0, 0.125), (3, 4, 0, 0.125)];
