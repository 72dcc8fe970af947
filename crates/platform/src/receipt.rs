//! The number that an organisation quotes when it speaks of what it told or asked the CERT.

use std::{fmt, str::FromStr};

/// Letters and digits that are not taken for one another when they are read out.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Signs of a number.
const LENGTH: usize = 8;

/// A number such as `S-7K3Q-X2MB`, whose first letter says of what it is.
///
/// It is drawn by lot: numbers that run on would tell each organisation how many others report or ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt<const OF: char>(String);

impl<const OF: char> Receipt<OF> {
    /// The number that these bytes, drawn by lot, come to.
    pub fn drawn(bytes: [u8; LENGTH]) -> Self {
        let mut number = format!("{OF}-");
        for (place, byte) in bytes.into_iter().enumerate() {
            if place == LENGTH / 2 {
                number.push('-');
            }
            number.push(char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
        }
        Self(number)
    }

    /// The same as a number below 2^40, for systems that know things by numbers.
    pub fn number(&self) -> u64 {
        let signs = self.0.bytes().skip(2).filter_map(|sign| SIGNS.iter().position(|known| *known == sign));
        signs.fold(0, |number, place| number * 32 + place as u64)
    }

    /// The one of this number.
    pub fn numbered(number: u64) -> Option<Self> {
        if number >= 1 << 40 {
            return None;
        }
        let place = |from_end: usize| u8::try_from(number >> (5 * from_end) & 31).unwrap_or_default();
        Some(Self::drawn(std::array::from_fn(|at| place(LENGTH - 1 - at))))
    }

    /// The text, as columns have it.
    pub const fn code(&self) -> &str {
        self.0.as_str()
    }
}

impl<const OF: char> FromStr for Receipt<OF> {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim().to_ascii_uppercase();
        let signs = text.strip_prefix(OF).and_then(|rest| rest.strip_prefix('-')).ok_or(())?.replace('-', "");
        let known = signs.len() == LENGTH && signs.bytes().all(|sign| SIGNS.contains(&sign));
        known.then(|| Self(format!("{OF}-{}-{}", &signs[..LENGTH / 2], &signs[LENGTH / 2..]))).ok_or(())
    }
}

impl<const OF: char> fmt::Display for Receipt<OF> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const OF: char> db::FromValue for Receipt<OF> {
    fn from_value(value: db::Value) -> Result<Self, String> {
        let text = String::from_value(value)?;
        text.parse().map_err(|()| format!("\"{text}\" is not a receipt"))
    }
}

impl<const OF: char> From<&Receipt<OF>> for db::Value {
    fn from(receipt: &Receipt<OF>) -> Self {
        Self::from(receipt.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_as_people_say_it() {
        let receipt = Receipt::<'S'>::drawn([0, 1, 2, 31, 32, 255, 9, 77]);
        assert_eq!(receipt.to_string(), "S-234Z-2ZBF");
        assert_eq!(Receipt::numbered(receipt.number()), Some(receipt.clone()));
        assert_eq!(Receipt::<'S'>::numbered(1 << 40), None);
        assert_eq!("s-234z2zbf".parse(), Ok(receipt));
        for wrong in ["", "S-", "S-0000-0000", "S-234Z-2ZB", "234Z-2ZBF", "Q-234Z-2ZBF"] {
            assert_eq!(wrong.parse::<Receipt<'S'>>(), Err(()), "{wrong}");
        }
    }
}
