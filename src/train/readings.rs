//! What a training step computes on the device and the host wants to know: read back for many steps at once.

use burn::tensor::Tensor;

use super::evaluation::{Score, logit_values};
use crate::bundle::record::StepFingerprint;
use crate::engine::Pick;
use crate::provenance::Digest;

/// Steps whose loss and logits are still on the device.
#[derive(Default)]
pub(super) struct Readings {
    steps: Vec<Reading>,
}

pub(super) struct Reading {
    pub step: u64,
    pub loss: Tensor<1>,
    /// `[images, classes]`.
    pub logits: Tensor<2>,
    pub labels: Vec<u8>,
    pub batch: String,
}

/// What one step turned out to be.
pub(super) struct Outcome {
    pub fingerprint: StepFingerprint,
    /// Of the batch before the step, dropout on; `None` where the loss is not a finite number.
    pub score: Option<Score>,
}

impl Readings {
    pub fn add(&mut self, reading: Reading) {
        self.steps.push(reading);
    }

    /// Waits for the device and reads every step, first to last.
    pub fn read(&mut self) -> Vec<Outcome> {
        let steps = std::mem::take(&mut self.steps);
        let Some(first) = steps.first() else { return Vec::new() };
        let [_, classes] = first.logits.dims();
        let losses = Tensor::cat(steps.iter().map(|step| step.loss.clone()).collect(), 0);
        let logits = Tensor::cat(steps.iter().map(|step| step.logits.clone()).collect(), 0);
        let losses: Vec<f32> = losses.into_data().try_into_vec().expect("losses are f32");
        let logits = logit_values(logits);
        let mut rows = logits.as_slice();
        let mut outcomes = Vec::with_capacity(steps.len());
        for (step, loss) in steps.into_iter().zip(losses) {
            let (own, rest) = rows.split_at(step.labels.len() * classes);
            rows = rest;
            outcomes.push(Outcome {
                fingerprint: StepFingerprint {
                    step: step.step,
                    loss: format!("{:08x}", loss.to_bits()),
                    batch: step.batch,
                    parameters: None,
                },
                score: loss.is_finite().then(|| Score::of(own, classes, &step.labels)),
            });
        }
        outcomes
    }
}

/// First 16 hexadecimal digits of the SHA-256 of the images' indices (u32, little endian).
pub(super) fn batch_digest(picks: &[Pick]) -> String {
    let bytes: Vec<u8> = picks.iter().flat_map(|pick| pick.index.to_le_bytes()).collect();
    Digest::of_bytes(&bytes).to_string()[..16].to_owned()
}
