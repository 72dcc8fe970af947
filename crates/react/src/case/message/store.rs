//! The SQL of messages in cases.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{Tx, access::PersonId, organisation::OrganisationId};
use uuid::Uuid;

use super::MessageId;
use crate::{
    case::{CaseError, Zone, Zones},
    incident::IncidentId,
};

db::record! {
    /// A message, as it is read.
    pub struct Message {
        /// Which.
        pub id: MessageId,
        /// Whose it is to read.
        pub zone: Zone,
        /// What it says; empty where it was forgotten.
        pub text: String,
        /// Whose it is.
        pub person_id: PersonId,
        /// Their name, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub sent_at: Timestamp,
    }
}

/// The messages of these zones of a case before one, the last first, 51 at most. Index: `case_message_of`.
pub async fn of(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    before: MessageId,
) -> Result<Vec<Message>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT m.id, m.zone, m.text, m.person_id, coalesce(p.name, k.name) AS by, o.name AS through, m.sent_at
         FROM case_message m
         LEFT JOIN person p ON p.id = m.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = m.person_id
         LEFT JOIN organisation o ON o.id = m.through_id
         WHERE m.incident_id = ?1 AND m.zone IN (?2, ?3, ?4) AND m.id < ?5 ORDER BY m.id DESC LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, before]).await
}

db::record! {
    /// That somebody said they read a message.
    pub struct Reading {
        /// Which message.
        pub message_id: MessageId,
        /// Who.
        pub person_id: PersonId,
        /// Their name, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub read_at: Timestamp,
    }
}

/// Who read the messages of these zones from one on, up to another: 1,000 at most. Index: the key.
pub async fn readings(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    (from, to): (MessageId, MessageId),
) -> Result<Vec<Reading>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT r.message_id, r.person_id, p.name AS by, o.name AS through, r.read_at
         FROM case_message_read r CROSS JOIN case_message m
         LEFT JOIN person p ON p.id = r.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = r.through_id
         WHERE r.incident_id = ?1 AND r.message_id >= ?5 AND r.message_id <= ?6
           AND m.id = r.message_id AND m.zone IN (?2, ?3, ?4)
         ORDER BY r.message_id, r.person_id LIMIT 1000"
    );
    snapshot.all(statement, params![incident, own, shared, cert, from, to]).await
}

/// What was sent with this form before. Index: its unique one.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<Option<MessageId>, DbError> {
    let statement = sql!("SELECT id FROM case_message WHERE form = ?1 AND incident_id = ?2");
    Ok(snapshot.maybe::<(MessageId,)>(statement, params![form, incident]).await?.map(|(id,)| id))
}

/// Who writes, or reads.
pub(super) type By = (PersonId, Option<OrganisationId>);

pub(super) async fn insert(
    tx: &mut Tx,
    (incident, zone, form): (IncidentId, Zone, Uuid),
    text: &str,
    (by, through): By,
) -> Result<MessageId, CaseError> {
    let (id, now): (MessageId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO case_message (id, incident_id, zone, text, person_id, through_id, sent_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    match tx.run(statement, params![id, incident, zone, text, by, through, now, form]).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}

/// Marks what others wrote in these zones, up to a message, as read by a person; says how many they had not read.
/// From now on they are told again when there is something new. Index: `case_message_of`.
pub(super) async fn mark_read(
    tx: &mut Tx,
    incident: IncidentId,
    zones: Zones,
    until: MessageId,
    (by, through): By,
) -> Result<u64, DbError> {
    let [own, shared, cert] = zones.codes();
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO case_message_read (incident_id, message_id, person_id, through_id, read_at)
         SELECT m.incident_id, m.id, ?6, ?7, CAST(?8 AS BIGINT) FROM case_message m
         WHERE m.incident_id = ?1 AND m.zone IN (?2, ?3, ?4) AND m.id <= ?5 AND m.person_id <> ?6
           AND NOT EXISTS (SELECT 1 FROM case_message_read r
                           WHERE r.incident_id = m.incident_id AND r.message_id = m.id AND r.person_id = ?6)
         ON CONFLICT DO NOTHING"
    );
    let marked = tx.run(statement, params![incident, own, shared, cert, until, by, through, now]).await?;
    let told = sql!("DELETE FROM case_message_told WHERE incident_id = ?1 AND person_id = ?2");
    tx.run(told, params![incident, by]).await?;
    Ok(marked)
}

/// Keeps that a person is told that there are messages; `false` where they were, and have not read since.
pub(super) async fn tell_once(tx: &mut Tx, incident: IncidentId, person: PersonId) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO case_message_told (incident_id, person_id, told_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (incident_id, person_id) DO NOTHING"
    );
    Ok(tx.run(statement, params![incident, person, now]).await? == 1)
}

/// Whether a person was told that there are messages, and has not read since. Index: the key.
pub(in crate::case) async fn is_told(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    person: PersonId,
) -> Result<bool, DbError> {
    let statement = sql!("SELECT told_at FROM case_message_told WHERE incident_id = ?1 AND person_id = ?2");
    Ok(snapshot.maybe::<(Timestamp,)>(statement, params![incident, person]).await?.is_some())
}

/// Who of an organisation has written anything in these zones of a case, 100 at most. Index: `case_entry_of`.
pub(super) async fn wrote(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<PersonId>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT DISTINCT person_id FROM case_entry
         WHERE incident_id = ?1 AND zone IN (?2, ?3, ?4) AND person_id IS NOT NULL AND through_id IS NOT NULL
         LIMIT 100"
    );
    let rows: Vec<(PersonId,)> = snapshot.all(statement, params![incident, own, shared, cert]).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
