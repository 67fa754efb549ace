//! `retrial collect`: trials from several places, one bundle.

use super::against::{self, Publication};
use super::args::CollectArguments;
use super::conclude::conclude;
use super::exit::Exit;
use super::gate::{gate, gate_images};
use super::output::{errln, out, outln};
use super::summary;
use crate::bundle::{BundleFolder, BundleLock, collect as merge};
use crate::report::text::counted;

/// Merges the trials of several bundles and renders the report.
pub fn collect(arguments: &CollectArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.out);
    let publication = arguments.agreement.against.as_deref().map(|folder| Publication::asked(folder, &bundle));
    let publication = publication.transpose()?;
    let _lock = BundleLock::take(bundle.root())?;
    let collected = merge(&arguments.sources, &bundle, arguments.mix_engines)?;
    let experiment = bundle.experiment()?;
    let compared = against::settle(publication.as_ref(), &bundle, &experiment, |text| errln!("{text}"))?;
    let (evidence, judged) = conclude(&bundle, &experiment)?;
    let compared = publication.as_ref().zip(compared.as_ref());
    out!("{}", summary::table(&evidence));
    out!("{}", summary::verdicts(&judged));
    let failed = if collected.failed > 0 { format!(", {} failed", collected.failed) } else { String::new() };
    outln!(
        "{} collected, {} there already, {} missing{failed}",
        counted(collected.copied, "trial"),
        collected.same,
        collected.missing
    );
    if let Some((publication, record)) = compared {
        outln!("{}", against::in_words(publication, record));
    }
    outln!("Report: {}", bundle.root().join("index.html").display());
    if !arguments.agreement.gate {
        return Ok(Exit::Success);
    }
    gate_images(&experiment, bundle.dataset()?.as_ref())?;
    Ok(gate(&judged, compared, false))
}
