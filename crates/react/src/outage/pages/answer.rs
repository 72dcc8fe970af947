//! An organisation says how it stands, and opens an incident of its own where it is hit badly.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
    access::Role,
    organisation::OrganisationId,
    web::{
        Error, Form, Visit,
        form::{Choice, Problems},
        shell::{Shell, render},
        show as words, taken,
    },
};
use serde::Deserialize;

use crate::{
    impact::Downtime,
    outage::{
        LONGEST, Outage, OutageId, Patients, Reply, Said, Stands,
        actions::{self, Whose},
        store,
    },
};

/// For which organisation.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    organisation: OrganisationId,
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    organisation: Option<OrganisationId>,
    version: i64,
    stands: String,
    downtime: String,
    patients: String,
    note: String,
    whose: String,
}

#[derive(Template)]
#[template(path = "outage/answer.html")]
struct AnswerPage {
    shell: Shell,
    problems: Problems,
    outage: Outage,
    reply: Reply,
    /// For how many more they answer that have not answered.
    others: i64,
    typed: Typed,
}

impl AnswerPage {
    fn standings(&self) -> Vec<Choice> {
        let all = Stands::ALL.iter().filter(|each| **each != Stands::Waiting);
        chosen(all.map(|each| (each.code(), each.label())), &self.typed.stands)
    }

    fn downtimes(&self) -> Vec<Choice> {
        chosen(Downtime::ALL.iter().map(|each| (each.code(), each.label())), &self.typed.downtime)
    }

    fn patients(&self) -> Vec<Choice> {
        chosen(Patients::ALL.iter().map(|each| (each.code(), each.label())), &self.typed.patients)
    }

    fn whose(&self) -> Vec<Choice> {
        let typed = if self.typed.whose.is_empty() { "one" } else { &self.typed.whose };
        let all = words::count(self.others + i64::from(self.reply.stands == Stands::Waiting));
        vec![
            Choice::new("one", self.reply.name.clone()).chosen_in(&[typed]),
            Choice::new("all", format!("All {all} that have not answered and for which you do"))
                .chosen_in(&[typed]),
        ]
    }
}

fn chosen(all: impl Iterator<Item = (&'static str, &'static str)>, typed: &str) -> Vec<Choice> {
    all.map(|(code, label)| Choice::new(code, label).chosen_in(&[typed])).collect()
}

/// `GET /outages/{id}/answer`
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<OutageId>,
    Query(About { organisation }): Query<About>,
) -> Result<Response, Error> {
    page(visit, (id, organisation), None, Problems::none()).await
}

/// `POST /outages/{id}/answer`
pub(super) async fn answer(
    visit: Visit,
    Path(id): Path<OutageId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let organisation = typed.organisation.ok_or(Error::NotFound)?;
    let mut problems = Problems::none();
    let stands = typed.stands.parse().ok().filter(|stands| *stands != Stands::Waiting);
    if stands.is_none() {
        problems.push("stands", "Select whether you are affected");
    }
    let downtime = typed.downtime.parse().ok();
    if downtime.is_none() {
        problems.push("downtime", "Select whether the procedure carries you");
    }
    let patients = typed.patients.parse().ok();
    if patients.is_none() {
        problems.push("patients", "Select whether patients are affected");
    }
    let note = problems.optional_text("note", &typed.note, LONGEST, "what else you say");
    let (Some(stands), Some(downtime), Some(patients), Some(note)) = (stands, downtime, patients, note)
    else {
        return page(visit, (id, organisation), Some(typed), problems).await;
    };
    let said = Said { stands, downtime, patients, note };
    let whose =
        if typed.whose == "all" { Whose::AllWaiting } else { Whose::One(organisation, typed.version) };
    let mut tx = visit.app.write().await?;
    let done = actions::answer(&mut tx, &visit.actor, id, whose, &said).await;
    if taken(tx, done, (&mut problems, "")).await?.is_none() {
        return page(visit, (id, organisation), Some(typed), problems).await;
    }
    Ok(Redirect::to(&format!("/outages/{id}")).into_response())
}

async fn page(
    visit: Visit,
    (id, organisation): (OutageId, OrganisationId),
    typed: Option<Typed>,
    problems: Problems,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let reply =
        store::own_reply(&mut snapshot, &visit.actor, visit.shell.now, Role::ANSWERING, (id, organisation))
            .await?;
    let reply = reply.ok_or(Error::NotFound)?;
    let outage = store::outage(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let waiting = store::own_waiting(&mut snapshot, &visit.actor, visit.shell.now, id).await?;
    drop(snapshot);
    let before = || Typed {
        version: reply.version,
        stands: if reply.stands == Stands::Waiting { String::new() } else { reply.stands.code().to_owned() },
        downtime: reply.downtime.code().to_owned(),
        patients: reply.patients.code().to_owned(),
        note: reply.note.clone(),
        ..Typed::default()
    };
    let typed = typed.unwrap_or_else(before);
    let others = waiting - i64::from(reply.stands == Stands::Waiting);
    let status = problems.status();
    Ok(render(status, &AnswerPage { shell: visit.shell, problems, outage, reply, others, typed }))
}

/// `POST /outages/{id}/incident`
pub(super) async fn open_incident(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<OutageId>,
    Form(About { organisation }): Form<About>,
) -> Result<Redirect, Error> {
    let mut tx = app.write().await?;
    let incident = actions::open_incident(&mut tx, &actor, id, organisation).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/incidents/{incident}")))
}
