//! Mail that came back: what mail servers report of it, and what follows for the contacts of its address.
//!
//! Reports come into a Maildir, or by `carecert import bounces`. Anybody can write one, so it counts only
//! where it names the Message-ID of a mail of ours and the address that this mail went to: nobody can
//! take a contact away from another who has not had that mail in their hands.

mod actions;
mod messages;
mod reason;
mod store;

use db::DbError;
use formats::{
    Refusal,
    bounce::{self, LARGEST},
};
use jiff::SignedDuration;

use crate::{
    Actor, App,
    import::{Report, Taken},
    maildir::{self, Mark},
};
pub(crate) use actions::refused;
pub use messages::MESSAGE;
pub use reason::Reason;

/// Mail that came back for a reason that may pass ends a confirmation when it did so this often …
const TIMES: i64 = 3;
/// … within this.
const WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Beyond so many addresses in a day, mail comes back for a reason of its own: a relay that is broken, or our
/// name on a list. A single time then says nothing of a mailbox, and the sector stays reachable.
const STORM: i64 = 100;

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
/// What no report could be read from is put away with a flag, for a person to see; what a machine answers for
/// somebody who is away needs nobody.
pub async fn read_due(app: &App) -> Result<usize, DbError> {
    let Some(folder) = app.settings.bounces.clone() else { return Ok(0) };
    let take = |bytes: Vec<u8>| async move {
        let away = bounce::is_automatic_reply(&bytes);
        let taken = take_in(app, &Actor::Job("bounces"), bytes).await?;
        Ok(if taken.is_ok() || away { Mark::Seen } else { Mark::Flagged })
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
