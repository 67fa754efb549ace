//! Addressed random numbers: every draw is a function of where it is used, not of what was drawn before.

/// Ten rounds of Philox4x32 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
#[inline]
pub fn philox4x32_10(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let left = u64::from(counter[0]) * 0xD251_1F53;
        let right = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (right >> 32) as u32 ^ counter[1] ^ key[0],
            right as u32,
            (left >> 32) as u32 ^ counter[3] ^ key[1],
            left as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    Init = 1,
    Order = 2,
    Augment = 3,
    Dropout = 4,
    Data = 5,
    Subset = 6,
    Bootstrap = 7,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    pub seed: u64,
    pub stream: Stream,
    pub epoch: u32,
    pub step: u64,
    pub layer: u32,
}

impl Address {
    pub fn key(self) -> [u32; 2] {
        let seed = [self.seed as u32, (self.seed >> 32) as u32];
        let place = philox4x32_10([self.stream as u32, self.epoch, self.layer, 0x7265_7472], seed);
        let counter = [self.step as u32, (self.step >> 32) as u32, place[2], place[3]];
        let mixed = philox4x32_10(counter, [place[0], place[1]]);
        [mixed[0], mixed[1]]
    }

    pub fn draws(self) -> Draws {
        Draws { key: self.key(), next: 0, block: [0; 4] }
    }
}

pub struct Draws {
    key: [u32; 2],
    next: u64,
    block: [u32; 4],
}

impl Draws {
    pub fn next_u32(&mut self) -> u32 {
        let lane = (self.next % 4) as usize;
        if lane == 0 {
            let block = self.next / 4;
            self.block = philox4x32_10([block as u32, (block >> 32) as u32, 0, 0], self.key);
        }
        self.next += 1;
        self.block[lane]
    }

    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    pub fn unit_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit_f64()));
        radius * libm::cos(2.0 * std::f64::consts::PI * self.unit_f64())
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last as usize, self.below(last + 1) as usize);
        }
        order
    }
}
