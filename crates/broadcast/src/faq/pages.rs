//! Published questions and answers: as those read them whom the alert went to, and as the CERT keeps them.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use formats::Tlp;
use http::StatusCode;
use platform::{
    access::{
        Role::{self, Admin, Analyst, Auditor, DutyManager, Executive, Lead, Responder, Viewer},
        Rule,
    },
    web::{
        Error, Form, Route, Visit, cursor,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    FaqId, LONGEST_ANSWER, LONGEST_QUESTION, SHOWN, State as FaqState, Wording, actions, markings,
    store::{self, Entry, Faq, Shown, Version},
};
use crate::{
    access::{READ_SECTOR, WRITE_ADVISORIES},
    alert::{self, Alert, AlertId},
    question::{
        self, QuestionId, Side,
        store::{Message, Question},
    },
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    const READERS: &[Role] = &[Responder, Lead, Executive, Viewer, Analyst, DutyManager, Admin, Auditor];
    let (read, write) = (Rule::Roles(READ_SECTOR), Rule::Roles(WRITE_ADVISORIES));
    let wording = "question=Does+it+concern+version+2?&answer=Yes&tlp=amber";
    vec![
        Route::get("/alerts/{id}/faq", Rule::Roles(READERS), list).sample("/alerts/{asked_alert}/faq"),
        Route::get("/questions/{id}/publish", write, ask_publish)
            .sample("/questions/{answered_question}/publish"),
        Route::post("/questions/{id}/publish", write, publish)
            .sample("/questions/{answered_question}/publish")
            .form(wording),
        Route::get("/faq/{id}", read, show).sample("/faq/{faq}"),
        Route::post("/faq/{id}", write, edit)
            .sample("/faq/{faq}")
            .form("version=1&question=Does+it+concern+version+3?&answer=Yes&tlp=amber"),
        Route::post("/faq/{id}/withdraw", write, withdraw)
            .sample("/faq/{faq}/withdraw")
            .form("version=1&reason=It+is+wrong"),
    ]
}

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// Which form it is.
    form: Option<Uuid>,
    /// The entry's version that was seen.
    version: i64,
    question: String,
    answer: String,
    tlp: String,
    reason: String,
}

impl Typed {
    fn read(&self, problems: &mut Problems) -> Option<Wording> {
        let question = problems.text("question", &self.question, LONGEST_QUESTION, "the question");
        let answer = problems.text("answer", &self.answer, LONGEST_ANSWER, "the answer");
        let tlp = self.tlp.parse::<Tlp>().ok();
        if tlp.is_none() {
            problems.push("tlp", "Select a marking");
        }
        Some(Wording { question: question?, answer: answer?, tlp: tlp? })
    }

    fn markings(&self, widest: Tlp) -> Vec<Choice> {
        markings(widest)
            .map(|tlp| {
                Choice::new(tlp.code(), tlp.to_string()).hint(tlp.explanation()).chosen_in(&[&self.tlp])
            })
            .collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "faq/list.html")]
struct ListPage {
    shell: Shell,
    alert: Alert,
    faq: Shown,
    next: String,
    /// Whether the reader is at an organisation, which has questions of its own.
    asks: bool,
    at_cert: bool,
}

impl ListPage {
    /// The marking under which an entry is shown: never a wider one than the alert's.
    fn marked(&self, entry: &Entry) -> Tlp {
        entry.tlp.0.max(self.alert.tlp.0)
    }
}

/// `GET /alerts/{id}/faq`
async fn list(visit: Visit, Path(id): Path<AlertId>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after = cursor::read(&asked.after).unwrap_or(FaqId(Uuid::max()));
    let mut snapshot = visit.app.read().await?;
    let alert = alert::store::readable(&mut snapshot, &visit.actor, id, visit.shell.now)
        .await?
        .ok_or(Error::NotFound)?;
    let faq = store::shown(&mut snapshot, &visit.actor, &alert, after, visit.shell.now).await?;
    drop(snapshot);
    let next = faq.next.as_ref().map(|after| format!("/alerts/{id}/faq?after={after}"));
    let page = ListPage {
        next: next.unwrap_or_default(),
        asks: visit.actor.is_any(Role::READING),
        at_cert: visit.actor.at_cert(),
        shell: visit.shell,
        alert,
        faq,
    };
    Ok(render(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "faq/publish.html")]
struct PublishPage {
    shell: Shell,
    problems: Problems,
    question: Question,
    alert: Alert,
    typed: Typed,
    markings: Vec<Choice>,
}

/// `GET /questions/{id}/publish`
async fn ask_publish(visit: Visit, Path(id): Path<QuestionId>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let (_, _, widest) = actions::about(&mut snapshot, id).await?;
    let said = question::store::messages(&mut snapshot, id).await?;
    drop(snapshot);
    let typed = Typed {
        form: Some(visit.app.env.id()),
        answer: last_answer(said).unwrap_or_default(),
        tlp: widest.code().to_owned(),
        ..Typed::default()
    };
    publish_page(visit, id, typed, Problems::none()).await
}

/// What the CERT said last: an entry begins with nothing of the organisation's own words, which may tell
/// who it is.
fn last_answer(said: Vec<Message>) -> Option<String> {
    said.into_iter().rev().find(|message| message.side == Side::Cert).map(|message| message.text)
}

async fn publish_page(
    visit: Visit,
    id: QuestionId,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let (question, alert, widest) = actions::about(&mut visit.app.read().await?, id).await?;
    let status = problems.status();
    let markings = typed.markings(widest);
    Ok(render(status, &PublishPage { shell: visit.shell, problems, question, alert, typed, markings }))
}

/// `POST /questions/{id}/publish`
async fn publish(
    visit: Visit,
    Path(id): Path<QuestionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(wording) = typed.read(&mut problems) else {
        return publish_page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::publish(&mut tx, &visit.actor, id, typed.form, &wording).await;
    let Some(faq) = taken(tx, done, (&mut problems, "")).await? else {
        return publish_page(visit, id, typed, problems).await;
    };
    Ok(Redirect::to(&format!("/faq/{faq}")).into_response())
}

#[derive(Template)]
#[template(path = "faq/show.html")]
struct ShowPage {
    shell: Shell,
    problems: Problems,
    faq: Faq,
    /// The newest alert of its advisory.
    alert: Alert,
    versions: Vec<Version>,
    next: String,
    typed: Typed,
    markings: Vec<Choice>,
    may_write: bool,
}

impl ShowPage {
    /// Whether the newest alert shows it.
    fn is_shown(&self) -> bool {
        self.faq.alert_id == self.alert.id || self.faq.tlp.0 <= self.alert.tlp.0
    }

    /// What was typed into forms that are gone.
    fn unsent(&self) -> [(&'static str, &str); 3] {
        let Typed { question, answer, reason, .. } = &self.typed;
        [("question", question), ("answer", answer), ("reason", reason)]
    }
}

/// `GET /faq/{id}`
async fn show(visit: Visit, Path(id): Path<FaqId>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let before = cursor::read(&asked.after).unwrap_or(i64::MAX);
    show_page(visit, id, before, Typed::default(), Problems::none()).await
}

async fn show_page(
    visit: Visit,
    id: FaqId,
    before: i64,
    mut typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let faq = store::faq(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let (_, alert, widest) = actions::about(&mut snapshot, faq.question_id).await?;
    let mut versions = store::versions(&mut snapshot, id, before).await?;
    drop(snapshot);
    let more = versions.len() > SHOWN;
    versions.truncate(SHOWN);
    let last = versions.last().filter(|_| more);
    let next = last.map(|last| format!("/faq/{id}?after={}", cursor::write(&last.version)));
    let may_write = visit.actor.is_any(WRITE_ADVISORIES);
    // Where nothing of its wording was typed, the form begins with what stands.
    let untouched = [&typed.question, &typed.answer, &typed.tlp].iter().all(|field| field.is_empty());
    if untouched && faq.state == FaqState::Published {
        typed.question.clone_from(&faq.question);
        typed.answer.clone_from(&faq.answer);
        faq.tlp.0.code().clone_into(&mut typed.tlp);
    }
    let page = ShowPage {
        markings: typed.markings(widest),
        next: next.unwrap_or_default(),
        shell: visit.shell,
        problems,
        faq,
        alert,
        versions,
        typed,
        may_write,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /faq/{id}`
async fn edit(visit: Visit, Path(id): Path<FaqId>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(wording) = typed.read(&mut problems) else {
        return show_page(visit, id, i64::MAX, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::edit(&mut tx, &visit.actor, id, typed.version, &wording).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return show_page(visit, id, i64::MAX, typed, problems).await;
    }
    Ok(Redirect::to(&format!("/faq/{id}")).into_response())
}

/// `POST /faq/{id}/withdraw`
async fn withdraw(visit: Visit, Path(id): Path<FaqId>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(reason) = problems.text("reason", &typed.reason, LONGEST_ANSWER, "why it is withdrawn") else {
        return show_page(visit, id, i64::MAX, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::withdraw(&mut tx, &visit.actor, id, typed.version, &reason).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return show_page(visit, id, i64::MAX, typed, problems).await;
    }
    Ok(Redirect::to(&format!("/faq/{id}")).into_response())
}
