//! Handing a draft to a second person, sending it back, publishing and dropping it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use platform::{
    Actor, App,
    web::{Error, Form, Visit, form::Problems},
};
use serde::Deserialize;

use super::{list::to, show};
use crate::playbook::{
    LONGEST_REASON,
    draft::{DraftError, DraftId, actions, publish},
};

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The edition that was seen.
    edition: i64,
    reason: String,
}

/// `POST /playbooks/drafts/{draft}/submit`
pub(super) async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DraftId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::submit(&mut tx, &actor, id, typed.edition).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /playbooks/drafts/{draft}/drop`
pub(super) async fn drop_it(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DraftId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = app.write().await?;
    actions::drop_it(&mut tx, &actor, id, typed.edition).await?;
    tx.commit().await?;
    Ok(Redirect::to("/playbooks/drafts").into_response())
}

/// `POST /playbooks/drafts/{draft}/send-back`
pub(super) async fn send_back(
    visit: Visit,
    Path(id): Path<DraftId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut problems = Problems::none();
    let Some(reason) = problems.text("reason", &typed.reason, LONGEST_REASON, "why it is sent back") else {
        return show::page(visit, id, typed.reason, problems).await;
    };
    let mut tx = visit.app.write().await?;
    actions::send_back(&mut tx, &visit.actor, id, typed.edition, &reason).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /playbooks/drafts/{draft}/publish`
pub(super) async fn publish(
    visit: Visit,
    Path(id): Path<DraftId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    match publish::publish(&mut tx, &visit.actor, id, typed.edition).await {
        Ok(playbook) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/playbooks/{playbook}")).into_response())
        }
        Err(error @ (DraftError::NotClear | DraftError::Unsound | DraftError::Behind)) => {
            drop(tx);
            let mut problems = Problems::none();
            problems.push("", error.to_string());
            show::page(visit, id, String::new(), problems).await
        }
        Err(error) => Err(error.into()),
    }
}
