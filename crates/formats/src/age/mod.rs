//! Files sealed with age, version 1 (<https://age-encryption.org/v1>), to a key of the kind X25519.
//!
//! The form that is filled in without a network seals what was typed for the CERT; whoever has a file like that
//! learns nothing from it. A file comes from strangers: it is bounded, nothing in it is believed before its
//! authentication holds, and a passphrase, which would let a file make us work for minutes, is refused.

mod armour;
mod bech32;
mod header;
mod stream;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use data_encoding::BASE64_NOPAD;
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hkdf, hmac,
};
use x25519_dalek::{PublicKey, StaticSecret};

pub use armour::armoured;
use header::{Header, Stanza};

/// The largest file that is opened, in bytes: a report is a twentieth of it.
pub const LARGEST: usize = 256 * 1024;

const KEY: &str = "age";
const SECRET: &str = "age-secret-key-";
/// The kind of the stanzas that we open, and what their key is derived with.
const X25519: &str = "X25519";
const X25519_LABEL: &[u8] = b"age-encryption.org/v1/X25519";

/// Why a file was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgeError {
    /// It is too large.
    #[error("The file is larger than 256 kB, the most that is opened")]
    TooLarge,
    /// It is something else.
    #[error("The file was not made by the form")]
    Other,
    /// It is one, and not as it was made.
    #[error("The file is damaged, or not whole")]
    Damaged,
    /// It is sealed with a passphrase.
    #[error("The file was sealed with a passphrase, which nobody here has")]
    Passphrase,
    /// It is sealed for somebody else.
    #[error("The file was sealed for somebody else, or with a form that is no longer valid")]
    NotForUs,
}

/// What is written in the place of a key is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is no secret key of age, which begins AGE-SECRET-KEY-1")]
pub struct NoIdentity;

/// A secret key: what was sealed for it is opened with it.
#[derive(Clone)]
pub struct Identity(StaticSecret);

impl Identity {
    /// The one that these bytes, drawn by lot, come to.
    pub fn drawn(bytes: [u8; 32]) -> Self {
        Self(StaticSecret::from(bytes))
    }

    /// What is sealed for it is sealed with this.
    pub fn recipient(&self) -> Recipient {
        Recipient(PublicKey::from(&self.0).to_bytes())
    }

    /// The secret as people keep it in a file.
    pub fn secret(&self) -> String {
        bech32::encode(SECRET, self.0.as_bytes()).to_ascii_uppercase()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.recipient()).finish()
    }
}

impl FromStr for Identity {
    type Err = NoIdentity;

    fn from_str(text: &str) -> Result<Self, NoIdentity> {
        // Written in upper case alone, so that it is not taken for a recipient.
        let read = (text == text.to_ascii_uppercase()).then(|| bech32::decode(SECRET, text)).flatten();
        read.map(Self::drawn).ok_or(NoIdentity)
    }
}

/// The secret keys of a file as `age-keygen` writes it: one a line, besides empty lines and comments.
pub fn identities(text: &str) -> Result<Vec<Identity>, NoIdentity> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read: Vec<_> = lines.map(Identity::from_str).collect::<Result<_, _>>()?;
    if read.is_empty() { Err(NoIdentity) } else { Ok(read) }
}

/// A public key: with it a file is sealed that the holder of the identity opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

impl Recipient {
    /// Its bytes, as scripts take them.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32::encode(KEY, &self.0))
    }
}

/// Opens a file, as it is or armoured, that is sealed for one of `identities`.
pub fn open(file: &[u8], identities: &[Identity]) -> Result<Vec<u8>, AgeError> {
    if file.len() > LARGEST {
        return Err(AgeError::TooLarge);
    }
    let file = armour::without(file)?;
    let (header, sealed) = Header::read(&file)?;
    if header.stanzas.iter().any(|stanza| stanza.kind == "scrypt") {
        return Err(AgeError::Passphrase);
    }
    let file_key = unwrap(&header.stanzas, identities)?;
    hmac::verify(&mac_key(&file_key), header.authenticated, &header.mac).map_err(|_| AgeError::Damaged)?;
    stream::open(&file_key, sealed)
}

/// Seals `text` for `recipient`, with `chance` drawn by lot for this file alone: what the form does.
pub fn seal(text: &[u8], recipient: &Recipient, chance: &[u8; 64]) -> Vec<u8> {
    let (mut ephemeral, mut file_key, mut nonce) = ([0; 32], [0; 16], [0; 16]);
    ephemeral.copy_from_slice(&chance[..32]);
    file_key.copy_from_slice(&chance[32..48]);
    nonce.copy_from_slice(&chance[48..]);
    let ephemeral = StaticSecret::from(ephemeral);
    let share = PublicKey::from(&ephemeral);
    let shared = ephemeral.diffie_hellman(&PublicKey::from(recipient.0));
    let mut wrapped = file_key.to_vec();
    let key = wrapping_key(share.as_bytes(), &recipient.0, shared.as_bytes());
    if key.seal_in_place_append_tag(first_nonce(), Aad::empty(), &mut wrapped).is_err() {
        // The cipher refuses nothing of this length.
        return Vec::new();
    }
    let head = format!(
        "{}\n-> {X25519} {}\n{}\n---",
        header::FIRST_LINE,
        BASE64_NOPAD.encode(share.as_bytes()),
        BASE64_NOPAD.encode(&wrapped)
    );
    let mac = hmac::sign(&mac_key(&file_key), head.as_bytes());
    let mut file = format!("{head} {}\n", BASE64_NOPAD.encode(mac.as_ref())).into_bytes();
    file.extend_from_slice(&nonce);
    stream::seal(&file_key, &nonce, text, &mut file);
    file
}

/// The key of the file, from the first stanza that is for one of `identities`.
fn unwrap(stanzas: &[Stanza<'_>], identities: &[Identity]) -> Result<[u8; 16], AgeError> {
    for stanza in stanzas.iter().filter(|stanza| stanza.kind == X25519) {
        let (share, wrapped) = stanza.of_x25519().ok_or(AgeError::Damaged)?;
        for identity in identities {
            let shared = identity.0.diffie_hellman(&PublicKey::from(share));
            if !shared.was_contributory() {
                return Err(AgeError::Damaged);
            }
            let key = wrapping_key(&share, identity.recipient().bytes(), shared.as_bytes());
            let mut wrapped = wrapped;
            let opened = key.open_in_place(first_nonce(), Aad::empty(), &mut wrapped);
            if let Some(file_key) = opened.ok().and_then(|opened| <[u8; 16]>::try_from(&*opened).ok()) {
                return Ok(file_key);
            }
        }
    }
    Err(AgeError::NotForUs)
}

/// What a file's key is wrapped with.
fn wrapping_key(share: &[u8; 32], recipient: &[u8; 32], shared: &[u8]) -> LessSafeKey {
    cipher(derived(&[share.as_slice(), recipient].concat(), shared, X25519_LABEL))
}

/// What the header is authenticated with.
fn mac_key(file_key: &[u8; 16]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &derived(&[], file_key, b"header"))
}

/// HKDF with SHA-256 (RFC 5869), 32 bytes of it.
fn derived(salt: &[u8], secret: &[u8], label: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let filled = extracted.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut key));
    debug_assert!(filled.is_ok(), "32 bytes are what one round gives");
    key
}

fn cipher(key: [u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("the key of this cipher has 32 bytes"))
}

/// The nonce of a key that is used once.
fn first_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}
