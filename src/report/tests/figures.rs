//! Every figure that a reader reads is one of the data files', rounded.

use serde_json::Value;

use super::{complete, html_pages};
use crate::report::throughput::sample::measured;
use crate::report::{Rendered, render, sample};

/// Sections that repeat settings, texts of the experiment's author, or the machine's description.
const NOT_OF_RESULTS: [&str; 5] = ["limits", "check", "run", "environment", "what"];

/// A number with digits behind its point, or a share. Whole numbers count things, and would be found anywhere.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    text: String,
    value: f64,
    /// Half a unit of the last digit.
    half: f64,
    is_share: bool,
    /// The lower end of an interval, whose unit stands behind the upper one.
    is_lower: bool,
}

fn figures(prose: &str) -> Vec<Figure> {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let mut found = vec![];
    let mut rest = prose;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        // Digits within a name, such as a digest's, are no number.
        let in_name = rest[..start].ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        let from = &rest[start..];
        let len = from.find(|c| !is_of_number(c)).unwrap_or(from.len());
        let number = from[..len].trim_end_matches(['.', ',']);
        let after = &from[number.len()..];
        rest = &from[len..];
        if in_name || after.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
            continue;
        }
        let exponent = exponent(after);
        let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let is_share = after.starts_with('%') || after.trim_start_matches([' ', '\u{a0}']).starts_with("points");
        let Ok(value) = number.replace(',', "").parse::<f64>() else { continue };
        if decimals > 0 || is_share || exponent != 0 {
            let scale = 10_f64.powi(exponent);
            let half = 0.5 * 10_f64.powi(-(decimals as i32)) * scale;
            let text = format!("{number}{}", after.chars().take(9).collect::<String>());
            let is_lower = after.starts_with(" to ");
            found.push(Figure { text, value: value * scale, half, is_share, is_lower });
        }
    }
    found
}

/// Of a number written as ` × 10⁻⁶`; else 0.
fn exponent(after: &str) -> i32 {
    let Some(raised) = after.trim_start_matches([' ', '\u{a0}']).strip_prefix("×") else { return 0 };
    let Some(raised) = raised.trim_start_matches([' ', '\u{a0}']).strip_prefix("10") else { return 0 };
    let digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    let raised: Vec<char> = raised.chars().take_while(|c| *c == '⁻' || digits.contains(*c)).collect();
    let value = raised.iter().filter_map(|c| digits.chars().position(|digit| digit == *c));
    let value = value.fold(0, |value, digit| 10 * value + digit as i32);
    if raised.first() == Some(&'⁻') { -value } else { value }
}

fn numbers(value: &Value, into: &mut Vec<f64>) {
    match value {
        Value::Number(number) => into.extend(number.as_f64()),
        Value::Array(values) => values.iter().for_each(|value| numbers(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| numbers(value, into)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn numbers_of(rendered: &Rendered) -> Vec<f64> {
    let mut found = vec![];
    let files = rendered.files.iter().filter(|(path, _)| path.ends_with(".json") && !path.starts_with("ro-crate"));
    for (_, bytes) in files {
        numbers(&serde_json::from_slice(bytes).unwrap(), &mut found);
    }
    found
}

fn is_among(figure: &Figure, numbers: &[f64]) -> bool {
    // Milliseconds; billions of operations and bytes.
    let scales: &[f64] = match (figure.is_share, figure.is_lower) {
        (true, _) => &[100.0],
        (false, true) => &[1.0, 100.0, 1e3],
        (false, false) => &[1.0, 1e3, 1e-9],
    };
    let slack = figure.half * (1.0 + 1e-9) + 1e-12 * figure.value.abs();
    let is_it = |number: f64| scales.iter().any(|scale| ((number * scale).abs() - figure.value).abs() <= slack);
    numbers.iter().any(|number| is_it(*number))
}

/// What a reader reads of a section, without drawings, code and markup.
fn prose(html: &str) -> String {
    let without = |text: &str, from: &str, to: &str| {
        let mut parts = text.split(from);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |kept, part| format!("{kept} {}", part.split_once(to).map_or("", |(_, rest)| rest)))
    };
    let markup =
        [("<svg", "</svg>"), ("<figcaption", "</figcaption>"), ("<pre", "</pre>"), ("<code", "</code>"), ("<", ">")];
    markup.iter().fold(html.to_owned(), |text, (from, to)| without(&text, from, to)).replace("&#x2f;", "/")
}

/// What precedes the first section is the answer.
fn sections(html: &str) -> Vec<(&str, &str)> {
    let body = html.split_once("<body").map_or("", |(_, body)| body);
    let mut parts = body.split("<section aria-labelledby=\"");
    let answer = parts.next().map(|answer| ("answer", answer));
    answer.into_iter().chain(parts.filter_map(|section| section.split_once('"'))).collect()
}

fn checked(rendered: &Rendered) -> usize {
    let numbers = numbers_of(rendered);
    let pages = html_pages(rendered);
    let mut count = 0;
    for (path, name, section) in pages
        .iter()
        .flat_map(|(path, html)| sections(html).into_iter().map(move |(name, section)| (*path, name, section)))
    {
        if NOT_OF_RESULTS.contains(&name) {
            continue;
        }
        let figures = figures(&prose(section));
        let strays: Vec<_> =
            figures.iter().filter(|figure| !is_among(figure, &numbers)).map(|figure| &figure.text).collect();
        assert!(strays.is_empty(), "{path}, {name}: not in any data file: {strays:?}");
        count += figures.len();
    }
    count
}

#[test]
fn every_figure_of_the_page_is_one_of_the_data_files_rounded() {
    let rendered = complete();
    assert!(checked(&rendered) > 100);
    let (evidence, judged) = sample::complete();
    let with_throughput = render(&measured(evidence), &judged).unwrap();
    assert!(checked(&with_throughput) > checked(&rendered).min(200));
}

#[test]
fn a_figure_that_nobody_measured_is_seen() {
    let numbers = numbers_of(&complete());
    let seen = |text: &str| figures(text).iter().filter(|figure| !is_among(figure, &numbers)).count();
    assert_eq!(seen("The accuracy is 71.23%, or 4.83 × 10⁻³¹ at 17.391 ms, after 3 epochs of 1.5-step."), 3);
    let of = |text: &str| figures(text).into_iter().map(|figure| (figure.value, figure.is_share)).collect::<Vec<_>>();
    assert_eq!(
        of("12.5% and −0.25 points; 1,234.5; 6.0 × 10⁻²; a1.5b, v0.22.1 and 3 seeds"),
        [(12.5, true), (0.25, true), (1234.5, false), (0.06, false)]
    );
}
