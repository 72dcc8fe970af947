//! The SQL of activities: the entries of a threat, what is active in an area, and what sources tell of
//! whom a threat targets and where.

use db::{DbError, FromRow, Row, Snapshot, Value, params, sql};
use formats::ods::OrganisationKind;
use jiff::{Timestamp, civil::Date};
use platform::{Tx, access::PersonId};

use super::{ActivityId, Area, Change, Facts, StateId};
use crate::threat::{Kind, ThreatId};

/// One state of an entry.
#[derive(Clone, Debug)]
pub struct State {
    /// Which state.
    pub id: StateId,
    /// Of which entry.
    pub activity: ActivityId,
    /// Of which threat.
    pub threat: ThreatId,
    /// Where.
    pub area: Area,
    /// The rest.
    pub facts: Facts,
    /// What made it.
    pub change: Change,
    /// The name of who made it; none where they have left.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// When another state took its place.
    pub superseded_at: Option<Timestamp>,
}

impl State {
    /// Whether it is active on `day`.
    pub fn is_on(&self, day: Date) -> bool {
        self.facts.from <= day && self.facts.until.is_none_or(|until| day <= until)
    }
}

impl FromRow for State {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let kinds: String = row.get("kinds")?;
        let until: Option<String> = row.get("until_on")?;
        let facts = Facts {
            // A type that an older program knew and this one does not is left out.
            kinds: kinds.split_whitespace().filter_map(|code| code.parse().ok()).collect(),
            from: day("from_on", &row.get::<String>("from_on")?)?,
            until: until.map(|until| day("until_on", &until)).transpose()?,
            basis: row.get("basis")?,
            confidence: row.get("confidence")?,
            note: row.get("note")?,
        };
        Ok(Self {
            id: row.get("id")?,
            activity: row.get("activity_id")?,
            threat: row.get("threat_id")?,
            area: row.get("region")?,
            facts,
            change: row.get("change")?,
            by: row.get("by")?,
            at: row.get("changed_at")?,
            superseded_at: row.get("superseded_at")?,
        })
    }
}

fn day(column: &str, text: &str) -> Result<Date, DbError> {
    text.parse().map_err(|error: jiff::Error| DbError::Column {
        column: column.to_owned(),
        reason: error.to_string(),
    })
}

macro_rules! states {
    () => {
        "SELECT a.id, a.activity_id, a.threat_id, a.region, a.kinds, a.from_on, a.until_on, a.basis, a.confidence,
                a.note, a.change, a.changed_at, a.superseded_at, p.name AS by
         FROM threat_activity a LEFT JOIN person p ON p.id = a.changed_by "
    };
}

/// The entries of a threat as they stand, the newest first, 50 at most. Index: `threat_activity_threat`.
pub async fn of_threat(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<State>, DbError> {
    let statement =
        sql!(states!(), "WHERE a.threat_id = ?1 AND a.superseded_at IS NULL ORDER BY a.id DESC LIMIT 50");
    snapshot.all(statement, params![threat]).await
}

/// An entry as it stands. Index: `threat_activity_standing`.
pub async fn standing(snapshot: &mut Snapshot, activity: ActivityId) -> Result<Option<State>, DbError> {
    let statement = sql!(states!(), "WHERE a.activity_id = ?1 AND a.superseded_at IS NULL");
    snapshot.maybe(statement, params![activity]).await
}

/// The states of an entry, the newest first, 50 at most. Index: `threat_activity_entry`.
pub async fn history(snapshot: &mut Snapshot, activity: ActivityId) -> Result<Vec<State>, DbError> {
    let statement = sql!(states!(), "WHERE a.activity_id = ?1 ORDER BY a.id DESC LIMIT 50");
    snapshot.all(statement, params![activity]).await
}

/// A state to be kept.
pub(super) struct NewState<'a> {
    pub activity: ActivityId,
    pub threat: ThreatId,
    pub area: Area,
    pub facts: &'a Facts,
    pub change: Change,
    pub by: PersonId,
}

/// Keeps a state.
pub(super) async fn keep(tx: &mut Tx, new: &NewState<'_>) -> Result<StateId, DbError> {
    let statement = sql!(
        "INSERT INTO threat_activity (id, activity_id, threat_id, region, kinds, from_on, until_on, basis, confidence,
                                      note, change, changed_by, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    );
    let (id, now): (StateId, _) = (tx.id(), tx.now);
    let NewState { activity, threat, area, facts, change, by } = new;
    let kinds: Vec<_> = facts.kinds.iter().copied().map(OrganisationKind::code).collect();
    let values = params![
        id,
        *activity,
        *threat,
        *area,
        kinds.join(" "),
        facts.from.to_string(),
        facts.until.map(|until| until.to_string()),
        facts.basis,
        facts.confidence,
        &facts.note,
        *change,
        *by,
        now
    ];
    tx.run(statement, values).await?;
    Ok(id)
}

/// Makes way for the next state of an entry; `false` where somebody else was faster.
pub(super) async fn supersede(tx: &mut Tx, state: StateId) -> Result<bool, DbError> {
    let statement =
        sql!("UPDATE threat_activity SET superseded_at = ?2 WHERE id = ?1 AND superseded_at IS NULL");
    let now = tx.now;
    Ok(tx.run(statement, params![state, now]).await? == 1)
}

db::record! {
    /// A threat that is active in an area, or was seen there.
    pub struct Active {
        /// Which.
        pub id: ThreatId,
        /// Its name.
        pub title: String,
        /// What kind.
        pub kind: Kind,
        /// The first day on which it was active, ISO 8601; none where it was seen and not entered.
        pub since: Option<String>,
        /// The day of the latest sighting of the last 90 days, ISO 8601; empty for none.
        pub latest: String,
        /// Sightings in the last 7 days.
        pub week: i64,
        /// In the last 30 days.
        pub month: i64,
        /// In the last 90 days.
        pub quarter: i64,
    }
}

/// The days from which on a page counts sightings: `at` is today, both ends counted.
fn since(today: Date) -> [String; 3] {
    [6, 29, 89].map(|days| today.checked_sub(jiff::Span::new().days(days)).unwrap_or(Date::MIN).to_string())
}

/// Where a page of [`active`] ended: the latest day, the threat.
pub type Cursor = (String, ThreatId);

/// What is active in `area` today, or was seen there in the last 90 days: the latest seen first, 51 at
/// most behind `after`.
///
/// A sighting lies where its organisation lies now: a region that is redrawn takes its past along.
/// Indexes: `threat_activity_region`; `sighting_seen`, whose 90 days are read once. On `read_long`.
pub async fn active(
    snapshot: &mut Snapshot,
    area: Area,
    today: Date,
    after: Option<Cursor>,
) -> Result<Vec<Active>, DbError> {
    let statement = sql!(
        "WITH known AS (
             SELECT threat_id, min(from_on) AS since, '' AS latest, 0 AS week, 0 AS month, 0 AS quarter
             FROM threat_activity
             WHERE superseded_at IS NULL AND region IN (?1, ?2, ?3, ?4) AND from_on <= ?5
               AND (until_on IS NULL OR until_on >= ?5)
             GROUP BY threat_id
             UNION ALL
             SELECT s.threat_id, NULL, max(s.seen_on), sum(CASE WHEN s.seen_on >= ?6 THEN 1 ELSE 0 END),
                    sum(CASE WHEN s.seen_on >= ?7 THEN 1 ELSE 0 END), count(*)
             FROM sighting s JOIN organisation o ON o.id = s.organisation_id
             WHERE s.seen_on >= ?8 AND s.status = 'linked' AND (?1 = '' OR o.region = ?1)
             GROUP BY s.threat_id
         ), listed AS (
             SELECT threat_id, min(since) AS since, max(latest) AS latest, CAST(sum(week) AS BIGINT) AS week,
                    CAST(sum(month) AS BIGINT) AS month, CAST(sum(quarter) AS BIGINT) AS quarter
             FROM known GROUP BY threat_id
         )
         SELECT t.id, t.title, t.kind, n.since, n.latest, n.week, n.month, n.quarter
         FROM listed n CROSS JOIN threat t
         WHERE t.id = n.threat_id AND t.status <> 'dismissed' AND t.kind IN ('threat_actor', 'campaign', 'malware', 'fraud')
           AND (n.latest, t.id) < (?9, ?10)
         ORDER BY n.latest DESC, t.id DESC LIMIT 51"
    );
    let (latest, id) = after.unwrap_or_else(|| (LAST.to_owned(), ThreatId(uuid::Uuid::max())));
    let mut values: Vec<Value> = area.known_as().into_iter().map(Value::from).collect();
    values.push(today.to_string().into());
    values.extend(since(today).map(Value::from));
    values.extend(params![latest, id]);
    snapshot.all(statement, values).await
}

/// A text behind every day.
const LAST: &str = "9999-99-99";

db::record! {
    /// How a region stands.
    pub struct Counted {
        /// Its code; empty where none is known of the organisations.
        pub region: String,
        /// Sightings in the last 7 days.
        pub week: i64,
        /// In the last 30 days.
        pub month: i64,
        /// In the last 90 days.
        pub quarter: i64,
    }
}

/// The sightings of the last 90 days by region, dismissed ones left out. Index: `sighting_seen`; on
/// `read_long`.
pub async fn by_region(snapshot: &mut Snapshot, today: Date) -> Result<Vec<Counted>, DbError> {
    let statement = sql!(
        "SELECT coalesce(o.region, '') AS region,
                CAST(sum(CASE WHEN s.seen_on >= ?1 THEN 1 ELSE 0 END) AS BIGINT) AS week,
                CAST(sum(CASE WHEN s.seen_on >= ?2 THEN 1 ELSE 0 END) AS BIGINT) AS month,
                CAST(count(*) AS BIGINT) AS quarter
         FROM sighting s JOIN organisation o ON o.id = s.organisation_id
         WHERE s.seen_on >= ?3 AND s.status <> 'dismissed'
         GROUP BY coalesce(o.region, '')"
    );
    snapshot.all(statement, since(today).map(Value::from).into()).await
}

/// How many threats are entered as active on `today`, by region as it was entered. Index:
/// `threat_activity_region`.
pub async fn entered_by_region(snapshot: &mut Snapshot, today: Date) -> Result<Vec<(String, i64)>, DbError> {
    let statement = sql!(
        "SELECT a.region, CAST(count(DISTINCT a.threat_id) AS BIGINT)
         FROM threat_activity a JOIN threat t ON t.id = a.threat_id
         WHERE a.superseded_at IS NULL AND a.from_on <= ?1 AND (a.until_on IS NULL OR a.until_on >= ?1)
           AND t.status <> 'dismissed'
         GROUP BY a.region"
    );
    snapshot.all(statement, params![today.to_string()]).await
}

/// How many sightings a threat has on each of the days since `from`. Index: `sighting_threat`.
pub async fn sightings_by_day(
    snapshot: &mut Snapshot,
    threat: ThreatId,
    from: Date,
) -> Result<Vec<(String, i64)>, DbError> {
    let statement = sql!(
        "SELECT seen_on, CAST(count(*) AS BIGINT) FROM sighting
         WHERE threat_id = ?1 AND status = 'linked' AND seen_on >= ?2 GROUP BY seen_on ORDER BY seen_on"
    );
    snapshot.all(statement, params![threat, from.to_string()]).await
}

/// The objects, as they stood, of those whom a threat targets and of where it is, as STIX tells: how,
/// and the object; 50 at most. Indexes: those of relations.
pub(super) async fn targets(
    snapshot: &mut Snapshot,
    threat: ThreatId,
) -> Result<Vec<(String, String)>, DbError> {
    let statement = sql!(
        "SELECT r.name, o.verbatim FROM threat_statement s
         JOIN stix_relation r ON r.source = s.source_key AND r.told = TRUE
         JOIN stix_object o ON o.object = r.target AND o.newest = TRUE
         WHERE s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL
           AND r.name IN ('targets', 'originates-from', 'located-at')
           AND o.kind IN ('identity', 'location') AND o.size < 65536
         ORDER BY r.name, o.object LIMIT 50"
    );
    snapshot.all(statement, params![threat]).await
}

db::record! {
    /// A technique that a threat uses.
    pub struct Technique {
        /// Its number in ATT&CK; empty where it has none.
        pub number: String,
        /// Its name.
        pub called: String,
        /// The object that it is.
        pub object: String,
        /// The object that says that it is used.
        pub said_by: String,
        /// Its own threat.
        pub threat: ThreatId,
        /// What is said of it: [`crate::threat::Said`] as one document.
        pub said: String,
    }
}

/// The techniques that a threat uses, by number, 200 at most. Indexes: those of relations.
pub(super) async fn techniques(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Vec<Technique>, DbError> {
    let statement = sql!(
        "SELECT o.number, o.name AS called, o.object, r.said_by, t.threat_id AS threat, t.said
         FROM threat_statement s
         JOIN stix_relation r ON r.source = s.source_key AND r.name = 'uses' AND r.told = TRUE
         JOIN stix_object o ON o.object = r.target AND o.newest = TRUE AND o.kind = 'attack-pattern'
         JOIN threat_statement t ON t.source = 'stix' AND t.source_key = r.target AND t.superseded_at IS NULL
         WHERE s.threat_id = ?1 AND s.source = 'stix' AND s.superseded_at IS NULL
         ORDER BY o.number, o.object LIMIT 200"
    );
    snapshot.all(statement, params![threat]).await
}
