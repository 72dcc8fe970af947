//! The SQL of the impact board. What is read begins with the zones that the reader's sight of the case gives.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    organisation::OrganisationId,
    retention::{Rule, rows},
};
use uuid::Uuid;

use super::{Downtime, Harm, Said, ServiceId, State};
use crate::{
    case::{Zone, Zones},
    incident::IncidentId,
};

/// What was noted of harm. How each service stood, and that harm was flagged, stays.
pub const NOTES: Rule = Rule {
    name: "impact_note",
    // Indexes: impact_change_words, the key of impact_service.
    forget: |tx, before| {
        Box::pin(async move {
            let services = sql!(
                "UPDATE impact_service SET harm_note = '' WHERE id IN (
                     SELECT service_id FROM impact_change
                     WHERE recorded_at < ?1 AND harm_note <> '' ORDER BY recorded_at LIMIT ?2)
                   AND changed_at < ?1"
            );
            tx.run(services, db::params![before, platform::retention::BATCH]).await?;
            let changes = sql!(
                "UPDATE impact_change SET harm_note = '' WHERE id IN (
                     SELECT id FROM impact_change WHERE recorded_at < ?1 AND harm_note <> ''
                     ORDER BY recorded_at LIMIT ?2)"
            );
            rows(tx, changes, before).await
        })
    },
};

db::record! {
    /// A service, as it stands.
    pub struct Service {
        /// Which.
        pub id: ServiceId,
        /// Whose it is.
        pub zone: Zone,
        /// What it is called.
        pub name: String,
        /// The systems that it relies on.
        pub systems: String,
        /// How it goes on.
        pub state: State,
        /// Whether the procedure for work without them carries it.
        pub downtime: Downtime,
        /// Where patients are diverted to; empty where they are not.
        pub diverted_to: String,
        /// Since when.
        pub diverted_since: Option<Timestamp>,
        /// Whether patients come to harm.
        pub harm: Harm,
        /// What is known of that.
        pub harm_note: String,
        /// When it changed last.
        pub changed_at: Timestamp,
        /// Grows with every change.
        pub version: i64,
    }
}

impl Service {
    /// What is said of it.
    pub fn said(&self) -> Said {
        Said {
            name: self.name.clone(),
            systems: self.systems.clone(),
            state: self.state,
            downtime: self.downtime,
            diverted_to: self.diverted_to.clone(),
            diverted_since: self.diverted_since,
            harm: self.harm,
            harm_note: self.harm_note.clone(),
        }
    }
}

macro_rules! services {
    () => {
        "SELECT s.id, s.zone, s.name, s.systems, s.state, s.downtime, s.diverted_to, s.diverted_since, s.harm,
                s.harm_note, s.changed_at, s.version
         FROM impact_service s "
    };
}

/// The services on the board of a case in these zones, as many as it may have, those that have stopped first. Index:
/// `impact_service_of`.
pub async fn services(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Service>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        services!(),
        "WHERE s.incident_id = ?1 AND s.zone IN (?2, ?3, ?4)
         ORDER BY CASE s.state WHEN 'stopped' THEN 0 WHEN 'degraded' THEN 1 ELSE 2 END, s.id LIMIT 100"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

/// One of them. Index: the key.
pub async fn service(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    id: ServiceId,
) -> Result<Option<Service>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(services!(), "WHERE s.id = ?1 AND s.incident_id = ?2 AND s.zone IN (?3, ?4, ?5)");
    snapshot.maybe(statement, params![id, incident, own, shared, cert]).await
}

/// Whether this form was kept already, how many services the case has, and how many changes and counts. Indexes:
/// those of the forms, `impact_service_of`, `impact_change_of`, `impact_count_of`.
pub(super) async fn so_far(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    form: Uuid,
) -> Result<(bool, i64, i64), DbError> {
    let statement = sql!(
        "SELECT (SELECT count(*) FROM impact_change WHERE form = ?2)
                + (SELECT count(*) FROM impact_count WHERE form = ?2) AS kept,
                (SELECT count(*) FROM impact_service WHERE incident_id = ?1) AS services,
                (SELECT count(*) FROM impact_change WHERE incident_id = ?1)
                + (SELECT count(*) FROM impact_count WHERE incident_id = ?1) AS changes"
    );
    let (kept, services, changes): (i64, i64, i64) = snapshot.one(statement, params![incident, form]).await?;
    Ok((kept > 0, services, changes))
}

/// Keeps a service that is put on the board.
pub(super) async fn insert(
    tx: &mut Tx,
    incident: IncidentId,
    zone: Zone,
    said: &Said,
) -> Result<ServiceId, DbError> {
    let (id, now): (ServiceId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO impact_service (id, incident_id, zone, name, systems, state, downtime, diverted_to,
                                     diverted_since, harm, harm_note, changed_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1)"
    );
    let values = params![
        id,
        incident,
        zone,
        &said.name,
        &said.systems,
        said.state,
        said.downtime,
        &said.diverted_to,
        said.diverted_since,
        said.harm,
        &said.harm_note,
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Moves a service on; `false` where its version has.
pub(super) async fn advance(
    tx: &mut Tx,
    (id, version): (ServiceId, i64),
    said: &Said,
) -> Result<bool, DbError> {
    let now = tx.now;
    let statement = sql!(
        "UPDATE impact_service SET name = ?3, systems = ?4, state = ?5, downtime = ?6, diverted_to = ?7,
                                   diverted_since = ?8, harm = ?9, harm_note = ?10, changed_at = ?11,
                                   version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![
        id,
        version,
        &said.name,
        &said.systems,
        said.state,
        said.downtime,
        &said.diverted_to,
        said.diverted_since,
        said.harm,
        &said.harm_note,
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Who writes, and with which form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    pub person: PersonId,
    pub through: Option<OrganisationId>,
    pub form: Uuid,
}

/// Keeps how a service stands from now on.
pub(super) async fn keep(
    tx: &mut Tx,
    incident: IncidentId,
    zone: Zone,
    service: ServiceId,
    (said, writer): (&Said, Writer),
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO impact_change (id, service_id, incident_id, zone, name, systems, state, downtime, diverted_to,
                                    diverted_since, harm, harm_note, person_id, through_id, recorded_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    );
    let values = params![
        id,
        service,
        incident,
        zone,
        &said.name,
        &said.systems,
        said.state,
        said.downtime,
        &said.diverted_to,
        said.diverted_since,
        said.harm,
        &said.harm_note,
        writer.person,
        writer.through,
        now,
        writer.form
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

db::record! {
    /// A way in which a service has stood.
    pub struct Change {
        /// Which service.
        pub service_id: ServiceId,
        /// What it was called.
        pub name: String,
        /// The systems that it relied on.
        pub systems: String,
        /// How it went on.
        pub state: State,
        /// Whether the procedure for work without them carried it.
        pub downtime: Downtime,
        /// Where patients were diverted to.
        pub diverted_to: String,
        /// Since when.
        pub diverted_since: Option<Timestamp>,
        /// Whether patients came to harm.
        pub harm: Harm,
        /// What was known of that.
        pub harm_note: String,
        /// Who wrote it down, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub recorded_at: Timestamp,
    }
}

/// How the services of a case have stood in these zones, the last first, 50 at most. Index: `impact_change_of`.
pub async fn changes(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Change>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT c.service_id, c.name, c.systems, c.state, c.downtime, c.diverted_to, c.diverted_since, c.harm,
                c.harm_note, coalesce(p.name, k.name) AS by, o.name AS through, c.recorded_at
         FROM impact_change c
         LEFT JOIN person p ON p.id = c.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = c.person_id
         LEFT JOIN organisation o ON o.id = c.through_id
         WHERE c.incident_id = ?1 AND c.zone IN (?2, ?3, ?4) ORDER BY c.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![incident, own, shared, cert]).await
}

db::record! {
    /// How much was postponed so far, up to a moment.
    pub struct Count {
        /// Up to when.
        pub counted_at: Timestamp,
        /// Appointments.
        pub appointments: i64,
        /// Procedures and operations.
        pub procedures: i64,
        /// Who counted, where they have not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When it was written down.
        pub recorded_at: Timestamp,
    }
}

/// The counts of a case in these zones, in the order of their moments, the last 200. Index: `impact_count_of`.
pub async fn counts(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
) -> Result<Vec<Count>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT c.counted_at, c.appointments, c.procedures, coalesce(p.name, k.name) AS by, o.name AS through,
                c.recorded_at
         FROM impact_count c
         LEFT JOIN person p ON p.id = c.person_id AND p.erased_at IS NULL
         LEFT JOIN api_key k ON k.id = c.person_id
         LEFT JOIN organisation o ON o.id = c.through_id
         WHERE c.incident_id = ?1 AND c.zone IN (?2, ?3, ?4)
         ORDER BY c.counted_at DESC, c.id DESC LIMIT 200"
    );
    let mut counts: Vec<Count> = snapshot.all(statement, params![incident, own, shared, cert]).await?;
    counts.reverse();
    Ok(counts)
}

/// Keeps a count.
pub(super) async fn insert_count(
    tx: &mut Tx,
    incident: IncidentId,
    zone: Zone,
    (counted_at, appointments, procedures): (Timestamp, i64, i64),
    writer: Writer,
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO impact_count (id, incident_id, zone, counted_at, appointments, procedures, person_id, through_id,
                                   recorded_at, form)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    let Writer { person, through, form } = writer;
    let values =
        params![id, incident, zone, counted_at, appointments, procedures, person, through, now, form];
    tx.run(statement, values).await?;
    Ok(id)
}
