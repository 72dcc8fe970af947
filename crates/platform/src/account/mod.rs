//! People's accounts: how one gets in, and stays the only one who does.
//!
//! An invitation, a password, a second factor; then sessions that a person can see and end. Each
//! step of a sign-in is a session at a [`Stage`], so that other ways in need no second road: a
//! **passkey** is one more proof beside the code (`Stage::SecondFactor` → `Stage::Full`, its public
//! keys a table beside `recovery_code`), or, with the user verified, in place of password and code;
//! **`OpenID` Connect** ends, as a password does, in a session at the stage that the provider's
//! statement deserves (`Stage::Full` where it says that a second factor was shown, `Stage::Enrol` or
//! `Stage::SecondFactor` where it does not), in [`actions::sign_in`]'s place. Roles stay ours: they
//! hang on the person, never on how they came in.

pub mod actions;
mod common;
mod device;
mod hashing;
mod lockout;
mod messages;
mod pages;
pub mod password;
pub(crate) mod place;
mod second_factor;
mod store;
mod visitor;

use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use db::DbError;
use jiff::SignedDuration;

use crate::{
    Actor,
    access::{Forbidden, Role, Stage},
    organisation::OrganisationId,
    web::{Error, shell::NavItem},
};
pub use messages::MESSAGES;

pub mod attempts {
    //! Counting attempts with what other services let people show, by the same rule as passwords.
    pub use super::lockout::{Counter, enter, report_code, sealed_report};
}

pub(crate) use pages::routes;
pub use pages::{go_on, local};
pub use second_factor::Secret;
pub use store::membership::has_administrator;
pub use visitor::Visitor;

/// Who keeps the accounts of people: a lead those of their organisation, an admin everybody's.
pub const KEEPERS: &[Role] = &[Role::Lead, Role::Admin];
/// Who sees them.
pub const READERS: &[Role] = &[Role::Lead, Role::Admin, Role::Auditor];

/// An invitation, or a link for a forgotten password, works for so long.
pub const LINK_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// At the CERT one signs in every day.
const AT_CERT_LASTS: SignedDuration = SignedDuration::from_hours(12);
/// Elsewhere every week: an alert at night is not to wait for a forgotten password.
const ELSEWHERE_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Between a password and a code.
const HALF_LASTS: SignedDuration = SignedDuration::from_mins(15);
/// To choose a password, or set up an app on a telephone.
const SETTING_UP_LASTS: SignedDuration = SignedDuration::from_hours(1);

/// Why something about an account was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Address or password; which of them is not said.
    #[error("The email address or the password is not right")]
    WrongPassword,
    /// The password that was asked for again.
    #[error("This is not your present password")]
    NotYourPassword,
    /// A code that is wrong, too old or was used.
    #[error("The code is not right, or was used before. Wait for the next one and try again")]
    WrongCode,
    /// Too many attempts.
    #[error("Too many attempts. Try again in {0} seconds")]
    Wait(u64),
    /// The password cannot be chosen.
    #[error("{0}")]
    Weak(#[from] password::Weak),
    /// A one-time link that was used, has expired, or never was.
    #[error("This link has been used, or is older than 7 days")]
    LinkGone,
    /// The session ended meanwhile, or another window was faster.
    #[error("This step was already done, or took too long. Sign in again.")]
    StepGone,
    /// The person has this role there.
    #[error("They have this role already")]
    RoleHeld,
    /// A role of an organisation at the CERT, or the other way round.
    #[error("The role of {0} is held {1}")]
    RoleElsewhere(Role, &'static str),
    /// Nobody could give roles afterwards.
    #[error("This is the last administrator. Make somebody else an administrator first.")]
    LastAdmin,
    /// One's own second factor is changed with the present one.
    #[error("This is your own second factor. Change it on the page of your account.")]
    OwnFactor,
    /// There is no second factor to take away.
    #[error("They have no second factor. They set one up when they next sign in.")]
    NoFactor,
    /// No such person, role or organisation for this actor.
    #[error("There is nobody here, or nobody that you can see.")]
    NotFound,
    /// The actor's role is not enough.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database.
    #[error("Something went wrong here.")]
    Db(#[from] DbError),
}

impl From<AccountError> for Error {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Wait(seconds) => Self::TooMany(seconds),
            AccountError::NotFound | AccountError::LinkGone => Self::NotFound,
            AccountError::Forbidden(forbidden) => forbidden.into(),
            AccountError::Db(error) => error.into(),
            AccountError::StepGone
            | AccountError::LastAdmin
            | AccountError::RoleHeld
            | AccountError::OwnFactor
            | AccountError::NoFactor => Self::Conflict(error.to_string()),
            AccountError::WrongPassword
            | AccountError::NotYourPassword
            | AccountError::WrongCode
            | AccountError::Weak(_)
            | AccountError::RoleElsewhere(..) => Self::Unprocessable(error.to_string()),
        }
    }
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody was invited.
    Join,
    /// Somebody has forgotten the password.
    Password,
}

impl Purpose {
    const ALL: [Self; 2] = [Self::Join, Self::Password];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Password => "password",
        }
    }
}

impl FromStr for Purpose {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == text).ok_or(())
    }
}

db::text_column!(Purpose);

/// A new token for a link or a cookie: 256 bits, as an address can hold them.
pub(crate) fn token(bytes: [u8; 32]) -> String {
    BASE64URL_NOPAD.encode(&bytes)
}

/// An address as accounts are found by it: mail servers do not tell upper from lower case.
pub fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The address of a person's account, unless they were erased.
pub(crate) async fn address_of(
    snapshot: &mut db::Snapshot,
    person: crate::access::PersonId,
) -> Result<Option<String>, DbError> {
    Ok(store::by_id(snapshot, person).await?.map(|account| account.email))
}

/// How long a person with these roles stays signed in.
fn full_lasts(roles: &[(Option<OrganisationId>, Role)]) -> SignedDuration {
    if roles.iter().any(|(_, role)| role.at_cert()) { AT_CERT_LASTS } else { ELSEWHERE_LASTS }
}

/// What follows a right password: a code where there is a second factor; setting one up where a
/// role asks for it, which is every role but the learner's; otherwise nothing.
fn after_password(has_second_factor: bool, roles: &[(Option<OrganisationId>, Role)]) -> Stage {
    let needs_one = roles.iter().any(|(_, role)| *role != Role::Learner);
    match (has_second_factor, needs_one) {
        (true, _) => Stage::SecondFactor,
        (false, true) => Stage::Enrol,
        (false, false) => Stage::Full,
    }
}

/// How long a session at `stage` lasts.
fn lasts(stage: Stage, roles: &[(Option<OrganisationId>, Role)]) -> SignedDuration {
    match stage {
        Stage::Full => full_lasts(roles),
        Stage::SecondFactor => HALF_LASTS,
        Stage::Password | Stage::Enrol => SETTING_UP_LASTS,
    }
}

/// The entries of the menu for those who keep accounts and keys.
pub(crate) fn navigation(actor: &Actor) -> Vec<NavItem> {
    let mut items = Vec::new();
    if actor.is_any(READERS) {
        items.push(NavItem::new("People", "/people"));
        items.push(NavItem::new("API keys", "/keys"));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_but_the_learners_needs_a_second_factor() {
        for role in Role::ALL {
            let asked = after_password(false, &[(None, role)]);
            assert_eq!(asked == Stage::Enrol, role != Role::Learner, "{role}");
            assert_eq!(after_password(true, &[(None, role)]), Stage::SecondFactor, "{role}");
        }
    }

    #[test]
    fn the_strictest_role_says_how_long_a_session_lasts() {
        assert_eq!(full_lasts(&[(None, Role::Responder)]), ELSEWHERE_LASTS);
        assert_eq!(full_lasts(&[(None, Role::Responder), (None, Role::Auditor)]), AT_CERT_LASTS);
    }
}
