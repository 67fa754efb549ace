//! The slice kernels against plain formulas in f64, central differences, and the generator's definition.

use super::depthwise::{self, Shape};
use super::gather::{Pick, PixelScale, Stored, fold_image, gather, patches};
use super::mask::DropMask;
use super::norm::{self, Activation, Affine, Clip, Dropout};
use crate::random::{Address, Stream, philox4x32_10};

fn values(layer: u32, count: usize) -> Vec<f32> {
    let mut draws = Address { seed: 5, stream: Stream::Data, epoch: 0, step: 0, layer }.draws();
    (0..count).map(|_| draws.normal() as f32).collect()
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// The documented rule, one element at a time.
fn kept(key: [u32; 2], threshold: u32, element: usize) -> bool {
    let (tile, place) = (element / 128, element % 128);
    let block = (tile * 16 + place % 16) as u64;
    let words = philox4x32_10([block as u32, (block >> 32) as u32, 0, 0], key);
    let half = place / 16;
    (words[half / 2] >> (16 * (half % 2))) & 0xffff >= threshold
}

#[test]
fn masks_follow_the_documented_rule_from_any_starting_point() {
    let key = [0xdead_beef, 42];
    let mask = DropMask::new(key, 0.25);
    for (start, len) in [(0, 1000), (1, 127), (127, 2), (128, 128), (300, 513)] {
        let mut found = vec![0.0; len];
        mask.fill(start, &mut found);
        for (offset, value) in found.iter().enumerate() {
            assert_eq!(*value > 0.0, kept(key, 16384, start + offset), "element {}", start + offset);
            assert!(*value == 0.0 || *value == (4.0f32 / 3.0));
        }
    }
}

// A binomial proportion of n = 10^6 has standard deviation sqrt(p (1 - p) / n); four of them bound chance at 6e-5.
#[test]
fn masks_drop_the_asked_for_share_and_keep_the_expectation() {
    for drop in [0.0, 0.1, 0.5, 0.9] {
        let mut found = vec![0.0; 1_000_000];
        DropMask::new([1, 2], drop).fill(0, &mut found);
        let share = found.iter().filter(|value| **value == 0.0).count() as f64 / 1e6;
        assert!((share - drop).abs() <= 4.0 * (drop * (1.0 - drop) / 1e6).sqrt() + 1e-5, "{share} for {drop}");
        let mean: f64 = found.iter().map(|value| f64::from(*value)).sum::<f64>() / 1e6;
        assert!((mean - 1.0).abs() < 4.0 * (drop / (1.0 - drop) / 1e6).sqrt() + 1e-6, "{mean} for {drop}");
    }
}

#[test]
fn moments_are_exact_even_under_a_large_offset() {
    let channels = 5;
    let rows = 40_000;
    let x: Vec<f32> = values(0, rows * channels).iter().map(|value| value + 1000.0).collect();
    let found = norm::moments(&x, channels);
    for channel in 0..channels {
        let column: Vec<f64> = x.iter().skip(channel).step_by(channels).map(|value| f64::from(*value)).collect();
        let mean = column.iter().sum::<f64>() / rows as f64;
        let variance = column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / rows as f64;
        assert!((f64::from(found[channel]) - mean).abs() < 1e-4 * mean);
        assert!((f64::from(found[channels + channel]) - variance).abs() < 1e-4 * variance);
    }
}

/// dropout(relu6(batch_norm(x))) weighted and summed, in f64.
fn reference(x: &[f64], gamma: &[f64], beta: &[f64], keep: &[f64], weights: &[f64], epsilon: f64) -> f64 {
    let channels = gamma.len();
    let rows = (x.len() / channels) as f64;
    let column = |channel| x.iter().skip(channel).step_by(channels);
    let mean: Vec<f64> = (0..channels).map(|channel| column(channel).sum::<f64>() / rows).collect();
    let variance: Vec<f64> = (0..channels)
        .map(|channel| column(channel).map(|value| (value - mean[channel]).powi(2)).sum::<f64>() / rows)
        .collect();
    let element = |(index, value): (usize, &f64)| {
        let c = index % channels;
        let y = gamma[c] * (value - mean[c]) / (variance[c] + epsilon).sqrt() + beta[c];
        y.clamp(0.0, 6.0) * keep[index] * weights[index]
    };
    x.iter().enumerate().map(element).sum()
}

#[test]
fn the_gradient_of_the_fused_layer_agrees_with_central_differences_in_f64() {
    let (rows, channels, epsilon) = (12, 6, 1e-3);
    let x = values(0, rows * channels);
    let (gamma, beta) = (values(1, channels), values(2, channels));
    let weights = values(3, rows * channels);
    let mask = DropMask::new([5, 6], 0.3);
    let activation = Activation { clip: Some(Clip::Relu6), dropout: Some(Dropout { mask, rows_per_image: None }) };

    let moments = norm::moments(&x, channels);
    let mut y = vec![f32::NAN; x.len()];
    norm::forward(
        &x,
        &Affine::normalising(&moments, &gamma, &beta, epsilon as f32),
        activation,
        y.as_mut_slice().into(),
    );
    let mut grad = weights.clone();
    norm::activation_backward(&y, &mut grad, channels, activation);
    let found = norm::normalisation_backward(&x, &moments, &gamma, epsilon as f32, &mut grad);

    let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let mut keep = vec![0.0; x.len()];
    mask.fill(0, &mut keep);
    let (keep, weights) = (wide(&keep), wide(&weights));
    let operands = [wide(&x), wide(&gamma), wide(&beta)];
    for (operand, gradient) in [&grad, &found.gamma, &found.beta].into_iter().enumerate() {
        for (index, gradient) in gradient.iter().enumerate() {
            let loss = |shift: f64| {
                let mut moved = operands.clone();
                moved[operand][index] += shift;
                reference(&moved[0], &moved[1], &moved[2], &keep, &weights, epsilon)
            };
            let difference = (loss(1e-6) - loss(-1e-6)) / 2e-6;
            let error = (f64::from(*gradient) - difference).abs();
            assert!(error < 2e-4 * (1.0 + difference.abs()), "operand {operand}[{index}]: {gradient} and {difference}");
        }
    }
}

#[test]
fn depthwise_gradients_agree_with_central_differences_in_f64() {
    let shape = Shape { images: 1, height: 5, width: 4, channels: 3, stride: 2, pad: 1, out_height: 3, out_width: 2 };
    let (x, kernel) = (values(0, shape.input_len()), values(1, 27));
    let dy = values(2, shape.output_len());
    let loss = |x: &[f64], kernel: &[f64]| {
        let mut sum = 0.0;
        for (index, weight) in dy.iter().enumerate() {
            let (place, channel) = (index / 3, index % 3);
            let (row, column) = (place / 2, place % 2);
            for tap in 0..9 {
                let (at_row, at_column) = ((row * 2 + tap / 3).wrapping_sub(1), (column * 2 + tap % 3).wrapping_sub(1));
                if at_row < 5 && at_column < 4 {
                    sum += f64::from(*weight) * x[(at_row * 4 + at_column) * 3 + channel] * kernel[tap * 3 + channel];
                }
            }
        }
        sum
    };
    let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let mut dx = vec![f32::NAN; x.len()];
    depthwise::input_gradient(&dy, &kernel, shape, dx.as_mut_slice().into());
    let found = [dx, depthwise::kernel_gradient(&x, &dy, shape)];
    for (operand, gradient) in found.iter().enumerate() {
        for (index, gradient) in gradient.iter().enumerate() {
            let shifted = |shift: f64| {
                let mut moved = [wide(&x), wide(&kernel)];
                moved[operand][index] += shift;
                loss(&moved[0], &moved[1])
            };
            let difference = (shifted(1e-3) - shifted(-1e-3)) / 2e-3;
            assert!((f64::from(*gradient) - difference).abs() < 1e-4, "operand {operand}[{index}]");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let shape =
        Shape { images: 16, height: 16, width: 16, channels: 40, stride: 1, pad: 1, out_height: 16, out_width: 16 };
    let (x, kernel, dy) = (values(0, shape.input_len()), values(1, 360), values(2, shape.output_len()));
    let all = || {
        let moments = norm::moments(&x, 40);
        let (mut grad, mut convolved) = (dy.clone(), vec![f32::NAN; dy.len()]);
        let affine = norm::normalisation_backward(&x, &moments, &kernel[..40], 1e-3, &mut grad);
        depthwise::forward(&x, &kernel, shape, convolved.as_mut_slice().into());
        (moments, grad, affine, convolved, depthwise::kernel_gradient(&x, &dy, shape))
    };
    assert_eq!(in_pool(1, all), in_pool(3, all));
}

#[test]
fn images_of_the_right_size_are_scaled_and_nothing_else() {
    let pixels = [0, 51, 255, 10, 20, 30, 1, 2, 3, 4, 5, 6];
    let stored = Stored { pixels: &pixels, height: 2, width: 2 };
    let pick = Pick { index: 0, mirrored: false, shift: [0, 0] };
    let found = gather(stored, &[pick], 2, PixelScale { factor: 1.0, offset: 0.0 });
    assert_eq!(found, pixels.map(f32::from));
}

#[test]
fn mirroring_turns_columns_around_and_a_shift_uncovers_black() {
    let pixels = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4];
    let stored = Stored { pixels: &pixels, height: 2, width: 2 };
    let firsts = |mirrored, shift| {
        let pick = Pick { index: 0, mirrored, shift };
        let found = gather(stored, &[pick], 2, PixelScale { factor: 1.0, offset: 0.0 });
        [found[0], found[3], found[6], found[9]]
    };
    assert_eq!(firsts(true, [0, 0]), [2.0, 1.0, 4.0, 3.0]);
    assert_eq!(firsts(false, [1, 0]), [3.0, 4.0, 0.0, 0.0]);
    assert_eq!(firsts(false, [0, -1]), [0.0, 1.0, 0.0, 3.0]);
}

// torch.nn.functional.interpolate(torch.tensor([[[[0., 4.], [8., 12.]]]]), (4, 4), mode='bilinear',
// align_corners=False)[0, 0], and the same down to (1, 1).
#[test]
fn resizing_is_bilinear_with_half_pixel_centres() {
    let pixels: Vec<u8> = [0, 4, 8, 12].iter().flat_map(|&value| [value; 3]).collect();
    let stored = Stored { pixels: &pixels, height: 2, width: 2 };
    let pick = Pick { index: 0, mirrored: false, shift: [0, 0] };
    let resized = |size| -> Vec<f32> {
        gather(stored, &[pick], size, PixelScale { factor: 1.0, offset: 0.0 }).into_iter().step_by(3).collect()
    };
    let expected = [0., 1., 3., 4., 2., 3., 5., 6., 6., 7., 9., 10., 8., 9., 11., 12.];
    assert_eq!(resized(4), expected);
    assert_eq!(resized(1), [6.0]);
}

#[test]
fn patches_hold_the_window_of_each_output_with_zeros_outside() {
    let shape = Shape { images: 1, height: 2, width: 2, channels: 1, stride: 2, pad: 0, out_height: 1, out_width: 1 };
    let mut found = [f32::NAN; 9];
    patches(&[1.0, 2.0, 3.0, 4.0], shape, (3, 1), found.as_mut_slice().into());
    assert_eq!(found, [1.0, 2.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
}

// By hand: a window of 2 pixels, 2 apart, with one zero around two rows of 4 pixels; its upper row sees zeros alone, its lower
// row (0, 2), (1, 3), (2, 4), (3, 0) of the second.
#[test]
fn patches_and_their_adjoint_are_those_of_hand_arithmetic() {
    let shape = Shape { images: 1, height: 2, width: 4, channels: 1, stride: 1, pad: 1, out_height: 1, out_width: 4 };
    let mut found = [9.0; 16];
    patches(&[9.0, 9.0, 9.0, 9.0, 1.0, 2.0, 3.0, 4.0], shape, (2, 2), found.as_mut_slice().into());
    assert_eq!(found, [0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 3.0, 0.0, 0.0, 2.0, 4.0, 0.0, 0.0, 3.0, 0.0]);
    // Each row of patches counts with its own number.
    let rows: Vec<f32> = (0..16).map(|at| (at / 4 + 1) as f32).collect();
    let mut sums = [9.0; 8];
    fold_image(&rows, shape, (2, 2), &mut sums);
    // Of the second row, pixel 1 is in patch 2; pixel 2 in patches 1 and 3; pixel 3 in 2 and 4; pixel 4 in 3.
    assert_eq!(sums, [0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 6.0, 3.0]);
}
