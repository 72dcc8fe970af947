//! Who is let in to a case, and the forms with which others are let in and out.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App, Tx,
    access::Rule,
    web::{
        Error, Form, Route,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{Guest, GuestId};
use crate::{
    access::{LETS_IN, READERS},
    case::{CaseError, Head, LONGEST_LINE, Party, sight, taken, typed},
    incident::IncidentId,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, keep) = (Rule::Roles(READERS), Rule::Roles(LETS_IN));
    vec![
        Route::get("/incidents/{id}/guests", read, show).sample("/incidents/{incident}/guests"),
        Route::post("/incidents/{id}/guests", keep, let_in)
            .sample("/incidents/{incident}/guests")
            .form("organisation={case_guest_code}&zone=shared&why=They+run+the+server"),
        Route::post("/incidents/{id}/guests/{guest}/out", keep, let_out)
            .sample("/incidents/{incident}/guests/{case_guest}/out"),
    ]
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    organisation: String,
    zone: String,
    why: String,
}

#[derive(Template)]
#[template(path = "case/guests.html")]
struct GuestsPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    guests: Vec<Guest>,
    zones: Vec<Choice>,
    typed: Fields,
    may_keep: bool,
}

/// `GET /incidents/{id}/guests`
async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    page(&app, shell, &actor, id, Fields::default(), Problems::none()).await
}

async fn page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: IncidentId,
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, actor, shell.now, id).await?;
    if sight.party == Party::Guest {
        return Err(Error::NotFound);
    }
    let mut guests = super::guests(&mut snapshot, id).await?;
    drop(snapshot);
    guests.retain(|guest| sight.reads.contains(guest.zone));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = GuestsPage {
        head: Head::of(&sight, "/guests"),
        zones: typed::zones(&sight, &typed.zone),
        may_keep: super::keeps(&sight, actor),
        shell,
        problems,
        guests,
        typed,
    };
    Ok(render(status, &page))
}

/// `POST /incidents/{id}/guests`
async fn let_in(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let code = problems.text("organisation", &fields.organisation, 20, "the organisation’s ODS code");
    let zone = typed::zone(&mut problems, &fields.zone);
    let why = problems.text("why", &fields.why, LONGEST_LINE, "why it is let in");
    let (Some(code), Some(zone), Some(why)) = (code, zone, why) else {
        return page(&app, shell, &actor, id, fields, problems).await;
    };
    let mut tx = app.write().await?;
    let done = super::let_in(&mut tx, &actor, id, &code, zone, &why).await;
    settled(&app, shell, &actor, id, (tx, done.map(drop)), fields).await
}

/// `POST /incidents/{id}/guests/{guest}/out`
async fn let_out(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((id, guest)): Path<(IncidentId, GuestId)>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let done = super::let_out(&mut tx, &actor, id, guest).await;
    settled(&app, shell, &actor, id, (tx, done), Fields::default()).await
}

async fn settled(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: IncidentId,
    (tx, done): (Tx, Result<(), CaseError>),
    fields: Fields,
) -> Result<Response, Error> {
    match taken(tx, done).await? {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}/guests")).into_response()),
        Err(sentence) => {
            let mut problems = Problems::none();
            problems.push("organisation", sentence);
            page(app, shell, actor, id, fields, problems).await
        }
    }
}
