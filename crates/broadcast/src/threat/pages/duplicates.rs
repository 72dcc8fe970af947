//! A threat's part about duplicates: what may be the same, and what a person says of it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use db::{DbError, Snapshot};
use platform::{
    Actor, App,
    web::{Error, Form},
};
use serde::Deserialize;

use super::{threat_id, to};
use crate::threat::{
    ThreatId,
    duplicates::{self, Suggested},
    store,
};

/// What the part shows.
#[derive(Debug)]
pub(super) struct Duplicates {
    /// The one of which it is a duplicate: its id and name.
    pub of: Option<(ThreatId, String)>,
    /// Its own duplicates.
    pub own: Vec<(ThreatId, String)>,
    pub suggested: Vec<Suggested>,
}

impl Duplicates {
    pub(super) async fn of(snapshot: &mut Snapshot, threat: ThreatId) -> Result<Self, DbError> {
        Ok(Self {
            of: store::duplicates::duplicate_of(snapshot, threat).await?,
            own: store::duplicates::duplicates(snapshot, threat).await?,
            suggested: duplicates::suggested(snapshot, threat).await?,
        })
    }
}

/// Which other one, and the version of this one that was shown.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    other: ThreatId,
    #[serde(default)]
    version: i64,
}

/// `POST /threats/{id}/duplicate`
pub(super) async fn mark(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let id = threat_id(&id)?;
    let mut tx = app.write().await?;
    duplicates::mark(&mut tx, &actor, id, said.version, said.other).await?;
    tx.commit().await?;
    Ok(to(id))
}

/// `POST /threats/{id}/not-the-same`
pub(super) async fn tell_apart(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let id = threat_id(&id)?;
    let mut tx = app.write().await?;
    duplicates::tell_apart(&mut tx, &actor, id, said.other).await?;
    tx.commit().await?;
    Ok(to(id))
}
