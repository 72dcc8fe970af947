//! Correlations as the CERT reads and decides about them.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    App,
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    CorrelationId, State as Where, actions, names_one,
    store::{self, Correlation, Member},
};
use crate::{
    access::{HANDLE_INCIDENTS, READ_INCIDENTS},
    observable::{defanged, kind_of},
};

/// This noun's rows of the route table. Drafting an advisory from one is a flow to Broadcast.
pub(crate) fn routes() -> Vec<Route> {
    let (read, decide) = (Rule::Roles(READ_INCIDENTS), Rule::Roles(HANDLE_INCIDENTS));
    vec![
        Route::get("/correlations", read, list),
        Route::get("/correlations/{id}", read, show_one).sample("/correlations/{correlation}"),
        Route::post("/correlations/{id}/dismiss", decide, dismiss)
            .sample("/correlations/{correlation_to_dismiss}/dismiss")
            .form("version=1&reason=Our+own+scanner"),
    ]
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct After {
    after: Option<String>,
}

/// What is typed on a correlation's page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: i64,
    reason: String,
}

#[derive(Template)]
#[template(path = "correlation/list.html")]
struct ListPage {
    shell: Shell,
    page: Page<Correlation>,
    next: String,
}

impl ListPage {
    fn count(&self, count: &i64) -> String {
        show::count(*count)
    }
}

/// `GET /correlations`
async fn list(State(app): State<App>, shell: Shell, Query(query): Query<After>) -> Result<Response, Error> {
    let after: Option<(i64, CorrelationId)> = cursor::given(query.after.as_deref())?;
    let (at, id) = after.unwrap_or((Timestamp::MAX.as_microsecond() / 2, CorrelationId(Uuid::max())));
    let at = Timestamp::from_microsecond(at).map_err(|_| Error::NotFound)?;
    let rows = store::all(&mut app.read().await?, (at, id)).await?;
    let page = Page::of(rows, |row| (row.grown_at.as_microsecond(), row.id));
    let next = page.next_of("/correlations");
    Ok(render(StatusCode::OK, &ListPage { shell, page, next }))
}

#[derive(Template)]
#[template(path = "correlation/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    found: Correlation,
    members: Vec<Member>,
    /// Kind and value, as they may be shown, and whether it names one of the organisations.
    observables: Vec<(String, String, bool)>,
    typed: Typed,
    may_decide: bool,
}

/// `GET /correlations/{id}`
async fn show_one(visit: Visit, Path(id): Path<CorrelationId>) -> Result<Response, Error> {
    page(visit, id, Typed::default(), Problems::none()).await
}

async fn page(visit: Visit, id: CorrelationId, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let found = store::correlation(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let members = store::members(&mut snapshot, id).await?;
    let observables = store::observables(&mut snapshot, id).await?;
    drop(snapshot);
    let label = |kind: &str| kind_of(kind).map_or("Other", formats::ObservableKind::label).to_owned();
    let shown = |(kind, value): &(String, String)| {
        let names = members.iter().filter_map(|member| member.name.as_deref());
        (label(kind), defanged(kind, value), names_one(value, names))
    };
    let page = ShowPage {
        may_decide: visit.actor.is_any(HANDLE_INCIDENTS) && found.state == Where::Found,
        observables: observables.iter().map(shown).collect(),
        shell: visit.shell,
        problems,
        found,
        members,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /correlations/{id}/dismiss`
async fn dismiss(
    visit: Visit,
    Path(id): Path<CorrelationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(reason) = problems.text("reason", &typed.reason, 2_000, "why it is nothing to warn of") else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    actions::dismiss(&mut tx, &visit.actor, id, typed.version, &reason).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/correlations/{id}")).into_response())
}
