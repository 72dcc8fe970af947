//! The case of an incident: what its organisation and the CERT do about it, apart and together.
//!
//! Everything in it stands in one of three zones. Whoever reads or writes any of it comes through [`sight()`], which
//! says what of the case is theirs: a query over a case that does not begin there looks wrong.

pub(crate) mod api;
pub mod decision;
pub mod export;
mod forgotten;
pub mod guest;
pub mod handover;
mod head;
pub mod live;
pub mod message;
pub(crate) mod messages;
pub mod note;
pub(crate) mod people;
pub mod search;
pub mod sight;
pub mod situation;
pub mod task;
pub mod timeline;
pub(crate) mod typed;

use platform::{
    access::Forbidden,
    web::{self, Route},
};

pub(crate) use forgotten::forget;
pub use head::Head;
pub(crate) use messages::{ACTION_DUE, MESSAGE, SITUATION_DUE, TASK_DUE};
pub use sight::{Party, Sight, sight};
pub(crate) use sight::{opened, still_reads, writer};

platform::vocabulary! {
    /// Who sees something in a case, besides those who were let in to that zone of it.
    pub enum Zone {
        Own = "own", "Only the organisation";
        Shared = "shared", "The organisation and the CERT";
        Cert = "cert", "Only the CERT";
    }
}

impl Zone {
    /// The words of its tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Own => "Organisation alone",
            Self::Shared => "Shared",
            Self::Cert => "CERT alone",
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Own => "purple",
            Self::Shared => "blue",
            Self::Cert => "yellow",
        }
    }
}

/// The longest text that is written at once in a case, in characters.
pub const LONGEST: usize = 4_000;
/// The longest title, name or line.
pub const LONGEST_LINE: usize = 200;

/// The routes of every noun of a case.
pub(crate) fn routes() -> Vec<Route> {
    let all = [
        decision::routes(),
        export::routes(),
        guest::routes(),
        handover::routes(),
        live::routes(),
        message::routes(),
        note::routes(),
        search::routes(),
        situation::routes(),
        task::routes(),
        timeline::routes(),
    ];
    all.into_iter().flatten().collect()
}

/// Some of the three zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zones(u8);

impl Zones {
    /// These.
    pub fn of(zones: &[Zone]) -> Self {
        zones.iter().fold(Self::default(), |all, zone| all.with(*zone))
    }

    /// These, and this one.
    #[must_use]
    pub const fn with(self, zone: Zone) -> Self {
        Self(self.0 | 1 << zone as u8)
    }

    /// Whether this one is among them.
    pub const fn contains(self, zone: Zone) -> bool {
        self.0 & (1 << zone as u8) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Zone> {
        Zone::ALL.iter().copied().filter(move |zone| self.contains(*zone))
    }

    /// How many.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// For `zone IN (?, ?, ?)`: the codes of these, and nothing in place of the others.
    pub fn codes(self) -> [&'static str; 3] {
        [Zone::Own, Zone::Shared, Zone::Cert].map(|zone| if self.contains(zone) { zone.code() } else { "" })
    }
}

/// Why something could not be done in a case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is none such, or not for this actor.
    #[error("There is no such thing in this case.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The incident is a part of another one, in whose case things are written.
    #[error("This incident is a part of another one. Write it in the case of that one.")]
    Joined,
    /// Somebody else was faster.
    #[error("Somebody changed this after you opened it. Go back and reload the page to see what they did.")]
    Overtaken,
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Reload the page to see it.")]
    Twice,
    /// No organisation of this code.
    #[error("There is no organisation of the code {0}.")]
    NoOrganisation(String),
    /// What was written cannot be kept as it is; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for CaseError {
    fn field(&self, about: &'static str) -> Option<&'static str> {
        let is_of_none =
            matches!(self, Self::NotFound | Self::Forbidden(_) | Self::Joined | Self::Database(_));
        (!is_of_none).then_some(about)
    }
}

impl From<CaseError> for web::Error {
    fn from(error: CaseError) -> Self {
        let sentence = error.to_string();
        match error {
            CaseError::NotFound => Self::NotFound,
            CaseError::Forbidden(forbidden) => forbidden.into(),
            CaseError::NoOrganisation(_) | CaseError::Refused(_) => Self::Unprocessable(sentence),
            CaseError::Joined | CaseError::Overtaken | CaseError::Twice => Self::Conflict(sentence),
            CaseError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Zone, Zones};

    #[test]
    fn zones_are_those_that_were_put_in() {
        let zones = Zones::of(&[Zone::Own, Zone::Cert]);
        assert!(zones.contains(Zone::Own) && zones.contains(Zone::Cert) && !zones.contains(Zone::Shared));
        assert_eq!(zones.codes(), ["own", "", "cert"]);
        assert_eq!(zones.with(Zone::Shared).iter().count(), 3);
        assert_eq!(Zones::default().codes(), ["", "", ""]);
    }
}
