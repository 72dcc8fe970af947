//! One question at the CERT: what was said, answering it, or saying why not.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use platform::web::{
    Error, Form, Visit,
    form::Problems,
    shell::{Shell, render},
    taken,
};
use serde::Deserialize;

use crate::{
    access::WRITE_ADVISORIES,
    faq,
    question::{
        LONGEST_ANSWER, QuestionId, Side, State as Standing, actions,
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
pub(super) async fn show(visit: Visit, Path(id): Path<QuestionId>) -> Result<Response, Error> {
    page(visit, id, Typed::default(), Problems::none()).await
}

async fn page(visit: Visit, id: QuestionId, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let question = store::question(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let messages = store::messages(&mut snapshot, id).await?;
    let entries = faq::store::from_question(&mut snapshot, id).await?;
    drop(snapshot);
    let is_mine = visit.actor.person().is_some_and(|person| question.claimed_by == Some(person.id));
    let may_write = visit.actor.is_any(WRITE_ADVISORIES);
    let page =
        AnswerPage { shell: visit.shell, problems, question, messages, entries, typed, may_write, is_mine };
    Ok(render(page.problems.status(), &page))
}

fn to(id: QuestionId) -> Response {
    Redirect::to(&format!("/questions/{id}")).into_response()
}

/// `POST /questions/{id}/answer`
pub(super) async fn answer(
    visit: Visit,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("answer", &typed.answer, LONGEST_ANSWER, "the answer") else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::answer(&mut tx, &visit.actor, id, typed.version, &text).await;
    if taken(tx, done, (&mut problems, "answer")).await?.is_none() {
        return page(visit, id, typed, problems).await;
    }
    Ok(to(id))
}

/// `POST /questions/{id}/close`
pub(super) async fn close(
    visit: Visit,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("reason", &typed.reason, LONGEST_ANSWER, "why it is not answered") else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::close(&mut tx, &visit.actor, id, typed.version, &text).await;
    if taken(tx, done, (&mut problems, "reason")).await?.is_none() {
        return page(visit, id, typed, problems).await;
    }
    Ok(to(id))
}

/// `POST /questions/{id}/claim`
pub(super) async fn claim(
    visit: Visit,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mut tx = visit.app.write().await?;
    let done = actions::claim(&mut tx, &visit.actor, id, typed.version).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return page(visit, id, typed, problems).await;
    }
    Ok(to(id))
}
