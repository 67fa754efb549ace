//! Claims on the page and in their files: what is shown follows the verdicts it is given.

use super::{complete, text};
use crate::claims::{Correction, Judged, Registration, judge};
use crate::config::{At, Bound, Claim, Test, Verdict, native};
use crate::report::sample::{self, claims};
use crate::report::{Rendered, render};

fn rendered_with(change: impl Fn(&mut Judged)) -> Rendered {
    let (evidence, mut judged) = sample::complete();
    judged.iter_mut().for_each(change);
    render(&evidence, &judged).unwrap()
}

#[test]
fn every_claim_leads_to_its_evidence() {
    let rendered = complete();
    let html = text(&rendered, "index.html");
    for judged in claims::judged() {
        let id = judged.claim.id;
        assert!(html.contains(&format!("href=\"#claim-{id}\"")), "no link from the bar to {id}");
        assert_eq!(html.matches(&format!("id=\"claim-{id}\"")).count(), 1);
        assert!(html.contains(&format!("href=\"claims/{id}.html\"")), "no link to the evidence for {id}");
        assert!(text(&rendered, &format!("claims/{id}.html")).contains(&judged.claim.says));
    }
}

#[test]
fn verdicts_are_told_apart_by_word_and_symbol() {
    let html = text(&complete(), "index.html");
    for (symbol, word) in [("✓", "supported"), ("✗", "refuted"), ("?", "inconclusive")] {
        assert!(html.contains(&format!("<span aria-hidden=\"true\">{symbol}</span> {word}</span>")), "{word}");
    }
}

#[test]
fn claims_changed_or_added_after_results_are_marked_and_others_are_not() {
    let html = text(&complete(), "index.html");
    for (what, page) in [("changed", "claims/dropout_helps.html"), ("added", "claims/signal_fades.html")] {
        let mark = format!("</span> {what} when results existed</strong>");
        assert_eq!(html.matches(&mark).count(), 1);
        assert_eq!(text(&complete(), page).matches(&mark).count(), 1);
    }
    let honest = rendered_with(|judged| judged.registration = Registration::Before);
    assert!(!text(&honest, "index.html").contains("class=\"late\""));
}

#[test]
fn a_correction_is_shown_beside_the_verdict_only_where_it_changes_it() {
    let page = |verdict| {
        let correction = Some(Correction { p_value: 0.06, verdict });
        text(&rendered_with(|judged| judged.corrected = correction), "summary.md")
    };
    assert_eq!(page(Verdict::Inconclusive).matches("inconclusive after correction").count(), 4);
    assert_eq!(page(Verdict::Supported).matches("supported after correction").count(), 3);
}

#[test]
fn junit_fails_what_must_hold_and_does_not_skips_what_is_open_and_passes_the_rest() {
    let xml = text(&complete(), "junit.xml");
    assert!(xml.contains("tests=\"6\" failures=\"1\" errors=\"0\" skipped=\"1\""), "{xml}");
    assert!(xml.contains(
        "message=\"must be supported, but is inconclusive: 75.11% (95% interval 73.15% to 77.07%, 3 of 3 seeds)"
    ));
    let all_hold = rendered_with(|judged| judged.claim.must = Some(judged.verdict));
    assert!(text(&all_hold, "junit.xml").contains("failures=\"0\" errors=\"0\" skipped=\"0\""));
}

#[test]
fn claims_json_is_unrounded() {
    let json: serde_json::Value = serde_json::from_str(&text(&complete(), "claims.json")).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["claims"][3]["estimate"], 3.2e-9);
    assert_eq!(json["claims"][1]["corrected"]["verdict"], "inconclusive");
    assert_eq!(json["claims"][5]["interval"], serde_json::Value::Null);
}

#[test]
fn the_summary_has_sixty_lines_at_most() {
    let (evidence, judged) = sample::large();
    let many: Vec<_> = judged.iter().cycle().take(50).cloned().collect();
    let mut larger = evidence.clone();
    for index in 0..30 {
        let mut variant = evidence.experiment.variants[0].clone();
        variant.id = format!("further_{index}").parse().unwrap();
        larger.experiment.variants.push(variant);
    }
    let summary = text(&render(&larger, &many).unwrap(), "summary.md");
    assert!(summary.lines().count() <= 60, "{}", summary.lines().count());
    assert!(
        summary.contains("32 more in `claims.json`.") && summary.contains("28 more in `results.csv`."),
        "{summary}"
    );
}

#[test]
fn without_claims_nothing_is_said_about_claims() {
    let (mut evidence, _) = sample::complete();
    evidence.experiment.claims.clear();
    let rendered = render(&evidence, &[]).unwrap();
    assert!(!text(&rendered, "index.html").contains("Claims and verdicts"));
    assert!(!text(&rendered, "report.md").contains("Claims and verdicts"));
    assert!(text(&rendered, "junit.xml").contains("tests=\"0\""));
}

#[test]
fn a_strip_shows_where_the_estimate_lies_against_the_claim() {
    let rendered = complete();
    let html: String = super::html_pages(&rendered).into_iter().map(|(_, html)| html).collect();
    // Six claims, one without an estimate.
    assert_eq!(html.matches("<div class=\"strip\">").count(), 5);
    assert_eq!(text(&rendered, "index.html").matches("<span class=\"track ").count(), 5);
    assert!(html.contains("Claimed: below 15.00%. Found: 10.00%."));
    assert!(html.contains("Claimed: from 74.11% to 76.11%. Found: 75.11%."));
    assert!(html.contains("Claimed: below 0.00 decades. Found: −4.10 decades."));
}

#[test]
fn a_level_that_has_no_logarithm_gets_no_strip() {
    let rendered = rendered_with(|judged| judged.estimate = judged.estimate.map(|_| 0.0));
    // The signal is on a logarithmic axis, on which zero has no place.
    let strips = super::html_pages(&rendered).iter().filter(|(_, html)| html.contains("<div class=\"strip\">")).count();
    assert_eq!(strips, 4);
}

/// The first of the made-up claims, about something else.
fn claim_of(test: Test, at: At) -> Claim {
    Claim { test, at, ..claims::judged().remove(0).claim }
}

#[test]
fn claims_about_speed_speak_of_rounds_and_not_of_seeds() {
    let id = |name: &str| name.parse().unwrap();
    let (metric, bound) = (native::THROUGHPUT, Bound::Below { value: 0.9 });
    let (mut evidence, _) = sample::complete();
    evidence.experiment.claims = vec![
        claim_of(Test::Ratio { metric, of: id("bn"), over: id("plain"), bound }, At::Last),
        claim_of(Test::Level { metric, of: id("bn"), bound: Bound::Above { value: 100.0 } }, At::Last),
    ];
    let page = text(&render(&evidence, &judge(&evidence)).unwrap(), "details.md");
    // 40 ms for a step of the plain network and half as much again with normalisation, in each of three rounds.
    for words in [
        "over that of “no BN, no dropout”, in the geometric mean over rounds of measurement that took turns, is below 0.9 times.",
        "0.6667 times",
        "3 of 3 rounds",
        "over rounds of measurement is above 100 images/s.",
        "Mean over rounds",
    ] {
        assert!(page.contains(words), "{words} is missing in {page}");
    }
    evidence.throughput = None;
    let page = text(&render(&evidence, &judge(&evidence)).unwrap(), "details.md");
    assert!(page.contains("at its own batch and image size, was not measured"), "{page}");
}

#[test]
fn a_claim_says_at_which_point_its_metric_is_read() {
    let (mut evidence, _) = sample::complete();
    let bound = Bound::Above { value: 0.5 };
    let test = Test::Level { metric: native::VAL_ACCURACY, of: "bn".parse().unwrap(), bound };
    evidence.experiment.claims = vec![claim_of(test, At::Best(native::VAL_LOSS))];
    let rendered = render(&evidence, &judge(&evidence)).unwrap();
    for file in ["claims/does_not_train.html", "details.md", "junit.xml", "results.tex"] {
        assert!(text(&rendered, file).contains("at the point with the best validation loss"), "{file}");
    }
    assert!(text(&rendered, "claims.json").contains("\"best\": \"val_loss\""));
}
