//! What people are written about a case: its incident's number and a link, whatever it is.
//!
//! Mail may wait for a day. Before it leaves it is looked whether there is still something to tell, and whether who is to
//! be told still reads it.

use db::{DbError, Snapshot, params, sql};
use jiff::Timestamp;
use platform::{
    App, Tx,
    access::PersonId,
    job::Lane,
    message::{self, Draft, Kind, Letter, NoLetter, Rendering, ToRender},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Zone, message as messages, situation, still_reads,
    task::{self, TaskId},
};
use crate::{
    bare,
    follow_up::{self, FollowUpId},
    incident::{
        IncidentId, State,
        store::{self, Incident},
    },
};

/// A task is due.
pub(crate) const TASK_DUE: Kind = Kind { name: "case_task_due", render };
/// An action that follows from a lesson is due.
pub(crate) const ACTION_DUE: Kind = Kind { name: "case_action_due", render };
/// A situation report is due.
pub(crate) const SITUATION_DUE: Kind = Kind { name: "case_situation_due", render };
/// There is a message that was not read.
pub(crate) const MESSAGE: Kind = Kind { name: "case_message", render };

/// What somebody is told of.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Of {
    /// That they have a task, which was to be done by now.
    Task(TaskId),
    /// That they have an action that follows from a lesson, which was to be done by now.
    Action(FollowUpId),
    /// That a situation report should have been issued by then.
    Situation(Timestamp),
    /// That there are messages.
    Messages,
}

impl Of {
    const fn kind(self) -> &'static str {
        match self {
            Self::Task(_) => TASK_DUE.name,
            Self::Action(_) => ACTION_DUE.name,
            Self::Situation(_) => SITUATION_DUE.name,
            Self::Messages => MESSAGE.name,
        }
    }

    /// Where it stands, below the page of the incident.
    fn path(self) -> String {
        match self {
            Self::Task(task) => format!("/tasks/{task}"),
            Self::Action(action) => format!("/actions/{action}"),
            Self::Situation(_) => "/situation".to_owned(),
            Self::Messages => "/messages".to_owned(),
        }
    }

    /// Whether there is still something to tell.
    async fn stands(
        self,
        snapshot: &mut Snapshot,
        incident: &Incident,
        person: PersonId,
    ) -> Result<bool, DbError> {
        Ok(match self {
            Self::Task(id) => {
                let task = task::store::any(snapshot, id).await?;
                let theirs = task.filter(|task| task.state.is_to_do() && task.person_id == Some(person));
                theirs.is_some() && incident.state.is_under_way()
            }
            // Actions outlive their incident.
            Self::Action(id) => follow_up::store::any(snapshot, id)
                .await?
                .is_some_and(|found| found.state == follow_up::State::Open),
            Self::Situation(due) => {
                let last = situation::store::last(snapshot, incident.id).await?;
                incident.state == State::Open && last.is_none_or(|last| last.issued_at <= due)
            }
            Self::Messages => messages::store::is_told(snapshot, incident.id, person).await?,
        })
    }
}

/// What is kept with a message until it leaves.
#[derive(Debug, Deserialize)]
struct Kept {
    of: Of,
    zone: Zone,
    person: PersonId,
}

/// Writes to a person that there is something in a zone of a case; nothing where they have left. Index: the key of
/// `person`.
pub(crate) async fn tell(
    tx: &mut Tx,
    of: Of,
    (incident, zone): (IncidentId, Zone),
    person: PersonId,
    key: String,
) -> Result<(), DbError> {
    let statement =
        sql!("SELECT email FROM person WHERE id = ?1 AND email IS NOT NULL AND erased_at IS NULL");
    let Some((address,)): Option<(String,)> = tx.maybe(statement, params![person]).await? else {
        return Ok(());
    };
    let draft = Draft {
        kind: of.kind(),
        lane: Lane::Urgent,
        address,
        person: Some(person),
        contact: None,
        organisation: None,
        about: ("incident", Some(incident.0)),
        fields: json!({"of": of, "zone": zone.code(), "person": person}),
        not_before: None,
        key,
    };
    message::queue(tx, &draft).await
}

fn render(app: App, message: ToRender) -> Rendering {
    Box::pin(async move { letter(&app, message).await })
}

async fn letter(app: &App, message: ToRender) -> Result<Letter, NoLetter> {
    let said = |error: DbError| error.to_string();
    let id = IncidentId(message.about.ok_or("it names no incident")?);
    let mut snapshot = app.read().await.map_err(said)?;
    let incident = store::incident(&mut snapshot, id).await.map_err(said)?;
    let incident = incident.ok_or("there is no such incident")?;
    let kept: Kept = serde_json::from_value(message.fields).map_err(|error| error.to_string())?;
    let now = app.env.now();
    if !still_reads(&mut snapshot, kept.person, now, (id, kept.zone)).await.map_err(said)? {
        return Err(NoLetter::moot("They do not read this case any more."));
    }
    if !kept.of.stands(&mut snapshot, &incident, kept.person).await.map_err(said)? {
        return Err(NoLetter::moot("It was dealt with before this was sent."));
    }
    Ok(bare::letter(app, &incident.receipt, &format!("/incidents/{id}{}", kept.of.path())))
}
