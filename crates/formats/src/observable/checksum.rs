//! The checksums within addresses: what fails one is something else that looks alike.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};
use sha3::Sha3_256;

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Whether a word is a Bitcoin address of the main network: base58check, or bech32 and bech32m as
/// BIP 173 and BIP 350 have them.
pub(super) fn is_bitcoin(word: &[u8]) -> bool {
    match word.first() {
        Some(b'1' | b'3') => (26..=35).contains(&word.len()) && is_base58check(word),
        Some(b'b' | b'B') => (14..=74).contains(&word.len()) && is_segwit(word),
        _ => false,
    }
}

fn is_base58check(word: &[u8]) -> bool {
    let mut bytes = [0u8; 25];
    for letter in word {
        let Some(digit) = BASE58.iter().position(|known| known == letter) else { return false };
        let mut carry = digit;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            return false;
        }
    }
    // A leading 1 stands for a leading zero byte, in both directions.
    let ones = word.iter().take_while(|letter| **letter == b'1').count();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let (payload, checksum) = bytes.split_at(21);
    matches!(bytes[0], 0x00 | 0x05)
        && (bytes[0] != 0 || ones == zeros)
        && &Sha256::digest(Sha256::digest(payload))[..4] == checksum
}

fn is_segwit(word: &[u8]) -> bool {
    let small = word.iter().all(|byte| !byte.is_ascii_uppercase());
    let capital = word.iter().all(|byte| !byte.is_ascii_lowercase());
    if !(small || capital) || !word[..3].eq_ignore_ascii_case(b"bc1") {
        return false;
    }
    // The human-readable part "bc", expanded.
    let mut check = [3, 3, 0, 2, 3].into_iter().fold(1, polymod);
    let mut version = None;
    for letter in &word[3..] {
        let Some(digit) = BECH32.iter().position(|known| known.eq_ignore_ascii_case(letter)) else {
            return false;
        };
        let digit = u32::try_from(digit).unwrap_or_default();
        version.get_or_insert(digit);
        check = polymod(check, digit);
    }
    match version {
        Some(0) => check == 1 && matches!(word.len(), 42 | 62),
        Some(1..=16) => check == 0x2bc8_30a3,
        _ => false,
    }
}

fn polymod(check: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = check >> 25;
    let next = ((check & 0x01ff_ffff) << 5) ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold(next, |next, (_, term)| next ^ term)
}

/// Whether a label, in small letters, names an onion service: 16 letters, which have no checksum, of the
/// old kind, or 56 with one (rend-spec-v3, section 6).
pub(super) fn is_onion(label: &str) -> bool {
    let Ok(bytes) = BASE32_NOPAD.decode(label.to_ascii_uppercase().as_bytes()) else { return false };
    match (label.len(), bytes.len()) {
        (16, 10) => true,
        (56, 35) => {
            let (key, rest) = bytes.split_at(32);
            let sum = Sha3_256::new()
                .chain_update(b".onion checksum")
                .chain_update(key)
                .chain_update([3])
                .finalize();
            rest == [sum[0], sum[1], 3]
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_what_looks_alike() {
        for right in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p5d7rjq7g6rdk2yhzks9smlaqtedr4dekq08ge8ztwac72sfr9rusxg3297",
        ] {
            assert!(is_bitcoin(right.as_bytes()), "{right}");
        }
        for wrong in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "11A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp",
            "bc1Qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "1adf28a71089acdbab5038f58044c0ab",
            "bc1",
        ] {
            assert!(!is_bitcoin(wrong.as_bytes()), "{wrong}");
        }
        assert!(is_onion("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid"));
        assert!(!is_onion("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wie"));
        assert!(is_onion("xmh57jrzrnw6insl") && !is_onion("foo"));
    }
}
