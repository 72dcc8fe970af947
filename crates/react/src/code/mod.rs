//! One-time codes, by which an organisation reports when nobody there can sign in.
//!
//! They stand on a sheet of paper and nowhere else: what is kept of one is a hash. Each works once, one by one
//! or with its sheet they can be revoked, and what is answered to one that is wrong, used or revoked never tells
//! which. See docs/decisions/0023-codes.md.

pub mod actions;
mod pages;
pub mod store;

use std::{fmt, str::FromStr};

use platform::{access::Forbidden, account::AccountError, web};
use sha2::{Digest, Sha256};

pub(crate) use pages::routes;

db::id! {
    /// Names a code, used or not.
    pub CodeId
}
db::id! {
    /// Names a sheet of codes.
    pub SheetId
}

/// Letters and digits that are not taken for one another when they are read in bad light.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Signs of a code: 80 bits, so that a plain hash of it is worth nothing to whoever steals the table.
const LENGTH: usize = 16;
/// Signs between two hyphens.
const GROUP: usize = 4;
/// The most codes on a sheet.
pub const MOST_CODES: i64 = 20;
/// The most sheets of an organisation that still hold codes.
pub const MOST_SHEETS: i64 = 20;

/// A code in clear: on its way to the paper, or as somebody typed it.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(String);

impl OneTimeCode {
    /// The code that these bytes, drawn by lot, come to.
    pub fn drawn(bytes: [u8; LENGTH]) -> Self {
        Self(bytes.iter().map(|byte| char::from(SIGNS[usize::from(*byte) % SIGNS.len()])).collect())
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update("react one-time code\0").chain_update(&self.0).finalize().into()
    }
}

impl FromStr for OneTimeCode {
    type Err = ();

    /// As people type it: in small letters, with spaces, hyphens or none.
    fn from_str(text: &str) -> Result<Self, ()> {
        let signs: String = text
            .chars()
            .filter(|sign| !sign.is_whitespace() && !matches!(sign, '-' | '\u{2010}'..='\u{2015}'))
            .map(|sign| sign.to_ascii_uppercase())
            .take(LENGTH + 1)
            .collect();
        let known = signs.len() == LENGTH && signs.bytes().all(|sign| SIGNS.contains(&sign));
        known.then_some(Self(signs)).ok_or(())
    }
}

impl fmt::Display for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, sign) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{sign}")?;
        }
        Ok(())
    }
}

/// A code is a secret: it is not written where errors are.
impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode")
    }
}

/// Why something was not done with codes.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// It is wrong, was used, or was revoked; which of them is not said.
    #[error("This code does not work. Check it against the sheet, use the next one on it, or ring us")]
    Wrong,
    /// Too many attempts.
    #[error("Too many codes were tried. Try again in {0} seconds, or ring us")]
    Wait(u64),
    /// There is no such sheet, code or organisation for this actor.
    #[error("There is nothing here, or nothing that you can see.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Enough sheets lie about.
    #[error(
        "There are {MOST_SHEETS} sheets with codes that work. Revoke those that are lost before you print another."
    )]
    TooMany,
    /// Somebody else was faster.
    #[error("This was revoked already. Reload the page to see when.")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<AccountError> for CodeError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Wait(seconds) => Self::Wait(seconds),
            AccountError::Db(error) => Self::Database(error),
            _ => Self::Wrong,
        }
    }
}

impl From<CodeError> for web::Error {
    fn from(error: CodeError) -> Self {
        let sentence = error.to_string();
        match error {
            CodeError::Wait(seconds) => Self::TooMany(seconds),
            CodeError::Wrong => Self::Unprocessable(sentence),
            CodeError::NotFound => Self::NotFound,
            CodeError::Forbidden(forbidden) => forbidden.into(),
            CodeError::TooMany | CodeError::Overtaken => Self::Conflict(sentence),
            CodeError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = OneTimeCode::drawn(std::array::from_fn(|place| u8::try_from(place * 7).unwrap()));
        let printed = code.to_string();
        assert_eq!(printed.len(), 19);
        for typed in
            [printed.clone(), printed.to_lowercase(), printed.replace('-', " "), printed.replace('-', "")]
        {
            assert_eq!(typed.parse::<OneTimeCode>().map(|read| read.hash()), Ok(code.hash()), "{typed}");
        }
        for wrong in ["", "2222", "0000-0000-0000-0000", "2222-2222-2222-22222"] {
            assert!(wrong.parse::<OneTimeCode>().is_err(), "{wrong}");
        }
        assert!(!format!("{code:?}").contains(&printed[..4]));
    }
}
