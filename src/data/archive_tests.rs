use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::data::testing::{Tar, gzip, zstandard};

fn walk(bytes: &[u8], limits: &Limits) -> Result<Vec<Entry>, DataError> {
    let mut entries = Vec::new();
    let walk = Walk { archive: Path::new("some.tar"), limits, previous: None };
    walk.run(bytes, |entry| {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

fn refusal(bytes: &[u8]) -> String {
    walk(bytes, &Limits::default()).unwrap_err().to_string()
}

/// Writes `bytes` as a file of that name and reads it as an archive.
fn read_file(name: &str, bytes: &[u8]) -> Result<Vec<Entry>, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut entries = Vec::new();
    for_each_entry(&path, &Limits::default(), |entry| {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

#[test]
fn every_packing_gives_the_same_entries() {
    let tar = Tar::new().folder("./a/").file("./a/b.txt", b"hello").file("a/._b.txt", b"Finder's").finish();
    let expected = [Entry::Folder("a".into()), Entry::File("a/b.txt".into(), b"hello".to_vec())];
    for (name, bytes) in
        [("x.tar", tar.clone()), ("x.tar.gz", gzip(&tar)), ("x.TGZ", gzip(&tar)), ("x.tar.zst", zstandard(&tar))]
    {
        assert_eq!(read_file(name, &bytes).unwrap(), expected, "{name}");
    }
}

#[test]
fn an_unknown_ending_is_refused_with_the_known_ones() {
    let error = read_file("x.zip", b"PK").unwrap_err();
    assert!(matches!(error, DataError::UnknownFormat(_)));
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(help.contains("`.tar.zst`"), "{help}");
}

#[test]
fn long_names_are_read_in_both_dialects() {
    let name = format!("{}/image.png", "long".repeat(60));
    let gnu = Tar::new().file(&name, b"1").finish();
    let pax = Tar::new().pax("path", &name).file("short", b"1").finish();
    for tar in [gnu, pax] {
        assert_eq!(walk(&tar, &Limits::default()).unwrap(), [Entry::File(name.clone(), b"1".to_vec())]);
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in ["../up", "a/../../up", "/absolute", "a\\b", "a\nb", ""] {
        let error = refusal(&Tar::new().raw_name(name.as_bytes(), b"x").finish());
        assert_eq!(error, format!("some.tar: `{}` is not a safe relative path", name.escape_debug()), "{name:?}");
    }
    let error = refusal(&Tar::new().raw_name(b"a/\xFF.png", b"x").finish());
    assert!(error.ends_with("is not a safe relative path"), "{error}");
}

#[test]
fn links_devices_and_pipes_are_refused() {
    for (kind, word) in [
        (EntryType::Symlink, "symbolic link"),
        (EntryType::Link, "hard link"),
        (EntryType::Char, "device"),
        (EntryType::Block, "device"),
        (EntryType::Fifo, "named pipe"),
        (EntryType::Continuous, "special entry"),
    ] {
        let error = refusal(&Tar::new().special("train/a/x.png", kind).finish());
        assert_eq!(error, format!("some.tar: `train/a/x.png` is a {word}, not a file or a folder"));
    }
}

#[test]
fn an_archive_cut_off_anywhere_is_refused() {
    let tar = Tar::new().file("a", &[7; 700]).file("b", &[8; 10]).finish();
    assert_eq!(tar.len(), 512 + 1024 + 512 + 512 + 1024);
    for length in 0..tar.len() - 1024 {
        let error = refusal(&tar[..length]);
        assert!(error.starts_with("some.tar cannot be read as an archive, "), "{length}: {error}");
    }
    let error = refusal(&tar[..512 + 1024 + 512]);
    assert_eq!(error, "some.tar cannot be read as an archive, after `a`: the next file is cut off");
    let error = refusal(&tar[..512 + 1024]);
    assert_eq!(error, "some.tar cannot be read as an archive, after `a`: its end marker is missing");
}

#[test]
fn a_packed_archive_cut_off_at_its_end_is_refused() {
    let tar = Tar::new().file("a", &[7; 700]).finish();
    for (name, packed) in [("x.tar.gz", gzip(&tar)), ("x.tar.zst", zstandard(&tar))] {
        for missing in 1..8 {
            let error = read_file(name, &packed[..packed.len() - missing]).unwrap_err();
            assert!(matches!(error, DataError::Archive { .. }), "{name} without {missing}: {error}");
        }
    }
}

#[test]
fn a_second_archive_behind_the_first_is_not_overlooked() {
    let tar = Tar::new().file("a", b"1").finish();
    assert_eq!(refusal(&[tar.clone(), tar.clone()].concat()), "some.tar goes on after the end of its archive");
    let padded = [tar, vec![0; 10_240]].concat();
    assert_eq!(walk(&padded, &Limits::default()).unwrap().len(), 1);
}

/// 10 GB that cost a few hundred kilobytes: frames of zeros, over and over.
#[test]
fn ten_gigabytes_of_zeros_are_refused_at_once() {
    let frame = zstandard(&vec![0; 64 << 20]);
    let zeros = frame.repeat(160);
    let start = std::time::Instant::now();
    let error = read_file("x.tar.zst", &zeros).unwrap_err();
    assert!(error.to_string().ends_with("goes on after the end of its archive"), "{error}");

    // The same as one file, and as the name of one.
    for kind in [EntryType::Regular, EntryType::GNULongName, EntryType::XHeader, EntryType::XGlobalHeader] {
        let header = zstandard(&Tar::new().header("train/a/x.png", kind, 160 * (64 << 20)));
        let error = read_file("x.tar.zst", &[header, zeros.clone()].concat()).unwrap_err().to_string();
        let expected = match kind {
            EntryType::Regular | EntryType::XGlobalHeader => "has 10737418240 bytes, more than the limit of 67108864",
            _ => "at its start: more lies between two of its files than headers ever need",
        };
        assert!(error.ends_with(expected), "{kind:?}: {error}");
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn gigabytes_of_zeros_in_gzip_are_refused_at_once() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![0; 64 << 20]).unwrap();
    let zeros = encoder.finish().unwrap().repeat(160);
    let error = read_file("x.tar.gz", &zeros).unwrap_err();
    assert!(error.to_string().ends_with("goes on after the end of its archive"), "{error}");
}

#[test]
fn many_small_files_are_bounded_by_the_whole() {
    let mut tar = Tar::new();
    for n in 0..100 {
        tar = tar.file(&format!("train/a/{n}.png"), &[0; 1000]);
    }
    let limits = Limits { stream_bytes: 100_000, ..Limits::default() };
    let error = walk(&tar.finish(), &limits).unwrap_err();
    assert_eq!(error.to_string(), "some.tar holds more than the limit of 100000 bytes when unpacked");
}

#[test]
fn a_size_stated_twice_in_different_ways_cannot_hide_entries() {
    // pax says 0 bytes, the header 512: whoever believes the header skips what the other reads as an entry.
    let hidden = Tar::new().header("train/a/hidden.png", EntryType::Regular, 0);
    let tar = Tar::new().pax("size", "0").file("train/a/x.png", &hidden).finish();
    let names: Vec<Entry> = walk(&tar, &Limits::default()).unwrap();
    assert_eq!(names.len(), 2, "read as POSIX says, pax first: {names:?}");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        let _ = walk(&bytes, &Limits::default());
    }

    #[test]
    fn a_damaged_archive_never_panics_and_never_yields_an_unsafe_path(
        damage in proptest::collection::vec((0usize..4096, any::<u8>()), 1..20),
    ) {
        let name = "n".repeat(120);
        let mut tar = Tar::new().folder("a").pax("path", "a/long").file("a/b", b"1").file(&name, &[3; 600]).finish();
        for (at, byte) in damage {
            let at = at % tar.len();
            tar[at] = byte;
        }
        for entry in walk(&tar, &Limits::default()).unwrap_or_default() {
            let (Entry::Folder(path) | Entry::File(path, _)) = entry;
            prop_assert_eq!(safe_path(path.as_bytes()), Some(path));
        }
    }
}
