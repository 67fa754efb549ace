//! The trial key: a digest of everything that may change a trial's result.

use crate::bundle::record::{KeyParts, NativeParts, TrialKey};
use crate::config::{NativeVariant, Seed};
use crate::provenance::{Digest, code};

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
        code: code::numerics(),
    });
    Ok(TrialKey { digest: Digest::of_canonical_json(&parts)?, parts })
}
