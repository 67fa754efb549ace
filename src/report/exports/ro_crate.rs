//! `ro-crate-metadata.json`: what the bundle is, for repositories that index research data.
//!
//! RO-Crate 1.1 with the Process Run Crate profile 0.5 (<https://w3id.org/ro/wfrun/process/0.5>): one action, the run,
//! from an experiment file and images to a report and the records of its trials. A crate wants to know when it was
//! published; the day on which the run began is the only date that the bundle has. Who ran it is not known, and the
//! program has no address that would be its name everywhere: the profile's two recommendations about them are not met.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bundle::evidence::{Evidence, TrialEvidence, TrialState};
use crate::bundle::record::Environment;
use crate::config::{Experiment, Source, VariantId};
use crate::provenance::Digest;
use crate::report::text::plain;

/// The file's name, as the specification demands it.
pub const FILE: &str = "ro-crate-metadata.json";
const CRATE: &str = "https://w3id.org/ro/crate/1.1";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
const PROGRAM: &str = "#retrial";
const RUN: &str = "#run";
const DATA: &str = "#data";
const SOURCE: &str = "#source";

/// Its text; `None` for a bundle of which it is not known when it was run. `files` are the rendered ones.
///
/// # Errors
/// Never for what a bundle holds.
pub fn metadata(evidence: &Evidence, files: &BTreeMap<String, Vec<u8>>) -> Result<Option<String>, serde_json::Error> {
    let Some(environment) = &evidence.environment else { return Ok(None) };
    let experiment = &evidence.experiment;
    let recorded =
        [("experiment.yaml", true), ("dataset.json", evidence.dataset.is_some()), ("environment.json", true)];
    let recorded = recorded.into_iter().filter(|(_, is_there)| *is_there).map(|(path, _)| file(path, None));
    let rendered = files.iter().map(|(path, bytes)| file(path, Some(Digest::of_bytes(bytes))));
    let is_done = |variant: &VariantId, seed| {
        let is_it = |trial: &&TrialEvidence| trial.variant == *variant && trial.seed == seed;
        evidence.trials.iter().find(is_it).is_some_and(|trial| matches!(trial.state, TrialState::Done(_)))
    };
    let trials = experiment.trials().filter(|(variant, seed)| is_done(&variant.id, *seed)).map(|(variant, seed)| {
        json!({
            "@id": format!("trials/{}/seed-{seed}/", variant.id),
            "@type": "Dataset",
            "name": format!("Trial of {} with seed {seed}", variant.id),
        })
    });
    let parts: Vec<Value> = recorded.chain(rendered).chain(trials).collect();
    let mut graph = vec![
        json!({
            "@id": FILE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": CRATE},
            "about": {"@id": "./"},
        }),
        root(experiment, environment, &parts),
        json!({"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}),
        program(environment),
        run(evidence, environment, &parts),
        json!({
            "@id": DATA,
            "@type": "Dataset",
            "name": evidence.dataset.as_ref().map_or_else(|| "Images".to_owned(), |data| plain(&data.description)),
            "identifier": evidence.dataset.as_ref().map(|data| format!("sha256:{}", data.digest)),
        }),
    ];
    graph.extend(experiment.source.as_ref().map(article));
    graph.extend(experiment.license.as_deref().and_then(license_entity));
    graph.extend(parts);
    let graph: Vec<Value> = graph.into_iter().map(without_nulls).collect();
    let document = json!({
        "@context": [format!("{CRATE}/context"), "https://w3id.org/ro/terms/workflow-run/context"],
        "@graph": graph,
    });
    Ok(Some(serde_json::to_string_pretty(&document)? + "\n"))
}

fn root(experiment: &Experiment, environment: &Environment, parts: &[Value]) -> Value {
    let question = experiment.question.as_deref().map(plain);
    json!({
        "@id": "./",
        "@type": "Dataset",
        "name": plain(&experiment.title),
        "description": question.unwrap_or_else(|| format!("Trials and report of the experiment {}", experiment.id)),
        "datePublished": day(environment),
        "license": license(experiment.license.as_deref()),
        "conformsTo": {"@id": PROFILE},
        "hasPart": references(parts),
        "mentions": {"@id": RUN},
        "citation": experiment.source.as_ref().map(|_| json!({"@id": SOURCE})),
    })
}

fn program(environment: &Environment) -> Value {
    let commit = environment.code.commit.as_ref().map(|commit| format!(" ({commit})")).unwrap_or_default();
    json!({
        "@id": PROGRAM,
        "@type": "SoftwareApplication",
        "name": "retrial",
        "softwareVersion": format!("{}{commit}", environment.retrial),
        "softwareRequirements": plain(&environment.engine),
        "operatingSystem": plain(&environment.os),
    })
}

fn run(evidence: &Evidence, environment: &Environment, parts: &[Value]) -> Value {
    let done = evidence.trials.iter().filter(|trial| matches!(trial.state, TrialState::Done(_))).count();
    let failed = evidence.trials.iter().filter(|trial| matches!(trial.state, TrialState::Failed { .. })).count();
    // An action's status is one of schema.org's; a run with trials still missing has not come to its end.
    let status = match (done == evidence.trials.len(), failed) {
        (true, _) => "http://schema.org/CompletedActionStatus",
        (false, 0) => "http://schema.org/ActiveActionStatus",
        (false, _) => "http://schema.org/FailedActionStatus",
    };
    let results: Vec<Value> = parts.iter().filter(|part| part["@id"] != "experiment.yaml").cloned().collect();
    json!({
        "@id": RUN,
        "@type": "CreateAction",
        "name": format!("retrial run of {}", evidence.experiment.id),
        "description": format!("{done} of {} trials done", evidence.trials.len()),
        "instrument": {"@id": PROGRAM},
        "object": [{"@id": "experiment.yaml"}, {"@id": DATA}],
        "result": references(&results),
        "startTime": time(environment, 0.0),
        "endTime": time(environment, environment.elapsed_seconds),
        "actionStatus": status,
    })
}

/// A crate must say how it may be used.
fn license(stated: Option<&str>) -> Value {
    match stated {
        None => json!("No licence is stated: ask whoever published this bundle"),
        Some(words) => license_address(words).map_or_else(|| json!(plain(words)), |address| json!({"@id": address})),
    }
}

fn license_entity(stated: &str) -> Option<Value> {
    let address = license_address(stated)?;
    let description = "How this bundle may be used";
    Some(json!({"@id": address, "@type": "CreativeWork", "name": plain(stated), "description": description}))
}

/// Where a licence stands: at its URL, or under its SPDX identifier; `None` for words.
fn license_address(stated: &str) -> Option<String> {
    let is_identifier = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+');
    if stated.starts_with("https://") || stated.starts_with("http://") {
        (!stated.contains(|c: char| c.is_whitespace() || c.is_control())).then(|| stated.to_owned())
    } else if !stated.is_empty() && stated.chars().all(is_identifier) {
        Some(format!("https://spdx.org/licenses/{stated}"))
    } else {
        None
    }
}

fn article(source: &Source) -> Value {
    json!({
        "@id": SOURCE,
        "@type": "Article",
        "name": plain(&source.title),
        "author": source.author.as_deref().map(plain),
        "url": source.url,
        "datePublished": source.published.as_deref().map(plain),
    })
}

fn file(path: &str, digest: Option<Digest>) -> Value {
    let format = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => Some("text/html"),
        Some("md") => Some("text/markdown"),
        Some("json") => Some("application/json"),
        Some("yaml") => Some("application/yaml"),
        Some("csv") => Some("text/csv"),
        Some("svg") => Some("image/svg+xml"),
        Some("xml") => Some("application/xml"),
        Some("tex") => Some("application/x-tex"),
        Some("bib") => Some("application/x-bibtex"),
        _ => None,
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    json!({"@id": path, "@type": "File", "name": name, "encodingFormat": format, "sha256": digest})
}

fn references(entities: &[Value]) -> Vec<Value> {
    entities.iter().map(|entity| json!({"@id": entity["@id"]})).collect()
}

/// The first ten characters of the time: its day.
fn day(environment: &Environment) -> &str {
    environment.started.get(..10).unwrap_or(&environment.started)
}

/// So many seconds after the start, to the second and with an offset, as the profile's pattern wants it.
fn time(environment: &Environment, seconds: f64) -> Option<String> {
    let started: jiff::Timestamp = environment.started.parse().ok()?;
    let time = started.checked_add(jiff::SignedDuration::try_from_secs_f64(seconds).ok()?).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
}

fn without_nulls(mut entity: Value) -> Value {
    if let Some(fields) = entity.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    entity
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::{render, sample};

    fn graph() -> Vec<Value> {
        let (evidence, judged) = sample::complete();
        let rendered = render(&evidence, &judged).unwrap();
        let document: Value = serde_json::from_slice(&rendered.files[FILE]).unwrap();
        document["@graph"].as_array().unwrap().clone()
    }

    fn entity<'a>(graph: &'a [Value], id: &str) -> &'a Value {
        graph.iter().find(|entity| entity["@id"] == id).unwrap_or_else(|| panic!("there is no {id}"))
    }

    #[test]
    fn what_the_specification_and_the_profile_demand_is_there() {
        let graph = graph();
        // RO-Crate 1.1, sections "RO-Crate Metadata File Descriptor" and "Root Data Entity".
        assert_eq!(entity(&graph, "ro-crate-metadata.json")["conformsTo"]["@id"], "https://w3id.org/ro/crate/1.1");
        assert_eq!(entity(&graph, "ro-crate-metadata.json")["about"]["@id"], "./");
        let root = entity(&graph, "./");
        assert_eq!((&root["@type"], root["datePublished"].as_str().unwrap().len()), (&json!("Dataset"), 10));
        // Process Run Crate 0.5, "Requirements".
        assert_eq!(root["conformsTo"]["@id"], "https://w3id.org/ro/wfrun/process/0.5");
        let run = entity(&graph, root["mentions"]["@id"].as_str().unwrap());
        assert_eq!(run["@type"], "CreateAction");
        let program = entity(&graph, run["instrument"]["@id"].as_str().unwrap());
        assert_eq!((&program["@type"], &program["name"]), (&json!("SoftwareApplication"), &json!("retrial")));
    }

    #[test]
    fn a_licence_is_an_entity_where_it_has_an_address_and_words_where_not() {
        // RO-Crate 1.1, "Root Data Entity": it MUST have a licence, SHOULD link to one, MAY describe it in words.
        assert!(license(None).is_string());
        assert_eq!(license(Some("CC-BY-4.0")), json!({"@id": "https://spdx.org/licenses/CC-BY-4.0"}));
        assert_eq!(license_entity("CC-BY-4.0").unwrap()["@id"], "https://spdx.org/licenses/CC-BY-4.0");
        assert_eq!(license(Some("https://example.org/terms")), json!({"@id": "https://example.org/terms"}));
        assert_eq!(license(Some("free for teaching")), json!("free for teaching"));
        assert_eq!(license_entity("free for teaching"), None);
    }

    #[test]
    fn times_have_seconds_and_an_offset() {
        let (mut evidence, _) = sample::complete();
        let environment = evidence.environment.as_mut().unwrap();
        environment.started = "2026-11-23T20:07:11.534702236Z".to_owned();
        assert_eq!(time(environment, 0.0).unwrap(), "2026-11-23T20:07:11+00:00");
        assert_eq!(time(environment, 3600.5).unwrap(), "2026-11-23T21:07:12+00:00");
        environment.started = "yesterday".to_owned();
        assert_eq!(time(environment, 0.0), None);
    }

    #[test]
    fn every_reference_leads_to_an_entity_and_none_stands_twice() {
        let graph = graph();
        let ids: Vec<&str> = graph.iter().map(|entity| entity["@id"].as_str().unwrap()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        for entity in &graph {
            for list in ["hasPart", "result", "object"] {
                for part in entity[list].as_array().into_iter().flatten() {
                    assert!(ids.contains(&part["@id"].as_str().unwrap()), "{part}");
                }
            }
        }
    }
}
