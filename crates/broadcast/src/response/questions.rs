//! `/alerts/{id}/respond/{question}`: one question a page, kept in the draft as one goes.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use jiff::{Timestamp, civil::Date};
use platform::{
    Actor,
    access::Role,
    uk,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;

use super::{
    AlertHead, AlertId, Applies, Outcome, ResponseError, Said, draft, ladder,
    question::{Field, Question},
    said::LONGEST,
    store::{self, lists},
};

/// What was typed; which of the fields are there depends on the question.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    answer: String,
    #[serde(rename = "answer-day")]
    day: String,
    #[serde(rename = "answer-month")]
    month: String,
    #[serde(rename = "answer-year")]
    year: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "response/question.html")]
struct Page {
    shell: Shell,
    alert: AlertHead,
    question: Question,
    typed: Typed,
    choices: Vec<Choice>,
    problems: Problems,
    /// Until when the policy wants the next update.
    latest: Option<Timestamp>,
}

impl Page {
    /// Whether a later date is being explained: nobody else is asked for a reason.
    fn asks_why(&self) -> bool {
        !self.typed.reason.is_empty() || self.problems.of("reason").is_some()
    }
}

/// `GET /alerts/{id}/respond/{question}`
pub(super) async fn show(visit: Visit, Path((id, slug)): Path<(AlertId, String)>) -> Result<Response, Error> {
    let question: Question = slug.parse().map_err(|()| Error::NotFound)?;
    let mut snapshot = visit.app.read().await?;
    let alert = open(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let mut said = draft::find(&mut snapshot, &visit.actor, id).await?.said;
    let wanted = lists::Wanted::default();
    let theirs =
        lists::organisations(&mut snapshot, &visit.actor, visit.shell.now, Role::ANSWERING, id, &wanted)
            .await?;
    drop(snapshot);
    if let [only] = theirs.as_slice() {
        recall(&mut said, only);
    }
    let typed = typed(question, &said);
    Ok(page(StatusCode::OK, visit.shell, alert, question, typed, Problems::none()))
}

/// `POST /alerts/{id}/respond/{question}`
pub(super) async fn keep(
    visit: Visit,
    Path((id, slug)): Path<(AlertId, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let question: Question = slug.parse().map_err(|()| Error::NotFound)?;
    let mut tx = visit.app.write().await?;
    let alert = open(&mut tx, &visit.actor, visit.shell.now, id).await?;
    let mut said = draft::find(&mut tx, &visit.actor, id).await?.said;
    let problems = answer(&mut said, question, &typed, latest(&alert, visit.shell.now), visit.shell.now);
    if !problems.is_empty() {
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, visit.shell, alert, question, typed, problems));
    }
    let next = question.next(&said);
    draft::change(&mut tx, &visit.actor, id, |kept| *kept = said).await?;
    tx.commit().await?;
    let to = match next {
        Some(next) => format!("/alerts/{id}/respond/{}", next.slug()),
        None => format!("/alerts/{id}/respond"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// The alert, where the actor answers it for somebody.
pub(super) async fn open(
    snapshot: &mut db::Snapshot,
    actor: &Actor,
    now: Timestamp,
    id: AlertId,
) -> Result<AlertHead, Error> {
    let alert = store::head(snapshot, id).await?.ok_or(ResponseError::NotFound)?;
    let standing = lists::standing(snapshot, actor, now, Role::ANSWERING, id).await?;
    if standing.is_empty() { Err(ResponseError::NotFound.into()) } else { Ok(alert) }
}

fn page(
    status: StatusCode,
    shell: Shell,
    alert: AlertHead,
    question: Question,
    typed: Typed,
    problems: Problems,
) -> Response {
    let choices = choices(question, &typed.answer);
    let latest = latest(&alert, shell.now);
    render(status, &Page { shell, alert, question, typed, choices, problems, latest })
}

fn choices(question: Question, chosen: &str) -> Vec<Choice> {
    let choices = match question {
        Question::Applies => vec![
            Choice::new("yes", "Yes"),
            Choice::new("no", "No").hint("You are asked for the reason on the next page"),
            Choice::new("unknown", "Not yet known").hint("You can say later, in an update"),
        ],
        Question::Close => vec![
            Choice::new("not-yet", "Not yet"),
            Choice::new("remediated", "Yes, remediated").hint("The remedy is in place on every system"),
            Choice::new("mitigated", "Yes, mitigated").hint("The risk is lowered in another way, for good"),
            Choice::new("risk_accepted", "No, and the risk has to be accepted")
                .hint("Your executive decides; the clock goes on until then"),
        ],
        _ => Vec::new(),
    };
    choices.into_iter().map(|choice| choice.chosen_in(&[chosen])).collect()
}

/// Until when the policy wants the next update.
fn latest(alert: &AlertHead, now: Timestamp) -> Option<Timestamp> {
    ladder::of(alert, "update").map(|ladder| now + ladder.within)
}

/// Reads an answer into the words so far; a field that was left empty is kept as said and empty.
fn answer(
    said: &mut Said,
    question: Question,
    typed: &Typed,
    latest: Option<Timestamp>,
    now: Timestamp,
) -> Problems {
    let mut problems = Problems::none();
    let words = typed.answer.trim().to_owned();
    match (question, question.field()) {
        (Question::Applies, _) => match words.parse::<Applies>() {
            Ok(applies) => said.applies = Some(applies),
            Err(()) => problems.push("answer", "Select whether the alert applies"),
        },
        (Question::Close, _) => match (words.as_str(), words.parse::<Outcome>()) {
            ("not-yet", _) => said.outcome = None,
            (_, Ok(outcome)) => said.outcome = Some(outcome),
            _ => problems.push("answer", "Select whether it is dealt with"),
        },
        (_, Field::Number) => match words.replace(',', "").parse() {
            _ if words.is_empty() => said.systems = None,
            Ok(number) => said.systems = Some(number),
            Err(_) => problems.push("answer", "Enter the number of systems in digits, like 52"),
        },
        (_, Field::Day) => {
            said.planned_on = day(&mut problems, typed, "the planned date");
            if said.planned_on.is_some_and(|day| day < uk::day(now)) {
                problems.push("answer", "The planned date must be today or later");
            }
        }
        (_, Field::DayAndReason) => next_update(said, &mut problems, typed, latest, now),
        (_, Field::Words) => said.reason = problems.text("answer", &typed.answer, LONGEST, "the reason"),
        (_, Field::PerhapsWords | Field::Choice) => {
            let words = problems.optional_text("answer", &typed.answer, LONGEST, "the answer");
            match question {
                Question::Done => said.done = words,
                Question::Blockers => said.blockers = words,
                _ => said.mitigation = words,
            }
        }
    }
    problems
}

fn day(problems: &mut Problems, typed: &Typed, what: &str) -> Option<Date> {
    let parts = [&typed.day, &typed.month, &typed.year];
    if parts.iter().all(|part| part.trim().is_empty()) {
        return None;
    }
    problems.date("answer", parts.map(String::as_str), what)
}

/// The next update is awaited at the end of a working day, or when the policy's time is up if that
/// is earlier on the same day.
fn next_update(
    said: &mut Said,
    problems: &mut Problems,
    typed: &Typed,
    latest: Option<Timestamp>,
    now: Timestamp,
) {
    said.next_update_at = None;
    said.next_update_reason = None;
    let Some(day) = day(problems, typed, "the date of the next update") else { return };
    let Some(at) = uk::moment(day.at(17, 0, 0, 0)) else {
        return problems.push("answer", "The date of the next update must be a real date");
    };
    let at = match latest {
        Some(latest) if uk::day(latest) == day => latest.min(at),
        _ => at,
    };
    if at <= now {
        return problems.push("answer", "The date of the next update must be in the future");
    }
    if latest.is_some_and(|latest| at > latest) {
        let what = "why the next update has to be later than the policy says";
        said.next_update_reason = problems.text("reason", &typed.reason, LONGEST, what);
    }
    said.next_update_at = Some(at);
}

/// What is typed already when the page is shown.
fn typed(question: Question, said: &Said) -> Typed {
    let day = match question {
        Question::Planned => said.planned_on,
        Question::NextUpdate => said.next_update_at.map(uk::day),
        _ => None,
    };
    let [day, month, year] = match day {
        Some(day) => [day.day().to_string(), day.month().to_string(), day.year().to_string()],
        None => [String::new(), String::new(), String::new()],
    };
    let answer = match question {
        Question::Applies => said.applies.map(|applies| applies.code().to_owned()),
        Question::Close => said.outcome.map(|outcome| outcome.code().to_owned()),
        Question::WhyNot | Question::WhyAccept => said.reason.clone(),
        Question::Done => said.done.clone(),
        Question::Systems => said.systems.map(|systems| systems.to_string()),
        Question::Blockers => said.blockers.clone(),
        Question::Mitigation => said.mitigation.clone(),
        Question::Planned | Question::NextUpdate => None,
    };
    let reason = said.next_update_reason.clone().unwrap_or_default();
    Typed { answer: answer.unwrap_or_default(), day, month, year, reason }
}

/// Where somebody answers for one organisation alone, what it said before is there to be changed.
fn recall(said: &mut Said, before: &lists::Shown) {
    if before.acknowledged() {
        said.applies = said.applies.or(Some(before.applies).filter(|said| *said != Applies::Unknown));
    }
    said.done = said.done.take().or_else(|| before.done.clone());
    said.systems = said.systems.or(before.systems);
    said.planned_on = said.planned_on.or(before.planned());
    said.blockers = said.blockers.take().or_else(|| before.blockers.clone());
    said.mitigation = said.mitigation.take().or_else(|| before.mitigation.clone());
}

impl lists::Shown {
    /// Whether somebody has said something.
    fn acknowledged(&self) -> bool {
        self.version > 1 && self.stage != super::Stage::Unacknowledged
    }
}
