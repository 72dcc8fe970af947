//! Single characters that pages, mail and JSON write as names or numbers.

/// HTML's names of those characters that matter to an address.
const NAMES: [(&[u8], u8); 18] = [
    (b"amp;", b'&'),
    (b"period;", b'.'),
    (b"commat;", b'@'),
    (b"colon;", b':'),
    (b"sol;", b'/'),
    (b"quot;", b'"'),
    (b"apos;", b'\''),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"nbsp;", b' '),
    (b"lbrack;", b'['),
    (b"lsqb;", b'['),
    (b"rbrack;", b']'),
    (b"rsqb;", b']'),
    (b"lowbar;", b'_'),
    (b"equals;", b'='),
    (b"quest;", b'?'),
    (b"num;", b'#'),
];

/// The character that stands at the start of `text`, such as `&#46;`, and the length of that.
pub(super) fn read(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.get(1..)?;
    if rest.first() == Some(&b'#') {
        let hexadecimal = matches!(rest.get(1), Some(b'x' | b'X'));
        let (from, radix) = if hexadecimal { (2, 16) } else { (1, 10) };
        let digits = rest.get(from..)?.iter().take(7).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let number = std::str::from_utf8(rest.get(from..from + digits)?).ok()?;
        let value = u32::from_str_radix(number, radix).ok()?;
        let end = rest.get(from + digits) == Some(&b';');
        let character = u8::try_from(value).ok().filter(|byte| (0x20..0x7f).contains(byte))?;
        return end.then_some((character, from + digits + 2));
    }
    let (name, meant) = NAMES.iter().find(|(name, _)| rest.starts_with(name))?;
    Some((*meant, name.len() + 1))
}

/// The same of JSON, such as `\u0026`.
pub(super) fn unicode_escape(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.get(2..6)?;
    if &digits[..2] != b"00" {
        return None;
    }
    hex_pair(digits[2], digits[3]).filter(|byte| b".:/@&=?-<>'\"%#_+".contains(byte)).map(|byte| (byte, 6))
}

/// A byte of two hexadecimal digits.
pub(super) fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? * 16 + digit(low)?)
}
