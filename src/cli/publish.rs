//! The last step of every command that changes a bundle: judge, render, write, and list every file in the manifest.

use miette::IntoDiagnostic as _;

use crate::bundle::BundleFolder;
use crate::bundle::evidence::Evidence;
use crate::bundle::manifest::Manifest;
use crate::claims::{self, Judged};
use crate::config::Experiment;

/// Renders the report of what the bundle holds of `experiment`.
pub fn publish(bundle: &BundleFolder, experiment: &Experiment) -> miette::Result<(Evidence, Vec<Judged>)> {
    let evidence = bundle.evidence(experiment.published())?;
    let judged = claims::judge(&evidence);
    let rendered = crate::report::render(&evidence, &judged).into_diagnostic()?;
    bundle.write_report(&rendered.files)?;
    Manifest::write(bundle.root())?;
    Ok((evidence, judged))
}
