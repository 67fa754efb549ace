//! Figures that exist already: a table with a row for each trial and step becomes trials that nobody ran here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::{Finished, Left, Planned, Trainer, TrainerError, TrialCost, Watch};
use crate::bundle::read_text_bounded;
use crate::bundle::record::{ImportParts, KeyParts, Outcome, TrialKey};
use crate::bundle::series::{Axis, Point};
use crate::config::{Experiment, Import, MetricName, Metrics, Seed, Table, Trainer as Kind, Unit, Variant};
use crate::provenance::Digest;

/// Larger tables are not read: a figure for each of a thousand epochs of ten thousand trials takes a third of it.
const LARGEST: u64 = 256 << 20;

/// Takes trials over from tables.
pub struct ImportTrainer<'a> {
    experiment: &'a Experiment,
    /// The tables that were read, by path.
    tables: OnceLock<BTreeMap<String, Result<Trials, String>>>,
}

/// The points of every trial.
type Trials = BTreeMap<(String, u64), Vec<Point>>;

impl<'a> ImportTrainer<'a> {
    pub fn new(experiment: &'a Experiment) -> Self {
        Self { experiment, tables: OnceLock::new() }
    }

    /// The tables, by name.
    pub fn sources(&self) -> BTreeMap<String, PathBuf> {
        let imports = self.experiment.variants.iter().filter_map(import);
        imports.map(|import| (import.path.clone(), self.experiment.whence.folder.join(&import.path))).collect()
    }

    /// The points of one trial.
    ///
    /// # Errors
    /// When the table cannot be read or has no row of it.
    fn points(&self, variant: &Variant, seed: Seed) -> Result<&[Point], String> {
        let tables = self.tables.get_or_init(|| {
            let imports = self.experiment.variants.iter().filter_map(import);
            imports.map(|import| (import.path.clone(), self.read(import))).collect()
        });
        let import = import(variant).ok_or("it is no import")?;
        let table = tables.get(&import.path).ok_or("its table was not read")?.as_ref().map_err(Clone::clone)?;
        let found = table.get(&(variant.id.to_string(), seed.0));
        let none = || format!("`{}` has no row with variant {} and seed {seed}", import.path, variant.id);
        Ok(found.ok_or_else(none)?)
    }

    fn read(&self, import: &Import) -> Result<Trials, String> {
        let path = self.experiment.whence.folder.join(&import.path);
        let text =
            read_text_bounded(&path, LARGEST).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let rows = rows(&text, import.format).map_err(|reason| format!("{}: {reason}", path.display()))?;
        let mut trials = Trials::new();
        for Row { line, fields } in rows {
            let at = |reason: String| format!("{}, line {line}: {reason}", path.display());
            let (place, point) = trial(&fields, &self.experiment.metrics).map_err(at)?;
            let points = trials.entry(place).or_default();
            match points.iter_mut().find(|known| (known.axis, known.at) == (point.axis, point.at)) {
                // A long table has a row for each metric of a step; two for the same one contradict each other.
                Some(known) if known.shares_a_name_with(&point) => {
                    return Err(at("a row before it has the same variant, seed and step".to_owned()));
                }
                Some(known) => known.absorb(point),
                None => points.push(point),
            }
        }
        Ok(trials)
    }
}

fn import(variant: &Variant) -> Option<&Import> {
    match &variant.trainer {
        Kind::Import { import, .. } => Some(import),
        Kind::Native(_) | Kind::Command { .. } => None,
    }
}

/// A row of a table, every field as text.
pub struct Row {
    /// In the file, counted from 1.
    pub line: usize,
    pub fields: BTreeMap<String, String>,
}

/// The rows of a table.
///
/// # Errors
/// When it is not what its kind says.
pub fn rows(text: &str, kind: Table) -> Result<Vec<Row>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match kind {
        Table::Csv => csv_rows(text),
        Table::Jsonl => json_rows(text),
    }
}

fn csv_rows(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(text)).from_reader(text.as_bytes());
    let heading = reader.headers().map_err(|error| error.to_string())?.clone();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        let fields = heading.iter().zip(&record).map(|(name, field)| (name.trim().to_owned(), field.trim().to_owned()));
        Ok(Row { line, fields: fields.collect() })
    };
    reader.records().map(row).collect()
}

/// What separates the names in the heading: tables that spreadsheets write have semicolons or tabs, too.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| heading.bytes().filter(|byte| *byte == delimiter).count();
    // Of several that are as frequent, the last counts.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// A number as tables write it; `93.5%` is 0.935 where `is_share`.
pub fn number(text: &str, is_share: bool) -> Option<f64> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) if is_share => format!("{}e-2", percent.trim_end()).parse().ok(),
        Some(percent) => percent.trim_end().parse().ok(),
        None => text.parse().ok(),
    }
}

fn json_rows(text: &str) -> Result<Vec<Row>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(at, line): (usize, &str)| {
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))?;
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => "nan".to_owned(),
            other => other.to_string(),
        };
        Ok(Row { line: at + 1, fields: fields.into_iter().map(|(name, value)| (name, text(value))).collect() })
    };
    lines.map(row).collect()
}

/// A row as a trial and one of its points: wide, with a column for each metric, or long, with `metric` and `value`.
fn trial(row: &BTreeMap<String, String>, metrics: &Metrics) -> Result<((String, u64), Point), String> {
    let field = |name: &str| row.get(name).map(String::as_str).filter(|field| !field.is_empty());
    let variant = field("variant").ok_or("it has no `variant`")?.to_owned();
    let seed = field("seed").unwrap_or("1");
    let seed: u64 = seed.parse().map_err(|_| format!("the seed `{}` is no whole number", seed.escape_debug()))?;
    let place =
        [("epoch", Axis::Epoch), ("step", Axis::Step)].into_iter().find_map(|(name, axis)| Some((axis, field(name)?)));
    let (axis, at) = place.unwrap_or((Axis::Step, "1"));
    let at = at.parse::<f64>().map_err(|_| format!("`{}` is no number", at.escape_debug()))?;
    if at < 0.0 || at.fract() != 0.0 {
        return Err(format!("the {} {at} is no whole number", axis.name()));
    }
    let mut values: Vec<(MetricName, f64)> = Vec::new();
    let mut add = |name: &str, text: &str| -> Result<(), String> {
        if let (Some(metric), Ok(name)) = (metrics.named(name).filter(|metric| metric.is_series()), name.parse()) {
            let value = number(text, metric.unit() == Unit::Fraction);
            let value = value.ok_or_else(|| format!("`{}` is no number", text.escape_debug()))?;
            if !value.is_nan() && !metric.levels().contains(&value) {
                let levels = metric.levels();
                return Err(format!(
                    "{metric} is {value}, and it is said to lie from {} to {}",
                    levels.start(),
                    levels.end()
                ));
            }
            values.push((name, value));
        }
        Ok(())
    };
    match (field("metric"), field("value")) {
        (Some(metric), Some(value)) => add(metric, value)?,
        _ => row.iter().filter(|(_, text)| !text.is_empty()).try_for_each(|(name, text)| add(name, text))?,
    }
    Ok(((variant, seed), Point::new(axis, at as u64, values)))
}

impl Trainer for ImportTrainer<'_> {
    fn key(&self, variant: &Variant, seed: Seed) -> Result<TrialKey, TrainerError> {
        let unkeyable = |source| TrainerError::Unkeyable { variant: variant.id.to_string(), source };
        let points = self.points(variant, seed).map_err(|reason| TrainerError::Inputs {
            variant: variant.id.to_string(),
            reason,
            help: "the table needs a row for each trial and step: `variant`, `seed`, `step` or `epoch` where there is more \
                   than one, and a column for each metric, or the columns `metric` and `value`"
                .to_owned(),
        })?;
        let parts = KeyParts::Import(ImportParts {
            variant: variant.id.clone(),
            seed,
            figures: Digest::of_canonical_json(&points).map_err(unkeyable)?,
        });
        Ok(TrialKey { digest: Digest::of_canonical_json(&parts).map_err(unkeyable)?, parts })
    }

    fn cost(&self, _variant: &Variant) -> TrialCost {
        TrialCost::default()
    }

    fn run(&self, trial: Planned<'_>, watch: &dyn Watch) -> Result<Left, String> {
        watch.started(None);
        let metrics = self.points(trial.variant, trial.seed)?.to_vec();
        let primary = self.experiment.metrics.primary();
        let lost = metrics.last().filter(|last| last.measured(primary).is_some_and(|value| !value.is_finite()));
        let diverged = |at: u64| Outcome::Diverged { epoch: u32::try_from(at).unwrap_or(u32::MAX), step: at };
        let outcome = lost.map_or(Outcome::Completed, |last| diverged(last.at));
        Ok(Left::Finished(Box::new(Finished { outcome, metrics, native: None, command: None })))
    }
}
