//! Claims put to the evidence: each gets a verdict, the interval it rests on, and what would settle it if it is open.
//!
//! Pure functions of plain data. What is claimed is in [`crate::config`].

mod verdict;

pub use verdict::{Correction, Judged, Reason, Registration, Sample};
