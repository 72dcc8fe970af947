//! The job that queues the bulletins of a week, bit by bit, as an alert's messages are.
//!
//! A message's key is the week and the mailbox: killed anywhere, the job begins again and queues what
//! is missing; nothing is queued twice, whatever was.

use std::collections::BTreeMap;

use db::DbError;
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, App,
    job::{self, Failure, Job, Lane, When},
    log::{self, Entry},
    message::{self, ContactId, Draft, MAILING},
    notification::{mailing::Mailing, store::Chosen},
    organisation::OrganisationId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{MESSAGE, Week, next, store};

/// A bulletin that could not be sent within this is left out: the next tells of another week.
const LATE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Queues the bulletins of a week.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Issue {
    /// When they are due, in microseconds.
    at: i64,
}

/// Queues the next bulletin, where the installation sends any: asked at the start and hourly.
pub async fn keep_up(app: &App) -> Result<(), DbError> {
    let Some(at) = app.settings.bulletin.and_then(|weekly| next(weekly, app.env.now())) else {
        return Ok(());
    };
    let Some(week) = Week::of(at) else { return Ok(()) };
    let when = When { not_before: Some(at), key: Some(format!("{}:{}", Issue::NAME, week.name())) };
    let mut tx = app.write().await?;
    job::enqueue(&mut tx, &Issue { at: at.as_microsecond() }, when).await?;
    tx.commit().await
}

impl Job for Issue {
    const NAME: &'static str = "bulletin.issue";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let at = Timestamp::from_microsecond(self.at).map_err(|error| Failure(error.to_string()))?;
        let Some(week) = Week::of(at) else { return Ok(()) };
        if app.settings.bulletin.is_none() || app.env.now().duration_since(at) > LATE {
            return Ok(());
        }
        let for_everybody = store::is_any_clear(&mut app.read().await?, &week).await?;
        let mut after = OrganisationId(Uuid::nil());
        while let Some(last) = queue_some(&app, &week, for_everybody, after).await? {
            after = last;
        }
        let mut tx = app.write().await?;
        let entry = Entry::new("bulletin.issued").with(json!({ "week": week.name() }));
        log::write(&mut tx, &Actor::Job(Self::NAME), entry).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Queues the bulletins for the mailboxes of the next organisations behind `after`; says which was the
/// last, or that there are no more.
async fn queue_some(
    app: &App,
    week: &Week,
    for_everybody: bool,
    after: OrganisationId,
) -> Result<Option<OrganisationId>, Failure> {
    let mut tx = app.write().await?;
    let Some(last) = store::last_of_next(&mut tx, after).await? else { return Ok(None) };
    let now = tx.now;
    let mailboxes = if for_everybody {
        store::mailboxes_between(&mut tx, (after, last), now).await?
    } else {
        store::concerned_between(&mut tx, week, (after, last), now).await?
    };
    // A mailbox may be several contacts; the first is the one whom the delivery counts for.
    let mut first: BTreeMap<String, (ContactId, Chosen)> = BTreeMap::new();
    for (address, contact, chosen) in mailboxes {
        first.entry(address).or_insert((contact, chosen));
    }
    for (address, (contact, Chosen(preferences))) in first {
        if !preferences.bulletin {
            continue;
        }
        let draft = Draft {
            kind: MESSAGE.name,
            lane: Lane::Bulk,
            key: format!("{}:{}:{address}", MESSAGE.name, week.name()),
            address,
            person: None,
            contact: Some(contact),
            organisation: None,
            about: ("bulletin", None),
            fields: json!({
                "from": week.from.as_microsecond(),
                "until": week.until.as_microsecond(),
                MAILING: Mailing::Bulletin.code(),
            }),
            not_before: preferences.quiet.end(now),
        };
        message::queue(&mut tx, &draft).await?;
    }
    tx.commit().await?;
    Ok(Some(last))
}
