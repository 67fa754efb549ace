//! `retrial report`: render a bundle again.

use super::args::ReportArguments;
use super::conclude::{OwnStyle, conclude_with};
use super::exit::Exit;
use super::output::outln;
use crate::bundle::{BundleFolder, BundleLock};

/// Renders the report from the bundle's own data.
pub fn report(arguments: &ReportArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let _lock = BundleLock::take(bundle.root())?;
    let own = OwnStyle::of(&arguments.style, &bundle)?;
    conclude_with(&bundle, &bundle.experiment()?, own)?;
    outln!("Report: {}", bundle.root().join("index.html").display());
    Ok(Exit::Success)
}
