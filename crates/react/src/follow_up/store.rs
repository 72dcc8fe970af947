//! The SQL of actions.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Actor, Tx,
    access::{PersonId, Role, scope::mine_of},
    mine,
    organisation::OrganisationId,
};
use uuid::Uuid;

use super::{FollowUpId, Owner, State, Wanted};
use crate::{
    case::{CaseError, Zone, Zones},
    incident::{IncidentId, Receipt},
    lesson::LessonId,
};

db::record! {
    /// An action.
    pub struct FollowUp {
        /// Which.
        pub id: FollowUpId,
        /// Of which case.
        pub incident_id: IncidentId,
        /// The number of that incident.
        pub receipt: Receipt,
        /// Whose it is to read.
        pub zone: Zone,
        /// From which lesson it follows.
        pub lesson_id: LessonId,
        /// That lesson, in a line.
        pub lesson: String,
        /// What is to be done; empty where it was forgotten.
        pub title: String,
        /// Why, and how.
        pub text: String,
        /// The kind of its owner.
        pub owner: String,
        /// The owner, where it is a person.
        pub person_id: Option<PersonId>,
        /// Their name, where they have not left.
        pub person: Option<String>,
        /// The owner, where it is a role.
        pub role: Option<Role>,
        /// The organisation whose role it is, or through which the person comes.
        pub organisation_id: Option<OrganisationId>,
        /// Its name.
        pub organisation: Option<String>,
        /// Until when.
        pub due_at: Timestamp,
        /// Where it stands.
        pub state: State,
        /// What came of it.
        pub outcome: String,
        /// When it was written down.
        pub made_at: Timestamp,
        /// When it last moved.
        pub moved_at: Timestamp,
        /// Grows with every change.
        pub version: i64,
    }
}

impl FollowUp {
    /// What it is called.
    pub fn called(&self) -> &str {
        if self.title.is_empty() { "No longer kept" } else { &self.title }
    }

    /// Whose it is.
    pub fn owner(&self) -> Owner {
        match (self.owner.as_str(), self.person_id, self.role) {
            ("person", Some(id), _) => Owner::Person(id),
            ("role", _, Some(role)) => Owner::Role(role, self.organisation_id),
            _ => Owner::Nobody,
        }
    }

    /// Whether it should have been done before `now`.
    pub fn is_late(&self, now: &Timestamp) -> bool {
        self.state == State::Open && self.due_at <= *now
    }
}

macro_rules! follow_ups {
    () => {
        "SELECT f.id, f.incident_id, i.receipt, f.zone, f.lesson_id, l.title AS lesson, f.title, f.text, f.owner,
                f.person_id, p.name AS person, f.role, f.organisation_id, o.name AS organisation, f.due_at, f.state,
                f.outcome, f.made_at, f.moved_at, f.version
         FROM follow_up f
         CROSS JOIN incident i
         CROSS JOIN lesson l
         LEFT JOIN person p ON p.id = f.person_id AND p.erased_at IS NULL
         LEFT JOIN organisation o ON o.id = f.organisation_id
         WHERE i.id = f.incident_id AND l.id = f.lesson_id "
    };
}

/// The actions of these zones of a case, by when they are due: [`super::MOST`] of each at most. Index: `follow_up_of`.
pub async fn of(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<FollowUp>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        follow_ups!(),
        "AND f.incident_id = ?1 AND f.zone IN (?2, ?3, ?4) ORDER BY f.due_at, f.id LIMIT 600"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// An action of a case, if it stands in one of these zones. Index: the key.
pub async fn follow_up(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: FollowUpId,
) -> Result<Option<FollowUp>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(follow_ups!(), "AND f.id = ?1 AND f.incident_id = ?2 AND f.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// An action, whoever asks: for clocks. Index: the key.
pub(crate) async fn any(snapshot: &mut Snapshot, id: FollowUpId) -> Result<Option<FollowUp>, DbError> {
    snapshot.maybe(sql!(follow_ups!(), "AND f.id = ?1"), params![id]).await
}

/// Who is behind an owner: the person, and the organisation.
pub type Behind = (Option<PersonId>, Option<OrganisationId>);

/// What a person at the CERT has to do in every case, themselves or by their role, the first due first, 51 at most
/// behind `after`. Indexes: `membership_holder`, `follow_up_person`, `follow_up_role`.
pub async fn of_person_at_cert(
    snapshot: &mut Snapshot,
    person: PersonId,
    now: Timestamp,
    (due, after): (Timestamp, FollowUpId),
) -> Result<Vec<FollowUp>, DbError> {
    let statement = sql!(
        follow_ups!(),
        "AND f.zone IN ('shared', 'cert') AND (f.due_at, f.id) > (?3, ?4) AND f.id IN (
             SELECT a.id FROM follow_up a WHERE a.person_id = ?1 AND a.state = 'open' AND a.owner = 'person'
             UNION ALL
             SELECT b.id FROM membership m CROSS JOIN follow_up b
             WHERE m.holder_id = ?1 AND m.organisation_id IS NULL
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
               AND b.organisation_id IS NULL AND b.role = m.role AND b.state = 'open' AND b.owner = 'role')
         ORDER BY f.due_at, f.id LIMIT 51"
    );
    snapshot.all(statement, params![person, now, due, after]).await
}

/// What a person at an organisation has to do in every case that they still see, themselves or by a role that they
/// have; the first due first, 51 at most behind `after`. Indexes: `membership_holder`, `follow_up_person`,
/// `follow_up_role`, `case_guest_of`.
pub async fn of_person(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    (due, after): (Timestamp, FollowUpId),
) -> Result<Vec<FollowUp>, DbError> {
    let statement = sql!(
        mine!(),
        follow_ups!(),
        "AND (f.due_at, f.id) > (?7, ?8) AND i.apart = FALSE
           AND ((f.zone IN ('own', 'shared') AND i.organisation_id IN (SELECT organisation_id FROM mine))
                OR EXISTS (SELECT 1 FROM case_guest g
                           WHERE g.incident_id = i.id AND g.zone = f.zone AND g.ended_at IS NULL
                             AND g.organisation_id IN (SELECT organisation_id FROM mine)))
           AND f.id IN (
             SELECT a.id FROM follow_up a WHERE a.person_id = ?1 AND a.state = 'open' AND a.owner = 'person'
             UNION ALL
             SELECT b.id FROM membership m CROSS JOIN follow_up b
             WHERE m.holder_id = ?1 AND m.organisation_id IS NOT NULL
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
               AND b.organisation_id = m.organisation_id AND b.role = m.role AND b.state = 'open'
               AND b.owner = 'role')
         ORDER BY f.due_at, f.id LIMIT 51"
    );
    snapshot.all(statement, mine_of(actor, now, Role::READING, params![due, after])).await
}

/// Those who have a role at an organisation, or at the CERT, 20 at most. Index: `membership_organisation`.
pub(super) async fn holders(
    snapshot: &mut Snapshot,
    role: Role,
    organisation: Option<OrganisationId>,
    now: Timestamp,
) -> Result<Vec<PersonId>, DbError> {
    let at_cert = sql!(
        "SELECT DISTINCT m.holder_id FROM membership m
         WHERE m.organisation_id IS NULL AND m.role = ?1
           AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
         ORDER BY m.holder_id LIMIT 20"
    );
    let elsewhere = sql!(
        "SELECT DISTINCT m.holder_id FROM membership m
         WHERE m.organisation_id = ?3 AND m.role = ?1 AND m.awaits_acceptance = FALSE
           AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
         ORDER BY m.holder_id LIMIT 20"
    );
    let rows: Vec<(PersonId,)> = match organisation {
        None => snapshot.all(at_cert, params![role, now]).await?,
        Some(organisation) => snapshot.all(elsewhere, params![role, now, organisation]).await?,
    };
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many actions a zone of a case has, and the one of this form. Index: `follow_up_of`, the unique one of forms.
pub(super) async fn sent_with(
    snapshot: &mut Snapshot,
    (incident, zone): (IncidentId, Zone),
    form: Uuid,
) -> Result<(i64, Option<FollowUpId>), DbError> {
    let count = sql!("SELECT count(*) FROM follow_up WHERE incident_id = ?1 AND zone = ?2");
    let (count,): (i64,) = snapshot.one(count, params![incident, zone]).await?;
    let same = sql!("SELECT id FROM follow_up WHERE form = ?1 AND incident_id = ?2");
    let same: Option<(FollowUpId,)> = snapshot.maybe(same, params![form, incident]).await?;
    Ok((count, same.map(|(id,)| id)))
}

const fn role_of(owner: Owner) -> Option<Role> {
    match owner {
        Owner::Role(role, _) => Some(role),
        _ => None,
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    (incident, zone, lesson): (IncidentId, Zone, LessonId),
    (form, wanted): (Uuid, &Wanted),
    (person, organisation): Behind,
    (by, through): (PersonId, Option<OrganisationId>),
) -> Result<FollowUpId, CaseError> {
    let (id, now): (FollowUpId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO follow_up (id, incident_id, zone, lesson_id, title, text, owner, person_id, role,
                                organisation_id, due_at, state, outcome, made_by, through_id, made_at, moved_at, form,
                                version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'open', '', ?12, ?13, ?14, ?14, ?15, 1)"
    );
    let values = params![
        id,
        incident,
        zone,
        lesson,
        wanted.title.trim(),
        wanted.text.trim(),
        wanted.owner.kind(),
        person,
        role_of(wanted.owner),
        organisation,
        wanted.due_at,
        by,
        through,
        now,
        form
    ];
    match tx.run(statement, values).await {
        Err(DbError::Constraint(_)) => Err(CaseError::Twice),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(id),
    }
}

/// Moves an action on, or gives it to somebody else; `false` where its version has moved.
pub(super) async fn advance(
    tx: &mut Tx,
    found: &FollowUp,
    (state, outcome): (State, &str),
    (owner, (person, organisation)): (Owner, Behind),
    due_at: Timestamp,
) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE follow_up SET state = ?3, outcome = ?4, owner = ?5, person_id = ?6, role = ?7, organisation_id = ?8,
                              due_at = ?9, moved_at = ?10, version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let now = tx.now;
    let values = params![
        found.id,
        found.version,
        state,
        outcome,
        owner.kind(),
        person,
        role_of(owner),
        organisation,
        due_at,
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// What followed from one lesson follows from the one that stands in its place. Index: `follow_up_lesson`.
pub(crate) async fn pass_on(tx: &mut Tx, from: LessonId, to: LessonId) -> Result<(), DbError> {
    let statement = sql!("UPDATE follow_up SET lesson_id = ?2, version = version + 1 WHERE lesson_id = ?1");
    tx.run(statement, params![from, to]).await?;
    Ok(())
}

/// What an organisation that is let out of a zone had to do there is nobody's. Index: `follow_up_of`.
pub(crate) async fn give_back(
    tx: &mut Tx,
    incident: IncidentId,
    zone: Zone,
    organisation: OrganisationId,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE follow_up SET owner = 'nobody', person_id = NULL, role = NULL, organisation_id = NULL,
                              version = version + 1
         WHERE incident_id = ?1 AND zone = ?2 AND organisation_id = ?3 AND state = 'open'"
    );
    tx.run(statement, params![incident, zone, organisation]).await?;
    Ok(())
}
