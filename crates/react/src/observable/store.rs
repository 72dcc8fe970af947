//! The SQL of observables. What is read begins with the zones that the reader has.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    organisation::OrganisationId,
    retention::{Rule, rows},
};

use super::{ObservableId, Origin, leaving_out::LeftOut};
use crate::{
    case::{Zone, Zones},
    incident::IncidentId,
};

/// Observables, after they were added.
pub const FORGOTTEN: Rule = Rule {
    name: "observable",
    // Index: observable_added.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM observable WHERE id IN (
                 SELECT id FROM observable WHERE added_at < ?1 ORDER BY added_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// An observable to be kept.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub kind: &'static str,
    pub value: String,
    pub hash: [u8; 32],
    pub left_out: Option<LeftOut>,
    pub listed: &'static str,
}

/// From where, and by whom, observables are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From {
    pub incident: IncidentId,
    pub zone: Zone,
    pub origin: Origin,
    pub person: Option<PersonId>,
    pub through: Option<OrganisationId>,
}

/// Keeps an observable, unless it is there; says whether it was not.
pub(crate) async fn insert(tx: &mut Tx, from: &From, new: &New) -> Result<bool, DbError> {
    let (id, now): (ObservableId, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO observable (id, incident_id, zone, kind, value, hash, origin, left_out, listed, added_by, through_id,
                                 added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (incident_id, zone, hash) DO NOTHING"
    );
    let &From { incident, zone, origin, person, through } = from;
    let left_out = new.left_out.map_or("", LeftOut::code);
    let values = params![
        id, incident, zone, new.kind, &new.value, new.hash, origin, left_out, new.listed, person, through,
        now
    ];
    Ok(tx.run(statement, values).await? == 1)
}

db::record! {
    /// An observable, as it is read.
    pub struct Kept {
        /// Which.
        pub id: ObservableId,
        /// Whose it is.
        pub zone: Zone,
        /// Its kind's code.
        pub kind: String,
        /// Its value, as machines compare it: live.
        pub value: String,
        /// Where it was found.
        pub origin: Origin,
        /// Why it is not compared; empty where it is.
        pub left_out: String,
        /// The list that names it; empty where none does.
        pub listed: String,
        /// Who added it, where somebody did and has not left.
        pub by: Option<String>,
        /// The organisation whose person that is; none at the CERT.
        pub through: Option<String>,
        /// When.
        pub added_at: Timestamp,
    }
}

/// The observables of these zones of a case behind `after`, 51 at most. Index: `observable_of`.
pub async fn of_case(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zones: Zones,
    after: ObservableId,
) -> Result<Vec<Kept>, DbError> {
    let [own, shared, cert] = zones.codes();
    let statement = sql!(
        "SELECT o.id, o.zone, o.kind, o.value, o.origin, o.left_out, o.listed, p.name AS by, w.name AS through,
                o.added_at
         FROM observable o LEFT JOIN person p ON p.id = o.added_by AND p.erased_at IS NULL
         LEFT JOIN organisation w ON w.id = o.through_id
         WHERE o.incident_id = ?1 AND o.zone IN (?2, ?3, ?4) AND o.id > ?5 ORDER BY o.id LIMIT 51"
    );
    snapshot.all(statement, params![incident, own, shared, cert, after]).await
}

/// How many a case has in a zone. Index: `observable_once`.
pub(crate) async fn count(snapshot: &mut Snapshot, incident: IncidentId, zone: Zone) -> Result<i64, DbError> {
    let statement = sql!("SELECT count(*) FROM observable WHERE incident_id = ?1 AND zone = ?2");
    Ok(snapshot.one::<(i64,)>(statement, params![incident, zone]).await?.0)
}

/// The zone of an observable of this case. Index: the key.
pub(crate) async fn zone(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    id: ObservableId,
) -> Result<Option<Zone>, DbError> {
    let statement = sql!("SELECT zone FROM observable WHERE id = ?1 AND incident_id = ?2");
    let found: Option<(Zone,)> = snapshot.maybe(statement, params![id, incident]).await?;
    Ok(found.map(|(zone,)| zone))
}

/// Which observable of this zone of a case has this hash. Index: `observable_once`.
pub(crate) async fn kept_as(
    snapshot: &mut Snapshot,
    incident: IncidentId,
    zone: Zone,
    hash: [u8; 32],
) -> Result<Option<ObservableId>, DbError> {
    let statement = sql!("SELECT id FROM observable WHERE incident_id = ?1 AND zone = ?2 AND hash = ?3");
    let found: Option<(ObservableId,)> = snapshot.maybe(statement, params![incident, zone, hash]).await?;
    Ok(found.map(|(id,)| id))
}

/// Ends that an observable is compared; `false` where it is not.
pub(crate) async fn withdraw(tx: &mut Tx, id: ObservableId) -> Result<bool, DbError> {
    let statement = sql!("UPDATE observable SET left_out = 'withdrawn' WHERE id = ?1 AND left_out = ''");
    Ok(tx.run(statement, params![id]).await? == 1)
}

/// The key of the hashes, where one was made. Index: the key.
pub(crate) async fn key(snapshot: &mut Snapshot) -> Result<Option<Vec<u8>>, DbError> {
    let statement = sql!("SELECT secret FROM observable_key WHERE place = 1");
    Ok(snapshot.maybe::<(Vec<u8>,)>(statement, params![]).await?.map(|(secret,)| secret))
}

/// Keeps a key, unless another node was faster.
pub(crate) async fn keep_key(tx: &mut Tx, secret: [u8; 32]) -> Result<(), DbError> {
    let now = tx.now;
    let statement = sql!(
        "INSERT INTO observable_key (place, secret, made_at) VALUES (1, ?1, ?2) ON CONFLICT (place) DO NOTHING"
    );
    tx.run(statement, params![secret, now]).await?;
    Ok(())
}

/// The domains of the mail addresses at which an organisation is written to, 50 at most. Index: `contact_organisation`.
pub(crate) async fn addresses_of(
    snapshot: &mut Snapshot,
    organisation: OrganisationId,
) -> Result<Vec<String>, DbError> {
    let statement = sql!(
        "SELECT email FROM contact WHERE organisation_id = ?1 AND email IS NOT NULL ORDER BY id LIMIT 50"
    );
    let rows: Vec<(String,)> = snapshot.all(statement, params![organisation]).await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

db::record! {
    /// What is judged again.
    pub(crate) struct Judged {
        pub id: ObservableId,
        pub kind: String,
        pub value: String,
        pub left_out: String,
    }
}

/// Those of a case that are compared, or are not since they are its organisation's own; as many as there are. Index:
/// `observable_of`.
pub(crate) async fn to_judge(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<Judged>, DbError> {
    let statement = sql!(
        "SELECT id, kind, value, left_out FROM observable
         WHERE incident_id = ?1 AND left_out IN ('', 'own') ORDER BY id LIMIT 30000"
    );
    snapshot.all(statement, params![incident]).await
}

/// Says whether one is compared, and why not.
pub(crate) async fn leave_out(
    tx: &mut Tx,
    id: ObservableId,
    left_out: Option<LeftOut>,
) -> Result<(), DbError> {
    let statement = sql!("UPDATE observable SET left_out = ?2 WHERE id = ?1");
    tx.run_later(statement, params![id, left_out.map_or("", LeftOut::code)]).await
}

/// Moves what was found in the reports and additions of an incident to that to which they are joined; what that one has
/// already stays as it is there. Indexes: `observable_of`, `observable_once`.
pub(crate) async fn moved(tx: &mut Tx, from: IncidentId, to: IncidentId) -> Result<(), DbError> {
    let twice = sql!(
        "DELETE FROM observable WHERE incident_id = ?1 AND origin IN ('report', 'addition')
           AND EXISTS (SELECT 1 FROM observable o
                       WHERE o.incident_id = ?2 AND o.zone = observable.zone AND o.hash = observable.hash)"
    );
    tx.run(twice, params![from, to]).await?;
    let statement = sql!(
        "UPDATE observable SET incident_id = ?2 WHERE incident_id = ?1 AND origin IN ('report', 'addition')"
    );
    tx.run(statement, params![from, to]).await?;
    Ok(())
}
