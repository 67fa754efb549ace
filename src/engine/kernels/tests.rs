//! Contract of the kernels, for every engine that is there: native and generic paths agree in value and gradient, and
//! dropout does what its rate says; gradients of what has no generic path agree with central differences. Those of the slice
//! kernels are in `cpu/tests.rs`.

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::config::Rate;
use crate::engine::testing::engines;
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

fn devices() -> Vec<Device> {
    engines().iter().map(|engine| engine.device().clone()).collect()
}

/// Engines that draw masks with the slice kernels; a GPU draws them with its own generator, which the generic path does
/// not know.
fn devices_for(activation: Activation) -> Vec<Device> {
    let shares_masks = |engine: &&crate::engine::Engine| activation.dropout.is_none() || engine.is_host();
    engines().iter().filter(shares_masks).map(|engine| engine.device().clone()).collect()
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

fn activations() -> [Activation; 7] {
    let mask = DropMask::new([3, 4], 0.3);
    let element = Dropout { mask, rows_per_image: None };
    let channel = Dropout { mask, rows_per_image: Some(36) };
    let (relu, relu6) = (Some(Clip::Relu), Some(Clip::Relu6));
    [
        (None, None),
        (relu6, None),
        (relu6, Some(element)),
        (None, Some(element)),
        (relu6, Some(channel)),
        (relu, None),
        (relu, Some(element)),
    ]
    .map(|(clip, dropout)| Activation { clip, dropout })
}

#[test]
fn normalisation_with_activation_and_its_gradients_agree_with_burns_generic_path() {
    for activation in activations() {
        for channels in [3, 16, 40] {
            for device in devices_for(activation) {
                assert_paths_agree_on(
                    &device,
                    &format!("{activation:?}"),
                    [3, 6, 6, channels],
                    |x, _, affine, path| {
                        let moments = Moments::OfBatch(moments(x.clone(), path));
                        norm_activation(x, moments, affine, 1e-3, activation, path)
                    },
                );
            }
        }
    }
}

#[test]
fn activation_and_its_gradient_agree_with_burns_generic_path() {
    for chosen in activations() {
        for device in devices_for(chosen) {
            assert_paths_agree_on(&device, &format!("{chosen:?}"), [3, 6, 6, 24], |x, _, _, path| {
                activation(x, chosen, path)
            });
        }
    }
}

#[test]
fn dropout_drops_its_share_scales_the_rest_and_passes_gradients_where_it_kept() {
    for device in devices() {
        for (relu6, rows_per_image) in [(true, None), (false, None), (true, Some(64)), (false, Some(64))] {
            let rate = 0.25;
            let with = |key| {
                let mask = DropMask::new([key, 9], rate);
                Activation { clip: relu6.then_some(Clip::Relu6), dropout: Some(Dropout { mask, rows_per_image }) }
            };
            let x = Tensor::<4>::ones([16, 8, 8, 64], &device.clone().autodiff()).require_grad();
            let y = activation(x.clone(), with(1), Path::Native);
            let gradient = flat(x.grad(&y.clone().sum().backward()).unwrap());
            let y = flat(y.inner());
            assert_eq!(y, flat(activation(x.clone(), with(1), Path::Native).inner()), "one address, one mask");
            assert_ne!(y, flat(activation(x, with(2), Path::Native).inner()), "another address, another mask");
            let kept = y.iter().filter(|value| **value != 0.0).count();
            assert!(y.iter().all(|value| *value == 0.0 || (value - 4.0 / 3.0).abs() < 1e-6));
            assert_eq!(y, gradient, "the input is 1, so the gradient is the output");
            // Independent decisions: one of each value, or one for each of 64 channels in 16 images. Five standard
            // deviations of a proportion of 0.75 are 0.0085 and 0.068.
            let share = kept as f64 / y.len() as f64;
            let spread = if rows_per_image.is_some() { 0.068 } else { 0.0085 };
            assert!((share - (1.0 - rate)).abs() < spread, "{share} on {device:?}");
        }
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

/// The windows that a convolution may slide: sizes, strides, paddings and dilations.
fn windows() -> [Window; 6] {
    [
        Window { size: 3, stride: 1, before: 1, after: 1, dilation: 1 },
        Window { size: 3, stride: 2, before: 0, after: 1, dilation: 1 },
        Window { size: 1, stride: 2, before: 0, after: 0, dilation: 1 },
        Window { size: 5, stride: 1, before: 2, after: 2, dilation: 1 },
        Window { size: 3, stride: 1, before: 2, after: 2, dilation: 2 },
        Window { size: 2, stride: 3, before: 0, after: 0, dilation: 3 },
    ]
}

/// `sum(weights * y)`'s gradients for `x` and `kernel`, and `y`.
fn convolved(window: Window, dims: [usize; 4], outputs: usize, path: Path, device: &Device) -> [Vec<f32>; 3] {
    let device = device.clone().autodiff();
    let x = random(0, dims, &device).require_grad();
    let kernel = random(1, [window.size * window.size * dims[3], outputs], &device).require_grad();
    let y = convolution(x.clone(), kernel.clone(), window, 1, path);
    let weights = random(4, y.dims(), &device);
    let grads = (y.clone() * weights).sum().backward();
    [flat(y.inner()), flat(x.grad(&grads).unwrap()), flat(kernel.grad(&grads).unwrap())]
}

#[test]
fn convolution_and_its_gradients_agree_with_burns_generic_path() {
    for device in devices() {
        for window in windows() {
            for (size, channels, outputs) in [(8, 3, 5), (7, 24, 16), (6, 1, 1)] {
                let dims = [3, size, size, channels];
                let native = convolved(window, dims, outputs, Path::Native, &device);
                let generic = convolved(window, dims, outputs, Path::Generic, &device);
                for (name, (native, generic)) in ["value", "x", "kernel"].iter().zip(native.iter().zip(&generic)) {
                    let error = relative_error(native, generic);
                    assert!(error < 1e-5, "{window:?} {dims:?} on {device:?}: {name} differs by {error}");
                }
            }
        }
    }
}

// A batch whose patches are laid out in several pieces: 40 images of 32 x 32 pixels and 32 channels have 11.8 million values
// in their patches.
#[test]
fn a_convolution_in_pieces_is_that_of_the_whole_batch() {
    for device in devices() {
        let window = windows()[0];
        let native = convolved(window, [40, 32, 32, 32], 4, Path::Native, &device);
        let generic = convolved(window, [40, 32, 32, 32], 4, Path::Generic, &device);
        for (native, generic) in native.iter().zip(&generic) {
            assert!(relative_error(native, generic) < 1e-4, "{device:?}");
        }
    }
}

#[test]
fn a_depthwise_convolution_of_another_size_is_computed_all_the_same() {
    for device in devices() {
        let window = Window { size: 5, stride: 2, before: 1, after: 2, dilation: 1 };
        let (x, kernel) = (random(0, [2, 8, 8, 6], &device), random::<3>(1, [5, 5, 6], &device));
        let y = flat(depthwise(x.clone(), kernel.clone(), window, Path::Native));
        // Channel by channel, each as a dense convolution of one channel.
        for channel in 0..6 {
            let of = |x: Tensor<4>| x.slice([0..2, 0..8, 0..8, channel..channel + 1]);
            let weights = kernel.clone().slice([0..5, 0..5, channel..channel + 1]).reshape([25, 1]);
            let alone = flat(convolution(of(x.clone()), weights, window, 1, Path::Native));
            let found: Vec<f32> = y.iter().skip(channel).step_by(6).copied().collect();
            assert!(relative_error(&found, &alone) < 1e-5, "{device:?}");
        }
    }
}

#[test]
fn groups_of_channels_are_convolved_by_themselves() {
    for device in devices() {
        let window = windows()[0];
        let (x, kernel) = (random(0, [2, 6, 6, 8], &device), random::<2>(1, [9 * 4, 6], &device));
        let y = flat(convolution(x.clone(), kernel.clone(), window, 2, Path::Native));
        for group in 0..2 {
            let of_group = x.clone().slice([0..2, 0..6, 0..6, group * 4..group * 4 + 4]);
            let weights = kernel.clone().slice([0..36, group * 3..group * 3 + 3]);
            let alone = flat(convolution(of_group, weights, window, 1, Path::Native));
            let found: Vec<f32> =
                y.chunks(6).flat_map(|pixel| pixel[group * 3..group * 3 + 3].iter().copied()).collect();
            assert!(relative_error(&found, &alone) < 1e-5, "{device:?}");
        }
    }
}

// By hand, on the pixels 1 to 9, row by row.
#[test]
fn pools_are_those_of_hand_arithmetic_and_padding_counts_as_no_value() {
    let paths = [Path::Native, Path::Generic];
    for (device, path) in devices().into_iter().flat_map(|device| paths.map(|path| (device.clone(), path))) {
        let pixels: Vec<f32> = (1..=9).map(|pixel| pixel as f32).collect();
        let x = Tensor::<4>::from_data(TensorData::new(pixels, [1, 3, 3, 1]), &device.clone().autodiff());
        let x = x.require_grad();
        let pooled = |window, is_max| flat(pool(x.clone(), window, is_max, path).inner());
        let two = |stride, before, after| Window { size: 2, stride, before, after, dilation: 1 };
        assert_eq!(pooled(two(1, 0, 0), true), [5.0, 6.0, 8.0, 9.0]);
        assert_eq!(pooled(two(1, 0, 0), false), [3.0, 4.0, 6.0, 7.0]);
        // `same` at stride 2: the last row and column stand alone.
        assert_eq!(pooled(two(2, 0, 1), true), [5.0, 6.0, 8.0, 9.0]);
        assert_eq!(pooled(two(2, 0, 1), false), [3.0, 4.5, 7.5, 9.0]);
        let negative = pool(x.clone().neg(), two(2, 0, 1), true, path);
        assert_eq!(flat(negative.inner()), [-1.0, -3.0, -7.0, -9.0], "a zero of the padding is not the largest");
        let gradient = |is_max| flat(x.grad(&pool(x.clone(), two(2, 0, 1), is_max, path).sum().backward()).unwrap());
        assert_eq!(gradient(true), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
        assert_eq!(gradient(false), [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1.0]);
    }
}

/// Mean and variance by hand over each image's two groups of two channels.
#[test]
fn group_normalisation_gives_each_group_of_each_image_mean_zero_and_variance_one() {
    for device in devices() {
        let x = random(0, [2, 5, 5, 4], &device) * 3.0 + 1.0;
        let (gamma, beta) = (Tensor::<1>::ones([4], &device), Tensor::<1>::zeros([4], &device));
        let y = flat(group_norm(x, [gamma, beta], Grouping { groups: 2, epsilon: 0.0 }));
        for image in 0..2 {
            for group in 0..2 {
                let values: Vec<f64> = (0..25)
                    .flat_map(|pixel| [0, 1].map(|c| f64::from(y[(image * 25 + pixel) * 4 + group * 2 + c])))
                    .collect();
                let mean = values.iter().sum::<f64>() / 50.0;
                let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 50.0;
                assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
            }
        }
    }
}

#[test]
fn dropped_blocks_are_squares_their_share_is_the_rate_and_the_sum_is_kept() {
    let rate = Rate::new(0.1).unwrap();
    for device in devices() {
        let (n, size, c, block) = (8, 16, 16, 3);
        let ones = Tensor::<4>::ones([n, size, size, c], &device);
        let y = flat(drop_blocks(ones.clone(), [5, 6], rate, block));
        let count = y.len() as f32;
        let dropped: Vec<bool> = y.iter().map(|value| *value == 0.0).collect();
        assert!((y.iter().sum::<f32>() / count - 1.0).abs() < 1e-3);
        // The paper's equation counts blocks that overlap twice: 1 - exp(-0.1) is 0.095 without edges.
        let share = dropped.iter().filter(|dropped| **dropped).count() as f32 / count;
        assert!((0.075..0.1).contains(&share), "{share}");
        let at = |image: usize, row: usize, column: usize, channel: usize| {
            dropped[((image * size + row) * size + column) * c + channel]
        };
        // Every dropped pixel lies in some block of 3 x 3 that is dropped as a whole.
        for (image, channel) in (0..n).flat_map(|image| (0..c).map(move |channel| (image, channel))) {
            for (row, column) in (0..size).flat_map(|row| (0..size).map(move |column| (row, column))) {
                let whole = |top: usize, left: usize| {
                    (top..top + block).all(|row| (left..left + block).all(|column| at(image, row, column, channel)))
                };
                let tops = row.saturating_sub(block - 1)..=row.min(size - block);
                let covered = || {
                    tops.clone().any(|top| {
                        (column.saturating_sub(block - 1)..=column.min(size - block)).any(|left| whole(top, left))
                    })
                };
                assert!(!at(image, row, column, channel) || covered(), "{image} {row} {column} {channel}");
            }
        }
        assert_eq!(y, flat(drop_blocks(ones.clone(), [5, 6], rate, block)));
        assert_ne!(y, flat(drop_blocks(ones, [5, 7], rate, block)));
        // A map smaller than a block is dropped as a whole or not at all.
        let small = flat(drop_blocks(Tensor::<4>::ones([64, 2, 2, 8], &device), [5, 6], rate, 7));
        let largest = small.iter().fold(0.0f32, |largest, value| largest.max(*value));
        assert!(small.iter().all(|value| *value == 0.0 || *value == largest));
        assert!(small.contains(&0.0));
    }
}

#[test]
fn constant_moments_are_no_function_of_the_input() {
    for device in devices() {
        let autodiff = device.clone().autodiff();
        let x = random(0, [2, 3, 3, 4], &autodiff).require_grad();
        let moments = Tensor::cat(vec![Tensor::zeros([1, 4], &device), Tensor::ones([1, 4], &device) * 4.0], 0);
        let affine = [Tensor::<1>::ones([4], &autodiff) * 6.0, Tensor::<1>::zeros([4], &autodiff)];
        let plain = Activation { clip: None, dropout: None };
        let y = norm_activation(x.clone(), Moments::Constant(moments), affine, 0.0, plain, Path::Native);
        let gradients = y.sum().backward();
        // y = 6 x / 2, so every entry's gradient is 3.
        let gradient = flat(x.grad(&gradients).unwrap());
        assert!(gradient.iter().all(|value| (value - 3.0).abs() < 1e-5), "{gradient:?}");
    }
}

/// `sum(weights * operation(operand))` and its gradient by the operand's autodiff.
fn loss_and_gradient<const D: usize>(
    operand: &[f64],
    dims: [usize; D],
    dtype: DType,
    device: &Device,
    operation: &impl Fn(Tensor<D>) -> Tensor<4>,
) -> (f64, Vec<f64>) {
    let device = device.clone().autodiff();
    let data = |values: Vec<f64>, dims: Vec<usize>| TensorData::new(values, dims).convert_dtype(dtype);
    let x = Tensor::<D>::from_data(data(operand.to_vec(), dims.to_vec()), (&device, dtype)).require_grad();
    let y = operation(x.clone());
    assert_eq!(y.dtype(), dtype, "nothing is rounded on the way");
    let weights = values(9, y.dims().iter().product()).into_iter().map(f64::from).collect();
    let weights = Tensor::<4>::from_data(data(weights, y.dims().to_vec()), (&device, dtype));
    let loss = (y * weights).sum();
    let wide = |data: TensorData| data.convert::<f64>().try_into_vec::<f64>().unwrap();
    let gradient = x.grad(&loss.backward()).map(|gradient| wide(gradient.into_data())).unwrap();
    (wide(loss.inner().into_data())[0], gradient)
}

#[track_caller]
fn assert_central_differences<const D: usize>(
    what: &str,
    operand: &[f64],
    dims: [usize; D],
    (dtype, step, tolerance): (DType, f64, f64),
    device: &Device,
    operation: impl Fn(Tensor<D>) -> Tensor<4>,
) {
    let of = |operand: &[f64]| loss_and_gradient(operand, dims, dtype, device, &operation);
    let (_, gradient) = of(operand);
    assert_eq!(gradient.len(), operand.len());
    for (index, gradient) in gradient.into_iter().enumerate() {
        let shifted = |shift: f64| {
            let mut moved = operand.to_vec();
            moved[index] += shift;
            of(&moved).0
        };
        let difference = (shifted(step) - shifted(-step)) / (2.0 * step);
        let error = (gradient - difference).abs();
        assert!(
            error <= tolerance * (1.0 + difference.abs()),
            "{what}[{index}] on {device:?}: {gradient} and {difference}"
        );
    }
}

fn wide(layer: u32, count: usize) -> Vec<f64> {
    values(layer, count).into_iter().map(f64::from).collect()
}

/// In f64. The error of a central difference is the step's square times the third derivative, and rounding divided by the
/// step: both about 1e-10 here.
#[test]
fn gradients_of_group_normalisation_agree_with_central_differences_in_f64() {
    let f64s = (DType::F64, 1e-5, 1e-7);
    for device in devices() {
        let tensor = |layer, scale, shift| {
            let values = wide(layer, 6).into_iter().map(|value| value * scale + shift).collect();
            Tensor::<1>::from_data(TensorData::new::<f64, _>(values, [6]), (&device.clone().autodiff(), DType::F64))
        };
        // Groups of one, two and all six channels; two images, so that one must not reach into the other.
        for groups in [6, 3, 1] {
            let grouping = Grouping { groups, epsilon: 1e-3 };
            let dims = [2, 3, 2, 6];
            let x = wide(0, 72);
            assert_central_differences("x", &x, dims, f64s, &device, |x| {
                group_norm(x, [tensor(1, 1.0, 0.5), tensor(2, 1.0, 0.0)], grouping)
            });
            let fixed =
                || Tensor::<4>::from_data(TensorData::new(x.clone(), dims), (&device.clone().autodiff(), DType::F64));
            assert_central_differences("gamma", &wide(1, 6), [6], f64s, &device, |gamma| {
                group_norm(fixed(), [gamma, tensor(2, 1.0, 0.0)], grouping)
            });
            assert_central_differences("beta", &wide(2, 6), [6], f64s, &device, |beta| {
                group_norm(fixed(), [tensor(1, 1.0, 0.5), beta], grouping)
            });
        }
    }
}

/// Masks are drawn in f32, so these are computed in f32. Dropout is linear in its input: a central difference is exact for
/// any step, and one of 1 leaves nothing but rounding.
#[test]
fn gradients_of_dropped_blocks_and_channels_agree_with_central_differences() {
    let linear = (DType::F32, 1.0, 1e-4);
    for device in devices() {
        let dims = [2, 4, 4, 3];
        let x: Vec<f64> = wide(0, 96);
        for block in [1, 2, 3, 7] {
            let rate = Rate::new(0.3).unwrap();
            assert_central_differences("blocks", &x, dims, linear, &device, |x| drop_blocks(x, [5, 6], rate, block));
        }
        let mask = DropMask::new([7, 8], 0.4);
        for rows_per_image in [Some(16), None] {
            let dropout = Some(Dropout { mask, rows_per_image });
            let dropped = Activation { clip: None, dropout };
            assert_central_differences("dropout", &x, dims, linear, &device, |x| activation(x, dropped, Path::Native));
        }
    }
}

/// ReLU6 is linear but at 0 and 6: inputs are other multiples of an eighth, and a step of an eighth passes neither.
#[test]
fn gradients_of_relu6_with_dropped_channels_agree_with_central_differences() {
    let dims = [2, 4, 4, 3];
    let x: Vec<f64> = (0..96).map(|index| f64::from(index * 37 % 96) / 8.0 - 2.75).collect();
    let x: Vec<f64> = x.into_iter().map(|value| if value % 6.0 == 0.0 { value + 0.25 } else { value }).collect();
    let piecewise = (DType::F32, 0.125, 1e-4);
    let mask = DropMask::new([7, 8], 0.4);
    for device in devices() {
        for dropout in
            [None, Some(Dropout { mask, rows_per_image: Some(16) }), Some(Dropout { mask, rows_per_image: None })]
        {
            assert_central_differences("relu6", &x, dims, piecewise, &device, |x| {
                activation(x, Activation { clip: Some(Clip::Relu6), dropout }, Path::Native)
            });
        }
    }
}
