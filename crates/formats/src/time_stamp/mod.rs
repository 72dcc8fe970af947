//! Time stamps by RFC 3161: an authority signs that a hash was there at a moment. The query that is sent, and the token
//! that comes back, of which nothing is believed before its signature and the authority's certificate hold.
//!
//! What is checked: the status; the hash and the nonce; that the token is signed over exactly these (CMS, RFC 5652,
//! section 5.4) by the certificate that it names (RFC 5035); that this certificate is for time stamps alone and was
//! issued, at that moment, under one that is trusted. Revocation is not asked: a token is checked when it comes.

mod der;
#[cfg(test)]
mod tests;
mod token;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;

use der::Values;

/// The largest answer of an authority, in bytes: with its certificates it is a tenth of it.
pub const LARGEST: u64 = 64 * 1024;
/// The media type of a query.
pub const QUERY: &str = "application/timestamp-query";

/// Why a time stamp is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// What came is something else.
    #[error("The answer is no time stamp, or not written as RFC 3161 has it.")]
    Form,
    /// The authority says no.
    #[error("The authority gave no time stamp: it answered with the status {0}.")]
    Refused(u8),
    /// It is about something else.
    #[error("The time stamp is of another hash.")]
    Hash,
    /// It answers another query.
    #[error("The time stamp answers another query: its nonce is not ours.")]
    Nonce,
    /// The signature does not hold.
    #[error("The time stamp is not signed as it says: {0}.")]
    Signature(&'static str),
    /// Nobody who is trusted vouches for the authority.
    #[error("No certificate that is trusted vouches for the authority: {0}.")]
    Authority(String),
    /// The trusted certificates cannot be read.
    #[error("The certificates that vouch for the authority cannot be read: {0}.")]
    Trusted(String),
}

/// The certificates of which one has to vouch for the authority that signs.
#[derive(Clone, Debug)]
pub struct Trusted(Vec<CertificateDer<'static>>);

impl Trusted {
    /// Reads them as PEM.
    pub fn from_pem(text: &str) -> Result<Self, StampError> {
        use rustls_pki_types::pem::PemObject;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
        let certificates = read.map_err(|error| StampError::Trusted(error.to_string()))?;
        if certificates.is_empty() {
            return Err(StampError::Trusted("there is none in the file".to_owned()));
        }
        Ok(Self(certificates))
    }
}

/// The query for a SHA-256. The nonce, drawn by lot, ties the answer to it.
pub fn query(hash: &[u8; 32], nonce: [u8; 8]) -> Vec<u8> {
    // SEQUENCE { version 1, { { sha256, NULL }, hash }, nonce, certReq TRUE }
    let mut query = vec![0x30, 0x43, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0D, 0x06, 0x09];
    query.extend_from_slice(token::SHA_256);
    query.extend_from_slice(&[0x05, 0x00, 0x04, 0x20]);
    query.extend_from_slice(hash);
    query.extend_from_slice(&[0x02, 0x08]);
    query.extend_from_slice(&positive(nonce));
    query.extend_from_slice(&[0x01, 0x01, 0xFF]);
    query
}

/// A number of eight bytes in DER: neither negative nor with a needless zero.
fn positive(mut nonce: [u8; 8]) -> [u8; 8] {
    nonce[0] = nonce[0] & 0x7F | 0x40;
    nonce
}

/// The token in an authority's answer, once it is proven to be of this hash and query; and the moment that it names.
pub fn answered(
    answer: &[u8],
    hash: &[u8; 32],
    nonce: [u8; 8],
    trusted: &Trusted,
) -> Result<(Vec<u8>, Timestamp), StampError> {
    let answer = Values(answer).only(0x30).ok_or(StampError::Form)?;
    let mut parts = answer.values();
    let status = parts.one(0x30).and_then(|status| status.values().one(0x02)).ok_or(StampError::Form)?;
    match status.inside {
        // Granted, or with changes that it tells of.
        [0 | 1] => {}
        [status] => return Err(StampError::Refused(*status)),
        _ => return Err(StampError::Form),
    }
    let token = parts.one(0x30).ok_or(StampError::Form)?;
    let moment = token::verified(token, hash, Some(positive(nonce)), trusted)?;
    Ok((token.whole.to_vec(), moment))
}

/// The moment that a token names, which was kept: proven again, but for the query, which was not.
pub fn verified(token: &[u8], hash: &[u8; 32], trusted: &Trusted) -> Result<Timestamp, StampError> {
    let token = Values(token).only(0x30).ok_or(StampError::Form)?;
    token::verified(token, hash, None, trusted)
}
