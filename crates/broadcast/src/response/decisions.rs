//! `/decisions`: what an executive is asked, and one page for each alert with a single decision.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::web::{
    Error, Form, Visit,
    cursor::{self, Page},
    form::{Choice, Problems},
    shell::{Notice, NoticeKind, Shell, render},
    show,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    AlertHead, AlertId, EventId, ResponseError, Said, actions,
    said::LONGEST,
    store::{self, decisions::Request},
};

/// Where the list goes on, and what was just decided.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: Option<String>,
    done: String,
}

#[derive(Template)]
#[template(path = "response/decisions.html")]
struct List {
    shell: Shell,
    page: Page<Request>,
}

/// `GET /decisions`
pub(super) async fn list(mut visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let after = asked.after.as_deref().and_then(cursor::read).unwrap_or(EventId(Uuid::nil()));
    let requests =
        store::decisions::waiting(&mut visit.app.db.read_long().await?, &visit.actor, visit.shell.now, after)
            .await?;
    visit.shell.notice = match asked.done.as_str() {
        "accept" => Some("The risk is accepted, and the response is closed."),
        "send_back" => Some("The response was sent back with your reason."),
        "already" => {
            Some("This does not wait for your decision: it was decided already, taken back, or never asked of you.")
        }
        _ => None,
    }
    .map(|text| Notice { kind: NoticeKind::Success, text: text.to_owned() });
    let page = Page::of(requests, |row| row.event_id);
    Ok(render(StatusCode::OK, &List { shell: visit.shell, page }))
}

#[derive(Template)]
#[template(path = "response/decision.html")]
struct Decision {
    shell: Shell,
    alert: AlertHead,
    requests: Vec<Request>,
    choices: Vec<Choice>,
    typed: Typed,
    problems: Problems,
}

/// What the executive says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    decision: String,
    reason: String,
    /// For how many organisations the page asked.
    seen: u64,
}

/// `GET /decisions/{id}`
pub(super) async fn show(visit: Visit, Path(id): Path<AlertId>) -> Result<Response, Error> {
    page(visit, id, StatusCode::OK, Typed::default(), Problems::none()).await
}

async fn page(
    visit: Visit,
    id: AlertId,
    status: StatusCode,
    typed: Typed,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = store::head(&mut snapshot, id).await?.ok_or(ResponseError::NotFound)?;
    let requests = store::decisions::about(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    drop(snapshot);
    if requests.is_empty() {
        // Said of every alert, so that nobody learns of one that way.
        return Ok(Redirect::to("/decisions?done=already").into_response());
    }
    let choices = [
        Choice::new("accept", "Accept the risk").hint("The response is closed"),
        Choice::new("send_back", "Do not accept it").hint("It goes back to the responder with your reason"),
    ]
    .map(|choice| choice.chosen_in(&[&typed.decision]))
    .into();
    Ok(render(status, &Decision { shell: visit.shell, alert, requests, choices, typed, problems }))
}

/// `POST /decisions/{id}`
pub(super) async fn decide(
    visit: Visit,
    Path(id): Path<AlertId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let decision = match typed.decision.as_str() {
        "accept" => Some(actions::Decision::Accept),
        "send_back" => problems
            .text("reason", &typed.reason, LONGEST, "why the risk is not accepted")
            .map(actions::Decision::SendBack),
        _ => {
            problems.push("decision", "Select whether you accept the risk");
            None
        }
    };
    let Some(decision) = decision else {
        return page(visit, id, StatusCode::UNPROCESSABLE_ENTITY, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    actions::decide(&mut tx, &visit.actor, id, &decision, typed.seen).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/decisions?done={}", typed.decision)).into_response())
}

impl Request {
    fn reason(&self) -> String {
        let said: Said = serde_json::from_str(&self.said).unwrap_or_default();
        said.reason.unwrap_or_default()
    }

    fn mitigation(&self) -> String {
        let said: Said = serde_json::from_str(&self.said).unwrap_or_default();
        said.mitigation.filter(|words| !words.is_empty()).unwrap_or_else(|| "Not said".to_owned())
    }

    /// When and by whom it was asked.
    fn asked(&self, shell: &Shell) -> String {
        let at = shell.instant(self.at);
        self.by.as_ref().map_or_else(|| at.clone(), |by| format!("{at}, by {by}"))
    }

    /// "Elm Surgery", or "Elm Surgery and 119 more".
    pub(super) fn for_whom(&self) -> String {
        match self.organisations {
            1 => self.example.clone(),
            many => format!("{} and {} more", self.example, show::count(many - 1)),
        }
    }
}

impl Decision {
    /// For how many organisations this executive is asked.
    fn asked(&self) -> i64 {
        self.requests.iter().filter(|request| !request.own).map(|request| request.organisations).sum()
    }
}
