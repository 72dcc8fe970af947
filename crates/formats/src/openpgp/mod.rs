//! OpenPGP signatures over a document, kept apart from it (RFC 9580, section 10.4): who signed, when,
//! and whether it holds at a given moment.
//!
//! The cryptography is the crate `pgp`'s. It checks a signature against a key and leaves to its user
//! whether that key was good for anything: expired, revoked, or too weak. Those questions are
//! answered here, and each answer is a sentence.

mod key;
mod sign;
mod strength;

use std::fmt;

use data_encoding::HEXUPPER;
use jiff::Timestamp;
use pgp::composed::{Deserializable, DetachedSignature, SignedPublicKey};
use pgp::packet::{Signature, SignatureType, SignatureVersion};
use pgp::types::KeyDetails;
use serde::Serialize;
use thiserror::Error;

use crate::refusal::excerpt;
use key::{SigningKey, Unfit};
pub use sign::Signer;

/// The largest file of signatures, in bytes: one takes 1 KiB.
const LARGEST_SIGNATURE: usize = 64 * 1024;
/// The largest file of keys, in bytes: one with many signatures of others takes 100 KiB.
const LARGEST_KEYS: usize = 1024 * 1024;
/// The most signatures over one document that are checked.
const MOST_SIGNATURES: usize = 8;
/// How far a signer's clock may be ahead of ours, in seconds.
const SKEW: i64 = 600;

/// Why a file of keys or of signatures was not taken at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpenPgpError {
    /// It is too large.
    #[error("The file is {0} bytes long; {1} are taken at most.")]
    TooLarge(usize, usize),
    /// It cannot be read.
    #[error("The file cannot be read as OpenPGP: {0}.")]
    Unreadable(String),
    /// Its keys are of no use for signing.
    #[error("No key of the file can sign: {0}.")]
    Unfit(String),
    /// It holds no such thing.
    #[error("The file holds no {0}.")]
    Empty(&'static str),
}

fn unreadable(error: &pgp::errors::Error) -> OpenPgpError {
    OpenPgpError::Unreadable(excerpt(&error.to_string()))
}

/// Public keys of those whose signatures count.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<SignedPublicKey>);

impl Keys {
    /// Reads public keys, armoured or not; several armoured blocks may follow one another.
    pub fn parse(file: &[u8]) -> Result<Self, OpenPgpError> {
        if file.len() > LARGEST_KEYS {
            return Err(OpenPgpError::TooLarge(file.len(), LARGEST_KEYS));
        }
        let mut keys = Vec::new();
        for block in blocks(file, b"-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            let (found, _) =
                SignedPublicKey::from_reader_many_buf(block).map_err(|error| unreadable(&error))?;
            for key in found {
                keys.push(key.map_err(|error| unreadable(&error))?);
            }
        }
        if keys.is_empty() { Err(OpenPgpError::Empty("public key")) } else { Ok(Self(keys)) }
    }

    /// The same keys and these.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The fingerprints of the keys, to be compared with what the provider states elsewhere.
    pub fn fingerprints(&self) -> Vec<String> {
        self.0.iter().map(|key| fingerprint(&key.primary_key)).collect()
    }
}

/// The armoured blocks of a file, or all of one that is not armoured.
fn blocks<'a>(file: &'a [u8], head: &'a [u8]) -> Vec<&'a [u8]> {
    let heads = file.windows(head.len()).enumerate().filter(|(_, window)| *window == head);
    let starts: Vec<usize> = heads.map(|(at, _)| at).collect();
    if starts.is_empty() {
        return vec![file];
    }
    let ends = starts.iter().skip(1).copied().chain([file.len()]);
    starts.iter().zip(ends).map(|(start, end)| &file[*start..end]).collect()
}

fn fingerprint(key: &impl KeyDetails) -> String {
    format!("{:X}", key.fingerprint())
}

fn moment(time: pgp::types::Timestamp) -> Option<Timestamp> {
    Timestamp::from_second(i64::from(time.as_secs())).ok()
}

/// What one signature over a document comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The fingerprint of the key that made it: of the one that was found, else as the signature says.
    pub key: Option<String>,
    /// The fingerprint of the main key to which that key belongs, where it was found.
    pub signer: Option<String>,
    /// The names that the signer's key vouches for.
    pub names: Vec<String>,
    /// When it was made, as the signature says.
    pub made_at: Option<Timestamp>,
    /// Whether it holds.
    pub outcome: Outcome,
}

/// Whether a signature holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does: the document is as the signer had it, and the key was good.
    Good,
    /// It does not: the document, or the signature, was changed.
    Bad,
    /// None of the given keys made it.
    UnknownKey,
    /// It is right, but its key has expired.
    KeyExpired {
        /// When.
        since: Timestamp,
    },
    /// It is right, but its key was revoked.
    KeyRevoked,
    /// It is right, but was to hold until a day that is past.
    Expired {
        /// When.
        since: Timestamp,
    },
    /// It, or its key, rests on something that can be forged.
    Weak(String),
    /// It is right, but for another reason it does not count.
    Unfit(String),
}

impl Outcome {
    /// Whether the document may be taken for the signer's.
    pub fn is_good(&self) -> bool {
        *self == Self::Good
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.names.first().map(|name| format!("{}, ", excerpt(name))).unwrap_or_default();
        let key = self.signer.as_deref().or(self.key.as_deref()).unwrap_or("that it does not name");
        match &self.outcome {
            Outcome::Good => write!(f, "The signature is good: {name}key {key}"),
            Outcome::Bad => {
                write!(f, "The signature is bad: the document is not as {name}key {key} signed it")
            }
            Outcome::UnknownKey => {
                write!(f, "The signature cannot be checked: its key {key} is not among those given")
            }
            Outcome::KeyExpired { since } => {
                write!(f, "The signature is right, but its key {key} expired at {since}")
            }
            Outcome::KeyRevoked => write!(f, "The signature is right, but its key {key} was revoked"),
            Outcome::Expired { since } => write!(f, "The signature by key {key} was to hold until {since}"),
            Outcome::Weak(reason) => write!(f, "The signature by key {key} is refused: {reason}"),
            Outcome::Unfit(reason) => write!(f, "The signature by key {key} does not count: {reason}"),
        }?;
        match (self.made_at, &self.outcome) {
            (Some(made_at), Outcome::Good) => write!(f, ", made at {made_at}."),
            _ => f.write_str("."),
        }
    }
}

/// Checks the signatures over a document, armoured or not, as of the moment `at`. An answer for
/// each is returned, in their order; a document counts as signed where one is good.
pub fn check(
    document: &[u8],
    signatures: &[u8],
    keys: &Keys,
    at: Timestamp,
) -> Result<Vec<Checked>, OpenPgpError> {
    if signatures.len() > LARGEST_SIGNATURE {
        return Err(OpenPgpError::TooLarge(signatures.len(), LARGEST_SIGNATURE));
    }
    let mut checked = Vec::new();
    for block in blocks(signatures, b"-----BEGIN PGP SIGNATURE-----") {
        let (found, _) =
            DetachedSignature::from_reader_many_buf(block).map_err(|error| unreadable(&error))?;
        for signature in found.take(MOST_SIGNATURES - checked.len()) {
            let signature = signature.map_err(|error| unreadable(&error))?.signature;
            checked.push(check_one(document, &signature, keys, at));
        }
        if checked.len() == MOST_SIGNATURES {
            break;
        }
    }
    if checked.is_empty() { Err(OpenPgpError::Empty("signature")) } else { Ok(checked) }
}

fn check_one(document: &[u8], signature: &Signature, keys: &Keys, at: Timestamp) -> Checked {
    let claimed = signature.issuer_fingerprint().first().map(|fingerprint| format!("{fingerprint:X}"));
    let claimed =
        claimed.or_else(|| signature.issuer_key_id().first().map(|id| HEXUPPER.encode(id.as_ref())));
    let made_at = signature.created().and_then(moment);
    let mut checked =
        Checked { key: claimed, signer: None, names: Vec::new(), made_at, outcome: Outcome::UnknownKey };
    if let Err(outcome) = acceptable(signature) {
        checked.outcome = outcome;
        return checked;
    }
    let candidates: Vec<SigningKey<'_>> = SigningKey::of_signature(signature, &keys.0).collect();
    // A short key id may belong to several keys; the one that made it is the one that fits.
    let fitting = candidates.iter().find(|key| key.made(signature, document));
    let Some(key) = fitting.or(candidates.first()) else { return checked };
    checked.key = Some(key.fingerprint());
    checked.signer = Some(fingerprint(&key.certificate.primary_key));
    checked.names = key.names(at);
    checked.outcome = if fitting.is_none() { Outcome::Bad } else { standing(signature, *key, made_at, at) };
    checked
}

/// What the signature is made of, whoever made it.
fn acceptable(signature: &Signature) -> Result<(), Outcome> {
    let unfit = |reason: &str| Err(Outcome::Unfit(reason.to_owned()));
    if !matches!(signature.version(), SignatureVersion::V4 | SignatureVersion::V6) {
        return Err(Outcome::Weak("it is of an old form that is no longer safe".to_owned()));
    }
    if !matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text)) {
        return unfit("it is not a signature over a document");
    }
    strength::of_hash(signature).map_err(Outcome::Weak)?;
    if signature.created().is_none() {
        return unfit("it does not say when it was made");
    }
    if strength::asks_for_more(signature) {
        return unfit("it asks for something that is not understood here");
    }
    Ok(())
}

/// Whether a signature that is right counts at the moment `at`.
fn standing(
    signature: &Signature,
    key: SigningKey<'_>,
    made_at: Option<Timestamp>,
    at: Timestamp,
) -> Outcome {
    let Some(made_at) = made_at else {
        return Outcome::Unfit("it does not say when it was made".to_owned());
    };
    if made_at.as_second() > at.as_second().saturating_add(SKEW) {
        return Outcome::Unfit(format!("it says that it was made at {made_at}, which is still to come"));
    }
    match key.fit(at) {
        Err(Unfit::Weak(reason)) => return Outcome::Weak(reason),
        Err(Unfit::Revoked) => return Outcome::KeyRevoked,
        Err(Unfit::Expired(since)) => return Outcome::KeyExpired { since },
        Err(Unfit::Otherwise(reason)) => return Outcome::Unfit(reason),
        Ok(()) => {}
    }
    if key.created().is_none_or(|created| created > made_at) {
        return Outcome::Unfit("it says that it was made before its key was".to_owned());
    }
    match key::end(made_at, signature.signature_expiration_time()) {
        Some(since) if since <= at => Outcome::Expired { since },
        _ => Outcome::Good,
    }
}

#[cfg(test)]
mod tests;
