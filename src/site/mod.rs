//! A folder of bundles as a small web site: an index of all of them, and for each experiment its history, in which a
//! verdict that changed and a figure that drifted stand out.
//!
//! [`pages`] is a pure function of what the bundles say; dates come from their records. Nothing is trained or rendered
//! again, and no bundle is changed.

mod find;
mod history;
mod index;
mod plot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bundle::evidence::Evidence;
use crate::claims::Judged;
use crate::config::{ExperimentId, Verdict};
use crate::provenance::Digest;
use crate::report::{LanguageTag, ReportError, Templates, page};

pub use find::find;

/// One bundle of the site.
#[derive(Debug, Clone)]
pub struct Published {
    /// Relative to the site's root, with `/` between folders.
    pub folder: String,
    /// SHA-256 of its manifest; `None` where there is none.
    pub digest: Option<Digest>,
    pub evidence: Evidence,
    pub judged: Vec<Judged>,
}

impl Published {
    /// When its last run began, as it was recorded (RFC 3339, UTC, so that text order is time order); empty where it was not.
    fn started(&self) -> &str {
        self.evidence.environment.as_ref().map_or("", |environment| environment.started.as_str())
    }

    /// The day of it.
    fn date(&self) -> Option<String> {
        self.started().get(..10).map(str::to_owned)
    }

    fn engine(&self) -> Option<String> {
        self.evidence.environment.as_ref().map(|environment| environment.engine.clone())
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.judged.iter().filter(|judged| judged.verdict == verdict).count()
    }

    /// Where its page is, seen from a page `up` folders below the root.
    fn link(&self, up: usize) -> String {
        let segments = self.folder.split('/').filter(|segment| !segment.is_empty()).map(encoded);
        let path: String = segments.map(|segment| segment + "/").collect();
        format!("{}{path}index.html", "../".repeat(up))
    }
}

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A folder's name as a part of a relative link.
fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, RESERVED).to_string()
}

/// Folder of the histories.
const HISTORY: &str = "history";

/// The pages of a site by their path relative to its root, in this language.
///
/// # Errors
/// When there are no texts in the language, a plot cannot be drawn or a page cannot be laid out.
pub fn pages(bundles: &[Published], language: &LanguageTag) -> Result<BTreeMap<String, Vec<u8>>, ReportError> {
    Templates::default().language(language)?.speak(|| spoken_pages(bundles))
}

/// The pages in the language that is being spoken.
fn spoken_pages(bundles: &[Published]) -> Result<BTreeMap<String, Vec<u8>>, ReportError> {
    let experiments = by_experiment(bundles);
    let mut pages = BTreeMap::from([(
        "index.html".to_owned(),
        page("site.html.j2", "site", &index::view(&experiments)?)?.into_bytes(),
    )]);
    for (id, runs) in &experiments {
        let view = history::view(runs)?;
        pages.insert(format!("{HISTORY}/{id}.html"), page("history.html.j2", "history", &view)?.into_bytes());
    }
    Ok(pages)
}

/// The runs of each experiment, oldest first.
fn by_experiment(bundles: &[Published]) -> BTreeMap<ExperimentId, Vec<&Published>> {
    let mut experiments: BTreeMap<ExperimentId, Vec<&Published>> = BTreeMap::new();
    for bundle in bundles {
        experiments.entry(bundle.evidence.experiment.id.clone()).or_default().push(bundle);
    }
    for runs in experiments.values_mut() {
        runs.sort_by_key(|run| (run.started(), run.folder.as_str()));
    }
    experiments
}
