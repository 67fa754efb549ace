//! How fast the variants are on this machine, measured so that the number can be believed.
//!
//! criterion warms up and samples; every measurement is repeated in rounds with all others in between, so that a machine
//! that drifts favours none; what else the machine did is written down beside the samples. What is recorded is raw:
//! statistics belong to whoever reads it. Nothing here changes a trial.

pub mod baseline;
mod ceilings;
mod conditions;
mod layers;
mod memory;
pub mod peer;
mod plan;
mod sampler;
mod stage;
mod strain;
#[cfg(test)]
mod tests;
mod workload;

pub use sampler::{CRITERION, SamplerError};
pub use stage::{Bench, Clock, Event, ThroughputError, key, measure, wall_clock};
pub use strain::{is_loaded, is_throttled, was_strained};
pub use workload::{Input, Workload};

use crate::engine::Engine;

/// Waits until the device has done all its work.
///
/// # Panics
/// When it cannot, for lack of memory for example.
fn finish(engine: &Engine) {
    engine.device().sync().unwrap_or_else(|error| panic!("the device does not finish its work: {error:?}"));
}
