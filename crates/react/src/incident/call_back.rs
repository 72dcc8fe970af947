//! The numbers on which an organisation is called back, which of them prove anything, and the calls that were made.
//!
//! Whoever has broken into an account of an organisation can change its contacts there. A number proves that the
//! organisation speaks only if it was held for [`HELD`] before the report. See docs/decisions/0024-call-back.md.

use std::str::FromStr;

use db::{DbError, Snapshot, params, sql};
use jiff::{SignedDuration, Timestamp};
use platform::{
    Tx,
    access::PersonId,
    organisation::{
        self,
        contact::{self, ContactId},
    },
};
use uuid::Uuid;

use super::{IncidentId, Outcome, store::Incident};

/// For how long before the report a number must have been held.
pub const HELD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whose a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberOf {
    /// The organisation's own, from the register.
    Organisation,
    /// A contact's.
    Contact(ContactId),
}

impl NumberOf {
    /// The contact, where it is one's.
    pub const fn contact(self) -> Option<ContactId> {
        match self {
            Self::Organisation => None,
            Self::Contact(id) => Some(id),
        }
    }

    /// The word that a form sends for it.
    pub fn code(self) -> String {
        self.contact().map_or_else(|| "organisation".to_owned(), |id| id.to_string())
    }
}

impl FromStr for NumberOf {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "organisation" { Ok(Self::Organisation) } else { text.parse().map(Self::Contact) }
    }
}

/// A number on which an organisation may be called back.
#[derive(Clone, Debug)]
pub struct Number {
    /// Whose it is.
    pub of: NumberOf,
    /// What it is called: "Duty desk, on call".
    pub called: String,
    /// The number.
    pub telephone: String,
    /// Since when it is held; `None` where it has been since the organisation was first taken in.
    pub since: Option<Timestamp>,
    /// Whether it was held long enough before the report.
    pub is_proof: bool,
}

/// The numbers of the organisation of an incident: those that prove something first. None where nobody knows which
/// organisation it is.
pub async fn numbers(snapshot: &mut Snapshot, incident: &Incident) -> Result<Vec<Number>, DbError> {
    let Some(organisation) = incident.organisation_id else { return Ok(Vec::new()) };
    // Of the first report, also where it was joined from an incident that was opened earlier. Index: `report_incident`.
    let first = sql!("SELECT min(sent_at) AS first FROM report WHERE incident_id = ?1");
    let (first,): (Option<Timestamp>,) = snapshot.one(first, params![incident.id]).await?;
    let held_before = first.map_or(incident.opened_at, |first| first.min(incident.opened_at)) - HELD;
    let mut numbers = Vec::new();
    if let Some((telephone, since)) = organisation::store::own_number(snapshot, organisation).await? {
        numbers.push(Number {
            of: NumberOf::Organisation,
            called: "The organisation’s own number".to_owned(),
            telephone,
            since,
            is_proof: since.is_none_or(|since| since < held_before),
        });
    }
    for each in contact::store::numbers(snapshot, organisation, held_before).await? {
        let ended = if each.until_at.is_some() { ", who is no contact any more" } else { "" };
        numbers.push(Number {
            of: NumberOf::Contact(each.id),
            called: format!("{}, {}{ended}", each.name, each.role.label()),
            telephone: each.telephone,
            is_proof: each.since < held_before,
            since: Some(each.since),
        });
    }
    numbers.sort_by_key(|number| !number.is_proof);
    Ok(numbers)
}

db::record! {
    /// A call back that was made.
    pub struct CallBack {
        /// The number; empty where it was forgotten.
        pub number: String,
        /// What came of it.
        pub outcome: Outcome,
        /// What was noted of it.
        pub note: String,
        /// Who rang, where they have not left.
        pub by: Option<String>,
        /// When.
        pub rung_at: Timestamp,
    }
}

/// The call backs of an incident, the first first, 100 at most. Index: `call_back_incident`.
pub async fn made(snapshot: &mut Snapshot, incident: IncidentId) -> Result<Vec<CallBack>, DbError> {
    let statement = sql!(
        "SELECT c.number, c.outcome, c.note, p.name AS by, c.rung_at
         FROM call_back c LEFT JOIN person p ON p.id = c.rung_by AND p.erased_at IS NULL
         WHERE c.incident_id = ?1 ORDER BY c.id LIMIT 100"
    );
    snapshot.all(statement, params![incident]).await
}

/// Keeps a call back that was made just now.
pub(super) async fn insert(
    tx: &mut Tx,
    incident: IncidentId,
    number: &Number,
    outcome: Outcome,
    note: &str,
    by: PersonId,
) -> Result<Uuid, DbError> {
    let (id, now): (Uuid, _) = (tx.id(), tx.now);
    let statement = sql!(
        "INSERT INTO call_back (id, incident_id, contact_id, number, outcome, note, rung_by, rung_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    let values = params![id, incident, number.of.contact(), &number.telephone, outcome, note, by, now];
    tx.run(statement, values).await?;
    Ok(id)
}
