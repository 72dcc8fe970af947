//! What of a case an actor sees, and where in it they write: the one door to everything in it.

use std::collections::HashMap;

use db::{DbError, Snapshot, Statement, params, sql};
use jiff::Timestamp;
use platform::{
    Actor,
    access::{Forbidden, Person, PersonId, Role, resolve, scope::mine_of},
    mine,
    organisation::OrganisationId,
    web::{Error, Visit},
};
use uuid::Uuid;

use super::{CaseError, Zone, Zones};
use crate::{
    access::{HANDLE_INCIDENTS, InCases, READ_INCIDENTS, WRITE_CASES, key_may},
    incident::{
        IncidentId, State,
        store::{self, Incident},
    },
};

/// As what somebody comes to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Of its organisation, or of those who answer for it.
    Organisation,
    /// Of an organisation that was let in.
    Guest,
    /// Of the CERT.
    Cert,
}

impl Party {
    /// Who wrote something, as somebody of this side knows them: see [`Sight::who`].
    pub fn knows(self, cert: &str, known: bool, by: Option<&str>, through: Option<&str>) -> String {
        match (known, by, through) {
            (false, _, Some(through)) => through.to_owned(),
            (false, _, None) => "By itself".to_owned(),
            (true, _, None) if self != Self::Cert => cert.to_owned(),
            (true, by, through) => {
                format!("{}, {}", by.unwrap_or("Somebody who has left"), through.unwrap_or(cert))
            }
        }
    }
}

/// What of a case is an actor's.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The incident.
    pub incident: Incident,
    /// As what they come.
    pub party: Party,
    /// The zones that they read.
    pub reads: Zones,
    /// Those in which they write. None in the case of an incident that was joined to another.
    pub writes: Zones,
    /// Those in which they would write, had the incident not been joined: what stands there they may still take along.
    pub would_write: Zones,
    /// The organisation through which they come; none at the CERT.
    pub through: Option<OrganisationId>,
}

impl Sight {
    /// That the actor writes anywhere in this case.
    pub fn write_any(&self, to_do: &'static str) -> Result<(), CaseError> {
        self.reads.iter().map(|zone| self.write(zone, to_do)).find(Result::is_ok).unwrap_or_else(|| {
            if self.incident.state == State::Joined {
                Err(CaseError::Joined)
            } else {
                Err(Forbidden(to_do).into())
            }
        })
    }

    /// Who wrote something, as the reader knows them: the CERT's people have names at the CERT alone. `known` is
    /// whether anybody did; `through` the organisation whose person it was, none at the CERT.
    pub fn who(&self, cert: &str, known: bool, by: Option<&str>, through: Option<&str>) -> String {
        self.party.knows(cert, known, by, through)
    }

    /// By which side something was written, where anybody did: what machines are told in place of names.
    pub fn side(known: bool, through: Option<&str>) -> Option<&'static str> {
        match (known, through) {
            (_, Some(_)) => Some("organisation"),
            (true, None) => Some("cert"),
            (false, None) => None,
        }
    }

    /// Whether the reader reads more than one zone, so that it matters in which one something stands.
    pub const fn marks_zones(&self) -> bool {
        self.reads.count() > 1
    }

    /// Whether they write anywhere in this case.
    pub const fn writes_any(&self) -> bool {
        self.writes.count() > 0
    }

    /// That the actor reads this zone; what stands in another does not exist for them.
    pub const fn read(&self, zone: Zone) -> Result<(), CaseError> {
        if self.reads.contains(zone) { Ok(()) } else { Err(CaseError::NotFound) }
    }

    /// That the actor writes in this zone: not found where they do not read it, forbidden where they only do.
    pub fn write(&self, zone: Zone, to_do: &'static str) -> Result<(), CaseError> {
        self.read(zone)?;
        match self.incident.state {
            State::Joined => Err(CaseError::Joined),
            _ if self.writes.contains(zone) => Ok(()),
            _ => Err(Forbidden(to_do).into()),
        }
    }
}

/// Who writes: a person, or the key of a machine, whose id then stands in the person's place and whose name is shown.
pub(crate) fn writer(actor: &Actor, to_do: &'static str) -> Result<PersonId, Forbidden> {
    let id = match actor {
        Actor::Person(person) => Some(person.id),
        Actor::Key(key) => Some(PersonId(key.id.0)),
        Actor::Job(_) | Actor::CodeHolder | Actor::Anyone => None,
    };
    id.ok_or(Forbidden(to_do))
}

/// What of the case of this incident is the actor's; [`CaseError::NotFound`] where nothing is.
///
/// The organisation's people and those who answer for it read and write what is theirs and what is shared; the CERT
/// what is shared and its own; guests the zones to which they were let in. Of an incident that is kept apart only the
/// CERT knows.
pub async fn sight(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: IncidentId,
) -> Result<Sight, CaseError> {
    let incident = store::incident(snapshot, id).await?.ok_or(CaseError::NotFound)?;
    let open = |zones: Zones| if incident.state == State::Joined { Zones::default() } else { zones };
    let (at_cert, may_write) = match actor {
        // A key opens no case by what it stands for alone: its scopes say.
        Actor::Key(key) if !key_may(key, InCases::Read) => return Err(CaseError::NotFound),
        Actor::Key(key) => (key.organisation.is_none(), key_may(key, InCases::Write)),
        _ => (actor.is_any(READ_INCIDENTS), actor.is_any(HANDLE_INCIDENTS)),
    };
    if at_cert {
        let reads = Zones::of(&[Zone::Shared, Zone::Cert]);
        let would_write = if may_write { reads } else { Zones::default() };
        let writes = open(would_write);
        return Ok(Sight { incident, party: Party::Cert, reads, writes, would_write, through: None });
    }
    let (party, reads, through) =
        came(snapshot, actor, now, Role::READING, id).await?.ok_or(CaseError::NotFound)?;
    let written = match actor {
        Actor::Key(_) if !may_write => None,
        _ => came(snapshot, actor, now, WRITE_CASES, id).await?,
    };
    let through = written.map_or(through, |(_, _, through)| through);
    let would_write = written.map(|(_, zones, _)| zones).unwrap_or_default();
    let writes = open(would_write);
    Ok(Sight { incident, party, reads, writes, would_write, through: Some(through) })
}

/// What of a case is theirs who come to a page of it, and what else is read at the same moment.
pub(crate) async fn opened(visit: &Visit, id: IncidentId) -> Result<(Snapshot, Sight), Error> {
    let mut snapshot = visit.app.read().await?;
    let sight = sight(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    Ok((snapshot, sight))
}

/// Whether a person still reads this zone of a case: what they are to be reminded of may have waited for days, and they
/// may have been let out, or have left, meanwhile.
pub(crate) async fn still_reads(
    snapshot: &mut Snapshot,
    id: PersonId,
    now: Timestamp,
    (incident, zone): (IncidentId, Zone),
) -> Result<bool, DbError> {
    let roles = resolve::roles(snapshot, id, now).await?;
    let actor = Actor::Person(Person { id, name: String::new(), session: uuid::Uuid::nil(), roles });
    match sight(snapshot, &actor, now, incident).await {
        Ok(sight) => Ok(sight.reads.contains(zone)),
        Err(CaseError::Database(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// `WITH …, seen AS (…)`: every case that is an organisation's actor's, with each of its zones that they read, and whether
/// they are guests in it: what [`sight()`](crate::case::sight()) says of one case, for lists over all of them. Columns: `incident_id`, `zone`,
/// `guest`. Its values are those of [`platform::mine!`].
///
/// Indexes: `incident_organisation`, `case_guest_organisation`.
#[macro_export]
macro_rules! seen {
    () => {
        ::std::concat!(
            ::platform::mine!(),
            ", seen AS (
                 SELECT i.id AS incident_id, z.zone, FALSE AS guest
                 FROM mine m CROSS JOIN incident i CROSS JOIN (SELECT 'own' AS zone UNION ALL SELECT 'shared') z
                 WHERE i.organisation_id = m.organisation_id AND i.apart = FALSE
                 UNION
                 SELECT g.incident_id, g.zone, TRUE AS guest
                 FROM mine m CROSS JOIN case_guest g CROSS JOIN incident i
                 WHERE g.organisation_id = m.organisation_id AND g.ended_at IS NULL
                   AND i.id = g.incident_id AND i.apart = FALSE
                   AND (i.organisation_id IS NULL OR i.organisation_id NOT IN (SELECT organisation_id FROM mine))
             ) "
        )
    };
}

/// As what, to which zones and through which organisation an actor comes who stands for any in one of `roles`.
/// Indexes: the key of `incident`, `case_guest_of`.
async fn came(
    snapshot: &mut Snapshot,
    actor: &Actor,
    now: Timestamp,
    roles: &[Role],
    id: IncidentId,
) -> Result<Option<(Party, Zones, OrganisationId)>, DbError> {
    let statement = sql!(
        mine!(),
        "SELECT NULL AS zone, m.through_id
         FROM mine m CROSS JOIN incident i
         WHERE i.id = ?7 AND i.apart = FALSE AND i.organisation_id = m.organisation_id
         UNION ALL
         SELECT g.zone, m.through_id
         FROM mine m CROSS JOIN case_guest g CROSS JOIN incident i
         WHERE g.incident_id = ?7 AND g.organisation_id = m.organisation_id AND g.ended_at IS NULL
           AND i.id = g.incident_id AND i.apart = FALSE"
    );
    let rows: Vec<(Option<Zone>, OrganisationId)> =
        snapshot.all(statement, mine_of(actor, now, roles, params![id])).await?;
    let Some((_, through)) = rows.iter().find(|(zone, _)| zone.is_none()).or(rows.first()) else {
        return Ok(None);
    };
    let of_it = rows.iter().any(|(zone, _)| zone.is_none());
    // Whoever is of the organisation, or answers for it, is no guest in its case: or a body that was let in to the
    // CERT's zone would carry what stands there into the house.
    let (party, zones) = if of_it {
        (Party::Organisation, Zones::of(&[Zone::Own, Zone::Shared]))
    } else {
        (Party::Guest, rows.iter().filter_map(|(zone, _)| *zone).fold(Zones::default(), Zones::with))
    };
    Ok(Some((party, zones, *through)))
}

/// Everybody who has anything of the case of this incident, with the zones that they read: the same as [`sight`] says for
/// each, asked once for all who follow it. People and keys, by their ids.
///
/// Indexes: the key of `incident`, `case_guest_of`, `membership_organisation`, that of `answers_for` by organisation.
pub async fn everybody(
    snapshot: &mut Snapshot,
    id: IncidentId,
    now: Timestamp,
) -> Result<HashMap<Uuid, Zones>, DbError> {
    let statement = sql!(
        "WITH theirs AS MATERIALIZED (
             SELECT i.organisation_id, NULL AS zone FROM incident i
             WHERE i.id = ?1 AND i.apart = FALSE AND i.organisation_id IS NOT NULL
             UNION ALL
             SELECT g.organisation_id, g.zone FROM case_guest g CROSS JOIN incident i
             WHERE g.incident_id = ?1 AND g.ended_at IS NULL AND i.id = g.incident_id AND i.apart = FALSE
         ), come AS (
             SELECT m.holder_id, m.role, t.zone, m.organisation_id AS through_id, m.organisation_id
             FROM theirs t CROSS JOIN membership m
             WHERE m.organisation_id = t.organisation_id
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
             UNION ALL
             SELECT m.holder_id, m.role, t.zone, m.organisation_id AS through_id, a.organisation_id
             FROM theirs t CROSS JOIN answers_for a CROSS JOIN membership m
             WHERE a.organisation_id = t.organisation_id AND a.from_at <= ?2
               AND (a.until_at IS NULL OR a.until_at > ?2) AND m.organisation_id = a.answering_id
               AND m.from_at <= ?2 AND (m.until_at IS NULL OR m.until_at > ?2)
         )
         SELECT c.holder_id, c.zone FROM come c LEFT JOIN api_key k ON k.id = c.holder_id
         WHERE c.role IN ('responder', 'lead', 'executive', 'viewer')
           AND (k.id IS NULL
                OR (k.revoked_at IS NULL AND k.expires_at > ?2
                    AND (k.organisation_id = c.through_id
                         OR (c.through_id = c.organisation_id
                             AND EXISTS (SELECT 1 FROM answers_for a
                                         WHERE a.organisation_id = c.organisation_id
                                           AND a.answering_id = k.organisation_id AND a.from_at <= ?2
                                           AND (a.until_at IS NULL OR a.until_at > ?2))))))"
    );
    let rows: Vec<(Uuid, Option<Zone>)> = snapshot.all(statement, params![id, now]).await?;
    let mut all: HashMap<Uuid, Zones> = HashMap::new();
    for (holder, zone) in &rows {
        let zones = all.entry(*holder).or_default();
        *zones = zone.map_or(*zones, |zone| zones.with(zone));
    }
    // Whoever is of the organisation is no guest in its case, and whoever is at the CERT comes as that.
    let of_it = rows.iter().filter(|(_, zone)| zone.is_none()).map(|(holder, _)| *holder);
    all.extend(of_it.map(|holder| (holder, Zones::of(&[Zone::Own, Zone::Shared]))));
    let rows: Vec<(Uuid,)> = snapshot.all(at_cert(), params![now]).await?;
    all.extend(rows.into_iter().map(|(holder,)| (holder, Zones::of(&[Zone::Shared, Zone::Cert]))));
    Ok(all)
}

/// Those at the CERT who read incidents, and the CERT's keys. Index: `membership_organisation`, `api_key_organisation`.
fn at_cert() -> &'static Statement {
    sql!(
        "SELECT m.holder_id FROM membership m
         WHERE m.organisation_id IS NULL AND m.role IN ('analyst', 'duty_manager', 'admin', 'auditor')
           AND m.from_at <= ?1 AND (m.until_at IS NULL OR m.until_at > ?1)
         UNION
         SELECT k.id FROM api_key k
         WHERE k.organisation_id IS NULL AND k.revoked_at IS NULL AND k.expires_at > ?1"
    )
}
