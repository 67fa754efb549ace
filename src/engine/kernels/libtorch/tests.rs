//! libtorch's operators, which a GPU uses, against the slice kernels, on the CPU where both run.

use burn_tch::TchTensor;
use tch::{Device, Kind, Tensor};

use super::super::{Activation, DropMask, Dropout, Window};
use super::{host, operators};
use crate::config::Rate;

fn random(seed: i64, size: &[i64]) -> Tensor {
    tch::manual_seed(seed);
    Tensor::randn(size, (Kind::Float, Device::Cpu))
}

fn wrap(tensor: &Tensor) -> TchTensor {
    TchTensor::new(tensor.copy())
}

#[track_caller]
fn assert_close(found: &Tensor, expected: &Tensor) {
    assert_eq!(found.size(), expected.size());
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
    let plain = Activation { relu6: false, dropout: None };
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
    let relu6 = Activation { relu6: true, dropout: None };
    let (x, grad) = (random(1, &[2, 4, 4, 8]) * 5.0, random(2, &[2, 4, 4, 8]));
    let y = operators::activation(x.shallow_clone(), relu6);
    assert_close(&y, &host::activation(wrap(&x), relu6).tensor);
    let expected = host::activation_backward(wrap(&y), wrap(&grad), relu6);
    assert_close(&operators::activation_backward(&y, &grad, relu6), &expected.tensor);
}

#[test]
fn dropout_by_operators_is_addressed_scaled_and_masks_its_gradient_alike() {
    for (relu6, rows_per_image) in [(true, None), (false, None), (true, Some(64)), (false, Some(64))] {
        let mask = |key| DropMask::new([key, 9], Rate::new(0.25).unwrap());
        let with = |key| Activation { relu6, dropout: Some(Dropout { mask: mask(key), rows_per_image }) };
        let x = Tensor::ones([4, 8, 8, 64], (Kind::Float, Device::Cpu));
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
