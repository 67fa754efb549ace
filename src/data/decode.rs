//! One image file to 8-bit RGB, as torchvision's loader makes it, with its limits checked before its pixels are touched.
//!
//! What the file holds decides how it is read, not its name. Gray becomes three equal channels, transparency is dropped and
//! not blended, CMYK is taken for Adobe's inverted kind, 16 bits become 8 by value / 257: `Image.convert("RGB")` of Pillow,
//! but for colour in 16 bits, which Pillow cuts off. An EXIF orientation is not followed, as there.

use std::io::Cursor;
use std::sync::Mutex;

use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage, error::LimitErrorKind,
    metadata::Orientation,
};

use super::error::EntryProblem;
use super::limits::Limits;
use crate::bundle::record::Conversion;

/// The kinds that are read, with what their names end in.
const KINDS: [(ImageFormat, &[&str]); 4] = [
    (ImageFormat::Jpeg, &["jpg", "jpeg", "jpe", "jfif"]),
    (ImageFormat::Png, &["png"]),
    (ImageFormat::WebP, &["webp"]),
    (ImageFormat::Bmp, &["bmp", "dib"]),
];
/// Other kinds of images, which are not read: named, so that nobody has to guess why not.
const OTHERS: [&str; 9] = ["gif", "tif", "tiff", "heic", "heif", "avif", "ppm", "pgm", "jp2"];

/// Whether a file is meant to be an image, by its name.
pub(super) fn is_named_like_an_image(name: &str) -> bool {
    let Some((_, ending)) = name.rsplit_once('.') else { return false };
    let ending = ending.to_ascii_lowercase();
    KINDS.iter().flat_map(|(_, endings)| *endings).chain(&OTHERS).any(|known| *known == ending)
}

/// Height and width in pixels.
pub(super) type Size = (u32, u32);

/// An image whose header was read and found fit.
pub(super) struct Image<'a> {
    pub size: Size,
    /// What is done to it on the way to 8-bit RGB.
    pub conversions: Vec<Conversion>,
    decoder: Box<dyn ImageDecoder + 'a>,
}

impl<'a> Image<'a> {
    /// Reads the header only.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, EntryProblem> {
        let failed = |error| problem_of(error, limits);
        let format = image::guess_format(bytes).map_err(|_| EntryProblem::NoImage)?;
        if !KINDS.iter().any(|(known, _)| *known == format) {
            return Err(EntryProblem::OtherFormat(format!("{format:?}").to_uppercase()));
        }
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits(decoding_limits(limits));
        let mut decoder = reader.into_decoder().map_err(failed)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > limits.pixels {
            return Err(EntryProblem::TooManyPixels { side: limits.side, pixels: limits.pixels });
        }
        let is_cmyk = format == ImageFormat::Jpeg && jpeg_components(bytes) == Some(4);
        if format == ImageFormat::Jpeg {
            check_jpeg(bytes)?;
        }
        let mut conversions = conversions(decoder.color_type());
        conversions.extend(is_cmyk.then_some(Conversion::Cmyk));
        // One that cannot be read says nothing of how the picture lies.
        let is_turned = decoder.orientation().is_ok_and(|orientation| orientation != Orientation::NoTransforms);
        conversions.extend(is_turned.then_some(Conversion::NotTurned));
        Ok(Self { size: (height, width), conversions, decoder: Box::new(decoder) })
    }

    /// All of its pixels.
    pub fn pixels(self, limits: &Limits) -> Result<RgbImage, EntryProblem> {
        // One at a time of those that take hundreds of megabytes, however many threads there are.
        static LARGE: Mutex<()> = Mutex::new(());
        const IS_LARGE: u64 = 25_000_000;
        let is_large = u64::from(self.size.0) * u64::from(self.size.1) > IS_LARGE;
        let _turn = is_large.then(|| LARGE.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let image = DynamicImage::from_decoder(self.decoder).map_err(|error| problem_of(error, limits))?;
        Ok(image.into_rgb8())
    }
}

fn conversions(colour: ColorType) -> Vec<Conversion> {
    let is_gray = !colour.has_color();
    let is_deep = colour.bytes_per_pixel() > colour.channel_count();
    let all = [(is_gray, Conversion::Gray), (colour.has_alpha(), Conversion::Alpha), (is_deep, Conversion::SixteenBit)];
    all.into_iter().filter_map(|(is_done, conversion)| is_done.then_some(conversion)).collect()
}

fn decoding_limits(limits: &Limits) -> image::Limits {
    let mut decoding = image::Limits::no_limits();
    decoding.max_image_width = Some(limits.side);
    decoding.max_image_height = Some(limits.side);
    decoding.max_alloc = Some(limits.pixels * 16);
    decoding
}

fn problem_of(error: ImageError, limits: &Limits) -> EntryProblem {
    match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => {
            EntryProblem::TooManyPixels { side: limits.side, pixels: limits.pixels }
        }
        error => EntryProblem::Undecodable(error.to_string()),
    }
}

/// What the decoder glosses over: it fills in grey for a missing end, without a word. Cameras write more after the end.
fn check_jpeg(bytes: &[u8]) -> Result<(), EntryProblem> {
    // ITU T.81, B.1.1.3: a picture ends with FF D9.
    if Markers::of(bytes).any(|(marker, _)| marker == 0xD9) { Ok(()) } else { Err(EntryProblem::CutOff) }
}

/// Number of colour components that the frame header states (ITU T.81, B.2.2), where there is one.
pub(super) fn jpeg_components(bytes: &[u8]) -> Option<u8> {
    // Frame headers are C0 to CF, except for Huffman tables, extensions and arithmetic coding.
    let is_frame = |marker| matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
    let (_, header) = Markers::of(bytes).find(|&(marker, _)| is_frame(marker))?;
    header.get(5).copied()
}

/// The markers of a JPEG, each with its segment (ITU T.81, B.1.1); what is coded between two of them is passed over.
struct Markers<'a>(&'a [u8]);

impl<'a> Markers<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self(bytes.strip_prefix(&[0xFF, 0xD8]).unwrap_or_default())
    }
}

impl<'a> Iterator for Markers<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = &self.0[self.0.iter().position(|&byte| byte == 0xFF)?..];
            let at = rest.iter().position(|&byte| byte != 0xFF)?;
            let marker = rest[at];
            self.0 = &rest[at + 1..];
            match marker {
                // A coded FF, and where a decoder may begin anew.
                0x00 | 0x01 | 0xD0..=0xD7 => {}
                0xD8 | 0xD9 => return Some((marker, &[])),
                _ => {
                    let length = usize::from(u16::from_be_bytes([*self.0.first()?, *self.0.get(1)?]));
                    let segment = self.0.get(2..length)?;
                    self.0 = &self.0[length..];
                    return Some((marker, segment));
                }
            }
        }
    }
}
