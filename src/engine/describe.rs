//! What this build and this machine can compute with, for `retrial doctor` and `environment.json`. Computes nothing.

use std::collections::BTreeMap;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::{Engine, ThreadPlan, available_cores};
use crate::bundle::throughput::GpuState;

/// One line of what `retrial doctor` shows: what it is about, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub about: &'static str,
    pub found: String,
}

/// What is there.
pub fn findings() -> Vec<Finding> {
    let finding = |about, found: String| Finding { about, found };
    let built = |feature, yes: bool, without: &str| {
        finding(feature, if yes { "in this build".to_owned() } else { format!("not in this build: {without}") })
    };
    let no_flex = "`--device flex` needs one with the feature `flex`, which is on by default";
    let no_libtorch = "`--device libtorch` and `--device cuda` need one with `--features libtorch`";
    let cores = available_cores();
    // As a run with trials enough for all cores.
    let ThreadPlan { jobs, threads_per_job } = ThreadPlan::new(None, usize::MAX, cores);
    #[cfg_attr(not(feature = "libtorch"), expect(unused_mut, reason = "more is found with libtorch"))]
    let mut findings = vec![
        finding("burn", env!("RETRIAL_BURN").to_owned()),
        finding("compiler", env!("RETRIAL_RUSTC").to_owned()),
        built("flex", cfg!(feature = "flex"), no_flex),
        built("libtorch", cfg!(feature = "libtorch"), no_libtorch),
        finding("CPU", cpu_name()),
        finding("CPU features", cpu_features().join(" ")),
        finding("cores", cores.to_string()),
        finding("trials at a time", format!("{jobs} on the CPU, with threads each: {threads_per_job}")),
        finding("memory", format!("{:.1} GiB", memory_bytes() as f64 / f64::from(1 << 30))),
    ];
    #[cfg(feature = "libtorch")]
    findings.extend(super::libtorch::describe::findings().into_iter().map(|(about, found)| finding(about, found)));
    findings
}

/// The processor's name as its maker gives it.
pub fn cpu_name() -> String {
    let wanted = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
    let system = System::new_with_specifics(wanted);
    system.cpus().first().map_or_else(|| "unknown".to_owned(), |cpu| cpu.brand().trim().to_owned())
}

/// All memory of the machine; 0 where the system does not say.
pub fn memory_bytes() -> u64 {
    let wanted = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    System::new_with_specifics(wanted).total_memory()
}

/// Instruction sets that kernels choose by, of those this processor has.
pub fn cpu_features() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [("neon", std::arch::is_aarch64_feature_detected!("neon"))];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found: [(&str, bool); 0] = [];
    found.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect()
}

impl Engine {
    /// What it computes with, in its own terms: libraries, driver, GPU.
    pub fn details(&self) -> BTreeMap<String, String> {
        #[cfg(feature = "libtorch")]
        if let super::Kind::Cuda(index) = self.kind {
            return super::libtorch::describe::gpu(index);
        }
        BTreeMap::new()
    }

    /// The most bytes that tensors took of its GPU's memory at a time since the last call, or since the start; `None` for an
    /// engine on the host.
    pub fn take_gpu_peak(&self) -> Option<u64> {
        #[cfg(feature = "libtorch")]
        if let super::Kind::Cuda(index) = self.kind {
            return super::libtorch::describe::take_peak(index);
        }
        None
    }

    /// How its GPU is at this moment; `None` for an engine on the host, or without NVIDIA's management library.
    pub fn gpu(&self) -> Option<GpuState> {
        #[cfg(feature = "libtorch")]
        if let super::Kind::Cuda(index) = self.kind {
            return super::libtorch::describe::state(index);
        }
        None
    }
}
