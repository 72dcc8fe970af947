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

db::id! {
    /// Names a person.
    pub PersonId
}
db::id! {
    /// Names an API key.
    pub KeyId
}
