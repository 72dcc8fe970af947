//! The playbooks that are followed in a case, and how to begin with another: those that fit what was reported first.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    case::{Head, Party, Sight, Zone, opened},
    incident::IncidentId,
    playbook::{self, by_seen, shelf::Shelf},
    report,
    run::{
        actions,
        store::{self, Run},
    },
};

/// What is asked for and typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    playbook: String,
    zone: String,
    form: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "run/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    head: Head,
    runs: Vec<Run>,
    /// The playbooks to begin with; none for who may not begin.
    playbooks: Vec<Choice>,
    zones: Vec<Choice>,
    form: Uuid,
}

/// `GET /incidents/{id}/runs`
pub(super) async fn list(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    page(visit, id, typed, Problems::none()).await
}

async fn page(visit: Visit, id: IncidentId, mut typed: Typed, problems: Problems) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let runs = store::runs(&mut snapshot, id, sight.reads).await?;
    let zones = actions::zones_to_start(&sight);
    let mut playbooks = Vec::new();
    if !zones.is_empty() {
        playbooks = to_choose(&mut snapshot, &visit.actor, &sight, &typed.playbook).await?;
    }
    drop(snapshot);
    if typed.zone.is_empty() {
        Zone::Shared.code().clone_into(&mut typed.zone);
    }
    let zones = zones.iter().map(|zone| Choice::new(zone.code(), zone.label()).chosen_in(&[&typed.zone]));
    let page = ListPage {
        head: Head::of(&sight, "/runs"),
        zones: zones.collect(),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        runs,
        playbooks,
    };
    Ok(render(page.problems.status(), &page))
}

/// The playbooks to begin with: those for what was seen, then the program's others, then those that were imported.
/// The report is not for guests, and neither is what follows from it.
async fn to_choose(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    sight: &Sight,
    chosen: &str,
) -> Result<Vec<Choice>, Error> {
    let mut seen = Vec::new();
    if sight.party != Party::Guest {
        let reports = report::store::of_incident(snapshot, sight.incident.id).await?;
        seen.extend(reports.into_iter().flat_map(|report| report.facts.seen));
    }
    let shelf = Shelf::read(snapshot).await?;
    let fits = by_seen::playbooks(&shelf, &seen);
    let chosen = if chosen.is_empty() { fits.first().map_or("", |first| first.slug) } else { chosen };
    let others = shelf.all().iter().filter(|each| !fits.iter().any(|fit| fit.slug == each.slug));
    let mut choices: Vec<Choice> = Vec::new();
    for each in &fits {
        choices.push(Choice::new(each.slug, each.playbook.name.clone()).hint("Fits what was reported"));
    }
    choices.extend(others.map(|each| Choice::new(each.slug, each.playbook.name.clone())));
    for each in playbook::store::list(snapshot, actor, "", None).await? {
        let in_front = shelf.all().iter().any(|ours| ours.in_front == Some(each.id));
        if each.state == playbook::State::Current && !in_front {
            choices.push(Choice::new(each.id.to_string(), each.name).hint("Of the CERT"));
        }
    }
    Ok(choices.into_iter().map(|choice| choice.chosen_in(&[chosen])).collect())
}

/// `POST /incidents/{id}/runs`
pub(super) async fn start(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let zone: Option<Zone> = typed.zone.parse().ok();
    if typed.playbook.is_empty() {
        problems.push("playbook", "Select the playbook that you follow");
    }
    if zone.is_none() {
        problems.push("zone", "Select who sees it");
    }
    let Some(zone) = zone.filter(|_| problems.is_empty()) else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::start(&mut tx, &visit.actor, id, (&typed.playbook, zone), form).await;
    let Some(run) = taken(tx, done, (&mut problems, "playbook")).await? else {
        return page(visit, id, typed, problems).await;
    };
    Ok(Redirect::to(&format!("/incidents/{id}/runs/{run}")).into_response())
}
