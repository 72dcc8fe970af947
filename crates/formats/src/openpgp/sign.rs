//! Signing with a key of one's own, detached from the document: whoever cannot check a signature reads
//! on undisturbed.

use std::fmt;

use jiff::Timestamp;
use pgp::composed::{ArmorOptions, Deserializable, DetachedSignature, SignedPublicKey, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::types::{KeyDetails, Password};
use pgp_rand::rngs::OsRng;

use super::{LARGEST_KEYS, OpenPgpError, SigningKey, Unfit, fingerprint, unreadable};

/// A secret key that signs.
pub struct Signer {
    key: SignedSecretKey,
    /// Which of its subkeys signs; the main key itself where none does.
    subkey: Option<usize>,
}

impl Signer {
    /// How a mail names the hash of what is signed (RFC 3156, section 5).
    pub const HASH: &str = "pgp-sha512";

    /// Reads a secret key, armoured or not, that may sign at the moment `at` and has no passphrase.
    pub fn parse(file: &[u8], at: Timestamp) -> Result<Self, OpenPgpError> {
        if file.len() > LARGEST_KEYS {
            return Err(OpenPgpError::TooLarge(file.len(), LARGEST_KEYS));
        }
        let (mut found, _) =
            SignedSecretKey::from_reader_many_buf(file).map_err(|error| unreadable(&error))?;
        let key =
            found.next().ok_or(OpenPgpError::Empty("secret key"))?.map_err(|error| unreadable(&error))?;
        let certificate = key.to_public_key();
        let subkeys = key.secret_subkeys.iter().enumerate();
        let fit = subkeys.filter(|(_, subkey)| {
            let subkey = subkey.signed_public_key();
            SigningKey::of(&certificate, Some(&subkey)).fit(at).is_ok()
        });
        // A subkey is meant to be used before the main key, and the newest before the others.
        let newest = fit.max_by_key(|(_, subkey)| subkey.key.public_key().created_at().as_secs());
        let subkey = newest.map(|(place, _)| place);
        if subkey.is_none() {
            SigningKey::of(&certificate, None).fit(at).map_err(|unfit| OpenPgpError::Unfit(reason(unfit)))?;
        }
        let signer = Self { key, subkey };
        let is_locked = match subkey.map(|place| &signer.key.secret_subkeys[place]) {
            Some(subkey) => subkey.key.secret_params().is_encrypted(),
            None => signer.key.primary_key.secret_params().is_encrypted(),
        };
        if is_locked {
            return Err(OpenPgpError::Unfit("it has a passphrase; take it away".to_owned()));
        }
        Ok(signer)
    }

    /// The signature over a document, armoured.
    pub fn sign(&self, document: &[u8]) -> Result<String, OpenPgpError> {
        let (none, hash) = (Password::empty(), HashAlgorithm::Sha512);
        let signature = match self.subkey.map(|place| &self.key.secret_subkeys[place]) {
            Some(subkey) => DetachedSignature::sign_binary_data(OsRng, &subkey.key, &none, hash, document),
            None => DetachedSignature::sign_binary_data(OsRng, &self.key.primary_key, &none, hash, document),
        };
        let armoured = signature.and_then(|signature| signature.to_armored_string(ArmorOptions::default()));
        armoured.map_err(|error| unreadable(&error))
    }

    /// The public key, armoured, for those who are to check.
    pub fn public_key(&self) -> Result<String, OpenPgpError> {
        let key: SignedPublicKey = self.key.to_public_key();
        key.to_armored_string(ArmorOptions::default()).map_err(|error| unreadable(&error))
    }

    /// The fingerprint of the main key.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.key.primary_key)
    }
}

fn reason(unfit: Unfit) -> String {
    match unfit {
        Unfit::Weak(reason) | Unfit::Otherwise(reason) => reason,
        Unfit::Revoked => "it was revoked".to_owned(),
        Unfit::Expired(since) => format!("it expired at {since}"),
    }
}

// What is secret is not told.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.fingerprint()).finish()
    }
}
