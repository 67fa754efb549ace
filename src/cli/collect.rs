//! `retrial collect`: trials from several places, one bundle.

use super::args::CollectArguments;
use super::exit::Exit;
use super::gate::gate;
use super::publish::publish;
use super::summary;
use crate::bundle::{BundleFolder, BundleLock, collect as merge};

/// Merges the trials of several bundles and renders the report.
pub fn collect(arguments: &CollectArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.out);
    let _lock = BundleLock::take(bundle.root())?;
    let collected = merge(&arguments.sources, &bundle)?;
    let (evidence, judged) = publish(&bundle, &bundle.experiment()?)?;
    print!("{}", summary::table(&evidence));
    print!("{}", summary::verdicts(&judged));
    let failed = if collected.failed > 0 { format!(", {} failed", collected.failed) } else { String::new() };
    println!(
        "{} trial(s) collected, {} there already, {} missing{failed}",
        collected.copied, collected.same, collected.missing
    );
    println!("Report: {}", bundle.root().join("index.html").display());
    Ok(if arguments.gate { gate(&judged, false) } else { Exit::Success })
}
