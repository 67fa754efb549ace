//! Conclusions follow the data: when the data change, so do the sentences.

use super::text;
use crate::bundle::evidence::{Evidence, TrialState};
use crate::config::{DataSource, Dropout, DropoutKind, DropoutPlace, Initializer, Rate, Reported, native};
use crate::report::analysis::comparison::Shown;
use crate::report::analysis::{Analysis, Fate, knobs};
use crate::report::conclude::Conclusions;
use crate::report::sample::{self, Ending, at, evidence};
use crate::report::{ReportError, limits, probes, render};

fn conclusions(evidence: &Evidence) -> Conclusions {
    Conclusions::of(evidence, &Analysis::of(evidence).unwrap(), &[], &probes::of(evidence))
}

fn limits_of(evidence: &Evidence) -> String {
    limits::limits(evidence, &Analysis::of(evidence).unwrap()).join("\n")
}

fn fates(evidence: &Evidence) -> Vec<Fate> {
    Analysis::of(evidence).unwrap().variants.iter().map(|result| result.fate).collect()
}

#[test]
fn a_setting_that_fails_with_and_without_is_not_the_sole_cause() {
    let causes = conclusions(&sample::learned_with_normalisation()).causes;
    assert_eq!(causes.len(), 2);
    assert!(causes[0].contains("normalisation decides whether the network learns"), "{}", causes[0]);
    assert!(causes[0].starts_with("2 pairs differ only in normalisation"), "{}", causes[0]);
    assert!(causes[1].ends_with("So dropout cannot be the sole cause of the failure."), "{}", causes[1]);
}

#[test]
fn when_the_network_without_dropout_learns_dropout_decides() {
    let evidence = evidence(&[
        ("dropout_only", false, true, at(&[0.1, 0.1, 0.1])),
        ("plain", false, false, at(&[0.7, 0.71, 0.72])),
    ]);
    let causes = conclusions(&evidence).causes;
    assert_eq!(causes.len(), 1);
    assert!(causes[0].contains("the network learns without and fails with element-wise dropout 0.1"), "{}", causes[0]);
    assert!(causes[0].ends_with("dropout decides whether the network learns."), "{}", causes[0]);
}

#[test]
fn what_decides_in_one_pair_is_not_said_to_decide_where_another_variant_learns_without_it() {
    let mut evidence = evidence(&[
        ("bn", true, false, at(&[0.7, 0.71, 0.72])),
        ("plain", false, false, at(&[0.1, 0.1, 0.1])),
        ("plain_he", false, false, at(&[0.4, 0.41, 0.42])),
    ]);
    let he = &mut evidence.experiment.variants[2];
    he.label = "He".to_owned();
    he.network_mut().model.initializer = Initializer::He;
    he.network_mut().train.learning_rate /= 2.0;
    let found = conclusions(&evidence);
    assert_eq!(found.causes.len(), 1);
    let expected = "Not everywhere, though: “He” learns without as well, and differs in something else.";
    assert!(found.causes[0].ends_with(expected), "{}", found.causes[0]);
    assert!(
        found.answer[1].ends_with("Something else can make up for it: “He” learns without."),
        "{}",
        found.answer[1]
    );
}

#[test]
fn of_many_variants_those_that_the_source_reports_on_are_named_first() {
    let all: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"].map(|id| (id, true, true, at(&[0.7, 0.71, 0.72]))).to_vec();
    let mut evidence = evidence(&all);
    for variant in &mut evidence.experiment.variants[1..] {
        (variant.reported, variant.label) = (Reported::default(), variant.id.to_string());
    }
    let reported = Reported::from([(native::VAL_ACCURACY, 0.75)]);
    evidence.experiment.variants[0].reported = reported;
    let answer = &conclusions(&evidence).answer[0];
    assert!(answer.starts_with("“BN, dropout” learns (71.00%); of the 6 other variants, 6 learn, best “"), "{answer}");
}

#[test]
fn seeds_that_all_give_one_figure_predict_nothing() {
    let evidence = evidence(&[("dropout_only", false, true, at(&[0.1, 0.1, 0.1]))]);
    let source = &conclusions(&evidence).source[0];
    assert!(source.contains("All seeds gave the same figure, which says nothing about"), "{source}");
}

#[test]
fn a_setting_is_named_as_a_sentence_wants_it() {
    let mut evidence = evidence(&[("slow", true, true, at(&[0.7, 0.7])), ("fast", true, true, at(&[0.1, 0.1]))]);
    evidence.experiment.variants[1].network_mut().train.learning_rate = 10.0;
    let causes = conclusions(&evidence).causes;
    assert!(causes[0].ends_with("the learning rate decides whether the network learns."), "{}", causes[0]);
}

#[test]
fn when_both_learn_nothing_is_said_about_causes() {
    let evidence = evidence(&[("a", false, true, at(&[0.6, 0.61, 0.6])), ("b", false, false, at(&[0.7, 0.71, 0.72]))]);
    assert!(conclusions(&evidence).causes.is_empty());
}

#[test]
fn a_variant_that_loses_seeds_has_not_shown_that_it_learns() {
    let evidence = evidence(&[
        ("a", true, true, Ending::SomeDiverge(vec![0.7, 0.71, f64::NAN])),
        ("b", false, true, at(&[0.1, 0.1, 0.1])),
    ]);
    assert_eq!(fates(&evidence), [Fate::AboveChance, Fate::AtChance]);
    assert!(conclusions(&evidence).causes.is_empty());
    assert!(conclusions(&evidence).learning[0].ends_with("training diverged at 1 of 3 seeds that ran."));
    assert!(limits_of(&evidence).contains("diverged at 1 of 3 seeds, and its final figures are those of the others"));
}

#[test]
fn a_variant_that_always_diverges_has_no_figures_and_is_said_to_diverge() {
    let evidence = evidence(&[
        ("a", false, true, Ending::SomeDiverge(vec![f64::NAN, f64::NAN])),
        ("b", false, false, at(&[0.1, 0.1])),
    ]);
    assert_eq!(fates(&evidence), [Fate::Diverged, Fate::AtChance]);
    let conclusions = conclusions(&evidence);
    assert_eq!(
        conclusions.learning[0],
        "“no BN, dropout” does not get to the end: training diverged at 2 of 2 seeds that ran."
    );
    assert!(conclusions.causes[0].contains("“no BN, dropout” (diverged) and “no BN, no dropout” (at chance)"));
    assert!(conclusions.comparisons.is_empty());
}

#[test]
fn one_seed_gives_figures_without_intervals_and_says_so() {
    let evidence = evidence(&[("bn_dropout", true, true, at(&[0.75])), ("dropout_only", false, true, at(&[0.1]))]);
    let conclusions = conclusions(&evidence);
    assert!(conclusions.learning[0].contains("over the test images only, 1 seed"), "{}", conclusions.learning[0]);
    assert!(conclusions.causes[0].ends_with("This rests on a single seed of some variant."));
    assert!(conclusions.comparisons[0].ends_with("one seed gives no interval, so nothing is shown."));
    assert!(conclusions.source[0].contains("One seed says nothing about how far further trials would lie apart."));
    assert!(limits_of(&evidence).contains("How far results of “BN, dropout” vary between seeds"));
}

#[test]
fn seeds_far_apart_are_inconclusive() {
    let evidence = evidence(&[("a", true, true, at(&[0.75, 0.1]))]);
    assert_eq!(fates(&evidence), [Fate::Inconclusive]);
    assert!(limits_of(&evidence).contains("Whether “BN, dropout” learns"));
}

#[test]
fn failed_and_missing_trials_are_counted_and_named() {
    let evidence = evidence(&[
        ("a", true, true, at(&[0.75, 0.74, 0.73])),
        ("b", true, false, Ending::Fail("out of memory")),
        ("c", false, false, Ending::Miss),
    ]);
    assert_eq!(fates(&evidence), [Fate::AboveChance, Fate::NoResult, Fate::NoResult]);
    let limits = limits_of(&evidence);
    assert!(
        limits.contains("“BN, no dropout”: of its 3 planned trials none completed (3 failed without a usable record)."),
        "{limits}"
    );
    assert!(limits.contains("“no BN, no dropout”: of its 3 planned trials none completed (3 not run)."), "{limits}");
}

#[test]
fn trials_the_evidence_does_not_list_are_missing() {
    let mut evidence = sample::learned_with_normalisation();
    evidence.trials.clear();
    let counts = Analysis::of(&evidence).unwrap().variants[0].counts;
    assert_eq!((counts.planned, counts.missing), (3, 3));
    assert!(render(&evidence, &[]).is_ok());
}

#[test]
fn a_record_of_completion_without_its_last_epoch_counts_as_failed() {
    let mut evidence = sample::learned_with_normalisation();
    evidence.trials[0].metrics.truncate(5);
    let analysis = Analysis::of(&evidence).unwrap();
    assert_eq!((analysis.variants[0].counts.completed, analysis.variants[0].counts.failed), (2, 1));
}

#[test]
fn losses_that_are_not_finite_are_left_out_of_the_mean_and_named() {
    let mut evidence = sample::learned_with_normalisation();
    evidence.trials[0].metrics.last_mut().unwrap().set(native::VAL_LOSS, f64::NAN);
    let analysis = Analysis::of(&evidence).unwrap();
    assert_eq!(analysis.variants[0].estimate(native::VAL_LOSS).unwrap().n, 2);
    assert!(limits_of(&evidence).contains("not a finite number at 1 of 3 seeds that completed"));
}

#[test]
fn without_a_record_of_the_images_nothing_is_held_against_chance() {
    let mut evidence = sample::learned_with_normalisation();
    evidence.dataset = None;
    assert!(fates(&evidence).iter().all(|fate| *fate == Fate::NotJudged));
    assert!(conclusions(&evidence).causes.is_empty());
    assert!(limits_of(&evidence).contains("no record of the images used"));
}

#[test]
fn synthetic_images_and_subsets_limit_what_follows() {
    let mut evidence = sample::learned_with_normalisation();
    evidence.experiment.data.as_mut().unwrap().per_class.train = Some(500);
    assert!(limits_of(&evidence).contains("only 500 training images per class were used"));
    evidence.experiment.data.as_mut().unwrap().source = DataSource::Synthetic { seed: 1 };
    assert!(limits_of(&evidence).contains("the images here are synthetic"));
}

#[test]
fn a_reported_figure_is_held_against_one_further_trial_not_against_the_mean() {
    // Interval of the mean of these five: 0.7433 to 0.7617; of one further trial: 0.7300 to 0.7750 (SciPy, see stats).
    let mut evidence = evidence(&[("bn_dropout", true, true, at(&[0.7511, 0.7432, 0.7623, 0.7488, 0.7570]))]);
    evidence.experiment.variants[0].reported.set(native::VAL_ACCURACY, 0.77);
    assert!(
        conclusions(&evidence).source[0]
            .ends_with("(95%), and the reported figure lies inside. Both are above this data set’s chance level.")
    );
    evidence.experiment.variants[0].reported.set(native::VAL_ACCURACY, 0.78);
    assert!(conclusions(&evidence).source[0].contains("and the reported figure lies outside."));
}

#[test]
fn two_seeds_are_too_few_to_call_a_reported_figure_compatible() {
    let two = evidence(&[("bn_dropout", true, true, at(&[0.75, 0.76]))]);
    let source = &conclusions(&two).source[0];
    assert!(source.contains("So few seeds say nothing about how far further trials would lie apart."), "{source}");
    assert_eq!(Analysis::of(&two).unwrap().variants[0].source[0].compatible, None);
    let three = evidence(&[("bn_dropout", true, true, at(&[0.75, 0.76, 0.755]))]);
    assert_eq!(Analysis::of(&three).unwrap().variants[0].source[0].compatible, Some(true));
}

#[test]
fn the_answer_says_what_became_of_variants_what_decides_and_how_claims_fare() {
    let (evidence, judged) = sample::complete();
    let answer = Conclusions::of(&evidence, &Analysis::of(&evidence).unwrap(), &judged, &[]).answer;
    assert_eq!(
        answer,
        [
            "“BN, dropout” (75.11%) and “BN, no dropout” (78.49%) learn; “no BN, dropout” (10.00%) and “no BN, no dropout” \
             (10.01%) stay at chance. Guessing gives 10.00%.",
            "Normalisation decides: all else being equal, the network learns with batch normalisation and fails without.",
            "Dropout alone cannot be what makes the network fail: it fails with either setting.",
            "Of 6 claims, 3 are supported, 1 is refuted and 2 are left open; 1 verdict falls when corrected for their number.",
        ]
    );
}

#[test]
fn an_answer_about_many_variants_counts_them() {
    let (evidence, judged) = sample::large();
    let answer = Conclusions::of(&evidence, &Analysis::of(&evidence).unwrap(), &judged, &[]).answer;
    assert!(answer[0].starts_with("Of 14 variants, 13 learn, best “"), "{}", answer[0]);
    assert!(answer[0].ends_with(" and 1 stays at chance. Guessing gives 10.00%."), "{}", answer[0]);
}

#[test]
fn paired_differences_say_whether_they_exclude_zero() {
    let evidence = sample::learned_with_normalisation();
    let analysis = Analysis::of(&evidence).unwrap();
    let shown: Vec<_> = analysis
        .comparisons
        .iter()
        .map(|pair| {
            let (left, right) = (analysis.minuend(pair).variant, analysis.subtrahend(pair).variant);
            (left.id.as_str(), right.id.as_str(), pair.difference.knob.as_str(), pair.shown())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("bn_dropout", "dropout_only", "normalisation", Shown::Difference),
            ("bn_dropout", "bn", "dropout", Shown::Difference),
            ("dropout_only", "plain", "dropout", Shown::NoDifference),
            ("bn", "plain", "normalisation", Shown::Difference),
        ]
    );
}

#[test]
fn variants_that_differ_in_two_settings_are_not_compared() {
    let mut evidence = evidence(&[("a", true, true, at(&[0.7, 0.7])), ("b", true, true, at(&[0.6, 0.6]))]);
    assert!(Analysis::of(&evidence).unwrap().comparisons.is_empty(), "no difference at all");
    evidence.experiment.variants[1].network_mut().train.learning_rate = 0.02;
    assert_eq!(Analysis::of(&evidence).unwrap().comparisons[0].difference.knob, "learning rate");
    evidence.experiment.variants[1].network_mut().model.width = 0.5;
    assert!(Analysis::of(&evidence).unwrap().comparisons.is_empty());
}

#[test]
fn rate_and_place_of_dropout_are_two_settings_but_dropout_against_none_is_one() {
    let mut evidence = evidence(&[("a", true, true, Ending::Miss), ("b", true, true, Ending::Miss)]);
    let variants = &mut evidence.experiment.variants;
    variants[1].network_mut().model.dropout = Some(Dropout {
        rate: Rate::new(0.3).unwrap(),
        kind: DropoutKind::Element,
        place: DropoutPlace::Head,
        block_size: None,
    });
    let knobs: Vec<_> = knobs::differences(&variants[0], &variants[1]).into_iter().map(|found| found.knob).collect();
    assert_eq!(knobs, ["dropout rate", "dropout place"]);
    variants[1].network_mut().model.dropout = None;
    let found = knobs::differences(&variants[0], &variants[1]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subtrahend, "none");
}

#[test]
fn trials_of_several_engines_are_a_limit_of_what_can_be_concluded() {
    let says_so = |evidence: &Evidence| {
        limits_of(evidence)
            .contains("trials were computed by \u{201c}flex-cpu\u{201d} and \u{201c}libtorch-cpu 2.9.1\u{201d}")
    };
    let mut evidence = sample::learned_with_normalisation();
    assert!(!says_so(&evidence));
    let TrialState::Done(record) = &mut evidence.trials[4].state else { panic!("all trials are done") };
    record.key.parts.native_mut().engine = "libtorch-cpu 2.9.1".to_owned();
    assert!(says_so(&evidence));
}

#[test]
fn whether_engines_differ_is_tested_for_each_variant_that_has_several() {
    let far = sample::at(&[0.70, 0.701, 0.702, 0.80, 0.801, 0.802]);
    let near = sample::at(&[0.50, 0.60, 0.55, 0.51, 0.61, 0.54]);
    let mut evidence = sample::evidence(&[("far", true, true, far), ("near", false, true, near)]);
    for trial in evidence.trials.iter_mut().filter(|trial| trial.seed.0 > 3) {
        let TrialState::Done(record) = &mut trial.state else { panic!("all trials are done") };
        record.key.parts.native_mut().engine = "cuda".to_owned();
    }
    let limits = limits_of(&evidence);
    let labels: Vec<_> = evidence.experiment.variants.iter().map(|variant| variant.label.clone()).collect();
    assert!(limits.contains(&format!("One sample of \u{201c}{}\u{201d}", labels[0])), "{limits}");
    assert!(
        limits.contains(&format!("Whether engines agree on \u{201c}{}\u{201d}: no difference", labels[1])),
        "{limits}"
    );
    let page = text(&render(&evidence, &[]).unwrap(), "details.md");
    assert_eq!(page.matches("| cuda |").count(), 6, "{page}");
}

#[test]
fn evidence_that_does_not_fit_its_experiment_is_refused() {
    let mut evidence = sample::learned_with_normalisation();
    evidence.trials.push(evidence.trials[0].clone());
    assert!(matches!(render(&evidence, &[]), Err(ReportError::Repeated { .. })));
    let last = evidence.trials.last_mut().unwrap();
    (last.variant, last.state) = ("stranger".parse().unwrap(), TrialState::Missing);
    assert!(matches!(render(&evidence, &[]), Err(ReportError::Unplanned { .. })));
}
