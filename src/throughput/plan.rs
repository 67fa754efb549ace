//! What is measured, and how often, within the seconds that it may take.
//!
//! Each variant's own batch and image size come first and are always measured; then smaller batches, other images and
//! fewer threads, as far as the budget goes. Nothing is left out in silence.

use std::time::Duration;

use crate::bundle::throughput::{Cell, Mode, Skipped};
use crate::config::{NativeVariant, Throughput};
use crate::model::cost;

use super::sampler::{SAMPLES, WARM_UP};

/// Fewer rounds than this have no interval.
const FEWEST_ROUNDS: u32 = 2;
/// How far the budget may be exceeded before rounds are given up.
const SLACK: f64 = 1.2;
/// Building a network and an order of images, in seconds; measured ones take 10 to 50 ms.
const SET_UP: f64 = 0.05;
/// Copies of the network's activations that a training step keeps in memory, generously.
const COPIES: f64 = 3.0;

/// A variant's own size, in both modes.
pub fn own(variant: NativeVariant<'_>, threads: u32) -> [Cell; 2] {
    [Mode::Training, Mode::Inference].map(|mode| Cell {
        variant: variant.id.clone(),
        mode,
        batch_size: variant.train.batch_size,
        image_size: variant.train.image_size,
        threads,
    })
}

/// What is measured besides, most wanted first: batch sizes, then image sizes, then the first variant's training on fewer
/// threads.
pub fn others(variants: &[NativeVariant<'_>], settings: &Throughput, threads: u32, is_host: bool) -> Vec<Cell> {
    let each = |sizes: &dyn Fn(NativeVariant<'_>) -> Vec<(u32, u32)>| -> Vec<Cell> {
        let mut cells: Vec<(usize, Cell)> = Vec::new();
        for &variant in variants {
            for (place, (batch_size, image_size)) in sizes(variant).into_iter().enumerate() {
                let cells_of = own(variant, threads).map(|cell| (place, Cell { batch_size, image_size, ..cell }));
                cells.extend(cells_of);
            }
        }
        // One size of every variant, then the next, so that a short budget leaves whole comparisons.
        cells.sort_by_key(|(place, cell)| (*place, cell.mode));
        cells.into_iter().map(|(_, cell)| cell).collect()
    };
    let batches = each(&|variant| {
        let own = variant.train.batch_size;
        let mut sizes = settings.batch_sizes.clone().unwrap_or_else(|| vec![own / 4, own / 2]);
        sizes.retain(|size| *size > 0 && *size != own);
        sizes.into_iter().map(|size| (size, variant.train.image_size)).collect()
    });
    let images = each(&|variant| {
        let other = settings.image_sizes.iter().filter(|size| **size != variant.train.image_size);
        other.map(|size| (variant.train.batch_size, *size)).collect()
    });
    let fewer = std::iter::successors(Some(1), |threads| Some(threads * 2)).take_while(|fewer| *fewer < threads);
    let on_fewer = variants.first().filter(|_| is_host).into_iter().flat_map(|variant| {
        let [training, _] = own(*variant, threads);
        fewer.clone().map(move |threads| Cell { threads, ..training.clone() })
    });
    batches.into_iter().chain(images).chain(on_fewer).collect()
}

/// Seconds that one round of a cell takes, if a step takes `step` seconds.
pub fn seconds_of_round(step: f64, settings: &Throughput) -> f64 {
    // Warm-ups double their steps until they have had their time, and so take up to three times as much.
    SET_UP + 2.0 * WARM_UP.as_secs_f64().max(step) + settings.seconds.max(SAMPLES as f64 * step) + step
}

/// A step's time in another cell of the same variant and mode, taken as proportional to its pixels.
pub fn scaled(step: f64, from: &Cell, to: &Cell) -> f64 {
    let pixels = |cell: &Cell| f64::from(cell.batch_size) * f64::from(cell.image_size).powi(2);
    let threads = f64::from(from.threads) / f64::from(to.threads);
    step * pixels(to) / pixels(from) * threads.max(1.0)
}

/// What fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub rounds: u32,
    pub cells: Vec<Cell>,
    pub skipped: Vec<Skipped>,
}

/// Chooses rounds and cells. `own` and `others` come with the seconds that a round of each takes; `fixed` is what a round
/// takes besides. The own cells are measured in at least two rounds, whatever they take.
pub fn choose(own: Vec<(Cell, f64)>, others: Vec<(Cell, f64)>, fixed: f64, settings: &Throughput) -> Chosen {
    let base: f64 = fixed + own.iter().map(|(_, seconds)| seconds).sum::<f64>();
    let affordable = (settings.budget / base.max(1e-9)) as u32;
    let rounds = settings.rounds.min(affordable.max(FEWEST_ROUNDS));
    let mut left = settings.budget - base * f64::from(rounds);
    let mut cells: Vec<Cell> = own.into_iter().map(|(cell, _)| cell).collect();
    let mut skipped = Vec::new();
    for (cell, seconds) in others {
        let cost = seconds * f64::from(rounds);
        if cost <= left {
            left -= cost;
            cells.push(cell);
        } else {
            let reason = format!("it would not fit into the budget of {} s", settings.budget);
            skipped.push(Skipped { cell, reason });
        }
    }
    Chosen { rounds, cells, skipped }
}

/// Whether a further round would take too long: when others come to work on the machine, the plan's seconds no longer hold.
/// `done` rounds took `elapsed` with everything around them, and the longest of them `longest`.
pub fn is_over(done: u32, elapsed: Duration, longest: Duration, settings: &Throughput) -> bool {
    done >= FEWEST_ROUNDS && (elapsed + longest).as_secs_f64() > SLACK * settings.budget
}

/// Bytes that a step of a cell needs for activations, about.
pub fn bytes_needed(variant: NativeVariant<'_>, cell: &Cell, classes: u64) -> f64 {
    let layers = cost::layers(variant.model, classes, u64::from(cell.image_size));
    let values: u64 = match cell.mode {
        Mode::Training => layers.iter().map(|layer| layer.output).sum(),
        Mode::Inference => layers.iter().map(|layer| layer.input + layer.output).max().unwrap_or(0),
    };
    COPIES * 4.0 * values as f64 * f64::from(cell.batch_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Experiment, load_str};
    use std::path::Path;

    const TWO: &str = "\
schema: 1
title: T
data: {source: synthetic}
seeds: [1]
train: {epochs: 1, batch_size: 8, image_size: 32}
throughput: {image_sizes: [32, 64], budget: 10, rounds: 5}
variants: [{id: a}, {id: b, model: {norm: none}, train: {batch_size: 2}}]
";

    fn two() -> Experiment {
        load_str("two.yaml", TWO, Path::new(""), &[]).unwrap()
    }

    fn shown(cells: &[Cell]) -> Vec<String> {
        let mode = |cell: &Cell| if cell.mode == Mode::Training { "t" } else { "i" };
        let show = |cell: &Cell| {
            format!("{}{} {}x{} on {}", cell.variant, mode(cell), cell.batch_size, cell.image_size, cell.threads)
        };
        cells.iter().map(show).collect()
    }

    #[test]
    fn batches_come_before_images_and_threads_and_one_size_of_all_variants_before_the_next() {
        let experiment = two();
        let variants: Vec<_> = experiment.native_variants().collect();
        let settings = experiment.throughput.clone().unwrap();
        assert_eq!(
            shown(&others(&variants, &settings, 4, true)),
            [
                // A quarter of 8 of the first, half of 2 of the second, which has no quarter.
                "at 2x32 on 4",
                "bt 1x32 on 4",
                "ai 2x32 on 4",
                "bi 1x32 on 4",
                "at 4x32 on 4",
                "ai 4x32 on 4",
                "at 8x64 on 4",
                "bt 2x64 on 4",
                "ai 8x64 on 4",
                "bi 2x64 on 4",
                "at 8x32 on 1",
                "at 8x32 on 2"
            ]
        );
        let on_gpu = others(&variants, &settings, 4, false);
        assert!(on_gpu.iter().all(|cell| cell.threads == 4));
    }

    #[test]
    fn a_machine_that_becomes_slower_costs_rounds_and_not_time_but_two_are_always_taken() {
        let settings = two().throughput.unwrap();
        let over = |done, elapsed, longest| {
            is_over(done, Duration::from_secs(elapsed), Duration::from_secs(longest), &settings)
        };
        // The budget is 10 s, and a fifth of that is let go.
        assert!(!over(3, 8, 4));
        assert!(over(3, 9, 4));
        assert!(!over(1, 100, 90));
    }

    #[test]
    fn the_quick_experiment_is_measured_in_under_a_minute_even_when_the_machine_becomes_slower() {
        let quick = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/quick.yaml");
        let settings = crate::config::load(&quick, &[]).unwrap().throughput.unwrap();
        assert!(SLACK * settings.budget < 60.0, "{}", settings.budget);
    }

    #[test]
    fn what_does_not_fit_is_left_out_with_its_reason_and_never_what_the_experiment_trains() {
        let experiment = two();
        let variants: Vec<_> = experiment.native_variants().collect();
        let settings = experiment.throughput.clone().unwrap();
        let costing =
            |seconds: f64, cells: Vec<Cell>| cells.into_iter().map(|cell| (cell, seconds)).collect::<Vec<_>>();
        let own: Vec<Cell> = variants.iter().flat_map(|variant| super::own(*variant, 2)).collect();
        let others = others(&variants, &settings, 2, true);
        // 5 rounds of 4 cells of 0.25 s take 5 s, which leaves 5 s for 2 more of 0.5 s.
        let chosen = choose(costing(0.25, own.clone()), costing(0.5, others.clone()), 0.0, &settings);
        assert_eq!((chosen.rounds, chosen.cells.len(), chosen.skipped.len()), (5, 6, others.len() - 2));
        assert!(chosen.skipped[0].reason.contains("10 s"), "{}", chosen.skipped[0].reason);
        // 3 rounds of 4 cells of 0.8 s take 9.6 s; 4 would take 12.8.
        assert_eq!(choose(costing(0.8, own.clone()), vec![], 0.0, &settings).rounds, 3);
        let slow = choose(costing(100.0, own), costing(1.0, others), 0.0, &settings);
        assert_eq!((slow.rounds, slow.cells.len()), (2, 4));
    }
}
