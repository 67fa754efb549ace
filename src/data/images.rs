//! Class folders: `train/<class>/<image>` and `test/<class>/<image>`, in a folder or an archive, below at most one
//! enclosing folder. Beside `train` and `test` there may be a `README`, `LICENSE` and the like; anything else is an error.
//!
//! Classes are sorted by name and images by file name, so the order in an archive or on a disk changes nothing.
//! An archive's decoded images are kept in the cache under its digest. A folder is decoded anew each time: finding out
//! whether it changed would mean reading every file. Links in a folder are followed, links in an archive are refused.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::archive::{self, Entry};
use super::decode::{Image, Size, format_of};
use super::error::{EntryProblem, LayoutProblem, Split};
use super::limits::Limits;
use super::{Cache, DataError, Decoded, ImageSet, LoadEvent, Watcher};
use crate::provenance::Digest;

pub(super) fn describe(path: &Path) -> String {
    let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    format!("class-folder images from {name}")
}

/// The images at `path`, and the digest of the file they came from if it is one.
pub(super) fn load(path: &Path, cache: &Cache, watch: Watcher) -> Result<(Decoded, Option<Digest>), DataError> {
    let limits = Limits::default();
    let metadata = fs::metadata(path).map_err(|source| DataError::file("find", path, source))?;
    if metadata.is_dir() {
        return Ok((decode_folder(path, &limits)?, None));
    }
    if !metadata.is_file() {
        return Err(DataError::file("read", path, io::Error::other("it is neither a folder nor a plain file")));
    }
    let file = File::open(path).map_err(|source| DataError::file("open", path, source))?;
    let digest = Digest::of_reader(file).map_err(|source| DataError::file("read", path, source))?;
    if let Some(decoded) = cache.get(digest, watch) {
        return Ok((decoded, Some(digest)));
    }
    watch(LoadEvent::Note(format!("decoding the images of {}", path.display())));
    let decoded = decode_archive(path, &limits)?;
    cache.put(digest, &decoded, watch);
    Ok((decoded, Some(digest)))
}

fn decode_archive(path: &Path, limits: &Limits) -> Result<Decoded, DataError> {
    let mut collection = Collection::new(path, limits);
    archive::for_each_entry(path, limits, |entry| collection.add(entry))?;
    collection.finish()
}

fn decode_folder(root: &Path, limits: &Limits) -> Result<Decoded, DataError> {
    let mut collection = Collection::new(root, limits);
    add_folder(root, "", &mut collection)?;
    collection.finish()
}

/// Adds what is in `folder`, which is `root` followed by `inside`. Ends, because the collection refuses deep folders.
fn add_folder(folder: &Path, inside: &str, collection: &mut Collection) -> Result<(), DataError> {
    let unreadable = |source| DataError::file("read the folder", folder, source);
    let items: io::Result<Vec<fs::DirEntry>> = fs::read_dir(folder).and_then(Iterator::collect);
    let mut items = items.map_err(unreadable)?;
    items.sort_unstable_by_key(fs::DirEntry::file_name);
    for item in items {
        let lossy = item.file_name().to_string_lossy().into_owned();
        let path = if inside.is_empty() { lossy.clone() } else { format!("{inside}/{lossy}") };
        let refused = |problem| DataError::entry(collection.container, &path, problem);
        if archive::is_finder_file(&lossy) {
            continue;
        }
        if item.file_name().to_str().is_none() {
            return Err(refused(EntryProblem::UnsafePath));
        }
        let metadata = fs::metadata(item.path()).map_err(|source| DataError::file("find", &item.path(), source))?;
        if metadata.is_dir() {
            collection.add(Entry::Folder(path.clone()))?;
            add_folder(&item.path(), &path, collection)?;
        } else if !metadata.is_file() {
            return Err(refused(EntryProblem::Kind("special file")));
        } else if metadata.len() > collection.limits.file_bytes {
            let (size, limit) = (metadata.len(), collection.limits.file_bytes);
            return Err(refused(EntryProblem::TooLarge { size, limit }));
        } else {
            let content = fs::read(item.path()).map_err(|source| DataError::file("read", &item.path(), source))?;
            collection.add(Entry::File(path, content))?;
        }
    }
    Ok(())
}

/// Where a path belongs.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// A folder above the classes.
    Above {
        root: &'a str,
    },
    Class {
        root: &'a str,
        split: Split,
        class: &'a str,
    },
    File {
        root: &'a str,
        split: Split,
        class: &'a str,
        name: &'a str,
    },
}

/// `None` when nothing of this path belongs in a data set.
fn place(path: &str) -> Option<Place<'_>> {
    let parts: Vec<&str> = path.split('/').collect();
    let split_of = |part: &str| Split::BOTH.into_iter().find(|split| split.name() == part);
    let (root, parts) = match *parts.as_slice() {
        [first, ref rest @ ..] if split_of(first).is_none() => (first, rest),
        ref all => ("", all),
    };
    Some(match *parts {
        [] => Place::Above { root },
        [split] => split_of(split).map(|_| Place::Above { root })?,
        [split, class] => Place::Class { root, split: split_of(split)?, class },
        [split, class, name] => Place::File { root, split: split_of(split)?, class, name },
        _ => return None,
    })
}

/// A text beside `train` and `test` that people put there for people.
fn is_about_the_data(path: &str) -> bool {
    const NAMES: [&str; 5] = ["readme", "license", "copying", "citation", "notice"];
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let beside = !folder.contains('/') && Split::BOTH.iter().all(|split| split.name() != folder);
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    beside && format_of(name).is_none() && NAMES.contains(&stem.as_str())
}

/// An image that is waiting to be decoded.
struct Waiting {
    key: Key,
    path: String,
    content: Vec<u8>,
}

/// Sorts images into their final order; no two have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    split: Split,
    class: String,
    name: String,
}

/// Images as they are found, decoded in batches by all threads.
struct Collection<'a> {
    container: &'a Path,
    limits: &'a Limits,
    /// The folder that `train` and `test` lie in, once known.
    root: Option<String>,
    classes: BTreeSet<String>,
    entries: u64,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    /// Size of all images and the path of the one that set it.
    size: Option<(Size, String)>,
    /// Images in the order found, and for each its pixels' place among them.
    pixels: Vec<u8>,
    found: Vec<(Key, usize)>,
}

impl<'a> Collection<'a> {
    fn new(container: &'a Path, limits: &'a Limits) -> Self {
        let (waiting, found, pixels) = (Vec::new(), Vec::new(), Vec::new());
        let (root, size, classes) = (None, None, BTreeSet::new());
        Self { container, limits, root, classes, entries: 0, waiting, waiting_bytes: 0, size, pixels, found }
    }

    fn entry_error(&self, path: &str, problem: EntryProblem) -> DataError {
        DataError::entry(self.container, path, problem)
    }

    fn layout_error(&self, problem: LayoutProblem) -> DataError {
        DataError::layout(self.container, problem)
    }

    fn add(&mut self, entry: Entry) -> Result<(), DataError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            let (limit, unit) = (self.limits.entries, "files and folders");
            return Err(self.layout_error(LayoutProblem::TooMuch { limit, unit }));
        }
        match entry {
            Entry::Folder(path) => match place(&path) {
                Some(Place::Above { root }) => self.settle_root(root),
                Some(Place::Class { root, class, .. }) => {
                    self.classes.insert(class.to_owned());
                    self.settle_root(root)
                }
                _ => Err(self.entry_error(&path, EntryProblem::Misplaced)),
            },
            Entry::File(path, content) => match place(&path) {
                Some(Place::File { root, split, class, name }) if format_of(name).is_some() => {
                    self.settle_root(root)?;
                    let key = Key { split, class: class.to_owned(), name: name.to_owned() };
                    self.classes.insert(class.to_owned());
                    self.wait(Waiting { key, path, content })
                }
                _ if is_about_the_data(&path) => Ok(()),
                _ => Err(self.entry_error(&path, EntryProblem::Misplaced)),
            },
        }
    }

    fn settle_root(&mut self, root: &str) -> Result<(), DataError> {
        match &self.root {
            Some(settled) if settled != root => {
                Err(self.layout_error(LayoutProblem::TwoRoots(settled.clone(), root.to_owned())))
            }
            _ => {
                self.root = Some(root.to_owned());
                Ok(())
            }
        }
    }

    fn wait(&mut self, image: Waiting) -> Result<(), DataError> {
        const MOST_IMAGES: usize = 4096;
        const MOST_BYTES: usize = 16 << 20;
        self.waiting_bytes += image.content.len();
        self.waiting.push(image);
        if self.waiting.len() >= MOST_IMAGES || self.waiting_bytes >= MOST_BYTES {
            self.decode_waiting()
        } else {
            Ok(())
        }
    }

    fn decode_waiting(&mut self) -> Result<(), DataError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let Some(first) = waiting.first() else { return Ok(()) };
        if self.size.is_none() {
            let image = open(first, self.limits).map_err(|problem| self.entry_error(&first.path, problem))?;
            self.size = Some((image.size, first.path.clone()));
        }
        let Some(((height, width), _)) = self.size else { return Ok(()) };
        let bytes = height as usize * width as usize * 3;
        if (self.pixels.len() + waiting.len() * bytes) as u64 > self.limits.pixel_bytes {
            let (limit, unit) = (self.limits.pixel_bytes, "bytes of pixels");
            return Err(self.layout_error(LayoutProblem::TooMuch { limit, unit }));
        }
        // Collected with their errors, so that the first one in order is reported whatever the threads do.
        let decoded: Vec<_> = waiting.par_iter().map(|image| self.decode(image)).collect();
        self.pixels.reserve(waiting.len() * bytes);
        for (image, pixels) in waiting.into_iter().zip(decoded) {
            self.pixels.extend(pixels.map_err(|problem| self.entry_error(&image.path, problem))?);
            self.found.push((image.key, self.found.len()));
        }
        Ok(())
    }

    fn decode(&self, waiting: &Waiting) -> Result<Vec<u8>, EntryProblem> {
        let image = open(waiting, self.limits)?;
        match &self.size {
            Some((expected, other)) if image.size != *expected => {
                Err(EntryProblem::Size { found: image.size, expected: *expected, other: other.clone() })
            }
            _ => image.pixels(self.limits),
        }
    }

    /// Everything in its final order.
    fn finish(mut self) -> Result<Decoded, DataError> {
        self.decode_waiting()?;
        let Some(((height, width), _)) = self.size else { return Err(self.layout_error(LayoutProblem::NoImages)) };
        if self.classes.len() > 256 {
            return Err(self.layout_error(LayoutProblem::TooManyClasses(self.classes.len())));
        }
        self.found.sort_unstable();
        if let Some(pair) = self.found.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let Key { split, class, name } = &pair[0].0;
            return Err(self.entry_error(&format!("{split}/{class}/{name}"), EntryProblem::Duplicate));
        }
        let classes: Vec<String> = self.classes.iter().cloned().collect();
        let [train, test] = Split::BOTH.map(|split| self.gather(split, &classes));
        Ok(Decoded { classes, height, width, train: train?, test: test? })
    }

    fn gather(&self, split: Split, classes: &[String]) -> Result<ImageSet, DataError> {
        let bytes = self.pixels.len() / self.found.len().max(1);
        let mut set = ImageSet::default();
        for (label, class) in classes.iter().enumerate() {
            let start = self.found.partition_point(|(key, _)| (key.split, &key.class) < (split, class));
            let end = self.found.partition_point(|(key, _)| (key.split, &key.class) <= (split, class));
            if start == end {
                return Err(self.layout_error(LayoutProblem::ClassMissing { class: class.clone(), split }));
            }
            set.labels.extend(std::iter::repeat_n(label as u8, end - start));
            let sources = self.found[start..end].iter().map(|&(_, at)| &self.pixels[at * bytes..][..bytes]);
            sources.for_each(|pixels| set.pixels.extend_from_slice(pixels));
        }
        Ok(set)
    }
}

fn open<'a>(image: &'a Waiting, limits: &Limits) -> Result<Image<'a>, EntryProblem> {
    let format = format_of(&image.key.name).ok_or(EntryProblem::Misplaced)?;
    Image::open(&image.content, format, limits)
}

#[cfg(test)]
#[path = "images_tests.rs"]
mod tests;
