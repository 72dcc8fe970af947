//! The password of an archive in which evidence is handed out. It is drawn here, shown beside the button that hands the
//! archive out, and kept nowhere: each archive has its own.

use std::{fmt, str::FromStr};

/// Letters and digits that are not taken for one another when they are read out.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Of five bits each: a hundred in all, since the format lets each try cost little.
const LENGTH: usize = 20;
const GROUP: usize = 5;

/// A password such as `7K3QX-2MB9P-…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The one that these bytes, drawn by lot, come to.
    pub fn drawn(bytes: [u8; LENGTH]) -> Self {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (place, byte) in bytes.into_iter().enumerate() {
            if place > 0 && place.is_multiple_of(GROUP) {
                text.push('-');
            }
            text.push(char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
        }
        Self(text)
    }

    /// The text, hyphens and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// No log shows it.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl FromStr for Password {
    type Err = ();

    /// Takes back what was drawn, and nothing weaker.
    fn from_str(text: &str) -> Result<Self, ()> {
        let groups: Vec<_> = text.split('-').collect();
        let whole = groups.len() == LENGTH / GROUP
            && groups
                .iter()
                .all(|group| group.len() == GROUP && group.bytes().all(|sign| SIGNS.contains(&sign)));
        whole.then(|| Self(text.to_owned())).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_is_taken_back_and_nothing_weaker() {
        let drawn = Password::drawn([0, 1, 2, 31, 32, 255, 9, 77, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(drawn.as_str(), "234Z2-ZBF56-789AB-CDEFG");
        assert_eq!(drawn.as_str().parse(), Ok(drawn));
        for weak in ["", "infected", "-----", "234Z2-ZBF56-789AB-CDEF", "234z2-ZBF56-789AB-CDEFG"] {
            assert_eq!(weak.parse::<Password>(), Err(()), "{weak}");
        }
    }
}
