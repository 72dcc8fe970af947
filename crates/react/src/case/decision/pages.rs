//! The log of decisions, and the form with which one is written down or reviewed.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Decided, DecisionId, actions,
    store::{self, Decision},
};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, LONGEST, LONGEST_LINE, Zone, opened, typed},
    incident::IncidentId,
};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/decisions", read, list).sample("/incidents/{incident}/decisions"),
        Route::get("/incidents/{id}/decisions/add", write, begin)
            .sample("/incidents/{incident}/decisions/add"),
        Route::post("/incidents/{id}/decisions/add", write, add)
            .sample("/incidents/{incident}/decisions/add")
            .form("zone=shared&happened=now&decided=Shut+the+link&decider=Pat&role=SIRO&why=It+spreads"),
        Route::get("/incidents/{id}/decisions/{decision}/review", write, begin_review)
            .sample("/incidents/{incident}/decisions/{case_decision}/review"),
        Route::post("/incidents/{id}/decisions/{decision}/review", write, review)
            .sample("/incidents/{incident}/decisions/{case_decision}/review")
            .form("happened=now&decided=It+stays&decider=Pat&role=SIRO&why=It+still+spreads"),
    ]
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

/// The form of a decision.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    zone: String,
    decided: String,
    decider: String,
    role: String,
    why: String,
    options: String,
    happened: String,
    #[serde(rename = "happened-on-day")]
    happened_on_day: String,
    #[serde(rename = "happened-on-month")]
    happened_on_month: String,
    #[serde(rename = "happened-on-year")]
    happened_on_year: String,
    #[serde(rename = "happened-time")]
    happened_time: String,
    #[serde(rename = "review-day")]
    review_day: String,
    #[serde(rename = "review-month")]
    review_month: String,
    #[serde(rename = "review-year")]
    review_year: String,
    #[serde(rename = "review-time")]
    review_time: String,
}

impl Fields {
    fn read(&self, form: Uuid, now: Timestamp, problems: &mut Problems) -> Option<Decided> {
        let decided = problems.text("decided", &self.decided, LONGEST, "what was decided");
        let by = problems.text("decider", &self.decider, LONGEST_LINE, "who decided it");
        let role = problems.text("role", &self.role, LONGEST_LINE, "their role");
        let why = problems.text("why", &self.why, LONGEST, "why");
        let options = problems.optional_text("options", &self.options, LONGEST, "what else was weighed");
        let when = typed::When {
            choice: &self.happened,
            day: [&self.happened_on_day, &self.happened_on_month, &self.happened_on_year],
            time: &self.happened_time,
        };
        let decided_at = typed::happened(problems, when, now);
        let day = [self.review_day.as_str(), &self.review_month, &self.review_year];
        let review_at = typed::to_come(problems, ("review", "review-time"), day, &self.review_time, now);
        Some(Decided {
            form,
            decided: decided?,
            decider: by?,
            role: role?,
            why: why?,
            options: options?,
            decided_at: decided_at?,
            review_at: review_at.ok()?,
        })
    }
}

#[derive(Template)]
#[template(path = "case/decisions.html")]
struct DecisionsPage {
    shell: Shell,
    head: Head,
    page: Page<(Decision, String)>,
    next: String,
    marks_zones: bool,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "case/decision.html")]
struct DecisionPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    /// The one that is reviewed.
    before: Option<Decision>,
    zones: Vec<Choice>,
    whens: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

/// `GET /incidents/{id}/decisions`
async fn list(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let from = cursor::read(&asked.after).unwrap_or((Timestamp::MAX, DecisionId(Uuid::max())));
    let rows = store::of(&mut snapshot, id, sight.reads, from).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| (row.decided_at, row.id)).map(|row| {
        let who = sight.who(&visit.shell.cert.name, true, row.by.as_deref(), row.through.as_deref());
        (row, who)
    });
    let page = DecisionsPage {
        head: Head::of(&sight, "/decisions"),
        next: page.next_of(&format!("/incidents/{id}/decisions")),
        page,
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/decisions/add`
async fn begin(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    form(visit, (id, None), Fields::default(), Problems::none()).await
}

/// `GET /incidents/{id}/decisions/{decision}/review`
async fn begin_review(
    visit: Visit,
    Path((id, decision)): Path<(IncidentId, DecisionId)>,
) -> Result<Response, Error> {
    form(visit, (id, Some(decision)), Fields::default(), Problems::none()).await
}

async fn form(
    visit: Visit,
    (id, reviews): (IncidentId, Option<DecisionId>),
    mut typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    const TO_DO: &str = "write decisions in this case";
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let before = if let Some(reviews) = reviews {
        let before = store::decision(&mut snapshot, id, sight.reads, reviews).await?;
        let before = before.ok_or(Error::NotFound)?;
        sight.write(before.zone, TO_DO)?;
        Some(before)
    } else {
        sight.write_any(TO_DO)?;
        None
    };
    drop(snapshot);
    // The CERT's people are named to an organisation only by themselves.
    if typed.form.is_none() && !visit.actor.at_cert() {
        typed.decider = visit.actor.person().map(|person| person.name.clone()).unwrap_or_default();
    }
    let page = DecisionPage {
        head: Head::of(&sight, "/decisions"),
        zones: typed::zones(&sight, &typed.zone),
        whens: typed::whens(&typed.happened),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        before,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/decisions/add`
async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    send(visit, (id, None), fields).await
}

/// `POST /incidents/{id}/decisions/{decision}/review`
async fn review(
    visit: Visit,
    Path((id, decision)): Path<(IncidentId, DecisionId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    send(visit, (id, Some(decision)), fields).await
}

async fn send(
    visit: Visit,
    (id, reviews): (IncidentId, Option<DecisionId>),
    mut fields: Fields,
) -> Result<Response, Error> {
    let form_id = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone = if reviews.is_some() { Some(Zone::Shared) } else { typed::zone(&mut problems, &fields.zone) };
    let decided = fields.read(form_id, visit.shell.now, &mut problems);
    let (Some(zone), Some(decided)) = (zone, decided) else {
        return form(visit, (id, reviews), fields, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = match reviews {
        // What reviews a decision stands in its zone.
        Some(reviews) => actions::review(&mut tx, &visit.actor, id, reviews, &decided).await,
        None => actions::decide(&mut tx, &visit.actor, id, zone, &decided).await,
    };
    if taken(tx, done, (&mut problems, "decided")).await?.is_none() {
        return form(visit, (id, reviews), fields, problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/decisions")).into_response())
}
