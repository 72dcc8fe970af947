//! Whether a key may sign at a moment: what it, and the main key to which it belongs, vouch for.
//!
//! A certificate is a main key and others that it vouches for. What counts is the newest statement
//! of the main key itself up to that moment; statements of others count for nothing here.

use jiff::Timestamp;
use pgp::composed::{SignedPublicKey, SignedPublicSubKey};
use pgp::packet::{Signature, SignatureType, SubpacketData};
use pgp::types::{Duration, KeyDetails, SignedUser, Tag};

use super::{fingerprint, moment, strength};

/// A key that can sign, within its certificate.
#[derive(Clone, Copy)]
pub(super) struct SigningKey<'a> {
    pub certificate: &'a SignedPublicKey,
    subkey: Option<&'a SignedPublicSubKey>,
}

/// Why a key may not sign.
pub(super) enum Unfit {
    Weak(String),
    Revoked,
    Expired(Timestamp),
    Otherwise(String),
}

fn otherwise(reason: &str) -> Unfit {
    Unfit::Otherwise(reason.to_owned())
}

impl<'a> SigningKey<'a> {
    /// The main key of a certificate, or one of the others.
    pub const fn of(certificate: &'a SignedPublicKey, subkey: Option<&'a SignedPublicSubKey>) -> Self {
        Self { certificate, subkey }
    }

    /// The keys that a signature names.
    pub fn of_signature(
        signature: &'a Signature,
        certificates: &'a [SignedPublicKey],
    ) -> impl Iterator<Item = SigningKey<'a>> {
        let every = certificates.iter().flat_map(|certificate| {
            let subkeys = certificate.public_subkeys.iter().map(Some);
            std::iter::once(None).chain(subkeys).map(move |subkey| SigningKey { certificate, subkey })
        });
        every.filter(|key| key.is_named_by(signature))
    }

    fn is_named_by(&self, signature: &Signature) -> bool {
        fn named(signature: &Signature, key: &impl KeyDetails) -> bool {
            let fingerprints = signature.issuer_fingerprint();
            if !fingerprints.is_empty() {
                return fingerprints.contains(&&key.fingerprint());
            }
            signature.issuer_key_id().contains(&&key.legacy_key_id())
        }
        match self.subkey {
            Some(subkey) => named(signature, &subkey.key),
            None => named(signature, &self.certificate.primary_key),
        }
    }

    pub fn fingerprint(&self) -> String {
        match self.subkey {
            Some(subkey) => fingerprint(&subkey.key),
            None => fingerprint(&self.certificate.primary_key),
        }
    }

    pub fn created(&self) -> Option<Timestamp> {
        match self.subkey {
            Some(subkey) => moment(subkey.key.created_at()),
            None => moment(self.certificate.primary_key.created_at()),
        }
    }

    /// Whether this key made the signature over the document.
    pub fn made(&self, signature: &Signature, document: &[u8]) -> bool {
        match self.subkey {
            Some(subkey) => signature.verify(&subkey.key, document).is_ok(),
            None => signature.verify(&self.certificate.primary_key, document).is_ok(),
        }
    }

    /// The names that the main key vouches for at the moment `at`.
    pub fn names(&self, at: Timestamp) -> Vec<String> {
        let users = self.certificate.details.users.iter();
        let vouched = users.filter(|user| self.vouched(user, at).any(|own| strength::of_hash(own).is_ok()));
        vouched.map(|user| String::from_utf8_lossy(user.id.id()).into_owned()).collect()
    }

    /// Whether it may sign at the moment `at`.
    pub fn fit(&self, at: Timestamp) -> Result<(), Unfit> {
        let primary = &self.certificate.primary_key;
        strength::of_key(primary).map_err(Unfit::Weak)?;
        // A revocation is heeded whatever hash it rests on: to forge one gains a forger nothing.
        if self.certificate.details.revocation_signatures.iter().any(|it| it.verify_key(primary).is_ok()) {
            return Err(Unfit::Revoked);
        }
        let own = newest(self.own_statements(at), "its main key")?;
        not_expired(moment(primary.created_at()), own, at)?;
        match self.subkey {
            Some(subkey) => self.subkey_fit(subkey, at),
            None if has_flags(own) && !own.key_flags().sign() => {
                Err(otherwise("its key is not meant for signing"))
            }
            None => Ok(()),
        }
    }

    fn subkey_fit(&self, subkey: &SignedPublicSubKey, at: Timestamp) -> Result<(), Unfit> {
        let primary = &self.certificate.primary_key;
        strength::of_key(&subkey.key).map_err(Unfit::Weak)?;
        let right =
            || subkey.signatures.iter().filter(|it| it.verify_subkey_binding(primary, &subkey.key).is_ok());
        if right().any(|it| it.typ() == Some(SignatureType::SubkeyRevocation)) {
            return Err(Unfit::Revoked);
        }
        let bindings = right().filter(|it| it.typ() == Some(SignatureType::SubkeyBinding) && holds(it, at));
        let binding = newest(bindings, "its key")?;
        not_expired(moment(subkey.key.created_at()), binding, at)?;
        if !binding.key_flags().sign() {
            return Err(otherwise("its key is not meant for signing"));
        }
        // The key itself must say to whom it belongs, or anybody could claim it (RFC 9580, 5.2.1.9).
        let back = binding.embedded_signature();
        let back = back.filter(|back| back.verify_primary_key_binding(&subkey.key, primary).is_ok());
        let back = back.ok_or_else(|| otherwise("its key does not say itself to whom it belongs"))?;
        strength::of_hash(back).map_err(Unfit::Weak)
    }

    /// What the main key says of itself.
    fn own_statements(&self, at: Timestamp) -> impl Iterator<Item = &'a Signature> {
        let details = &self.certificate.details;
        let direct = details.direct_signatures.iter();
        let key = &self.certificate.primary_key;
        let direct = direct.filter(move |it| holds(it, at) && it.verify_key(key).is_ok());
        let this = *self;
        details.users.iter().flat_map(move |user| this.vouched(user, at)).chain(direct)
    }

    /// What the main key says of a name, unless it took the name back.
    fn vouched(self, user: &'a SignedUser, at: Timestamp) -> impl Iterator<Item = &'a Signature> + use<'a> {
        let key = &self.certificate.primary_key;
        let own = user.signatures.iter();
        let own = own.filter(move |it| it.verify_certification(key, Tag::UserId, &user.id).is_ok());
        let (taken_back, vouched): (Vec<_>, Vec<_>) =
            own.partition(|it| it.typ() == Some(SignatureType::CertRevocation));
        let last_taken_back = taken_back.iter().filter_map(|it| it.created()).max();
        vouched.into_iter().filter(move |it| holds(it, at) && it.created() > last_taken_back)
    }
}

/// Whether a statement was made by the moment `at`, and had not ended.
fn holds(statement: &Signature, at: Timestamp) -> bool {
    let Some(made) = statement.created().and_then(moment) else { return false };
    made <= at && end(made, statement.signature_expiration_time()).is_none_or(|end| end > at)
}

/// The newest of those statements that do not rest on a broken hash.
fn newest<'a>(statements: impl Iterator<Item = &'a Signature>, whose: &str) -> Result<&'a Signature, Unfit> {
    let (strong, weak): (Vec<_>, Vec<_>) = statements.partition(|it| strength::of_hash(it).is_ok());
    match (strong.into_iter().max_by_key(|it| it.created()), weak.first()) {
        (Some(newest), _) => Ok(newest),
        (None, Some(weak)) => {
            let reason = strength::of_hash(weak).err().unwrap_or_default();
            Err(Unfit::Weak(format!("of what vouches for {whose}, {reason}")))
        }
        (None, None) => Err(Unfit::Otherwise(format!("nothing vouches for {whose}"))),
    }
}

fn has_flags(statement: &Signature) -> bool {
    let config = statement.config();
    config.is_some_and(|it| it.hashed_subpackets().any(|it| matches!(it.data, SubpacketData::KeyFlags(_))))
}

fn not_expired(created: Option<Timestamp>, statement: &Signature, at: Timestamp) -> Result<(), Unfit> {
    let created = created.ok_or_else(|| otherwise("its key does not say when it was made"))?;
    match end(created, statement.key_expiration_time()) {
        Some(since) if since <= at => Err(Unfit::Expired(since)),
        _ => Ok(()),
    }
}

/// When something that began at `start` ends; none where it does not, which is written as 0 too.
pub(super) fn end(start: Timestamp, after: Option<Duration>) -> Option<Timestamp> {
    let seconds = after.map(Duration::as_secs).filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(start.as_second().saturating_add(i64::from(seconds))).ok()
}
