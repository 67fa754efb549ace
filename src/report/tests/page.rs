//! The page as a document: its outline, its tables, its anchors and its size.

use std::collections::BTreeSet;

use super::{complete, html_pages, text};
use crate::report::{render, sample};

fn attributes<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let opening = format!(" {name}=\"");
    html.match_indices(&opening).filter_map(|(at, _)| html[at + opening.len()..].split('"').next()).collect()
}

#[test]
fn headings_skip_no_level() {
    for (path, html) in html_pages(&complete()) {
        let levels: Vec<u8> = html
            .match_indices("<h")
            .filter_map(|(at, _)| {
                html.as_bytes().get(at + 2).filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0')
            })
            .collect();
        assert_eq!(levels.first(), Some(&1), "{path}");
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{path}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{path}: {levels:?}");
    }
}

#[test]
fn every_table_has_a_caption_and_every_head_cell_a_scope() {
    for (path, html) in html_pages(&complete()) {
        assert_eq!(html.matches("<table").count(), html.matches("<caption").count(), "{path}");
        let heads = html.matches("<th ").count() + html.matches("<th>").count();
        assert_eq!(heads, html.matches("<th scope=").count(), "{path}");
    }
}

#[test]
fn every_anchor_exists_once() {
    for (path, html) in html_pages(&complete()) {
        let ids = attributes(&html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{path}: an id stands twice");
        let references = attributes(&html, "aria-labelledby").into_iter().flat_map(str::split_whitespace);
        let links = attributes(&html, "href").into_iter().filter_map(|link| link.strip_prefix('#'));
        for target in references.chain(links) {
            assert!(unique.contains(&target), "{path}: #{target} leads nowhere");
        }
    }
}

#[test]
fn every_page_can_be_reached_from_the_first_and_leads_back_to_it() {
    let rendered = complete();
    let pages = html_pages(&rendered);
    let mut reached = BTreeSet::from(["index.html".to_owned()]);
    for (path, html) in &pages {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let links = attributes(html, "href")
            .into_iter()
            .filter(|link| !link.starts_with(['#', 'h']) || link.ends_with(".html"));
        let mut leads_back = *path == "index.html";
        for link in links.filter(|link| !link.starts_with("http")) {
            let link = link.replace("&#x2f;", "/").split('#').next().unwrap_or_default().to_owned();
            let target = match link.strip_prefix("../") {
                Some(above) => above.to_owned(),
                None if folder.is_empty() => link.clone(),
                None => format!("{folder}/{link}"),
            };
            assert!(rendered.files.contains_key(&target), "{path}: {link} leads nowhere");
            leads_back |= target == "index.html";
            reached.insert(target);
        }
        assert!(leads_back, "{path} does not lead back");
    }
    for (path, _) in pages {
        assert!(reached.contains(path), "no link leads to {path}");
    }
}

#[test]
fn sections_come_in_the_order_in_which_they_are_read() {
    let html = text(&complete(), "index.html");
    let order = [
        "What the source says",
        "What came out",
        "Claims and verdicts",
        "Results",
        "Why",
        "Deviations and limits",
        "Reproduce and check",
    ];
    let places: Vec<_> = order.iter().map(|title| html.find(&format!(">{title}</h2>")).expect(title)).collect();
    assert!(places.is_sorted());
}

#[test]
fn the_digests_of_the_data_files_stand_on_the_page() {
    let rendered = complete();
    let html = text(&rendered, "method.html").replace("&#x2f;", "/");
    for path in ["results.json", "results.csv", "claims.json", "junit.xml", "probes/signal.json", "results.tex"] {
        let digest = crate::provenance::Digest::of_bytes(&rendered.files[path]);
        assert!(html.contains(&format!("{digest}  {path}")), "{path}");
    }
}

#[test]
fn the_largest_page_stays_small() {
    let (evidence, judged) = sample::large();
    for (path, html) in html_pages(&render(&evidence, &judged).unwrap()) {
        assert!(html.len() < 1_000_000, "{path}: {} bytes", html.len());
    }
}
