//! `manifest.json`: the SHA-256 and size of every file of a bundle, so that a change anywhere can be named.
//!
//! The digest of the manifest itself names the bundle. What is written by those who check it is left out:
//! `audit.json`, and signatures, which are about the manifest itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::files::{FileError, read_text_bounded, write_atomically};
use super::folder::{BundleError, malformed};
use super::paths::{fault_of, fold};
use super::record::SCHEMA;
use crate::provenance::Digest;

pub const MANIFEST: &str = "manifest.json";
/// Written by an audit, about the bundle and not part of it.
pub const AUDIT: &str = "audit.json";
/// A manifest of 100,000 files is about 12 MB.
pub const LARGEST: u64 = 64 << 20;
const MOST_FILES: usize = 100_000;
/// Folder of the signatures, which are about the manifest and so cannot be in it.
pub const SIGNATURES: &str = "signatures/";
pub const LARGEST_SIGNATURE: u64 = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub schema: u32,
    /// By path relative to the bundle, with `/` between folders.
    #[serde(deserialize_with = "each_once")]
    pub files: BTreeMap<String, FileRecord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
}

impl FileRecord {
    /// Whether the file at `path` is this one. A file of another size is not read.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fits(&self, path: &Path) -> Result<bool, FileError> {
        let failed = |error| FileError::new("read", path, error);
        let metadata = fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() || metadata.len() != self.size {
            return Ok(false);
        }
        let file = File::open(path).map_err(failed)?.take(self.size.saturating_add(1));
        Ok(Digest::of_reader(file).map_err(failed)? == self.sha256)
    }
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
        match read_text_bounded(&path, LARGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::new("read", &path, error).into()),
            Ok(text) => Self::parse(&text, &path).map(Some),
        }
    }

    /// The manifest with this text; `path` is where it came from.
    ///
    /// # Errors
    /// When it cannot be understood, names a path that does not lie in a bundle, or one path twice, or is written in
    /// another way than [`Self::text`] does: two texts with one meaning would be two names for one bundle.
    pub fn parse(text: &str, path: &Path) -> Result<Self, BundleError> {
        let malformed = |reason: String| malformed(path, reason);
        let version: Version = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if let Some(found) = version.schema.filter(|found| *found > u64::from(SCHEMA)) {
            return Err(BundleError::Newer { newest: SCHEMA, path: path.to_owned(), found });
        }
        let manifest: Self = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if manifest.schema != SCHEMA {
            return Err(malformed(format!("there never was a schema version {}", manifest.schema)));
        }
        if manifest.files.len() > MOST_FILES {
            return Err(malformed(format!("{} files are more than any bundle has", manifest.files.len())));
        }
        let mut folded = BTreeSet::new();
        for name in manifest.files.keys() {
            if let Some(fault) = fault_of(name) {
                return Err(malformed(format!("the path {name:?} is refused: {fault}")));
            }
            if name == MANIFEST || name == AUDIT || name.starts_with(SIGNATURES) {
                return Err(malformed(format!("{name} has no place in it")));
            }
            if !folded.insert(fold(name)) {
                return Err(malformed(format!("{name} is there twice, but for upper and lower case")));
            }
        }
        if manifest.text().ok().as_deref() != Some(text) {
            return Err(malformed("it is not written as retrial writes it".to_owned()));
        }
        Ok(manifest)
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
            if let Some(fault) = fault_of(&name) {
                return Err(strange(fault));
            }
            let relative = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                open.push(relative);
            } else if !kind.is_file() {
                return Err(strange("it is neither a file nor a folder: a link or a device has no place in a bundle"));
            } else if relative != MANIFEST && relative != AUDIT && !relative.starts_with(SIGNATURES) {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The signatures of the bundle at `root`, as sorted paths relative to it.
///
/// # Errors
/// When the folder cannot be read, or holds what is no signature.
pub fn signatures_of(root: &Path) -> Result<Vec<String>, BundleError> {
    let folder = root.join(SIGNATURES);
    let failed = |error| FileError::new("read the folder", &folder, error);
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = format!("{SIGNATURES}{}", entry.file_name().to_string_lossy());
        let metadata = entry.metadata().map_err(failed)?;
        let fault = if metadata.is_file() { fault_of_signature(&path, metadata.len()) } else { Some("is no file") };
        if let Some(fault) = fault {
            return Err(BundleError::Malformed { path: root.join(path), reason: format!("it {fault}") });
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}

/// Why a file of this size cannot be a signature; `None` if it can.
pub fn fault_of_signature(path: &str, size: u64) -> Option<&'static str> {
    let name = path.strip_prefix(SIGNATURES).and_then(|name| name.strip_suffix(".dsse.json"));
    match name {
        Some(name) if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) => {
            (size > LARGEST_SIGNATURE).then_some("is larger than any signature")
        }
        _ => Some("is no signature: those are signatures/NAME.dsse.json"),
    }
}

/// All that is read of a manifest that may be of a later version.
#[derive(Deserialize)]
struct Version {
    schema: Option<u64>,
}

/// A mapping in which no key comes twice. JSON allows it, readers differ in which one they take, and so a manifest could
/// say one thing to one of them and something else to another.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, FileRecord>, D::Error> {
    struct EachOnce;
    impl<'de> Visitor<'de> for EachOnce {
        type Value = BTreeMap<String, FileRecord>;

        fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
            formatter.write_str("a mapping from path to digest and size")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut files = BTreeMap::new();
            while let Some((path, record)) = map.next_entry::<String, FileRecord>()? {
                if files.contains_key(&path) {
                    return Err(A::Error::custom(format!("the path {path:?} is there twice")));
                }
                files.insert(path, record);
            }
            Ok(files)
        }
    }
    deserializer.deserialize_map(EachOnce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Manifest, BundleError> {
        Manifest::parse(text, Path::new("manifest.json"))
    }

    #[test]
    fn what_a_manifest_cannot_say_is_refused() {
        // FIPS 180-2, appendix B.1: the digest of "abc".
        let record = r#"{"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "size": 3}"#;
        let of = |files: &str| format!(r#"{{"schema": 1, "files": {{{files}}}}}"#);
        for (files, reason) in [
            (format!(r#""a": {record}, "a": {record}"#), "twice"),
            (format!(r#""a": {record}, "A": {record}"#), "upper and lower case"),
            (format!(r#""../a": {record}"#), "leads out of its folder"),
            (format!(r#""/etc/passwd": {record}"#), "absolute"),
            (format!(r#""audit.json": {record}"#), "no place"),
            (format!(r#""signatures/x.dsse.json": {record}"#), "no place"),
            (r#""a": {"sha256": "00", "size": 3}"#.to_owned(), "64"),
            (record.replace(r#""size": 3"#, r#""size": -3"#).replacen('{', r#""a": {"#, 1), "-3"),
        ] {
            let error = parse(&of(&files)).unwrap_err().to_string();
            assert!(error.contains(reason), "{files}: {error}");
        }
        assert!(matches!(parse(r#"{"schema": 2, "files": 7}"#), Err(BundleError::Newer { found: 2, .. })));
        assert!(parse(r#"{"schema": 1, "schema": 1, "files": {}}"#).is_err());
    }

    #[test]
    fn a_manifest_has_one_text_and_no_other() {
        // FIPS 180-2, appendix B.1: the digest of "abc".
        let text = r#"{
  "schema": 1,
  "files": {
    "a": {
      "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "size": 3
    }
  }
}
"#;
        assert!(parse(text).is_ok());
        for (from, to) in [("ba78", "BA78"), ("ba78", "bA78"), ("  \"a\"", "\"a\""), ("}\n", "}"), (": 3", ": 3.0")] {
            assert!(text.contains(from), "{from}");
            assert!(matches!(parse(&text.replacen(from, to, 1)), Err(BundleError::Malformed { .. })), "{from} {to}");
        }
        let older = parse(&text.replace("\"schema\": 1", "\"schema\": 0")).unwrap_err().to_string();
        assert!(older.contains("schema version 0"), "{older}");
    }
}
