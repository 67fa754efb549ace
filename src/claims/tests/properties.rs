//! What holds for any figures.

use proptest::prelude::*;

use super::*;
use crate::config::Verdict;

/// Accuracies and whether a trial completed, of two variants over the same seeds.
fn rows() -> impl Strategy<Value = Vec<[(f64, bool); 2]>> {
    let trial = || (0.0_f64..=1.0, prop::bool::weighted(0.9));
    prop_oneof![
        proptest::collection::vec([trial(), trial()], 0..8),
        proptest::collection::vec((0.5_f64..0.52, 0.5_f64..0.52).prop_map(|(a, b)| [(a, true), (b, true)]), 2..8),
        proptest::collection::vec((0.1_f64..0.11, 0.7_f64..0.72).prop_map(|(a, b)| [(a, true), (b, true)]), 2..8),
    ]
}

fn table_of(rows: &[[(f64, bool); 2]], images: Option<u64>) -> Table {
    let mut table = Table { seeds: (1..=rows.len() as u64).map(Seed).collect(), ..Table::default() };
    table.test_images = images;
    for (seed, row) in (1..).zip(rows) {
        for (variant, (value, completed)) in ["a", "b"].into_iter().zip(row) {
            let ending = if *completed { Ending::Completed } else { Ending::Diverged };
            put(&mut table, variant, seed, ending, &[(ACCURACY, *value)]);
        }
    }
    table
}

fn images() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), Just(Some(10)), Just(Some(10_000))]
}

fn claims(bound: Bound) -> [Claim; 2] {
    [level(ACCURACY, "a", bound), difference(ACCURACY, "a", "b", bound)]
}

fn bounds() -> impl Strategy<Value = Bound> {
    prop_oneof![
        (0.0_f64..=1.0).prop_map(below),
        (0.0_f64..=1.0).prop_map(above),
        (0.0_f64..=1.0, 0.001_f64..0.5).prop_map(|(around, margin)| within(around, margin)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_seeds_does_not_matter(rows in rows(), bound in bounds(), images in images(), turn in 0_usize..8) {
        let table = table_of(&rows, images);
        let mut other = table.clone();
        other.seeds.reverse();
        other.seeds.rotate_left(turn.min(rows.len()));
        for claim in claims(bound) {
            prop_assert_eq!(judge_one(&claim, &table), judge_one(&claim, &other));
        }
        // Nor which seed has which figures, as long as pairs stay together.
        let mut turned = rows.clone();
        turned.rotate_left(turn.min(rows.len()));
        for claim in claims(bound) {
            prop_assert_eq!(judge_one(&claim, &table), judge_one(&claim, &table_of(&turned, images)));
        }
    }

    #[test]
    fn a_claim_and_its_opposite_mirror_each_other(rows in rows(), value in 0.0_f64..=1.0, images in images()) {
        let table = table_of(&rows, images);
        for (one, other) in claims(below(value)).iter().zip(&claims(above(value))) {
            let (one, other) = (judge_one(one, &table), judge_one(other, &table));
            let mirrored = match one.verdict {
                Verdict::Supported => Verdict::Refuted,
                Verdict::Refuted => Verdict::Supported,
                Verdict::Inconclusive => Verdict::Inconclusive,
            };
            prop_assert_eq!(other.verdict, mirrored);
            prop_assert_eq!((one.p_value, one.reason), (other.p_value, other.reason));
        }
    }

    #[test]
    fn a_difference_and_its_reverse_mirror_each_other(rows in rows(), value in 0.0_f64..=1.0) {
        let table = table_of(&rows, None);
        let one = judge_one(&difference(ACCURACY, "a", "b", below(value)), &table);
        let other = judge_one(&difference(ACCURACY, "b", "a", above(-value)), &table);
        prop_assert_eq!((one.verdict, one.sample), (other.verdict, other.sample));
        prop_assert!((one.p_value.unwrap_or(0.0) - other.p_value.unwrap_or(0.0)).abs() < 1e-9);
    }

    #[test]
    fn more_confidence_never_settles_what_less_left_open(
        rows in rows(), bound in bounds(), images in images(), low in 0.5_f64..0.99, more in 0.0_f64..1.0
    ) {
        let high = low + (0.9999 - low) * more;
        let table = table_of(&rows, images);
        let steps = claim(Test::Trend { metric: ACCURACY, along: ["a", "b", "a"].map(id).to_vec(), direction: Direction::Increasing });
        for claim in claims(bound).into_iter().chain([steps]) {
            let less = judge_one(&Claim { confidence: low, ..claim.clone() }, &table).verdict;
            let more = judge_one(&Claim { confidence: high, ..claim }, &table).verdict;
            prop_assert!(more == less || more == Verdict::Inconclusive, "{:?} became {:?}", less, more);
        }
    }

    #[test]
    fn a_p_value_is_small_exactly_where_the_interval_excludes_the_bound(
        rows in rows(), bound in bounds(), images in images(), confidence in 0.5_f64..0.999
    ) {
        let table = table_of(&rows, images);
        for claim in claims(bound) {
            let judged = judge_one(&Claim { confidence, ..claim }, &table);
            prop_assert_eq!(judged.p_value.is_some(), judged.interval.is_some());
            let Some(p_value) = judged.p_value else { continue };
            prop_assert!((0.0..=1.0).contains(&p_value));
            if judged.sample.diverged == 0 {
                prop_assert_eq!(p_value < 1.0 - confidence, judged.verdict != Verdict::Inconclusive);
            }
        }
    }

    #[test]
    fn a_correction_only_ever_takes_back(rows in rows(), bounds in proptest::collection::vec(bounds(), 1..6)) {
        let claims: Vec<Claim> = bounds.into_iter().flat_map(claims).collect();
        for judged in judge_table(&claims, &table_of(&rows, None)) {
            let Some(corrected) = judged.corrected else { continue };
            prop_assert!(corrected.p_value >= judged.p_value.unwrap());
            prop_assert!(corrected.verdict == judged.verdict || corrected.verdict == Verdict::Inconclusive);
        }
    }
}
