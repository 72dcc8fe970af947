//! `/log/verify`: an auditor has the log verified from a page. It is a job, since it reads every entry there ever was.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use db::{DbError, Snapshot, params, sql};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Entry, Finding, Hash, Report, pages::READERS, verify, write};
use crate::{
    Actor, App, Tx,
    access::{Role, Rule},
    job::{self, Failure, Job, Lane, When},
    waiting::{Part, Urgency, Waiting},
    web::{
        Error, Form, Route, Visit,
        form::Problems,
        shell::{Shell, render},
        show,
    },
};

/// What waits for an auditor: that the log was not verified for long.
pub const WAITING: Part = Part { read: |snapshot, actor, now| Box::pin(waiting(snapshot, actor, now)) };

/// So long an auditor may wait before the next time.
const OFTEN: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The routes of this page.
pub(crate) fn routes() -> Vec<Route> {
    let rule = Rule::Roles(READERS);
    vec![Route::get("/log/verify", rule, page), Route::post("/log/verify", rule, ask).form("head=")]
}

/// Verifies the log for somebody who asked for it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verify {
    verification: Uuid,
}

impl Job for Verify {
    const NAME: &'static str = "log.verify";
    const LANE: Lane = Lane::Bulk;

    async fn run(self, app: App) -> Result<(), Failure> {
        let mut snapshot = app.db.read_long().await?;
        let statement = sql!("SELECT kept_head FROM log_verification WHERE id = ?1");
        let asked: Option<(Option<Vec<u8>>,)> = snapshot.maybe(statement, params![self.verification]).await?;
        let Some((kept,)) = asked else { return Ok(()) };
        let kept = kept.and_then(|kept| Hash::try_from(kept).ok());
        let report = verify(&mut snapshot, app.env.now(), kept).await?;
        drop(snapshot);
        let mut tx = app.write().await?;
        keep(&mut tx, self.verification, &report).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Has the log verified, against a head that was kept elsewhere where there is one.
pub async fn ask_to_verify(tx: &mut Tx, actor: &Actor, kept: Option<Hash>) -> Result<(), DbError> {
    let statement =
        sql!("INSERT INTO log_verification (id, asked_by, asked_at, kept_head) VALUES (?1, ?2, ?3, ?4)");
    let (id, now) = (tx.id::<Uuid>(), tx.now);
    let (by, kept) = (actor.holder().unwrap_or_default(), kept.map(|kept| kept.to_vec()));
    tx.run(statement, params![id, by, now, kept]).await?;
    let old = sql!(
        "DELETE FROM log_verification WHERE id IN (
             SELECT id FROM log_verification ORDER BY asked_at DESC, id DESC LIMIT 1000 OFFSET 50)"
    );
    tx.run(old, params![]).await?;
    job::enqueue(tx, &Verify { verification: id }, When { not_before: None, key: None }).await?;
    write(tx, actor, Entry::new("log.verification_asked").about_a("log_verification", id)).await
}

async fn keep(tx: &mut Tx, id: Uuid, report: &Report) -> Result<(), DbError> {
    let Report { size, head, unsealed, kept, finding } = report;
    let statement = sql!(
        "UPDATE log_verification
         SET done_at = ?2, size = ?3, head = ?4, unsealed = ?5, kept_size = ?6, kept_at = ?7, finding = ?8
         WHERE id = ?1"
    );
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let words = finding.as_ref().map(Finding::to_string);
    let (now, head) = (tx.now, head.to_vec());
    let (kept_size, kept_at) = (kept.map(|(size, _)| number(size)), kept.map(|(_, at)| at));
    let values =
        params![id, now, number(*size), head.clone(), number(*unsealed), kept_size, kept_at, words.clone()];
    tx.run(statement, values).await?;
    let entry = Entry::new("log.verified").about_a("log_verification", id).with(json!({
        "entries": size,
        "head": HEXLOWER.encode(&head),
        "finding": words,
    }));
    write(tx, &Actor::Job(Verify::NAME), entry).await
}

db::record! {
    /// A verification, and what it found once it is done.
    struct Verification {
        id: Uuid,
        by: Option<String>,
        asked_at: Timestamp,
        kept_head: Option<Vec<u8>>,
        done_at: Option<Timestamp>,
        size: Option<i64>,
        head: Option<Vec<u8>>,
        unsealed: Option<i64>,
        kept_size: Option<i64>,
        kept_at: Option<Timestamp>,
        finding: Option<String>,
    }
}

impl Verification {
    fn size(&self) -> String {
        show::count(self.size.unwrap_or_default())
    }

    fn head(&self) -> String {
        self.head.as_ref().map(|head| HEXLOWER.encode(head)).unwrap_or_default()
    }

    /// What became of the head that was kept elsewhere.
    fn kept(&self, shell: &Shell) -> Option<String> {
        let (size, at) = (self.kept_size?, self.kept_at?);
        Some(format!(
            "The head that was given was that of the first {} entries, sealed on {}: they stand as they were.",
            show::count(size),
            shell.instant(at)
        ))
    }
}

/// The newest, 50 at most. Index: `log_verification_asked`.
async fn newest(snapshot: &mut Snapshot) -> Result<Vec<Verification>, DbError> {
    let statement = sql!(
        "SELECT v.id, p.name AS by, v.asked_at, v.kept_head, v.done_at, v.size, v.head, v.unsealed, v.kept_size,
                v.kept_at, v.finding
         FROM log_verification v LEFT JOIN person p ON p.id = v.asked_by
         ORDER BY v.asked_at DESC, v.id DESC LIMIT 50"
    );
    snapshot.all(statement, params![]).await
}

async fn waiting(snapshot: &mut Snapshot, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    if !actor.is_any(&[Role::Auditor]) {
        return Ok(Vec::new());
    }
    let statement = sql!("SELECT asked_at FROM log_verification ORDER BY asked_at DESC, id DESC LIMIT 1");
    let last: Option<(Timestamp,)> = snapshot.maybe(statement, params![]).await?;
    let words = match last {
        Some((at,)) if now.duration_since(at) < OFTEN => return Ok(Vec::new()),
        Some(_) => "Verify the log: it was not verified for a week",
        None => "Verify the log: it was never verified from here",
    };
    Ok(vec![Waiting::new(Urgency::Open, words.to_owned(), "/log/verify")])
}

#[derive(Template)]
#[template(path = "log/verify.html")]
struct Page {
    shell: Shell,
    problems: Problems,
    head: String,
    verifications: Vec<Verification>,
}

impl Page {
    /// What a page waits for that shows one which is not done.
    fn awaits(&self) -> Option<Uuid> {
        self.verifications.iter().find(|each| each.done_at.is_none()).map(|each| each.id)
    }
}

/// `GET /log/verify`
async fn page(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    let verifications = newest(&mut app.read().await?).await?;
    let page = Page { shell, problems: Problems::none(), head: String::new(), verifications };
    Ok(render(StatusCode::OK, &page))
}

/// A head, as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    head: String,
}

/// `POST /log/verify`
async fn ask(visit: Visit, Form(Typed { head }): Form<Typed>) -> Result<Response, Error> {
    let typed = head.trim();
    let read = HEXLOWER_PERMISSIVE.decode(typed.as_bytes()).ok().and_then(|bytes| Hash::try_from(bytes).ok());
    if read.is_none() && !typed.is_empty() {
        let verifications = newest(&mut visit.app.read().await?).await?;
        let mut problems = Problems::none();
        problems.push("head", "A head has 64 digits and letters from a to f, as in the daily mail");
        let page = Page { shell: visit.shell, problems, head, verifications };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let mut tx = visit.app.write().await?;
    ask_to_verify(&mut tx, &visit.actor, read).await?;
    tx.commit().await?;
    Ok(Redirect::to("/log/verify").into_response())
}
