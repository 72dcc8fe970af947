//! Runs for machines: which playbooks are followed in a case, what is open in one, and what becomes of that.
//!
//! People choose a playbook, take a step on and stop a run. A machine says that a step was done, as the system that did it
//! knows, or what answers a question; what it says counts as what people say.

use axum::extract::Path;
use data_encoding::HEXLOWER;
use formats::cacao::Playbook;
use http::StatusCode;
use platform::web::{Error, Json, Route};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    Act, Kind, LONGEST, RunId, TaskId, TaskState, Words, actions, scope_in_words, shown, status as exported,
    store::{self, Run, Task},
};
use crate::{
    case::{
        Sight,
        api::{Answer, Caller, OfCase, Opened, both, described, done, optional, whole},
    },
    playbook::reading,
};

/// The longest name of an act: that of an answer stands in the playbook.
const LONGEST_ACT: usize = 300;

/// The rows of the API.
pub(super) fn routes() -> Vec<Route> {
    let acted = r#"{"act": "done", "version": 1, "evidence": "Both cables are out"}"#;
    let all = [
        both!(get "runs", ReadCases, list),
        both!(get "runs/{run}", ReadCases, show),
        both!(get "runs/{run}/status", ReadCases, status),
        both!(post "runs/{run}/tasks/{task}", WriteCases, act, "runs/{run}/tasks/{run_task}")
            .map(|route| route.json(acted)),
    ];
    all.into_iter().flatten().collect()
}

/// This noun's part of `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, show, status, act))]
    struct Runs;
    described(Runs::openapi())
}

/// A run of a playbook.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseRunBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Who reads it.
    zone: &'static str,
    /// The playbook: the word of one of CareCERT's own, or the id of another.
    playbook: String,
    /// What the playbook is called.
    name: String,
    /// The SHA-256 of the version that is followed, in hexadecimal.
    hash: String,
    /// Whether it is followed: running, ended or stopped.
    standing: &'static str,
    /// By which side it was started.
    side: Option<&'static str>,
    /// The organisation whose people started it.
    through: Option<String>,
    /// When: RFC 3339, UTC.
    started_at: String,
    /// When it ended, or was stopped.
    ended_at: Option<String>,
    /// Why it was stopped; empty where it was not.
    reason: String,
    /// How many steps are open.
    open: i64,
}

/// The runs of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseRunsBody {
    /// The newest first; 150 at most.
    runs: Vec<CaseRunBody>,
}

/// Something that is to be done, answered or found out.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseRunTaskBody {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// What is asked: task, question or fact.
    kind: &'static str,
    /// The step of the playbook.
    step: String,
    /// What is to be done, or what is asked.
    what: String,
    /// Why.
    why: String,
    /// How, one thing after the other; the whole of a question, where it says more than its name.
    how: Vec<String>,
    /// What to beware of.
    cautions: Vec<String>,
    /// Who does it, as the playbook says.
    owner: String,
    /// In which branch and round it lies.
    place: String,
    /// What can be said of it now, each a word for `act`; none while it waits for what somebody finds out.
    acts: Vec<String>,
    /// Whether somebody has taken it.
    taken: bool,
    /// RFC 3339, UTC.
    opened_at: String,
    /// Before when nobody should begin: whoever does says why.
    begins_at: Option<String>,
    /// By when it should be done.
    due_at: Option<String>,
    /// Grows with every change; whoever says what becomes of it names the one that they read.
    version: i64,
}

/// A run with what is open in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeCaseRun {
    /// The run.
    #[serde(flatten)]
    run: CaseRunBody,
    /// What is open, the first first; 400 at most.
    tasks: Vec<CaseRunTaskBody>,
}

/// What becomes of a step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseRunAct {
    /// One of its `acts`: done, cannot or skip; to a question yes, no, neither, `not_yet`, or `case:` and the answer.
    #[schema(min_length = 1, max_length = 300, example = "done")]
    act: String,
    /// The version that was read.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1)]
    version: i64,
    /// What was done, or how it is known, up to 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000, example = "Both cables are out")]
    evidence: String,
    /// How it is undone, up to 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    undo: String,
    /// Why not, up to 2,000 characters: needed where it cannot be done, or is left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

impl From<Run> for CaseRunBody {
    fn from(run: Run) -> Self {
        Self {
            id: run.id.0,
            zone: run.zone.code(),
            playbook: run.playbook,
            name: run.name,
            hash: HEXLOWER.encode(&run.hash),
            standing: run.standing.code(),
            side: Sight::side(true, run.starter_through.as_deref()),
            through: run.starter_through,
            started_at: run.started_at.to_string(),
            ended_at: run.ended_at.map(|at| at.to_string()),
            reason: run.reason,
            open: run.open,
        }
    }
}

/// What is asked, with what the playbook says of it.
fn body(playbook: &Playbook, task: Task) -> Option<CaseRunTaskBody> {
    let step = playbook.steps.get(&task.step)?;
    let line = reading::line(playbook, step);
    let acts: Vec<String> = match (task.state, task.kind) {
        (TaskState::Waiting, _) => Vec::new(),
        (_, Kind::Question) => {
            let answers = shown::answers(&step.kind).into_iter().map(|(word, _)| word);
            answers.chain(["not_yet".to_owned()]).collect()
        }
        (_, Kind::Task | Kind::Fact) => ["done", "cannot", "skip"].map(str::to_owned).into(),
    };
    let asked = shown::variables_asked(playbook, step).filter(|asked| *asked != line.what);
    // What a question warns of belongs to its answer; here is only to be found out what it asks.
    let how = if task.kind == Kind::Fact { Vec::new() } else { line.how };
    Some(CaseRunTaskBody {
        id: task.id.0,
        kind: task.kind.code(),
        what: line.what,
        why: line.why,
        how: asked.into_iter().chain(how).collect(),
        cautions: line.cautions,
        owner: line.owner,
        place: scope_in_words(&task.scope),
        acts,
        taken: task.owner_id.is_some(),
        opened_at: task.opened_at.to_string(),
        begins_at: task.begins_at.map(|at| at.to_string()),
        due_at: task.due_at.map(|at| at.to_string()),
        version: task.version,
        step: task.step,
    })
}

/// Reads which playbooks are followed in a case.
///
/// It is whole: there is no page after it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/runs", tag = "cases", operation_id = "read_case_runs",
    params(OfCase),
    responses((status = 200, description = "What the key's zones hold", body = CaseRunsBody),
              (status = 404, description = "There is no such incident"))
)]
async fn list(mut case: Opened) -> Answer<CaseRunsBody> {
    let runs = store::runs(&mut case.snapshot, case.sight.incident.id, case.sight.reads).await?;
    Ok(axum::Json(CaseRunsBody { runs: runs.into_iter().map(Into::into).collect() }))
}

/// Reads a run, with what is open in it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/runs/{run}", tag = "cases", operation_id = "read_case_run",
    params(OfCase, ("run" = String, Path, format = "uuid", description = "The run")),
    responses((status = 200, description = "The run", body = WholeCaseRun),
              (status = 404, description = "There is no such run in the zones of the key"))
)]
async fn show(mut case: Opened, Path((_, id)): Path<(String, RunId)>) -> Answer<WholeCaseRun> {
    let (snapshot, sight) = (&mut case.snapshot, &case.sight);
    let run = store::run(snapshot, sight.incident.id, sight.reads, id).await?.ok_or(Error::NotFound)?;
    let playbook = actions::playbook_of(snapshot, &run).await?;
    let open = store::open(snapshot, id).await?;
    let tasks = open.into_iter().filter_map(|task| body(&playbook, task)).collect();
    Ok(axum::Json(WholeCaseRun { run: run.into(), tasks }))
}

/// Reads a run in the form of CACAO's workflow status: each thing that was asked, and what became of it.
#[utoipa::path(
    get, path = "/api/v1/incidents/{number}/runs/{run}/status", tag = "cases", operation_id = "read_case_run_status",
    params(OfCase, ("run" = String, Path, format = "uuid", description = "The run")),
    responses((status = 200, description = "One object for each thing that was asked", body = Vec<Object>),
              (status = 404, description = "There is no such run in the zones of the key"))
)]
async fn status(case: Caller, Path((_, id)): Path<(String, RunId)>) -> Answer<Value> {
    let mut snapshot = case.app.db.read_long().await?;
    let sight = case.opens(&mut snapshot).await?;
    let run = store::run(&mut snapshot, sight.incident.id, sight.reads, id).await?.ok_or(Error::NotFound)?;
    let playbook = actions::playbook_of(&mut snapshot, &run).await?;
    let tasks = store::all(&mut snapshot, id).await?;
    Ok(axum::Json(exported::of(&playbook, &tasks)))
}

/// Says what becomes of a step.
#[utoipa::path(
    post, path = "/api/v1/incidents/{number}/runs/{run}/tasks/{task}", tag = "cases", operation_id = "act_in_case_run",
    params(OfCase, ("run" = String, Path, format = "uuid", description = "The run"),
           ("task" = String, Path, format = "uuid", description = "What is open in it")),
    request_body = CaseRunAct,
    responses((status = 204, description = "It was taken, and the run went on"),
              (status = 404, description = "There is no such step in the zones of the key"),
              (status = 409, description = "It is not as you read it, or the incident is a part of another one"))
)]
async fn act(
    case: Caller,
    Path((_, run, task)): Path<(String, RunId, TaskId)>,
    Json(sent): Json<CaseRunAct>,
) -> Result<StatusCode, Error> {
    let known = Some(&sent.act).filter(|word| word.chars().count() <= LONGEST_ACT);
    let act = known.and_then(|word| Act::called(word)).filter(|act| *act != Act::Take);
    let act = act.ok_or_else(|| Error::Unprocessable("act: Write one of its acts.".to_owned()))?;
    let evidence = optional("evidence", &sent.evidence, LONGEST)?;
    let undo = optional("undo", &sent.undo, LONGEST)?;
    let reason = optional("reason", &sent.reason, LONGEST)?;
    let words = Words { evidence: &evidence, undo: &undo, reason: &reason };
    let (mut tx, sight) = case.begin().await?;
    let (which, seen) = ((sight.incident.id, run, task), (sent.version, tx.id()));
    actions::act(&mut tx, &case.actor, which, seen, &act, &words).await?;
    done(tx).await
}
