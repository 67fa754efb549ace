//! Signed statements about a bundle, kept in its `signatures/`: who stands for it, and what an auditor found.
//!
//! A statement is an in-toto Statement v1 about the manifest, whose digest names the bundle, in a DSSE envelope. Anything
//! that changes the bundle changes its name, and the statement is then about another one.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::bundle::evidence::{Evidence, TrialState};
use crate::bundle::manifest::{LARGEST_SIGNATURE, MANIFEST, SIGNATURES, signatures_of};
use crate::bundle::record::Outcome;
use crate::bundle::{BundleError, FileError, read_bounded, write_atomically};
use crate::claims::Judged;
use crate::config::Verdict;
use crate::provenance::Digest;
use crate::provenance::dsse::{Envelope, EnvelopeError};
use crate::provenance::key::{PublicKey, SecretKey};

const PAYLOAD: &str = "application/vnd.in-toto+json";
/// in-toto attestation framework, `spec/v1/statement.md`.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The predicate says what the bundle shows.
pub const OF_BUNDLE: &str = "https://docs.rs/retrial/attestation/bundle/v1";
/// The predicate is an `audit.json`.
pub const OF_AUDIT: &str = "https://docs.rs/retrial/attestation/audit/v1";

/// in-toto's Statement, as far as it is read here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub predicate: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: SubjectDigest,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SubjectDigest {
    sha256: Digest,
}

impl Statement {
    /// That the bundle with this name shows what it shows.
    pub fn of_bundle(bundle: Digest, evidence: &Evidence, judged: &[Judged]) -> Self {
        let ended = |wanted: fn(&Outcome) -> bool| {
            let done = evidence.trials.iter().filter_map(|trial| match &trial.state {
                TrialState::Done(record) => Some(&record.outcome),
                _ => None,
            });
            done.filter(|outcome| wanted(outcome)).count()
        };
        let with = |verdict: Verdict| judged.iter().filter(|judged| judged.verdict == verdict).count();
        let place = evidence.environment.as_ref();
        let predicate = json!({
            "experiment": evidence.experiment.id,
            "trials": {
                "planned": evidence.trials.len(),
                "completed": ended(|outcome| *outcome == Outcome::Completed),
                "diverged": ended(|outcome| *outcome != Outcome::Completed),
            },
            "verdicts": {
                "supported": with(Verdict::Supported),
                "refuted": with(Verdict::Refuted),
                "inconclusive": with(Verdict::Inconclusive),
            },
            "data": evidence.dataset.as_ref().map(|dataset| dataset.digest),
            "engine": place.map(|place| &place.engine),
            "retrial": place.map(|place| &place.retrial),
            "commit": place.map(|place| &place.code.commit),
        });
        Self::about(bundle, OF_BUNDLE, predicate)
    }

    /// What an audit of the bundle found: `audit` is an `audit.json`.
    pub fn of_audit(bundle: Digest, audit: Value) -> Self {
        Self::about(bundle, OF_AUDIT, audit)
    }

    fn about(bundle: Digest, predicate_type: &str, predicate: Value) -> Self {
        let subject = Subject { name: MANIFEST.to_owned(), digest: SubjectDigest { sha256: bundle } };
        Self {
            kind: STATEMENT.to_owned(),
            subject: vec![subject],
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// Whether it is about the bundle with this name.
    pub fn is_about(&self, bundle: Digest) -> bool {
        self.kind == STATEMENT && self.subject.iter().any(|subject| subject.digest.sha256 == bundle)
    }

    fn parse(payload: &[u8]) -> Result<Self, EnvelopeError> {
        serde_json::from_slice(payload).map_err(|error| EnvelopeError::Malformed(error.to_string()))
    }

    /// Signs it into the bundle at `root`, and gives the file's path in it. A key's earlier statement about a bundle is
    /// replaced, its audits are kept side by side.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sign(&self, root: &Path, key: &SecretKey) -> Result<String, BundleError> {
        let malformed = |error: serde_json::Error| BundleError::Malformed {
            path: root.join(SIGNATURES),
            reason: error.to_string(),
        };
        let payload = serde_json::to_vec(self).map_err(malformed)?;
        let envelope = Envelope::sign(PAYLOAD, &payload, key);
        let by = key.public().id().short();
        let path = if self.predicate_type == OF_AUDIT {
            format!("{SIGNATURES}{by}-audit-{}.dsse.json", envelope.payload_digest().short())
        } else {
            format!("{SIGNATURES}{by}.dsse.json")
        };
        write_atomically(&root.join(&path), envelope.text().map_err(malformed)?.as_bytes())?;
        Ok(path)
    }
}

/// One file of `signatures/`.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub path: String,
    /// Which keys it says it is signed by.
    pub claimed: Vec<String>,
    /// What it says, once it was checked with the key that was given; else why it is not. `None` where no key was given,
    /// unless it can be nobody's.
    pub verified: Option<Result<Statement, EnvelopeError>>,
    /// Whether what it says, checked or not, is about this bundle.
    pub is_about_this: bool,
}

/// Every signature of the bundle at `root` with this name, checked with `key` if there is one.
///
/// # Errors
/// When the folder holds what cannot be a signature by its name, or a file cannot be read.
pub fn find(root: &Path, bundle: Digest, key: Option<&PublicKey>) -> Result<Vec<Found>, BundleError> {
    let read = |path: String| {
        let full = root.join(&path);
        let bytes = read_bounded(&full, LARGEST_SIGNATURE).map_err(|error| FileError::new("read", &full, error))?;
        let envelope = match Envelope::parse(&String::from_utf8_lossy(&bytes)) {
            Ok(envelope) => envelope,
            Err(error) => {
                return Ok(Found { path, claimed: Vec::new(), verified: Some(Err(error)), is_about_this: false });
            }
        };
        let claimed = envelope.claimed_keys().map(str::to_owned).collect();
        let unverified = envelope.unverified(PAYLOAD).and_then(|payload| Statement::parse(&payload));
        let verified = key.map(|key| envelope.verified(PAYLOAD, key).and_then(|payload| Statement::parse(&payload)));
        let is_about_this = unverified.is_ok_and(|statement| statement.is_about(bundle));
        Ok(Found { path, claimed, verified, is_about_this })
    };
    signatures_of(root)?.into_iter().map(read).collect()
}
