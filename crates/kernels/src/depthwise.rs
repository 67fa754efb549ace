//! Depthwise 3x3 convolution, channels last, forward and both gradients.
//!
//! Images are `n x height x width x channels`, kernels `3 x 3 x channels`. Each task works on whole images or whole
//! output rows; within it a block of channels stays in registers while the nine taps are gone through.

use multiversion::multiversion;

use super::{Out, map_tasks, rows_per_task, sum_in_order};

/// Sizes of one depthwise convolution. Padding is what lies above and left; below and right follows from the sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub images: usize,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    pub stride: usize,
    pub pad: usize,
    pub out_height: usize,
    pub out_width: usize,
}

impl Shape {
    pub fn input_len(&self) -> usize {
        self.images * self.height * self.width * self.channels
    }

    pub fn output_len(&self) -> usize {
        self.images * self.out_height * self.out_width * self.channels
    }

    fn check(&self, input_len: usize, kernel_len: usize, output_len: usize) {
        assert_eq!(input_len, self.input_len());
        assert_eq!(output_len, self.output_len());
        assert_eq!(kernel_len, 9 * self.channels);
    }

    /// The taps `0..3` that fall inside an input of `size` when the window starts at `start - pad`.
    #[inline(always)]
    fn taps(&self, start: usize, size: usize) -> std::ops::Range<usize> {
        let low = self.pad.saturating_sub(start).min(3);
        let high = (size + self.pad).saturating_sub(start).min(3);
        low..high.max(low)
    }
}

/// `y = x * kernel`, as cross-correlation.
pub fn forward<'a>(x: &[f32], kernel: &[f32], shape: Shape, y: Out<'a>) -> &'a mut [f32] {
    shape.check(x.len(), kernel.len(), y.len());
    let row = shape.out_width * shape.channels;
    y.for_each_task(row, rows_per_task(row), |first, out| {
        for (index, out) in (first..).zip(out.chunks_exact_mut(row)) {
            let (image, row) = (index / shape.out_height, index % shape.out_height);
            let size = shape.height * shape.width * shape.channels;
            output_row(&x[image * size..(image + 1) * size], kernel, shape, row, out);
        }
    })
}

/// Calls `$body` with a constant block width for each block of channels: sixteens, then eights, then single ones.
macro_rules! by_channel_block {
    ($channels:expr, |$channel:ident, $LANES:ident| $body:expr) => {{
        let channels: usize = $channels;
        let mut $channel = 0;
        while $channel < channels {
            if $channel + 16 <= channels {
                const $LANES: usize = 16;
                $body;
                $channel += $LANES;
            } else if $channel + 8 <= channels {
                const $LANES: usize = 8;
                $body;
                $channel += $LANES;
            } else {
                const $LANES: usize = 1;
                $body;
                $channel += $LANES;
            }
        }
    }};
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn output_row(image: &[f32], kernel: &[f32], shape: Shape, row: usize, out: &mut [f32]) {
    by_channel_block!(shape.channels, |channel, LANES| output_row_block::<LANES>(
        image, kernel, shape, row, channel, out
    ));
}

#[inline(always)]
fn output_row_block<const LANES: usize>(
    image: &[f32],
    kernel: &[f32],
    shape: Shape,
    row: usize,
    channel: usize,
    out: &mut [f32],
) {
    let channels = shape.channels;
    let mut taps = [[0.0; LANES]; 9];
    for (index, tap) in taps.iter_mut().enumerate() {
        tap.copy_from_slice(&kernel[index * channels + channel..][..LANES]);
    }
    let rows = shape.taps(row * shape.stride, shape.height);
    for column in 0..shape.out_width {
        let columns = shape.taps(column * shape.stride, shape.width);
        let mut sum = [0.0f32; LANES];
        for dy in rows.clone() {
            let line = (row * shape.stride + dy - shape.pad) * shape.width;
            for dx in columns.clone() {
                let at = (line + column * shape.stride + dx - shape.pad) * channels + channel;
                let x = &image[at..at + LANES];
                let tap = &taps[dy * 3 + dx];
                for lane in 0..LANES {
                    sum[lane] += x[lane] * tap[lane];
                }
            }
        }
        out[column * channels + channel..][..LANES].copy_from_slice(&sum);
    }
}

/// Gradient `dx` with respect to the input, for the gradient `dy` of the output.
pub fn input_gradient<'a>(dy: &[f32], kernel: &[f32], shape: Shape, dx: Out<'a>) -> &'a mut [f32] {
    shape.check(dx.len(), kernel.len(), dy.len());
    let row = shape.width * shape.channels;
    dx.for_each_task(row, rows_per_task(row), |first, out| {
        for (index, out) in (first..).zip(out.chunks_exact_mut(row)) {
            let (image, row) = (index / shape.height, index % shape.height);
            let size = shape.out_height * shape.out_width * shape.channels;
            input_row(&dy[image * size..(image + 1) * size], kernel, shape, row, out);
        }
    })
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn input_row(dy: &[f32], kernel: &[f32], shape: Shape, row: usize, out: &mut [f32]) {
    by_channel_block!(shape.channels, |channel, LANES| input_row_block::<LANES>(dy, kernel, shape, row, channel, out));
}

/// The output position that tap `tap` connects with input position `at`, if there is one.
#[inline(always)]
fn output_of(at: usize, tap: usize, pad: usize, stride: usize, size: usize) -> Option<usize> {
    let from = (at + pad).checked_sub(tap)?;
    (from.is_multiple_of(stride) && from / stride < size).then_some(from / stride)
}

#[inline(always)]
fn input_row_block<const LANES: usize>(
    dy: &[f32],
    kernel: &[f32],
    shape: Shape,
    row: usize,
    channel: usize,
    out: &mut [f32],
) {
    let channels = shape.channels;
    let mut taps = [[0.0; LANES]; 9];
    for (index, tap) in taps.iter_mut().enumerate() {
        tap.copy_from_slice(&kernel[index * channels + channel..][..LANES]);
    }
    let rows = [0, 1, 2].map(|tap| output_of(row, tap, shape.pad, shape.stride, shape.out_height));
    for column in 0..shape.width {
        let mut sum = [0.0f32; LANES];
        for (ky, from_row) in rows.iter().enumerate() {
            let Some(from_row) = from_row else { continue };
            for kx in 0..3 {
                let Some(from) = output_of(column, kx, shape.pad, shape.stride, shape.out_width) else { continue };
                let at = (from_row * shape.out_width + from) * channels + channel;
                let dy = &dy[at..at + LANES];
                let tap = &taps[ky * 3 + kx];
                for lane in 0..LANES {
                    sum[lane] += dy[lane] * tap[lane];
                }
            }
        }
        out[column * channels + channel..][..LANES].copy_from_slice(&sum);
    }
}

/// Gradient with respect to the kernel, summed over all images in a fixed order.
pub fn kernel_gradient(x: &[f32], dy: &[f32], shape: Shape) -> Vec<f32> {
    shape.check(x.len(), 9 * shape.channels, dy.len());
    let row = shape.out_width * shape.channels;
    let rows = shape.images * shape.out_height;
    let partials = map_tasks(rows, rows_per_task(row), |range| {
        let mut sums = vec![0.0; 9 * shape.channels];
        kernel_sums(x, dy, shape, range, &mut sums);
        sums
    });
    sum_in_order(partials, 9 * shape.channels)
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq+fma", "x86_64+avx2+fma"))]
fn kernel_sums(x: &[f32], dy: &[f32], shape: Shape, rows: std::ops::Range<usize>, sums: &mut [f32]) {
    by_channel_block!(shape.channels, |channel, LANES| kernel_sums_block::<LANES>(
        x,
        dy,
        shape,
        rows.clone(),
        channel,
        sums
    ));
}

#[inline(always)]
fn kernel_sums_block<const LANES: usize>(
    x: &[f32],
    dy: &[f32],
    shape: Shape,
    rows: std::ops::Range<usize>,
    channel: usize,
    sums: &mut [f32],
) {
    let channels = shape.channels;
    let mut taps = [[0.0f32; LANES]; 9];
    for index in rows {
        let (image, row) = (index / shape.out_height, index % shape.out_height);
        let inside = shape.taps(row * shape.stride, shape.height);
        for column in 0..shape.out_width {
            let columns = shape.taps(column * shape.stride, shape.width);
            let from = (index * shape.out_width + column) * channels + channel;
            let dy = &dy[from..from + LANES];
            for ky in inside.clone() {
                let line = (image * shape.height + row * shape.stride + ky - shape.pad) * shape.width;
                for kx in columns.clone() {
                    let at = (line + column * shape.stride + kx - shape.pad) * channels + channel;
                    let x = &x[at..at + LANES];
                    let tap = &mut taps[ky * 3 + kx];
                    for lane in 0..LANES {
                        tap[lane] += x[lane] * dy[lane];
                    }
                }
            }
        }
    }
    for (index, tap) in taps.iter().enumerate() {
        for (sum, tap) in sums[index * channels + channel..][..LANES].iter_mut().zip(tap) {
            *sum += tap;
        }
    }
}
