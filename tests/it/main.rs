//! The binary from outside, as a user meets it.

mod bundle;
mod errors;
mod resume;
mod support;
