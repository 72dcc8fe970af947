//! Who was reminded of an outage, and of whom an answer is still awaited.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, mailboxes, message::Channel, mobiles, organisation::OrganisationId};

use crate::outage::OutageId;

/// Notes that those from `first` to `last` that have not answered were reminded: those that can be reached. Index:
/// `outage_reply_stands`, then those of the mailboxes.
pub(crate) async fn note_reminded(
    tx: &mut Tx,
    id: OutageId,
    number: i64,
    (first, last): (OrganisationId, OrganisationId),
) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "WITH ",
        mailboxes!(
            "SELECT r.organisation_id FROM outage_reply r
             WHERE r.outage_id = ?1 AND r.stands = 'waiting' AND r.organisation_id >= ?3 AND r.organisation_id <= ?4",
            "?2",
            "'security_lead', 'shared_mailbox'"
        ),
        "UPDATE outage_reply SET reminder = ?5, reminded_at = ?2
         WHERE outage_id = ?1 AND reminder < ?5 AND organisation_id IN (SELECT organisation_id FROM mailbox)"
    );
    tx.run(statement, params![id, now, first, last, number]).await?;
    Ok(())
}

/// How many were sent this reminder. Index: the key.
pub(crate) async fn reminded(snapshot: &mut Snapshot, id: OutageId, number: i64) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM outage_reply WHERE outage_id = ?1 AND reminder = ?2");
    Ok(snapshot.one::<(i64,)>(statement, params![id, number]).await?.0)
}

db::record! {
    /// How it went with the reminders of an outage.
    pub struct Reminded {
        /// How many organisations were reminded.
        pub reminded: i64,
        /// How many of these have not answered.
        pub silent: i64,
        /// How many that have not answered were not reminded.
        pub not_reminded: i64,
        /// When somebody was reminded last.
        pub last_at: Option<Timestamp>,
    }
}

/// How it went with the reminders of an outage. Index: the key, all that it concerns.
pub async fn reminders(snapshot: &mut Snapshot, id: OutageId) -> Result<Reminded, DbError> {
    let statement = sql!(
        "SELECT CAST(coalesce(sum(CASE WHEN reminder > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS reminded,
                CAST(coalesce(sum(CASE WHEN reminder > 0 AND stands = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT)
                    AS silent,
                CAST(coalesce(sum(CASE WHEN reminder = 0 AND stands = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT)
                    AS not_reminded,
                max(reminded_at) AS last_at
         FROM outage_reply WHERE outage_id = ?1"
    );
    snapshot.one(statement, params![id]).await
}

/// `mailbox`: those of the organisations that have not answered, among those for whom a contact with this `$address`
/// (`?3`) may be written to.
macro_rules! awaited {
    ($address:literal) => {
        concat!(
            "WITH own AS (
                 SELECT c.organisation_id FROM contact c WHERE c.",
            $address,
            " = ?3
                 UNION
                 SELECT c.organisation_id FROM contact s
                 JOIN contact_cover v ON v.deputy_id = s.id JOIN contact c ON c.id = v.contact_id
                 WHERE s.",
            $address,
            " = ?3
             ), candidate AS (
                 SELECT organisation_id FROM own
                 UNION
                 SELECT f.organisation_id FROM own CROSS JOIN answers_for f WHERE f.answering_id = own.organisation_id
             ), ",
            mailboxes!(
                "SELECT k.organisation_id FROM candidate k CROSS JOIN outage_reply r
                 WHERE r.outage_id = ?1 AND r.organisation_id = k.organisation_id AND r.stands = 'waiting'",
                "?2",
                "'security_lead', 'shared_mailbox'"
            )
        )
    };
}

/// Whether an answer is awaited of anybody for whom this mailbox or mobile is written to.
///
/// Index: `contact_email` or `contact_mobile`, `contact_cover_deputy`, `answers_for_answering` for those that it may be,
/// then the key of `outage_reply`; then the rule is asked of each, so that it stands once.
pub(crate) async fn is_awaited(
    snapshot: &mut Snapshot,
    id: OutageId,
    (channel, address): (Channel, &str),
    now: Timestamp,
) -> Result<bool, DbError> {
    let statement = match channel {
        Channel::Mail => sql!(awaited!("email"), "SELECT count(*) FROM mailbox WHERE email = ?3"),
        Channel::Sms => sql!(
            awaited!("mobile"),
            ", ",
            mobiles!("?2", "'security_lead', 'shared_mailbox', 'on_call'"),
            "SELECT count(*) FROM mobile WHERE number = ?3"
        ),
    };
    let (awaited,): (i64,) = snapshot.one(statement, params![id, now, address]).await?;
    Ok(awaited > 0)
}
