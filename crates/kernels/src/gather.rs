//! From stored `u8` images to network input: pick, shift, mirror, scale and resize, in one pass.
//!
//! Resizing is bilinear with half-pixel centres and without antialiasing, as `tf.image.resize` does it
//! (equal to `align_corners = false` elsewhere).

use multiversion::multiversion;
use rayon::prelude::*;

use super::Out;
use super::depthwise::Shape;

/// Where one image of a batch comes from and how it is moved before resizing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    pub index: u32,
    pub mirrored: bool,
    /// Rows and columns by which the image is moved up and left; uncovered pixels are 0 before scaling.
    pub shift: [i32; 2],
}

/// A pixel p becomes `p * factor + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelScale {
    pub factor: f32,
    pub offset: f32,
}

/// Stored images: `count x height x width x 3`.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    pub pixels: &'a [u8],
    pub height: usize,
    pub width: usize,
}

/// One source position of a resized row or column: two neighbours and the weight of the second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tap {
    low: usize,
    high: usize,
    weight: f32,
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let ratio = from as f32 / to as f32;
    let tap = |at: usize| {
        let position = ((at as f32 + 0.5) * ratio - 0.5).max(0.0);
        let low = (position as usize).min(from - 1);
        Tap { low, high: (low + 1).min(from - 1), weight: position - low as f32 }
    };
    (0..to).map(tap).collect()
}

/// The picked images as `picks x size x size x 3`.
///
/// # Panics
/// When a pick lies outside the stored images.
pub fn gather(stored: Stored<'_>, picks: &[Pick], size: usize, scale: PixelScale) -> Vec<f32> {
    let (rows, columns) = (taps(stored.height, size), taps(stored.width, size));
    let stored_len = stored.height * stored.width * 3;
    let mut out = vec![0.0; picks.len() * size * size * 3];
    out.par_chunks_mut(size * size * 3).zip(picks).with_min_len(8).for_each(|(out, pick)| {
        let start = pick.index as usize * stored_len;
        let image = moved(&stored.pixels[start..start + stored_len], stored, *pick, scale);
        resize(&image, stored.width, &rows, &columns, out);
    });
    out
}

/// The image after mirroring, shifting and scaling, at its stored size.
fn moved(image: &[u8], stored: Stored<'_>, pick: Pick, scale: PixelScale) -> Vec<f32> {
    let scaled = |pixel: u8| f32::from(pixel) * scale.factor + scale.offset;
    if pick.shift == [0, 0] && !pick.mirrored {
        return image.iter().map(|&pixel| scaled(pixel)).collect();
    }
    let mut out = vec![scaled(0); image.len()];
    for row in 0..stored.height {
        for column in 0..stored.width {
            let from_row = row as i32 + pick.shift[0];
            let from_column = column as i32 + pick.shift[1];
            let inside = |at: i32, size: usize| (0..size as i32).contains(&at);
            if !inside(from_row, stored.height) || !inside(from_column, stored.width) {
                continue;
            }
            let from_column =
                if pick.mirrored { stored.width - 1 - from_column as usize } else { from_column as usize };
            let from = (from_row as usize * stored.width + from_column) * 3;
            let to = (row * stored.width + column) * 3;
            for channel in 0..3 {
                out[to + channel] = scaled(image[from + channel]);
            }
        }
    }
    out
}

fn resize(image: &[f32], width: usize, rows: &[Tap], columns: &[Tap], out: &mut [f32]) {
    if rows.len() * columns.len() * 3 == image.len() && columns.len() == width {
        return out.copy_from_slice(image);
    }
    for (row, out) in rows.iter().zip(out.chunks_exact_mut(columns.len() * 3)) {
        let (top, bottom) = (&image[row.low * width * 3..][..width * 3], &image[row.high * width * 3..][..width * 3]);
        for (column, out) in columns.iter().zip(out.chunks_exact_mut(3)) {
            for channel in 0..3 {
                let at = |line: &[f32]| {
                    let (low, high) = (line[column.low * 3 + channel], line[column.high * 3 + channel]);
                    low + (high - low) * column.weight
                };
                let (top, bottom) = (at(top), at(bottom));
                out[channel] = top + (bottom - top) * row.weight;
            }
        }
    }
}

/// What a window of `size` by `size` pixels, `dilation` apart, sees at each place as rows of a matrix: `images * out * out`
/// rows of `size * size * channels` values, ordered kernel row, kernel column, channel; zeros outside the image.
///
/// # Panics
/// When a slice is not as long as its shape says.
pub fn patches<'a>(x: &[f32], shape: Shape, window: (usize, usize), out: Out<'a>) -> &'a mut [f32] {
    assert_eq!(x.len(), shape.input_len());
    let patch = window.0 * window.0 * shape.channels;
    assert_eq!(out.len(), shape.images * shape.out_height * shape.out_width * patch);
    let line = shape.out_width * patch;
    out.for_each_task(line, super::rows_per_task(line), |first, out| {
        for (index, out) in (first..).zip(out.chunks_exact_mut(line)) {
            patch_rows(x, shape, window, index, out);
        }
    })
}

/// The patches of one row of outputs, counted through all images. Every value of `out` is written.
pub(super) fn patch_rows(x: &[f32], shape: Shape, (size, dilation): (usize, usize), index: usize, out: &mut [f32]) {
    let channels = shape.channels;
    let (image, row) = (index / shape.out_height, index % shape.out_height);
    let inside = |at: usize, extent: usize| at.checked_sub(shape.pad).filter(|&at| at < extent);
    for (column, patch) in out.chunks_exact_mut(size * size * channels).enumerate() {
        for (tap_row, taps) in patch.chunks_exact_mut(size * channels).enumerate() {
            let Some(from_row) = inside(row * shape.stride + tap_row * dilation, shape.height) else {
                taps.fill(0.0);
                continue;
            };
            let line = (image * shape.height + from_row) * shape.width;
            let first = column * shape.stride;
            // Neighbouring taps that are all inside lie one behind the other.
            if dilation == 1 && first >= shape.pad && first - shape.pad + size <= shape.width {
                let at = (line + first - shape.pad) * channels;
                taps.copy_from_slice(&x[at..at + taps.len()]);
                continue;
            }
            for (tap_column, tap) in taps.chunks_exact_mut(channels).enumerate() {
                match inside(first + tap_column * dilation, shape.width) {
                    Some(from_column) => {
                        let at = (line + from_column) * channels;
                        tap.copy_from_slice(&x[at..at + channels]);
                    }
                    None => tap.fill(0.0),
                }
            }
        }
    }
}

/// The adjoint of [`patches`] for one image: each pixel is the sum of its copies in the rows, one patch after the other.
pub(super) fn fold_image(rows: &[f32], shape: Shape, (size, dilation): (usize, usize), out: &mut [f32]) {
    let channels = shape.channels;
    out.fill(0.0);
    let inside = |at: usize, extent: usize| at.checked_sub(shape.pad).filter(|&at| at < extent);
    for (place, patch) in rows.chunks_exact(size * size * channels).enumerate() {
        let (row, column) = (place / shape.out_width * shape.stride, place % shape.out_width * shape.stride);
        for (tap_row, taps) in patch.chunks_exact(size * channels).enumerate() {
            let Some(at_row) = inside(row + tap_row * dilation, shape.height) else { continue };
            if dilation == 1 && column >= shape.pad && column - shape.pad + size <= shape.width {
                let at = (at_row * shape.width + column - shape.pad) * channels;
                add(&mut out[at..at + taps.len()], taps);
                continue;
            }
            for (tap_column, tap) in taps.chunks_exact(channels).enumerate() {
                if let Some(at_column) = inside(column + tap_column * dilation, shape.width) {
                    let at = (at_row * shape.width + at_column) * channels;
                    add(&mut out[at..at + channels], tap);
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}
