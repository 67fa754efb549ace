//! Bundles packed into one file, and files that only pretend to be such.

use std::fs::File;
use std::io::Write as _;

use sha2::{Digest as _, Sha256};

use crate::support::{Place, files_below};

fn bundle() -> Place {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    place
}

fn bytes(place: &Place, file: &str) -> Vec<u8> {
    std::fs::read(place.path(file)).unwrap()
}

#[test]
fn the_same_bundle_packs_to_the_same_bytes_and_comes_back_whole() {
    let place = bundle();
    place.succeed(&["pack", "out"]);
    place.succeed(&["unpack", "out.tar.zst"]);
    assert_eq!(
        files_below(&place.path("tiny")),
        files_below(&place.path("out")),
        "the folder has the experiment's name"
    );
    for file in files_below(&place.path("out")) {
        assert_eq!(bytes(&place, &format!("tiny/{file}")), bytes(&place, &format!("out/{file}")), "{file}");
    }
    place.succeed(&["verify", "tiny", "--tier", "report"]);
    std::fs::remove_file(place.path("tiny/audit.json")).unwrap();
    place.succeed(&["pack", "tiny", "-o", "again.tar.zst"]);
    assert_eq!(bytes(&place, "again.tar.zst"), bytes(&place, "out.tar.zst"));
    let (code, _, stderr) = place.run(&["unpack", "out.tar.zst"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("tiny is there already"), "{stderr}");
}

#[test]
fn a_bundle_that_is_not_what_its_manifest_says_is_not_packed() {
    let place = bundle();
    place.write("out/report.md", "else");
    let (code, _, stderr) = place.run(&["pack", "out"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("the bundle is not what it says"), "{stderr}");
    assert!(!place.path("out.tar.zst").exists());
}

/// What a made archive holds.
pub enum Made<'a> {
    File(&'a str, &'a [u8]),
    /// A header that says another size than what follows.
    Lying(&'a str, u64, &'a [u8]),
    Link(&'a str, tar::EntryType),
    /// A long name of so many bytes.
    LongName(u64),
}

/// Names are written as they are, which tar's own writer would refuse.
pub fn make(place: &Place, entries: &[Made<'_>]) {
    let file = File::create(place.path("made.tar.zst")).unwrap();
    let mut out = zstd::Encoder::new(file, 1).unwrap();
    let header = |out: &mut dyn std::io::Write, name: &str, size: u64, kind: tar::EntryType| {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(size);
        header.set_mode(0o644);
        header.set_entry_type(kind);
        if kind != tar::EntryType::Regular {
            header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
        }
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
    };
    for entry in entries {
        let (bytes, size) = match entry {
            Made::File(name, bytes) => {
                header(&mut out, name, bytes.len() as u64, tar::EntryType::Regular);
                (*bytes, bytes.len() as u64)
            }
            Made::Lying(name, says, bytes) => {
                header(&mut out, name, *says, tar::EntryType::Regular);
                (*bytes, bytes.len() as u64)
            }
            Made::Link(name, kind) => {
                header(&mut out, name, 0, *kind);
                (&[][..], 0)
            }
            Made::LongName(size) => {
                header(&mut out, "././@LongLink", *size, tar::EntryType::GNULongName);
                std::io::copy(&mut std::io::Read::take(std::io::repeat(b'a'), *size), &mut out).unwrap();
                (&[][..], *size)
            }
        };
        out.write_all(bytes).unwrap();
        out.write_all(&vec![0; (512 - (size % 512) as usize) % 512]).unwrap();
    }
    out.write_all(&[0; 1024]).unwrap();
    out.finish().unwrap();
}

/// In the very form that a manifest must have.
pub fn manifest(files: &[(&str, &[u8])]) -> String {
    let entry = |(path, bytes): &(&str, &[u8])| {
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("    {path:?}: {{\n      \"sha256\": \"{digest}\",\n      \"size\": {}\n    }}", bytes.len())
    };
    let files = files.iter().map(entry).collect::<Vec<_>>().join(",\n");
    format!("{{\n  \"schema\": 1,\n  \"files\": {{\n{files}\n  }}\n}}\n")
}

#[test]
fn a_hostile_file_is_refused_and_nothing_is_written() {
    use Made::{File, Link, LongName, Lying};
    let place = Place::new();
    let one = manifest(&[("a.txt", b"abc")]);
    let head = || File("x/manifest.json", one.as_bytes());
    // Sanity: the maker makes what is accepted when nothing is wrong with it.
    make(&place, &[head(), File("x/a.txt", b"abc")]);
    place.succeed(&["unpack", "made.tar.zst", "--out", "good"]);
    assert_eq!(files_below(&place.path("good")), ["a.txt", "manifest.json"]);
    let before = files_below(&place.path(""));

    let outside = manifest(&[("../../escaped", b"abc")]);
    let newer = one.replace("\"schema\": 1", "\"schema\": 2");
    let huge = one.replace("\"size\": 3", "\"size\": 4000000000");
    let zeros = vec![0; 1 << 20];
    let cases: Vec<(&str, Vec<Made<'_>>, &str)> = vec![
        ("parent", vec![head(), File("x/../escaped", b"abc")], "leads out of its folder"),
        ("parent of all", vec![head(), File("../escaped", b"abc")], "does not lie in a folder"),
        ("absolute", vec![head(), File("/tmp/escaped", b"abc")], "does not lie in a folder"),
        ("drive", vec![head(), File("x/C:/a.txt", b"abc")], "not allowed everywhere"),
        ("backslash", vec![head(), File("x/..\\a.txt", b"abc")], "not allowed everywhere"),
        ("manifest outside", vec![File("x/manifest.json", outside.as_bytes())], "leads out of its folder"),
        ("symlink", vec![head(), Link("x/a.txt", tar::EntryType::Symlink)], "not a plain file"),
        ("hard link", vec![head(), Link("x/a.txt", tar::EntryType::Link)], "not a plain file"),
        ("device", vec![head(), Link("x/a.txt", tar::EntryType::Char)], "not a plain file"),
        ("twice", vec![head(), File("x/a.txt", b"abc"), File("x/a.txt", b"abc")], "is there twice"),
        ("unknown", vec![head(), File("x/b.txt", b"abc")], "is not in its manifest"),
        ("case", vec![head(), File("x/a.txt", b"abc"), File("x/A.txt", b"abc")], "is not in its manifest"),
        ("missing", vec![head()], "but not in it"),
        ("content", vec![head(), File("x/a.txt", b"abd")], "is not what its digest"),
        ("size", vec![head(), File("x/a.txt", b"abcd")], "has 4 bytes, and 3 in the manifest"),
        ("lying size", vec![head(), Lying("x/a.txt", 3_000_000, b"abc")], "has 3000000 bytes"),
        ("cut off", vec![Lying("x/manifest.json", 3_000_000, b"abc")], "made.tar.zst"),
        ("other folder", vec![head(), File("y/a.txt", b"abc")], "lies in another folder"),
        ("no manifest", vec![File("x/a.txt", b"abc")], "not manifest.json"),
        ("newer", vec![File("x/manifest.json", newer.as_bytes())], "schema version 2"),
        ("too large", vec![File("x/manifest.json", huge.as_bytes())], "would come to more than"),
        ("bomb in a name", vec![head(), LongName(64 << 20), File("x/a.txt", b"abc")], "more lies between two"),
        ("signature", vec![head(), File("x/a.txt", b"abc"), File("x/signatures/x.exe", b"")], "is no signature"),
        ("zeros", vec![head(), File("x/zeros", &zeros)], "is not in its manifest"),
        ("empty", vec![], "it is empty"),
    ];
    for (name, entries, reason) in cases {
        make(&place, &entries);
        let (code, _, stderr) = place.run(&["unpack", "made.tar.zst", "--out", "bad"]);
        assert_eq!(code, 6, "{name}: {stderr}");
        assert!(stderr.contains(reason), "{name}: {stderr}");
        assert_eq!(files_below(&place.path("")), before, "{name}");
        assert!(!place.path("bad").exists(), "{name}");
    }
    place.write("made.tar.zst", "no archive at all");
    let (code, _, stderr) = place.run(&["unpack", "made.tar.zst", "--out", "bad"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("is not a packed bundle"), "{stderr}");
}

/// Four gibibytes that really are there, in a file of some hundred kilobytes: as a file whose manifest lies about it, as one
/// whose manifest tells the truth, as the manifest itself, and as a name.
#[test]
fn four_gibibytes_of_zeros_are_refused_and_nothing_is_written() {
    const SIZE: u64 = 4 << 30;
    let place = Place::new();
    let mut zeros = zstd::Encoder::new(Vec::new(), 1).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), SIZE), &mut zeros).unwrap();
    let zeros = zeros.finish().unwrap();
    assert!(zeros.len() < 1 << 20);
    let says_three = manifest(&[("a.txt", b"abc")]);
    let says_all = says_three.replace("\"size\": 3", &format!("\"size\": {SIZE}"));
    let header = |name: &str, size: u64, kind: tar::EntryType| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_size(size);
        header.set_mode(0o644);
        header.set_entry_type(kind);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    let file = tar::EntryType::Regular;
    let with_manifest = |text: &str, then: Vec<u8>| {
        let mut bytes = header("x/manifest.json", text.len() as u64, file);
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes.extend(then);
        bytes
    };
    let long_name = tar::EntryType::GNULongName;
    for (start, reason) in [
        (with_manifest(&says_three, header("x/a.txt", SIZE, file)), "has 4294967296 bytes, and 3 in the manifest"),
        (with_manifest(&says_all, header("x/a.txt", SIZE, file)), "would come to more than"),
        (header("x/manifest.json", SIZE, file), "more than any manifest"),
        (with_manifest(&says_three, header("././@LongLink", SIZE, long_name)), "more lies between two"),
    ] {
        // Frames that follow each other are one stream.
        let mut packed = zstd::encode_all(start.as_slice(), 1).unwrap();
        packed.extend(&zeros);
        place.write("made.tar.zst", packed);
        let (code, _, stderr) = place.run(&["unpack", "made.tar.zst", "--out", "bad"]);
        assert_eq!(code, 6, "{reason}: {stderr}");
        assert!(stderr.contains(reason), "{reason}: {stderr}");
        assert_eq!(files_below(&place.path("")), ["made.tar.zst"], "{reason}");
        assert!(!place.path("bad").exists(), "{reason}");
    }
}
