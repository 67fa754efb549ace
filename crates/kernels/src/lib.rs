//! The arithmetic of [retrial](https://crates.io/crates/retrial): addressed random numbers, and training kernels on plain
//! `f32` slices, channels last, shared by every engine whose tensors lie in host memory.
//!
//! A crate of its own because it is what has to be fast: it is compiled with everything a compiler can do, which the rest
//! of the program is spared. It knows nothing of experiments, files or backends.
//!
//! Promises: results do not depend on the number of threads (work is cut by size, partial sums are added in a fixed
//! order), and every element's arithmetic is the same on every x86-64 or aarch64 machine. Bound checks are asserted
//! at the entry of each kernel. Vector instructions are chosen at run time.

pub mod convolution;
pub mod depthwise;
pub mod gather;
pub mod mask;
pub mod norm;
mod out;
pub mod pool;
pub mod random;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use out::{Out, filled};

/// Digest of the sources of this crate that numbers depend on, in hexadecimal.
pub const SOURCES: &str = env!("RETRIAL_KERNELS");

/// Elements one task works on: large enough to pay for the hand-over, small enough to stay in a second-level cache.
const TASK_ELEMENTS: usize = 1 << 15;

/// Rows of `width` elements that make one task; depends on the shape alone, so that partial sums do too.
fn rows_per_task(width: usize) -> usize {
    (TASK_ELEMENTS / width.max(1)).max(1)
}

/// Adds up per-task partial sums in task order.
fn sum_in_order(partials: Vec<Vec<f32>>, len: usize) -> Vec<f32> {
    let mut total = vec![0.0f32; len];
    for partial in partials {
        for (sum, part) in total.iter_mut().zip(partial) {
            *sum += part;
        }
    }
    total
}

/// Runs `task` over pieces of `rows` rows and returns what each gave, in order; on this thread if there is one piece.
fn map_tasks<T: Send>(rows: usize, rows_per_task: usize, task: impl Fn(std::ops::Range<usize>) -> T + Sync) -> Vec<T> {
    let count = rows.div_ceil(rows_per_task);
    let range = |index: usize| index * rows_per_task..((index + 1) * rows_per_task).min(rows);
    if count == 1 {
        return vec![task(range(0))];
    }
    (0..count).into_par_iter().map(|index| task(range(index))).collect()
}

/// Runs `task(first_row, piece)` over pieces of `out`, each `rows_per_task` rows of `width` elements.
fn for_each_task<T: Send>(
    out: &mut [T],
    width: usize,
    rows_per_task: usize,
    task: impl Fn(usize, &mut [T]) + Sync + Send,
) {
    let piece = rows_per_task * width;
    if out.len() <= piece {
        if !out.is_empty() {
            task(0, out);
        }
        return;
    }
    out.par_chunks_mut(piece).enumerate().for_each(|(index, piece)| task(index * rows_per_task, piece));
}
