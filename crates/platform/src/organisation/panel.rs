//! Panels: what a service shows of an organisation on the organisation's own page, which knows no
//! service.

use std::{future::Future, pin::Pin};

use db::{DbError, Snapshot};

use super::OrganisationId;
use crate::{Actor, web::shell::Shell};

/// What a panel is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who reads the page; they may see the organisation, which says nothing of what the panel tells.
    pub actor: &'a Actor,
    /// Whose page it is.
    pub organisation: OrganisationId,
    /// The page around it: its language and the moment it is made for.
    pub shell: &'a Shell,
}

/// The future of a [`Panel`]: its HTML, or nothing for whom it has nothing to tell.
pub type Showing<'a> = Pin<Box<dyn Future<Output = Result<Option<String>, DbError>> + Send + 'a>>;

/// A row of a service's table of panels.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// Reads what it tells and writes it, a section under an `h2`.
    pub show: for<'a> fn(&'a mut Snapshot, Asked<'a>) -> Showing<'a>,
}
