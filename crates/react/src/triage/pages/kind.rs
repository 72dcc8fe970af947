//! Which kind of incident it is, by the taxonomy: the likely types first, then class by class.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use platform::web::{
    Error, Form, Visit,
    form::{Choice, Problems},
    shell::{Shell, render},
    taken,
};
use serde::Deserialize;

use super::Typed;
use crate::{
    case::{self, Zone, opened},
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
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(visit, id, &asked.class, Problems::none()).await
}

async fn page(visit: Visit, id: IncidentId, class: &str, problems: Problems) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
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
    let others = rsit::classes().iter().filter(|each| class.is_none_or(|class| class.code != each.code));
    let page = KindPage {
        types: types.iter().map(choice).collect(),
        classes: others.collect(),
        now: kind.as_deref().map(rsit::called),
        incident: sight.incident,
        class,
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/triage/kind`
pub(super) async fn save(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let now = tx.now;
    let sight = case::sight(&mut tx, &visit.actor, now, id).await?;
    let done = actions::classify(&mut tx, &visit.actor, &sight, typed.of("kind")).await;
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, "kind")).await?.is_none() {
        return page(visit, id, typed.of("class"), problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/triage")).into_response())
}
