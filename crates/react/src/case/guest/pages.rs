//! Who is let in to a case, and the forms with which others are let in and out.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;

use super::{Guest, GuestId};
use crate::{
    access::{LETS_IN, READERS},
    case::{Head, LONGEST_LINE, Party, opened, typed},
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
async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    page(visit, id, Fields::default(), Problems::none()).await
}

async fn page(visit: Visit, id: IncidentId, typed: Fields, problems: Problems) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    if sight.party == Party::Guest {
        return Err(Error::NotFound);
    }
    let mut guests = super::guests(&mut snapshot, id).await?;
    drop(snapshot);
    guests.retain(|guest| sight.reads.contains(guest.zone));
    let page = GuestsPage {
        head: Head::of(&sight, "/guests"),
        zones: typed::zones(&sight, &typed.zone),
        may_keep: super::keeps(&sight, &visit.actor),
        shell: visit.shell,
        problems,
        guests,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn to(id: IncidentId) -> Response {
    Redirect::to(&format!("/incidents/{id}/guests")).into_response()
}

/// `POST /incidents/{id}/guests`
async fn let_in(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let code = problems.text("organisation", &fields.organisation, 20, "the organisation’s ODS code");
    let zone = typed::zone(&mut problems, &fields.zone);
    let why = problems.text("why", &fields.why, LONGEST_LINE, "why it is let in");
    let (Some(code), Some(zone), Some(why)) = (code, zone, why) else {
        return page(visit, id, fields, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = super::let_in(&mut tx, &visit.actor, id, &code, zone, &why).await;
    if taken(tx, done, (&mut problems, "organisation")).await?.is_none() {
        return page(visit, id, fields, problems).await;
    }
    Ok(to(id))
}

/// `POST /incidents/{id}/guests/{guest}/out`
async fn let_out(visit: Visit, Path((id, guest)): Path<(IncidentId, GuestId)>) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = super::let_out(&mut tx, &visit.actor, id, guest).await;
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, "organisation")).await?.is_none() {
        return page(visit, id, Fields::default(), problems).await;
    }
    Ok(to(id))
}
