//! OpenPGP keys and signatures: the first byte says how much of the rest is keys, the remainder is a
//! signature over a document that nobody signed.
#![no_main]

use formats::openpgp::{self, Keys};
use jiff::Timestamp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((share, rest)) = bytes.split_first() else { return };
    let (keys, signature) = rest.split_at(rest.len() * usize::from(*share) / 255);
    let Ok(keys) = Keys::parse(keys).or_else(|_| Keys::parse(rest)) else { return };
    if let Ok(checked) = openpgp::check(b"unsigned", signature, &keys, Timestamp::UNIX_EPOCH) {
        assert!(checked.iter().all(|checked| !checked.outcome.is_good()));
    }
});
