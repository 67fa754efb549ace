//! The native kernels on libtorch: the shared slice kernels for f32 on the CPU, libtorch's own operators for the rest.

#![expect(deprecated, reason = "burn-tch is the libtorch backend; upstream names no successor for libtorch")]

mod operators;
#[cfg(test)]
mod tests;

use burn::backend::LibTorch;
use burn_tch::TchTensor;
use retrial_kernels::Out;
use tch::{Device, Kind, Tensor};

use super::host::{self, HostTensor};
use super::{Activation, KernelGradients, Kernels, Window};

impl HostTensor for TchTensor {
    fn contiguous(self) -> Self {
        if self.tensor.is_contiguous() { self } else { TchTensor::new(self.tensor.contiguous()) }
    }

    fn unshared(self) -> Self {
        let tensor = self.contiguous();
        if tensor.can_mut() { tensor } else { TchTensor::new(tensor.tensor.copy()) }
    }

    fn dims<const D: usize>(&self) -> [usize; D] {
        let sizes: Vec<usize> = self.tensor.size().iter().map(|&size| size as usize).collect();
        sizes.try_into().expect("the caller asks for the rank that the operand has")
    }

    fn values(&self) -> &[f32] {
        check(&self.tensor);
        // SAFETY: `check` showed host memory, f32 and no gaps, so `numel` initialised values start at the data pointer;
        // the borrow of `self` keeps the storage alive, and burn shares it only for reading.
        unsafe { std::slice::from_raw_parts(self.tensor.data_ptr().cast(), self.tensor.numel()) }
    }

    fn values_mut(&mut self) -> &mut [f32] {
        check(&self.tensor);
        // SAFETY: as in `values`; and the tensor was made by `unshared`, so nobody else reads or writes it.
        unsafe { std::slice::from_raw_parts_mut(self.tensor.data_ptr().cast(), self.tensor.numel()) }
    }

    fn build(dims: &[usize], fill: impl for<'a> FnOnce(Out<'a>) -> &'a mut [f32]) -> Self {
        let sizes: Vec<i64> = dims.iter().map(|&size| size as i64).collect();
        let tensor = Tensor::empty(sizes, (Kind::Float, Device::Cpu));
        check(&tensor);
        let start: *mut f32 = tensor.data_ptr().cast();
        // SAFETY: `check` showed host memory, f32 and no gaps, so there is room for `numel` values at the data pointer, which
        // nobody else knows yet. They need not be initialised.
        let written = fill(Out::new(unsafe { std::slice::from_raw_parts_mut(start.cast(), tensor.numel()) }));
        assert!(std::ptr::eq(written.as_ptr(), start) && written.len() == tensor.numel());
        TchTensor::new(tensor)
    }
}

/// # Panics
/// When the tensor is not f32, contiguous and in host memory.
fn check(tensor: &Tensor) {
    assert!(tensor.kind() == Kind::Float && tensor.device() == Device::Cpu && tensor.is_contiguous());
}

/// The slice kernels compute in f32; other numbers go through libtorch's operators on the CPU, too.
fn takes_slices(tensor: &TchTensor) -> bool {
    tensor.tensor.device() == Device::Cpu && tensor.tensor.kind() == Kind::Float
}

impl Kernels for LibTorch {
    fn depthwise(x: TchTensor, kernel: TchTensor, window: Window) -> TchTensor {
        if takes_slices(&x) {
            return host::depthwise(x, kernel, window);
        }
        TchTensor::new(operators::depthwise(&x.tensor, &kernel.tensor, window))
    }

    fn patches(x: TchTensor, window: Window) -> TchTensor {
        if takes_slices(&x) {
            return host::patches(x, window);
        }
        TchTensor::new(operators::patches(&x.tensor, window))
    }

    fn convolution(x: TchTensor, kernel: TchTensor, window: Window) -> TchTensor {
        if takes_slices(&x) {
            return host::convolution(x, kernel, window);
        }
        TchTensor::new(operators::convolution(&x.tensor, &kernel.tensor, window))
    }

    fn pool(x: TchTensor, window: Window, is_max: bool) -> TchTensor {
        if takes_slices(&x) {
            return host::pool(x, window, is_max);
        }
        TchTensor::new(operators::pool(&x.tensor, window, is_max))
    }

    fn moments(x: TchTensor) -> TchTensor {
        if takes_slices(&x) {
            return host::moments(x);
        }
        TchTensor::new(operators::moments(&x.tensor))
    }

    fn norm_activation(
        x: TchTensor,
        moments: TchTensor,
        gamma: TchTensor,
        beta: TchTensor,
        epsilon: f64,
        activation: Activation,
    ) -> TchTensor {
        if takes_slices(&x) {
            return host::norm_activation([x, moments, gamma, beta], epsilon, activation);
        }
        let y = operators::normalised(&x.tensor, &moments.tensor, [&gamma.tensor, &beta.tensor], epsilon);
        TchTensor::new(operators::activation(y, activation))
    }

    fn activation(x: TchTensor, activation: Activation) -> TchTensor {
        if takes_slices(&x) {
            return host::activation(x, activation);
        }
        TchTensor::new(operators::activation(x.tensor.shallow_clone(), activation))
    }
}

impl KernelGradients for LibTorch {
    fn depthwise_backward(
        x: TchTensor,
        kernel: TchTensor,
        grad: TchTensor,
        window: Window,
        wants_x: bool,
    ) -> (Option<TchTensor>, TchTensor) {
        if takes_slices(&x) {
            return host::depthwise_backward(x, kernel, grad, window, wants_x);
        }
        let (grad_x, grad_kernel) =
            operators::depthwise_backward(&x.tensor, &kernel.tensor, &grad.tensor, window, wants_x);
        (grad_x.map(TchTensor::new), TchTensor::new(grad_kernel))
    }

    fn convolution_backward(
        x: TchTensor,
        kernel: TchTensor,
        grad: TchTensor,
        window: Window,
        wants_x: bool,
    ) -> (Option<TchTensor>, TchTensor) {
        if takes_slices(&x) {
            return host::convolution_backward(x, kernel, grad, window, wants_x);
        }
        let (grad_x, grad_kernel) =
            operators::convolution_backward(&x.tensor, &kernel.tensor, &grad.tensor, window, wants_x);
        (grad_x.map(TchTensor::new), TchTensor::new(grad_kernel))
    }

    fn pool_backward(x: TchTensor, y: TchTensor, grad: TchTensor, window: Window, is_max: bool) -> TchTensor {
        if takes_slices(&x) {
            return host::pool_backward(x, y, grad, window, is_max);
        }
        TchTensor::new(operators::pool_backward(&x.tensor, &grad.tensor, window, is_max))
    }

    fn norm_activation_backward(
        x: TchTensor,
        y: TchTensor,
        moments: TchTensor,
        gamma: TchTensor,
        grad: TchTensor,
        epsilon: f64,
        activation: Activation,
    ) -> [TchTensor; 3] {
        if takes_slices(&x) {
            return host::norm_activation_backward([x, y, moments, gamma], grad, epsilon, activation);
        }
        let grad = operators::activation_backward(&y.tensor, &grad.tensor, activation);
        operators::normalised_backward(&x.tensor, &moments.tensor, &gamma.tensor, &grad, epsilon).map(TchTensor::new)
    }

    fn activation_backward(y: TchTensor, grad: TchTensor, activation: Activation) -> TchTensor {
        if takes_slices(&y) {
            return host::activation_backward(y, grad, activation);
        }
        TchTensor::new(operators::activation_backward(&y.tensor, &grad.tensor, activation))
    }
}
