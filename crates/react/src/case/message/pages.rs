//! The messages of a case, with who has read them, and the form with which one is written.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
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
    MessageId, actions,
    store::{self, Message, Reading},
};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, LONGEST, Sight, opened, typed},
    incident::IncidentId,
};

/// This noun's rows of the route table.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/messages", read, show).sample("/incidents/{incident}/messages"),
        Route::post("/incidents/{id}/messages", write, send)
            .sample("/incidents/{incident}/messages")
            .form("zone=shared&text=We+are+on+the+telephone&seen={case_message}"),
        Route::post("/incidents/{id}/messages/read", write, mark_read)
            .sample("/incidents/{incident}/messages/read")
            .form("until={case_message}"),
    ]
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    zone: String,
    text: String,
    /// The last message that was on the page.
    seen: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Until {
    until: MessageId,
}

/// A message as a page shows it.
struct Line {
    message: Message,
    who: String,
    /// Whether the reader wrote it.
    is_own: bool,
    /// Whether the reader said that they read it.
    is_read: bool,
    /// Who said that they read it, and when.
    read_by: Vec<String>,
}

#[derive(Template)]
#[template(path = "case/messages.html")]
struct MessagesPage {
    shell: Shell,
    head: Head,
    problems: Problems,
    page: Page<Line>,
    next: String,
    /// The newest of those shown.
    newest: Option<MessageId>,
    unread: usize,
    zones: Vec<Choice>,
    marks_zones: bool,
    may_write: bool,
    form: Uuid,
    typed: Fields,
}

/// `GET /incidents/{id}/messages`
async fn show(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(visit, (id, &asked.after), Fields::default(), Problems::none()).await
}

async fn page(
    visit: Visit,
    (id, after): (IncidentId, &str),
    typed: Fields,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let before = cursor::read(after).unwrap_or(MessageId(Uuid::max()));
    let rows = store::of(&mut snapshot, id, sight.reads, before).await?;
    let page = Page::of(rows, |row| row.id);
    let readings = match (page.rows.last(), page.rows.first()) {
        (Some(first), Some(last)) => {
            store::readings(&mut snapshot, id, sight.reads, (first.id, last.id)).await?
        }
        _ => Vec::new(),
    };
    drop(snapshot);
    let newest = page.rows.first().map(|row| row.id);
    let page = page.map(|row| line(&visit.shell, &sight, &visit.actor, row, &readings));
    let page = MessagesPage {
        head: Head::of(&sight, "/messages"),
        next: page.next_of(&format!("/incidents/{id}/messages")),
        unread: page.rows.iter().filter(|line| !line.is_own && !line.is_read).count(),
        page,
        newest,
        zones: typed::zones(&sight, &typed.zone),
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        shell: visit.shell,
        problems,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

fn line(shell: &Shell, sight: &Sight, actor: &Actor, message: Message, readings: &[Reading]) -> Line {
    let me = actor.person().map(|person| person.id);
    let of_it: Vec<&Reading> = readings.iter().filter(|each| each.message_id == message.id).collect();
    let cert = &shell.cert.name;
    let read_by = of_it.iter().map(|each| {
        let who = sight.who(cert, true, each.by.as_deref(), each.through.as_deref());
        format!("{who}, {}", shell.instant(each.read_at))
    });
    Line {
        who: sight.who(cert, true, message.by.as_deref(), message.through.as_deref()),
        is_own: me == Some(message.person_id),
        is_read: of_it.iter().any(|each| me == Some(each.person_id)),
        read_by: read_by.collect(),
        message,
    }
}

fn to(id: IncidentId) -> Response {
    Redirect::to(&format!("/incidents/{id}/messages")).into_response()
}

/// `POST /incidents/{id}/messages`
async fn send(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Error> {
    let form = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    let zone = typed::zone(&mut problems, &fields.zone);
    let text = problems.text("text", &fields.text, LONGEST, "the message");
    let (Some(zone), Some(text)) = (zone, text) else {
        return page(visit, (id, ""), fields, problems).await;
    };
    let seen = fields.seen.parse().ok();
    let mut tx = visit.app.write().await?;
    let done = actions::send(&mut tx, &visit.actor, id, (zone, form), (&text, seen)).await;
    if taken(tx, done, (&mut problems, "text")).await?.is_none() {
        return page(visit, (id, ""), fields, problems).await;
    }
    Ok(to(id))
}

/// `POST /incidents/{id}/messages/read`
async fn mark_read(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<IncidentId>,
    Form(until): Form<Until>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::read(&mut tx, &actor, id, until.until).await?;
    tx.commit().await?;
    Ok(to(id))
}
