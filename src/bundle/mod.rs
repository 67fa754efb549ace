//! The published folder of a run: where each file lies, what is in it, and reading it back.
//!
//! Everything a report or an audit knows comes through here. Formats carry a schema version;
//! a newer major is refused, never guessed at.

mod collect;
pub mod comparison;
mod completeness;
pub mod correctness;
pub mod evidence;
mod files;
mod folder;
mod lock;
pub mod manifest;
mod pack;
mod paths;
pub mod probe;
pub mod record;
mod rendering;
pub mod series;
mod sources;
mod templates;
pub mod throughput;
mod unpack;

pub use collect::{CollectError, Collected, collect};
pub use completeness::fault_of_trial;
pub use files::{FileError, read_bounded, read_text_bounded, write_atomically};
pub use folder::{BundleError, BundleFolder, FinishedTrial};
pub use lock::BundleLock;
pub use pack::{default_name, pack};
pub use sources::digest_of_sources;
pub use templates::read_templates;
pub use unpack::{UnpackError, Unpacked, unpack};
