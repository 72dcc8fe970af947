//! The tasks of a case, one of them, and the forms with which they are written down, moved on and handed over.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    access::Rule,
    uk,
    web::{
        Error, Form, Route, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
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
    case::{Head, LONGEST, LONGEST_LINE, Sight, Zone, opened, people, typed},
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
async fn list(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let tasks = store::of(&mut snapshot, id, sight.reads).await?;
    let runs = run::store::running(&mut snapshot, id, sight.reads).await?;
    drop(snapshot);
    let tasks = tasks.into_iter().map(|task| {
        let whose = whose(&visit.shell, &sight, &task);
        (task, whose)
    });
    let page = TasksPage {
        head: Head::of(&sight, "/tasks"),
        tasks: tasks.collect(),
        runs,
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/tasks/add`
async fn begin(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    add_page(visit, (id, &asked.zone), Fields::default(), Problems::none()).await
}

async fn add_page(
    visit: Visit,
    (id, zone): (IncidentId, &str),
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    sight.write_any("write tasks in this case")?;
    let zones = typed::zones(&sight, zone);
    let only = if zones.len() == 1 { sight.writes.iter().next() } else { None };
    let zone: Option<Zone> = zone.parse().ok().or(only);
    let mut choices = Vec::new();
    if let Some(zone) = zone {
        sight.write(zone, "write tasks in this case")?;
        choices = owners(&mut snapshot, &visit.shell, &sight, zone, None, &typed.owner).await?;
    }
    drop(snapshot);
    let page = AddPage {
        head: Head::of(&sight, "/tasks"),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        owners: choices,
        shell: visit.shell,
        problems,
        zones,
        zone,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/tasks/add`
async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone: Option<Zone> = asked.zone.parse().ok();
    if zone.is_none() {
        problems.push("zone", "Select who is to read it");
    }
    let title = problems.text("title", &fields.title, LONGEST_LINE, "what is to be done");
    let text = problems.optional_text("text", &fields.text, LONGEST, "why and how");
    let owner = fields.read_owner(&mut problems);
    let due_at = fields.read_due(visit.shell.now, &mut problems);
    let (Some(zone), Some(title), Some(text), Some(owner), Ok(due_at)) = (zone, title, text, owner, due_at)
    else {
        return add_page(visit, (id, &asked.zone), fields, problems).await;
    };
    let wanted = Wanted { title, text, owner, due_at };
    let mut tx = visit.app.write().await?;
    let done = actions::add(&mut tx, &visit.actor, id, (zone, form), &wanted).await;
    if taken(tx, done, (&mut problems, "title")).await?.is_none() {
        return add_page(visit, (id, &asked.zone), fields, problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/tasks")).into_response())
}

/// `GET /incidents/{id}/tasks/{task}`
async fn show(visit: Visit, Path(path): Path<(IncidentId, TaskId)>) -> Result<Response, Error> {
    page(visit, path, None, Problems::none()).await
}

async fn page(
    visit: Visit,
    (id, task): (IncidentId, TaskId),
    typed: Option<Fields>,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let task = store::task(&mut snapshot, id, sight.reads, task).await?.ok_or(Error::NotFound)?;
    let may_write = sight.writes.contains(task.zone);
    let typed = typed.unwrap_or_else(|| {
        let mut typed = Fields { owner: task.owner().code(), ..Fields::default() };
        typed.due(task.due_at);
        typed
    });
    let choices = if may_write && task.state.is_to_do() {
        owners(&mut snapshot, &visit.shell, &sight, task.zone, Some(&task), &typed.owner).await?
    } else {
        Vec::new()
    };
    drop(snapshot);
    let events = Event::ALL.iter().filter(|event| task.state.apply(**event).is_ok());
    let events = events.map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&typed.event]));
    let page = TaskPage {
        head: Head::of(&sight, "/tasks"),
        whose: whose(&visit.shell, &sight, &task),
        events: events.collect(),
        owners: choices,
        shell: visit.shell,
        problems,
        task,
        may_write,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn to(id: IncidentId, task: TaskId) -> Response {
    Redirect::to(&format!("/incidents/{id}/tasks/{task}")).into_response()
}

/// `POST /incidents/{id}/tasks/{task}`
async fn advance(
    visit: Visit,
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
        return page(visit, (id, task), Some(fields), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::advance(&mut tx, &visit.actor, (id, task, fields.version), event, &outcome).await;
    if taken(tx, done, (&mut problems, "outcome")).await?.is_none() {
        return page(visit, (id, task), Some(fields), problems).await;
    }
    Ok(to(id, task))
}

/// `POST /incidents/{id}/tasks/{task}/hand`
async fn hand(
    visit: Visit,
    Path((id, task)): Path<(IncidentId, TaskId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let owner = fields.read_owner(&mut problems);
    let due_at = fields.read_due(visit.shell.now, &mut problems);
    let (Some(owner), Ok(due_at)) = (owner, due_at) else {
        return page(visit, (id, task), Some(fields), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::hand(&mut tx, &visit.actor, (id, task, fields.version), owner, due_at).await;
    if taken(tx, done, (&mut problems, "owner")).await?.is_none() {
        return page(visit, (id, task), Some(fields), problems).await;
    }
    Ok(to(id, task))
}
