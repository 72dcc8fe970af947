//! Questions for machines: what a key's organisations asked about an alert and what they were answered, the
//! published answers, and for the CERT's own systems what waits. Asking and answering is done by people.
//!
//! What is said under AMBER+STRICT or RED is for people alone: a machine is told that it is there.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use db::Snapshot;
use formats::Tlp;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Rule,
    key::Scope,
    web::{
        Error, Route,
        cursor::{self, Page},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    QuestionId, State as Standing,
    store::{self, Cursor, Message, Question},
};
use crate::{
    advisory::{self, AdvisoryNumber},
    alert::{self, Alert},
    faq::{self, FaqId},
};

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let (own, cert) = (Rule::Scope(Scope::ReadAlerts.code()), Rule::CertScope(Scope::ReadSector.code()));
    vec![
        Route::get("/api/v1/alerts/{number}/questions", own, list)
            .sample("/api/v1/alerts/{asked_number}/questions"),
        Route::get("/api/v1/alerts/{number}/questions/{id}", own, one)
            .sample("/api/v1/alerts/{asked_number}/questions/{question}"),
        Route::get("/api/v1/alerts/{number}/faq", own, answers).sample("/api/v1/alerts/{asked_number}/faq"),
        Route::get("/api/v1/cert/questions", cert, queue).sample("/api/v1/cert/questions?status=open"),
        Route::get("/api/v1/cert/questions/{id}", cert, cert_one).sample("/api/v1/cert/questions/{question}"),
    ]
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, one, answers, queue, cert_one))]
    struct Questions;
    Questions::openapi()
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
struct QuestionBody {
    /// Its id.
    #[schema(example = "0197290b-7000-7000-8000-000000000001")]
    id: String,
    /// The number to quote.
    #[schema(example = "Q-7K3Q-X2MB")]
    receipt: String,
    /// ODS code of the organisation that asks.
    #[schema(example = "RWA")]
    organisation: String,
    /// The number of the alert.
    #[schema(example = "CC-0001")]
    alert: String,
    /// The marking of what is said: `amber`, `amber+strict` or `red`
    #[schema(example = "amber")]
    tlp: &'static str,
    /// `open`, `answered`, or `closed` without an answer
    #[schema(example = "open")]
    status: &'static str,
    /// When it was asked. RFC 3339, UTC.
    asked_at: String,
    /// Since when it waits, or waited last.
    waiting_since: String,
    /// When it was last answered or closed.
    settled_at: Option<String>,
    /// What was asked first; absent above TLP:AMBER.
    text: Option<String>,
    /// Why it was closed without an answer; absent where it was not, and above TLP:AMBER.
    reason: Option<String>,
    /// All that was said, oldest first, with one question alone; absent above TLP:AMBER.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<MessageBody>>,
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
struct MessageBody {
    /// `organisation` or `cert`
    #[schema(example = "cert")]
    side: &'static str,
    /// What; empty where it was forgotten.
    text: String,
    /// When.
    said_at: String,
}

/// A page of questions.
#[derive(Debug, Serialize, ToSchema)]
struct QuestionsBody {
    /// Up to 50.
    questions: Vec<QuestionBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A published answer.
#[derive(Debug, Serialize, ToSchema)]
struct AnswerBody {
    /// The question.
    question: String,
    /// The answer.
    answer: String,
    /// Its own marking: `clear`, `green` or `amber`
    #[schema(example = "green")]
    tlp: &'static str,
    /// When it was last worded.
    written_at: String,
}

/// A page of published answers.
#[derive(Debug, Serialize, ToSchema)]
struct AnswersBody {
    /// Up to 15, the newest first.
    answers: Vec<AnswerBody>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where the list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The `next` of the page before
    after: Option<String>,
}

/// Which questions, and where the list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Where it stands; any where this is absent
    #[param(inline)]
    status: Option<Standing>,
    /// The number of the alert
    alert: Option<String>,
    /// The `next` of the page before
    after: Option<String>,
}

/// Lists what the key's organisations asked about an alert, the newest first.
#[utoipa::path(
    get, path = "/api/v1/alerts/{number}/questions", tag = "alerts", operation_id = "list_questions",
    params(("number" = String, Path, description = "Such as CC-0001"), After),
    responses((status = 200, description = "A page of questions", body = QuestionsBody),
              (status = 404, description = "No such alert for this key"))
)]
async fn list(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(wanted): Query<After>,
) -> Result<Json<QuestionsBody>, Error> {
    let after = cursor::given(wanted.after.as_deref())?.unwrap_or(QuestionId(Uuid::max()));
    let now = app.env.now();
    // A supplier's key may stand for thousands of organisations.
    let mut snapshot = app.db.read_long().await?;
    let alert = numbered(&mut snapshot, &actor, &number, now).await?;
    let rows = store::all_own(&mut snapshot, &actor, now, alert.advisory_id, after).await?;
    Ok(Json(QuestionsBody::of(Page::of(rows, |row| row.id))))
}

/// Shows one of them with all that was said.
#[utoipa::path(
    get, path = "/api/v1/alerts/{number}/questions/{id}", tag = "alerts", operation_id = "show_question",
    params(("number" = String, Path, description = "Such as CC-0001"),
           ("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The question", body = QuestionBody),
              (status = 404, description = "No such question for this key"))
)]
async fn one(
    State(app): State<App>,
    actor: Actor,
    Path((number, id)): Path<(String, String)>,
) -> Result<Json<QuestionBody>, Error> {
    let id: QuestionId = id.parse().map_err(|()| Error::NotFound)?;
    let now = app.env.now();
    let mut snapshot = app.read().await?;
    let alert = numbered(&mut snapshot, &actor, &number, now).await?;
    let reading = platform::access::Role::READING;
    let question = store::own(&mut snapshot, &actor, now, reading, alert.advisory_id, id).await?;
    let question = question.ok_or(Error::NotFound)?;
    let said = store::messages(&mut snapshot, id).await?;
    Ok(Json(QuestionBody::whole(question, said)))
}

/// Lists what is answered for all who have the alert, the newest first.
#[utoipa::path(
    get, path = "/api/v1/alerts/{number}/faq", tag = "alerts", operation_id = "list_answers",
    params(("number" = String, Path, description = "Such as CC-0001"), After),
    responses((status = 200, description = "A page of answers", body = AnswersBody),
              (status = 404, description = "No such alert for this key"))
)]
async fn answers(
    State(app): State<App>,
    actor: Actor,
    Path(number): Path<String>,
    Query(wanted): Query<After>,
) -> Result<Json<AnswersBody>, Error> {
    let after = cursor::given(wanted.after.as_deref())?.unwrap_or(FaqId(Uuid::max()));
    let now = app.env.now();
    let mut snapshot = app.read().await?;
    let alert = numbered(&mut snapshot, &actor, &number, now).await?;
    let shown = faq::store::shown(&mut snapshot, &actor, &alert, after, now).await?;
    let told = shown.entries.into_iter().filter(|entry| for_machines(entry.tlp.0));
    let answers = told.map(|entry| AnswerBody {
        question: entry.question,
        answer: entry.answer,
        tlp: entry.tlp.0.code(),
        written_at: entry.written_at.to_string(),
    });
    Ok(Json(AnswersBody { answers: answers.collect(), next: shown.next }))
}

/// Lists what all organisations asked, those that wait longest first.
#[utoipa::path(
    get, path = "/api/v1/cert/questions", tag = "cert: questions", operation_id = "cert_list_questions",
    params(Wanted),
    responses((status = 200, description = "A page of questions", body = QuestionsBody),
              (status = 404, description = "There is no such alert"))
)]
async fn queue(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<QuestionsBody>, Error> {
    let after: Option<Cursor> = cursor::given(wanted.after.as_deref())?;
    let mut snapshot = app.read().await?;
    let about = match wanted.alert {
        Some(number) => {
            let number = number.parse().map_err(|_| Error::NotFound)?;
            Some(advisory::store::id_of(&mut snapshot, number).await?.ok_or(Error::NotFound)?)
        }
        None => None,
    };
    let rows = store::queue(&mut snapshot, wanted.status, about, after).await?;
    Ok(Json(QuestionsBody::of(Page::of(rows, |row| (row.waiting_since.as_microsecond(), row.id)))))
}

/// Shows one of them with all that was said.
#[utoipa::path(
    get, path = "/api/v1/cert/questions/{id}", tag = "cert: questions", operation_id = "cert_show_question",
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The question", body = QuestionBody),
              (status = 404, description = "There is no such question"))
)]
async fn cert_one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<QuestionBody>, Error> {
    let id: QuestionId = id.parse().map_err(|()| Error::NotFound)?;
    let mut snapshot = app.read().await?;
    let question = store::question(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let said = store::messages(&mut snapshot, id).await?;
    Ok(Json(QuestionBody::whole(question, said)))
}

/// The newest alert of this number that the key sees.
async fn numbered(
    snapshot: &mut Snapshot,
    actor: &Actor,
    number: &str,
    now: Timestamp,
) -> Result<Alert, Error> {
    let number: AdvisoryNumber = number.parse().map_err(|_| Error::NotFound)?;
    alert::store::newest_visible(snapshot, actor, number, now).await?.ok_or(Error::NotFound)
}

/// Whether a machine is told what is said under this marking.
fn for_machines(tlp: Tlp) -> bool {
    tlp <= Tlp::Amber
}

impl QuestionsBody {
    fn of(page: Page<Question>) -> Self {
        Self { questions: page.rows.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<Question> for QuestionBody {
    fn from(question: Question) -> Self {
        let marking = question.marking();
        let told = for_machines(marking);
        Self {
            id: question.id.to_string(),
            receipt: question.receipt.to_string(),
            organisation: question.code,
            alert: question.number.to_string(),
            tlp: marking.code(),
            status: question.state.code(),
            asked_at: question.asked_at.to_string(),
            waiting_since: question.waiting_since.to_string(),
            settled_at: question.settled_at.map(|at| at.to_string()),
            text: question.first.filter(|_| told),
            reason: Some(question.reason).filter(|reason| told && !reason.is_empty()),
            messages: None,
        }
    }
}

impl QuestionBody {
    fn whole(question: Question, said: Vec<Message>) -> Self {
        let told = for_machines(question.marking());
        let message = |message: Message| MessageBody {
            side: message.side.code(),
            text: message.text,
            said_at: message.said_at.to_string(),
        };
        let messages = told.then(|| said.into_iter().map(message).collect());
        Self { messages, ..question.into() }
    }
}
