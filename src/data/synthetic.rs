//! Procedural images: ten textures that a convolution tells apart and a linear model does not.
//!
//! Place, phase, tilt, wavelength, colours, shading and noise are random, and light and dark swap at random, so that all
//! classes have the same mean image. Image i of a class is a function of (seed, split, class, i) alone: drawing more
//! images changes none. Only IEEE basic operations and `libm` are used, so the bytes are the same on every machine.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use rayon::prelude::*;

use super::error::Split;
use super::{DataError, Decoded, ImageSet};
use crate::config::PerClass;
use crate::random::{Address, Draws, Stream};

const SIDE: usize = 32;
const IMAGE_BYTES: usize = SIDE * SIDE * 3;
/// Bytes of pixels that are drawn.
const LARGEST: u64 = 4 << 30;

/// In the order of their labels.
const TEXTURES: [(&str, Texture); 10] = [
    ("horizontal_stripes", |p, _| libm::sin(p.v)),
    ("vertical_stripes", |p, _| libm::sin(p.u)),
    ("rising_stripes", |p, _| libm::sin((p.u + p.v) * FRAC_1_SQRT_2)),
    ("falling_stripes", |p, _| libm::sin((p.u - p.v) * FRAC_1_SQRT_2)),
    ("checkerboard", |p, _| 2.0 * libm::sin(p.u) * libm::sin(p.v)),
    ("dots", |p, _| libm::cos(0.8 * p.u) + libm::cos(0.8 * p.v) - 0.7),
    ("crosshatch", |p, _| 0.55 - least(libm::sin(0.35 * (p.u + p.v)), libm::sin(0.35 * (p.u - p.v)))),
    ("rings", |p, _| libm::sin(1.2 * p.radius)),
    ("rays", |p, scene| libm::sin(scene.spokes * p.angle)),
    ("clouds", |p, scene| 0.8 * scene.waves.iter().map(|wave| wave.at(p)).sum::<f64>()),
];

/// The pattern at a point, before its contrast is sharpened: about -1 to 1.
type Texture = fn(&Point, &Scene) -> f64;

/// The smaller magnitude.
fn least(a: f64, b: f64) -> f64 {
    a.abs().min(b.abs())
}

/// A place in the picture in radians of the pattern.
struct Point {
    u: f64,
    v: f64,
    /// From the random centre of the pattern.
    radius: f64,
    angle: f64,
}

/// A plane wave of a random direction.
struct Wave {
    u: f64,
    v: f64,
    phase: f64,
}

impl Wave {
    fn draw(draws: &mut Draws) -> Self {
        let direction = TAU * draws.unit_f64();
        let frequency = between(draws, 0.5, 1.0);
        Self { u: frequency * libm::cos(direction), v: frequency * libm::sin(direction), phase: TAU * draws.unit_f64() }
    }

    fn at(&self, point: &Point) -> f64 {
        libm::sin(self.u * point.u + self.v * point.v + self.phase)
    }
}

/// Everything about an image that is drawn once.
struct Scene {
    /// Radians a pixel.
    frequency: f64,
    tilt: (f64, f64),
    phase: [f64; 2],
    centre: [f64; 2],
    spokes: f64,
    waves: [Wave; 5],
    /// Colour halfway between light and dark.
    middle: [f64; 3],
    /// From there to the light colour.
    contrast: [f64; 3],
    /// Change of brightness across the picture.
    shading: [f64; 2],
}

impl Scene {
    fn draw(draws: &mut Draws) -> Self {
        let frequency = TAU / between(draws, 5.0, 9.0);
        let tilt = between(draws, -0.17, 0.17);
        let phase = [(); 2].map(|()| TAU * draws.unit_f64());
        let centre = [(); 2].map(|()| between(draws, 0.25, 0.75) * SIDE as f64);
        let spokes = f64::from(5 + draws.below(5));
        let waves = [(); 5].map(|()| Wave::draw(draws));
        let sign = if draws.below(2) == 0 { 1.0 } else { -1.0 };
        let strength = between(draws, 35.0, 75.0);
        let middle = [(); 3].map(|()| between(draws, 85.0, 170.0));
        let contrast = [(); 3].map(|()| sign * (strength + between(draws, -25.0, 25.0)));
        let shading = [(); 2].map(|()| between(draws, -25.0, 25.0));
        let tilt = (libm::cos(tilt), libm::sin(tilt));
        Self { frequency, tilt, phase, centre, spokes, waves, middle, contrast, shading }
    }

    fn point(&self, x: f64, y: f64) -> Point {
        let (across, down) = (x - self.centre[0], y - self.centre[1]);
        let (cos, sin) = self.tilt;
        Point {
            u: (x * cos - y * sin) * self.frequency + self.phase[0],
            v: (x * sin + y * cos) * self.frequency + self.phase[1],
            radius: libm::sqrt(across * across + down * down) * self.frequency + self.phase[0],
            angle: libm::atan2(down, across) + self.phase[1],
        }
    }

    /// Colour at a pixel, without noise.
    fn colour(&self, texture: Texture, x: usize, y: usize) -> [f64; 3] {
        let (x, y) = (x as f64, y as f64);
        let level = (2.5 * texture(&self.point(x, y), self)).clamp(-1.0, 1.0);
        let side = SIDE as f64;
        let light = self.shading[0] * (x / side - 0.5) + self.shading[1] * (y / side - 0.5);
        [0, 1, 2].map(|channel| self.middle[channel] + level * self.contrast[channel] + light)
    }
}

/// A rectangle that hides part of the texture.
struct Patch {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    colour: [f64; 3],
}

impl Patch {
    fn draw(draws: &mut Draws) -> Self {
        let mut length = || 5 + draws.below(7) as usize;
        let (width, height) = (length(), length());
        let mut start = |length: usize| draws.below((SIDE - length) as u32 + 1) as usize;
        let (left, top) = (start(width), start(height));
        Self { left, top, width, height, colour: [(); 3].map(|()| between(draws, 40.0, 215.0)) }
    }

    fn covers(&self, x: usize, y: usize) -> bool {
        (self.left..self.left + self.width).contains(&x) && (self.top..self.top + self.height).contains(&y)
    }
}

fn between(draws: &mut Draws, low: f64, high: f64) -> f64 {
    low + (high - low) * draws.unit_f64()
}

/// Noise between -30 and 30 with a triangular distribution.
fn noise(draws: &mut Draws) -> f64 {
    let word = draws.next_u32();
    let (a, b) = (f64::from(word & 0xFFFF), f64::from(word >> 16));
    (a - b) * (30.0 / 65536.0)
}

fn image(mut draws: Draws, texture: Texture, pixels: &mut [u8]) {
    let scene = Scene::draw(&mut draws);
    let patch = Patch::draw(&mut draws);
    for (index, pixel) in pixels.chunks_exact_mut(3).enumerate() {
        let (x, y) = (index % SIDE, index / SIDE);
        let colour = if patch.covers(x, y) { patch.colour } else { scene.colour(texture, x, y) };
        for (byte, value) in pixel.iter_mut().zip(colour) {
            // A cast from float to `u8` saturates.
            *byte = (value + noise(&mut draws) + 0.5) as u8;
        }
    }
}

/// Images of each class to draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    train: u32,
    test: u32,
}

/// # Errors
/// When a count is missing, or the images would not fit the limits.
pub(super) fn counts(per_class: PerClass) -> Result<Counts, DataError> {
    let given = |count: Option<u32>, split| count.ok_or(DataError::CountMissing { split });
    let counts = Counts { train: given(per_class.train, Split::Train)?, test: given(per_class.test, Split::Test)? };
    let images = (u64::from(counts.train) + u64::from(counts.test)) * TEXTURES.len() as u64;
    if images * IMAGE_BYTES as u64 > LARGEST {
        return Err(DataError::TooLarge { what: "`per_class`", limit: LARGEST });
    }
    Ok(counts)
}

pub(super) fn describe(seed: u64) -> String {
    format!("synthetic textures, seed {seed}")
}

/// Both splits, class after class.
pub(super) fn draw(seed: u64, counts: Counts) -> Decoded {
    Decoded {
        classes: TEXTURES.map(|(name, _)| name.to_owned()).to_vec(),
        height: SIDE as u32,
        width: SIDE as u32,
        train: split(seed, Split::Train, counts.train),
        test: split(seed, Split::Test, counts.test),
        conversions: Default::default(),
    }
}

fn split(seed: u64, split: Split, per_class: u32) -> ImageSet {
    let per_class = per_class as usize;
    let mut pixels = vec![0; TEXTURES.len() * per_class * IMAGE_BYTES];
    pixels.par_chunks_exact_mut(IMAGE_BYTES).enumerate().for_each(|(place, pixels)| {
        let (class, index) = (place / per_class, place % per_class);
        let address =
            Address { seed, stream: Stream::Data, epoch: split as u32, step: index as u64, layer: class as u32 };
        image(address.draws(), TEXTURES[class].1, pixels);
    });
    let labels = (0..TEXTURES.len()).flat_map(|class| std::iter::repeat_n(class as u8, per_class)).collect();
    ImageSet { pixels: pixels.into(), labels, names: Vec::new() }
}

#[cfg(test)]
#[path = "synthetic_tests.rs"]
mod tests;
