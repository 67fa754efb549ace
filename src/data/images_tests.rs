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

fn decode_as(tar: &[u8], fit: Option<Fit>, limits: &Limits) -> Result<Decoded, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    write(&path, tar);
    decode_archive(&path, fit, (limits, &room(u64::MAX)), &|_| {})
}

fn room(resident: u64) -> Room {
    Room { resident, folder: std::env::temp_dir() }
}

fn decode_with(tar: &[u8], limits: &Limits) -> Result<Decoded, DataError> {
    decode_as(tar, None, limits)
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
        assert_eq!(decode_folder(&root, None, (&Limits::default(), &room(0)), &|_| {}).unwrap(), expected);
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
fn images_of_two_sizes_need_a_fit() {
    let turned = encoded(&plain(2, 4, [0; 3]), ImageFormat::Png);
    let refused = refusal(|tar| tar.file("train/cat/2.png", &turned));
    assert_eq!(refused, "`train/cat/2.png` is 2x4 pixels, but `train/cat/1.png` is 4x2");
    let tar = small(|tar| tar.file("train/cat/2.png", &turned));
    let fitted = decode_as(&tar, Some(Fit { resize: 2, crop: 2 }), &Limits::default()).unwrap();
    assert_eq!((fitted.height, fitted.width), (2, 2));
    assert_eq!(fitted.train.names, ["train/cat/1.png", "train/cat/2.png", "train/dog/1.png"]);
    let expected: Vec<u8> = [[1, 2, 3], [0; 3], [4, 5, 6]].iter().flat_map(|pixel| pixel.repeat(4)).collect();
    assert_eq!(*fitted.train.pixels, expected[..]);
    let long = encoded(&plain(4000, 1, [0; 3]), ImageFormat::Png);
    let tar = small(|tar| tar.file("train/cat/2.png", &long));
    let limits = Limits { pixels: 4000, ..Limits::default() };
    let refused = refusal_of(decode_as(&tar, Some(Fit { resize: 2, crop: 2 }), &limits));
    assert_eq!(refused, "`train/cat/2.png` is 4000x1 pixels: too long beside the other side to be scaled");
}

/// Sizes, offsets and pixels as Pillow 13.0.0 and torchvision's formulas for `Resize` and `CenterCrop` give them: the
/// corners, and the pixel at (crop / 2, crop / 3). They differ by one where the two round on the way.
#[test]
fn photographs_are_fitted_as_torchvision_does_it() {
    type Pixels = [[u8; 3]; 5];
    let cases: [(u32, u32, Fit, Size, Pixels); 4] = [
        (
            48,
            20,
            Fit { resize: 16, crop: 12 },
            (16, 38),
            [[83, 31, 43], [152, 31, 78], [83, 197, 16], [152, 197, 194], [121, 91, 183]],
        ),
        (
            20,
            48,
            Fit { resize: 7, crop: 6 },
            (16, 7),
            [[6, 192, 19], [76, 192, 166], [6, 116, 37], [76, 116, 168], [48, 93, 197]],
        ),
        (
            20,
            48,
            Fit { resize: 32, crop: 32 },
            (76, 32),
            [[0, 165, 0], [95, 165, 79], [0, 143, 0], [95, 143, 121], [49, 240, 196]],
        ),
        (
            47,
            20,
            Fit { resize: 20, crop: 17 },
            (20, 47),
            [[75, 24, 30], [155, 24, 62], [75, 216, 14], [155, 216, 46], [115, 84, 161]],
        ),
    ];
    for (width, height, fit, scaled, pixels) in cases {
        let image = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * 5 % 256) as u8, (y * 12 % 256) as u8, (x * y % 256) as u8])
        });
        assert_eq!(resized((height, width), fit), scaled);
        let fitted = fitted(&image, fit);
        let last = fit.crop - 1;
        let places = [(0, 0), (last, 0), (0, last), (last, last), (fit.crop / 2, fit.crop / 3)];
        for ((x, y), expected) in places.into_iter().zip(pixels) {
            let found = fitted.get_pixel(x, y).0;
            let apart = found.iter().zip(&expected).map(|(one, other)| one.abs_diff(*other)).max();
            assert!(apart <= Some(1), "{width}x{height} to {fit:?} at {x}, {y}: {found:?}, Pillow has {expected:?}");
        }
    }
}

/// A CMYK JPEG that Pillow 13.0.0 wrote (8 x 8 pixels of ink 200, 40, 90, 60, quality 95); it reads (42, 164, 126) back.
const CMYK: &str = "ffd8ffee000e41646f626500640000000000ffdb0043000201010101010201010102020202020403020202020504040304060506060605\
    060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affc000140800080008044311004d11005911004b1100ffc4001f00\
    00010501010101010100000000000000000102030405060708090a0bffc400b5100002010303020403050504040000017d01020300041105122131\
    410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a53545556\
    5758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5\
    c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda000e0443004d0059004b00003f00fcdbafd5cafa52bf43\
    2bffd9";

fn cmyk() -> Vec<u8> {
    let digits: Vec<u8> = CMYK.bytes().filter_map(|c| (c as char).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

/// What Pillow's `convert("RGB")` gives, and 16 bits by value / 257; whatever the file's name says.
#[test]
fn every_usual_kind_of_image_becomes_eight_bit_rgb() {
    use Conversion::{Alpha, Cmyk, Gray, SixteenBit};
    let gray = image::GrayImage::from_pixel(8, 8, image::Luma([87]));
    let veiled = image::RgbaImage::from_pixel(8, 8, image::Rgba([128, 64, 96, 10]));
    let gray_veiled = image::GrayAlphaImage::from_pixel(8, 8, image::LumaA([87, 0]));
    let deep = image::ImageBuffer::from_pixel(8, 8, image::Luma([128 * 257u16]));
    let deep_rgb = image::ImageBuffer::from_pixel(8, 8, image::Rgb([128 * 257u16, 64 * 257, 96 * 257 + 128]));
    let rgb = plain(8, 8, [128, 64, 96]);
    let of = |image: DynamicImage, format| encoded(&image, format);
    type Case<'a> = (&'a str, Vec<u8>, [u8; 3], &'a [Conversion]);
    let cases: [Case; 10] = [
        ("2.png", of(gray.clone().into(), ImageFormat::Png), [87; 3], &[Gray]),
        ("2.jpg", of(gray.into(), ImageFormat::Jpeg), [87; 3], &[Gray]),
        ("2.png", of(veiled.into(), ImageFormat::Png), [128, 64, 96], &[Alpha]),
        ("2.png", of(gray_veiled.into(), ImageFormat::Png), [87; 3], &[Gray, Alpha]),
        ("2.png", of(DynamicImage::ImageLuma16(deep), ImageFormat::Png), [128; 3], &[Gray, SixteenBit]),
        ("2.png", of(DynamicImage::ImageRgb16(deep_rgb), ImageFormat::Png), [128, 64, 96], &[SixteenBit]),
        ("2.JPEG", of(rgb.clone(), ImageFormat::Png), [128, 64, 96], &[]),
        ("2.webp", of(rgb.clone(), ImageFormat::WebP), [128, 64, 96], &[]),
        ("2.bmp", of(rgb, ImageFormat::Bmp), [128, 64, 96], &[]),
        ("2.jpg", cmyk(), [42, 164, 126], &[Cmyk]),
    ];
    for (name, bytes, expected, conversions) in cases {
        let tar = small(|tar| tar.file(&format!("train/cat/{name}"), &bytes));
        let decoded = decode_as(&tar, Some(Fit { resize: 2, crop: 2 }), &Limits::default()).unwrap();
        let pixel = &decoded.train.pixels[12..15];
        let apart = pixel.iter().zip(&expected).map(|(one, other)| one.abs_diff(*other)).max();
        let is_jpeg = bytes.starts_with(&[0xFF, 0xD8]);
        assert!(apart <= Some(if is_jpeg { 3 } else { 0 }), "{name}: {pixel:?}, not {expected:?}");
        assert_eq!(decoded.conversions.keys().copied().collect::<Vec<_>>(), conversions, "{name}");
        assert!(decoded.conversions.values().all(|images| *images == 1), "{name}");
    }
    let refused = refusal(|tar| tar.file("train/cat/2.gif", b"GIF89a"));
    assert_eq!(refused, "`train/cat/2.gif` is a GIF file inside, whatever its name says");
}

/// EXIF (TIFF 6.0) with one entry in big-endian order: tag 0x0112, orientation, is 6, "turn by a quarter".
#[test]
fn an_exif_orientation_is_told_of_and_not_followed() {
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut jpeg = encoded(&plain(4, 2, [200, 100, 50]), ImageFormat::Jpeg);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    jpeg.splice(2..2, [&[0xFF, 0xE1][..], &length, exif].concat());
    let decoded = decode(&small(|tar| tar.file("train/cat/2.jpg", &jpeg))).unwrap();
    assert_eq!((decoded.height, decoded.width), (2, 4));
    assert_eq!(decoded.conversions, BTreeMap::from([(Conversion::NotTurned, 1)]));
}

#[test]
fn validation_images_are_test_images_where_there_are_no_others() {
    let tar = |split: &str| {
        let names = ["train/cat/1.png", "train/dog/1.png"].map(str::to_owned).into_iter();
        let names = names.chain(["cat/1.png", "dog/1.png"].map(|name| format!("{split}/{name}")));
        names.fold(Tar::new(), |tar, name| tar.file(&name, &png([7; 3])))
    };
    let expected = decode(&tar("test").finish()).unwrap();
    for split in ["val", "valid", "validation"] {
        let decoded = decode(&tar(split).finish()).unwrap();
        assert_eq!((&decoded.classes, &decoded.test.pixels), (&expected.classes, &expected.test.pixels));
        assert_eq!(decoded.test.names[0], format!("{split}/cat/1.png"));
    }
    // Beside `test` it is something else, and what only it has is no class.
    let both = tar("test").file("val/cat/1.png", &png([9; 3])).file("val/eel/1.png", &png([9; 3]));
    assert_eq!(decode(&both.finish()).unwrap(), expected);
    let both = tar("val").file("valid/cat/1.png", &png([9; 3]));
    assert_eq!(refusal_of(decode(&both.finish())), "holds both `val` and `valid`, and no `test`");
}

#[test]
fn litter_is_passed_over_and_one_class_is_none() {
    let tar = ["train/cat/Thumbs.db", "__MACOSX/train/cat/._1.png", "test/desktop.ini"]
        .into_iter()
        .fold(Tar::new(), |tar, name| tar.file(name, b"x"));
    let tar = tar.file("train/cat/1.png", &png([1; 3])).file("test/cat/1.png", &png([2; 3]));
    assert_eq!(refusal_of(decode(&tar.finish())), "holds one class only, `cat`");
}

#[test]
fn damaged_images_are_named() {
    let jpeg = encoded(&plain(4, 2, [200, 100, 50]), ImageFormat::Jpeg);
    let with = |bytes: &[u8]| refusal(|tar| tar.file("train/cat/2.JPG", bytes));
    // A camera's preview behind the picture is no fault.
    for whole in [jpeg.clone(), [&jpeg[..], b"more"].concat()] {
        assert!(decode(&small(|tar| tar.file("train/cat/2.JPG", &whole))).is_ok());
    }
    assert_eq!(with(&jpeg[..jpeg.len() - 2]), "`train/cat/2.JPG` ends before its picture does");
    for bytes in [&b""[..], b"text"] {
        assert_eq!(with(bytes), "`train/cat/2.JPG` holds no image");
    }
    let refused = with(&jpeg[..20]);
    assert!(refused.starts_with("`train/cat/2.JPG` cannot be decoded: "), "{refused}");
    let refused = refusal(|tar| tar.file("test/cat/2.png", &png([0; 3])[..40]));
    assert!(refused.starts_with("`test/cat/2.png` cannot be decoded: "), "{refused}");
}

/// The frame header of a JPEG is FF C0, its length, the precision, height, width, then the number of components.
#[test]
fn the_channels_of_a_jpeg_are_read_from_its_frame() {
    let jpeg = encoded(&plain(4, 2, [200, 100, 50]), ImageFormat::Jpeg);
    assert_eq!((jpeg_components(&jpeg), jpeg_components(&cmyk())), (Some(3), Some(4)));
}

#[test]
fn images_beyond_the_limits_are_refused_before_they_are_decoded() {
    let limits = Limits { side: 3, ..Limits::default() };
    let refused = refusal_of(decode_with(&small(|tar| tar), &limits));
    assert_eq!(refused, "`train/cat/1.png` is larger than the limits of 3 pixels a side and 120000000 in all");
    // A header that claims 65535 x 65535 pixels.
    let mut huge = encoded(&plain(4, 2, [0; 3]), ImageFormat::Jpeg);
    let frame = huge.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    huge[frame + 5..frame + 9].fill(0xFF);
    let refused = refusal(|tar| tar.file("train/cat/2.jpg", &huge));
    assert_eq!(refused, "`train/cat/2.jpg` is larger than the limits of 20000 pixels a side and 120000000 in all");

    // The same of a PNG: 60,000 x 60,000, ten gigabytes of pixels, and a header that is otherwise whole.
    let mut huge = png([0; 3]);
    huge[16..24].copy_from_slice(&[60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    let mut sum = flate2::Crc::new();
    sum.update(&huge[12..29]);
    huge[29..33].copy_from_slice(&sum.sum().to_be_bytes());
    let refused = refusal(|tar| tar.file("train/cat/2.png", &huge));
    assert_eq!(refused, "`train/cat/2.png` is larger than the limits of 20000 pixels a side and 120000000 in all");
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
    let refused =
        |root: &Path| decode_folder(root, None, (&Limits::default(), &room(0)), &|_| {}).unwrap_err().to_string();
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
    let load = |path: &Path| load(path, None, &room(u64::MAX), &cache, &|event| notes.borrow_mut().push(event));
    let (first, second) = (load(&path).unwrap(), load(&path).unwrap());
    assert_eq!(first, second);
    assert_eq!(second.archive, Some(Digest::of_bytes(&small(|tar| tar))));
    assert_eq!(notes.borrow().len(), 1, "decoded once: {:?}", notes.borrow());
    assert_eq!(describe(&path, None), "class-folder images from pets.tar");
    let fitted =
        "class-folder images from pets.tar, scaled to 9 pixels on the shorter side and cropped to the middle 8x8";
    assert_eq!(describe(&path, Some(Fit { resize: 9, crop: 8 })), fitted);
    let error = load(&PathBuf::from("/nowhere/pets.tar")).unwrap_err().to_string();
    assert!(error.starts_with("cannot find /nowhere/pets.tar: "), "{error}");
}

#[test]
fn a_folder_is_decoded_again_when_anything_in_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("pets");
    let names = ["train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dog/1.png"];
    for (name, colour) in names.into_iter().zip(1..) {
        write(&root.join(name), &png([colour; 3]));
    }
    let cache = Cache::new(folder.path().join("cache"));
    let decoded_anew = |resident| {
        let notes = std::cell::RefCell::new(0);
        let Loaded { decoded, archive, .. } =
            load(&root, None, &room(resident), &cache, &|_| *notes.borrow_mut() += 1).unwrap();
        assert_eq!(archive, None, "a folder is no archive");
        (*notes.borrow() == 1, decoded)
    };
    let (anew, first) = decoded_anew(u64::MAX);
    assert!(anew);
    assert_eq!(decoded_anew(u64::MAX), (false, first.clone()));
    // What is on the disk is in its final order and is not written a second time.
    assert_eq!(decode_folder(&root, None, (&Limits::default(), &room(0)), &|_| {}).unwrap(), first);
    write(&root.join(".DS_Store"), b"litter");
    assert_eq!(decoded_anew(u64::MAX), (false, first.clone()));
    write(&root.join(names[1]), &png([9; 3]));
    let (anew, changed) = decoded_anew(0);
    assert!(anew && changed != first && changed.train.pixels[24] == 9, "another content");
    std::fs::rename(root.join(names[1]), root.join("train/dog/2.png")).unwrap();
    let (anew, renamed) = decoded_anew(0);
    assert!(anew && renamed.train.pixels == changed.train.pixels && renamed != changed, "another name");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damaged_images_never_panic(damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..10)) {
        let limits = Limits { side: 512, ..Limits::default() };
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Bmp] {
            let mut bytes = encoded(&plain(16, 16, [9, 99, 199]), format);
            for (at, byte) in &damage {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            let _ = Image::open(&bytes, &limits).and_then(|image| image.pixels(&limits));
        }
    }
}
