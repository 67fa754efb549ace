//! What the network must have in common with the article's Keras code.

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::config::{Dropout, DropoutKind, DropoutPlace, Initializer, Norm, Rate};
use crate::engine::Engine;
use crate::engine::kernels::{Path, Window};
use crate::engine::testing::engines;
use crate::random::{Address, Stream};

const BATCH: Norm = Norm::Batch { momentum: 0.99, epsilon: 1e-3 };

fn spec(norm: Norm, dropout: Option<DropoutPlace>, initializer: Initializer) -> ModelSpec {
    let rate = Rate::new(0.1).unwrap();
    let dropout = dropout.map(|place| Dropout { rate, kind: DropoutKind::Element, place, block_size: None });
    ModelSpec { name: None, layers: None, norm, dropout, initializer, width: 1.0 }
}

fn network(spec: &ModelSpec, seed: u64, device: &Device) -> Network {
    Network::new(spec, 10, 32, Seed(seed), device)
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

/// Root mean square of a layer's output.
fn rms(model: &Network, images: Tensor<4>, layer: &str, pass: Pass) -> f64 {
    let mut pass = pass.observing();
    model.forward(images, &mut pass);
    pass.observations().iter().find(|observed| observed.layer.as_str() == layer).unwrap().rms
}

fn feature_rms(spec: &ModelSpec, seed: u64, size: usize) -> f64 {
    let device = Device::flex();
    let model = Network::new(spec, 10, size, Seed(seed), &device);
    rms(&model, images(2, size, &device), "features", training_pass(seed))
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
    let evaluated = |model: &Network| values(model.forward(images.clone(), &mut Pass::evaluation()));
    assert_eq!(evaluated(&dropped), evaluated(&plain));
    let trained = |model: &Network, seed| values(model.forward(images.clone(), &mut training_pass(seed)));
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
    let head = |pass| rms(&model, images.clone(), "head", pass);
    assert_eq!(head(training_pass(1)), head(Pass::evaluation()));
    let logits = |pass: &mut Pass| values(model.forward(images.clone(), pass));
    assert_ne!(logits(&mut training_pass(1)), logits(&mut Pass::evaluation()));
}

/// The values of the parameter at this place.
fn nth_parameter(model: &Network, place: usize) -> Vec<f32> {
    struct Collect(Vec<Vec<f32>>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().inner().into_data().try_into_vec().unwrap());
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0.swap_remove(place)
}

/// Keras's fused kernel: moving = 0.99 * moving + 0.01 * batch, the variance with Bessel's correction, from 0 and 1.
#[test]
fn running_statistics_move_as_keras_moves_them_on_every_engine() {
    for engine in engines() {
        let device = engine.device().clone().autodiff();
        let model = network(&spec(BATCH, None, Initializer::He), 1, &device);
        let images = images(4, 32, &device);
        let mut pass = training_pass(1);
        model.forward(images.clone(), &mut pass);
        let absorbed = model.clone().absorb_statistics(pass);
        // What enters the first normalisation, computed by itself: 4 images of 16 x 16 outputs.
        let Some(unit::Weights::Matrix(stem)) = model.units[0].kernel() else { panic!("the stem has a kernel") };
        let stem = operations::image_convolution(images, stem.val(), Window::same(32, 2), Path::Generic);
        let values: Vec<f32> = stem.inner().into_data().try_into_vec().unwrap();
        // Parameters come in forward order: the stem's kernel, then scale, shift and running statistics behind it.
        let running = nth_parameter(&absorbed, 3);
        assert_eq!(running.len(), 64);
        for channel in 0..32 {
            let column: Vec<f64> = values.iter().skip(channel).step_by(32).map(|value| f64::from(*value)).collect();
            let count = column.len() as f64;
            let mean = column.iter().sum::<f64>() / count;
            let variance = column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
            let (found_mean, found_variance) = (f64::from(running[channel]), f64::from(running[32 + channel]));
            assert_eq!(count, 1024.0);
            assert!((found_mean - 0.01 * mean).abs() < 1e-5 * mean.abs().max(0.01), "{found_mean} {mean}");
            assert!((found_variance - (0.99 + 0.01 * variance)).abs() < 1e-5, "{found_variance} {variance}");
        }
    }
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
fn the_native_and_the_generic_network_compute_the_same_on_every_engine() {
    let each =
        |engine: Engine| [Norm::None, BATCH].map(|norm| (engine.name().to_owned(), engine.device().clone(), norm));
    for (engine, device, norm) in engines().into_iter().flat_map(each) {
        let model = network(&spec(norm, Some(DropoutPlace::Activation), Initializer::He), 1, &device);
        let logits = |path| {
            let mut pass = training_pass(1);
            pass.path = path;
            values(model.forward(images(4, 64, &device), &mut pass))
        };
        let (native, generic) = (logits(Path::Native), logits(Path::Generic));
        let scale = generic.iter().fold(0.0f32, |scale, value| scale.max(value.abs()));
        let worst = native.iter().zip(&generic).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-4 * scale, "{engine} {norm:?}: {worst} of {scale}");
    }
}

/// Casts every weight: the reference is computed in f64.
struct ToF64;

impl burn::module::ModuleMapper for ToF64 {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, value) = (param.id, param.val());
        let tracked = value.is_require_grad();
        let value = value.inner().cast(FloatDType::F64).autodiff();
        Param::initialized(id, if tracked { value.require_grad() } else { value })
    }
}

/// All kernels' gradients of one batch's loss, one after another.
fn network_gradient(model: &Network, images: Tensor<4>, path: Path) -> Vec<f64> {
    let mut pass = training_pass(1);
    pass.path = path;
    let [n, ..] = images.dims();
    let logits = model.forward(images, &mut pass);
    let labels: Vec<i64> = (0..n as i64).map(|at| at % 10).collect();
    let targets = Tensor::<1, burn::tensor::Int>::from_data(TensorData::new(labels, [n]), &logits.device());
    // Mean cross-entropy, written out, since the loss module keeps to f32.
    let logits = logits.clone() - logits.detach().max_dim(1);
    let log_sum = logits.clone().exp().sum_dim(1).log();
    let chosen = logits.gather(1, targets.unsqueeze_dim(1));
    let gradients = (log_sum - chosen).mean().backward();
    let kernels = model.kernel_gradients(&gradients);
    kernels.iter().flat_map(|kernel| kernel.values.iter().map(|value| f64::from(*value))).collect()
}

/// Distance relative to the length of `expected`.
fn distance(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    square(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / square(&mut expected.iter().copied())
}

// With batch normalisation, gradients explode towards the input at initialisation and gates of ReLU6 flip on the last
// bit, so two paths in f32 cannot agree to 1e-4; each is held against burn's generic path in f64 on flex instead.
#[test]
fn the_gradients_of_the_whole_network_are_those_of_burns_generic_path_on_every_engine() {
    let flex = Device::flex().autodiff();
    // Few and small images without normalisation, so that no gate of ReLU6 lies within a rounding error of its threshold.
    for (norm, initializer, count, size) in [(Norm::None, Initializer::He, 2, 32), (BATCH, Initializer::Keras, 8, 64)] {
        let model_on = |device: &Device| network(&spec(norm, Some(DropoutPlace::Activation), initializer), 1, device);
        let images = |device: &Device| images(count, size, device);
        let reference = model_on(&flex).map(&mut ToF64);
        let reference = network_gradient(&reference, images(&flex).cast(FloatDType::F64), Path::Generic);
        for engine in engines() {
            let (name, device) = (engine.name(), engine.device().clone().autodiff());
            let model = model_on(&device);
            let native = network_gradient(&model, images(&device), Path::Native);
            let generic = network_gradient(&model, images(&device), Path::Generic);
            let apart = distance(&native, &generic);
            let (native, generic) = (distance(&native, &reference), distance(&generic, &reference));
            println!("{name} {norm:?}: native and generic {apart:e}; from f64: native {native:e}, generic {generic:e}");
            if norm == Norm::None {
                assert!(apart < 1e-4 && native < 1e-4, "{name}: {apart:e} {native:e}");
            }
            let is_as_near = native < 3.0 * generic.max(1e-6);
            assert!(is_as_near, "{name}: native {native:e} is further off than generic {generic:e}");
        }
    }
}

#[test]
fn every_place_and_kind_of_dropout_acts_in_training_only() {
    let device = Device::flex();
    let images = images(2, 64, &device);
    let rate = Rate::new(0.3).unwrap();
    let mut seen: Vec<Vec<f32>> = Vec::new();
    for (place, kind, block_size) in [
        (DropoutPlace::Activation, DropoutKind::Element, None),
        (DropoutPlace::Activation, DropoutKind::Channel, None),
        (DropoutPlace::Activation, DropoutKind::Block, Some(3)),
        (DropoutPlace::Convolution, DropoutKind::Element, None),
        (DropoutPlace::Norm, DropoutKind::Element, None),
        (DropoutPlace::Norm, DropoutKind::Block, Some(3)),
        (DropoutPlace::Head, DropoutKind::Element, None),
    ] {
        let dropout = Some(Dropout { rate, kind, place, block_size });
        let spec = ModelSpec { width: 0.35, dropout, ..spec(Norm::None, None, Initializer::He) };
        let dropped = network(&spec, 1, &device);
        let plain = network(&ModelSpec { dropout: None, ..spec.clone() }, 1, &device);
        let evaluated = |model: &Network| values(model.forward(images.clone(), &mut Pass::evaluation()));
        assert_eq!(evaluated(&dropped), evaluated(&plain), "{place:?} {kind:?}");
        let trained = values(dropped.forward(images.clone(), &mut training_pass(1)));
        assert_ne!(trained, evaluated(&plain), "{place:?} {kind:?}");
        assert!(!seen.contains(&trained), "{place:?} {kind:?} is like another");
        seen.push(trained);
    }
}

// 35 activations feed a convolution, all but the head's; 16 expansions and the head's convolution read a block's sum.
#[test]
fn dropout_before_convolutions_stands_before_every_one_but_the_first() {
    let model = network(&spec(Norm::None, Some(DropoutPlace::Convolution), Initializer::He), 1, &Device::flex());
    // 52 convolutions in all, one of them the first.
    assert_eq!(model.clone().posts_mut().filter(|post| post.drops()).count(), 51);
}

#[test]
fn group_normalisation_is_the_same_in_training_and_evaluation() {
    let device = Device::flex();
    let model = network(&spec(Norm::Group { groups: 8, epsilon: 1e-3 }, None, Initializer::Keras), 1, &device);
    let images = images(2, 32, &device);
    let trained = values(model.forward(images.clone(), &mut training_pass(1)));
    assert_eq!(trained, values(model.forward(images, &mut Pass::evaluation())));
    let count = model.parameter_count();
    assert_eq!(count.total, count.trainable, "it keeps no running statistics");
    assert_eq!(count.total, 2_236_682, "as many scales and shifts as batch normalisation");
}

#[test]
fn equal_seeds_give_equal_networks_and_others_differ() {
    let device = Device::flex();
    let digest = |seed| network(&spec(BATCH, None, Initializer::Keras), seed, &device).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}
