//! Webhooks: ticket systems and chat rooms that are told what happens, an organisation's own or the
//! CERT's own.
//!
//! Rows are themselves the queue, as those of messages are; but here the server is what is taken, paused
//! and switched off, so that one which is slow or dead keeps nobody else waiting (decision 0012). What is
//! told is rendered when it is sent, by the service that knows the event, so that a marking holds on this
//! door too. Each try is signed by the conventions of Standard Webhooks.

pub mod actions;
pub mod api;
mod deliver;
mod event;
mod off;
mod pages;
mod secret;
mod send;
pub mod store;

use formats::Tlp;
use jiff::SignedDuration;
use url::Url;

use crate::{
    Actor,
    access::{Forbidden, Role},
    net::{Allowed, Reach},
    organisation::OrganisationId,
    web::{self, shell::NavItem},
};
pub use deliver::{Health, deliver_due};
pub use event::{Event, Happened, Hearing, Rendering, TEST, Telling, ToTell, happened, surely};
pub use off::MESSAGE;
pub use secret::Secret;
pub use store::{DELIVERIES, PREVIOUS, REMOVED};
pub use store::{Troubled, troubled};

db::id! {
    /// Names a webhook.
    pub WebhookId
}
db::id! {
    /// Names what a webhook is told: the `webhook-id` of each try.
    pub DeliveryId
}

/// The most webhooks of one owner.
pub const MOST: i64 = 10;
/// For how long a secret that was replaced still signs.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// For how long a delivery is tried.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A server that took nothing for so long, though something waited, is switched off.
pub const GIVEN_UP: SignedDuration = SignedDuration::from_hours(5 * 24);
/// The most deliveries that are sent again at once.
pub const AGAIN: i64 = 1000;

/// Who keeps the CERT's own webhooks.
pub const CERT_KEEPERS: &[Role] = &[Role::DutyManager, Role::Admin];
/// Who sees them.
const CERT_READERS: &[Role] = &[Role::DutyManager, Role::Admin, Role::Auditor];
/// Who keeps an organisation's.
const LEADS: &[Role] = &[Role::Lead];

crate::vocabulary! {
    /// How what is told is written.
    pub enum Format {
        Json = "json", "JSON, for ticket systems";
        Chat = "chat", "Text, for chat rooms";
    }
}

crate::vocabulary! {
    /// Whether a webhook is told anything.
    pub enum State {
        On = "on", "On";
        Off = "off", "Switched off";
        Removed = "removed", "Removed";
    }
}

crate::vocabulary! {
    /// Why a webhook was switched off.
    pub enum OffReason {
        Person = "person", "Somebody switched it off";
        Failing = "failing", "Its server took nothing for 5 days";
        Gone = "gone", "Its server answered that it is gone (410)";
    }
}

crate::vocabulary! {
    /// What became of what a webhook is told.
    pub enum Fate {
        Waiting = "waiting", "Waiting";
        Delivered = "delivered", "Delivered";
        Failed = "failed", "Failed";
        CalledBack = "called_back", "Not sent";
    }
}

impl Fate {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Waiting => "blue",
            Self::Delivered => "green",
            Self::Failed => "red",
            Self::CalledBack => "grey",
        }
    }
}

crate::vocabulary! {
    /// Why a try came to nothing. What people read says nothing of what is within a network, whoever
    /// typed the address.
    pub enum Problem {
        Unreached = "unreached", "The server could not be reached within 10 seconds";
        Answered = "answered", "The server did not take it";
        Expired = "expired", "It waited for 3 days while the server could not be reached";
        SwitchedOff = "switched_off", "The webhook was switched off";
        Unwritten = "unwritten", "We could not write it; our own log says why";
        Past = "past", "It no longer held when it was to be sent";
    }
}

/// Whose a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The CERT's own.
    Cert,
    /// An organisation's.
    Organisation(OrganisationId),
}

impl Owner {
    /// The organisation, where it is one's.
    pub const fn organisation(self) -> Option<OrganisationId> {
        match self {
            Self::Cert => None,
            Self::Organisation(id) => Some(id),
        }
    }

    /// Where its pages begin.
    pub const fn pages(self) -> &'static str {
        match self {
            Self::Cert => "/cert/webhooks",
            Self::Organisation(_) => "/webhooks",
        }
    }

    /// Whether `actor` may see its webhooks.
    pub(crate) fn is_seen_by(self, actor: &Actor) -> bool {
        match self {
            Self::Cert => actor.is_any(CERT_READERS),
            Self::Organisation(id) => leads(actor, id),
        }
    }

    /// Whether `actor` may change them.
    pub(crate) fn is_kept_by(self, actor: &Actor) -> bool {
        match self {
            Self::Cert => actor.is_any(CERT_KEEPERS),
            Self::Organisation(id) => leads(actor, id),
        }
    }

    /// Refuses whoever may not change them: who cannot see them learns nothing of them.
    fn require_keeper(self, actor: &Actor) -> Result<(), WebhookError> {
        if matches!(actor, Actor::Job(_)) || self.is_kept_by(actor) {
            Ok(())
        } else if self.is_seen_by(actor) {
            Err(Forbidden("change webhooks").into())
        } else {
            Err(WebhookError::NotFound)
        }
    }

    /// The address, if it is one that this owner's webhook may be sent to: over TLS, and not within a
    /// network of its own. For the CERT's own alone, what the installation allows is open, also without
    /// TLS where the address stands there in numbers.
    pub fn address(self, typed: &str, allowed: &Allowed) -> Option<Url> {
        let typed = typed.trim();
        let mut url = Url::parse(typed).ok().filter(|_| typed.len() <= 2_000)?;
        url.set_fragment(None);
        let own = match self {
            Self::Cert => allowed,
            Self::Organisation(_) => &Allowed::default(),
        };
        let private = url.scheme() == "https" || own.opens(&url);
        (private && own.check(&url).is_ok()).then_some(url)
    }

    /// How far a request to this owner's webhook may go, where it may be sent to that address at all.
    fn reach(self, address: &str, allowed: &Allowed) -> Option<Reach> {
        self.address(address, allowed)?;
        Some(match self {
            Self::Cert => Reach::Allowed,
            Self::Organisation(_) => Reach::Public,
        })
    }
}

impl From<Option<OrganisationId>> for Owner {
    fn from(organisation: Option<OrganisationId>) -> Self {
        organisation.map_or(Self::Cert, Self::Organisation)
    }
}

fn leads(actor: &Actor, organisation: OrganisationId) -> bool {
    actor.person().is_some_and(|person| person.roles.contains(&(Some(organisation), Role::Lead)))
}

/// What is decided about a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// By what its owners call it.
    pub name: String,
    /// Where it is: what [`Owner::address`] let through.
    pub url: Url,
    /// How what it is told is written.
    pub format: Format,
    /// The names of the events that it is told of.
    pub events: Vec<&'static str>,
}

/// Why something about a webhook was not done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none such, or not for this actor.
    #[error("There is no such webhook, or none that you can see.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Somebody else was faster.
    #[error(
        "Somebody changed this webhook after you opened it. Go back and reload the page to see it as it is."
    )]
    Overtaken,
    /// There are as many as there may be.
    #[error("There are {MOST} webhooks already. Remove one that is no longer used, then add this one.")]
    TooMany,
    /// It is told of nothing.
    #[error("Select at least one thing to be told of")]
    NoEvent,
    /// The form was sent twice.
    #[error(
        "This webhook was added already, and its secret is shown only once. If nobody kept it, have a new one made."
    )]
    AddedAlready(WebhookId),
    /// Two secrets count already.
    #[error(
        "The secret was replaced less than 24 hours ago, and the one before still counts. Wait until then, or remove this webhook and add another."
    )]
    TwoSecrets,
    /// It is off.
    #[error("This webhook is switched off. Switch it on first.")]
    Off,
    /// It is on.
    #[error("This webhook is switched on already.")]
    On,
    /// There is one on its way.
    #[error("A test is on its way already. Reload the page in a moment to see what came of it.")]
    Testing,
    /// It waits already.
    #[error("This is on its way already. Reload the page in a moment to see what came of it.")]
    Waiting,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<WebhookError> for web::Error {
    fn from(error: WebhookError) -> Self {
        let sentence = error.to_string();
        match error {
            WebhookError::NotFound => Self::NotFound,
            WebhookError::Forbidden(forbidden) => forbidden.into(),
            WebhookError::NoEvent => Self::Unprocessable(sentence),
            WebhookError::Database(error) => error.into(),
            _ => Self::Conflict(sentence),
        }
    }
}

/// Whether a machine may be told at all of what has this marking: RED is for people alone.
pub fn travels(tlp: Tlp) -> bool {
    tlp != Tlp::Red
}

/// The rows of webhooks.
pub(crate) fn routes() -> Vec<web::Route> {
    let mut routes = pages::routes();
    routes.extend(api::routes());
    routes
}

/// The menu for this actor.
pub(crate) fn navigation(actor: &Actor) -> Vec<NavItem> {
    let mut items = Vec::new();
    if actor.is_any(LEADS) {
        items.push(NavItem::new("Webhooks", "/webhooks"));
    }
    if actor.is_any(CERT_READERS) {
        items.push(NavItem::new("CERT webhooks", "/cert/webhooks"));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_webhook_may_be_depends_on_whose_it_is() {
        let allowed = Allowed(vec!["10.1.0.0/16".parse().unwrap()]);
        let lead = Owner::Organisation(OrganisationId(uuid::Uuid::nil()));
        for (url, cert, organisation) in [
            ("https://hooks.example/a?b=c", true, true),
            ("https://10.1.0.1/a", true, false),
            ("http://10.1.0.1:8080/a", true, false),
            ("http://hooks.example/a", false, false),
            ("https://10.2.0.1/a", false, false),
            ("http://127.0.0.1/", false, false),
            ("https://me:secret@hooks.example/", false, false),
            ("ftp://10.1.0.1/", false, false),
            ("hooks.example", false, false),
        ] {
            assert_eq!(Owner::Cert.address(url, &allowed).is_some(), cert, "{url}");
            assert_eq!(lead.address(url, &allowed).is_some(), organisation, "{url}");
        }
        assert_eq!(lead.address(" https://a.example/#b ", &allowed).unwrap().as_str(), "https://a.example/");
    }
}
