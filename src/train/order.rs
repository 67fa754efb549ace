//! Which images make up each batch of an epoch, and how each is augmented: all from addresses.

use crate::config::{Augment, Seed};
use crate::engine::Pick;
use crate::random::{Address, Stream};

/// The picks of one epoch (from 0) in training order: every image once, shuffled, augmented as asked.
pub fn epoch_picks(images: u32, seed: Seed, epoch: u32, augment: Augment) -> Vec<Pick> {
    let address = |stream| Address { seed: seed.0, stream, epoch, step: 0, layer: 0 };
    let order = address(Stream::Order).draws().permutation(images);
    let mut draws = address(Stream::Augment).draws();
    let reach = 2 * augment.crop_padding + 1;
    let mut augmented = |index| {
        let mirrored = augment.horizontal_flip && draws.below(2) == 1;
        let mut shift = || draws.below(reach) as i32 - augment.crop_padding as i32;
        let shift = if augment.crop_padding == 0 { [0, 0] } else { [shift(), shift()] };
        Pick { index, mirrored, shift }
    };
    order.into_iter().map(&mut augmented).collect()
}

/// All images in stored order, as they are.
pub fn plain_picks(images: u32) -> Vec<Pick> {
    (0..images).map(|index| Pick { index, mirrored: false, shift: [0, 0] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Augment = Augment { horizontal_flip: false, crop_padding: 0 };

    #[test]
    fn every_image_comes_once_an_epoch_in_an_order_of_its_own() {
        let order = |seed, epoch| -> Vec<u32> {
            epoch_picks(50, Seed(seed), epoch, PLAIN).iter().map(|pick| pick.index).collect()
        };
        let mut sorted = order(1, 0);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        assert_eq!(order(1, 0), order(1, 0));
        assert_ne!(order(1, 0), order(1, 1));
        assert_ne!(order(1, 0), order(2, 0));
    }

    #[test]
    fn augmentation_leaves_the_order_alone_and_stays_within_the_padding() {
        let picks = epoch_picks(2000, Seed(3), 4, Augment { horizontal_flip: true, crop_padding: 2 });
        let plain = epoch_picks(2000, Seed(3), 4, PLAIN);
        assert!(picks.iter().zip(&plain).all(|(a, b)| a.index == b.index));
        let mirrored = picks.iter().filter(|pick| pick.mirrored).count();
        assert!((900..1100).contains(&mirrored), "{mirrored} of 2000 mirrored");
        for axis in 0..2 {
            let shifts: std::collections::BTreeSet<i32> = picks.iter().map(|pick| pick.shift[axis]).collect();
            assert_eq!(shifts.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        }
    }
}
