//! A trial in the middle of its training, as bytes: everything that the rest of it depends on.
//!
//! The bytes are a header line, a line with the SHA-256 of the rest, then three parts, each after its length (u64, little
//! endian): the state as JSON, the network, and the optimizer, both as burn records. Wherever the file was cut or changed,
//! the digest does not fit, and it is refused.

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

use super::evaluation::Score;
use crate::bundle::record::StepFingerprint;
use crate::bundle::series::Point;
use crate::model::Network;
use crate::provenance::Digest;

const HEADER: &[u8] = b"retrial checkpoint 1\n";

/// Where a trial stands and what it has recorded so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Of the trial's key: a checkpoint continues this very trial and no other.
    pub key: Digest,
    /// The epoch it is in, counted from 0.
    pub epoch: u32,
    /// Batches of this epoch that are done.
    pub batches: u64,
    /// Steps that are done, over the whole trial.
    pub step: u64,
    /// Of the batches of this epoch that are done.
    pub score: Score,
    pub metrics: Vec<Point>,
    pub fingerprints: Vec<StepFingerprint>,
}

/// A checkpoint in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint(Vec<u8>);

/// The bytes are not a checkpoint of this trial.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("it does not begin like a checkpoint of this version")]
    Foreign,
    #[error("its digest does not fit: it was cut off or changed")]
    Damaged,
    #[error("it belongs to a trial with the key {0}")]
    OtherTrial(Digest),
    #[error("its content cannot be used: {0}")]
    Unusable(String),
}

/// What a checkpoint restores.
pub(super) struct Restored {
    pub state: State,
    pub model: Network,
    pub optimizer: ModuleOptimizer,
}

impl Checkpoint {
    pub(super) fn of(state: &State, model: &Network, optimizer: &ModuleOptimizer) -> Result<Self, CheckpointError> {
        let unusable = |error: &dyn std::fmt::Display| CheckpointError::Unusable(error.to_string());
        let json = serde_json::to_vec(state).map_err(|error| unusable(&error))?;
        let model = model.clone().into_record().into_bytes().map_err(|error| unusable(&error))?;
        let optimizer = optimizer.into_bytes().map_err(|error| unusable(&error))?;
        let mut payload = Vec::new();
        for part in [&json[..], &model[..], &optimizer[..]] {
            payload.extend((part.len() as u64).to_le_bytes());
            payload.extend(part);
        }
        let mut bytes = HEADER.to_vec();
        bytes.extend(format!("{}\n", Digest::of_bytes(&payload)).into_bytes());
        bytes.extend(payload);
        Ok(Self(bytes))
    }

    /// # Errors
    /// When the bytes are not a whole and unchanged checkpoint.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CheckpointError> {
        let rest = bytes.strip_prefix(HEADER).ok_or(CheckpointError::Foreign)?;
        let (digest, payload) = rest.split_at_checked(65).ok_or(CheckpointError::Damaged)?;
        if digest != format!("{}\n", Digest::of_bytes(payload)).as_bytes() {
            return Err(CheckpointError::Damaged);
        }
        Ok(Self(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn parts(&self) -> Result<[&[u8]; 3], CheckpointError> {
        let mut rest = self.0.get(HEADER.len() + 65..).ok_or(CheckpointError::Damaged)?;
        let mut next = || {
            let (length, tail) = rest.split_first_chunk::<8>()?;
            let (part, tail) = tail.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
            rest = tail;
            Some(part)
        };
        match (next(), next(), next()) {
            (Some(state), Some(model), Some(optimizer)) => Ok([state, model, optimizer]),
            _ => Err(CheckpointError::Damaged),
        }
    }

    /// Where the trial stood.
    ///
    /// # Errors
    /// When this cannot be read.
    pub fn state(&self) -> Result<State, CheckpointError> {
        let [state, ..] = self.parts()?;
        serde_json::from_slice(state).map_err(|error| CheckpointError::Unusable(error.to_string()))
    }

    /// Puts the recorded numbers in place of those of `model` and `optimizer`, which are as at the trial's beginning.
    pub(super) fn restore(
        &self,
        key: Digest,
        model: Network,
        optimizer: ModuleOptimizer,
    ) -> Result<Restored, CheckpointError> {
        let state = self.state()?;
        if state.key != key {
            return Err(CheckpointError::OtherTrial(state.key));
        }
        let [_, model_bytes, optimizer_bytes] = self.parts()?;
        let unusable = |error: &dyn std::fmt::Display| CheckpointError::Unusable(error.to_string());
        let bytes = |part: &[u8]| Bytes::from_bytes_vec(part.to_vec());
        let record = burn::store::ModuleRecord::from_bytes(bytes(model_bytes)).map_err(|error| unusable(&error))?;
        let model = model.try_load_record(record).map_err(|error| unusable(&error))?;
        let optimizer = optimizer.from_bytes(bytes(optimizer_bytes)).map_err(|error| unusable(&error))?;
        Ok(Restored { state, model, optimizer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Vec<u8> {
        let payload = b"anything";
        let mut bytes = HEADER.to_vec();
        bytes.extend(format!("{}\n", Digest::of_bytes(payload)).into_bytes());
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn a_checkpoint_cut_anywhere_or_changed_in_any_bit_is_refused() {
        assert!(Checkpoint::from_bytes(whole()).is_ok());
        for length in 0..whole().len() {
            assert!(Checkpoint::from_bytes(whole()[..length].to_vec()).is_err(), "cut to {length}");
        }
        for at in 0..whole().len() {
            for bit in 0..8 {
                let mut changed = whole();
                changed[at] ^= 1 << bit;
                assert!(Checkpoint::from_bytes(changed).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn lengths_that_lie_are_errors() {
        let mut payload = u64::MAX.to_le_bytes().to_vec();
        payload.extend(b"short");
        let mut bytes = HEADER.to_vec();
        bytes.extend(format!("{}\n", Digest::of_bytes(&payload)).into_bytes());
        bytes.extend(payload);
        let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
        assert_eq!(checkpoint.state(), Err(CheckpointError::Damaged));
    }
}
