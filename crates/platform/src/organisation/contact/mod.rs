//! Who is reached at an organisation: persons, shared mailboxes, on-call mobiles, in their roles.
//!
//! A contact need not have an account. An address counts once its owner has confirmed it; while a
//! contact is away, whoever covers is written to instead. The rule of who is written to stands
//! once, in [`mailboxes!`](crate::mailboxes!), which publishing joins to an alert's audience.

pub mod actions;
mod cover;
mod messages;
mod mobile;
mod pages;
pub mod store;
mod verify;

pub use crate::message::ContactId;
use crate::{
    access::{Forbidden, Role, Rule},
    web::{self, Route},
};
pub use messages::VERIFY;
pub use mobile::Mobile;

db::id! {
    /// Names a cover.
    pub CoverId
}

/// Those who keep contacts: an organisation's lead its own, the CERT everybody's.
pub const KEEPERS: &[Role] = &[Role::Lead, Role::Analyst, Role::DutyManager, Role::Admin];
/// Those of them who keep every organisation's.
pub const KEEPERS_AT_CERT: &[Role] = &[Role::Analyst, Role::DutyManager, Role::Admin];

crate::vocabulary! {
    /// What a contact is reached for.
    pub enum ContactRole {
        SecurityLead = "security_lead", "Security lead";
        Deputy = "deputy", "Deputy";
        Executive = "executive", "Executive (SIRO)";
        SharedMailbox = "shared_mailbox", "Shared mailbox";
        OnCall = "on_call", "On call";
    }
}

crate::vocabulary! {
    /// What a contact is.
    pub enum ContactKind {
        Person = "person", "Person";
        SharedMailbox = "shared_mailbox", "Shared mailbox";
        OnCallMobile = "on_call_mobile", "On-call mobile";
    }
}

/// What is known of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// What it is reached for.
    pub role: ContactRole,
    /// What it is.
    pub kind: ContactKind,
    /// A person's name, or what the mailbox or mobile is called.
    pub name: String,
    /// Its mail address.
    pub email: Option<String>,
    /// Its telephone number.
    pub telephone: Option<String>,
}

impl Details {
    /// Whether it can be reached in the way its kind is for.
    pub const fn check(&self) -> Result<(), ContactError> {
        match self.kind {
            ContactKind::OnCallMobile if self.telephone.is_none() => Err(ContactError::NoTelephone),
            ContactKind::Person | ContactKind::SharedMailbox if self.email.is_none() => {
                Err(ContactError::NoEmail)
            }
            _ => Ok(()),
        }
    }
}

/// Why something was not done to a contact.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// A mobile without a number.
    #[error("Enter the telephone number of the on-call mobile.")]
    NoTelephone,
    /// A person or mailbox without an address.
    #[error("Enter an email address.")]
    NoEmail,
    /// It does not exist, has ended, or is not for this actor.
    #[error("There is no such contact, or it has ended.")]
    NotFound,
    /// Somebody else was first.
    #[error("Somebody else changed this contact first. Open it again to see what they changed.")]
    Changed,
    /// The link was used, replaced or has run out.
    #[error(
        "This link was used already, was replaced by a newer one, or is more than 7 days old. Ask for a new one."
    )]
    LinkEnded,
    /// A cover that ends before it begins.
    #[error("The last day of the cover must not be before its first, or in the past.")]
    CoverEndsFirst,
    /// A cover by somebody who is not a contact there.
    #[error("Choose another contact of this organisation to cover.")]
    NoSuchDeputy,
    /// The actor may not.
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error("{0}")]
    Db(#[from] db::DbError),
}

impl From<ContactError> for web::Error {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::NotFound => Self::NotFound,
            ContactError::Changed | ContactError::LinkEnded => Self::Conflict(error.to_string()),
            ContactError::Forbidden(forbidden) => forbidden.into(),
            ContactError::Db(error) => error.into(),
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// The joins and conditions under which somebody is reached by mail: `contact c`, whoever covers
/// (`contact d`) through `contact_cover v`.
///
/// `$from` is the beginning of the clause (`"FROM"`, or `"FROM x CROSS JOIN"`), `$of` the
/// organisation, `$now` the moment, `$roles` the roles in quotes. Further conditions may follow
/// with `AND`. A contact counts with a confirmed address, or while somebody who has one covers.
/// Index: `contact_organisation`, then `contact_cover_of`.
#[macro_export]
macro_rules! reaching {
    ($from:literal, $of:literal, $now:literal, $roles:literal) => {
        ::std::concat!(
            $from, " contact c
             LEFT JOIN contact_cover v ON v.contact_id = c.id AND v.from_at <= ", $now, " AND v.until_at > ", $now, "
             LEFT JOIN contact d ON d.id = v.deputy_id AND d.email IS NOT NULL AND d.verified_at IS NOT NULL
                                AND d.from_at <= ", $now, " AND (d.until_at IS NULL OR d.until_at > ", $now, ")
             WHERE c.organisation_id = ", $of, " AND c.role IN (", $roles, ")
               AND c.from_at <= ", $now, " AND (c.until_at IS NULL OR c.until_at > ", $now, ")
               AND (d.id IS NOT NULL OR (c.email IS NOT NULL AND c.verified_at IS NOT NULL))"
        )
    };
}

/// The mailboxes to write to for a set of organisations: common table expressions `writer` and
/// `mailbox`, to stand after `WITH` and before the statement that reads `mailbox`.
///
/// `$audience` is the caller's query of one column `organisation_id`; `$now` the parameter of the
/// moment; `$roles` the roles in quotes, for an alert `"'security_lead', 'shared_mailbox'"`.
///
/// A row of `mailbox`: `organisation_id` whom it is about, `written_to` the organisation that
/// answers (itself, or those who answer for it, instead of it), `contact_id`, `email`, `role`.
/// An organisation that several answer for has rows of each. One mailbox stands for as many
/// organisations as it has rows: group by `email` for one message each.
///
/// ```text
/// sql!("WITH ", mailboxes!("SELECT organisation_id FROM response WHERE alert_id = ?1", "?2",
///                          "'security_lead', 'shared_mailbox'"),
///      "SELECT email, contact_id, organisation_id FROM mailbox WHERE email > ?3 ORDER BY email LIMIT 1000")
/// ```
///
/// Index: the audience's own, `answers_for`'s key, then those of [`reaching!`](crate::reaching!).
#[macro_export]
macro_rules! mailboxes {
    ($audience:literal, $now:literal, $roles:literal) => {
        ::std::concat!(
            "writer AS (
                 SELECT o.organisation_id, coalesce(a.answering_id, o.organisation_id) AS written_to
                 FROM (",
            $audience,
            ") o
                 LEFT JOIN answers_for a ON a.organisation_id = o.organisation_id
                     AND a.from_at <= ",
            $now,
            " AND (a.until_at IS NULL OR a.until_at > ",
            $now,
            ")
             ), mailbox AS (
                 SELECT w.organisation_id, w.written_to, coalesce(d.id, c.id) AS contact_id,
                        coalesce(d.email, c.email) AS email, c.role
                 ",
            $crate::reaching!("FROM writer w CROSS JOIN", "w.written_to", $now, $roles),
            "
             ) "
        )
    };
}

/// The rows of contacts.
pub(crate) fn routes() -> Vec<Route> {
    let keepers = Rule::Roles(KEEPERS);
    let form = "role=deputy&kind=person&name=Pat+Walker&email=pat%40example.org&telephone=&version=1";
    let cover =
        "deputy={deputy}&from-day=1&from-month=7&from-year=2026&until-day=9&until-month=7&until-year=2026";
    vec![
        Route::get("/organisations/{id}/contacts/add", keepers, pages::ask_new)
            .sample("/organisations/{organisation}/contacts/add"),
        Route::post("/organisations/{id}/contacts/add", keepers, pages::add)
            .sample("/organisations/{organisation}/contacts/add")
            .form(form),
        Route::get("/contacts/{id}", keepers, pages::ask_change).sample("/contacts/{contact}"),
        Route::post("/contacts/{id}", keepers, pages::change).sample("/contacts/{contact}").form(form),
        Route::post("/contacts/{id}/end", keepers, pages::end)
            .sample("/contacts/{contact}/end")
            .form("version=1"),
        Route::post("/contacts/{id}/link", keepers, verify::send_link).sample("/contacts/{contact}/link"),
        Route::get("/contacts/{id}/cover", keepers, cover::ask).sample("/contacts/{contact}/cover"),
        Route::post("/contacts/{id}/cover", keepers, cover::add)
            .sample("/contacts/{contact}/cover")
            .form(cover),
        Route::post("/covers/{id}/end", keepers, cover::end).sample("/covers/{cover}/end"),
        Route::get("/confirm-address/{token}", Rule::Anyone, verify::ask)
            .sample("/confirm-address/{contact_token}"),
        Route::post("/confirm-address/{token}", Rule::Anyone, verify::confirm)
            .sample("/confirm-address/{contact_token}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_can_be_reached_in_the_way_its_kind_is_for() {
        let details = |kind, email: Option<&str>, telephone: Option<&str>| Details {
            role: ContactRole::OnCall,
            kind,
            name: "On call".to_owned(),
            email: email.map(str::to_owned),
            telephone: telephone.map(str::to_owned),
        };
        let number = Some("07700 900 123");
        let address = Some("it@trust.example");
        assert!(details(ContactKind::OnCallMobile, None, number).check().is_ok());
        assert!(details(ContactKind::OnCallMobile, address, None).check().is_err());
        assert!(details(ContactKind::Person, None, number).check().is_err());
        assert!(details(ContactKind::SharedMailbox, address, None).check().is_ok());
    }
}
