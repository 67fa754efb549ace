//! The page as a document: its outline, its tables, its anchors and its size.

use std::collections::BTreeSet;

use super::{complete, text};
use crate::report::{render, sample};

fn page() -> String {
    text(&complete(), "index.html")
}

fn attributes<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let opening = format!(" {name}=\"");
    html.match_indices(&opening).filter_map(|(at, _)| html[at + opening.len()..].split('"').next()).collect()
}

#[test]
fn headings_skip_no_level() {
    let html = page();
    let levels: Vec<u8> = html
        .match_indices("<h")
        .filter_map(|(at, _)| html.as_bytes().get(at + 2).filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0'))
        .collect();
    assert_eq!(levels.first(), Some(&1));
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn every_table_has_a_caption_and_every_head_cell_a_scope() {
    let html = page();
    assert_eq!(html.matches("<table").count(), html.matches("<caption").count());
    assert_eq!(html.matches("<th ").count() + html.matches("<th>").count(), html.matches("<th scope=").count());
}

#[test]
fn every_anchor_exists_once() {
    let html = page();
    let ids = attributes(&html, "id");
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id stands twice");
    let references = attributes(&html, "aria-labelledby").into_iter().flat_map(str::split_whitespace);
    let links = attributes(&html, "href").into_iter().filter_map(|link| link.strip_prefix('#'));
    for target in references.chain(links) {
        assert!(unique.contains(&target), "#{target} leads nowhere");
    }
}

#[test]
fn sections_come_in_the_order_in_which_they_are_read() {
    let html = page();
    let order = [
        "Answer",
        "Claims and verdicts",
        "Results",
        "Why",
        "Throughput",
        "Deviations and limits",
        "Reproduce and check",
        "What was run",
        "Environment",
        "Every trial",
        "Comparisons",
        "Evidence for each claim",
    ];
    let places: Vec<_> = order.iter().map(|title| html.find(&format!(">{title}</h2>")).expect(title)).collect();
    assert!(places.is_sorted());
}

#[test]
fn the_digests_of_the_data_files_stand_on_the_page() {
    let rendered = complete();
    let html = text(&rendered, "index.html").replace("&#x2f;", "/");
    for path in ["results.json", "results.csv", "claims.json", "junit.xml", "probes/signal.json", "results.tex"] {
        let digest = crate::provenance::Digest::of_bytes(&rendered.files[path]);
        assert!(html.contains(&format!("{digest}  {path}")), "{path}");
    }
}

#[test]
fn the_largest_page_stays_small() {
    let (evidence, judged) = sample::large();
    let size = render(&evidence, &judged).unwrap().files["index.html"].len();
    assert!(size < 1_500_000, "{size} bytes");
}
