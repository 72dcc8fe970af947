//! Reporting with a one-time code, by whoever holds the sheet.
//!
//! The code is used up when it is entered; from then on the browser is known by a secret of its own, for a day. The
//! pages say nothing of the organisation but what was typed into them: a stolen code opens an empty form.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use platform::{
    App,
    access::resolve,
    account::Visitor,
    web::{
        Error, Form, Refusal,
        form::{Choice, Problems},
        shell::{Notice, NoticeKind, Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Reader, SentPage};
use crate::{
    code::{self, CodeError},
    incident::{
        self, LONGEST, Standing,
        store::{Incident, added_by_holder},
    },
    playbook::shelf::Shelf,
    report::{
        actions::{self, HOLDS},
        first_steps::{ALWAYS, Steps, first_steps},
        store::{self, Report},
        typed::Typed,
        words,
    },
};

/// The cookie by which the browser of a code's holder is known.
const COOKIE: &str = "carecert_report";
/// The page of a report with a code.
const PAGE: &str = "/report/with-code";

#[derive(Template)]
#[template(path = "report/code.html")]
struct CodePage {
    shell: Shell,
    problems: Problems,
    typed: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entered {
    code: String,
}

/// `GET /report/code`
pub(super) async fn ask(shell: Shell) -> Response {
    render(StatusCode::OK, &CodePage { shell, problems: Problems::none(), typed: String::new() })
}

/// `POST /report/code`: a right code is used up, and opens an empty form.
pub(super) async fn enter(
    State(app): State<App>,
    shell: Shell,
    visitor: Visitor,
    Form(entered): Form<Entered>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    match code::actions::redeem(&mut tx, &visitor, &entered.code).await {
        Ok(redeemed) => {
            let secret = BASE64URL_NOPAD.encode(&tx.bytes::<32>());
            actions::begin_with_code(&mut tx, redeemed, resolve::hash(&secret)).await?;
            tx.commit().await?;
            let mut response = Redirect::to(PAGE).into_response();
            response.headers_mut().append(header::SET_COOKIE, cookie(&app, &secret)?);
            Ok(response)
        }
        Err(error @ (CodeError::Wrong | CodeError::Wait(_))) => {
            let mut problems = Problems::none();
            problems.push("code", error.to_string());
            // What was typed is not shown again: it may be a code that works, before somebody else's eyes.
            let page = CodePage { shell, problems, typed: String::new() };
            if let CodeError::Wait(seconds) = error {
                drop(tx);
                let mut response = render(StatusCode::TOO_MANY_REQUESTS, &page);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                return Ok(response);
            }
            // The attempt counts.
            tx.commit().await?;
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

fn cookie(app: &App, secret: &str) -> Result<HeaderValue, Error> {
    let secure = if app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    // Begun, and added to after it was sent: a day each.
    let age = 2 * HOLDS.as_secs();
    let text = format!("{COOKIE}={secret}; Path=/report; HttpOnly; SameSite=Lax{secure}; Max-Age={age}");
    HeaderValue::from_str(&text).map_err(|_| Error::Internal)
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split("; "))
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// The report that the browser may write on.
async fn held(
    snapshot: &mut db::Snapshot,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Option<Report>, Error> {
    match secret(headers) {
        Some(secret) => Ok(store::of_holder(snapshot, resolve::hash(secret), now).await?),
        None => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "report/coded.html")]
struct FormPage {
    shell: Shell,
    problems: Problems,
    typed: Typed,
}

impl FormPage {
    fn seen(&self) -> Vec<Choice> {
        words::seen(&self.typed)
    }

    fn since(&self) -> Vec<Choice> {
        words::since(&self.typed)
    }

    fn affected(&self) -> Vec<Choice> {
        words::affected(&self.typed)
    }
}

#[derive(Template)]
#[template(path = "report/held.html")]
struct HeldPage {
    shell: Shell,
    problems: Problems,
    incident: Incident,
    report: Report,
    rows: Vec<(&'static str, String)>,
    added: Vec<(String, Timestamp)>,
    always: &'static [&'static str],
    steps: Vec<Steps>,
    form: Uuid,
    typed: String,
}

impl HeldPage {
    /// The number that was given for this report, whatever it was joined to since.
    fn receipt(&self) -> String {
        self.report.receipt.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn was_rung(&self) -> bool {
        matches!(self.incident.standing, Standing::CalledBack | Standing::Refuted)
    }
}

/// `GET /report/with-code`
pub(super) async fn show(
    State(app): State<App>,
    shell: Shell,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let Some(report) = held(&mut snapshot, &headers, shell.now).await? else { return Ok(no_secret()) };
    if report.incident.is_some() {
        return held_page(&mut snapshot, &app, shell, report, String::new(), Problems::none()).await;
    }
    let typed = Typed { version: report.version, ..Typed::of(&report.facts) };
    Ok(form_page(shell, typed, Problems::none()))
}

/// Whoever has no secret, or whose day is over, enters a code.
fn no_secret() -> Response {
    Redirect::to("/report/code").into_response()
}

fn form_page(shell: Shell, typed: Typed, problems: Problems) -> Response {
    let status = problems.status();
    render(status, &FormPage { shell, problems, typed })
}

async fn held_page(
    snapshot: &mut db::Snapshot,
    app: &App,
    shell: Shell,
    report: Report,
    typed: String,
    problems: Problems,
) -> Result<Response, Error> {
    let id = report.incident.ok_or(Error::NotFound)?;
    let incident = incident::store::incident(snapshot, id).await?.ok_or(Error::NotFound)?;
    let added = added_by_holder(snapshot, id, report.id).await?;
    let ours = Shelf::read(snapshot).await?;
    let page = HeldPage {
        rows: words::rows(&report.facts),
        always: ALWAYS,
        steps: first_steps(&ours, &report.facts.seen),
        form: app.env.id(),
        shell,
        problems,
        incident,
        report,
        added,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /report/with-code`: saved, or sent and answered at once with what to do now.
pub(super) async fn taken(
    State(app): State<App>,
    shell: Shell,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let Some(report) = held(&mut tx, &headers, shell.now).await? else { return Ok(no_secret()) };
    if report.incident.is_some() {
        // The same form again: whether others told us too is said once, or a stolen code could ask it again and
        // again.
        return Ok(Redirect::to(PAGE).into_response());
    }
    let mut problems = Problems::none();
    let Some(facts) = typed.read(shell.now, &mut problems) else {
        return Ok(form_page(shell, typed, problems));
    };
    let sends = typed.go == "send";
    let seen = Report { version: typed.version, ..report };
    match actions::write_with_code(&mut tx, &seen, &facts, sends).await {
        Ok(Some((sent, told_before))) => {
            let ours = Shelf::read(&mut tx).await?;
            tx.commit().await?;
            Ok(SentPage::new((shell, &ours), sent.receipt, &facts, told_before, Reader::Holder).respond())
        }
        Ok(None) => {
            tx.commit().await?;
            let text = "Saved. You can go on here for 24 hours, in this browser.".to_owned();
            let shell = Shell { notice: Some(Notice { kind: NoticeKind::Success, text }), ..shell };
            let typed = Typed { version: seen.version + 1, ..Typed::of(&facts) };
            Ok(form_page(shell, typed, problems))
        }
        Err(error) => {
            drop(tx);
            let Some(field) = error.field("") else { return Err(error.into()) };
            problems.push(field, error.to_string());
            Ok(form_page(shell, typed, problems))
        }
    }
}

/// What is added.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Added {
    form: Option<Uuid>,
    text: String,
}

/// `POST /report/with-code/add`
pub(super) async fn add(
    State(app): State<App>,
    shell: Shell,
    headers: HeaderMap,
    Form(added): Form<Added>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let Some(report) = held(&mut tx, &headers, shell.now).await? else { return Ok(no_secret()) };
    let mut problems = Problems::none();
    if let Some(text) = problems.text("text", &added.text, LONGEST, "what is new") {
        let form = added.form.unwrap_or_else(|| tx.id());
        let done = incident::actions::add_as_holder(&mut tx, &report, form, &text).await;
        if platform::web::taken(tx, done, (&mut problems, "text")).await?.is_some() {
            return Ok(Redirect::to(PAGE).into_response());
        }
    } else {
        drop(tx);
    }
    let mut snapshot = app.read().await?;
    held_page(&mut snapshot, &app, shell, report, added.text, problems).await
}

/// `POST /report/with-code/end`: on a borrowed computer nothing of it is left.
pub(super) async fn end(State(app): State<App>, shell: Shell, headers: HeaderMap) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    if let Some(report) = held(&mut tx, &headers, shell.now).await? {
        store::let_go(&mut tx, report.id).await?;
        tx.commit().await?;
    }
    let gone = format!("{COOKIE}=; Path=/report; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/report")).into_response())
}
