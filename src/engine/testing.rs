//! The engines that the contract tests run on.

use super::{DeviceChoice, Engine};
use crate::config::Precision;

/// Names the one device to test, as `--device` does. It must be there.
const DEVICE: &str = "RETRIAL_TEST_DEVICE";

/// The engine of the device that `RETRIAL_TEST_DEVICE` names. Without it, every engine of this build that is there; the
/// others are reported as skipped.
pub fn engines() -> Vec<Engine> {
    if let Some(choice) = named() {
        return vec![ready(choice).unwrap_or_else(|reason| panic!("{DEVICE}: {reason}"))];
    }
    [DeviceChoice::Flex, DeviceChoice::Libtorch, DeviceChoice::Cuda(0)]
        .into_iter()
        .filter_map(|choice| match ready(choice) {
            Ok(engine) => Some(engine),
            Err(reason) => {
                println!("skipped on {choice}: {reason}");
                None
            }
        })
        .collect()
}

/// The device on which libtorch's own operators are tested: the GPU that `RETRIAL_TEST_DEVICE` names, or the CPU.
#[cfg(feature = "libtorch")]
pub fn operators_device() -> tch::Device {
    match named() {
        Some(choice @ DeviceChoice::Cuda(index)) => {
            ready(choice).unwrap_or_else(|reason| panic!("{DEVICE}: {reason}"));
            tch::Device::Cuda(index)
        }
        _ => tch::Device::Cpu,
    }
}

fn named() -> Option<DeviceChoice> {
    let name = std::env::var(DEVICE).ok().filter(|name| !name.is_empty())?;
    Some(name.parse().unwrap_or_else(|error| panic!("{DEVICE}: {error}")))
}

/// In f32 proper: left to itself, a GPU convolves in tf32, which the tests' tolerances do not allow for.
fn ready(choice: DeviceChoice) -> Result<Engine, super::EngineError> {
    let engine = Engine::select(choice)?;
    engine.set_precision(Precision::Fp32);
    Ok(engine)
}
