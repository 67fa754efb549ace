//! `retrial import`: a table of results that exist already, as an experiment whose claims are still to be written.
//!
//! Nothing is judged here and nothing overwritten: it writes the experiment file and the table in the form that
//! `trainer: {import: …}` reads, so that what was taken over can be looked at before it is run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::args::ImportArguments;
use super::exit::Exit;
use super::output::outln;
use crate::bundle::FileError;
use crate::config::{MetricName, Slug, Table};
use crate::report::text::counted;
use crate::trainer::import::{Row, number, rows};

const EXPERIMENT: &str = "article.yaml";
const TABLE: &str = "results.csv";
/// The columns of a long table.
const LONG: [&str; 2] = ["metric", "value"];
/// The columns that say where in a trial a row stands.
const PLACES: [&str; 2] = ["epoch", "step"];

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ImportError {
    #[error("{}: {reason}", path.display())]
    #[diagnostic(code(retrial::import::table), help("{help}"))]
    Table { path: PathBuf, reason: String, help: String },
    #[error("{} is there already, and is left as it is", path.display())]
    #[diagnostic(code(retrial::import::exists), help("name another folder with `--out DIR`"))]
    Exists { path: PathBuf },
    #[error(transparent)]
    File(#[from] FileError),
}

/// What a table turned out to hold.
struct Found {
    /// Id and label by what the table calls each variant, in the order of the table.
    variants: IndexMap<String, (Slug, String)>,
    seeds: BTreeMap<Slug, BTreeSet<u64>>,
    metrics: Vec<MetricName>,
    /// With the variants' ids, wide.
    rows: Vec<IndexMap<String, String>>,
    /// Columns of which nothing was taken over.
    left_out: BTreeSet<String>,
    /// Where there is no column of seeds, rows of a variant are its trials, one after the other.
    counts_seeds: bool,
}

pub fn import(arguments: &ImportArguments) -> miette::Result<Exit> {
    let found = read(arguments)?;
    let folder = &arguments.out;
    fs::create_dir_all(folder)
        .map_err(|error| FileError::new("make the folder", folder, error))
        .map_err(ImportError::from)?;
    let (experiment, table) = (folder.join(EXPERIMENT), folder.join(TABLE));
    for path in [&experiment, &table] {
        if path.exists() {
            return Err(ImportError::Exists { path: path.clone() }.into());
        }
    }
    write(&table, &found.table())?;
    write(&experiment, &found.experiment(&arguments.file))?;
    let trials: usize = found.seeds.values().map(BTreeSet::len).sum();
    outln!(
        "{} of {}, with {}",
        counted(trials, "trial"),
        counted(found.variants.len(), "variant"),
        counted(found.metrics.len(), "metric")
    );
    if !found.left_out.is_empty() {
        let names: Vec<&str> = found.left_out.iter().map(String::as_str).collect();
        outln!("Left out, since they hold no numbers: {}", names.join(", "));
    }
    if found.counts_seeds {
        outln!("There is no column `{}`: the rows of a variant count as its seeds, from 1", arguments.seed);
    }
    outln!("Experiment: {}", experiment.display());
    outln!("Next: say there what the metrics are and what is claimed, then retrial run {}", experiment.display());
    Ok(Exit::Success)
}

fn write(path: &Path, text: &str) -> Result<(), ImportError> {
    let failed = |error| FileError::new("write", path, error);
    let mut file = File::create_new(path).map_err(failed)?;
    Ok(file.write_all(text.as_bytes()).map_err(failed)?)
}

fn read(arguments: &ImportArguments) -> Result<Found, ImportError> {
    let path = &arguments.file;
    let text = fs::read_to_string(path).map_err(|error| FileError::new("read", path, error))?;
    let is_lines = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
    let wrong = |reason: String, help: &str| ImportError::Table { path: path.clone(), reason, help: help.to_owned() };
    let kind = if is_lines { Table::Jsonl } else { Table::Csv };
    let rows = rows(&text, kind).map_err(|reason| wrong(reason, "give a CSV file with a heading, or JSON lines"))?;
    if rows.is_empty() {
        return Err(wrong("it has no rows".to_owned(), "it needs a heading, and a row for each trial"));
    }
    let columns: BTreeSet<&String> = rows.iter().flat_map(|row| row.fields.keys()).collect();
    let named = |column: &String| columns.contains(column);
    let listed = || columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(", ");
    if !named(&arguments.variant) {
        let reason = format!("it has no column `{}`; there are {}", arguments.variant, listed());
        return Err(wrong(reason, "say which column names the setting under test with `--variant COLUMN`"));
    }
    let has = |name: &str| columns.contains(&name.to_owned());
    let mut found = Found {
        variants: IndexMap::new(),
        seeds: BTreeMap::new(),
        metrics: Vec::new(),
        rows: Vec::new(),
        left_out: BTreeSet::new(),
        counts_seeds: !has(&arguments.seed)
            && !PLACES.iter().any(|name| has(name))
            && !LONG.iter().all(|name| has(name)),
    };
    for row in &rows {
        let at = |reason: String| wrong(format!("line {}: {reason}", row.line), "mend the line, or leave it out");
        found.add(row, arguments).map_err(at)?;
    }
    found.left_out.retain(|name| {
        metric_name(name).is_ok_and(|name| !found.metrics.contains(&name)) || metric_name(name).is_err()
    });
    if found.metrics.is_empty() {
        let reason = format!("none of its columns holds numbers: {}", listed());
        return Err(wrong(reason, "it needs a column for each metric, or the columns `metric` and `value`"));
    }
    Ok(found)
}

impl Found {
    fn add(&mut self, row: &Row, arguments: &ImportArguments) -> Result<(), String> {
        let field = |name: &str| row.fields.get(name).map(String::as_str).filter(|field| !field.is_empty());
        let name = field(&arguments.variant).ok_or_else(|| format!("it has no `{}`", arguments.variant))?;
        let id = self.id_of(name)?;
        let seed = field(&arguments.seed).unwrap_or("1");
        let seed: u64 = seed.parse().map_err(|_| format!("the seed `{}` is no whole number", seed.escape_debug()))?;
        let rows_before =
            self.rows.iter().filter(|row| row.get("variant").map(String::as_str) == Some(id.as_str())).count();
        let seed = if self.counts_seeds { rows_before as u64 + 1 } else { seed };
        self.seeds.entry(id.clone()).or_default().insert(seed);
        let mut written =
            IndexMap::from([("variant".to_owned(), id.to_string()), ("seed".to_owned(), seed.to_string())]);
        written.extend(PLACES.iter().filter_map(|place| Some(((*place).to_owned(), field(place)?.to_owned()))));
        let mut add = |name: &str, value: &str| {
            if value.is_empty() {
                return;
            }
            let is_number = number(value, false).is_some();
            let known = metric_name(name).ok().filter(|_| is_number);
            if known.is_none() {
                self.left_out.insert(name.to_owned());
            }
            if let Some(metric) = known {
                written.insert(metric.to_string(), value.to_owned());
                if !self.metrics.contains(&metric) {
                    self.metrics.push(metric);
                }
            }
        };
        match LONG.map(field) {
            [Some(metric), Some(value)] => add(metric, value),
            _ => {
                let known = [arguments.variant.as_str(), arguments.seed.as_str(), PLACES[0], PLACES[1]];
                let others = row.fields.iter().filter(|(name, _)| !known.contains(&name.as_str()));
                others.for_each(|(name, value)| add(name, value));
            }
        }
        self.rows.push(written);
        Ok(())
    }

    /// The id of a variant: its name as far as that can name a folder.
    fn id_of(&mut self, name: &str) -> Result<Slug, String> {
        if let Some((id, _)) = self.variants.get(name) {
            return Ok(id.clone());
        }
        let kept: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let kept = kept.trim_matches('-').chars().take(56).collect::<String>().to_lowercase();
        let base = if kept.is_empty() { "variant".to_owned() } else { kept };
        let taken = |id: &Slug| self.variants.values().any(|(known, _)| known == id);
        let candidates = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
        let mut ids = candidates.filter_map(|text| text.parse::<Slug>().ok());
        let id = ids.find(|id| !taken(id)).ok_or("its variant has no usable name")?;
        self.variants.insert(name.to_owned(), (id.clone(), name.to_owned()));
        Ok(id)
    }

    fn table(&self) -> String {
        let mut columns: Vec<String> = vec!["variant".to_owned(), "seed".to_owned()];
        columns.extend(
            PLACES
                .iter()
                .filter(|place| self.rows.iter().any(|row| row.contains_key(**place)))
                .map(|place| (*place).to_owned()),
        );
        columns.extend(self.metrics.iter().map(ToString::to_string));
        let mut text = columns.join(",") + "\n";
        for row in &self.rows {
            let fields: Vec<&str> = columns.iter().map(|column| row.get(column).map_or("", String::as_str)).collect();
            text.push_str(&fields.join(","));
            text.push('\n');
        }
        text
    }

    fn experiment(&self, from: &Path) -> String {
        let file = from.file_name().unwrap_or_default().to_string_lossy();
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let mut text = format!(
            "# What {} says, as trials that nobody ran here. Say below what the metrics are and what is claimed.\n\
             schema: 1\ntitle: {}\ntrainer: {{ import: {TABLE} }}\n\n\
             # What matters most comes first. unit: fraction, seconds, bytes or any symbol; better: higher or lower.\nmetrics:\n",
            file.escape_debug(),
            quoted(&format!("What {file} says"))
        );
        for metric in &self.metrics {
            text.push_str(&format!("  {}: {{}}\n", quoted(metric.as_str())));
        }
        let all: BTreeSet<&BTreeSet<u64>> = self.seeds.values().collect();
        let list = |seeds: &BTreeSet<u64>| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let shared = all.first().map(|seeds| list(seeds)).unwrap_or_default();
        text.push_str(&format!("\nseeds: [{shared}]\n\nvariants:\n"));
        for (id, label) in self.variants.values() {
            let own = self.seeds.get(id).map(list).filter(|own| *own != shared);
            let own = own.map(|own| format!(", seeds: [{own}]")).unwrap_or_default();
            text.push_str(&format!("  - {{ id: {}, label: {}{own} }}\n", quoted(id.as_str()), quoted(label)));
        }
        let mut ids = self.variants.values().map(|(id, _)| id);
        if let (Some(first), Some(second), Some(metric)) = (ids.next(), ids.next(), self.metrics.first()) {
            text.push_str(&format!(
                "\n# For example:\n# claims:\n#   - id: better\n#     says: …\n#     test: {{ metric: {metric}, of: {second}, minus: {first}, above: 0 }}\n"
            ));
        }
        text
    }
}

/// The name of a column as that of a metric: what no metric may have in its name becomes an underscore.
fn metric_name(column: &str) -> Result<MetricName, crate::config::InvalidValue> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    column.trim().chars().map(|c| if allowed(c) { c } else { '_' }).collect::<String>().parse()
}
