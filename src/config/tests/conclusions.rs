//! Conclusions: what a file may say, and what a user reads about what it may not.

use super::claims::with_claims;
use super::{accept, refuse, try_load};

const CLAIMS: &str = "\
- {id: learns, says: S, test: {metric: val_accuracy, of: bn, above: 0.5}}
- {id: gains, says: S, test: {metric: val_accuracy, of: bn_dropout, minus: bn, above: 0}}
";

fn concluding(conclusions: &str) -> String {
    format!("{}conclusions:\n{conclusions}", with_claims(CLAIMS))
}

#[test]
fn a_conclusion_is_taken_as_it_stands_and_is_no_part_of_what_is_run() {
    let says = "It learns {bn.val_accuracy:interval}, by {gains:size}; 2 of 3 {{as written}}.";
    let experiment = accept(&concluding(&format!("- {{says: \"{says}\", when: {{learns: supported}}}}\n")), &[]);
    assert_eq!(experiment.conclusions[0].says, says);
    let without = accept(&with_claims(CLAIMS), &[]);
    assert_eq!((experiment.variants, experiment.claims), (without.variants, without.claims));
    assert!(!serde_yaml::to_string(&accept(&with_claims(CLAIMS), &[])).unwrap().contains("conclusions"));
}

#[test]
fn a_record_with_conclusions_reads_back_and_can_be_run_again() {
    let experiment = accept(&concluding("- {says: '{learns}', when: {learns: supported, gains: refuted}}\n"), &[]);
    let record = format!("schema: 1\n{}", serde_yaml::to_string(&experiment).unwrap());
    assert_eq!(accept(&record, &[]), experiment);
}

#[test]
fn who_selects_variants_keeps_the_conclusions_about_no_others() {
    let text = concluding(
        "- {says: a, when: {learns: supported}}\n- {says: b, when: {gains: supported}}\n- {says: '{plain.val_loss}', when: {learns: supported}}\n",
    );
    let kept = accept(&text, &["variants=[bn]"]).conclusions;
    assert_eq!(kept.iter().map(|conclusion| conclusion.says.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn what_is_not_there_is_named_with_its_place() {
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {bnn.val_accuracy}.\n  when: {learns: supported}\n"), &[]), @"
     × there is no variant `bnn`
       ╭─[dir/try.yaml:15:9]
    14 │ conclusions:
    15 │ - says: It gets {bnn.val_accuracy}.
       ·         ───────────────────────────
    16 │   when: {learns: supported}
       ╰────
     help: there are `bn`, `bn_dropout`, `plain` and `dropout_only`
    ");
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {bn.acuracy}.\n  when: {learns: supported}\n"), &[]), @"
     × there is no metric `acuracy`
       ╭─[dir/try.yaml:15:9]
    14 │ conclusions:
    15 │ - says: It gets {bn.acuracy}.
       ·         ─────────────────────
    16 │   when: {learns: supported}
       ╰────
     help: there are `val_accuracy`, `val_loss`, `train_accuracy`, `train_loss`, `signal_initial`,
           `signal_final`, `gradient_initial`, `variance_shift_depthwise`,
           `variance_shift_pointwise`, `reestimation_gain`, `masked_updates_dense`,
           `masked_updates_convolution`, `throughput` and `inference_throughput`
    ");
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {gain}.\n  when: {leans: supported}\n"), &[]), @"
      × dir/try.yaml has 2 errors

    Error:
      × there is no claim `leans`
        ╭─[dir/try.yaml:16:10]
     15 │ - says: It gets {gain}.
     16 │   when: {leans: supported}
        ·          ─────
        ╰────
      help: did you mean `learns`?

    Error:
      × there is no claim `gain`
        ╭─[dir/try.yaml:15:9]
     14 │ conclusions:
     15 │ - says: It gets {gain}.
        ·         ───────────────
     16 │   when: {leans: supported}
        ╰────
      help: did you mean `gains`?
    ");
}

#[test]
fn figures_that_are_typed_and_braces_that_are_wrong_are_refused() {
    insta::assert_snapshot!(refuse(&concluding("- says: It gets 43.27%.\n  when: {learns: supported}\n"), &[]), @"
     × a conclusion has the figure 43.27 typed into it, whatever the data say
       ╭─[dir/try.yaml:15:9]
    14 │ conclusions:
    15 │ - says: It gets 43.27%.
       ·         ───────────────
    16 │   when: {learns: supported}
       ╰────
     help: write `{variant.metric}` or `{claim-id}`, with `:interval` or `:size` behind the name if
           wanted; braces that stand for themselves are doubled
    ");
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {learns:bold}.\n  when: {learns: supported}\n"), &[]), @"
     × in a conclusion a figure cannot be written as `bold`
       ╭─[dir/try.yaml:15:9]
    14 │ conclusions:
    15 │ - says: It gets {learns:bold}.
       ·         ──────────────────────
    16 │   when: {learns: supported}
       ╰────
     help: write `{variant.metric}` or `{claim-id}`, with `:interval` or `:size` behind the name if
           wanted; braces that stand for themselves are doubled
    ");
    for says in ["{learns", "learns}", "", "{bn.masked_updates_dense}"] {
        let text = concluding(&format!("- says: '{says}'\n  when: {{learns: supported}}\n"));
        assert!(try_load(&text, &[]).is_err(), "{says}");
    }
}

#[test]
fn a_conclusion_that_presumes_nothing_is_refused() {
    insta::assert_snapshot!(refuse(&concluding("- {says: It learns., when: {}}\n"), &[]), @"
     × `conclusions[0].when` is empty
       ╭─[dir/try.yaml:15:28]
    14 │ conclusions:
    15 │ - {says: It learns., when: {}}
       ·                            ──
       ╰────
     help: name the claims that it rests on, each with its verdict: `when: {claim-id: supported}`
    ");
    insta::assert_snapshot!(refuse(&concluding("- {says: It learns., when: {learns: maybe}}\n"), &[]), @"
     × `conclusions[0].when.learns` cannot be `maybe`
       ╭─[dir/try.yaml:15:37]
    14 │ conclusions:
    15 │ - {says: It learns., when: {learns: maybe}}
       ·                                     ─────
       ╰────
     help: it can be `supported`, `refuted` or `inconclusive`
    ");
}
