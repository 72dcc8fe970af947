//! Mutual aid: an organisation in need asks others for people, machines or beds, and they offer what they can.
//!
//! Those who are asked read the request's own words and nothing of the case behind it. What each offers is read by
//! itself, by who asked and by the CERT. The CERT reads all of it, and can ask more.

pub mod actions;
mod jobs;
pub(crate) mod messages;
mod pages;
mod shown;
pub mod store;

use jiff::Timestamp;
use platform::{access::Forbidden, web};
use uuid::Uuid;

use crate::incident::IncidentId;
pub(crate) use jobs::Tell;
pub(crate) use pages::routes;
pub use shown::Shown;
pub use store::{Offer, Request, Standing};

db::id! {
    /// Names a request for aid.
    pub RequestId
}
db::id! {
    /// Names an offer to a request.
    pub OfferId
}
db::id! {
    /// Names what an organisation could lend before anybody asks.
    pub StandingId
}

/// The number by which a request is spoken of.
pub type Receipt = platform::receipt::Receipt<'A'>;

/// The longest words of a request or an offer, in characters.
pub const LONGEST: usize = 1_000;
/// The longest name or place.
pub const LONGEST_LINE: usize = 200;
/// The most that is asked for, or offered, at once.
pub const MOST: i64 = 10_000;
/// The most organisations that a request names.
pub const MOST_NAMED: usize = 50;
/// The most offers that one organisation makes to a request.
pub const MOST_OFFERS: i64 = 20;

platform::vocabulary! {
    /// What is asked for, or offered.
    pub enum What {
        Responders = "responders", "People: incident responders";
        Network = "network", "People: network engineers";
        Informatics = "informatics", "People: clinical informatics";
        Theatre = "theatre", "People: theatre staff";
        People = "people", "People: others";
        Laptops = "laptops", "Laptops";
        Servers = "servers", "Servers";
        NetworkKit = "network_kit", "Network equipment";
        Phones = "phones", "Clean telephones";
        Generators = "generators", "Generators";
        Beds = "beds", "Beds, or patients taken over";
        Else = "else", "Something else";
    }
}

platform::vocabulary! {
    /// To whom a request is shown.
    pub enum Reach {
        Region = "region", "Trusts, ambulance services, boards and regional bodies of the same region";
        Offered = "offered", "Those who have said that they can lend this";
        Named = "named", "Organisations that I name";
    }
}

platform::vocabulary! {
    /// Where a request stands.
    ///
    /// | from            | event                         | to        |
    /// |-----------------|-------------------------------|-----------|
    /// | Open            | Accept, and it is enough      | Fulfilled |
    /// | Open            | Withdraw, nothing accepted    | Withdrawn |
    /// | Open, Fulfilled | End                           | Ended     |
    pub enum State {
        Open = "open", "Asked";
        Fulfilled = "fulfilled", "Enough was found";
        Withdrawn = "withdrawn", "Withdrawn";
        Ended = "ended", "Over";
    }
}

platform::vocabulary! {
    /// Where an offer stands.
    ///
    /// | from     | event                             | to        |
    /// |----------|-----------------------------------|-----------|
    /// | Offered  | Accept                            | Accepted  |
    /// | Offered  | Decline, or the request is over   | Declined  |
    /// | Offered  | Withdraw                          | Withdrawn |
    /// | Accepted | Return                            | Returned  |
    pub enum Stands {
        Offered = "offered", "Waits for an answer";
        Accepted = "accepted", "Accepted";
        Declined = "declined", "Declined with thanks";
        Withdrawn = "withdrawn", "Withdrawn";
        Returned = "returned", "Returned";
    }
}

impl State {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Open => "blue",
            Self::Fulfilled => "green",
            Self::Withdrawn | Self::Ended => "grey",
        }
    }
}

impl Stands {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Offered => "yellow",
            Self::Accepted => "green",
            Self::Declined | Self::Withdrawn | Self::Returned => "grey",
        }
    }
}

/// Who can be rung about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Who they are.
    pub name: String,
    /// Their number.
    pub telephone: String,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The form that it is sent with: sent twice, it is one.
    pub form: Uuid,
    /// The ODS code of the organisation in need.
    pub code: String,
    /// The case that it is asked in.
    pub incident: Option<IncidentId>,
    /// What is asked for.
    pub what: What,
    /// The same in words.
    pub detail: String,
    /// How many.
    pub wanted: i64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Where.
    pub place: String,
    /// Whom to ring.
    pub contact: Contact,
    /// To whom it is shown.
    pub reach: Reach,
    /// The ODS codes of those that are named.
    pub named: Vec<String>,
    /// Whether those asked are told who asks.
    pub is_named: bool,
    /// Whether they are told that it is for a cyber incident.
    pub is_cyber: bool,
}

/// What is offered to a request.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The form that it is sent with.
    pub form: Uuid,
    /// The ODS code of the organisation that offers.
    pub code: String,
    /// How many.
    pub count: i64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// On what conditions; may be empty.
    pub conditions: String,
    /// Whom to ring.
    pub contact: Contact,
}

/// What could be lent, before anybody asks.
#[derive(Clone, Debug)]
pub struct Lendable {
    /// The form that it is sent with.
    pub form: Uuid,
    /// The ODS code of the organisation that could.
    pub code: String,
    /// What.
    pub what: What,
    /// How many.
    pub count: i64,
    /// Within how many hours.
    pub within_hours: i64,
    /// On what conditions; may be empty.
    pub conditions: String,
    /// Whom to ring.
    pub contact: Contact,
}

/// Why something could not be done with aid.
#[derive(Debug, thiserror::Error)]
pub enum AidError {
    /// There is none such, or not for this actor.
    #[error("There is no such request.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The actor does not answer for an organisation of this code.
    #[error(
        "You do not answer for an organisation {0} that can do this. Enter the code of one that you answer for."
    )]
    NotYours(String),
    /// No organisation of this code.
    #[error("There is no open organisation of the code {0}.")]
    NoOrganisation(String),
    /// Nobody would see it.
    #[error("Nobody would see this. Choose others to show it to.")]
    Nobody,
    /// More would be accepted than are wanted.
    #[error("{0} more are wanted, and {1} were offered. Accept no more than that.")]
    TooMany(i64, i64),
    /// The request or the offer is over.
    #[error("This is over, or was answered. Reload the page to see how it stands.")]
    Over,
    /// Something was accepted already.
    #[error("Something was accepted already. Say that it is over instead.")]
    AcceptedAlready,
    /// A bound.
    #[error("That is a great many. Ring {0} instead.")]
    Enough(&'static str),
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Reload the page to see it.")]
    Twice,
    /// Somebody else was faster.
    #[error("Somebody changed this after you opened it. Go back and reload the page to see what they did.")]
    Overtaken,
    /// What was written cannot be kept as it is; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The case does not allow it.
    #[error("{0}")]
    Case(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for AidError {
    fn field(&self, _: &'static str) -> Option<&'static str> {
        match self {
            Self::NotYours(_) => Some("organisation"),
            Self::NoOrganisation(_) => Some("named"),
            Self::Nobody => Some("reach"),
            Self::NotFound | Self::Forbidden(_) | Self::Database(_) => None,
            _ => Some(""),
        }
    }
}

impl From<crate::case::CaseError> for AidError {
    fn from(error: crate::case::CaseError) -> Self {
        use crate::case::CaseError;
        match error {
            CaseError::NotFound => Self::NotFound,
            CaseError::Forbidden(forbidden) => forbidden.into(),
            CaseError::Database(error) => error.into(),
            other => Self::Case(other.to_string()),
        }
    }
}

impl From<AidError> for web::Error {
    fn from(error: AidError) -> Self {
        let sentence = error.to_string();
        match error {
            AidError::NotFound => Self::NotFound,
            AidError::Forbidden(forbidden) => forbidden.into(),
            AidError::Database(error) => error.into(),
            AidError::Over | AidError::AcceptedAlready | AidError::Twice | AidError::Overtaken => {
                Self::Conflict(sentence)
            }
            _ => Self::Unprocessable(sentence),
        }
    }
}
