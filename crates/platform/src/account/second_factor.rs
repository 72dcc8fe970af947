//! The second factor: six digits from an authenticator app (TOTP, RFC 6238), and the recovery codes
//! for whoever has lost it.
//!
//! SHA-1, 30 seconds, six digits: what every app understands; the RFC's section 1.2 says why SHA-1
//! is no weakness here.

use data_encoding::{BASE32_NOPAD, Specification};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Totp};

use crate::{Tx, access::PersonId};

/// How long a code stands.
const STEP: u64 = 30;
/// How many recovery codes there are.
const CODES: usize = 10;

/// The secret that an authenticator app and we share.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret([u8; 20]);

/// Never shown, not even to whoever debugs.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A new one: 160 bits, as RFC 4226, section 4, advises.
    pub fn new(tx: &Tx) -> Self {
        Self(tx.bytes())
    }

    /// The secret in the bytes of a row; `None` where they cannot be one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes to keep.
    pub const fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The code that stands at `now`, for demonstrations and tests.
    pub fn code(&self, now: Timestamp) -> String {
        self.totp().generate(seconds(now)).to_string()
    }

    /// The step whose code this is: the present one or its neighbours, for clocks that are a little
    /// off, if it is later than the last that was used. A code works once.
    pub(super) fn step_of(&self, typed: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let step = i64::try_from(self.totp().check(&typed, seconds(now))?).ok()?;
        (last.is_none_or(|last| step > last)).then_some(step)
    }

    /// As people type it into an app that cannot see: groups of four.
    pub(super) fn in_groups(&self) -> String {
        grouped(&BASE32_NOPAD.encode(&self.0))
    }

    /// The address that the QR code holds. Apps show the issuer and the account.
    pub(super) fn address(&self, account: &str) -> String {
        let account: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
        let secret = BASE32_NOPAD.encode(&self.0);
        format!("otpauth://totp/CareCERT:{account}?secret={secret}&issuer=CareCERT")
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_secret(self.0)
            .with_skew(1)
            .with_step_duration(STEP)
            .with_digits(6)
            .build_noncompliant()
    }
}

fn seconds(now: Timestamp) -> u64 {
    now.as_second().unsigned_abs()
}

fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// New recovery codes, to be shown once.
///
/// 80 bits each, so that a fast hash of them may be kept: nobody can try 2^80.
pub(super) fn new_codes(tx: &Tx) -> Vec<String> {
    (0..CODES).map(|_| grouped(&alphabet().encode(&tx.bytes::<10>()))).collect()
}

/// What is kept of a recovery code, however it was typed.
pub(super) fn code_hash(person: PersonId, typed: &str) -> [u8; 32] {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::new()
        .chain_update("recovery code")
        .chain_update(person.0.as_bytes())
        .chain_update(plain.to_ascii_lowercase())
        .finalize()
        .into()
}

/// Crockford's letters and digits, without those that are taken for one another on paper.
fn alphabet() -> data_encoding::Encoding {
    let mut alphabet = Specification::new();
    alphabet.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    alphabet.encoding().expect("32 symbols, each once")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, the last six digits.
        let secret = Secret(*b"12345678901234567890");
        assert_eq!(secret.code(at(59)), "287082");
        assert_eq!(secret.code(at(1_111_111_109)), "081804");
    }

    #[test]
    fn a_code_works_once_and_a_step_to_either_side() {
        let secret = Secret(*b"12345678901234567890");
        let now = at(1_700_000_010);
        for away in [-30, 0, 30] {
            let code = secret.code(at(1_700_000_010 + away));
            let step = secret.step_of(&format!(" {} {}", &code[..3], &code[3..]), now, None);
            assert_eq!(step, Some((1_700_000_010 + away) / 30));
            assert_eq!(secret.step_of(&code, now, step), None);
        }
        assert_eq!(secret.step_of(&secret.code(at(1_700_000_100)), now, None), None);
        for nonsense in ["", "12345", "abcdef", "1234567", "１２３４５６"] {
            assert_eq!(secret.step_of(nonsense, now, None), None, "{nonsense}");
        }
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let person = PersonId(uuid::Uuid::nil());
        let kept = code_hash(person, "ab2c-d3ef-gh4j-km5n");
        assert_eq!(code_hash(person, " AB2C D3EF GH4J KM5N "), kept);
        assert_ne!(code_hash(PersonId(uuid::Uuid::max()), "ab2c-d3ef-gh4j-km5n"), kept);
    }
}
