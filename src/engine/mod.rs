//! Which device computes, with which kernels, and how many threads; the only module that knows which backends exist.

#![cfg_attr(
    feature = "libtorch",
    expect(deprecated, reason = "burn-tch is the libtorch backend; upstream names no successor for libtorch")
)]

pub mod kernels;

pub mod describe;
mod device;
mod images;
#[cfg(feature = "libtorch")]
mod libtorch;
#[cfg(test)]
pub mod testing;
mod threads;

use burn::tensor::Device;

use crate::config::Precision;

pub use device::{DeviceChoice, EngineError};
pub use images::{DeviceImages, Ordered};
pub use retrial_kernels::gather::Pick;
pub use threads::{ThreadPlan, available_cores};

/// A device ready to compute.
#[derive(Debug, Clone)]
pub struct Engine {
    device: Device,
    kind: Kind,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[cfg(feature = "flex")]
    Flex,
    #[cfg(feature = "libtorch")]
    LibtorchCpu,
    #[cfg(feature = "libtorch")]
    Cuda(usize),
}

impl Engine {
    /// Makes the chosen device ready, deterministic algorithms only. To be called before anything computes.
    ///
    /// # Errors
    /// When it is not part of this build, or not there.
    pub fn select(choice: DeviceChoice) -> Result<Self, EngineError> {
        match choice {
            DeviceChoice::Auto => Self::fastest(),
            #[cfg(feature = "flex")]
            DeviceChoice::Flex => Ok(Self { device: Device::flex(), kind: Kind::Flex, name: "flex-cpu".to_owned() }),
            #[cfg(feature = "libtorch")]
            DeviceChoice::Libtorch => {
                libtorch::prepare();
                Self::libtorch(Device::libtorch(), Kind::LibtorchCpu, "libtorch-cpu")
            }
            #[cfg(feature = "libtorch")]
            DeviceChoice::Cuda(index) => {
                libtorch::prepare();
                libtorch::check_gpu(index).map_err(|reason| EngineError::NoGpu(choice, reason))?;
                Self::libtorch(Device::libtorch_cuda(index), Kind::Cuda(index), "libtorch-cuda")
            }
            #[cfg(not(all(feature = "flex", feature = "libtorch")))]
            other => Err(EngineError::NotBuilt(other)),
        }
    }

    fn fastest() -> Result<Self, EngineError> {
        // On a CPU, flex trains faster than libtorch at every size measured (benches/README.md).
        let choices = [DeviceChoice::Cuda(0), DeviceChoice::Flex, DeviceChoice::Libtorch];
        let mut found = choices.into_iter().map(Self::select).filter(Result::is_ok);
        found.next().unwrap_or(Err(EngineError::NotBuilt(DeviceChoice::Auto)))
    }

    #[cfg(feature = "libtorch")]
    fn libtorch(device: Device, kind: Kind, name: &str) -> Result<Self, EngineError> {
        libtorch::shim::set_deterministic().map_err(|error| EngineError::Libtorch(error.to_string()))?;
        Ok(Self { device, kind, name: format!("{name} {}", libtorch::shim::torch_version()) })
    }

    /// The engine's name as trial keys have it. Results are compared bit by bit only under the same name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// For evaluation; training takes its autodiff sibling.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Whether tensors lie in host memory.
    pub fn is_host(&self) -> bool {
        match self.kind {
            #[cfg(feature = "flex")]
            Kind::Flex => true,
            #[cfg(feature = "libtorch")]
            Kind::LibtorchCpu => true,
            #[cfg(feature = "libtorch")]
            Kind::Cuda(_) => false,
        }
    }

    /// Training steps after which results are read back: reading waits for the device, which on the host costs nothing.
    pub fn reads_every(&self) -> u64 {
        if self.is_host() { 1 } else { 32 }
    }

    /// # Errors
    /// When the engine does not compute with such numbers.
    pub fn check_precision(&self, precision: Precision) -> Result<(), EngineError> {
        let able = match (self.kind, precision) {
            (_, Precision::Fp32) => true,
            #[cfg(feature = "libtorch")]
            (Kind::Cuda(_), Precision::Tf32 | Precision::Bf16) | (Kind::LibtorchCpu, Precision::Bf16) => true,
            _ => false,
        };
        if able { Ok(()) } else { Err(EngineError::Precision { engine: self.name.clone(), precision }) }
    }

    /// Makes matrix products and convolutions of f32 use these numbers, for the whole process. To be called before a
    /// trial; [`Self::most_jobs`] keeps trials of different precision apart where it matters.
    pub fn set_precision(&self, precision: Precision) {
        #[cfg(feature = "libtorch")]
        if let Kind::Cuda(_) = self.kind {
            libtorch::shim::allow_tf32(precision == Precision::Tf32);
        }
        #[cfg(not(feature = "libtorch"))]
        let _ = precision;
    }

    /// Trials that may run at once without touching each other. A GPU's generator is one for the whole process.
    pub fn most_jobs(&self) -> usize {
        if self.is_host() { usize::MAX } else { 1 }
    }

    /// Tells libraries with threads of their own how many a trial may use.
    pub fn set_threads(&self, threads: ThreadPlan) {
        #[cfg(feature = "libtorch")]
        if self.kind == Kind::LibtorchCpu {
            libtorch::set_threads(threads.threads_per_job);
        }
        #[cfg(not(feature = "libtorch"))]
        let _ = threads;
    }
}
