//! The SQL of triage: what analysts set, what moved threats in the list, and what waits to be judged.

use std::collections::HashMap;

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use formats::ssvc::{Point, Points};
use jiff::Timestamp;
use platform::{
    Tx,
    access::PersonId,
    retention::{Rule, rows},
};
use serde::de::DeserializeOwned;

use super::{Beside, Cause, Override, OverrideId, Seen, Setting};
use crate::threat::{
    Kind, Looks, ThreatId,
    store::known::{of_these, these},
};

/// Changes of a threat's place are forgotten: the log and the statements stay.
pub const CHANGES: Rule = Rule {
    name: "threat_change",
    // Index: threat_change_at, then the key.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM threat_change WHERE (threat_id, id) IN (
                 SELECT threat_id, id FROM threat_change WHERE at < ?1 ORDER BY at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// What was set once and no longer holds is forgotten.
pub const WITHDRAWN: Rule = Rule {
    name: "triage_override",
    // Index: triage_override_ended.
    forget: |tx, before| {
        let statement = sql!(
            "DELETE FROM triage_override WHERE id IN (
                 SELECT id FROM triage_override WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

fn wrong(column: &str, reason: &impl ToString) -> DbError {
    DbError::Column { column: column.to_owned(), reason: reason.to_string() }
}

impl FromRow for Override {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let point: String = row.get("point")?;
        Ok(Self {
            id: row.get("id")?,
            point: Point::of_code(&point).ok_or_else(|| wrong("point", &point))?,
            value: row.get("value")?,
            reason: row.get("reason")?,
            by: row.get("by_name")?,
            at: row.get("set_at")?,
            until: row.get("ended_at")?,
        })
    }
}

/// An override with the threat that it is of.
struct Of(ThreatId, Override);

impl FromRow for Of {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(row.get("threat_id")?, Override::from_row(row)?))
    }
}

/// What analysts set of these threats and still holds. Index: `triage_override_standing`.
pub async fn overrides_of(
    snapshot: &mut Snapshot,
    threats: &[ThreatId],
) -> Result<HashMap<ThreatId, Vec<Override>>, DbError> {
    let statement = sql!(
        "SELECT o.threat_id, o.id, o.point, o.value, o.reason, p.name AS by_name, o.set_at, o.ended_at
         FROM triage_override o LEFT JOIN person p ON p.id = o.set_by
         WHERE o.ended_at IS NULL AND o.threat_id IN ",
        these!()
    );
    let rows: Vec<Of> = of_these(snapshot, statement, threats, params![]).await?;
    let mut all = HashMap::new();
    for Of(threat, set) in rows {
        all.entry(threat).or_insert_with(Vec::new).push(set);
    }
    Ok(all)
}

db::record! {
    /// How far one threat was seen.
    struct SeenOf {
        threat: ThreatId,
        organisations: i64,
        areas: i64,
    }
}

/// How far these threats were seen in the sector; those that were not are left out. Indexes: `sighting_threat`,
/// `threat_activity_threat`.
pub async fn seen_of(
    snapshot: &mut Snapshot,
    threats: &[ThreatId],
) -> Result<HashMap<ThreatId, Seen>, DbError> {
    let statement = sql!(
        "SELECT threat_id AS threat, CAST(count(DISTINCT organisation_id) AS BIGINT) AS organisations,
                CAST(0 AS BIGINT) AS areas
         FROM sighting WHERE status = 'linked' AND threat_id IN ",
        these!(),
        " GROUP BY threat_id
         UNION ALL
         SELECT threat_id, CAST(0 AS BIGINT), CAST(count(*) AS BIGINT)
         FROM threat_activity WHERE superseded_at IS NULL AND threat_id IN ",
        these!(),
        " GROUP BY threat_id"
    );
    let rows: Vec<SeenOf> = of_these(snapshot, statement, threats, params![]).await?;
    let mut all: HashMap<ThreatId, Seen> = HashMap::new();
    for row in rows {
        let seen = all.entry(row.threat).or_default();
        seen.organisations += row.organisations;
        seen.areas += row.areas;
    }
    Ok(all)
}

/// What is known of these threats beside what sources say.
pub async fn beside(
    snapshot: &mut Snapshot,
    threats: &[ThreatId],
) -> Result<HashMap<ThreatId, Beside>, DbError> {
    let mut all: HashMap<ThreatId, Beside> = HashMap::new();
    for (threat, overrides) in overrides_of(snapshot, threats).await? {
        all.entry(threat).or_default().overrides = overrides;
    }
    for (threat, seen) in seen_of(snapshot, threats).await? {
        all.entry(threat).or_default().seen = seen;
    }
    Ok(all)
}

/// What analysts ever set of a threat, the newest 50 first. Index: `triage_override_threat`.
pub async fn overrides(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Override>, DbError> {
    let statement = sql!(
        "SELECT o.id, o.point, o.value, o.reason, p.name AS by_name, o.set_at, o.ended_at
         FROM triage_override o LEFT JOIN person p ON p.id = o.set_by
         WHERE o.threat_id = ?1 ORDER BY o.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![threat]).await
}

/// Ends what is set of a point; `false` where nothing is. Index: `triage_override_standing`.
pub(super) async fn end(tx: &mut Tx, threat: ThreatId, point: Point, by: PersonId) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE triage_override SET ended_at = ?3, ended_by = ?4
         WHERE threat_id = ?1 AND point = ?2 AND ended_at IS NULL"
    );
    let now = tx.now;
    Ok(tx.run(statement, params![threat, point.code(), now, by]).await? > 0)
}

/// Keeps what is set of a point.
pub(super) async fn set(
    tx: &mut Tx,
    threat: ThreatId,
    setting: &Setting,
    value: &str,
) -> Result<OverrideId, DbError> {
    let statement = sql!(
        "INSERT INTO triage_override (id, threat_id, point, value, reason, set_by, set_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    let (id, now): (OverrideId, _) = (tx.id(), tx.now);
    let Setting { point, reason, by, .. } = setting;
    tx.run(statement, params![id, threat, point.code(), value, reason, *by, now]).await?;
    Ok(id)
}

/// The decision points of a threat as its row has them, with how likely exploitation is.
pub async fn points(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<Option<(Points, Option<u32>)>, DbError> {
    let statement = sql!("SELECT points, epss FROM threat WHERE id = ?1");
    let row: Option<(Option<String>, Option<u32>)> = snapshot.maybe(statement, params![threat]).await?;
    let Some((Some(points), epss)) = row else { return Ok(None) };
    Ok(Some((points.parse().map_err(|error| wrong("points", &error))?, epss)))
}

/// What changed a threat's place in the list.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which threat.
    pub threat: ThreatId,
    /// Its name now.
    pub title: String,
    /// Names the change, for paging.
    pub id: uuid::Uuid,
    /// When.
    pub at: Timestamp,
    /// Because of what.
    pub cause: Cause,
    /// How it looked before.
    pub was: Looks,
    /// How it looked then.
    pub is_now: Looks,
    /// Whether it rose.
    pub rose: bool,
}

impl FromRow for Change {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            threat: row.get("threat_id")?,
            title: row.get("title")?,
            id: row.get("id")?,
            at: row.get("at")?,
            cause: row.get("source")?,
            was: json(row, "was")?,
            is_now: json(row, "is_now")?,
            rose: row.get("rose")?,
        })
    }
}

fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| wrong(column, &error))
}

macro_rules! changes {
    () => {
        "SELECT c.threat_id, t.title, c.id, c.at, c.source, c.was, c.is_now, c.rose
         FROM threat_change c JOIN threat t ON t.id = c.threat_id "
    };
}

/// The changes of a threat, the newest 20. Index: the key of `threat_change`.
pub async fn changes(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Change>, DbError> {
    let statement = sql!(changes!(), "WHERE c.threat_id = ?1 ORDER BY c.id DESC LIMIT 20");
    snapshot.all(statement, params![threat]).await
}

/// What rose since, the newest first, 51 at most behind `after`. Index: `threat_change_rose`.
pub async fn risen(
    snapshot: &mut Snapshot,
    since: Timestamp,
    after: Option<(Timestamp, uuid::Uuid)>,
) -> Result<Vec<Change>, DbError> {
    match after {
        None => {
            let statement =
                sql!(changes!(), "WHERE c.rose = TRUE AND c.at >= ?1 ORDER BY c.at DESC, c.id DESC LIMIT 51");
            snapshot.all(statement, params![since]).await
        }
        Some((at, id)) => {
            let statement = sql!(
                changes!(),
                "WHERE c.rose = TRUE AND c.at >= ?1 AND (c.at, c.id) < (?2, ?3)
                 ORDER BY c.at DESC, c.id DESC LIMIT 51"
            );
            snapshot.all(statement, params![since, at, id]).await
        }
    }
}

/// So many changes are looked at to count the threats that rose.
pub const COUNTED: i64 = 1000;

/// How many threats rose since, of the newest [`COUNTED`] changes. Index: `threat_change_rose`.
pub async fn how_many_rose(snapshot: &mut Snapshot, since: Timestamp) -> Result<i64, DbError> {
    let statement = sql!(
        "SELECT CAST(count(DISTINCT threat_id) AS BIGINT) FROM (
             SELECT threat_id FROM threat_change WHERE rose = TRUE AND at >= ?1
             ORDER BY at DESC, id DESC LIMIT ?2) newest"
    );
    Ok(snapshot.one::<(i64,)>(statement, params![since, COUNTED]).await?.0)
}

db::record! {
    /// A threat that was judged under an earlier policy.
    pub(super) struct Behind {
        pub id: ThreatId,
        pub kind: Kind,
        pub policy: u32,
        pub version: i64,
    }
}

/// Threats that were judged under a policy before `policy`, a few. Index: `threat_policy`.
pub(super) async fn behind(snapshot: &mut Snapshot, policy: u32, most: i64) -> Result<Vec<Behind>, DbError> {
    let statement =
        sql!("SELECT id, kind, policy, version FROM threat WHERE policy < ?1 ORDER BY policy, id LIMIT ?2");
    snapshot.all(statement, params![i64::from(policy), most]).await
}

/// Keeps what was judged of a threat, unless it changed meanwhile, by which it was judged anew. A change
/// of the policy wakes nothing that was dismissed.
pub(super) async fn settle(tx: &mut Tx, threat: &Behind, looks: Looks, policy: u32) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE threat SET rank = ?3, points = ?4, policy = ?5, score = ?6, known_exploited = ?7
         WHERE id = ?1 AND version = ?2 AND policy < ?5"
    );
    let points = looks.points.map(|points| points.to_string());
    let (policy, score) = (i64::from(policy), looks.score.map(i64::from));
    let values =
        params![threat.id, threat.version, looks.rank(), points, policy, score, looks.known_exploited];
    Ok(tx.run(statement, values).await? == 1)
}
