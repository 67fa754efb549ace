use std::cell::RefCell;

use proptest::prelude::*;

use super::*;

fn decoded() -> Decoded {
    Decoded {
        classes: vec!["a".into(), "b".into()],
        height: 1,
        width: 2,
        train: ImageSet { pixels: (0..18).collect(), labels: vec![0, 0, 1], names: vec!["train/a/é".into()] },
        test: ImageSet { pixels: (20..26).collect(), labels: vec![1], names: vec![] },
        conversions: BTreeMap::from([(Conversion::Gray, 2)]),
    }
}

/// A cache that holds `decoded()` for `archive()`, and its file.
fn filled() -> (tempfile::TempDir, Cache, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("made/when/needed"));
    cache.put(archive(), None, &decoded(), &|event| panic!("{event:?}"));
    let path = cache.decoded_path(archive(), None).unwrap();
    (folder, cache, path)
}

/// Enough for all.
fn room() -> Room {
    Room { resident: u64::MAX, folder: PathBuf::new() }
}

fn archive() -> Digest {
    Digest::of_bytes(b"archive")
}

#[test]
fn what_is_put_is_got_and_nothing_else_is_left_behind() {
    let (_folder, cache, path) = filled();
    assert_eq!(
        cache.get(archive(), None, &room(), &|event| panic!("{event:?}")),
        Some((decoded(), decoded().digest()))
    );
    assert_eq!(cache.get(Digest::of_bytes(b"other"), None, &room(), &|event| panic!("{event:?}")), None);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_disabled_cache_keeps_nothing() {
    let cache = Cache::disabled();
    cache.put(archive(), None, &decoded(), &|event| panic!("{event:?}"));
    assert_eq!(cache.get(archive(), None, &room(), &|event| panic!("{event:?}")), None);
}

#[test]
fn a_file_torn_anywhere_or_changed_in_any_byte_is_told_of_and_not_used() {
    let (_folder, cache, path) = filled();
    let whole = fs::read(&path).unwrap();
    let torn = (0..whole.len()).map(|length| whole[..length].to_vec());
    let changed = (0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    });
    for bytes in torn.chain(changed).chain([[&whole[..], b"!"].concat()]) {
        fs::write(&path, &bytes).unwrap();
        let notes = RefCell::new(Vec::new());
        assert_eq!(cache.get(archive(), None, &room(), &|event| notes.borrow_mut().push(event)), None);
        assert_eq!(notes.borrow().len(), 1);
    }
}

#[test]
fn the_images_of_another_archive_and_what_is_no_file_are_not_taken() {
    let (_folder, cache, path) = filled();
    let other = Digest::of_bytes(b"other");
    fs::copy(&path, cache.decoded_path(other, None).unwrap()).unwrap();
    let notes = std::cell::RefCell::new(Vec::new());
    let get = |of| cache.get(of, None, &room(), &|event| notes.borrow_mut().push(format!("{event:?}")));
    assert_eq!(get(other), None);
    assert!(notes.borrow()[0].contains("it is of other images"), "{notes:?}");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(get(archive()), None);
    assert!(notes.borrow()[1].contains("it is no plain file"), "{notes:?}");
}

#[test]
fn a_header_that_claims_more_than_the_file_holds_costs_no_memory() {
    let (_folder, cache, path) = filled();
    for (count, side) in [(u64::MAX, u32::MAX), (1 << 50, 1), (1, u32::MAX)] {
        let digest = decoded().digest();
        let about = About { names: Default::default(), conversions: BTreeMap::new() };
        let (about_digest, classes) = (about.digest(), vec![]);
        let (source, height, width, train) = (archive(), side, side, count);
        let header = Header { source, classes, height, width, train, test: 0, digest, about, about_digest };
        let header = serde_json::to_vec(&header).unwrap();
        fs::write(&path, [&MAGIC[..], &(header.len() as u64).to_le_bytes(), &header].concat()).unwrap();
        assert_eq!(cache.get(archive(), None, &room(), &|_| {}), None);
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_only_told_of() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let notes = RefCell::new(Vec::new());
    Cache::new(folder.path().join("file/below"))
        .put(archive(), None, &decoded(), &|event| notes.borrow_mut().push(event));
    assert_eq!(notes.borrow().len(), 1);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), magic: bool) {
        let (_folder, cache, path) = filled();
        if magic {
            bytes.splice(0..0, *MAGIC);
        }
        fs::write(&path, bytes).unwrap();
        prop_assert_eq!(cache.get(archive(), None, &room(), &|_| {}), None);
    }
}

#[test]
fn what_memory_should_not_hold_is_mapped_from_the_cache() {
    let (_folder, cache, _) = filled();
    let none = Room { resident: 0, folder: PathBuf::new() };
    let (mapped, _) = cache.get(archive(), None, &none, &|event| panic!("{event:?}")).unwrap();
    assert!(matches!((&mapped.train.pixels, &mapped.test.pixels), (Pixels::Mapped(..), Pixels::Mapped(..))));
    assert_eq!(mapped, decoded());
}
