//! The SQL of incidents. What an organisation reads begins with the organisations that it stands for.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
    retention::{BATCH, Rule, rows},
};
use uuid::Uuid;

use super::{IncidentId, Receipt, Side, Standing, State};
use crate::{
    report::{ReportId, Seen, Way, facts::read_codes, store::TOGETHER},
    triage::{Because, Priority},
};

/// What is forgotten of an incident: what was said of it, and whom to ring. That there was one, what kind of
/// thing was seen and what became of it stays.
pub const FORGOTTEN: Rule = Rule {
    name: "incident_words",
    // Indexes: incident_words, report_incident, incident_addition_of.
    forget: |tx, before| {
        Box::pin(async move {
            let reports = sql!(
                "UPDATE report SET named = '', care = '', ring_name = '', ring_telephone = '', more = ''
                 WHERE incident_id IN (
                     SELECT id FROM incident WHERE words_kept = TRUE AND closed_at < ?1
                     ORDER BY closed_at, id LIMIT ?2)"
            );
            tx.run(reports, params![before, BATCH]).await?;
            let additions = sql!(
                "UPDATE incident_addition SET text = '' WHERE incident_id IN (
                     SELECT id FROM incident WHERE words_kept = TRUE AND closed_at < ?1
                     ORDER BY closed_at, id LIMIT ?2)"
            );
            tx.run(additions, params![before, BATCH]).await?;
            crate::case::forget(tx, before).await?;
            let incidents = sql!(
                "UPDATE incident SET words_kept = FALSE, reason = '' WHERE id IN (
                     SELECT id FROM incident WHERE words_kept = TRUE AND closed_at < ?1
                     ORDER BY closed_at, id LIMIT ?2)"
            );
            tx.run(incidents, params![before, BATCH]).await
        })
    },
};

/// What was noted of a call back, and the number that was rung. That somebody was rung, and what came of it, stays.
pub const CALL_NOTES: Rule = Rule {
    name: "call_back_note",
    // Index: call_back_note.
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE call_back SET note = '', number = '' WHERE id IN (
                 SELECT id FROM call_back WHERE rung_at < ?1 AND (note <> '' OR number <> '')
                 ORDER BY rung_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

db::record! {
    /// An incident, with what was reported of it first.
    pub struct Incident {
        /// Which.
        pub id: IncidentId,
        /// Its number.
        pub receipt: Receipt,
        /// The organisation; none where nobody knows which.
        pub organisation_id: Option<OrganisationId>,
        /// Its code.
        pub code: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// How far it is believed.
        pub standing: Standing,
        /// Where it stands.
        pub state: State,
        /// When it was reported first.
        pub opened_at: Timestamp,
        /// Who took it on.
        pub taken_by: Option<PersonId>,
        /// Their name, where they have not left.
        pub taker: Option<String>,
        /// When.
        pub taken_at: Option<Timestamp>,
        /// Why it was closed; empty where it was not.
        pub reason: String,
        /// When it was closed.
        pub closed_at: Option<Timestamp>,
        /// The one of which it is a part.
        pub joined_into: Option<IncidentId>,
        /// Grows with every change.
        pub version: i64,
        /// The organisation as it was typed in the first report.
        pub named: Option<String>,
        /// What was seen first, as codes.
        pub seen: Option<String>,
        /// By which way the first report came.
        pub way: Option<Way>,
        /// Whether something else is under way there that was reported within three days of it.
        pub twin: bool,
        /// How urgent it is; none of before there was a priority, until somebody answers a question about it.
        pub priority: Option<Priority>,
        /// What decides that, as codes.
        pub priority_because: String,
    }
}

impl Incident {
    /// What the organisation is called: by its name where it is known, else as it was typed.
    pub fn called(&self) -> String {
        match (&self.name, self.named.as_deref()) {
            (Some(name), _) => name.clone(),
            (None, Some(named)) if !named.is_empty() => format!("“{named}”"),
            _ => "Not known".to_owned(),
        }
    }

    /// What its tag of priority says, and its colour.
    pub fn priority_tag(&self) -> (&'static str, &'static str) {
        self.priority.map_or(("No priority yet", "white"), |priority| (priority.label(), priority.colour()))
    }

    /// Why it has its priority, in words.
    pub fn because_in_words(&self) -> String {
        if self.priority.is_some() { Because::read(&self.priority_because).in_words() } else { String::new() }
    }

    /// What was seen first, in words.
    pub fn seen_in_words(&self) -> String {
        let seen: Vec<Seen> = read_codes(self.seen.as_deref().unwrap_or_default());
        seen.iter().map(|seen| seen.label()).collect::<Vec<_>>().join("; ")
    }
}

// Of 72 hours there are 259,200,000,000 microseconds. Outer joins, though most have an organisation: or SQLite would begin the list with every organisation.
macro_rules! incidents {
    () => {
        "SELECT i.id, i.receipt, i.organisation_id, o.code, o.name, i.standing, i.state, i.opened_at, i.taken_by,
                p.name AS taker, i.taken_at, i.reason, i.closed_at, i.joined_into, i.version,
                (SELECT r.named FROM report r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1) AS named,
                (SELECT r.seen FROM report r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1) AS seen,
                (SELECT r.way FROM report r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1) AS way,
                EXISTS (SELECT 1 FROM incident d
                        WHERE d.organisation_id = i.organisation_id AND d.id <> i.id
                          AND d.opened_at > i.opened_at - 259200000000 AND d.opened_at < i.opened_at + 259200000000
                          AND d.state IN ('reported', 'open') AND i.state IN ('reported', 'open')) AS twin,
                i.priority, i.priority_because
         FROM incident i
         LEFT JOIN organisation o ON o.id = i.organisation_id
         LEFT JOIN person p ON p.id = i.taken_by AND p.erased_at IS NULL "
    };
}
pub(super) use incidents;

/// Those that this person has taken on and that are not over, the newest first, six at most. Index: `incident_in_hand`.
pub(crate) async fn in_hand(snapshot: &mut Snapshot, person: PersonId) -> Result<Vec<Incident>, DbError> {
    let statement = sql!(
        incidents!(),
        "WHERE i.taken_by = ?1 AND i.state = 'open' ORDER BY i.taken_by, i.id DESC LIMIT 6"
    );
    snapshot.all(statement, params![person]).await
}

/// Makes an incident of what was reported just now.
pub(crate) async fn insert(
    tx: &mut Tx,
    organisation: Option<OrganisationId>,
    standing: Standing,
) -> Result<(IncidentId, Receipt), DbError> {
    let (id, now): (IncidentId, _) = (tx.id(), tx.now);
    let receipt = Receipt::drawn(tx.bytes());
    let statement = sql!(
        "INSERT INTO incident (id, receipt, organisation_id, standing, apart, state, opened_at, reason, words_kept,
                               version)
         VALUES (?1, ?2, ?3, ?4, ?5, 'reported', ?6, '', TRUE, 1)"
    );
    tx.run(statement, params![id, &receipt, organisation, standing, standing.is_apart(), now]).await?;
    Ok((id, receipt))
}

/// An incident, whoever asks. Index: the key.
pub async fn incident(snapshot: &mut Snapshot, id: IncidentId) -> Result<Option<Incident>, DbError> {
    snapshot.maybe(sql!(incidents!(), "WHERE i.id = ?1"), params![id]).await
}

/// The incident of this number. Index: its unique one.
pub async fn called(snapshot: &mut Snapshot, receipt: &Receipt) -> Result<Option<IncidentId>, DbError> {
    let found: Option<(IncidentId,)> =
        snapshot.maybe(sql!("SELECT id FROM incident WHERE receipt = ?1"), params![receipt]).await?;
    Ok(found.map(|(id,)| id))
}

/// An incident, if it is of an organisation that `actor` stands for in one of `roles` and not kept apart.
/// Index: the key.
pub async fn own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    id: IncidentId,
) -> Result<Option<Incident>, DbError> {
    let statement = sql!(
        mine!(),
        incidents!(),
        "WHERE i.id = ?7 AND i.apart = FALSE AND i.organisation_id IN (SELECT organisation_id FROM mine)"
    );
    snapshot.maybe(statement, mine_of(actor, now, roles, params![id])).await
}

/// The incidents of those that `actor` stands for, the newest first, 51 at most behind `after`. Index:
/// `incident_organisation` for each, and what is told of one is put together for the page alone. On `read_long`:
/// somebody may stand for thousands.
pub async fn all_own(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    after: IncidentId,
) -> Result<Vec<Incident>, DbError> {
    let statement = sql!(
        mine!(),
        incidents!(),
        "WHERE i.id IN (SELECT n.id FROM incident n
                        WHERE n.id < ?7 AND coalesce(n.apart, FALSE) = FALSE
                          AND n.organisation_id IN (SELECT organisation_id FROM mine)
                        ORDER BY n.id DESC LIMIT 51)
         ORDER BY i.id DESC"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![after])).await
}

/// Those of an organisation for its page, the newest first, 6 at most, where `actor` stands for it. Index:
/// `incident_organisation`.
pub async fn own_of(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    organisation: OrganisationId,
) -> Result<Vec<Incident>, DbError> {
    let statement = sql!(
        mine!(),
        incidents!(),
        "WHERE i.organisation_id = ?7 AND i.apart = FALSE AND i.organisation_id IN (SELECT organisation_id FROM mine)
         ORDER BY i.id DESC LIMIT 6"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![organisation])).await
}

/// Those of an organisation, whatever is believed of them: for the CERT. 6 at most, the newest first. Index:
/// `incident_organisation`.
pub async fn of_organisation(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
) -> Result<Vec<Incident>, DbError> {
    let statement = sql!(incidents!(), "WHERE i.organisation_id = ?1 ORDER BY i.id DESC LIMIT 6");
    snapshot.all(statement, params![organisation]).await
}

/// What is under way at those for whom `actor` reports, and was reported within [`TOGETHER`]: the latest first, 5
/// at most. Index: `incident_under_way` for each; what is written as an expression is so in order that the list of all is
/// not walked for it. On `read_long`: somebody may stand for thousands.
pub async fn under_way(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Incident>, DbError> {
    let statement = sql!(
        mine!(),
        incidents!(),
        "WHERE i.organisation_id IN (SELECT organisation_id FROM mine) AND i.opened_at > ?7
           AND coalesce(i.apart, FALSE) = FALSE AND i.state IN ('reported', 'open')
         ORDER BY i.id DESC LIMIT 5"
    );
    snapshot.all(statement, mine_of(actor, now, Role::ANSWERING, params![now - TOGETHER])).await
}

/// What else is under way at the organisation of an incident, and was reported within [`TOGETHER`] of it: for the
/// CERT. The latest first, 20 at most. Index: `incident_under_way`.
pub async fn beside(snapshot: &mut Snapshot, incident: &Incident) -> Result<Vec<Incident>, DbError> {
    let Some(organisation) = incident.organisation_id else { return Ok(Vec::new()) };
    let statement = sql!(
        incidents!(),
        "WHERE i.organisation_id = ?1 AND i.id <> ?2 AND i.opened_at > ?3 AND i.opened_at < ?4
           AND i.state IN ('reported', 'open')
         ORDER BY i.id DESC LIMIT 20"
    );
    let (from, until) = (incident.opened_at - TOGETHER, incident.opened_at + TOGETHER);
    snapshot.all(statement, params![organisation, incident.id, from, until]).await
}

/// Whether something else was reported of an organisation within [`TOGETHER`], and is not kept apart. Index:
/// `incident_organisation`.
pub(crate) async fn told_before(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
    but: IncidentId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(
        "SELECT id FROM incident
         WHERE organisation_id = ?1 AND id < ?2 AND opened_at > ?3 AND apart = FALSE AND state <> 'closed'
         ORDER BY id DESC LIMIT 1"
    );
    let found: Option<(IncidentId,)> =
        snapshot.maybe(statement, params![organisation, but, now - TOGETHER]).await?;
    Ok(found.is_some())
}

/// How many wait to be taken on, apart or not, counted up to 1,000. Index: `incident_state`.
pub async fn waiting(snapshot: &mut Snapshot, apart: bool) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(*) AS BIGINT) FROM (
             SELECT id FROM incident WHERE apart = ?1 AND state = 'reported' LIMIT 1000) waiting"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![apart]).await?.0)
}

/// Where an incident stands after something happened to it.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub organisation: Option<OrganisationId>,
    pub standing: Standing,
    pub state: State,
    pub taken_by: Option<PersonId>,
    pub taken_at: Option<Timestamp>,
    pub reason: String,
    pub closed_at: Option<Timestamp>,
    pub joined_into: Option<IncidentId>,
}

impl Moved {
    /// As it stands before anything happens.
    pub fn of(incident: &Incident) -> Self {
        Self {
            organisation: incident.organisation_id,
            standing: incident.standing,
            state: incident.state,
            taken_by: incident.taken_by,
            taken_at: incident.taken_at,
            reason: incident.reason.clone(),
            closed_at: incident.closed_at,
            joined_into: incident.joined_into,
        }
    }
}

/// Moves an incident on; `false` where its version has.
pub(crate) async fn advance(tx: &mut Tx, incident: &Incident, moved: &Moved) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE incident SET organisation_id = ?3, standing = ?4, apart = ?5, state = ?6, taken_by = ?7,
                             taken_at = ?8, reason = ?9, closed_at = ?10, joined_into = ?11, words_kept = TRUE,
                             version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![
        incident.id,
        incident.version,
        moved.organisation,
        moved.standing,
        moved.standing.is_apart(),
        moved.state,
        moved.taken_by,
        moved.taken_at,
        &moved.reason,
        moved.closed_at,
        moved.joined_into
    ];
    Ok(tx.run(statement, values).await? == 1)
}

db::record! {
    /// What was added to an incident.
    pub struct Addition {
        /// Who: which side.
        pub side: Side,
        /// The name of the organisation whose person it was.
        pub through: Option<String>,
        /// Who, where they have not left.
        pub by: Option<String>,
        /// What; empty where it was forgotten.
        pub text: String,
        /// When.
        pub added_at: Timestamp,
    }
}

/// What was added to an incident, the first first: at most as much as may be. Index: `incident_addition_of`.
pub async fn additions(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Addition>, DbError> {
    let statement = sql!(
        "SELECT a.side, w.name AS through, p.name AS by, a.text, a.added_at
         FROM incident_addition a
         LEFT JOIN organisation w ON w.id = a.through_id
         LEFT JOIN person p ON p.id = a.person_id AND p.erased_at IS NULL
         WHERE a.incident_id = ?1 ORDER BY a.id LIMIT 200"
    );
    snapshot.all(statement, params![incident]).await
}

/// Whether something was added with this form. Index: its unique one.
pub(crate) async fn is_added(snapshot: &mut Snapshot, form: Uuid) -> Result<bool, DbError> {
    let statement = sql!("SELECT count(*) FROM incident_addition WHERE form = ?1");
    let (count,): (i64,) = snapshot.one(statement, params![form]).await?;
    Ok(count > 0)
}

/// How much was added by those who are known: the organisation's people and the CERT's. Index:
/// `incident_addition_of`.
pub(crate) async fn added(snapshot: &mut Snapshot, incident: IncidentId) -> Result<i64, DbError> {
    let statement =
        sql!("SELECT count(*) FROM incident_addition WHERE incident_id = ?1 AND report_id IS NULL");
    let (count,): (i64,) = snapshot.one(statement, params![incident]).await?;
    Ok(count)
}

/// How much was added to one report by the holder of its code, or by mail. Index: `incident_addition_report`.
pub(crate) async fn added_to(snapshot: &mut Snapshot, report: ReportId) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM incident_addition WHERE report_id = ?1");
    let (count,): (i64,) = snapshot.one(statement, params![report]).await?;
    Ok(count)
}

/// Who adds something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adding {
    pub side: Side,
    /// The organisation whose person it is.
    pub through: Option<OrganisationId>,
    pub person: Option<PersonId>,
    /// The report of the holder of a code.
    pub report: Option<ReportId>,
}

/// Keeps what was added.
pub(crate) async fn add(
    tx: &mut Tx,
    incident: IncidentId,
    form: Uuid,
    from: &Adding,
    text: &str,
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO incident_addition (id, incident_id, form, side, through_id, person_id, report_id, text, added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    let Adding { side, through, person, report } = *from;
    tx.run(statement, params![id, incident, form, side, through, person, report, text, now]).await?;
    Ok(id)
}

/// What the holder of a code has added to their report: nothing of what others did. Index: `incident_addition_of`.
pub(crate) async fn added_by_holder(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    report: ReportId,
) -> Result<Vec<(String, Timestamp)>, DbError> {
    let statement = sql!(
        "SELECT text, added_at FROM incident_addition WHERE incident_id = ?1 AND report_id = ?2
         ORDER BY id LIMIT 100"
    );
    snapshot.all(statement, params![incident, report]).await
}

/// Moves what was added to one incident to another. Index: `incident_addition_of`.
pub(crate) async fn moved(tx: &mut Tx, from: IncidentId, to: IncidentId) -> Result<(), DbError> {
    let statement = sql!("UPDATE incident_addition SET incident_id = ?2 WHERE incident_id = ?1");
    tx.run(statement, params![from, to]).await?;
    tx.run(sql!("UPDATE call_back SET incident_id = ?2 WHERE incident_id = ?1"), params![from, to]).await?;
    Ok(())
}
