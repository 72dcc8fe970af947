//! The number that an organisation quotes when it speaks of a sighting.

use std::{fmt, str::FromStr};

/// Letters and digits that are not taken for one another when they are read out.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Signs of a number.
const LENGTH: usize = 8;

/// A number such as `S-7K3Q-X2MB`.
///
/// It is drawn by lot: numbers that run on would tell each organisation how many others report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// The number that these bytes, drawn by lot, come to.
    pub(super) fn drawn(bytes: [u8; LENGTH]) -> Self {
        let mut number = "S-".to_owned();
        for (place, byte) in bytes.into_iter().enumerate() {
            if place == LENGTH / 2 {
                number.push('-');
            }
            number.push(char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
        }
        Self(number)
    }

    /// The text, as columns have it.
    pub const fn code(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Receipt {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim().to_ascii_uppercase();
        let signs = text.strip_prefix("S-").ok_or(())?.replace('-', "");
        let known = signs.len() == LENGTH && signs.bytes().all(|sign| SIGNS.contains(&sign));
        known.then(|| Self(format!("S-{}-{}", &signs[..LENGTH / 2], &signs[LENGTH / 2..]))).ok_or(())
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl db::FromValue for Receipt {
    fn from_value(value: db::Value) -> Result<Self, String> {
        let text = String::from_value(value)?;
        text.parse().map_err(|()| format!("\"{text}\" is not a receipt"))
    }
}

impl From<&Receipt> for db::Value {
    fn from(receipt: &Receipt) -> Self {
        Self::from(receipt.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_as_people_say_it() {
        let receipt = Receipt::drawn([0, 1, 2, 31, 32, 255, 9, 77]);
        assert_eq!(receipt.to_string(), "S-234Z-2ZBF");
        assert_eq!("s-234z2zbf".parse(), Ok(receipt));
        for wrong in ["", "S-", "S-0000-0000", "S-234Z-2ZB", "234Z-2ZBF"] {
            assert_eq!(wrong.parse::<Receipt>(), Err(()), "{wrong}");
        }
    }
}
