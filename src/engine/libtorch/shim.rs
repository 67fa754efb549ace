//! The few functions of libtorch's C++ interface that tch does not offer; `shim.cpp` is their other side.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use tch::Tensor;
use torch_sys::C_tensor;

/// libtorch refused; the text is libtorch's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("libtorch: {0}")]
pub struct LibtorchError(String);

unsafe extern "C" {
    fn retrial_set_deterministic(error: *mut c_char, capacity: usize) -> c_int;
    fn retrial_allow_tf32(allow: c_int);
    fn retrial_torch_version() -> *const c_char;
    fn retrial_convolution_backward(
        grad: *const C_tensor,
        input: *const C_tensor,
        weight: *const C_tensor,
        stride: i64,
        padding: i64,
        dilation: i64,
        groups: i64,
        wants_input: c_int,
        grad_input: *mut *mut C_tensor,
        grad_weight: *mut *mut C_tensor,
        error: *mut c_char,
        capacity: usize,
    ) -> c_int;
}

/// Calls a function of the shim with room for its error message.
fn checked(call: impl FnOnce(*mut c_char, usize) -> c_int) -> Result<(), LibtorchError> {
    let mut message = [0u8; 512];
    if call(message.as_mut_ptr().cast(), message.len()) == 0 {
        return Ok(());
    }
    let text = CStr::from_bytes_until_nul(&message).map(CStr::to_string_lossy).unwrap_or_default();
    Err(LibtorchError(text.lines().next().unwrap_or_default().to_owned()))
}

/// Deterministic algorithms only, no cuDNN auto-tuning: an operator without a deterministic algorithm then fails.
///
/// # Errors
/// When libtorch refuses.
pub fn set_deterministic() -> Result<(), LibtorchError> {
    // SAFETY: the function writes at most `capacity` bytes to `error`, which `checked` provides.
    checked(|error, capacity| unsafe { retrial_set_deterministic(error, capacity) })
}

/// Whether CUDA's matrix products and convolutions of f32 may round their factors to tf32; process-wide.
pub fn allow_tf32(allow: bool) {
    // SAFETY: the function sets two switches of libtorch's global context.
    unsafe { retrial_allow_tf32(c_int::from(allow)) }
}

/// The version of the libtorch headers this binary was built with.
pub fn torch_version() -> String {
    // SAFETY: the function returns a string literal.
    unsafe { CStr::from_ptr(retrial_torch_version()) }.to_string_lossy().into_owned()
}

/// A square convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    pub stride: i64,
    pub padding: i64,
    pub dilation: i64,
    pub groups: i64,
}

/// Gradients of a convolution's input `[n, c, h, w]` (when wanted) and weight.
///
/// # Panics
/// When libtorch refuses the shapes, as its operators do when called through tch.
pub fn convolution_backward(
    grad: &Tensor,
    input: &Tensor,
    weight: &Tensor,
    geometry: Convolution,
    wants_input: bool,
) -> (Option<Tensor>, Tensor) {
    let (mut grad_input, mut grad_weight) = (ptr::null_mut(), ptr::null_mut());
    let Convolution { stride, padding, dilation, groups } = geometry;
    // SAFETY: a C_tensor of tch is an at::Tensor, and the three operands live through the call.
    checked(|error, capacity| unsafe {
        retrial_convolution_backward(
            grad.as_ptr(),
            input.as_ptr(),
            weight.as_ptr(),
            stride,
            padding,
            dilation,
            groups,
            c_int::from(wants_input),
            &mut grad_input,
            &mut grad_weight,
            error,
            capacity,
        )
    })
    .unwrap_or_else(|error| panic!("{error}"));
    // SAFETY: on success the shim hands over newly made tensors, the first only where it was wanted.
    unsafe {
        let grad_input = (!grad_input.is_null()).then(|| Tensor::from_ptr(grad_input));
        (grad_input, Tensor::from_ptr(grad_weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn the_headers_have_the_version_of_the_libtorch_that_is_pinned() {
        assert!(torch_version().starts_with("2."), "{}", torch_version());
    }

    #[test]
    fn a_refusal_of_libtorch_becomes_an_error_with_its_words() {
        let image = Tensor::zeros([1, 2, 4, 4], (Kind::Float, Device::Cpu));
        let weight = Tensor::zeros([2, 7, 3, 3], (Kind::Float, Device::Cpu));
        let geometry = Convolution { stride: 1, padding: 1, dilation: 1, groups: 2 };
        let refused = std::panic::catch_unwind(|| convolution_backward(&image, &image, &weight, geometry, true));
        let message = *refused.unwrap_err().downcast::<String>().unwrap();
        assert!(message.starts_with("libtorch: "), "{message}");
    }
}
