//! The largest value or the mean of each window, channels last, forward and backward. Padding counts as no value.

use rayon::prelude::*;

use super::depthwise::Shape;

/// One pool: its sizes, the side of its window, and whether the largest value counts or the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooling {
    pub shape: Shape,
    pub size: usize,
    pub is_max: bool,
}

impl Pooling {
    fn of_input(&self) -> usize {
        self.shape.height * self.shape.width * self.shape.channels
    }

    fn of_output(&self) -> usize {
        self.shape.out_height * self.shape.out_width * self.shape.channels
    }

    /// For each output pixel, its place and those of the pixels in its window, in row-major order.
    fn windows(&self, mut each: impl FnMut(usize, &[usize])) {
        let Shape { height, width, stride, pad, out_height, out_width, .. } = self.shape;
        let mut inside = Vec::with_capacity(self.size * self.size);
        let span = |at: usize, extent: usize| {
            let first = (at * stride).saturating_sub(pad);
            first..(at * stride + self.size).saturating_sub(pad).min(extent)
        };
        for row in 0..out_height {
            for column in 0..out_width {
                inside.clear();
                for from_row in span(row, height) {
                    inside.extend(span(column, width).map(|from_column| from_row * width + from_column));
                }
                each(row * out_width + column, &inside);
            }
        }
    }
}

/// Every output's largest value (or one that is not a number, where there is one), or mean.
///
/// # Panics
/// When a slice is not as long as its shape says.
pub fn forward(x: &[f32], pooling: Pooling, y: &mut [f32]) {
    assert_eq!((x.len(), y.len()), (pooling.shape.input_len(), pooling.shape.output_len()));
    let channels = pooling.shape.channels;
    let images = x.par_chunks(pooling.of_input()).zip(y.par_chunks_mut(pooling.of_output()));
    images.for_each(|(x, y)| {
        pooling.windows(|place, inside| {
            let y = &mut y[place * channels..(place + 1) * channels];
            y.fill(if pooling.is_max { f32::NEG_INFINITY } else { 0.0 });
            for pixel in inside {
                let x = &x[pixel * channels..(pixel + 1) * channels];
                for (y, &x) in y.iter_mut().zip(x) {
                    if pooling.is_max {
                        *y = if x > *y || x.is_nan() { x } else { *y };
                    } else {
                        *y += x;
                    }
                }
            }
            if !pooling.is_max {
                let count = inside.len() as f32;
                y.iter_mut().for_each(|y| *y /= count);
            }
        });
    });
}

/// The gradient of `x`: that of the largest value goes to the first pixel that has it.
///
/// # Panics
/// When a slice is not as long as its shape says.
pub fn backward(x: &[f32], y: &[f32], grad: &[f32], pooling: Pooling, dx: &mut [f32]) {
    assert_eq!((x.len(), y.len()), (pooling.shape.input_len(), pooling.shape.output_len()));
    assert_eq!((dx.len(), grad.len()), (x.len(), y.len()));
    let channels = pooling.shape.channels;
    let (of_input, of_output) = (pooling.of_input(), pooling.of_output());
    let inputs = x.par_chunks(of_input).zip(dx.par_chunks_mut(of_input));
    let outputs = y.par_chunks(of_output).zip(grad.par_chunks(of_output));
    inputs.zip(outputs).for_each(|((x, dx), (y, grad))| {
        dx.fill(0.0);
        // What of each channel's gradient has not found its pixel yet.
        let mut left = vec![0.0; channels];
        pooling.windows(|place, inside| {
            let at = place * channels..(place + 1) * channels;
            let (y, grad) = (&y[at.clone()], &grad[at]);
            left.copy_from_slice(grad);
            let count = inside.len() as f32;
            for pixel in inside {
                let at = pixel * channels..(pixel + 1) * channels;
                let (x, dx) = (&x[at.clone()], &mut dx[at]);
                for channel in 0..channels {
                    if !pooling.is_max {
                        dx[channel] += grad[channel] / count;
                    } else if x[channel] == y[channel] {
                        dx[channel] += left[channel];
                        left[channel] = 0.0;
                    }
                }
            }
        });
    });
}
