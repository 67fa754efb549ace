//! Where something was computed: for people and for explaining differences, never part of a comparison.

use std::time::Duration;

use sysinfo::System;

use crate::bundle::record::{CodeVersion, Environment, Reproducibility};
use crate::engine::{Engine, ThreadPlan, describe};
use crate::provenance::code;

/// What stands for an engine where another program does the work.
pub const OTHER: &str = "command";

/// Describes this process's machine and build; `engine` is for what this program computes itself.
pub fn environment(
    engine: Option<&Engine>,
    threads: ThreadPlan,
    reproducibility: Option<Reproducibility>,
    started: jiff::Timestamp,
    elapsed: Duration,
) -> Environment {
    Environment {
        retrial: env!("CARGO_PKG_VERSION").to_owned(),
        code: CodeVersion {
            commit: code::commit().map(str::to_owned),
            changes: code::changes().map(str::to_owned),
            dependencies: code::dependencies(),
            binary: code::binary(),
        },
        engine: engine.map_or(OTHER, Engine::name).to_owned(),
        engine_details: engine.map(Engine::details).unwrap_or_default(),
        os: format!(
            "{} ({})",
            System::long_os_version().unwrap_or_else(|| "unknown".to_owned()),
            env!("RETRIAL_TARGET")
        ),
        cpu: describe::cpu_name(),
        cpu_features: describe::cpu_features(),
        jobs: threads.jobs,
        threads_per_job: threads.threads_per_job,
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: describe::memory_bytes(),
        rustc: env!("RETRIAL_RUSTC").to_owned(),
        reproducibility,
        started: started.to_string(),
        elapsed_seconds: (elapsed.as_secs_f64() * 1e3).round() / 1e3,
        peak_memory_bytes: None,
    }
}
