//! Images that a data set holds more than once, pixel for pixel: in both splits, they are answers that were given away.

use std::collections::HashMap;

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
    let length = data.height as usize * data.width as usize * 3;
    pairs(&firsts(&data.train, length), &data.test, length)
}

/// How many there are, of each kind.
pub(super) fn count(data: &Decoded) -> DuplicatesRecord {
    let length = data.height as usize * data.width as usize * 3;
    let (train, test) = (firsts(&data.train, length), firsts(&data.test, length));
    let across = pairs(&train, &data.test, length);
    let is_other = |pair: &&Pair| data.train.labels[pair.train] != data.test.labels[pair.test];
    DuplicatesRecord {
        across: across.len() as u64,
        across_classes: across.iter().filter(is_other).count() as u64,
        train: (data.train.labels.len() - train.len()) as u64,
        test: (data.test.labels.len() - test.len()) as u64,
    }
}

/// Every picture of a split, with the place of the first image that shows it.
fn firsts(set: &ImageSet, length: usize) -> HashMap<&[u8], usize> {
    let mut firsts = HashMap::new();
    for (at, image) in set.pixels.chunks_exact(length).enumerate() {
        firsts.entry(image).or_insert(at);
    }
    firsts
}

fn pairs(train: &HashMap<&[u8], usize>, test: &ImageSet, length: usize) -> Vec<Pair> {
    let test = test.pixels.chunks_exact(length).enumerate();
    test.filter_map(|(test, image)| Some(Pair { train: *train.get(image)?, test })).collect()
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
        let pairs = pairs(&firsts(&decoded.train, 3), &decoded.test, 3);
        let places: Vec<_> = pairs.iter().map(|pair| (pair.train, pair.test)).collect();
        assert_eq!(places, [(1, 0), (3, 1), (1, 3)]);
    }
}
