//! The situation reports of a case, one of them to be printed, and the form with which the next is issued.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Rule,
    clock,
    web::{
        Error, Form, Route,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
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
    case::{Head, Zone, sight, taken},
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
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, id).await?;
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
    let next = page.next.as_ref().map(|after| format!("/incidents/{id}/situation?after={after}"));
    let page = SituationsPage {
        head: Head::of(&sight, "/situation"),
        may_issue: actions::may_issue(&sight).is_ok(),
        next: next.unwrap_or_default(),
        shell,
        page,
        due_at,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/situation/{number}`
async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((id, number)): Path<(IncidentId, i64)>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, id).await?;
    sight.read(Zone::Shared)?;
    let report = store::numbered(&mut snapshot, id, number).await?.ok_or(Error::NotFound)?;
    drop(snapshot);
    let page = SituationPage {
        head: Head::of(&sight, "/situation"),
        who: sight.who(&shell.cert.name, true, report.by.as_deref(), report.through.as_deref()),
        shell,
        report,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/situation/next`
async fn begin(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, id).await?;
    actions::may_issue(&sight)?;
    let last = store::last(&mut snapshot, id).await?;
    let words = facts::words(&mut snapshot, &shell, &sight, last.as_ref()).await?;
    let outlook = triage::store::outlooks(&mut snapshot, id).await?.first().map(|judged| judged.outlook);
    drop(snapshot);
    let typed = Fields {
        after: last.as_ref().map_or(0, |last| last.number),
        outlook: outlook.map_or("", Outlook::code).to_owned(),
        form: Some(app.env.id()),
        summary: words.summary,
        impact: words.impact,
        happened: words.happened,
        tasks: words.tasks,
        decisions: words.decisions,
        next: words.next,
    };
    form(&app, shell, &actor, id, typed, Problems::none()).await
}

async fn form(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: IncidentId,
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let sight = sight(&mut app.read().await?, actor, shell.now, id).await?;
    actions::may_issue(&sight)?;
    let outlooks = Outlook::ALL.iter().map(|each| Choice::new(each.code(), each.label()));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NextPage {
        head: Head::of(&sight, "/situation"),
        outlooks: outlooks.map(|choice| choice.chosen_in(&[&typed.outlook])).collect(),
        form: typed.form.unwrap_or_else(|| app.env.id()),
        shell,
        problems,
        typed,
    };
    Ok(render(status, &page))
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
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form_id = *fields.form.get_or_insert_with(|| app.env.id());
    let mut problems = Problems::none();
    let Some(issuing) = fields.read(form_id, &mut problems) else {
        return form(&app, shell, &actor, id, fields, problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::issue(&mut tx, &actor, id, &issuing).await;
    match taken(tx, done).await? {
        Ok(number) => Ok(Redirect::to(&format!("/incidents/{id}/situation/{number}")).into_response()),
        Err(sentence) => {
            // What they typed goes behind the one that they are told of now.
            fields.after = store::last(&mut app.read().await?, id).await?.map_or(0, |last| last.number);
            problems.push("summary", sentence);
            form(&app, shell, &actor, id, fields, problems).await
        }
    }
}
