//! The task list of an answer, and acknowledging, which is its first task.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Role,
    web::{
        Error,
        shell::{Shell, render},
        show,
    },
};

use super::{Done, back, for_whom};
use crate::response::{
    AlertHead, AlertId, Chosen, ResponseError, Said, Stage, actions,
    draft::{self, Draft},
    question::{Question, Task},
    store::{self, lists},
};

#[derive(Template)]
#[template(path = "response/tasks.html")]
struct Tasks {
    shell: Shell,
    alert: AlertHead,
    standing: Vec<lists::Standing>,
    answering: Vec<lists::Answering>,
    draft: Draft,
    may_answer: bool,
    /// Of those the actor answers for.
    total: i64,
    chosen: i64,
    /// Where there is only one: what it said.
    only: Option<lists::Shown>,
}

/// `GET /alerts/{id}/respond`
pub(super) async fn show(
    State(app): State<App>,
    mut shell: Shell,
    actor: Actor,
    Path(id): Path<AlertId>,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let now = shell.now;
    let mut snapshot = app.db.read_long().await?;
    let alert = store::head(&mut snapshot, id).await?.ok_or(ResponseError::NotFound)?;
    let standing = lists::standing(&mut snapshot, &actor, now, Role::READING, id).await?;
    if standing.is_empty() {
        return Err(ResponseError::NotFound.into());
    }
    let answering = lists::answering(&mut snapshot, &actor, now).await?;
    let draft = draft::find(&mut snapshot, &actor, id).await?;
    let total = lists::count_chosen(&mut snapshot, &actor, now, &alert, "all").await?;
    let chosen = lists::count_chosen(&mut snapshot, &actor, now, &alert, &draft.chosen).await?;
    let wanted = lists::Wanted::default();
    let first = lists::organisations(&mut snapshot, &actor, now, Role::READING, id, &wanted).await?;
    drop(snapshot);
    let only = if let [only] = first.as_slice() { Some(only.clone()) } else { None };
    shell.notice = done.notice();
    let may_answer = actor.is_any(Role::ANSWERING) && total > 0 && alert.in_force();
    let page = Tasks { shell, alert, standing, answering, draft, may_answer, total, chosen, only };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /alerts/{id}/respond/acknowledge`
pub(super) async fn acknowledge(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AlertId>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    let moved = actions::acknowledge(&mut tx, &actor, id, &Chosen::Kept).await?;
    tx.commit().await?;
    Ok(back(id, "acknowledged", moved))
}

impl Tasks {
    fn count(&self, count: &i64) -> String {
        show::count(*count)
    }

    /// The first deadline among all that run.
    fn due(&self) -> Option<Timestamp> {
        self.standing.iter().filter_map(|row| row.due_at).min()
    }

    fn at(&self, stage: Stage) -> i64 {
        self.standing.iter().find(|row| row.stage == stage).map_or(0, |row| row.organisations)
    }

    fn unacknowledged(&self) -> bool {
        self.at(Stage::Unacknowledged) > 0
    }

    /// Whether something can be said beyond acknowledging.
    fn in_hand(&self) -> bool {
        self.at(Stage::InProgress) + self.at(Stage::AwaitsExecutive) > 0
    }

    fn informed(&self) -> bool {
        self.standing.iter().all(|row| row.stage == Stage::ForInformation)
    }

    fn ended(&self) -> bool {
        self.at(Stage::Closed) + self.at(Stage::NotApplicable) > 0
    }

    /// Where the task begins, once something is in hand.
    fn href(&self, slug: &str) -> String {
        if self.in_hand() { format!("/alerts/{}/respond/{slug}", self.alert.id) } else { String::new() }
    }

    fn applicability(&self) -> (&'static str, &'static str) {
        self.status(Task::Applicability)
    }

    fn actions(&self) -> (&'static str, &'static str) {
        self.status(Task::Actions)
    }

    fn close(&self) -> (&'static str, &'static str) {
        self.status(Task::Close)
    }

    fn status(&self, task: Task) -> (&'static str, &'static str) {
        let said = &self.draft.said;
        let asked: Vec<_> =
            Question::ALL.into_iter().filter(|each| each.task() == task && each.asked(said)).collect();
        let answered = asked.iter().filter(|each| each.answered(said)).count();
        match (self.in_hand(), answered) {
            (false, _) => ("Cannot start yet", ""),
            _ if asked.is_empty() => ("Not needed", ""),
            (true, 0) => ("Not started", "blue"),
            (true, some) if some < asked.len() => ("Begun", "aqua-green"),
            _ => ("Ready to send", ""),
        }
    }

    /// Whether the draft says anything.
    fn begun(&self) -> bool {
        self.draft.said != Said::default()
    }

    /// For whom the answer is meant, in words.
    fn for_whom(&self) -> String {
        for_whom(&self.draft.chosen, self.chosen, self.total)
    }
}
