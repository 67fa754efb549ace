//! Photographs to one size, as torchvision's `Resize` and `CenterCrop` do it.

use image::RgbImage;
use image::imageops::{self, FilterType};

use super::decode::Size;
use crate::config::Fit;

/// Height and width once the shorter side is as long as asked for; the longer one is rounded down.
pub(super) fn resized((height, width): Size, fit: Fit) -> Size {
    let shorter = u64::from(height.min(width)).max(1);
    let scaled = |side: u32| u32::try_from(u64::from(side) * u64::from(fit.resize) / shorter).unwrap_or(u32::MAX);
    (scaled(height), scaled(width))
}

/// The middle of the image, `fit.crop` pixels a side, after it was scaled bilinearly, averaging over all that a pixel
/// takes the place of.
pub(super) fn fitted(image: &RgbImage, fit: Fit) -> RgbImage {
    let (width, height) = image.dimensions();
    let (to_height, to_width) = resized((height, width), fit);
    let is_as_asked = (to_height, to_width) == (height, width);
    let scaled = if is_as_asked { image } else { &imageops::resize(image, to_width, to_height, FilterType::Triangle) };
    let (left, top) = (margin(to_width, fit.crop), margin(to_height, fit.crop));
    imageops::crop_imm(scaled, left, top, fit.crop, fit.crop).to_image()
}

/// Half of what is left, and of halves the even one: Python's `round`.
fn margin(side: u32, crop: u32) -> u32 {
    let rest = side.saturating_sub(crop);
    let half = rest / 2;
    if rest % 2 == 1 && half % 2 == 1 { half + 1 } else { half }
}
