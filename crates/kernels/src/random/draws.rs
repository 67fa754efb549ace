//! Numbers of one address, one after another: integers, fractions, normals, shuffles. All bits are the same everywhere.

use super::philox::block;

/// The words of a key's blocks 0, 1, 2, … in order.
#[derive(Debug, Clone)]
pub struct Draws {
    key: [u32; 2],
    /// Number of words drawn so far.
    drawn: u64,
    block: [u32; 4],
}

impl Draws {
    pub(super) fn new(key: [u32; 2]) -> Self {
        Self { key, drawn: 0, block: [0; 4] }
    }

    pub fn next_u32(&mut self) -> u32 {
        let lane = (self.drawn % 4) as usize;
        if lane == 0 {
            self.block = block(self.key, self.drawn / 4);
        }
        self.drawn += 1;
        self.block[lane]
    }

    /// Two words, the low one first.
    pub fn next_u64(&mut self) -> u64 {
        let low = u64::from(self.next_u32());
        low | u64::from(self.next_u32()) << 32
    }

    /// Uniform in `0..bound`, without bias (Lemire 2019, "Fast random integer generation in an interval").
    /// Takes one word, rarely more.
    ///
    /// # Panics
    /// When `bound` is 0: no number is below it.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "no number is below 0");
        let mut product = u64::from(self.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let rejected_below = bound.wrapping_neg() % bound;
            while (product as u32) < rejected_below {
                product = u64::from(self.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// Uniform in `[0, 1)`: a multiple of 2⁻²⁴, from one word.
    pub fn unit_f32(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 * (1.0 / (1u32 << 24) as f32)
    }

    /// Uniform in `[0, 1)`: a multiple of 2⁻⁵³, from two words.
    pub fn unit_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal (Box and Muller 1958), from four words. The second of each pair is not used, so that a draw's
    /// length never depends on the draws before it. `libm` rather than the system's functions, which round differently.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit_f64()));
        radius * libm::cos(2.0 * std::f64::consts::PI * self.unit_f64())
    }

    /// Every order equally likely (Fisher and Yates, in Durstenfeld's form).
    ///
    /// # Panics
    /// When there are 2³² items or more.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let bound = u32::try_from(last + 1).expect("fewer than 2^32 items");
            items.swap(last, self.below(bound) as usize);
        }
    }

    /// The numbers `0..n` in random order.
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draws(seed: u32) -> Draws {
        Draws::new([seed, 0])
    }

    /// Pearson's statistic of counts that should be equal.
    fn chi_square(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn words_come_in_the_order_of_the_blocks() {
        // Random123's known answer for counter 0 and key 0.
        let mut draws = draws(0);
        let words: Vec<u32> = (0..5).map(|_| draws.next_u32()).collect();
        assert_eq!(words[..4], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(words[4], block([0, 0], 1)[0]);
    }

    #[test]
    fn wider_numbers_are_made_of_the_first_words() {
        // By hand from the known answer's first two words.
        assert_eq!(draws(0).next_u64(), 0xe169_c58d_6627_e8d5);
        assert_eq!(draws(0).unit_f32(), 0x66_27e8 as f32 / 16_777_216.0);
        assert_eq!(draws(0).unit_f64(), (0xe169_c58d_6627_e8d5_u64 >> 11) as f64 / 9_007_199_254_740_992.0);
    }

    #[test]
    fn bounded_numbers_reject_the_words_that_would_bias_them() {
        // With bound 3 * 2^30 a quarter of all words must be rejected (2^32 mod 3 * 2^30 = 2^30). Without rejection the
        // numbers divisible by 3 would come up twice as often as the others.
        let (mut draws, mut counts) = (draws(5), [0; 3]);
        for _ in 0..30_000 {
            counts[(draws.below(3 << 30) % 3) as usize] += 1;
        }
        assert!(chi_square(&counts) < 13.8, "{counts:?}"); // 99.9% quantile, 2 degrees of freedom
        assert!((draws.drawn as f64 / 30_000.0 - 4.0 / 3.0).abs() < 0.02, "{} words", draws.drawn);
    }

    #[test]
    fn bounded_numbers_are_uniform() {
        let (mut draws, mut counts) = (draws(1), [0; 10]);
        for _ in 0..100_000 {
            counts[draws.below(10) as usize] += 1;
        }
        assert!(chi_square(&counts) < 27.9, "{counts:?}"); // 99.9% quantile, 9 degrees of freedom
    }

    #[test]
    fn every_order_of_four_items_is_equally_likely() {
        let (mut draws, mut counts) = (draws(2), std::collections::BTreeMap::new());
        for _ in 0..24_000 {
            *counts.entry(draws.permutation(4)).or_default() += 1;
        }
        let counts: Vec<u32> = counts.into_values().collect();
        assert_eq!(counts.len(), 24);
        assert!(chi_square(&counts) < 49.7, "{counts:?}"); // 99.9% quantile, 23 degrees of freedom
    }

    #[test]
    fn normals_have_the_moments_and_tails_of_the_normal_distribution() {
        let mut draws = draws(3);
        let values: Vec<f64> = (0..100_000).map(|_| draws.normal()).collect();
        let mean = |f: fn(f64) -> f64| values.iter().map(|&x| f(x)).sum::<f64>() / values.len() as f64;
        // Five standard errors each; the moments are 0, 1, 0, 3 and P(|x| > 1.959964) is 0.05.
        assert!(mean(|x| x).abs() < 0.016);
        assert!((mean(|x| x * x) - 1.0).abs() < 0.023);
        assert!(mean(|x| x.powi(3)).abs() < 0.062);
        assert!((mean(|x| x.powi(4)) - 3.0).abs() < 0.16);
        assert!((mean(|x| f64::from(x.abs() > 1.959_964)) - 0.05).abs() < 0.0035);
    }

    proptest! {
        #[test]
        fn numbers_stay_in_their_range(seed: u32, bound in 1u32..) {
            let mut draws = draws(seed);
            for _ in 0..20 {
                prop_assert!(draws.below(bound) < bound);
                prop_assert!((0.0..1.0).contains(&draws.unit_f32()));
                prop_assert!((0.0..1.0).contains(&draws.unit_f64()));
                prop_assert!(draws.normal().is_finite());
            }
        }

        #[test]
        fn a_permutation_holds_every_number_once(seed: u32, n in 0u32..300) {
            let mut order = draws(seed).permutation(n);
            order.sort_unstable();
            prop_assert_eq!(order, (0..n).collect::<Vec<u32>>());
        }
    }
}
