//! Claims and their verdicts as people and programs read them: in words, as rows, as `claims.json` and as `junit.xml`.
//!
//! Nothing is judged here; what [`crate::claims`] found is put into words, and every number of a sentence is one of its.

mod bounds;
pub mod files;
pub mod junit;
pub mod reading;
pub mod registration;
pub mod standing;
pub mod view;
pub mod words;
