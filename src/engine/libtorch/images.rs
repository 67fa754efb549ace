//! Images that stay on a GPU as bytes and are gathered, moved, scaled and resized there.

#![expect(deprecated, reason = "burn-tch is the libtorch backend; upstream names no successor for libtorch")]

use std::ops::Range;

use burn_tch::TchTensor;
use retrial_kernels::gather::{Pick, PixelScale, Stored};
use tch::{Device, Kind, Tensor};

/// `n x h x w x 3` bytes on a device.
#[derive(Debug)]
pub struct Resident {
    pixels: Tensor,
}

impl Resident {
    pub fn new(stored: Stored<'_>, device: Device) -> Self {
        let (height, width) = (stored.height as i64, stored.width as i64);
        let pixels = Tensor::from_slice(stored.pixels).view([-1, height, width, 3]).to_device(device);
        Self { pixels }
    }

    /// Sends the picks to the device.
    pub fn order(&self, picks: &[Pick]) -> Order<'_> {
        let numbers = |of: &dyn Fn(&Pick) -> i64| {
            Tensor::from_slice(&picks.iter().map(of).collect::<Vec<i64>>()).to_device(self.pixels.device())
        };
        Order {
            pixels: &self.pixels,
            index: numbers(&|pick| i64::from(pick.index)),
            moves: picks.iter().any(|pick| pick.mirrored || pick.shift != [0, 0]).then(|| Moves {
                mirrored: numbers(&|pick| i64::from(pick.mirrored)),
                rows: numbers(&|pick| i64::from(pick.shift[0])),
                columns: numbers(&|pick| i64::from(pick.shift[1])),
            }),
        }
    }
}

/// Picks on the device, `[n]` each.
#[derive(Debug)]
pub struct Order<'a> {
    pixels: &'a Tensor,
    index: Tensor,
    moves: Option<Moves>,
}

#[derive(Debug)]
struct Moves {
    mirrored: Tensor,
    rows: Tensor,
    columns: Tensor,
}

impl Order<'_> {
    /// The picked images at these places as `[n, size, size, 3]`.
    pub fn gather(&self, at: Range<usize>, size: usize, scale: PixelScale) -> TchTensor {
        let [_, height, width, _] = self.pixels.size()[..] else { unreachable!("pixels have four axes") };
        let part = |numbers: &Tensor| numbers.narrow(0, at.start as i64, at.len() as i64);
        let mut images = self.pixels.index_select(0, &part(&self.index));
        if let Some(Moves { mirrored, rows, columns }) = &self.moves {
            images = moved(&images, [height, width], [&part(rows), &part(columns)], &part(mirrored));
        }
        let scaled = images.to_kind(Kind::Float) * f64::from(scale.factor) + f64::from(scale.offset);
        let size = size as i64;
        if (height, width) == (size, size) {
            return TchTensor::new(scaled.contiguous());
        }
        let resized = scaled.permute([0, 3, 1, 2]).upsample_bilinear2d([size, size], false, None, None);
        TchTensor::new(resized.permute([0, 2, 3, 1]).contiguous())
    }
}

/// Shifts up and left, then mirrors, as the host does it: pixels from outside are 0.
fn moved(images: &Tensor, [height, width]: [i64; 2], shift: [&Tensor; 2], mirrored: &Tensor) -> Tensor {
    let count = images.size()[0];
    let options = (Kind::Int64, images.device());
    let rows = Tensor::arange(height, options).unsqueeze(0) + shift[0].unsqueeze(1);
    let columns = Tensor::arange(width, options).unsqueeze(0) + shift[1].unsqueeze(1);
    let inside = |at: &Tensor, size: i64| at.ge(0).logical_and(&at.lt(size));
    let (rows_inside, columns_inside) = (inside(&rows, height), inside(&columns, width));
    // A mirrored image is read from its far side; only columns inside the image matter.
    let flipped = (&columns * -1 + (width - 1)).where_self(&mirrored.eq(1).unsqueeze(1), &columns);
    let clamped = |at: &Tensor, size: i64| at.clamp(0, size - 1);
    let by_row = clamped(&rows, height).view([count, height, 1, 1]).expand([count, height, width, 3], false);
    let by_column = clamped(&flipped, width).view([count, 1, width, 1]).expand([count, height, width, 3], false);
    let found = images.gather(1, &by_row, false).gather(2, &by_column, false);
    let keep = rows_inside.view([count, height, 1, 1]).logical_and(&columns_inside.view([count, 1, width, 1]));
    found * keep.to_kind(Kind::Uint8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::operators_device;
    use crate::random::{Address, Stream};
    use retrial_kernels::gather::gather;

    #[test]
    fn images_on_a_device_are_moved_scaled_and_resized_as_on_the_host() {
        let mut draws = Address { seed: 1, stream: Stream::Data, epoch: 0, step: 0, layer: 0 }.draws();
        let pixels: Vec<u8> = (0..3 * 5 * 4 * 3).map(|_| draws.below(256) as u8).collect();
        let stored = Stored { pixels: &pixels, height: 5, width: 4 };
        let scale = PixelScale { factor: 1.0 / 127.5, offset: -1.0 };
        let pick = |index, mirrored, shift| Pick { index, mirrored, shift };
        let plain = [pick(2, false, [0, 0]), pick(0, false, [0, 0])];
        let moved = [pick(1, true, [0, 0]), pick(2, false, [2, -1]), pick(0, true, [-1, 2])];
        for picks in [&plain[..], &moved[..]] {
            for size in [4, 5, 9] {
                let resident = Resident::new(stored, operators_device());
                let found = resident.order(picks).gather(0..picks.len(), size, scale).tensor;
                let found = found.flatten(0, -1).to_device(Device::Cpu);
                let expected = Tensor::from_slice(&gather(stored, picks, size, scale));
                let worst = (found - expected).abs().max().double_value(&[]);
                assert!(worst < 1e-6, "size {size}: {worst}");
            }
        }
    }
}
