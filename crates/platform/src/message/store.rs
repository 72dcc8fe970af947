//! The SQL of messages.

use std::collections::BTreeSet;

use db::{DbError, MANY, Snapshot, many, params, sql};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Channel, Draft, MessageId};
use crate::{Tx, job::Lane, organisation::OrganisationId};

/// A message that was not settled within this is taken by another worker.
pub(super) const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// A message that failed this often is given up: a mail after more than two days, a text within two hours.
pub(super) const fn attempts(channel: Channel) -> i64 {
    match channel {
        // 1, 2, 4 … minutes after one another, and six hours from the tenth on.
        Channel::Mail => 18,
        Channel::Sms => 8,
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be sent.
    Waiting,
    /// A worker has it.
    Sending,
    /// Handed over to the recipient's side.
    Sent,
    /// Refused, or given up.
    Failed,
    /// Called back before it left.
    CalledBack,
    /// Handed over, and returned by a mail server as one that cannot be delivered.
    CameBack,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Sending, Self::Sent, Self::Failed, Self::CalledBack, Self::CameBack];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::CalledBack => "called_back",
            Self::CameBack => "came_back",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sending => "Being sent",
            Self::Sent => "Sent",
            Self::Failed => "Failed",
            Self::CalledBack => "Called back",
            Self::CameBack => "Came back",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.code() == text).ok_or(())
    }
}

db::text_column!(State);

pub(super) async fn insert(tx: &mut Tx, draft: &Draft, lane: &str) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO message (id, kind, channel, lane, address, person_id, contact_id, organisation_id,
                              about_kind, about_id, fields, state, not_before, attempts, created_at, unique_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'waiting', ?12, 0, ?13, ?14)
         ON CONFLICT (unique_key) DO NOTHING"
    );
    let (id, now) = (tx.id::<MessageId>(), tx.now);
    let values = params![
        id,
        draft.kind,
        Channel::of(draft.lane).code(),
        lane,
        draft.address.as_str(),
        draft.person,
        draft.contact,
        draft.organisation,
        draft.about.0,
        draft.about.1,
        draft.fields.to_string(),
        draft.not_before.unwrap_or(now),
        now,
        draft.key.as_str()
    ];
    tx.run_later(statement, values).await
}

/// Whether a message of this key is there. Index: its unique key.
pub async fn is_queued(snapshot: &mut Snapshot, key: &str) -> Result<bool, DbError> {
    let found: Option<(MessageId,)> =
        snapshot.maybe(sql!("SELECT id FROM message WHERE unique_key = ?1"), params![key]).await?;
    Ok(found.is_some())
}

db::record! {
    /// A message that a worker has taken.
    pub(super) struct Taken {
        pub id: MessageId,
        pub kind: String,
        pub address: String,
        pub contact_id: Option<Uuid>,
        /// The contact's organisation.
        pub mailed_id: Option<OrganisationId>,
        pub about_id: Option<Uuid>,
        pub fields: String,
        pub attempts: i64,
        /// What was said when it was tried, or passed over, before.
        pub last_error: Option<String>,
        pub lease_until: Timestamp,
    }
}

/// Takes the next 200 messages of a lane, and those of dead workers. Index: `message_due`, once for
/// each of the two, which in one condition would be read and sorted as a whole each time. The limit
/// stands in the text: where it is a parameter, PostgreSQL plans for a tenth of the table.
pub(super) async fn take(tx: &mut Tx, lane: Lane) -> Result<Vec<Taken>, DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'sending', lease_until = ?3, attempts = attempts + 1
         WHERE id IN (
             SELECT id FROM (
                 SELECT id FROM message WHERE lane = ?1 AND state = 'waiting' AND not_before <= ?2
                 ORDER BY not_before, id LIMIT 200 /*postgres FOR UPDATE SKIP LOCKED */
             ) AS due
             UNION ALL
             SELECT id FROM (
                 SELECT id FROM message WHERE lane = ?1 AND state = 'sending' AND lease_until <= ?2
                 ORDER BY not_before, id LIMIT 200 /*postgres FOR UPDATE SKIP LOCKED */
             ) AS left_behind
         )
         RETURNING id, kind, address, contact_id, about_id, fields, attempts, last_error, lease_until,
                   (SELECT c.organisation_id FROM contact c WHERE c.id = message.contact_id) AS mailed_id"
    );
    let now = tx.now;
    tx.all(statement, params![lane.code(), now, now + LEASE]).await
}

/// Whether a message of a lane could leave now. Index: `message_due`.
pub(super) async fn is_any_due(tx: &mut Tx, lane: Lane) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT id FROM message WHERE lane = ?1 AND state = 'waiting' AND not_before <= ?2
         ORDER BY not_before, id LIMIT 1"
    );
    let now = tx.now;
    Ok(tx.maybe::<(MessageId,)>(statement, params![lane.code(), now]).await?.is_some())
}

/// Takes the next message of a lane alone, to see whether anything can leave. Index: `message_due`.
pub(super) async fn take_first(tx: &mut Tx, lane: Lane) -> Result<Vec<Taken>, DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'sending', lease_until = ?3, attempts = attempts + 1
         WHERE id IN (
             SELECT id FROM message WHERE lane = ?1 AND state = 'waiting' AND not_before <= ?2
             ORDER BY not_before, id LIMIT 1 /*postgres FOR UPDATE SKIP LOCKED */
         )
         RETURNING id, kind, address, contact_id, about_id, fields, attempts, last_error, lease_until,
                   (SELECT c.organisation_id FROM contact c WHERE c.id = message.contact_id) AS mailed_id"
    );
    let now = tx.now;
    tx.all(statement, params![lane.code(), now, now + LEASE]).await
}

/// Puts a message back to its place, as if it had not been tried: nothing leaves at the moment, which is not its fault.
pub(super) async fn put_back(tx: &mut Tx, message: &Taken, reason: &str) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'waiting', attempts = attempts - 1, last_error = ?3, lease_until = NULL
         WHERE id = ?1 AND lease_until = ?2"
    );
    tx.run_later(statement, params![message.id, message.lease_until, reason]).await
}

/// Notes that messages which were taken together were handed over; nothing of those whose lease has passed to another
/// worker. Many with each statement: nearly all are.
pub(super) async fn sent(tx: &mut Tx, messages: &[&Taken]) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'sent', last_error = NULL, settled_at = ?33, lease_until = NULL
         WHERE lease_until = ?34 AND id IN (",
        many!(),
        ")"
    );
    let now = tx.now;
    for some in messages.chunks(MANY) {
        let ids: Vec<MessageId> = some.iter().map(|message| message.id).collect();
        tx.run_later(statement, many(&ids).chain(params![now, some[0].lease_until]).collect()).await?;
    }
    Ok(())
}

/// How a try ended that handed nothing over.
pub(super) enum Settled<'a> {
    Moot(&'a str),
    Failed(&'a str),
    Again(Timestamp, &'a str),
}

impl Settled<'_> {
    /// Where the message stands for good; `None` where it is tried again.
    pub(super) const fn state(&self) -> Option<State> {
        match self {
            Self::Moot(_) => Some(State::CalledBack),
            Self::Failed(_) => Some(State::Failed),
            Self::Again(..) => None,
        }
    }
}

/// Notes how a try ended; nothing where the lease has passed to another worker.
pub(super) async fn settle(tx: &mut Tx, message: &Taken, settled: &Settled<'_>) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE message SET state = ?3, not_before = coalesce(?4, not_before), last_error = ?5,
                            settled_at = ?6, lease_until = NULL
         WHERE id = ?1 AND lease_until = ?2"
    );
    let now = tx.now;
    let (state, again, error, at) = match *settled {
        Settled::Moot(reason) => (State::CalledBack, None, Some(reason), Some(now)),
        Settled::Failed(error) => (State::Failed, None, Some(error), Some(now)),
        Settled::Again(moment, error) => (State::Waiting, Some(moment), Some(error), None),
    };
    tx.run_later(statement, params![message.id, message.lease_until, state, again, error, at]).await
}

/// Notes for which contacts, and so for which organisations, a mail was taken: in the order of
/// their ids, so that two workers never wait for each other.
pub(super) async fn mailed(tx: &mut Tx, sent: &[&Taken]) -> Result<(), DbError> {
    let (mut contacts, mut organisations) = (BTreeSet::new(), BTreeSet::new());
    for message in sent {
        contacts.extend(message.contact_id);
        organisations.extend(message.mailed_id);
    }
    let contacts: Vec<Uuid> = contacts.into_iter().collect();
    let organisations: Vec<OrganisationId> = organisations.into_iter().collect();
    let now = tx.now;
    let contact = sql!(
        "UPDATE contact SET mailed_at = ?33
         WHERE id IN (SELECT id FROM contact WHERE id IN (",
        many!(),
        ") ORDER BY id /*postgres FOR NO KEY UPDATE */)"
    );
    for some in contacts.chunks(MANY) {
        tx.run_later(contact, many(some).chain(params![now]).collect()).await?;
    }
    let organisation = sql!(
        "UPDATE organisation SET mailed_at = ?33
         WHERE id IN (SELECT id FROM organisation WHERE id IN (",
        many!(),
        ") ORDER BY id /*postgres FOR NO KEY UPDATE */)"
    );
    for some in organisations.chunks(MANY) {
        tx.run_later(organisation, many(some).chain(params![now]).collect()).await?;
    }
    Ok(())
}

/// Calls back what is about `about` and has not left; says how many. Index: `message_about`.
pub async fn call_back(tx: &mut Tx, about: Uuid) -> Result<u64, DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'called_back', settled_at = ?2 WHERE about_id = ?1 AND state = 'waiting'"
    );
    let now = tx.now;
    tx.run(statement, params![about, now]).await
}

db::record! {
    /// How many messages about something stand where.
    pub struct Fates {
        /// To be sent, or being sent.
        pub waiting: i64,
        /// Handed over.
        pub sent: i64,
        /// Refused, or given up.
        pub failed: i64,
        /// Called back.
        pub called_back: i64,
        /// Handed over, and returned.
        pub came_back: i64,
    }
}

/// How many messages about `about` stand where. Index: `message_about`.
pub async fn fates_about(snapshot: &mut Snapshot, about: Uuid) -> Result<Fates, DbError> {
    let statement = sql!(
        "SELECT CAST(coalesce(sum(CASE WHEN state IN ('waiting', 'sending') THEN count ELSE 0 END), 0) AS BIGINT) AS waiting,
                CAST(coalesce(sum(CASE WHEN state = 'sent' THEN count ELSE 0 END), 0) AS BIGINT) AS sent,
                CAST(coalesce(sum(CASE WHEN state = 'failed' THEN count ELSE 0 END), 0) AS BIGINT) AS failed,
                CAST(coalesce(sum(CASE WHEN state = 'called_back' THEN count ELSE 0 END), 0) AS BIGINT) AS called_back,
                CAST(coalesce(sum(CASE WHEN state = 'came_back' THEN count ELSE 0 END), 0) AS BIGINT) AS came_back
         FROM (
             SELECT state, 1 AS count FROM message WHERE about_id = ?1
             UNION ALL
             SELECT state, count FROM message_total WHERE about_id = ?1
         ) AS message"
    );
    snapshot.one(statement, params![about]).await
}

db::record! {
    /// One message and what became of it.
    pub struct Fate {
        /// The message.
        pub id: MessageId,
        /// Its kind.
        pub kind: String,
        /// How it travelled.
        pub channel: Channel,
        /// Where it went.
        pub address: String,
        /// The code of the organisation whose contact that is.
        pub organisation: Option<String>,
        /// Where it stands.
        pub state: State,
        /// What the other side said last, where it did not go well.
        pub last_error: Option<String>,
        /// When it was settled.
        pub settled_at: Option<Timestamp>,
        /// When the network said that it had arrived, of a text.
        pub arrived_at: Option<Timestamp>,
    }
}

/// A page of the messages about `about` in `state` behind `after`, 51 at most. Index: `message_about`.
pub async fn fates_listed(
    snapshot: &mut Snapshot,
    about: Uuid,
    state: State,
    after: Option<MessageId>,
) -> Result<Vec<Fate>, DbError> {
    let statement = sql!(
        "SELECT m.id, m.kind, m.channel, m.address, o.code AS organisation, m.state, m.last_error,
                m.settled_at, m.arrived_at
         FROM message m
         LEFT JOIN contact c ON c.id = m.contact_id LEFT JOIN organisation o ON o.id = c.organisation_id
         WHERE m.about_id = ?1 AND m.state = ?2 AND m.id > ?3 ORDER BY m.id LIMIT 51"
    );
    let after = after.unwrap_or(MessageId(Uuid::nil()));
    snapshot.all(statement, params![about, state, after]).await
}

/// The messages about `about` to the mailboxes and mobiles of one organisation and of whoever answered
/// for it, oldest first, 51 at most. A mailbox is written to once for all its contacts, so that the
/// message may stand under another one's. Index: `contact_email`, `contact_mobile`, `message_contact`.
pub async fn fates_of(snapshot: &mut Snapshot, about: Uuid, code: &str) -> Result<Vec<Fate>, DbError> {
    let statement = sql!(
        "WITH own AS (
             SELECT c.email, c.mobile FROM organisation o JOIN contact c ON c.organisation_id = o.id
             WHERE o.code = ?2
             UNION
             SELECT c.email, c.mobile FROM organisation o
             JOIN answers_for f ON f.organisation_id = o.id JOIN contact c ON c.organisation_id = f.answering_id
             WHERE o.code = ?2
         ), reached AS (
             SELECT c.id, c.organisation_id FROM own CROSS JOIN contact c WHERE c.email = own.email
             UNION
             SELECT c.id, c.organisation_id FROM own CROSS JOIN contact c
             WHERE c.mobile IS NOT NULL AND c.mobile = own.mobile
         )
         SELECT m.id, m.kind, m.channel, m.address, o.code AS organisation, m.state, m.last_error,
                m.settled_at, m.arrived_at
         FROM reached r CROSS JOIN message m JOIN organisation o ON o.id = r.organisation_id
         WHERE m.contact_id = r.id AND m.about_id = ?1
         ORDER BY m.id LIMIT 51"
    );
    snapshot.all(statement, params![about, code]).await
}

/// Notes what the network said of a text to `mobile`; `false` where no such text was sent there. What
/// arrived stays so, whatever is said later. A receipt can come before the answer to our own request
/// does, or without it: then it settles the message.
pub(super) async fn receipt(
    tx: &mut Tx,
    id: MessageId,
    mobile: &str,
    failed: Option<&str>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE message SET state = ?3, last_error = ?4, arrived_at = ?5, settled_at = ?6, lease_until = NULL
         WHERE id = ?1 AND channel = 'sms' AND address = ?2 AND attempts > 0 AND arrived_at IS NULL"
    );
    let now = tx.now;
    let (state, arrived) = match failed {
        Some(_) => (State::Failed, None),
        None => (State::Sent, Some(now)),
    };
    Ok(tx.run(statement, params![id, mobile, state, failed, arrived, now]).await? == 1)
}

db::record! {
    /// A mail that was tried at least once.
    pub struct Tried {
        /// What it is.
        pub kind: String,
        /// To whom it went.
        pub address: String,
        /// The person it was for, where it was one with an account.
        pub person_id: Option<Uuid>,
        /// What it was about.
        pub about_id: Option<Uuid>,
        /// When it was handed over, where that is known.
        pub settled_at: Option<Timestamp>,
    }
}

/// The mail of this id, if it was tried. Index: the primary key.
pub async fn tried(snapshot: &mut Snapshot, id: MessageId) -> Result<Option<Tried>, DbError> {
    let statement = sql!(
        "SELECT kind, address, person_id, about_id, settled_at
         FROM message WHERE id = ?1 AND channel = 'mail' AND attempts > 0"
    );
    snapshot.maybe(statement, params![id]).await
}

/// Notes that a mail came back; `false` where that was noted before. Whatever became of it: that a
/// server returns it tells that it had been handed over, and no try of ours changes that any more.
pub(crate) async fn came_back(tx: &mut Tx, id: MessageId, said: &str) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE message SET state = 'came_back', last_error = ?2, settled_at = ?3, lease_until = NULL
         WHERE id = ?1 AND channel = 'mail' AND attempts > 0 AND state <> 'came_back'"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![id, said, now]).await? == 1)
}
