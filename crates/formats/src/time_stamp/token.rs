//! The token: a CMS message (RFC 5652) around what is stamped (RFC 3161, section 2.4.2).

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use ring::digest::{self, Algorithm};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, KeyUsage, ring as algorithms};

use super::{
    StampError, Trusted,
    der::{Value, Values},
};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, made of others.
const FIRST: u8 = 0xA0;

/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4
const STAMPED: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];
/// 1.2.840.113549.1.9.3
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
/// 1.2.840.113549.1.9.16.2.12, by SHA-1 alone.
const SIGNING_CERTIFICATE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0C];
/// 1.2.840.113549.1.9.16.2.47
const SIGNING_CERTIFICATE_2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];
/// 2.16.840.1.101.3.4.2.1
pub(super) const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 2.16.840.1.101.3.4.2.2
const SHA_384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
/// 2.16.840.1.101.3.4.2.3
const SHA_512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// What begins the algorithms of RSA by PKCS #1: 1.2.840.113549.1.1
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
/// What begins those of ECDSA with SHA-2: 1.2.840.10045.4.3
const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03];
/// 1.3.6.1.5.5.7.3.8
const FOR_TIME_STAMPS: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// The moment that a token names for this hash, once everything about it holds.
pub(super) fn verified(
    token: Value<'_>,
    hash: &[u8; 32],
    nonce: Option<[u8; 8]>,
    trusted: &Trusted,
) -> Result<Timestamp, StampError> {
    let signed = Signed::of(token).ok_or(StampError::Form)?;
    let stamped = Stamped::of(signed.content).ok_or(StampError::Form)?;
    if stamped.algorithm != SHA_256 || stamped.hash != hash {
        return Err(StampError::Hash);
    }
    if nonce.is_some_and(|nonce| stamped.nonce != Some(&nonce)) {
        return Err(StampError::Nonce);
    }
    let certificate = signed.check()?;
    vouched(certificate, &signed.certificates, stamped.at, trusted)?;
    Ok(stamped.at)
}

/// What is stamped.
struct Stamped<'a> {
    algorithm: &'a [u8],
    hash: &'a [u8],
    at: Timestamp,
    nonce: Option<&'a [u8]>,
}

impl<'a> Stamped<'a> {
    fn of(content: &'a [u8]) -> Option<Self> {
        let mut parts = Values(content).only(SEQUENCE)?.values();
        if parts.one(INTEGER)?.inside != [1] {
            return None;
        }
        parts.one(OID)?;
        let mut imprint = parts.one(SEQUENCE)?.values();
        let algorithm = imprint.one(SEQUENCE)?.values().one(OID)?.inside;
        let hash = imprint.one(OCTETS)?.inside;
        parts.one(INTEGER)?;
        let at = moment(parts.one(GENERALIZED_TIME)?.inside)?;
        // How exact it is, and in which order stamps were given, is not asked.
        let nonce = parts.find(|part| part.tag == INTEGER).map(|nonce| nonce.inside);
        Some(Self { algorithm, hash, at, nonce })
    }
}

/// `20261127163012Z`, with or without a fraction of a second.
fn moment(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    if whole.len() != 14 || !plain(whole) || fraction.is_empty() || fraction.len() > 9 || !plain(fraction) {
        return None;
    }
    let at = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}

/// A signed message of one signer.
struct Signed<'a> {
    content: &'a [u8],
    certificates: Vec<Value<'a>>,
    /// The hash over the content, and over what is signed where the signature does not say another.
    digest: &'a [u8],
    /// What is signed: `[0]`, whose tag is a set's when it is hashed.
    attributes: Value<'a>,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    fn of(token: Value<'a>) -> Option<Self> {
        let mut outer = token.values();
        outer.one(OID).filter(|kind| kind.inside == SIGNED_DATA)?;
        let mut parts = outer.one(FIRST)?.values().only(SEQUENCE)?.values();
        parts.one(INTEGER)?;
        parts.one(SET)?;
        let mut content = parts.one(SEQUENCE)?.values();
        content.one(OID).filter(|kind| kind.inside == STAMPED)?;
        let content = content.one(FIRST)?.values().only(OCTETS)?.inside;
        let certificates = parts.one(FIRST)?.values().filter(|value| value.tag == SEQUENCE).collect();
        parts.one(FIRST + 1);
        let mut signer = parts.one(SET)?.values().only(SEQUENCE)?.values();
        signer.one(INTEGER)?;
        // Who signed is found by the hash of the certificate, which is signed itself.
        signer.next()?;
        let digest = signer.one(SEQUENCE)?.values().one(OID)?.inside;
        let attributes = signer.one(FIRST)?;
        let algorithm = signer.one(SEQUENCE)?.values().one(OID)?.inside;
        let signature = signer.one(OCTETS)?.inside;
        Some(Self { content, certificates, digest, attributes, algorithm, signature })
    }

    /// The certificate whose key has signed the content.
    fn check(&self) -> Result<Value<'a>, StampError> {
        let wrong = StampError::Signature;
        let is_stamped = self.attribute(CONTENT_TYPE, OID).is_some_and(|kind| kind.inside == STAMPED);
        let digest = hashing(self.digest).ok_or(wrong("by a hash that is not accepted"))?;
        let over = self.attribute(MESSAGE_DIGEST, OCTETS);
        let same = over.is_some_and(|over| over.inside == digest::digest(digest, self.content).as_ref());
        if !is_stamped || !same {
            return Err(wrong("what is signed is something else"));
        }
        let certificate = self.signer().ok_or(wrong("the certificate that it names is not there"))?;
        let der = CertificateDer::from(certificate.whole);
        let end = EndEntityCert::try_from(&der).map_err(|_| wrong("its certificate cannot be read"))?;
        let mut message = self.attributes.whole.to_vec();
        message[0] = SET;
        let holds = self
            .algorithms()
            .into_iter()
            .any(|each| end.verify_signature(each, &message, self.signature).is_ok());
        if holds { Ok(certificate) } else { Err(wrong("the signature does not hold")) }
    }

    /// The one value of a signed attribute that is there once.
    fn attribute(&self, kind: &[u8], tag: u8) -> Option<Value<'a>> {
        let mut found = self.attributes.values().filter_map(|attribute| {
            let mut parts = attribute.tagged(SEQUENCE)?.values();
            parts.one(OID).filter(|known| known.inside == kind)?;
            parts.one(SET)?.values().only(tag)
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The certificate that the signer names by its hash.
    fn signer(&self) -> Option<Value<'a>> {
        let (algorithm, hash) = if let Some(named) = self.attribute(SIGNING_CERTIFICATE_2, SEQUENCE) {
            let mut first = named.values().one(SEQUENCE)?.values().one(SEQUENCE)?.values();
            let algorithm = match first.one(SEQUENCE) {
                Some(algorithm) => hashing(algorithm.values().one(OID)?.inside)?,
                None => &digest::SHA256,
            };
            (algorithm, first.one(OCTETS)?.inside)
        } else {
            let named = self.attribute(SIGNING_CERTIFICATE, SEQUENCE)?;
            let mut first = named.values().one(SEQUENCE)?.values().one(SEQUENCE)?.values();
            (&digest::SHA1_FOR_LEGACY_USE_ONLY, first.one(OCTETS)?.inside)
        };
        let mut certificates = self.certificates.iter().copied();
        certificates.find(|each| digest::digest(algorithm, each.whole).as_ref() == hash)
    }

    /// How the signature may be checked: by the hash that it names, or the message's where it names RSA alone.
    fn algorithms(&self) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
        let own = |begin: &[u8]| self.algorithm.strip_prefix(begin).and_then(|rest| rest.first().copied());
        match (own(RSA), own(ECDSA), self.digest) {
            (Some(11), _, _) | (Some(1), _, SHA_256) => vec![algorithms::RSA_PKCS1_2048_8192_SHA256],
            (Some(12), _, _) | (Some(1), _, SHA_384) => vec![algorithms::RSA_PKCS1_2048_8192_SHA384],
            (Some(13), _, _) | (Some(1), _, SHA_512) => vec![algorithms::RSA_PKCS1_2048_8192_SHA512],
            (_, Some(2), _) => vec![algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256],
            (_, Some(3), _) => vec![algorithms::ECDSA_P256_SHA384, algorithms::ECDSA_P384_SHA384],
            _ => Vec::new(),
        }
    }
}

fn hashing(oid: &[u8]) -> Option<&'static Algorithm> {
    match oid {
        SHA_256 => Some(&digest::SHA256),
        SHA_384 => Some(&digest::SHA384),
        SHA_512 => Some(&digest::SHA512),
        _ => None,
    }
}

/// That the certificate is for time stamps, and was issued at that moment under one that is trusted.
fn vouched(
    certificate: Value<'_>,
    beside: &[Value<'_>],
    at: Timestamp,
    trusted: &Trusted,
) -> Result<(), StampError> {
    let refused = |error: webpki::Error| StampError::Authority(error.to_string());
    let anchors: Result<Vec<_>, _> = trusted.0.iter().map(webpki::anchor_from_trusted_cert).collect();
    let anchors = anchors.map_err(|error| StampError::Trusted(error.to_string()))?;
    let between: Vec<_> = beside.iter().map(|each| CertificateDer::from(each.whole)).collect();
    let der = CertificateDer::from(certificate.whole);
    let end = EndEntityCert::try_from(&der).map_err(refused)?;
    let seconds = u64::try_from(at.as_second()).unwrap_or_default();
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let usage = KeyUsage::required(FOR_TIME_STAMPS);
    end.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, &between, moment, usage, None, None)
        .map_err(refused)?;
    Ok(())
}
