//! The one type that all sources become.

use crate::bundle::record::{DatasetRecord, SCHEMA};
use crate::provenance::{Digest, Digester};

/// RGB images of equal size with their labels, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSet {
    /// N x H x W x 3, row-major, channels last.
    pub pixels: Vec<u8>,
    /// N class indices.
    pub labels: Vec<u8>,
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
    /// Of sizes, class names, labels and pixels of both splits.
    pub digest: Digest,
    /// SHA-256 of the archive the images came from, where there is one file.
    pub archive: Option<Digest>,
}

impl Dataset {
    /// `size` is height and width in pixels.
    ///
    /// # Panics
    /// When pixels and labels do not fit each other, the size or the number of classes.
    pub fn new(
        description: String,
        classes: Vec<String>,
        [height, width]: [u32; 2],
        train: ImageSet,
        test: ImageSet,
        archive: Option<Digest>,
    ) -> Self {
        for set in [&train, &test] {
            assert_eq!(set.pixels.len(), set.labels.len() * (height * width * 3) as usize);
            assert!(set.labels.iter().all(|&label| usize::from(label) < classes.len()));
        }
        let digest = digest(&classes, [height, width], [&train, &test]);
        Self { description, classes, height, width, train, test, digest, archive }
    }

    /// What a bundle keeps of it.
    pub fn record(&self) -> DatasetRecord {
        let counts = |set: &ImageSet| {
            let mut counts = vec![0; self.classes.len()];
            set.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
            counts
        };
        DatasetRecord {
            schema: SCHEMA,
            description: self.description.clone(),
            classes: self.classes.clone(),
            image: [self.height, self.width],
            train: counts(&self.train),
            test: counts(&self.test),
            digest: self.digest,
            archive: self.archive,
        }
    }
}

/// Every part is preceded by its length (u64, little endian), so that no two data sets run together alike.
fn digest(classes: &[String], size: [u32; 2], splits: [&ImageSet; 2]) -> Digest {
    let mut digester = Digester::default();
    let mut part = |bytes: &[u8]| {
        digester.update(&(bytes.len() as u64).to_le_bytes());
        digester.update(bytes);
    };
    size.iter().for_each(|side| part(&side.to_le_bytes()));
    part(&(classes.len() as u64).to_le_bytes());
    classes.iter().for_each(|class| part(class.as_bytes()));
    for set in splits {
        part(&set.labels);
        part(&set.pixels);
    }
    digester.finish()
}
