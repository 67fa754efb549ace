//! Reads `.tar`, `.tar.gz` and `.tar.zst` as a stream: nothing is unpacked to disk, and no header is believed.
//!
//! Memory stays within the limits' sizes whatever the archive says; every refusal names the archive and the entry.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use tar::EntryType;

use super::DataError;
use super::error::{EntryProblem, LayoutProblem};
use super::layout::is_litter;
use super::limits::Limits;

/// One thing in a source, by its checked path relative to the source's root, with `/` between the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Folder(String),
    File(String, Vec<u8>),
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Gzip,
    Zstandard,
}

impl Packing {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let known =
            [(".tar", Self::Plain), (".tar.gz", Self::Gzip), (".tgz", Self::Gzip), (".tar.zst", Self::Zstandard)];
        known.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, packing)| packing)
    }

    fn unpacked<'a>(self, file: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        let file = BufReader::with_capacity(1 << 16, file);
        Ok(match self {
            Self::Plain => Box::new(file),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Self::Zstandard => Box::new(zstd::Decoder::with_buffer(file)?),
        })
    }
}

/// Calls `visit` with every entry of the archive at `path`, in the archive's order, but for what systems leave in folders.
///
/// # Errors
/// When the archive is broken, cut off, hostile or over a limit, and whatever `visit` returns.
pub(super) fn for_each_entry(
    path: &Path,
    limits: &Limits,
    visit: impl FnMut(Entry) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let packing = Packing::of(path).ok_or_else(|| DataError::UnknownFormat(path.to_owned()))?;
    let file = File::open(path).map_err(|source| DataError::file("open", path, source))?;
    let stream = packing.unpacked(file).map_err(|source| DataError::file("read", path, source))?;
    Walk { archive: path, limits, previous: None }.run(stream, visit)
}

/// A walk through one archive.
struct Walk<'a> {
    archive: &'a Path,
    limits: &'a Limits,
    /// The last entry that was read whole, to say where the archive broke.
    previous: Option<String>,
}

impl Walk<'_> {
    fn run(
        mut self,
        stream: impl Read,
        mut visit: impl FnMut(Entry) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let meter = Rc::new(RefCell::new(Meter { allowance: self.limits.header_bytes, ..Meter::default() }));
        let mut archive = tar::Archive::new(Metered { stream, meter: Rc::clone(&meter) });
        for entry in archive.entries().map_err(|error| self.broken(error))? {
            let entry = entry.map_err(|error| self.broken(error))?;
            meter.borrow_mut().allowance = self.limits.file_bytes;
            if let Some(entry) = self.read(entry)? {
                visit(entry)?;
            }
            let mut meter = meter.borrow_mut();
            meter.allowance = self.limits.header_bytes;
            if meter.total > self.limits.stream_bytes {
                let (limit, unit) = (self.limits.stream_bytes, "bytes when unpacked");
                return Err(DataError::layout(self.archive, LayoutProblem::TooMuch { limit, unit }));
            }
        }
        if meter.borrow().at_end {
            return Err(self.broken(io::Error::new(io::ErrorKind::UnexpectedEof, "its end marker is missing")));
        }
        self.expect_padding(archive.into_inner())
    }

    /// The entry with its content; `None` for what is no part of the data.
    fn read(&mut self, mut entry: tar::Entry<impl Read>) -> Result<Option<Entry>, DataError> {
        let raw = entry.path_bytes().into_owned();
        let refused = |problem| DataError::entry(self.archive, &String::from_utf8_lossy(&raw), problem);
        let size = entry.size();
        if size > self.limits.file_bytes {
            return Err(refused(EntryProblem::TooLarge { size, limit: self.limits.file_bytes }));
        }
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            io::copy(&mut entry, &mut io::sink()).map_err(|error| self.broken(error))?;
            return Ok(None);
        }
        check_kind(kind).map_err(refused)?;
        let path = safe_path(&raw).ok_or_else(|| refused(EntryProblem::UnsafePath))?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(|error| self.broken(error))?;
        if content.len() as u64 != size {
            return Err(self.broken(io::Error::new(io::ErrorKind::UnexpectedEof, "the next file is cut off")));
        }
        self.previous = Some(path.clone());
        Ok(match kind {
            _ if is_litter(&path) => None,
            EntryType::Directory if path.is_empty() => None,
            EntryType::Directory => Some(Entry::Folder(path)),
            _ => Some(Entry::File(path, content)),
        })
    }

    /// After the end marker only zeros may follow, and not many; reading them also checks the packing's own checksums.
    fn expect_padding(&self, mut rest: impl Read) -> Result<(), DataError> {
        let mut buffer = [0; 1 << 13];
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) if buffer[..count].iter().all(|&byte| byte == 0) => {}
                Err(error) if !is_over_allowance(&error) => return Err(self.broken(error)),
                Ok(_) | Err(_) => return Err(DataError::layout(self.archive, LayoutProblem::TrailingData)),
            }
        }
    }

    fn broken(&self, source: io::Error) -> DataError {
        DataError::Archive { archive: self.archive.to_owned(), previous: self.previous.clone(), source }
    }
}

fn check_kind(kind: EntryType) -> Result<(), EntryProblem> {
    Err(EntryProblem::Kind(match kind {
        EntryType::Regular | EntryType::Directory => return Ok(()),
        EntryType::Symlink => "symbolic link",
        EntryType::Link => "hard link",
        EntryType::Char | EntryType::Block => "device",
        EntryType::Fifo => "named pipe",
        EntryType::GNUSparse => "sparse file",
        _ => "special entry",
    }))
}

/// The path without `.` parts, or `None` when it is not plainly inside the archive.
fn safe_path(raw: &[u8]) -> Option<String> {
    const LONGEST: usize = 4096;
    let text = std::str::from_utf8(raw).ok().filter(|text| text.len() <= LONGEST)?;
    if text.is_empty() || text.starts_with('/') || text.contains(|c: char| c.is_control() || c == '\\') {
        return None;
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    (!parts.contains(&"..")).then(|| parts.join("/"))
}

/// How much was read, and how much may still be read before the reader's owner grants more.
#[derive(Debug, Default)]
struct Meter {
    total: u64,
    allowance: u64,
    at_end: bool,
}

/// Stops a header that lies about its size before memory or time run out.
struct Metered<R> {
    stream: R,
    meter: Rc<RefCell<Meter>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        let mut meter = self.meter.borrow_mut();
        meter.total += count as u64;
        meter.at_end |= count == 0 && !buffer.is_empty();
        meter.allowance = meter.allowance.checked_sub(count as u64).ok_or_else(|| io::Error::other(OverAllowance))?;
        Ok(count)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("more lies between two of its files than headers ever need")]
struct OverAllowance;

fn is_over_allowance(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<OverAllowance>())
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
