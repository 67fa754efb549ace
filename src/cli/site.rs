//! `retrial site`: a folder of bundles as a web site.

use std::fs;
use std::path::Path;

use super::args::SiteArguments;
use super::exit::Exit;
use super::output::outln;
use crate::bundle::manifest::LARGEST;
use crate::bundle::{FileError, read_text_bounded, write_atomically};
use crate::report::text::counted;
use crate::site;

/// What tells our index from somebody else's.
const OURS: &str = "<meta name=\"generator\" content=\"retrial site\">";

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{path} was not made by `retrial site`, and would be overwritten")]
#[diagnostic(code(retrial::site), help("move it away, or name another folder"))]
pub struct ForeignIndex {
    path: String,
}

/// Writes the index and the histories, and removes histories of experiments that are no longer there.
pub fn site(arguments: &SiteArguments) -> miette::Result<Exit> {
    let root = &arguments.folder;
    let index = root.join("index.html");
    if index.exists() && !is_ours(&index) {
        return Err(ForeignIndex { path: index.display().to_string() }.into());
    }
    let bundles = site::find(root)?;
    let pages = site::pages(&bundles, &arguments.lang)?;
    for (path, bytes) in &pages {
        write_atomically(&root.join(path), bytes)?;
    }
    // GitHub Pages would otherwise run the folder through Jekyll.
    write_atomically(&root.join(".nojekyll"), b"")?;
    for entry in fs::read_dir(root.join("history")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !pages.contains_key(&format!("history/{name}")) && is_ours(&entry.path()) {
            fs::remove_file(entry.path()).map_err(|error| FileError::new("remove", &entry.path(), error))?;
        }
    }
    outln!("{}: {}", counted(bundles.len(), "report"), index.display());
    Ok(Exit::Success)
}

fn is_ours(path: &Path) -> bool {
    read_text_bounded(path, LARGEST).is_ok_and(|text| text.contains(OURS))
}
