//! `/sector/{id}/ring`: whom the CERT rings because no mail has helped, and what came of each call.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use db::{params, sql};
use http::StatusCode;
use platform::{
    Actor, Tx,
    log::{self, Entry},
    organisation::{self, OrganisationId},
    retention::{Rule, rows},
    web::{
        Error, Form, Visit,
        cursor::Page,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    Outcome, SectorError, late,
    store::{self, Callee, Late, Number, Rung},
};
use crate::{
    access::WRITE_ADVISORIES,
    alert::AlertId,
    response::{self, AlertHead},
};

/// A call to a late organisation.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// About which alert.
    pub alert: AlertId,
    /// To whom.
    pub organisation: OrganisationId,
    /// What came of it.
    pub outcome: Outcome,
    /// What was said.
    pub note: &'a str,
}

/// What was noted of a call may name whoever answered it; that it was made, and what came of it, stays.
/// Index: `ring_noted`.
pub const NOTES: Rule = Rule {
    name: "ring_note",
    forget: |tx, before| {
        let statement = sql!(
            "UPDATE ring SET note = '' WHERE id IN (
                 SELECT id FROM ring WHERE at < ?1 AND note <> '' ORDER BY at LIMIT ?2)"
        );
        rows(tx, statement, before)
    },
};

/// Keeps who rang whom, when, and what came of it.
pub async fn ring(tx: &mut Tx, actor: &Actor, call: &Call<'_>) -> Result<(), SectorError> {
    actor.require(WRITE_ADVISORIES, "note calls to organisations")?;
    store::callee(tx, call.alert, call.organisation).await?.ok_or(SectorError::NotFound)?;
    let statement = sql!(
        "INSERT INTO ring (id, alert_id, organisation_id, caller_id, at, outcome, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    let (id, now, caller) = (tx.id::<Uuid>(), tx.now, actor.holder().unwrap_or(Uuid::nil()));
    let values = params![id, call.alert, call.organisation, caller, now, call.outcome, call.note];
    tx.run(statement, values).await?;
    if call.outcome == Outcome::Reached {
        organisation::store::note_reached(tx, call.organisation).await?;
    }
    let entry = Entry::new("alert.rung")
        .about(call.alert.0)
        .organisation(call.organisation)
        .with(json!({ "outcome": call.outcome.code() }));
    log::write(tx, actor, entry).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "sector/ring_list.html")]
struct RingList {
    shell: Shell,
    alert: AlertHead,
    asked: late::Asked,
    page: Page<Late>,
    may_note: bool,
    problems: Problems,
}

impl RingList {
    fn next(&self) -> Option<String> {
        let path = format!("/sector/{}/ring", self.alert.id);
        self.page.next.as_ref().map(|after| self.asked.next(&path, after))
    }
}

/// `GET /sector/{id}/ring`
pub(super) async fn list(
    visit: Visit,
    Path(id): Path<AlertId>,
    Query(asked): Query<late::Asked>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let page = late::page_of(store::late(&mut snapshot, id, visit.shell.now, asked.wanted(true)).await?);
    drop(snapshot);
    let may_note = visit.actor.is_any(WRITE_ADVISORIES);
    let problems = Problems::none();
    Ok(render(StatusCode::OK, &RingList { shell: visit.shell, alert, asked, page, may_note, problems }))
}

#[derive(Template)]
#[template(path = "sector/ring.html")]
struct RingPage {
    shell: Shell,
    alert: AlertHead,
    callee: Callee,
    numbers: Vec<Number>,
    calls: Vec<Rung>,
    outcomes: Vec<Choice>,
    typed: Typed,
    problems: Problems,
}

/// What the caller writes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    outcome: String,
    note: String,
}

/// `GET /sector/{id}/ring/{organisation}`
pub(super) async fn ask(visit: Visit, Path(of): Path<(AlertId, OrganisationId)>) -> Result<Response, Error> {
    page(visit, of, StatusCode::OK, Typed::default(), Problems::none()).await
}

async fn page(
    visit: Visit,
    (id, organisation): (AlertId, OrganisationId),
    status: StatusCode,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let alert = response::head(&mut snapshot, id).await?.ok_or(SectorError::NotFound)?;
    let callee = store::callee(&mut snapshot, id, organisation).await?.ok_or(SectorError::NotFound)?;
    let numbers = store::numbers(&mut snapshot, organisation, visit.shell.now).await?;
    let calls = store::calls(&mut snapshot, id, organisation).await?;
    drop(snapshot);
    let outcomes = Outcome::ALL
        .map(|outcome| Choice::new(outcome.code(), outcome.label()).chosen_in(&[&typed.outcome]))
        .into();
    Ok(render(
        status,
        &RingPage { shell: visit.shell, alert, callee, numbers, calls, outcomes, typed, problems },
    ))
}

/// `POST /sector/{id}/ring/{organisation}`
pub(super) async fn note(
    visit: Visit,
    Path((id, organisation)): Path<(AlertId, OrganisationId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let outcome: Option<Outcome> = typed.outcome.parse().ok();
    if outcome.is_none() {
        problems.push("outcome", "Select what came of the call");
    }
    let note = problems.optional_text("note", &typed.note, 2_000, "the note");
    let (Some(outcome), Some(note)) = (outcome, note) else {
        let of = (id, organisation);
        return page(visit, of, StatusCode::UNPROCESSABLE_ENTITY, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    ring(&mut tx, &visit.actor, &Call { alert: id, organisation, outcome, note: &note }).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/sector/{id}/ring")).into_response())
}
