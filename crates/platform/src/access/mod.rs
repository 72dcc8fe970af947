//! Who acts, in which roles, for which organisations.
//!
//! Every action takes an [`Actor`]. What it may not see does not exist for it (404); what it sees
//! but may not do is refused with a sentence (403).

mod actor;
pub mod resolve;
mod role;
mod rule;
pub mod scope;
mod stage;

pub use actor::{Actor, Key, Person};
pub use role::Role;
pub use rule::{Forbidden, Rule};
pub use stage::{Session, Stage};

use crate::web::shell::NavItem;

db::id! {
    /// Names a person.
    pub PersonId
}
db::id! {
    /// Names an API key.
    pub KeyId
}

/// The platform's entries of the menu.
pub(crate) fn navigation(actor: &Actor) -> Vec<NavItem> {
    let mut items = Vec::new();
    if actor.is_any(&[Role::Auditor, Role::Admin]) {
        items.push(NavItem::new("Log", "/log"));
    }
    if actor.is_any(&[Role::Admin]) {
        items.push(NavItem::new("Jobs", "/jobs"));
    }
    items
}
