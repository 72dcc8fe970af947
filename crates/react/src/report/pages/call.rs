//! The call taker's screen: one step after the other, with the words to say, each saved by a plain form before the
//! next, so that a call that breaks off has lost nothing.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    Actor, App,
    organisation::store::{Organisation, Search, find_by_code, search},
    web::{
        Error, Form, Refusal, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Reader, SentPage};
use crate::{
    playbook::shelf::Shelf,
    report::{
        Facts, ReportError, ReportId, actions,
        store::{self, Report},
        typed::Typed,
        words,
    },
};

platform::vocabulary! {
    /// What is asked on a call, in this order.
    pub(super) enum Step {
        Ring = "ring", "Who is calling, and on which number?";
        Organisation = "organisation", "Which organisation is it?";
        Seen = "seen", "What do they see?";
        Since = "since", "Since when?";
        Care = "care", "What care is affected?";
        More = "more", "What else?";
        Send = "send", "Read it back, then send it";
    }
}

impl Step {
    /// The words to say.
    const fn say(self) -> &'static str {
        match self {
            Self::Ring => {
                "Is anybody in danger now? Then ring 999 first. – Who am I speaking to, and on which number do I reach you if the line breaks?"
            }
            Self::Organisation => {
                "Which hospital, practice or company are you calling from? Do you know its ODS code?"
            }
            Self::Seen => {
                "Tell me what you see on the screen. – I read you a list: say yes to all that is true."
            }
            Self::Since => "When did you first notice it? If you do not know, that is fine.",
            Self::Care => "Is any care of patients affected? Which? Do your downtime procedures work?",
            Self::More => {
                "Is there anything else that I should know? Who at your organisation knows already?"
            }
            Self::Send => "I read back to you what I wrote. Stop me where it is wrong.",
        }
    }

    /// The one after it.
    fn next(self) -> Option<Self> {
        let place = Self::ALL.iter().position(|each| *each == self)?;
        Self::ALL.get(place + 1).copied()
    }

    fn before(self) -> Option<Self> {
        let place = Self::ALL.iter().position(|each| *each == self)?;
        Self::ALL.get(place.checked_sub(1)?).copied()
    }

    fn of_call(self, id: ReportId) -> String {
        format!("/calls/{id}/{}", self.code())
    }
}

#[derive(Template)]
#[template(path = "report/calls.html")]
struct CallsPage {
    shell: Shell,
    calls: Vec<Report>,
    form: Uuid,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answered {
    form: Option<Uuid>,
}

/// `GET /calls`
pub(super) async fn list(State(app): State<App>, shell: Shell) -> Result<Response, Error> {
    let calls = store::calls_begun(&mut app.read().await?).await?;
    Ok(render(StatusCode::OK, &CallsPage { shell, calls, form: app.env.id() }))
}

/// `POST /calls`: the telephone rings.
pub(super) async fn answer(
    State(app): State<App>,
    actor: Actor,
    Form(answered): Form<Answered>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let form = answered.form.unwrap_or_else(|| tx.id());
    let id = actions::answer_call(&mut tx, &actor, form).await?;
    tx.commit().await?;
    Ok(Redirect::to(&Step::Ring.of_call(id)).into_response())
}

#[derive(Template)]
#[template(path = "report/call.html")]
struct CallPage {
    shell: Shell,
    problems: Problems,
    call: Report,
    step: Step,
    typed: Typed,
    /// Organisations of the name that was typed.
    found: Vec<Organisation>,
    /// Whether one was looked for.
    sought: bool,
}

impl CallPage {
    fn seen(&self) -> Vec<Choice> {
        words::seen(&self.typed)
    }

    fn since(&self) -> Vec<Choice> {
        words::since(&self.typed)
    }

    fn affected(&self) -> Vec<Choice> {
        words::affected(&self.typed)
    }

    fn found(&self) -> Vec<Choice> {
        let choice = |row: &Organisation| {
            Choice::new(row.code.clone(), format!("{} ({})", row.name, row.code)).hint(row.address_line())
        };
        let mut choices: Vec<_> = self.found.iter().map(choice).collect();
        choices.push(Choice::new("keep", "None of these: keep it as it was said"));
        choices
    }

    /// Whoever sees as many as are offered is told that there may be more.
    fn how_many(&self) -> &'static str {
        if self.found.len() < OFFERED {
            ""
        } else {
            "There may be more: say more of its name above, or its town"
        }
    }

    /// What was said so far.
    fn rows(&self) -> Vec<(&'static str, String)> {
        words::rows(&self.call.facts)
    }

    /// The organisation, as far as it is known.
    fn organisation(&self) -> String {
        match (&self.call.name, &self.call.code) {
            (Some(name), Some(code)) => format!("{name} ({code})"),
            _ => "Not found yet".to_owned(),
        }
    }

    fn back(&self) -> String {
        self.step.before().map_or_else(|| "/calls".to_owned(), |step| step.of_call(self.call.id))
    }
}

/// So many organisations are offered: whoever seeks another says more of its name.
const OFFERED: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    q: String,
}

/// `GET /calls/{id}/{step}`
pub(super) async fn ask(
    visit: Visit,
    Path((id, step)): Path<(ReportId, String)>,
    Query(sought): Query<Sought>,
) -> Result<Response, Error> {
    let step: Step = step.parse().map_err(|_| Error::NotFound)?;
    let call = actions::call(&mut visit.app.read().await?, &visit.actor, id).await?;
    if call.incident.is_some() {
        return Err(ReportError::SentAlready.into());
    }
    let mut typed = Typed { version: call.version, ..Typed::of(&call.facts) };
    let mut found = Vec::new();
    if step == Step::Organisation && !sought.q.is_empty() {
        typed.named.clone_from(&sought.q);
        found = offered(&visit.app, &sought.q).await?;
    }
    Ok(page(visit.shell, call, step, typed, found, !sought.q.is_empty(), Problems::none()))
}

async fn offered(app: &App, q: &str) -> Result<Vec<Organisation>, Error> {
    let wanted = Search { q: q.to_owned(), ..Search::default() };
    let mut found = search(&mut app.db.read_long().await?, &wanted).await?;
    found.truncate(OFFERED);
    Ok(found)
}

fn page(
    shell: Shell,
    call: Report,
    step: Step,
    typed: Typed,
    found: Vec<Organisation>,
    sought: bool,
    problems: Problems,
) -> Response {
    let status = problems.status();
    render(status, &CallPage { shell, problems, call, step, typed, found, sought })
}

/// `POST /calls/{id}/{step}`: what was said is saved, and the next is asked; at the last it is sent.
pub(super) async fn taken(
    visit: Visit,
    Path((id, step)): Path<(ReportId, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let step: Step = step.parse().map_err(|_| Error::NotFound)?;
    let mut tx = visit.app.write().await?;
    let call = actions::call(&mut tx, &visit.actor, id).await?;
    if step == Step::Send {
        let done = actions::send(&mut tx, &visit.actor, &call).await;
        return match done {
            Ok(sent) => {
                let told_before = actions::told_before(&mut tx, &sent).await?;
                let ours = Shelf::read(&mut tx).await?;
                tx.commit().await?;
                let reader = Reader::CallTaker(format!("/incidents/{}", sent.incident));
                Ok(SentPage::new((visit.shell, &ours), sent.receipt, &call.facts, told_before, reader)
                    .respond())
            }
            Err(error) if error.field("").is_some() => {
                drop(tx);
                let mut problems = Problems::none();
                problems.push("", error.to_string());
                Ok(page(visit.shell, call, step, typed, Vec::new(), false, problems))
            }
            Err(error) => Err(error.into()),
        };
    }
    let mut problems = Problems::none();
    let Some(said) = typed.read(visit.shell.now, &mut problems) else {
        drop(tx);
        return Ok(page(visit.shell, call, step, typed, Vec::new(), false, problems));
    };
    let mut organisation = call.organisation;
    if step == Step::Organisation {
        let found = typed.found.as_str();
        let wanted = if found.is_empty() || found == "keep" { &said.named } else { found };
        let known = find_by_code(&mut tx, &wanted.trim().to_uppercase()).await?;
        if known.is_none() && found.is_empty() && !said.named.is_empty() && typed.offered == said.named {
            drop(tx);
            problems.push("found", "Choose which of these it is, or that it is none of them");
            let found = offered(&visit.app, &said.named).await?;
            return Ok(page(visit.shell, call, step, typed, found, true, problems));
        }
        if known.is_none() && found != "keep" && !said.named.is_empty() {
            // What was said is kept, whether or not somebody finds which it is.
            let facts = Facts { named: said.named.clone(), ..call.facts.clone() };
            actions::resave(&mut tx, &call, (None, None), &facts).await?;
            tx.commit().await?;
            let query = serde_html_form::to_string([("q", said.named.as_str())]).unwrap_or_default();
            return Ok(Redirect::to(&format!("{}?{query}", step.of_call(id))).into_response());
        }
        organisation = known.map(|organisation| organisation.id).filter(|_| found != "keep");
    }
    // A step holds its own answers alone: the others stay as they are, whatever version the page had.
    let facts = at_step(step, call.facts.clone(), said);
    actions::resave(&mut tx, &call, (organisation, None), &facts).await?;
    tx.commit().await?;
    let next = step.next().unwrap_or(Step::Send);
    Ok(Redirect::to(&next.of_call(id)).into_response())
}

/// What was said before, with the answers of a step in their place.
fn at_step(step: Step, before: Facts, said: Facts) -> Facts {
    match step {
        Step::Ring => Facts { ring: said.ring, ..before },
        Step::Organisation => Facts { named: said.named, ..before },
        Step::Seen => Facts { seen: said.seen, ..before },
        Step::Since => Facts { since: said.since, ..before },
        Step::Care => Facts { affected: said.affected, care: said.care, ..before },
        Step::More => Facts { more: said.more, ..before },
        Step::Send => before,
    }
}
