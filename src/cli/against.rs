//! What was published of an experiment before, and whether a run agrees with it.

use std::path::{Path, PathBuf};

use super::run::RunError;
use crate::audit::comparison::compare;
use crate::bundle::BundleFolder;
use crate::bundle::comparison::ComparisonRecord;
use crate::bundle::manifest::MANIFEST;
use crate::config::{Experiment, ExperimentId};
use crate::report::comparison;

/// The bundle that a run compares itself with.
#[derive(Debug, Clone)]
pub struct Publication {
    pub bundle: BundleFolder,
    /// Whether the command line names it. One that was only found is compared with where that is possible.
    pub is_asked: bool,
}

impl Publication {
    /// The bundle in `folder`, which must be there.
    ///
    /// # Errors
    /// When it is none, or it is the one that is written.
    pub fn asked(folder: &Path, out: &BundleFolder) -> miette::Result<Self> {
        let bundle = BundleFolder::new(folder);
        bundle.experiment()?;
        if is_same(folder, out.root()) {
            return Err(RunError::AgainstItself { folder: folder.to_owned() }.into());
        }
        Ok(Self { bundle, is_asked: true })
    }

    /// What is published of the experiment near its file: the bundle that the file is part of, or `reports/ID` in the
    /// file's folder or beside it.
    pub fn near(config: &Path, id: &ExperimentId, out: &BundleFolder) -> Option<Self> {
        let is_publication = |folder: &PathBuf| {
            let bundle = BundleFolder::new(folder);
            folder.join(MANIFEST).is_file()
                && !is_same(folder, out.root())
                && bundle.experiment().is_ok_and(|published| published.id == *id)
        };
        let folder = candidates(config, id).into_iter().find(is_publication)?;
        Some(Self { bundle: BundleFolder::new(folder), is_asked: false })
    }
}

fn candidates(config: &Path, id: &ExperimentId) -> Vec<PathBuf> {
    let folder = config.parent().unwrap_or(Path::new(""));
    let beside = match folder.file_name() {
        Some(_) => folder.parent().unwrap_or(Path::new("")).to_owned(),
        None => folder.join(".."),
    };
    let reports = |place: &Path| place.join("reports").join(id.as_str());
    let own = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
    let is_of_bundle = config.file_name().is_some_and(|name| name == "experiment.yaml");
    is_of_bundle.then_some(own).into_iter().chain([reports(folder), reports(&beside)]).collect()
}

/// Whether both are there and lead to one folder.
pub fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Compares the run at `bundle` with what was published, if anything was, and writes that down for the report; `note` says
/// why a publication that was only found cannot be compared with.
///
/// # Errors
/// When a publication that was asked for cannot be compared with, or the record cannot be written.
pub fn settle(
    publication: Option<&Publication>,
    bundle: &BundleFolder,
    experiment: &Experiment,
    note: impl FnOnce(&str),
) -> miette::Result<Option<ComparisonRecord>> {
    let record = match publication.map(|publication| (publication, compare(&publication.bundle, bundle, experiment))) {
        None => None,
        Some((publication, Err(error))) if !publication.is_asked => {
            note(&format!("not compared with {}: {error}", publication.bundle.root().display()));
            None
        }
        Some((_, record)) => Some(record?),
    };
    bundle.write_comparison(record.as_ref())?;
    Ok(record)
}

/// The line that a run ends with: what it was compared with, and what came out.
pub fn in_words(publication: &Publication, record: &ComparisonRecord) -> String {
    format!("Beside {}: {}.", publication.bundle.root().display(), comparison::in_words(record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publications_are_looked_for_beside_the_files_folder() {
        let found = |config: &str| candidates(Path::new(config), &"quick".parse().unwrap());
        let paths = |texts: &[&str]| texts.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(found("configs/quick.yaml"), paths(&["configs/reports/quick", "reports/quick"]));
        assert_eq!(found("quick.yaml"), paths(&["reports/quick", "../reports/quick"]));
        assert_eq!(found("/a/b/quick.yaml"), paths(&["/a/b/reports/quick", "/a/reports/quick"]));
        assert_eq!(found("../quick.yaml"), paths(&["../reports/quick", "../../reports/quick"]));
        let of_bundle = ["theirs", "theirs/reports/quick", "reports/quick"];
        assert_eq!(found("theirs/experiment.yaml"), paths(&of_bundle));
    }
}
