//! Downloads and decoded images, kept between runs. Losing it costs time and nothing else.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Dataset, ImageSet};
use crate::bundle::{FileError, write_atomically};
use crate::provenance::Digest;

/// First bytes of a cache file, with the version of its format.
const MAGIC: &[u8; 16] = b"retrial-images-1";

/// The folder of cached data.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, archive: Digest) -> PathBuf {
        self.folder.join("decoded").join(format!("{archive}.images"))
    }

    /// The decoded images of an archive, without a description; `None` where there are none.
    ///
    /// # Errors
    /// Says what is wrong with the file.
    pub(super) fn read(&self, archive: Digest) -> Result<Option<Dataset>, String> {
        let path = self.path(archive);
        match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
            Ok(bytes) => {
                parse(&bytes, archive).map(Some).ok_or_else(|| format!("{} is torn or altered", path.display()))
            }
        }
    }

    pub(super) fn write(&self, archive: Digest, data: &Dataset) -> Result<(), FileError> {
        write_atomically(&self.path(archive), &serialise(data))
    }
}

/// Magic, digest, height, width, class count, classes, then labels and pixels of both splits; every length is a u64.
fn serialise(data: &Dataset) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(data.digest.to_string().as_bytes());
    let mut part = |bytes: &[u8]| {
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    part(&data.height.to_le_bytes());
    part(&data.width.to_le_bytes());
    part(data.classes.join("\0").as_bytes());
    for set in [&data.train, &data.test] {
        part(&set.labels);
        part(&set.pixels);
    }
    out
}

/// The data set in a cache file, if it is whole: its digest is computed again and compared.
pub(super) fn parse(bytes: &[u8], archive: Digest) -> Option<Dataset> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let digest: Digest = std::str::from_utf8(rest.get(..64)?).ok()?.parse().ok()?;
    rest = &rest[64..];
    let mut part = || {
        let (length, after) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let found = after.get(..length)?;
        rest = &after[length..];
        Some(found)
    };
    let mut number = || Some(u32::from_le_bytes(part()?.try_into().ok()?));
    let (height, width) = (number()?, number()?);
    let classes: Vec<String> = std::str::from_utf8(part()?).ok()?.split('\0').map(str::to_owned).collect();
    let image = usize::try_from(u64::from(height).checked_mul(u64::from(width))?.checked_mul(3)?).ok()?;
    let mut set = || {
        let (labels, pixels) = (part()?.to_vec(), part()?.to_vec());
        let fits = pixels.len() == labels.len().checked_mul(image)?;
        let known = labels.iter().all(|&label| usize::from(label) < classes.len());
        (fits && known).then_some(ImageSet { pixels, labels })
    };
    let (train, test) = (set()?, set()?);
    let data = Dataset::new(String::new(), classes, [height, width], train, test, Some(archive));
    (rest.is_empty() && data.digest == digest).then_some(data)
}
