//! Whether the report of a bundle is what its own data give.

use std::collections::BTreeMap;

use crate::bundle::{BundleFolder, read_bounded};

/// A file of the report that is not what the data give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    pub path: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The data give this file, the bundle has none.
    Absent,
    /// The first line that differs, counted from 1, as it is and as it should be.
    Differs { line: usize, found: String, expected: String },
}

/// A file of a report that is larger is not what was rendered.
const LARGEST_PAGE: u64 = 256 << 20;

/// Compares what was rendered just now with what lies in the bundle, byte for byte.
pub fn deviations(bundle: &BundleFolder, rendered: &BTreeMap<String, Vec<u8>>) -> Vec<Deviation> {
    rendered
        .iter()
        .filter_map(|(path, expected)| {
            let kind = match read_bounded(&bundle.root().join(path), LARGEST_PAGE) {
                Err(_) => Kind::Absent,
                Ok(found) if found == *expected => return None,
                Ok(found) => first_difference(&found, expected),
            };
            Some(Deviation { path: path.clone(), kind })
        })
        .collect()
}

fn first_difference(found: &[u8], expected: &[u8]) -> Kind {
    let lines =
        |bytes: &[u8]| -> Vec<String> { String::from_utf8_lossy(bytes).split('\n').map(str::to_owned).collect() };
    let (found, expected) = (lines(found), lines(expected));
    let at = (0..).find(|&line| found.get(line) != expected.get(line)).unwrap_or(0);
    let (found, expected) = (found.get(at).map(String::as_str), expected.get(at).map(String::as_str));
    let common = found.unwrap_or_default().chars().zip(expected.unwrap_or_default().chars());
    let same = common.take_while(|(found, expected)| found == expected).count();
    let show = |line: Option<&str>| line.map_or_else(|| "(no such line)".to_owned(), |line| excerpt(line, same));
    Kind::Differs { line: at + 1, found: show(found), expected: show(expected) }
}

/// What of a line, which can be thousands of characters long, lies around the character at `at`.
fn excerpt(line: &str, at: usize) -> String {
    const BEFORE: usize = 40;
    const LONGEST: usize = 120;
    let from = at.saturating_sub(BEFORE);
    let part: String = line.chars().skip(from).take(LONGEST).collect();
    let start = if from > 0 { "…" } else { "" };
    let end = if line.chars().count() > from + LONGEST { "…" } else { "" };
    format!("{start}{part}{end}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn absent_and_changed_files_are_named_with_their_first_difference() {
        let folder = tempfile::tempdir().unwrap();
        let bundle = BundleFolder::new(folder.path());
        fs::write(folder.path().join("same"), "a\nb\n").unwrap();
        fs::write(folder.path().join("other"), "a\nx\nc\n").unwrap();
        let rendered = ["same", "other", "absent"]
            .map(|path| (path.to_owned(), if path == "other" { b"a\nb\nc\n".to_vec() } else { b"a\nb\n".to_vec() }));
        let found = deviations(&bundle, &BTreeMap::from(rendered));
        let differs = Kind::Differs { line: 2, found: "x".to_owned(), expected: "b".to_owned() };
        assert_eq!(
            found,
            [
                Deviation { path: "absent".to_owned(), kind: Kind::Absent },
                Deviation { path: "other".to_owned(), kind: differs }
            ]
        );
    }
}
