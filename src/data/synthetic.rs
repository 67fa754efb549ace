//! Ten classes of procedural textures: no download, the same bytes on every machine.
//!
//! A class is a local pattern (stripes of four directions, checks, dots, rings, …). Its position, scale, colours and
//! contrast sign are random, noise is added and a patch is covered, so that the classes' mean images coincide and a
//! linear model of the pixels learns little, while a small convolutional network finds the pattern quickly.
//! Only integer and basic IEEE arithmetic and the portable `libm` are used. Each image is addressed by
//! (seed, split, class, index): the first k images of a class are the same however many are drawn.

use rayon::prelude::*;

use super::ImageSet;
use crate::random::{Address, Draws, Stream};

/// Pixels along each side.
pub const SIDE: usize = 32;

/// The classes, in label order.
pub const CLASSES: [&str; 10] = [
    "horizontal stripes",
    "vertical stripes",
    "rising diagonals",
    "falling diagonals",
    "checks",
    "dots",
    "rings",
    "crosses",
    "rays",
    "blotches",
];

/// Which half of the data set an image belongs to; part of its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Train = 0,
    Test = 1,
}

/// `per_class` images of each class, sorted by class.
pub fn images(seed: u64, split: Split, per_class: u32) -> ImageSet {
    let count = CLASSES.len() * per_class as usize;
    let mut pixels = vec![0; count * SIDE * SIDE * 3];
    pixels.par_chunks_mut(SIDE * SIDE * 3).enumerate().for_each(|(index, out)| {
        let (class, index) = (index / per_class as usize, index % per_class as usize);
        let address = Address { seed, stream: Stream::Data, epoch: split as u32, step: index as u64, layer: class as u32 };
        draw(class, &mut address.draws(), out);
    });
    let labels = (0..CLASSES.len() as u8).flat_map(|class| std::iter::repeat_n(class, per_class as usize)).collect();
    ImageSet { pixels, labels }
}

/// What is random about an image besides its noise.
struct Look {
    /// Pixels by which the pattern is moved.
    shift: [f64; 2],
    /// Pixels of one period.
    period: f64,
    /// Colours of the pattern's two phases, each in [0, 1].
    colours: [[f64; 3]; 2],
    /// Standard deviation of the noise.
    noise: f64,
    /// Top left corner and side of the covered patch.
    patch: [usize; 3],
}

impl Look {
    fn draw(draws: &mut Draws) -> Self {
        let mut between = |low: f64, high: f64| low + (high - low) * draws.unit_f64();
        let shift = [between(0.0, 32.0), between(0.0, 32.0)];
        let period = between(5.0, 8.0);
        let base = [between(0.2, 0.8), between(0.2, 0.8), between(0.2, 0.8)];
        let contrast = between(0.25, 0.4);
        let tint = [between(0.4, 1.0), between(0.4, 1.0), between(0.4, 1.0)];
        let sign = if between(0.0, 1.0) < 0.5 { -1.0 } else { 1.0 };
        let away = |amount: f64| [0, 1, 2].map(|channel| base[channel] + sign * amount * contrast * tint[channel]);
        let colours = [away(-1.0), away(1.0)];
        let noise = between(0.03, 0.08);
        let patch = [between(0.0, 24.0), between(0.0, 24.0), between(4.0, 9.0)].map(|value| value as usize);
        Self { shift, period, colours, noise, patch }
    }
}

fn draw(class: usize, draws: &mut Draws, out: &mut [u8]) {
    let look = Look::draw(draws);
    for (place, pixel) in out.chunks_exact_mut(3).enumerate() {
        let (row, column) = (place / SIDE, place % SIDE);
        let [top, left, side] = look.patch;
        let covered = (top..top + side).contains(&row) && (left..left + side).contains(&column);
        let level = if covered { 0.5 } else { pattern(class, row as f64, column as f64, &look) };
        for (channel, value) in pixel.iter_mut().enumerate() {
            let [dark, light] = [look.colours[0][channel], look.colours[1][channel]];
            let noisy = dark + (light - dark) * level + look.noise * draws.normal();
            *value = (noisy.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        }
    }
}

/// The pattern's level in [0, 1] at a pixel.
fn pattern(class: usize, row: f64, column: f64, look: &Look) -> f64 {
    const TURN: f64 = 2.0 * std::f64::consts::PI;
    let [y, x] = [row + look.shift[0], column + look.shift[1]];
    let wave = |distance: f64| 0.5 + 0.5 * libm::sin(TURN * distance / look.period);
    let sharp = |level: f64| (4.0 * (level - 0.5) + 0.5).clamp(0.0, 1.0);
    // Distance from the centre of the cell of a square grid, two periods wide.
    let cell = 2.0 * look.period;
    let within = |value: f64| value - cell * libm::floor(value / cell) - look.period;
    let (dy, dx) = (within(y), within(x));
    let radius = libm::sqrt(dy * dy + dx * dx);
    let diagonal = core::f64::consts::FRAC_1_SQRT_2;
    match class {
        0 => sharp(wave(y)),
        1 => sharp(wave(x)),
        2 => sharp(wave((x + y) * diagonal)),
        3 => sharp(wave((x - y) * diagonal)),
        4 => sharp(0.5 + 2.0 * (wave(x) - 0.5) * (wave(y) - 0.5)),
        5 => sharp(1.0 - radius / look.period + 0.1),
        6 => sharp(wave(radius * 1.4)),
        7 => sharp(if dy.abs().min(dx.abs()) < look.period * 0.3 { 1.0 } else { 0.0 }),
        8 => sharp(0.5 + 0.5 * libm::sin(6.0 * libm::atan2(dy, dx))),
        _ => sharp(0.5 + 0.25 * (libm::sin(TURN * (x * 0.11 + 0.9 * wave(y * 0.37))) + libm::sin(TURN * (y * 0.13 - 0.8 * wave(x * 0.29))))),
    }
}
