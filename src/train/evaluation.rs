//! Loss and accuracy from logits, on the host in f64, and the evaluation of a network on a whole split.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::order::plain_picks;
use crate::bundle::correctness::Correctness;
use crate::config::Recipe;
use crate::engine::DeviceImages;
use crate::model::{Network, Pass};

/// Images evaluated at once; the result does not depend on it.
const EVALUATION_BATCH: usize = 250;

/// Sums over images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    pub images: u64,
    pub correct: u64,
    /// Sum of cross-entropies in nats.
    pub loss: f64,
}

impl Score {
    /// Mean cross-entropy, `None` when it is not a finite number.
    pub fn mean_loss(&self) -> Option<f64> {
        let mean = self.loss / self.images as f64;
        mean.is_finite().then_some(mean)
    }

    /// Fraction in [0, 1].
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.images as f64
    }

    pub fn add(&mut self, other: Score) {
        self.images += other.images;
        self.correct += other.correct;
        self.loss += other.loss;
    }

    /// Scores row-major `logits`, one row of `classes` per label. Of equal logits the first class wins.
    pub fn of(logits: &[f32], classes: usize, labels: &[u8]) -> Self {
        Self::of_each(logits, classes, labels, |_| ())
    }

    /// [`Score::of`]; `each` is told of every image, in order, whether its class was named.
    fn of_each(logits: &[f32], classes: usize, labels: &[u8], mut each: impl FnMut(bool)) -> Self {
        assert_eq!(logits.len(), classes * labels.len());
        let mut score = Score::default();
        for (row, &label) in logits.chunks_exact(classes).zip(labels) {
            let (mut best, mut highest) = (0, f64::NEG_INFINITY);
            for (class, &logit) in row.iter().enumerate() {
                if f64::from(logit) > highest {
                    (best, highest) = (class, f64::from(logit));
                }
            }
            let sum: f64 = row.iter().map(|&logit| libm::exp(f64::from(logit) - highest)).sum();
            let is_right = best == usize::from(label) && row.iter().all(|logit| logit.is_finite());
            each(is_right);
            score.images += 1;
            score.correct += u64::from(is_right);
            score.loss += highest + libm::log(sum) - f64::from(row[usize::from(label)]);
        }
        score
    }
}

/// The logits' values, row-major.
pub fn logit_values(logits: Tensor<2>) -> Vec<f32> {
    logits.into_data().convert::<f32>().try_into_vec().expect("logits were converted to f32")
}

/// Dropout off, running statistics: the network's score on all images of a split, and which of them it got right.
pub fn evaluate(model: &Network, images: &DeviceImages<'_>, recipe: &Recipe) -> (Score, Correctness) {
    let mut total = Score::default();
    let mut each = Vec::with_capacity(images.len());
    let order = images.order(plain_picks(images.len() as u32));
    for batch in order.batches(EVALUATION_BATCH) {
        let images = order.images(batch.clone(), recipe.image_size as usize, recipe.pixels);
        let logits = model.forward(images, &mut Pass::evaluation().with_precision(recipe.precision));
        let [_, classes] = logits.dims();
        total.add(Score::of_each(&logit_values(logits), classes, order.labels(batch), |right| each.push(right)));
    }
    (total, each.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    // scipy.special.log_softmax([1, 2, 3])[0] = -2.40760596, [2] = -0.40760596
    #[test]
    fn cross_entropy_and_accuracy_are_those_of_the_softmax() {
        let score = Score::of(&[1.0, 2.0, 3.0, 1.0, 2.0, 3.0], 3, &[0, 2]);
        assert_eq!((score.images, score.correct), (2, 1));
        assert!((score.loss - (2.407_605_96 + 0.407_605_96)).abs() < 1e-7);
        assert_eq!(score.accuracy(), 0.5);
    }

    #[test]
    fn equal_logits_give_the_loss_of_guessing() {
        let score = Score::of(&[0.0; 10], 10, &[0]);
        assert_eq!(score.correct, 1);
        assert!((score.mean_loss().unwrap() - 10f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_logit_that_is_not_a_number_is_no_success_and_has_no_loss() {
        let score = Score::of(&[f32::NAN, 0.0], 2, &[1]);
        assert_eq!((score.correct, score.mean_loss()), (0, None));
    }

    #[test]
    fn huge_logits_do_not_overflow() {
        let score = Score::of(&[1e30, -1e30], 2, &[0]);
        assert_eq!((score.correct, score.mean_loss()), (1, Some(0.0)));
    }
}
