//! Which kind of incident it is, by the taxonomy: the likely types first, then class by class.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::Typed;
use crate::{
    case::{self, Zone, taken},
    incident::{IncidentId, store::Incident},
    report,
    triage::{
        actions,
        rsit::{self, Class, Type},
        store,
    },
};

/// The address of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The class whose types are shown; the likely ones without.
    class: String,
}

#[derive(Template)]
#[template(path = "triage/kind.html")]
struct KindPage {
    shell: Shell,
    problems: Problems,
    incident: Incident,
    /// What it stands as.
    now: Option<String>,
    /// The class whose types are offered; without one, the likely types are.
    class: Option<&'static Class>,
    types: Vec<Choice>,
    classes: Vec<&'static Class>,
}

impl KindPage {
    /// What belongs to a class of which the taxonomy says no more.
    #[expect(clippy::unused_self, reason = "a template calls methods of its page")]
    fn names_of(&self, class: &Class) -> String {
        class.types.iter().map(|each| each.name.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// `GET /incidents/{id}/triage/kind`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&app, shell, &actor, id, &asked.class, Problems::none()).await
}

async fn page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: IncidentId,
    class: &str,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = case::sight(&mut snapshot, actor, shell.now, id).await?;
    sight.read(Zone::Shared)?;
    let triage = store::triage(&mut snapshot, id).await?;
    let reports = report::store::of_incident(&mut snapshot, id).await?;
    drop(snapshot);
    let kind = triage.and_then(|triage| triage.kind);
    let class = rsit::class(class);
    let types: Vec<&Type> = if let Some(class) = class {
        class.types.iter().collect()
    } else {
        let seen: Vec<_> = reports.iter().flat_map(|report| report.facts.seen.iter().copied()).collect();
        rsit::suggested(&seen)
    };
    let now = kind.as_deref().unwrap_or_default();
    let choice = |each: &&'static Type| {
        let called = if class.is_some() { each.name.clone() } else { rsit::called(&each.code) };
        Choice::new(each.code.as_str(), called).hint(each.description.as_str()).chosen_in(&[now])
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let others = rsit::classes().iter().filter(|each| class.is_none_or(|class| class.code != each.code));
    let page = KindPage {
        types: types.iter().map(choice).collect(),
        classes: others.collect(),
        now: kind.as_deref().map(rsit::called),
        incident: sight.incident,
        class,
        problems,
        shell,
    };
    Ok(render(status, &page))
}

/// `POST /incidents/{id}/triage/kind`
pub(super) async fn save(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let now = tx.now;
    let sight = case::sight(&mut tx, &actor, now, id).await?;
    let done = actions::classify(&mut tx, &actor, &sight, typed.of("kind")).await;
    match taken(tx, done).await? {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}/triage")).into_response()),
        Err(sentence) => {
            let mut problems = Problems::none();
            problems.push("kind", sentence);
            page(&app, shell, &actor, id, typed.of("class"), problems).await
        }
    }
}
