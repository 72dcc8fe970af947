//! Publishing, with everything that follows from it said before; and calling back.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
use formats::Tlp;
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use crate::{
    advisory::{
        self, AdvisoryError, State as VersionState, Version, VersionId,
        changes::{self, Changes},
    },
    alert::{Alert, AlertError, AlertId, Answers, State as AlertState, actions, store, what_if},
    audience::{self, Mode, preview},
    policy::{Asked, Policy},
};

#[derive(Template)]
#[template(path = "alert/publish.html")]
struct PublishPage {
    shell: Shell,
    version: Version,
    mode: Option<Mode>,
    organisations: String,
    mailboxes: String,
    unreachable: String,
    some_unreachable: bool,
    /// What goes to mobiles, where anything does.
    texts: Option<String>,
    /// The deadlines, were it published now.
    deadlines: Option<(Timestamp, Timestamp)>,
    policy: String,
    /// What would follow from the deadlines, in sentences.
    what_if: Vec<String>,
    sends_no_mail: bool,
    details_by_mail: bool,
    /// The alert whose place it takes.
    before: Option<Alert>,
    answers: Vec<Choice>,
    /// Against the version that stands, where there is one.
    changes: Option<Changes>,
    problems: Problems,
}

/// `GET /audiences/{version}/publish`
pub(super) async fn ask(
    State(app): State<App>,
    shell: Shell,
    Path(version): Path<VersionId>,
) -> Result<Response, Error> {
    page(&app, shell, version, Problems::none()).await
}

async fn page(app: &App, shell: Shell, version: VersionId, problems: Problems) -> Result<Response, Error> {
    let mut snapshot = app.db.read_long().await?;
    let version = advisory::store::version(&mut snapshot, version).await?.ok_or(Error::NotFound)?;
    if version.state != VersionState::Approved {
        return Err(Error::Conflict(format!(
            "Only an approved version can be published; this one stands at \u{201c}{}\u{201d}.",
            version.state.label()
        )));
    }
    let mode = audience::store::audience(&mut snapshot, version.id).await?.mode;
    let figures = preview::figures(&mut snapshot, version.id, shell.now).await?;
    let before = store::newest(&mut snapshot, version.advisory).await?;
    let policy = Policy::current(shell.now);
    let asked = policy.asks(version.wording.severity.code()).filter(|_| mode == Some(Mode::MustRespond));
    let tlp = version.wording.tlp;
    let what_if = what_if(&mut snapshot, &version, asked, &figures, shell.now).await?;
    let page = PublishPage {
        mode,
        organisations: show::count(figures.organisations),
        mailboxes: show::count(figures.mailboxes),
        unreachable: show::count(figures.unreachable),
        some_unreachable: figures.unreachable > 0,
        texts: figures.texts(app, &version),
        deadlines: asked
            .map(|asked| (shell.now + asked.acknowledge.within, shell.now + asked.remediate.within)),
        policy: policy.id(),
        what_if,
        sends_no_mail: tlp == Tlp::Red,
        details_by_mail: tlp.allows_details_by_mail(),
        before: before.filter(|before| before.state == AlertState::InForce),
        answers: vec![
            Choice::new("stand", "What was answered stands")
                .hint("With its deadlines: the update asks for nothing that was not asked before"),
            Choice::new("anew", "Everybody answers anew").hint("The clocks begin again at this publication"),
        ],
        changes: changes::of(&mut snapshot, &version).await?,
        shell,
        version,
        problems,
    };
    let status = if page.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(render(status, &page))
}

/// What would follow from the deadlines, were it published now.
async fn what_if(
    snapshot: &mut Snapshot,
    version: &Version,
    asked: Option<&Asked>,
    figures: &preview::Figures,
    now: Timestamp,
) -> Result<Vec<String>, Error> {
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let by = now + asked.acknowledge.within;
    let mut said = Vec::new();
    if let Some(awkward) = what_if::awkward(by) {
        let organisations = show::count(figures.organisations);
        said.push(format!("The acknowledgement of {organisations} organisations would be due on {awkward}."));
    }
    let audience = preview::by_kind_and_region(snapshot, version.id).await?;
    let past = what_if::past(snapshot, version.wording.severity, asked.acknowledge.within, now).await?;
    said.push(past.estimate(&audience).map_or_else(
        || "Too few alerts of this severity are over to say how many organisations would be late.".to_owned(),
        |estimate| estimate.in_words(by),
    ));
    if figures.answered_by_others > 0 {
        let answered = show::count(figures.answered_by_others);
        said.push(format!("For {answered} of them others answer: where one of those is late, many are."));
    }
    Ok(said)
}

/// What is posted to publish.
#[derive(Debug, Deserialize)]
pub(super) struct Publishing {
    /// The edition that was on the page.
    #[serde(default)]
    edition: i64,
    #[serde(default)]
    answers: String,
}

/// `POST /audiences/{version}/publish`
pub(super) async fn publish(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(version): Path<VersionId>,
    Form(typed): Form<Publishing>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let read = advisory::store::version(&mut tx, version).await?.ok_or(Error::NotFound)?;
    if read.edition != typed.edition {
        return Err(AdvisoryError::Overtaken.into());
    }
    let answers = match typed.answers.as_str() {
        "stand" => Answers::Stand,
        "anew" => Answers::Anew,
        _ if is_update(&mut tx, version).await? => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push("answers", "Select what becomes of the answers that were given");
            return page(&app, shell, version, problems).await;
        }
        _ => Answers::Anew,
    };
    let published = actions::publish(&mut tx, &actor, version, answers).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/alerts/{}", published.alert)).into_response())
}

async fn is_update(snapshot: &mut db::Snapshot, version: VersionId) -> Result<bool, Error> {
    let version = advisory::store::version(snapshot, version).await?.ok_or(Error::NotFound)?;
    let before = store::newest(snapshot, version.advisory).await?;
    Ok(before.is_some_and(|before| before.state == AlertState::InForce))
}

#[derive(Template)]
#[template(path = "alert/call_back.html")]
struct CallBackPage {
    shell: Shell,
    alert: Alert,
    reason: String,
    problems: Problems,
}

/// `GET /alerts/{id}/call-back`
pub(super) async fn ask_call_back(
    State(app): State<App>,
    shell: Shell,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    let alert = store::alert(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
    alert.state.apply(crate::alert::Event::CallBack).map_err(AlertError::from)?;
    let page = CallBackPage { shell, alert, reason: String::new(), problems: Problems::none() };
    Ok(render(StatusCode::OK, &page))
}

/// What is posted to call back.
#[derive(Debug, Deserialize)]
pub(super) struct CallingBack {
    #[serde(default)]
    reason: String,
}

/// `POST /alerts/{id}/call-back`
pub(super) async fn call_back(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<AlertId>,
    Form(typed): Form<CallingBack>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(reason) = problems.text("reason", &typed.reason, 1000, "why it is called back") else {
        let alert = store::alert(&mut app.read().await?, id).await?.ok_or(Error::NotFound)?;
        let page = CallBackPage { shell, alert, reason: typed.reason, problems };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let mut tx = app.write().await?;
    actions::call_back(&mut tx, &actor, id, &reason).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/alerts/{id}")).into_response())
}
