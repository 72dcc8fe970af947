//! Saving the filter that is before one, the list of those that are saved, and changing one.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{
    SavedFilterError, SavedFilterId,
    actions::{self, Audience},
    store::{self, SavedFilter},
};
use crate::{
    access::{READ_SECTOR, WRITE_ADVISORIES},
    threat::Asked,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    vec![
        Route::get("/threats/filters", read, list),
        Route::get("/threats/filters/new", write, new).sample("/threats/filters/new?decision=act&q=pump"),
        Route::post("/threats/filters/new", write, save)
            .form("name=Pumps+to+act+on&audience=own&query=decision%3Dact%26q%3Dpump"),
        Route::get("/threats/filters/{id}", write, edit).sample("/threats/filters/{saved_filter}"),
        Route::post("/threats/filters/{id}", write, change)
            .sample("/threats/filters/{saved_filter}")
            .form("version=1&name=Other&audience=shared"),
        Route::post("/threats/filters/{id}/delete", write, delete)
            .sample("/threats/filters/{saved_filter}/delete")
            .form("version=1"),
    ]
}

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: i64,
    name: String,
    audience: String,
    /// The list's address, behind the question mark.
    query: String,
}

#[derive(Deserialize)]
struct Further {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "saved_filter/list.html")]
struct ListPage {
    shell: Shell,
    own: Vec<SavedFilter>,
    page: Page<SavedFilter>,
    next: String,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "saved_filter/edit.html")]
struct EditPage {
    shell: Shell,
    problems: Problems,
    /// The one that is changed; none where one is saved.
    filter: Option<SavedFilterId>,
    shows: String,
    audiences: Vec<Choice>,
    typed: Typed,
}

impl SavedFilter {
    /// What the list shows with it.
    pub(crate) fn words(&self) -> String {
        asked(&self.query).words()
    }
}

/// The filter that an address tells; nothing of it where it cannot be read.
fn asked(query: &str) -> Asked {
    serde_html_form::from_str(query).unwrap_or_default()
}

/// `GET /threats/filters`
async fn list(visit: Visit, Query(further): Query<Further>) -> Result<Response, Error> {
    let after = further.after.as_deref().and_then(cursor::read);
    let after = after.unwrap_or((String::new(), SavedFilterId(uuid::Uuid::nil())));
    let mut snapshot = visit.app.read().await?;
    let own = match visit.actor.person() {
        Some(person) => store::own(&mut snapshot, person.id).await?,
        None => Vec::new(),
    };
    let page = Page::of(store::shared(&mut snapshot, &after).await?, |row| (row.name.clone(), row.id));
    drop(snapshot);
    let next = page.next_of("/threats/filters");
    let page =
        ListPage { shell: visit.shell, own, page, next, may_write: visit.actor.is_any(WRITE_ADVISORIES) };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /threats/filters/new`
async fn new(shell: Shell, Query(asked): Query<Asked>) -> Response {
    let typed = Typed { query: asked.query(), audience: Audience::Own.code().to_owned(), ..Typed::default() };
    form(shell, None, typed, Problems::none())
}

fn form(shell: Shell, filter: Option<SavedFilterId>, typed: Typed, problems: Problems) -> Response {
    let status = problems.status();
    let choice = |each: &Audience| Choice::new(each.code(), each.label()).chosen_in(&[&typed.audience]);
    let audiences = Audience::ALL.iter().map(choice).collect();
    let shows = asked(&typed.query).words();
    render(status, &EditPage { shell, problems, filter, shows, audiences, typed })
}

fn read(typed: &Typed, problems: &mut Problems) -> Option<(String, Audience)> {
    let name = problems.text("name", &typed.name, 100, "a name");
    let audience = typed.audience.parse().ok();
    if audience.is_none() {
        problems.push("audience", "Select who can use it");
    }
    Some((name?, audience?))
}

/// `POST /threats/filters/new`
async fn save(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    // Of what was sent, nothing but a filter is kept.
    let typed = Typed { query: asked(&typed.query).query(), ..typed };
    let mut problems = Problems::none();
    let Some((name, audience)) = read(&typed, &mut problems) else {
        return Ok(form(visit.shell, None, typed, problems));
    };
    let mut tx = visit.app.write().await?;
    match actions::save(&mut tx, &visit.actor, &name, &typed.query, audience).await {
        Ok(_) => {}
        Err(error @ (SavedFilterError::Taken | SavedFilterError::TooMany)) => {
            problems.push("name", error.to_string());
            return Ok(form(visit.shell, None, typed, problems));
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(Redirect::to(&format!("/threats?{}", typed.query)).into_response())
}

fn id(text: &str) -> Result<SavedFilterId, Error> {
    text.parse().map_err(|()| Error::NotFound)
}

/// The filter, if the actor may see it.
async fn seen(app: &App, actor: &Actor, filter: SavedFilterId) -> Result<SavedFilter, Error> {
    let reader = actor.person().ok_or(Error::NotFound)?.id;
    store::filter(&mut app.read().await?, reader, filter).await?.ok_or(Error::NotFound)
}

/// `GET /threats/filters/{id}`
async fn edit(visit: Visit, Path(path): Path<String>) -> Result<Response, Error> {
    let SavedFilter { id, name, query, shared, version, .. } =
        seen(&visit.app, &visit.actor, id(&path)?).await?;
    let audience = if shared { Audience::Shared } else { Audience::Own }.code().to_owned();
    Ok(form(visit.shell, Some(id), Typed { version, name, audience, query }, Problems::none()))
}

/// `POST /threats/filters/{id}`
async fn change(visit: Visit, Path(path): Path<String>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let filter = seen(&visit.app, &visit.actor, id(&path)?).await?;
    let typed = Typed { query: filter.query, ..typed };
    let mut problems = Problems::none();
    let Some((name, audience)) = read(&typed, &mut problems) else {
        return Ok(form(visit.shell, Some(filter.id), typed, problems));
    };
    let mut tx = visit.app.write().await?;
    match actions::change(&mut tx, &visit.actor, filter.id, typed.version, &name, audience).await {
        Ok(()) => {}
        Err(error @ SavedFilterError::Taken) => {
            problems.push("name", error.to_string());
            return Ok(form(visit.shell, Some(filter.id), typed, problems));
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(Redirect::to("/threats/filters").into_response())
}

/// `POST /threats/filters/{id}/delete`
async fn delete(
    State(app): State<App>,
    actor: Actor,
    Path(path): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::delete(&mut tx, &actor, id(&path)?, typed.version).await?;
    tx.commit().await?;
    Ok(Redirect::to("/threats/filters").into_response())
}
