//! Numbers that another implementation gives for the same data.

use super::*;
use crate::config::Verdict;

/// p-values are rounded to nine decimals.
fn assert_close(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-9 + 1e-8 * expected.abs(), "{found} is not {expected}");
}

/// Estimate, lower end, upper end, p-value.
fn assert_numbers(judged: &Judged, [estimate, lower, upper, p_value]: [f64; 4]) {
    assert_close(judged.estimate, estimate);
    assert_close(judged.interval.map(|interval| interval.lower), lower);
    assert_close(judged.interval.map(|interval| interval.upper), upper);
    assert_close(judged.p_value, p_value);
}

#[test]
fn a_level_agrees_with_scipy() {
    // SciPy 1.17.1: scipy.stats.t.interval(0.95, 4, mean(x), sem(x)); ttest_1samp(x, 2.31).pvalue;
    // (2.31 - mean(x)) / std(x, ddof=1).
    let losses = table(LOSS, &[("a", &[2.31, 2.29, 2.305, 2.30, 2.298])]);
    let judged = judge_one(&level(LOSS, "a", below(2.31)), &losses);
    assert_numbers(&judged, [2.3006, 2.29124210308264, 2.3099578969173593, 0.049365606784655576]);
    assert_close(judged.effect_size, 1.2472504972205818);
    assert_eq!(judged.verdict, Verdict::Supported);
    // ttest_1samp(x, 2.303).pvalue.
    let judged = judge_one(&level(LOSS, "a", above(2.303)), &losses);
    assert_close(judged.p_value, 0.5157515286226735);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
}

#[test]
fn a_difference_is_paired_by_seed_and_agrees_with_scipy() {
    // SciPy 1.17.1: scipy.stats.ttest_rel(a, b), its confidence_interval(0.95); mean(a - b) / std(a - b, ddof=1).
    let accuracies = table(ACCURACY, &[("a", &[0.78, 0.77, 0.80, 0.79]), ("b", &[0.75, 0.76, 0.74, 0.77])]);
    let judged = judge_one(&difference(ACCURACY, "a", "b", above(0.0)), &accuracies);
    assert_numbers(&judged, [0.03, -0.00437434881858309, 0.06437434881858314, 0.06913686926442873]);
    assert_close(judged.effect_size, 1.3887301496588271);
}

#[test]
fn equivalence_is_two_one_sided_tests() {
    // SciPy 1.17.1: 2 * max(ttest_1samp(x, -m, alternative='greater').pvalue, ttest_1samp(x, m, alternative='less').pvalue).
    let values = [0.004, -0.006, 0.002, 0.001, -0.003];
    let gains = table(native::REESTIMATION_GAIN, &[("a", &values)]);
    let judged = |margin| judge_one(&level(native::REESTIMATION_GAIN, "a", within(0.0, margin)), &gains);
    assert_numbers(&judged(0.02), [-0.0004, -0.0054130021540286935, 0.004613002154028693, 0.00040868011691752945]);
    assert_eq!(judged(0.02).verdict, Verdict::Supported);
    assert_close(judged(0.004).p_value, 0.11693430104240451);
    assert_eq!(judged(0.004).verdict, Verdict::Inconclusive);
    // 2 * ttest_1samp(x + 0.05, 0.02, alternative='greater').pvalue.
    let far = table(native::REESTIMATION_GAIN, &[("a", &values.map(|value| value + 0.05))]);
    let judged = judge_one(&level(native::REESTIMATION_GAIN, "a", within(0.0, 0.02)), &far);
    assert_close(judged.p_value, 8.104438414347204e-05);
    assert_eq!(judged.verdict, Verdict::Refuted);
}

#[test]
fn quantities_that_span_orders_of_magnitude_are_judged_by_their_logarithms() {
    // SciPy 1.17.1: l = log10(g); gmean(g), 10 ** t.interval(0.95, 3, mean(l), sem(l)), ttest_1samp(l, -4).pvalue,
    // (-4 - mean(l)) / std(l, ddof=1). The interval of g itself would reach below zero.
    let gradients = table(GRADIENT, &[("a", &[1e-6, 3e-6, 2e-7, 5e-6]), ("b", &[1e-3, 2e-3, 5e-4, 4e-3])]);
    let judged = judge_one(&level(GRADIENT, "a", below(1e-4)), &gradients);
    let relative = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-7, "{found}");
    relative(judged.estimate.unwrap(), 1.3160740129524923e-06);
    relative(judged.interval.unwrap().lower, 1.3646219840081009e-07);
    relative(judged.interval.unwrap().upper, 1.2692531908958282e-05);
    assert_close(judged.p_value, 0.008929176324767344);
    assert_close(judged.effect_size, 3.040477654338788);
    assert_eq!(judged.verdict, Verdict::Supported);
    // d = log10(g) - log10(h): t.interval(0.95, 3, mean(d), sem(d)), ttest_1samp(d, 0).pvalue.
    let judged = judge_one(&difference(GRADIENT, "a", "b", below(0.0)), &gradients);
    assert_numbers(&judged, [-3.031234684152075, -3.436766170390211, -2.625703197913939, 0.0001627970256116184]);
}

#[test]
fn an_accuracy_is_no_more_certain_than_its_test_set() {
    // SciPy 1.17.1: t.interval(0.95, 3, mean(y), sem(y)) is (0.1261, 0.1319), which excludes 0.135;
    // binomtest(1290, 10000).proportion_ci(0.95, 'wilson'); 2 * norm.cdf((0.129 - 0.135) / sqrt(0.135 * 0.865 / 10000)).
    let mut accuracies = table(ACCURACY, &[("a", &[0.128, 0.131, 0.130, 0.127])]);
    let claim = level(ACCURACY, "a", below(0.135));
    assert_close(judge_one(&claim, &accuracies).p_value, 0.007164535434734407);
    assert_eq!(judge_one(&claim, &accuracies).verdict, Verdict::Supported);
    accuracies.test_images = Some(10_000);
    let judged = judge_one(&claim, &accuracies);
    assert_numbers(&judged, [0.129, 0.1225723820604145, 0.13571254473062752, 0.07912168897121588]);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    // More seeds would see the same images.
    assert_eq!(judged.seeds_to_settle, None);
    // binomtest(130, 1000).proportion_ci(0.95, 'wilson').
    let mut equal = table(ACCURACY, &[("a", &[0.13; 3])]);
    equal.test_images = Some(1000);
    let interval = judge_one(&claim, &equal).interval.unwrap();
    assert_close(Some(interval.lower), 0.1105637746248419);
    assert_close(Some(interval.upper), 0.15226802665446887);
}

#[test]
fn a_trend_shares_its_error_among_its_steps() {
    // SciPy 1.17.1, for s = b - a and c - b: t.interval(0.975, 2, mean(s), sem(s)); 2 * max(ttest_1samp(s, 0).pvalue).
    let accuracies =
        table(ACCURACY, &[("a", &[0.80, 0.81, 0.79]), ("b", &[0.75, 0.77, 0.74]), ("c", &[0.70, 0.715, 0.695])]);
    let judged = judge_one(&trend(ACCURACY, &["a", "b", "c"], Direction::Decreasing), &accuracies);
    let p_value = 2.0 * 0.005063323673817972;
    assert_numbers(&judged, [-0.04666666666666671, -0.0673511560552357, -0.025982177278097675, p_value]);
    assert_eq!(judged.step.map(|step| (step.from, step.to)), Some((id("a"), id("b"))));
    assert_eq!(judged.verdict, Verdict::Supported);
}
