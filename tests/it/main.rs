//! The binary from outside, as a user meets it.

mod agreement;
#[path = "../../src/mlflow/answering.rs"]
mod answering;
mod archive;
mod audit;
mod bundle;
mod claims;
mod collect;
mod commands;
mod conclusions;
mod diff;
mod disk;
mod doctor;
mod engines;
mod errors;
mod events;
#[cfg(target_os = "linux")]
mod faults;
mod fuzz;
mod headline;
mod hostile;
mod init;
mod language;
mod mlflow;
mod photographs;
mod pipes;
mod resources;
mod resume;
mod settle;
mod signature;
mod site;
mod support;
mod templates;
mod throughput;
