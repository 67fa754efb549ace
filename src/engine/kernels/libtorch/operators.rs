//! The native kernels from libtorch's own operators, for devices whose memory the host cannot reach.
//!
//! Tensors are `[n, h, w, c]` without gaps; seen with permuted axes they are libtorch's channels-last images,
//! so no operator has to rearrange them. Every operator here also runs on the CPU, where the tests compare it.

use tch::{Device, Kind, Tensor};

use super::super::{Activation, Clip, DropMask, Dropout, Window};
use crate::engine::libtorch::shim;

/// `[n, h, w, c]` as libtorch's `[n, c, h, w]` in channels-last memory.
fn as_images(x: &Tensor) -> Tensor {
    x.permute([0, 3, 1, 2])
}

/// Back to `[n, h, w, c]` without gaps.
fn from_images(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous()
}

/// `[3, 3, c]` as a grouped kernel `[c, 1, 3, 3]`.
fn grouped(kernel: &Tensor) -> Tensor {
    kernel.permute([2, 0, 1]).unsqueeze(1)
}

/// The image to convolve, explicitly padded where the two sides differ, and the padding left to the convolution.
fn padded(images: &Tensor, window: Window) -> (Tensor, i64) {
    let (before, after) = (window.before as i64, window.after as i64);
    if before == after {
        return (images.shallow_clone(), before);
    }
    (images.constant_pad_nd([before, after, before, after]), 0)
}

/// A kernel `[size * size * c, k]` as libtorch's `[k, c, size, size]`.
fn spatial(kernel: &Tensor, window: Window, channels: i64) -> Tensor {
    let size = window.size as i64;
    kernel.view([size, size, channels, -1]).permute([3, 2, 0, 1])
}

pub(super) fn convolution(x: &Tensor, kernel: &Tensor, window: Window) -> Tensor {
    convolved(x, &spatial(kernel, window, x.size()[3]), window, 1)
}

pub(super) fn convolution_backward(
    x: &Tensor,
    kernel: &Tensor,
    grad: &Tensor,
    window: Window,
    wants_x: bool,
) -> (Option<Tensor>, Tensor) {
    let weight = spatial(kernel, window, x.size()[3]);
    let (grad_x, grad_weight) = convolved_backward(x, &weight, grad, (window, 1), wants_x);
    (grad_x, grad_weight.permute([2, 3, 1, 0]).contiguous().view(kernel.size().as_slice()))
}

pub(super) fn depthwise(x: &Tensor, kernel: &Tensor, window: Window) -> Tensor {
    convolved(x, &grouped(kernel), window, x.size()[3])
}

pub(super) fn depthwise_backward(
    x: &Tensor,
    kernel: &Tensor,
    grad: &Tensor,
    window: Window,
    wants_x: bool,
) -> (Option<Tensor>, Tensor) {
    let (grad_x, grad_kernel) = convolved_backward(x, &grouped(kernel), grad, (window, x.size()[3]), wants_x);
    (grad_x, grad_kernel.squeeze_dim(1).permute([1, 2, 0]).contiguous())
}

/// `weight` is libtorch's.
fn convolved(x: &Tensor, weight: &Tensor, window: Window, groups: i64) -> Tensor {
    let (images, padding) = padded(&as_images(x), window);
    let (stride, dilation) = (window.stride as i64, window.dilation as i64);
    from_images(&images.conv2d(weight, None::<Tensor>, [stride; 2], [padding; 2], [dilation; 2], groups))
}

/// Gradients of `x` (when wanted) and of libtorch's `weight`.
fn convolved_backward(
    x: &Tensor,
    weight: &Tensor,
    grad: &Tensor,
    (window, groups): (Window, i64),
    wants_x: bool,
) -> (Option<Tensor>, Tensor) {
    let (images, padding) = padded(&as_images(x), window);
    let geometry =
        shim::Convolution { stride: window.stride as i64, padding, dilation: window.dilation as i64, groups };
    let (grad_images, grad_weight) = shim::convolution_backward(&as_images(grad), &images, weight, geometry, wants_x);
    let grad_x = grad_images.map(|grad| {
        let size = x.size();
        let skip = window.before as i64 - padding;
        from_images(&grad.narrow(2, skip, size[1]).narrow(3, skip, size[2]))
    });
    (grad_x, grad_weight)
}

/// `x` as libtorch's images, padded with what counts as no value, and for a mean how many values each window holds.
fn for_pool(x: &Tensor, window: Window, is_max: bool) -> (Tensor, Option<Tensor>) {
    let images = as_images(x);
    let sides = [window.before as i64, window.after as i64, window.before as i64, window.after as i64];
    if sides == [0; 4] {
        return (images, None);
    }
    if is_max {
        return (images.pad(sides, "constant", f64::NEG_INFINITY), None);
    }
    let size = x.size();
    let ones = Tensor::ones([1, 1, size[1], size[2]], (x.kind(), x.device())).constant_pad_nd(sides);
    let (side, stride) = ([window.size as i64; 2], [window.stride as i64; 2]);
    // Of all of the window, as the mean over it is.
    let share = ones.avg_pool2d(side, stride, [0, 0], false, true, None::<i64>);
    (images.constant_pad_nd(sides), Some(share))
}

pub(super) fn pool(x: &Tensor, window: Window, is_max: bool) -> Tensor {
    let (images, share) = for_pool(x, window, is_max);
    let (side, stride) = ([window.size as i64; 2], [window.stride as i64; 2]);
    if is_max {
        return from_images(&images.max_pool2d_with_indices(side, stride, [0, 0], [1, 1], false).0);
    }
    let means = images.avg_pool2d(side, stride, [0, 0], false, true, None::<i64>);
    from_images(&share.map_or_else(|| means.shallow_clone(), |share| &means / share))
}

pub(super) fn pool_backward(x: &Tensor, grad: &Tensor, window: Window, is_max: bool) -> Tensor {
    let (images, share) = for_pool(x, window, is_max);
    let (side, stride) = ([window.size as i64; 2], [window.stride as i64; 2]);
    let grad = as_images(grad);
    let padded = if is_max {
        let (_, indices) = images.max_pool2d_with_indices(side, stride, [0, 0], [1, 1], false);
        images.max_pool2d_with_indices_backward(&grad, side, stride, [0, 0], [1, 1], false, &indices)
    } else {
        let grad = share.map_or_else(|| grad.shallow_clone(), |share| &grad / share);
        images.avg_pool2d_backward(&grad, side, stride, [0, 0], false, true, None::<i64>)
    };
    let (skip, size) = (window.before as i64, x.size());
    from_images(&padded.narrow(2, skip, size[1]).narrow(3, skip, size[2]))
}

pub(super) fn patches(x: &Tensor, window: Window) -> Tensor {
    let [before, after, stride] = [window.before, window.after, window.stride].map(|pixels| pixels as i64);
    let (size, reach, dilation) = (window.size as i64, window.reach() as i64, window.dilation as i64);
    let images = x.constant_pad_nd([0, 0, before, after, before, after]);
    // [n, h', w', c, size, size]: kernel row, kernel column, channel is the order of the weights.
    let windows = images.unfold(1, reach, stride).unfold(2, reach, stride);
    let windows = windows.slice(4, None, None, dilation).slice(5, None, None, dilation).permute([0, 1, 2, 4, 5, 3]);
    windows.reshape([-1, size * size * x.size()[3]])
}

pub(super) fn moments(x: &Tensor) -> Tensor {
    let (variance, mean) = x.to_kind(Kind::Float).var_mean_correction([0i64, 1, 2].as_slice(), 0, false);
    Tensor::stack(&[mean, variance], 0)
}

/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, computed in f32 whatever `x` is in.
pub(super) fn normalised(x: &Tensor, moments: &Tensor, [gamma, beta]: [&Tensor; 2], epsilon: f64) -> Tensor {
    let (mean, variance) = (moments.get(0), moments.get(1));
    let factor = gamma * (variance + epsilon).rsqrt();
    let offset = beta - mean * &factor;
    offset.addcmul(&x.to_kind(Kind::Float), &factor).to_kind(x.kind())
}

/// Gradients of `x`, `gamma` and `beta` for the gradient `grad` of [`normalised`], the moments being functions of `x`.
pub(super) fn normalised_backward(
    x: &Tensor,
    moments: &Tensor,
    gamma: &Tensor,
    grad: &Tensor,
    epsilon: f64,
) -> [Tensor; 3] {
    let (mean, variance) = (moments.get(0), moments.get(1));
    let inverse = (variance + epsilon).rsqrt();
    let axes = [0i64, 1, 2];
    let kind = x.kind();
    let (x, grad) = (x.to_kind(Kind::Float), grad.to_kind(Kind::Float));
    let normalised = (&x - mean) * &inverse;
    let grad_beta = grad.sum_dim_intlist(axes.as_slice(), false, Kind::Float);
    let grad_gamma = (&grad * &normalised).sum_dim_intlist(axes.as_slice(), false, Kind::Float);
    let count = (x.numel() as i64 / gamma.numel() as i64) as f64;
    let centred = grad - &grad_beta / count - normalised * (&grad_gamma / count);
    [(centred * (gamma * inverse)).to_kind(kind), grad_gamma, grad_beta]
}

pub(super) fn activation(x: Tensor, activation: Activation) -> Tensor {
    let x = match activation.clip {
        None => x,
        Some(Clip::Relu) => x.clamp_min(0.0),
        Some(Clip::Relu6) => x.clamp(0.0, 6.0),
    };
    match activation.dropout {
        None => x,
        Some(Dropout { mask, rows_per_image: None }) if !has_own_masks(&x) => {
            seed(mask);
            x.native_dropout(mask.rate(), true).0
        }
        Some(dropout) => {
            let multipliers = multipliers(dropout, &x);
            x * multipliers
        }
    }
}

/// What [`activation`] multiplied by, drawn again: `[n, h, w, c]`, or `[n, 1, 1, c]` for whole channels.
fn multipliers(dropout: Dropout, like: &Tensor) -> Tensor {
    let size = like.size();
    let shape =
        if dropout.rows_per_image.is_some() { [size[0], 1, 1, size[3]] } else { [size[0], size[1], size[2], size[3]] };
    if has_own_masks(like) {
        let mut values = vec![0.0f32; shape.iter().product::<i64>() as usize];
        dropout.mask.fill(0, &mut values);
        return Tensor::from_slice(&values).view(shape).to_kind(like.kind());
    }
    seed(dropout.mask);
    Tensor::ones(shape, (like.kind(), like.device())).native_dropout(dropout.mask.rate(), true).0
}

/// Trials on the CPU run beside each other, and its generator is one for all of them: masks there are retrial's own.
/// Only f32 on the CPU, which the slice kernels compute, comes here in tests alone, to stand for a GPU.
fn has_own_masks(x: &Tensor) -> bool {
    x.device() == Device::Cpu && x.kind() != Kind::Float
}

/// Framework generators are re-seeded from the layer's address before each draw, so nothing depends on earlier draws.
fn seed(mask: DropMask) {
    let [low, high] = mask.key();
    tch::manual_seed((u64::from(low) | u64::from(high) << 32) as i64);
}

pub(super) fn activation_backward(y: &Tensor, grad: &Tensor, activation: Activation) -> Tensor {
    let scale = activation.dropout.map_or(1.0, |dropout| f64::from(dropout.mask.scale()));
    if let Some(clip) = activation.clip {
        let gated = y.hardtanh_backward(grad, 0.0, f64::from(clip.ceiling()) * scale);
        return if activation.dropout.is_some() { gated * scale } else { gated };
    }
    match activation.dropout {
        None => grad.shallow_clone(),
        Some(dropout) => grad * multipliers(dropout, y),
    }
}
