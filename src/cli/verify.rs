//! `retrial verify`: does a bundle hold, tier by tier?

use miette::IntoDiagnostic as _;
use serde::Serialize;

use super::args::{Tier, VerifyArguments};
use super::conclude::style_of;
use super::exit::Exit;
use super::output::{errln, outln};
use super::retrain::{check_names, retrain};
use super::sign::public_key;
use super::tier::{Checked, TierResult, run_tier};
use crate::audit::signature::{self, Found, OF_AUDIT, OF_BUNDLE};
use crate::audit::{digests, rendering};
use crate::bundle::evidence::Evidence;
use crate::bundle::manifest::{AUDIT, LARGEST, MANIFEST, Manifest};
use crate::bundle::record::KeyParts;
use crate::bundle::{BundleError, BundleFolder, digest_of_sources, fault_of_trial, read_bounded, write_atomically};
use crate::claims;
use crate::config::{Experiment, Seed, Trainer, Variant};
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

/// Runs the asked-for tier and all cheaper ones, and writes `audit.json`. Whatever the bundle's files are like, they are
/// compared with the manifest first; one that cannot be understood is a finding and no reason to stop.
pub fn verify(arguments: &VerifyArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    check_is_bundle(&bundle)?;
    // What is misspelt should not cost an audit.
    let key = arguments.key.as_deref().map(public_key).transpose()?;
    if let Ok(experiment) = bundle.experiment() {
        check_names(&arguments.trials, &experiment)?;
    }
    // Before this audit takes its place.
    let earlier = read_bounded(&bundle.root().join(AUDIT), LARGEST).ok();
    let mut tiers = vec![run_tier("digests", "less than a second", || Ok(check_digests(&bundle)))?];
    if arguments.tier >= Tier::Report {
        let mut evidence = None;
        tiers.push(run_tier("report", "a second or two", || {
            let (checked, read) = check_report(&bundle);
            evidence = read;
            Ok(checked)
        })?);
        match &evidence {
            Some(evidence) if arguments.tier >= Tier::Replay => tiers.push(retrain(arguments, &bundle, evidence)?),
            None if arguments.tier >= Tier::Replay => {
                outln!("No trial is trained again: the records cannot be read.")
            }
            _ => {}
        }
    }
    let manifest = read_bounded(&bundle.root().join(MANIFEST), LARGEST).ok();
    let name = manifest.map(|bytes| Digest::of_bytes(&bytes));
    let holds = tiers.iter().all(TierResult::holds);
    let nothing_compared: Vec<&str> = tiers.iter().filter_map(TierResult::nothing_compared).collect();
    let audit = Audit { schema: SCHEMA, bundle: name.map(|name| name.to_string()), tiers, holds };
    let json = serde_json::to_string_pretty(&audit).into_diagnostic()? + "\n";
    if let Err(error) = write_atomically(&bundle.root().join(AUDIT), json.as_bytes()) {
        errln!("note: {AUDIT} is not written: {error}");
    }
    let signatures = match name {
        Some(name) => signature::find(bundle.root(), name, key.as_ref())?,
        None => Vec::new(),
    };
    show_signatures(&signatures);
    if let Some(earlier) = earlier {
        outln!("{AUDIT} before this one: {}", outside_the_manifest(&earlier, name, &signatures));
    }
    let is_signed = key.is_none() || signatures.iter().any(is_by_key);
    outln!("{}", conclusion(holds, &nothing_compared, key.is_some().then_some(is_signed)));
    Ok(match (holds, is_signed) {
        (false, _) => Exit::Disagreement,
        (true, false) => Exit::NotSigned,
        (true, true) => Exit::Success,
    })
}

/// A bundle that lost its experiment is still one, to be found wanting; a folder without manifest as well is none.
fn check_is_bundle(bundle: &BundleFolder) -> Result<(), BundleError> {
    let has = |file: &str| bundle.root().join(file).exists();
    if has("experiment.yaml") || has(MANIFEST) {
        Ok(())
    } else {
        Err(BundleError::NotABundle { path: bundle.root().to_owned() })
    }
}

/// The verdict, which is the last line: `is_signed` where a signature was demanded.
fn conclusion(holds: bool, nothing_compared: &[&str], is_signed: Option<bool>) -> String {
    let held = if nothing_compared.is_empty() { "holds" } else { "holds as far as it was compared" };
    let signed = match (holds, is_signed) {
        (false, Some(false)) => "does not hold, and has no valid signature by the given key".to_owned(),
        (false, _) => "does not hold".to_owned(),
        (true, Some(false)) => format!("has no valid signature by the given key; otherwise it {held}"),
        (true, Some(true)) => format!("{held}, and is signed by the given key"),
        (true, None) => held.to_owned(),
    };
    match nothing_compared {
        [_, ..] if holds => format!("The bundle {signed}: {} had nothing to compare.", nothing_compared.join(" and ")),
        _ => format!("The bundle {signed}."),
    }
}

/// What may be believed of an `audit.json` that was there already: the manifest says nothing of it.
fn outside_the_manifest(audit: &[u8], name: Option<Digest>, signatures: &[Found]) -> String {
    let Ok(audit) = serde_json::from_slice::<serde_json::Value>(audit) else {
        return "unchecked, it cannot be read".to_owned();
    };
    let is_signed = |found: &Found| {
        found.is_about_this
            && matches!(&found.verified, Some(Ok(statement)) if statement.predicate_type == OF_AUDIT && statement.predicate == audit)
    };
    let names = audit.get("bundle").and_then(serde_json::Value::as_str);
    if names.is_none() || names != name.map(|name| name.to_string()).as_deref() {
        "it is about another bundle than this".to_owned()
    } else if signatures.iter().any(is_signed) {
        "it is what the given key signed".to_owned()
    } else {
        "unchecked, it names this bundle, and nothing vouches for what else it says".to_owned()
    }
}

fn is_by_key(found: &Found) -> bool {
    found.is_about_this && matches!(&found.verified, Some(Ok(statement)) if statement.predicate_type == OF_BUNDLE)
}

/// Names who signed, and whether the key that was given, if one was, did.
fn show_signatures(found: &[Found]) {
    for found in found {
        let by = found.claimed.join(", ");
        let verdict = match &found.verified {
            None => format!("unchecked, it says that it is by key {by}; `--key` checks that"),
            Some(Err(error)) if found.claimed.is_empty() => format!("is signed by nobody: {error}"),
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
        let is_about_another = !found.is_about_this && !found.claimed.is_empty();
        let about = if is_about_another { "; about another bundle than this" } else { "" };
        outln!("{}: {verdict}{about}", found.path);
    }
}

fn check_digests(bundle: &BundleFolder) -> Checked {
    let compared = Manifest::read(bundle.root()).and_then(|manifest| {
        let findings = manifest.as_ref().map(|manifest| digests::check(bundle.root(), manifest)).transpose()?;
        Ok(manifest.zip(findings))
    });
    let in_words = |finding: &digests::Finding| match finding.kind {
        digests::Kind::Missing => format!("{} is missing", finding.path),
        digests::Kind::Extra => format!("{} is not in the manifest", finding.path),
        digests::Kind::Changed => format!("{} was changed", finding.path),
    };
    match compared {
        Err(error) => Checked::failed(&error),
        Ok(None) => Checked::failed(&"there is no manifest.json, so nothing says what the files should be"),
        Ok(Some((manifest, findings))) => Checked {
            checked: manifest.files.len() as u64,
            findings: findings.iter().map(in_words).collect(),
            ..Checked::default()
        },
    }
}

/// Whether the trials are whole and the report follows from them; and the evidence, if it can be read.
fn check_report(bundle: &BundleFolder) -> (Checked, Option<Evidence>) {
    let experiment = match bundle.experiment() {
        Ok(experiment) => experiment,
        Err(error) => return (Checked::failed(&error), None),
    };
    let mut checked = check_trials(bundle, &experiment);
    let evidence = match bundle.evidence(experiment) {
        Ok(evidence) => evidence,
        Err(error) => {
            // A trial's file was named already.
            let error = error.to_string();
            if !checked.findings.contains(&error) {
                checked.findings.push(error);
            }
            return (checked, None);
        }
    };
    match check_pages(bundle, &evidence) {
        Ok((count, findings)) => {
            checked.checked += count;
            checked.findings.extend(findings);
        }
        Err(error) => checked.findings.push(format!("the report cannot be rendered: {error}")),
    }
    (checked, Some(evidence))
}

fn check_trials(bundle: &BundleFolder, experiment: &Experiment) -> Checked {
    // One that cannot be read is told of with the rest of the evidence.
    let dataset = bundle.dataset().ok().flatten();
    let manifest = Manifest::read(bundle.root()).ok().flatten();
    let mut checked = Checked::default();
    for (variant, seed) in experiment.trials() {
        if let Some(reason) = manifest.as_ref().and_then(|manifest| fault_of_sources(bundle, manifest, variant, seed)) {
            checked.findings.push(format!("{}/{seed} cannot be what it says: {reason}", variant.id));
        }
        match fault_of_trial(bundle, variant, seed, dataset.as_ref()) {
            Ok(None) => {}
            Ok(Some(reason)) => {
                checked.findings.push(format!("{}/{seed} cannot be what it says: {reason}", variant.id))
            }
            Err(error) => checked.findings.push(error.to_string()),
        }
    }
    checked
}

/// Why the files that a program consists of, as they are kept, are not those that the trial ran.
fn fault_of_sources(bundle: &BundleFolder, manifest: &Manifest, variant: &Variant, seed: Seed) -> Option<String> {
    let Trainer::Command { command, .. } = &variant.trainer else { return None };
    let record = bundle.trial_record(&variant.id, seed).ok().flatten()?;
    let KeyParts::Command(parts) = &record.key.parts else { return None };
    let kept = digest_of_sources(manifest, &command.sources)?;
    (kept != parts.sources).then(|| "the files in sources/ are not those that it ran".to_owned())
}

fn check_pages(bundle: &BundleFolder, evidence: &Evidence) -> miette::Result<(u64, Vec<String>)> {
    let own = bundle.templates()?;
    if !own.is_empty() {
        outln!("  its pages come from templates of its own: {}", own.keys().cloned().collect::<Vec<_>>().join(", "));
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
