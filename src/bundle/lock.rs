//! One writer at a time: a lock beside the bundle, so that nothing of it is published.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::files::FileError;
use super::folder::BundleError;
use crate::config::{Seed, VariantId};

/// Held while a bundle is written; given back when dropped, or by the system when the process ends.
#[derive(Debug)]
pub struct BundleLock {
    path: PathBuf,
    _file: File,
}

impl BundleLock {
    /// Takes the lock of the bundle at `root`: the file `.NAME.lock` beside it.
    ///
    /// # Errors
    /// When somebody else holds it, or the lock file cannot be made.
    pub fn take(root: &Path) -> Result<Self, BundleError> {
        Self::take_as(root, "")
    }

    /// Takes the lock of one trial in the bundle at `root`, for a process that writes nothing but trials.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_trial(root: &Path, variant: &VariantId, seed: Seed) -> Result<Self, BundleError> {
        Self::take_as(root, &format!(".{variant}-{seed}"))
    }

    fn take_as(root: &Path, what: &str) -> Result<Self, BundleError> {
        let name = root.file_name().map_or_else(|| "bundle".into(), |name| name.to_string_lossy());
        let folder = root.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let path = folder.join(format!(".{name}{what}.lock"));
        let failed = |action, error| FileError::new(action, &path, error);
        fs::create_dir_all(folder).map_err(|error| FileError::new("make the folder", folder, error))?;
        let file = File::create(&path).map_err(|error| failed("lock the bundle with", error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, _file: file }),
            Err(TryLockError::WouldBlock) => Err(BundleError::Locked { root: root.to_owned(), path }),
            Err(TryLockError::Error(error)) => Err(failed("lock", error).into()),
        }
    }
}

impl Drop for BundleLock {
    fn drop(&mut self) {
        // Removed while it is still held; one that stays is unlocked and does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_has_one_writer_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("reports/quick");
        let first = BundleLock::take(&root).unwrap();
        assert!(matches!(BundleLock::take(&root), Err(BundleError::Locked { .. })));
        assert!(BundleLock::take(&folder.path().join("reports/other")).is_ok());
        drop(first);
        assert!(BundleLock::take(&root).is_ok());
        assert!(!root.exists(), "the lock is beside the bundle");
    }
}
