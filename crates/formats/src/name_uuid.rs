//! UUIDs that are made of names (RFC 9562, version 5): whoever makes one of the same name in the same namespace makes the
//! same, anywhere and again.

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// The namespace of addresses (RFC 9562, section 6.6).
pub const OF_URLS: u128 = 0x6ba7_b811_9dad_11d1_80b4_00c0_4fd4_30c8;

/// The UUID of a name in a namespace.
pub fn name_uuid(namespace: u128, name: &[u8]) -> u128 {
    let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(&namespace.to_be_bytes());
    hash.update(name);
    let digest = hash.finish();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    u128::from_be_bytes(bytes)
}

/// A UUID as it is written, in small letters with its hyphens.
pub fn hyphenated(uuid: u128) -> String {
    let digits = format!("{uuid:032x}");
    let (a, b, c, d) = (&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20]);
    format!("{a}-{b}-{c}-{d}-{}", &digits[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // RFC 9562, appendix A.4, whose name is in the namespace of domains.
        let domains = OF_URLS - (1 << 96);
        let made = name_uuid(domains, b"www.example.com");
        assert_eq!(hyphenated(made), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
