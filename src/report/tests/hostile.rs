//! Strings from experiment files and records cannot break out of where they are shown.

use super::{rendered, text};
use crate::bundle::evidence::Evidence;
use crate::report::sample::{self, Ending, at, evidence};

const HOSTILE: &str =
    "</title></svg></desc><script>alert(1)</script>\"'`|--><img src=x onerror=1>\n# x\r\n| a | b |\u{0}\u{1b}\u{202E}";

fn hostile() -> Evidence {
    let mut evidence = evidence(&[
        ("a", true, true, at(&[0.7, 0.71])),
        ("b", false, true, at(&[0.1, 0.1])),
        ("c", true, false, Ending::Fail(HOSTILE)),
    ]);
    let experiment = &mut evidence.experiment;
    experiment.title = HOSTILE.to_owned();
    experiment.question = Some(HOSTILE.to_owned());
    experiment.deviations = vec![HOSTILE.to_owned()];
    if let Some(source) = &mut experiment.source {
        source.title = HOSTILE.to_owned();
        source.author = Some(HOSTILE.to_owned());
        source.published = Some(HOSTILE.to_owned());
        source.url = Some(format!("https://example.org/{HOSTILE}"));
    }
    for variant in &mut experiment.variants {
        variant.label = HOSTILE.to_owned();
        variant.description = Some(HOSTILE.to_owned());
    }
    if let Some(dataset) = &mut evidence.dataset {
        dataset.description = HOSTILE.to_owned();
        dataset.classes.fill(HOSTILE.to_owned());
    }
    if let Some(environment) = &mut evidence.environment {
        for field in [&mut environment.cpu, &mut environment.os, &mut environment.engine, &mut environment.rustc] {
            *field = HOSTILE.to_owned();
        }
    }
    evidence
}

#[test]
fn no_markup_gets_into_the_page() {
    let html = text(&rendered(&hostile()), "index.html");
    for banned in ["<script", "<img", "alert(1)<", "\u{202E}", "\u{0}", "\u{1b}"] {
        assert!(!html.contains(banned), "{banned:?}");
    }
    let count = |tag: &str| html.matches(tag).count();
    assert_eq!(count("<svg "), count("</svg>"));
    assert_eq!(count("<title"), count("</title>"));
    assert_eq!(count("<tr>"), count("</tr>"));
}

#[test]
fn only_web_addresses_become_links() {
    let mut evidence = sample::learned_with_normalisation();
    for url in ["javascript:alert(1)", "data:text/html,x", " javascript:alert(1)", "file:///etc/passwd"] {
        if let Some(source) = &mut evidence.experiment.source {
            source.url = Some(url.to_owned());
        }
        let rendered = rendered(&evidence);
        assert!(!text(&rendered, "index.html").contains(url));
        assert!(!text(&rendered, "report.md").contains(url));
    }
}

#[test]
fn no_markup_gets_into_the_markdown_and_tables_keep_their_columns() {
    let markdown = text(&rendered(&hostile()), "report.md");
    assert!(!markdown.contains("<script") && !markdown.contains("<img"));
    assert!(!markdown.contains("\n# x") && !markdown.contains("\n| a | b |"));
    let mut columns = None;
    for line in markdown.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
    }
}

#[test]
fn drawings_stay_well_formed() {
    for (path, bytes) in rendered(&hostile()).files.iter().filter(|(path, _)| path.ends_with(".svg")) {
        let svg = std::str::from_utf8(bytes).expect(path);
        assert!(!svg.contains("<script"));
        assert_well_formed(svg);
    }
}

#[test]
fn json_keeps_hostile_strings_as_they_are() {
    let json: serde_json::Value = serde_json::from_str(&text(&rendered(&hostile()), "results.json")).unwrap();
    assert_eq!(json["title"], HOSTILE);
    assert_eq!(json["variants"][0]["label"], HOSTILE);
}

#[test]
fn every_row_of_the_csv_has_every_field() {
    let csv = text(&rendered(&hostile()), "results.csv");
    assert!(records(&csv).iter().all(|fields| *fields == 15), "{csv}");
    assert_eq!(records(&csv).len(), 1 + 6);
}

/// Number of fields of each record, read as RFC 4180 says.
fn records(csv: &str) -> Vec<usize> {
    let (mut counts, mut fields, mut is_quoted) = (vec![], 1, false);
    for c in csv.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields += 1,
            '\n' if !is_quoted => {
                counts.push(fields);
                fields = 1;
            }
            _ => {}
        }
    }
    counts
}

/// Checks what XML demands of the drawings made here: nested tags, quoted attributes, known entities, legal characters.
pub fn assert_well_formed(xml: &str) {
    let mut open: Vec<&str> = vec![];
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        assert_entities(&rest[..start]);
        let (tag, after) = rest[start + 1..].split_once('>').expect("a tag that ends");
        assert!(!tag.contains('<') && tag.matches('"').count() % 2 == 0, "<{tag}>");
        assert_entities(tag);
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> closes another element");
        } else if !tag.ends_with('/') {
            assert!(!open.is_empty() || start == 0 || rest.len() == xml.len(), "a second root element");
            open.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} left open, {rest:?} after the end");
    assert!(xml.chars().all(|c| c == '\n' || !c.is_control()), "a control character");
}

fn assert_entities(text: &str) {
    for (place, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"];
        assert!(known.iter().any(|entity| text[place..].starts_with(entity)), "{}", &text[place..]);
    }
}
