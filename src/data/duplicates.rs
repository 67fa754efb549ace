//! Images that a data set holds more than once, pixel for pixel: in both splits, they are answers that were given away.

use std::collections::{HashMap, HashSet};

use super::{Dataset, Decoded, ImageSet};
use crate::bundle::record::DuplicatesRecord;

/// An image of one split and an equal one before it, by their places in their splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// In the training images.
    pub train: usize,
    /// In the test images.
    pub test: usize,
}

/// Every test image that is a training image as well, with the first of those.
pub fn across(data: &Dataset) -> Vec<Pair> {
    pairs(&data.train, &data.test, data.height as usize * data.width as usize * 3)
}

fn pairs(train: &ImageSet, test: &ImageSet, length: usize) -> Vec<Pair> {
    let mut first = HashMap::new();
    for (at, image) in train.pixels.chunks_exact(length).enumerate() {
        first.entry(image).or_insert(at);
    }
    let test = test.pixels.chunks_exact(length).enumerate();
    test.filter_map(|(test, image)| Some(Pair { train: *first.get(image)?, test })).collect()
}

/// How many there are, of each kind.
pub(super) fn count(data: &Decoded) -> DuplicatesRecord {
    let length = data.height as usize * data.width as usize * 3;
    let across = pairs(&data.train, &data.test, length);
    let is_other = |pair: &&Pair| data.train.labels[pair.train] != data.test.labels[pair.test];
    DuplicatesRecord {
        across: across.len() as u64,
        across_classes: across.iter().filter(is_other).count() as u64,
        train: repeated(&data.train, length),
        test: repeated(&data.test, length),
    }
}

/// Images that are equal to one before them.
fn repeated(set: &ImageSet, length: usize) -> u64 {
    let mut seen = HashSet::new();
    set.pixels.chunks_exact(length).filter(|image| !seen.insert(*image)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Images of one pixel, by their gray.
    fn set(grays: &[u8], labels: &[u8]) -> ImageSet {
        ImageSet { pixels: grays.iter().flat_map(|gray| [*gray; 3]).collect(), labels: labels.to_vec(), names: vec![] }
    }

    #[test]
    fn equal_images_are_counted_across_and_within_splits() {
        let train = set(&[1, 2, 1, 3], &[0, 0, 1, 1]);
        let test = set(&[2, 3, 9, 2], &[0, 0, 1, 1]);
        let classes = vec!["a".to_owned(), "b".to_owned()];
        let decoded = Decoded { classes, height: 1, width: 1, train, test, conversions: Default::default() };
        assert_eq!(count(&decoded), DuplicatesRecord { across: 3, across_classes: 2, train: 1, test: 1 });
        let pairs = pairs(&decoded.train, &decoded.test, 3);
        let places: Vec<_> = pairs.iter().map(|pair| (pair.train, pair.test)).collect();
        assert_eq!(places, [(1, 0), (3, 1), (1, 3)]);
    }
}
