//! `retrial init`: the experiment file to start an article of one's own from.
//!
//! The file is part of the program and runs as it stands, on images that the program draws. Nothing is ever overwritten.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use super::args::InitArguments;
use super::exit::Exit;
use super::output::outln;
use crate::bundle::FileError;

/// What is written.
const TEMPLATE: &str = include_str!("../../configs/template.yaml");
const NAME: &str = "article.yaml";

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum InitError {
    #[error("{} is there already, and is left as it is", path.display())]
    #[diagnostic(code(retrial::init::exists), help("name another folder: `retrial init DIR`"))]
    Exists { path: PathBuf },
    #[error(transparent)]
    File(#[from] FileError),
}

/// Writes `article.yaml` into the folder and says what to do next.
pub fn init(arguments: &InitArguments) -> miette::Result<Exit> {
    let path = write(arguments)?;
    outln!("Experiment: {}", path.display());
    outln!(
        "Next: retrial plan {0} shows its trials, retrial run {0} trains them and writes the report",
        path.display()
    );
    Ok(Exit::Success)
}

fn write(arguments: &InitArguments) -> Result<PathBuf, InitError> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).map_err(|error| FileError::new("make the folder", folder, error))?;
    let path = if folder.as_os_str() == "." { PathBuf::from(NAME) } else { folder.join(NAME) };
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => InitError::Exists { path: path.clone() },
        _ => FileError::new("write", &path, error).into(),
    };
    let mut file = File::create_new(&path).map_err(failed)?;
    file.write_all(TEMPLATE.as_bytes()).map_err(|error| FileError::new("write", &path, error))?;
    Ok(path)
}
