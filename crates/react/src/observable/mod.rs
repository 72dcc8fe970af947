//! What an attack left that a machine can look for elsewhere, as it stands in a case: found in what was reported and
//! added, or pasted in. What is compared with other organisations is a hash under a key; see
//! [`correlation`](crate::correlation).
//!
//! Patients' numbers are found so that somebody is warned, and never kept.

pub mod actions;
pub mod api;
pub(crate) mod leaving_out;
mod pages;
pub mod store;

use formats::ObservableKind;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<platform::web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names an observable of a case.
    pub ObservableId
}

/// The longest text that is looked through at once, in characters.
pub const LONGEST: usize = 200_000;
/// The most that is kept of one text.
pub const MOST_AT_ONCE: usize = 1_000;
/// The most that one case has in each zone.
pub const MOST: i64 = 10_000;

platform::vocabulary! {
    /// Where an observable was found.
    pub enum Origin {
        Report = "report", "In a report";
        Addition = "addition", "In what was added";
        Typed = "typed", "Entered here";
    }
}

/// The kind that has this code.
pub(crate) fn kind_of(code: &str) -> Option<ObservableKind> {
    ObservableKind::ALL.into_iter().find(|kind| kind.code() == code)
}

/// The value as it may be shown and copied: so that nobody opens it by mistake.
pub fn defanged(kind: &str, value: &str) -> String {
    use ObservableKind::{Domain, Email, Ipv4, Ipv6, Onion, Url};
    match kind_of(kind) {
        Some(Ipv4 | Ipv6 | Domain | Url | Email | Onion) => value
            .parse::<formats::Indicator>()
            .map_or_else(|_| value.replace('.', "[.]"), |indicator| indicator.defanged()),
        _ => value.to_owned(),
    }
}
