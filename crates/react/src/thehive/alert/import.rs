//! How what a system raised becomes a part of a case: of a new one, which is reported, or of one that is there.

use axum::extract::{Path, State};
use http::StatusCode;
use platform::{
    App, Tx, organisation,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    Status,
    api::{theirs, write_log},
    store::{self, Alert},
};
use crate::{
    case::{
        CaseError, LONGEST, Zone, sight,
        timeline::{self, Entering, Kind, actions::write_log as write_case_log},
    },
    incident::IncidentId,
    thehive::{
        Caller,
        bulk::each_once,
        case::{
            api::{seen, shown, titled},
            made::{New, make},
        },
        observable::given::{Given, put},
        said::{Said, Tagging},
        words::{between, moment},
    },
};

/// What a client says of the case in place of what the alert says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::thehive) struct Promote {
    title: Option<String>,
    description: Option<String>,
    severity: Option<i64>,
    #[serde(rename = "startDate")]
    start_date: Option<i64>,
    tags: Option<Vec<String>>,
    tlp: Option<i64>,
    pap: Option<i64>,
}

/// `POST /api/v1/alert/{alert}/case`: reports it, as an organisation's systems report what they see.
pub(in crate::thehive) async fn promote(
    State(app): State<App>,
    caller: Caller,
    Path(alert): Path<String>,
    Body(body): Body<Promote>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let mut tx = app.write().await?;
    let alert = free(&mut tx, &caller, &alert).await?;
    let organisation = alert.organisation_id.ok_or(Error::NotFound)?;
    let organisation = organisation::store::find(&mut tx, organisation).await?.ok_or(Error::NotFound)?;
    let since = match body.start_date {
        Some(at) => moment("startDate", at)?,
        None => alert.happened_at.min(tx.now),
    };
    let mut said = Said::nothing();
    titled(body.title.as_deref().unwrap_or(&alert.title))?.clone_into(&mut said.title);
    body.description.as_deref().unwrap_or(&alert.text).clone_into(&mut said.text);
    said.tags = Tagging { tags: body.tags, ..Tagging::default() }.after(&alert.tags)?;
    said.mark(body.tlp.or(Some(alert.tlp)), body.pap.or(Some(alert.pap)))?;
    let severity = between("severity", body.severity, 1, 4)?.or(Some(alert.severity));
    let new = New { said, since: Some(since), severity };
    let case = make(&mut tx, &caller.actor, &organisation.code, &new).await?;
    // What is reported is shared, and so is what is found in it.
    into(&mut tx, &caller, &alert, (case, Zone::Shared)).await?;
    let body = shown(&app, &mut tx, &caller, case).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// `POST /api/v1/alert/{alert}/merge/{case}`
pub(in crate::thehive) async fn merge(
    State(app): State<App>,
    caller: Caller,
    Path((alert, case)): Path<(String, String)>,
) -> Result<axum::Json<Json>, Error> {
    let mut tx = app.write().await?;
    let case = merged(&mut tx, &caller, &alert, &case).await?;
    let body = shown(&app, &mut tx, &caller, case).await?;
    tx.commit().await?;
    Ok(axum::Json(body))
}

/// Alerts that become a part of one case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Merge {
    case_id: String,
    alert_ids: Vec<String>,
}

/// `POST /api/v1/alert/merge/_bulk`: all of them, or none.
pub(in crate::thehive) async fn merge_all(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Merge>,
) -> Result<axum::Json<Json>, Error> {
    let mut tx = app.write().await?;
    let alerts = each_once("alertIds", &body.alert_ids)?;
    for alert in &alerts {
        merged(&mut tx, &caller, alert, &body.case_id).await?;
    }
    let case = seen(&mut tx, &caller, &body.case_id).await?.incident.id;
    let body = shown(&app, &mut tx, &caller, case).await?;
    tx.commit().await?;
    Ok(axum::Json(body))
}

/// Writes an alert into the timeline of a case, with what is found in it; says which case it is.
async fn merged(tx: &mut Tx, caller: &Caller, alert: &str, case: &str) -> Result<IncidentId, Error> {
    let alert = free(tx, caller, alert).await?;
    let sight = seen(tx, caller, case).await?;
    let (zone, case) = (caller.zone(&sight)?, sight.incident.id);
    let mut text = format!("From {}, {}: {}\n{}", alert.source, alert.source_ref, alert.title, alert.text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
    }
    let entering = Entering {
        zone,
        kind: Kind::Event,
        happened_at: alert.happened_at.min(tx.now),
        about: None,
        text: text.trim_end(),
        corrects: None,
        form: Some(tx.id()),
    };
    let entry = timeline::enter(tx, &caller.actor, &sight, &entering).await?;
    write_case_log(tx, &caller.actor, "case.entered", &sight.incident, entry.0).await?;
    into(tx, caller, &alert, (case, zone)).await?;
    Ok(case)
}

/// The alert that a path names, where it is the caller's and a part of no case.
async fn free(tx: &mut Tx, caller: &Caller, alert: &str) -> Result<Alert, Error> {
    let alert = theirs(tx, caller, alert).await?;
    if alert.status == Status::Imported {
        return Err(CaseError::Refused("It is a part of a case already.".to_owned()).into());
    }
    Ok(alert)
}

/// Puts the observables of an alert into a zone of a case, and says of which case it is a part.
async fn into(
    tx: &mut Tx,
    caller: &Caller,
    alert: &Alert,
    (case, zone): (IncidentId, Zone),
) -> Result<(), Error> {
    let now = tx.now;
    sight(tx, &caller.actor, now, case).await?.write(zone, "write in this case")?;
    let given: Vec<Given> = serde_json::from_str(&alert.observables).map_err(|_| Error::Internal)?;
    for each in given {
        put(tx, caller, (case, zone), each.read()?).await?;
    }
    if !store::import(tx, alert, case).await? {
        return Err(CaseError::Overtaken.into());
    }
    write_log(tx, caller, "system_alert.imported", alert.id, alert.organisation_id).await
}
