//! `rendering.json`: how a bundle's report is written, where that is not the default.

use std::fs;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use super::files::{FileError, write_atomically};
use super::folder::{BundleError, BundleFolder};
use super::record::SCHEMA;

const FILE: &str = "rendering.json";

#[derive(Debug, Serialize, Deserialize)]
struct Rendering {
    schema: u32,
    /// BCP 47.
    language: String,
}

impl BundleFolder {
    /// The language of the bundle's pages as BCP 47 names it; `None` for most bundles, which are in English.
    ///
    /// # Errors
    /// When the file is there but cannot be read, or is of a newer format.
    pub fn language(&self) -> Result<Option<String>, BundleError> {
        let rendering: Option<Rendering> = self.read_json(&self.root().join(FILE))?;
        Ok(rendering.map(|rendering| rendering.language))
    }

    /// Keeps the language of the bundle's pages; `None` makes it the default again.
    ///
    /// # Errors
    /// When the file cannot be written or removed.
    pub fn write_language(&self, language: Option<&str>) -> Result<(), BundleError> {
        let path = self.root().join(FILE);
        let Some(language) = language else {
            return match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(FileError::new("remove", &path, error).into()),
                _ => Ok(()),
            };
        };
        let rendering = Rendering { schema: SCHEMA, language: language.to_owned() };
        let json = serde_json::to_string_pretty(&rendering)
            .map_err(|error| BundleError::Malformed { path: path.clone(), reason: error.to_string() })?;
        Ok(write_atomically(&path, (json + "\n").as_bytes())?)
    }
}
