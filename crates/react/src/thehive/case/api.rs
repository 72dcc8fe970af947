//! Making, reading, naming, closing and merging cases.

use axum::extract::{Path, State};
use http::StatusCode;
use platform::{
    App, Tx,
    web::{Error, Json as Body},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    NOUN, called,
    made::{self, New},
};
use crate::{
    case::{
        LONGEST_LINE, Sight, Zone, sight,
        timeline::{self, Entering, Kind, actions::write_log},
    },
    incident::{self, IncidentId},
    thehive::{
        Caller,
        bulk::Change,
        said::{Said, Tagging},
        words::{IMPACTS, RESOLUTIONS, between, bounded, case_status, moment},
    },
};

/// The longest description, in characters.
const LONGEST: usize = 2_000;

/// A case as a client makes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::thehive) struct Create {
    title: String,
    description: String,
    severity: Option<i64>,
    #[serde(rename = "startDate")]
    start_date: Option<i64>,
    #[serde(default)]
    tags: Vec<String>,
    tlp: Option<i64>,
    pap: Option<i64>,
    flag: Option<bool>,
    status: Option<String>,
}

/// What a client changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::thehive) struct Update {
    title: Option<String>,
    description: Option<String>,
    tags: Option<Vec<String>>,
    #[serde(default)]
    add_tags: Vec<String>,
    #[serde(default)]
    remove_tags: Vec<String>,
    tlp: Option<i64>,
    pap: Option<i64>,
    status: Option<String>,
    summary: Option<String>,
    impact_status: Option<String>,
}

/// The title of something that people read.
pub(in crate::thehive) fn titled(title: &str) -> Result<&str, Error> {
    let title = title.trim();
    bounded("title", title, LONGEST_LINE)?;
    if title.is_empty() || title.chars().any(char::is_control) {
        return Err(Error::Invalid("title: Write one line.".to_owned()));
    }
    Ok(title)
}

/// The case that a path calls, as the caller has it.
pub(in crate::thehive) async fn seen(tx: &mut Tx, caller: &Caller, text: &str) -> Result<Sight, Error> {
    let now = tx.now;
    let id = called(tx, text).await?.ok_or(Error::NotFound)?;
    Ok(sight(tx, &caller.actor, now, id).await?)
}

/// The case as it stands now.
pub(in crate::thehive) async fn shown(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: IncidentId,
) -> Result<Json, Error> {
    NOUN.one(tx, app, &caller.actor, id.0).await?.ok_or(Error::NotFound)
}

/// `POST /api/v1/case`
pub(in crate::thehive) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, axum::Json<Json>), Error> {
    if body.flag == Some(true) {
        return Err(Error::Invalid("flag: This is not kept.".to_owned()));
    }
    if body.status.as_deref().is_some_and(|status| status != "New") {
        return Err(Error::Invalid("status: A case begins as New.".to_owned()));
    }
    let mut said = Said::nothing();
    titled(&body.title)?.clone_into(&mut said.title);
    body.description.trim().clone_into(&mut said.text);
    said.tags = Tagging { tags: Some(body.tags), ..Tagging::default() }.after("")?;
    said.mark(body.tlp, body.pap)?;
    let severity = between("severity", body.severity, 1, 4)?;
    let since = body.start_date.map(|at| moment("startDate", at)).transpose()?;
    let mut tx = app.write().await?;
    let code = made::organisation(&mut tx, &caller.actor, caller.organisation.as_deref()).await?;
    let id = made::make(&mut tx, &caller.actor, &code, &New { said, since, severity }).await?;
    let body = shown(&app, &mut tx, &caller, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// `GET /api/v1/case/{case}`
pub(in crate::thehive) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(case): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let mut snapshot = app.db.read_long().await?;
    let id = called(&mut snapshot, &case).await?.ok_or(Error::NotFound)?;
    let body = NOUN.one(&mut snapshot, &app, &caller.actor, id.0).await?.ok_or(Error::NotFound)?;
    Ok(axum::Json(body))
}

impl Change for Update {
    async fn change(&self, tx: &mut Tx, caller: &Caller, id: &str) -> Result<(), Error> {
        change(tx, caller, id, self).await
    }
}

/// Changes what one is called, and closes it where that is asked for.
async fn change(tx: &mut Tx, caller: &Caller, case: &str, body: &Update) -> Result<(), Error> {
    let sight = seen(tx, caller, case).await?;
    sight.write(Zone::Shared, "change what this case is called")?;
    // What a guest calls it nobody could tell from what was reported.
    if sight.party == crate::case::Party::Guest {
        return Err(platform::access::Forbidden("change what this case is called").into());
    }
    let mut said = Said::of(tx, sight.incident.id.0).await?;
    let told = relabelled(&mut said, body)?;
    let closes = closing(&sight, &mut said, body)?;
    said.keep(tx, sight.incident.id.0, sight.incident.id).await?;
    let id = sight.incident.id;
    if !told.is_empty() {
        // What it is called stands on the page of the incident, which guests do not read.
        let text = format!("One of the systems changed what it is called: {}.", told.join(", "));
        let entering = Entering::now(tx, Zone::Shared, Kind::Event, id.0, &text);
        timeline::enter(tx, &caller.actor, &sight, &entering).await?;
        write_log(tx, &caller.actor, "case.labelled", &sight.incident, id.0).await?;
    }
    if let Some((summary, told)) = closes {
        incident::actions::close(tx, &caller.actor, id, sight.incident.version, &summary).await?;
        let entering = Entering::now(tx, Zone::Shared, Kind::Event, id.0, &told);
        timeline::enter(tx, &caller.actor, &sight, &entering).await?;
    }
    Ok(())
}

/// Takes what a case is called; says what of it changed.
fn relabelled(said: &mut Said, body: &Update) -> Result<Vec<&'static str>, Error> {
    let mut told = Vec::new();
    if let Some(title) = &body.title {
        titled(title)?.clone_into(&mut said.title);
        told.push("title");
    }
    if let Some(description) = &body.description {
        bounded("description", description, LONGEST)?;
        description.trim().clone_into(&mut said.text);
        told.push("description");
    }
    let tagging = Tagging::of(body.tags.as_deref(), &body.add_tags, &body.remove_tags);
    let after = tagging.after(&said.tags)?;
    if after != said.tags {
        said.tags = after;
        told.push("tags");
    }
    let before = (said.tlp, said.pap);
    said.mark(body.tlp, body.pap)?;
    if (said.tlp, said.pap) != before {
        told.push("TLP and PAP");
    }
    Ok(told)
}

/// Why it is to be closed, and what people are told of how; nothing where it is not.
fn closing(sight: &Sight, said: &mut Said, body: &Update) -> Result<Option<(String, String)>, Error> {
    let refused = |sentence: &str| Err(Error::Invalid(sentence.to_owned()));
    let Some(status) = body.status.as_deref() else {
        return match (&body.summary, &body.impact_status) {
            (None, None) => Ok(None),
            _ => {
                refused("summary and impactStatus: Send them with the status with which the case is closed.")
            }
        };
    };
    let impact = body.impact_status.as_deref().unwrap_or("NotApplicable");
    let Some((impact, impact_in_words)) = IMPACTS.iter().find(|(word, _)| *word == impact) else {
        return refused("impactStatus: Send NotApplicable, WithImpact or NoImpact.");
    };
    let Some((resolution, in_words)) = RESOLUTIONS.iter().find(|(word, _)| *word == status) else {
        return match status {
            _ if status == case_status(sight.incident.state, &said.resolution) => Ok(None),
            "New" | "InProgress" => refused(
                "status: Somebody at the CERT takes an incident on, or opens it again: people are rung for it until then.",
            ),
            "Duplicated" => refused("status: What is the same as another case is merged with it."),
            _ => refused("status: Send TruePositive, FalsePositive, Indeterminate or Other."),
        };
    };
    (*resolution).clone_into(&mut said.resolution);
    (*impact).clone_into(&mut said.impact);
    let summary = body.summary.as_deref().unwrap_or_default().trim();
    bounded("summary", summary, LONGEST)?;
    if summary.is_empty() {
        return refused("summary: Say why it is closed: its organisation reads it.");
    }
    Ok(Some((
        summary.to_owned(),
        format!("One of the CERT’s systems closed it: {in_words}, {impact_in_words}."),
    )))
}

/// `POST /api/v1/case/_merge/{cases}`: the others become a part of the first.
pub(in crate::thehive) async fn merge(
    State(app): State<App>,
    caller: Caller,
    Path(cases): Path<String>,
) -> Result<axum::Json<Json>, Error> {
    let mut tx = app.write().await?;
    let names: Vec<_> = cases.split(',').collect();
    if !(2..=10).contains(&names.len()) {
        return Err(Error::Invalid("Name 2 to 10 cases, with commas between them.".to_owned()));
    }
    let into = seen(&mut tx, &caller, names[0]).await?.incident;
    for name in &names[1..] {
        let other = seen(&mut tx, &caller, name).await?.incident;
        incident::actions::join(&mut tx, &caller.actor, other.id, other.version, &into.receipt).await?;
    }
    let body = shown(&app, &mut tx, &caller, into.id).await?;
    tx.commit().await?;
    Ok(axum::Json(body))
}
