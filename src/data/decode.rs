//! One JPEG or PNG file to 8-bit RGB, with its limits checked before its pixels are touched.

use std::io::Cursor;

use image::{ColorType, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, error::LimitErrorKind};

use super::error::EntryProblem;
use super::limits::Limits;

/// The format that a file's name promises.
pub(super) fn format_of(name: &str) -> Option<ImageFormat> {
    match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => Some(ImageFormat::Jpeg),
        "png" => Some(ImageFormat::Png),
        _ => None,
    }
}

/// Height and width in pixels.
pub(super) type Size = (u32, u32);

/// An image whose header was read and found fit.
pub(super) struct Image<'a> {
    pub size: Size,
    decoder: Box<dyn ImageDecoder + 'a>,
}

impl<'a> Image<'a> {
    /// Reads the header only.
    pub fn open(bytes: &'a [u8], format: ImageFormat, limits: &Limits) -> Result<Self, EntryProblem> {
        let failed = |error| problem_of(error, limits);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits(decoding_limits(limits));
        let decoder = reader.into_decoder().map_err(failed)?;
        let (width, height) = decoder.dimensions();
        if decoder.color_type() != ColorType::Rgb8 {
            return Err(EntryProblem::NotRgb { found: decoder.original_color_type() });
        }
        if format == ImageFormat::Jpeg {
            check_jpeg(bytes)?;
        }
        Ok(Self { size: (height, width), decoder: Box::new(decoder) })
    }

    /// Height x width x 3 bytes, row-major.
    pub fn pixels(self, limits: &Limits) -> Result<Vec<u8>, EntryProblem> {
        let (height, width) = self.size;
        let mut pixels = vec![0; height as usize * width as usize * 3];
        self.decoder.read_image_boxed(&mut pixels).map_err(|error| problem_of(error, limits))?;
        Ok(pixels)
    }
}

fn decoding_limits(limits: &Limits) -> image::Limits {
    let mut decoding = image::Limits::no_limits();
    decoding.max_image_width = Some(limits.side);
    decoding.max_image_height = Some(limits.side);
    decoding.max_alloc = Some(u64::from(limits.side).pow(2) * 16);
    decoding
}

fn problem_of(error: ImageError, limits: &Limits) -> EntryProblem {
    match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => {
            EntryProblem::TooManyPixels(limits.side)
        }
        error => EntryProblem::Undecodable(error.to_string()),
    }
}

/// What the decoder glosses over: it fills in grey for a missing end and turns CMYK into some RGB, without a word.
fn check_jpeg(bytes: &[u8]) -> Result<(), EntryProblem> {
    // ITU T.81, B.1.1.3: a picture ends with FF D9. Zeros after it are padding.
    let length = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    if !bytes[..length].ends_with(&[0xFF, 0xD9]) {
        return Err(EntryProblem::CutOff);
    }
    match jpeg_components(bytes) {
        Some(4) => Err(EntryProblem::NotRgb { found: ExtendedColorType::Cmyk8 }),
        _ => Ok(()),
    }
}

/// Number of colour components that the frame header states (ITU T.81, B.2.2), where there is one.
pub(super) fn jpeg_components(bytes: &[u8]) -> Option<u8> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    loop {
        rest = &rest[rest.iter().position(|&byte| byte == 0xFF)?..];
        let marker = *rest.iter().find(|&&byte| byte != 0xFF)?;
        rest = &rest[rest.iter().position(|&byte| byte != 0xFF)? + 1..];
        // Frame headers are C0 to CF, except for Huffman tables, extensions and arithmetic coding.
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            return rest.get(7).copied();
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(length..)?;
    }
}
