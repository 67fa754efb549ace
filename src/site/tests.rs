use super::*;
use crate::config::native;
use crate::report::sample;
use crate::report::tests::outputs::readable_page;

/// A run of the complete sample with this folder and day.
fn run(folder: &str, day: &str) -> Published {
    let (mut evidence, judged) = sample::complete();
    if let Some(environment) = &mut evidence.environment {
        environment.started = format!("{day}T10:00:00Z");
    }
    Published { folder: folder.to_owned(), digest: Some(Digest::of_bytes(folder.as_bytes())), evidence, judged }
}

fn in_english(bundles: &[Published]) -> BTreeMap<String, Vec<u8>> {
    pages(bundles, &LanguageTag::source()).unwrap()
}

fn text(pages: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(pages[path].clone()).unwrap().replace("&#x2f;", "/")
}

#[test]
fn the_index_lists_every_bundle_newest_first_and_links_to_it() {
    let pages = in_english(&[run("b", "2026-02-01"), run("a", "2026-01-01")]);
    let index = text(&pages, "index.html");
    let (newer, older) = (index.find("href=\"b/index.html\"").unwrap(), index.find("href=\"a/index.html\"").unwrap());
    assert!(newer < older);
    assert!(index.contains("2026-02-01") && index.contains("2026-01-01"));
    let id = run("a", "2026-01-01").evidence.experiment.id;
    assert!(index.contains(&format!("href=\"history/{}.html\"", encoded(id.as_str()))));
    assert!(pages.contains_key(&format!("history/{id}.html")));
}

#[test]
fn a_changed_verdict_and_a_drift_stand_out_and_the_same_bits_are_said_to_be() {
    let (old, mut new) = (run("a", "2026-01-01"), run("b", "2026-02-01"));
    let id = old.evidence.experiment.id.clone();
    let page = |runs: &[Published]| text(&in_english(runs), &format!("history/{id}.html"));
    let unchanged = page(&[old.clone(), new.clone()]);
    assert!(unchanged.contains("the same bits") && !unchanged.contains("</span> changed</strong>"));
    assert!(unchanged.contains("href=\"../a/index.html\""));

    let was = new.judged[0].verdict;
    new.judged[0].verdict = if was == Verdict::Refuted { Verdict::Supported } else { Verdict::Refuted };
    for trial in &mut new.evidence.trials {
        for metrics in &mut trial.metrics {
            // The same step for every seed, so that its interval is as narrow as it gets.
            let accuracy = metrics.figure(native::VAL_ACCURACY).unwrap();
            metrics.set(native::VAL_ACCURACY, (accuracy + 0.03).min(1.0));
        }
    }
    let changed = page(&[old, new]);
    assert_eq!(changed.matches("</span> changed</strong>").count(), 1);
    assert!(changed.contains("▲</span> higher</strong>"));
}

#[test]
fn a_name_cannot_break_out_of_a_page_or_a_link() {
    let mut hostile = run("a\"><script>alert(1)</script>/..%2f", "2026-01-01");
    hostile.evidence.experiment.title = "<script>alert(2)</script>".to_owned();
    hostile.evidence.experiment.variants[0].label = "<img src=x onerror=alert(3)>".to_owned();
    if let Some(environment) = &mut hostile.evidence.environment {
        let marked = || "<script>alert(4)</script>".to_owned();
        (environment.engine, environment.started, environment.code.commit) = (marked(), marked(), Some(marked()));
    }
    let other = run("b", "2026-01-02");
    for (path, page) in in_english(&[hostile, other]) {
        let page = String::from_utf8(page).unwrap();
        assert!(!page.contains("<script") && !page.contains("<img"), "{path}");
    }
}

#[test]
fn an_empty_folder_has_an_index_that_says_so() {
    let pages = in_english(&[]);
    assert_eq!(pages.len(), 1);
    assert!(text(&pages, "index.html").contains("There is no report here yet"));
}

#[test]
fn a_site_speaks_the_language_that_is_asked_for_and_names_those_it_knows() {
    let runs = [run("a", "2026-01-01"), run("b", "2026-02-01")];
    let pages = pages(&runs, &"zh-Hant".parse().unwrap()).unwrap();
    for (path, page) in &pages {
        let page = std::str::from_utf8(page).unwrap();
        assert!(page.contains("<html lang=\"zh-Hant\">"), "{path}");
        for english in ["Reports", "History", "Variant", "Made by", " of "] {
            assert!(!page.contains(&format!(">{english}")), "{path}: {english}");
        }
    }
    assert!(text(&pages, "index.html").contains("<h1>報告</h1>"));

    let unknown = super::pages(&runs, &"tlh".parse().unwrap()).unwrap_err();
    assert_eq!(unknown.to_string(), "there are no texts in `tlh`");
}

#[test]
fn the_site_is_as_recorded() {
    let (old, mut new) = (run("2026/a", "2026-01-01"), run("2026/b", "2026-02-01"));
    new.judged[0].verdict = Verdict::Refuted;
    for trial in &mut new.evidence.trials {
        for metrics in trial.metrics.iter_mut().filter(|_| trial.variant.as_str() == "bn") {
            metrics.set(native::VAL_ACCURACY, metrics.figure(native::VAL_ACCURACY).unwrap() - 0.03);
        }
    }
    for (path, page) in in_english(&[old, new]) {
        insta::assert_snapshot!(path.replace('/', "-"), readable_page(std::str::from_utf8(&page).expect("text")));
    }
}

#[test]
fn the_index_says_of_every_report_what_its_page_says_first() {
    let run = run("a", "2026-01-01");
    let rendered = crate::report::render(&run.evidence, &run.judged).unwrap();
    let results: serde_json::Value = serde_json::from_slice(&rendered.files["results.json"]).unwrap();
    let answer = results["conclusions"]["answer"][0].as_str().unwrap();
    assert!(answer.contains("75.11%"), "{answer}");
    assert!(text(&in_english(std::slice::from_ref(&run)), "index.html").contains(answer));
}
