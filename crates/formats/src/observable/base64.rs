//! A part of a mail in Base64: what it says, and which of its letters says it.

use std::ops::Range;

use data_encoding::BASE64_NOPAD;

/// A part, decoded. What stands behind its padding, or behind what is no Base64, is left out.
pub(super) struct Decoded {
    /// What it says.
    pub bytes: Vec<u8>,
    /// Where each of its letters stands.
    letters: Vec<usize>,
}

impl Decoded {
    /// Decodes what stands in lines.
    pub fn of(written: &[u8]) -> Self {
        let (mut letters, mut packed) = (Vec::new(), Vec::new());
        for (at, byte) in written.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace()) {
            if !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/') {
                break;
            }
            letters.push(at);
            packed.push(*byte);
        }
        // A last letter alone holds six bits, and no byte.
        if packed.len() % 4 == 1 {
            packed.pop();
        }
        let bytes = BASE64_NOPAD.decode(&packed).unwrap_or_else(|wrong| {
            // Bits after the last byte that should be nought: without that byte.
            let whole = wrong.position / 4 * 4;
            BASE64_NOPAD.decode(&packed[..whole]).unwrap_or_default()
        });
        Self { bytes, letters }
    }

    /// Where what is decoded at `at`, which is not empty, stands.
    pub fn written(&self, at: &Range<usize>) -> Range<usize> {
        self.letters[at.start * 4 / 3]..self.letters[(at.end * 4 - 1) / 3] + 1
    }
}

#[cfg(test)]
mod tests {
    use super::Decoded;

    #[test]
    fn each_byte_stands_where_its_letters_do() {
        let written = b"ZXZp\r\nbC5u\nZXQ=\n--b";
        let decoded = Decoded::of(written);
        assert_eq!(decoded.bytes, b"evil.net");
        let span = |range| String::from_utf8_lossy(&written[decoded.written(&range)]).into_owned();
        assert_eq!((span(0..3), span(0..1), span(4..8)), ("ZXZp".into(), "ZX".into(), "C5u\nZXQ".into()));
        assert_eq!(span(2..3), "Zp");
        for odd in ["", "=", "Z", "ZX", "ZXZ", "Z!X", "ZY", "ZXZpZ"] {
            let decoded = Decoded::of(odd.as_bytes());
            assert!(decoded.bytes.len() <= odd.len() * 3 / 4, "{odd}");
        }
    }
}
