//! Where somebody stopped hearing news, sealed. Changes of every thing and every part of it are numbered by one count: who
//! saw the numbers would learn from the gaps when, and how much, is written where they may not read.
//!
//! What is handed out is of one reader alone, is another one each time, and says nothing to whoever has it but that they
//! were here.

use std::fmt;

use aes_gcm::{AeadInPlace, Aes256Gcm, Key, Nonce, Tag};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::{App, env::Env};

/// The bytes of the nonce, of the number and of the tag.
const PARTS: (usize, usize, usize) = (12, 8, 16);

/// The secret under which places are sealed: the same on each node, and over restarts.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The one that these bytes are; none where they are too few or too many.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The seal of this reader: what one was handed no other can use.
    fn seal_of(&self, reader: Uuid) -> Aes256Gcm {
        let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0);
        let mac = mac.expect("HMAC takes a key of any length").chain_update(reader.as_bytes());
        let key: [u8; 32] = mac.finalize().into_bytes().into();
        <Aes256Gcm as aes_gcm::KeyInit>::new(Key::<Aes256Gcm>::from_slice(&key))
    }

    /// The place behind this number, for this reader.
    pub(super) fn seal(&self, env: &Env, reader: Uuid, number: i64) -> String {
        let nonce: [u8; PARTS.0] = env.bytes();
        let mut sealed = number.to_be_bytes();
        let tag = self
            .seal_of(reader)
            .encrypt_in_place_detached(Nonce::from_slice(&nonce), b"", &mut sealed)
            .expect("eight bytes are not too many to seal");
        BASE64URL_NOPAD.encode(&[&nonce[..], &sealed, &tag].concat())
    }

    /// The number behind which this place is; none where it was not handed to this reader.
    pub(super) fn open(&self, reader: Uuid, place: &str) -> Option<i64> {
        let bytes = BASE64URL_NOPAD.decode(place.trim().as_bytes()).ok()?;
        if bytes.len() != PARTS.0 + PARTS.1 + PARTS.2 {
            return None;
        }
        let (nonce, rest) = bytes.split_at(PARTS.0);
        let (sealed, tag) = rest.split_at(PARTS.1);
        let mut number: [u8; PARTS.1] = sealed.try_into().ok()?;
        self.seal_of(reader)
            .decrypt_in_place_detached(Nonce::from_slice(nonce), b"", &mut number, Tag::from_slice(tag))
            .ok()?;
        Some(i64::from_be_bytes(number))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Up to where a page shows everything, for the script that follows from there. It is sealed when it is written, since most
/// pages follow nothing; nothing is written where this process has told of nothing yet.
#[derive(Clone, Debug)]
pub struct Heard {
    app: App,
    reader: Option<Uuid>,
    number: i64,
}

impl Heard {
    /// What this process has told of by now, for this reader.
    pub(super) fn by_now(app: &App, reader: Option<Uuid>) -> Self {
        Self { app: app.clone(), reader, number: app.live.topics.heard() }
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.app.live.topics.secret(), self.reader) {
            (Some(secret), Some(reader)) if self.number > 0 => {
                f.write_str(&secret.seal(&self.app.env, reader, self.number))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_readers_alone_and_another_each_time() {
        let env = Env::manual(jiff::Timestamp::UNIX_EPOCH, 7);
        let secret = Secret::of(&[7; 32]).expect("32 bytes");
        let (one, other): (Uuid, Uuid) = (env.id(), env.id());
        let place = secret.seal(&env, one, 41);
        assert_eq!(secret.open(one, &place), Some(41));
        assert_ne!(place, secret.seal(&env, one, 41));
        assert_eq!(secret.open(other, &place), None);
        assert_eq!(Secret::of(&[8; 32]).expect("32 bytes").open(one, &place), None);
        assert!(Secret::of(&[7; 31]).is_none());
    }

    #[test]
    fn what_was_not_handed_out_is_no_place() {
        let env = Env::manual(jiff::Timestamp::UNIX_EPOCH, 7);
        let secret = Secret::of(&[7; 32]).expect("32 bytes");
        let reader: Uuid = env.id();
        let place = secret.seal(&env, reader, 41);
        let mut bytes = BASE64URL_NOPAD.decode(place.as_bytes()).expect("what was encoded");
        bytes[13] ^= 1;
        for wrong in ["", "41", "!!", &place[1..], &BASE64URL_NOPAD.encode(&bytes)] {
            assert_eq!(secret.open(reader, wrong), None, "{wrong}");
        }
    }
}
