//! Checkpoints on disk: two of each running trial, so that a torn or damaged one falls back to the one before.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bundle::{FileError, write_atomically};
use crate::provenance::Digest;
use crate::train::Checkpoint;

/// How many checkpoints of a trial are kept.
const KEPT: usize = 2;

/// The checkpoints of one trial, in a folder named by its key.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
}

/// The newest usable checkpoint, and what is to be said of newer ones that are not.
#[derive(Debug, Default)]
pub struct Found {
    pub checkpoint: Option<Checkpoint>,
    pub warnings: Vec<String>,
}

impl Checkpoints {
    /// `root` holds the checkpoints of all trials.
    pub fn new(root: &Path, key: Digest) -> Self {
        Self { folder: root.join(key.to_string()) }
    }

    /// Writes a checkpoint at this step and removes all but the newest two.
    ///
    /// # Errors
    /// When it cannot be written; earlier ones are then still there.
    pub fn keep(&self, step: u64, checkpoint: &Checkpoint) -> Result<(), FileError> {
        write_atomically(&self.folder.join(format!("step-{step:012}.checkpoint")), checkpoint.bytes())?;
        for old in self.files().iter().rev().skip(KEPT) {
            fs::remove_file(old).map_err(|error| FileError::new("remove", old, error))?;
        }
        Ok(())
    }

    /// The newest checkpoint that is whole.
    pub fn newest(&self) -> Found {
        let mut found = Found::default();
        for path in self.files().into_iter().rev() {
            let read = fs::read(&path).map_err(|error| error.to_string());
            match read.and_then(|bytes| Checkpoint::from_bytes(bytes).map_err(|error| error.to_string())) {
                Ok(checkpoint) => {
                    found.checkpoint = Some(checkpoint);
                    return found;
                }
                Err(reason) => found.warnings.push(format!("checkpoint {} is not used: {reason}", path.display())),
            }
        }
        found
    }

    /// Removes them; what cannot be removed does no harm.
    pub fn forget(&self) {
        let _ = fs::remove_dir_all(&self.folder);
    }

    /// Oldest first.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut files: Vec<_> =
            entries.filter(|path| path.extension().is_some_and(|end| end == "checkpoint")).collect();
        files.sort();
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(content: &[u8]) -> Checkpoint {
        let mut bytes = b"retrial checkpoint 1\n".to_vec();
        bytes.extend(format!("{}\n", Digest::of_bytes(content)).into_bytes());
        bytes.extend(content);
        Checkpoint::from_bytes(bytes).unwrap()
    }

    fn kept(steps: &[u64]) -> (tempfile::TempDir, Checkpoints) {
        let root = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(root.path(), Digest::of_bytes(b"key"));
        for step in steps {
            checkpoints.keep(*step, &checkpoint(format!("step {step}").as_bytes())).unwrap();
        }
        (root, checkpoints)
    }

    #[test]
    fn the_newest_two_are_kept_and_the_newest_is_found() {
        let (_root, checkpoints) = kept(&[9, 10, 100]);
        assert_eq!(checkpoints.files().len(), 2);
        assert_eq!(checkpoints.newest().checkpoint, Some(checkpoint(b"step 100")));
    }

    #[test]
    fn a_torn_one_falls_back_to_the_one_before_and_is_told_of() {
        let (_root, checkpoints) = kept(&[1, 2]);
        let newest = checkpoints.files().pop().unwrap();
        let bytes = fs::read(&newest).unwrap();
        fs::write(&newest, &bytes[..bytes.len() - 1]).unwrap();
        let found = checkpoints.newest();
        assert_eq!(found.checkpoint, Some(checkpoint(b"step 1")));
        assert_eq!(found.warnings.len(), 1);
        assert!(found.warnings[0].contains("cut off or changed"), "{}", found.warnings[0]);
    }

    #[test]
    fn none_are_left_once_forgotten_and_none_is_no_error() {
        let (_root, checkpoints) = kept(&[1]);
        checkpoints.forget();
        assert_eq!(checkpoints.newest().checkpoint, None);
        checkpoints.forget();
    }
}
