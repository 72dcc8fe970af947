//! Raising, reading and changing alerts of systems.

use axum::extract::{Path, State};
use http::StatusCode;
use platform::{
    Actor, App, Tx,
    log::{self, Entry},
    organisation::{self, OrganisationId},
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    AlertId, MOST, NOUN, Status,
    store::{self, Alert, Words},
};
use crate::{
    case::{CaseError, LONGEST_LINE},
    report::ReportError,
    thehive::{
        Caller,
        bulk::Change,
        case::{api::titled, made},
        observable::given::Given,
        said::Tagging,
        words::{AMBER, between, bounded, moment},
    },
};

/// The most observables that come with an alert, and the longest description.
const MOST_OBSERVABLES: usize = 100;
const LONGEST: usize = 20_000;

/// An alert as a client raises it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Create {
    #[serde(rename = "type")]
    kind: String,
    source: String,
    source_ref: String,
    #[serde(default)]
    external_link: String,
    title: String,
    description: String,
    severity: Option<i64>,
    date: Option<i64>,
    #[serde(default)]
    tags: Vec<String>,
    tlp: Option<i64>,
    pap: Option<i64>,
    status: Option<String>,
    #[serde(default)]
    observables: Vec<Given>,
}

/// What a client changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Update {
    external_link: Option<String>,
    title: Option<String>,
    description: Option<String>,
    severity: Option<i64>,
    date: Option<i64>,
    tags: Option<Vec<String>>,
    #[serde(default)]
    add_tags: Vec<String>,
    #[serde(default)]
    remove_tags: Vec<String>,
    tlp: Option<i64>,
    pap: Option<i64>,
    status: Option<String>,
}

/// The status that a client may set.
fn status(word: &str) -> Result<Status, Error> {
    match word {
        "New" => Ok(Status::New),
        "InProgress" => Ok(Status::InProgress),
        "Ignored" => Ok(Status::Ignored),
        _ => Err(Error::Invalid("status: Send New, InProgress or Ignored.".to_owned())),
    }
}

fn named<'a>(field: &str, text: &'a str) -> Result<&'a str, Error> {
    let text = text.trim();
    bounded(field, text, LONGEST_LINE)?;
    if text.is_empty() { Err(Error::Invalid(format!("{field}: Write something."))) } else { Ok(text) }
}

/// Whose an alert is that this key raises.
async fn whose(tx: &mut Tx, caller: &Caller) -> Result<Option<OrganisationId>, Error> {
    if let Actor::Key(platform::access::Key { organisation: None, .. }) = &caller.actor {
        return Ok(None);
    }
    let now = tx.now;
    let code = made::organisation(tx, &caller.actor, caller.organisation.as_deref()).await?;
    let found = organisation::store::answered_for(tx, &caller.actor, now, &code).await?;
    Ok(Some(found.ok_or(ReportError::NotYours(code))?.0))
}

/// `POST /api/v1/alert`
pub(in crate::thehive) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    let of =
        [named("type", &body.kind)?, named("source", &body.source)?, named("sourceRef", &body.source_ref)?];
    bounded("description", &body.description, LONGEST)?;
    bounded("externalLink", &body.external_link, LONGEST_LINE * 5)?;
    if body.observables.len() > MOST_OBSERVABLES {
        return Err(Error::Invalid(format!("observables: Send up to {MOST_OBSERVABLES}.")));
    }
    // What is none now would be refused when somebody wants it in a case.
    for given in &body.observables {
        given.read()?;
    }
    let observables = serde_json::to_string(&body.observables).map_err(|_| Error::Internal)?;
    let date = body.date.map(|at| moment("date", at)).transpose()?;
    let mut tx = app.write().await?;
    let words = Words {
        link: body.external_link.trim().to_owned(),
        title: titled(&body.title)?.to_owned(),
        text: body.description.trim().to_owned(),
        severity: between("severity", body.severity, 1, 4)?.unwrap_or(2),
        happened_at: date.unwrap_or(tx.now),
        tags: Tagging { tags: Some(body.tags), ..Tagging::default() }.after("")?,
        tlp: between("tlp", body.tlp, 0, 4)?.unwrap_or(AMBER),
        pap: between("pap", body.pap, 0, 3)?.unwrap_or(AMBER),
        status: body.status.as_deref().map_or(Ok(Status::New), status)?,
    };
    let organisation = whose(&mut tx, &caller).await?;
    if store::count(&mut tx, organisation).await? >= MOST {
        return Err(CaseError::Refused(format!("There are {MOST} alerts, which is the most.")).into());
    }
    let key = caller.actor.holder().ok_or(Error::NotFound)?;
    let id = store::insert(&mut tx, organisation, (key, of), &words, &observables).await?;
    let id = id.ok_or_else(|| {
        Error::Conflict("An alert of this type, source and sourceRef was raised before.".to_owned())
    })?;
    write_log(&mut tx, &caller, "system_alert.raised", id, organisation).await?;
    let body = NOUN.one(&mut tx, &app, &caller.actor, id.0).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// `GET /api/v1/alert/{alert}`
pub(in crate::thehive) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(alert): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let id: AlertId = alert.parse().map_err(|()| Error::NotFound)?;
    let mut snapshot = app.db.read_long().await?;
    let body = NOUN.one(&mut snapshot, &app, &caller.actor, id.0).await?.ok_or(Error::NotFound)?;
    Ok(axum::Json(body))
}

impl Change for Update {
    async fn change(&self, tx: &mut Tx, caller: &Caller, id: &str) -> Result<(), Error> {
        change(tx, caller, id, self).await
    }
}

/// Changes what one says, and what becomes of it.
async fn change(tx: &mut Tx, caller: &Caller, alert: &str, body: &Update) -> Result<(), Error> {
    let alert = theirs(tx, caller, alert).await?;
    let mut words = alert.words();
    if let Some(word) = &body.status {
        if alert.status == Status::Imported {
            let sentence = "It is a part of a case: what becomes of it is said there.";
            return Err(CaseError::Refused(sentence.to_owned()).into());
        }
        words.status = status(word)?;
    }
    if let Some(title) = &body.title {
        titled(title)?.clone_into(&mut words.title);
    }
    if let Some(description) = &body.description {
        bounded("description", description, LONGEST)?;
        description.trim().clone_into(&mut words.text);
    }
    if let Some(link) = &body.external_link {
        bounded("externalLink", link, LONGEST_LINE * 5)?;
        link.trim().clone_into(&mut words.link);
    }
    if let Some(date) = body.date {
        words.happened_at = moment("date", date)?;
    }
    let tagging = Tagging::of(body.tags.as_deref(), &body.add_tags, &body.remove_tags);
    words.tags = tagging.after(&words.tags)?;
    words.severity = between("severity", body.severity, 1, 4)?.unwrap_or(words.severity);
    words.tlp = between("tlp", body.tlp, 0, 4)?.unwrap_or(words.tlp);
    words.pap = between("pap", body.pap, 0, 3)?.unwrap_or(words.pap);
    if !store::change(tx, &alert, &words).await? {
        return Err(CaseError::Overtaken.into());
    }
    write_log(tx, caller, "system_alert.changed", alert.id, alert.organisation_id).await
}

/// The alert that a path names, where it is the caller's.
pub(super) async fn theirs(tx: &mut Tx, caller: &Caller, alert: &str) -> Result<Alert, Error> {
    let id: AlertId = alert.parse().map_err(|()| Error::NotFound)?;
    let now = tx.now;
    store::alert(tx, &caller.actor, now, id).await?.ok_or(Error::NotFound)
}

/// Tells the log that something was done to an alert, by its id. What a hospital's systems raise, the CERT does not learn
/// from the log.
pub(super) async fn write_log(
    tx: &mut Tx,
    caller: &Caller,
    verb: &'static str,
    id: AlertId,
    organisation: Option<OrganisationId>,
) -> Result<(), Error> {
    let entry = Entry::new(verb).about(id.0);
    let entry = match organisation {
        Some(organisation) => entry.organisation(organisation),
        None => entry,
    };
    log::write(tx, &caller.actor, entry).await?;
    Ok(())
}
