//! The findings for programs: `results.json` and `results.csv`.
//!
//! Both carry what the pages show, unrounded. `results.json` has a schema version; within one major version, fields are
//! only added. Figures that do not exist are `null` in JSON and empty in CSV, never zero.

use indexmap::IndexMap;
use serde::Serialize;

use crate::bundle::record::{DatasetRecord, ParameterCount};
use crate::config::{ExperimentId, Metric, Seed, VariantId};
use crate::provenance::Digest;
use crate::report::ReportError;
use crate::report::analysis::chance::{Chance, Judgement};
use crate::report::analysis::comparison::{Comparison, Shown, SourceComparison};
use crate::report::analysis::trial::{Status, Trial};
use crate::report::analysis::{Analysis, Counts, Fate, VariantResult};
use crate::report::audit::config_digest;
use crate::report::conclude::Conclusions;
use crate::report::probes::{self, VariantProbes};
use crate::report::text::plain;
use crate::report::throughput::{self, Throughput};
use crate::stats::Estimate;

/// Major version of `results.json`.
pub const SCHEMA: u32 = 1;

/// The whole of `results.json`. Accuracies are fractions in [0, 1], losses mean cross-entropies in nats.
#[derive(Serialize)]
struct Results<'a> {
    schema: u32,
    experiment: &'a ExperimentId,
    title: &'a str,
    /// Of the experiment as it was resolved: `docs/digests.md` says how to compute it.
    config_digest: Digest,
    /// Of every interval in this file.
    confidence: f64,
    /// Whether planned trials have not been run; what the others show may then change.
    partial: bool,
    /// Trials of all variants together, by how they ended.
    trial_counts: Counts,
    /// What guessing scores; `null` without a record of the images.
    chance: Option<Chance>,
    dataset: Option<&'a DatasetRecord>,
    variants: Vec<VariantEntry<'a>>,
    /// Pairs that differ in exactly one setting.
    comparisons: Vec<ComparisonEntry<'a>>,
    trials: Vec<TrialEntry<'a>>,
    conclusions: &'a Conclusions,
    /// What cannot be concluded.
    limits: &'a [String],
    /// Departures from the source, as the experiment states them.
    deviations: &'a [String],
    /// How fast the variants were; `null` where that was not measured.
    throughput: Option<throughput::entry::Entry<'a>>,
    /// What goes on inside the networks; `null` where that was not probed.
    probes: Option<probes::entry::Entry<'a>>,
}

#[derive(Serialize)]
struct VariantEntry<'a> {
    id: &'a VariantId,
    label: &'a str,
    parameters: Option<ParameterCount>,
    trials: Counts,
    /// `above_chance`, `at_chance`, `inconclusive`, `diverged`, `not_judged` or `no_result`.
    fate: Fate,
    /// The interval the verdict on chance rests on, and what it covers.
    judgement: Option<Judgement>,
    /// Over completed trials, after the last epoch.
    last_epoch: LastEpoch<Option<Estimate>>,
    /// One for each figure the source reports.
    source: &'a [SourceComparison],
}

/// Last figures by metric, what matters most first.
type LastEpoch<T> = IndexMap<Metric, T>;

#[derive(Serialize)]
struct ComparisonEntry<'a> {
    minuend: &'a VariantId,
    subtrahend: &'a VariantId,
    /// The one setting in which they differ, with its value on either side.
    setting: &'a str,
    minuend_has: &'a str,
    subtrahend_has: &'a str,
    /// The experiment's first metric by its name: of minuend minus subtrahend, paired by seed.
    #[serde(flatten)]
    difference: IndexMap<Metric, Option<Estimate>>,
    /// `difference`, `no_difference`, `one_seed` or `nothing`.
    shown: Shown,
}

#[derive(Serialize)]
struct TrialEntry<'a> {
    variant: &'a VariantId,
    seed: Seed,
    /// `completed`, `diverged`, `failed` or `missing`.
    status: &'static str,
    /// Why it failed.
    message: Option<&'a str>,
    epochs: Option<u32>,
    steps: Option<u64>,
    /// Of completed trials only.
    last_epoch: Option<LastEpoch<Option<f64>>>,
    key: Option<Digest>,
    /// Digest of the final parameters.
    parameters: Option<Digest>,
}

/// `results.json`, indented, ending in a line feed.
///
/// # Errors
/// When a value has no JSON form.
pub fn json(
    analysis: &Analysis,
    dataset: Option<&DatasetRecord>,
    conclusions: &Conclusions,
    limits: &[String],
    throughput: Option<&Throughput>,
    probes: &[VariantProbes],
) -> Result<String, ReportError> {
    let (experiment, counts) = (analysis.experiment, analysis.counts());
    let results = Results {
        schema: SCHEMA,
        experiment: &experiment.id,
        title: &experiment.title,
        config_digest: config_digest(experiment).map_err(ReportError::Json)?,
        confidence: experiment.confidence,
        partial: counts.missing > 0,
        trial_counts: counts,
        chance: analysis.chance,
        dataset,
        variants: analysis.variants.iter().map(variant_entry).collect(),
        comparisons: analysis.comparisons.iter().map(|pair| comparison_entry(analysis, pair)).collect(),
        trials: trials(analysis).map(|(result, trial)| trial_entry(result, trial)).collect(),
        conclusions,
        limits,
        deviations: &experiment.deviations,
        throughput: throughput.map(throughput::entry::Entry::of),
        probes: probes::entry::Entry::of(probes),
    };
    let mut text = in_lines(&serde_json::to_value(&results).map_err(ReportError::Json)?);
    text.push('\n');
    Ok(text)
}

fn variant_entry<'a>(result: &'a VariantResult<'_>) -> VariantEntry<'a> {
    VariantEntry {
        id: &result.variant.id,
        label: &result.variant.label,
        parameters: result.parameters,
        trials: result.counts,
        fate: result.fate,
        judgement: result.judgement,
        last_epoch: result.metrics.series().map(|metric| (metric, result.estimate(metric).copied())).collect(),
        source: &result.source,
    }
}

fn comparison_entry<'a>(analysis: &'a Analysis<'_>, pair: &'a Comparison) -> ComparisonEntry<'a> {
    ComparisonEntry {
        minuend: &analysis.minuend(pair).variant.id,
        subtrahend: &analysis.subtrahend(pair).variant.id,
        setting: &pair.difference.knob,
        minuend_has: &pair.difference.minuend,
        subtrahend_has: &pair.difference.subtrahend,
        difference: IndexMap::from([(analysis.primary, pair.accuracy)]),
        shown: pair.shown(),
    }
}

fn trial_entry<'a>(result: &'a VariantResult<'_>, trial: &'a Trial<'_>) -> TrialEntry<'a> {
    let message = match &trial.status {
        Status::Failed { message } => Some(message.as_str()),
        Status::Completed | Status::Diverged { .. } | Status::Missing => None,
    };
    TrialEntry {
        variant: &result.variant.id,
        seed: trial.seed,
        status: trial.status.name(),
        message,
        epochs: trial.record.map(|record| record.epochs),
        steps: trial.record.and_then(|record| record.steps),
        last_epoch: trial
            .last_epoch()
            .map(|last| result.metrics.series().map(|metric| (metric, last.figure(metric))).collect()),
        key: trial.record.map(|record| record.key.digest),
        parameters: trial.record.and_then(|record| record.parameters),
    }
}

fn trials<'a>(analysis: &'a Analysis<'_>) -> impl Iterator<Item = (&'a VariantResult<'a>, &'a Trial<'a>)> {
    analysis.variants.iter().flat_map(|result| result.trials.iter().map(move |trial| (result, trial)))
}

/// `results.csv` (RFC 4180 with line feeds): one row for each planned trial, with the figures of its last epoch.
pub fn csv(analysis: &Analysis) -> String {
    let metrics: Vec<Metric> = analysis.experiment.metrics.series().collect();
    let names = metrics.iter().map(|metric| metric.name());
    let before = ["variant", "label", "seed", "status", "epochs", "steps"];
    let after = ["parameters_total", "parameters_trainable", "engine", "trial_key", "parameters_digest"];
    let mut text = before.into_iter().chain(names).chain(after).collect::<Vec<_>>().join(",") + "\n";
    for (result, trial) in trials(analysis) {
        let fields: Vec<_> = row(result, trial, &metrics).iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

fn row(result: &VariantResult, trial: &Trial, metrics: &[Metric]) -> Vec<String> {
    let record = trial.record;
    let mut fields = vec![
        result.variant.id.to_string(),
        plain(&result.variant.label),
        trial.seed.to_string(),
        trial.status.name().to_owned(),
        shown(record.map(|record| record.epochs)),
        shown(record.and_then(|record| record.steps)),
    ];
    fields.extend(metrics.iter().map(|metric| shown(trial.last_epoch().and_then(|last| last.figure(*metric)))));
    fields.extend([
        shown(record.and_then(|record| record.parameter_count).map(|count| count.total)),
        shown(record.and_then(|record| record.parameter_count).map(|count| count.trainable)),
        shown(record.map(|record| plain(record.key.parts.performer()))),
        shown(record.map(|record| record.key.digest)),
        shown(record.and_then(|record| record.parameters)),
    ]);
    fields
}

/// An object with a line for each key, and for each entry of a list: what differs between two of them is seen line by line, and
/// it takes two thirds of the room that a line for each number would.
fn in_lines(document: &serde_json::Value) -> String {
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::Array(entries) if entries.iter().any(serde_json::Value::is_object) => {
            let entries: Vec<String> = entries.iter().map(|entry| format!("    {entry}")).collect();
            format!("[\n{}\n  ]", entries.join(",\n"))
        }
        other => other.to_string(),
    };
    let keys = document.as_object().into_iter().flatten();
    let lines: Vec<String> =
        keys.map(|(key, of_key)| format!("  {}: {}", serde_json::Value::from(key.as_str()), value(of_key))).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A field as RFC 4180 wants it. A field a spreadsheet would run as a formula gets a leading apostrophe, which makes it text.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '@', '\t', '\r']) || (field.starts_with('-') && !is_number(field));
    let field = if is_formula { format!("'{field}") } else { field.to_owned() };
    if field.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn fields_are_quoted_as_rfc_4180_wants_it() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(quoted("two\nlines"), "\"two\nlines\"");
    }

    #[test]
    fn a_spreadsheet_does_not_run_a_label() {
        assert_eq!(quoted("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(quoted("-1.5"), "-1.5");
        assert_eq!(quoted("-cmd"), "'-cmd");
    }
}
