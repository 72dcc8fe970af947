//! `/alerts/{id}/respond`: the task list of an answer, acknowledging, checking and sending it.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::{Role, Rule},
    web::{
        Error, Form, Route,
        form::Problems,
        shell::{Notice, NoticeKind, Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{
    AlertHead, AlertId, Chosen, Event, Moved, ResponseError, Stage, actions, api, choose, decisions,
    draft::{self, Draft},
    home,
    question::{Question, Task},
    questions,
    said::LONGEST,
    store::{self, lists},
};

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, answer, decide) =
        (Rule::Roles(Role::READING), Rule::Roles(Role::ANSWERING), Rule::Roles(super::DECIDING));
    let mut routes = vec![
        Route::get("/alerts", read, home::home),
        Route::get("/alerts/{id}/respond", read, tasks).sample("/alerts/{asked_alert}/respond"),
        Route::post("/alerts/{id}/respond/acknowledge", answer, acknowledge)
            .sample("/alerts/{asked_alert}/respond/acknowledge"),
        Route::get("/alerts/{id}/respond/organisations", answer, choose::show)
            .sample("/alerts/{asked_alert}/respond/organisations"),
        Route::post("/alerts/{id}/respond/organisations", answer, choose::keep)
            .sample("/alerts/{asked_alert}/respond/organisations")
            .form("mode=all"),
        Route::get("/alerts/{id}/respond/said/{code}", read, said)
            .sample("/alerts/{asked_alert}/respond/said/{asked_code}"),
        Route::get("/alerts/{id}/respond/check", answer, check).sample("/alerts/{asked_alert}/respond/check"),
        Route::post("/alerts/{id}/respond/check", answer, send)
            .sample("/alerts/{acknowledged_alert}/respond/check"),
        Route::get("/alerts/{id}/respond/correct", answer, ask_correction)
            .sample("/alerts/{asked_alert}/respond/correct"),
        Route::post("/alerts/{id}/respond/correct", answer, correct)
            .sample("/alerts/{closed_alert}/respond/correct")
            .form("reason=It+does+apply"),
        Route::get("/alerts/{id}/respond/{question}", answer, questions::show)
            .sample("/alerts/{asked_alert}/respond/applies"),
        Route::post("/alerts/{id}/respond/{question}", answer, questions::keep)
            .sample("/alerts/{asked_alert}/respond/applies")
            .form("answer=yes"),
        Route::get("/decisions", decide, decisions::list),
        Route::get("/decisions/{id}", decide, decisions::show).sample("/decisions/{awaiting_alert}"),
        Route::post("/decisions/{id}", decide, decisions::decide)
            .sample("/decisions/{awaiting_alert}")
            .form("decision=accept&seen=1"),
    ];
    routes.extend(api::routes());
    routes
}

/// What was just done, as the address of the next page carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
    moved: u64,
    left: u64,
}

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
async fn tasks(
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
async fn acknowledge(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AlertId>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    let moved = actions::acknowledge(&mut tx, &actor, id, &Chosen::Kept).await?;
    tx.commit().await?;
    Ok(back(id, "acknowledged", moved))
}

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
async fn check(
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

/// `POST /alerts/{id}/respond/check`: says what the draft holds.
async fn send(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let draft = draft::find(&mut tx, &actor, id).await?;
    match actions::answer(&mut tx, &actor, id, &Chosen::Kept, &draft.said).await {
        Ok(moved) => {
            draft::forget(&mut tx, &actor, id).await?;
            tx.commit().await?;
            Ok(back(id, draft.said.event().code(), moved).into_response())
        }
        Err(
            error @ (ResponseError::ReasonMissing
            | ResponseError::Refused(_)
            | ResponseError::UpdateTooLate(_)
            | ResponseError::UpdateInThePast),
        ) => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push("", error.to_string());
            show_check(&app, shell, &actor, id, StatusCode::UNPROCESSABLE_ENTITY, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "response/correct.html")]
struct Correct {
    shell: Shell,
    alert: AlertHead,
    reason: String,
    problems: Problems,
}

/// What is typed where something is corrected.
#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

/// `GET /alerts/{id}/respond/correct`
async fn ask_correction(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<AlertId>,
) -> Result<Response, Error> {
    let alert = questions::open(&mut app.read().await?, &actor, shell.now, id).await?;
    let (reason, problems) = (String::new(), Problems::none());
    Ok(render(StatusCode::OK, &Correct { shell, alert, reason, problems }))
}

/// `POST /alerts/{id}/respond/correct`
async fn correct(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path(id): Path<AlertId>,
    Form(typed): Form<Reason>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let mut tx = app.write().await?;
    let Some(reason) = problems.text("reason", &typed.reason, LONGEST, "what was wrong") else {
        let alert = questions::open(&mut tx, &actor, shell.now, id).await?;
        let page = Correct { shell, alert, reason: typed.reason, problems };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let moved = actions::correct(&mut tx, &actor, id, &Chosen::Kept, &reason).await?;
    tx.commit().await?;
    Ok(back(id, "correct", moved).into_response())
}

#[derive(Template)]
#[template(path = "response/said.html")]
struct History {
    shell: Shell,
    alert: AlertHead,
    organisation: lists::Shown,
    told: Vec<lists::Told>,
}

/// `GET /alerts/{id}/respond/said/{code}`: everything one organisation said.
async fn said(
    State(app): State<App>,
    shell: Shell,
    actor: Actor,
    Path((id, code)): Path<(AlertId, String)>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let alert = store::head(&mut snapshot, id).await?.ok_or(ResponseError::NotFound)?;
    let wanted = lists::Wanted { one: Some(&code), ..lists::Wanted::default() };
    let found = lists::organisations(&mut snapshot, &actor, shell.now, Role::READING, id, &wanted).await?;
    let organisation = found.into_iter().next().ok_or(ResponseError::NotFound)?;
    let told = lists::history(&mut snapshot, organisation.organisation_id, id).await?;
    drop(snapshot);
    Ok(render(StatusCode::OK, &History { shell, alert, organisation, told }))
}

fn back(id: AlertId, done: &str, Moved { moved, left }: Moved) -> Redirect {
    Redirect::to(&format!("/alerts/{id}/respond?done={done}&moved={moved}&left={left}"))
}

impl Done {
    fn notice(&self) -> Option<Notice> {
        let done = match self.done.as_str() {
            "" => return None,
            "acknowledged" => "Acknowledged",
            code => code.parse::<Event>().map_or("Saved", Event::label),
        };
        let organisations = |count: u64| match count {
            1 => "1 organisation".to_owned(),
            count => format!("{} organisations", show::count(count.try_into().unwrap_or(i64::MAX))),
        };
        let text = match (self.moved, self.left) {
            (0, left) => format!("Nothing was changed: {} had this already.", organisations(left)),
            (moved, 0) => format!("{done} for {}.", organisations(moved)),
            (moved, left) => {
                format!("{done} for {}. {} stayed as before.", organisations(moved), organisations(left))
            }
        };
        Some(Notice { kind: NoticeKind::Success, text })
    }
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
        self.draft.said != super::Said::default()
    }

    /// For whom the answer is meant, in words.
    fn for_whom(&self) -> String {
        for_whom(&self.draft.chosen, self.chosen, self.total)
    }
}

/// For whom an answer is meant, in words.
fn for_whom(mode: &str, chosen: i64, total: i64) -> String {
    match mode {
        "all_but" if chosen < total => {
            format!("All but {}: {} organisations", show::count(total - chosen), show::count(chosen))
        }
        "only" => format!("Only {} of {}", show::count(chosen), show::count(total)),
        _ if total == 1 => "The one organisation that you answer for".to_owned(),
        _ => format!("All {} organisations that you answer for", show::count(total)),
    }
}

/// One line of the answers to be checked.
struct Line {
    key: &'static str,
    value: String,
    href: String,
}

impl Check {
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
                    Question::Applies => said.applies.map_or("", super::Applies::label).to_owned(),
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
                    Question::Close => said.outcome.map_or("Not yet", super::Outcome::label).to_owned(),
                };
                let value = if value.is_empty() { "Not said".to_owned() } else { value };
                Line {
                    key: question.label(),
                    value,
                    href: format!("/alerts/{}/respond/{}", self.alert.id, question.slug()),
                }
            })
            .collect()
    }
}

impl History {
    /// What was said at one moment, as lines of a list.
    fn lines(&self, told: &lists::Told) -> Vec<(&'static str, String)> {
        let said: super::Said = serde_json::from_str(&told.said).unwrap_or_default();
        let words = |words: Option<String>| words.filter(|words| !words.is_empty());
        [
            ("Applies", said.applies.map(|applies| applies.label().to_owned())),
            ("Reason", words(said.reason)),
            ("Done so far", words(said.done)),
            ("Systems affected", said.systems.map(|systems| show::count(systems.into()))),
            ("Planned end", said.planned_on.map(|day| show::date(day, self.shell.language))),
            ("In the way", words(said.blockers)),
            ("Interim mitigation", words(said.mitigation)),
            ("Next update", said.next_update_at.map(|at| self.shell.instant(at))),
            ("Why so late", words(said.next_update_reason)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}
