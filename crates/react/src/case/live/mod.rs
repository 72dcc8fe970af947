//! Whoever has a case open hears that something changed in it: what kind of thing, and which, never what it says. They
//! read it through the page or the call that asks [`sight()`](super::sight()).
//!
//! What changes enters the timeline, so that the timeline is what is followed. Its entries are numbered in the order in
//! which they were committed; each node reads behind the last number once a second, asks once for each changed case who
//! reads which of its zones, and tells all who follow it here.
//!
//! The numbers are those of all cases and zones. No reader sees one: a gap would tell when the other side writes.

mod api;
mod pages;
mod store;

use std::collections::BTreeMap;

use db::{DbError, Snapshot};
use http::HeaderMap;
use platform::{
    Actor, App,
    web::{
        Error, Route,
        bookmark::Secret,
        news::{self, Change, Following, Missed, News, TakenUp},
    },
};
use serde_json::json;

pub use api::openapi;
use store::Numbered;

use super::{Sight, Zone, Zones, sight};
use crate::incident::IncidentId;

/// The routes of pages and of the API.
pub(crate) fn routes() -> Vec<Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

/// As many entries as are read at once.
const AT_ONCE: usize = 1000;

/// The bit that stands for a zone.
const fn part(zone: Zone) -> u8 {
    1 << zone as u8
}

/// The bits that stand for zones.
fn parts(zones: Zones) -> u8 {
    zones.iter().map(part).sum()
}

/// Numbers what was committed, and tells those who follow it on this node what is behind `seen`; returns how far it has
/// told. Called each second by the service's own loop, with what it returned before.
pub async fn tell(app: &App, seen: Option<i64>) -> Result<Option<i64>, DbError> {
    secret(app).await?;
    number(app).await?;
    let mut snapshot = app.read().await?;
    let Some(mut seen) = seen else {
        let newest = store::newest(&mut snapshot).await?;
        app.live.topics.note_heard(newest);
        return Ok(Some(newest));
    };
    loop {
        let rows = store::since(&mut snapshot, seen).await?;
        let (last, many) = (rows.last().map(|row| row.number), rows.len());
        tell_each(app, &mut snapshot, rows).await?;
        seen = last.unwrap_or(seen);
        app.live.topics.note_heard(seen);
        if many < AT_ONCE {
            return Ok(Some(seen));
        }
    }
}

/// The secret under which it is sealed where somebody stopped hearing: in the database, so that it is the same on each node.
async fn secret(app: &App) -> Result<Secret, DbError> {
    if let Some(secret) = app.live.topics.secret() {
        return Ok(secret.clone());
    }
    let kept = store::secret(&mut app.read().await?).await?;
    let secret = match kept {
        Some(secret) => secret,
        None => draw_secret(app).await?,
    };
    app.live.topics.seal_under(secret.clone());
    Ok(secret)
}

/// Makes the secret, unless another node was faster.
async fn draw_secret(app: &App) -> Result<Secret, DbError> {
    let mut tx = app.write().await?;
    let drawn = tx.bytes();
    store::keep_secret(&mut tx, drawn).await?;
    let kept = store::secret(&mut tx).await?.ok_or(DbError::Broken)?;
    tx.commit().await?;
    Ok(kept)
}

/// Tells those who follow, case by case.
async fn tell_each(app: &App, snapshot: &mut Snapshot, rows: Vec<Numbered>) -> Result<(), DbError> {
    let mut cases: BTreeMap<uuid::Uuid, Vec<Change>> = BTreeMap::new();
    for row in rows {
        cases.entry(row.incident_id.0).or_default().push(change(&row));
    }
    for (case, changes) in cases {
        if app.live.topics.is_followed(case) {
            let now = app.env.now();
            let mut hear = std::collections::HashMap::new();
            for (holder, zones) in sight::everybody(snapshot, IncidentId(case), now).await? {
                hear.insert(holder, parts(zones));
            }
            app.live.topics.tell(case, News { changes, hear });
        }
    }
    Ok(())
}

/// Gives what was committed its numbers. Of two nodes that do it at once, one is refused by the keys and finds it done.
async fn number(app: &App) -> Result<(), DbError> {
    // Looked at before the write lock is asked for: most seconds have nothing to number.
    if store::unnumbered(&mut app.read().await?).await?.is_empty() {
        return Ok(());
    }
    let mut tx = app.write().await?;
    let waiting = store::unnumbered(&mut tx).await?;
    let before = store::newest(&mut tx).await?;
    for (number, id) in (before + 1..).zip(waiting) {
        match store::give(&mut tx, id, number).await {
            Ok(true) => {}
            Ok(false) | Err(DbError::Constraint(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    match tx.commit().await {
        Err(DbError::Constraint(_)) => Ok(()),
        committed => committed,
    }
}

/// What is told of an entry.
fn change(row: &Numbered) -> Change {
    let page = row.about_id.and_then(|about| row.kind.page(row.incident_id, about));
    let told = json!({
        "kind": row.kind.code(), "what": row.kind.label(), "zone": row.zone.code(), "about": row.about_id,
        "page": page.unwrap_or_else(|| format!("/incidents/{}/timeline", row.incident_id)),
    });
    Change { number: row.number, part: part(row.zone), by: row.person_id, told: told.to_string() }
}

/// Where and as whom somebody follows a case.
struct Begun {
    following: Following,
    missed: Missed,
}

/// Where somebody takes the stream up: see [`news::taken_up`]. A process that was just begun reads the secret first.
async fn taken_up(
    app: &App,
    actor: &Actor,
    headers: &HeaderMap,
    after: Option<&str>,
) -> Result<TakenUp, Error> {
    secret(app).await?;
    Ok(news::taken_up(app, actor.holder(), headers, after))
}

/// Begins to follow the case that is in `sight`, from where they stopped or from now on. What is no place of theirs says
/// nothing, and begins now.
async fn begin(app: &App, actor: &Actor, id: IncidentId, behind: TakenUp) -> Result<Begun, Error> {
    let holder = actor.holder().ok_or(Error::SignIn)?;
    // First, so that what is committed while the database is asked is heard.
    let following = Following::begin(app, id.0, holder, secret(app).await?)?;
    let mut snapshot = app.read().await?;
    let sight: Sight = sight(&mut snapshot, actor, app.env.now(), id).await?;
    let newest = store::newest(&mut snapshot).await?;
    let mut missed = Missed { number: newest, parts: parts(sight.reads), ..Missed::default() };
    if let TakenUp::Behind(number) = behind {
        // A database that was restored may be behind what was told once.
        missed.number = number.min(newest);
        let rows = store::of_case_since(&mut snapshot, id, sight.reads, missed.number).await?;
        missed.is_cut = rows.len() == AT_ONCE;
        missed.changes = rows.iter().map(change).collect();
    }
    Ok(Begun { following, missed })
}
