//! Telling a mailbox something as its owner chose: what is grave at once, all else as it was chosen.
//!
//! What was chosen for the daily digest leaves by itself at the hour of the digest: that one tells of alerts.

use db::DbError;
use platform::{
    Tx,
    message::{self, Channel, Draft},
    notification::{How, Matter, Preferences, Then},
};

/// How grave something is that mailboxes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Care may stop: told at once, whatever was chosen.
    Grave,
    /// Told as alerts of medium severity are.
    Medium,
}

/// Queues a message as the owner of its mailbox chose.
pub(crate) async fn queue(
    tx: &mut Tx,
    preferences: &Preferences,
    weight: Weight,
    draft: Draft,
) -> Result<(), DbError> {
    let (severity, overrides) = match weight {
        Weight::Grave => ("high", true),
        Weight::Medium => ("medium", false),
    };
    let matter = Matter { severity, overrides, unchosen: How::AtOnce, before: None };
    match preferences.settle(Channel::Mail, &matter, tx.now) {
        Then::Send(not_before) => message::queue(tx, &Draft { not_before, ..draft }).await,
        Then::Digest(at) => message::queue(tx, &Draft { not_before: Some(at), ..draft }).await,
        Then::Nothing => Ok(()),
    }
}
