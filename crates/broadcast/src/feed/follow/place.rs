//! What is known of the addresses that a feed leads to, and its SQL.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::Tx;
use url::Url;

use crate::feed::{Feed, FeedId, ask::Validators};

/// How often an address that cannot be taken in is tried, until its list says that it has changed.
const TRIES: i64 = 5;

db::record! {
    struct Row {
        url: String,
        listed_at: Option<Timestamp>,
        tries: i64,
        error: Option<String>,
    }
}

/// An address that a list names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    listed_at: Option<Timestamp>,
    tries: i64,
    failed: bool,
}

impl Known {
    /// Whether it is to be read, now that a list says that it changed at `listed_at`.
    pub fn is_due(&self, listed_at: Option<Timestamp>) -> bool {
        listed_at > self.listed_at || (self.failed && self.tries < TRIES)
    }

    /// Whether it was taken in when it was last read.
    pub const fn was_taken_in(&self) -> bool {
        !self.failed
    }

    /// How often it was tried as it is listed now.
    pub fn tries(&self, listed_at: Option<Timestamp>) -> i64 {
        if listed_at > self.listed_at { 0 } else { self.tries }
    }
}

/// All that a feed has led to, by address; what it says itself of whether it changed is not among it.
/// Reads a row for each document of the list, as the list itself has one. Index: the primary key.
pub(super) async fn known(snapshot: &mut Snapshot, feed: FeedId) -> Result<HashMap<String, Known>, DbError> {
    let statement = sql!("SELECT url, listed_at, tries, error FROM feed_place WHERE feed_id = ?1");
    let rows: Vec<Row> = snapshot.all(statement, params![feed]).await?;
    let known = |row: &Row| Known { listed_at: row.listed_at, tries: row.tries, failed: row.error.is_some() };
    Ok(rows.into_iter().map(|row| (row.url.clone(), known(&row))).collect())
}

/// When a list was last added to, as it said when all that it named had been read.
pub(super) async fn listed_at(
    snapshot: &mut Snapshot,
    feed: FeedId,
    url: &Url,
) -> Result<Option<Timestamp>, DbError> {
    let statement = sql!("SELECT listed_at FROM feed_place WHERE feed_id = ?1 AND url = ?2");
    let found: Option<(Option<Timestamp>,)> = snapshot.maybe(statement, params![feed, url.as_str()]).await?;
    Ok(found.and_then(|(at,)| at))
}

/// What a feed led to and could not be had, and is to be tried again. Index: `feed_place_failed`.
pub(super) async fn to_be_tried(
    snapshot: &mut Snapshot,
    feed: FeedId,
) -> Result<Vec<(Url, Option<Timestamp>)>, DbError> {
    let statement = sql!(
        "SELECT url, listed_at FROM feed_place
         WHERE feed_id = ?1 AND error IS NOT NULL AND tries < ?2 ORDER BY url LIMIT 200"
    );
    let rows: Vec<(String, Option<Timestamp>)> = snapshot.all(statement, params![feed, TRIES]).await?;
    Ok(rows.into_iter().filter_map(|(url, at)| Some((url.parse().ok()?, at))).collect())
}

/// Notes that all that a list names was read, which tells of what changed from `since` until `until`. What was
/// taken in and changed before that is forgotten, since it is named no more until it changes again; nothing is
/// done where the feed's turn is over.
pub(super) async fn read_whole(
    tx: &mut Tx,
    feed: &Feed,
    url: &Url,
    since: Timestamp,
    until: Timestamp,
) -> Result<(), DbError> {
    let statement = sql!(
        "UPDATE feed_place SET listed_at = ?3
         WHERE feed_id = ?1 AND url = ?2 AND EXISTS (SELECT 1 FROM feed WHERE id = ?1 AND turn = ?4)"
    );
    if tx.run(statement, params![feed.id, url.as_str(), until, feed.turn]).await? == 0 {
        return Ok(());
    }
    let statement =
        sql!("DELETE FROM feed_place WHERE feed_id = ?1 AND url <> ?2 AND listed_at < ?3 AND error IS NULL");
    tx.run_later(statement, params![feed.id, url.as_str(), since]).await
}

/// Notes that a document was taken in, or, for a reason, was not; `false`, and nothing, where the
/// feed's turn is over.
pub(super) async fn note(
    tx: &mut Tx,
    feed: &Feed,
    url: &Url,
    listed_at: Option<Timestamp>,
    tries: i64,
    error: Option<&str>,
) -> Result<bool, DbError> {
    let statement = sql!(
        "INSERT INTO feed_place (feed_id, url, listed_at, tries, error)
         SELECT id, ?3, ?4, ?5, ?6 FROM feed WHERE id = ?1 AND turn = ?2
         ON CONFLICT (feed_id, url) DO UPDATE
         SET listed_at = excluded.listed_at, tries = excluded.tries, error = excluded.error"
    );
    let values = params![feed.id, feed.turn, url.as_str(), listed_at, tries, error];
    Ok(tx.run(statement, values).await? == 1)
}

db::record! {
    struct Seen {
        etag: Option<String>,
        last_modified: Option<String>,
        hash: Option<Vec<u8>>,
    }
}

/// By what to ask whether an address has changed, and the SHA-256 of what lay there. Nothing of one
/// that was not read to its end.
pub(super) async fn seen(
    snapshot: &mut Snapshot,
    feed: FeedId,
    url: &Url,
) -> Result<(Validators, Option<Vec<u8>>), DbError> {
    let statement = sql!("SELECT etag, last_modified, hash FROM feed_place WHERE feed_id = ?1 AND url = ?2");
    let seen: Option<Seen> = snapshot.maybe(statement, params![feed, url.as_str()]).await?;
    Ok(seen.map_or_else(Default::default, |Seen { etag, last_modified, hash }| {
        (Validators { etag, last_modified }, hash)
    }))
}

/// Keeps by what to ask whether an address has changed; by nothing where it is to be read anew. Nothing
/// is kept where the feed's turn is over.
pub(super) async fn see(
    tx: &mut Tx,
    feed: &Feed,
    url: &Url,
    validators: &Validators,
    hash: Option<&[u8; 32]>,
) -> Result<(), DbError> {
    let statement = sql!(
        "INSERT INTO feed_place (feed_id, url, etag, last_modified, hash, tries)
         SELECT id, ?3, ?4, ?5, ?6, 0 FROM feed WHERE id = ?1 AND turn = ?2
         ON CONFLICT (feed_id, url) DO UPDATE
         SET etag = excluded.etag, last_modified = excluded.last_modified, hash = excluded.hash"
    );
    let Validators { etag, last_modified } = validators;
    let (etag, last_modified) = (etag.as_deref(), last_modified.as_deref());
    let values = params![feed.id, feed.turn, url.as_str(), etag, last_modified, hash.copied()];
    tx.run(statement, values).await?;
    Ok(())
}
