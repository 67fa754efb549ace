//! Contract of the kernels: native and generic paths agree in value and gradient, and both with central differences.

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::config::Rate;
use crate::engine::{DeviceChoice, Engine};
use crate::random::{Address, Stream};

fn values(layer: u32, count: usize) -> Vec<f32> {
    let mut draws = Address { seed: 7, stream: Stream::Data, epoch: 0, step: 0, layer }.draws();
    (0..count).map(|_| draws.normal() as f32).collect()
}

fn random<const D: usize>(layer: u32, dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values(layer, dims.iter().product()), dims), device)
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Largest difference relative to the largest reference value.
fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1e-20f32, |scale, value| scale.max(value.abs()));
    found.iter().zip(expected).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs())) / scale
}

/// An operation with three operands, and the gradients of `sum(weights * y)` for each.
fn value_and_gradients(
    operation: impl Fn(Tensor<4>, Tensor<3>, [Tensor<1>; 2]) -> Tensor<4>,
    dims: [usize; 4],
    device: &Device,
) -> [Vec<f32>; 5] {
    let device = device.clone().autodiff();
    let channels = dims[3];
    let x = (random(0, dims, &device) * 3.0 + 1.0).detach().require_grad();
    let kernel = random(1, [3, 3, channels], &device).require_grad();
    let gamma = random(2, [channels], &device).require_grad();
    let beta = (random(3, [channels], &device) + 2.0).detach().require_grad();
    let y = operation(x.clone(), kernel.clone(), [gamma.clone(), beta.clone()]);
    let weights = random(4, y.dims(), &device);
    let grads = (y.clone() * weights).sum().backward();
    let gradient = |tensor: Option<Vec<f32>>| tensor.unwrap_or_default();
    [
        flat(y.inner()),
        gradient(x.grad(&grads).map(flat)),
        gradient(kernel.grad(&grads).map(flat)),
        gradient(gamma.grad(&grads).map(flat)),
        gradient(beta.grad(&grads).map(flat)),
    ]
}

fn assert_paths_agree(
    what: &str,
    dims: [usize; 4],
    operation: impl Fn(Tensor<4>, Tensor<3>, [Tensor<1>; 2], Path) -> Tensor<4>,
) {
    for device in devices() {
        assert_paths_agree_on(&device, what, dims, &operation);
    }
}

/// Every engine of this build that computes with the slice kernels; a GPU draws its masks differently.
fn devices() -> Vec<Device> {
    let choices = ["flex", "libtorch"].map(|name| name.parse::<DeviceChoice>().unwrap());
    let found = choices.into_iter().filter_map(|choice| match Engine::select(choice) {
        Ok(engine) => Some(engine.device().clone()),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    });
    found.collect()
}

fn assert_paths_agree_on(
    device: &Device,
    what: &str,
    dims: [usize; 4],
    operation: impl Fn(Tensor<4>, Tensor<3>, [Tensor<1>; 2], Path) -> Tensor<4>,
) {
    let native = value_and_gradients(|x, kernel, affine| operation(x, kernel, affine, Path::Native), dims, device);
    let generic = value_and_gradients(|x, kernel, affine| operation(x, kernel, affine, Path::Generic), dims, device);
    for (name, (native, generic)) in ["value", "x", "kernel", "gamma", "beta"].iter().zip(native.iter().zip(&generic)) {
        let error = relative_error(native, generic);
        assert!(error < 1e-5, "{what} {dims:?} on {device:?}: {name} differs by {error}");
    }
}

#[test]
fn depthwise_convolution_and_its_gradients_agree_with_burns_generic_path() {
    for (size, channels) in [(8, 3), (7, 24), (5, 17), (2, 40), (1, 16)] {
        for window in [Window::same(size, 1), Window::same(size, 2), Window::zero_padded_after(2)] {
            if size + window.before + window.after < 3 {
                continue;
            }
            assert_paths_agree("depthwise", [2, size, size, channels], |x, kernel, _, path| {
                depthwise(x, kernel, window, path)
            });
        }
    }
}

fn activations() -> [Activation; 5] {
    let mask = DropMask::new([3, 4], Rate::new(0.3).unwrap());
    let element = Dropout { mask, rows_per_image: None };
    let channel = Dropout { mask, rows_per_image: Some(36) };
    [(false, None), (true, None), (true, Some(element)), (false, Some(element)), (true, Some(channel))]
        .map(|(relu6, dropout)| Activation { relu6, dropout })
}

#[test]
fn normalisation_with_activation_and_its_gradients_agree_with_burns_generic_path() {
    for activation in activations() {
        for channels in [3, 16, 40] {
            assert_paths_agree(&format!("{activation:?}"), [3, 6, 6, channels], |x, _, affine, path| {
                let moments = moments(x.clone(), path);
                norm_activation(x, moments, affine, 1e-3, activation, path)
            });
        }
    }
}

#[test]
fn activation_and_its_gradient_agree_with_burns_generic_path() {
    for chosen in activations() {
        assert_paths_agree(&format!("{chosen:?}"), [3, 6, 6, 24], |x, _, _, path| activation(x, chosen, path));
    }
}

#[test]
fn image_convolution_agrees_with_burns_generic_path() {
    for device in devices() {
        for size in [5, 8, 32] {
            let (x, kernel) = (random(0, [2, size, size, 3], &device), random(1, [27, 8], &device));
            let window = Window::same(size, 2);
            let native = flat(image_convolution(x.clone(), kernel.clone(), window, Path::Native));
            let generic = flat(image_convolution(x, kernel, window, Path::Generic));
            assert!(relative_error(&native, &generic) < 1e-5, "{device:?}");
        }
    }
}
