//! Windows-1252, the encoding in which older spreadsheets still save a CSV file.

/// The characters at 0x80 to 0x9F, where Windows-1252 differs from Unicode's first 256; five
/// places are empty.
const HIGH: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// The text that `bytes` spell, or nothing where a byte has no meaning.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    bytes
        .iter()
        .map(|&byte| match byte {
            0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
            _ => Some(char::from(byte)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_spreadsheet_writes() {
        assert_eq!(decode(b"St Mary\x92s Caf\xE9 \x96 \x801").as_deref(), Some("St Mary’s Café – €1"));
        assert_eq!(decode(b"\x81"), None);
    }
}
