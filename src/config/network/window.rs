//! The square window of a convolution or a pool.

use super::layer::Padding;

/// Size, stride and padding of a window along both axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Side in pixels.
    pub size: usize,
    pub stride: usize,
    /// Rows above and columns to the left.
    pub before: usize,
    /// Rows below and columns to the right.
    pub after: usize,
    /// Distance of neighbouring pixels of the window.
    pub dilation: usize,
}

impl Window {
    /// A window of 3 x 3 with TensorFlow's `same` padding: as many outputs as `ceil(extent / stride)`, an odd pixel of
    /// padding going after.
    pub fn same(extent: usize, stride: usize) -> Self {
        Self::padded(3, stride, 1, Padding::Same, extent)
    }

    /// A window of 3 x 3 on an image with one zero row below and column to the right (`ZeroPadding2D(((0, 1), (0, 1)))`).
    pub fn zero_padded_after(stride: usize) -> Self {
        Self { size: 3, stride, before: 0, after: 1, dilation: 1 }
    }

    /// For images of `extent` pixels a side.
    pub(super) fn padded(size: usize, stride: usize, dilation: usize, padding: Padding, extent: usize) -> Self {
        let [before, after] = match padding {
            Padding::Valid => [0, 0],
            Padding::Sides(sides) => sides.map(|pixels| pixels as usize),
            Padding::Same => {
                let reach = (extent.div_ceil(stride).max(1) - 1) * stride + dilation * (size - 1) + 1;
                let total = reach.saturating_sub(extent);
                [total / 2, total - total / 2]
            }
        };
        Self { size, stride, before, after, dilation }
    }

    /// Pixels from the first to the last of the window, both counted.
    pub fn reach(&self) -> usize {
        self.dilation * (self.size - 1) + 1
    }

    /// Whether an image of `extent` pixels a side holds at least one window.
    pub fn fits(&self, extent: usize) -> bool {
        extent + self.before + self.after >= self.reach()
    }

    /// Outputs along an axis of `extent` pixels.
    ///
    /// # Panics
    /// Unless it [fits](Self::fits).
    pub fn output_size(&self, extent: usize) -> usize {
        (extent + self.before + self.after - self.reach()) / self.stride + 1
    }

    /// One pixel after the other, each by itself.
    pub fn is_pointwise(&self) -> bool {
        *self == Self { size: 1, stride: 1, before: 0, after: 0, dilation: 1 }
    }

    /// The only kind of window that the depthwise kernels slide.
    pub fn is_three(&self) -> bool {
        self.size == 3 && self.dilation == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // tf.keras: Conv2D(…, 3, strides=2, padding='same') on 7 and 8 pixels gives 4; padding (1, 1) and (0, 1).
    #[test]
    fn same_is_tensorflows() {
        let sides = |extent, stride| {
            let window = Window::same(extent, stride);
            (window.before, window.after, window.output_size(extent))
        };
        assert_eq!(sides(7, 2), (1, 1, 4));
        assert_eq!(sides(8, 2), (0, 1, 4));
        assert_eq!(sides(8, 1), (1, 1, 8));
        assert_eq!(sides(1, 2), (1, 1, 1));
    }

    // PyTorch's formula for Conv2d: floor((32 + 2 * 2 - 2 * (5 - 1) - 1) / 2 + 1) = 14 for size 5, dilation 2, padding 2.
    #[test]
    fn a_dilated_window_reaches_further() {
        let window = Window::padded(5, 2, 2, Padding::Sides([2, 2]), 32);
        assert_eq!((window.reach(), window.output_size(32)), (9, 14));
        assert!(!Window::padded(5, 1, 2, Padding::Valid, 8).fits(8));
    }
}
