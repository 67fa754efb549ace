//! The last step of every command that changes a bundle: judge, render, write, and list every file in the manifest.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::evidence::Evidence;
use crate::bundle::manifest::Manifest;
use crate::bundle::{self, BundleFolder};
use crate::claims::{self, Judged};
use crate::config::Experiment;
use crate::report::Templates;

/// Renders the report of what the bundle holds of `experiment`.
pub fn publish(bundle: &BundleFolder, experiment: &Experiment) -> miette::Result<(Evidence, Vec<Judged>)> {
    publish_with(bundle, experiment, None)
}

/// The same with other templates than the bundle's, which become the bundle's once they have been seen to work.
pub fn publish_with(
    bundle: &BundleFolder,
    experiment: &Experiment,
    own: Option<OwnTemplates>,
) -> miette::Result<(Evidence, Vec<Judged>)> {
    let evidence = bundle.evidence(experiment.published())?;
    let judged = claims::judge(&evidence);
    let templates = Templates::replacing(own.clone().map_or_else(|| bundle.templates(), Ok)?)?;
    let rendered = crate::report::render_with(&evidence, &judged, &templates)?;
    if let Some(own) = own {
        bundle.write_templates(&own)?;
    }
    bundle.write_report(&rendered.files)?;
    Manifest::write(bundle.root())?;
    Ok((evidence, judged))
}

/// Templates by name.
type OwnTemplates = BTreeMap<String, String>;

/// The templates in `folder`, if one is named; their names are checked here, before anything else is done.
pub fn own_templates(folder: Option<&Path>) -> miette::Result<Option<OwnTemplates>> {
    let Some(folder) = folder else { return Ok(None) };
    let own = bundle::read_templates(folder)?;
    Templates::replacing(own.clone())?;
    Ok(Some(own))
}
