//! Addressed random numbers: every draw is a function of where it is used, not of what was drawn before.
//!
//! The generator is counter-based (Philox4x32-10), so resuming at step k, another number of threads or another order
//! of trials changes no bit, and every platform draws the same ones. Not for cryptography.
//!
//! An [`Address`] becomes a 64-bit Philox key in two applications of Philox, both keyed by what came before:
//!
//! ```text
//! place = philox(counter: [stream, epoch, layer, "retr"],                 key: seed)
//! key   = philox(counter: [step, step >> 32, place[2], place[3]],         key: place[0..2])[0..2]
//! block(i) = philox(counter: [i, i >> 32, 0, 0],                          key: key)
//! ```
//!
//! Philox with a fixed key permutes counters, so addresses of one seed differ in `place` unless all three of its words
//! agree. Keys can still collide by chance, like any 64-bit hash: n addresses share one with probability below n² / 2⁶⁵,
//! about 3 in 100,000 for the 35 million dropout masks of a million steps. A collision repeats a mask; it breaks nothing.

mod draws;
mod philox;

pub use draws::Draws;
pub use philox::{block, philox4x32_10};

/// What a draw is for. The numbers are part of every published result: never renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Stream {
    /// Initial weights; `layer` counts the kernels.
    Init = 1,
    /// Order of the training images in an epoch.
    Order = 2,
    /// Flips and crops of an epoch.
    Augment = 3,
    /// Dropout masks; `layer` counts the dropout places.
    Dropout = 4,
    /// Synthetic images: `epoch` is the split, `step` the image, `layer` the class.
    Data = 5,
    /// Class-balanced subsets: `epoch` is the split, `layer` the class.
    Subset = 6,
    /// Resampling for intervals.
    Bootstrap = 7,
}

/// Where random numbers are used. Fields that a stream has no use for are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    pub seed: u64,
    pub stream: Stream,
    pub epoch: u32,
    pub step: u64,
    pub layer: u32,
}

impl Address {
    /// The Philox key of this address, low word first; see the module's description for the scheme.
    pub fn key(self) -> [u32; 2] {
        const DOMAIN: u32 = u32::from_be_bytes(*b"retr");
        let seed = [self.seed as u32, (self.seed >> 32) as u32];
        let place = philox4x32_10([self.stream as u32, self.epoch, self.layer, DOMAIN], seed);
        let counter = [self.step as u32, (self.step >> 32) as u32, place[2], place[3]];
        let [low, high, ..] = philox4x32_10(counter, [place[0], place[1]]);
        [low, high]
    }

    /// The numbers of this address, from the first.
    pub fn draws(self) -> Draws {
        Draws::new(self.key())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const ORIGIN: Address = Address { seed: 1, stream: Stream::Dropout, epoch: 2, step: 3, layer: 4 };

    #[test]
    fn an_address_always_has_the_same_key_and_each_field_changes_it() {
        let elsewhere = [
            ORIGIN,
            Address { seed: 2, ..ORIGIN },
            Address { seed: 1 + (1 << 32), ..ORIGIN },
            Address { stream: Stream::Augment, ..ORIGIN },
            Address { epoch: 3, ..ORIGIN },
            Address { step: 4, ..ORIGIN },
            Address { step: 3 + (1 << 32), ..ORIGIN },
            Address { layer: 5, ..ORIGIN },
            // The same numbers in other fields.
            Address { epoch: 4, layer: 2, ..ORIGIN },
            Address { seed: 3, step: 1, ..ORIGIN },
        ];
        let keys: HashSet<[u32; 2]> = elsewhere.iter().map(|address| address.key()).collect();
        assert_eq!(keys.len(), elsewhere.len());
        assert_eq!(ORIGIN.key(), ORIGIN.key());
    }

    /// Written out by hand from the description above, as someone porting it would.
    #[test]
    fn the_key_is_derived_as_described() {
        let place = philox4x32_10([4, 2, 4, 0x7265_7472], [1, 0]);
        let expected = philox4x32_10([3, 0, place[2], place[3]], [place[0], place[1]]);
        assert_eq!(ORIGIN.key(), expected[..2]);
    }

    #[test]
    fn a_hundred_thousand_neighbouring_addresses_share_no_key() {
        let keys: HashSet<[u32; 2]> =
            (0..100_000).map(|n| Address { step: n % 1000, layer: (n / 1000) as u32, ..ORIGIN }.key()).collect();
        assert_eq!(keys.len(), 100_000);
    }
}
