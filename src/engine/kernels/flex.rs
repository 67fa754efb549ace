//! The native kernels on burn-flex, whose tensors are host memory.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;
use retrial_kernels::Out;

use super::host::{self, HostTensor};
use super::{Activation, KernelGradients, Kernels, Window};

impl HostTensor for FlexTensor {
    fn contiguous(self) -> Self {
        if self.is_contiguous() { self } else { self.to_contiguous() }
    }

    fn unshared(self) -> Self {
        // Going through the data takes the buffer as it is where nobody else holds it, and copies otherwise.
        FlexTensor::from_data(self.into_data())
    }

    fn dims<const D: usize>(&self) -> [usize; D] {
        self.layout().shape().dims()
    }

    fn values(&self) -> &[f32] {
        self.as_slice().expect("the tensor was made contiguous and the engine computes in f32")
    }

    fn values_mut(&mut self) -> &mut [f32] {
        self.storage_mut()
    }

    fn build(dims: &[usize], fill: impl for<'a> FnOnce(Out<'a>) -> &'a mut [f32]) -> Self {
        let values = retrial_kernels::filled(dims.iter().product(), fill);
        FlexTensor::from_data(TensorData::new(values, dims.to_vec()))
    }
}

impl Kernels for Flex {
    fn depthwise(x: FlexTensor, kernel: FlexTensor, window: Window) -> FlexTensor {
        host::depthwise(x, kernel, window)
    }

    fn patches(x: FlexTensor, window: Window) -> FlexTensor {
        host::patches(x, window)
    }

    fn convolution(x: FlexTensor, kernel: FlexTensor, window: Window) -> FlexTensor {
        host::convolution(x, kernel, window)
    }

    fn pool(x: FlexTensor, window: Window, is_max: bool) -> FlexTensor {
        host::pool(x, window, is_max)
    }

    fn moments(x: FlexTensor) -> FlexTensor {
        host::moments(x)
    }

    fn norm_activation(
        x: FlexTensor,
        moments: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        activation: Activation,
    ) -> FlexTensor {
        host::norm_activation([x, moments, gamma, beta], epsilon, activation)
    }

    fn activation(x: FlexTensor, activation: Activation) -> FlexTensor {
        host::activation(x, activation)
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
        host::depthwise_backward(x, kernel, grad, window, wants_x)
    }

    fn convolution_backward(
        x: FlexTensor,
        kernel: FlexTensor,
        grad: FlexTensor,
        window: Window,
        wants_x: bool,
    ) -> (Option<FlexTensor>, FlexTensor) {
        host::convolution_backward(x, kernel, grad, window, wants_x)
    }

    fn pool_backward(x: FlexTensor, y: FlexTensor, grad: FlexTensor, window: Window, is_max: bool) -> FlexTensor {
        host::pool_backward(x, y, grad, window, is_max)
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
        host::norm_activation_backward([x, y, moments, gamma], grad, epsilon, activation)
    }

    fn activation_backward(y: FlexTensor, grad: FlexTensor, activation: Activation) -> FlexTensor {
        host::activation_backward(y, grad, activation)
    }
}
