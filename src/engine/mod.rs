//! Which device computes, with which kernels, and how many threads; the only module that knows which backends exist.

pub mod cpu;
pub mod kernels;
#[cfg(feature = "libtorch")]
mod libtorch;

mod images;
mod threads;

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

pub use cpu::gather::Pick;
pub use images::DeviceImages;
pub use threads::{ThreadPlan, available_cores};

/// What the user asked for with `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The fastest engine this build and this machine have.
    #[default]
    Auto,
    Flex,
}

/// The device cannot be used; the message says why and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum EngineError {
    #[error("unknown device `{0}`")]
    #[diagnostic(code(retrial::engine::unknown), help("use `auto` or `flex`"))]
    Unknown(String),
    #[error("this build of retrial has no engine for `{0}`")]
    #[diagnostic(code(retrial::engine::absent), help("use `--device flex`, or build with `cargo build --release`"))]
    Absent(DeviceChoice),
}

impl FromStr for DeviceChoice {
    type Err = EngineError;
    fn from_str(text: &str) -> Result<Self, EngineError> {
        match text {
            "auto" => Ok(Self::Auto),
            "flex" => Ok(Self::Flex),
            other => Err(EngineError::Unknown(other.to_owned())),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Flex => "flex",
        })
    }
}

/// A device ready to compute.
#[derive(Debug, Clone)]
pub struct Engine {
    device: Device,
    name: &'static str,
}

impl Engine {
    /// # Errors
    /// When the chosen engine is not part of this build.
    pub fn select(choice: DeviceChoice) -> Result<Self, EngineError> {
        match choice {
            #[cfg(feature = "flex")]
            DeviceChoice::Auto | DeviceChoice::Flex => Ok(Self { device: Device::flex(), name: "flex-cpu" }),
            #[cfg(not(feature = "flex"))]
            _ => Err(EngineError::Absent(choice)),
        }
    }

    /// The engine's name as trial keys have it. Results are compared bit by bit only under the same name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// For evaluation; training takes its autodiff sibling.
    pub fn device(&self) -> &Device {
        &self.device
    }
}
