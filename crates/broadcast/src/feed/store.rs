//! The SQL of feeds and their runs.

use db::{DbError, FromRow, Row, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    Tx,
    retention::{self, Rule},
};
use url::Url;

use super::{FeedId, MOST, Outcome, Plan};
use crate::source::Source;

/// What came of each asking, for as long as somebody may want to know.
pub const RUNS: Rule = Rule {
    name: "feed_run",
    forget: |tx, before| {
        // Index: feed_run_at.
        let statement = sql!(
            "DELETE FROM feed_run WHERE (feed_id, id) IN (
                 SELECT feed_id, id FROM feed_run WHERE at < ?1 ORDER BY at LIMIT ?2)"
        );
        retention::rows(tx, statement, before)
    },
};

/// A feed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Which.
    pub id: FeedId,
    /// By what people call it.
    pub name: String,
    /// What is published there.
    pub source: Source,
    /// Where.
    pub url: Url,
    /// How often it is asked.
    pub every_minutes: i64,
    /// After how many hours without anything new it has fallen silent.
    pub silent_hours: i64,
    /// Public keys, armoured, by which signatures of its documents count.
    pub keys: Option<String>,
    /// How often it was changed.
    pub version: i64,
    /// The asking that comes next.
    pub turn: i64,
    /// When that is; `None` while it is paused.
    pub next_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was resumed last, where it was paused.
    pub followed_since: Option<Timestamp>,
    /// When it was asked last.
    pub asked_at: Option<Timestamp>,
    /// When it last told something new.
    pub heard_at: Option<Timestamp>,
    /// How often it failed in succession.
    pub failures: i64,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// Since when people know that something is wrong.
    pub alarmed_at: Option<Timestamp>,
}

impl FromRow for Feed {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let url: String = row.get("url")?;
        let wrong =
            |error: url::ParseError| DbError::Column { column: "url".to_owned(), reason: error.to_string() };
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            source: row.get("source")?,
            url: Url::parse(&url).map_err(wrong)?,
            every_minutes: row.get("every_minutes")?,
            silent_hours: row.get("silent_hours")?,
            keys: row.get("keys")?,
            version: row.get("version")?,
            turn: row.get("turn")?,
            next_at: row.get("next_at")?,
            created_at: row.get("created_at")?,
            followed_since: row.get("followed_since")?,
            asked_at: row.get("asked_at")?,
            heard_at: row.get("heard_at")?,
            failures: row.get("failures")?,
            failing_since: row.get("failing_since")?,
            alarmed_at: row.get("alarmed_at")?,
        })
    }
}

impl Feed {
    /// What people decided about it.
    pub fn plan(&self) -> Plan {
        Plan {
            name: self.name.clone(),
            source: self.source,
            url: self.url.clone(),
            every_minutes: self.every_minutes,
            silent_hours: self.silent_hours,
            keys: self.keys.clone(),
        }
    }
}

macro_rules! columns {
    () => {
        "SELECT id, name, source, url, every_minutes, silent_hours, keys, version, turn, next_at, created_at,
                followed_since, asked_at, heard_at, failures, failing_since, alarmed_at
         FROM feed "
    };
}

/// A feed by its id.
pub async fn feed(snapshot: &mut Snapshot, id: FeedId) -> Result<Option<Feed>, DbError> {
    snapshot.maybe(sql!(columns!(), "WHERE id = ?1"), params![id]).await
}

/// Every feed by name: there are [`MOST`] at most.
pub async fn all(snapshot: &mut Snapshot) -> Result<Vec<Feed>, DbError> {
    snapshot.all(sql!(columns!(), "ORDER BY name, id LIMIT ?1"), params![MOST]).await
}

/// The feeds of which people know that something is wrong, the first few. Index: `feed_alarmed`.
pub async fn alarmed(snapshot: &mut Snapshot) -> Result<Vec<Feed>, DbError> {
    snapshot
        .all(sql!(columns!(), "WHERE alarmed_at IS NOT NULL ORDER BY alarmed_at, id LIMIT 5"), params![])
        .await
}

/// How many there are.
pub(super) async fn count(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let (count,): (i64,) = snapshot.one(sql!("SELECT count(*) FROM feed"), params![]).await?;
    Ok(count)
}

/// Adds a feed that is asked at once; `None` where its address is followed already.
pub(super) async fn insert(tx: &mut Tx, plan: &Plan) -> Result<Option<FeedId>, DbError> {
    let statement = sql!(
        "INSERT INTO feed (id, name, source, url, every_minutes, silent_hours, keys, version, turn, next_at,
                           created_at, failures)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 1, ?8, ?8, 0)
         ON CONFLICT (url, source) DO NOTHING"
    );
    let (id, now): (FeedId, _) = (tx.id(), tx.now);
    let values = params![
        id,
        plan.name.as_str(),
        plan.source,
        plan.url.as_str(),
        plan.every_minutes,
        plan.silent_hours,
        plan.keys.as_deref(),
        now
    ];
    Ok((tx.run(statement, values).await? == 1).then_some(id))
}

/// Whether another feed follows this address.
pub(super) async fn is_followed(
    snapshot: &mut Snapshot,
    url: &Url,
    source: Source,
    but: FeedId,
) -> Result<bool, DbError> {
    let statement = sql!("SELECT id FROM feed WHERE url = ?1 AND source = ?2 AND id <> ?3");
    let other: Option<(FeedId,)> = snapshot.maybe(statement, params![url.as_str(), source, but]).await?;
    Ok(other.is_some())
}

/// Changes what people decided; nothing where somebody was faster.
pub(super) async fn replan(tx: &mut Tx, id: FeedId, version: i64, plan: &Plan) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE feed SET name = ?3, source = ?4, url = ?5, every_minutes = ?6, silent_hours = ?7, keys = ?8,
                         version = version + 1
         WHERE id = ?1 AND version = ?2"
    );
    let values = params![
        id,
        version,
        plan.name.as_str(),
        plan.source,
        plan.url.as_str(),
        plan.every_minutes,
        plan.silent_hours,
        plan.keys.as_deref()
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Sets when a feed is asked next, by a turn that replaces the one that was coming; says which. `None`
/// pauses it, and whatever was wrong with it is over.
pub(super) async fn turn(tx: &mut Tx, id: FeedId, next_at: Option<Timestamp>) -> Result<i64, DbError> {
    let statement = sql!(
        "UPDATE feed SET turn = turn + 1, version = version + 1, next_at = ?2,
                         followed_since = CASE WHEN next_at IS NULL THEN CAST(?2 AS BIGINT) ELSE followed_since END,
                         alarmed_at = CASE WHEN CAST(?2 AS BIGINT) IS NULL THEN NULL ELSE alarmed_at END
         WHERE id = ?1 RETURNING turn"
    );
    let (turn,): (i64,) = tx.one(statement, params![id, next_at]).await?;
    Ok(turn)
}

/// Notes that a feed was asked at the turn it stands at: how it stands now is in `feed`, whose turn is
/// the next one. Nothing where that turn was dealt with.
pub(super) async fn settle(tx: &mut Tx, feed: &Feed) -> Result<bool, DbError> {
    let statement = sql!(
        "UPDATE feed SET turn = ?2, next_at = ?3, asked_at = ?4, heard_at = ?5, failures = ?6,
                         failing_since = ?7, alarmed_at = ?8
         WHERE id = ?1 AND turn = ?2 - 1"
    );
    let values = params![
        feed.id,
        feed.turn,
        feed.next_at,
        feed.asked_at,
        feed.heard_at,
        feed.failures,
        feed.failing_since,
        feed.alarmed_at
    ];
    Ok(tx.run(statement, values).await? == 1)
}

/// Forgets what is known of the addresses that a feed leads to, so that all of them are read anew.
pub(super) async fn forget_places(tx: &mut Tx, id: FeedId) -> Result<(), DbError> {
    tx.run_later(sql!("DELETE FROM feed_place WHERE feed_id = ?1"), params![id]).await
}

/// Removes a feed with all that is known of it; what it told stays.
pub(super) async fn remove(tx: &mut Tx, id: FeedId, version: i64) -> Result<bool, DbError> {
    // Their rows first, since they refer to it: undone where somebody was faster.
    forget_places(tx, id).await?;
    tx.run(sql!("DELETE FROM feed_run WHERE feed_id = ?1"), params![id]).await?;
    let gone = tx.run(sql!("DELETE FROM feed WHERE id = ?1 AND version = ?2"), params![id, version]).await?;
    Ok(gone == 1)
}

db::id! {
    /// Names a run of a feed.
    pub RunId
}

db::record! {
    /// What came of asking a feed once.
    pub struct Run {
        /// Which.
        pub id: RunId,
        /// When it began.
        pub at: Timestamp,
        /// How long it took, in microseconds.
        pub took: i64,
        /// What came of it.
        pub outcome: Outcome,
        /// How many requests it made.
        pub asked: i64,
        /// How many bytes were answered.
        pub bytes: i64,
        /// Statements that were not known.
        pub new: i64,
        /// Those that said something else than before.
        pub changed: i64,
        /// Those that said what was known.
        pub same: i64,
        /// Those that were refused.
        pub refused: i64,
        /// Those taken in and yet deserving a word.
        pub remarked: i64,
        /// Documents that are left for the next one.
        pub remaining: i64,
        /// As JSON, a list of sentences.
        pub(super) told: String,
    }
}

impl Run {
    /// What to know of it, in sentences.
    pub fn told(&self) -> Result<Vec<String>, DbError> {
        serde_json::from_str(&self.told)
            .map_err(|error| DbError::Column { column: "told".to_owned(), reason: error.to_string() })
    }
}

/// Keeps a run.
pub(super) async fn keep_run(tx: &mut Tx, feed: FeedId, run: &Run) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO feed_run (feed_id, id, at, took, outcome, asked, bytes, new, changed, same, refused, remarked,
                               remaining, told)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    );
    let values = params![
        feed,
        run.id,
        run.at,
        run.took,
        run.outcome,
        run.asked,
        run.bytes,
        run.new,
        run.changed,
        run.same,
        run.refused,
        run.remarked,
        run.remaining,
        run.told.as_str()
    ];
    tx.run_later(statement, values).await
}

/// A page of the runs of a feed before `before`, the newest first, 51 at most. Index: the primary key.
pub async fn runs(snapshot: &mut Snapshot, feed: FeedId, before: Option<RunId>) -> Result<Vec<Run>, DbError> {
    let statement = sql!(
        "SELECT id, at, took, outcome, asked, bytes, new, changed, same, refused, remarked, remaining, told
         FROM feed_run WHERE feed_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT 51"
    );
    snapshot.all(statement, params![feed, before.unwrap_or(RunId(uuid::Uuid::max()))]).await
}

db::record! {
    /// An address that a feed leads to and that could not be taken in.
    pub struct Failed {
        /// Which.
        pub url: String,
        /// How often that was tried since it was last listed.
        pub tries: i64,
        /// Why.
        pub error: String,
    }
}

/// What a feed leads to and could not be taken in, 50 at most. Index: `feed_place_failed`.
pub async fn failed(snapshot: &mut Snapshot, feed: FeedId) -> Result<Vec<Failed>, DbError> {
    let statement = sql!(
        "SELECT url, tries, error FROM feed_place WHERE feed_id = ?1 AND error IS NOT NULL ORDER BY url LIMIT 50"
    );
    snapshot.all(statement, params![feed]).await
}
