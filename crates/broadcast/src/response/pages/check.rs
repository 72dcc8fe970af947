//! The answers to be checked, and sending them.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    web::{
        Error, Form,
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{back, for_whom};
use crate::response::{
    AlertHead, AlertId, Applies, Chosen, Outcome, ResponseError, Said, actions,
    draft::{self, Draft},
    question::Question,
    questions,
    store::lists,
};

#[derive(Template)]
#[template(path = "response/check.html")]
struct Check {
    shell: Shell,
    alert: AlertHead,
    draft: Draft,
    chosen: i64,
    total: i64,
    problems: Problems,
}

/// `GET /alerts/{id}/respond/check`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    show_check(&app, shell, &actor, id, StatusCode::OK, Problems::none()).await
}

async fn show_check(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: AlertId,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.db.read_long().await?;
    let alert = questions::open(&mut snapshot, actor, shell.now, id).await?;
    let draft = draft::find(&mut snapshot, actor, id).await?;
    let total = lists::count_chosen(&mut snapshot, actor, shell.now, &alert, "all").await?;
    let chosen = lists::count_chosen(&mut snapshot, actor, shell.now, &alert, &draft.chosen).await?;
    drop(snapshot);
    Ok(render(status, &Check { shell, alert, draft, chosen, total, problems }))
}

/// Which draft the page showed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    seen: i64,
}

/// `POST /alerts/{id}/respond/check`: says what the draft holds.
pub(super) async fn send(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<AlertId>,
    Form(Seen { seen }): Form<Seen>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let draft = draft::find(&mut tx, &actor, id).await?;
    if draft.changed_at != seen {
        drop(tx);
        let mut problems = Problems::none();
        problems.push("", "Your answers were changed or sent since this page was opened. Check them again.");
        return show_check(&app, shell, &actor, id, StatusCode::CONFLICT, problems).await;
    }
    match actions::answer(&mut tx, &actor, id, &Chosen::Kept, &draft.said).await {
        Ok(moved) => {
            draft::forget(&mut tx, &actor, id).await?;
            tx.commit().await?;
            Ok(back(id, draft.said.event().code(), moved).into_response())
        }
        // The page says so.
        Err(ResponseError::NothingSaid) => {
            Ok(Redirect::to(&format!("/alerts/{id}/respond/check")).into_response())
        }
        Err(
            error @ (ResponseError::ReasonMissing
            | ResponseError::Refused(_)
            | ResponseError::NobodyDecides(_)
            | ResponseError::PlannedInThePast
            | ResponseError::UpdateTooLate(_)
            | ResponseError::UpdateInThePast),
        ) => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push(to_mend(&error, &draft.said).map_or("", Question::slug), error.to_string());
            show_check(&app, shell, &actor, id, StatusCode::UNPROCESSABLE_ENTITY, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The question whose answer has to be another.
fn to_mend(error: &ResponseError, said: &Said) -> Option<Question> {
    match error {
        ResponseError::ReasonMissing if said.applies == Some(Applies::No) => Some(Question::WhyNot),
        ResponseError::ReasonMissing => Some(Question::WhyAccept),
        ResponseError::NobodyDecides(_) => Some(Question::Close),
        ResponseError::PlannedInThePast => Some(Question::Planned),
        ResponseError::UpdateTooLate(_) | ResponseError::UpdateInThePast => Some(Question::NextUpdate),
        _ => None,
    }
}

/// One line of the answers to be checked.
struct Line {
    /// Its question's, which a problem leads to.
    id: &'static str,
    key: &'static str,
    value: String,
    href: String,
}

impl Check {
    fn is_empty(&self) -> bool {
        self.draft.said == Said::default()
    }

    fn for_whom(&self) -> String {
        for_whom(&self.draft.chosen, self.chosen, self.total)
    }

    fn lines(&self) -> Vec<Line> {
        let said = &self.draft.said;
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        Question::ALL
            .into_iter()
            .filter(|question| question.asked(said))
            .map(|question| {
                let value = match question {
                    Question::Applies => said.applies.map_or("", Applies::label).to_owned(),
                    Question::WhyNot | Question::WhyAccept => words(&said.reason),
                    Question::Done => words(&said.done),
                    Question::Systems => said.systems.map(|n| show::count(n.into())).unwrap_or_default(),
                    Question::Planned => {
                        said.planned_on.map(|day| show::date(day, self.shell.language)).unwrap_or_default()
                    }
                    Question::Blockers => words(&said.blockers),
                    Question::Mitigation => words(&said.mitigation),
                    Question::NextUpdate => said.next_update_at.map_or_else(
                        || "As the response policy sets it".to_owned(),
                        |at| self.shell.instant(at),
                    ),
                    Question::Close => said.outcome.map_or("Not yet", Outcome::label).to_owned(),
                };
                let value = if value.is_empty() { "Not said".to_owned() } else { value };
                Line {
                    id: question.slug(),
                    key: question.label(),
                    value,
                    href: format!("/alerts/{}/respond/{}", self.alert.id, question.slug()),
                }
            })
            .collect()
    }
}
