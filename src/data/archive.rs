//! Reading tar archives without unpacking them, whatever is in them.
//!
//! Members come one at a time and bounded: a bomb, a path trick or a special file ends the reading with an error.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path};

use flate2::read::GzDecoder;

use super::DataError;

/// Bounds on what an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Members, folders included.
    pub members: usize,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files and their headers, unpacked.
    pub total: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { members: 5_000_000, file: 64 << 20, total: 8 << 30 }
    }
}

/// The kinds of archive that can be read, by the end of their names.
pub fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    [".tar", ".tar.gz", ".tgz", ".tar.zst"].iter().any(|end| name.ends_with(end))
}

/// Calls `each` with the name and content of every regular file, in archive order.
///
/// # Errors
/// When the archive is broken, exceeds `limits`, or has a member no data set needs; and whatever `each` returns.
pub fn for_each_file(
    path: &Path,
    limits: Limits,
    mut each: impl FnMut(String, Vec<u8>) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let shown = path.display().to_string();
    let broken = |error: std::io::Error| unreadable(&shown, &error, limits);
    let mut archive = tar::Archive::new(Bounded { inner: decoder(path)?, left: limits.total });
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        if count >= limits.members {
            return Err(DataError::hostile(&shown, format!("more than {} members", limits.members)));
        }
        let entry = entry.map_err(broken)?;
        let Some(name) = regular_file(&shown, &entry)? else { continue };
        let size = entry.header().size().map_err(broken)?;
        if size > limits.file {
            let reason = format!("{size} bytes, more than the {} that one file may have", limits.file);
            return Err(DataError::hostile(format!("{shown}: {name}"), reason));
        }
        let mut bytes = Vec::with_capacity(size as usize);
        entry.take(limits.file).read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() as u64 != size {
            let reason = format!("cut off after {} of {size} bytes", bytes.len());
            return Err(DataError::broken(format!("{shown}: {name}"), reason));
        }
        each(name, bytes)?;
    }
    Ok(())
}

fn unreadable(shown: &str, error: &std::io::Error, limits: Limits) -> DataError {
    if error.to_string().contains(TOO_LARGE) {
        return DataError::hostile(shown, format!("unpacks to more than {} bytes", limits.total));
    }
    DataError::broken(shown, format!("cannot be read to its end: {error}"))
}

fn decoder(path: &Path) -> Result<Box<dyn Read>, DataError> {
    let failed = |error| DataError::file("read", path, error);
    let file = BufReader::new(File::open(path).map_err(failed)?);
    let name = path.to_string_lossy().to_lowercase();
    Ok(if name.ends_with(".zst") {
        let mut decoder = zstd::Decoder::new(file).map_err(failed)?;
        // The window is memory that the archive's author chooses: 128 MiB is what the format's tools allow.
        decoder.window_log_max(27).map_err(failed)?;
        Box::new(decoder)
    } else if name.ends_with(".gz") || name.ends_with(".tgz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

/// The name of a regular file, `None` for a folder; anything else is an error.
fn regular_file<R: Read>(archive: &str, entry: &tar::Entry<'_, R>) -> Result<Option<String>, DataError> {
    let raw = entry.path_bytes();
    let shown = format!("{archive}: {}", String::from_utf8_lossy(&raw).escape_debug());
    let name = std::str::from_utf8(&raw).map_err(|_| DataError::broken(&shown, "the name is not UTF-8"))?;
    let steps_out = Path::new(name).components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    if steps_out || name.contains('\\') || name.contains('\0') {
        return Err(DataError::hostile(shown, "the path leads out of the archive"));
    }
    match entry.header().entry_type() {
        tar::EntryType::Regular | tar::EntryType::Continuous => {
            Ok(Some(name.strip_prefix("./").unwrap_or(name).to_owned()))
        }
        tar::EntryType::Directory | tar::EntryType::XGlobalHeader => Ok(None),
        other => Err(DataError::hostile(shown, format!("a member of kind {other:?}, where only files and folders belong"))),
    }
}

const TOO_LARGE: &str = "more bytes than allowed";

/// A reader that refuses to go on after so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)? as u64;
        self.left = self.left.checked_sub(count).ok_or_else(|| std::io::Error::other(TOO_LARGE))?;
        Ok(count as usize)
    }
}
