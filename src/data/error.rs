//! Everything that can be wrong with data: each says what, where, and what to do.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::provenance::Digest;

/// Data are missing, broken, hostile, or not what they should be.
#[derive(Debug, Error, Diagnostic)]
pub enum DataError {
    #[error("cannot {action} {}: {source}", path.display())]
    #[diagnostic(code(retrial::data::file), help("check that the path is right and may be read or written by you"))]
    File { action: &'static str, path: PathBuf, source: std::io::Error },

    #[error("{file}: {reason}")]
    #[diagnostic(code(retrial::data::broken), help("get the file again, or remove it from the data set"))]
    Broken { file: String, reason: String },

    #[error("{file}: {reason}")]
    #[diagnostic(
        code(retrial::data::hostile),
        help("a data set never needs this; do not unpack the archive, and ask where it comes from")
    )]
    Hostile { file: String, reason: String },

    #[error("{file} has SHA-256 {found}, but the published file has {expected}")]
    #[diagnostic(code(retrial::data::digest), help("the file was changed or cut off: get it again"))]
    Digest { file: String, found: Digest, expected: Digest },

    #[error("{place} is no data set: {reason}")]
    #[diagnostic(
        code(retrial::data::layout),
        help("expected are train/CLASS/*.jpg (or .jpeg, .png) and test/CLASS/…, with the same classes in both")
    )]
    Layout { place: String, reason: String },

    #[error("class `{class}` has {available} {split} images, but {wanted} are asked for")]
    #[diagnostic(code(retrial::data::few), help("lower `data.per_class`, or leave it out to use all images"))]
    TooFew { class: String, split: &'static str, available: usize, wanted: u32 },

    #[error("CIFAR-10 is not in {}", place.display())]
    #[diagnostic(code(retrial::data::absent), help("{how}"))]
    Absent { place: PathBuf, how: String },

    #[error("cannot download {url}: {reason}")]
    #[diagnostic(code(retrial::data::download), help("{how}"))]
    Download { url: String, reason: String, how: String },
}

impl DataError {
    pub(super) fn file(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::File { action, path: path.to_owned(), source }
    }

    pub(super) fn broken(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Broken { file: file.into(), reason: reason.into() }
    }

    pub(super) fn hostile(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Hostile { file: file.into(), reason: reason.into() }
    }
}
