use proptest::prelude::*;

use super::*;
use crate::data::testing::{Tar, gzip, write};

const RECORDS: usize = 2;

/// Two records: labels `label` and 9 - `label`; red is `label` everywhere, green the row, blue the column.
fn made(label: u8) -> Vec<u8> {
    [label, 9 - label].into_iter().flat_map(record).collect()
}

fn record(label: u8) -> Vec<u8> {
    let plane = |value: fn(usize) -> usize| (0..PLANE).map(move |at| value(at) as u8);
    let mut record = vec![label; 1 + PLANE];
    record.extend(plane(|at| at / SIDE));
    record.extend(plane(|at| at % SIDE));
    record
}

/// The made files with their digests in place of the published ones.
fn with_made_files<T>(check: impl FnOnce(&Published, &[(&str, Vec<u8>)]) -> T) -> T {
    let names = PUBLISHED.files.map(|(name, _)| name);
    let contents: Vec<(&str, Vec<u8>)> = names.into_iter().zip((0..).map(made)).collect();
    let digests: Vec<String> = contents.iter().map(|(_, content)| Digest::of_bytes(content).to_string()).collect();
    let files = std::array::from_fn(|at| (names[at], digests[at].as_str()));
    check(&Published { records_per_file: RECORDS, files }, &contents)
}

fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let tar = Tar::new().folder("cifar-10-batches-bin/").file("cifar-10-batches-bin/readme.html", b"<html>");
    let name = |name: &str| format!("cifar-10-batches-bin/{name}");
    gzip(&files.iter().fold(tar, |tar, (file, content)| tar.file(&name(file), content)).finish())
}

#[test]
fn planes_become_pixels_from_folder_and_archive_alike() {
    with_made_files(|published, files| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.tar.gz");
        write(&path, &archive(files));
        for (name, content) in files {
            write(&folder.path().join("cifar-10-batches-bin").join(name), content);
        }
        let (decoded, digest) = published.load(&path).unwrap();
        assert_eq!(digest, Some(Digest::of_bytes(&archive(files))));
        assert_eq!(decoded.train.labels, [0, 9, 1, 8, 2, 7, 3, 6, 4, 5]);
        assert_eq!(decoded.test.labels, [5, 4]);
        // Second training image, row 3, column 7.
        assert_eq!(decoded.train.pixels[(PLANE + 3 * SIDE + 7) * 3..][..3], [9, 3, 7]);
        assert_eq!(decoded.classes[6], "frog");
        for root in [folder.path().to_owned(), folder.path().join("cifar-10-batches-bin")] {
            assert_eq!(published.load(&root).unwrap(), (decoded.clone(), None));
        }
    });
}

#[test]
fn broken_files_are_named() {
    with_made_files(|published, files| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.tar.gz");
        let refusal = |change: fn(&mut Vec<(&str, Vec<u8>)>)| {
            let mut files = files.to_vec();
            change(&mut files);
            write(&path, &archive(&files));
            let error = published.load(&path).unwrap_err().to_string();
            error.split_once("c.tar.gz: ").expect("names the archive").1.to_owned()
        };
        assert_eq!(refusal(|files| files.truncate(5)), "`test_batch.bin` is missing");
        assert_eq!(refusal(|files| files[5].1.truncate(6145)), "`test_batch.bin` has 6145 bytes instead of 6146");
        let mislabelled = refusal(|files| files[1].1[RECORD] = 10);
        assert_eq!(mislabelled, "`data_batch_2.bin` has the label 10 at byte 3073; labels are 0 to 9");
        let altered = refusal(|files| files[0].1[100] ^= 1);
        assert!(altered.starts_with("`data_batch_1.bin` has the SHA-256 digest "), "{altered}");
        let twice = refusal(|files| files.push(files[0].clone()));
        assert_eq!(twice, "`cifar-10-batches-bin/data_batch_1.bin` is there twice");
    });
}

#[test]
fn files_that_only_look_like_the_published_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in PUBLISHED.files {
        write(&folder.path().join(name), &vec![0; PUBLISHED.file_bytes()]);
    }
    let error = load(Some(folder.path()), &Cache::disabled()).unwrap_err().to_string();
    let published = "instead of the published cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5";
    assert!(error.ends_with(published), "{error}");
}

#[test]
fn without_a_path_the_cache_is_looked_into_and_the_way_to_get_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(None, &Cache::new(folder.path())).unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    let expected = folder.path().join("cifar-10-binary.tar.gz");
    for part in ["retrial data fetch cifar10", fetch::CIFAR10.url, fetch::CIFAR10.sha256, &expected.to_string_lossy()] {
        assert!(help.contains(part), "{help}");
    }
    assert!(matches!(load(None, &Cache::disabled()), Err(DataError::NoCache)));
    write(&expected, b"no archive");
    assert!(matches!(load(None, &Cache::new(folder.path())), Err(DataError::Archive { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2 * RECORD + 10)) {
        let mut set = ImageSet::default();
        if append(&bytes, &mut set).is_ok() {
            prop_assert_eq!(set.pixels.len(), set.labels.len() * PLANE * 3);
        }
    }
}
