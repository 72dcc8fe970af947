//! Adding, changing and ending a contact: extract, call, render.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde::Deserialize;

use super::{ContactId, ContactKind, ContactRole, Details, actions, store::Contact};
use crate::{
    Actor, App,
    organisation::{self, OrganisationId, store::Organisation},
    web::{
        Error, Form,
        form::{Choice, Problems},
        shell::{Shell, render},
    },
};

/// The form of a contact as it was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    role: String,
    kind: String,
    name: String,
    email: String,
    telephone: String,
    version: i64,
}

impl Typed {
    fn of(contact: &Contact) -> Self {
        Self {
            role: contact.role.code().to_owned(),
            kind: contact.kind.code().to_owned(),
            name: contact.name.clone(),
            email: contact.email.clone().unwrap_or_default(),
            telephone: contact.telephone.clone().unwrap_or_default(),
            version: contact.version,
        }
    }

    /// The contact that was typed, or what has to be mended.
    fn read(&self, problems: &mut Problems) -> Option<Details> {
        let kind: Option<ContactKind> = self.kind.parse().ok();
        if kind.is_none() {
            problems.push("kind", "Select what this contact is");
        }
        let role: Option<ContactRole> = self.role.parse().ok();
        if role.is_none() {
            problems.push("role", "Select what this contact is reached for");
        }
        let name = problems.text("name", &self.name, 120, "the contact's name");
        let mobile = kind == Some(ContactKind::OnCallMobile);
        let email = match self.email.trim() {
            "" if mobile => Some(None),
            _ => problems.email("email", &self.email).map(Some),
        };
        let telephone = match self.telephone.trim() {
            "" if !mobile => Some(None),
            _ => problems.telephone("telephone", &self.telephone).map(Some),
        };
        Some(Details { role: role?, kind: kind?, name: name?, email: email?, telephone: telephone? })
    }
}

/// The form, for a new contact or one that is there.
#[derive(Template)]
#[template(path = "organisation/contact.html")]
struct ContactForm {
    shell: Shell,
    organisation: Organisation,
    contact: Option<Contact>,
    typed: Typed,
    roles: Vec<Choice>,
    kinds: Vec<Choice>,
    problems: Problems,
}

impl ContactForm {
    fn of(shell: Shell, organisation: Organisation, contact: Option<Contact>, typed: Typed) -> Self {
        let hint = |role: ContactRole| match role {
            ContactRole::SecurityLead => "Receives every alert",
            ContactRole::Deputy => "Receives alerts while covering, or when one is late",
            ContactRole::Executive => "Hears when a deadline was missed, and accepts risks",
            ContactRole::SharedMailbox => "Receives every alert",
            ContactRole::OnCall => "Is rung when nobody answers",
        };
        let roles = ContactRole::ALL
            .iter()
            .map(|role| Choice::new(role.code(), role.label()).hint(hint(*role)).chosen_in(&[&typed.role]))
            .collect();
        let kinds = ContactKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.code(), kind.label()).chosen_in(&[&typed.kind]))
            .collect();
        Self { shell, organisation, contact, typed, roles, kinds, problems: Problems::none() }
    }

    fn wrong(mut self, problems: Problems) -> Response {
        self.problems = problems;
        render(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// Where a change leads back to.
pub(super) fn back_to(organisation: OrganisationId) -> Response {
    Redirect::to(&format!("/organisations/{organisation}#contacts")).into_response()
}

/// The organisation of a contact that the actor keeps.
pub(super) async fn organisation_of(
    snapshot: &mut db::Snapshot,
    id: OrganisationId,
) -> Result<Organisation, Error> {
    organisation::store::find(snapshot, id).await?.ok_or(Error::NotFound)
}

/// `GET /organisations/{id}/contacts/add`
pub(super) async fn ask_new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<OrganisationId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    actions::keeps(&mut snapshot, &actor, id, shell.now).await?;
    let organisation = organisation_of(&mut snapshot, id).await?;
    Ok(render(StatusCode::OK, &ContactForm::of(shell, organisation, None, Typed::default())))
}

/// `POST /organisations/{id}/contacts/add`
pub(super) async fn add(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<OrganisationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::keeps(&mut tx, &actor, id, shell.now).await?;
    let mut problems = Problems::none();
    let Some(details) = typed.read(&mut problems) else {
        let organisation = organisation_of(&mut tx, id).await?;
        return Ok(ContactForm::of(shell, organisation, None, typed).wrong(problems));
    };
    actions::add(&mut tx, &actor, id, &details).await?;
    tx.commit().await?;
    Ok(back_to(id))
}

/// `GET /contacts/{id}`
pub(super) async fn ask_change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ContactId>,
) -> Result<Response, Error> {
    let mut snapshot = app.read().await?;
    let contact = actions::kept(&mut snapshot, &actor, id, shell.now).await?;
    let organisation = organisation_of(&mut snapshot, contact.organisation_id).await?;
    let typed = Typed::of(&contact);
    Ok(render(StatusCode::OK, &ContactForm::of(shell, organisation, Some(contact), typed)))
}

/// `POST /contacts/{id}`
pub(super) async fn change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ContactId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let contact = actions::kept(&mut tx, &actor, id, shell.now).await?;
    let mut problems = Problems::none();
    let Some(details) = typed.read(&mut problems) else {
        let organisation = organisation_of(&mut tx, contact.organisation_id).await?;
        return Ok(ContactForm::of(shell, organisation, Some(contact), typed).wrong(problems));
    };
    let organisation = actions::change(&mut tx, &actor, id, typed.version, &details).await?;
    tx.commit().await?;
    Ok(back_to(organisation))
}

/// The version that a person saw.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    version: i64,
}

/// `POST /contacts/{id}/end`
pub(super) async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ContactId>,
    Form(seen): Form<Seen>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    let organisation = actions::end(&mut tx, &actor, id, seen.version).await?;
    tx.commit().await?;
    Ok(back_to(organisation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_a_contact_is_told_at_once() {
        let typed = Typed { kind: "on_call_mobile".to_owned(), email: "x".to_owned(), ..Typed::default() };
        let mut problems = Problems::none();
        assert_eq!(typed.read(&mut problems), None);
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
        assert_eq!(fields, ["role", "name", "email", "telephone"]);
    }
}
