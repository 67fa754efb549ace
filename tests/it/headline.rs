//! What README says came out is what the committed report says.

use std::fs;
use std::path::Path;

const REPORT: &str = "reports/article-cpu";

/// Of README: from the heading to the next one of its rank.
fn section(readme: &str) -> &str {
    let start = readme.find("\n## What came out\n").expect("README has the section `What came out`") + 1;
    let length = readme[start + 1..].find("\n## ").expect("another section follows");
    &readme[start..=start + length]
}

fn read(relative: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// The first table of a Markdown text, line by line.
fn first_table(text: &str) -> Vec<&str> {
    text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).collect()
}

/// With `RETRIAL_BLESS=1` README is given the report's table.
#[test]
fn the_table_in_readme_is_the_committed_reports() {
    let (readme, summary) = (read("README.md"), read(&format!("{REPORT}/summary.md")));
    let (shown, reported) = (first_table(section(&readme)), first_table(&summary));
    assert!(reported.len() > 2, "the report has a table of claims");
    if std::env::var_os("RETRIAL_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        fs::write(path, readme.replace(&shown.join("\n"), &reported.join("\n"))).unwrap();
        return;
    }
    assert_eq!(shown, reported, "run this test with RETRIAL_BLESS=1 to renew README");
}

#[test]
fn every_figure_around_it_is_in_the_report() {
    let (readme, report) = (read("README.md"), read(&format!("{REPORT}/report.md")));
    let prose = section(&readme).lines().filter(|line| !line.starts_with(['|', '!']));
    let words = prose.flat_map(|line| line.split([' ', '(', ')', ';', ',']));
    let figures: Vec<&str> =
        words.filter(|word| word.contains('.') && word.contains(|c: char| c.is_ascii_digit())).collect();
    let figures = figures.iter().map(|word| word.trim_end_matches(['.', ':'])).filter(|word| word.contains('.'));
    let unknown: Vec<_> = figures.filter(|figure| !report.contains(*figure)).collect();
    assert!(unknown.is_empty(), "not in {REPORT}/report.md: {unknown:?}");
}

#[test]
fn what_it_shows_and_links_to_is_there() {
    let readme = read("README.md");
    let links: Vec<&str> = section(&readme).split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.iter().any(|link| link.starts_with(REPORT) && link.ends_with(".svg")), "it shows a plot: {links:?}");
    for link in links.iter().filter(|link| !link.starts_with("http")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(), "{link} is not there");
    }
}
