//! One decision point of one threat: what it is, why, and the form that sets it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::ssvc::Point;
use platform::{
    Actor, App,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use crate::{
    threat::{
        ThreatId,
        store::{self, Threat},
    },
    triage::{
        Beside, Facts, Override, Policy, actions,
        judge::{self, Judged},
        store as triages,
    },
};

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    version: i64,
    value: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "triage/point.html")]
struct PointPage {
    shell: Shell,
    problems: Problems,
    threat: Threat,
    judged: Judged,
    set: Option<Override>,
    choices: Vec<Choice>,
    typed: Typed,
}

impl PointPage {
    fn question(&self) -> &'static str {
        self.threat.kind.question(self.judged.point)
    }
}

/// `GET /threats/{id}/triage/{point}`
pub(super) async fn show(visit: Visit, Path(path): Path<(String, String)>) -> Result<Response, Error> {
    let (id, point) = read(&path)?;
    page(visit, id, point, Problems::none(), None).await
}

fn read((id, point): &(String, String)) -> Result<(ThreatId, Point), Error> {
    Ok((id.parse().map_err(|()| Error::NotFound)?, Point::of_code(point).ok_or(Error::NotFound)?))
}

async fn page(
    visit: Visit,
    id: ThreatId,
    point: Point,
    problems: Problems,
    typed: Option<Typed>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let threat = store::threat(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let (_, epss) = triages::points(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let said = store::said(&mut snapshot, id).await?;
    let mut beside: Beside = triages::beside(&mut snapshot, &[id]).await?.remove(&id).unwrap_or_default();
    drop(snapshot);
    let said: Vec<_> = said.iter().map(|(source, said)| (*source, said)).collect();
    let facts = Facts { kind: threat.kind, said: &said, beside: &beside };
    let mut judged = judge::judged(facts, epss, Policy::current(visit.shell.now)).into_iter();
    let judged = judged.find(|judged| judged.point == point).ok_or(Error::NotFound)?;
    let overrides = &mut beside.overrides;
    let set = overrides.iter().position(|set| set.point == point).map(|place| overrides.swap_remove(place));
    // What was typed goes with the version that it was typed for.
    let typed = typed.unwrap_or_else(|| Typed {
        version: threat.version,
        value: judged.value.map(|value| value.code.to_owned()).unwrap_or_default(),
        reason: String::new(),
    });
    let choices = threat.kind.values(point).iter();
    let choices = choices
        .map(|value| Choice::new(value.code, value.label).hint(value.means).chosen_in(&[&typed.value]))
        .collect();
    let status = problems.status();
    Ok(render(status, &PointPage { shell: visit.shell, problems, threat, judged, set, choices, typed }))
}

fn to(id: ThreatId) -> Response {
    Redirect::to(&format!("/threats/{id}#triage")).into_response()
}

/// `POST /threats/{id}/triage/{point}`
pub(super) async fn set(
    visit: Visit,
    Path(path): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (id, point) = read(&path)?;
    let mut problems = Problems::none();
    let value = point.value(&typed.value);
    if value.is_none() {
        problems.push("value", "Select what it is");
    }
    let reason = problems.text("reason", &typed.reason, 1_000, "why");
    let (Some(value), Some(reason)) = (value, reason) else {
        return page(visit, id, point, problems, Some(typed)).await;
    };
    let mut tx = visit.app.write().await?;
    actions::set(&mut tx, &visit.actor, id, typed.version, point, value.code, &reason).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/triage/{point}/withdraw`
pub(super) async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(path): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (id, point) = read(&path)?;
    let mut tx = app.write().await?;
    actions::withdraw(&mut tx, &actor, id, typed.version, point).await?;
    tx.commit().await?;
    Ok(to(id))
}
