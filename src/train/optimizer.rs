//! What is minimised, and how weights follow from its gradients.

use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer, RmsPropConfig, SgdConfig};
use burn::tensor::Device;

use crate::config::{Optimizer, Recipe};

/// Mean cross-entropy of the softmax, with the recipe's label smoothing.
pub fn loss(recipe: &Recipe, device: &Device) -> CrossEntropyLoss {
    let smoothing = (recipe.label_smoothing > 0.0).then_some(recipe.label_smoothing as f32);
    CrossEntropyLossConfig::new().with_smoothing(smoothing).init(device)
}

/// The optimizers as PyTorch defines them, which is as Keras does but for where epsilon is added in Adam: PyTorch adds it
/// behind the correction of the bias, Keras before.
///
/// SGD: v = momentum * v + (g + weight_decay * w), w = w - rate * v.
pub fn optimizer(recipe: &Recipe) -> ModuleOptimizer {
    let decay = (recipe.weight_decay > 0.0).then(|| WeightDecayConfig::new(recipe.weight_decay as f32));
    match recipe.optimizer {
        Optimizer::Sgd { nesterov } => {
            let config =
                || MomentumConfig::new().with_momentum(recipe.momentum).with_dampening(0.0).with_nesterov(nesterov);
            let momentum = (recipe.momentum > 0.0).then(config);
            SgdConfig::new().with_momentum(momentum).with_weight_decay(decay).init()
        }
        Optimizer::Rmsprop { rho, epsilon } => {
            let config = RmsPropConfig::new().with_alpha(rho as f32).with_momentum(recipe.momentum as f32);
            config.with_epsilon(epsilon as f32).with_weight_decay(decay).init()
        }
        Optimizer::Adam { beta_1, beta_2, epsilon } => {
            let config = AdamConfig::new().with_beta_1(beta_1 as f32).with_beta_2(beta_2 as f32);
            config.with_epsilon(epsilon as f32).with_weight_decay(decay).init()
        }
        Optimizer::Adamw { beta_1, beta_2, epsilon } => {
            let config = AdamWConfig::new().with_beta_1(beta_1 as f32).with_beta_2(beta_2 as f32);
            config.with_epsilon(epsilon as f32).with_weight_decay(recipe.weight_decay as f32).init()
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{Module, Param};
    use burn::optim::GradientsParams;
    use burn::tensor::{Int, Tensor};

    use super::*;
    use crate::config::{Augment, Decay, PixelRange, Precision, Schedule};
    use crate::engine::testing::engines;

    #[derive(Module, Debug)]
    struct Weights {
        w: Param<Tensor<1>>,
    }

    fn recipe(optimizer: Optimizer, momentum: f64, weight_decay: f64) -> Recipe {
        Recipe {
            epochs: 1,
            batch_size: 1,
            image_size: 32,
            pixels: PixelRange::Unit,
            optimizer,
            learning_rate: 0.1,
            momentum,
            weight_decay,
            label_smoothing: 0.1,
            schedule: Schedule { warmup_epochs: 0, decay: Decay::Constant },
            augment: Augment { horizontal_flip: false, crop_padding: 0 },
            precision: Precision::Fp32,
        }
    }

    /// Three weights after three steps with gradients that are given.
    fn stepped(recipe: &Recipe, rate: f64, device: &Device) -> Vec<f32> {
        let device = device.clone().autodiff();
        let mut model = Weights { w: Param::from_tensor(Tensor::from_floats([0.5, -1.0, 2.0], &device)) };
        let mut optimizer = optimizer(recipe);
        for gradient in [[0.1, -0.2, 0.3], [0.4, 0.05, -0.6], [-0.3, 0.2, 1e-4]] {
            let gradients = (model.w.val() * Tensor::<1>::from_floats(gradient, &device)).sum().backward();
            let gradients = GradientsParams::from_grads(gradients, &model);
            model = optimizer.step(rate, model, gradients);
        }
        model.w.val().inner().into_data().try_into_vec().unwrap()
    }

    // torch.optim of PyTorch 2, the same weights and gradients: SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    // RMSprop(lr=0.01, alpha=0.9, eps=1e-7, momentum=0.5, weight_decay=0.01), Adam(lr=0.01, eps=1e-7, weight_decay=0.01),
    // AdamW(lr=0.01, eps=1e-8, weight_decay=0.1).
    #[test]
    fn weights_go_where_pytorchs_optimizers_take_them() {
        let (beta_1, beta_2) = (0.9, 0.999);
        let cases = [
            (recipe(Optimizer::Sgd { nesterov: true }, 0.9, 0.01), 0.1, [0.410_439_76, -0.974_922_66, 2.043_433]),
            (
                recipe(Optimizer::Rmsprop { rho: 0.9, epsilon: 1e-7 }, 0.5, 0.01),
                0.01,
                [0.417_543_86, -0.976_287_66, 1.985_678_1],
            ),
            (
                recipe(Optimizer::Adam { beta_1, beta_2, epsilon: 1e-7 }, 0.0, 0.01),
                0.01,
                [0.479_189_8, -0.986_069, 1.995_623_4],
            ),
            (
                recipe(Optimizer::Adamw { beta_1, beta_2, epsilon: 1e-8 }, 0.0, 0.1),
                0.01,
                [0.477_919_5, -0.984_18, 1.990_512_6],
            ),
        ];
        for engine in engines() {
            for (recipe, rate, expected) in &cases {
                let found = stepped(recipe, *rate, engine.device());
                let is_near = |(found, expected): (&f32, &f32)| (found - expected).abs() < 2e-6;
                assert!(found.iter().zip(expected).all(is_near), "{:?}: {found:?}", recipe.optimizer);
            }
        }
    }

    // torch.nn.functional.cross_entropy([[1, 2, 3], [0.5, -1, 0]], [0, 2], label_smoothing=0.1)
    #[test]
    fn label_smoothing_is_pytorchs() {
        for engine in engines() {
            let device = engine.device();
            let logits = Tensor::<2>::from_floats([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]], device);
            let targets = Tensor::<1, Int>::from_ints([0, 2], device);
            let smoothed = loss(&recipe(Optimizer::default(), 0.0, 0.0), device).forward(logits, targets);
            let found: f32 = smoothed.into_scalar();
            assert!((found - 1.714_201_6).abs() < 1e-6, "{found}");
        }
    }
}
