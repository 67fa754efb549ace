//! The learning rate of every step.

use crate::config::{Decay, Recipe};

/// Learning rate at `step` (from 0 over the whole trial), with `steps_per_epoch` steps in each epoch.
///
/// Warm-up rises linearly and reaches the full rate at its last step; the decay then runs over what remains
/// (cosine: Loshchilov and Hutter 2017, equation 5, without restarts).
pub fn learning_rate(recipe: &Recipe, step: u64, steps_per_epoch: u64) -> f64 {
    let warmup = u64::from(recipe.schedule.warmup_epochs) * steps_per_epoch;
    if step < warmup {
        return recipe.learning_rate * (step + 1) as f64 / warmup as f64;
    }
    let factor = match recipe.schedule.decay {
        Decay::Constant => 1.0,
        Decay::Step { every_epochs, factor } => {
            let epochs = (step - warmup) / steps_per_epoch.max(1);
            libm::pow(factor, (epochs / u64::from(every_epochs)) as f64)
        }
        Decay::Cosine { final_factor } => {
            let last = (u64::from(recipe.epochs) * steps_per_epoch).saturating_sub(warmup + 1).max(1);
            let progress = ((step - warmup) as f64 / last as f64).min(1.0);
            final_factor + (1.0 - final_factor) * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * progress))
        }
    };
    recipe.learning_rate * factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Augment, Optimizer, PixelRange, Precision, Schedule};

    fn recipe(warmup_epochs: u32, decay: Decay) -> Recipe {
        Recipe {
            epochs: 5,
            batch_size: 1,
            image_size: 32,
            pixels: PixelRange::Unit,
            optimizer: Optimizer::default(),
            learning_rate: 0.4,
            momentum: 0.0,
            weight_decay: 0.0,
            label_smoothing: 0.0,
            schedule: Schedule { warmup_epochs, decay },
            augment: Augment { horizontal_flip: false, crop_padding: 0 },
            precision: Precision::Fp32,
        }
    }

    fn rates(recipe: &Recipe, steps: std::ops::Range<u64>) -> Vec<f64> {
        steps.map(|step| (learning_rate(recipe, step, 2) * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn a_constant_rate_stays() {
        assert_eq!(rates(&recipe(0, Decay::Constant), 0..3), [0.4, 0.4, 0.4]);
    }

    #[test]
    fn warm_up_rises_linearly_to_the_full_rate() {
        assert_eq!(rates(&recipe(2, Decay::Constant), 0..5), [0.1, 0.2, 0.3, 0.4, 0.4]);
    }

    #[test]
    fn a_step_decay_multiplies_after_every_so_many_epochs() {
        let recipe = recipe(0, Decay::Step { every_epochs: 2, factor: 0.5 });
        assert_eq!(rates(&recipe, 0..10), [0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1]);
    }

    // By hand: 0.4 * (1 + cos(pi * k / 9)) / 2 at k = 0, 3, 9.
    #[test]
    fn a_cosine_falls_from_the_full_rate_to_its_end_at_the_last_step() {
        let recipe = recipe(0, Decay::Cosine { final_factor: 0.0 });
        assert_eq!(rates(&recipe, 0..1), [0.4]);
        assert_eq!(rates(&recipe, 3..4), [0.3]);
        assert_eq!(rates(&recipe, 9..10), [0.0]);
    }
}
