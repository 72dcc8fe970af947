//! One run: what to do now, with a button for each thing that can be said of it; then what is done, and what comes.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::header;
use platform::{
    access::PersonId,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    case::{CaseError, Head, Party, opened, sight},
    incident::IncidentId,
    run::{
        Act, Kind, LONGEST, RunId, Standing, TaskId, Words, actions,
        shown::{Card, Past, Shown},
        status as exported,
        store::{self, Run, Task},
    },
};

/// What is typed beside a task, or to stop.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The version of the task that was seen.
    version: i64,
    form: Option<Uuid>,
    /// Which button was pressed.
    go: String,
    evidence: String,
    undo: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "run/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    head: Head,
    run: Run,
    hash: String,
    shown: Shown,
    may_follow: bool,
    /// Whether the reader may start another run.
    may_start: bool,
    me: Option<PersonId>,
    stop_form: Uuid,
    /// The task of which something was typed that could not be taken.
    of: Option<TaskId>,
    typed: Typed,
    has_machine: bool,
}

impl ShowPage {
    /// What was typed beside this task.
    fn typed(&self, card: &Card) -> Typed {
        if self.of == Some(card.task.id) { self.typed.clone() } else { Typed::default() }
    }

    /// Why it was to be stopped, where that could not be taken.
    fn stop_reason(&self) -> String {
        if self.of.is_none() { self.typed.reason.clone() } else { String::new() }
    }

    /// Whether the reader has taken it.
    fn is_mine(&self, card: &Card) -> bool {
        card.task.owner_id.is_some() && card.task.owner_id == self.me
    }

    /// Who has taken a task, as the reader knows them.
    fn owner(&self, card: &Card) -> String {
        match card.task.owner.as_deref() {
            _ if card.task.owner_at_cert && self.head.party != Party::Cert => self.shell.cert.name.clone(),
            by => by.unwrap_or("somebody who has left").to_owned(),
        }
    }

    /// Who started the run.
    fn starter(&self) -> String {
        let (by, through) = (self.run.starter.as_deref(), self.run.starter_through.as_deref());
        self.head.writer(&self.shell.cert.name, by, through)
    }

    /// Who closed a task.
    fn closer(&self, past: &Past) -> String {
        let task = &past.task;
        self.head.writer(&self.shell.cert.name, task.closer.as_deref(), task.through.as_deref())
    }

    fn is_running(&self) -> bool {
        self.run.standing == Standing::Running
    }

    /// The problem with what was typed beside a task; empty where there is none.
    fn problem(&self, card: &Card) -> String {
        self.problems.of(&field(&card.task)).unwrap_or_default().to_owned()
    }

    /// Where another playbook is started that this one leads to.
    fn to_start(&self, card: &Card) -> Option<String> {
        let (_, href) = card.line.leads.as_ref()?;
        let slug = href.strip_prefix("/playbooks/")?;
        Some(format!("/incidents/{}/runs?playbook={slug}", self.run.incident_id))
    }
}

/// The field to which a problem of a task belongs.
fn field(task: &Task) -> String {
    let name = if task.kind == Kind::Question { "evidence" } else { "reason" };
    format!("{name}-{}", task.visit)
}

/// What could not be taken, of which task, and why.
#[derive(Default)]
struct Wrong {
    of: Option<TaskId>,
    typed: Typed,
    sentence: String,
}

impl Wrong {
    fn of(of: Option<TaskId>, typed: Typed, problems: &Problems) -> Self {
        Self { of, typed, sentence: problems.of("reason").unwrap_or_default().to_owned() }
    }
}

/// `GET /incidents/{id}/runs/{run}`
pub(super) async fn show(visit: Visit, Path(names): Path<(IncidentId, RunId)>) -> Result<Response, Error> {
    page(visit, names, Wrong::default()).await
}

async fn page(visit: Visit, (incident, id): (IncidentId, RunId), wrong: Wrong) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, incident).await?;
    let run = store::run(&mut snapshot, incident, sight.reads, id).await?.ok_or(Error::NotFound)?;
    let playbook = actions::playbook_of(&mut snapshot, &run).await?;
    let open = store::open(&mut snapshot, id).await?;
    let closed = store::closed(&mut snapshot, id).await?;
    let reached = store::steps_reached(&mut snapshot, id).await?;
    drop(snapshot);
    let Wrong { of, typed, sentence } = wrong;
    let mut problems = Problems::none();
    if !sentence.is_empty() {
        let task = of.and_then(|of| open.iter().find(|task| task.id == of));
        let field = match (of, task) {
            (_, Some(task)) => field(task),
            (None, _) => "reason".to_owned(),
            // It was dealt with meanwhile: nothing on the page is its own any more.
            (Some(_), None) => String::new(),
        };
        problems.push(field, sentence);
    }
    let shown =
        Shown::of(&run, &playbook, (open, closed), &reached, (|| visit.app.env.id(), visit.shell.now));
    let page = ShowPage {
        head: Head::of(&sight, "/runs"),
        hash: data_encoding::HEXLOWER.encode(&run.hash),
        may_follow: sight.write(run.zone, "follow it").is_ok() && run.standing == Standing::Running,
        may_start: !actions::zones_to_start(&sight).is_empty(),
        me: visit.actor.person().map(|person| person.id),
        stop_form: visit.app.env.id(),
        has_machine: !playbook.is_manual(),
        shell: visit.shell,
        problems,
        run,
        shown,
        of,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/runs/{run}/tasks/{task}`
pub(super) async fn act(
    visit: Visit,
    Path((incident, run, task)): Path<(IncidentId, RunId, TaskId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(act) = Act::called(&typed.go) else {
        problems.push("reason", "Press one of the buttons");
        return page(visit, (incident, run), Wrong::of(Some(task), typed, &problems)).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let words = Words { evidence: &typed.evidence, undo: &typed.undo, reason: &typed.reason };
    let named = (incident, run, task);
    let done = actions::act(&mut tx, &visit.actor, named, (typed.version, form), &act, &words).await;
    if taken(tx, done, (&mut problems, "reason")).await?.is_none() {
        return page(visit, (incident, run), Wrong::of(Some(task), typed, &problems)).await;
    }
    Ok(to(incident, run))
}

fn to(incident: IncidentId, run: RunId) -> Response {
    Redirect::to(&format!("/incidents/{incident}/runs/{run}")).into_response()
}

/// `POST /incidents/{id}/runs/{run}/stop`
pub(super) async fn stop(
    visit: Visit,
    Path((incident, run)): Path<(IncidentId, RunId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if problems.text("reason", &typed.reason, LONGEST, "why it is stopped").is_none() {
        return page(visit, (incident, run), Wrong::of(None, typed, &problems)).await;
    }
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::stop(&mut tx, &visit.actor, (incident, run), form, &typed.reason).await;
    if taken(tx, done, (&mut problems, "reason")).await?.is_none() {
        return page(visit, (incident, run), Wrong::of(None, typed, &problems)).await;
    }
    Ok(to(incident, run))
}

/// `GET /incidents/{id}/runs/{run}/status`: the run in the form of workflow status.
pub(super) async fn status(
    visit: Visit,
    Path((incident, id)): Path<(IncidentId, RunId)>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let sight = sight(&mut snapshot, &visit.actor, visit.shell.now, incident).await?;
    let run = store::run(&mut snapshot, incident, sight.reads, id).await?.ok_or(CaseError::NotFound)?;
    let playbook = actions::playbook_of(&mut snapshot, &run).await?;
    let tasks = store::all(&mut snapshot, id).await?;
    drop(snapshot);
    let name = format!("attachment; filename=\"{}-{id}.status.json\"", sight.incident.receipt);
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, exported::of(&playbook, &tasks).to_string()).into_response())
}
