//! An MLflow tracking server, by its REST API 2.0: runs of an experiment and their curves are read, and the trials of a
//! bundle are written as runs.
//!
//! Nothing that a server says is trusted: answers, pages and numbers of values are bounded, each call has a time limit,
//! redirects are not followed, and every text of it is only text. Credentials come from the address or the environment,
//! as MLflow's own client takes them, and go to that server alone.

mod address;
mod calls;
mod client;
pub mod export;
pub mod records;
pub mod runs;
pub mod trial;

#[cfg(test)]
mod testing;

pub use address::{Address, NotAnAddress};
pub use client::{Problem, Server, ServerError};
