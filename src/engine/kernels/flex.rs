//! The native kernels on burn-flex: its tensors are host memory, so the slice kernels apply as they are.

use burn::backend::flex::FlexTensor;
use burn::backend::Flex;
use burn::tensor::TensorData;

use super::{Activation, KernelGradients, Kernels, Window};
use crate::engine::cpu::{depthwise, gather, norm};

/// The tensor's values in row-major order, borrowed; `tensor` must be contiguous.
fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice::<f32>().expect("the tensor was made contiguous and the engine computes in f32")
}

fn tensor(values: Vec<f32>, dims: &[usize]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, dims.to_vec()))
}

fn dims<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    tensor.layout().shape().dims()
}

/// The values themselves where nobody else holds them, a copy otherwise.
fn into_values(tensor: FlexTensor) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("the engine computes in f32")
}

fn window_shape(x: &FlexTensor, window: Window) -> depthwise::Shape {
    let [images, height, width, channels] = dims(x);
    depthwise::Shape {
        images,
        height,
        width,
        channels,
        stride: window.stride,
        pad: window.before,
        out_height: window.output_size(height),
        out_width: window.output_size(width),
    }
}

fn channels(x: &FlexTensor) -> usize {
    let [_, _, _, channels] = dims(x);
    channels
}

impl Kernels for Flex {
    fn depthwise(x: FlexTensor, kernel: FlexTensor, window: Window) -> FlexTensor {
        let (x, kernel) = (x.to_contiguous(), kernel.to_contiguous());
        let shape = window_shape(&x, window);
        let y = depthwise::forward(values(&x), values(&kernel), shape);
        tensor(y, &[shape.images, shape.out_height, shape.out_width, shape.channels])
    }

    fn patches(x: FlexTensor, window: Window) -> FlexTensor {
        let x = x.to_contiguous();
        let shape = window_shape(&x, window);
        let rows = shape.images * shape.out_height * shape.out_width;
        tensor(gather::patches3x3(values(&x), shape), &[rows, 9 * shape.channels])
    }

    fn moments(x: FlexTensor) -> FlexTensor {
        let x = x.to_contiguous();
        let channels = channels(&x);
        tensor(norm::moments(values(&x), channels), &[2, channels])
    }

    fn norm_activation(
        x: FlexTensor,
        moments: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> FlexTensor {
        let [x, moments, gamma, beta] = [x, moments, gamma, beta].map(|tensor| tensor.to_contiguous());
        let affine = norm::Affine::normalising(values(&moments), values(&gamma), values(&beta), epsilon as f32);
        tensor(norm::forward(values(&x), &affine, activation), &dims::<4>(&x))
    }

    fn activation(x: FlexTensor, activation: Activation) -> FlexTensor {
        let x = x.to_contiguous();
        let affine = norm::Affine::identity(channels(&x));
        tensor(norm::forward(values(&x), &affine, activation), &dims::<4>(&x))
    }
}

impl KernelGradients for Flex {
    fn depthwise_backward(
        x: FlexTensor,
        kernel: FlexTensor,
        grad: FlexTensor,
        window: Window,
        wants_x: bool,
    ) -> (Option<FlexTensor>, FlexTensor) {
        let [x, kernel, grad] = [x, kernel, grad].map(|tensor| tensor.to_contiguous());
        let shape = window_shape(&x, window);
        let grad_kernel = depthwise::kernel_gradient(values(&x), values(&grad), shape);
        let grad_x = wants_x
            .then(|| tensor(depthwise::input_gradient(values(&grad), values(&kernel), shape), &dims::<4>(&x)));
        (grad_x, tensor(grad_kernel, &[3, 3, shape.channels]))
    }

    fn norm_activation_backward(
        x: FlexTensor,
        y: FlexTensor,
        moments: FlexTensor,
        gamma: FlexTensor,
        grad: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> [FlexTensor; 3] {
        let [x, y, moments, gamma] = [x, y, moments, gamma].map(|tensor| tensor.to_contiguous());
        let (shape, channels) = (dims::<4>(&x), channels(&x));
        let mut grad = into_values(grad);
        norm::activation_backward(values(&y), &mut grad, channels, activation);
        let gradients =
            norm::normalisation_backward(values(&x), values(&moments), values(&gamma), epsilon as f32, grad);
        [tensor(gradients.x, &shape), tensor(gradients.gamma, &[channels]), tensor(gradients.beta, &[channels])]
    }

    fn activation_backward(y: FlexTensor, grad: FlexTensor, activation: Activation) -> FlexTensor {
        let y = y.to_contiguous();
        let mut grad = into_values(grad);
        norm::activation_backward(values(&y), &mut grad, channels(&y), activation);
        tensor(grad, &dims::<4>(&y))
    }
}
