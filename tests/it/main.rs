//! The binary from outside, as a user meets it.

mod audit;
mod bundle;
mod claims;
mod collect;
mod errors;
mod resume;
mod support;
mod throughput;
