//! The same few images of every class, each time.

use super::error::Split;
use super::pixels::{Room, Writer};
use super::{DataError, Decoded, ImageSet};
use crate::config::PerClass;
use crate::random::{Address, Stream};

/// As many images of each class as asked for, in their original order. Which ones depends on how many there are of the
/// class and on nothing else; a smaller subset is part of a larger one.
///
/// # Errors
/// When a class has too few.
pub(super) fn take(decoded: Decoded, per_class: PerClass, room: &Room) -> Result<Decoded, DataError> {
    let image = decoded.height as usize * decoded.width as usize * 3;
    let some = |set: ImageSet, split, wanted: Option<u32>| match wanted {
        Some(wanted) => balanced(&set, &decoded.classes, image, (split, wanted), room),
        None => Ok(set),
    };
    let train = some(decoded.train, Split::Train, per_class.train)?;
    let test = some(decoded.test, Split::Test, per_class.test)?;
    Ok(Decoded { train, test, ..decoded })
}

fn balanced(
    set: &ImageSet,
    classes: &[String],
    image: usize,
    (split, wanted): (Split, u32),
    room: &Room,
) -> Result<ImageSet, DataError> {
    let mut chosen = Vec::new();
    for (label, class) in classes.iter().enumerate() {
        let members: Vec<usize> = (0..set.labels.len()).filter(|&at| usize::from(set.labels[at]) == label).collect();
        let available = members.len();
        let count = u32::try_from(available).unwrap_or(u32::MAX);
        if wanted > count {
            return Err(DataError::NotEnough { class: class.clone(), split, wanted, available });
        }
        let address = Address { seed: 0, stream: Stream::Subset, epoch: split as u32, step: 0, layer: label as u32 };
        let order = address.draws().permutation(count);
        chosen.extend(order[..wanted as usize].iter().map(|&member| members[member as usize]));
    }
    chosen.sort_unstable();
    let mut subset = ImageSet::default();
    let mut pixels = Writer::new(room);
    let not_kept = |error| DataError::file("keep decoded images in", &room.folder, error);
    for at in chosen {
        subset.labels.push(set.labels[at]);
        pixels.add(&set.pixels[at * image..][..image]).map_err(not_kept)?;
        subset.names.extend(set.names.get(at).cloned());
    }
    subset.pixels = pixels.finish().map_err(not_kept)?;
    Ok(subset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes in turn, `count` images of one pixel that holds its own number.
    fn decoded(count: u8) -> Decoded {
        let set = || ImageSet {
            pixels: (0..count).flat_map(|n| [n; 3]).collect(),
            labels: (0..count).map(|n| n % 2).collect(),
            names: (0..count).map(|n| n.to_string()).collect(),
        };
        let classes = vec!["even".into(), "odd".into()];
        Decoded { classes, height: 1, width: 1, train: set(), test: set(), conversions: Default::default() }
    }

    fn taken(decoded: Decoded, per_class: PerClass) -> Result<Decoded, DataError> {
        take(decoded, per_class, &Room { resident: 0, folder: std::env::temp_dir() })
    }

    fn numbers(set: &ImageSet) -> Vec<u8> {
        set.pixels.chunks_exact(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_subset_is_balanced_in_order_and_always_the_same() {
        let few = PerClass { train: Some(5), test: None };
        let first = taken(decoded(100), few).unwrap();
        let numbers = numbers(&first.train);
        assert!(numbers.is_sorted());
        assert_eq!(numbers.iter().filter(|&&n| n % 2 == 0).count(), 5);
        assert!(numbers.iter().zip(&first.train.labels).all(|(n, label)| n % 2 == *label));
        assert_eq!(first.test, decoded(100).test);
        assert_eq!(taken(decoded(100), few).unwrap(), first);
    }

    #[test]
    fn a_smaller_subset_is_part_of_a_larger_one_and_splits_differ() {
        let chosen = |count| taken(decoded(100), PerClass { train: Some(count), test: Some(count) }).unwrap();
        let (small, large) = (chosen(5), chosen(20));
        let large_numbers = numbers(&large.train);
        assert!(numbers(&small.train).iter().all(|n| large_numbers.contains(n)));
        assert_ne!(numbers(&small.train), numbers(&small.test));
    }

    #[test]
    fn asking_for_more_than_a_class_has_names_the_class() {
        let error = taken(decoded(9), PerClass { train: None, test: Some(5) }).unwrap_err();
        assert_eq!(error.to_string(), "class `odd` has 4 test images, but 5 of each class are asked for");
    }
}
