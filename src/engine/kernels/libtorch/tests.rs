//! libtorch's operators, which a GPU uses, against the slice kernels; and their gradients against central differences in
//! f64. The operators run on the CPU unless `RETRIAL_TEST_DEVICE` names a GPU.

use burn_tch::TchTensor;
use tch::{Device, Kind, Tensor};

use super::super::{Activation, Clip, DropMask, Dropout, Window};
use super::{host, operators};
use crate::engine::testing::operators_device;

fn random(seed: i64, size: &[i64]) -> Tensor {
    tch::manual_seed(seed);
    Tensor::randn(size, (Kind::Float, Device::Cpu)).to_device(operators_device())
}

/// For the slice kernels, which compute on the host.
fn wrap(tensor: &Tensor) -> TchTensor {
    TchTensor::new(on_host(tensor).copy())
}

fn on_host(tensor: &Tensor) -> Tensor {
    tensor.to_device(Device::Cpu)
}

#[track_caller]
fn assert_close(found: &Tensor, expected: &Tensor) {
    assert_eq!(found.size(), expected.size());
    let (found, expected) = (on_host(found), on_host(expected));
    let scale = expected.abs().max().double_value(&[]).max(1e-20);
    let error = (found - expected).abs().max().double_value(&[]) / scale;
    assert!(error < 1e-5, "relative error {error}");
}

#[test]
fn depthwise_convolution_by_operators_equals_the_slice_kernels() {
    for (size, channels) in [(8, 3), (7, 24), (5, 40)] {
        for window in [Window::same(size, 1), Window::same(size, 2), Window::zero_padded_after(2)] {
            let x = random(1, &[2, size as i64, size as i64, channels]);
            let kernel = random(2, &[3, 3, channels]);
            let y = operators::depthwise(&x, &kernel, window);
            assert_close(&y, &host::depthwise(wrap(&x), wrap(&kernel), window).tensor);
            let grad = random(3, &y.size());
            let (grad_x, grad_kernel) = operators::depthwise_backward(&x, &kernel, &grad, window, true);
            let (expected_x, expected_kernel) =
                host::depthwise_backward(wrap(&x), wrap(&kernel), wrap(&grad), window, true);
            assert_close(&grad_x.unwrap(), &expected_x.unwrap().tensor);
            assert_close(&grad_kernel, &expected_kernel.tensor);
            assert!(operators::depthwise_backward(&x, &kernel, &grad, window, false).0.is_none());
            assert_close(&operators::patches(&x, window), &host::patches(wrap(&x), window).tensor);
        }
    }
}

#[test]
fn normalisation_by_operators_equals_the_slice_kernels() {
    let plain = Activation { clip: None, dropout: None };
    let x = random(1, &[3, 5, 5, 24]) * 2.0 + 1.0;
    let (gamma, beta, grad) = (random(2, &[24]), random(3, &[24]), random(4, &[3, 5, 5, 24]));
    let moments = operators::moments(&x);
    assert_close(&moments, &host::moments(wrap(&x)).tensor);
    let y = operators::normalised(&x, &moments, [&gamma, &beta], 1e-3);
    assert_close(&y, &host::norm_activation([&x, &moments, &gamma, &beta].map(wrap), 1e-3, plain).tensor);
    let found = operators::normalised_backward(&x, &moments, &gamma, &grad, 1e-3);
    let expected = host::norm_activation_backward([&x, &y, &moments, &gamma].map(wrap), wrap(&grad), 1e-3, plain);
    for (found, expected) in found.iter().zip(&expected) {
        assert_close(found, &expected.tensor);
    }
}

#[test]
fn activation_by_operators_clips_and_passes_gradients_like_the_slice_kernels() {
    let relu6 = Activation { clip: Some(Clip::Relu6), dropout: None };
    let (x, grad) = (random(1, &[2, 4, 4, 8]) * 5.0, random(2, &[2, 4, 4, 8]));
    let y = operators::activation(x.shallow_clone(), relu6);
    assert_close(&y, &host::activation(wrap(&x), relu6).tensor);
    let expected = host::activation_backward(wrap(&y), wrap(&grad), relu6);
    assert_close(&operators::activation_backward(&y, &grad, relu6), &expected.tensor);
}

#[test]
fn dropout_by_operators_is_addressed_scaled_and_masks_its_gradient_alike() {
    for (relu6, rows_per_image) in [(true, None), (false, None), (true, Some(64)), (false, Some(64))] {
        let mask = |key| DropMask::new([key, 9], 0.25);
        let with = |key| Activation {
            clip: relu6.then_some(Clip::Relu6),
            dropout: Some(Dropout { mask: mask(key), rows_per_image }),
        };
        let x = Tensor::ones([4, 8, 8, 64], (Kind::Float, operators_device()));
        let y = operators::activation(x.shallow_clone(), with(1));
        assert_eq!(y, operators::activation(x.shallow_clone(), with(1)), "one address, one mask");
        assert_ne!(y, operators::activation(x.shallow_clone(), with(2)));
        let kept = y.not_equal(0.0);
        assert_close(&y, &(kept.to_kind(Kind::Float) / 0.75));
        // 256 or 16,384 independent decisions: five standard deviations of a proportion are 0.14 or 0.017.
        let share = kept.to_kind(Kind::Float).mean(Kind::Float).double_value(&[]);
        assert!((share - 0.75).abs() < if rows_per_image.is_some() { 0.14 } else { 0.017 }, "{share}");
        assert_close(&operators::activation_backward(&y, &x, with(1)), &y);
    }
}

fn random_f64(seed: i64, size: &[i64]) -> Tensor {
    tch::manual_seed(seed);
    Tensor::randn(size, (Kind::Double, Device::Cpu)).to_device(operators_device())
}

/// The gradient of `loss` at `x`, value by value.
fn central_differences(x: &Tensor, step: f64, loss: impl Fn(&Tensor) -> f64) -> Tensor {
    let values: Vec<f64> = on_host(x).flatten(0, -1).try_into().unwrap();
    let tensor = |values: &[f64]| Tensor::from_slice(values).view(x.size().as_slice()).to_device(x.device());
    let shifted = |index: usize, shift: f64| {
        let mut moved = values.clone();
        moved[index] += shift;
        loss(&tensor(&moved))
    };
    let difference = |index| (shifted(index, step) - shifted(index, -step)) / (2.0 * step);
    let differences: Vec<f64> = (0..values.len()).map(difference).collect();
    tensor(&differences)
}

#[track_caller]
fn assert_near(found: &Tensor, expected: &Tensor, tolerance: f64) {
    assert_eq!(found.size(), expected.size());
    let scale = 1.0 + expected.abs().max().double_value(&[]);
    let error = (found.to_kind(Kind::Double) - expected).abs().max().double_value(&[]) / scale;
    assert!(error < tolerance, "error {error}");
}

fn weighted_sum(y: &Tensor, weights: &Tensor) -> f64 {
    (y * weights).sum(Kind::Double).double_value(&[])
}

/// Convolution is linear in either operand, so a central difference is exact for any step.
#[test]
fn gradients_of_depthwise_convolution_by_operators_agree_with_central_differences_in_f64() {
    for window in [Window::same(5, 1), Window::same(5, 2), Window::same(4, 2), Window::zero_padded_after(2)] {
        let (x, kernel) = (random_f64(1, &[2, 5, 4, 3]), random_f64(2, &[3, 3, 3]));
        let grad = random_f64(3, &operators::depthwise(&x, &kernel, window).size());
        let (grad_x, grad_kernel) = operators::depthwise_backward(&x, &kernel, &grad, window, true);
        let of_x = central_differences(&x, 1.0, |x| weighted_sum(&operators::depthwise(x, &kernel, window), &grad));
        let of_kernel =
            central_differences(&kernel, 1.0, |kernel| weighted_sum(&operators::depthwise(&x, kernel, window), &grad));
        assert_near(&grad_x.unwrap(), &of_x, 1e-12);
        assert_near(&grad_kernel, &of_kernel, 1e-12);
    }
}

/// The operators normalise in f32 whatever they are given, so their gradients are held against central differences of the
/// formula in f64.
#[test]
fn gradients_of_normalisation_by_operators_agree_with_central_differences_in_f64() {
    let epsilon = 1e-3;
    let (x, weights) = (random_f64(1, &[2, 3, 2, 4]) * 2.0 + 1.0, random_f64(2, &[2, 3, 2, 4]));
    let (gamma, beta) = (random_f64(3, &[4]), random_f64(4, &[4]));
    let formula = |x: &Tensor, gamma: &Tensor, beta: &Tensor| {
        let axes = [0i64, 1, 2];
        let mean = x.mean_dim(axes.as_slice(), true, Kind::Double);
        let variance = (x - &mean).square().mean_dim(axes.as_slice(), true, Kind::Double);
        weighted_sum(&((x - mean) / (variance + epsilon).sqrt() * gamma + beta), &weights)
    };
    let single = |tensor: &Tensor| tensor.to_kind(Kind::Float);
    let moments = operators::moments(&x);
    let [grad_x, grad_gamma, grad_beta] =
        operators::normalised_backward(&single(&x), &moments, &single(&gamma), &single(&weights), epsilon);
    assert_near(&grad_x, &central_differences(&x, 1e-5, |x| formula(x, &gamma, &beta)), 1e-5);
    assert_near(&grad_gamma, &central_differences(&gamma, 1e-5, |gamma| formula(&x, gamma, &beta)), 1e-5);
    assert_near(&grad_beta, &central_differences(&beta, 1e-5, |beta| formula(&x, &gamma, beta)), 1e-5);
}

/// Inputs are multiples of an eighth other than 0 and 6, and a step of an eighth passes neither: there ReLU6 is linear.
#[test]
fn gradients_of_activation_and_dropout_by_operators_agree_with_central_differences_in_f64() {
    let numbers = (0..96).map(|index| f64::from(index * 37 % 96) / 8.0 - 2.75);
    let numbers: Vec<f64> = numbers.map(|value| if value % 6.0 == 0.0 { value + 0.25 } else { value }).collect();
    let x = Tensor::from_slice(&numbers).view([2, 4, 4, 3]).to_device(operators_device());
    let grad = random_f64(1, &[2, 4, 4, 3]);
    let mask = DropMask::new([7, 8], 0.4);
    let dropouts =
        [None, Some(None), Some(Some(16))].map(|kind| kind.map(|rows_per_image| Dropout { mask, rows_per_image }));
    for (relu6, dropout) in [true, false].into_iter().flat_map(|relu6| dropouts.map(|dropout| (relu6, dropout))) {
        let chosen = Activation { clip: relu6.then_some(Clip::Relu6), dropout };
        let y = |x: &Tensor| operators::activation(x.shallow_clone(), chosen);
        let found = operators::activation_backward(&y(&x), &grad, chosen);
        assert_near(&found, &central_differences(&x, 0.125, |x| weighted_sum(&y(x), &grad)), 1e-6);
    }
}
