//! Test images that look much like a training image: the same photograph scaled, compressed or coloured anew.
//!
//! By the signs of horizontal differences in an image made 9 by 8 pixels small and gray ("dHash", N. Krawetz, 2013), and
//! among those alike by how far the colours of 8 by 8 pixels are apart. Whether they are the same is for people to say.

use image::RgbImage;
use image::imageops;
use rayon::prelude::*;

use super::duplicates::Pair;
use super::{DataError, Dataset, ImageSet};

/// Of 64 signs, so many may differ.
const SIGNS: u32 = 8;
/// Mean difference of the colours of two small images, of 255.
const COLOURS: f64 = 25.0;
/// Pairs of images: a few minutes on a processor core.
const MOST_PAIRS: u64 = 200_000_000_000;
/// Pixels a side of an image on the sheet, images to a row, and space between them.
const SIDE: u32 = 64;
const COLUMNS: u32 = 12;
const GAP: u32 = 4;

/// What is compared of an image.
struct Look {
    signs: u64,
    colours: [u8; 8 * 8 * 3],
}

/// For each test image that looks like a training image, but is not the same, the one it looks like most; most alike
/// first. `None` where there are too many to compare all.
pub fn alike(data: &Dataset) -> Option<Vec<Pair>> {
    if data.train.labels.len() as u64 * data.test.labels.len() as u64 > MOST_PAIRS {
        return None;
    }
    let [train, test] = [&data.train, &data.test].map(|set| looks(set, data));
    let nearest = |(test, look): (usize, &Look)| {
        let near = train.iter().enumerate().filter(|(_, other)| (other.signs ^ look.signs).count_ones() <= SIGNS);
        let (apart, train) = near
            .map(|(train, other)| (difference(&look.colours, &other.colours), train))
            .filter(|(apart, _)| *apart <= COLOURS)
            .min_by(|one, other| one.0.total_cmp(&other.0))?;
        let image = |set, at| pixels(set, data, at);
        (image(&data.train, train) != image(&data.test, test)).then_some((apart, Pair { train, test }))
    };
    let mut found: Vec<(f64, Pair)> = test.par_iter().enumerate().filter_map(nearest).collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    Some(found.into_iter().map(|(_, pair)| pair).collect())
}

/// A PNG file with the first pairs side by side, the test image first.
///
/// # Errors
/// When the sheet cannot be drawn.
pub fn sheet(data: &Dataset, pairs: &[Pair]) -> Result<Vec<u8>, DataError> {
    const ROWS: u32 = 20;
    let shown = &pairs[..pairs.len().min((COLUMNS / 2 * ROWS) as usize)];
    let rows = (shown.len() as u32).div_ceil(COLUMNS / 2);
    let (width, height) = (COLUMNS * (SIDE + GAP) + GAP, rows * (SIDE + GAP) + GAP);
    let mut sheet = RgbImage::from_pixel(width, height, image::Rgb([255; 3]));
    for (place, pair) in (0..).zip(shown) {
        for (column, set, at) in [(0, &data.test, pair.test), (1, &data.train, pair.train)] {
            let image = imageops::resize(&picture(set, data, at), SIDE, SIDE, imageops::FilterType::Triangle);
            let column = place % (COLUMNS / 2) * 2 + column;
            let (left, top) = (GAP / 2 + column * (SIDE + GAP), GAP / 2 + place / (COLUMNS / 2) * (SIDE + GAP));
            imageops::replace(&mut sheet, &image, left.into(), top.into());
        }
    }
    super::contact_sheet::encoded(&sheet)
}

fn looks(set: &ImageSet, data: &Dataset) -> Vec<Look> {
    (0..set.labels.len()).into_par_iter().map(|at| look(&picture(set, data, at))).collect()
}

fn look(picture: &RgbImage) -> Look {
    let gray = |pixel: &image::Rgb<u8>| pixel.0.iter().map(|value| u32::from(*value)).sum::<u32>();
    let small = imageops::resize(picture, 9, 8, imageops::FilterType::Triangle);
    let rises = (0..8).flat_map(|y| (0..8).map(move |x| (x, y)));
    let signs = rises
        .fold(0, |signs, (x, y)| signs << 1 | u64::from(gray(small.get_pixel(x + 1, y)) > gray(small.get_pixel(x, y))));
    let mut colours = [0; 8 * 8 * 3];
    colours.copy_from_slice(&imageops::resize(picture, 8, 8, imageops::FilterType::Triangle));
    Look { signs, colours }
}

fn difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u32 = one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
    f64::from(sum) / one.len() as f64
}

fn pixels<'a>(set: &'a ImageSet, data: &Dataset, at: usize) -> &'a [u8] {
    let length = data.height as usize * data.width as usize * 3;
    &set.pixels[at * length..][..length]
}

fn picture(set: &ImageSet, data: &Dataset, at: usize) -> RgbImage {
    RgbImage::from_raw(data.width, data.height, pixels(set, data, at).to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DataSource, DataSpec, Leakage, PerClass};
    use crate::data::{Cache, load};

    /// Test images that were training images, once lighter, once blurred by scaling, and once mirrored, which is another
    /// picture.
    #[test]
    fn pictures_that_were_worked_on_are_found_and_others_are_not() {
        let per_class = PerClass { train: Some(20), test: Some(1) };
        let spec = DataSpec { source: DataSource::Synthetic { seed: 3 }, per_class, leakage: Leakage::Report };
        let mut data = load(&spec, &Cache::disabled(), &|_| {}).unwrap();
        assert_eq!(alike(&data).unwrap(), [], "drawn ones are all different");
        let of = |at| picture(&data.train, &data, at);
        let lighter = imageops::brighten(&of(7), 12);
        let half = imageops::resize(&of(50), 16, 16, imageops::FilterType::Triangle);
        let blurred = imageops::resize(&half, 32, 32, imageops::FilterType::Triangle);
        let mirrored = imageops::flip_horizontal(&of(90));
        let made = [lighter, blurred, mirrored, of(120)];
        let bytes = made.iter().flat_map(|picture| picture.as_raw().iter().copied());
        data.test.pixels = bytes.chain(data.test.pixels[4 * 32 * 32 * 3..].iter().copied()).collect();
        let mut found = alike(&data).unwrap();
        found.sort_by_key(|pair| pair.test);
        assert_eq!(found, [Pair { train: 7, test: 0 }, Pair { train: 50, test: 1 }]);
        let sheet = image::load_from_memory(&sheet(&data, &found).unwrap()).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (12 * 68 + 4, 68 + 4));
    }
}
