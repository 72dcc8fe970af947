//! Who is doing something, as every action and query is told.

use uuid::Uuid;

use super::{Forbidden, KeyId, PersonId, Role, Rule};
use crate::organisation::OrganisationId;

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A person who is signed in, second factor included.
    Person(Person),
    /// A machine of an organisation, of a supplier, or of the CERT.
    Key(Key),
    /// The program itself, in the job, clock or command of this name.
    Job(&'static str),
    /// Somebody who showed a one-time code, or whose browser did: not a person who is known.
    CodeHolder,
    /// Nobody is signed in.
    Anyone,
}

/// A person with the roles that hold now.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// The name that pages greet.
    pub name: String,
    /// The session's id, to be marked in the list of sessions.
    pub session: Uuid,
    /// Roles, each at an organisation or, where that is `None`, at the CERT.
    pub roles: Vec<(Option<OrganisationId>, Role)>,
}

/// An API key that is neither expired nor revoked.
#[derive(Clone, Debug)]
pub struct Key {
    /// Which.
    pub id: KeyId,
    /// The organisation that it was given to; none where it is the CERT's own.
    pub organisation: Option<OrganisationId>,
    /// What it may be used for, such as `alerts:read`.
    pub scopes: Vec<String>,
}

impl Key {
    /// Whether it may be used for this.
    pub fn holds(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

impl Actor {
    /// Whether a person holds one of `roles` somewhere. Where it matters at which organisation, the
    /// query asks through [`super::scope`].
    pub fn is_any(&self, roles: &[Role]) -> bool {
        matches!(self, Self::Person(person) if person.roles.iter().any(|(_, role)| roles.contains(role)))
    }

    /// Whether this is somebody at the CERT, who sees the whole sector.
    pub fn at_cert(&self) -> bool {
        self.is_any(Role::AT_CERT)
    }

    /// Refuses unless the actor holds one of `roles`, or is the program itself.
    pub fn require(&self, roles: &[Role], to_do: &'static str) -> Result<(), Forbidden> {
        if matches!(self, Self::Job(_)) || self.is_any(roles) { Ok(()) } else { Err(Forbidden(to_do)) }
    }

    /// The same where a machine of the CERT may do it too: with a key that has `scope`.
    pub fn require_or_key(
        &self,
        roles: &[Role],
        scope: &'static str,
        to_do: &'static str,
    ) -> Result<(), Forbidden> {
        if Rule::CertScope(scope).admits(self) { Ok(()) } else { self.require(roles, to_do) }
    }

    /// Whose memberships bound what is visible: a person's or a key's.
    pub fn holder(&self) -> Option<Uuid> {
        match self {
            Self::Person(person) => Some(person.id.0),
            Self::Key(key) => Some(key.id.0),
            Self::Job(_) | Self::CodeHolder | Self::Anyone => None,
        }
    }

    /// The person, where it is one.
    pub const fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            _ => None,
        }
    }

    /// The kind, as the log holds it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Key(_) => "key",
            Self::Job(name) => name,
            Self::CodeHolder => "code",
            Self::Anyone => "anyone",
        }
    }
}

impl Person {
    /// The roles as the header shows them: "Duty manager", "Responder and 2 more roles".
    pub fn roles_in_words(&self) -> String {
        match self.roles.as_slice() {
            [] => "No role".to_owned(),
            [(_, role)] => role.label().to_owned(),
            [(_, role), rest @ ..] => format!("{} and {} more", role.label(), rest.len()),
        }
    }
}
