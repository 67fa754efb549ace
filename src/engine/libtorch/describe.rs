//! What is there of libtorch, CUDA and GPUs. Driver and GPU are asked of NVIDIA's management library, if it is there.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::sync::OnceLock;

use nvml_wrapper::Nvml;
use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enum_wrappers::device::{Clock, TemperatureSensor};
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::struct_wrappers::device::ProcessInfo;

use super::{CUBLAS_WORKSPACE, MKL_REPRODUCIBILITY, shim};
use crate::bundle::throughput::GpuState;

unsafe extern "C" {
    fn retrial_take_cuda_peak(index: c_int) -> i64;
}

/// What `retrial doctor` shows about libtorch.
pub fn findings() -> Vec<(&'static str, String)> {
    let gpus = if tch::Cuda::is_available() {
        format!("{} seen by libtorch", tch::Cuda::device_count())
    } else {
        "none: no NVIDIA driver, or a libtorch without CUDA".to_owned()
    };
    let mut found = vec![
        ("libtorch version", shim::torch_version()),
        ("CUDA of libtorch", cuda_version().unwrap_or_else(|| "none: libtorch for the CPU".to_owned())),
        ("cuDNN", cudnn_version().unwrap_or_else(|| "not available".to_owned())),
        ("GPUs", gpus),
    ];
    match Nvml::init() {
        Ok(nvml) => {
            found.push(("NVIDIA driver", nvml.sys_driver_version().unwrap_or_else(|error| error.to_string())));
            for index in 0..nvml.device_count().unwrap_or(0) {
                found.push(("GPU", format!("cuda:{index}: {}", gpu_name(&nvml, index))));
            }
        }
        Err(error) => found.push(("NVIDIA driver", format!("none ({error})"))),
    }
    for variable in [CUBLAS_WORKSPACE, MKL_REPRODUCIBILITY] {
        found.push((
            variable,
            std::env::var(variable).unwrap_or_else(|_| "set by retrial when libtorch is used".to_owned()),
        ));
    }
    found
}

/// What a GPU's results depend on.
pub fn gpu(index: usize) -> BTreeMap<String, String> {
    let mut details = BTreeMap::new();
    let mut add = |about: &str, found: Option<String>| {
        details.extend(found.map(|found| (about.to_owned(), found)));
    };
    add("CUDA", cuda_version());
    add("cuDNN", cudnn_version());
    let nvml = Nvml::init().ok();
    add("driver", nvml.as_ref().and_then(|nvml| nvml.sys_driver_version().ok()));
    add("GPU", nvml.as_ref().and_then(|nvml| Some(gpu_name(nvml, u32::try_from(index).ok()?))));
    details
}

/// A GPU's clocks, temperature and company. Each figure is `None` where the driver does not give it.
pub fn state(index: usize) -> Option<GpuState> {
    static NVML: OnceLock<Option<Nvml>> = OnceLock::new();
    let nvml = NVML.get_or_init(|| Nvml::init().ok()).as_ref()?;
    let device = nvml.device_by_index(u32::try_from(index).ok()?).ok()?;
    let processes = device.running_compute_processes().ok();
    let is_own = |process: &&ProcessInfo| process.pid == std::process::id();
    let others = |processes: &Vec<ProcessInfo>| processes.iter().filter(|process| !is_own(process)).count();
    Some(GpuState {
        clock_mhz: device.clock_info(Clock::SM).ok(),
        memory_clock_mhz: device.clock_info(Clock::Memory).ok(),
        celsius: device.temperature(TemperatureSensor::Gpu).ok(),
        throttled: device.current_throttle_reasons().map(in_words).unwrap_or_default(),
        other_processes: processes.as_ref().and_then(|processes| u32::try_from(others(processes)).ok()),
        own_bytes: processes.and_then(|processes| match processes.iter().find(is_own)?.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(bytes),
            UsedGpuMemory::Unavailable => None,
        }),
    })
}

/// The most bytes that tensors took of a GPU's memory at a time since the last call, or since the start; `None` where that
/// GPU has not been used.
pub fn take_peak(index: usize) -> Option<u64> {
    let index = c_int::try_from(index).ok()?;
    // SAFETY: the function reads and resets counters of libtorch's allocator, and answers -1 where there are none.
    u64::try_from(unsafe { retrial_take_cuda_peak(index) }).ok()
}

/// The driver's names of the reasons. Being idle, and clocks that somebody asked for, do not slow anything down meanwhile.
fn in_words(reasons: ThrottleReasons) -> Vec<String> {
    let harmless = ThrottleReasons::GPU_IDLE | ThrottleReasons::APPLICATIONS_CLOCKS_SETTING;
    reasons.difference(harmless).iter_names().map(|(name, _)| name.to_owned()).collect()
}

fn gpu_name(nvml: &Nvml, index: u32) -> String {
    nvml.device_by_index(index).and_then(|device| device.name()).unwrap_or_else(|error| error.to_string())
}

/// `12080` is version 12.8.
fn cuda_version() -> Option<String> {
    if !tch::utils::has_cudart() {
        return None;
    }
    let version = tch::utils::version_cudart();
    (version > 0).then(|| format!("{}.{}", version / 1000, version % 1000 / 10))
}

/// `91002` is version 9.10.2.
fn cudnn_version() -> Option<String> {
    if !tch::Cuda::cudnn_is_available() {
        return None;
    }
    let version = tch::utils::version_cudnn();
    (version > 0).then(|| format!("{}.{}.{}", version / 10_000, version % 10_000 / 100, version % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_of_the_memory_of_a_gpu_that_nobody_uses() {
        assert_eq!(take_peak(99), None);
    }
}
