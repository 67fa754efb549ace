//! Claims that cannot be tested, and everything a user reads about them.

use super::claims::{tests, with_claims, with_tests};
use super::{accept, refuse};

#[test]
fn names_that_are_not_there_are_shown_with_those_that_are() {
    insta::assert_snapshot!(refuse(&with_tests(&["{metric: val_acuracy, of: bn, above: 0.5}"]), &[]), @"
     × `claims[0].test.metric` cannot be `val_acuracy`
       ╭─[dir/try.yaml:12:36]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_acuracy, of: bn, above: 0.5}}
       ·                                    ───────────
       ╰────
     help: did you mean `val_accuracy`?
    ");
    insta::assert_snapshot!(refuse(&with_tests(&["{metric: f1, of: bn, above: 0.5}"]), &[]), @"
     × `claims[0].test.metric` cannot be `f1`
       ╭─[dir/try.yaml:12:36]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: f1, of: bn, above: 0.5}}
       ·                                    ──
       ╰────
     help: it can be `val_accuracy`, `val_loss`, `train_accuracy`, `train_loss`, `signal_initial`,
           `signal_final`, `gradient_initial`, `variance_shift_depthwise`,
           `variance_shift_pointwise`, `reestimation_gain`, `masked_updates_dense`,
           `masked_updates_convolution`, `throughput` or `inference_throughput`
    ");
    let unknown = [
        "{metric: val_loss, of: bn_dropuot, above: 0.5}",
        "{metric: val_loss, of: bn, minus: x, above: 0.5}",
        "{metric: val_loss, along: [bn, plain, dropout_onyl], trend: increasing}",
    ];
    insta::assert_snapshot!(refuse(&with_tests(&unknown), &[]), @"
      × dir/try.yaml has 3 errors

    Error:
      × there is no variant `bn_dropuot`
        ╭─[dir/try.yaml:12:50]
     11 │ claims:
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn_dropuot, above: 0.5}}
        ·                                                  ──────────
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, minus: x, above: 0.5}}
        ╰────
      help: did you mean `bn_dropout`?

    Error:
      × there is no variant `x`
        ╭─[dir/try.yaml:13:61]
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn_dropuot, above: 0.5}}
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, minus: x, above: 0.5}}
        ·                                                             ─
     14 │ - {id: c2, says: S, test: {metric: val_loss, along: [bn, plain, dropout_onyl], trend: increasing}}
        ╰────
      help: there are `bn`, `bn_dropout`, `plain` and `dropout_only`

    Error:
      × there is no variant `dropout_onyl`
        ╭─[dir/try.yaml:14:65]
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, minus: x, above: 0.5}}
     14 │ - {id: c2, says: S, test: {metric: val_loss, along: [bn, plain, dropout_onyl], trend: increasing}}
        ·                                                                 ────────────
        ╰────
      help: did you mean `dropout_only`?
    ");
}

#[test]
fn an_override_that_replaces_the_variants_leaves_claims_about_the_old_ones_wrong() {
    let text = with_tests(&["{metric: val_loss, of: plain, above: 0.5}"]);
    insta::assert_snapshot!(refuse(&text, &["variants=[{id: new}]"]), @"
     × there is no variant `plain`
       ╭─[dir/try.yaml:12:50]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, of: plain, above: 0.5}}
       ·                                                  ─────
       ╰────
     help: there are `new`
    ");
}

#[test]
fn a_test_has_exactly_one_bound_and_what_that_needs() {
    let incomplete = [
        "{metric: val_loss, of: bn}",
        "{metric: val_loss, of: bn, above: 1, below: 2}",
        "{metric: val_loss, below: 2}",
        "{metric: val_loss, of: bn, within: 2}",
        "{metric: val_loss, of: bn, around: 2}",
        "{metric: val_loss, trend: increasing}",
    ];
    insta::assert_snapshot!(refuse(&with_tests(&incomplete), &[]), @"
      × dir/try.yaml has 6 errors

    Error:
      × `claims[0].test` does not say where the metric should lie
        ╭─[dir/try.yaml:12:21]
     11 │ claims:
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn}}
        ·                     ────
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, above: 1, below: 2}}
        ╰────
      help: add `below:`, `above:` or `within:` a number, or `trend:` and `along:` several variants

    Error:
      × `claims[1].test` has two bounds, `below` and `above`
        ╭─[dir/try.yaml:13:54]
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn}}
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, above: 1, below: 2}}
        ·                                                      ─────
     14 │ - {id: c2, says: S, test: {metric: val_loss, below: 2}}
        ╰────
      help: keep one; what else the source says is a claim of its own

    Error:
      × missing key `of` in `claims[2].test`
        ╭─[dir/try.yaml:14:21]
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, above: 1, below: 2}}
     14 │ - {id: c2, says: S, test: {metric: val_loss, below: 2}}
        ·                     ────
     15 │ - {id: c3, says: S, test: {metric: val_loss, of: bn, within: 2}}
        ╰────
      help: add `of:`, the variant whose metric is judged

    Error:
      × missing key `around` in `claims[3].test`
        ╭─[dir/try.yaml:15:21]
     14 │ - {id: c2, says: S, test: {metric: val_loss, below: 2}}
     15 │ - {id: c3, says: S, test: {metric: val_loss, of: bn, within: 2}}
        ·                     ────
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, around: 2}}
        ╰────
      help: add `around:`, the figure that the metric should be close to

    Error:
      × `claims[4].test` does not say where the metric should lie
        ╭─[dir/try.yaml:16:21]
     15 │ - {id: c3, says: S, test: {metric: val_loss, of: bn, within: 2}}
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, around: 2}}
        ·                     ────
     17 │ - {id: c5, says: S, test: {metric: val_loss, trend: increasing}}
        ╰────
      help: add `below:`, `above:` or `within:` a number, or `trend:` and `along:` several variants

    Error:
      × missing key `along` in `claims[5].test`
        ╭─[dir/try.yaml:17:21]
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, around: 2}}
     17 │ - {id: c5, says: S, test: {metric: val_loss, trend: increasing}}
        ·                     ────
        ╰────
      help: add `along:`, the variants in the order in which the metric should change
    ");
    let foreign = [
        "{metric: val_loss, of: bn, around: 2, below: 2}",
        "{metric: val_loss, of: bn, along: [bn, plain, bn_dropout], below: 2}",
        "{metric: val_loss, of: bn, along: [bn, plain, bn_dropout], trend: increasing}",
    ];
    insta::assert_snapshot!(refuse(&with_tests(&foreign), &[]), @"
      × dir/try.yaml has 3 errors

    Error:
      × `around` does not go with `below` in `claims[0].test`
        ╭─[dir/try.yaml:12:54]
     11 │ claims:
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn, around: 2, below: 2}}
        ·                                                      ──────
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, along: [bn, plain, bn_dropout], below: 2}}
        ╰────
      help: remove `around`, or change `below`

    Error:
      × `along` does not go with `below` in `claims[1].test`
        ╭─[dir/try.yaml:13:54]
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn, around: 2, below: 2}}
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, along: [bn, plain, bn_dropout], below: 2}}
        ·                                                      ─────
     14 │ - {id: c2, says: S, test: {metric: val_loss, of: bn, along: [bn, plain, bn_dropout], trend: increasing}}
        ╰────
      help: remove `along`, or change `below`

    Error:
      × `of` does not go with `trend` in `claims[2].test`
        ╭─[dir/try.yaml:14:46]
     13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, along: [bn, plain, bn_dropout], below: 2}}
     14 │ - {id: c2, says: S, test: {metric: val_loss, of: bn, along: [bn, plain, bn_dropout], trend: increasing}}
        ·                                              ──
        ╰────
      help: remove `of`, or change `trend`
    ");
}

#[test]
fn variants_that_are_compared_differ() {
    let same = [
        "{metric: val_loss, of: bn, minus: bn, above: 1}",
        "{metric: val_loss, along: [bn, plain, bn], trend: increasing}",
        "{metric: val_loss, along: [bn, plain], trend: increasing}",
    ];
    insta::assert_snapshot!(refuse(&with_tests(&same), &[]), @"
      × dir/try.yaml has 3 errors

    Error:
      × `claims[0].test` subtracts variant `bn` from itself
        ╭─[dir/try.yaml:12:61]
     11 │ claims:
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn, minus: bn, above: 1}}
        ·                                                  ─┬         ──
        ·                                                   ╰── first here
     13 │ - {id: c1, says: S, test: {metric: val_loss, along: [bn, plain, bn], trend: increasing}}
        ╰────
      help: name another variant to compare it with

    Error:
      × variant `bn` is used twice
        ╭─[dir/try.yaml:13:65]
     12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn, minus: bn, above: 1}}
     13 │ - {id: c1, says: S, test: {metric: val_loss, along: [bn, plain, bn], trend: increasing}}
        ·                                                      ─┬         ──
        ·                                                       ╰── first here
     14 │ - {id: c2, says: S, test: {metric: val_loss, along: [bn, plain], trend: increasing}}
        ╰────
      help: name each variant once

    Error:
      × `claims[2].test.along` lists 2 variants
        ╭─[dir/try.yaml:14:53]
     13 │ - {id: c1, says: S, test: {metric: val_loss, along: [bn, plain, bn], trend: increasing}}
     14 │ - {id: c2, says: S, test: {metric: val_loss, along: [bn, plain], trend: increasing}}
        ·                                                     ───────────
        ╰────
      help: list at least 3; two are compared with `of` and `minus`
    ");
}

#[test]
fn bounds_lie_where_the_metric_can() {
    let outside = [
        "{metric: val_accuracy, of: bn, above: 75.11}",
        "{metric: val_accuracy, of: bn, minus: plain, below: -1.5}",
        "{metric: val_loss, of: bn, below: -0.1}",
        "{metric: signal_final, of: bn, below: 0}",
        "{metric: val_loss, of: bn, minus: plain, above: .nan}",
        "{metric: val_accuracy, of: bn, around: 1.2, within: 0}",
        "{metric: val_accuracy, of: bn, minus: plain, within: .inf, confidence: 1}",
    ];
    insta::assert_snapshot!(refuse(&with_tests(&outside), &[]), @"
      × dir/try.yaml has 9 errors

    Error:
      × `claims[0].test.above` is out of range: 75.11
        ╭─[dir/try.yaml:12:65]
     11 │ claims:
     12 │ - {id: c0, says: S, test: {metric: val_accuracy, of: bn, above: 75.11}}
        ·                                                                 ─────
     13 │ - {id: c1, says: S, test: {metric: val_accuracy, of: bn, minus: plain, below: -1.5}}
        ╰────
      help: use a number of at least 0 and at most 1

    Error:
      × `claims[1].test.below` is out of range: -1.5
        ╭─[dir/try.yaml:13:79]
     12 │ - {id: c0, says: S, test: {metric: val_accuracy, of: bn, above: 75.11}}
     13 │ - {id: c1, says: S, test: {metric: val_accuracy, of: bn, minus: plain, below: -1.5}}
        ·                                                                               ────
     14 │ - {id: c2, says: S, test: {metric: val_loss, of: bn, below: -0.1}}
        ╰────
      help: use a number of at least -1 and at most 1

    Error:
      × `claims[2].test.below` is out of range: -0.1
        ╭─[dir/try.yaml:14:61]
     13 │ - {id: c1, says: S, test: {metric: val_accuracy, of: bn, minus: plain, below: -1.5}}
     14 │ - {id: c2, says: S, test: {metric: val_loss, of: bn, below: -0.1}}
        ·                                                             ────
     15 │ - {id: c3, says: S, test: {metric: signal_final, of: bn, below: 0}}
        ╰────
      help: use a number of at least 0

    Error:
      × `claims[3].test.below` is out of range: 0
        ╭─[dir/try.yaml:15:65]
     14 │ - {id: c2, says: S, test: {metric: val_loss, of: bn, below: -0.1}}
     15 │ - {id: c3, says: S, test: {metric: signal_final, of: bn, below: 0}}
        ·                                                                 ─
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, minus: plain, above: .nan}}
        ╰────
      help: use a number above 0

    Error:
      × `claims[4].test.above` is out of range: NaN
        ╭─[dir/try.yaml:16:75]
     15 │ - {id: c3, says: S, test: {metric: signal_final, of: bn, below: 0}}
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, minus: plain, above: .nan}}
        ·                                                                           ────
     17 │ - {id: c5, says: S, test: {metric: val_accuracy, of: bn, around: 1.2, within: 0}}
        ╰────
      help: use a number that is finite

    Error:
      × `claims[5].test.around` is out of range: 1.2
        ╭─[dir/try.yaml:17:66]
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, minus: plain, above: .nan}}
     17 │ - {id: c5, says: S, test: {metric: val_accuracy, of: bn, around: 1.2, within: 0}}
        ·                                                                  ───
     18 │ - {id: c6, says: S, test: {metric: val_accuracy, of: bn, minus: plain, within: .inf, confidence: 1}}
        ╰────
      help: use a number of at least 0 and at most 1

    Error:
      × `claims[5].test.within` is out of range: 0
        ╭─[dir/try.yaml:17:79]
     16 │ - {id: c4, says: S, test: {metric: val_loss, of: bn, minus: plain, above: .nan}}
     17 │ - {id: c5, says: S, test: {metric: val_accuracy, of: bn, around: 1.2, within: 0}}
        ·                                                                               ─
     18 │ - {id: c6, says: S, test: {metric: val_accuracy, of: bn, minus: plain, within: .inf, confidence: 1}}
        ╰────
      help: use a number above 0

    Error:
      × `claims[6].test.confidence` is out of range: 1
        ╭─[dir/try.yaml:18:98]
     17 │ - {id: c5, says: S, test: {metric: val_accuracy, of: bn, around: 1.2, within: 0}}
     18 │ - {id: c6, says: S, test: {metric: val_accuracy, of: bn, minus: plain, within: .inf, confidence: 1}}
        ·                                                                                                  ─
        ╰────
      help: use a number above 0 and below 1

    Error:
      × `claims[6].test.within` is out of range: inf
        ╭─[dir/try.yaml:18:80]
     17 │ - {id: c5, says: S, test: {metric: val_accuracy, of: bn, around: 1.2, within: 0}}
     18 │ - {id: c6, says: S, test: {metric: val_accuracy, of: bn, minus: plain, within: .inf, confidence: 1}}
        ·                                                                                ────
        ╰────
      help: use a number above 0
    ");
}

#[test]
fn what_a_claim_says_is_checked() {
    let text = with_claims(
        "\
- {id: a, says: ' ', quote: '', reported: {val_accuracy: 10}, test: {metric: val_loss, of: bn, below: 1}}
- {id: a, says: S, test: {metric: val_loss, of: bn, below: 2}}
",
    );
    insta::assert_snapshot!(refuse(&text, &[]), @"
      × dir/try.yaml has 4 errors

    Error:
      × claim id `a` is used twice
        ╭─[dir/try.yaml:13:8]
     11 │ claims:
     12 │ - {id: a, says: ' ', quote: '', reported: {val_accuracy: 10}, test: {metric: val_loss, of: bn, below: 1}}
        ·        ┬
        ·        ╰── first here
     13 │ - {id: a, says: S, test: {metric: val_loss, of: bn, below: 2}}
        ·        ─
        ╰────
      help: give each claim an id of its own

    Error:
      × `claims[0].says` is empty
        ╭─[dir/try.yaml:12:17]
     11 │ claims:
     12 │ - {id: a, says: ' ', quote: '', reported: {val_accuracy: 10}, test: {metric: val_loss, of: bn, below: 1}}
        ·                 ───
     13 │ - {id: a, says: S, test: {metric: val_loss, of: bn, below: 2}}
        ╰────
      help: write some text, or remove the key if it is optional

    Error:
      × `claims[0].quote` is empty
        ╭─[dir/try.yaml:12:29]
     11 │ claims:
     12 │ - {id: a, says: ' ', quote: '', reported: {val_accuracy: 10}, test: {metric: val_loss, of: bn, below: 1}}
        ·                             ──
     13 │ - {id: a, says: S, test: {metric: val_loss, of: bn, below: 2}}
        ╰────
      help: write some text, or remove the key if it is optional

    Error:
      × `claims[0].reported.val_accuracy` is out of range: 10
        ╭─[dir/try.yaml:12:58]
     11 │ claims:
     12 │ - {id: a, says: ' ', quote: '', reported: {val_accuracy: 10}, test: {metric: val_loss, of: bn, below: 1}}
        ·                                                          ──
     13 │ - {id: a, says: S, test: {metric: val_loss, of: bn, below: 2}}
        ╰────
      help: use a number of at least 0 and at most 1
    ");
    let open = with_claims("- {id: a, says: S, must: inconclusive, test: {metric: val_loss, of: bn, below: 1}}\n");
    insta::assert_snapshot!(refuse(&open, &[]), @"
     × `claims[0].must` cannot be `inconclusive`
       ╭─[dir/try.yaml:12:26]
    11 │ claims:
    12 │ - {id: a, says: S, must: inconclusive, test: {metric: val_loss, of: bn, below: 1}}
       ·                          ────────────
       ╰────
     help: it can be `supported` or `refuted`
    ");
}

#[test]
fn a_list_of_claims_has_a_limit() {
    let tests = vec!["{metric: val_loss, of: bn, below: 1}"; 200];
    assert_eq!(accept(&with_tests(&tests), &[]).claims.len(), 200);
    let tests = vec!["{metric: val_loss, of: bn, below: 1}"; 201];
    insta::assert_snapshot!(refuse(&with_tests(&tests), &[]), @"
     × `claims` lists 201 claims
       ╭─[dir/try.yaml:12:3]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, of: bn, below: 1}}
       ·   ─────────────────────────────────────────────────────────────
    13 │ - {id: c1, says: S, test: {metric: val_loss, of: bn, below: 1}}
       ╰────
     help: list at least 1 claim and at most 200
    ");
}

#[test]
fn what_a_network_cannot_show_is_refused() {
    for (metric, of) in [
        ("variance_shift_depthwise", "bn"),
        ("variance_shift_pointwise", "dropout_only"),
        ("reestimation_gain", "plain"),
        ("masked_updates_dense", "bn"),
        ("masked_updates_convolution", "plain"),
    ] {
        let shown = refuse(&with_tests(&[&format!("{{metric: {metric}, of: {of}, above: 0.5}}")]), &[]);
        assert!(shown.contains(&format!("`{metric}` cannot be measured of variant `{of}`")), "{shown}");
        let text = with_tests(&[&format!("{{metric: {metric}, of: bn_dropout, above: 0.5}}")]);
        assert_eq!(tests(&accept(&text, &[])).len(), 1);
    }
    let along = "{metric: masked_updates_dense, along: [bn_dropout, dropout_only, plain], trend: increasing}";
    insta::assert_snapshot!(refuse(&with_tests(&[along]), &[]), @"
     × `masked_updates_dense` cannot be measured of variant `plain`, which has no dropout
       ╭─[dir/try.yaml:12:92]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: masked_updates_dense, along: [bn_dropout, dropout_only, plain], trend: increasing}}
       ·                                                                                            ─────
       ╰────
     help: name a variant with dropout, or another metric
    ");
}

#[test]
fn a_point_that_no_curve_has_is_refused_where_it_stands() {
    let points = [
        "{metric: signal_initial, at: best, of: bn, above: 0.5}",
        "{metric: val_loss, at: {best: val_los}, of: bn, above: 0.5}",
        "{metric: val_loss, at: {best: signal_initial}, of: bn, above: 0.5}",
        "{metric: val_loss, at: {}, of: bn, above: 0.5}",
        "{metric: val_loss, at: {epoch: 1, step: 1}, of: bn, above: 0.5}",
        "{metric: gradient_initial, at: {epoch: 1}, of: bn, above: 0.5}",
    ];
    insta::assert_snapshot!(refuse(&with_tests(&points), &[]), @"
      × dir/try.yaml has 6 errors

    Error:
      × `signal_initial` has no curve, so there is no point at which it was best
        ╭─[dir/try.yaml:12:56]
     11 │ claims:
     12 │ - {id: c0, says: S, test: {metric: signal_initial, at: best, of: bn, above: 0.5}}
        ·                                                        ────
     13 │ - {id: c1, says: S, test: {metric: val_loss, at: {best: val_los}, of: bn, above: 0.5}}
        ╰────
      help: name a metric that has a curve

    Error:
      × `claims[1].test.at.best` cannot be `val_los`
        ╭─[dir/try.yaml:13:57]
     12 │ - {id: c0, says: S, test: {metric: signal_initial, at: best, of: bn, above: 0.5}}
     13 │ - {id: c1, says: S, test: {metric: val_loss, at: {best: val_los}, of: bn, above: 0.5}}
        ·                                                         ───────
     14 │ - {id: c2, says: S, test: {metric: val_loss, at: {best: signal_initial}, of: bn, above: 0.5}}
        ╰────
      help: did you mean `val_loss`?

    Error:
      × `signal_initial` has no curve, so there is no point at which it was best
        ╭─[dir/try.yaml:14:57]
     13 │ - {id: c1, says: S, test: {metric: val_loss, at: {best: val_los}, of: bn, above: 0.5}}
     14 │ - {id: c2, says: S, test: {metric: val_loss, at: {best: signal_initial}, of: bn, above: 0.5}}
        ·                                                         ──────────────
     15 │ - {id: c3, says: S, test: {metric: val_loss, at: {}, of: bn, above: 0.5}}
        ╰────
      help: name a metric that has a curve

    Error:
      × `claims[3].test.at` does not name exactly one point
        ╭─[dir/try.yaml:15:46]
     14 │ - {id: c2, says: S, test: {metric: val_loss, at: {best: signal_initial}, of: bn, above: 0.5}}
     15 │ - {id: c3, says: S, test: {metric: val_loss, at: {}, of: bn, above: 0.5}}
        ·                                              ──
     16 │ - {id: c4, says: S, test: {metric: val_loss, at: {epoch: 1, step: 1}, of: bn, above: 0.5}}
        ╰────
      help: give one of `best:` a metric, `epoch:`, `step:` and `mean_of_last:` a number

    Error:
      × `claims[4].test.at` does not name exactly one point
        ╭─[dir/try.yaml:16:46]
     15 │ - {id: c3, says: S, test: {metric: val_loss, at: {}, of: bn, above: 0.5}}
     16 │ - {id: c4, says: S, test: {metric: val_loss, at: {epoch: 1, step: 1}, of: bn, above: 0.5}}
        ·                                              ──
     17 │ - {id: c5, says: S, test: {metric: gradient_initial, at: {epoch: 1}, of: bn, above: 0.5}}
        ╰────
      help: give one of `best:` a metric, `epoch:`, `step:` and `mean_of_last:` a number

    Error:
      × `gradient_initial` has no curve, so there is no choice of a point to read it at
        ╭─[dir/try.yaml:17:54]
     16 │ - {id: c4, says: S, test: {metric: val_loss, at: {epoch: 1, step: 1}, of: bn, above: 0.5}}
     17 │ - {id: c5, says: S, test: {metric: gradient_initial, at: {epoch: 1}, of: bn, above: 0.5}}
        ·                                                      ──
        ╰────
      help: remove `at`, or name a metric that has a curve
    ");
    insta::assert_snapshot!(refuse(&with_tests(&["{metric: val_loss, at: middle, of: bn, above: 0.5}"]), &[]), @"
     × `claims[0].test.at` cannot be `middle`
       ╭─[dir/try.yaml:12:50]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, at: middle, of: bn, above: 0.5}}
       ·                                                  ──────
       ╰────
     help: it can be `last` or `best`
    ");
    insta::assert_snapshot!(refuse(&with_tests(&["{metric: val_loss, at: {epoch: -1}, of: bn, above: 0.5}"]), &[]), @"
     × `claims[0].test.at.epoch` should be a whole number of at least 0, not -1
       ╭─[dir/try.yaml:12:58]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, at: {epoch: -1}, of: bn, above: 0.5}}
       ·                                                          ──
       ╰────
     help: write a whole number of at least 0
    ");
}

#[test]
fn a_point_that_a_network_of_ours_never_comes_to_is_refused() {
    let test = |at: &str| with_tests(&[&format!("{{metric: val_loss, at: {at}, of: bn, minus: plain, above: 0}}")]);
    insta::assert_snapshot!(refuse(&test("{epoch: 1000}"), &[]), @"
     × variant `bn` is not trained for 1000 epochs, but for 2
       ╭─[dir/try.yaml:12:58]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, at: {epoch: 1000}, of: bn, minus: plain, above: 0}}
       ·                                                          ────
       ╰────
     help: use `epoch:` with a number from 1 to 2
    ");
    insta::assert_snapshot!(refuse(&test("{epoch: 0}"), &[]), @"
     × there is no epoch 0: they are counted from 1
       ╭─[dir/try.yaml:12:58]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, at: {epoch: 0}, of: bn, minus: plain, above: 0}}
       ·                                                          ─
       ╰────
     help: use `epoch:` with a number from 1 to 2
    ");
    insta::assert_snapshot!(refuse(&test("{step: 10}"), &[]), @"
     × variant `bn` is measured after each epoch, and not after single steps
       ╭─[dir/try.yaml:12:57]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, at: {step: 10}, of: bn, minus: plain, above: 0}}
       ·                                                         ──
       ╰────
     help: use `epoch:` with a number from 1 to 2
    ");
    // It is asked of those that the claim names.
    insta::assert_snapshot!(refuse(&test("{epoch: 2}"), &["train.epochs=2", "variants.plain.train.epochs=1"]), @"
     × variant `plain` is not trained for 2 epochs, but for 1
       ╭─[dir/try.yaml:12:58]
    11 │ claims:
    12 │ - {id: c0, says: S, test: {metric: val_loss, at: {epoch: 2}, of: bn, minus: plain, above: 0}}
       ·                                                          ─
       ╰────
     help: use `epoch:` with a number from 1 to 1
    ");
    accept(&test("{epoch: 2}"), &["train.epochs=2", "variants.dropout_only.train.epochs=1"]);
}

#[test]
fn a_metric_without_a_direction_has_no_best() {
    let program = "\
schema: 1
title: T
trainer: {command: [x]}
metrics: {score: {unit: fraction}, loss: {better: lower}}
seeds: 1
variants: [{id: a}]
claims:
- {id: c, says: S, test: {metric: TEST, of: a, above: 0}}
";
    let with = |test: &str| program.replace("TEST", test);
    insta::assert_snapshot!(refuse(&with("score, at: best"), &[]), @"
     × `claims[0].test.at` asks where `score` was best, and nothing says whether higher or lower is
     │ better
      ╭─[dir/try.yaml:8:46]
    7 │ claims:
    8 │ - {id: c, says: S, test: {metric: score, at: best, of: a, above: 0}}
      ·                                              ────
      ╰────
     help: add `better: higher` or `better: lower` to `metrics.score`
    ");
    insta::assert_snapshot!(refuse(&with("loss, at: {best: score}"), &[]), @"
     × `claims[0].test.at.best` asks where `score` was best, and nothing says whether higher or lower
     │ is better
      ╭─[dir/try.yaml:8:52]
    7 │ claims:
    8 │ - {id: c, says: S, test: {metric: loss, at: {best: score}, of: a, above: 0}}
      ·                                                    ─────
      ╰────
     help: add `better: higher` or `better: lower` to `metrics.score`
    ");
    insta::assert_snapshot!(refuse(&with("wall_time, at: best"), &[]), @"
     × `wall_time` has no curve, so there is no point at which it was best
      ╭─[dir/try.yaml:8:50]
    7 │ claims:
    8 │ - {id: c, says: S, test: {metric: wall_time, at: best, of: a, above: 0}}
      ·                                                  ────
      ╰────
     help: name a metric that has a curve
    ");
    accept(&with("score, at: {best: loss}"), &[]);
    // A program counts as it likes, so any place may be one of its own.
    accept(&with("score, at: {step: 1000000}"), &[]);
    accept(&with("score, at: {epoch: 0}"), &[]);
}

/// A network of ours beside a program.
const VARIED: &str = "\
schema: 1
title: T
data: {source: synthetic}
train: {epochs: 1}
seeds: 1
metrics: {loss: {better: lower}}
variants:
- {id: ours}
- {id: theirs, trainer: {command: [x]}}
claims:
- {id: c, says: S, test: {metric: TEST}}
";

#[test]
fn a_speed_is_claimed_only_of_networks_of_ours_that_will_be_timed() {
    let text = |test: &str| VARIED.replace("TEST", test);
    let ours = text("throughput, of: ours, above: 1");
    accept(&ours, &["throughput={rounds: 7}"]);
    insta::assert_snapshot!(refuse(&format!("{ours}throughput: false\n"), &[]), @"
     × `throughput` will not be measured: this experiment switches it off
       ╭─[dir/try.yaml:11:35]
    10 │ claims:
    11 │ - {id: c, says: S, test: {metric: throughput, of: ours, above: 1}}
       ·                                   ──────────
    12 │ throughput: false
       ╰────
     help: remove `throughput: false`, or name another metric
    ");
    insta::assert_snapshot!(refuse(&ours, &["throughput={enabled: false}"]), @"
     × `throughput` will not be measured: this experiment switches it off
       ╭─[dir/try.yaml:11:35]
    10 │ claims:
    11 │ - {id: c, says: S, test: {metric: throughput, of: ours, above: 1}}
       ·                                   ──────────
       ╰────
     help: remove `throughput: false`, or name another metric
    ");
    insta::assert_snapshot!(refuse(&text("inference_throughput, of: theirs, above: 1"), &[]), @"
     × `inference_throughput` cannot be measured of variant `theirs`, which has no network of ours to
     │ time
       ╭─[dir/try.yaml:11:61]
    10 │ claims:
    11 │ - {id: c, says: S, test: {metric: inference_throughput, of: theirs, above: 1}}
       ·                                                             ──────
       ╰────
     help: name a variant with network of ours to time, or another metric
    ");
    insta::assert_snapshot!(refuse(&text("throughput, at: best, of: ours, above: 1"), &[]), @"
     × `throughput` has no curve, so there is no point at which it was best
       ╭─[dir/try.yaml:11:51]
    10 │ claims:
    11 │ - {id: c, says: S, test: {metric: throughput, at: best, of: ours, above: 1}}
       ·                                                   ────
       ╰────
     help: name a metric that has a curve
    ");
}
