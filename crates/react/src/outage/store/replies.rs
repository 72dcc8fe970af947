//! What those concerned say: each its own, and the CERT's counts of all.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
};

use crate::{
    impact::Downtime,
    incident::{self, IncidentId},
    outage::{OutageId, Patients, Said, Stands},
};

db::record! {
    /// An organisation that an outage concerns, and what it says.
    pub struct Reply {
        /// Which organisation.
        pub organisation_id: OrganisationId,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// The code of its kind.
        pub kind: String,
        /// Its telephone number, as the register has it.
        pub telephone: Option<String>,
        /// How it stands.
        pub stands: Stands,
        /// Whether the procedure for work without the system carries it.
        pub downtime: Downtime,
        /// Whether patients are affected.
        pub patients: Patients,
        /// What else it says.
        pub note: String,
        /// When it last answered.
        pub answered_at: Option<Timestamp>,
        /// The organisation whose person answered.
        pub through: Option<String>,
        /// The last reminder that it was sent, counted from 1; 0 where there was none.
        pub reminder: i64,
        /// When it was reminded last.
        pub reminded_at: Option<Timestamp>,
        /// The incident of its own that it opened.
        pub incident_id: Option<IncidentId>,
        /// The number of that.
        pub incident: Option<incident::Receipt>,
        /// Grows with every answer.
        pub version: i64,
    }
}

macro_rules! replies {
    () => {
        "SELECT r.organisation_id, o.code, o.name, r.kind, o.telephone, r.stands, r.downtime, r.patients, r.note,
                r.answered_at, h.name AS through, r.reminder, r.reminded_at, r.incident_id, i.receipt AS incident, r.version "
    };
}

/// What the CERT asks for among those concerned.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// How they stand.
    pub stands: Option<Stands>,
    /// Whether patients are affected.
    pub patients: Option<Patients>,
    /// The code of their kind.
    pub kind: Option<String>,
    /// Behind this one.
    pub after: Option<OrganisationId>,
}

// Indexes: the key of `outage_reply`, or `outage_reply_stands`.
db::listing! {
    static LIST = concat!(
        replies!(),
        "FROM outage_reply r JOIN organisation o ON o.id = r.organisation_id
         LEFT JOIN organisation h ON h.id = r.through_id LEFT JOIN incident i ON i.id = r.incident_id"
    );
    of: "r.outage_id = ?1",
    stands: "r.stands = ?1",
    patients: "r.patients = ?1",
    kind: "r.kind = ?1",
    after: "r.organisation_id > ?1",
    tail: "ORDER BY r.organisation_id LIMIT 51",
}

/// Those whom an outage concerns, whoever asks, 51 at most.
pub async fn replies(snapshot: &mut Snapshot, id: OutageId, which: &Which) -> Result<Vec<Reply>, DbError> {
    let selection = LIST
        .select(params![])
        .when("of", params![id])
        .when_some("stands", which.stands)
        .when_some("patients", which.patients)
        .when_some("kind", which.kind.clone())
        .when_some("after", which.after);
    snapshot.list(selection).await
}

/// Those of them for whom `actor` stands in one of `roles`, behind `after`, 51 at most. Index: the key, each against
/// those that they stand for.
pub async fn own_replies(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: OutageId,
    after: OrganisationId,
) -> Result<Vec<Reply>, DbError> {
    let statement = sql!(
        mine!(),
        replies!(),
        "FROM mine m CROSS JOIN outage_reply r CROSS JOIN organisation o
         LEFT JOIN organisation h ON h.id = r.through_id LEFT JOIN incident i ON i.id = r.incident_id
         WHERE r.outage_id = ?7 AND r.organisation_id = m.organisation_id AND r.organisation_id > ?8
           AND o.id = r.organisation_id
         ORDER BY r.organisation_id LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![id, after])).await
}

/// One of them, if `actor` stands for it in one of `roles`, and the organisation through which they do.
pub async fn own_reply(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    (id, organisation): (OutageId, OrganisationId),
) -> Result<Option<Reply>, DbError> {
    let statement = sql!(
        mine!(),
        replies!(),
        "FROM mine m CROSS JOIN outage_reply r CROSS JOIN organisation o
         LEFT JOIN organisation h ON h.id = r.through_id LEFT JOIN incident i ON i.id = r.incident_id
         WHERE m.organisation_id = ?8 AND r.outage_id = ?7 AND r.organisation_id = m.organisation_id
           AND o.id = r.organisation_id"
    );
    snapshot.maybe(statement, mine_of(actor, now, roles, params![id, organisation])).await
}

/// How many that it concerns and for whom `actor` answers have not answered. Index: `outage_reply_stands`.
pub async fn own_waiting(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: OutageId,
) -> Result<i64, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT count(*) FROM outage_reply
         WHERE outage_id = ?7 AND stands = 'waiting' AND organisation_id IN (SELECT organisation_id FROM mine)"
    );
    Ok(snapshot.one::<(i64,)>(statement, mine_of(actor, now, Role::ANSWERING, params![id])).await?.0)
}

/// Who answers.
#[derive(Clone, Copy, Debug)]
pub struct Answering {
    /// The person.
    pub by: PersonId,
    /// The organisation through which they do.
    pub through: OrganisationId,
}

/// Keeps what one of them says; `false` where its version has moved. Index: the key.
pub(crate) async fn answer(
    tx: &mut Tx,
    id: OutageId,
    (organisation, version): (OrganisationId, i64),
    said: &Said,
    who: Answering,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE outage_reply SET stands = ?4, downtime = ?5, patients = ?6, note = ?7, answered_at = ?8,
                first_at = coalesce(first_at, CAST(?8 AS BIGINT)), answered_by = ?9, through_id = ?10,
                version = version + 1
         WHERE outage_id = ?1 AND organisation_id = ?2 AND version = ?3"
    );
    let values = params![
        id,
        organisation,
        version,
        said.stands,
        said.downtime,
        said.patients,
        &said.note,
        now,
        who.by,
        who.through
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Keeps the same for all that have not answered and for whom `actor` answers through one organisation; says for how
/// many. Index: `outage_reply_stands`.
pub(crate) async fn answer_all(
    tx: &mut Tx,
    actor: &Actor,
    id: OutageId,
    said: &Said,
    who: Answering,
) -> Result<u64, DbError> {
    let now = tx.now;
    let statement = sql!(
        mine!(),
        "UPDATE outage_reply SET stands = ?9, downtime = ?10, patients = ?11, note = ?12, answered_at = ?13,
                first_at = coalesce(first_at, CAST(?13 AS BIGINT)), answered_by = ?14, through_id = ?8,
                version = version + 1
         WHERE outage_id = ?7 AND stands = 'waiting'
           AND organisation_id IN (SELECT organisation_id FROM mine WHERE through_id = ?8)"
    );
    let rest = params![id, who.through, said.stands, said.downtime, said.patients, &said.note, now, who.by];
    tx.run(statement, mine_of(actor, now, Role::ANSWERING, rest)).await
}

/// Notes the incident that one of them opened; `false` where it had opened one.
pub(crate) async fn opened(
    tx: &mut Tx,
    id: OutageId,
    organisation: OrganisationId,
    incident: IncidentId,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE outage_reply SET incident_id = ?3, version = version + 1
         WHERE outage_id = ?1 AND organisation_id = ?2 AND incident_id IS NULL"
    );
    Ok(tx.run(statement, params![id, organisation, incident]).await? == 1)
}

/// How many say that they are affected. Index: `outage_reply_stands`.
pub async fn affected(snapshot: &mut Snapshot, id: OutageId) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM outage_reply WHERE outage_id = ?1 AND stands = 'affected'");
    Ok(snapshot.one::<(i64,)>(statement, params![id]).await?.0)
}

db::record! {
    /// How many of a kind stand so.
    pub struct Counted {
        /// How they stand.
        pub stands: Stands,
        /// Whether the procedure for work without the system carries them.
        pub downtime: Downtime,
        /// Whether patients are affected.
        pub patients: Patients,
        /// The code of their kind.
        pub kind: String,
        /// How many.
        pub count: i64,
    }
}

/// How many stand how. Index: the key, all that it concerns.
pub async fn counts(snapshot: &mut Snapshot, id: OutageId) -> Result<Vec<Counted>, DbError> {
    let statement = sql!(
        "SELECT stands, downtime, patients, kind, count(*) AS count FROM outage_reply WHERE outage_id = ?1
         GROUP BY stands, downtime, patients, kind"
    );
    snapshot.all(statement, params![id]).await
}

/// How many answered first in each hour, by the microsecond at which it begins, and how many of all in time. Index: the
/// key.
pub async fn first_answers(
    snapshot: &mut Snapshot,
    id: OutageId,
    answer_by: Timestamp,
) -> Result<(Vec<(i64, i64)>, i64), DbError> {
    let hours = sql!(
        "SELECT first_at / 3600000000 * 3600000000 AS hour, count(*) AS count FROM outage_reply
         WHERE outage_id = ?1 AND first_at IS NOT NULL
         GROUP BY first_at / 3600000000 * 3600000000 ORDER BY hour"
    );
    let hours = snapshot.all(hours, params![id]).await?;
    let in_time = sql!("SELECT count(*) FROM outage_reply WHERE outage_id = ?1 AND first_at <= ?2");
    let (in_time,): (i64,) = snapshot.one(in_time, params![id, answer_by]).await?;
    Ok((hours, in_time))
}
