//! A sheet of images to look at: one row for each class, in the order of the labels.

use image::{ImageFormat, Rgb, RgbImage, imageops};

use super::{DataError, Dataset};

/// Space around images, in pixels.
const GAP: u32 = 4;
const BACKGROUND: Rgb<u8> = Rgb([255; 3]);
/// Bytes of the sheet before compression.
const LARGEST: u64 = 1 << 28;

/// A PNG file with the first `per_class` training images of each class, small ones three times as large.
/// A class with fewer images leaves its row open.
///
/// # Errors
/// When the sheet would be too large to draw.
pub fn contact_sheet(dataset: &Dataset, per_class: usize) -> Result<Vec<u8>, DataError> {
    let scale = if dataset.height.max(dataset.width) <= 64 { 3 } else { 1 };
    let (cell_height, cell_width) = (dataset.height * scale + GAP, dataset.width * scale + GAP);
    let columns = per_class.min(dataset.train.labels.len()) as u64;
    let width = columns * u64::from(cell_width) + u64::from(GAP);
    let height = dataset.classes.len() as u64 * u64::from(cell_height) + u64::from(GAP);
    if width * height > LARGEST / 3 {
        return Err(DataError::TooLarge { what: "the contact sheet", limit: LARGEST });
    }
    let mut sheet = RgbImage::from_pixel(width as u32, height as u32, BACKGROUND);
    for (row, column, image) in placed(dataset, per_class) {
        let (left, top) = (GAP + column * cell_width, GAP + row * cell_height);
        let enlarged =
            imageops::resize(&image, dataset.width * scale, dataset.height * scale, imageops::FilterType::Nearest);
        imageops::replace(&mut sheet, &enlarged, left.into(), top.into());
    }
    encoded(&sheet)
}

/// As a PNG file.
pub(super) fn encoded(sheet: &RgbImage) -> Result<Vec<u8>, DataError> {
    let mut png = std::io::Cursor::new(Vec::new());
    sheet.write_to(&mut png, ImageFormat::Png).map_err(|error| DataError::ContactSheet(error.to_string()))?;
    Ok(png.into_inner())
}

/// Row, column and picture of every image on the sheet.
fn placed(dataset: &Dataset, per_class: usize) -> impl Iterator<Item = (u32, u32, RgbImage)> {
    let bytes = dataset.height as usize * dataset.width as usize * 3;
    let mut taken = vec![0; dataset.classes.len()];
    dataset.train.labels.iter().zip(dataset.train.pixels.chunks_exact(bytes)).filter_map(move |(&label, pixels)| {
        let column = taken[usize::from(label)];
        if column == per_class {
            return None;
        }
        taken[usize::from(label)] += 1;
        let image = RgbImage::from_raw(dataset.width, dataset.height, pixels.to_vec())?;
        Some((u32::from(label), column as u32, image))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataSpec, load};

    fn dataset() -> Dataset {
        let spec = r#"{"source": {"kind": "synthetic", "seed": 1}, "per_class": {"train": 3, "test": 1}}"#;
        let spec: DataSpec = serde_json::from_str(spec).unwrap();
        load(&spec, &crate::data::Cache::disabled(), &|_| {}).unwrap()
    }

    #[test]
    fn images_stand_in_rows_of_their_class_three_times_as_large() {
        let dataset = dataset();
        let sheet = image::load_from_memory(&contact_sheet(&dataset, 2).unwrap()).unwrap().into_rgb8();
        assert_eq!(sheet.dimensions(), (4 + 2 * 100, 4 + 10 * 100));
        // Class 7, second image, pixel (5, 9): label-sorted, three images a class.
        let pixel = ((7 * 3 + 1) * 1024 + 9 * 32 + 5) * 3;
        let expected = &dataset.train.pixels[pixel..pixel + 3];
        for (dx, dy) in [(0, 0), (2, 2)] {
            assert_eq!(sheet.get_pixel(104 + 5 * 3 + dx, 704 + 9 * 3 + dy).0, expected);
        }
        assert_eq!(sheet.get_pixel(103, 50), &BACKGROUND);
    }

    #[test]
    fn more_columns_than_images_leave_space_and_too_many_are_refused() {
        let dataset = dataset();
        let sheet = image::load_from_memory(&contact_sheet(&dataset, 5).unwrap()).unwrap().into_rgb8();
        assert_eq!(sheet.get_pixel(450, 50), &BACKGROUND);
        let huge = Dataset { classes: vec![String::new(); 4_000_000], ..dataset };
        assert!(matches!(contact_sheet(&huge, 5), Err(DataError::TooLarge { .. })));
    }
}
