//! The secret of a webhook, and what is signed with it, by the conventions of Standard Webhooks
//! (<https://www.standardwebhooks.com>, version 1.0): a receiver checks it with any library of theirs.

use std::fmt;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::DeliveryId;

/// How many random bytes a secret has.
pub(super) const BYTES: usize = 32;

/// A secret. It is shown once, as text, and kept as it is, since it signs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new one of random bytes.
    pub(super) fn drawn(bytes: [u8; BYTES]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes as the table keeps them.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is given to whoever is to check signatures: `whsec_…`.
    pub fn shown(&self) -> String {
        format!("whsec_{}", BASE64.encode(&self.0))
    }

    /// One signature over a try, as it stands in the header: `v1,…`.
    fn signature(&self, id: DeliveryId, at: Timestamp, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{}.{body}", at.as_second()).as_bytes());
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }
}

/// The header `webhook-signature`: a signature by each secret that counts.
pub(super) fn signatures<'a>(
    secrets: impl Iterator<Item = &'a Secret>,
    id: DeliveryId,
    at: Timestamp,
    body: &str,
) -> String {
    secrets.map(|secret| secret.signature(id, at, body)).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl db::FromValue for Secret {
    fn from_value(value: db::Value) -> Result<Self, String> {
        Vec::from_value(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python: hmac.new(b"\x01" * 32, …, "sha256").
    #[test]
    fn signatures_are_those_of_the_convention() {
        let secret = Secret::drawn([1; BYTES]);
        assert_eq!(secret.shown(), "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
        let id: DeliveryId = "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap();
        let at = Timestamp::from_second(1_780_000_000).unwrap();
        let signed = signatures([&secret].into_iter(), id, at, "{}");
        assert_eq!(signed, "v1,Is8bHSOz1tMq2ZbUZX67CV18+gzVdFq51weEiYbdsyI=");
        assert_eq!(signatures([&secret, &secret].into_iter(), id, at, "{}"), format!("{signed} {signed}"));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
