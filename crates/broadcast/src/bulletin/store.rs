//! The SQL of bulletins: whom there is something to tell, and what.
//!
//! Whose mailboxes those are is the organisations' rule, [`platform::mailboxes`], as for alerts.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{mailboxes, message::ContactId, notification::store::Chosen, organisation::OrganisationId};

use super::Week;
use crate::{
    advisory::{AdvisoryNumber, Severity},
    alert::{AlertId, store::Marking},
};

/// The most lines that are read of one kind; more are only said to be there.
pub(super) const MOST: usize = 50;

/// Whether anything of a week is for everybody. Index: `alert_issued`.
pub(super) async fn is_any_clear(snapshot: &mut Snapshot, week: &Week) -> Result<bool, DbError> {
    Ok(!clear(snapshot, week.from, week.until).await?.is_empty())
}

/// The last of the next 400 organisations behind `after`, in the order of their ids. Index: the primary key.
pub(super) async fn last_of_next(
    snapshot: &mut Snapshot,
    after: OrganisationId,
) -> Result<Option<OrganisationId>, DbError> {
    let statement = sql!("SELECT id FROM organisation WHERE id > ?1 ORDER BY id LIMIT 400");
    let ids: Vec<(OrganisationId,)> = snapshot.all(statement, params![after]).await?;
    Ok(ids.last().map(|(id,)| *id))
}

/// The mailboxes of the open organisations behind the first up to the second, as address, contact and
/// what was chosen for it.
pub(super) async fn mailboxes_between(
    snapshot: &mut Snapshot,
    (after, last): (OrganisationId, OrganisationId),
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT o.id AS organisation_id FROM organisation o
             WHERE o.id > ?2 AND o.id <= ?3 AND o.status = 'open'",
            "?1",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT DISTINCT m.email, m.contact_id, n.preferences
         FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email) ORDER BY m.email, m.contact_id"
    );
    snapshot.all(statement, params![now, after, last]).await
}

/// The same of those alone whom an alert of the week concerns. Index: `alert_issued`, then response's
/// primary key for each organisation.
pub(super) async fn concerned_between(
    snapshot: &mut Snapshot,
    week: &Week,
    (after, last): (OrganisationId, OrganisationId),
    now: Timestamp,
) -> Result<Vec<(String, ContactId, Chosen)>, DbError> {
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT o.id AS organisation_id FROM organisation o
             WHERE o.id > ?2 AND o.id <= ?3
               AND EXISTS (SELECT 1 FROM alert a CROSS JOIN response r
                           WHERE a.issued_at >= ?4 AND a.issued_at < ?5 AND a.state = 'in_force' AND a.tlp <> 'red'
                             AND r.organisation_id = o.id AND r.alert_id = a.id)",
            "?1",
            "'security_lead', 'shared_mailbox'"
        ),
        "SELECT DISTINCT m.email, m.contact_id, n.preferences
         FROM mailbox m LEFT JOIN notification n ON n.address = lower(m.email) ORDER BY m.email, m.contact_id"
    );
    snapshot.all(statement, params![now, after, last, week.from, week.until]).await
}

/// The organisations that a mailbox `?1` is written to about at `?2`, as `mine`.
///
/// Index: `contact_email`, `contact_cover_deputy`, `answers_for_answering` for those that it may be;
/// then the rule is asked of each, so that it stands once.
macro_rules! mine {
    () => {
        ::std::concat!(
            "WITH own AS (
                 SELECT c.organisation_id FROM contact c WHERE c.email = ?1
                 UNION
                 SELECT c.organisation_id FROM contact s
                 JOIN contact_cover v ON v.deputy_id = s.id JOIN contact c ON c.id = v.contact_id
                 WHERE s.email = ?1
             ), candidate AS (
                 SELECT organisation_id FROM own
                 UNION
                 SELECT f.organisation_id FROM own CROSS JOIN answers_for f WHERE f.answering_id = own.organisation_id
             ), ",
            mailboxes!("SELECT organisation_id FROM candidate", "?2", "'security_lead', 'shared_mailbox'"),
            ", mine AS (SELECT DISTINCT organisation_id FROM mailbox WHERE email = ?1) "
        )
    };
}

/// Of how many organisations a mailbox is written to.
pub(super) async fn organisations(
    snapshot: &mut Snapshot,
    address: &str,
    now: Timestamp,
) -> Result<i64, DbError> {
    let statement = sql!(mine!(), "SELECT count(*) FROM mine");
    let (count,): (i64,) = snapshot.one(statement, params![address, now]).await?;
    Ok(count)
}

db::record! {
    /// An alert of the week that concerns a mailbox.
    pub(super) struct Concerning {
        pub id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
        pub tlp: Marking,
        pub acknowledge_by: Option<Timestamp>,
        pub remediate_by: Option<Timestamp>,
        /// The alert that it updates.
        pub supersedes_id: Option<AlertId>,
        /// How many organisations of the mailbox it waits for to be acknowledged.
        pub unacknowledged: i64,
        /// How many have it in hand.
        pub in_hand: i64,
    }
}

/// The alerts in force that were issued within a week and concern a mailbox, oldest first, 51 at most.
/// Index: `alert_issued`, then response's primary key for each organisation of the mailbox.
pub(super) async fn concerning(
    snapshot: &mut Snapshot,
    address: &str,
    now: Timestamp,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Concerning>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT a.id, a.number, a.title, a.severity, a.tlp, a.acknowledge_by, a.remediate_by, a.supersedes_id,
                CAST(sum(CASE WHEN r.stage = 'unacknowledged' THEN 1 ELSE 0 END) AS BIGINT) AS unacknowledged,
                CAST(sum(CASE WHEN r.stage IN ('in_progress', 'awaits_executive') THEN 1 ELSE 0 END) AS BIGINT) AS in_hand
         FROM alert a CROSS JOIN mine m CROSS JOIN response r
         WHERE a.issued_at >= ?3 AND a.issued_at < ?4 AND a.state = 'in_force' AND a.tlp <> 'red'
           AND r.organisation_id = m.organisation_id AND r.alert_id = a.id
         GROUP BY a.issued_at, a.id ORDER BY a.issued_at, a.id LIMIT 51"
    );
    snapshot.all(statement, params![address, now, from, until]).await
}

db::record! {
    /// An alert of the week that is for everybody.
    pub(super) struct Clear {
        pub id: AlertId,
        pub number: AdvisoryNumber,
        pub title: String,
        pub severity: Severity,
    }
}

/// The alerts at TLP:CLEAR in force that were issued within a week, oldest first, 51 at most.
/// Index: `alert_issued`.
pub(super) async fn clear(
    snapshot: &mut Snapshot,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Clear>, DbError> {
    let statement = sql!(
        "SELECT id, number, title, severity FROM alert
         WHERE issued_at >= ?1 AND issued_at < ?2 AND state = 'in_force' AND tlp = 'clear'
         ORDER BY issued_at, id LIMIT 51"
    );
    snapshot.all(statement, params![from, until]).await
}
