//! `retrial report`: render a bundle again.

use super::args::ReportArguments;
use super::exit::Exit;
use super::publish::{OwnStyle, publish_with};
use crate::bundle::{BundleFolder, BundleLock};

/// Renders the report from the bundle's own data.
pub fn report(arguments: &ReportArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let _lock = BundleLock::take(bundle.root())?;
    let own = OwnStyle::of(&arguments.style, &bundle)?;
    publish_with(&bundle, &bundle.experiment()?, own)?;
    println!("Report: {}", bundle.root().join("index.html").display());
    Ok(Exit::Success)
}
