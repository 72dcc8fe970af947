//! One incident: what was reported, what was added and who was called back; for the CERT with what it can do, for its
//! organisation with what it can add.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Tx,
    access::{PersonId, Role},
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        taken,
    },
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::HANDLE_INCIDENTS,
    case,
    incident::{
        IncidentError, IncidentId, LONGEST, Outcome, Side, State as Where, actions,
        call_back::{self, CallBack, Number},
        store::{self, Addition, Incident},
    },
    playbook::shelf::Shelf,
    report::{
        self,
        first_steps::{Steps, first_steps},
        store::Report,
        words,
    },
    run::{self, store::Run},
    similar::{self, Similar},
    thehive,
    triage::{self, paging::Paged},
};

/// So many of those that are like it stand on its page; the others on a page of their own.
const MOST_SIMILAR: usize = 3;

/// What is typed on the page, whichever of its forms it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The incident's version that was seen.
    version: i64,
    form: Option<Uuid>,
    text: String,
    reason: String,
    number: String,
    outcome: String,
    note: String,
    organisation: String,
    into: String,
}

#[derive(Template)]
#[template(path = "incident/show.html")]
struct ShowPage {
    shell: Shell,
    head: case::Head,
    problems: Problems,
    incident: Incident,
    reports: Vec<Report>,
    additions: Vec<Addition>,
    calls: Vec<CallBack>,
    steps: Vec<Steps>,
    typed: Typed,
    form: Uuid,
    at_cert: bool,
    may_handle: bool,
    may_add: bool,
    /// Who took it on, where that is the reader.
    mine: Option<PersonId>,
    /// The numbers to ring: for the CERT.
    numbers: Vec<Number>,
    /// What is perhaps the same: for the CERT.
    beside: Vec<Incident>,
    /// What is most like it: for the CERT.
    similar: Vec<Similar>,
    /// The playbooks that are still followed and that end with it: for the CERT.
    running: Vec<Run>,
    /// The one of which it is a part.
    joined: Option<Incident>,
    /// Who is rung for it: for the CERT.
    paging: Option<Paged>,
    /// What kind of incident it was said to be.
    kind: Option<String>,
    /// What systems call it.
    called: Vec<(&'static str, String)>,
}

impl ShowPage {
    fn rows(&self, report: &Report) -> Vec<(&'static str, String)> {
        words::rows(&report.facts)
    }

    /// Who sent a report.
    fn sent_by(&self, report: &Report) -> String {
        let name = report.person_name.as_deref().filter(|_| report.person.is_some());
        match (report.way, name) {
            (report::Way::Phone, Some(name)) if self.at_cert => format!("By telephone, taken by {name}"),
            (report::Way::Session, Some(name)) => format!("{name}, signed in"),
            (way, _) => way.label().to_owned(),
        }
    }

    /// Who added something, as the reader knows them.
    fn by(&self, addition: &Addition) -> String {
        let by = addition.by.as_deref();
        match addition.side {
            Side::Cert if self.at_cert => {
                format!("{}, {}", by.unwrap_or("Somebody who has left"), self.shell.cert.name)
            }
            Side::Cert => self.shell.cert.name.clone(),
            side @ (Side::Holder | Side::Mail) => side.label().to_owned(),
            Side::Organisation => {
                let through = addition.through.clone().unwrap_or_else(|| self.incident.called());
                by.map_or_else(|| through.clone(), |by| format!("{by}, {through}"))
            }
        }
    }

    /// Whether there are mails to be read, which the CERT alone does.
    fn is_by_mail(&self) -> bool {
        self.at_cert && self.reports.iter().any(|report| report.way == report::Way::Mail)
    }

    fn numbers_to_ring(&self) -> Vec<Choice> {
        let proofs = self.numbers.iter().filter(|number| number.is_proof);
        let choice = |number: &Number| {
            Choice::new(number.of.code(), format!("{}: {}", number.called, number.telephone))
        };
        proofs.map(choice).map(|choice| choice.chosen_in(&[&self.typed.number])).collect()
    }

    fn proves_nothing(&self) -> Vec<&Number> {
        self.numbers.iter().filter(|number| !number.is_proof).collect()
    }

    fn outcomes(&self) -> Vec<Choice> {
        let choice =
            |each: &Outcome| Choice::new(each.code(), each.label()).chosen_in(&[&self.typed.outcome]);
        Outcome::ALL.iter().map(choice).collect()
    }

    fn taking(&self) -> &'static str {
        match (self.incident.state, self.incident.taken_by) {
            (Where::Closed, _) => "Open it again",
            (_, Some(_)) => "Take it over",
            _ => "Take it on",
        }
    }

    fn others_to_join(&self) -> Vec<Choice> {
        let choice = |other: &Incident| {
            let label = format!("{}, {}", other.receipt, self.shell.instant(other.opened_at));
            Choice::new(other.receipt.to_string(), label)
                .hint(other.seen_in_words())
                .chosen_in(&[&self.typed.into])
        };
        self.beside.iter().map(choice).collect()
    }
}

/// `GET /incidents/{id}`
pub(super) async fn show(visit: Visit, Path(id): Path<IncidentId>) -> Result<Response, Error> {
    page(visit, id, Typed::default(), Problems::none()).await
}

async fn page(visit: Visit, id: IncidentId, typed: Typed, problems: Problems) -> Result<Response, Error> {
    let at_cert = visit.actor.at_cert();
    let mut snapshot = visit.app.read().await?;
    let incident = if at_cert {
        store::incident(&mut snapshot, id).await?
    } else {
        store::own(&mut snapshot, &visit.actor, visit.shell.now, Role::READING, id).await?
    };
    let sight = case::sight(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    let Some(incident) = incident else {
        // A guest does not read the report: their first page is the timeline.
        return Ok(Redirect::to(&format!("/incidents/{}/timeline", sight.incident.id)).into_response());
    };
    let may_add = if at_cert {
        visit.actor.is_any(HANDLE_INCIDENTS)
    } else {
        store::own(&mut snapshot, &visit.actor, visit.shell.now, Role::ANSWERING, id).await?.is_some()
    };
    let reports = report::store::of_incident(&mut snapshot, id).await?;
    let additions = store::additions(&mut snapshot, id).await?;
    let calls = call_back::made(&mut snapshot, id).await?;
    let (mut numbers, mut beside, mut paging) = (Vec::new(), Vec::new(), None);
    let (mut similar, mut running) = (Vec::new(), Vec::new());
    let kind = triage::store::kind(&mut snapshot, id).await?;
    let called = thehive::called(&mut snapshot, id).await?;
    if at_cert {
        paging = triage::paging::shown(&mut snapshot, id).await?;
        numbers = call_back::numbers(&mut snapshot, &incident).await?;
        beside = store::beside(&mut snapshot, &incident).await?;
        similar = similar::of(&mut snapshot, &incident).await?;
        similar.truncate(MOST_SIMILAR);
        running = run::store::running(&mut snapshot, id, sight.reads).await?;
    }
    let ours = Shelf::read(&mut snapshot).await?;
    let joined = match incident.joined_into {
        Some(into) => store::incident(&mut snapshot, into).await?,
        None => None,
    };
    drop(snapshot);
    let mut seen = Vec::new();
    for each in reports.iter().flat_map(|report| &report.facts.seen) {
        if !seen.contains(each) {
            seen.push(*each);
        }
    }
    let page = ShowPage {
        head: case::Head::of(&sight, ""),
        may_handle: visit.actor.is_any(HANDLE_INCIDENTS),
        may_add: may_add && incident.state != Where::Joined,
        mine: visit.actor.person().map(|person| person.id).filter(|id| incident.taken_by == Some(*id)),
        steps: first_steps(&ours, &seen),
        form: visit.app.env.id(),
        shell: visit.shell,
        problems,
        incident,
        reports,
        additions,
        calls,
        typed,
        at_cert,
        numbers,
        beside,
        similar,
        running,
        joined,
        paging,
        kind: kind.as_deref().map(triage::rsit::called),
        called,
    };
    Ok(render(page.problems.status(), &page))
}

fn to(id: IncidentId) -> Response {
    Redirect::to(&format!("/incidents/{id}")).into_response()
}

/// `POST /incidents/{id}/add`
pub(super) async fn add(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(text) = problems.text("text", &typed.text, LONGEST, "what is new") else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let form = typed.form.unwrap_or_else(|| tx.id());
    let done = actions::add(&mut tx, &visit.actor, id, form, &text).await;
    settled(visit, id, tx, done, "text", typed).await
}

/// `POST /incidents/{id}/take-on`
pub(super) async fn take_on(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::take_on(&mut tx, &visit.actor, id, typed.version).await;
    settled(visit, id, tx, done, "", typed).await
}

/// `POST /incidents/{id}/close`
pub(super) async fn close(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(reason) = problems.text("reason", &typed.reason, LONGEST, "why it is closed") else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::close(&mut tx, &visit.actor, id, typed.version, &reason).await;
    settled(visit, id, tx, done, "reason", typed).await
}

/// `POST /incidents/{id}/call-back`
pub(super) async fn call_back(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let number = typed.number.parse().ok();
    if number.is_none() {
        problems.push("number", "Select the number that you rang");
    }
    let outcome: Option<Outcome> = typed.outcome.parse().ok();
    if outcome.is_none() {
        problems.push("outcome", "Select what came of it");
    }
    let note = problems.optional_text("note", &typed.note, LONGEST, "the note");
    let (Some(number), Some(outcome), Some(note)) = (number, outcome, note) else {
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::call_back(&mut tx, &visit.actor, (id, typed.version), number, outcome, &note).await;
    settled(visit, id, tx, done, "number", typed).await
}

/// `POST /incidents/{id}/organisation`
pub(super) async fn place(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let done = actions::place(&mut tx, &visit.actor, id, typed.version, &typed.organisation).await;
    settled(visit, id, tx, done, "organisation", typed).await
}

/// `POST /incidents/{id}/join`
pub(super) async fn join(
    visit: Visit,
    Path(id): Path<IncidentId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Ok(into) = typed.into.parse() else {
        problems.push("into", "Enter the number of the other incident, like I-7K3Q-X2MB");
        return page(visit, id, typed, problems).await;
    };
    let mut tx = visit.app.write().await?;
    let done = actions::join(&mut tx, &visit.actor, id, typed.version, &into).await;
    let Some(into) = taken(tx, done, (&mut problems, "into")).await? else {
        return page(visit, id, typed, problems).await;
    };
    Ok(to(into))
}

/// The answer to a form: what was typed stays on the page where it could not be taken.
async fn settled(
    visit: Visit,
    id: IncidentId,
    tx: Tx,
    done: Result<(), IncidentError>,
    field: &'static str,
    typed: Typed,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    if taken(tx, done, (&mut problems, field)).await?.is_none() {
        return page(visit, id, typed, problems).await;
    }
    Ok(to(id))
}
