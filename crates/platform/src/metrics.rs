//! What `/metrics` says of the work that waits.
//!
//! Each process looks every few seconds and keeps what it saw: however often somebody scrapes, the
//! database is asked no more. Every figure is read from an index that holds what waits and nothing
//! else.

use std::collections::HashMap;

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;

use crate::{
    App,
    job::{self, Lane},
    message::{self, Channel},
    web::health,
};

/// The work that waits.
#[derive(Debug)]
pub struct Seen {
    /// How many jobs stand where.
    pub jobs: job::Counts,
    /// The messages that could leave, by channel and lane.
    pub messages: Vec<Waiting>,
    /// How many entries of the log have no number yet.
    pub unsealed: i64,
    /// When the first clock is due, or was and has not rung.
    pub next_clock: Option<Timestamp>,
    /// When the first webhook is due that is well, and that fails.
    pub next_webhooks: (Option<Timestamp>, Option<Timestamp>),
}

/// Looks.
pub async fn see(snapshot: &mut Snapshot) -> Result<Seen, DbError> {
    Ok(Seen {
        jobs: job::counts(snapshot).await?,
        messages: waiting(snapshot).await?,
        unsealed: unsealed(snapshot).await?,
        next_clock: next_clock(snapshot).await?,
        next_webhooks: next_webhooks(snapshot).await?,
    })
}

/// Looks, and keeps what was seen for the next scrape.
pub async fn gather(app: &App) -> Result<(), DbError> {
    // Without it the recorder keeps every single measurement.
    health::recorder().run_upkeep();
    gauge("database_readers_in_use", &[], i64::try_from(app.db.readers_in_use()).unwrap_or(i64::MAX));
    let Seen { jobs, messages, unsealed, next_clock, next_webhooks } = see(&mut app.read().await?).await?;
    let job::Counts { waiting, running, dead } = jobs;
    for (state, count) in [("waiting", waiting), ("running", running), ("dead", dead)] {
        gauge("jobs", &[("state", state)], count);
    }
    let now = app.env.now();
    let waiting: HashMap<_, _> =
        messages.into_iter().map(|row| ((row.channel, row.lane), (row.waiting, row.oldest))).collect();
    for channel in Channel::ALL.map(Channel::code) {
        for lane in message::LANES.map(Lane::code) {
            let found = waiting.get(&(channel.to_owned(), lane.to_owned()));
            let labels = [("channel", channel), ("lane", lane)];
            gauge("messages_waiting", &labels, found.map_or(0, |(waiting, _)| *waiting));
            gauge("message_oldest_waiting_seconds", &labels, since(found.map(|(_, oldest)| *oldest), now));
        }
    }
    gauge("log_unsealed_entries", &[], unsealed);
    gauge("clock_lateness_seconds", &[], since(next_clock, now));
    for (lane, next) in [("well", next_webhooks.0), ("failing", next_webhooks.1)] {
        gauge("webhook_lateness_seconds", &[("lane", lane)], since(next, now));
    }
    Ok(())
}

fn gauge(name: &'static str, labels: &[(&'static str, &'static str)], value: i64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge holds a fraction")]
    metrics::gauge!(name, labels).set(value as f64);
}

/// Seconds since `at`; 0 where it is yet to come, or is not at all.
fn since(at: Option<Timestamp>, now: Timestamp) -> i64 {
    at.map_or(0, |at| now.duration_since(at).as_secs().max(0))
}

db::record! {
    /// Messages that wait.
    pub struct Waiting {
        /// By which channel they travel.
        pub channel: String,
        /// In which lane they wait.
        pub lane: String,
        /// How many.
        pub waiting: i64,
        /// When the oldest could have left.
        pub oldest: Timestamp,
    }
}

/// How many messages wait, and since when the oldest could have left. Index: `message_due`.
pub async fn waiting(snapshot: &mut Snapshot) -> Result<Vec<Waiting>, DbError> {
    let statement = sql!(
        "SELECT channel, lane, count(*) AS waiting, min(not_before) AS oldest FROM message
         WHERE lane IN ('urgent', 'bulk', 'elsewhere') AND state = 'waiting' GROUP BY channel, lane"
    );
    snapshot.all(statement, params![]).await
}

/// How many entries of the log have no number yet. Index: `log_entry_unsealed`.
async fn unsealed(snapshot: &mut Snapshot) -> Result<i64, DbError> {
    let (count,): (i64,) =
        snapshot.one(sql!("SELECT count(*) FROM log_entry WHERE sequence IS NULL"), params![]).await?;
    Ok(count)
}

/// When the first clock is due, or was and has not rung. Index: `clock_due`.
async fn next_clock(snapshot: &mut Snapshot) -> Result<Option<Timestamp>, DbError> {
    let statement = sql!("SELECT min(next_due_at) FROM clock WHERE next_due_at IS NOT NULL");
    let (first,): (Option<Timestamp>,) = snapshot.one(statement, params![]).await?;
    Ok(first)
}

/// When the first webhook of each lane is due, or was and was told nothing. Indexes: `webhook_due_well`,
/// `webhook_due_failing`.
async fn next_webhooks(snapshot: &mut Snapshot) -> Result<(Option<Timestamp>, Option<Timestamp>), DbError> {
    let statement = sql!(
        "SELECT (SELECT min(next_at) FROM webhook WHERE next_at IS NOT NULL AND failing_since IS NULL) AS well,
                (SELECT min(next_at) FROM webhook WHERE next_at IS NOT NULL AND failing_since IS NOT NULL) AS failing"
    );
    snapshot.one(statement, params![]).await
}
