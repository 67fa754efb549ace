//! The canonical binary version of CIFAR-10 (Krizhevsky 2009): six files, each checked against its published digest.
//!
//! A record is one label byte and 3,072 bytes: 32 x 32 red, then green, then blue.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::archive::{self, Limits};
use super::{DataError, Dataset, ImageSet};
use crate::provenance::Digest;

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// The files in order, and the SHA-256 of each as published with the archive.
const FILES: [(&str, &str); 6] = [
    ("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
    ("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
    ("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
    ("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
    ("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
    ("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
];

/// Reads the six files from a folder or `.tar.gz` and checks each.
///
/// # Errors
/// When a file is missing, or is not the published one.
pub fn load(path: &Path) -> Result<Dataset, DataError> {
    let found = if path.is_dir() { read_folder(path)? } else { read_archive(path)? };
    let shown = path.display();
    let mut sets = [Vec::new(), Vec::new()];
    for (name, expected) in FILES {
        let Some(bytes) = found.get(name) else {
            let reason = format!("{name} of the binary version of CIFAR-10 is missing");
            return Err(DataError::broken(shown.to_string(), reason));
        };
        let digest = Digest::of_bytes(bytes);
        if digest.to_string() != expected {
            // A wrong size explains more than a wrong digest.
            decode(&format!("{shown}: {name}"), bytes)?;
            let expected = expected.parse().map_err(|error| DataError::broken(name, format!("{error}")))?;
            return Err(DataError::Digest { file: format!("{shown}: {name}"), found: digest, expected });
        }
        sets[usize::from(name == "test_batch.bin")].push(decode(&format!("{shown}: {name}"), bytes)?);
    }
    let archive = (!path.is_dir())
        .then(|| fs::File::open(path).and_then(Digest::of_reader))
        .transpose()
        .map_err(|error| DataError::file("read", path, error))?;
    let [train, test] = sets.map(joined);
    let description = "CIFAR-10, canonical binary version".to_owned();
    Ok(Dataset::new(description, CLASSES.map(str::to_owned).to_vec(), [SIDE as u32; 2], train, test, archive))
}

fn joined(parts: Vec<ImageSet>) -> ImageSet {
    let mut whole = ImageSet { pixels: Vec::new(), labels: Vec::new() };
    for part in parts {
        whole.pixels.extend(part.pixels);
        whole.labels.extend(part.labels);
    }
    whole
}

fn read_folder(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
    // The archive has one enclosing folder, which people leave or take away.
    let nested = root.join("cifar-10-batches-bin");
    let root = if nested.is_dir() { nested.as_path() } else { root };
    let mut found = BTreeMap::new();
    for (name, _) in FILES {
        let path = root.join(name);
        if path.is_file() {
            found.insert(name.to_owned(), fs::read(&path).map_err(|error| DataError::file("read", &path, error))?);
        }
    }
    Ok(found)
}

fn read_archive(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
    if !archive::is_archive(path) {
        let reason = "it is neither a folder nor a .tar.gz file";
        return Err(DataError::broken(path.display().to_string(), reason));
    }
    let mut found = BTreeMap::new();
    archive::for_each_file(path, Limits { total: 1 << 30, ..Limits::default() }, |name, bytes| {
        let file = name.rsplit('/').next().unwrap_or(&name).to_owned();
        if FILES.iter().any(|(wanted, _)| *wanted == file) && found.insert(file, bytes).is_some() {
            return Err(DataError::hostile(format!("{}: {name}", path.display()), "the name comes twice"));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whole records to channels-last images.
pub(super) fn decode(shown: &str, bytes: &[u8]) -> Result<ImageSet, DataError> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(RECORD) {
        let reason = format!("{} bytes are not a whole number of records of {RECORD} bytes", bytes.len());
        return Err(DataError::broken(shown, reason));
    }
    let mut set = ImageSet { pixels: Vec::with_capacity(bytes.len()), labels: Vec::new() };
    for (index, record) in bytes.chunks_exact(RECORD).enumerate() {
        let (label, planes) = (record[0], &record[1..]);
        if usize::from(label) >= CLASSES.len() {
            let reason = format!("label {label} at byte {}, where labels go from 0 to 9", index * RECORD);
            return Err(DataError::broken(shown, reason));
        }
        set.labels.push(label);
        set.pixels.extend((0..PLANE).flat_map(|at| [planes[at], planes[PLANE + at], planes[2 * PLANE + at]]));
    }
    Ok(set)
}
