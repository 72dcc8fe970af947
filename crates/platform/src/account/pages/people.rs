//! The people of an organisation, or of the CERT, and inviting another.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use db::Snapshot;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    super::{
        AccountError,
        actions::{self, Invitation, Invited},
        folded,
        place::{self, Asked, Place},
        store::{self, membership::Staff},
    },
    Again,
};
use crate::{
    Actor, App,
    access::Role,
    organisation::OrganisationId,
    web::{
        Error, Form, Visit,
        cursor::{self, Page},
        form::{Choice, Problems},
        shell::{Notice, NoticeKind, Shell, render},
    },
};

#[derive(Template)]
#[template(path = "account/people.html")]
struct People {
    shell: Shell,
    place: Place,
    others: Vec<Place>,
    page: Page<Staff>,
    sees_all: bool,
    keeps: bool,
    found: Option<(Uuid, String)>,
    asked: Asked,
}

/// What else the list is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    after: Option<String>,
    invited: Option<String>,
}

/// `GET /people`
pub(super) async fn page(
    mut visit: Visit,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let place = place::of(&mut snapshot, &visit.app, &visit.actor, &asked).await?;
    let after = wanted.after.as_deref().and_then(cursor::read);
    let staff = store::membership::staff(&mut snapshot, place.id, visit.app.env.now(), after).await?;
    let page = Page::of(staff, |row| (row.role.code().to_owned(), row.id));
    let found = find(&mut snapshot, &visit.actor, asked.email.as_deref()).await?;
    if let Some(role) = wanted.invited.and_then(|id| id.parse().ok()) {
        visit.shell.notice = invited(&mut snapshot, &visit.app, &place, role).await?;
    }
    let others = place::led(&mut snapshot, &visit.app, &visit.actor).await?;
    let keeps = place::keeps(&visit.actor, place.id);
    let sees_all = visit.actor.at_cert();
    Ok(render(
        StatusCode::OK,
        &People { shell: visit.shell, place, others, page, sees_all, keeps, found, asked },
    ))
}

/// The person of an address, for those at the CERT who see everybody.
async fn find(
    snapshot: &mut Snapshot,
    actor: &Actor,
    email: Option<&str>,
) -> Result<Option<(Uuid, String)>, AccountError> {
    match email {
        Some(email) if actor.at_cert() => {
            let account = store::by_email(snapshot, &folded(email)).await?;
            Ok(account.map(|account| (account.id.0, account.name)))
        }
        _ => Ok(None),
    }
}

/// To whom the invitation to a role at this place was sent. Whether they had an account is not told.
async fn invited(
    snapshot: &mut Snapshot,
    app: &App,
    place: &Place,
    role: Uuid,
) -> Result<Option<Notice>, AccountError> {
    let held = store::membership::find(snapshot, role, app.env.now()).await?;
    let Some((person, ..)) = held.filter(|(_, organisation, _)| *organisation == place.id) else {
        return Ok(None);
    };
    let account = store::by_id(snapshot, person).await?;
    let text = account.map(|account| format!("Invitation sent to {}.", account.email));
    Ok(text.map(|text| Notice { kind: NoticeKind::Success, text }))
}

#[derive(Template)]
#[template(path = "account/invite.html")]
struct Invite {
    shell: Shell,
    problems: Problems,
    place: Place,
    typed: Typed,
    roles: Vec<Choice>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

/// `GET /people/invite`
pub(super) async fn invite_page(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut snapshot = visit.app.read().await?;
    let place = place::of(&mut snapshot, &visit.app, &visit.actor, &asked).await?;
    let roles = choices(place.id, "");
    let (problems, typed) = (Problems::none(), Typed::default());
    Ok(render(StatusCode::OK, &Invite { shell: visit.shell, problems, place, typed, roles }))
}

/// `POST /people/invite`
pub(super) async fn invite_submit(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let asked = Asked { organisation: Some(typed.organisation.clone()), ..Asked::default() };
    let mut snapshot = visit.app.read().await?;
    let place = place::of(&mut snapshot, &visit.app, &visit.actor, &asked).await?;
    drop(snapshot);
    let mut problems = Problems::none();
    let name = problems.text("name", &typed.name, 200, "their full name");
    let email = problems.email("email", &typed.email);
    let role: Option<Role> = typed.role.parse().ok();
    if role.is_none() {
        problems.push("role", "Select what they will do");
    }
    let roles = choices(place.id, &typed.role);
    let (Some(name), Some(email), Some(role)) = (name, email, role) else {
        return Ok(render(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Invite { shell: visit.shell, problems, place, typed, roles },
        ));
    };
    let who = Invitation { email, name, role, organisation: place.id };
    let mut tx = visit.app.write().await?;
    match actions::invite(&mut tx, &visit.actor, &who).await {
        Ok(Invited::ByLink(person) | Invited::HasAccount(person)) => {
            let now = tx.now;
            let given = store::membership::of_person(&mut tx, person, now).await?;
            let given = given.iter().find(|held| held.organisation_id == place.id && held.role == role);
            // The role's id: a person's would say how long they have had an account, and an e-mail
            // address would be kept by whoever keeps addresses of pages.
            let invited = given.map(|held| held.id.to_string()).unwrap_or_default();
            tx.commit().await?;
            let back = format!("/people?organisation={}&invited={invited}", place.id_text());
            Ok(Redirect::to(&back).into_response())
        }
        Err(error) => {
            let Again { status, problems, .. } = Again::of("role", error)?;
            Ok(render(status, &Invite { shell: visit.shell, problems, place, typed, roles }))
        }
    }
}

/// The roles that there are at this place.
fn choices(place: Option<OrganisationId>, chosen: &str) -> Vec<Choice> {
    let hint = |role| match role {
        Role::Responder => "Answers alerts, asks questions about them and reports incidents",
        Role::Lead => "Does what a responder does, and keeps contacts, people, one-time codes and API keys",
        Role::Executive => "Is told when a deadline was missed, and decides whether a risk is accepted",
        Role::Viewer => "Reads alerts and what was answered, and changes nothing",
        Role::Learner => "Sees no alerts: for training",
        Role::Analyst => "Judges threats, writes advisories and works on incidents",
        Role::DutyManager => "Does what an analyst does, and approves, publishes and withdraws alerts",
        Role::Admin => "Keeps accounts, organisations, feeds and jobs, and publishes nothing",
        Role::Auditor => "Reads everything, proves the log and changes nothing",
    };
    Role::ALL
        .into_iter()
        .filter(|role| role.at_cert() == place.is_none())
        .map(|role| Choice::new(role.code(), role.label()).hint(hint(role)).chosen_in(&[chosen]))
        .collect()
}
