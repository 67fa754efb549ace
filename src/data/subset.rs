//! A class-balanced part of a data set, the same on every machine.

use super::{DataError, Dataset, ImageSet};
use crate::config::PerClass;
use crate::random::{Address, Stream};

/// Keeps of each class as many images as asked for, chosen by an addressed permutation, in their old order.
///
/// # Errors
/// When a class has fewer.
pub fn subset(data: Dataset, per_class: PerClass) -> Result<Dataset, DataError> {
    if per_class == PerClass::default() {
        return Ok(data);
    }
    let image = (data.height * data.width * 3) as usize;
    let train = part(&data.train, &data.classes, image, per_class.train, "train", 0)?;
    let test = part(&data.test, &data.classes, image, per_class.test, "test", 1)?;
    Ok(Dataset::new(data.description, data.classes, [data.height, data.width], train, test, data.archive))
}

fn part(
    set: &ImageSet,
    classes: &[String],
    image: usize,
    wanted: Option<u32>,
    split: &'static str,
    epoch: u32,
) -> Result<ImageSet, DataError> {
    let Some(wanted) = wanted else { return Ok(set.clone()) };
    let mut kept = Vec::new();
    for (label, class) in classes.iter().enumerate() {
        let members: Vec<usize> =
            (0..set.labels.len()).filter(|&index| usize::from(set.labels[index]) == label).collect();
        if members.len() < wanted as usize {
            return Err(DataError::TooFew { class: class.clone(), split, available: members.len(), wanted });
        }
        let address = Address { seed: 0, stream: Stream::Subset, epoch, step: 0, layer: label as u32 };
        let order = address.draws().permutation(members.len() as u32);
        kept.extend(order.into_iter().take(wanted as usize).map(|place| members[place as usize]));
    }
    kept.sort_unstable();
    let pixels = kept.iter().flat_map(|&index| &set.pixels[index * image..(index + 1) * image]).copied().collect();
    Ok(ImageSet { pixels, labels: kept.into_iter().map(|index| set.labels[index]).collect() })
}
