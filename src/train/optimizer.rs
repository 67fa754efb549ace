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
