//! Every file of a report and of a site as it is recorded, from one made-up bundle: what a change does to any of them is
//! read in the snapshots' difference.
//!
//! Snapshots hold what a reviewer can read. A drawing within a page, and a drawing too long to be read, stand as their
//! digest and their words; the digests of rendered files within others stand as those files' names, or else every change
//! of one file would change three.

use std::fmt::Write;

use super::{complete, text};
use crate::provenance::Digest;
use crate::report::Rendered;

/// Drawings with more bytes than this are recorded as their words.
const MOST_BYTES: usize = 40_000;

/// The text of a file with the digest of each other file replaced by its name.
fn without_digests(rendered: &Rendered, path: &str) -> String {
    let others = rendered.files.iter().filter(|(other, _)| *other != path);
    others.fold(text(rendered, path), |text, (other, bytes)| {
        text.replace(&Digest::of_bytes(bytes).to_string(), &format!("[digest of {other}]"))
    })
}

/// What stands between two marks, the marks included, replaced by what `shown` makes of it.
fn replaced(text: &str, from: &str, to: &str, shown: impl Fn(&str) -> String) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let (inner, rest) = part.split_once(to).expect("a mark has its counterpart");
        kept + &shown(&format!("{from}{inner}{to}")) + rest
    })
}

/// A page whose drawings are named with their digest and whose style sheet, a file of its own, is left out.
pub fn readable_page(html: &str) -> String {
    let page = replaced(html, "<style>\n", "</style>", |_| "<style>[templates/style.css]</style>".to_owned());
    replaced(&page, "<svg ", "</svg>", |svg| {
        let name = svg.split("aria-labelledby=\"").nth(1).and_then(|rest| rest.split("-title").next()).expect("a name");
        format!("[drawing {name}: {}]", Digest::of_bytes(svg.as_bytes()).short())
    })
}

/// A drawing as it is, but for its style sheet, where that can be read; else its digest and all that is written on it.
fn readable_drawing(svg: &str) -> String {
    let drawing = replaced(svg, "<style>", "</style>", |_| "<style>[palette]</style>".to_owned());
    if drawing.len() <= MOST_BYTES {
        return drawing;
    }
    let words = drawing.split('<').filter_map(|element| {
        let (tag, words) = element.split_once('>')?;
        let name = tag.split([' ', '\n']).next()?;
        matches!(name, "title" | "desc" | "text").then(|| format!("{name}: {}", words.trim()))
    });
    let mut listed =
        format!("{} elements, digest {}\n", drawing.matches('<').count(), Digest::of_bytes(svg.as_bytes()));
    for line in words {
        writeln!(listed, "{line}").expect("a string takes all");
    }
    listed
}

#[test]
fn pages_are_as_recorded() {
    let rendered = complete();
    let pages = ["index", "claims/dropout_helps", "variants/bn_dropout", "inside", "throughput", "figures", "method"];
    for page in pages {
        let path = format!("{page}.html");
        insta::assert_snapshot!(path.replace('/', "-"), readable_page(&without_digests(&rendered, &path)));
    }
}

#[test]
fn drawings_are_as_recorded() {
    for (path, bytes) in complete().files.iter().filter(|(path, _)| path.ends_with(".svg")) {
        let svg = std::str::from_utf8(bytes).expect(path);
        insta::assert_snapshot!(path.replace('/', "-"), readable_drawing(svg));
    }
}

#[test]
fn the_style_sheet_of_drawings_is_as_recorded() {
    let svg = text(&complete(), "plots/final-accuracy.svg");
    let (_, style) = svg.split_once("<style>").expect("a style sheet");
    insta::assert_snapshot!("plots-style.css", style.split("</style>").next().expect("its end").replace('}', "}\n"));
}

#[test]
fn strips_of_claims_are_as_recorded() {
    let html: String = super::html_pages(&complete()).into_iter().map(|(_, html)| html).collect();
    let strips: Vec<String> = html
        .split("<div class=\"strip\">\n")
        .skip(1)
        .map(|rest| readable_drawing(rest.split("</div>").next().expect("its end")))
        .collect();
    assert_eq!(strips.len(), 5, "one for each claim with an estimate");
    insta::assert_snapshot!("strips-of-claims.svg", strips.concat());
}

#[test]
fn probes_are_as_recorded() {
    let rendered = complete();
    for path in rendered.files.keys().filter(|path| path.starts_with("probes/")) {
        let document: serde_json::Value = serde_json::from_str(&text(&rendered, path)).expect(path);
        insta::assert_snapshot!(path.replace('/', "-"), one_layer_a_line(&document, 0));
    }
}

/// Six significant digits: mathematical libraries may differ in the last of seventeen.
fn six_digits(number: f64) -> String {
    format!("{number:.5e}").parse::<f64>().expect("a number").to_string()
}

/// JSON in which an object that holds neither object nor array stands on one line.
fn one_layer_a_line(value: &serde_json::Value, depth: usize) -> String {
    use serde_json::Value;
    let is_flat = |value: &Value| !(value.is_object() || value.is_array());
    let (edge, indent) = (" ".repeat(depth), " ".repeat(depth + 1));
    match value {
        Value::Object(fields) if !fields.values().all(is_flat) => {
            let line = |(name, field): (&String, &Value)| {
                format!("{indent}\"{name}\": {}", one_layer_a_line(field, depth + 1))
            };
            format!("{{\n{}\n{edge}}}", fields.iter().map(line).collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(items) => {
            let line = |item: &Value| format!("{indent}{}", one_layer_a_line(item, depth + 1));
            format!("[\n{}\n{edge}]", items.iter().map(line).collect::<Vec<_>>().join(",\n"))
        }
        Value::Number(number) if number.is_f64() => six_digits(number.as_f64().expect("it is one")),
        Value::Object(fields) => {
            let field = |(name, field): (&String, &Value)| format!("\"{name}\": {}", one_layer_a_line(field, depth));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        flat => flat.to_string(),
    }
}

#[test]
fn the_data_set_of_trials_is_as_recorded() {
    insta::assert_snapshot!("croissant.json", without_digests(&complete(), "croissant.json"));
}

#[test]
fn the_research_object_is_as_recorded() {
    insta::assert_snapshot!("ro-crate-metadata.json", without_digests(&complete(), "ro-crate-metadata.json"));
}
