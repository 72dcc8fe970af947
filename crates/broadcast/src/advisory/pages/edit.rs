//! Writing an advisory: a task list, one topic a page, and the answers to check before it is
//! submitted.
//!
//! Rows are added and taken away by buttons that show the form again; nothing is kept until it is
//! saved.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::Tlp;
use http::StatusCode;
use platform::{
    Actor, App,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{
    comments::{self, Comments},
    not_saved, number,
};
use crate::{
    advisory::{
        AdvisoryError, AdvisoryNumber, Category, Proposed, Severity, State as Stage, StepKind, ThreatType,
        Vector, Version, Wording, actions, beside,
        changes::{self, Changes},
        rota, store,
        typed::{Fields, Pressed, Topic, Typed},
        view::Reading,
    },
    audience,
};

#[derive(Template)]
#[template(path = "advisory/new.html")]
struct NewPage {
    shell: Shell,
    problems: Problems,
    title: String,
}

/// The form that begins an advisory.
#[derive(Debug, Deserialize)]
pub(super) struct Begin {
    #[serde(default)]
    title: String,
}

/// `GET /advisories/new`
pub(super) async fn new(shell: Shell) -> Response {
    render(StatusCode::OK, &NewPage { shell, problems: Problems::none(), title: String::new() })
}

/// `POST /advisories/new`
pub(super) async fn create(visit: Visit, Form(typed): Form<Begin>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(title) = problems.text("title", &typed.title, 200, "a title") else {
        let page = NewPage { shell: visit.shell, problems, title: typed.title };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let mut tx = visit.app.write().await?;
    let created = actions::create(&mut tx, &visit.actor, &Wording::titled(title), None).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/{}/edit", created.number)).into_response())
}

/// One line of the task list.
struct Task {
    topic: Topic,
    standing: Standing,
}

/// How far a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// What it needs is there.
    Completed,
    /// Something in it was filled in for the authors and is theirs to decide.
    Proposed,
    /// It needs something.
    NotStarted,
    /// It may stay empty.
    Optional,
}

#[derive(Template)]
#[template(path = "advisory/tasks.html")]
struct TasksPage {
    shell: Shell,
    version: Version,
    tasks: Vec<Task>,
    /// Whether it is decided whom it goes to.
    addressed: bool,
    /// What it lacks before it can be submitted.
    missing: Vec<&'static str>,
    /// What was said about it.
    comments: Comments,
}

impl TasksPage {
    /// Whether each topic says by itself whether it is needed.
    fn is_told(&self) -> bool {
        let begun = |task: &Task| matches!(task.standing, Standing::Completed | Standing::Optional);
        !self.addressed || !self.tasks.iter().all(begun)
    }
}

/// `GET /advisories/{number}/edit`
pub(super) async fn tasks(
    State(app): State<App>,
    shell: Shell,
    Path(text): Path<String>,
) -> Result<Response, Error> {
    let number = number(&text)?;
    let Some(version) = open(&app, number).await? else { return Ok(nothing_open(number)) };
    let mut snapshot = app.read().await?;
    let audience = audience::store::audience(&mut snapshot, version.id).await?;
    let page = TasksPage {
        tasks: Topic::ALL.iter().map(|topic| task(*topic, &version.wording)).collect(),
        addressed: audience.missing().next().is_none(),
        missing: actions::missing(&mut snapshot, &version).await?,
        comments: comments::on(&mut snapshot, &shell, &version).await?,
        version,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn task(topic: Topic, wording: &Wording) -> Task {
    let content = &wording.content;
    let (done, needed) = match topic {
        Topic::About => (!wording.title.is_empty() && !content.summary.is_empty(), true),
        Topic::Classes => (content.threat_type.is_some(), true),
        Topic::Platforms => (!content.platforms.is_empty(), false),
        Topic::Details => (!content.details.is_empty(), true),
        Topic::Updates => (!content.updates.is_empty(), false),
        Topic::Remediation => (!content.steps.is_empty(), wording.severity != Severity::InformationOnly),
        Topic::Traces => (!content.indicators.is_empty() || !content.cves.is_empty(), false),
        Topic::Marking => (content.source.is_some(), true),
    };
    let proposed = match topic {
        Topic::About => content.proposed.contains(&Proposed::Severity),
        Topic::Marking => content.proposed.contains(&Proposed::Marking),
        _ => false,
    };
    let standing = match (proposed, done, needed) {
        (true, ..) => Standing::Proposed,
        (_, true, _) => Standing::Completed,
        (_, _, true) => Standing::NotStarted,
        _ => Standing::Optional,
    };
    Task { topic, standing }
}

#[derive(Template)]
#[template(path = "advisory/edit.html")]
struct EditPage {
    shell: Shell,
    problems: Problems,
    number: AdvisoryNumber,
    edition: i64,
    topic: Topic,
    typed: Typed,
    rows: Vec<usize>,
    /// What was typed beside what stands now, where somebody else was faster.
    beside: Option<Vec<beside::Field>>,
    left: &'static str,
    right: &'static str,
}

impl EditPage {
    fn of(
        shell: Shell,
        version: (AdvisoryNumber, i64),
        topic: Topic,
        typed: Typed,
        problems: Problems,
    ) -> Self {
        // An empty list offers its first row.
        let typed = if typed.rows() == 0 { typed.with_row() } else { typed };
        let rows = (0..typed.rows()).collect();
        let (number, edition) = version;
        let (left, right) = ("What stands now", "What you typed");
        Self { shell, problems, number, edition, topic, typed, rows, beside: None, left, right }
    }

    fn severities(&self) -> Vec<Choice> {
        let hint = |severity: &Severity| match severity {
            Severity::High => "It is exploited, or soon will be, and much depends on what it affects",
            Severity::Medium => "It should be dealt with soon",
            Severity::Low => "It should be dealt with in the usual round",
            Severity::InformationOnly => "Nothing has to be done",
        };
        let chosen = [self.typed.one("severity")];
        let choice =
            |each: &Severity| Choice::new(each.code(), each.label()).hint(hint(each)).chosen_in(&chosen);
        Severity::ALL.iter().map(choice).collect()
    }

    fn threat_types(&self) -> Vec<Choice> {
        let chosen = [self.typed.one("threat-type")];
        ThreatType::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&chosen)).collect()
    }

    fn categories(&self) -> Vec<Choice> {
        let chosen: Vec<_> = self.typed.all("category").collect();
        Category::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&chosen)).collect()
    }

    fn vectors(&self) -> Vec<Choice> {
        let chosen: Vec<_> = self.typed.all("vector").collect();
        Vector::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&chosen)).collect()
    }

    fn step_kinds(&self, row: impl std::borrow::Borrow<usize>) -> Vec<Choice> {
        let chosen = [self.typed.cell("kind", row)];
        StepKind::ALL.iter().map(|each| Choice::new(each.code(), each.label()).chosen_in(&chosen)).collect()
    }

    fn markings(&self) -> Vec<Choice> {
        let chosen = [self.typed.one("tlp")];
        let choice =
            |tlp: Tlp| Choice::new(tlp.code(), tlp.to_string()).hint(tlp.explanation()).chosen_in(&chosen);
        Tlp::ALL.into_iter().map(choice).collect()
    }
}

/// `GET /advisories/{number}/edit/{topic}`
pub(super) async fn topic(
    State(app): State<App>,
    shell: Shell,
    Path((text, topic)): Path<(String, String)>,
) -> Result<Response, Error> {
    let topic = topic.parse().map_err(|_| Error::NotFound)?;
    let number = number(&text)?;
    let Some(version) = open(&app, number).await? else { return Ok(nothing_open(number)) };
    let typed = Typed::from_wording(topic, &version.wording);
    let page = EditPage::of(shell, (version.number, version.edition), topic, typed, Problems::none());
    Ok(render(StatusCode::OK, &page))
}

/// `POST /advisories/{number}/edit/{topic}`
pub(super) async fn save(
    visit: Visit,
    Path((text, topic)): Path<(String, String)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Error> {
    let topic: Topic = topic.parse().map_err(|_| Error::NotFound)?;
    let (number, typed) = (number(&text)?, Typed::of(fields));
    let edition = typed.one("edition").parse().map_err(|_| AdvisoryError::Overtaken)?;
    let again = match typed.pressed() {
        Pressed::Save => None,
        Pressed::AddRow => Some(typed.clone().with_row()),
        Pressed::RemoveRow(row) => Some(typed.clone().without_row(row)),
    };
    if let Some(typed) = again {
        let page = EditPage::of(visit.shell, (number, edition), topic, typed, Problems::none());
        return Ok(render(StatusCode::OK, &page));
    }
    let mut tx = visit.app.write().await?;
    let again = format!("/advisories/{number}/edit/{}", topic.code());
    let Some(version) = store::open_version(&mut tx, number).await? else {
        return Ok(not_saved::answer(visit.shell, NOTHING_OPEN, typed.fields(), again));
    };
    let (mut wording, mut problems) = (version.wording.clone(), Problems::none());
    typed.write_into(topic, &mut wording, &mut problems);
    if !problems.is_empty() {
        let page = EditPage::of(visit.shell, (number, edition), topic, typed, problems);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    match actions::edit(&mut tx, &visit.actor, version.id, edition, &wording).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/advisories/{number}/edit")).into_response())
        }
        // Both texts, and the form as it was typed: what is saved from here takes the place of both.
        Err(AdvisoryError::Overtaken) => {
            let beside = Some(beside::wordings(&version.wording, &wording));
            let page = EditPage::of(visit.shell, (number, version.edition), topic, typed, problems);
            Ok(render(StatusCode::CONFLICT, &EditPage { beside, ..page }))
        }
        Err(error) => Ok(not_saved::answer(visit.shell, error, typed.fields(), again)),
    }
}

#[derive(Template)]
#[template(path = "advisory/check.html")]
struct CheckPage {
    shell: Shell,
    version: Version,
    missing: Vec<&'static str>,
    /// Against the version that stands, where there is one.
    changes: Option<Changes>,
    reading: Reading,
    /// Nobody could approve it: only its editors are duty managers.
    lonely: bool,
}

/// `GET /advisories/{number}/edit/check`
pub(super) async fn check(
    State(app): State<App>,
    shell: Shell,
    Path(text): Path<String>,
) -> Result<Response, Error> {
    let number = number(&text)?;
    let Some(version) = open(&app, number).await? else { return Ok(nothing_open(number)) };
    let mut snapshot = app.read().await?;
    let lonely = rota::able(&mut snapshot, version.id, shell.now).await?.is_empty();
    let page = CheckPage {
        missing: actions::missing(&mut snapshot, &version).await?,
        changes: changes::of(&mut snapshot, &version).await?,
        reading: Reading::of(&version, Vec::new()),
        lonely,
        version,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The form of a button that changes what the person has before them.
#[derive(Debug, Deserialize)]
pub(super) struct Edition {
    pub edition: i64,
}

/// `POST /advisories/{number}/submit`
pub(super) async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(text): Path<String>,
    Form(Edition { edition }): Form<Edition>,
) -> Result<Redirect, Error> {
    let number = number(&text)?;
    let mut tx = app.write().await?;
    let version = store::open_version(&mut tx, number).await?.ok_or(NOTHING_OPEN)?;
    actions::submit(&mut tx, &actor, version.id, edition).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/advisories/{number}/versions/{}", version.version)))
}

/// There is no version to be edited.
const NOTHING_OPEN: AdvisoryError = AdvisoryError::NothingOpen;

/// The version on its way, where there is one.
async fn open(app: &App, number: AdvisoryNumber) -> Result<Option<Version>, Error> {
    let mut snapshot = app.read().await?;
    if store::id_of(&mut snapshot, number).await?.is_none() {
        return Err(Error::NotFound);
    }
    Ok(store::open_version(&mut snapshot, number).await?)
}

/// Where an advisory is read of which nothing is being written: an update is started from there.
fn nothing_open(number: AdvisoryNumber) -> Response {
    Redirect::to(&format!("/advisories/{number}")).into_response()
}
