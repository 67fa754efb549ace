//! What a program reads, as digests: its sources and its data, by name and content.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use crate::provenance::Digest;

/// Digests that were made already: every trial of an experiment asks for the same few.
#[derive(Debug, Default)]
pub struct Inputs(Mutex<HashMap<Named, Result<Digest, BadInput>>>);

/// A folder, and patterns or paths below it.
type Named = (PathBuf, Vec<String>);

/// Why there is no digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput {
    pub reason: String,
    pub help: String,
}

impl Inputs {
    /// The digest of the files that match any of `patterns` below `folder`.
    ///
    /// # Errors
    /// When a pattern matches nothing, or a file cannot be read.
    pub fn sources(&self, folder: &Path, patterns: &[String]) -> Result<Digest, BadInput> {
        self.once(folder, patterns, || matching(folder, patterns))
    }

    /// The digest of files, and of folders with all that is in them.
    ///
    /// # Errors
    /// When one is not there or cannot be read.
    pub fn data(&self, folder: &Path, paths: &[String]) -> Result<Digest, BadInput> {
        self.once(folder, paths, || below(folder, paths))
    }

    fn once(
        &self,
        folder: &Path,
        names: &[String],
        find: impl FnOnce() -> Result<BTreeMap<String, PathBuf>, BadInput>,
    ) -> Result<Digest, BadInput> {
        let key = (folder.to_owned(), names.to_vec());
        let mut known = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        known.entry(key).or_insert_with(|| digest_of(&find()?)).clone()
    }
}

/// Of the canonical JSON of an object with the digest of each file under its name.
fn digest_of(files: &BTreeMap<String, PathBuf>) -> Result<Digest, BadInput> {
    let digest = |(name, path): (&String, &PathBuf)| -> Result<(String, Digest), BadInput> {
        let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
        Ok((name.clone(), Digest::of_reader(file).map_err(|error| unreadable(path, &error))?))
    };
    let files: BTreeMap<String, Digest> = files.par_iter().map(digest).collect::<Result<_, _>>()?;
    let no_json = |error: serde_json::Error| BadInput { reason: error.to_string(), help: String::new() };
    Digest::of_canonical_json(&files).map_err(no_json)
}

/// The files that match any of `patterns` below `folder`, by name.
///
/// # Errors
/// When a pattern matches nothing.
pub fn matching(folder: &Path, patterns: &[String]) -> Result<BTreeMap<String, PathBuf>, BadInput> {
    let mut files = BTreeMap::new();
    for pattern in patterns {
        let full = Path::new(&glob::Pattern::escape(&folder.to_string_lossy())).join(pattern);
        let found = glob::glob(&full.to_string_lossy())
            .map_err(|error| BadInput { reason: format!("`{pattern}` is no pattern: {error}"), help: String::new() })?;
        let before = files.len();
        for path in found.filter_map(Result::ok).filter(|path| path.is_file()) {
            files.insert(name_below(folder, &path), path);
        }
        let matches_any = files.len() > before
            || files.keys().any(|name| glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(name)));
        if !matches_any {
            return Err(BadInput {
                reason: format!("its `sources` has `{pattern}`, which matches no file in {}", shown(folder)),
                help:
                    "patterns are relative to the experiment file's folder; put the files there, or change the pattern"
                        .to_owned(),
            });
        }
    }
    Ok(files)
}

fn below(folder: &Path, paths: &[String]) -> Result<BTreeMap<String, PathBuf>, BadInput> {
    let mut files = BTreeMap::new();
    for path in paths {
        let full = folder.join(path);
        if !full.exists() {
            return Err(BadInput {
                reason: format!("its `data` has `{path}`, and there is no {}", full.display()),
                help: "put it there, or name another place: paths are relative to the experiment file's folder"
                    .to_owned(),
            });
        }
        collect(&full, &name_below(folder, &full), &mut files)?;
    }
    Ok(files)
}

fn collect(path: &Path, name: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<(), BadInput> {
    if path.is_file() {
        files.insert(name.to_owned(), path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let entry = entry.map_err(|error| unreadable(path, &error))?;
        let kind = entry.file_type().map_err(|error| unreadable(path, &error))?;
        let below = format!("{name}/{}", entry.file_name().to_string_lossy());
        // A link to a folder may lead back up; one to a file is that file.
        if kind.is_symlink() && entry.path().is_dir() {
            continue;
        }
        collect(&entry.path(), &below, files)?;
    }
    Ok(())
}

/// With slashes, whatever the system has, so that a key is the same everywhere.
fn name_below(folder: &Path, path: &Path) -> String {
    let name = path.strip_prefix(folder).unwrap_or(path);
    name.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn unreadable(path: &Path, error: &std::io::Error) -> BadInput {
    BadInput {
        reason: format!("cannot read {}: {error}", path.display()),
        help: "check that it can be read".to_owned(),
    }
}

fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { "the current folder".to_owned() } else { folder.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_digest_changes_with_names_and_contents_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("a.py", "1");
        write("b.py", "2");
        let sources = || Inputs::default().sources(folder.path(), &texts(&["*.py"])).unwrap();
        let first = sources();
        write("notes.txt", "not a source");
        assert_eq!(sources(), first);
        write("b.py", "3");
        assert_ne!(sources(), first);
        write("b.py", "2");
        assert_eq!(sources(), first);
        fs::rename(folder.path().join("b.py"), folder.path().join("c.py")).unwrap();
        assert_ne!(sources(), first);
    }

    #[test]
    fn data_is_digested_with_all_that_is_below_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("images/cats")).unwrap();
        fs::write(folder.path().join("images/cats/1.png"), "cat").unwrap();
        let data = || Inputs::default().data(folder.path(), &texts(&["images"])).unwrap();
        let first = data();
        fs::write(folder.path().join("images/cats/2.png"), "cat").unwrap();
        assert_ne!(data(), first);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Inputs::default().sources(folder.path(), &texts(&["train.py"])).unwrap_err();
        assert!(refused.reason.contains("`train.py`, which matches no file"), "{refused:?}");
        let refused = Inputs::default().data(folder.path(), &texts(&["images"])).unwrap_err();
        assert!(refused.reason.contains("`images`, and there is no"), "{refused:?}");
    }
}
