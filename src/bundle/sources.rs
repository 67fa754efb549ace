//! Copies of the files that programs consist of, so that whoever has no more than the bundle can run them again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::files::{FileError, read_bounded, write_atomically};
use super::folder::{BundleError, BundleFolder};
use super::manifest::{Manifest, files_of};
use super::paths::fault_of;
use crate::config::SOURCES;
use crate::provenance::Digest;

/// More than this together is not kept.
const LARGEST: u64 = 16 << 20;
const MOST_FILES: usize = 1000;

impl BundleFolder {
    pub fn sources(&self) -> PathBuf {
        self.root().join(SOURCES)
    }

    /// Keeps copies of these files, by name, in place of any that are kept: all of them or, with the reason, none.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn write_sources(&self, files: &BTreeMap<String, PathBuf>) -> Result<Option<String>, BundleError> {
        let folder = self.sources();
        let reason = why_not(files)?;
        let kept = if reason.is_none() { files.clone() } else { BTreeMap::new() };
        for (name, path) in &kept {
            let bytes = read_bounded(path, LARGEST).map_err(|error| FileError::new("read", path, error))?;
            write_atomically(&folder.join(name), &bytes)?;
        }
        if !folder.exists() {
            return Ok(reason);
        }
        if kept.is_empty() {
            fs::remove_dir_all(&folder).map_err(|error| FileError::new("remove", &folder, error))?;
            return Ok(reason);
        }
        for name in files_of(&folder)?.into_iter().filter(|name| !kept.contains_key(name)) {
            let path = folder.join(name);
            fs::remove_file(&path).map_err(|error| FileError::new("remove", &path, error))?;
        }
        Ok(reason)
    }
}

fn why_not(files: &BTreeMap<String, PathBuf>) -> Result<Option<String>, BundleError> {
    if let Some((name, fault)) = files.keys().find_map(|name| Some((name, fault_of(name)?))) {
        return Ok(Some(format!("`{name}`: {fault}")));
    }
    if files.len() > MOST_FILES {
        return Ok(Some(format!("they are more than {MOST_FILES}")));
    }
    let size = |path: &Path| fs::metadata(path).map_err(|error| FileError::new("read", path, error));
    let mut all = 0_u64;
    for path in files.values() {
        all = all.saturating_add(size(path)?.len());
    }
    Ok((all > LARGEST).then(|| format!("they have more than {} MiB", LARGEST >> 20)))
}

/// The digest of those copies that match one of the patterns, as a trial's key has it of the files themselves; `None`
/// where no copies are kept.
pub fn digest_of_sources(manifest: &Manifest, patterns: &[String]) -> Option<Digest> {
    let copies = || {
        let below = |path: &String| Some(path.strip_prefix(SOURCES)?.strip_prefix('/')?.to_owned());
        manifest.files.iter().filter_map(move |(path, file)| Some((below(path)?, file.sha256)))
    };
    copies().next()?;
    // As `glob` looks for files: `*` stands for no `/`.
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    let patterns: Vec<glob::Pattern> = patterns.iter().filter_map(|pattern| glob::Pattern::new(pattern).ok()).collect();
    let is_matched = |name: &str| patterns.iter().any(|pattern| pattern.matches_with(name, options));
    let matching: BTreeMap<String, Digest> = copies().filter(|(name, _)| is_matched(name)).collect();
    Digest::of_canonical_json(&matching).ok()
}
