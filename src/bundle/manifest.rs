//! `manifest.json`: the SHA-256 and size of every file of a bundle, so that a change anywhere can be named.
//!
//! The digest of the manifest itself names the bundle. What is written by those who check it, `audit.json`, is left out.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::{FileError, write_atomically};
use super::folder::BundleError;
use super::record::SCHEMA;
use crate::provenance::Digest;

pub const MANIFEST: &str = "manifest.json";
/// Written by an audit, about the bundle and not part of it.
pub const AUDIT: &str = "audit.json";
/// A manifest of 100,000 files is about 12 MB.
const LARGEST: u64 = 64 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub schema: u32,
    /// By path relative to the bundle, with `/` between folders.
    pub files: BTreeMap<String, FileRecord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
}

impl Manifest {
    /// Reads every file of the bundle at `root`.
    ///
    /// # Errors
    /// When a file cannot be read, or is none: a link, a device, a name that is not plain text.
    pub fn of_folder(root: &Path) -> Result<Self, BundleError> {
        let mut files = BTreeMap::new();
        for path in files_of(root)? {
            let full = root.join(&path);
            let failed = |error| FileError::new("read", &full, error);
            let file = File::open(&full).map_err(failed)?;
            let size = file.metadata().map_err(failed)?.len();
            files.insert(path, FileRecord { sha256: Digest::of_reader(file).map_err(failed)?, size });
        }
        Ok(Self { schema: SCHEMA, files })
    }

    /// The manifest of the bundle at `root`; `None` where it has none.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn read(root: &Path) -> Result<Option<Self>, BundleError> {
        let path = root.join(MANIFEST);
        let malformed = |reason: String| BundleError::Malformed { path: path.clone(), reason };
        match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if metadata.len() > LARGEST => {
                return Err(malformed(format!("{} bytes are more than any manifest has", metadata.len())));
            }
            _ => {}
        }
        let text = fs::read_to_string(&path).map_err(|error| FileError::new("read", &path, error))?;
        let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        match value.get("schema").and_then(serde_json::Value::as_u64) {
            Some(found) if found > u64::from(SCHEMA) => Err(BundleError::Newer { path: path.clone(), found }),
            _ => serde_json::from_value(value).map(Some).map_err(|error| malformed(error.to_string())),
        }
    }

    /// Its file's content: indented JSON, paths in order.
    ///
    /// # Errors
    /// Never for a manifest that was read or made here.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Makes the manifest of the bundle at `root` anew; its digest names the bundle.
    ///
    /// # Errors
    /// When a file cannot be read, or the manifest cannot be written.
    pub fn write(root: &Path) -> Result<Digest, BundleError> {
        let path = root.join(MANIFEST);
        let text = Self::of_folder(root)?
            .text()
            .map_err(|error| BundleError::Malformed { path: path.clone(), reason: error.to_string() })?;
        write_atomically(&path, text.as_bytes())?;
        Ok(Digest::of_bytes(text.as_bytes()))
    }
}

/// The paths of all files below `root` that a manifest lists.
///
/// # Errors
/// When a folder cannot be read, or holds something that is no plain file.
pub fn files_of(root: &Path) -> Result<Vec<String>, BundleError> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        let full = root.join(&folder);
        let failed = |error| FileError::new("read the folder", &full, error);
        for entry in fs::read_dir(&full).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let strange = |reason: &str| BundleError::Malformed { path: path.clone(), reason: reason.to_owned() };
            let name = entry.file_name().into_string().map_err(|_| strange("its name is not plain text"))?;
            if name.chars().any(char::is_control) || name.contains('\\') {
                return Err(strange("its name has a character that no file of a bundle has"));
            }
            let relative = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                open.push(relative);
            } else if !kind.is_file() {
                return Err(strange("it is neither a file nor a folder: a link or a device has no place in a bundle"));
            } else if relative != MANIFEST && relative != AUDIT {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}
