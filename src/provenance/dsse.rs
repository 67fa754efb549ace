//! Signed statements: a DSSE envelope (Dead Simple Signing Envelope, version 1) around whatever its payload type says.
//!
//! Specification: <https://github.com/secure-systems-lab/dsse>, `protocol.md` and `envelope.md`. The signature covers the
//! payload's very bytes, so nothing is parsed before it has been checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::key::{PublicKey, SecretKey};

/// An envelope as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    payload_type: String,
    /// Base64.
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    /// A hint which key to try, not to be trusted.
    #[serde(default)]
    keyid: String,
    /// Base64.
    sig: String,
}

/// Why an envelope says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("it is no DSSE envelope: {0}")]
    Malformed(String),
    #[error("its payload is of type `{found}`, not `{expected}`")]
    OtherType { found: String, expected: String },
    #[error("it has no valid signature by this key")]
    NotSigned,
}

impl Envelope {
    pub fn sign(payload_type: &str, payload: &[u8], key: &SecretKey) -> Self {
        let sig = STANDARD.encode(key.sign(&pre_authentication_encoding(payload_type, payload)));
        Self {
            payload_type: payload_type.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: vec![Signature { keyid: key.public().id().to_string(), sig }],
        }
    }

    /// # Errors
    /// When the text is no envelope.
    pub fn parse(text: &str) -> Result<Self, EnvelopeError> {
        serde_json::from_str(text).map_err(|error| EnvelopeError::Malformed(error.to_string()))
    }

    /// Its file's content.
    ///
    /// # Errors
    /// Never for strings.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Which keys it says it is signed by; a claim, not a fact.
    pub fn claimed_keys(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| signature.keyid.as_str())
    }

    /// The payload, if it is of this type and validly signed by this key.
    ///
    /// # Errors
    /// When it is not.
    pub fn verified(&self, payload_type: &str, key: &PublicKey) -> Result<Vec<u8>, EnvelopeError> {
        let payload = self.unverified(payload_type)?;
        let signed = pre_authentication_encoding(&self.payload_type, &payload);
        let is_valid = |signature: &Signature| {
            STANDARD.decode(&signature.sig).is_ok_and(|bytes| key.is_signature_of(&signed, &bytes))
        };
        if self.signatures.iter().any(is_valid) { Ok(payload) } else { Err(EnvelopeError::NotSigned) }
    }

    /// The payload, whoever wrote it.
    ///
    /// # Errors
    /// When it is of another type, or no base64.
    pub fn unverified(&self, payload_type: &str) -> Result<Vec<u8>, EnvelopeError> {
        if self.payload_type != payload_type {
            let (found, expected) = (self.payload_type.clone(), payload_type.to_owned());
            return Err(EnvelopeError::OtherType { found, expected });
        }
        STANDARD.decode(&self.payload).map_err(|error| EnvelopeError::Malformed(error.to_string()))
    }

    /// Tells statements of one key apart.
    pub fn payload_digest(&self) -> Digest {
        Digest::of_bytes(self.payload.as_bytes())
    }
}

/// What is signed: type and payload with their lengths, so that neither can be read as part of the other.
fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "http://example.com/HelloWorld";

    #[test]
    fn the_encoding_is_that_of_the_specification() {
        // DSSE, protocol.md, section "Test Vectors".
        let encoded = pre_authentication_encoding(TYPE, b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn only_the_signed_payload_type_and_key_are_accepted() {
        let (key, other) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
        let envelope = Envelope::parse(&Envelope::sign(TYPE, b"hello", &key).text().unwrap()).unwrap();
        assert_eq!(envelope.verified(TYPE, &key.public()).unwrap(), b"hello");
        assert_eq!(envelope.verified(TYPE, &other.public()), Err(EnvelopeError::NotSigned));
        assert!(matches!(envelope.verified("else", &key.public()), Err(EnvelopeError::OtherType { .. })));
        let mut altered = envelope.clone();
        altered.payload = STANDARD.encode(b"hellp");
        assert_eq!(altered.verified(TYPE, &key.public()), Err(EnvelopeError::NotSigned));
        let mut retyped = envelope.clone();
        retyped.payload_type = "else".to_owned();
        assert_eq!(retyped.verified("else", &key.public()), Err(EnvelopeError::NotSigned));
        let mut claimed = Envelope::sign(TYPE, b"hello", &other);
        claimed.signatures[0].keyid = key.public().id().to_string();
        assert_eq!(claimed.verified(TYPE, &key.public()), Err(EnvelopeError::NotSigned), "a claimed key is no key");
        assert!(Envelope::parse("{}").is_err());
    }
}
