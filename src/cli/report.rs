//! `retrial report`: render a bundle again.

use miette::IntoDiagnostic as _;

use super::args::ReportArguments;
use super::exit::Exit;
use crate::bundle::BundleFolder;

/// Renders the report from the bundle's own data.
pub fn report(arguments: &ReportArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let evidence = bundle.evidence(bundle.experiment()?)?;
    let rendered = crate::report::render(&evidence).into_diagnostic()?;
    bundle.write_report(&rendered.files)?;
    println!("Report: {}", bundle.root().join("index.html").display());
    Ok(Exit::Success)
}
