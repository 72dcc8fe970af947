//! Who comes to a page.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Error, extract::shell, shell::Shell};
use crate::{Actor, App};

/// What every page is made from: the program, what surrounds the page, and who comes to it.
pub struct Visit {
    /// The program.
    pub app: App,
    /// What surrounds the page.
    pub shell: Shell,
    /// Who comes.
    pub actor: Actor,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let shell = shell(app, &actor, parts.uri.path());
        Ok(Self { app: app.clone(), shell, actor })
    }
}
