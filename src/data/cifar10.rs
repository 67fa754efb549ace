//! CIFAR-10's binary version (Krizhevsky 2009), from its folder or its archive, checked against the published digests.
//!
//! A file is 10,000 records of 3073 bytes: the label, then 1024 red, 1024 green and 1024 blue values, row by row.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use super::archive::{self, Entry};
use super::error::{Cifar10Problem, EntryProblem};
use super::limits::Limits;
use super::{Cache, DataError, DataSize, Decoded, ImageSet, fetch};
use crate::provenance::Digest;

pub(super) const DESCRIPTION: &str = "CIFAR-10, canonical binary version";

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
/// The folder inside the archive.
const FOLDER: &str = "cifar-10-batches-bin";

/// The files and what they must be.
struct Published<'a> {
    records_per_file: usize,
    /// Name and SHA-256; the last file holds the test images.
    files: [(&'a str, &'a str); 6],
}

/// Digests of the files in the archive whose own digest is [`fetch::CIFAR10`]'s.
const PUBLISHED: Published<'static> = Published {
    records_per_file: 10_000,
    files: [
        ("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
        ("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
        ("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
        ("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
        ("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        ("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
    ],
};

/// Its size, or that of a subset with so many training images of each class.
pub(super) fn size(per_class: Option<u32>) -> DataSize {
    let classes = CLASSES.len() as u64;
    let all = (PUBLISHED.files.len() as u64 - 1) * PUBLISHED.records_per_file as u64;
    DataSize { classes, training_images: per_class.map_or(all, |count| classes * u64::from(count)) }
}

/// CIFAR-10 at `path`, or where a fetched archive lies; and the digest of the archive if it is one.
pub(super) fn load(path: Option<&Path>, cache: &Cache) -> Result<(Decoded, Option<Digest>), DataError> {
    if let Some(path) = path {
        return PUBLISHED.load(path);
    }
    let expected = cache.folder().ok_or(DataError::NoCache)?.join(fetch::CIFAR10.file);
    if expected.exists() { PUBLISHED.load(&expected) } else { Err(DataError::NotFetched { expected }) }
}

impl Published<'_> {
    fn load(&self, path: &Path) -> Result<(Decoded, Option<Digest>), DataError> {
        let metadata = fs::metadata(path).map_err(|source| DataError::file("find", path, source))?;
        if metadata.is_dir() {
            return Ok((self.decode(path, &self.read_folder(path)?)?, None));
        }
        let file = File::open(path).map_err(|source| DataError::file("open", path, source))?;
        let digest = Digest::of_reader(file).map_err(|source| DataError::file("read", path, source))?;
        Ok((self.decode(path, &self.read_archive(path)?)?, Some(digest)))
    }

    fn file_bytes(&self) -> usize {
        self.records_per_file * RECORD
    }

    fn read_folder(&self, path: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
        let inner = path.join(FOLDER);
        let folder = if inner.is_dir() { inner } else { path.to_owned() };
        let mut contents = BTreeMap::new();
        for (name, _) in self.files {
            let file = folder.join(name);
            let Ok(metadata) = fs::metadata(&file) else { continue };
            self.check_size(path, name, metadata.len())?;
            contents.insert(name.to_owned(), fs::read(&file).map_err(|source| DataError::file("read", &file, source))?);
        }
        Ok(contents)
    }

    /// The archive's other files (class names, a link to the web page) are not read.
    fn read_archive(&self, path: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
        let mut contents = BTreeMap::new();
        archive::for_each_entry(path, &Limits::default(), |entry| {
            let Entry::File(entry, content) = entry else { return Ok(()) };
            let name = entry.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&entry);
            if !self.files.iter().any(|(known, _)| *known == name) {
                return Ok(());
            }
            match contents.insert(name.to_owned(), content) {
                Some(_) => Err(DataError::entry(path, &entry, EntryProblem::Duplicate)),
                None => Ok(()),
            }
        })?;
        Ok(contents)
    }

    fn decode(&self, container: &Path, contents: &BTreeMap<String, Vec<u8>>) -> Result<Decoded, DataError> {
        let (mut train, mut test) = (ImageSet::default(), ImageSet::default());
        for (place, (name, sha256)) in self.files.into_iter().enumerate() {
            let refused = |problem| refusal(container, name, problem);
            let content = contents.get(name).ok_or_else(|| refused(Cifar10Problem::Missing))?;
            self.check_size(container, name, content.len() as u64)?;
            let set = if place + 1 == self.files.len() { &mut test } else { &mut train };
            append(content, set).map_err(refused)?;
            let found = Digest::of_bytes(content);
            if found.to_string() != sha256 {
                return Err(refused(Cifar10Problem::Digest { found, expected: sha256.to_owned() }));
            }
        }
        let classes = CLASSES.map(str::to_owned).to_vec();
        Ok(Decoded { classes, height: SIDE as u32, width: SIDE as u32, train, test, conversions: Default::default() })
    }

    fn check_size(&self, container: &Path, name: &str, found: u64) -> Result<(), DataError> {
        let expected = self.file_bytes() as u64;
        if found == expected {
            return Ok(());
        }
        Err(refusal(container, name, Cifar10Problem::Size { found, expected }))
    }
}

fn refusal(container: &Path, file: &str, problem: Cifar10Problem) -> DataError {
    DataError::Cifar10 { container: container.to_owned(), file: file.to_owned(), problem }
}

/// Appends whole records, turning colour planes into pixels.
fn append(content: &[u8], set: &mut ImageSet) -> Result<(), Cifar10Problem> {
    for (index, record) in content.chunks_exact(RECORD).enumerate() {
        let label = record[0];
        if usize::from(label) >= CLASSES.len() {
            return Err(Cifar10Problem::Label { label, offset: index * RECORD });
        }
        set.labels.push(label);
        set.pixels.extend(planes_to_pixels(&record[1..]));
    }
    Ok(())
}

/// A plane each of red, green and blue, turned into pixels.
pub(super) fn planes_to_pixels(planes: &[u8]) -> impl Iterator<Item = u8> {
    let (red, rest) = planes.split_at(PLANE);
    let (green, blue) = rest.split_at(PLANE);
    red.iter().zip(green).zip(blue).flat_map(|((&r, &g), &b)| [r, g, b])
}

#[cfg(test)]
#[path = "cifar10_tests.rs"]
mod tests;
