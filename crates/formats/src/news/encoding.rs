//! Which encoding an XML feed is in, and its text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::Refusal;
use crate::refusal::excerpt;

/// The text of a document: by its byte order mark, else as it declares, else as UTF-8. What
/// is not UTF-8 though it should be is read as Windows-1252, which old publishing systems write.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[length..]).0);
    }
    let encoding = match declared(bytes) {
        // A declaration that was read byte by byte is not in UTF-16, whatever it says.
        Some(label) => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding.is_ascii_compatible() => encoding,
            Some(_) => UTF_8,
            None => {
                let reason = format!("The feed is in the encoding {}, which is not known.", excerpt(label));
                return Err(Refusal::at(1, reason));
            }
        },
        None => UTF_8,
    };
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken && encoding == UTF_8 {
        return Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0);
    }
    Ok(text)
}

/// The label in `<?xml version="1.0" encoding="…"?>`.
fn declared(bytes: &[u8]) -> Option<&str> {
    const LONGEST_DECLARATION: usize = 256;
    let head = &bytes[..bytes.len().min(LONGEST_DECLARATION)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.iter().position(|&byte| byte == b'>')?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split_once(quote).map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_read() {
        let feed = |label: &str| format!("<?xml version='1.0' encoding='{label}'?><a>");
        for (bytes, text) in [
            (b"\xEF\xBB\xBFCaf\xC3\xA9".to_vec(), "Café"),
            (b"\xFF\xFEC\0\xE9\0".to_vec(), "Cé"),
            (b"\xFE\xFF\0C\0\xE9".to_vec(), "Cé"),
            (b"<a>Caf\xC3\xA9".to_vec(), "<a>Café"),
            // Not declared, and not UTF-8.
            (b"<a>St Mary\x92s Caf\xE9".to_vec(), "<a>St Mary’s Café"),
        ] {
            assert_eq!(decode(&bytes).unwrap(), text);
        }
        for (label, bytes, text) in [
            ("windows-1252", &b"St Mary\x92s"[..], "St Mary’s"),
            ("ISO-8859-1", b"Caf\xE9", "Café"),
            ("iso-8859-2", b"\xA3\xF3d\xBC", "Łódź"),
            ("Shift_JIS", b"\x93\xFA\x96\x7B", "日本"),
            ("UTF-8", b"Caf\xC3\xA9", "Café"),
            ("utf-16", b"Caf\xC3\xA9", "Café"),
        ] {
            let mut document = feed(label).into_bytes();
            document.extend_from_slice(bytes);
            assert!(decode(&document).unwrap().ends_with(text), "{label}");
        }
        assert!(decode(feed("klingon").as_bytes()).unwrap_err().reason.contains("“klingon”"));
    }
}
