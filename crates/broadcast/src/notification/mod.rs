//! How people are told of alerts: what their preferences mean for each message, the daily digest,
//! and the page on which they choose.
//!
//! High is told at once, always: patients may be at risk. Of the ladder, reminders follow the
//! preferences; what tells others that nobody answered, that a deadline has passed or that a
//! decision is wanted does not.

mod digest;
mod pages;

use db::DbError;
use jiff::Timestamp;
use platform::{
    Tx,
    message::{self, Channel, Draft},
    notification::{Matter, Preferences, Then},
};

use crate::advisory::Severity;

pub use digest::DIGEST;
pub(crate) use pages::routes;

/// Queues `draft`, which tells of an alert of this severity, as the owner of its mailbox chose; it
/// would be told in vain from `before` on.
pub(crate) async fn queue(
    tx: &mut Tx,
    preferences: &Preferences,
    severity: Severity,
    before: Option<Timestamp>,
    draft: Draft,
) -> Result<(), DbError> {
    let overrides = severity == Severity::High;
    let matter = Matter { severity: severity.code(), overrides, before };
    match preferences.settle(Channel::Mail, &matter, tx.now) {
        Then::Send(not_before) => message::queue(tx, &Draft { not_before, ..draft }).await,
        Then::Digest(at) => message::put_off(tx, &draft, at).await,
        Then::Nothing => Ok(()),
    }
}
