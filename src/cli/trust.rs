//! Commands that came in a bundle: shown, and run only for whoever trusts them, in a copy of their files.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::bundle::FileError;
use crate::bundle::manifest::files_of;
use crate::config::{Experiment, Trainer};

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TrustError {
    #[error("this experiment came in a bundle, and would run:\n  {commands}")]
    #[diagnostic(
        code(retrial::run::untrusted),
        help("read the command and the files that it runs; `--trust` runs it, with all that you may do yourself")
    )]
    Untrusted { commands: String },
}

/// Commands that came in a bundle are a stranger's until somebody says otherwise. Then they run in a copy of the files
/// that came with them, so that whatever they write there stays out of the bundle; the copy lives as long as what is
/// returned.
///
/// # Errors
/// When the experiment is a bundle's record, runs commands, and is not trusted; or the files cannot be copied.
pub fn trust(experiment: &mut Experiment, trusted: bool, work: &Path) -> miette::Result<Option<TempDir>> {
    let commands = commands(experiment);
    if !experiment.whence.is_bundle || commands.is_empty() {
        return Ok(None);
    }
    if !trusted {
        return Err(TrustError::Untrusted { commands: commands.join("\n  ") }.into());
    }
    if experiment.whence.folder == experiment.whence.data_folder {
        // It came without.
        return Ok(None);
    }
    fs::create_dir_all(work).map_err(|error| FileError::new("make the folder", work, error))?;
    let room = tempfile::Builder::new().prefix("sources-").tempdir_in(work);
    let room = room.map_err(|error| FileError::new("make a folder in", work, error))?;
    for name in files_of(&experiment.whence.folder)? {
        let (from, to) = (experiment.whence.folder.join(&name), room.path().join(&name));
        copy(&from, &to).map_err(|error| FileError::new("write", &to, error))?;
    }
    experiment.whence.folder = room.path().to_owned();
    Ok(Some(room))
}

/// What the experiment runs, each once.
pub fn commands(experiment: &Experiment) -> Vec<String> {
    let commands = experiment.variants.iter().filter_map(|variant| match &variant.trainer {
        Trainer::Command { command, .. } => Some(command.command.join(" ")),
        Trainer::Native(_) | Trainer::Import { .. } => None,
    });
    let mut commands: Vec<String> = commands.collect();
    commands.dedup();
    commands
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    // A bundle does not record which of them may be executed.
    #[cfg(unix)]
    fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}
