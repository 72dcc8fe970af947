//! The tasks of a case, one of them, and the forms with which they are written down, moved on and handed over.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App, Tx,
    access::Rule,
    uk,
    web::{
        Error, Form, Route,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Event, Owner, TaskId, Wanted, actions, mine,
    store::{self, Task},
};
use crate::{
    access::{READERS, WRITERS},
    case::{CaseError, Head, LONGEST, LONGEST_LINE, Sight, Zone, people, sight, taken, typed},
    incident::IncidentId,
    run::{self, store::Run},
};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/tasks", read, mine::show),
        Route::get("/incidents/{id}/tasks", read, list).sample("/incidents/{incident}/tasks"),
        Route::get("/incidents/{id}/tasks/add", write, begin)
            .sample("/incidents/{incident}/tasks/add?zone=shared"),
        Route::post("/incidents/{id}/tasks/add", write, add)
            .sample("/incidents/{incident}/tasks/add?zone=shared")
            .form("title=Ring+the+laboratory&owner="),
        Route::get("/incidents/{id}/tasks/{task}", read, show)
            .sample("/incidents/{incident}/tasks/{case_task}"),
        Route::post("/incidents/{id}/tasks/{task}", write, advance)
            .sample("/incidents/{incident}/tasks/{case_task}")
            .form("version=1&event=start"),
        Route::post("/incidents/{id}/tasks/{task}/hand", write, hand)
            .sample("/incidents/{incident}/tasks/{case_task}/hand")
            .form("version=1&owner="),
    ]
}

/// Which zone a task is for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    zone: String,
}

/// What is typed in any form of a task.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    version: i64,
    title: String,
    text: String,
    owner: String,
    #[serde(rename = "due-day")]
    due_day: String,
    #[serde(rename = "due-month")]
    due_month: String,
    #[serde(rename = "due-year")]
    due_year: String,
    #[serde(rename = "due-time")]
    due_time: String,
    event: String,
    outcome: String,
}

impl Fields {
    /// Until when a task is due, as a form shows it.
    fn due(&mut self, due_at: Option<Timestamp>) {
        let Some(local) = due_at.map(uk::local) else { return };
        self.due_day = local.day().to_string();
        self.due_month = local.month().to_string();
        self.due_year = local.year().to_string();
        self.due_time = format!("{:02}:{:02}", local.hour(), local.minute());
    }

    fn read_due(&self, now: Timestamp, problems: &mut Problems) -> Result<Option<Timestamp>, ()> {
        let day = [self.due_day.as_str(), &self.due_month, &self.due_year];
        typed::to_come(problems, ("due", "due-time"), day, &self.due_time, now)
    }

    fn read_owner(&self, problems: &mut Problems) -> Option<Owner> {
        let owner = self.owner.parse().ok();
        if owner.is_none() {
            problems.push("owner", "Choose who does it");
        }
        owner
    }
}

#[derive(Template)]
#[template(path = "case/tasks.html")]
struct TasksPage {
    shell: Shell,
    head: Head,
    tasks: Vec<(Task, String)>,
    /// The playbooks that are followed: what they ask stands with them.
    runs: Vec<Run>,
    marks_zones: bool,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "case/task_add.html")]
struct AddPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    /// The zones to choose from, where none was chosen yet.
    zones: Vec<Choice>,
    zone: Option<Zone>,
    owners: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

#[derive(Template)]
#[template(path = "case/task.html")]
struct TaskPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    task: Task,
    /// Whose it is.
    whose: String,
    events: Vec<Choice>,
    owners: Vec<Choice>,
    may_write: bool,
    typed: Fields,
}

/// Whose a task is, as the reader knows them.
fn whose(shell: &Shell, sight: &Sight, task: &Task) -> String {
    match task.owner() {
        Owner::Nobody => "Nobody yet".to_owned(),
        Owner::Cert => shell.cert.name.clone(),
        Owner::Organisation(_) => task.organisation.clone().unwrap_or_default(),
        Owner::Person(_) => {
            sight.who(&shell.cert.name, true, task.person.as_deref(), task.organisation.as_deref())
        }
    }
}

/// Who can be given a task of this zone.
async fn owners(
    snapshot: &mut Snapshot,
    shell: &Shell,
    sight: &Sight,
    zone: Zone,
    has: Option<&Task>,
    chosen: &str,
) -> Result<Vec<Choice>, Error> {
    let mut choices = vec![Choice::new("", "Nobody yet")];
    let mine = people::colleagues(snapshot, sight, shell.now).await?;
    choices.extend(mine.into_iter().map(|each| {
        let through = each.through.as_deref().unwrap_or(&shell.cert.name);
        Choice::new(Owner::Person(each.id).code(), format!("{}, {through}", each.name))
    }));
    let wholes = people::wholes(snapshot, sight, zone, &shell.cert.name).await?;
    choices.extend(wholes.into_iter().map(|whole| {
        let owner = whole.id.map_or(Owner::Cert, Owner::Organisation);
        Choice::new(owner.code(), whole.name)
    }));
    if let Some(task) = has
        && !choices.iter().any(|choice| choice.value == task.owner().code())
    {
        choices.push(Choice::new(task.owner().code(), whose(shell, sight, task)));
    }
    Ok(choices.into_iter().map(|choice| choice.chosen_in(&[chosen])).collect())
}

/// `GET /incidents/{id}/tasks`
async fn list(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, &actor, shell.now, id).await?;
    let tasks = store::of(&mut snapshot, id, sight.reads).await?;
    let runs = run::store::running(&mut snapshot, id, sight.reads).await?;
    drop(snapshot);
    let tasks = tasks.into_iter().map(|task| {
        let whose = whose(&shell, &sight, &task);
        (task, whose)
    });
    let page = TasksPage {
        head: Head::of(&sight, "/tasks"),
        tasks: tasks.collect(),
        runs,
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/tasks/add`
async fn begin(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    add_page(&app, shell, &actor, (id, &asked.zone), Fields::default(), Problems::none()).await
}

async fn add_page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    (id, zone): (IncidentId, &str),
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, actor, shell.now, id).await?;
    sight.write_any("write tasks in this case")?;
    let zones = typed::zones(&sight, zone);
    let only = if zones.len() == 1 { sight.writes.iter().next() } else { None };
    let zone: Option<Zone> = zone.parse().ok().or(only);
    let mut choices = Vec::new();
    if let Some(zone) = zone {
        sight.write(zone, "write tasks in this case")?;
        choices = owners(&mut snapshot, &shell, &sight, zone, None, &typed.owner).await?;
    }
    drop(snapshot);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AddPage {
        head: Head::of(&sight, "/tasks"),
        form: typed.form.unwrap_or_else(|| app.env.id()),
        owners: choices,
        shell,
        problems,
        zones,
        zone,
        typed,
    };
    Ok(render(status, &page))
}

/// `POST /incidents/{id}/tasks/add`
async fn add(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| app.env.id());
    let mut problems = Problems::none();
    let zone: Option<Zone> = asked.zone.parse().ok();
    if zone.is_none() {
        problems.push("zone", "Select who is to read it");
    }
    let title = problems.text("title", &fields.title, LONGEST_LINE, "what is to be done");
    let text = problems.optional_text("text", &fields.text, LONGEST, "why and how");
    let owner = fields.read_owner(&mut problems);
    let due_at = fields.read_due(shell.now, &mut problems);
    let (Some(zone), Some(title), Some(text), Some(owner), Ok(due_at)) = (zone, title, text, owner, due_at)
    else {
        return add_page(&app, shell, &actor, (id, &asked.zone), fields, problems).await;
    };
    let wanted = Wanted { title, text, owner, due_at };
    let mut tx = app.write().await?;
    let done = actions::add(&mut tx, &actor, id, (zone, form), &wanted).await;
    match taken(tx, done).await? {
        Ok(_) => Ok(Redirect::to(&format!("/incidents/{id}/tasks")).into_response()),
        Err(sentence) => {
            problems.push("title", sentence);
            add_page(&app, shell, &actor, (id, &asked.zone), fields, problems).await
        }
    }
}

/// `GET /incidents/{id}/tasks/{task}`
async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(path): Path<(IncidentId, TaskId)>,
) -> Result<Response, Error> {
    page(&app, shell, &actor, path, None, Problems::none()).await
}

async fn page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    (id, task): (IncidentId, TaskId),
    typed: Option<Fields>,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let sight = sight(&mut snapshot, actor, shell.now, id).await?;
    let task = store::task(&mut snapshot, id, sight.reads, task).await?.ok_or(Error::NotFound)?;
    let may_write = sight.writes.contains(task.zone);
    let typed = typed.unwrap_or_else(|| {
        let mut typed = Fields { owner: task.owner().code(), ..Fields::default() };
        typed.due(task.due_at);
        typed
    });
    let choices = if may_write && task.state.is_to_do() {
        owners(&mut snapshot, &shell, &sight, task.zone, Some(&task), &typed.owner).await?
    } else {
        Vec::new()
    };
    drop(snapshot);
    let events = Event::ALL.iter().filter(|event| task.state.apply(**event).is_ok());
    let events = events.map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&typed.event]));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = TaskPage {
        head: Head::of(&sight, "/tasks"),
        whose: whose(&shell, &sight, &task),
        events: events.collect(),
        owners: choices,
        shell,
        problems,
        task,
        may_write,
        typed,
    };
    Ok(render(status, &page))
}

/// `POST /incidents/{id}/tasks/{task}`
async fn advance(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((id, task)): Path<(IncidentId, TaskId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let event: Option<Event> = fields.event.parse().ok();
    if event.is_none() {
        problems.push("event", "Select what happened");
    }
    let outcome = problems.optional_text("outcome", &fields.outcome, LONGEST, "what came of it");
    let (Some(event), Some(outcome)) = (event, outcome) else {
        return page(&app, shell, &actor, (id, task), Some(fields), problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::advance(&mut tx, &actor, (id, task, fields.version), event, &outcome).await;
    settled(&app, shell, &actor, (id, task), (tx, done, "outcome"), fields).await
}

/// `POST /incidents/{id}/tasks/{task}/hand`
async fn hand(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((id, task)): Path<(IncidentId, TaskId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let owner = fields.read_owner(&mut problems);
    let due_at = fields.read_due(shell.now, &mut problems);
    let (Some(owner), Ok(due_at)) = (owner, due_at) else {
        return page(&app, shell, &actor, (id, task), Some(fields), problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::hand(&mut tx, &actor, (id, task, fields.version), owner, due_at).await;
    settled(&app, shell, &actor, (id, task), (tx, done, "owner"), fields).await
}

async fn settled(
    app: &App,
    shell: Shell,
    actor: &Actor,
    (id, task): (IncidentId, TaskId),
    (tx, done, field): (Tx, Result<(), CaseError>, &'static str),
    fields: Fields,
) -> Result<Response, Error> {
    match taken(tx, done).await? {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}/tasks/{task}")).into_response()),
        Err(sentence) => {
            let mut problems = Problems::none();
            problems.push(field, sentence);
            page(app, shell, actor, (id, task), Some(fields), problems).await
        }
    }
}
