//! Which code this program was built from; found out when it was built.

use std::fs::File;
use std::sync::OnceLock;

use super::Digest;

/// Digest of the sources and pinned dependencies that numbers depend on, computed when this binary was built: what a trial's
/// key knows its code by. Code that only plans, reports or parses is not part of it, so that mending a report does not void
/// trials.
pub fn numerics() -> Digest {
    Digest::of_bytes([env!("RETRIAL_NUMERICS"), retrial_kernels::SOURCES].concat().as_bytes())
}

/// The git commit, where it was built in a checkout of its own.
pub fn commit() -> Option<&'static str> {
    Some(env!("RETRIAL_COMMIT")).filter(|commit| !commit.is_empty())
}

/// Digest of what differed from that commit in everything it was built from; `None` for a clean build.
pub fn changes() -> Option<&'static str> {
    Some(env!("RETRIAL_CHANGES")).filter(|changes| !changes.is_empty())
}

/// Digest of the `Cargo.lock` it was built with.
pub fn dependencies() -> Option<Digest> {
    env!("RETRIAL_LOCK").parse().ok()
}

/// Digest of the code that judges claims.
pub fn analysis() -> Digest {
    Digest::of_bytes(env!("RETRIAL_ANALYSIS").as_bytes())
}

/// Digest of the running program, read once; `None` where the system does not say which file it is.
pub fn binary() -> Option<Digest> {
    static BINARY: OnceLock<Option<Digest>> = OnceLock::new();
    *BINARY.get_or_init(|| Digest::of_reader(File::open(std::env::current_exe().ok()?).ok()?).ok())
}
