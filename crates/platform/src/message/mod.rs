//! Messages to people, whatever the channel, and the fate of each.
//!
//! Rows are themselves the queue. What a message says is rendered when it is sent, by the service
//! that knows its kind, from the fields kept with it. Its Message-ID is its row's id, so that a
//! send repeated after a crash is recognised by the recipient's server as the same mail.

mod deliver;
mod digest;
mod smtp;
mod store;

use std::{future::Future, pin::Pin};

use db::DbError;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{App, Tx, access::PersonId, job::Lane, organisation::OrganisationId};
pub use deliver::{Sent, deliver_due};
pub(crate) use digest::put_off_until;
pub use digest::{DIGEST, gather_due, put_off};
pub use smtp::SmtpPost;
pub use store::{Fate, Fates, State, call_back, fates_about, fates_listed, fates_of, is_queued};

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
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 1] = [Self::Mail];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
        }
    }
}

/// The lanes in which messages wait: mail leaves through one server of our own.
pub const LANES: [Lane; 2] = [Lane::Urgent, Lane::Bulk];

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The [`Kind`] that renders it.
    pub kind: &'static str,
    /// Somebody waits for it, or not.
    pub lane: Lane,
    /// The mail address.
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
    /// The subject line.
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
}

/// The future of a [`Kind`]'s `render`. An error is the sentence for the list of fates.
pub type Rendering = Pin<Box<dyn Future<Output = Result<Letter, String>> + Send>>;

/// A row of a service's table of messages.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in the table.
    pub name: &'static str,
    /// Makes the words.
    pub render: fn(App, ToRender) -> Rendering,
}

/// A mail ready to leave.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The row it is the form of.
    pub id: MessageId,
    /// To whom.
    pub to: String,
    /// What it says.
    pub letter: Letter,
}

/// How a mail could not be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The server refuses this address or message for good.
    #[error("Refused: {0}")]
    Refused(String),
    /// It may work later.
    #[error("Not delivered yet: {0}")]
    Later(String),
}

/// The future of [`Post::send`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), PostError>> + Send + 'a>>;

/// Whatever carries mail: an SMTP server, the demonstration's own page, a test's memory.
pub trait Post: std::fmt::Debug + Send + Sync {
    /// Whether mail can leave at all; until then it waits, and no try is counted.
    fn is_ready(&self) -> bool {
        true
    }

    /// Hands `mail` over; `Ok` means that the other side has taken responsibility for it.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}
