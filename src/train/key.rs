//! The trial key: a digest of everything that may change a trial's result.

use crate::bundle::record::{KeyParts, NativeParts, TrialKey};
use crate::config::{NativeVariant, Seed};
use crate::provenance::Digest;

/// Digest of the sources and pinned dependencies that numbers depend on, computed when this binary was built.
/// Code that only plans, reports or parses is not part of it, so that mending a report does not void trials.
pub const NUMERICS: &str = env!("RETRIAL_NUMERICS");

/// # Errors
/// When a number of the variant is not finite; resolved experiments have none.
pub fn trial_key(
    variant: NativeVariant<'_>,
    seed: Seed,
    data: Digest,
    engine: &str,
) -> Result<TrialKey, serde_json::Error> {
    let parts = KeyParts::Native(NativeParts {
        model: Digest::of_canonical_json(variant.model)?,
        recipe: Digest::of_canonical_json(variant.train)?,
        seed,
        data,
        engine: engine.to_owned(),
        code: Digest::of_bytes(NUMERICS.as_bytes()),
    });
    Ok(TrialKey { digest: Digest::of_canonical_json(&parts)?, parts })
}
