//! Whether this machine's clock was set: it is compared with how long it has really been.
//!
//! A clock that was set back would let everything wait that is due a moment from now, for as long as it was set back;
//! what waits for minutes is brought forward, and deadlines stay where they are. Either way the log says so, and whoever
//! runs the machine is told.

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Counts;
use crate::{
    Actor, App, Tx,
    log::{self, Entry},
};

/// Less than so much is a time server that does its work.
const LEAST: SignedDuration = SignedDuration::from_mins(1);
/// What was to happen within so long is brought forward when the clock is set back.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// What the clock said when it was looked at last, beside how long it had really been.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch(Option<(Timestamp, SignedDuration)>);

impl Watch {
    /// Looks; says by how much the clock was set since the last time, where it was by a minute or more.
    pub async fn look(&mut self, app: &App) -> Result<Option<SignedDuration>, DbError> {
        let (now, elapsed) = (app.env.now(), app.env.elapsed());
        let Some((then, had)) = self.0 else {
            self.0 = Some((now, elapsed));
            return Ok(None);
        };
        let should_be = then + (elapsed - had);
        let by = now.duration_since(should_be);
        if by.abs() >= LEAST {
            note(app, should_be, by).await?;
        }
        // Only now: where the database did not answer, it is told at the next look.
        self.0 = Some((now, elapsed));
        Ok((by.abs() >= LEAST).then_some(by))
    }
}

async fn note(app: &App, should_be: Timestamp, by: SignedDuration) -> Result<(), DbError> {
    tracing::error!(seconds = by.as_secs(), "this machine's clock was set");
    let mut tx = app.write().await?;
    let now = tx.now;
    let statement = sql!("INSERT INTO clock_jump (id, noticed_at, seconds) VALUES (?1, ?2, ?3)");
    let id: uuid::Uuid = tx.id();
    tx.run(statement, params![id, now, by.as_secs()]).await?;
    if by.is_negative() {
        bring_forward(&mut tx, app, should_be, by).await?;
    }
    let entry = Entry::new("time.jumped").with(json!({"seconds": by.as_secs()}));
    log::write(&mut tx, &Actor::Job("clock"), entry).await?;
    tx.commit().await
}

/// What was due until `should_be`, or soon behind it, is due as soon as it would have been.
async fn bring_forward(
    tx: &mut Tx,
    app: &App,
    should_be: Timestamp,
    by: SignedDuration,
) -> Result<(), DbError> {
    let (now, until, micros) = (tx.now, should_be + SOON, i64::try_from(by.as_micros()).unwrap_or(i64::MIN));
    for statement in [
        sql!(
            "UPDATE job SET run_at = CASE WHEN run_at + ?3 < ?1 THEN CAST(?1 AS BIGINT) ELSE run_at + ?3 END
             WHERE lane IN ('urgent', 'bulk', 'elsewhere') AND state = 'waiting' AND run_at > ?1 AND run_at <= ?2"
        ),
        sql!(
            "UPDATE message SET not_before = CASE WHEN not_before + ?3 < ?1 THEN CAST(?1 AS BIGINT)
                                                  ELSE not_before + ?3 END
             WHERE lane IN ('urgent', 'bulk', 'elsewhere') AND state = 'waiting'
               AND not_before > ?1 AND not_before <= ?2"
        ),
        sql!(
            "UPDATE webhook_queue SET not_before = CASE WHEN not_before + ?3 < ?1 THEN CAST(?1 AS BIGINT)
                                                        ELSE not_before + ?3 END
             WHERE not_before > ?1 AND not_before <= ?2
               AND webhook_id IN (SELECT id FROM webhook WHERE next_at > ?1 AND next_at <= ?2)"
        ),
        sql!(
            "UPDATE webhook SET next_at = CASE WHEN next_at + ?3 < ?1 THEN CAST(?1 AS BIGINT) ELSE next_at + ?3 END
             WHERE next_at > ?1 AND next_at <= ?2"
        ),
    ] {
        tx.run(statement, params![now, until, micros]).await?;
    }
    tx.run(sql!("UPDATE carrier SET next_try_at = ?1 WHERE next_try_at > ?1"), params![now]).await?;
    let statement = sql!(
        "UPDATE clock SET next_due_at = CASE WHEN next_due_at + ?3 < ?1 THEN CAST(?1 AS BIGINT)
                                             ELSE next_due_at + ?3 END
         WHERE next_due_at > ?1 AND next_due_at <= ?2 AND kind = ?4"
    );
    let again = sql!(
        "UPDATE clock SET next_due_at = due_at
         WHERE next_due_at IS NULL AND stopped_at IS NULL AND due_at > ?1 AND due_at <= ?2 AND kind = ?3"
    );
    for kind in app.services.iter().flat_map(|service| service.clocks) {
        match kind.counts {
            Counts::FromTheLast => tx.run(statement, params![now, until, micros, kind.name]).await?,
            // What was said to be over while the clock was wrong is not over: it rings once more, when it is.
            Counts::ToAMoment => tx.run(again, params![now, should_be, kind.name]).await?,
        };
    }
    Ok(())
}

db::record! {
    /// That the clock of a machine was set.
    pub struct Jump {
        /// When that was noticed, by the clock as it was then.
        pub noticed_at: Timestamp,
        /// By how much: back where it is negative.
        pub seconds: i64,
    }
}

impl Jump {
    /// In words: "set back by 1 hour".
    pub fn in_words(&self) -> String {
        let way = if self.seconds < 0 { "back" } else { "forward" };
        let minutes = self.seconds.unsigned_abs().div_ceil(60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let part = |count: u64, one: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            many => Some(format!("{many} {one}s")),
        };
        let parts: Vec<_> = [part(hours, "hour"), part(minutes, "minute")].into_iter().flatten().collect();
        format!("set {way} by {}", parts.join(" "))
    }
}

/// How the clocks of machines were set within the last week, the last first, 10 at most. Index: `clock_jump_noticed`.
pub async fn jumps(snapshot: &mut Snapshot, now: Timestamp) -> Result<Vec<Jump>, DbError> {
    let statement = sql!(
        "SELECT noticed_at, seconds FROM clock_jump WHERE noticed_at > ?1 ORDER BY noticed_at DESC, id DESC LIMIT 10"
    );
    snapshot.all(statement, params![now - SignedDuration::from_hours(24 * 7)]).await
}
