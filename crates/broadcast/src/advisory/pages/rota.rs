//! The rota of approvers: who is rung first when a High advisory waits.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use platform::{
    access::PersonId,
    organisation::contact::Mobile,
    web::{
        Error, Form, Visit,
        form::Problems,
        shell::{Shell, render},
    },
};

use crate::{
    access::APPROVE,
    advisory::{
        rota::{self, Approver},
        typed::{Fields, Typed},
    },
};

/// The most approvers whose places are read from a form.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "advisory/rota.html")]
struct RotaPage {
    shell: Shell,
    problems: Problems,
    /// Each with the place and the mobile that are shown, as text.
    approvers: Vec<(Approver, String, String)>,
    may_change: bool,
    /// Whether texts leave this installation at all.
    texts_leave: bool,
    patience: i64,
    to_decide: i64,
    /// The longest pause between two calls to all, in hours.
    at_most: i64,
}

/// `GET /advisories/rota`
pub(super) async fn show(visit: Visit) -> Result<Response, Error> {
    page(visit, Problems::none(), None).await
}

async fn page(visit: Visit, problems: Problems, typed: Option<&Typed>) -> Result<Response, Error> {
    let approvers = rota::approvers(&mut visit.app.read().await?, visit.shell.now).await?;
    let place = |row: usize, approver: &Approver| match typed {
        Some(typed) => typed.cell("place", row).to_owned(),
        None => approver.position.map(|position| position.to_string()).unwrap_or_default(),
    };
    let mobile = |row: usize, approver: &Approver| match typed {
        Some(typed) => typed.cell("mobile", row).to_owned(),
        None => approver.mobile.clone().unwrap_or_default(),
    };
    let approvers = approvers.into_iter().enumerate();
    let page = RotaPage {
        approvers: approvers
            .map(|(row, approver)| {
                let (place, mobile) = (place(row, &approver), mobile(row, &approver));
                (approver, place, mobile)
            })
            .collect(),
        texts_leave: visit.app.texts.is_ready(),
        at_most: rota::AT_MOST.as_hours(),
        may_change: visit.actor.is_any(APPROVE),
        patience: rota::PATIENCE.as_mins(),
        to_decide: rota::TO_DECIDE.as_mins(),
        problems,
        shell: visit.shell,
    };
    Ok(render(page.problems.status(), &page))
}

/// `POST /advisories/rota`
pub(super) async fn set(visit: Visit, Form(fields): Form<Fields>) -> Result<Response, Error> {
    let (typed, mut problems) = (Typed::of(fields), Problems::none());
    let mut people: Vec<(u32, PersonId)> = Vec::new();
    let mut mobiles: Vec<(PersonId, Option<Mobile>)> = Vec::new();
    for row in 0..MOST {
        let (person, place) = (typed.cell("person", row).parse(), typed.cell("place", row).trim());
        match (person, place.parse()) {
            (Ok(_), _) if place.is_empty() => {}
            (Ok(person), Ok(place)) => people.push((place, person)),
            (Ok(_), Err(_)) => problems.push(format!("place-{row}"), "Enter a number, or nothing"),
            (Err(()), _) => continue,
        }
        let Ok(person) = typed.cell("person", row).parse() else { continue };
        let mobile = typed.cell("mobile", row).trim();
        match Mobile::read(mobile) {
            None if !mobile.is_empty() => {
                problems.push(
                    format!("mobile-{row}"),
                    "Enter a British mobile number, like 07700 900 123, or nothing",
                );
            }
            read => mobiles.push((person, read)),
        }
    }
    if !problems.is_empty() {
        return page(visit, problems, Some(&typed)).await;
    }
    people.sort_unstable();
    let people: Vec<_> = people.into_iter().map(|(_, person)| person).collect();
    let mut tx = visit.app.write().await?;
    rota::set(&mut tx, &visit.actor, &people).await?;
    rota::set_mobiles(&mut tx, &visit.actor, &mobiles).await?;
    tx.commit().await?;
    Ok(Redirect::to("/advisories/rota").into_response())
}
