//! Figures in what a program prints or writes.
//!
//! Reads what programs print anyway: pairs of a name and a number, JSON, CSV, or what a regular expression captures. Only
//! metrics that the experiment knows are kept; the names of all others are remembered, for whoever misses one.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::bundle::series::{Axis, Point};
use crate::config::{Format, MetricName, Metrics, MetricsFrom};

/// `name: 1.5`, `name=1.5e-3`, `name: nan`, `name = 93%`, anywhere in a line.
const PAIRS: &str = r"(?x)
    (?<name> [A-Za-z_][A-Za-z0-9_./-]{0,63} ) ['\x22]? \s* [:=] \s* ['\x22]?
    (?<value> [-+]? (?: \d[\d_]* (?:\.\d*)? | \.\d+ ) (?:[eE][-+]?\d+)? | [-+]?(?:nan|NaN|NAN|inf|Inf|INF|[Ii]nfinity) )
    (?<percent> % )? (?: \b | [^\w.] | $ )";

/// The keys that count steps where the experiment names none, and what they count.
const STEPS: [(&str, Axis); 2] = [("step", Axis::Step), ("epoch", Axis::Epoch)];

/// Other names than these are not remembered.
const MOST_NAMES: usize = 50;

/// Turns lines into points.
pub struct Reader<'a> {
    from: &'a MetricsFrom,
    metrics: &'a Metrics,
    pattern: Option<Regex>,
    /// The columns of a CSV file, once its heading was read.
    columns: Option<Vec<String>>,
    /// Lines that had a figure.
    lines: u64,
    /// The last step or epoch that was named: it holds for lines that name none.
    place: Option<(Axis, u64)>,
    /// Names with a number that are no metrics of the experiment.
    pub others: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    pub fn new(from: &'a MetricsFrom, metrics: &'a Metrics) -> Self {
        let pattern = match from.format {
            Format::Pairs => Some(PAIRS),
            Format::Regex => from.pattern.as_deref(),
            Format::Jsonl | Format::Csv | Format::Json => None,
        };
        // A pattern was tried when the experiment was read.
        let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
        Self { from, metrics, pattern, columns: None, lines: 0, place: None, others: BTreeSet::new() }
    }

    /// The point that a line makes, if it has a figure.
    pub fn line(&mut self, line: &str) -> Option<Point> {
        let figures = match self.from.format {
            Format::Pairs => self.pairs(line),
            Format::Regex => self.captured(line),
            Format::Jsonl => serde_json::from_str(line.trim()).map(|value| self.of_object(&value)).unwrap_or_default(),
            Format::Csv => self.row(line),
            Format::Json => Vec::new(),
        };
        self.point(figures)
    }

    /// The points of a whole file.
    ///
    /// # Errors
    /// When it is not what its format says.
    pub fn file(&mut self, text: &str) -> Result<Vec<Point>, String> {
        if self.from.format != Format::Json {
            return Ok(text.lines().filter_map(|line| self.line(line)).collect());
        }
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        let objects = match &value {
            Value::Array(rows) => rows.iter().map(|row| self.of_object(row)).collect(),
            single => vec![self.of_document(single)],
        };
        Ok(objects.into_iter().filter_map(|figures| self.point(figures)).collect())
    }

    fn pairs(&self, line: &str) -> Vec<(String, f64)> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let pair = |found: regex::Captures<'_>| {
            let value = number(found.name("value")?.as_str())?;
            let value = if found.name("percent").is_some() { value / 100.0 } else { value };
            Some((found.name("name")?.as_str().to_owned(), value))
        };
        let mut pairs: Vec<(String, f64)> = pattern.captures_iter(line).filter_map(pair).collect();
        // `Epoch 3/10` counts, too: so do the most used training loops.
        if !pairs.iter().any(|(name, _)| self.axis(name).is_some())
            && let Some((name, at)) = counted(line)
        {
            pairs.push((name, at));
        }
        pairs
    }

    fn captured(&self, line: &str) -> Vec<(String, f64)> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let groups: Vec<&str> = pattern.capture_names().flatten().collect();
        let all = pattern.captures_iter(line).flat_map(|found| {
            let value = |group: &&str| Some(((*group).to_owned(), number(found.name(group)?.as_str())?));
            groups.iter().filter_map(value).collect::<Vec<_>>()
        });
        all.collect()
    }

    fn of_object(&self, value: &Value) -> Vec<(String, f64)> {
        let fields = value.as_object().into_iter().flatten();
        fields.filter_map(|(name, value)| Some((name.clone(), json_number(value)?))).collect()
    }

    /// Where pointers say so, or else by name, at any depth: `{"eval": {"loss": 1}}` is `eval/loss`, and `loss` where no
    /// other has that name.
    fn of_document(&self, value: &Value) -> Vec<(String, f64)> {
        let mut figures: Vec<(String, f64)> = Vec::new();
        flatten(value, "", &mut figures);
        for (name, pointer) in &self.from.pointers {
            figures.retain(|(known, _)| known != name);
            figures.extend(value.pointer(pointer).and_then(json_number).map(|number| (name.clone(), number)));
        }
        figures
    }

    fn row(&mut self, line: &str) -> Vec<(String, f64)> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
        let Some(Ok(record)) = reader.records().next() else { return Vec::new() };
        let fields: Vec<String> = record.iter().map(|field| field.trim().to_owned()).collect();
        match &self.columns {
            None => {
                self.columns = Some(fields);
                Vec::new()
            }
            Some(columns) => {
                let named = columns.iter().zip(&fields);
                named.filter_map(|(name, field)| Some((name.clone(), number(field)?))).collect()
            }
        }
    }

    /// The metrics among these figures, at the step that they name, or that was named last; where none ever was, lines are
    /// counted.
    fn point(&mut self, figures: Vec<(String, f64)>) -> Option<Point> {
        let mut place: Option<(Axis, u64)> = None;
        let mut values: Vec<(MetricName, f64)> = Vec::new();
        for (name, value) in figures {
            if self.metrics.named(&name).is_some_and(|metric| metric.is_series()) {
                values.extend(name.parse().ok().map(|name| (name, value)));
            } else if let Some(axis) = self.axis(&name) {
                place = place.or(whole(value).map(|at| (axis, at)));
            } else if self.others.len() < MOST_NAMES {
                self.others.insert(name);
            }
        }
        self.place = place.or(self.place);
        if values.is_empty() {
            return None;
        }
        self.lines += 1;
        let (axis, at) = self.place.unwrap_or((Axis::Step, self.lines));
        Some(Point::new(axis, at, values))
    }

    fn axis(&self, name: &str) -> Option<Axis> {
        match &self.from.step {
            Some(step) => (step == name).then(|| if name == "epoch" { Axis::Epoch } else { Axis::Step }),
            None => STEPS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, axis)| *axis),
        }
    }
}

/// Points at the same place become one; the last value of each metric stands.
pub fn merged(points: Vec<Point>) -> Vec<Point> {
    let mut all: Vec<Point> = Vec::new();
    for point in points {
        match all.iter_mut().find(|known| (known.axis, known.at) == (point.axis, point.at)) {
            Some(known) => known.absorb(point),
            None => all.push(point),
        }
    }
    all
}

/// `Epoch 3/10` and `Epoch [3/10]`, as training loops print it.
fn counted(line: &str) -> Option<(String, f64)> {
    let at = line.to_ascii_lowercase().find("epoch")?;
    let rest = line.get(at + "epoch".len()..)?.trim_start_matches([' ', '[', '(', '#', ':']);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(("epoch".to_owned(), digits.parse().ok()?))
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim().replace('_', "");
    match text.to_ascii_lowercase().trim_start_matches(['+', '-']) {
        "nan" | "none" | "null" => Some(f64::NAN),
        "inf" | "infinity" => Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => text.parse().ok(),
    }
}

/// NaN and infinity have no JSON form; programs write `null`, or a text.
fn json_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Null => Some(f64::NAN),
        Value::String(text) => number(text),
        _ => None,
    }
}

fn whole(value: f64) -> Option<u64> {
    (value.is_finite() && value >= 0.0 && value.fract() == 0.0 && value <= 2f64.powi(53)).then_some(value as u64)
}

fn flatten(value: &Value, path: &str, figures: &mut Vec<(String, f64)>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let full = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if value.is_object() {
            flatten(value, &full, figures);
        } else if let Some(number) = json_number(value) {
            figures.push((full, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::config::{Declaration, Metric, Stream};

    fn metrics(names: &[&str]) -> Metrics {
        let declared: IndexMap<MetricName, Declaration> =
            names.iter().map(|name| (name.parse().unwrap(), Declaration::default())).collect();
        Metrics::new(false, true, &declared)
    }

    fn from(format: Format) -> MetricsFrom {
        MetricsFrom { from: Stream::Stdout, format, path: None, pattern: None, pointers: IndexMap::new(), step: None }
    }

    fn read(from: &MetricsFrom, names: &[&str], text: &str) -> Vec<String> {
        let metrics = metrics(names);
        let mut reader = Reader::new(from, &metrics);
        let points = reader.file(text).unwrap();
        points.iter().map(|point| serde_json::to_string(point).unwrap()).collect()
    }

    /// Lines as they are printed by Keras 3, by PyTorch's examples (mnist), by scikit-learn's SGDClassifier and by
    /// Hugging Face's Trainer.
    #[test]
    fn what_common_training_loops_print_is_read() {
        let pairs = from(Format::Pairs);
        let keras = "Epoch 2/3\n\
                     32/32 - 1s - 20ms/step - accuracy: 0.8721 - loss: 0.4312 - val_accuracy: 0.9010 - val_loss: 0.3321\n";
        assert_eq!(
            read(&pairs, &["accuracy", "val_accuracy", "val_loss"], keras),
            [r#"{"epoch":2,"accuracy":0.8721,"val_accuracy":0.901,"val_loss":0.3321}"#]
        );
        let mnist = "Train Epoch: 1 [640/60000 (1%)]\tLoss: 1.776484\nTest set: Average loss: 0.0531, Accuracy: 9828/10000 (98%)\n";
        assert_eq!(
            read(&pairs, &["Loss", "loss"], mnist),
            [r#"{"epoch":1,"Loss":1.776484}"#, r#"{"epoch":1,"loss":0.0531}"#]
        );
        let sgd = "-- Epoch 1\nNorm: 11.09, NNZs: 64, Bias: -1.5, T: 1437, Avg. loss: 0.25\n";
        assert_eq!(read(&pairs, &["Norm", "Bias"], sgd), [r#"{"epoch":1,"Norm":11.09,"Bias":-1.5}"#]);
        let trainer = "{'eval_loss': 0.31, 'eval_accuracy': 0.91, 'epoch': 3.0}\n";
        assert_eq!(
            read(&pairs, &["eval_loss", "eval_accuracy"], trainer),
            [r#"{"epoch":3,"eval_loss":0.31,"eval_accuracy":0.91}"#]
        );
    }

    #[test]
    fn pairs_may_be_percentages_exponents_or_no_numbers_at_all() {
        let pairs = from(Format::Pairs);
        let line = "acc=93.5% lr: 1e-3 loss: nan norm: inf version: 1.2.3 time: 12:30";
        assert_eq!(
            read(&pairs, &["acc", "lr", "loss", "norm"], line),
            [r#"{"step":1,"acc":0.935,"lr":0.001,"loss":null,"norm":null}"#]
        );
        assert_eq!(read(&pairs, &["speed"], "speed = 1_000.5\nspeed: fast\n"), [r#"{"step":1,"speed":1000.5}"#]);
    }

    #[test]
    fn json_lines_csv_and_documents_are_read() {
        let lines = "{\"step\": 10, \"loss\": 2.5, \"note\": \"x\"}\nnot json\n{\"step\": 20, \"loss\": null}\n";
        assert_eq!(
            read(&from(Format::Jsonl), &["loss"], lines),
            [r#"{"step":10,"loss":2.5}"#, r#"{"step":20,"loss":null}"#]
        );
        let table = "epoch,\"val/loss\",note\n1,0.5,a\n2,0.25,\"b,c\"\n";
        assert_eq!(
            read(&from(Format::Csv), &["val/loss"], table),
            [r#"{"epoch":1,"val/loss":0.5}"#, r#"{"epoch":2,"val/loss":0.25}"#]
        );
        let pointers = IndexMap::from([("f1".to_owned(), "/scores/0/f1".to_owned())]);
        let document = MetricsFrom { pointers, ..from(Format::Json) };
        assert_eq!(
            read(&document, &["f1", "eval/loss"], r#"{"eval": {"loss": 1.5}, "scores": [{"f1": 0.75}]}"#),
            [r#"{"step":1,"eval/loss":1.5,"f1":0.75}"#]
        );
        assert_eq!(read(&from(Format::Json), &["loss"], r#"[{"epoch": 1, "loss": 3}]"#), [r#"{"epoch":1,"loss":3.0}"#]);
    }

    #[test]
    fn an_expression_captures_metrics_by_the_names_of_its_groups() {
        let pattern = Some(r"it (?<iteration>\d+): psnr (?<psnr>\S+) dB".to_owned());
        let regex = MetricsFrom { pattern, step: Some("iteration".to_owned()), ..from(Format::Regex) };
        assert_eq!(read(&regex, &["psnr"], "it 100: psnr 31.25 dB\n"), [r#"{"step":100,"psnr":31.25}"#]);
    }

    #[test]
    fn what_is_no_metric_is_remembered_by_name() {
        let (from, metrics) = (from(Format::Pairs), metrics(&["loss"]));
        let mut reader = Reader::new(&from, &metrics);
        assert!(reader.line("accuracy: 0.5, lr: 0.1").is_none());
        assert_eq!(reader.others.iter().map(String::as_str).collect::<Vec<_>>(), ["accuracy", "lr"]);
        assert!(metrics.all().any(Metric::is_cost));
    }

    #[test]
    fn points_at_one_place_are_one() {
        let pairs = from(Format::Pairs);
        let metrics = metrics(&["loss", "acc"]);
        let mut reader = Reader::new(&pairs, &metrics);
        let points = reader.file("epoch: 1 loss: 2\nepoch: 1 acc: 0.5\nepoch: 2 loss: 1\n").unwrap();
        let lines: Vec<_> = merged(points).iter().map(|point| serde_json::to_string(point).unwrap()).collect();
        assert_eq!(lines, [r#"{"epoch":1,"loss":2.0,"acc":0.5}"#, r#"{"epoch":2,"loss":1.0}"#]);
    }
}
