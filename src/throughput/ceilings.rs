//! What the device reaches at tasks that are nothing but arithmetic, or nothing but memory: the roof over everything else.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::finish;
use crate::bundle::throughput::CeilingTask;
use crate::engine::Engine;

/// Sides of the matrices on a host and on a GPU: large enough for the full rate, small enough for milliseconds.
const SIDE: (usize, usize) = (1024, 4096);
/// Values copied at a time, 128 MiB: more than the caches of most machines hold.
const VALUES: usize = 32 << 20;
/// Values that a thread copies at a time.
const CHUNK: usize = 1 << 18;

/// A simple task, ready to be run.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Ceiling {
    Product { left: Tensor<2>, right: Tensor<2> },
    HostCopy { from: Vec<f32>, to: Vec<f32> },
    DeviceCopy { from: Tensor<1> },
}

impl Ceiling {
    pub fn new(task: CeilingTask, engine: &Engine) -> Self {
        let device = engine.device();
        match task {
            CeilingTask::MatrixProduct => {
                let side = if engine.is_host() { SIDE.0 } else { SIDE.1 };
                let values: Vec<f32> = (0..side * side).map(|at| (at * 7919 % 256) as f32 / 256.0).collect();
                let matrix = || Tensor::<2>::from_data(TensorData::new(values.clone(), [side, side]), device);
                Self::Product { left: matrix(), right: matrix() }
            }
            CeilingTask::MemoryCopy if engine.is_host() => {
                Self::HostCopy { from: vec![1.0; VALUES], to: vec![0.0; VALUES] }
            }
            CeilingTask::MemoryCopy => Self::DeviceCopy { from: Tensor::ones([VALUES], device) },
        }
    }

    /// Floating-point operations, or bytes read and written, of one step.
    pub fn work(&self) -> f64 {
        match self {
            Self::Product { left, .. } => 2.0 * (left.dims()[0] as f64).powi(3),
            Self::HostCopy { .. } | Self::DeviceCopy { .. } => 2.0 * 4.0 * VALUES as f64,
        }
    }

    /// Takes `steps` steps; the device is idle before and after.
    pub fn run(&mut self, steps: u64, engine: &Engine) {
        finish(engine);
        for _ in 0..steps {
            match self {
                Self::Product { left, right } => {
                    std::hint::black_box(left.clone().matmul(right.clone()));
                }
                Self::HostCopy { from, to } => {
                    let chunks = to.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK));
                    chunks.for_each(|(to, from)| to.copy_from_slice(from));
                    std::hint::black_box(to);
                }
                Self::DeviceCopy { from } => {
                    std::hint::black_box(from.clone().mul_scalar(2.0));
                }
            }
        }
        finish(engine);
    }
}
