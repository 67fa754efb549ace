//! What README says around what came out is what the committed report says; what stands between its two marks is written
//! by the program, and tested in `conclusions`.

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

#[test]
fn every_figure_around_it_is_in_the_report() {
    let (readme, report) =
        (read("README.md"), read(&format!("{REPORT}/report.md")) + &read(&format!("{REPORT}/details.md")));
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
    let links = section(&readme).split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let links: Vec<&str> =
        links.map(|link| link.trim_matches(['<', '>']).split('#').next().unwrap_or_default()).collect();
    assert!(links.iter().any(|link| link.starts_with(REPORT) && link.ends_with(".svg")), "it shows a plot: {links:?}");
    for link in links.iter().filter(|link| !link.starts_with("http")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(), "{link} is not there");
    }
}
