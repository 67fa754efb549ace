//! `retrial`: re-run an article's findings, publish them, and let others check them.

pub mod audit;
pub mod bundle;
pub mod claims;
pub mod cli;
pub mod config;
pub mod data;
pub mod engine;
pub mod mlflow;
pub mod model;
pub mod probe;
pub mod provenance;
pub mod report;
pub mod site;
pub mod stats;
pub mod sweep;
pub mod throughput;
pub mod train;
pub mod trainer;

pub use retrial_kernels::random;
