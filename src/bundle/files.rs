//! Files that are either the old or the new version, never half of one.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// How the names of files begin that are being written.
const TEMPORARY: &str = ".writing-";

/// A file or folder could not be read or written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot {action} {}: {source}", path.display())]
#[diagnostic(
    code(retrial::file),
    help("check that the folder exists, may be written by you, and that the disk is not full")
)]
pub struct FileError {
    pub action: &'static str,
    pub path: PathBuf,
    pub source: std::io::Error,
}

impl FileError {
    pub fn new(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }
}

/// The content of a plain file of at most so many bytes. A pipe would be waited for, and a device never ends; what a link
/// leads to counts.
///
/// # Errors
/// When it is no plain file, is larger, or cannot be read.
pub fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let too_large = || io::Error::other(format!("it is larger than the limit of {most} bytes"));
    if metadata.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// The same as text.
///
/// # Errors
/// As [`read_bounded`], and when it is not UTF-8.
pub fn read_text_bounded(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read_bounded(path, most)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not valid UTF-8"))
}

/// Writes to a temporary file beside `path`, syncs it, and renames it into place. Makes the folder if need be.
///
/// # Errors
/// When any of these steps fails; `path` is then what it was before.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| FileError::new("make the folder", folder, error))?;
    let failed = |error| FileError::new("write", path, error);
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    set_ordinary_permissions(file.as_file()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Removes what writes that were killed left in this very folder. Nobody else may be writing there.
pub fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            // One that cannot be removed will be named by the manifest.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Temporary files are private to their owner; published ones are for everybody to read.
#[cfg(unix)]
pub(super) fn set_ordinary_permissions(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(super) fn set_ordinary_permissions(_file: &fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/file.txt");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn no_more_is_read_than_is_allowed_and_nothing_that_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "four").unwrap();
        assert_eq!(read_bounded(&path, 4).unwrap(), b"four");
        assert!(read_bounded(&path, 3).unwrap_err().to_string().contains("larger than the limit of 3 bytes"));
        for no_file in [folder.path(), Path::new(if cfg!(unix) { "/dev/zero" } else { "." })] {
            assert!(read_bounded(no_file, 4).unwrap_err().to_string().contains("no plain file"));
        }
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = write_atomically(&folder.path().join("file/below"), b"").unwrap_err();
        assert!(error.to_string().contains("file"), "{error}");
    }
}
