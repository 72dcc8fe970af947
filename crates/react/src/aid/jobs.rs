//! Writing to those who are asked for aid, bit by bit, each bit in a transaction of its own.

use std::collections::BTreeMap;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App, Tx,
    job::{Failure, Job, Lane},
    mailboxes,
    message::{ContactId, Draft},
    notification::store::Chosen,
    organisation::OrganisationId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{RequestId, State, messages, store};
use crate::notify::{self, Weight};

/// Writes to everybody to whom a request is shown, and was not written to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Tell {
    /// The request.
    pub request: RequestId,
}

impl Job for Tell {
    const NAME: &'static str = "aid.tell";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let mut after = OrganisationId(Uuid::nil());
        while let Some(last) = some(&app, self.request, after).await? {
            after = last;
        }
        Ok(())
    }
}

/// Queues the messages of the next organisations behind `after`; says which was the last, or that there are no more.
async fn some(
    app: &App,
    request: RequestId,
    after: OrganisationId,
) -> Result<Option<OrganisationId>, DbError> {
    let mut tx = app.write().await?;
    let found = store::request(&mut tx, request).await?;
    if !found.is_some_and(|found| found.state == State::Open) {
        return Ok(None);
    }
    let Some((first, last)) = next(&mut tx, request, after).await? else { return Ok(None) };
    let now = tx.now;
    let mut mailboxes: BTreeMap<String, (ContactId, Chosen)> = BTreeMap::new();
    for (address, contact, chosen) in between(&mut tx, request, (first, last), now).await? {
        mailboxes.entry(address).or_insert((contact, chosen));
    }
    for (address, (contact, Chosen(preferences))) in mailboxes {
        let draft = draft(messages::ASKED.name, request, address, contact, &request.to_string());
        notify::queue(&mut tx, &preferences, Weight::Medium, draft).await?;
    }
    tx.commit().await?;
    Ok(Some(last))
}

/// A message to a mailbox about a request; `key` makes it one, beside the mailbox.
pub(super) fn draft(
    kind: &'static str,
    request: RequestId,
    address: String,
    contact: ContactId,
    key: &str,
) -> Draft {
    Draft {
        kind,
        lane: Lane::Bulk,
        key: format!("{kind}:{key}:{address}"),
        address,
        person: None,
        contact: Some(contact),
        organisation: None,
        about: ("aid", Some(request.0)),
        fields: json!({}),
        not_before: None,
    }
}

/// The first and the last of the next 400 organisations behind `after` that were asked. Index: the key.
async fn next(
    snapshot: &mut Snapshot,
    request: RequestId,
    after: OrganisationId,
) -> Result<Option<(OrganisationId, OrganisationId)>, DbError> {
    let statement = sql!(
        "SELECT organisation_id FROM aid_asked WHERE request_id = ?1 AND organisation_id > ?2
         ORDER BY organisation_id LIMIT 400"
    );
    let ids: Vec<(OrganisationId,)> = snapshot.all(statement, params![request, after]).await?;
    Ok(ids.first().zip(ids.last()).map(|((first,), (last,))| (*first, *last)))
}

async fn between(
    snapshot: &mut Snapshot,
    request: RequestId,
    (first, last): (OrganisationId, OrganisationId),
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT k.organisation_id FROM aid_asked k
             WHERE k.request_id = ?1 AND k.organisation_id >= ?3 AND k.organisation_id <= ?4",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT DISTINCT m.email, m.contact_id, n.preferences
         FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email) ORDER BY m.email, m.contact_id"
    );
    snapshot.all(statement, params![request, now, first, last]).await
}

/// Tells one organisation that something about a request is new for it.
pub(super) async fn tell_one(
    tx: &mut Tx,
    request: RequestId,
    organisation: OrganisationId,
    key: &str,
) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT o.id AS organisation_id FROM organisation o WHERE o.id = ?1",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT DISTINCT m.email, m.contact_id, n.preferences
         FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email) ORDER BY m.email, m.contact_id LIMIT 50"
    );
    let found: Vec<(String, ContactId, Chosen)> = tx.all(statement, params![organisation, now]).await?;
    let mut told = std::collections::BTreeSet::new();
    for (address, contact, Chosen(preferences)) in found {
        if told.insert(address.clone()) {
            let draft = draft(messages::NEWS.name, request, address, contact, key);
            notify::queue(tx, &preferences, Weight::Grave, draft).await?;
        }
    }
    Ok(())
}
