//! Mail that came back: what mail servers report of it, and what follows for the contacts of its address.
//!
//! Reports come into a Maildir, or by `carecert import bounces`. Anybody can write one, so it counts only
//! where it names the Message-ID of a mail of ours and the address that this mail went to: nobody can
//! take a contact away from another who has not had that mail in their hands.

mod actions;
mod messages;
mod store;

use db::DbError;
use formats::{
    Refusal,
    bounce::{self, LARGEST, Status},
};
use jiff::SignedDuration;

use crate::{
    Actor, App,
    import::{Report, Taken},
    maildir::{self, Mark},
};
pub use messages::MESSAGE;

/// Mail that came back for a reason that may pass ends a confirmation when it did so this often …
const TIMES: i64 = 3;
/// … within this.
const WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Beyond so many addresses in a day, mail comes back for a reason of its own: a relay that is broken, or our
/// name on a list. A single time then says nothing of a mailbox, and the sector stays reachable.
const STORM: i64 = 100;

/// Why mail came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such mailbox.
    NoMailbox,
    /// There is one, and nobody is to use it.
    Disabled,
    /// It is full.
    Full,
    /// The mail is not wanted there: a filter, a policy, a list of senders.
    Refused,
    /// No server of that address was found, or none answered in time.
    NotReached,
    /// Anything else.
    Other,
}

impl Reason {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::NoMailbox, Self::Disabled, Self::Full, Self::Refused, Self::NotReached, Self::Other];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoMailbox => "no_mailbox",
            Self::Disabled => "disabled",
            Self::Full => "full",
            Self::Refused => "refused",
            Self::NotReached => "not_reached",
            Self::Other => "other",
        }
    }

    /// The words on a page and in a mail, behind a colon.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoMailbox => "the mailbox does not exist",
            Self::Disabled => "the mailbox is switched off",
            Self::Full => "the mailbox is full",
            Self::Refused => "its mail server does not accept our mail",
            Self::NotReached => "its mail server could not be reached",
            Self::Other => "its mail server did not take it",
        }
    }

    /// What a server's numbers mean (RFC 3463). Those that may be about the sender, such as 5.1.0 and
    /// 5.1.8, say nothing of the mailbox.
    const fn of(status: Option<Status>) -> Self {
        match status {
            Some(Status { class: 5, subject: 1, detail: 1 | 3 | 6 | 10 }) => Self::NoMailbox,
            Some(Status { class: 5, subject: 2, detail: 1 }) => Self::Disabled,
            Some(Status { subject: 2, detail: 2, .. }) => Self::Full,
            Some(Status { subject: 1, detail: 2, .. } | Status { subject: 4, .. }) => Self::NotReached,
            Some(Status { subject: 7, .. }) => Self::Refused,
            _ => Self::Other,
        }
    }

    /// How often mail has to come back for this reason before its address counts as not confirmed. What
    /// may be the fault of a network, of a filter or of ourselves is given time.
    const fn enough(self) -> i64 {
        match self {
            Self::NoMailbox | Self::Disabled => 1,
            Self::Full | Self::Refused | Self::NotReached | Self::Other => TIMES,
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.code() == text).ok_or(())
    }
}

db::text_column!(Reason);

/// What was learned of one recipient of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A mail of ours came back.
    CameBack,
    /// That was known.
    Known,
    /// A server is still trying.
    Delayed,
    /// It was delivered, or passed on.
    Passed,
    /// It is about no mail of ours to that address.
    NotOurs,
}

impl Heard {
    /// The word in figures.
    const fn code(self) -> &'static str {
        match self {
            Self::CameBack => "came_back",
            Self::Known => "known",
            Self::Delayed => "delayed",
            Self::Passed => "passed",
            Self::NotOurs => "not_ours",
        }
    }
}

/// Reads the next mails of the Maildir, 100 at most; says how many were put away.
///
/// What no report could be read from, an out-of-office reply or something too large, is put away with a
/// flag, for a person to see.
pub async fn read_due(app: &App) -> Result<usize, DbError> {
    let Some(folder) = app.settings.bounces.clone() else { return Ok(0) };
    let take = |bytes| async move {
        let taken = take_in(app, &Actor::Job("bounces"), bytes).await?;
        Ok(if taken.is_ok() { Mark::Seen } else { Mark::Flagged })
    };
    maildir::read_due(&folder, LARGEST + 1, "mail that came back", take).await
}

/// Takes in one mail from a file, or from a pipe.
pub async fn import(
    app: &App,
    actor: &Actor,
    input: impl std::io::Read + Send + 'static,
    name: &str,
) -> Result<Report, DbError> {
    let mut report = Report::of("bounces");
    let taken = match maildir::bounded(input, LARGEST + 1).await {
        Ok(bytes) => take_in(app, actor, bytes).await?,
        Err(error) => Err(Refusal::at(1, format!("The file cannot be read further: {error}."))),
    };
    match taken {
        Err(refusal) => report.refuse(name, refusal),
        Ok(heard) => {
            for each in heard {
                match each {
                    Heard::CameBack => report.count(Taken::New),
                    Heard::Known | Heard::Delayed | Heard::Passed => report.count(Taken::Same),
                    Heard::NotOurs => {
                        report.refuse(name, Refusal::at(1, "It is about no mail of ours to that address."));
                    }
                }
            }
        }
    }
    Ok(report)
}

/// What a mail tells of each recipient, done; or why it tells nothing.
async fn take_in(app: &App, actor: &Actor, bytes: Vec<u8>) -> Result<Result<Vec<Heard>, Refusal>, DbError> {
    // On its own thread, so that a panic in it is a failure to read this mail alone.
    let read = tokio::task::spawn_blocking(move || bounce::read(&bytes)).await;
    let read = read.unwrap_or_else(|_| Err(Refusal::at(1, "The mail cannot be read.")));
    let report = match read {
        Ok(report) => report,
        Err(refusal) => {
            count("unreadable");
            return Ok(Err(refusal));
        }
    };
    let mut heard = Vec::new();
    for recipient in &report.recipients {
        let what = actions::hear(app, actor, report.original.as_deref(), recipient).await?;
        count(what.code());
        heard.push(what);
    }
    Ok(Ok(heard))
}

fn count(kind: &'static str) {
    metrics::counter!("bounces_total", "kind" => kind).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mailbox_that_is_not_there_counts_at_once() {
        let reason = |class, subject, detail| Reason::of(Some(Status { class, subject, detail }));
        for (status, expected, enough) in [
            ((5, 1, 1), Reason::NoMailbox, 1),
            ((5, 1, 10), Reason::NoMailbox, 1),
            ((5, 2, 1), Reason::Disabled, 1),
            ((5, 2, 2), Reason::Full, 3),
            ((4, 2, 2), Reason::Full, 3),
            ((5, 7, 1), Reason::Refused, 3),
            ((5, 4, 4), Reason::NotReached, 3),
            ((5, 1, 2), Reason::NotReached, 3),
            ((4, 1, 1), Reason::Other, 3),
            ((5, 1, 0), Reason::Other, 3),
            ((5, 1, 8), Reason::Other, 3),
            ((5, 0, 0), Reason::Other, 3),
        ] {
            let found = reason(status.0, status.1, status.2);
            assert_eq!((found, found.enough()), (expected, enough), "{status:?}");
        }
        assert_eq!(Reason::of(None), Reason::Other);
    }
}
