//! Class folders, in a folder or an archive; [`layout`](super::layout) says where what lies. Beside `train` and `test`
//! there may be a `README`, `LICENSE` and the like; anything else is an error.
//!
//! Classes are sorted by name and images by file name, so the order in an archive or on a disk changes nothing.
//! Decoded images are kept in the cache, under the digest of the archive or of all that is in the folder: to read photographs
//! takes a small part of the time that decoding them does. Links in a folder are followed, links in an archive are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::archive::{self, Entry};
use super::decode::{Image, Size, is_named_like_an_image};
use super::error::{EntryProblem, LayoutProblem, Split};
use super::fit::{fitted, resized};
use super::layout::{Part, Place, is_about_the_data, is_litter, place};
use super::limits::Limits;
use super::pixels::{Pixels, Room, Writer};
use super::{Cache, DataError, Decoded, ImageSet, LoadEvent, Watcher, name_of};
use crate::bundle::record::Conversion;
use crate::config::Fit;
use crate::provenance::{Digest, Digester};

pub(super) fn describe(path: &Path, fit: Option<Fit>) -> String {
    let fitted = fit.map(|Fit { resize, crop }| {
        format!(", scaled to {resize} pixels on the shorter side and cropped to the middle {crop}x{crop}")
    });
    format!("class-folder images from {}{}", name_of(path), fitted.unwrap_or_default())
}

/// What is at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Loaded {
    pub decoded: Decoded,
    /// Of these, where the cache had to know it.
    pub digest: Option<Digest>,
    /// Of the file they came from if it is one.
    pub archive: Option<Digest>,
}

/// The images at `path`, each made to `fit`.
pub(super) fn load(
    path: &Path,
    fit: Option<Fit>,
    room: &Room,
    cache: &Cache,
    watch: Watcher,
) -> Result<Loaded, DataError> {
    let limits = Limits::default();
    let metadata = fs::metadata(path).map_err(|source| DataError::file("find", path, source))?;
    if metadata.is_dir() {
        // What cannot be read, or has no end, is refused by name when it is decoded.
        let digest = digest_of_folder(path, &limits);
        if let Some((decoded, digest)) = digest.and_then(|digest| cache.get(digest, fit, room, watch)) {
            return Ok(Loaded { decoded, digest: Some(digest), archive: None });
        }
        watch(LoadEvent::Note(format!("decoding the images of {}", path.display())));
        let decoded = decode_folder(path, fit, (&limits, room), watch)?;
        let digest = digest.and_then(|digest| cache.put(digest, fit, &decoded, watch));
        return Ok(Loaded { decoded, digest, archive: None });
    }
    if !metadata.is_file() {
        return Err(DataError::file("read", path, io::Error::other("it is neither a folder nor a plain file")));
    }
    let file = File::open(path).map_err(|source| DataError::file("open", path, source))?;
    let archive = Digest::of_reader(file).map_err(|source| DataError::file("read", path, source))?;
    if let Some((decoded, digest)) = cache.get(archive, fit, room, watch) {
        return Ok(Loaded { decoded, digest: Some(digest), archive: Some(archive) });
    }
    watch(LoadEvent::Note(format!("decoding the images of {}", path.display())));
    let decoded = decode_archive(path, fit, (&limits, room), watch)?;
    let digest = cache.put(archive, fit, &decoded, watch);
    Ok(Loaded { decoded, digest, archive: Some(archive) })
}

/// What a source may ask for, and what of it memory should hold.
type Bounds<'a> = (&'a Limits, &'a Room);

fn decode_archive(path: &Path, fit: Option<Fit>, bounds: Bounds, watch: Watcher) -> Result<Decoded, DataError> {
    let mut collection = Collection::new(path, fit, bounds);
    archive::for_each_entry(path, bounds.0, |entry| collection.add(entry))?;
    collection.finish(watch)
}

fn decode_folder(root: &Path, fit: Option<Fit>, bounds: Bounds, watch: Watcher) -> Result<Decoded, DataError> {
    let mut collection = Collection::new(root, fit, bounds);
    add_folder(root, "", &mut collection)?;
    collection.finish(watch)
}

/// Of the names and contents of all files that are no litter, in the order of their names. `None` where something cannot be
/// read, or there is more than any data set may have.
fn digest_of_folder(root: &Path, limits: &Limits) -> Option<Digest> {
    /// Deeper than any layout.
    const DEEPEST: usize = 8;
    fn add(
        folder: &Path,
        inside: &str,
        depth: usize,
        left: &mut u64,
        all: &mut Digester,
        limits: &Limits,
    ) -> Option<()> {
        let mut items = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).ok()?;
        items.sort_unstable_by_key(fs::DirEntry::file_name);
        for item in items {
            let path = format!("{inside}/{}", item.file_name().to_str()?);
            *left = left.checked_sub(1)?;
            if is_litter(&path) {
                continue;
            }
            let metadata = fs::metadata(item.path()).ok()?;
            // An empty class is one, too.
            all.update(format!("{path}\0{}\0", if metadata.is_dir() { 0 } else { metadata.len() }).as_bytes());
            if metadata.is_dir() {
                add(&item.path(), &path, Some(depth).filter(|&depth| depth < DEEPEST)? + 1, left, all, limits)?;
            } else if !metadata.is_file() || metadata.len() > limits.file_bytes {
                return None;
            } else {
                let content = fs::read(item.path()).ok().filter(|content| content.len() as u64 == metadata.len())?;
                all.update(&content);
            }
        }
        Some(())
    }
    let mut all = Digester::default();
    all.update(b"folder\0");
    let mut left = limits.entries;
    add(root, "", 0, &mut left, &mut all, limits)?;
    Some(all.finish())
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
        if is_litter(&path) {
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

/// An image that is waiting to be decoded.
struct Waiting {
    key: Key,
    path: String,
    content: Vec<u8>,
}

/// Sorts images into their final order; no two have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    part: Part,
    class: String,
    name: String,
}

/// Images as they are found, decoded in batches by all threads.
struct Collection<'a> {
    container: &'a Path,
    fit: Option<Fit>,
    limits: &'a Limits,
    room: &'a Room,
    /// The folder that `train` and `test` lie in, once known.
    root: Option<String>,
    classes: BTreeSet<(Part, String)>,
    entries: u64,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    /// Size of all images and the path of the one that set it.
    size: Option<(Size, String)>,
    /// Images in the order found, and for each its pixels' place among them.
    pixels: Writer<'a>,
    found: Vec<Found>,
}

/// An image whose pixels are among those collected.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    key: Key,
    at: usize,
    conversions: Vec<Conversion>,
}

impl<'a> Collection<'a> {
    fn new(container: &'a Path, fit: Option<Fit>, (limits, room): Bounds<'a>) -> Self {
        let (waiting, found, pixels) = (Vec::new(), Vec::new(), Writer::new(room));
        let (root, size, classes) = (None, None, BTreeSet::new());
        Self { container, fit, limits, room, root, classes, entries: 0, waiting, waiting_bytes: 0, size, pixels, found }
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
                Some(Place::Class { root, part, class }) => {
                    self.classes.insert((part, class));
                    self.settle_root(root)
                }
                _ => Err(self.entry_error(&path, EntryProblem::Misplaced)),
            },
            Entry::File(path, content) => match place(&path) {
                Some(Place::File { root, part, class, name }) if is_named_like_an_image(name) => {
                    self.settle_root(root)?;
                    self.classes.insert((part, class.clone()));
                    let key = Key { part, class, name: name.to_owned() };
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
            let size = match self.fit {
                Some(fit) => (fit.crop, fit.crop),
                None => {
                    let image = Image::open(&first.content, self.limits);
                    image.map_err(|problem| self.entry_error(&first.path, problem))?.size
                }
            };
            self.size = Some((size, first.path.clone()));
        }
        let Some(((height, width), _)) = self.size else { return Ok(()) };
        let bytes = height as usize * width as usize * 3;
        if ((self.found.len() + waiting.len()) * bytes) as u64 > self.limits.pixel_bytes {
            let (limit, unit) = (self.limits.pixel_bytes, "bytes of pixels");
            return Err(self.layout_error(LayoutProblem::TooMuch { limit, unit }));
        }
        // Collected with their errors, so that the first one in order is reported whatever the threads do.
        let decoded: Vec<_> = waiting.par_iter().map(|image| self.decode(image)).collect();
        for (image, decoded) in waiting.into_iter().zip(decoded) {
            let (pixels, conversions) = decoded.map_err(|problem| self.entry_error(&image.path, problem))?;
            self.pixels.add(&pixels).map_err(|error| not_kept(self.room, error))?;
            self.found.push(Found { key: image.key, at: self.found.len(), conversions });
        }
        Ok(())
    }

    fn decode(&self, waiting: &Waiting) -> Result<(Vec<u8>, Vec<Conversion>), EntryProblem> {
        let image = Image::open(&waiting.content, self.limits)?;
        let conversions = image.conversions.clone();
        let pixels = match (self.fit, &self.size) {
            (Some(fit), _) => {
                let (height, width) = resized(image.size, fit);
                if u64::from(height) * u64::from(width) > self.limits.pixels {
                    return Err(EntryProblem::TooLong { size: image.size });
                }
                fitted(&image.pixels(self.limits)?, fit)
            }
            (None, Some((expected, other))) if image.size != *expected => {
                return Err(EntryProblem::Size { found: image.size, expected: *expected, other: other.clone() });
            }
            (None, _) => image.pixels(self.limits)?,
        };
        Ok((pixels.into_raw(), conversions))
    }

    /// Everything in its final order.
    fn finish(mut self, watch: Watcher) -> Result<Decoded, DataError> {
        self.decode_waiting()?;
        let Some(((height, width), _)) = self.size else { return Err(self.layout_error(LayoutProblem::NoImages)) };
        let test = self.settle_test(watch)?;
        let classes: BTreeSet<String> = self.classes.iter().map(|(_, class)| class.clone()).collect();
        let classes: Vec<String> = classes.into_iter().collect();
        match classes.as_slice() {
            [only] => return Err(self.layout_error(LayoutProblem::OneClass(only.clone()))),
            many if many.len() > 256 => return Err(self.layout_error(LayoutProblem::TooManyClasses(many.len()))),
            _ => {}
        }
        self.found.sort_unstable();
        if let Some(pair) = self.found.windows(2).find(|pair| pair[0].key == pair[1].key) {
            let Key { part, class, name } = &pair[0].key;
            return Err(self.entry_error(&format!("{}/{class}/{name}", part.name()), EntryProblem::Duplicate));
        }
        let collected = std::mem::replace(&mut self.pixels, Writer::new(self.room));
        let pixels = collected.finish().map_err(|error| not_kept(self.room, error))?;
        let [train, test] = [(Split::Train, Part::Train), (Split::Test, test)]
            .map(|(split, part)| self.gather(&pixels, split, part, &classes));
        let mut conversions = BTreeMap::new();
        for conversion in self.found.iter().flat_map(|image| &image.conversions) {
            *conversions.entry(*conversion).or_default() += 1;
        }
        Ok(Decoded { classes, height, width, train: train?, test: test?, conversions })
    }

    /// What the test images are, and no longer any of those that are neither they nor training images.
    fn settle_test(&mut self, watch: Watcher) -> Result<Part, DataError> {
        let parts: BTreeSet<Part> = self.classes.iter().map(|(part, _)| *part).collect();
        let validation: Vec<Part> = parts.iter().copied().filter(|part| matches!(part, Part::Validation(_))).collect();
        match validation.as_slice() {
            _ if parts.contains(&Part::Test) => {
                for part in validation {
                    watch(LoadEvent::Note(format!("`{}` is left out: there is a `test` beside it", part.name())));
                    self.found.retain(|image| image.key.part != part);
                    self.classes.retain(|(of, _)| *of != part);
                }
                Ok(Part::Test)
            }
            [] => Ok(Part::Test),
            [only] => Ok(*only),
            [one, other, ..] => Err(self.layout_error(LayoutProblem::TwoValidations(one.name(), other.name()))),
        }
    }

    fn gather(&self, pixels: &Pixels, split: Split, part: Part, classes: &[String]) -> Result<ImageSet, DataError> {
        let bytes = self.size.as_ref().map_or(0, |((height, width), _)| *height as usize * *width as usize * 3);
        let mut set = ImageSet::default();
        let mut order = Vec::new();
        for (label, class) in classes.iter().enumerate() {
            let start = self.found.partition_point(|image| (image.key.part, &image.key.class) < (part, class));
            let end = self.found.partition_point(|image| (image.key.part, &image.key.class) <= (part, class));
            if start == end {
                return Err(self.layout_error(LayoutProblem::ClassMissing { class: class.clone(), split }));
            }
            for image in &self.found[start..end] {
                set.labels.push(label as u8);
                set.names.push(format!("{}/{class}/{}", part.name(), image.key.name));
                order.push(image.at);
            }
        }
        set.pixels = self.ordered(pixels, &order, bytes).map_err(|error| not_kept(self.room, error))?;
        Ok(set)
    }

    /// The images at these places, each of so many bytes. What lies in a file in this order already, as a folder's does, is
    /// not written again.
    fn ordered(&self, pixels: &Pixels, order: &[usize], bytes: usize) -> io::Result<Pixels> {
        let first = order.first().copied().unwrap_or(0);
        if order.iter().copied().eq(first..first + order.len())
            && let Some(part) = pixels.mapped_part(first * bytes..(first + order.len()) * bytes)
        {
            return Ok(part);
        }
        let mut ordered = Writer::new(self.room);
        order.iter().try_for_each(|at| ordered.add(&pixels[at * bytes..][..bytes]))?;
        ordered.finish()
    }
}

fn not_kept(room: &Room, error: io::Error) -> DataError {
    DataError::file("keep decoded images in", &room.folder, error)
}

#[cfg(test)]
#[path = "images_tests.rs"]
mod tests;
