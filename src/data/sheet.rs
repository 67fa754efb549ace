//! A sheet of images that a person can look at.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::{DataError, Dataset};

/// Pixels between images.
const GAP: u32 = 4;
/// Smallest side at which a small image can be made out.
const READABLE: u32 = 96;

/// A PNG with one row for each class: its first `columns` training images, small ones enlarged.
///
/// # Errors
/// When the sheet cannot be encoded.
pub fn contact_sheet(data: &Dataset, columns: usize) -> Result<Vec<u8>, DataError> {
    let scale = (READABLE / data.width.max(data.height)).max(1);
    let (cell_width, cell_height) = (data.width * scale + GAP, data.height * scale + GAP);
    let rows = data.classes.len() as u32;
    let mut sheet =
        RgbImage::from_pixel(columns as u32 * cell_width + GAP, rows * cell_height + GAP, Rgb([255, 255, 255]));
    let mut used = vec![0; data.classes.len()];
    let size = (data.height * data.width * 3) as usize;
    for (pixels, &label) in data.train.pixels.chunks_exact(size).zip(&data.train.labels) {
        let column = &mut used[usize::from(label)];
        if *column == columns {
            continue;
        }
        let (left, top) = (GAP + *column as u32 * cell_width, GAP + u32::from(label) * cell_height);
        for y in 0..data.height * scale {
            for x in 0..data.width * scale {
                let at = ((y / scale * data.width + x / scale) * 3) as usize;
                sheet.put_pixel(left + x, top + y, Rgb([pixels[at], pixels[at + 1], pixels[at + 2]]));
            }
        }
        *column += 1;
    }
    let mut bytes = Vec::new();
    let encoded = sheet.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png);
    encoded.map_err(|error| DataError::broken("the contact sheet", error.to_string()))?;
    Ok(bytes)
}
