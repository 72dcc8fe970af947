//! The SQL between an alert's audience and the mailboxes it is sent to.
//!
//! Whose mailboxes those are is the organisations' rule, [`platform::mailboxes`]: the security lead
//! and the shared mailbox, or whoever covers for them, of the organisation or of whoever answers
//! for it.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    chosen_for, mailboxes,
    message::{self, ContactId},
    notification::store::Chosen,
    organisation::OrganisationId,
};
use uuid::Uuid;

use super::AlertId;

/// The last of the next 400 organisations of an alert behind `after`, in the order of their ids:
/// a thousand mailboxes or so.
///
/// Index: organisation's primary key, then response's for each. Not by stage, which moves while
/// the alert is delivered; and a question for each, since of a join PostgreSQL would make all of it
/// before it takes the first.
pub(super) async fn last_of_next(
    snapshot: &mut Snapshot,
    alert: AlertId,
    after: OrganisationId,
) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!(
        "SELECT o.id FROM organisation o
         WHERE o.id > ?2
           AND 1 = (SELECT count(*) FROM response r WHERE r.organisation_id = o.id AND r.alert_id = ?1)
         ORDER BY o.id LIMIT 400"
    );
    let ids: Vec<(OrganisationId,)> = snapshot.all(statement, params![alert, after]).await?;
    Ok(ids.last().map(|(id,)| *id))
}

/// The mailboxes of an alert's organisations behind `after` up to `last`, as address, contact and what
/// was chosen for it.
pub(super) async fn between(
    snapshot: &mut Snapshot,
    alert: AlertId,
    after: OrganisationId,
    last: OrganisationId,
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT o.id AS organisation_id FROM organisation o CROSS JOIN response r
             WHERE o.id > ?3 AND o.id <= ?4 AND r.organisation_id = o.id AND r.alert_id = ?1",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT DISTINCT m.email, m.contact_id, n.preferences
         FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email) ORDER BY m.email, m.contact_id"
    );
    snapshot.all(statement, params![alert, now, after, last]).await
}

db::record! {
    /// An organisation that a mailbox is told about.
    pub struct Told {
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// How many there are in all.
        pub total: i64,
    }
}

/// The organisations of an alert's audience that `address` is written to about, by name, 20 at
/// most.
///
/// Index: `contact_email`, `contact_cover_deputy`, `answers_for_answering` for those that it may
/// be, then response's primary key; then the rule is asked of each, so that it stands once. CROSS
/// JOIN keeps SQLite from beginning with the alert's responses, all of them for each mail.
pub async fn organisations_of(
    snapshot: &mut Snapshot,
    alert: AlertId,
    address: &str,
    now: Timestamp,
) -> Result<Vec<Told>, DbError> {
    let statement = sql!(
        "WITH own AS (
             SELECT c.organisation_id FROM contact c WHERE c.email = ?3
             UNION
             SELECT c.organisation_id FROM contact s
             JOIN contact_cover v ON v.deputy_id = s.id JOIN contact c ON c.id = v.contact_id
             WHERE s.email = ?3
         ), candidate AS (
             SELECT organisation_id FROM own
             UNION
             SELECT f.organisation_id FROM own CROSS JOIN answers_for f WHERE f.answering_id = own.organisation_id
         ), ",
        mailboxes!(
            "SELECT k.organisation_id FROM candidate k CROSS JOIN response r
             WHERE r.organisation_id = k.organisation_id AND r.alert_id = ?1",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT o.code, o.name, count(*) OVER () AS total
         FROM organisation o WHERE o.id IN (SELECT organisation_id FROM mailbox WHERE email = ?3)
         ORDER BY o.name, o.code LIMIT 20"
    );
    snapshot.all(statement, params![alert, now, address]).await
}

/// A thousand of the mailboxes and mobiles whose message about an alert stands at `state`, behind the message
/// `after`, with what was chosen for the mailbox, or for the contact whose mobile it is. Index: `message_about`.
pub(super) async fn told(
    snapshot: &mut Snapshot,
    alert: AlertId,
    state: message::State,
    after: Uuid,
) -> Result<Vec<(Uuid, message::Channel, String, Option<ContactId>, Chosen)>, DbError> {
    let statement = sql!(
        "SELECT m.id, m.channel, m.address, m.contact_id, n.preferences
         FROM message m LEFT JOIN contact c ON c.id = m.contact_id AND m.channel = 'sms'
         LEFT JOIN notification n ON n.address = coalesce(",
        chosen_for!("c"),
        ", lower(m.address))
         WHERE m.about_id = ?1 AND m.state = ?2 AND m.kind IN ('alert', 'alert_text') AND m.id > ?3
         ORDER BY m.id LIMIT 1000"
    );
    snapshot.all(statement, params![alert, state, after]).await
}
