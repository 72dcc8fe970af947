//! Keys as text (BIP 173): 32 bytes behind a word that says what they are, with a checksum of six letters.

const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Letters of the checksum.
const CHECKED: usize = 6;

/// The bytes behind `word`; `None` where it is another word, another length or mistyped.
pub(super) fn decode(word: &str, text: &str) -> Option<[u8; 32]> {
    let is_mixed =
        text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase());
    let text = text.to_ascii_lowercase();
    let letters = text.strip_prefix(word)?.strip_prefix('1')?;
    let place = |letter: u8| LETTERS.iter().position(|known| *known == letter);
    let values: Option<Vec<u8>> =
        letters.bytes().map(|letter| place(letter).and_then(|place| u8::try_from(place).ok())).collect();
    let values = values.filter(|values| !is_mixed && checksum(word, values) == 1)?;
    let data = values.get(..values.len().checked_sub(CHECKED)?)?;
    let (bytes, rest) = regrouped(data, 5, 8);
    // What is left over of the last letter is fewer bits than one has, and all of them nought.
    let is_whole = rest.is_none_or(|(bits, value)| bits < 5 && value == 0);
    bytes.try_into().ok().filter(|_| is_whole)
}

/// These bytes behind `word`.
pub(super) fn encode(word: &str, bytes: &[u8; 32]) -> String {
    let (mut values, rest) = regrouped(bytes, 8, 5);
    values.extend(rest.map(|(bits, value)| value << (5 - bits)));
    let data = values.len();
    values.extend([0; CHECKED]);
    let sum = checksum(word, &values) ^ 1;
    for (place, value) in values[data..].iter_mut().enumerate() {
        *value = ((sum >> (5 * (CHECKED - 1 - place))) & 31).to_le_bytes()[0];
    }
    let letters = values.into_iter().map(|value| char::from(LETTERS[usize::from(value & 31)]));
    format!("{word}1{}", letters.collect::<String>())
}

/// Groups of `from` bits as groups of `to` bits, and what is left over: how many bits, and their value.
fn regrouped(values: &[u8], from: u32, to: u32) -> (Vec<u8>, Option<(u32, u8)>) {
    let (mut held, mut bits, mut groups) = (0_u32, 0, Vec::new());
    for value in values {
        held = (held << from) | u32::from(*value);
        bits += from;
        while bits >= to {
            bits -= to;
            groups.push((held >> bits).to_le_bytes()[0]);
            held &= (1 << bits) - 1;
        }
    }
    (groups, (bits > 0).then(|| (bits, held.to_le_bytes()[0])))
}

fn checksum(word: &str, values: &[u8]) -> u32 {
    const TURNS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = word.bytes().map(|byte| byte >> 5);
    let low = word.bytes().map(|byte| byte & 31);
    high.chain([0]).chain(low).chain(values.iter().copied()).fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let sum = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let turned = TURNS.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
        turned.fold(sum, |sum, (_, turn)| sum ^ turn)
    })
}
