//! Image classification data sets as bytes: three sources, one type, one digest.
//!
//! A data set is decoded `u8` RGB images with labels; nothing here knows about tensors.
//! Hostile or broken input is an error naming the file, never a panic or a write outside the cache.

use crate::provenance::Digest;

/// `count` RGB images of equal size with their labels, in a fixed order.
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
    /// SHA-256 over sizes, class names, labels and pixels of both splits, after subsetting.
    pub digest: Digest,
    /// SHA-256 of the archive the images came from, where there is one file.
    pub archive: Option<Digest>,
}
