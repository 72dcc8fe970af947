//! Putting observables into a case, saying more of them, and withdrawing them.

use axum::extract::{Path, State};
use db::{DbError, Filter, Snapshot, Value, params, sql};
use http::StatusCode;
use platform::{
    App, Tx,
    log::{self, Entry},
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    NOUN,
    given::{Given, put},
};
use crate::{
    case::{CaseError, LONGEST, Sight, Zone, sight},
    incident::IncidentId,
    observable::{ObservableId, actions},
    thehive::{
        Caller,
        bulk::Change,
        case::api::seen,
        noun::Bound,
        query::MOST_ROWS,
        said::{Said, Tagging},
        words::bounded,
    },
};

/// What a client says of an observable that is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Update {
    message: Option<String>,
    tags: Option<Vec<String>>,
    #[serde(default)]
    add_tags: Vec<String>,
    #[serde(default)]
    remove_tags: Vec<String>,
    tlp: Option<i64>,
    pap: Option<i64>,
    ioc: Option<bool>,
    sighted: Option<bool>,
}

/// `POST /api/v1/case/{case}/observable`: what the case has already is told again.
pub(in crate::thehive) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
    Body(body): Body<Given>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let read = body.read()?;
    let mut tx = app.write().await?;
    let sight = seen(&mut tx, &caller, &case).await?;
    let zone = caller.zone(&sight)?;
    let ids = put(&mut tx, &caller, (sight.incident.id, zone), read).await?;
    let each = ids.iter().map(|id| Filter::Is("b.id", "{} = ?1", vec![Value::from(*id)])).collect();
    let selection = NOUN.select(&caller.actor, app.env.now(), &Bound::OfCase(sight.incident.id.0));
    let order = [("b.id", db::Direction::Ascending)];
    let selection = selection.filtered(&Filter::Any(each)).page(&order, 0, MOST_ROWS);
    let mut rows = (NOUN.read)(&mut tx, &app, selection).await?;
    // As they were sent.
    rows.sort_by_key(|row| ids.iter().position(|id| row["_id"] == id.to_string()));
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(rows.into())))
}

/// `GET /api/v1/observable/{observable}`
pub(in crate::thehive) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(observable): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let id: ObservableId = observable.parse().map_err(|()| Error::NotFound)?;
    let mut snapshot = app.db.read_long().await?;
    let body = NOUN.one(&mut snapshot, &app, &caller.actor, id.0).await?.ok_or(Error::NotFound)?;
    Ok(axum::Json(body))
}

impl Change for Update {
    async fn change(&self, tx: &mut Tx, caller: &Caller, id: &str) -> Result<(), Error> {
        change(tx, caller, id, self).await
    }
}

/// Says more of one.
async fn change(tx: &mut Tx, caller: &Caller, observable: &str, body: &Update) -> Result<(), Error> {
    let (id, sight, zone) = theirs(tx, caller, observable).await?;
    sight.write(zone, "say more of this observable")?;
    let mut said = Said::of(tx, id.0).await?;
    if let Some(message) = &body.message {
        bounded("message", message, LONGEST)?;
        message.trim().clone_into(&mut said.text);
    }
    let tagging = Tagging::of(body.tags.as_deref(), &body.add_tags, &body.remove_tags);
    said.tags = tagging.after(&said.tags)?;
    said.mark(body.tlp, body.pap)?;
    said.ioc = body.ioc.unwrap_or(said.ioc);
    said.sighted = body.sighted.unwrap_or(said.sighted);
    said.keep(tx, id.0, sight.incident.id).await?;
    let entry = Entry::new("observable.labelled").about(sight.incident.id.0);
    log::write(tx, &caller.actor, entry.with(json!({ "observable": id }))).await?;
    Ok(())
}

/// `DELETE /api/v1/observable/{observable}`: it is withdrawn, and compared with nothing any more.
pub(in crate::thehive) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(observable): Path<String>,
) -> Result<StatusCode, Error> {
    let mut tx = app.write().await?;
    let (id, sight, _) = theirs(&mut tx, &caller, &observable).await?;
    actions::withdraw(&mut tx, &caller.actor, sight.incident.id, id).await?;
    if standing(&mut tx, id).await?.is_some_and(|(_, _, left_out)| left_out != "withdrawn") {
        let sentence = "It is compared with nothing: there is nothing to withdraw, and what was found stays.";
        return Err(CaseError::Refused(sentence.to_owned()).into());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The observable that a path names, with its case as the caller has that, and its zone, which they read.
async fn theirs(
    tx: &mut Tx,
    caller: &Caller,
    observable: &str,
) -> Result<(ObservableId, Sight, Zone), Error> {
    let id: ObservableId = observable.parse().map_err(|()| Error::NotFound)?;
    let found = standing(tx, id).await?.filter(|(_, _, left_out)| left_out != "withdrawn");
    let (incident, zone, _) = found.ok_or(Error::NotFound)?;
    let now = tx.now;
    let sight = sight(tx, &caller.actor, now, incident).await?;
    sight.read(zone)?;
    Ok((id, sight, zone))
}

/// In which case and zone an observable stands, and why it is not compared, whoever asks. Index: the key.
async fn standing(
    snapshot: &mut Snapshot,
    id: ObservableId,
) -> Result<Option<(IncidentId, Zone, String)>, DbError> {
    let statement = sql!("SELECT incident_id, zone, left_out FROM observable WHERE id = ?1");
    snapshot.maybe(statement, params![id]).await
}
