//! Networks as data: a list of layers in the field's words, and the graph that it makes.
//!
//! ```yaml
//! model:
//!   layers:
//!     - conv: 32
//!     - norm
//!     - act: relu
//!     - pool: max
//!     - flatten
//!     - dense: classes
//! ```
//!
//! [`Layer`] is what a record holds, [`Graph`] what is built from it for one size of images: the experiment's knobs
//! applied, shapes inferred, layers named and numbered. Its numbers and names are part of a trial's random addresses.

mod check;
mod graph;
mod layer;
mod preset;
pub(super) mod raw;
#[cfg(test)]
mod tests;
mod window;

pub(super) use check::check_layers;
pub use graph::{Graph, GraphError, Kernel, LayerName, Node, NodeDropout, Shape, Step};
pub(super) use layer::all as layers_of;
pub use layer::{Act, Layer, PoolKind};
pub(super) use preset::{DEFAULT_NAME, Preset};
pub use window::Window;

use super::experiment::ModelSpec;

impl ModelSpec {
    /// Its layers, before its knobs are applied.
    pub fn layers(&self) -> &[Layer] {
        match &self.layers {
            Some(layers) => layers,
            None => preset::default_layers(),
        }
    }

    /// What people call it; `None` for a list of layers without a name.
    pub fn network_name(&self) -> Option<&str> {
        match &self.layers {
            None => Some(DEFAULT_NAME),
            Some(_) => self.name.as_deref(),
        }
    }
}
