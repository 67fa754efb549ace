//! `comparison.json`: how a run's results compare with those of the same experiment that were published before.
//!
//! It is written when a run ends and says nothing that cannot be found again with `retrial diff`. It names no path: which
//! publication is meant is said by the digest of its manifest.

use serde::{Deserialize, Serialize};

use crate::config::{ClaimId, Seed, VariantId, Verdict};
use crate::provenance::Digest;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonRecord {
    pub schema: u32,
    /// SHA-256 of the manifest of the publication.
    pub publication: Digest,
    /// Places at which the two experiments, as resolved, do not say the same.
    pub experiment_changes: usize,
    /// Trials that the publication has finished.
    pub published: usize,
    /// Of these, the ones that this run has finished, too.
    pub compared: usize,
    /// Of these, the ones with the same logs and the same final parameters, to the last bit.
    pub same: usize,
    /// Of the others, those whose bits should be the same: key, kind of processor and engine are.
    pub not_reproduced: Vec<TrialId>,
    /// Why the bits of the rest need not be the same: parts of the key (`code`, `engine` and so on) or the kind of
    /// `processor` are others, or the engine's `level` is not bitwise.
    pub reasons: Vec<String>,
    /// Final figures that both have, and how many of them are shown to differ.
    pub figures: usize,
    pub differing_figures: usize,
    /// Claims that both have, and those among them whose verdict is not the same.
    pub verdicts: usize,
    pub changed_verdicts: Vec<ChangedVerdict>,
    /// As the exit code of `retrial diff` says it.
    pub results_differ: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialId {
    pub variant: VariantId,
    pub seed: Seed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedVerdict {
    pub claim: ClaimId,
    pub published: Verdict,
    pub here: Verdict,
}

impl ComparisonRecord {
    /// Whether the published results came out again as far as they could: something was compared, and nothing that was
    /// compared is shown to differ.
    pub fn agrees(&self) -> bool {
        self.compared > 0 && !self.results_differ
    }
}
