//! All trials of an experiment: which are due, several at a time, each result written as it comes.
//!
//! A trial that fails is recorded and the others go on. Finished trials are kept unless their key changed.

mod attempt;
mod environment;
mod plan;
mod runner;
mod selection;
mod self_test;

pub use environment::{OTHER, environment};
pub use plan::{DueTrial, Plan, PlanError, TrialStatus};
pub use runner::{SweepEvent, SweepOptions, SweepOutcome, run};
pub use selection::{SelectionError, Shard, TrialName};
pub use self_test::{self_test, self_tests};
