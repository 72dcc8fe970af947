//! The pages of API keys: the list, giving one, and the one time it is shown.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
use http::StatusCode;
use serde::Deserialize;

use super::{
    KEEPERS, KeyError, Listed, Scope, State as KeyState,
    actions::{self, NewKey},
    store,
};
use crate::{
    Actor, App,
    access::{KeyId, Rule::Roles},
    account::{
        READERS,
        place::{self, Asked, Place},
    },
    organisation::OrganisationId,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};

/// The rows of keys.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/keys", Roles(READERS), page),
        Route::get("/keys/new", Roles(KEEPERS), new_page).sample("/keys/new?organisation={organisation}"),
        Route::post("/keys/new", Roles(KEEPERS), new_submit).form(
            "organisation={organisation}&name=Desk&scopes=alerts:read&stands_for={organisation}&days=90",
        ),
        Route::post("/keys/{key}/revoke", Roles(KEEPERS), revoke),
    ]
}

/// A key as the list shows it.
struct Row {
    key: Listed,
    state: KeyState,
    may: String,
}

impl Row {
    fn of(key: Listed, now: jiff::Timestamp) -> Self {
        let labels: Vec<_> =
            key.scopes.split(' ').filter_map(|code| code.parse().ok()).map(Scope::label).collect();
        Self { state: KeyState::of(key.expires_at, key.revoked_at, now), may: labels.join(", "), key }
    }

    fn is_active(&self) -> bool {
        self.state == KeyState::Active
    }
}

#[derive(Template)]
#[template(path = "key/keys.html")]
struct Keys {
    shell: Shell,
    place: Place,
    others: Vec<Place>,
    rows: Vec<Row>,
    next: Option<String>,
    keeps: bool,
    sees_all: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    after: Option<String>,
}

/// `GET /keys`
async fn page(
    visit: Visit,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let place = place::of(&mut snapshot, &visit.app, &visit.actor, &asked).await?;
    let others = place::led(&mut snapshot, &visit.app, &visit.actor).await?;
    let after = wanted.after.as_deref().and_then(cursor::read);
    let keys = store::of(&mut snapshot, place.id, after).await?;
    let page = Page::of(keys, |key| (key.created_at, key.id.0));
    let rows = page.rows.into_iter().map(|key| Row::of(key, visit.shell.now)).collect();
    let keeps = place::keeps(&visit.actor, place.id);
    let sees_all = visit.actor.at_cert();
    Ok(render(
        StatusCode::OK,
        &Keys { shell: visit.shell, place, others, rows, next: page.next, keeps, sees_all },
    ))
}

#[derive(Template)]
#[template(path = "key/new.html")]
struct New {
    shell: Shell,
    problems: Problems,
    place: Place,
    typed: Typed,
    scopes: Vec<Choice>,
    organisations: Vec<Choice>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Typed {
    /// Which form it is.
    form: Option<uuid::Uuid>,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    stands_for: Vec<String>,
    #[serde(default)]
    days: String,
}

/// `GET /keys/new`
async fn new_page(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let place = place::of(&mut snapshot, &visit.app, &visit.actor, &asked).await?;
    let typed = Typed { form: Some(visit.app.env.id()), days: "365".to_owned(), ..Typed::default() };
    let (scopes, organisations) = choices(&mut snapshot, &visit.app, &place, &typed).await?;
    let problems = Problems::none();
    Ok(render(StatusCode::OK, &New { shell: visit.shell, problems, place, typed, scopes, organisations }))
}

/// What can be chosen: the scopes; and the organisation with all it answers for, or single ones of those,
/// which is nobody for a key of the CERT's.
async fn choices(
    snapshot: &mut Snapshot,
    app: &App,
    place: &Place,
    typed: &Typed,
) -> Result<(Vec<Choice>, Vec<Choice>), KeyError> {
    let scopes = Scope::of(place.id)
        .iter()
        .map(|scope| Choice::new(scope.code(), scope.label()).chosen_in(&typed.scopes))
        .collect();
    let Some(id) = place.id else { return Ok((scopes, Vec::new())) };
    let answered = store::answered_for(snapshot, id, app.env.now()).await?;
    let mut own = Choice::new(id.to_string(), place.name.clone());
    if !answered.is_empty() {
        own = own.hint("And all that it answers for, now and later");
    }
    let others = answered.into_iter().map(|(id, name, _)| Choice::new(id.to_string(), name));
    let organisations = [own].into_iter().chain(others).map(|choice| choice.chosen_in(&typed.stands_for));
    Ok((scopes, organisations.collect()))
}

#[derive(Template)]
#[template(path = "key/given.html")]
struct Given {
    shell: Shell,
    place: Place,
    token: String,
}

/// `POST /keys/new`: the only answer that ever holds the key.
async fn new_submit(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let asked = Asked { organisation: Some(typed.organisation.clone()), ..Asked::default() };
    let mut snapshot = visit.app.read().await?;
    let place = place::of(&mut snapshot, &visit.app, &visit.actor, &asked).await?;
    let (scopes, organisations) = choices(&mut snapshot, &visit.app, &place, &typed).await?;
    drop(snapshot);
    let mut problems = Problems::none();
    let name = problems.text("name", &typed.name, 100, "what will use the key");
    if let Some(name) = name {
        let new = read(place.id, name, &typed);
        let mut tx = visit.app.write().await?;
        match actions::create(&mut tx, &visit.actor, &new).await {
            Ok((_, token)) => {
                tx.commit().await?;
                return Ok(render(StatusCode::OK, &Given { shell: visit.shell, place, token }));
            }
            Err(error @ (KeyError::NoScope | KeyError::NotItsScope)) => {
                problems.push("scopes", error.to_string());
            }
            Err(error @ (KeyError::NoOrganisation | KeyError::NotAnsweredFor)) => {
                problems.push("stands_for", error.to_string());
            }
            Err(error @ KeyError::TooLong) => problems.push("days", error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    let page = New { shell: visit.shell, problems, place, typed, scopes, organisations };
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// What was typed; what cannot be read is refused by the action as missing.
fn read(organisation: Option<OrganisationId>, name: String, typed: &Typed) -> NewKey {
    NewKey {
        form: typed.form,
        name,
        organisation,
        scopes: typed.scopes.iter().filter_map(|code| code.parse().ok()).collect(),
        days: typed.days.trim().parse().unwrap_or(0),
        stands_for: typed.stands_for.iter().filter_map(|id| id.parse().ok()).collect(),
    }
}

/// `POST /keys/{key}/revoke`
async fn revoke(State(app): State<App>, actor: Actor, Path(key): Path<KeyId>) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::revoke(&mut tx, &actor, key).await?;
    tx.commit().await?;
    Ok(Redirect::to("/keys").into_response())
}
