//! One function for each verb; pages and tests call these.

use jiff::Timestamp;
use platform::{
    Actor, Tx,
    log::{self, Entry},
};
use serde_json::{Value, json};

use super::{Feed, FeedError, FeedId, MOST, Plan, jobs, store};
use crate::access::{ASK_FEEDS, KEEP_FEEDS};

type Result<T> = std::result::Result<T, FeedError>;

/// Follows an address from now on: it is asked at once.
pub async fn add(tx: &mut Tx, actor: &Actor, plan: &Plan) -> Result<FeedId> {
    actor.require(KEEP_FEEDS, "add feeds")?;
    if store::count(tx).await? >= MOST {
        return Err(FeedError::TooMany);
    }
    let feed = store::insert(tx, plan).await?.ok_or(FeedError::Twice)?;
    let now = tx.now;
    jobs::queue(tx, feed, 1, now).await?;
    write_log(tx, actor, "feed.added", feed, told(plan)).await?;
    Ok(feed)
}

/// Changes what was decided about a feed, and asks it at once unless it is paused. What was known of
/// what lies at another address is forgotten.
pub async fn change(tx: &mut Tx, actor: &Actor, feed: FeedId, version: i64, plan: &Plan) -> Result<()> {
    actor.require(KEEP_FEEDS, "change feeds")?;
    let before = read(tx, feed, version).await?;
    if store::is_followed(tx, &plan.url, plan.source, feed).await? {
        return Err(FeedError::Twice);
    }
    moved(store::replan(tx, feed, version, plan).await?)?;
    if (&before.url, before.source, &before.keys) != (&plan.url, plan.source, &plan.keys) {
        store::forget_places(tx, feed).await?;
    }
    let now = tx.now;
    begin(tx, feed, before.next_at.map(|_| now)).await?;
    write_log(tx, actor, "feed.changed", feed, told(plan)).await
}

/// Asks a feed now, however long its pause would be.
pub async fn ask(tx: &mut Tx, actor: &Actor, feed: FeedId) -> Result<()> {
    actor.require(ASK_FEEDS, "ask feeds")?;
    let before = store::feed(tx, feed).await?.ok_or(FeedError::NotFound)?;
    let now = tx.now;
    match before.next_at {
        None => return Err(FeedError::Paused),
        // It is on its way.
        Some(at) if at <= now => return Ok(()),
        Some(_) => begin(tx, feed, Some(now)).await?,
    }
    write_log(tx, actor, "feed.asked", feed, json!({})).await
}

/// Asks a feed no more, until it is resumed.
pub async fn pause(tx: &mut Tx, actor: &Actor, feed: FeedId, version: i64) -> Result<()> {
    actor.require(KEEP_FEEDS, "pause feeds")?;
    read(tx, feed, version).await?;
    begin(tx, feed, None).await?;
    write_log(tx, actor, "feed.paused", feed, json!({})).await
}

/// Asks a feed again, at once.
pub async fn resume(tx: &mut Tx, actor: &Actor, feed: FeedId, version: i64) -> Result<()> {
    actor.require(KEEP_FEEDS, "resume feeds")?;
    read(tx, feed, version).await?;
    let now = tx.now;
    begin(tx, feed, Some(now)).await?;
    write_log(tx, actor, "feed.resumed", feed, json!({})).await
}

/// Removes a feed and what came of its askings. What it told stays.
pub async fn remove(tx: &mut Tx, actor: &Actor, feed: FeedId, version: i64) -> Result<()> {
    actor.require(KEEP_FEEDS, "remove feeds")?;
    let before = read(tx, feed, version).await?;
    moved(store::remove(tx, feed, version).await?)?;
    write_log(tx, actor, "feed.removed", feed, told(&before.plan())).await
}

/// Begins another turn.
async fn begin(tx: &mut Tx, feed: FeedId, at: Option<Timestamp>) -> Result<()> {
    let turn = store::turn(tx, feed, at).await?;
    if let Some(at) = at {
        jobs::queue(tx, feed, turn, at).await?;
    }
    Ok(())
}

/// The feed that the actor has before them, unless somebody has changed it since.
async fn read(tx: &mut Tx, feed: FeedId, version: i64) -> Result<Feed> {
    let feed = store::feed(tx, feed).await?.ok_or(FeedError::NotFound)?;
    moved(feed.version == version)?;
    Ok(feed)
}

const fn moved(moved: bool) -> Result<()> {
    if moved { Ok(()) } else { Err(FeedError::Overtaken) }
}

/// A plan as the log keeps it: without the query, in which a token may stand.
fn told(plan: &Plan) -> Value {
    let mut url = plan.url.clone();
    url.set_query(None);
    json!({
        "name": plan.name, "source": plan.source, "url": url.as_str(), "every_minutes": plan.every_minutes,
        "silent_hours": plan.silent_hours, "keys": plan.keys.is_some(),
    })
}

async fn write_log(
    tx: &mut Tx,
    actor: &Actor,
    verb: &'static str,
    feed: FeedId,
    payload: Value,
) -> Result<()> {
    log::write(tx, actor, Entry::new(verb).about(feed.0).with(payload)).await?;
    Ok(())
}
