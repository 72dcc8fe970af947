//! The timeline of a case, and what clients write into it. Nothing of it is changed: a correction is appended, and what
//! is deleted is corrected with the word that it is withdrawn.

use axum::extract::{Path, State};
use db::{Direction, Filter, Snapshot, params, sql};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App, Tx,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::ENTRIES;
use crate::{
    case::{
        CaseError, LONGEST, sight,
        timeline::{self, Entering, EntryId, Kind, Typed, actions::write_log},
    },
    incident::IncidentId,
    thehive::{
        Caller,
        case::{api::titled, called},
        noun::Bound,
        query::MOST_ROWS,
        words::{bounded, moment},
    },
};

/// An event as a client writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::thehive) struct Create {
    date: i64,
    title: String,
    #[serde(default)]
    description: String,
}

/// What is right about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::thehive) struct Update {
    date: Option<i64>,
    title: Option<String>,
    description: Option<String>,
}

/// `GET /api/v1/case/{case}/timeline`: the last entries, the first first.
pub(in crate::thehive) async fn timeline(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let mut snapshot = app.db.read_long().await?;
    let id = called(&mut snapshot, &case).await?.ok_or(Error::NotFound)?;
    sight(&mut snapshot, &caller.actor, app.env.now(), id).await?;
    let selection = ENTRIES.select(&caller.actor, app.env.now(), &Bound::OfCase(id.0));
    let order = [("e.happened_at", Direction::Descending), ("e.id", Direction::Descending)];
    let selection = selection.filtered(&Filter::All(Vec::new())).page(&order, 0, MOST_ROWS);
    let mut rows = (ENTRIES.read)(&mut snapshot, &app, selection).await?;
    rows.reverse();
    let events: Vec<_> = rows.iter().map(|row| event(row, id)).collect();
    Ok(axum::Json(json!({ "events": events })))
}

/// An entry as an event of a timeline.
fn event(row: &Json, case: IncidentId) -> Json {
    let about = if row["aboutId"].is_null() { &row["_id"] } else { &row["aboutId"] };
    let (kind, entity) = match row["kind"].as_str().unwrap_or_default() {
        "task" => ("taskLog", "Task"),
        "event" if row["aboutId"].is_null() => ("customEvent", "CustomEvent"),
        _ => ("case", "Case"),
    };
    let about = if entity == "Case" { json!(case) } else { about.clone() };
    json!({
        "date": row["date"],
        "kind": kind,
        "entity": entity,
        "entityId": about,
        "details": {
            "_id": row["_id"], "title": row["title"], "description": row["description"],
            "kind": row["kind"], "zone": row["zone"], "_createdBy": row["_createdBy"], "_createdAt": row["_createdAt"],
        },
    })
}

/// The text of an entry with a title and a description.
fn text(title: &str, description: &str) -> Result<String, Error> {
    let text = format!("{}\n{}", titled(title)?, description.trim());
    let text = text.trim_end().to_owned();
    bounded("description", &text, LONGEST)?;
    Ok(text)
}

/// `POST /api/v1/case/{case}/customEvent`
pub(in crate::thehive) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    Body(body): Body<Create>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let (text, happened_at) = (text(&body.title, &body.description)?, moment("date", body.date)?);
    let mut tx = app.write().await?;
    let sight = crate::thehive::case::api::seen(&mut tx, &caller, &case).await?;
    let zone = caller.zone(&sight)?;
    let typed = Typed { form: tx.id(), happened_at, text };
    let id = timeline::add(&mut tx, &caller.actor, sight.incident.id, zone, &typed).await?;
    let body = ENTRIES.one(&mut tx, &app, &caller.actor, id.0).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// `PATCH /api/v1/customEvent/{entry}`: appends what is right.
pub(in crate::thehive) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(entry): Path<String>,
    Body(body): Body<Update>,
) -> Result<StatusCode, Error> {
    let date = body.date.map(|at| moment("date", at)).transpose()?;
    let mut tx = app.write().await?;
    let found = theirs(&mut tx, &caller, &entry, Kind::Event).await?;
    let (title, description) = found.entry.text.split_once('\n').unwrap_or((&found.entry.text, ""));
    let text =
        text(body.title.as_deref().unwrap_or(title), body.description.as_deref().unwrap_or(description))?;
    correct(&mut tx, &caller, &found, date, &text).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/customEvent/{entry}`: appends that it is withdrawn.
pub(in crate::thehive) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(entry): Path<String>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    let found = theirs(&mut tx, &caller, &entry, Kind::Event).await?;
    correct(&mut tx, &caller, &found, None, WITHDRAWN).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What stands in place of an entry that a client deletes.
pub(in crate::thehive) const WITHDRAWN: &str = "Withdrawn by one of the systems.";

/// An entry with the case in which it stands, as the caller has that.
pub(in crate::thehive) struct Found {
    sight: crate::case::Sight,
    pub entry: timeline::Read,
}

/// The entry that a path names, of this kind and written by somebody, where the caller sees it. Index: the key.
pub(in crate::thehive) async fn theirs(
    tx: &mut Tx,
    caller: &Caller,
    entry: &str,
    kind: Kind,
) -> Result<Found, Error> {
    let id: EntryId = entry.parse().map_err(|()| Error::NotFound)?;
    let id = latest(tx, id).await?;
    let incident = case_of(tx, id).await?.ok_or(Error::NotFound)?;
    let now: Timestamp = tx.now;
    let sight = sight(tx, &caller.actor, now, incident).await?;
    let found = timeline::store::entry(tx, incident, sight.reads, id).await?.ok_or(Error::NotFound)?;
    // What entered by itself tells of something else, and is right as long as that is.
    let written = found.about_id.is_none() || kind == Kind::Task;
    if found.kind != kind || !written {
        return Err(Error::NotFound);
    }
    Ok(Found { sight, entry: found })
}

/// The last correction of an entry, or itself: clients hold the id that they were told first. It stands in the same zone.
/// Index: `case_entry_corrects`.
pub(in crate::thehive) async fn latest(
    snapshot: &mut Snapshot,
    entry: EntryId,
) -> Result<EntryId, db::DbError> {
    let statement = sql!(
        "WITH RECURSIVE chain AS (
             SELECT e.id, 0 AS depth FROM case_entry e WHERE e.id = ?1
             UNION ALL
             SELECT c.id, n.depth + 1 FROM chain n CROSS JOIN case_entry c
             WHERE c.corrects_id = n.id AND n.depth < 1000
         )
         SELECT id FROM chain ORDER BY depth DESC LIMIT 1"
    );
    let found: Option<(EntryId,)> = snapshot.maybe(statement, params![entry]).await?;
    Ok(found.map_or(entry, |(id,)| id))
}

async fn case_of(snapshot: &mut Snapshot, entry: EntryId) -> Result<Option<IncidentId>, db::DbError> {
    let statement = sql!("SELECT incident_id FROM case_entry WHERE id = ?1");
    Ok(snapshot.maybe::<(IncidentId,)>(statement, params![entry]).await?.map(|(id,)| id))
}

/// Appends what is right about an entry, which tells of the same thing.
pub(in crate::thehive) async fn correct(
    tx: &mut Tx,
    caller: &Caller,
    Found { sight, entry }: &Found,
    happened_at: Option<Timestamp>,
    text: &str,
) -> Result<EntryId, Error> {
    sight.write(entry.zone, "write in this case")?;
    let happened_at = happened_at.unwrap_or(entry.happened_at);
    if happened_at > tx.now {
        return Err(CaseError::Refused("When it happened must be in the past.".into()).into());
    }
    if entry.corrected_by.is_some() {
        return Err(CaseError::Refused("It was corrected already: correct the correction.".into()).into());
    }
    let entering = Entering {
        zone: entry.zone,
        kind: entry.kind,
        happened_at,
        about: entry.about_id,
        text,
        corrects: Some(entry.id),
        form: None,
    };
    let id = timeline::enter(tx, &caller.actor, sight, &entering).await?;
    write_log(tx, &caller.actor, "case.corrected", &sight.incident, id.0).await?;
    Ok(id)
}
