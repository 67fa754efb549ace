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
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {bnn.val_accuracy}.\n  when: {learns: supported}\n"), &[]), @"");
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {bn.acuracy}.\n  when: {learns: supported}\n"), &[]), @"");
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {gain}.\n  when: {leans: supported}\n"), &[]), @"");
}

#[test]
fn figures_that_are_typed_and_braces_that_are_wrong_are_refused() {
    insta::assert_snapshot!(refuse(&concluding("- says: It gets 43.27%.\n  when: {learns: supported}\n"), &[]), @"");
    insta::assert_snapshot!(refuse(&concluding("- says: It gets {learns:bold}.\n  when: {learns: supported}\n"), &[]), @"");
    for says in ["{learns", "learns}", "", "{bn.masked_updates_dense}"] {
        let text = concluding(&format!("- says: '{says}'\n  when: {{learns: supported}}\n"));
        assert!(try_load(&text, &[]).is_err(), "{says}");
    }
}

#[test]
fn a_conclusion_that_presumes_nothing_is_refused() {
    insta::assert_snapshot!(refuse(&concluding("- {says: It learns., when: {}}\n"), &[]), @"");
    insta::assert_snapshot!(refuse(&concluding("- {says: It learns., when: {learns: maybe}}\n"), &[]), @"");
}
