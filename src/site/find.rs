//! Which folders below a root are bundles.

use std::fs;
use std::path::Path;

use super::Published;
use crate::bundle::manifest::{LARGEST, MANIFEST};
use crate::bundle::{BundleError, BundleFolder, FileError, read_bounded};
use crate::claims;
use crate::provenance::Digest;

/// Bundles lie at most this deep, so that a root chosen by mistake is not searched for hours.
const DEEPEST: usize = 4;

/// Every bundle below `root`, in the order of their paths: a folder with an `experiment.yaml` and a `results.json`.
/// Bundles are not searched for further ones, hidden folders and links are passed over.
///
/// # Errors
/// When a folder cannot be listed, or something in a bundle cannot be understood.
pub fn find(root: &Path) -> Result<Vec<Published>, BundleError> {
    let mut found = Vec::new();
    search(root, "", DEEPEST, &mut found)?;
    Ok(found)
}

fn search(root: &Path, folder: &str, depth: usize, found: &mut Vec<Published>) -> Result<(), BundleError> {
    let here = root.join(folder);
    if here.join("experiment.yaml").is_file() && here.join("results.json").is_file() {
        found.push(read(&here, folder)?);
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let unreadable = |error| FileError::new("list", &here, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(&here).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().map_err(unreadable)?.is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    for name in names {
        let inner = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        search(root, &inner, depth - 1, found)?;
    }
    Ok(())
}

fn read(path: &Path, folder: &str) -> Result<Published, BundleError> {
    let bundle = BundleFolder::new(path);
    let evidence = bundle.evidence(bundle.experiment()?)?;
    let judged = claims::judge(&evidence);
    let digest = read_bounded(&path.join(MANIFEST), LARGEST).ok().map(|bytes| Digest::of_bytes(&bytes));
    Ok(Published { folder: folder.to_owned(), digest, evidence, judged })
}
