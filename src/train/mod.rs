//! One trial: train a variant with one seed, evaluate after every epoch, and keep what shows that it was so.
//!
//! A trial is a pure function of its key. Nothing here reads a clock, the environment or a global generator.

mod evaluation;
mod key;
mod order;
mod schedule;
mod trial;

pub use key::{NUMERICS, trial_key};
pub use trial::{Observer, Trial, TrialLog, run};
