//! Micro-benchmarks of what a step is made of: `cargo bench`, or `cargo bench -- mask` for one of them.
//!
//! Sizes are those of the first block of MobileNetV2 at 32 pixels and a batch of 32, and of whole batches.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use retrial::bundle::throughput::Mode;
use retrial::config::load_str;
use retrial::data::{self, Cache};
use retrial::engine::{DeviceChoice, DeviceImages, Engine};
use retrial::throughput::{Input, Workload, wall_clock};
use retrial_kernels::gather::{Pick, PixelScale, Stored, gather};
use retrial_kernels::mask::DropMask;
use retrial_kernels::norm::{Activation, Affine, Clip, Dropout, forward, moments, normalisation_backward};

const BATCH: usize = 32;
const CHANNELS: usize = 96;
/// Rows of the widest map: 32 images of 16 x 16 pixels.
const ROWS: usize = BATCH * 16 * 16;

fn mask() -> DropMask {
    DropMask::new([1, 2], 0.1)
}

fn values(count: usize) -> Vec<f32> {
    (0..count).map(|at| (at * 7919 % 256) as f32 / 128.0 - 1.0).collect()
}

fn dropout_mask(criterion: &mut Criterion) {
    let mut out = vec![0.0; ROWS * CHANNELS];
    let mut group = criterion.benchmark_group("mask");
    group.throughput(Throughput::Elements(out.len() as u64));
    group.bench_function("fill", |bencher| bencher.iter(|| mask().fill(0, black_box(&mut out))));
    group.finish();
}

fn gather_and_resize(criterion: &mut Criterion) {
    let pixels: Vec<u8> = (0..BATCH * 32 * 32 * 3).map(|at| (at * 7919 % 256) as u8).collect();
    let stored = Stored { pixels: &pixels, height: 32, width: 32 };
    let picks: Vec<Pick> =
        (0..BATCH as u32).map(|index| Pick { index, mirrored: index % 2 == 1, shift: [0, 0] }).collect();
    let scale = PixelScale { factor: 1.0 / 255.0, offset: 0.0 };
    let mut group = criterion.benchmark_group("gather");
    group.throughput(Throughput::Elements(BATCH as u64));
    for size in [32, 224] {
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, &size| {
            bencher.iter(|| gather(stored, black_box(&picks), size, scale));
        });
    }
    group.finish();
}

fn batch_norm(criterion: &mut Criterion) {
    let x = values(ROWS * CHANNELS);
    let (gamma, beta) = (vec![1.0; CHANNELS], vec![0.0; CHANNELS]);
    let dropped = Activation { clip: Some(Clip::Relu6), dropout: Some(Dropout { mask: mask(), rows_per_image: None }) };
    let plain = Activation { clip: Some(Clip::Relu6), dropout: None };
    let mut group = criterion.benchmark_group("batch norm");
    group.throughput(Throughput::Elements(x.len() as u64));
    for (name, activation) in [("forward", plain), ("forward with dropout", dropped)] {
        let mut out = vec![0.0; x.len()];
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let affine = Affine::normalising(&moments(black_box(&x), CHANNELS), &gamma, &beta, 1e-3);
                forward(&x, &affine, activation, out.as_mut_slice().into());
            });
        });
    }
    let found = moments(&x, CHANNELS);
    let incoming = values(x.len());
    // In place, so each run needs a gradient of its own: the same one would grow without end.
    group.bench_function("backward", |bencher| {
        bencher.iter_batched_ref(
            || incoming.clone(),
            |grad| normalisation_backward(black_box(&x), &found, &gamma, 1e-3, grad),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

const STEP: &str = "\
schema: 1
title: A step
data: {source: synthetic, per_class: {train: 10, test: 1}}
seeds: [1]
train: {epochs: 1, batch_size: 32, image_size: 32}
variants: [{id: bn_dropout, model: {norm: batch, dropout: 0.1}}]
";

fn whole_step(criterion: &mut Criterion) {
    let experiment = load_str("step.yaml", STEP, Path::new(""), &[]).unwrap_or_else(|error| panic!("{error}"));
    let spec = experiment.data.as_ref().unwrap_or_else(|| panic!("the experiment has images"));
    let data = data::load(spec, &Cache::disabled(), &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    let engine = Engine::select(DeviceChoice::Auto).unwrap_or_else(|error| panic!("{error}"));
    let images = DeviceImages::new(&data.train, data.height, data.width, &engine);
    let mut group = criterion.benchmark_group("step");
    group.throughput(Throughput::Elements(BATCH as u64)).sampling_mode(SamplingMode::Flat);
    for (name, mode) in [("training", Mode::Training), ("inference", Mode::Inference)] {
        let network = experiment.variants[0].native().unwrap_or_else(|| panic!("it is a network of ours"));
        let mut work = Workload::new((network, mode), (BATCH as u32, 32), (&images, 10), Input::Gathered, &engine);
        group.bench_function(name, |bencher| bencher.iter_custom(|steps| wall_clock(&mut || work.run(steps))));
    }
    group.finish();
}

criterion_group! {
    name = kernels;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .without_plots();
    targets = dropout_mask, gather_and_resize, batch_norm, whole_step
}
criterion_main!(kernels);
