//! Messages to people, whatever the channel, and the fate of each.
//!
//! Rows are themselves the queue. What a message says is rendered when it is sent, by the service
//! that knows its kind, from the fields kept with it. Its Message-ID is its row's id, so that a
//! send repeated after a crash is recognised by the recipient's server as the same mail.

mod carrier;
mod deliver;
mod digest;
mod gsm;
mod notify;
mod receipt;
mod signing;
mod smtp;
mod store;

use std::{future::Future, pin::Pin};

use db::DbError;
use formats::bounce::Status;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    App, Tx, access::PersonId, job::Lane, notification::mailing::Mailing, organisation::OrganisationId,
};
pub use carrier::{Down, SHIFT, WAITING, all_down};
pub use deliver::{Sent, deliver_due};
pub use digest::{DIGEST, gather_due, put_off};
pub(crate) use digest::{call_back_put_off, came_back as digest_came_back, put_off_until};
pub use gsm::{Parts, bounded as bounded_text};
pub use notify::NotifyPost;
pub(crate) use receipt::{is_gateway, routes};
pub use smtp::SmtpPost;
pub(crate) use store::came_back;
pub use store::{
    Fate, Fates, State, Tried, call_back, fates_about, fates_listed, fates_of, is_queued, tried,
};

db::id! {
    /// Names a message; the left part of its Message-ID.
    pub MessageId
}
db::id! {
    /// Names a contact of an organisation.
    pub ContactId
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Mail,
    /// A text message to a mobile.
    Sms,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Sms];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mail => "Email",
            Self::Sms => "Text message",
        }
    }

    /// That nothing leaves by it, in the first words of a sentence.
    pub const fn stands_still(self) -> &'static str {
        match self {
            Self::Mail => "Email does not leave",
            Self::Sms => "Texts do not leave",
        }
    }

    /// By which channel what waits in `lane` travels: texts have a lane to themselves, since their
    /// gateway is somebody else's, so that however slow it is, no mail waits behind it.
    pub const fn of(lane: Lane) -> Self {
        match lane {
            Lane::Urgent | Lane::Bulk => Self::Mail,
            Lane::Elsewhere => Self::Sms,
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|channel| channel.code() == text).ok_or(())
    }
}

db::text_column!(Channel);

/// The lanes in which messages wait: two of mail, which leaves through one server of our own, and
/// that of texts ([`Channel::of`]).
pub const LANES: [Lane; 3] = [Lane::Urgent, Lane::Bulk, Lane::Elsewhere];

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The [`Kind`] that renders it.
    pub kind: &'static str,
    /// Somebody waits for it, or not; or it is a text ([`Channel::of`]).
    pub lane: Lane,
    /// The mail address, or the mobile's number in E.164.
    pub address: String,
    /// The person it is for, where it is one with an account.
    pub person: Option<PersonId>,
    /// The contact it is for.
    pub contact: Option<ContactId>,
    /// The organisation it concerns, where it is one.
    pub organisation: Option<OrganisationId>,
    /// What it is about: noun and id.
    pub about: (&'static str, Option<Uuid>),
    /// What its words are made of.
    pub fields: Json,
    /// Not before this moment; at once where `None`.
    pub not_before: Option<jiff::Timestamp>,
    /// The same key is never queued twice.
    pub key: String,
}

/// Queues a message in the transaction of what it tells, unless its key is already there.
pub async fn queue(tx: &mut Tx, draft: &Draft) -> Result<(), DbError> {
    store::insert(tx, draft, draft.lane.code()).await
}

/// A message as it is rendered.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The subject line; of a text nobody sees it.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML, where there is one.
    pub html: Option<String>,
}

/// What a renderer is given.
#[derive(Clone, Debug)]
pub struct ToRender {
    /// The address it goes to.
    pub address: String,
    /// What it is about.
    pub about: Option<Uuid>,
    /// The fields of its row.
    pub fields: Json,
    /// Where its reader stops such mails, of a mailing.
    pub stop: Option<String>,
}

/// Why there is no letter, each with the sentence for the list of fates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoLetter {
    /// What it was to tell is so no more: the message is called back, and nothing failed.
    Moot(String),
    /// It could not be written, and is tried again.
    Failed(String),
}

impl NoLetter {
    /// That there is nothing to tell any more.
    pub fn moot(reason: &str) -> Self {
        Self::Moot(reason.to_owned())
    }
}

impl From<String> for NoLetter {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

impl From<&str> for NoLetter {
    fn from(reason: &str) -> Self {
        Self::Failed(reason.to_owned())
    }
}

/// The future of a [`Kind`]'s `render`.
pub type Rendering = Pin<Box<dyn Future<Output = Result<Letter, NoLetter>> + Send>>;

/// A row of a service's table of messages.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in the table.
    pub name: &'static str,
    /// Makes the words.
    pub render: fn(App, ToRender) -> Rendering,
}

/// A mail, or a text, ready to leave.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The row it is the form of.
    pub id: MessageId,
    /// To whom.
    pub to: String,
    /// What it says.
    pub letter: Letter,
    /// It was tried before, and may have been taken without our knowing.
    pub again: bool,
    /// The Message-ID of the mail that it answers by itself (RFC 3834), where it does.
    pub answers: Option<String>,
    /// The mailing that it is of, which its reader may stop.
    pub mailing: Option<OfMailing>,
}

/// The mailing that a mail is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfMailing {
    /// Which.
    pub mailing: Mailing,
    /// The address at which it is stopped: by a page, and by a POST of nothing more (RFC 8058).
    pub stop: String,
}

/// The field of a message that says of which [`Mailing`] it is.
pub const MAILING: &str = "mailing";

/// The field of a message that holds the Message-ID of the mail that it answers by itself.
pub const ANSWERS: &str = "answers";

/// How a mail could not be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The server refuses this address or message for good.
    #[error("Refused: {0}")]
    Refused(String),
    /// The server says that there is no such mailbox, or that it is switched off.
    #[error("Refused: {said}")]
    NoMailbox {
        /// The number in which it says so.
        status: Status,
        /// Its words.
        said: String,
    },
    /// It may work later.
    #[error("Not delivered yet: {0}")]
    Later(String),
    /// It takes nothing at the moment, whatever it is and whoever it is for.
    #[error("Nothing leaves at the moment: {0}")]
    Down(String),
}

impl PostError {
    /// What the other side said, or why it could not be asked.
    pub fn said(&self) -> &str {
        match self {
            Self::Refused(said) | Self::NoMailbox { said, .. } | Self::Later(said) | Self::Down(said) => said,
        }
    }
}

/// The future of [`Post::send`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), PostError>> + Send + 'a>>;

/// Whatever carries mail, or texts: a server, a gateway, the demonstration's own page, a test's memory.
pub trait Post: std::fmt::Debug + Send + Sync {
    /// Whether anything can leave at all; until then it waits, and no try is counted.
    fn is_ready(&self) -> bool {
        true
    }

    /// The key that it signs with, where it does.
    fn public_key(&self) -> Option<&PublicKey> {
        None
    }

    /// Hands `mail` over; `Ok` means that the other side has taken responsibility for it.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// What readers check signed mail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The key, armoured as OpenPGP has it.
    pub armoured: String,
    /// Its fingerprint in fours, to be compared by people.
    pub fingerprint: String,
}

/// Where nothing is configured that carries them, messages wait: they are neither lost nor said to
/// be sent.
#[derive(Debug)]
pub struct Nowhere;

impl Post for Nowhere {
    fn is_ready(&self) -> bool {
        false
    }

    fn send<'a>(&'a self, _: &'a Mail) -> Sending<'a> {
        Box::pin(async { Err(PostError::Later("nothing is configured that carries it".to_owned())) })
    }
}
