//! Labelled images in IDX files, as MNIST (LeCun, Cortes, Burges 1998) and those made like it have them: gray ones, of one
//! size, in a file of their own beside one with labels, packed with gzip or not.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::error::{BinaryProblem, LayoutProblem, Split};
use super::limits::Limits;
use super::{DataError, Decoded, ImageSet, name_of};
use crate::bundle::record::Conversion;

/// What files of either split begin with.
const STEMS: [(Split, &[&str]); 2] = [(Split::Train, &["train"]), (Split::Test, &["t10k", "test"])];
/// Unsigned bytes in three dimensions: images, rows, columns. And in one: labels.
const IMAGES: u32 = 0x0000_0803;
const LABELS: u32 = 0x0000_0801;

pub(super) fn describe(path: &Path) -> String {
    format!("labelled images in IDX files from {}", name_of(path))
}

/// The images and labels in the folder at `path`; classes are named by their numbers.
///
/// # Errors
/// When a file is missing or is not what its header says.
pub(super) fn load(path: &Path) -> Result<Decoded, DataError> {
    let [train, test] = STEMS.map(|(split, stems)| read(path, split, stems));
    let ((size, train), (other, test)) = (train?, test?);
    if size != other {
        return Err(DataError::layout(path, LayoutProblem::TwoSizes(size, other)));
    }
    let most = train.labels.iter().chain(&test.labels).max().copied().unwrap_or(0);
    let classes: Vec<String> = (0..=most).map(|class| class.to_string()).collect();
    let images = (train.labels.len() + test.labels.len()) as u64;
    let ((height, width), conversions) = (size, [(Conversion::Gray, images)].into());
    Ok(Decoded { classes, height, width, train, test, conversions })
}

/// Height and width of the images of a split, and them.
fn read(folder: &Path, split: Split, stems: &[&str]) -> Result<((u32, u32), ImageSet), DataError> {
    let (images_file, images) = content(folder, split, stems, "images-idx3-ubyte")?;
    let (labels_file, labels) = content(folder, split, stems, "labels-idx1-ubyte")?;
    let refused = |file: &Path, problem| DataError::Binary { file: file.to_owned(), problem };
    let (shape, pixels) = parse::<3>(&images, IMAGES).map_err(|problem| refused(&images_file, problem))?;
    let ([count], labels) = parse::<1>(&labels, LABELS).map_err(|problem| refused(&labels_file, problem))?;
    let [images, height, width] = shape;
    if images != count {
        return Err(refused(&labels_file, BinaryProblem::Count { labels: count, images }));
    }
    let pixels = pixels.iter().flat_map(|gray| [*gray; 3]).collect();
    Ok(((height, width), ImageSet { pixels, labels: labels.to_vec(), names: Vec::new() }))
}

/// The file with this kind of content, unpacked.
fn content(folder: &Path, split: Split, stems: &[&str], kind: &str) -> Result<(PathBuf, Vec<u8>), DataError> {
    let limits = Limits::default();
    let names = stems.iter().flat_map(|stem| [format!("{stem}-{kind}"), format!("{stem}-{kind}.gz")]);
    let Some(path) = names.map(|name| folder.join(name)).find(|path| path.is_file()) else {
        let name = format!("{}-{kind}", stems[0]);
        return Err(DataError::layout(folder, LayoutProblem::FileMissing { split, name }));
    };
    let unreadable = |source| DataError::file("read", &path, source);
    let mut bytes = Vec::new();
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let file = File::open(&path).map_err(unreadable)?;
    let source: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    source.take(limits.pixel_bytes / 3 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limits.pixel_bytes / 3 {
        let (limit, unit) = (limits.pixel_bytes, "bytes of pixels");
        return Err(DataError::layout(folder, LayoutProblem::TooMuch { limit, unit }));
    }
    Ok((path, bytes))
}

/// The sizes of `N` dimensions and the values.
fn parse<const N: usize>(bytes: &[u8], magic: u32) -> Result<([u32; N], &[u8]), BinaryProblem> {
    let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at * 4..at * 4 + 4)?.try_into().ok()?));
    let found = word(0).unwrap_or_default();
    if found != magic {
        return Err(BinaryProblem::Magic { found, expected: magic });
    }
    let mut shape = [0; N];
    for (dimension, size) in shape.iter_mut().enumerate() {
        *size = word(dimension + 1).ok_or(BinaryProblem::CutOff)?;
    }
    let values = &bytes[(N + 1) * 4..];
    let expected = shape.iter().try_fold(1u64, |product, size| product.checked_mul(u64::from(*size)));
    match expected {
        Some(expected) if expected == values.len() as u64 && expected > 0 => Ok((shape, values)),
        _ => Err(BinaryProblem::Shape { found: values.len() as u64, shape: format!("{shape:?}") }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    /// As yann.lecun.com/exdb/mnist describes the format.
    fn idx(magic: u32, shape: &[u32], values: &[u8]) -> Vec<u8> {
        let words = [&[magic], shape].concat();
        [words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>(), values.to_vec()].concat()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        write("train-images-idx3-ubyte", &idx(0x803, &[3, 1, 2], &[1, 2, 3, 4, 5, 6]));
        write("train-labels-idx1-ubyte", &idx(0x801, &[3], &[0, 2, 1]));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&idx(0x803, &[1, 1, 2], &[7, 8])).unwrap();
        write("t10k-images-idx3-ubyte.gz", &packed.finish().unwrap());
        write("t10k-labels-idx1-ubyte", &idx(0x801, &[1], &[2]));
        folder
    }

    #[test]
    fn gray_images_get_three_channels_and_classes_their_numbers() {
        let decoded = load(folder().path()).unwrap();
        assert_eq!((decoded.height, decoded.width), (1, 2));
        assert_eq!(decoded.classes, ["0", "1", "2"]);
        assert_eq!((decoded.train.labels, decoded.test.labels), (vec![0, 2, 1], vec![2]));
        assert_eq!(*decoded.train.pixels, [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]);
        assert_eq!(*decoded.test.pixels, [7, 7, 7, 8, 8, 8]);
        assert_eq!(decoded.conversions, [(Conversion::Gray, 4)].into());
    }

    #[test]
    fn what_is_not_as_its_header_says_is_refused() {
        let refusal = |name: &str, bytes: Option<&[u8]>| {
            let folder = folder();
            let path = folder.path().join(name);
            match bytes {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
            load(folder.path()).unwrap_err().to_string()
        };
        for (name, bytes, wanted) in [
            ("train-labels-idx1-ubyte", None, "holds no `train-labels-idx1-ubyte`"),
            ("train-labels-idx1-ubyte", Some(idx(0x803, &[3], &[0, 2, 1])), "begins with 00000803, not with 00000801"),
            ("train-labels-idx1-ubyte", Some(idx(0x801, &[2], &[0, 2])), "has 2 labels for 3 images"),
            ("train-labels-idx1-ubyte", Some(idx(0x801, &[4], &[0, 2, 1])), "has 3 values where its header says [4]"),
            ("train-images-idx3-ubyte", Some(idx(0x803, &[3, 1], &[])), "ends before its header does"),
            ("train-images-idx3-ubyte", Some(vec![0, 0, 8]), "begins with 00000000"),
            ("t10k-labels-idx1-ubyte", Some(idx(0x801, &[u32::MAX], &[2])), "has 1 values"),
            (
                "train-images-idx3-ubyte",
                Some(idx(0x803, &[3, 2, 2], &[0; 12])),
                "2x2 pixels to train with and 2x1 to test with",
            ),
        ] {
            let said = refusal(name, bytes.as_deref());
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
    }
}
