//! `retrial verify`: does a bundle hold, tier by tier?

use std::time::Instant;

use miette::IntoDiagnostic as _;
use serde::Serialize;

use super::args::{Tier, VerifyArguments};
use super::exit::Exit;
use super::publish::style_of;
use super::run::load_data_of;
use super::sign::public_key;
use crate::audit::replay::{
    BITWISE_STEPS, Level, Recorded, Replayed, TOLERANCE_STEPS, level, other_processor, replay, rerun,
};
use crate::audit::signature::{self, Found, OF_AUDIT, OF_BUNDLE};
use crate::audit::{digests, rendering};
use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::manifest::{AUDIT, Manifest};
use crate::bundle::{BundleFolder, write_atomically};
use crate::claims;
use crate::engine::{Engine, ThreadPlan, available_cores};
use crate::provenance::Digest;

/// Major version of `audit.json`.
const SCHEMA: u32 = 1;

/// `audit.json`: what was checked, and what did not hold.
#[derive(Debug, Serialize)]
struct Audit {
    schema: u32,
    /// SHA-256 of the manifest: which bundle was checked.
    bundle: Option<String>,
    tiers: Vec<TierResult>,
    holds: bool,
}

#[derive(Debug, Serialize)]
struct TierResult {
    tier: &'static str,
    /// How many files or steps were compared.
    checked: u64,
    /// One line for each thing that does not hold.
    findings: Vec<String>,
}

/// Runs the asked-for tier and all cheaper ones, and writes `audit.json`.
pub fn verify(arguments: &VerifyArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let experiment = bundle.experiment()?;
    let mut tiers = vec![run_tier("digests", "less than a second", || check_digests(&bundle))?];
    let evidence = bundle.evidence(experiment)?;
    if arguments.tier >= Tier::Report {
        tiers.push(run_tier("report", "a second or two", || check_report(&bundle, &evidence))?);
    }
    if arguments.tier >= Tier::Replay {
        tiers.push(retrain(arguments, &bundle, &evidence)?);
    }
    let manifest = std::fs::read(bundle.root().join(crate::bundle::manifest::MANIFEST)).ok();
    let name = manifest.map(|bytes| Digest::of_bytes(&bytes));
    let is_signed = check_signatures(arguments, &bundle, name)?;
    let holds = tiers.iter().all(|tier| tier.findings.is_empty());
    let audit = Audit { schema: SCHEMA, bundle: name.map(|name| name.to_string()), tiers, holds };
    let json = serde_json::to_string_pretty(&audit).into_diagnostic()? + "\n";
    if let Err(error) = write_atomically(&bundle.root().join(AUDIT), json.as_bytes()) {
        eprintln!("note: {AUDIT} is not written: {error}");
    }
    println!("{}", if holds { "The bundle holds." } else { "The bundle does not hold." });
    Ok(match (holds, is_signed) {
        (false, _) => Exit::Disagreement,
        (true, false) => Exit::NotSigned,
        (true, true) => Exit::Success,
    })
}

fn run_tier(
    tier: &'static str,
    cost: &str,
    check: impl FnOnce() -> miette::Result<(u64, Vec<String>)>,
) -> miette::Result<TierResult> {
    println!("{tier}: {cost}");
    let clock = Instant::now();
    let (checked, findings) = check()?;
    for finding in &findings {
        println!("  {finding}");
    }
    let verdict = if findings.is_empty() { "holds".to_owned() } else { format!("{} finding(s)", findings.len()) };
    println!("{tier}: {checked} compared, {verdict}, {:.1} s", clock.elapsed().as_secs_f64());
    Ok(TierResult { tier, checked, findings })
}

/// Names who signed; whether the key that was given, if one was, did.
fn check_signatures(arguments: &VerifyArguments, bundle: &BundleFolder, name: Option<Digest>) -> miette::Result<bool> {
    let key = arguments.key.as_deref().map(public_key).transpose()?;
    let found = match name {
        Some(name) => signature::find(bundle.root(), name, key.as_ref())?,
        None => Vec::new(),
    };
    for found in &found {
        let by = found.claimed.join(", ");
        let verdict = match &found.verified {
            None => format!("says it is by key {by}; `--key` checks that"),
            Some(Err(error)) => format!("not by the given key: {error}"),
            Some(Ok(statement)) if statement.predicate_type == OF_AUDIT => {
                let holds = statement.predicate.get("holds").and_then(serde_json::Value::as_bool);
                format!(
                    "valid: an audit by this key found that the bundle {}",
                    match holds {
                        Some(true) => "holds",
                        Some(false) => "does not hold",
                        None => "is what it does not say clearly",
                    }
                )
            }
            Some(Ok(_)) => "valid: signed by this key".to_owned(),
        };
        let about = if found.is_about_this { "" } else { "; about another bundle than this" };
        println!("{}: {verdict}{about}", found.path);
    }
    let is_by_key = |found: &Found| {
        found.is_about_this && matches!(&found.verified, Some(Ok(statement)) if statement.predicate_type == OF_BUNDLE)
    };
    let is_signed = key.is_none() || found.iter().any(is_by_key);
    if !is_signed {
        println!("The bundle has no valid signature by the given key.");
    }
    Ok(is_signed)
}

fn check_digests(bundle: &BundleFolder) -> miette::Result<(u64, Vec<String>)> {
    let Some(manifest) = Manifest::read(bundle.root())? else {
        return Ok((0, vec!["there is no manifest.json, so nothing says what the files should be".to_owned()]));
    };
    let findings = digests::check(bundle.root(), &manifest)?;
    let in_words = |finding: &digests::Finding| match finding.kind {
        digests::Kind::Missing => format!("{} is missing", finding.path),
        digests::Kind::Extra => format!("{} is not in the manifest", finding.path),
        digests::Kind::Changed => format!("{} was changed", finding.path),
    };
    Ok((manifest.files.len() as u64, findings.iter().map(in_words).collect()))
}

fn check_report(bundle: &BundleFolder, evidence: &Evidence) -> miette::Result<(u64, Vec<String>)> {
    let own = bundle.templates()?;
    if !own.is_empty() {
        println!("  its pages come from templates of its own: {}", own.keys().cloned().collect::<Vec<_>>().join(", "));
    }
    let rendered = crate::report::render_with(evidence, &claims::judge(evidence), &style_of(bundle)?)?;
    let deviations = rendering::deviations(bundle, &rendered.files);
    let in_words = |deviation: &rendering::Deviation| match &deviation.kind {
        rendering::Kind::Absent => format!("{} is missing: the data give it", deviation.path),
        rendering::Kind::Differs { line, found, expected } => {
            format!(
                "{} differs from what the data give, first in line {line}: `{found}` should be `{expected}`",
                deviation.path
            )
        }
    };
    Ok((rendered.files.len() as u64, deviations.iter().map(in_words).collect()))
}

/// Trains trials again, from the start of each or whole.
fn retrain(arguments: &VerifyArguments, bundle: &BundleFolder, evidence: &Evidence) -> miette::Result<TierResult> {
    let engine = Engine::select(arguments.device)?;
    let mut experiment = evidence.experiment.clone();
    if let Some(path) = &arguments.data {
        experiment.data.source.set_path(path);
    }
    let data = load_data_of(&experiment, &arguments.cache)?;
    let threads = ThreadPlan::new(Some(1), 1, available_cores());
    engine.set_threads(threads);
    let claimed = evidence.environment.as_ref().and_then(|environment| environment.reproducibility);
    let asked = arguments.level.map(|level| level.with_tolerance(arguments.tolerance));
    let is_whole = arguments.tier == Tier::Rerun;
    let chosen: Vec<_> = chosen(arguments, evidence).collect();
    let cost = if is_whole {
        let images: u64 =
            chosen.iter().map(|(record, variant, _)| record.steps * u64::from(variant.train.batch_size)).sum();
        format!("{} trial(s) trained again, about {images} training images", chosen.len())
    } else {
        format!("the first steps of {} trial(s) trained again", chosen.len())
    };
    run_tier(if is_whole { "rerun" } else { "replay" }, &cost, || {
        let (mut checked, mut findings) = (0, Vec::new());
        for (record, variant, metrics) in &chosen {
            let fingerprints = bundle.fingerprints(&record.variant, record.seed)?;
            let environment = bundle.trial_environment(&record.variant, record.seed)?;
            let other = environment.and_then(|environment| other_processor(&environment, &engine));
            let level = level(asked, claimed, record, &engine, other.is_some())?;
            if let (Some(other), None, Level::Tolerance(tolerance)) = (other, asked, level) {
                println!("  {}/{} ran on {other}: compared within {tolerance}", record.variant, record.seed);
            }
            let trial = Recorded { variant, seed: record.seed, record, fingerprints: &fingerprints, metrics };
            let steps = arguments.steps.unwrap_or(match level {
                Level::Bitwise => BITWISE_STEPS,
                Level::Tolerance(_) => TOLERANCE_STEPS,
            });
            let replayed = if is_whole {
                rerun(trial, &data, &engine, threads, level)?
            } else {
                replay(trial, &data, &engine, threads, level, steps)?
            };
            checked += replayed.steps;
            findings.extend(in_words(&replayed));
            show(&replayed, metrics.last());
        }
        Ok((checked, findings))
    })
}

type Chosen<'a> =
    (&'a crate::bundle::record::TrialRecord, &'a crate::config::Variant, &'a [crate::bundle::record::EpochMetrics]);

/// The named trials, or the first finished one of each variant.
fn chosen<'a>(arguments: &'a VerifyArguments, evidence: &'a Evidence) -> impl Iterator<Item = Chosen<'a>> {
    let mut seen: Vec<&crate::config::VariantId> = Vec::new();
    evidence.trials.iter().filter_map(move |trial| {
        let TrialState::Done(record) = &trial.state else { return None };
        let variant = evidence.experiment.variants.iter().find(|variant| variant.id == trial.variant)?;
        let named = |name: &crate::sweep::TrialName| name.variant == trial.variant && name.seed == trial.seed;
        let is_chosen = if arguments.trials.is_empty() {
            !seen.contains(&&trial.variant)
        } else {
            arguments.trials.iter().any(named)
        };
        seen.push(&trial.variant);
        is_chosen.then_some((record, variant, trial.metrics.as_slice()))
    })
}

fn in_words(replayed: &Replayed) -> Option<String> {
    let difference = replayed.difference.as_ref()?;
    let place = difference.step.map(|step| format!(" at step {step}")).unwrap_or_default();
    Some(format!(
        "{}/{}: the {} differs{place}: recorded {}, here {}",
        replayed.variant, replayed.seed, difference.what, difference.recorded, difference.here
    ))
}

/// A line for each trial: agreeing or not, and of a whole one its figures beside those recorded.
fn show(replayed: &Replayed, recorded: Option<&crate::bundle::record::EpochMetrics>) {
    let verdict = if replayed.difference.is_none() { "agrees" } else { "differs" };
    let key = match replayed.key_differs.as_slice() {
        [] => String::new(),
        parts => format!(" (another {} than recorded)", parts.join(", ")),
    };
    let figures = match (&replayed.metrics, recorded) {
        (Some(here), Some(recorded)) => format!(
            ", validation accuracy {:.2}% here, {:.2}% recorded",
            100.0 * here.val_accuracy,
            100.0 * recorded.val_accuracy
        ),
        _ => String::new(),
    };
    println!("  {}/{}: {} steps, {verdict}{figures}{key}", replayed.variant, replayed.seed, replayed.steps);
}
