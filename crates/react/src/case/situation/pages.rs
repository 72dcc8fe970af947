//! The situation reports of a case, one of them to be printed, and the form with which the next is issued.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    access::Rule,
    clock,
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
    Issuing, LONGEST, Outlook, Words, actions, clocks, facts,
    store::{self, Listed, Situation},
};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, Zone, opened},
    incident::IncidentId,
    triage,
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/situation", read, list).sample("/incidents/{incident}/situation"),
        Route::get("/incidents/{id}/situation/next", write, begin)
            .sample("/incidents/{incident}/situation/next"),
        Route::post("/incidents/{id}/situation/next", write, issue)
            .sample("/incidents/{incident}/situation/next")
            .form("after=1&outlook=stable&summary=The+wards+work+on+paper"),
        Route::get("/incidents/{id}/situation/{number}", read, show)
            .sample("/incidents/{incident}/situation/1"),
    ]
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

/// The form of a report.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    /// The number of the last report when it was begun.
    after: i64,
    outlook: String,
    summary: String,
    impact: String,
    happened: String,
    tasks: String,
    decisions: String,
    next: String,
}

#[derive(Template)]
#[template(path = "case/situations.html")]
struct SituationsPage {
    shell: Shell,
    head: Head,
    page: Page<Listed>,
    next: String,
    /// When the next is due.
    due_at: Option<Timestamp>,
    may_issue: bool,
}

#[derive(Template)]
#[template(path = "case/situation.html")]
struct SituationPage {
    shell: Shell,
    head: Head,
    report: Situation,
    who: String,
}

#[derive(Template)]
#[template(path = "case/situation_next.html")]
struct NextPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    outlooks: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

/// `GET /incidents/{id}/situation`
async fn list(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.read(Zone::Shared)?;
    let before = cursor::read(&asked.after).unwrap_or(i64::MAX);
    let rows = store::before(&mut snapshot, id, before).await?;
    let due_at = match sight.incident.organisation_id {
        Some(organisation) => {
            let running = clock::running(&mut snapshot, id.0, organisation).await?;
            let ours = running.iter().find(|each| each.name == clocks::KIND.name);
            ours.filter(|each| each.stopped_at.is_none()).map(|each| each.due_at)
        }
        None => None,
    };
    drop(snapshot);
    let page = Page::of(rows, |row| row.number);
    let next = page.next_of(&format!("/incidents/{id}/situation"));
    let page = SituationsPage {
        head: Head::of(&sight, "/situation"),
        may_issue: actions::may_issue(&sight).is_ok(),
        next,
        shell: visit.shell,
        page,
        due_at,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/situation/{number}`
async fn show(visit: Visit, Path((id, number)): Path<(IncidentId, i64)>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.read(Zone::Shared)?;
    let report = store::numbered(&mut snapshot, id, number).await?.ok_or(Error::NotFound)?;
    drop(snapshot);
    let page = SituationPage {
        head: Head::of(&sight, "/situation"),
        who: sight.who(&visit.shell.cert.name, true, report.by.as_deref(), report.through.as_deref()),
        shell: visit.shell,
        report,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/situation/next`
async fn begin(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    actions::may_issue(&sight)?;
    let last = store::last(&mut snapshot, id).await?;
    let words = facts::words(&mut snapshot, &visit.shell, &sight, last.as_ref()).await?;
    let outlook = triage::store::outlooks(&mut snapshot, id).await?.first().map(|judged| judged.outlook);
    drop(snapshot);
    let typed = Fields {
        after: last.as_ref().map_or(0, |last| last.number),
        outlook: outlook.map_or("", Outlook::code).to_owned(),
        form: Some(visit.app.env.id()),
        summary: words.summary,
        impact: words.impact,
        happened: words.happened,
        tasks: words.tasks,
        decisions: words.decisions,
        next: words.next,
    };
    form(visit, id, typed, Problems::none()).await
}

async fn form(visit: Visit, id: IncidentId, typed: Fields, problems: Problems) -> Result<Response, Error> {
    let (_, sight) = opened(&visit, id).await?;
    actions::may_issue(&sight)?;
    let outlooks = Outlook::ALL.iter().map(|each| Choice::new(each.code(), each.label()));
    let page = NextPage {
        head: Head::of(&sight, "/situation"),
        outlooks: outlooks.map(|choice| choice.chosen_in(&[&typed.outlook])).collect(),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

impl Fields {
    fn read(&self, form: Uuid, problems: &mut Problems) -> Option<Issuing> {
        let outlook: Option<Outlook> = self.outlook.parse().ok();
        if outlook.is_none() {
            problems.push("outlook", "Select where it goes");
        }
        let summary = problems.text("summary", &self.summary, LONGEST, "how it stands");
        let impact = problems.optional_text("impact", &self.impact, LONGEST, "what care is affected");
        let happened = problems.optional_text("happened", &self.happened, LONGEST, "what happened");
        let tasks = problems.optional_text("tasks", &self.tasks, LONGEST, "what is to be done");
        let decisions = problems.optional_text("decisions", &self.decisions, LONGEST, "what was decided");
        let next = problems.optional_text("next", &self.next, LONGEST, "what is next");
        let words = Words {
            summary: summary?,
            impact: impact?,
            happened: happened?,
            tasks: tasks?,
            decisions: decisions?,
            next: next?,
        };
        Some(Issuing { form, after: self.after, outlook: outlook?, words })
    }
}

/// `POST /incidents/{id}/situation/next`
async fn issue(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form_id = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let Some(issuing) = fields.read(form_id, &mut problems) else {
        return form(visit, id, fields, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::issue(&mut tx, &visit.actor, id, &issuing).await;
    let Some(number) = taken(tx, done, (&mut problems, "summary")).await? else {
        // What they typed goes behind the one that they are told of now.
        fields.after = store::last(&mut visit.app.read().await?, id).await?.map_or(0, |last| last.number);
        return form(visit, id, fields, problems).await;
    };
    Ok(Redirect::to(&format!("/incidents/{id}/situation/{number}")).into_response())
}
