//! The task list of an answer, and acknowledging, which is its first task.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use http::StatusCode;
use jiff::Timestamp;
use platform::{
    Actor, App,
    access::Role,
    web::{
        Error, Visit,
        shell::{Shell, render},
        show,
    },
};

use super::{Done, back, for_reader, for_whom};
use crate::response::{
    AlertHead, AlertId, Chosen, DECIDING, ResponseError, Said, Stage, actions,
    draft::{self, Draft},
    question::{Question, Task},
    store::{self, decisions::SentBack, lists, stands},
};

#[derive(Template)]
#[template(path = "response/tasks.html")]
struct Tasks {
    shell: Shell,
    alert: AlertHead,
    standing: Vec<lists::Standing>,
    answering: Vec<lists::Answering>,
    sent_back: Vec<SentBack>,
    next: Option<(String, Timestamp)>,
    draft: Draft,
    stands: stands::Stands,
    may_answer: bool,
    /// Who can, where the reader may not.
    who_can: Vec<String>,
    /// Of those the actor answers for.
    total: i64,
    /// How many of them are chosen, by where they stand.
    chosen: Vec<(Stage, i64)>,
    /// Whether their executive's decision is the reader's to take.
    decides: bool,
    /// Where there is only one: what it said.
    only: Option<lists::Shown>,
    /// Whether there are answers of several to be taken along.
    takes_along: bool,
}

/// `GET /alerts/{id}/respond`
pub(super) async fn show(
    mut visit: Visit,
    Path(id): Path<AlertId>,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let now = visit.shell.now;
    let mut snapshot = visit.app.db.read_long().await?;
    let (alert, reads) = for_reader(&mut snapshot, &visit.actor, id, now).await?;
    let standing = lists::standing(&mut snapshot, &visit.actor, now, Role::READING, id).await?;
    if standing.is_empty() {
        return Err(ResponseError::NotFound.into());
    }
    let answering = lists::answering(&mut snapshot, &visit.actor, now).await?;
    let draft = draft::find(&mut snapshot, &visit.actor, id).await?;
    let total = lists::count_chosen(&mut snapshot, &visit.actor, now, &alert, "all").await?;
    let chosen = lists::chosen_at(&mut snapshot, &visit.actor, now, &alert, &draft.chosen).await?;
    let wanted = lists::Wanted::default();
    let first = lists::organisations(&mut snapshot, &visit.actor, now, Role::READING, id, &wanted).await?;
    let next = stands::next_deadline(&mut snapshot, &visit.actor, now, id).await?;
    let sent_back = store::decisions::sent_back(&mut snapshot, &visit.actor, now, id).await?;
    let stands = stands::stands(&mut snapshot, &visit.actor, now, id).await?;
    let may_answer = visit.actor.is_any(Role::ANSWERING) && total > 0 && alert.in_force();
    let who_can =
        if may_answer { Vec::new() } else { stands::who_can(&mut snapshot, &visit.actor, now, id).await? };
    drop(snapshot);
    let takes_along = reads && first.len() > 1;
    let only = if let ([only], true) = (first.as_slice(), reads) { Some(only.clone()) } else { None };
    visit.shell.notice = done.notice();
    let page = Tasks {
        shell: visit.shell,
        alert,
        standing,
        answering,
        sent_back,
        next,
        draft,
        stands,
        may_answer,
        who_can: who_can.into_iter().map(|(name,)| name).collect(),
        total,
        chosen,
        decides: visit.actor.is_any(DECIDING),
        only,
        takes_along,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /alerts/{id}/respond/acknowledge`
pub(super) async fn acknowledge(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AlertId>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    let moved = actions::acknowledge(&mut tx, &actor, id, &Chosen::Kept).await?;
    tx.commit().await?;
    Ok(back(id, "acknowledged", moved))
}

/// How many who may answer are named to who may not.
const NAMED: usize = 5;

impl Tasks {
    fn count(&self, count: &i64) -> String {
        show::count(*count)
    }

    /// What the next deadline is for, as it stands in a sentence.
    fn next_is_for(&self) -> &'static str {
        match self.next.as_ref().map(|(clock, _)| clock.as_str()) {
            Some("acknowledge") => "acknowledging",
            Some("update") => "the next update",
            _ => "remediation",
        }
    }

    /// Whether somebody else answers for every one of the reader's organisations.
    fn others_answer(&self) -> bool {
        !self.answering.is_empty()
    }

    /// "Rae Responder and Lee Lead can."
    fn who_can(&self) -> String {
        let names = &self.who_can;
        match names.as_slice() {
            [] => {
                let cert = &self.shell.cert;
                format!("Nobody there can yet: ring {} on {}.", cert.name, cert.telephone)
            }
            [one] => format!("{one} can."),
            [first @ .., last] if names.len() <= NAMED => format!("{} and {last} can.", first.join(", ")),
            _ => format!("{} and others can.", names[..NAMED].join(", ")),
        }
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

    /// Whether nothing is left to be said.
    fn settled(&self) -> bool {
        !self.unacknowledged() && !self.in_hand()
    }

    /// What may be done about sending what is answered, in words.
    fn sending(&self) -> &'static str {
        if self.settled() { "Completed" } else { "Cannot start yet" }
    }

    fn ended(&self) -> bool {
        self.at(Stage::Closed) + self.at(Stage::NotApplicable) > 0
    }

    /// Where the task begins, once something is in hand.
    fn href(&self, slug: &str) -> String {
        if self.in_hand() { format!("/alerts/{}/respond/{slug}", self.alert.id) } else { String::new() }
    }

    /// Where closing begins: what the executive is to decide is not closed meanwhile.
    fn close_href(&self) -> String {
        if self.at(Stage::InProgress) > 0 { self.href("close") } else { String::new() }
    }

    fn applicability(&self) -> (String, &'static str) {
        self.status(Task::Applicability)
    }

    fn actions(&self) -> (String, &'static str) {
        self.status(Task::Actions)
    }

    fn close(&self) -> (String, &'static str) {
        self.status(Task::Close)
    }

    fn status(&self, task: Task) -> (String, &'static str) {
        let said = &self.draft.said;
        let asked: Vec<_> =
            Question::ALL.into_iter().filter(|each| each.task() == task && each.asked(said)).collect();
        let answered = asked.iter().filter(|each| each.answered(said)).count();
        let stands = self.stands(task).map(|words| (words, ""));
        let fixed = |words: &str, colour| (words.to_owned(), colour);
        match (self.in_hand(), answered) {
            (false, _) if self.settled() => stands.unwrap_or_else(|| fixed("Not needed", "")),
            (false, _) => stands.unwrap_or_else(|| fixed("Cannot start yet", "")),
            _ if asked.is_empty() => fixed("Not needed", ""),
            (true, 0) => stands.unwrap_or_else(|| fixed("Not started", "blue")),
            (true, some) if some < asked.len() => fixed("Begun", "aqua-green"),
            _ => fixed("Ready to send", ""),
        }
    }

    /// What was sent before and stands, unless it is changed.
    fn stands(&self, task: Task) -> Option<String> {
        let stands = &self.stands;
        let many = |count: i64| {
            let of = show::count(stands.organisations);
            format!("Said for {} of {of}", show::count(count))
        };
        let said = |count: i64, one: &str| {
            if count == stands.organisations { format!("Said: {}", one.to_lowercase()) } else { many(count) }
        };
        match task {
            _ if stands.answered == 0 => None,
            Task::Applicability => Some(match (stands.applies_least, stands.applies_most) {
                (Some(least), Some(most)) if least == most => said(stands.answered, least.label()),
                _ => many(stands.answered),
            }),
            Task::Actions if stands.acted == 0 => None,
            Task::Actions if stands.acted < stands.organisations => Some(many(stands.acted)),
            Task::Actions => stands.sent_at.map(|at| format!("Sent {}", self.shell.day(at))),
            Task::Close if stands.ended == 0 => None,
            Task::Close if self.at(Stage::AwaitsExecutive) == stands.organisations => {
                Some(Stage::AwaitsExecutive.label().to_owned())
            }
            Task::Close => Some(match (stands.outcome_least, stands.outcome_most) {
                (Some(least), Some(most)) if least == most => said(stands.ended, least.label()),
                _ => many(stands.ended),
            }),
        }
    }

    /// Whether the draft says anything.
    fn begun(&self) -> bool {
        self.draft.said != Said::default()
    }

    /// For whom the answer is meant, in words.
    fn for_whom(&self) -> String {
        let count = |open_only: bool| {
            let these = self.chosen.iter().filter(|(stage, _)| !open_only || stage.is_open());
            these.map(|(_, count)| count).sum::<i64>()
        };
        let (chosen, open) = (count(false), count(true));
        let all = for_whom(&self.draft.chosen, chosen, self.total);
        if open > 0 && open < chosen { format!("{all}, {} of them open", show::count(open)) } else { all }
    }

    /// For whom the button acknowledges, in words: what is acknowledged stays as it is.
    fn acknowledges_for(&self) -> String {
        let at = |stage| self.chosen.iter().find(|(each, _)| *each == stage).map_or(0, |(_, count)| *count);
        match at(Stage::Unacknowledged) {
            0 => "nobody, since those that you chose have acknowledged it".to_owned(),
            all if self.chosen.len() == 1 => for_whom(&self.draft.chosen, all, self.total),
            1 => "the 1 organisation that has not acknowledged it".to_owned(),
            some => format!("the {} organisations that have not acknowledged it", show::count(some)),
        }
    }

    /// Whether a decision waits for the reader.
    fn decision_waits(&self) -> bool {
        self.decides && self.alert.in_force() && self.at(Stage::AwaitsExecutive) > 0
    }
}

impl SentBack {
    fn reason(&self) -> String {
        serde_json::from_str::<Said>(&self.said).unwrap_or_default().reason.unwrap_or_default()
    }

    /// "Elm Surgery", or "Elm Surgery and 119 more".
    fn for_whom(&self) -> String {
        match self.organisations {
            1 => self.example.clone(),
            many => format!("{} and {} more", self.example, show::count(many - 1)),
        }
    }
}
