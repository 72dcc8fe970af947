//! An organisation's own questions about an alert: what was asked and answered, and asking.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor,
    access::Role,
    web::{
        Error, Form, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    alert::{self, Alert, AlertId, State as AlertState},
    faq::{self, FaqId},
    question::{
        LONGEST_QUESTION, QuestionId, Side, State as Standing, actions,
        store::{self, Message, Question},
    },
};

/// The form, of a question or of what is asked on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// Which form it is.
    form: Option<Uuid>,
    /// The code of the organisation.
    organisation: String,
    text: String,
}

impl Typed {
    fn read(&self, problems: &mut Problems) -> Option<String> {
        problems.text("text", &self.text, LONGEST_QUESTION, "your question")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    sent: String,
}

#[derive(Template)]
#[template(path = "question/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
    alert: Alert,
    page: Page<Question>,
    next: String,
    /// What is answered for everybody: perhaps it is answered already.
    faq: faq::store::Shown,
    typed: Typed,
    /// Whether the reader may ask now.
    may_ask: bool,
    /// Those that are offered; none where they are too many, and a code is typed.
    organisations: Vec<Choice>,
    /// The only one.
    only: Option<(String, String)>,
    /// The alert that took this one's place, where the reader sees it.
    update: Option<AlertId>,
}

/// `GET /alerts/{id}/questions`
pub(super) async fn list(
    visit: Visit,
    Path(id): Path<AlertId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let typed = Typed { form: Some(visit.app.env.id()), ..Typed::default() };
    list_page(visit, id, &asked.after, typed, Problems::none()).await
}

async fn list_page(
    visit: Visit,
    id: AlertId,
    after: &str,
    mut typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let now = visit.shell.now;
    let after = cursor::read(after).unwrap_or(QuestionId(Uuid::max()));
    // Somebody may stand for thousands of organisations.
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = readable(&mut snapshot, &visit.actor, id, now).await?;
    let rows = store::all_own(&mut snapshot, &visit.actor, now, alert.advisory_id, after).await?;
    let faq = faq::store::shown(&mut snapshot, &visit.actor, &alert, FaqId(Uuid::max()), now).await?;
    let mine = match alert.state {
        AlertState::InForce if visit.actor.is_any(Role::ANSWERING) => {
            store::asked_for(&mut snapshot, &visit.actor, now, alert.id).await?
        }
        _ => Vec::new(),
    };
    let update = update_of(&mut snapshot, &visit.actor, &alert, now).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.id);
    let next = page.next_of(&format!("/alerts/{id}/questions"));
    let only = match mine.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    if let Some((code, _)) = mine.first().filter(|_| typed.organisation.is_empty()) {
        typed.organisation.clone_from(code);
    }
    let may_ask = !mine.is_empty();
    let offered = if (2..=50).contains(&mine.len()) { mine } else { Vec::new() };
    let choice = |(code, name): (String, String)| {
        let label = format!("{name} ({code})");
        Choice::new(code, label).chosen_in(&[&typed.organisation])
    };
    let organisations = offered.into_iter().map(choice).collect();
    let page = ListPage {
        shell: visit.shell,
        problems,
        alert,
        page,
        next,
        faq,
        typed,
        may_ask,
        organisations,
        only,
        update,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /alerts/{id}/questions`
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<AlertId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if typed.organisation.trim().is_empty() {
        problems.push("organisation", "Enter the code of the organisation that you ask for");
    }
    let text = typed.read(&mut problems).filter(|_| problems.is_empty());
    let Some(text) = text else { return list_page(visit, id, "", typed, problems).await };
    let mut tx = visit.app.write().await?;
    let done = actions::ask(&mut tx, &visit.actor, id, &typed.organisation, typed.form, &text).await;
    let Some(question) = taken(tx, done, (&mut problems, "text")).await? else {
        return list_page(visit, id, "", typed, problems).await;
    };
    Ok(Redirect::to(&format!("/alerts/{id}/questions/{question}?sent=yes")).into_response())
}

#[derive(Template)]
#[template(path = "question/own.html")]
struct OwnPage {
    shell: Shell,
    problems: Problems,
    alert: Alert,
    question: Question,
    messages: Vec<Message>,
    typed: Typed,
    may_ask: bool,
    sent: bool,
    /// The alert that took this one's place, where the reader sees it.
    update: Option<AlertId>,
}

impl OwnPage {
    /// Who said something, as its readers at the organisation know them.
    fn by(&self, message: &Message) -> String {
        match message.side {
            Side::Cert => self.shell.cert.name.clone(),
            Side::Organisation => message.through.clone().unwrap_or_else(|| self.question.name.clone()),
        }
    }
}

/// `GET /alerts/{id}/questions/{question}`
pub(super) async fn one(
    visit: Visit,
    Path((id, question)): Path<(AlertId, QuestionId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let typed = Typed { form: Some(visit.app.env.id()), ..Typed::default() };
    let sent = asked.sent == "yes";
    own_page(visit, (id, question), typed, Problems::none(), sent).await
}

async fn own_page(
    visit: Visit,
    (id, question): (AlertId, QuestionId),
    typed: Typed,
    problems: Problems,
    sent: bool,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let alert = readable(&mut snapshot, &visit.actor, id, visit.shell.now).await?;
    let question =
        store::own(&mut snapshot, &visit.actor, visit.shell.now, Role::READING, alert.advisory_id, question)
            .await?;
    let question = question.ok_or(Error::NotFound)?;
    let messages = store::messages(&mut snapshot, question.id).await?;
    let update = update_of(&mut snapshot, &visit.actor, &alert, visit.shell.now).await?;
    drop(snapshot);
    let may_ask = visit.actor.is_any(Role::ANSWERING)
        && alert.state == AlertState::InForce
        && question.state != Standing::Closed;
    let page =
        OwnPage { shell: visit.shell, problems, alert, question, messages, typed, may_ask, sent, update };
    Ok(render(page.problems.status(), &page))
}

/// `POST /alerts/{id}/questions/{question}`
pub(super) async fn follow_up(
    visit: Visit,
    Path((id, question)): Path<(AlertId, QuestionId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = typed.read(&mut problems) else {
        return own_page(visit, (id, question), typed, problems, false).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::follow_up(&mut tx, &visit.actor, id, question, typed.form, &text).await;
    if taken(tx, done, (&mut problems, "text")).await?.is_none() {
        return own_page(visit, (id, question), typed, problems, false).await;
    }
    Ok(Redirect::to(&format!("/alerts/{id}/questions/{question}?sent=yes")).into_response())
}

/// The alert, for whoever reads what it says, once it is out.
async fn readable(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    id: AlertId,
    now: jiff::Timestamp,
) -> Result<Alert, Error> {
    let alert = alert::store::readable(snapshot, actor, id, now).await?;
    alert.filter(|alert| alert.state.is_out()).ok_or(Error::NotFound)
}

/// The alert that took the place of one that is superseded, where the reader sees it.
async fn update_of(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    alert: &Alert,
    now: jiff::Timestamp,
) -> Result<Option<AlertId>, Error> {
    if alert.state != AlertState::Superseded {
        return Ok(None);
    }
    let newest = alert::store::newest_visible(snapshot, actor, alert.number, now).await?;
    Ok(newest.map(|newest| newest.id).filter(|newest| *newest != alert.id))
}
