//! Who may use a route: a column of the route table.

use super::{Actor, Role, Stage};

/// Who may use a route at all. Which objects they then see is the query's matter.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Everybody, signed in or not.
    Anyone,
    /// Every person who is signed in.
    SignedIn,
    /// Somebody on the way to signing in, or signed in, whose session is at one of these stages.
    AtStage(&'static [Stage]),
    /// A person with one of these roles, at any organisation or at the CERT.
    Roles(&'static [Role]),
    /// An API key of an organisation, with this scope.
    Scope(&'static str),
    /// An API key of the CERT's own, with this scope.
    CertScope(&'static str),
    /// Whoever holds the link that the path is, a machine among them: nobody's session is looked at.
    Holder,
    /// The gateway of text messages, which shows the token that was agreed with it.
    Gateway,
}

/// The answer to somebody who sees a thing but may not do this to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Your role does not let you {0}. Ask your organisation's security lead, or ring the CERT.")]
pub struct Forbidden(pub &'static str);

impl Rule {
    /// Whether `actor` may use a route under this rule.
    pub fn admits(self, actor: &Actor) -> bool {
        match (self, actor) {
            (Self::Anyone | Self::Holder, _) | (Self::SignedIn, Actor::Person(_)) => true,
            (Self::AtStage(stages), Actor::Person(_)) => stages.contains(&Stage::Full),
            (Self::Roles(roles), actor) => actor.is_any(roles),
            (Self::Scope(scope), Actor::Key(key)) => key.organisation.is_some() && key.holds(scope),
            (Self::CertScope(scope), Actor::Key(key)) => key.organisation.is_none() && key.holds(scope),
            _ => false,
        }
    }
}
