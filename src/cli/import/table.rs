//! Results in a table: CSV or JSON lines, wide or long.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::found::{Found, LONG, PLACES};
use super::{ImportError, Source};
use crate::bundle::FileError;
use crate::cli::args::ImportArguments;
use crate::config::Table;
use crate::trainer::import::{Row, rows};

/// Reads a table as it is.
///
/// # Errors
/// When it cannot be read, or is no table of results.
pub fn read(path: &Path, arguments: &ImportArguments) -> Result<Source, ImportError> {
    let text = fs::read_to_string(path).map_err(|error| FileError::new("read", path, error))?;
    let is_lines = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
    let wrong =
        |reason: String, help: &str| ImportError::Table { path: path.to_owned(), reason, help: help.to_owned() };
    let kind = if is_lines { Table::Jsonl } else { Table::Csv };
    let rows = rows(&text, kind).map_err(|reason| wrong(reason, "give a CSV file with a heading, or JSON lines"))?;
    if rows.is_empty() {
        return Err(wrong("it has no rows".to_owned(), "it needs a heading, and a row for each trial"));
    }
    let columns: BTreeSet<&str> = rows.iter().flat_map(|row| row.fields.keys().map(String::as_str)).collect();
    let listed = || columns.iter().copied().collect::<Vec<_>>().join(", ");
    let names = Names {
        variant: arguments.variant.as_deref().unwrap_or("variant"),
        seed: arguments.seed.as_deref().unwrap_or("seed"),
    };
    if !columns.contains(names.variant) {
        let reason = format!("it has no column `{}`; there are {}", names.variant, listed());
        return Err(wrong(reason, "say which column names the setting under test with `--variant COLUMN`"));
    }
    let counts_seeds = !columns.contains(names.seed)
        && !PLACES.iter().any(|name| columns.contains(name))
        && !LONG.iter().all(|name| columns.contains(name));
    let mut found = Found::default();
    for row in &rows {
        let at = |reason: String| wrong(format!("line {}: {reason}", row.line), "mend the line, or leave it out");
        add(&mut found, row, names, counts_seeds).map_err(at)?;
    }
    if found.metrics() == 0 {
        let reason = format!("none of its columns holds numbers: {}", listed());
        return Err(wrong(reason, "it needs a column for each metric, or the columns `metric` and `value`"));
    }
    let notes = counts_seeds
        .then(|| format!("There is no column `{}`: the rows of a variant count as its seeds, from 1", names.seed));
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Source { found, says: file.into_owned(), from: None, notes: notes.into_iter().collect() })
}

/// The columns with settings and seeds.
#[derive(Clone, Copy)]
struct Names<'a> {
    variant: &'a str,
    seed: &'a str,
}

fn add(found: &mut Found, row: &Row, names: Names<'_>, counts_seeds: bool) -> Result<(), String> {
    let field = |name: &str| row.fields.get(name).map(String::as_str).filter(|field| !field.is_empty());
    let variant = field(names.variant).ok_or_else(|| format!("it has no `{}`", names.variant))?;
    let seed = field(names.seed).unwrap_or("1");
    let seed: u64 = seed.parse().map_err(|_| format!("the seed `{}` is no whole number", seed.escape_debug()))?;
    let seed = (!counts_seeds).then_some(seed);
    let places = PLACES.into_iter().filter_map(|place| Some((place, field(place)?.to_owned())));
    match LONG.map(field) {
        [Some(metric), Some(value)] => found.add(variant, seed, places, [(metric, value)]),
        _ => {
            let is_known = |name: &str| name == names.variant || name == names.seed || PLACES.contains(&name);
            let others = row.fields.iter().filter(|(name, _)| !is_known(name));
            found.add(variant, seed, places, others.map(|(name, value)| (name.as_str(), value.as_str())))
        }
    }
}
