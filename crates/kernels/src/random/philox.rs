//! Philox4x32-10: a keyed bijection of 128-bit counters that passes the usual batteries of randomness tests.
//!
//! Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3" (SC11); constants from its table 2
//! and from the authors' library Random123.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// The golden ratio and sqrt(3) - 1, as 32-bit fractions.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Ten rounds of Philox4x32.
#[inline]
pub fn philox4x32_10(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let left = u64::from(counter[0]) * u64::from(MULTIPLIERS[0]);
        let right = u64::from(counter[2]) * u64::from(MULTIPLIERS[1]);
        counter = [
            (right >> 32) as u32 ^ counter[1] ^ key[0],
            right as u32,
            (left >> 32) as u32 ^ counter[3] ^ key[1],
            left as u32,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// Words `4 * index ..= 4 * index + 3` of a key's sequence, without those before them.
#[inline]
pub fn block(key: [u32; 2], index: u64) -> [u32; 4] {
    philox4x32_10([index as u32, (index >> 32) as u32, 0, 0], key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows `philox4x32 10` of Random123 1.14.0, `tests/kat_vectors`: counter, key, output.
    const KNOWN_ANSWERS: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];

    #[test]
    fn the_published_known_answers_are_met() {
        for (counter, key, answer) in KNOWN_ANSWERS {
            assert_eq!(philox4x32_10(counter, key), answer, "counter {counter:08x?}, key {key:08x?}");
        }
    }

    #[test]
    fn a_block_index_fills_the_counter_from_its_low_word() {
        assert_eq!(block([7, 8], 0x0000_0002_0000_0001), philox4x32_10([1, 2, 0, 0], [7, 8]));
    }
}
