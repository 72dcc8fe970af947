//! One outage as those whom it concerns see it: what they are told, what to do first, and how they stand themselves.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use platform::{
    access::Role,
    organisation::OrganisationId,
    web::{
        Error, Visit,
        cursor::{self, Page},
        shell::{Shell, render},
    },
};
use uuid::Uuid;

use crate::{
    outage::{
        Outage, OutageId, Reply, Stands, State as Where,
        store::{self, Update},
    },
    playbook::shelf::Shelf,
    report::{
        Seen,
        first_steps::{ALWAYS, Steps, first_steps},
    },
};

#[derive(Template)]
#[template(path = "outage/own.html")]
struct OwnPage {
    shell: Shell,
    outage: Outage,
    page: Page<Reply>,
    next: String,
    updates: Vec<Update>,
    always: &'static [&'static str],
    steps: Vec<Steps>,
    may_answer: bool,
}

impl OwnPage {
    fn has_answered(&self, row: &Reply) -> bool {
        row.stands != Stands::Waiting
    }

    fn answer(&self, row: &Reply) -> String {
        format!("/outages/{}/answer?organisation={}", self.outage.id, row.organisation_id)
    }

    /// Whether somebody on this page has not answered of what is down.
    fn is_asked(&self) -> bool {
        self.outage.state == Where::Declared && self.page.rows.iter().any(|row| !self.has_answered(row))
    }

    fn asking(&self) -> String {
        match self.page.rows.as_slice() {
            [one] => format!("Say how {} stands", one.name),
            _ => "Say how they stand".to_owned(),
        }
    }

    fn first_to_answer(&self) -> String {
        let first = self.page.rows.iter().find(|row| !self.has_answered(row));
        first.map(|row| self.answer(row)).unwrap_or_default()
    }
}

/// The page for whoever is at an organisation; none where it concerns nobody for whom they stand.
pub(super) async fn show(visit: Visit, id: OutageId, after: &str) -> Result<Response, Error> {
    let after = cursor::read(after).unwrap_or(OrganisationId(Uuid::nil()));
    let mut snapshot = visit.app.read().await?;
    let rows = store::own_replies(&mut snapshot, &visit.actor, visit.shell.now, id, after).await?;
    if rows.is_empty() {
        return Err(Error::NotFound);
    }
    let outage = store::outage(&mut snapshot, id).await?.ok_or(Error::NotFound)?;
    let updates = store::updates(&mut snapshot, id).await?;
    let ours = Shelf::read(&mut snapshot).await?;
    drop(snapshot);
    let page = Page::of(rows, |row| row.organisation_id);
    let next = page.next_of(&format!("/outages/{id}"));
    let page = OwnPage {
        may_answer: visit.actor.is_any(Role::ANSWERING) && outage.state.takes_answers(),
        always: ALWAYS,
        steps: first_steps(&ours, &[Seen::SupplierDown]),
        shell: visit.shell,
        outage,
        page,
        next,
        updates,
    };
    Ok(render(StatusCode::OK, &page))
}
