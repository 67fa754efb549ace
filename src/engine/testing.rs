//! The engines that the contract tests run on.

use super::{DeviceChoice, Engine};

/// Every engine of this build that is there; the others are reported as skipped.
pub fn engines() -> Vec<Engine> {
    [DeviceChoice::Flex, DeviceChoice::Libtorch, DeviceChoice::Cuda(0)]
        .into_iter()
        .filter_map(|choice| match Engine::select(choice) {
            Ok(engine) => Some(engine),
            Err(reason) => {
                println!("skipped on {choice}: {reason}");
                None
            }
        })
        .collect()
}
