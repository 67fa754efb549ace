//! The last step of every command that changes a bundle: judge, render, write, and list every file in the manifest.

use std::collections::BTreeMap;

use super::args::StyleArguments;
use crate::bundle::evidence::Evidence;
use crate::bundle::manifest::Manifest;
use crate::bundle::{self, BundleError, BundleFolder};
use crate::claims::{self, Judged};
use crate::config::Experiment;
use crate::report::{LanguageTag, Style, Templates};

/// Renders the report of what the bundle holds of `experiment`.
pub fn conclude(bundle: &BundleFolder, experiment: &Experiment) -> miette::Result<(Evidence, Vec<Judged>)> {
    conclude_with(bundle, experiment, OwnStyle::default())
}

/// The same in another style than the bundle's, which becomes the bundle's once it has been seen to work.
pub fn conclude_with(
    bundle: &BundleFolder,
    experiment: &Experiment,
    own: OwnStyle,
) -> miette::Result<(Evidence, Vec<Judged>)> {
    let evidence = bundle.evidence(experiment.published())?;
    let judged = claims::judge(&evidence);
    let mut style = style_of(bundle)?;
    if let Some(own) = &own.templates {
        style.templates = Templates::replacing(own.clone())?;
    }
    if let Some(language) = &own.language {
        style.language = language.clone();
    }
    let rendered = crate::report::render_with(&evidence, &judged, &style)?;
    if let Some(own) = own.templates {
        bundle.write_templates(&own)?;
    }
    if let Some(language) = own.language {
        let is_default = language == LanguageTag::source();
        bundle.write_language((!is_default).then(|| language.to_string()).as_deref())?;
    }
    if own.words {
        bundle.write_experiment(experiment)?;
    }
    bundle.write_report(&rendered.files)?;
    Manifest::write(bundle.root())?;
    Ok((evidence, judged))
}

/// How the bundle's report is laid out, and in which language.
pub fn style_of(bundle: &BundleFolder) -> miette::Result<Style> {
    let templates = Templates::replacing(bundle.templates()?)?;
    let malformed = |reason| BundleError::Malformed { path: bundle.root().to_owned(), reason };
    let language = bundle.language()?.map(|tag| tag.parse::<LanguageTag>().map_err(malformed)).transpose()?;
    Ok(Style { templates, language: language.unwrap_or_else(LanguageTag::source) })
}

/// What of a bundle's style is to be another from now on.
#[derive(Debug, Clone, Default)]
pub struct OwnStyle {
    /// By name.
    templates: Option<BTreeMap<String, String>>,
    language: Option<LanguageTag>,
    /// Whether the experiment comes in other words than the bundle has.
    words: bool,
}

impl OwnStyle {
    /// What the command line asks for; names of templates and the language are checked here, before anything else is done.
    pub fn of(arguments: &StyleArguments, bundle: &BundleFolder) -> miette::Result<Self> {
        let templates = arguments.templates.as_deref().map(bundle::read_templates).transpose()?;
        let known = Templates::replacing(templates.clone().map_or_else(|| bundle.templates(), Ok)?)?;
        if let Some(language) = &arguments.lang {
            known.language(language)?;
        }
        Ok(Self { templates, language: arguments.lang.clone(), words: false })
    }

    /// With the words of another file, which the bundle is to keep.
    pub fn with_words(self, words: bool) -> Self {
        Self { words, ..self }
    }
}
