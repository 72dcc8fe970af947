//! What a digest says: each thing that was put off, once, as it stands when the digest leaves.
//!
//! What was withdrawn meanwhile, answered meanwhile, or is no longer this mailbox's, is not told as
//! open. Above TLP:GREEN a line is the number and the link alone.

use std::{collections::HashMap, fmt::Write as _};

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App,
    message::{self, Kind, Letter, NoLetter, Rendering, ToRender},
    web::{shell::Language, show},
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    advisory::{AdvisoryNumber, Severity},
    alert::{AlertId, State, messages, store::Marking},
    response,
};

/// A mailbox is told what was put off since the last digest.
pub const DIGEST: Kind =
    Kind { name: message::DIGEST, render: |app, to| Box::pin(digest(app, to)) as Rendering };

/// How many things a digest tells; how many more there are is said.
const LISTED: usize = 20;

db::record! {
    struct Item {
        kind: String,
        fields: String,
        id: AlertId,
        number: AdvisoryNumber,
        title: String,
        severity: Severity,
        tlp: Marking,
        state: State,
        acknowledge_by: Option<Timestamp>,
    }
}

async fn digest(app: App, to: ToRender) -> Result<Letter, NoLetter> {
    let id = to.about.ok_or("it has no id")?;
    let now = app.env.now();
    let mut snapshot = app.read().await.map_err(|error| error.to_string())?;
    let items = items(&mut snapshot, id).await.map_err(|error| error.to_string())?;
    let open = open(&mut snapshot, id, &to.address, now).await.map_err(|error| error.to_string())?;
    let clocks = clocks(&mut snapshot, id, &to.address, now).await.map_err(|error| error.to_string())?;
    drop(snapshot);
    let told: Vec<_> =
        items.iter().filter_map(|item| line(&app, item, open.get(&item.id).copied(), &clocks)).collect();
    if told.is_empty() {
        return Err(NoLetter::moot("All that it would tell was withdrawn or answered meanwhile."));
    }
    let cert = &app.settings.cert;
    let stop = to
        .stop
        .map(|stop| format!("\nTo stop this digest, without signing in:\n{stop}\n"))
        .unwrap_or_default();
    let mut text = format!("Your daily digest from {}: what was new since the last.\n\n", cert.name);
    for line in told.iter().take(LISTED) {
        let _ = writeln!(text, "{line}\n");
    }
    if told.len() > LISTED {
        let more = told.len() - LISTED;
        let _ = writeln!(text, "and {more} more: {}\n", app.link("/alerts"));
    }
    let _ = write!(
        text,
        "Times are UK time. What your organisation has to do, and by when, does not depend on how you are \
         told. To be told otherwise:\n{}\n{stop}\n-- \n{}, {}\n",
        app.link("/account/notifications"),
        cert.name,
        cert.telephone
    );
    Ok(Letter { subject: format!("Daily digest from {}", cert.name), text, html: None })
}

/// The words about one thing; `None` where there is nothing left to tell. `open` is whether an
/// organisation of the mailbox has not acknowledged it; `None` where none is concerned.
fn line(
    app: &App,
    item: &Item,
    open: Option<bool>,
    clocks: &[(AlertId, String, Timestamp)],
) -> Option<String> {
    let open = open?;
    let (number, link) = (item.number.to_string(), app.link(&format!("/alerts/{}", item.id)));
    let instant = |at: Timestamp| show::instant(at.as_microsecond(), Language::English);
    let fields: Json = serde_json::from_str(&item.fields).unwrap_or_default();
    let withdrawn = item.kind == messages::WITHDRAWN.name;
    let reminder = item.kind == response::REMINDER;
    if !withdrawn && item.state != State::InForce {
        return None;
    }
    let due = fields["due"].as_i64().and_then(|due| Timestamp::from_microsecond(due).ok());
    if reminder {
        let runs = |(alert, name, at): &(AlertId, String, Timestamp)| {
            *alert == item.id && fields["clock"] == name.as_str() && Some(*at) == due
        };
        if !clocks.iter().any(runs) {
            return None;
        }
    }
    if !item.tlp.0.allows_details_by_mail() {
        return Some(format!("[{number}]\n{link}"));
    }
    let what = match (withdrawn, reminder) {
        (true, _) => "Withdrawn: nothing more is to be done.".to_owned(),
        (_, true) => match due {
            Some(due) => format!("Reminder: it waits for an answer by {}.", instant(due)),
            None => "Reminder: it waits for an answer.".to_owned(),
        },
        _ => {
            let news = if fields["update"] == true { "Updated." } else { "New." };
            match (open, item.acknowledge_by) {
                (true, Some(by)) => format!("{news} Acknowledge it by {}.", instant(by)),
                (true, None) => format!("{news} It is not acknowledged yet."),
                (false, Some(_)) => format!("{news} It was acknowledged meanwhile."),
                (false, None) => news.to_owned(),
            }
        }
    };
    Some(format!("[{number}] {}: {}\n{what}\n{link}", item.severity.label(), item.title))
}

/// What a digest tells, oldest first, 200 at most. Index: `message_digest`.
async fn items(snapshot: &mut Snapshot, digest: Uuid) -> Result<Vec<Item>, DbError> {
    let statement = sql!(
        "SELECT m.kind, m.fields, a.id, a.number, a.title, a.severity, a.tlp, a.state, a.acknowledge_by
         FROM message m JOIN alert a ON a.id = m.about_id
         WHERE m.digest_id = ?1 ORDER BY m.id LIMIT 200"
    );
    snapshot.all(statement, params![digest]).await
}

/// The organisations behind a mailbox `?1` at `?2`. Index: `contact_email`, `contact_cover_deputy`,
/// `answers_for_answering`.
macro_rules! behind {
    () => {
        "WITH place AS (
             SELECT c.organisation_id FROM contact c
             WHERE c.email = ?1 AND (c.until_at IS NULL OR c.until_at > ?2)
             UNION SELECT c.organisation_id FROM contact d
                   JOIN contact_cover v ON v.deputy_id = d.id JOIN contact c ON c.id = v.contact_id
             WHERE d.email = ?1 AND (d.until_at IS NULL OR d.until_at > ?2)
         ), behind AS (
             SELECT organisation_id FROM place
             UNION SELECT a.organisation_id FROM place p CROSS JOIN answers_for a
                   WHERE a.answering_id = p.organisation_id AND (a.until_at IS NULL OR a.until_at > ?2)
         ) "
    };
}

/// For each alert of a digest that concerns the mailbox, whether somebody has not acknowledged it.
/// Index: `message_digest`, then the primary key of `response`.
async fn open(
    snapshot: &mut Snapshot,
    digest: Uuid,
    address: &str,
    now: Timestamp,
) -> Result<HashMap<AlertId, bool>, DbError> {
    let statement = sql!(
        behind!(),
        "SELECT m.about_id, CAST(max(CASE WHEN r.stage = 'unacknowledged' THEN 1 ELSE 0 END) AS BIGINT)
         FROM message m CROSS JOIN behind b CROSS JOIN response r
         WHERE m.digest_id = ?3 AND r.organisation_id = b.organisation_id AND r.alert_id = m.about_id
         GROUP BY m.about_id"
    );
    let rows: Vec<(AlertId, i64)> = snapshot.all(statement, params![address, now, digest]).await?;
    Ok(rows.into_iter().map(|(alert, open)| (alert, open > 0)).collect())
}

/// The clocks that still run for the mailbox, of the alerts of which a digest reminds. Index:
/// `message_digest`, then the primary key of `clock`.
async fn clocks(
    snapshot: &mut Snapshot,
    digest: Uuid,
    address: &str,
    now: Timestamp,
) -> Result<Vec<(AlertId, String, Timestamp)>, DbError> {
    let statement = sql!(
        behind!(),
        "SELECT DISTINCT k.about_id, k.name, k.due_at
         FROM message m CROSS JOIN behind b CROSS JOIN clock k
         WHERE m.digest_id = ?3 AND m.kind = 'reminder'
           AND k.about_id = m.about_id AND k.organisation_id = b.organisation_id AND k.stopped_at IS NULL"
    );
    snapshot.all(statement, params![address, now, digest]).await
}
