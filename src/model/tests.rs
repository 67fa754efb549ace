//! What the network must have in common with the article's Keras code.

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::config::{DropoutKind, Initializer, Rate};
use crate::engine::kernels::Path;
use crate::random::{Address, Stream};

const BATCH: Norm = Norm::Batch { momentum: 0.99, epsilon: 1e-3 };

fn spec(norm: Norm, dropout: Option<DropoutPlace>, initializer: Initializer) -> ModelSpec {
    let rate = Rate::new(0.1).unwrap();
    let dropout = dropout.map(|place| Dropout { rate, kind: DropoutKind::Element, place });
    ModelSpec { norm, dropout, initializer, width: 1.0 }
}

fn network(spec: &ModelSpec, seed: u64, device: &Device) -> MobileNetV2 {
    MobileNetV2::new(spec, 10, Seed(seed), device)
}

/// Uniform pixels in [0, 1).
fn images(count: usize, size: usize, device: &Device) -> Tensor<4> {
    let mut draws = Address { seed: 9, stream: Stream::Data, epoch: 0, step: 0, layer: 0 }.draws();
    let values: Vec<f32> = (0..count * size * size * 3).map(|_| draws.unit_f64() as f32).collect();
    Tensor::from_data(TensorData::new(values, [count, size, size, 3]), device)
}

fn training_pass(seed: u64) -> Pass {
    Pass::training(TrainingStep { seed: Seed(seed), epoch: 0, step: 0 })
}

fn values(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn feature_rms(spec: &ModelSpec, seed: u64, size: usize) -> f64 {
    let device = Device::flex();
    let features = network(spec, seed, &device).features(images(2, size, &device), &mut training_pass(seed));
    let features = values(features);
    let square: f64 = features.iter().map(|value| f64::from(*value).powi(2)).sum();
    (square / features.len() as f64).sqrt()
}

// `model.summary()` of the article's code under Keras 3.15.
#[test]
fn parameter_counts_are_those_of_the_articles_keras_models() {
    let count = |norm| {
        let spec = spec(norm, Some(DropoutPlace::Activation), Initializer::Keras);
        let count = network(&spec, 1, &Device::flex().autodiff()).parameter_count();
        (count.total, count.trainable)
    };
    assert_eq!(count(Norm::None), (2_202_570, 2_202_570));
    assert_eq!(count(BATCH), (2_270_794, 2_236_682));
}

// Keras 3.15 with the article's code, 224 px, inputs in [0, 1], one seed: 2.2e-12 without norm or dropout, 4.4e-12 with
// dropout, 0.40 with batch normalisation in training mode; about 1.7e-4 with true depthwise fans. The random weights
// differ, and the first two move by a factor of three either way from seed to seed.
#[test]
fn the_initial_signal_is_as_dead_or_alive_as_in_keras() {
    let median = |norm, dropout, initializer| {
        let spec = spec(norm, dropout, initializer);
        let mut rms = [1, 2, 3].map(|seed| feature_rms(&spec, seed, 224));
        rms.sort_by(f64::total_cmp);
        rms[1]
    };
    let within = |found: f64, expected: f64, factor: f64| {
        assert!(found > expected / factor && found < expected * factor, "{found:e} is far from {expected:e}");
    };
    within(median(Norm::None, None, Initializer::Keras), 2.2e-12, 4.0);
    within(median(Norm::None, Some(DropoutPlace::Activation), Initializer::Keras), 4.4e-12, 4.0);
    within(median(Norm::None, None, Initializer::Glorot), 1.7e-4, 4.0);
    within(median(BATCH, None, Initializer::Keras), 0.40, 1.1);
}

#[test]
fn he_initialisation_keeps_the_signal_alive_without_normalisation() {
    let rms = feature_rms(&spec(Norm::None, None, Initializer::He), 1, 32);
    assert!((0.05..1.0).contains(&rms), "{rms}");
}

#[test]
fn masks_are_drawn_after_every_relu6_and_only_in_training() {
    let device = Device::flex();
    let dropped = network(&spec(Norm::None, Some(DropoutPlace::Activation), Initializer::He), 1, &device);
    let plain = network(&spec(Norm::None, None, Initializer::He), 1, &device);
    let images = images(2, 32, &device);
    let evaluated = |model: &MobileNetV2| values(model.forward(images.clone(), &mut Pass::evaluation()));
    assert_eq!(evaluated(&dropped), evaluated(&plain));
    let trained = |model: &MobileNetV2, seed| values(model.forward(images.clone(), &mut training_pass(seed)));
    assert_eq!(trained(&plain, 1), evaluated(&plain));
    assert_ne!(trained(&dropped, 1), trained(&plain, 1));
    assert_ne!(trained(&dropped, 1), trained(&dropped, 2));
    assert_eq!(trained(&dropped, 1), trained(&dropped, 1));
    // The article's code has 35: stem, first depthwise, two in each of 16 blocks, head.
    let places = dropped.clone().posts_mut().filter(|post| post.drops()).count();
    assert_eq!(places, 35);
}

#[test]
fn head_dropout_touches_the_pooled_features_alone() {
    let device = Device::flex();
    let spec = spec(Norm::None, Some(DropoutPlace::Head), Initializer::He);
    let model = network(&spec, 1, &device);
    assert_eq!(model.clone().posts_mut().filter(|post| post.drops()).count(), 1);
    let images = images(2, 32, &device);
    let features = |pass: &mut Pass| values(model.features(images.clone(), pass));
    assert_eq!(features(&mut training_pass(1)), features(&mut Pass::evaluation()));
    let logits = |pass: &mut Pass| values(model.forward(images.clone(), pass));
    assert_ne!(logits(&mut training_pass(1)), logits(&mut Pass::evaluation()));
}

#[test]
fn there_are_fifty_two_normalisations_each_absorbing_its_own_statistics() {
    let device = Device::flex().autodiff();
    let model = network(&spec(BATCH, None, Initializer::Keras), 1, &device);
    let mut pass = training_pass(1);
    model.forward(images(4, 32, &device), &mut pass);
    let before = model.digest();
    let absorbed = model.absorb_statistics(pass);
    assert_ne!(before, absorbed.digest());
    assert_eq!(absorbed.clone().posts_mut().filter(|post| post.normalises()).count(), 52);
}

#[test]
fn the_native_and_the_generic_network_compute_the_same() {
    let device = Device::flex();
    for norm in [Norm::None, BATCH] {
        let model = network(&spec(norm, Some(DropoutPlace::Activation), Initializer::He), 1, &device);
        let logits = |path| {
            let mut pass = training_pass(1);
            pass.path = path;
            values(model.forward(images(4, 64, &device), &mut pass))
        };
        let (native, generic) = (logits(Path::Native), logits(Path::Generic));
        let scale = generic.iter().fold(0.0f32, |scale, value| scale.max(value.abs()));
        let worst = native.iter().zip(&generic).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-4 * scale, "{norm:?}: {worst} of {scale}");
    }
}

#[test]
fn equal_seeds_give_equal_networks_and_others_differ() {
    let device = Device::flex();
    let digest = |seed| network(&spec(BATCH, None, Initializer::Keras), seed, &device).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}
