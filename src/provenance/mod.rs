//! What was run, so exactly that someone else can check it: digests and canonical JSON.
//!
//! Promises: equal meaning gives equal digests (JSON is canonicalised, RFC 8785), on every machine.

pub mod code;
pub mod digest;
pub mod dsse;
pub mod key;

pub use digest::{Digest, Digester};
