//! Several claims at once: Holm's correction.

use super::*;
use crate::config::Verdict::{Inconclusive, Refuted, Supported};

const LOSSES: &[f64] = &[2.31, 2.29, 2.305, 2.30, 2.298];

#[test]
fn a_claim_that_holds_alone_may_not_hold_among_several() {
    // SciPy 1.17.1: ttest_1samp(x, b).pvalue for b = 2.31, 2.2 and 2.303, the last above; Holm by hand:
    // 3 * p(2.2), 2 * p(2.31), 1 * p(2.303).
    let claims = [level(LOSS, "a", below(2.31)), level(LOSS, "a", below(2.2)), level(LOSS, "a", above(2.303))];
    let judged = judge_table(&claims, &table(LOSS, &[("a", LOSSES)]));
    let verdicts: Vec<_> = judged.iter().map(|judged| (judged.verdict, judged.corrected.unwrap().verdict)).collect();
    assert_eq!(verdicts, [(Supported, Inconclusive), (Refuted, Refuted), (Inconclusive, Inconclusive)]);
    for (judged, expected) in
        judged.iter().zip([2.0 * 0.049365606784655576, 3.0 * 7.503657820234118e-06, 0.5157515286226735])
    {
        let found = judged.corrected.unwrap().p_value;
        assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
    }
}

#[test]
fn a_claim_by_itself_needs_no_correction() {
    let judged = judge_one(&level(LOSS, "a", below(2.31)), &table(LOSS, &[("a", LOSSES)]));
    let corrected = judged.corrected.unwrap();
    assert_eq!((Some(corrected.p_value), corrected.verdict), (judged.p_value, Supported));
}

#[test]
fn claims_without_a_p_value_do_not_count_among_those_corrected_for() {
    let claims = [level(LOSS, "a", below(2.31)), level(LOSS, "b", below(2.31)), level(LOSS, "c", below(2.31))];
    let judged = judge_table(&claims, &table(LOSS, &[("a", LOSSES), ("b", &[2.3])]));
    let verdicts: Vec<_> = judged.iter().map(|judged| judged.corrected.map(|corrected| corrected.verdict)).collect();
    assert_eq!(verdicts, [Some(Supported), None, None]);
}
