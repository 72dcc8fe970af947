//! What a password must be: long, not among those that are tried first, and not about its owner.
//!
//! No rules of composition and no expiry: both make people choose worse ones (NIST SP 800-63B,
//! 3.1.1.2; the NCSC's password guidance says the same).

use unicode_normalization::UnicodeNormalization as _;

use super::{common, hashing};
use crate::settings::Hashing;

/// The fewest characters of a password.
pub const SHORTEST: usize = 12;
/// The most: enough for any phrase, and a bound on what is hashed.
pub const LONGEST: usize = 256;

/// A password in one normal form, so that an accent means the same from every keyboard.
#[derive(Clone)]
pub struct Password(String);

/// Never shown, not even to whoever debugs.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

/// Why a password cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too easily tried out.
    #[error("Your password must be {SHORTEST} characters or more. Three or four random words are a good one")]
    TooShort,
    /// Longer than any phrase.
    #[error("Your password must be {LONGEST} characters or fewer")]
    TooLong,
    /// On the list of those that are tried first, or made from one.
    #[error("Choose a password that is harder to guess. Attackers try this one, or one like it, first")]
    Common,
    /// It holds what everybody knows of its owner.
    #[error("Your password must not contain \u{201c}{0}\u{201d}, which is easy to guess for who knows you")]
    Personal(String),
}

/// What everybody knows of a person, and their password must not hold.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The names of the organisations they belong to.
    pub organisations: Vec<String>,
}

impl Password {
    /// A password as it was typed to be compared; nothing is asked of it.
    pub fn typed(text: &str) -> Self {
        // One character more than is allowed can never be right.
        Self(text.nfc().take(LONGEST + 1).collect())
    }

    /// A password that its owner chooses.
    pub fn chosen(text: &str, known: &Known) -> Result<Self, Weak> {
        let password: String = text.nfc().collect();
        match password.chars().count() {
            ..SHORTEST => return Err(Weak::TooShort),
            SHORTEST..=LONGEST => {}
            _ => return Err(Weak::TooLong),
        }
        let folded = password.to_lowercase();
        if let Some(word) = known.words().into_iter().find(|word| folded.contains(word.as_str())) {
            return Err(Weak::Personal(word));
        }
        if common::is_common(&password) {
            return Err(Weak::Common);
        }
        Ok(Self(password))
    }

    /// The hash to keep of it, made here and now: for the seeds of demonstrations and tests, which
    /// have no requests to answer meanwhile.
    pub fn hashed(&self, cost: Hashing, salt: [u8; 16]) -> String {
        hashing::make(&hashing::hasher(cost), self, &salt)
    }

    /// What is hashed.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Known {
    /// The words of four letters or more; shorter ones are within many innocent words.
    fn words(&self) -> Vec<String> {
        let local = self.email.rsplit_once('@').map_or("", |(local, _)| local);
        let texts = [self.name.as_str(), local, "carecert"];
        texts
            .into_iter()
            .chain(self.organisations.iter().map(String::as_str))
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.chars().count() >= 4)
            .map(|word| word.nfc().collect::<String>().to_lowercase())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            name: "Siân Okonkwo".to_owned(),
            email: "s.okonkwo99@leedsth.nhs.uk".to_owned(),
            organisations: vec!["Leeds Teaching Hospitals NHS Trust".to_owned()],
        }
    }

    fn refusal(text: &str) -> Option<Weak> {
        Password::chosen(text, &known()).err()
    }

    #[test]
    fn short_long_common_and_personal_passwords_are_refused() {
        assert_eq!(refusal("short words"), Some(Weak::TooShort));
        assert_eq!(refusal(&"long words ".repeat(24)), Some(Weak::TooLong));
        assert_eq!(refusal("password1234"), Some(Weak::Common));
        assert_eq!(refusal("my name is OKONKWO"), Some(Weak::Personal("okonkwo".to_owned())));
        assert_eq!(refusal("up the leeds road"), Some(Weak::Personal("leeds".to_owned())));
        assert_eq!(refusal("CareCERT is my tool"), Some(Weak::Personal("carecert".to_owned())));
    }

    #[test]
    fn a_phrase_is_enough_and_short_words_of_the_name_do_not_count() {
        assert_eq!(refusal("purple tractor sings"), None);
        assert_eq!(refusal("the nhs at night, quietly"), None);
    }

    #[test]
    fn an_accent_is_the_same_however_it_was_typed() {
        let (one, two) = (Password::typed("gl\u{f4}yn"), Password::typed("glo\u{302}yn"));
        assert_eq!(one.bytes(), two.bytes());
        assert_eq!(refusal("mae SIA\u{302}N yn canu"), Some(Weak::Personal("si\u{e2}n".to_owned())));
    }
}
