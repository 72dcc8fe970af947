//! One question at the CERT: what was said, answering it, or saying why not.

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
    },
};
use serde::Deserialize;

use crate::{
    access::WRITE_ADVISORIES,
    faq,
    question::{
        LONGEST_ANSWER, QuestionError, QuestionId, Side, State as Standing, actions,
        store::{self, Message, Question},
    },
};

/// What is typed on the page, whichever of its forms it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The question's version that was seen.
    version: i64,
    answer: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "question/answer.html")]
struct AnswerPage {
    shell: Shell,
    problems: Problems,
    question: Question,
    messages: Vec<Message>,
    /// The published answers that came from it.
    entries: Vec<faq::store::Faq>,
    typed: Typed,
    may_write: bool,
    /// Whether the reader has it in hand.
    is_mine: bool,
}

impl AnswerPage {
    const fn claiming(&self) -> &'static str {
        if self.question.claimed_by.is_some() { "Take it over" } else { "Take it on" }
    }

    /// Who said something: at the CERT, or at which organisation.
    fn by(&self, message: &Message) -> String {
        let by = message.by.as_deref().unwrap_or("Somebody who has left");
        match message.side {
            Side::Cert => format!("{by}, {}", self.shell.cert.name),
            Side::Organisation => {
                format!("{by}, {}", message.through.as_deref().unwrap_or(&self.question.name))
            }
        }
    }
}

/// `GET /questions/{id}`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<QuestionId>,
) -> Result<Response, Error> {
    page(&app, shell, &actor, id, Typed::default(), Problems::none()).await
}

async fn page(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: QuestionId,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let question = store::question(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let messages = store::messages(&mut snapshot, id).await?;
    let entries = faq::store::from_question(&mut snapshot, id).await?;
    drop(snapshot);
    let is_mine = actor.person().is_some_and(|person| question.claimed_by == Some(person.id));
    let may_write = actor.is_any(WRITE_ADVISORIES);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AnswerPage { shell, problems, question, messages, entries, typed, may_write, is_mine };
    Ok(render(status, &page))
}

/// `POST /questions/{id}/answer`
pub(super) async fn answer(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("answer", &typed.answer, LONGEST_ANSWER, "the answer") else {
        return page(&app, shell, &actor, id, typed, problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::answer(&mut tx, &actor, id, typed.version, &text).await;
    settled(&app, shell, &actor, id, tx, done, "answer", typed).await
}

/// `POST /questions/{id}/close`
pub(super) async fn close(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("reason", &typed.reason, LONGEST_ANSWER, "why it is not answered") else {
        return page(&app, shell, &actor, id, typed, problems).await;
    };
    let mut tx = app.write().await?;
    let done = actions::close(&mut tx, &actor, id, typed.version, &text).await;
    settled(&app, shell, &actor, id, tx, done, "reason", typed).await
}

/// `POST /questions/{id}/claim`
pub(super) async fn claim(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let done = actions::claim(&mut tx, &actor, id, typed.version).await;
    settled(&app, shell, &actor, id, tx, done, "", typed).await
}

/// The answer to a form: what was typed stays on the page where it could not be taken.
#[expect(clippy::too_many_arguments, reason = "what a form needs to be shown again, once for three of them")]
async fn settled(
    app: &App,
    shell: Shell,
    actor: &Actor,
    id: QuestionId,
    tx: platform::Tx,
    done: Result<(), QuestionError>,
    field: &'static str,
    typed: Typed,
) -> Result<Response, Error> {
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/questions/{id}")).into_response())
        }
        Err(error) if error.is_of_the_form() => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push(field, error.to_string());
            page(app, shell, actor, id, typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
