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

/// What is written: an experiment of this program's own, or one of another program with that program.
const NATIVE: [(&str, &str); 1] = [(NAME, include_str!("../../configs/template.yaml"))];
const COMMAND: [(&str, &str); 2] = [
    (NAME, include_str!("../../configs/digits/digits.yaml")),
    ("train.py", include_str!("../../configs/digits/train.py")),
];
const NAME: &str = "article.yaml";

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum InitError {
    #[error("{} is there already, and is left as it is", path.display())]
    #[diagnostic(code(retrial::init::exists), help("name another folder: `retrial init DIR`"))]
    Exists { path: PathBuf },
    #[error(transparent)]
    File(#[from] FileError),
}

/// Writes `article.yaml`, and what it needs, into the folder and says what to do next.
pub fn init(arguments: &InitArguments) -> miette::Result<Exit> {
    let path = write(arguments)?;
    outln!("Experiment: {}", path.display());
    outln!("Next: retrial plan {0} shows its trials, retrial run {0} runs them and writes the report", path.display());
    Ok(Exit::Success)
}

fn write(arguments: &InitArguments) -> Result<PathBuf, InitError> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).map_err(|error| FileError::new("make the folder", folder, error))?;
    let place = |name: &str| if folder.as_os_str() == "." { PathBuf::from(name) } else { folder.join(name) };
    let files: &[(&str, &str)] = if arguments.command { &COMMAND } else { &NATIVE };
    // Looked at before anything is written, so that nothing is left half done.
    if let Some((name, _)) = files.iter().find(|(name, _)| place(name).exists()) {
        return Err(InitError::Exists { path: place(name) });
    }
    for (name, text) in files {
        let path = place(name);
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::AlreadyExists => InitError::Exists { path: path.clone() },
            _ => FileError::new("write", &path, error).into(),
        };
        let mut file = File::create_new(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(|error| FileError::new("write", &path, error))?;
    }
    Ok(place(NAME))
}
