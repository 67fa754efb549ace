//! The bytes of many images, in memory, or beyond what that should hold in a file that is mapped into it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::{Deref, Range};
use std::path::PathBuf;
use std::sync::Arc;

use memmap2::Mmap;

/// Bytes that are only read.
#[derive(Clone)]
pub enum Pixels {
    Owned(Vec<u8>),
    /// A part of a file. The system keeps of it in memory what is in use and has room.
    Mapped(Arc<Mmap>, Range<usize>),
}

impl Pixels {
    /// A part of a file that nobody changes or shortens any more.
    pub(super) fn map(file: &File, part: Range<usize>) -> io::Result<Self> {
        if part.is_empty() {
            return Ok(Self::default());
        }
        // SAFETY: the file is this process's own and has no name, or it is one of the cache, which are replaced whole and
        // never written to.
        let map = unsafe { Mmap::map(file)? };
        if part.end > map.len() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than what it should hold"));
        }
        Ok(Self::Mapped(Arc::new(map), part))
    }
}

impl Pixels {
    /// These bytes without copying them, where they are not in memory anyway.
    ///
    /// # Panics
    /// When the range reaches beyond the last byte.
    pub(super) fn mapped_part(&self, part: Range<usize>) -> Option<Self> {
        assert!(part.start <= part.end && part.end <= self.len(), "{part:?} of {} bytes", self.len());
        match self {
            Self::Owned(_) => None,
            Self::Mapped(map, whole) => {
                Some(Self::Mapped(Arc::clone(map), whole.start + part.start..whole.start + part.end))
            }
        }
    }

    /// Asks the system to fetch these bytes from the disk, and does not wait for them. What is in memory is left alone.
    ///
    /// # Panics
    /// When the range reaches beyond the last byte.
    pub fn read_ahead(&self, range: Range<usize>) {
        assert!(range.start <= range.end && range.end <= self.len(), "{range:?} of {} bytes", self.len());
        #[cfg(unix)]
        if let Self::Mapped(map, part) = self {
            // Advice: where the system does not take it, the bytes come when they are read.
            let _ = map.advise_range(memmap2::Advice::WillNeed, part.start + range.start, range.len());
        }
    }
}

impl Default for Pixels {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl Deref for Pixels {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map, part) => &map[part.clone()],
        }
    }
}

impl From<Vec<u8>> for Pixels {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }
}

impl FromIterator<u8> for Pixels {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        Self::Owned(bytes.into_iter().collect())
    }
}

impl Extend<u8> for Pixels {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, more: I) {
        let mut bytes = match std::mem::take(self) {
            Self::Owned(bytes) => bytes,
            mapped @ Self::Mapped(..) => mapped.to_vec(),
        };
        bytes.extend(more);
        *self = Self::Owned(bytes);
    }
}

impl PartialEq for Pixels {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Pixels {}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

/// How much may be held in memory, and where what is more goes.
#[derive(Debug, Clone)]
pub(super) struct Room {
    /// Bytes of each set that is being put together.
    pub resident: u64,
    pub folder: PathBuf,
}

impl Room {
    /// An eighth of this machine's memory: two sets are put together at a time, and training needs the rest.
    pub fn of_this_machine(folder: PathBuf) -> Self {
        let mut system = sysinfo::System::new();
        system.refresh_memory();
        Self { resident: system.total_memory() / 8, folder }
    }
}

/// Puts [`Pixels`] together.
pub(super) struct Writer<'a> {
    room: &'a Room,
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
    length: u64,
}

impl<'a> Writer<'a> {
    pub fn new(room: &'a Room) -> Self {
        Self { room, memory: Vec::new(), file: None, length: 0 }
    }

    /// # Errors
    /// When the disk is full or cannot be written to.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        if self.file.is_none() && self.length > self.room.resident {
            std::fs::create_dir_all(&self.room.folder)?;
            let mut file = BufWriter::with_capacity(1 << 20, tempfile::tempfile_in(&self.room.folder)?);
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                self.memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// # Errors
    /// When the disk is full or cannot be written to.
    pub fn finish(self) -> io::Result<Pixels> {
        match self.file {
            Some(file) => Pixels::map(&file.into_inner()?, 0..self.length as usize),
            None => Ok(Pixels::Owned(self.memory)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_memory_should_not_hold_is_mapped_and_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let parts: Vec<Vec<u8>> = (0..50u8).map(|n| vec![n; 1000]).collect();
        for (resident, is_mapped) in [(50_000, false), (49_999, true), (0, true)] {
            let room = Room { resident, folder: folder.path().join("made") };
            let mut writer = Writer::new(&room);
            parts.iter().for_each(|part| writer.add(part).unwrap());
            let pixels = writer.finish().unwrap();
            assert_eq!(matches!(pixels, Pixels::Mapped(..)), is_mapped, "{resident}");
            pixels.read_ahead(4_999..10_001);
            let part = pixels.mapped_part(1_500..2_500);
            assert_eq!(part.is_some(), is_mapped);
            assert!(part.is_none_or(|part| *part == parts.concat()[1_500..2_500]));
            assert_eq!(*pixels, parts.concat()[..]);
            // Nothing is left behind that has a name.
            assert!(!room.folder.exists() || std::fs::read_dir(&room.folder).unwrap().next().is_none());
        }
    }
}
