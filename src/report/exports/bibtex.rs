//! `citation.bib`: how to cite this report, and the source it puts to the test as far as its fields are known.
//!
//! A report does not know when it was made: its entry has no year, and whoever cites it adds the date of publication.

use super::latex::escape;
use crate::config::{Experiment, Source};
use crate::provenance::Digest;
use crate::report::analysis::Analysis;
use crate::report::text::{counted, plain};

/// `data` is the digest of the findings in `results.json`.
pub fn entries(analysis: &Analysis, version: Option<&str>, data: Digest) -> String {
    let experiment: &Experiment = analysis.experiment;
    let completed: usize = analysis.variants.iter().map(|result| result.counts.completed).sum();
    let version = version.map(|version| format!(" {version}")).unwrap_or_default();
    let note = format!(
        "Report of retrial{version} on {}. SHA-256 of results.json: {data}",
        counted(completed, "completed-trial")
    );
    let report = [
        ("title", Some(format!("{{{}}}", escape(&experiment.title)))),
        ("howpublished", Some("Reproduction report".to_owned())),
        ("note", Some(escape(&note))),
    ];
    let source = experiment.source.as_ref().map(|source| source_entry(experiment, source));
    entry(&format!("{}-retrial", experiment.id), &report) + &source.unwrap_or_default()
}

fn source_entry(experiment: &Experiment, source: &Source) -> String {
    let published = source.published.as_deref().map(plain);
    let year = published.as_deref().and_then(year).map(str::to_owned);
    let date = published.filter(|_| year.is_none());
    let fields = [
        ("title", Some(format!("{{{}}}", escape(&source.title)))),
        // In braces of its own, because commas and "and" mean something to BibTeX.
        ("author", source.author.as_deref().map(|author| format!("{{{}}}", escape(author)))),
        ("year", year),
        ("note", date.map(|date| escape(&date))),
        ("url", source.url.as_deref().filter(|url| is_web(url)).map(address)),
    ];
    format!("\n{}", entry(&format!("{}-source", experiment.id), &fields))
}

fn entry(key: &str, fields: &[(&str, Option<String>)]) -> String {
    let lines: String =
        fields.iter().filter_map(|(name, value)| Some(format!("  {name} = {{{}}},\n", value.as_ref()?))).collect();
    format!("@misc{{{key},\n{lines}}}\n")
}

/// The four digits a date starts with.
fn year(date: &str) -> Option<&str> {
    let digits = date.get(..4)?;
    let ends = date[4..].chars().next().is_none_or(|c| !c.is_ascii_digit());
    (digits.bytes().all(|byte| byte.is_ascii_digit()) && ends).then_some(digits)
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// A web address that BibTeX and LaTeX take as it stands: what means something to them is percent-encoded.
fn address(url: &str) -> String {
    plain(url)
        .chars()
        .map(|c| match c {
            '{' | '}' | '\\' | '"' | '^' | '`' | '|' | '<' | '>' | ' ' => format!("%{:02X}", c as u32),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_taken_only_from_what_starts_with_one() {
        assert_eq!(year("2021-10-08"), Some("2021"));
        assert_eq!(year("2021"), Some("2021"));
        assert_eq!(year("October 2021"), None);
        assert_eq!(year("20211008"), None);
    }

    #[test]
    fn an_address_keeps_its_meaning_and_loses_what_could_end_the_field() {
        assert_eq!(address("https://example.org/a_b?c=1&d=%20"), "https://example.org/a_b?c=1&d=%20");
        assert_eq!(address("https://example.org/}x{\\"), "https://example.org/%7Dx%7B%5C");
    }
}
