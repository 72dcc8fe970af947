//! The answers to be checked, and sending them.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    access::Role,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
        show,
    },
};
use serde::Deserialize;

use super::{back, for_whom};
use crate::response::{
    AlertHead, AlertId, Applies, Chosen, Event, Outcome, Refused, ResponseError, Said, Stage, actions,
    draft::{self, Draft},
    ladder,
    question::Question,
    questions,
    store::{lists, stands},
};

#[derive(Template)]
#[template(path = "response/check.html")]
struct Check {
    shell: Shell,
    alert: AlertHead,
    draft: Draft,
    /// How many of the chosen stand where.
    chosen: Vec<(Stage, i64)>,
    /// Of those the actor answers for.
    total: i64,
    /// Those that were ticked, by name and code, and how many more.
    ticked: Vec<String>,
    /// Where there is only one: what it said before.
    only: Option<lists::Shown>,
    /// What all of them said before.
    stands: stands::Stands,
    problems: Problems,
}

/// `GET /alerts/{id}/respond/check`
pub(super) async fn show(visit: Visit, Path(id): Path<AlertId>) -> Result<Response, Error> {
    show_check(visit, id, StatusCode::OK, Problems::none()).await
}

async fn show_check(
    visit: Visit,
    id: AlertId,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.db.read_long().await?;
    let alert = questions::open(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let draft = draft::find(&mut snapshot, &visit.actor, id).await?;
    let total = lists::count_chosen(&mut snapshot, &visit.actor, visit.shell.now, &alert, "all").await?;
    let chosen =
        lists::chosen_at(&mut snapshot, &visit.actor, visit.shell.now, &alert, &draft.chosen).await?;
    let wanted = lists::Wanted::default();
    let theirs =
        lists::organisations(&mut snapshot, &visit.actor, visit.shell.now, Role::ANSWERING, id, &wanted)
            .await?;
    let ticked = if matches!(draft.chosen.as_str(), "all_but" | "only") {
        let wanted = lists::Wanted { ticked: true, ..lists::Wanted::default() };
        lists::organisations(&mut snapshot, &visit.actor, visit.shell.now, Role::ANSWERING, id, &wanted)
            .await?
    } else {
        Vec::new()
    };
    let stands = stands::stands(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    drop(snapshot);
    let ticked = ticked.into_iter().map(|each| format!("{} ({})", each.name, each.code)).collect();
    let only = if let ([only], 1) = (theirs.as_slice(), total) { Some(only.clone()) } else { None };
    Ok(render(
        status,
        &Check { shell: visit.shell, alert, draft, chosen, total, ticked, only, stands, problems },
    ))
}

/// Which draft the page showed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    seen: i64,
}

/// `POST /alerts/{id}/respond/check`: says what the draft holds.
pub(super) async fn send(
    visit: Visit,
    Path(id): Path<AlertId>,
    Form(Seen { seen }): Form<Seen>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let draft = draft::find(&mut tx, &visit.actor, id).await?;
    if draft.changed_at != seen {
        drop(tx);
        let mut problems = Problems::none();
        problems.push("", "Your answers were changed or sent since this page was opened. Check them again.");
        return show_check(visit, id, StatusCode::CONFLICT, problems).await;
    }
    match actions::answer(&mut tx, &visit.actor, id, &Chosen::Kept, &draft.said).await {
        Ok(moved) => {
            draft::forget(&mut tx, &visit.actor, id).await?;
            tx.commit().await?;
            Ok(back(id, draft.said.event().code(), moved).into_response())
        }
        // The page says so.
        Err(ResponseError::NothingSaid) => {
            Ok(Redirect::to(&format!("/alerts/{id}/respond/check")).into_response())
        }
        Err(
            error @ (ResponseError::NobodyChosen
            | ResponseError::ReasonMissing
            | ResponseError::Refused(_)
            | ResponseError::NobodyDecides(_)
            | ResponseError::PlannedInThePast
            | ResponseError::UpdateTooLate(_)
            | ResponseError::UpdateInThePast),
        ) => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push(to_mend(&error, &draft.said).map_or("", Question::slug), error.to_string());
            show_check(visit, id, StatusCode::UNPROCESSABLE_ENTITY, problems).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The question whose answer has to be another.
fn to_mend(error: &ResponseError, said: &Said) -> Option<Question> {
    match error {
        ResponseError::ReasonMissing if said.applies == Some(Applies::No) => Some(Question::WhyNot),
        ResponseError::ReasonMissing => Some(Question::WhyAccept),
        ResponseError::NobodyDecides(_) => Some(Question::Close),
        ResponseError::PlannedInThePast => Some(Question::Planned),
        ResponseError::UpdateTooLate(_) | ResponseError::UpdateInThePast => Some(Question::NextUpdate),
        _ => None,
    }
}

/// One line of the answers to be checked.
struct Line {
    /// Its question's, which a problem leads to.
    id: &'static str,
    key: &'static str,
    value: String,
    href: String,
}

impl Check {
    fn is_empty(&self) -> bool {
        self.draft.said == Said::default()
    }

    /// How many of the chosen what is said changes, and how many it leaves as they are.
    fn moves(&self) -> (i64, i64) {
        let event = self.draft.said.event();
        let count = |moved: bool| {
            let these = self.chosen.iter().filter(|(stage, _)| stage.apply(event).is_ok() == moved);
            these.map(|(_, count)| count).sum()
        };
        (count(true), count(false))
    }

    /// For whom something is said by this.
    fn for_whom(&self) -> String {
        match self.moves() {
            (chosen, 0) => for_whom(&self.draft.chosen, chosen, self.total),
            (0, _) => "Nobody".to_owned(),
            (moved, _) => {
                format!(
                    "{} of the {} organisations that you answer for",
                    show::count(moved),
                    show::count(self.total)
                )
            }
        }
    }

    /// What those are that were ticked.
    fn what_is_ticked(&self) -> &'static str {
        if self.draft.chosen == "all_but" { "Not for:" } else { "For:" }
    }

    /// Those of the chosen that stay as they are, and where they stand; empty where there are none.
    fn left(&self) -> String {
        let event = self.draft.said.event();
        let left = self.chosen.iter().filter(|(stage, _)| stage.apply(event).is_err());
        let left: Vec<_> = left
            .map(|(stage, count)| format!("{} {}", show::count(*count), show::in_sentence(stage.label())))
            .collect();
        if left.is_empty() { String::new() } else { format!("These stay as they are: {}.", left.join(", ")) }
    }

    /// Why nothing can be said to any of them as they stand.
    fn refused(&self) -> Option<Refused> {
        if self.moves().0 > 0 {
            return None;
        }
        self.chosen.iter().find_map(|(stage, _)| stage.apply(self.draft.said.event()).err())
    }

    fn lines(&self) -> Vec<Line> {
        let asked = Question::ALL.into_iter().filter(|question| self.tells(*question));
        let mut lines = Vec::new();
        for question in asked {
            let href = format!("/alerts/{}/respond/{}", self.alert.id, question.slug());
            lines.push(Line {
                id: question.slug(),
                key: question.label(),
                value: self.value(question),
                href,
            });
            let reason = self.draft.said.next_update_reason.as_ref();
            if let (Question::NextUpdate, Some(reason)) = (question, reason) {
                let (value, href) = (reason.clone(), String::new());
                lines.push(Line { id: "", key: "Why so late", value, href });
            }
        }
        lines
    }

    /// Whether the page has a line for the answer: what is dealt with has no plans any more.
    fn tells(&self, question: Question) -> bool {
        use Question::{Blockers, Mitigation, NextUpdate, Planned};
        let said = &self.draft.said;
        let ends = matches!(said.event(), Event::Remediate | Event::Mitigate);
        let plans = matches!(question, NextUpdate | Planned | Blockers | Mitigation);
        question.asked(said) && !(ends && plans && !question.answered(said))
    }

    fn value(&self, question: Question) -> String {
        let said = &self.draft.said;
        let language = self.shell.language;
        let words = |words: &Option<String>| {
            words.as_ref().map(|words| if words.is_empty() { "Nothing".to_owned() } else { words.clone() })
        };
        let told = match question {
            // Whoever deals with it, or asks to bear the risk, says so too.
            Question::Applies => {
                said.applies.or(said.outcome.map(|_| Applies::Yes)).map(|applies| applies.to_string())
            }
            Question::WhyNot | Question::WhyAccept => said.reason.clone().filter(|reason| !reason.is_empty()),
            Question::Done => words(&said.done),
            Question::Systems => said.systems.map(|n| show::count(n.into())),
            Question::Planned => said.planned_on.map(|day| show::date(day, language)),
            Question::Blockers => words(&said.blockers),
            Question::Mitigation => words(&said.mitigation),
            Question::NextUpdate => Some(self.next_update()),
            Question::Close => Some(dealt_with(said.outcome).to_owned()),
        };
        told.or_else(|| self.stands(question)).unwrap_or_else(|| "Not said yet".to_owned())
    }

    /// What was said before and stays as it was.
    fn stands(&self, question: Question) -> Option<String> {
        let before = |words: &Option<String>| words.clone().filter(|words| !words.is_empty());
        let stood = match (question, self.only.as_ref()) {
            (Question::Applies, Some(only)) => Some(only.applies)
                .filter(|applies| *applies != Applies::Unknown)
                .map(|applies| applies.to_string()),
            (Question::Done, Some(only)) => before(&only.done),
            (Question::Systems, Some(only)) => only.systems.map(|n| show::count(n.into())),
            (Question::Planned, Some(only)) => only.planned().map(|day| show::date(day, self.shell.language)),
            (Question::Blockers, Some(only)) => before(&only.blockers),
            (Question::Mitigation, Some(only)) => before(&only.mitigation),
            (Question::Applies, None) if self.stands.answered > 0 => {
                return Some("As said before".to_owned());
            }
            (
                Question::Done
                | Question::Systems
                | Question::Planned
                | Question::Blockers
                | Question::Mitigation,
                None,
            ) if self.stands.acted > 0 => return Some("As said before".to_owned()),
            _ => None,
        };
        stood.map(|stood| format!("{stood} (said before)"))
    }

    /// When the next update is due, once this is sent.
    fn next_update(&self) -> String {
        let said = &self.draft.said;
        if let Some(at) = said.next_update_at {
            return self.shell.instant(at);
        }
        match ladder::of(&self.alert, "update") {
            _ if said.event() == Event::AskToAccept => "As before".to_owned(),
            Some(ladder) => {
                format!(
                    "By {}, as the response policy asks",
                    self.shell.instant(self.shell.now + ladder.within)
                )
            }
            None => "The response policy asks for none".to_owned(),
        }
    }
}

/// How it ends, in words; a risk is accepted by nobody but the executive.
const fn dealt_with(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "Not yet",
        Some(Outcome::Remediated) => "Yes, remediated",
        Some(Outcome::Mitigated) => "Yes, mitigated",
        Some(Outcome::RiskAccepted) => "Not yet: your executive is asked to accept the risk",
    }
}
