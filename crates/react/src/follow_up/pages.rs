//! One action, and the forms with which it is written down, moved on and handed over.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
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
    Event, FollowUpId, Owner, ROLES, ROLES_AT_CERT, State, Wanted, actions, mine,
    store::{self, FollowUp},
};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, LONGEST, LONGEST_LINE, Sight, Zone, opened, people, typed},
    incident::IncidentId,
    lesson::{LessonId, store::Lesson},
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/actions", read, mine::show),
        Route::get("/incidents/{id}/lessons/{lesson}/actions/add", write, begin)
            .sample("/incidents/{incident}/lessons/{lesson}/actions/add"),
        Route::post("/incidents/{id}/lessons/{lesson}/actions/add", write, add)
            .sample("/incidents/{incident}/lessons/{lesson}/actions/add")
            .form("title=Print+the+list&owner=duty_manager&due-day=1&due-month=6&due-year=2030"),
        Route::get("/incidents/{id}/actions/{action}", read, show)
            .sample("/incidents/{incident}/actions/{follow_up}"),
        Route::post("/incidents/{id}/actions/{action}", write, advance)
            .sample("/incidents/{incident}/actions/{follow_up}")
            .form("version=1&event=finish"),
        Route::post("/incidents/{id}/actions/{action}/hand", write, hand)
            .sample("/incidents/{incident}/actions/{follow_up}/hand")
            .form("version=1&owner=duty_manager&due-day=1&due-month=6&due-year=2030"),
    ]
}

/// What is typed in any form of an action.
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
    event: String,
    outcome: String,
}

impl Fields {
    /// The last day on which an action is to be done, as a form shows it.
    fn due(&mut self, due_at: Timestamp) {
        let local = uk::local(due_at - jiff::SignedDuration::from_secs(1));
        self.due_day = local.day().to_string();
        self.due_month = local.month().to_string();
        self.due_year = local.year().to_string();
    }

    /// The end of the day until which it is to be done.
    fn read_due(&self, now: Timestamp, problems: &mut Problems) -> Option<Timestamp> {
        let day = [self.due_day.as_str(), &self.due_month, &self.due_year];
        let read = typed::to_come(problems, ("due", "due"), day, "", now).ok()?;
        if read.is_none() {
            problems.push("due", "Enter the day until which it is to be done");
        }
        read
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
#[template(path = "follow_up/add.html")]
struct AddPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    lesson: Lesson,
    owners: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

#[derive(Template)]
#[template(path = "follow_up/show.html")]
struct ShowPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    follow_up: FollowUp,
    /// Whose it is.
    whose: String,
    events: Vec<Choice>,
    owners: Vec<Choice>,
    may_write: bool,
    typed: Fields,
}

/// Whose an action is, as the reader knows them.
pub(crate) fn whose(cert: &str, sight: &Sight, action: &FollowUp) -> String {
    match action.owner() {
        Owner::Nobody => "Nobody: choose somebody".to_owned(),
        Owner::Role(role, None) => format!("{role}, {cert}"),
        Owner::Role(role, Some(_)) => {
            format!("{role}, {}", action.organisation.as_deref().unwrap_or("no longer known"))
        }
        Owner::Person(_) => sight.who(cert, true, action.person.as_deref(), action.organisation.as_deref()),
    }
}

/// Who can be given an action of this zone.
async fn owners(
    snapshot: &mut Snapshot,
    shell: &Shell,
    sight: &Sight,
    zone: Zone,
    has: Option<&FollowUp>,
    chosen: &str,
) -> Result<Vec<Choice>, Error> {
    let mut choices = vec![Choice::new("", "Choose")];
    for whole in people::wholes(snapshot, sight, zone, &shell.cert.name).await? {
        let roles: &[_] = if whole.id.is_some() { &ROLES } else { &ROLES_AT_CERT };
        choices.extend(
            roles.iter().map(|&role| {
                Choice::new(Owner::Role(role, whole.id).code(), format!("{role}, {}", whole.name))
            }),
        );
    }
    let mine = people::colleagues(snapshot, sight, shell.now).await?;
    choices.extend(mine.into_iter().map(|each| {
        let through = each.through.as_deref().unwrap_or(&shell.cert.name);
        Choice::new(Owner::Person(each.id).code(), format!("{}, {through}", each.name))
    }));
    if let Some(action) = has
        && !choices.iter().any(|choice| choice.value == action.owner().code())
    {
        choices.push(Choice::new(action.owner().code(), whose(&shell.cert.name, sight, action)));
    }
    Ok(choices.into_iter().map(|choice| choice.chosen_in(&[chosen])).collect())
}

/// `GET /incidents/{id}/lessons/{lesson}/actions/add`
async fn begin(visit: Visit, Path(path): Path<(IncidentId, LessonId)>) -> Result<Response, Error> {
    add_page(visit, path, Fields::default(), Problems::none()).await
}

async fn add_page(
    visit: Visit,
    (id, lesson): (IncidentId, LessonId),
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let found = crate::lesson::store::lesson(&mut snapshot, id, sight.reads, lesson).await?;
    let lesson = found.ok_or(Error::NotFound)?;
    sight.write(lesson.zone, actions::TO_DO)?;
    let owners = owners(&mut snapshot, &visit.shell, &sight, lesson.zone, None, &typed.owner).await?;
    drop(snapshot);
    let status = problems.status();
    let form = typed.form.unwrap_or_else(|| visit.app.env.id());
    let head = Head::of(&sight, "/lessons");
    Ok(render(status, &AddPage { shell: visit.shell, head, problems, lesson, owners, form, typed }))
}

/// `POST /incidents/{id}/lessons/{lesson}/actions/add`
async fn add(
    visit: Visit,
    Path((id, lesson)): Path<(IncidentId, LessonId)>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let title = problems.text("title", &fields.title, LONGEST_LINE, "what is to be done");
    let text = problems.optional_text("text", &fields.text, LONGEST, "why and how");
    let owner = fields.read_owner(&mut problems);
    let due_at = fields.read_due(visit.shell.now, &mut problems);
    let (Some(title), Some(text), Some(owner), Some(due_at)) = (title, text, owner, due_at) else {
        return add_page(visit, (id, lesson), fields, problems).await;
    };
    let wanted = Wanted { title, text, owner, due_at };
    let mut tx = visit.app.write().await?;
    let done = actions::add(&mut tx, &visit.actor, (id, lesson), form, &wanted).await;
    if taken(tx, done, (&mut problems, "title")).await?.is_none() {
        return add_page(visit, (id, lesson), fields, problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/lessons")).into_response())
}

/// `GET /incidents/{id}/actions/{action}`
async fn show(visit: Visit, Path(path): Path<(IncidentId, FollowUpId)>) -> Result<Response, Error> {
    page(visit, path, None, Problems::none()).await
}

async fn page(
    visit: Visit,
    (id, action): (IncidentId, FollowUpId),
    typed: Option<Fields>,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let action = store::follow_up(&mut snapshot, id, sight.reads, action).await?.ok_or(Error::NotFound)?;
    let may_write = sight.writes.contains(action.zone);
    let typed = typed.unwrap_or_else(|| {
        let mut typed = Fields { owner: action.owner().code(), ..Fields::default() };
        typed.due(action.due_at);
        typed
    });
    let choices = if may_write && action.state == State::Open {
        owners(&mut snapshot, &visit.shell, &sight, action.zone, Some(&action), &typed.owner).await?
    } else {
        Vec::new()
    };
    drop(snapshot);
    let events = Event::ALL.iter().filter(|event| action.state.apply(**event).is_ok());
    let events = events.map(|each| Choice::new(each.code(), each.label()).chosen_in(&[&typed.event]));
    let page = ShowPage {
        head: Head::of(&sight, "/lessons"),
        whose: whose(&visit.shell.cert.name, &sight, &action),
        events: events.collect(),
        owners: choices,
        shell: visit.shell,
        problems,
        follow_up: action,
        may_write,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn to(id: IncidentId, action: FollowUpId) -> Response {
    Redirect::to(&format!("/incidents/{id}/actions/{action}")).into_response()
}

/// `POST /incidents/{id}/actions/{action}`
async fn advance(
    visit: Visit,
    Path((id, action)): Path<(IncidentId, FollowUpId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let event: Option<Event> = fields.event.parse().ok();
    if event.is_none() {
        problems.push("event", "Select what happened");
    }
    let outcome = problems.optional_text("outcome", &fields.outcome, LONGEST, "what came of it");
    let (Some(event), Some(outcome)) = (event, outcome) else {
        return page(visit, (id, action), Some(fields), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::advance(&mut tx, &visit.actor, (id, action, fields.version), event, &outcome).await;
    if taken(tx, done, (&mut problems, "outcome")).await?.is_none() {
        return page(visit, (id, action), Some(fields), problems).await;
    }
    Ok(to(id, action))
}

/// `POST /incidents/{id}/actions/{action}/hand`
async fn hand(
    visit: Visit,
    Path((id, action)): Path<(IncidentId, FollowUpId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let owner = fields.read_owner(&mut problems);
    let due_at = fields.read_due(visit.shell.now, &mut problems);
    let (Some(owner), Some(due_at)) = (owner, due_at) else {
        return page(visit, (id, action), Some(fields), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::hand(&mut tx, &visit.actor, (id, action, fields.version), owner, due_at).await;
    if taken(tx, done, (&mut problems, "owner")).await?.is_none() {
        return page(visit, (id, action), Some(fields), problems).await;
    }
    Ok(to(id, action))
}
