//! Mails that nobody has to read, and the link in each by which its reader stops them without an account.
//!
//! A link names the contact and the mailing, and is sealed under a secret of the installation, so that nobody makes
//! one for another's mailbox, and a guess asks nothing of the database. It holds for one address: once the contact
//! has another, it stops nothing. Alerts are no mailing: whoever has to act is told.

mod actions;
mod pages;
mod store;

use data_encoding::BASE64URL_NOPAD;
use db::DbError;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::{
    App,
    access::Rule,
    account,
    organisation::contact::ContactId,
    web::{Error, Route},
};

/// A mail that comes regularly and that nobody has to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailing {
    /// What was published in a week.
    Bulletin,
    /// What was put off to a moment of the day, as its reader chose.
    Digest,
}

impl Mailing {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Bulletin, Self::Digest];

    /// The word in a message's fields, in `List-Id` and in the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bulletin => "bulletin",
            Self::Digest => "digest",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Bulletin => "Weekly bulletin",
            Self::Digest => "Daily digest",
        }
    }

    const fn letter(self) -> u8 {
        match self {
            Self::Bulletin => b'b',
            Self::Digest => b'd',
        }
    }
}

impl std::str::FromStr for Mailing {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|mailing| mailing.code() == text).ok_or(())
    }
}

/// The rows of what is stopped by a link.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/mailings/{link}", Rule::Anyone, pages::ask).sample("/mailings/{mailing_link}"),
        Route::post("/mailings/{link}", Rule::Holder, pages::stop).sample("/mailings/{mailing_link}"),
        Route::post("/mailings/{link}/again", Rule::Holder, pages::send_again)
            .sample("/mailings/{mailing_link}/again"),
    ]
}

/// The address at which the reader of a mail to `address`, a contact's, stops the mailing.
pub async fn link(app: &App, mailing: Mailing, contact: ContactId, address: &str) -> Result<String, DbError> {
    let sealed = secret(app).await?.seal(&Held { mailing, contact }, address);
    Ok(app.link(&format!("/mailings/{sealed}")))
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    mailing: Mailing,
    contact: ContactId,
}

/// How much of a sum stands in a link, in bytes: of the address, and over it all.
const OF_ADDRESS: usize = 8;
const OF_ALL: usize = 16;
/// The mailing's letter, the contact, the sum of the address.
const HEAD: usize = 1 + 16 + OF_ADDRESS;

/// What links are sealed under.
struct Secret([u8; 32]);

impl Secret {
    fn sum(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut sum = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in parts {
            sum.update(part);
        }
        sum
    }

    /// So that a link tells of no address, and holds for one alone.
    fn of_address(&self, address: &str) -> Vec<u8> {
        let sum = self.sum(&[b"address ", account::folded(address).as_bytes()]);
        sum.finalize().into_bytes()[..OF_ADDRESS].to_vec()
    }

    fn seal(&self, held: &Held, address: &str) -> String {
        let mut bytes = vec![held.mailing.letter()];
        bytes.extend(held.contact.0.as_bytes());
        bytes.extend(self.of_address(address));
        let sum = self.sum(&[b"mailing ", &bytes]).finalize().into_bytes();
        bytes.extend(&sum[..OF_ALL]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// What a link is for, and the sum of the address that it holds for; `None` where it is none of ours.
    fn open(&self, link: &str) -> Option<(Held, Vec<u8>)> {
        let bytes = BASE64URL_NOPAD.decode(link.as_bytes()).ok()?;
        let (head, sum) = bytes.split_at_checked(HEAD).filter(|(_, sum)| sum.len() == OF_ALL)?;
        self.sum(&[b"mailing ", head]).verify_truncated_left(sum).ok()?;
        let mailing = Mailing::ALL.into_iter().find(|mailing| mailing.letter() == head[0])?;
        let contact = ContactId(Uuid::from_slice(&head[1..17]).ok()?);
        Some((Held { mailing, contact }, head[17..].to_vec()))
    }
}

/// The secret of the installation: in the database, so that it is the same on each node; read once by each process.
async fn secret(app: &App) -> Result<std::sync::Arc<Secret>, DbError> {
    if let Some(secret) = app.remembered::<Secret>() {
        return Ok(secret);
    }
    let kept = store::secret(&mut app.read().await?).await?;
    let secret = if let Some(secret) = kept {
        secret
    } else {
        let mut tx = app.write().await?;
        let drawn = tx.bytes();
        store::keep_secret(&mut tx, drawn).await?;
        let kept = store::secret(&mut tx).await?.ok_or(DbError::Broken)?;
        tx.commit().await?;
        kept
    };
    let secret = Secret(secret.try_into().map_err(|_| DbError::Broken)?);
    app.remember(secret);
    app.remembered::<Secret>().ok_or(DbError::Broken)
}

/// Why a link did nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailingError {
    /// It is none of ours.
    #[error("This link is not complete.")]
    NoLink,
    /// Its contact is no more, or has another address.
    #[error("This address is no longer a contact of an organisation, so that nothing more is sent to it.")]
    Ended,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<MailingError> for Error {
    fn from(error: MailingError) -> Self {
        match error {
            MailingError::NoLink => Self::NotFound,
            MailingError::Ended => Self::Conflict(error.to_string()),
            MailingError::Db(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_as_it_was_sealed_and_no_other_does() {
        let (secret, other) = (Secret([7; 32]), Secret([8; 32]));
        let held = Held { mailing: Mailing::Digest, contact: ContactId(Uuid::from_u128(42)) };
        let link = secret.seal(&held, "It@Trust.example");
        assert_eq!(secret.open(&link), Some((held, secret.of_address("it@trust.example"))));
        assert_ne!(secret.of_address("it@trust.example"), secret.of_address("at@trust.example"));
        assert_eq!(other.open(&link), None);
        for place in 0..link.len() {
            let mut changed = link.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(secret.open(&String::from_utf8(changed).unwrap()), None, "{place}");
        }
        for wrong in ["", "x", &link[1..], &format!("{link}AAAA")] {
            assert_eq!(secret.open(wrong), None, "{wrong}");
        }
    }
}
