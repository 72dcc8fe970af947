//! The lessons of a case with what follows from each, and the form with which one is written down, or anew.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
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
    Learned, LessonId, actions,
    store::{self, Lesson},
};
use crate::{
    access::{READERS, WRITERS},
    case::{Head, LONGEST, LONGEST_LINE, Zone, opened, typed},
    follow_up::{
        self,
        store::{FollowUp, of as follow_ups},
    },
    incident::IncidentId,
};

/// This noun's rows of the route table that are within a case.
pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(WRITERS));
    vec![
        Route::get("/incidents/{id}/lessons", read, list).sample("/incidents/{incident}/lessons"),
        Route::get("/incidents/{id}/lessons/add", write, begin).sample("/incidents/{incident}/lessons/add"),
        Route::post("/incidents/{id}/lessons/add", write, add)
            .sample("/incidents/{incident}/lessons/add")
            .form("zone=shared&title=Paper+helps&happened=The+system+was+gone&helped=Paper&hindered="),
        Route::get("/incidents/{id}/lessons/{lesson}/write", write, begin_anew)
            .sample("/incidents/{incident}/lessons/{lesson}/write"),
        Route::post("/incidents/{id}/lessons/{lesson}/write", write, write_anew)
            .sample("/incidents/{incident}/lessons/{lesson_to_replace}/write")
            .form("title=Paper+helps&happened=The+system+was+gone&helped=Paper+folders&hindered="),
    ]
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

/// The form of a lesson.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    form: Option<Uuid>,
    zone: String,
    title: String,
    happened: String,
    helped: String,
    hindered: String,
}

impl Fields {
    /// As it stands, for whoever writes it anew.
    fn of(lesson: Lesson) -> Self {
        let Lesson { title, happened, helped, hindered, .. } = lesson;
        Self { title, happened, helped, hindered, ..Self::default() }
    }

    fn read(&self, form: Uuid, problems: &mut Problems) -> Option<Learned> {
        let title = problems.text("title", &self.title, LONGEST_LINE, "the lesson, in a line");
        let happened = problems.text("happened", &self.happened, LONGEST, "what happened");
        let helped = problems.optional_text("helped", &self.helped, LONGEST, "what helped");
        let hindered = problems.optional_text("hindered", &self.hindered, LONGEST, "what hindered");
        Some(Learned { form, title: title?, happened: happened?, helped: helped?, hindered: hindered? })
    }
}

/// A lesson as its reader sees it.
struct Row {
    lesson: Lesson,
    /// Who wrote it.
    who: String,
    /// What follows from it, and whose each is.
    actions: Vec<(FollowUp, String)>,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "lesson/list.html")]
struct LessonsPage {
    shell: Shell,
    head: Head,
    page: Page<Row>,
    next: String,
    marks_zones: bool,
    may_write: bool,
}

#[derive(Template)]
#[template(path = "lesson/write.html")]
struct WritePage {
    shell: Shell,
    head: Head,
    problems: Problems,
    /// The one that is written anew: in which zone it stands.
    before: Option<Zone>,
    zones: Vec<Choice>,
    form: Uuid,
    typed: Fields,
}

/// `GET /incidents/{id}/lessons`
async fn list(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let after = cursor::read(&asked.after).unwrap_or(LessonId(Uuid::max()));
    let rows = store::of(&mut snapshot, id, sight.reads, after).await?;
    let mut all = follow_ups(&mut snapshot, id, sight.reads).await?;
    drop(snapshot);
    let cert = &visit.shell.cert.name;
    let page = Page::of(rows, |row| row.id).map(|lesson| {
        let (mine, rest) = std::mem::take(&mut all).into_iter().partition(|each| each.lesson_id == lesson.id);
        all = rest;
        let mine: Vec<FollowUp> = mine;
        let whose = |action: FollowUp| {
            let whose = follow_up::whose(cert, &sight, &action);
            (action, whose)
        };
        Row {
            who: sight.who(cert, true, lesson.by.as_deref(), lesson.through.as_deref()),
            may_write: sight.writes.contains(lesson.zone),
            actions: mine.into_iter().map(whose).collect(),
            lesson,
        }
    });
    let page = LessonsPage {
        head: Head::of(&sight, "/lessons"),
        next: page.next_of(&format!("/incidents/{id}/lessons")),
        page,
        marks_zones: sight.marks_zones(),
        may_write: sight.writes_any(),
        shell: visit.shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /incidents/{id}/lessons/add`
async fn begin(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    form(visit, (id, None), None, Problems::none()).await
}

/// `GET /incidents/{id}/lessons/{lesson}/write`
async fn begin_anew(
    visit: Visit,
    Path((id, lesson)): Path<(IncidentId, LessonId)>,
) -> Result<Response, Error> {
    form(visit, (id, Some(lesson)), None, Problems::none()).await
}

async fn form(
    visit: Visit,
    (id, before): (IncidentId, Option<LessonId>),
    typed: Option<Fields>,
    problems: Problems,
) -> Result<Response, Error> {
    let (mut snapshot, sight) = opened(&visit, id).await?;
    let before = if let Some(before) = before {
        let before = store::lesson(&mut snapshot, id, sight.reads, before).await?.ok_or(Error::NotFound)?;
        sight.write(before.zone, actions::TO_DO)?;
        Some(before)
    } else {
        sight.write_any(actions::TO_DO)?;
        None
    };
    drop(snapshot);
    let zone = before.as_ref().map(|before| before.zone);
    let typed = typed.unwrap_or_else(|| before.map(Fields::of).unwrap_or_default());
    let page = WritePage {
        head: Head::of(&sight, "/lessons"),
        zones: typed::zones(&sight, &typed.zone),
        form: typed.form.unwrap_or_else(|| visit.app.env.id()),
        before: zone,
        shell: visit.shell,
        problems,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /incidents/{id}/lessons/add`
async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    send(visit, (id, None), fields).await
}

/// `POST /incidents/{id}/lessons/{lesson}/write`
async fn write_anew(
    visit: Visit,
    Path((id, lesson)): Path<(IncidentId, LessonId)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    send(visit, (id, Some(lesson)), fields).await
}

async fn send(
    visit: Visit,
    (id, before): (IncidentId, Option<LessonId>),
    mut fields: Fields,
) -> Result<Response, Error> {
    let form_id = *fields.form.get_or_insert_with(|| visit.app.env.id());
    let mut problems = Problems::none();
    // What stands in the place of a lesson stands in its zone.
    let zone = if before.is_some() { Some(Zone::Shared) } else { typed::zone(&mut problems, &fields.zone) };
    let learned = fields.read(form_id, &mut problems);
    let (Some(zone), Some(learned)) = (zone, learned) else {
        return form(visit, (id, before), Some(fields), problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = match before {
        Some(before) => actions::write_anew(&mut tx, &visit.actor, id, before, &learned).await,
        None => actions::write(&mut tx, &visit.actor, id, zone, &learned).await,
    };
    if taken(tx, done, (&mut problems, "title")).await?.is_none() {
        return form(visit, (id, before), Some(fields), problems).await;
    }
    Ok(Redirect::to(&format!("/incidents/{id}/lessons")).into_response())
}
