//! `claims.json`: every claim with its verdict and what the verdict rests on, unrounded.

use serde::Serialize;

use crate::claims::Judged;
use crate::config::ExperimentId;
use crate::report::ReportError;

/// Major version of `claims.json`; within one, fields are only added.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Claims<'a> {
    schema: u32,
    experiment: &'a ExperimentId,
    /// In the order of the experiment file.
    claims: &'a [Judged],
}

/// Indented, ending in a line feed.
///
/// # Errors
/// When a value has no JSON form.
pub fn json(experiment: &ExperimentId, claims: &[Judged]) -> Result<String, ReportError> {
    let document = Claims { schema: SCHEMA, experiment, claims };
    let mut text = serde_json::to_string_pretty(&document).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}
