//! Class-folder images: `train/CLASS/*.jpg` and `test/CLASS/…`, in a folder or straight from a tar archive.
//!
//! Classes and files are sorted by name, so the result does not depend on the order on disk or in the archive.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{ColorType, ImageDecoder, ImageReader};
use rayon::prelude::*;

use super::archive::{self, Limits};
use super::{Cache, DataError, Dataset, ImageSet, Listener, LoadEvent};
use crate::provenance::Digest;

/// Decoded pixels of a whole data set may take this many bytes.
const LARGEST_SET: u64 = 4 << 30;
/// Longest side of an image in pixels.
const LARGEST_SIDE: u32 = 4096;
/// Labels are bytes.
const MOST_CLASSES: usize = 256;

/// Encoded images by split, class and file name.
type Files = BTreeMap<(Split, String, String), Vec<u8>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Split {
    Train,
    Test,
}

/// Reads all images below `path`; an archive's decoded images are kept in `cache` under the archive's digest.
///
/// # Errors
/// When the files are missing, broken, hostile, of different sizes or not RGB.
pub fn load(path: &Path, cache: &Cache, listener: Listener<'_>) -> Result<Dataset, DataError> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let description = format!("class-folder images from {name}");
    let shown = path.display().to_string();
    if path.is_dir() {
        return decode(&shown, description, read_folder(path)?, None);
    }
    if !archive::is_archive(path) {
        let reason = "it is neither a folder nor a .tar, .tar.gz, .tgz or .tar.zst file".to_owned();
        return Err(DataError::Layout { place: shown, reason });
    }
    let file = fs::File::open(path).map_err(|error| DataError::file("read", path, error))?;
    let digest = Digest::of_reader(file).map_err(|error| DataError::file("read", path, error))?;
    match cache.read(digest) {
        Ok(Some(data)) => return Ok(Dataset { description, ..data }),
        Ok(None) => {}
        Err(reason) => listener(LoadEvent::Note(format!("ignoring a damaged cache file: {reason}"))),
    }
    listener(LoadEvent::Note(format!("decoding {shown}")));
    let data = decode(&shown, description, read_archive(path)?, Some(digest))?;
    if let Err(error) = cache.write(digest, &data) {
        listener(LoadEvent::Note(format!("the decoded images could not be cached: {error}")));
    }
    Ok(data)
}

fn read_archive(path: &Path) -> Result<Files, DataError> {
    let mut files = Files::new();
    archive::for_each_file(path, Limits::default(), |name, bytes| {
        let shown = || format!("{}: {name}", path.display());
        if let Some(place) = place(&name).map_err(|reason| DataError::Layout { place: shown(), reason })?
            && files.insert(place, bytes).is_some()
        {
            return Err(DataError::hostile(shown(), "the name comes twice"));
        }
        Ok(())
    })?;
    Ok(files)
}

fn read_folder(root: &Path) -> Result<Files, DataError> {
    let mut files = Files::new();
    for path in files_below(root)? {
        let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let layout = |reason| DataError::Layout { place: path.display().to_string(), reason };
        if let Some(place) = place(&relative).map_err(layout)? {
            files.insert(place, fs::read(&path).map_err(|error| DataError::file("read", &path, error))?);
        }
    }
    Ok(files)
}

/// Files three levels down: split, class, image. Links are followed, as people keep data behind them.
fn files_below(root: &Path) -> Result<Vec<std::path::PathBuf>, DataError> {
    let mut level = vec![root.to_owned()];
    let mut files = Vec::new();
    for _ in 0..4 {
        let mut next = Vec::new();
        for folder in level {
            let failed = |error| DataError::file("read", &folder, error);
            for entry in fs::read_dir(&folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() { next.push(path) } else { files.push(path) }
            }
        }
        level = next;
    }
    Ok(files)
}

/// Where a file belongs; `None` for what systems leave lying about. One enclosing folder is allowed.
fn place(name: &str) -> Result<Option<(Split, String, String)>, String> {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let file = parts.last().copied().unwrap_or_default();
    if file == ".DS_Store" || file == "Thumbs.db" || file.starts_with("._") {
        return Ok(None);
    }
    let (split, class) = match parts[..] {
        [split, class, _] | [_, split, class, _] => (split, class),
        _ => return Err("it is not at SPLIT/CLASS/IMAGE".to_owned()),
    };
    let split = match split {
        "train" => Split::Train,
        "test" => Split::Test,
        other => return Err(format!("`{other}` is neither train nor test")),
    };
    let known = [".jpg", ".jpeg", ".png"].iter().any(|end| file.to_lowercase().ends_with(end));
    if known { Ok(Some((split, class.to_owned(), file.to_owned()))) } else { Err("it is not a .jpg, .jpeg or .png file".to_owned()) }
}

fn decode(shown: &str, description: String, files: Files, archive: Option<Digest>) -> Result<Dataset, DataError> {
    let layout = |reason: String| DataError::Layout { place: shown.to_owned(), reason };
    let classes_of = |wanted: Split| {
        let mut classes: Vec<String> =
            files.keys().filter(|(split, ..)| *split == wanted).map(|(_, class, _)| class.clone()).collect();
        classes.dedup();
        classes
    };
    let (classes, tested) = (classes_of(Split::Train), classes_of(Split::Test));
    if classes.is_empty() || tested.is_empty() {
        let split = if classes.is_empty() { "train" } else { "test" };
        return Err(layout(format!("there are no {split} images")));
    }
    if let Some(class) = classes.iter().find(|class| !tested.contains(class)) {
        return Err(layout(format!("class `{class}` has no test images")));
    }
    if let Some(class) = tested.iter().find(|class| !classes.contains(class)) {
        return Err(layout(format!("class `{class}` has no train images")));
    }
    if classes.len() > MOST_CLASSES {
        return Err(layout(format!("{} classes are more than {MOST_CLASSES}", classes.len())));
    }
    let full_name = |(split, class, file): &(Split, String, String)| {
        let split = if *split == Split::Train { "train" } else { "test" };
        format!("{shown}: {split}/{class}/{file}")
    };
    let Some((first, bytes)) = files.first_key_value() else { return Err(layout("it is empty".to_owned())) };
    let (width, height, _) = decode_image(&full_name(first), bytes)?;
    let image = u64::from(width) * u64::from(height) * 3;
    if image * files.len() as u64 > LARGEST_SET {
        return Err(layout(format!("{} images of {width} x {height} pixels take more than {LARGEST_SET} bytes", files.len())));
    }
    let entries: Vec<_> = files.iter().collect();
    let mut pixels = vec![0; image as usize * entries.len()];
    pixels.par_chunks_mut(image as usize).zip(&entries).try_for_each(|(out, (key, bytes))| {
        let (found_width, found_height, found) = decode_image(&full_name(key), bytes)?;
        if (found_width, found_height) != (width, height) {
            let reason = format!("{found_width} x {found_height} pixels, but the first image has {width} x {height}");
            return Err(DataError::broken(full_name(key), reason));
        }
        out.copy_from_slice(&found);
        Ok(())
    })?;
    let label = |class: &String| classes.binary_search(class).unwrap_or_default() as u8;
    let labels = |wanted| entries.iter().filter(|((split, ..), _)| *split == wanted).map(|((_, class, _), _)| label(class)).collect::<Vec<u8>>();
    let (train_labels, test_labels) = (labels(Split::Train), labels(Split::Test));
    let test_pixels = pixels.split_off(train_labels.len() * image as usize);
    Ok(Dataset::new(
        description,
        classes,
        [height, width],
        ImageSet { pixels, labels: train_labels },
        ImageSet { pixels: test_pixels, labels: test_labels },
        archive,
    ))
}

/// Width, height and RGB bytes.
fn decode_image(shown: &str, bytes: &[u8]) -> Result<(u32, u32, Vec<u8>), DataError> {
    let broken = |reason: String| DataError::broken(shown, reason);
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| broken(error.to_string()))?;
    let mut decoder = reader.into_decoder().map_err(|error| broken(format!("not an image: {error}")))?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST_SIDE), Some(LARGEST_SIDE));
    limits.max_alloc = Some(256 << 20);
    decoder.set_limits(limits).map_err(|error| broken(error.to_string()))?;
    if decoder.color_type() != ColorType::Rgb8 {
        return Err(broken(format!("{:?} where 8-bit RGB is needed; convert it", decoder.color_type())));
    }
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(|error| broken(format!("cannot be decoded: {error}")))?;
    Ok((width, height, pixels))
}
