//! CIFAR-100's binary version (Krizhevsky 2009), by its 100 fine classes, from its folder or its archive.
//!
//! A file is records of 3074 bytes: the coarse label, the fine label, then 1024 red, 1024 green and 1024 blue values, row by
//! row. Nothing was published that its files could be checked against, so only their form is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::archive::{self, Entry};
use super::cifar10::planes_to_pixels;
use super::error::{BinaryProblem, LayoutProblem, Split};
use super::limits::Limits;
use super::{DataError, Decoded, ImageSet};

pub(super) const DESCRIPTION: &str = "CIFAR-100, binary version, fine labels";

const CLASSES: usize = 100;
const SIDE: u32 = 32;
const RECORD: usize = 2 + 3 * 32 * 32;
/// The folder inside the archive.
const FOLDER: &str = "cifar-100-binary";
const FILES: [(Split, &str); 2] = [(Split::Train, "train.bin"), (Split::Test, "test.bin")];
const NAMES: &str = "fine_label_names.txt";

/// CIFAR-100 at `path`, a folder or an archive.
///
/// # Errors
/// When a file is missing or not what it should be.
pub(super) fn load(path: &Path) -> Result<Decoded, DataError> {
    let files = if path.is_dir() { read_folder(path)? } else { read_archive(path)? };
    let missing =
        |split, name: &str| DataError::layout(path, LayoutProblem::FileMissing { split, name: name.to_owned() });
    let [train, test] = FILES.map(|(split, name)| {
        let content = files.get(name).ok_or_else(|| missing(split, name))?;
        images(content).map_err(|problem| DataError::Binary { file: path.join(name), problem })
    });
    let (train, test) = (train?, test?);
    let names = files.get(NAMES).ok_or_else(|| missing(Split::Train, NAMES))?;
    let classes: Vec<String> = String::from_utf8_lossy(names).split_whitespace().map(str::to_owned).collect();
    if classes.len() != CLASSES {
        let problem = BinaryProblem::Names { found: classes.len(), expected: CLASSES };
        return Err(DataError::Binary { file: path.join(NAMES), problem });
    }
    Ok(Decoded { classes, height: SIDE, width: SIDE, train, test, conversions: Default::default() })
}

fn is_wanted(name: &str) -> bool {
    name == NAMES || FILES.iter().any(|(_, known)| *known == name)
}

fn read_folder(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
    let inner = path.join(FOLDER);
    let folder = if inner.is_dir() { inner } else { path.to_owned() };
    let mut files = BTreeMap::new();
    for name in FILES.map(|(_, name)| name).into_iter().chain([NAMES]) {
        let file = folder.join(name);
        if file.is_file() {
            let content = fs::read(&file).map_err(|source| DataError::file("read", &file, source))?;
            files.insert(name.to_owned(), content);
        }
    }
    Ok(files)
}

fn read_archive(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
    // The training images are one file of 150 MB.
    let limits = Limits { file_bytes: 1 << 30, ..Limits::default() };
    let mut files = BTreeMap::new();
    archive::for_each_entry(path, &limits, |entry| {
        let Entry::File(entry, content) = entry else { return Ok(()) };
        let name = entry.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&entry);
        if is_wanted(name) {
            files.insert(name.to_owned(), content);
        }
        Ok(())
    })?;
    Ok(files)
}

fn images(content: &[u8]) -> Result<ImageSet, BinaryProblem> {
    if content.is_empty() || !content.len().is_multiple_of(RECORD) {
        return Err(BinaryProblem::Records { found: content.len() as u64, record: RECORD });
    }
    let mut set = ImageSet::default();
    let mut pixels = Vec::with_capacity(content.len());
    for (index, record) in content.chunks_exact(RECORD).enumerate() {
        let label = record[1];
        if usize::from(label) >= CLASSES {
            return Err(BinaryProblem::Label { label, most: CLASSES - 1, offset: index * RECORD + 1 });
        }
        set.labels.push(label);
        pixels.extend(planes_to_pixels(&record[2..]));
    }
    set.pixels = pixels.into();
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Tar;

    /// A record by the published description: coarse label, fine label, a plane of each colour.
    fn record(fine: u8, [red, green, blue]: [u8; 3]) -> Vec<u8> {
        [&[3, fine][..], &[red; 1024], &[green; 1024], &[blue; 1024]].concat()
    }

    fn names() -> Vec<u8> {
        (0..100).map(|class| format!("class{class}\n")).collect::<String>().into_bytes()
    }

    #[test]
    fn fine_labels_count_from_folder_and_archive_alike() {
        let (train, test) = ([record(99, [1, 2, 3]), record(0, [4, 5, 6])].concat(), record(7, [8, 9, 10]));
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("cifar-100-binary");
        fs::create_dir(&folder).unwrap();
        let mut tar = Tar::new().folder("cifar-100-binary/");
        for (name, content) in [("train.bin", &train), ("test.bin", &test), ("fine_label_names.txt", &names())] {
            fs::write(folder.join(name), content).unwrap();
            tar = tar.file(&format!("cifar-100-binary/{name}"), content);
        }
        let archive = place.path().join("cifar-100-binary.tar");
        fs::write(&archive, tar.finish()).unwrap();
        let decoded = load(place.path()).unwrap();
        assert_eq!(load(&folder).unwrap(), decoded);
        assert_eq!(load(&archive).unwrap(), decoded);
        assert_eq!((&decoded.train.labels, &decoded.test.labels), (&vec![99, 0], &vec![7]));
        assert_eq!(decoded.train.pixels[3 * 1024..][..4], [4, 5, 6, 4]);
        assert_eq!(decoded.classes[99], "class99");
    }

    #[test]
    fn broken_files_are_named() {
        let refusal = |train: Vec<u8>, names: Vec<u8>| {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("train.bin"), train).unwrap();
            fs::write(folder.path().join("test.bin"), record(7, [0; 3])).unwrap();
            fs::write(folder.path().join(NAMES), names).unwrap();
            load(folder.path()).unwrap_err().to_string()
        };
        for (train, names, wanted) in [
            (record(100, [0; 3]), names(), "has the label 100 at byte 1; labels are 0 to 99"),
            (vec![0; 3073], names(), "has 3073 bytes, no multiple of 3074"),
            (vec![], names(), "has 0 bytes"),
            (record(1, [0; 3]), b"apple\n".to_vec(), "has 1 names instead of 100"),
        ] {
            let said = refusal(train, names);
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
        let empty = tempfile::tempdir().unwrap();
        assert!(load(empty.path()).unwrap_err().to_string().contains("holds no `train.bin`"));
    }
}
