//! What the user may ask for with `--device`, and what is there.

use std::fmt;
use std::str::FromStr;

use crate::config::Precision;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The fastest: CUDA if there is a GPU, else flex, else libtorch on the CPU; as far as this build has them.
    #[default]
    Auto,
    /// burn-flex: pure Rust, on the CPU.
    Flex,
    /// libtorch on the CPU.
    Libtorch,
    /// libtorch on the GPU of this index.
    Cuda(usize),
}

/// The device cannot be used; the message says why and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum EngineError {
    #[error("unknown device `{0}`: use auto, flex, libtorch, cuda or cuda:N")]
    Unknown(String),
    #[error("this build of retrial has no engine for `{0}`")]
    #[diagnostic(
        code(retrial::engine::absent),
        help(
            "`flex` needs the feature `flex`, which is on by default; `libtorch` and `cuda` need a build with `--features \
             libtorch`: source what `scripts/libtorch.sh` prints, then `cargo build --release --features libtorch`"
        )
    )]
    NotBuilt(DeviceChoice),
    #[error("there is no device `{0}`: {1}")]
    #[diagnostic(
        code(retrial::engine::no_gpu),
        help("`retrial doctor` shows what is there; use `--device libtorch` or `--device flex` to run on the CPU")
    )]
    NoGpu(DeviceChoice, String),
    #[error("the engine {engine} does not compute in {}", name(*precision))]
    #[diagnostic(
        code(retrial::engine::precision),
        help(
            "`precision: fp32` runs everywhere; bf16 needs `--device libtorch` or `--device cuda`, tf32 `--device cuda`; \
             `--set train.precision=fp32` changes what all variants share"
        )
    )]
    Precision { engine: String, precision: Precision },
    #[error("{0}")]
    #[diagnostic(code(retrial::engine::libtorch), help("`retrial doctor` shows which libtorch was found"))]
    Libtorch(String),
}

fn name(precision: Precision) -> &'static str {
    match precision {
        Precision::Fp32 => "fp32",
        Precision::Tf32 => "tf32",
        Precision::Bf16 => "bf16",
    }
}

impl FromStr for DeviceChoice {
    type Err = EngineError;
    fn from_str(text: &str) -> Result<Self, EngineError> {
        let unknown = || EngineError::Unknown(text.to_owned());
        match text {
            "auto" => Ok(Self::Auto),
            "flex" => Ok(Self::Flex),
            "libtorch" => Ok(Self::Libtorch),
            "cuda" => Ok(Self::Cuda(0)),
            other => {
                let index = other.strip_prefix("cuda:").ok_or_else(unknown)?;
                index.parse().map(Self::Cuda).map_err(|_| unknown())
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Flex => f.write_str("flex"),
            Self::Libtorch => f.write_str("libtorch"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_elsewhere() {
        let parse = |text: &str| text.parse::<DeviceChoice>();
        assert_eq!(parse("cuda"), Ok(DeviceChoice::Cuda(0)));
        assert_eq!(parse("cuda:3"), Ok(DeviceChoice::Cuda(3)));
        for choice in ["auto", "flex", "libtorch", "cuda:1"] {
            assert_eq!(parse(choice).unwrap().to_string(), choice);
        }
        for wrong in ["", "cpu", "cuda:", "cuda:x", "cuda:-1", "CUDA"] {
            assert_eq!(parse(wrong), Err(EngineError::Unknown(wrong.to_owned())));
        }
    }
}
