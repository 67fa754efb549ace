//! Image classification data sets as bytes: three sources, one type, one digest.
//!
//! A data set is decoded `u8` RGB images with labels; nothing here knows about tensors.
//! Hostile or broken input is an error naming the file, never a panic or a write outside the cache.

mod archive;
mod cache;
mod cifar10;
mod dataset;
mod error;
mod fetch;
mod images;
mod sheet;
mod subset;
pub mod synthetic;
#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use dataset::{Dataset, ImageSet};
pub use error::DataError;
pub use fetch::{Source as FetchSource, fetch, fetch_cifar10};
pub use sheet::contact_sheet;

use crate::config::{DataSource, DataSpec, PerClass};
use synthetic::Split;

/// What happens while data are loaded, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadEvent {
    /// A line for people.
    Note(String),
    /// A download's progress.
    Bytes { done: u64, total: u64 },
}

/// Hears about loading; may be called from several threads.
pub type Listener<'a> = &'a (dyn Fn(LoadEvent) + Sync);

/// Images of each class that a synthetic set has when the experiment does not say.
const SYNTHETIC: [u32; 2] = [400, 100];

/// Reads or makes the images that `spec` describes, and keeps of each class as many as it says.
///
/// # Errors
/// When they are missing, broken, hostile, or fewer than asked for.
pub fn load(spec: &DataSpec, cache: &Cache, listener: Listener<'_>) -> Result<Dataset, DataError> {
    let PerClass { train, test } = spec.per_class;
    match &spec.source {
        DataSource::Synthetic { seed } => Ok(Dataset::new(
            format!("synthetic textures, seed {seed}"),
            synthetic::CLASSES.map(str::to_owned).to_vec(),
            [synthetic::SIDE as u32; 2],
            synthetic::images(*seed, Split::Train, train.unwrap_or(SYNTHETIC[0])),
            synthetic::images(*seed, Split::Test, test.unwrap_or(SYNTHETIC[1])),
            None,
        )),
        DataSource::Cifar10 { path } => {
            let path = path.clone().map_or_else(|| fetch::fetched_cifar10(cache), Ok)?;
            subset::subset(cifar10::load(&path)?, spec.per_class)
        }
        DataSource::Images { path } => subset::subset(images::load(path, cache, listener)?, spec.per_class),
    }
}
