//! One trial: train a variant with one seed, evaluate after every epoch, and keep what shows that it was so.
//!
//! A trial is a pure function of its key. Nothing here reads a clock, the environment or a global generator.

mod checkpoint;
mod evaluation;
mod key;
mod optimizer;
mod order;
mod readings;
mod schedule;
#[cfg(test)]
mod tests;
mod trial;

pub use checkpoint::{Checkpoint, CheckpointError, State};
pub use evaluation::{Score, evaluate};
pub use key::trial_key;
pub use optimizer::{loss, optimizer};
pub use order::{epoch_picks, plain_picks};
pub use trial::{Ended, Observer, Trial, TrialLog, run};
