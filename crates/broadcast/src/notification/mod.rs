//! How people are told of alerts: what their preferences mean for each message, the daily digest,
//! and the page on which they choose.
//!
//! High is told at once, always, by mail and by text: patients may be at risk, and mail may be what is
//! attacked. All else is told by mail unless chosen otherwise, and by text where chosen. Of the ladder,
//! reminders follow the preferences; what tells others that nobody answered, that a deadline has passed
//! or that a decision is wanted does not.

mod digest;
mod pages;

use db::DbError;
use jiff::Timestamp;
use platform::{
    Tx,
    message::{self, Channel, Draft},
    notification::{How, Matter, Preferences, Then},
};

use crate::{advisory::Severity, alert::text::Quiet};

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
    match preferences.settle(Channel::Mail, &matter(severity, Channel::Mail, before), tx.now) {
        Then::Send(not_before) => message::queue(tx, &Draft { not_before, ..draft }).await,
        Then::Digest(at) => message::put_off(tx, &draft, at).await,
        Then::Nothing => Ok(()),
    }
}

/// What becomes of a text about an alert of this severity: it is sent, once it is not quiet, or not at all.
pub(crate) fn by_text(preferences: &Preferences, severity: Severity, quiet: Quiet, now: Timestamp) -> Then {
    let settle = |before| preferences.settle(Channel::Sms, &matter(severity, Channel::Sms, before), now);
    match quiet {
        Quiet::Waits(before) => settle(before),
        Quiet::Ignored if settle(None) == Then::Nothing => Then::Nothing,
        Quiet::Ignored => Then::Send(None),
    }
}

/// An alert of this severity as preferences are asked of it over `channel`.
fn matter(severity: Severity, channel: Channel, before: Option<Timestamp>) -> Matter {
    let overrides = severity == Severity::High;
    Matter { severity: severity.code(), overrides, unchosen: unchosen(severity, channel), before }
}

/// How an alert of this severity is told where nobody chose: texts wake people, so those below High are asked for.
fn unchosen(severity: Severity, channel: Channel) -> How {
    match (channel, severity) {
        (Channel::Mail, _) | (Channel::Sms, Severity::High) => How::AtOnce,
        (Channel::Sms, _) => How::Never,
    }
}
