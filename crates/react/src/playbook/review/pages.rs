//! The page on which it is entered who has reviewed a playbook, and taken back.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use formats::cacao::Playbook;
use platform::{
    Actor, App,
    access::Rule,
    web::{
        Error, Form, Route, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{Kind, LONGEST, Review, actions, has_welsh, store};
use crate::playbook::{APPROVE_PLAYBOOKS, PlaybookError, hash, pages::find};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let approve = Rule::Roles(APPROVE_PLAYBOOKS);
    vec![
        Route::get("/playbooks/{playbook}/review", approve, ask)
            .sample("/playbooks/ransomware/review?kind=clinical"),
        Route::post("/playbooks/{playbook}/review", approve, enter)
            .sample("/playbooks/ransomware/review")
            .form(
                "kind=clinical&name=Dr+Quoll&profession=Consultant+in+emergency+medicine&day-day=1&day-month=6\
                 &day-year=2026&hash={ransomware_hash}",
            ),
        Route::post("/playbooks/{playbook}/review/take-back", approve, take_back)
            .sample("/playbooks/phishing/review/take-back")
            .form("kind=clinical"),
    ]
}

/// What is asked for and typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    kind: String,
    name: String,
    profession: String,
    #[serde(rename = "day-day")]
    day: String,
    #[serde(rename = "day-month")]
    month: String,
    #[serde(rename = "day-year")]
    year: String,
    /// What names the version that was read.
    hash: String,
}

#[derive(Template)]
#[template(path = "playbook/review.html")]
struct ReviewPage {
    shell: Shell,
    problems: Problems,
    named: String,
    name: String,
    kind: Kind,
    /// What stands of it now: the review, and whether it holds for what the playbook says now.
    entered: Option<(Review, bool)>,
    typed: Typed,
    hash: String,
    has_welsh: bool,
}

impl ReviewPage {
    fn is_welsh(&self) -> bool {
        self.kind == Kind::Welsh
    }
}

/// `GET /playbooks/{playbook}/review`
async fn ask(visit: Visit, Path(named): Path<String>, Query(typed): Query<Typed>) -> Result<Response, Error> {
    page(visit, named, typed, Problems::none()).await
}

async fn page(visit: Visit, named: String, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let kind: Kind = typed.kind.parse().map_err(|_| Error::NotFound)?;
    let playbook = find(&visit.app, &visit.actor, &named).await?;
    let all = store::of(&mut visit.app.read().await?, &playbook.id).await?;
    let now = super::hash(kind, &playbook.document);
    let entered = all.into_iter().find(|review| review.kind == kind);
    let entered = entered.map(|review| {
        let holds = review.hash == now;
        (review, holds)
    });
    let page = ReviewPage {
        hash: data_encoding::HEXLOWER.encode(&hash(&playbook)),
        has_welsh: has_welsh(&playbook),
        name: playbook.name,
        shell: visit.shell,
        problems,
        named,
        kind,
        entered,
        typed,
    };
    Ok(render(page.problems.status(), &page))
}

/// The playbook as it was seen, by what names it.
async fn seen(app: &App, actor: &Actor, named: &str, typed: &Typed) -> Result<Playbook, Error> {
    let playbook = find(app, actor, named).await?;
    if data_encoding::HEXLOWER.encode(&hash(&playbook)) != typed.hash {
        return Err(PlaybookError::Overtaken.into());
    }
    Ok(playbook)
}

/// `POST /playbooks/{playbook}/review`
async fn enter(visit: Visit, Path(named): Path<String>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let kind: Kind = typed.kind.parse().map_err(|_| Error::NotFound)?;
    let mut problems = Problems::none();
    let name = problems.text("name", &typed.name, LONGEST, "the name of whoever read it");
    let profession = problems.text("profession", &typed.profession, LONGEST, "what they are");
    let day = problems.date("day", [&typed.day, &typed.month, &typed.year], "the day of the review");
    if day.is_some_and(|day| day > platform::uk::day(visit.shell.now)) {
        problems.push("day", "The day of the review must not be in the future");
    }
    let (Some(name), Some(profession), Some(day), true) = (name, profession, day, problems.is_empty()) else {
        return page(visit, named, typed, problems).await;
    };
    let playbook = seen(&visit.app, &visit.actor, &named, &typed).await?;
    let mut tx = visit.app.write().await?;
    actions::enter(&mut tx, &visit.actor, &playbook, kind, (&name, &profession), day).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/playbooks/{named}")).into_response())
}

/// `POST /playbooks/{playbook}/review/take-back`
async fn take_back(
    State(app): State<App>,
    actor: Actor,
    Path(named): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let kind: Kind = typed.kind.parse().map_err(|_| Error::NotFound)?;
    let playbook = find(&app, &actor, &named).await?;
    let mut tx = app.write().await?;
    actions::take_back(&mut tx, &actor, &playbook, kind).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/playbooks/{named}")).into_response())
}
