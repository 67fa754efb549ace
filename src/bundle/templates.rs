//! `templates/` of a bundle: its own versions of the report's templates, as they were given.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::files::{FileError, read_text_bounded, write_atomically};
use super::folder::{BundleError, BundleFolder};

const FOLDER: &str = "templates";
/// The built-in ones have under 20 kB each.
const LARGEST: u64 = 1 << 20;
const MOST: usize = 64;

impl BundleFolder {
    /// The bundle's own templates by name; none for most bundles.
    ///
    /// # Errors
    /// When they are there but cannot be read, or are no templates.
    pub fn templates(&self) -> Result<BTreeMap<String, String>, BundleError> {
        let folder = self.root().join(FOLDER);
        if folder.is_dir() { read_templates(&folder) } else { Ok(BTreeMap::new()) }
    }

    /// Makes these the bundle's own templates, and no others.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn write_templates(&self, templates: &BTreeMap<String, String>) -> Result<(), BundleError> {
        let folder = self.root().join(FOLDER);
        for name in self.templates()?.keys().filter(|name| !templates.contains_key(*name)) {
            let path = folder.join(name);
            fs::remove_file(&path).map_err(|error| FileError::new("remove", &path, error))?;
        }
        for (name, text) in templates {
            write_atomically(&folder.join(name), text.as_bytes())?;
        }
        if templates.is_empty() && folder.is_dir() {
            fs::remove_dir(&folder).map_err(|error| FileError::new("remove", &folder, error))?;
        }
        Ok(())
    }
}

/// Every file in `folder` by name, hidden ones apart.
///
/// # Errors
/// When the folder or a file cannot be read, is not text, or there is more than templates can be.
pub fn read_templates(folder: &Path) -> Result<BTreeMap<String, String>, BundleError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| FileError::new("read", &path, error)
    };
    let mut templates = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        if templates.len() >= MOST {
            return Err(BundleError::Malformed { path, reason: "there are too many files beside it".to_owned() });
        }
        templates.insert(name, read_text_bounded(&path, LARGEST).map_err(unreadable(&path))?);
    }
    Ok(templates)
}
