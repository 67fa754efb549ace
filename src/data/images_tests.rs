use std::path::PathBuf;

use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;

use super::*;
use crate::data::decode::jpeg_components;
use crate::data::testing::{Tar, encoded, plain, png, write};

/// Two classes, one image of each in both splits, and what the caller adds.
fn small(add: impl FnOnce(Tar) -> Tar) -> Vec<u8> {
    let mut tar = Tar::new();
    for (name, colour) in [
        ("train/cat/1.png", [1, 2, 3]),
        ("train/dog/1.png", [4, 5, 6]),
        ("test/cat/1.png", [7, 8, 9]),
        ("test/dog/1.png", [10, 11, 12]),
    ] {
        tar = tar.file(name, &png(colour));
    }
    add(tar).finish()
}

fn decode_with(tar: &[u8], limits: &Limits) -> Result<Decoded, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    write(&path, tar);
    decode_archive(&path, limits)
}

fn decode(tar: &[u8]) -> Result<Decoded, DataError> {
    decode_with(tar, &Limits::default())
}

/// What is said about an archive, without the folder it lies in.
fn refusal_of(result: Result<Decoded, DataError>) -> String {
    let error = result.unwrap_err().to_string();
    error
        .split_once("x.tar")
        .map(|(_, rest)| rest.trim_start_matches([':', ' ']).to_owned())
        .expect("names the archive")
}

fn refusal(add: impl FnOnce(Tar) -> Tar) -> String {
    refusal_of(decode(&small(add)))
}

#[test]
fn classes_and_images_are_sorted_whatever_the_order_of_the_archive() {
    let sorted = decode(&small(|tar| tar.file("train/cat/2.png", &png([9; 3])))).unwrap();
    assert_eq!(sorted.classes, ["cat", "dog"]);
    assert_eq!(sorted.train.labels, [0, 0, 1]);
    let first_of_each: Vec<u8> = sorted.train.pixels.chunks_exact(4 * 2 * 3).map(|image| image[0]).collect();
    assert_eq!(first_of_each, [1, 9, 4]);
    assert_eq!((sorted.height, sorted.width), (2, 4));

    let shuffled = Tar::new()
        .file("test/dog/1.png", &png([10, 11, 12]))
        .file("train/cat/2.png", &png([9; 3]))
        .file("train/dog/1.png", &png([4, 5, 6]))
        .file("test/cat/1.png", &png([7, 8, 9]))
        .file("train/cat/1.png", &png([1, 2, 3]));
    assert_eq!(decode(&shuffled.finish()).unwrap(), sorted);
}

#[test]
fn a_folder_is_read_like_an_archive_and_so_is_one_enclosing_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut enclosed = Tar::new().folder("all/");
    for (name, colour) in [
        ("train/cat/1.png", [1, 2, 3]),
        ("train/dog/1.png", [4, 5, 6]),
        ("test/cat/1.png", [7, 8, 9]),
        ("test/dog/1.png", [10, 11, 12]),
    ] {
        write(&folder.path().join("in").join(name), &png(colour));
        enclosed = enclosed.file(&format!("all/{name}"), &png(colour));
    }
    write(&folder.path().join("in/train/.DS_Store"), b"Finder");
    write(&folder.path().join("in/README.md"), b"about");
    let expected = decode(&small(|tar| tar.file("LICENSE", b"free"))).unwrap();
    assert_eq!(decode(&enclosed.finish()).unwrap(), expected);
    for root in [folder.path().to_owned(), folder.path().join("in")] {
        assert_eq!(decode_folder(&root, &Limits::default()).unwrap(), expected);
    }
}

#[test]
fn what_does_not_belong_is_named() {
    for name in ["train/1.png", "train/cat/notes.txt", "train/cat/deep/1.png", "labels.csv", "train/README.md", "train"]
    {
        assert_eq!(refusal(|tar| tar.file(name, b"x")), format!("`{name}` does not belong among class folders"));
    }
    assert_eq!(refusal(|tar| tar.file("b/train/cat/1.png", b"x")), "has two places for images: its top and `b`");
    assert_eq!(refusal(|tar| tar.file("./train//cat/1.png", &png([0; 3]))), "`train/cat/1.png` is there twice");
}

#[test]
fn every_class_needs_images_in_both_splits() {
    assert_eq!(refusal(|tar| tar.file("train/eel/1.png", &png([0; 3]))), "holds no test images of class `eel`");
    assert_eq!(refusal(|tar| tar.file("test/eel/1.png", &png([0; 3]))), "holds no train images of class `eel`");
    assert_eq!(refusal(|tar| tar.folder("train/eel/")), "holds no train images of class `eel`");
    assert_eq!(refusal_of(decode(&Tar::new().finish())), "holds no images");
    let many = refusal(|tar| (0..255).fold(tar, |tar, n| tar.folder(&format!("train/{n:03}"))));
    assert_eq!(many, "holds 257 classes; at most 256 can be told apart");
}

#[test]
fn only_eight_bit_rgb_of_one_size_is_taken() {
    let rgb = plain(4, 2, [1, 2, 3]);
    for (image, format, colour) in [
        (DynamicImage::from(rgb.to_luma8()), ImageFormat::Png, "L8"),
        (rgb.to_luma8().into(), ImageFormat::Jpeg, "L8"),
        (rgb.to_rgba8().into(), ImageFormat::Png, "Rgba8"),
        (rgb.to_rgb16().into(), ImageFormat::Png, "Rgb16"),
    ] {
        let name = if format == ImageFormat::Png { "train/cat/2.png" } else { "train/cat/2.jpg" };
        let refused = refusal(|tar| tar.file(name, &encoded(&image, format)));
        assert_eq!(refused, format!("`{name}` is {colour}, not 8-bit RGB"));
    }
    let turned = encoded(&plain(2, 4, [0; 3]), ImageFormat::Png);
    let refused = refusal(|tar| tar.file("train/cat/2.png", &turned));
    assert_eq!(refused, "`train/cat/2.png` is 4x2 pixels, but `train/cat/1.png` is 2x4");
}

#[test]
fn damaged_images_are_named() {
    let jpeg = encoded(&plain(4, 2, [200, 100, 50]), ImageFormat::Jpeg);
    let with = |bytes: &[u8]| refusal(|tar| tar.file("train/cat/2.JPG", bytes));
    assert!(decode(&small(|tar| tar.file("train/cat/2.JPG", &jpeg))).is_ok());
    assert_eq!(with(&jpeg[..jpeg.len() - 2]), "`train/cat/2.JPG` ends before its picture does");
    for bytes in [&b""[..], b"text", &png([0; 3]), &jpeg[..20]] {
        let refused = with(bytes);
        assert!(refused.starts_with("`train/cat/2.JPG` cannot be decoded: "), "{refused}");
    }
    let refused = refusal(|tar| tar.file("test/cat/2.png", &png([0; 3])[..40]));
    assert!(refused.starts_with("`test/cat/2.png` cannot be decoded: "), "{refused}");
}

/// The frame header of a JPEG is FF C0, its length, the precision, height, width, then the number of components.
#[test]
fn a_jpeg_in_cmyk_is_not_guessed_at() {
    let mut jpeg = encoded(&plain(4, 2, [200, 100, 50]), ImageFormat::Jpeg);
    assert_eq!(jpeg_components(&jpeg), Some(3));
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 9] = 4;
    assert_eq!(jpeg_components(&jpeg), Some(4));
}

#[test]
fn images_beyond_the_limits_are_refused_before_they_are_decoded() {
    let limits = Limits { side: 3, ..Limits::default() };
    let refused = refusal_of(decode_with(&small(|tar| tar), &limits));
    assert_eq!(refused, "`train/cat/1.png` is larger than the limit of 3 pixels a side");
    // A header that claims 65535 x 65535 pixels.
    let mut huge = encoded(&plain(4, 2, [0; 3]), ImageFormat::Jpeg);
    let frame = huge.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    huge[frame + 5..frame + 9].fill(0xFF);
    let refused = refusal(|tar| tar.file("train/cat/2.jpg", &huge));
    assert_eq!(refused, "`train/cat/2.jpg` is larger than the limit of 4096 pixels a side");

    // The same of a PNG: 60,000 x 60,000, ten gigabytes of pixels, and a header that is otherwise whole.
    let mut huge = png([0; 3]);
    huge[16..24].copy_from_slice(&[60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    let mut sum = flate2::Crc::new();
    sum.update(&huge[12..29]);
    huge[29..33].copy_from_slice(&sum.sum().to_be_bytes());
    let refused = refusal(|tar| tar.file("train/cat/2.png", &huge));
    assert_eq!(refused, "`train/cat/2.png` is larger than the limit of 4096 pixels a side");
    // A colour profile that unpacks to a gigabyte.
    let mut zeros = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut io::Read::take(io::repeat(0), 1 << 30), &mut zeros).unwrap();
    let profile = [&b"x\0\0"[..], &zeros.finish().unwrap()].concat();
    let mut sum = flate2::Crc::new();
    sum.update(b"iCCP");
    sum.update(&profile);
    let chunk = [&(profile.len() as u32).to_be_bytes()[..], b"iCCP", &profile, &sum.sum().to_be_bytes()].concat();
    let mut bomb = png([0; 3]);
    bomb.splice(33..33, chunk);
    let _ = decode(&small(|tar| tar.file("train/cat/2.png", &bomb)));

    let limits = Limits { pixel_bytes: 4 * 2 * 3 * 3, ..Limits::default() };
    assert_eq!(refusal_of(decode_with(&small(|tar| tar), &limits)), "holds more than the limit of 72 bytes of pixels");
    let limits = Limits { entries: 3, ..Limits::default() };
    assert_eq!(refusal_of(decode_with(&small(|tar| tar), &limits)), "holds more than the limit of 3 files and folders");
}

#[cfg(unix)]
#[test]
fn folders_with_what_is_no_file_or_has_no_readable_name_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(&root.join("train/cat/1.png"), &png([0; 3]));
    std::os::unix::net::UnixListener::bind(root.join("train/cat/2.png")).unwrap();
    let refused = |root: &Path| decode_folder(root, &Limits::default()).unwrap_err().to_string();
    assert!(refused(root).ends_with("`train/cat/2.png` is a special file, not a file or a folder"));
    std::fs::remove_file(root.join("train/cat/2.png")).unwrap();
    std::os::unix::fs::symlink(root, root.join("train/cat/loop")).unwrap();
    assert!(refused(root).ends_with("`train/cat/loop` does not belong among class folders"));
    write(&root.join("test").join(std::ffi::OsStr::from_bytes(b"\xFF/1.png")), b"");
    assert!(refused(root).ends_with("is not a safe relative path"));
}

#[test]
fn the_second_load_comes_from_the_cache_and_a_missing_archive_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pets.tar");
    write(&path, &small(|tar| tar));
    let cache = Cache::new(folder.path().join("cache"));
    let notes = std::cell::RefCell::new(Vec::new());
    let load = |path: &Path| load(path, &cache, &|event| notes.borrow_mut().push(event));
    let (first, second) = (load(&path).unwrap(), load(&path).unwrap());
    assert_eq!(first, second);
    assert_eq!(second.1, Some(Digest::of_bytes(&small(|tar| tar))));
    assert_eq!(notes.borrow().len(), 1, "decoded once: {:?}", notes.borrow());
    assert_eq!(describe(&path), "class-folder images from pets.tar");
    let error = load(&PathBuf::from("/nowhere/pets.tar")).unwrap_err().to_string();
    assert!(error.starts_with("cannot find /nowhere/pets.tar: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_images_never_panic(damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..10)) {
        let limits = Limits { side: 512, ..Limits::default() };
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let mut bytes = encoded(&plain(16, 16, [9, 99, 199]), format);
            for (at, byte) in &damage {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            let _ = Image::open(&bytes, format, &limits).and_then(|image| image.pixels(&limits));
        }
    }
}
