//! A run that moves on: where people stand is kept, what follows opens, and events, timeline and log say so.

use formats::cacao::{
    Playbook, Step,
    run::{Effect, Event, Opens, State, path},
};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Actor, Tx,
    access::PersonId,
    log::{self, Entry},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    FACT_WITHIN, Happened, Kind, MOST_VISITS, Standing, TaskId,
    actions::{Result, state_of},
    clocks,
    store::{self, Moved, Opening, Run, Task},
};
use crate::case::{
    CaseError, Sight,
    timeline::{self, Entering},
};

/// The longest time that a playbook may name.
const LONGEST_TIME: SignedDuration = SignedDuration::from_hours(24 * 365);

/// What an event says beside what follows from it.
pub(super) struct Told<'a> {
    pub(super) kind: Happened,
    pub(super) step: &'a str,
    pub(super) visit: Option<i64>,
    pub(super) detail: &'a str,
    pub(super) form: Option<Uuid>,
}

/// A run that moves on.
pub(super) struct Moving<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) actor: &'a Actor,
    pub(super) sight: &'a Sight,
    pub(super) playbook: &'a Playbook,
    pub(super) run: &'a Run,
    pub(super) by: PersonId,
}

impl Moving<'_> {
    /// Keeps where people stand now, opens what follows, and says so in the events.
    pub(super) async fn go_on(
        &mut self,
        state: &State,
        effects: &[Effect],
        told: &Told<'_>,
        reason: &str,
    ) -> Result<()> {
        let standing = match state.standing() {
            formats::cacao::run::Standing::Ended => Standing::Ended,
            formats::cacao::run::Standing::Stopped => Standing::Stopped,
            _ => Standing::Running,
        };
        let json = serde_json::to_string(state).map_err(|error| db::DbError::Engine(error.to_string()))?;
        let events = i64::try_from(effects.len() + 1).unwrap_or(i64::MAX);
        let ended_at = (standing != Standing::Running).then_some(self.tx.now);
        let moved = Moved { state: &json, standing, ended_at, reason, events };
        let last = store::advance(self.tx, self.run, &moved).await?.ok_or(CaseError::Overtaken)?;
        let &Told { kind, step, visit, detail, form } = told;
        let first = store::Event { kind, step, visit, detail };
        let mut number = last - events + 1;
        match store::event(self.tx, (self.run.id, number), &first, Some((self.actor, self.sight)), form).await
        {
            Err(db::DbError::Constraint(_)) => return Err(CaseError::Twice),
            other => other?,
        }
        for effect in effects {
            number += 1;
            self.follows(effect, number).await?;
        }
        Ok(())
    }

    /// Keeps one thing that follows.
    async fn follows(&mut self, effect: &Effect, number: i64) -> Result<()> {
        let mut detail = String::new();
        let mut about = None;
        let (kind, step) = match effect {
            Effect::Opened { visit, step, scope, opens } => {
                about = Some(self.opens(*visit, step, &path(scope), *opens).await?);
                (Happened::Opened, step.as_str())
            }
            Effect::AskedAgain(visit) => {
                let visit = i64::try_from(*visit).unwrap_or(i64::MAX);
                store::ask_again(self.tx, self.run.id, visit).await?;
                about = Some(visit);
                (Happened::AskedAgain, "")
            }
            Effect::Computed { step, answer } => {
                answer.code().clone_into(&mut detail);
                (Happened::Computed, step.as_str())
            }
            Effect::Forked { step, of } => {
                detail = of.to_string();
                (Happened::Forked, step.as_str())
            }
            Effect::Joined(step) => (Happened::Joined, step.as_str()),
            Effect::Round { step, round } => {
                detail = round.to_string();
                (Happened::Round, step.as_str())
            }
            Effect::Exception => (Happened::Exception, ""),
            Effect::Ended => (Happened::Ended, ""),
        };
        let event = store::Event { kind, step, visit: about, detail: &detail };
        store::event(self.tx, (self.run.id, number), &event, None, None).await?;
        Ok(())
    }

    /// Opens a task, with its clock where it has one; its visit.
    async fn opens(&mut self, visit: u64, id: &str, scope: &str, opens: Opens) -> Result<i64> {
        if visit > MOST_VISITS {
            let sentence =
                format!("This run has {MOST_VISITS} tasks, which is the most. Start the playbook again.");
            return Err(CaseError::Refused(sentence));
        }
        let step = self.playbook.steps.get(id).ok_or(CaseError::NotFound)?;
        let (kind, rounds, question) = match opens {
            Opens::Task => (Kind::Task, 0, None),
            Opens::Question { rounds } => (Kind::Question, rounds, None),
            Opens::Fact { question } => (Kind::Fact, 0, Some(i64::try_from(question).unwrap_or(i64::MAX))),
        };
        let visit = i64::try_from(visit).unwrap_or(i64::MAX);
        let begins_at = begins(step, kind, self.tx.now);
        let due_at = due(step, kind, begins_at.unwrap_or(self.tx.now));
        let opening =
            Opening { visit, step: id, scope, kind, rounds: rounds.into(), question, begins_at, due_at };
        let task = store::open_task(self.tx, self.run.id, &opening).await?;
        if let Some(begins_at) = begins_at {
            clocks::wait(self.tx, &self.sight.incident, task, begins_at).await?;
        }
        if let Some(due_at) = due_at {
            clocks::start(self.tx, &self.sight.incident, task, due_at).await?;
        }
        Ok(visit)
    }

    /// Keeps that somebody did not wait as long as the playbook says.
    pub(super) async fn note_early(&mut self, task: &Task) -> Result<()> {
        let number = store::count_event(self.tx, self.run.id).await?;
        let event =
            store::Event { kind: Happened::Early, step: &task.step, visit: Some(task.visit), detail: "" };
        store::event(self.tx, (self.run.id, number), &event, Some((self.actor, self.sight)), None).await?;
        Ok(())
    }

    /// Stops it; what is open in it is asked no more.
    pub(super) async fn stop(mut self, form: Option<Uuid>, reason: &str) -> Result<()> {
        let (state, effects) = state_of(self.run)?.apply(self.playbook, Event::Stop)?;
        for task in store::open(self.tx, self.run.id).await? {
            clocks::stop(self.tx, &self.sight.incident, task.id).await?;
        }
        store::drop_open(self.tx, self.run.id, self.by).await?;
        let told = Told { kind: Happened::Stopped, step: "", visit: None, detail: "", form };
        self.go_on(&state, &effects, &told, reason).await?;
        let text = format!("Stopped following the playbook “{}”. {reason}", self.run.name);
        self.write_down(self.run.id.0, &text).await?;
        self.write_log("run.stopped", None).await
    }

    pub(super) async fn take(&mut self, task: &Task, form: Uuid) -> Result<()> {
        if !store::take(self.tx, task, self.by).await? {
            return Err(CaseError::Overtaken);
        }
        let told = Told {
            kind: Happened::Taken,
            step: &task.step,
            visit: Some(task.visit),
            detail: "",
            form: Some(form),
        };
        self.go_on(&state_of(self.run)?, &[], &told, "").await?;
        self.write_log("run.moved", Some((task.id, Happened::Taken))).await
    }

    pub(super) async fn write_down(&mut self, about: Uuid, text: &str) -> Result<()> {
        let entering = Entering::now(self.tx, self.run.zone, timeline::Kind::Playbook, about, text);
        timeline::enter(self.tx, self.actor, self.sight, &entering).await?;
        Ok(())
    }

    /// Says in the timeline that the run is over, where it is.
    pub(super) async fn close_with_the_last(&mut self, effects: &[Effect]) -> Result<()> {
        if effects.contains(&Effect::Ended) {
            let text = format!("The playbook “{}” was followed to its end.", self.run.name);
            self.write_down(self.run.id.0, &text).await?;
        }
        Ok(())
    }

    pub(super) async fn write_log(
        &mut self,
        verb: &'static str,
        about: Option<(TaskId, Happened)>,
    ) -> Result<()> {
        let mut payload = json!({"run": self.run.id, "zone": self.run.zone.code()});
        if let Some((task, happened)) = about {
            payload["task"] = json!(task);
            payload["happened"] = json!(happened.code());
        }
        let mut entry = Entry::new(verb).about_a("incident", self.run.incident_id.0).with(payload);
        if let Some(organisation) = self.sight.incident.organisation_id {
            entry = entry.organisation(organisation);
        }
        log::write(self.tx, self.actor, entry).await?;
        Ok(())
    }
}

/// Before when nobody should begin with something that opens now; a year at most, whatever the playbook says. What
/// is to be found out waits for nothing.
fn begins(step: &Step, kind: Kind, now: Timestamp) -> Option<Timestamp> {
    let delay = SignedDuration::from_millis(i64::try_from(step.delay).unwrap_or(i64::MAX));
    (kind != Kind::Fact && !delay.is_zero()).then(|| now + delay.min(LONGEST_TIME))
}

/// By when something that begins now should be done; a year at most, whatever the playbook says.
fn due(step: &Step, kind: Kind, now: Timestamp) -> Option<Timestamp> {
    let within = match (step.timeout, kind) {
        (Some(timeout), _) => SignedDuration::from_millis(i64::try_from(timeout).unwrap_or(i64::MAX)),
        (None, Kind::Fact) => FACT_WITHIN,
        (None, _) => return None,
    };
    Some(now + within.min(LONGEST_TIME))
}
