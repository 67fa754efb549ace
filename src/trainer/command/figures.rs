//! Figures in what a program prints or writes.
//!
//! Reads what programs print anyway: pairs of a name and a number, JSON, CSV, or what a regular expression captures. Only
//! metrics that the experiment knows are kept; the names of all others are remembered, for whoever misses one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use indexmap::IndexMap;
use indexmap::map::Entry;
use regex::Regex;
use serde_json::Value;

use crate::bundle::series::{Axis, Point};
use crate::config::{Format, MetricName, Metrics, MetricsFrom, Unit};

/// `name: value`, `name=value`, anywhere in a line, with what follows the number looked at by [`Figure::before`].
const PAIRS: &str = r"(?x)
    (?<name> [A-Za-z_][A-Za-z0-9_./-]{0,63} ) ['\x22]? \s* [:=] \s* ['\x22]?
    (?<value> [-+]? (?: \d{1,3}(?:,\d{3})+(?:\.\d+)? | \d[\d_]*(?:\.\d*)? | \.\d+ ) (?:[eE][-+]?\d+)?
            | [-+]?(?:nan|NaN|NAN|inf|Inf|INF|[Ii]nfinity)\b )";

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

    /// Goes on after what an interrupted run has printed: lines without a step are counted from there.
    pub fn after(mut self, earlier: &[Point]) -> Self {
        self.lines = earlier.len() as u64;
        self
    }

    /// The point that a line makes, if it has a figure.
    pub fn line(&mut self, line: &str) -> Option<Point> {
        let figures = match self.from.format {
            Format::Pairs => self.pairs(line),
            Format::Regex => self.captured(line),
            Format::Jsonl => {
                serde_json::from_str(&as_json(line.trim())).map(|value| self.of_object(&value)).unwrap_or_default()
            }
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
        let value: Value = serde_json::from_str(&as_json(text)).map_err(|error| format!("it is no JSON: {error}"))?;
        let objects = match &value {
            Value::Array(rows) => rows.iter().map(|row| self.of_object(row)).collect(),
            single => vec![self.of_document(single)],
        };
        Ok(objects.into_iter().filter_map(|figures| self.point(figures)).collect())
    }

    fn pairs(&self, line: &str) -> Vec<Figure> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let mut before = 0;
        let pair = |found: regex::Captures<'_>| {
            let (name, value) = (found.name("name")?, found.name("value")?);
            let words = line.get(before..name.start()).unwrap_or_default();
            before = value.end();
            let rest = line.get(value.end()..).unwrap_or_default();
            let phrase = phrase(words, name.as_str());
            Some((Figure::before(&self.name_in(&phrase), value.as_str(), rest)?, phrase.join(" ")))
        };
        let mut pairs: Vec<Figure> = unambiguous(pattern.captures_iter(line).filter_map(pair).collect());
        // `Epoch 3/10` counts, too: so do the most used training loops.
        if !pairs.iter().any(|figure| self.axis(&figure.name).is_some())
            && let Some((name, value)) = counted(line)
        {
            pairs.push(Figure { name, value, is_percent: false });
        }
        pairs
    }

    /// What a figure behind these words is of: `val acc` is `val_acc` where there is such a metric, `best acc` is not `acc`,
    /// and `average loss` is `loss`.
    fn name_in(&self, phrase: &[&str]) -> String {
        const OF_SEVERAL: [&str; 8] = ["best", "max", "maximum", "highest", "min", "minimum", "lowest", "peak"];
        let known = |name: &String| self.metrics.named(name).is_some();
        let joined = (0..phrase.len() - 1).map(|from| phrase[from..].join("_"));
        if let Some(name) = joined.flat_map(|name| [name.to_ascii_lowercase(), name]).find(known) {
            return name;
        }
        let is_of_several =
            phrase.iter().rev().skip(1).any(|word| OF_SEVERAL.contains(&word.to_ascii_lowercase().as_str()));
        if is_of_several { phrase.join(" ") } else { phrase.last().copied().unwrap_or_default().to_owned() }
    }

    fn captured(&self, line: &str) -> Vec<Figure> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        let groups: Vec<&str> = pattern.capture_names().flatten().collect();
        let all = pattern.captures_iter(line).flat_map(|found| {
            let value = |group: &&str| Figure::of(group, found.name(group)?.as_str());
            groups.iter().filter_map(value).collect::<Vec<_>>()
        });
        all.collect()
    }

    fn of_object(&self, value: &Value) -> Vec<Figure> {
        let fields = value.as_object().into_iter().flatten();
        fields.filter_map(|(name, value)| json_figure(name, value)).collect()
    }

    /// Where pointers say so, or else by name, at any depth: `{"eval": {"loss": 1}}` is `eval/loss`, and `loss` where no
    /// other has that name.
    fn of_document(&self, value: &Value) -> Vec<Figure> {
        let mut figures: Vec<Figure> = Vec::new();
        flatten(value, "", &mut figures);
        for (name, pointer) in &self.from.pointers {
            figures.retain(|known| known.name != *name);
            figures.extend(value.pointer(pointer).and_then(|value| json_figure(name, value)));
        }
        figures
    }

    fn row(&mut self, line: &str) -> Vec<Figure> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
        let Some(Ok(record)) = reader.records().next() else { return Vec::new() };
        let plain = |field: &str| field.trim_start_matches('\u{feff}').trim().to_owned();
        let fields: Vec<String> = record.iter().map(plain).collect();
        match &self.columns {
            None => {
                self.columns = Some(fields);
                Vec::new()
            }
            Some(columns) => {
                let named = columns.iter().zip(&fields);
                named.filter_map(|(name, field)| Figure::of(name, field)).collect()
            }
        }
    }

    /// The metrics among these figures, at the step that they name, or that was named last; where none ever was, lines are
    /// counted.
    fn point(&mut self, figures: Vec<Figure>) -> Option<Point> {
        let mut place: Option<(Axis, u64)> = None;
        let mut values: Vec<(MetricName, f64)> = Vec::new();
        for Figure { name, value, is_percent } in figures {
            if let Some(metric) = self.metrics.named(&name).filter(|metric| metric.is_series()) {
                // Where the unit is a fraction, 93% is 0.93; where it is anything else, the number is as it stands.
                let value = if is_percent && metric.unit() == Unit::Fraction { hundredth(value) } else { value };
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

/// A number with a name, as it was printed.
struct Figure {
    name: String,
    value: f64,
    is_percent: bool,
}

impl Figure {
    /// From a field that holds nothing but the number, and perhaps a percent sign.
    fn of(name: &str, field: &str) -> Option<Self> {
        let field = field.trim();
        let bare = field.strip_suffix('%').map(str::trim_end);
        Some(Self { name: name.to_owned(), value: number(bare.unwrap_or(field))?, is_percent: bare.is_some() })
    }

    /// From the midst of a line: `rest` is what follows the number. `9893/10000` is the quotient; `1.2.3` and `0,93` are no
    /// numbers.
    fn before(name: &str, value: &str, rest: &str) -> Option<Self> {
        let begins = |text: &str, with: char| {
            text.strip_prefix(with).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let value = number(&value.replace(',', ""))?;
        if begins(rest, '.')
            || begins(rest, ',')
            || begins(rest, ':')
            || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            // `0.43s` and `20ms` are numbers with a unit.
            let unit: String = rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
            let is_unit = matches!(
                unit.as_str(),
                "s" | "ms" | "us" | "ns" | "m" | "h" | "x" | "it" | "k" | "M" | "G" | "B" | "MB" | "GB" | "dB"
            );
            if !is_unit {
                return None;
            }
        }
        let of_all =
            rest.strip_prefix('/').map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        let of_all = of_all.and_then(|all| all.parse::<f64>().ok()).filter(|all| *all > 0.0);
        let counts = STEPS.iter().any(|(step, _)| name.eq_ignore_ascii_case(step));
        let value = of_all.filter(|_| !counts).map_or(value, |all| value / all);
        Some(Self {
            name: name.to_owned(),
            value,
            is_percent: of_all.is_none() && rest.trim_start_matches(' ').starts_with('%'),
        })
    }
}

/// A name and at most two words directly before it.
fn phrase<'a>(before: &'a str, name: &'a str) -> Vec<&'a str> {
    const MOST: usize = 2;
    let is_apart = before.ends_with(|c: char| !c.is_whitespace());
    let is_word = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    let words = before.split_whitespace().rev().take_while(is_word).take(if is_apart { 0 } else { MOST });
    let mut words: Vec<&str> = words.collect();
    words.reverse();
    words.push(name);
    words
}

/// Of one name behind different words, with different values, nobody knows which is meant: they keep the words as names.
fn unambiguous(mut pairs: Vec<(Figure, String)>) -> Vec<Figure> {
    let differ = |(one, words): &(Figure, String), (other, others): &(Figure, String)| {
        one.name == other.name && words != others && one.value != other.value
    };
    let doubtful: Vec<bool> = pairs.iter().map(|pair| pairs.iter().any(|other| differ(pair, other))).collect();
    for ((figure, words), _) in pairs.iter_mut().zip(doubtful).filter(|(_, is_doubtful)| *is_doubtful) {
        figure.name.clone_from(words);
    }
    pairs.into_iter().map(|(figure, _)| figure).collect()
}

/// As a decimal, so that 91.1% is 0.911 and not the next number to it.
fn hundredth(percent: f64) -> f64 {
    format!("{percent}e-2").parse().unwrap_or(percent / 100.0)
}

/// Points at the same place become one; the last value of each metric stands.
pub fn merged(points: Vec<Point>) -> Vec<Point> {
    let mut all: IndexMap<(Axis, u64), Point> = IndexMap::new();
    for point in points {
        match all.entry((point.axis, point.at)) {
            Entry::Occupied(mut known) => known.get_mut().absorb(point),
            Entry::Vacant(free) => drop(free.insert(point)),
        }
    }
    all.into_values().collect()
}

/// What Python writes and JSON does not have: `NaN` and `Infinity`, as `null`.
fn as_json(text: &str) -> Cow<'_, str> {
    static NUMBERS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([:,\[]\s*)-?(?:NaN|Infinity)\b").expect("it is a regular expression"));
    NUMBERS.replace_all(text, "${1}null")
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
fn json_figure(name: &str, value: &Value) -> Option<Figure> {
    match value {
        Value::Number(number) => Some(Figure { name: name.to_owned(), value: number.as_f64()?, is_percent: false }),
        Value::Null => Some(Figure { name: name.to_owned(), value: f64::NAN, is_percent: false }),
        Value::String(text) => Figure::of(name, text),
        _ => None,
    }
}

fn whole(value: f64) -> Option<u64> {
    (value.is_finite() && value >= 0.0 && value.fract() == 0.0 && value <= 2f64.powi(53)).then_some(value as u64)
}

fn flatten(value: &Value, path: &str, figures: &mut Vec<Figure>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let full = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if value.is_object() {
            flatten(value, &full, figures);
        } else {
            figures.extend(json_figure(&full, value));
        }
    }
}

#[cfg(test)]
mod tests {
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

    /// As `read`, some of the metrics being fractions.
    fn read_shares(from: &MetricsFrom, shares: &[&str], others: &[&str], text: &str) -> Vec<String> {
        let share = Declaration { unit: Some("fraction".to_owned()), ..Declaration::default() };
        let of = |names: &[&str], declaration: &Declaration| -> Vec<(MetricName, Declaration)> {
            names.iter().map(|name| (name.parse().unwrap(), declaration.clone())).collect()
        };
        let declared = of(shares, &share).into_iter().chain(of(others, &Declaration::default())).collect();
        let metrics = Metrics::new(false, true, &declared);
        let points = Reader::new(from, &metrics).file(text).unwrap();
        points.iter().map(|point| serde_json::to_string(point).unwrap()).collect()
    }

    #[test]
    fn percent_signs_and_what_python_writes_for_no_number_are_read_in_every_format() {
        let table = "\u{feff}epoch,acc\n1,93.5%\n";
        assert_eq!(read_shares(&from(Format::Csv), &["acc"], &[], table), [r#"{"epoch":1,"acc":0.935}"#]);
        let pattern = Some(r"acc (?<acc>\S+)".to_owned());
        let regex = MetricsFrom { pattern, ..from(Format::Regex) };
        assert_eq!(read_shares(&regex, &["acc"], &[], "acc 93.5%"), [r#"{"step":1,"acc":0.935}"#]);
        let document = r#"{"acc": "93.5%", "loss": NaN, "curve": [1, -Infinity]}"#;
        assert_eq!(
            read_shares(&from(Format::Json), &["acc"], &["loss"], document),
            [r#"{"step":1,"acc":0.935,"loss":null}"#]
        );
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
    fn a_name_may_have_words_before_it() {
        let pairs = from(Format::Pairs);
        let line = "epoch 1 train loss: 1.0 Train Acc: 0.91 | val loss: 2.0 val acc: 0.51\n";
        assert_eq!(
            read(&pairs, &["val_loss", "train_acc", "val_acc"], line),
            [r#"{"epoch":1,"train_acc":0.91,"val_loss":2.0,"val_acc":0.51}"#]
        );
        // Which of the two is meant by `loss`, nobody knows.
        assert_eq!(read(&pairs, &["loss"], line), Vec::<String>::new());
        let (from, known) = (from(Format::Pairs), metrics(&["loss"]));
        let mut reader = Reader::new(&from, &known);
        assert!(reader.line(line).is_none());
        assert!(reader.others.contains("train loss") && reader.others.contains("val loss"), "{:?}", reader.others);
        // What is best of several is not what an epoch came to.
        let best = "epoch 2 loss: 0.5\nBest loss: 0.01 (epoch 2)\nbest val acc: 0.9\n";
        assert_eq!(read(&pairs, &["loss", "acc"], best), [r#"{"epoch":2,"loss":0.5}"#]);
        assert_eq!(read(&pairs, &["best_val_acc"], best), [r#"{"epoch":2,"best_val_acc":0.9}"#]);
    }

    #[test]
    fn pairs_may_be_percentages_exponents_or_no_numbers_at_all() {
        let pairs = from(Format::Pairs);
        let line = "acc=91.1% lr: 1e-3 loss: nan norm: inf version: 1.2.3 time: 12:30 eu: 0,93 n: 1,234.5 took: 0.43s";
        assert_eq!(
            read_shares(&pairs, &["acc"], &["lr", "loss", "norm", "version", "time", "eu", "n", "took"], line),
            [r#"{"step":1,"acc":0.911,"lr":0.001,"loss":null,"norm":null,"n":1234.5,"took":0.43}"#]
        );
        // PyTorch's mnist example; and a metric that is in percent itself.
        let mnist = "Test set: Average loss: 0.0531, Accuracy: 9828/10000 (98%)";
        assert_eq!(read_shares(&pairs, &["Accuracy"], &[], mnist), [r#"{"step":1,"Accuracy":0.9828}"#]);
        assert_eq!(
            read_shares(&pairs, &["acc"], &["wer"], "acc: 94 %, wer: 12.5%"),
            [r#"{"step":1,"acc":0.94,"wer":12.5}"#]
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
