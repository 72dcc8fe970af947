//! Mail to the CERT's mailbox: each is a report, until somebody has rung back.
//!
//! Who a mail says to be from proves nothing, and neither does the mailbox: an attacker may be reading it. So a
//! mail is never believed, its sender is answered with a number and nothing of what they wrote, and what is
//! attached stays in the mailbox. See docs/decisions/0027-reports-by-mail.md.

mod actions;
mod messages;
mod pages;
pub mod store;

use db::DbError;
use formats::mail::{self, LARGEST, Mail};
use platform::{
    Actor, App,
    access::Rule,
    maildir::{self, Mark},
    web::Route,
};

use crate::access::READ_INCIDENTS;
pub use messages::ANSWER;

db::id! {
    /// Names a mail.
    pub MailId
}

/// The automatic answers that one address is sent within a day …
const ANSWERS_A_DAY: i64 = 3;
/// … and that are sent at all within an hour: mail with made-up senders must not make us write to the world.
const ANSWERS_AN_HOUR: i64 = 100;

/// Reads the next mails of the mailbox, 100 at most; says how many were put away.
///
/// What a machine writes about another mail, such as that somebody is away, is no report, and neither is a file that
/// is no mail: both are put away with a flag, for a person to see.
pub async fn read_due(app: &App) -> Result<usize, DbError> {
    let Some(folder) = app.settings.reports.mail.clone() else { return Ok(0) };
    let take = |bytes| async move { take_in(app, bytes).await };
    maildir::read_due(&folder, LARGEST + 1, "mail that reports", take).await
}

async fn take_in(app: &App, bytes: Vec<u8>) -> Result<Mark, DbError> {
    // On its own thread, so that a panic in it is a failure to read this mail alone.
    let read = tokio::task::spawn_blocking(move || {
        let mail = mail::read(&bytes);
        (actions::digest(&mail, &bytes), mail)
    });
    let Ok((digest, mail)) = read.await else {
        count(actions::Taken::Unreadable.code());
        return Ok(Mark::Flagged);
    };
    let mut tx = app.write().await?;
    let taken =
        actions::take(&mut tx, &Actor::Job("mailbox"), &app.settings.cert.mail_from, digest, &mail).await;
    let what = match taken {
        Ok(taken) => {
            tx.commit().await?;
            taken
        }
        Err(actions::NotTaken::Database(error)) => return Err(error),
        Err(actions::NotTaken::Refused(reason)) => {
            tracing::warn!(reason, "a mail that reports was not taken");
            actions::Taken::Refused
        }
    };
    count(what.code());
    Ok(what.mark())
}

fn count(kind: &'static str) {
    metrics::counter!("report_mails_total", "kind" => kind).increment(1);
}

/// The routes of this noun.
pub(crate) fn routes() -> Vec<Route> {
    let readers = Rule::Roles(READ_INCIDENTS);
    vec![
        Route::get("/incidents/{id}/mails", readers, pages::of_incident)
            .sample("/incidents/{mailed_incident}/mails"),
    ]
}

/// A mail in words, as a report has them; the rest stands in the mail itself.
fn words(mail: &Mail) -> String {
    let mut parts = Vec::new();
    if !mail.subject.is_empty() {
        parts.push(mail.subject.clone());
    }
    if !mail.text.is_empty() {
        parts.push(mail.text.clone());
    }
    parts.join("\n\n")
}
