//! Decoded archives on disk, so that the second load takes no decoding, and a place for downloads.
//!
//! A file of decoded images is named by its archive's digest and carries the digest of its own content. One that is
//! torn, corrupt or of another version is told of and made anew; nothing in the cache is ever believed or needed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::pixels::{Pixels, Room};
use super::{Decoded, ImageSet, LoadEvent, Watcher};
use crate::bundle::record::Conversion;
use crate::config::Fit;
use crate::provenance::Digest;

/// First bytes of a file of decoded images. The number goes up when the format or the decoding of images changes.
const MAGIC: &[u8; 16] = b"retrial images 3";
/// The header has names of files, and 256 of classes.
const LONGEST_HEADER: u64 = 256 << 20;

/// A folder for what can be made or fetched again.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: Option<PathBuf>,
}

/// JSON after the magic and its own length (u64, little endian); then labels and pixels, training images first.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// Of the archive or folder that this is made of; its file has that name, too.
    source: Digest,
    classes: Vec<String>,
    height: u32,
    width: u32,
    train: u64,
    test: u64,
    /// [`Decoded::digest`].
    digest: Digest,
    about: About,
    /// Of the canonical JSON of `about`.
    about_digest: Digest,
}

/// What is known of the images beside their pixels.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    /// Names of training images, then of test images.
    names: [Vec<String>; 2],
    conversions: BTreeMap<Conversion, u64>,
}

impl About {
    fn digest(&self) -> Digest {
        Digest::of_bytes(&serde_json_canonicalizer::to_vec(self).expect("strings and whole numbers have a JSON form"))
    }
}

impl Header {
    /// Bytes after the header; `None` when the counts are beyond any disk.
    fn payload(&self) -> Option<u64> {
        let image = u64::from(self.height).checked_mul(u64::from(self.width))?.checked_mul(3)?.checked_add(1)?;
        self.train.checked_add(self.test)?.checked_mul(image)
    }
}

impl Cache {
    /// The folder is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()) }
    }

    /// Keeps nothing.
    pub fn disabled() -> Self {
        Self { folder: None }
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn decoded_path(&self, archive: Digest, fit: Option<Fit>) -> Option<PathBuf> {
        let fit = fit.map(|Fit { resize, crop }| format!("-{resize}-{crop}")).unwrap_or_default();
        Some(self.folder()?.join(format!("{archive}{fit}.images")))
    }

    /// The decoded images of an archive with their own digest, if they are here and whole.
    pub(super) fn get(
        &self,
        archive: Digest,
        fit: Option<Fit>,
        room: &Room,
        watch: Watcher,
    ) -> Option<(Decoded, Digest)> {
        let path = self.decoded_path(archive, fit)?;
        match read(&path, archive, room) {
            Ok(decoded) => Some(decoded),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                watch(LoadEvent::Note(format!("{} cannot be used and is made anew: {error}", path.display())));
                None
            }
        }
    }

    /// Keeps the decoded images of an archive, and gives the digest of these if it came to that. A failure costs time at the
    /// next load, so it is only told of.
    pub(super) fn put(&self, archive: Digest, fit: Option<Fit>, decoded: &Decoded, watch: Watcher) -> Option<Digest> {
        let path = self.decoded_path(archive, fit)?;
        let digest = decoded.digest();
        if let Err(error) = write(&path, archive, decoded, digest) {
            watch(LoadEvent::Note(format!("the decoded images cannot be kept in {}: {error}", path.display())));
        }
        Some(digest)
    }
}

fn write(path: &Path, source: Digest, decoded: &Decoded, digest: Digest) -> io::Result<()> {
    let names = [&decoded.train, &decoded.test].map(|set| set.names.clone());
    let about = About { names, conversions: decoded.conversions.clone() };
    let header = serde_json::to_vec(&Header {
        source,
        classes: decoded.classes.clone(),
        height: decoded.height,
        width: decoded.width,
        train: decoded.train.labels.len() as u64,
        test: decoded.test.labels.len() as u64,
        digest,
        about_digest: about.digest(),
        about,
    })?;
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    let mut out = BufWriter::new(file.as_file_mut());
    out.write_all(MAGIC)?;
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(&header)?;
    for set in [&decoded.train, &decoded.test] {
        out.write_all(&set.labels)?;
        out.write_all(&set.pixels)?;
    }
    out.flush()?;
    drop(out);
    // Not synced: a file torn by a power cut does not match its digest.
    file.persist(path)?;
    Ok(())
}

fn read(path: &Path, source: Digest, room: &Room) -> io::Result<(Decoded, Digest)> {
    // Looked at first: to open a pipe is to wait for its other end.
    if !fs::metadata(path)?.is_file() {
        return Err(invalid("it is no plain file"));
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic)?;
    if magic != *MAGIC {
        return Err(invalid("it is of another version"));
    }
    let mut header_length = [0; 8];
    file.read_exact(&mut header_length)?;
    let header_length = u64::from_le_bytes(header_length);
    if header_length > LONGEST_HEADER.min(length) {
        return Err(invalid("its header is too long"));
    }
    let mut header = vec![0; header_length as usize];
    file.read_exact(&mut header)?;
    let header: Header = serde_json::from_slice(&header)?;
    if header.source != source {
        return Err(invalid("it is of other images"));
    }
    // Checked before anything of that size is allocated.
    let before = (MAGIC.len() + 8) as u64 + header_length;
    if header.payload().and_then(|payload| payload.checked_add(before)) != Some(length) {
        return Err(invalid("its length is not what its header says"));
    }
    let image = u64::from(header.height) * u64::from(header.width) * 3;
    let is_whole = header.about.digest() == header.about_digest;
    let About { names: [train_names, test_names], conversions } = header.about;
    let mut next = |count, names| read_images(&mut file, (count, image), names, room);
    let (train, test) = (next(header.train, train_names)?, next(header.test, test_names)?);
    let (classes, height, width) = (header.classes, header.height, header.width);
    let decoded = Decoded { classes, height, width, train, test, conversions };
    let labels = decoded.train.labels.iter().chain(&decoded.test.labels);
    if !is_whole
        || decoded.digest() != header.digest
        || labels.max().is_some_and(|&label| usize::from(label) >= decoded.classes.len())
    {
        return Err(invalid("its content does not match its digest"));
    }
    Ok((decoded, header.digest))
}

fn read_images(file: &mut File, (count, image): (u64, u64), names: Vec<String>, room: &Room) -> io::Result<ImageSet> {
    let mut labels = vec![0; count as usize];
    file.read_exact(&mut labels)?;
    let bytes = count * image;
    let pixels = if bytes > room.resident {
        let start = file.stream_position()?;
        file.seek(io::SeekFrom::Current(bytes as i64))?;
        Pixels::map(file, start as usize..(start + bytes) as usize)?
    } else {
        let mut pixels = vec![0; bytes as usize];
        file.read_exact(&mut pixels)?;
        pixels.into()
    };
    Ok(ImageSet { pixels, labels, names })
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
