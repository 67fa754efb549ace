//! The binary from outside, as a user meets it.

mod audit;
mod bundle;
mod claims;
mod collect;
mod errors;
mod events;
mod init;
mod resume;
mod support;
