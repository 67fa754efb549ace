//! Image classification data sets as bytes: three sources, one type, one digest.
//!
//! A data set is decoded `u8` RGB images with labels; nothing here knows about tensors.
//! Hostile or broken input is an error naming the file, never a panic or a write outside the cache.

mod archive;
pub mod arrays;
mod cache;
mod cifar10;
mod cifar100;
mod contact_sheet;
mod decode;
pub mod duplicates;
mod error;
mod fetch;
mod fit;
mod idx;
mod images;
mod layout;
mod limits;
pub mod near;
mod pixels;
mod subset;
mod synthetic;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use pixels::Room;
use serde::Serialize;

pub use cache::Cache;
pub use contact_sheet::contact_sheet;
pub use error::{DataError, Split};
pub use fetch::fetch_cifar10;
pub use pixels::Pixels;

use crate::bundle::record::{Conversion, DatasetRecord, DuplicatesRecord, SCHEMA};
use crate::config::{DataSource, DataSpec};
use crate::provenance::{Digest, Digester};

/// `count` RGB images of equal size with their labels, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageSet {
    /// N x H x W x 3, row-major, channels last.
    pub pixels: Pixels,
    /// N class indices.
    pub labels: Vec<u8>,
    /// N files, where each image has its own; else none.
    pub names: Vec<String>,
}

/// A decoded data set, ready to be put on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// What it is, in words for a report.
    pub description: String,
    pub classes: Vec<String>,
    /// Pixels.
    pub height: u32,
    pub width: u32,
    pub train: ImageSet,
    pub test: ImageSet,
    /// SHA-256 over sizes, class names, labels and pixels of both splits, after subsetting.
    pub digest: Digest,
    /// SHA-256 of the archive the images came from, where there is one file.
    pub archive: Option<Digest>,
    /// What was done to images of the source on their way to 8-bit RGB, and to how many.
    pub conversions: BTreeMap<Conversion, u64>,
    /// Images that are there more than once.
    pub duplicates: DuplicatesRecord,
}

/// What a trial's cost depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSize {
    pub classes: u64,
    pub training_images: u64,
}

/// What happens while a data set is loaded or fetched, for people to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadEvent {
    /// A line of text.
    Note(String),
    /// So much of a download is here.
    Bytes { done: u64, total: u64 },
}

/// Is told of every [`LoadEvent`].
pub type Watcher<'a> = &'a dyn Fn(LoadEvent);

/// Both splits as they come from a source: no digest, no subset yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decoded {
    classes: Vec<String>,
    height: u32,
    width: u32,
    train: ImageSet,
    test: ImageSet,
    conversions: BTreeMap<Conversion, u64>,
}

/// Loads what `spec` describes: a pure function of it and of the files it names.
/// `cache` saves time and is never needed, except to find a fetched CIFAR-10.
///
/// # Errors
/// When files are missing, broken, hostile or not what they should be; each error says which file and what to do.
pub fn load(spec: &DataSpec, cache: &Cache, watch: Watcher) -> Result<Dataset, DataError> {
    let room = Room::of_this_machine(cache.folder().map_or_else(std::env::temp_dir, Path::to_owned));
    let subset = |decoded| subset::take(decoded, spec.per_class, &room);
    let (description, decoded, known, archive) = match &spec.source {
        DataSource::Synthetic { seed } => {
            (synthetic::describe(*seed), synthetic::draw(*seed, synthetic::counts(spec.per_class)?), None, None)
        }
        DataSource::Cifar10 { path } => {
            let (decoded, archive) = cifar10::load(path.as_deref(), cache)?;
            (cifar10::DESCRIPTION.to_owned(), subset(decoded)?, None, archive)
        }
        DataSource::Cifar100 { path } => (cifar100::DESCRIPTION.to_owned(), subset(cifar100::load(path)?)?, None, None),
        DataSource::Idx { path } => (idx::describe(path), subset(idx::load(path)?)?, None, None),
        DataSource::Images { path, fit } => {
            let images::Loaded { decoded, digest, archive } = images::load(path, *fit, &room, cache, watch)?;
            let is_whole = spec.per_class.train.is_none() && spec.per_class.test.is_none();
            (images::describe(path, *fit), subset(decoded)?, digest.filter(|_| is_whole), archive)
        }
    };
    // Both go through every pixel.
    let (digest, duplicates) =
        rayon::join(|| known.unwrap_or_else(|| decoded.digest()), || duplicates::count(&decoded));
    let Decoded { classes, height, width, train, test, conversions } = decoded;
    Ok(Dataset { description, classes, height, width, train, test, digest, archive, conversions, duplicates })
}

/// What a source is called where it is described: its place says too much.
fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy())
}

/// The size of a published data set, known before its images are here; `None` for other sources.
pub fn published_size(spec: &DataSpec) -> Option<DataSize> {
    matches!(spec.source, DataSource::Cifar10 { .. }).then(|| cifar10::size(spec.per_class.train))
}

impl ImageSet {
    /// Images of each class.
    fn counts(&self, classes: usize) -> Vec<u64> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }
}

impl Decoded {
    fn digest(&self) -> Digest {
        digest(&self.classes, self.height, self.width, &self.train, &self.test)
    }
}

impl Dataset {
    /// What a bundle says about this data set.
    pub fn record(&self) -> DatasetRecord {
        DatasetRecord {
            schema: SCHEMA,
            description: self.description.clone(),
            classes: self.classes.clone(),
            image: [self.height, self.width],
            train: self.train.counts(self.classes.len()),
            test: self.test.counts(self.classes.len()),
            digest: self.digest,
            archive: self.archive,
            conversions: self.conversions.clone(),
            duplicates: Some(self.duplicates).filter(|found| *found != DuplicatesRecord::default()),
        }
    }

    pub fn size(&self) -> DataSize {
        DataSize { classes: self.classes.len() as u64, training_images: self.train.labels.len() as u64 }
    }

    /// The digest that `digest` must be, computed anew: SHA-256 of the canonical JSON of
    /// `{classes, height, width, train, test}` (the last two are counts of images), then the labels and pixels of the
    /// training images, then those of the test images.
    pub fn compute_digest(&self) -> Digest {
        digest(&self.classes, self.height, self.width, &self.train, &self.test)
    }
}

#[derive(Serialize)]
struct Header<'a> {
    classes: &'a [String],
    height: u32,
    width: u32,
    train: usize,
    test: usize,
}

fn digest(classes: &[String], height: u32, width: u32, train: &ImageSet, test: &ImageSet) -> Digest {
    let header = Header { classes, height, width, train: train.labels.len(), test: test.labels.len() };
    let mut digester = Digester::default();
    digester.update(&serde_json_canonicalizer::to_vec(&header).expect("strings and whole numbers have a JSON form"));
    for set in [train, test] {
        digester.update(&set.labels);
        digester.update(&set.pixels);
    }
    digester.finish()
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
