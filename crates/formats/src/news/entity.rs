//! The characters that XML and HTML write by name or number, such as `&eacute;` and `&#233;`.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// The longest name of a character is that of ∳, with 31 letters.
const LONGEST_NAME: usize = 32;

/// What stands for `&name;`, without its marks. Names that a document defines itself are not
/// known: whoever expands those can be made to write a terabyte.
pub(super) fn character(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else { return resolve_html5_entity(name).map(Cow::Borrowed) };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => number.parse().ok()?,
    };
    // Numbers from 128 to 159 are meant, and shown by browsers, as Windows-1252.
    let character = match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9F) => return crate::windows_1252::decode(&[byte]).map(Cow::Owned),
        _ => char::from_u32(code)?,
    };
    Some(Cow::Owned(character.to_string()))
}

/// A text with its characters in place; what is no name stays as it stands.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(LONGEST_NAME).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((character(&rest[..end])?, end)));
        if let Some((character, end)) = found {
            decoded.push_str(&character);
            rest = &rest[end + 1..];
        } else {
            decoded.push('&');
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_put_in_place_once() {
        for (text, meant) in [
            ("Caf&eacute; &amp; &#39;bar&#x27;", "Café & 'bar'"),
            ("AT&T & R&D;", "AT&T & R&D;"),
            ("&amp;lt;script&amp;gt;", "&lt;script&gt;"),
            ("St Mary&#146;s", "St Mary’s"),
            ("&#xD800; &#1114112; &#-1; &#; &;", "&#xD800; &#1114112; &#-1; &#; &;"),
            ("&é;&", "&é;&"),
        ] {
            assert_eq!(decoded(text), meant);
        }
        let long = format!("&{};", "a".repeat(1_000_000));
        assert_eq!(decoded(&long), long);
    }
}
