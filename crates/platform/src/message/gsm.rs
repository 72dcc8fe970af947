//! How long a text message is: the GSM 7-bit alphabet (3GPP TS 23.038), and how many parts a network
//! makes of it. One part holds 160 letters; of several, each 153.

/// The basic alphabet, without the letters that have a place in ASCII as they are.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                     ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Letters that take the place of two.
const EXTENDED: &str = "^{}\\[~]|€";

/// How many parts a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Letters, where those that take two places count twice.
    pub length: usize,
    /// Parts.
    pub parts: usize,
}

impl Parts {
    /// Those of `text`, which holds only what [`bounded`] leaves in it.
    pub fn of(text: &str) -> Self {
        let length = text.chars().map(width).sum();
        let parts = if length <= 160 { 1 } else { usize::div_ceil(length, 153) };
        Self { length, parts }
    }
}

fn width(letter: char) -> usize {
    if EXTENDED.contains(letter) { 2 } else { 1 }
}

/// `text` in the alphabet, whatever it lacks as "?", and no longer than `most`. A letter outside it would
/// have the whole sent in another alphabet, in which a part holds 70.
pub fn bounded(text: &str, most: usize) -> String {
    let mut length = 0;
    let plain = text.chars().map(|letter| match letter {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        '\u{a0}' => ' ',
        letter if BASIC.contains(letter) || EXTENDED.contains(letter) => letter,
        _ => '?',
    });
    plain
        .take_while(|letter| {
            length += width(*letter);
            length <= most
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_as_networks_do() {
        for (length, parts) in [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3)] {
            assert_eq!(Parts::of(&"a".repeat(length)), Parts { length, parts }, "{length}");
        }
        assert_eq!(Parts::of(&"€".repeat(81)), Parts { length: 162, parts: 2 });
        assert_eq!(BASIC.chars().count(), 127, "all but the escape to the extension");
    }

    #[test]
    fn what_the_alphabet_lacks_is_replaced_and_the_length_kept() {
        assert_eq!(
            bounded("the CERT\u{2019}s \u{201c}desk\u{201d} \u{2013} Dŵr", 100),
            "the CERT's \"desk\" - D?r"
        );
        assert_eq!(bounded("€€€", 5), "€€");
        assert_eq!(bounded("abc", 2), "ab");
    }
}
