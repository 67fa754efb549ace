//! `croissant.json`: the table of trials as a data set that tools for machine learning read.
//!
//! Croissant 1.0 (<https://docs.mlcommons.org/croissant/docs/croissant-spec.html>): one file, `results.csv`, with a record
//! for each planned trial. The bundle has no address of its own, so the file is named relative to this one.

use serde_json::{Value, json};

use crate::bundle::evidence::Evidence;
use crate::provenance::Digest;
use crate::report::metric::InWords as _;
use crate::report::text::plain;

pub const FILE: &str = "croissant.json";
const TABLE: &str = "results.csv";

/// Columns of the table that hold whole numbers; those of metrics hold numbers, all others text.
const WHOLE: [&str; 5] = ["seed", "epochs", "steps", "parameters_total", "parameters_trainable"];

/// Its text, for the table as it was rendered.
///
/// # Errors
/// Never for what a bundle holds.
pub fn metadata(evidence: &Evidence, table: &[u8]) -> Result<String, serde_json::Error> {
    let experiment = &evidence.experiment;
    let header = table.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(header).into_owned();
    let fields: Vec<Value> = header
        .split(',')
        .map(|column| {
            let metric = experiment.metrics.named(column);
            let data_type = match metric {
                Some(_) => "sc:Float",
                None if WHOLE.contains(&column) => "sc:Integer",
                None => "sc:Text",
            };
            json!({
                "@type": "cr:Field",
                "@id": format!("trials/{column}"),
                "name": column,
                "description": metric.map_or_else(|| column.replace('_', " "), |metric| metric.in_words()),
                "dataType": data_type,
                "source": {"fileObject": {"@id": TABLE}, "extract": {"column": column}},
            })
        })
        .collect();
    let question = experiment.question.as_deref().map(plain);
    let mut document = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": experiment.id,
        "description": question.unwrap_or_else(|| plain(&experiment.title)),
        "distribution": [{
            "@type": "cr:FileObject",
            "@id": TABLE,
            "name": TABLE,
            "contentUrl": TABLE,
            "encodingFormat": "text/csv",
            "sha256": Digest::of_bytes(table),
        }],
        "recordSet": [{
            "@type": "cr:RecordSet",
            "@id": "trials",
            "name": "trials",
            "description": "One record for each planned trial, with the figures of its last epoch",
            "field": fields,
        }],
    });
    if let (Some(license), Some(fields)) = (&experiment.license, document.as_object_mut()) {
        fields.insert("license".to_owned(), plain(license).into());
    }
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// As the specification gives it, without what is about files in archives and annotations.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
