//! `retrial publish`: a run's bundle into the folder of published ones.

use std::fs;
use std::path::{Path, PathBuf};

use super::against::is_same;
use super::args::PublishArguments;
use super::exit::Exit;
use super::output::outln;
use crate::bundle::{self, BundleError, BundleFolder, BundleLock, FileError};
use crate::config::ExperimentId;

/// The target holds what must not be replaced.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PublishError {
    #[error("{} holds something else than a publication of `{id}`, and is left as it is", path.display())]
    #[diagnostic(code(retrial::publish::other), help("name another folder with `--out DIR`, or move that one away"))]
    Other { path: PathBuf, id: ExperimentId },
    #[error("{} is the publication itself", path.display())]
    #[diagnostic(code(retrial::publish::itself), help("name the run's folder, such as runs/quick"))]
    Itself { path: PathBuf },
}

/// Copies exactly what the bundle's manifest lists, with its signatures, and then puts the copy in place: whatever happens,
/// the old publication or the new one is there whole.
pub fn publish(arguments: &PublishArguments) -> miette::Result<Exit> {
    let bundle = BundleFolder::new(&arguments.bundle);
    let id = bundle.experiment()?.id;
    let target = arguments.out.clone().unwrap_or_else(|| Path::new("reports").join(id.as_str()));
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| FileError::new("make the folder", parent, error))?;
    let _locks = lock(&bundle, &target)?;
    let is_replaced = check_target(&target, &id)?;
    let room = tempfile::Builder::new().prefix(".publishing-").tempdir_in(parent);
    let room = room.map_err(|error| FileError::new("make a folder in", parent, error))?;
    // The way that bundles travel anyway: nothing but what the manifest announces arrives.
    let packed = room.path().join("bundle.tar.zst");
    let digest = bundle::pack(bundle.root(), &packed)?;
    let ready = room.path().join("new");
    bundle::unpack(&packed, Some(&ready))?;
    let failed = |error| FileError::new("write", &target, error);
    let old = room.path().join("old");
    if is_replaced {
        fs::rename(&target, &old).map_err(failed)?;
    }
    if let Err(error) = fs::rename(&ready, &target) {
        if is_replaced {
            // As it was; if that fails as well, both are still in the folder beside it.
            let _ = fs::rename(&old, &target);
        }
        return Err(failed(error).into());
    }
    outln!("{}: bundle {digest}", target.display());
    Ok(Exit::Success)
}

fn lock(bundle: &BundleFolder, target: &Path) -> miette::Result<[BundleLock; 2]> {
    if is_same(bundle.root(), target) {
        return Err(PublishError::Itself { path: target.to_owned() }.into());
    }
    Ok([BundleLock::take(bundle.root())?, BundleLock::take(target)?])
}

/// Whether there is a publication of this experiment to be replaced; an empty folder is one to be filled.
fn check_target(target: &Path, id: &ExperimentId) -> miette::Result<bool> {
    let other = || PublishError::Other { path: target.to_owned(), id: id.clone() };
    match BundleFolder::new(target).experiment() {
        Ok(published) if published.id == *id => Ok(true),
        Ok(_) => Err(other().into()),
        Err(BundleError::NotABundle { .. }) => match fs::read_dir(target) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Ok(mut entries) => entries.next().is_none().then_some(true).ok_or_else(|| other().into()),
            Err(_) => Err(other().into()),
        },
        // Such a bundle may have been damaged: it is not for this command to throw it away.
        Err(_) => Err(other().into()),
    }
}
