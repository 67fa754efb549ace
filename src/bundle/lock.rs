//! Who may write: one process the whole bundle, or any number of processes trials of their own. The locks lie beside the
//! bundle, so that nothing of them is published.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::FileError;
use super::folder::BundleError;
use crate::config::{Seed, VariantId};

/// Attempts at a lock, and the time between two: whoever lets go of one may need a moment to tidy up.
const ATTEMPTS: u32 = 50;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(2);

/// Held while a bundle is written; given back when dropped, or by the system when the process ends.
#[derive(Debug)]
pub struct BundleLock {
    path: PathBuf,
    file: File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    WithOtherParts,
}

impl BundleLock {
    /// Takes the lock of the bundle at `root`, the file `.NAME.lock` beside it, against everybody else.
    ///
    /// # Errors
    /// When somebody else holds it, or the lock file cannot be made.
    pub fn take(root: &Path) -> Result<Self, BundleError> {
        Self::take_as(root, "", Sharing::Alone)
    }

    /// Takes the locks of a process that writes nothing but these trials into the bundle at `root`: those of the trials
    /// against everybody else, and that of the bundle together with whoever writes other trials.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_part<'a>(
        root: &Path,
        trials: impl IntoIterator<Item = (&'a VariantId, Seed)>,
    ) -> Result<Vec<Self>, BundleError> {
        let mut locks = vec![Self::take_as(root, "", Sharing::WithOtherParts)?];
        for (variant, seed) in trials {
            locks.push(Self::take_as(root, &format!(".{variant}-{seed}"), Sharing::Alone)?);
        }
        Ok(locks)
    }

    fn take_as(root: &Path, what: &str, sharing: Sharing) -> Result<Self, BundleError> {
        let name = root.file_name().map_or_else(|| "bundle".into(), |name| name.to_string_lossy());
        let folder = root.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let path = folder.join(format!(".{name}{what}.lock"));
        fs::create_dir_all(folder).map_err(|error| FileError::new("make the folder", folder, error))?;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(BETWEEN_ATTEMPTS);
            }
            if let Some(lock) = Self::try_take(&path, sharing)? {
                return Ok(lock);
            }
        }
        Err(BundleError::Locked { root: root.to_owned(), path })
    }

    /// `None` where somebody else holds it, or has removed the file since it was opened: then a lock on it keeps nobody
    /// out who makes the file anew.
    fn try_take(path: &Path, sharing: Sharing) -> Result<Option<Self>, FileError> {
        let failed = |action| move |error| FileError::new(action, path, error);
        // Some network file systems share only what may be read, and lock only what may be written.
        let options = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let file = options.map_err(failed("lock the bundle with"))?;
        let locked = match sharing {
            Sharing::Alone => file.try_lock(),
            Sharing::WithOtherParts => file.try_lock_shared(),
        };
        match locked {
            Ok(()) if is_at(&file, path).map_err(failed("look at"))? => Ok(Some(Self { path: path.to_owned(), file })),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed("lock")(error)),
        }
    }
}

impl Drop for BundleLock {
    /// Removes the file where nobody else has a lock on it, and it is still this one; a file that stays does no harm.
    fn drop(&mut self) {
        let _ = self.file.unlock();
        if cfg!(unix) && self.file.try_lock().is_ok() && is_at(&self.file, &self.path).unwrap_or(false) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether `path` still names this very file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((own.dev(), own.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Where files are not removed, a path keeps naming the same one.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> std::io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    fn trial(text: &str) -> (VariantId, Seed) {
        (text.parse().unwrap(), Seed(1))
    }

    fn part(root: &Path, (variant, seed): &(VariantId, Seed)) -> Result<Vec<BundleLock>, BundleError> {
        BundleLock::take_part(root, [(variant, *seed)])
    }

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

    #[test]
    fn parts_with_trials_of_their_own_share_a_bundle_that_nobody_then_has_to_himself() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("quick");
        let (one, other) = (trial("bn"), trial("plain"));
        let first = part(&root, &one).unwrap();
        let second = part(&root, &other).unwrap();
        assert!(matches!(part(&root, &one), Err(BundleError::Locked { .. })), "its trial is taken");
        assert!(matches!(BundleLock::take(&root), Err(BundleError::Locked { .. })));
        drop(first);
        assert!(matches!(BundleLock::take(&root), Err(BundleError::Locked { .. })), "the other one goes on");
        drop(second);
        let whole = BundleLock::take(&root).unwrap();
        assert!(matches!(part(&root, &one), Err(BundleError::Locked { .. })));
        drop(whole);
        drop(part(&root, &one).unwrap());
        if cfg!(unix) {
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no lock file stays");
        }
    }

    /// A lock on a file that was removed meanwhile is none; with such locks two of these threads soon hold one at a time.
    #[test]
    fn no_two_ever_hold_the_lock_however_often_its_file_comes_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("quick");
        let (is_held, taken) = (AtomicBool::new(false), AtomicU32::new(0));
        let worker = || {
            while taken.load(Ordering::SeqCst) < 2000 {
                if let Ok(lock) = BundleLock::take(&root) {
                    assert!(!is_held.swap(true, Ordering::SeqCst), "two hold it");
                    std::thread::yield_now();
                    is_held.store(false, Ordering::SeqCst);
                    taken.fetch_add(1, Ordering::SeqCst);
                    drop(lock);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(worker);
            }
        });
    }

    #[test]
    #[cfg(unix)]
    fn the_lock_of_somebody_who_came_later_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("quick");
        let path = folder.path().join(".quick.lock");
        let first = BundleLock::take(&root).unwrap();
        fs::remove_file(&path).unwrap();
        let second = BundleLock::take(&root).unwrap();
        drop(first);
        assert!(path.exists());
        assert!(matches!(BundleLock::take(&root), Err(BundleError::Locked { .. })));
        drop(second);
    }
}
