//! Dropout masks from a counter-based generator: any element's fate is computed from its index alone.
//!
//! Sixteen bits decide each element. Elements are numbered in tiles of 128; tile `t` takes its bits from the sixteen
//! Philox4x32-10 blocks `16t..16t+16`: element `j` of the tile reads half-word `j / 16` of block `16t + j % 16`
//! (half-words are numbered from the low half of the first word). So sixteen neighbours come from sixteen lanes of one
//! vector, and no mask need ever be stored.

use multiversion::multiversion;

/// Elements that share sixteen generator blocks.
pub const TILE: usize = 128;
const LANES: usize = 16;

/// Which values a dropout layer keeps, and by how much it scales them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropMask {
    key: [u32; 2],
    threshold: u32,
    scale: f32,
}

impl DropMask {
    /// `key` is the address of this layer at this step, `rate` the share of values to drop. The rate is rounded to a
    /// multiple of 2^-16 (an error below 7.7e-6) and the kept values are scaled by the inverse of exactly that, so the
    /// expectation is preserved.
    ///
    /// # Panics
    /// When `rate` is not in `[0, 1)`: at 1 nothing would be kept.
    pub fn new(key: [u32; 2], rate: f64) -> Self {
        assert!((0.0..1.0).contains(&rate), "a dropout rate of {rate}");
        let threshold = (rate * 65536.0).round().min(65535.0);
        Self { key, threshold: threshold as u32, scale: (65536.0 / (65536.0 - threshold)) as f32 }
    }

    /// The address of the mask, for engines that draw it with a generator of their own.
    pub fn key(&self) -> [u32; 2] {
        self.key
    }

    /// The rate as it is applied: a multiple of 2^-16.
    pub fn rate(&self) -> f64 {
        f64::from(self.threshold) / 65536.0
    }

    /// What a kept value is multiplied by.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Writes the multiplier (0 or `scale`) of elements `start..start + out.len()`.
    pub fn fill(&self, start: usize, out: &mut [f32]) {
        fill(self.key, self.threshold, self.scale, start, out);
    }
}

/// Ten rounds of Philox4x32 (Salmon et al. 2011) on sixteen consecutive counters at once.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "lanes of several vectors move together")]
fn philox_lanes(first: u64, key: [u32; 2]) -> [[u32; LANES]; 4] {
    let mut words = [[0u32; LANES]; 4];
    for lane in 0..LANES {
        let counter = first + lane as u64;
        words[0][lane] = counter as u32;
        words[1][lane] = (counter >> 32) as u32;
    }
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let [a, b, c, d] = words;
        for lane in 0..LANES {
            let left = u64::from(a[lane]) * 0xD251_1F53;
            let right = u64::from(c[lane]) * 0xCD9E_8D57;
            words[0][lane] = (right >> 32) as u32 ^ b[lane] ^ k0;
            words[1][lane] = right as u32;
            words[2][lane] = (left >> 32) as u32 ^ d[lane] ^ k1;
            words[3][lane] = left as u32;
        }
        k0 = k0.wrapping_add(0x9E37_79B9);
        k1 = k1.wrapping_add(0xBB67_AE85);
    }
    words
}

#[inline(always)]
fn fill_tile(key: [u32; 2], threshold: u32, scale: f32, tile: usize, out: &mut [f32; TILE]) {
    let words = philox_lanes((tile * LANES) as u64, key);
    for (word, pair) in words.iter().zip(out.chunks_exact_mut(2 * LANES)) {
        let (low, high) = pair.split_at_mut(LANES);
        for lane in 0..LANES {
            low[lane] = if word[lane] & 0xffff < threshold { 0.0 } else { scale };
            high[lane] = if word[lane] >> 16 < threshold { 0.0 } else { scale };
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl+avx512dq", "x86_64+avx2"))]
fn fill(key: [u32; 2], threshold: u32, scale: f32, start: usize, out: &mut [f32]) {
    let mut scratch = [0.0; TILE];
    let mut done = 0;
    while done < out.len() {
        let index = start + done;
        let (tile, skip) = (index / TILE, index % TILE);
        let rest = &mut out[done..];
        if let (0, Some(whole)) = (skip, rest.first_chunk_mut::<TILE>()) {
            fill_tile(key, threshold, scale, tile, whole);
            done += TILE;
        } else {
            fill_tile(key, threshold, scale, tile, &mut scratch);
            let count = rest.len().min(TILE - skip);
            rest[..count].copy_from_slice(&scratch[skip..skip + count]);
            done += count;
        }
    }
}
