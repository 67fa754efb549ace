//! Keys that statements about bundles are signed with: Ed25519 (RFC 8032), in PEM files as OpenSSL reads and writes them.

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use super::digest::Digest;

/// Whoever has it can sign.
pub struct SecretKey(SigningKey);

/// Tells who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A file does not hold the key that it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no Ed25519 {kind} key in PEM: {reason}")]
pub struct KeyError {
    kind: &'static str,
    reason: String,
}

impl SecretKey {
    /// A new one from the system's random numbers.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self::from_bytes(&bytes))
    }

    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// # Errors
    /// When the text is no such key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let failed = |error: ed25519_dalek::pkcs8::Error| KeyError { kind: "private", reason: error.to_string() };
        SigningKey::from_pkcs8_pem(text).map(Self).map_err(failed)
    }

    /// PKCS #8 (RFC 8410).
    ///
    /// # Errors
    /// Never for a key.
    pub fn pem(&self) -> Result<String, KeyError> {
        let failed = |error: ed25519_dalek::pkcs8::Error| KeyError { kind: "private", reason: error.to_string() };
        self.0.to_pkcs8_pem(LineEnding::LF).map(|text| text.to_string()).map_err(failed)
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl PublicKey {
    /// # Errors
    /// When the text is no such key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let failed = |error: ed25519_dalek::pkcs8::spki::Error| KeyError { kind: "public", reason: error.to_string() };
        VerifyingKey::from_public_key_pem(text).map(Self).map_err(failed)
    }

    /// SubjectPublicKeyInfo (RFC 8410).
    ///
    /// # Errors
    /// Never for a key.
    pub fn pem(&self) -> Result<String, KeyError> {
        let failed = |error: ed25519_dalek::pkcs8::spki::Error| KeyError { kind: "public", reason: error.to_string() };
        self.0.to_public_key_pem(LineEnding::LF).map_err(failed)
    }

    /// Names the key: the SHA-256 of its 32 bytes.
    pub fn id(&self) -> Digest {
        Digest::of_bytes(self.0.as_bytes())
    }

    /// Strictly: malleable signatures and weak keys are refused (RFC 8032, section 8.4).
    pub(super) fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 8032, section 7.1, TEST 1 (empty message) and TEST 2 (one byte, 0x72).
        for (secret, public, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                &[][..],
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                &[0x72][..],
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
        ] {
            let key = SecretKey::from_bytes(&bytes(secret));
            assert_eq!(key.public().0.to_bytes(), bytes::<32>(public));
            assert_eq!(key.sign(message), bytes::<64>(signature));
            assert!(key.public().is_signature_of(message, &bytes::<64>(signature)));
            assert!(!key.public().is_signature_of(b"else", &bytes::<64>(signature)));
        }
    }

    #[test]
    fn keys_are_read_as_the_standard_writes_them() {
        // RFC 8410, section 10.3 (private key without public key) and section 10.1.
        let secret = "-----BEGIN PRIVATE KEY-----\n\
                      MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                      -----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\n\
                      MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                      -----END PUBLIC KEY-----\n";
        let (secret, public) = (SecretKey::from_pem(secret).unwrap(), PublicKey::from_pem(public).unwrap());
        assert_eq!(secret.public(), public);
        assert_eq!(SecretKey::from_pem(&secret.pem().unwrap()).unwrap().public(), public);
        assert_eq!(PublicKey::from_pem(&public.pem().unwrap()).unwrap(), public);
        assert!(SecretKey::from_pem(&public.pem().unwrap()).is_err());
        assert!(PublicKey::from_pem("no key").is_err());
    }

    #[test]
    fn two_new_keys_are_not_the_same() {
        assert_ne!(SecretKey::generate().unwrap().public().id(), SecretKey::generate().unwrap().public().id());
    }
}
