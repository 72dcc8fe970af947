//! Whom a version of an advisory is meant for, as its authors choose it.
//!
//! The audience is part of the version: to change it is to edit the version, so that whoever
//! approves knows whom it goes to. Choices are codes; which organisations they mean is asked of the
//! database, at the preview and once more, for good, when the version is published.

pub mod actions;
mod look_up;
mod pages;
pub mod preview;
mod question;
mod show;
pub mod store;

use std::{collections::BTreeMap, fmt, str::FromStr};

use db::{DbError, Snapshot};
use platform::{access::Forbidden, web};

pub use actions::Choices;
pub(crate) use pages::routes;

use crate::advisory::{AdvisoryError, VersionId};
use question::Question;

/// Whether those who are told must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Each organisation acknowledges and answers, as the response policy asks.
    MustRespond,
    /// Each organisation is told, and nothing is asked.
    ForInformation,
}

impl Mode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::MustRespond, Self::ForInformation];

    /// The word in database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MustRespond => "must_respond",
            Self::ForInformation => "for_information",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::MustRespond => "Must respond",
            Self::ForInformation => "For information",
        }
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|mode| mode.code() == text).ok_or(())
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

db::text_column!(Mode);

/// One way to choose organisations, or to leave some out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Their type, by its code, or [`EVERY`].
    Kind,
    /// Their region, by its code; [`UNKNOWN`] for those of which none is known.
    Region,
    /// The body they belong to, parent or integrated care board, by its ODS code.
    Parent,
    /// Themselves, by their ODS code, whatever else is chosen.
    Organisation,
    /// Types left out.
    ExcludeKind,
    /// Regions left out.
    ExcludeRegion,
    /// Those that belong to a body, left out.
    ExcludeParent,
    /// Single ones left out.
    ExcludeOrganisation,
}

/// The choice that stands for every type of organisation, also those that are yet to come.
pub const EVERY: &str = "every";
/// What is answered where no type is to be told, and those alone that are named: it is not kept, since nothing is
/// chosen by it.
const ONLY_NAMED: &str = "only_named";
/// The choice that stands for organisations without a known region.
pub const UNKNOWN: &str = "";

impl Part {
    /// Every part.
    pub const ALL: [Self; 8] = [
        Self::Kind,
        Self::Region,
        Self::Parent,
        Self::Organisation,
        Self::ExcludeKind,
        Self::ExcludeRegion,
        Self::ExcludeParent,
        Self::ExcludeOrganisation,
    ];

    /// The word in database and forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Region => "region",
            Self::Parent => "parent",
            Self::Organisation => "organisation",
            Self::ExcludeKind => "exclude_kind",
            Self::ExcludeRegion => "exclude_region",
            Self::ExcludeParent => "exclude_parent",
            Self::ExcludeOrganisation => "exclude_organisation",
        }
    }

    /// Whether its values are ODS codes, which people paste.
    pub const fn is_codes(self) -> bool {
        matches!(self, Self::Parent | Self::Organisation | Self::ExcludeParent | Self::ExcludeOrganisation)
    }
}

impl FromStr for Part {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|part| part.code() == text).ok_or(())
    }
}

db::text_column!(Part);

/// The audience of a version as it is chosen so far.
///
/// An organisation belongs to it if it is open, is named or fits every one of type, region and
/// parent in which something is chosen, and is not left out. Where nothing is chosen, nobody does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Whether they must answer; `None` until somebody has decided.
    pub mode: Option<Mode>,
    /// What is chosen.
    pub choices: BTreeMap<Part, Vec<String>>,
}

impl Audience {
    /// What is chosen in `part`, sorted.
    pub fn of(&self, part: Part) -> &[String] {
        self.choices.get(&part).map_or(&[], Vec::as_slice)
    }

    /// What has still to be decided before a version can be submitted.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let needed = [
            (!self.means_somebody(), "whom it concerns"),
            (self.mode.is_none(), "whether they must respond"),
        ];
        needed.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| what)
    }

    /// Whether none is chosen by what it is like: those alone are told that are named.
    fn only_names(&self) -> bool {
        [Part::Kind, Part::Region, Part::Parent].iter().all(|part| self.of(*part).is_empty())
    }

    /// Whether anything is chosen that could mean somebody.
    pub fn means_somebody(&self) -> bool {
        [Part::Kind, Part::Region, Part::Parent, Part::Organisation]
            .iter()
            .any(|part| !self.of(*part).is_empty())
    }
}

/// Each question about the audience of `version` with everything that was answered, one choice to a
/// line, in words.
pub async fn in_full(
    snapshot: &mut Snapshot,
    version: VersionId,
) -> Result<Vec<(&'static str, String)>, DbError> {
    let audience = store::audience(snapshot, version).await?;
    let names = store::names(snapshot, version).await?;
    let answered = |question: &Question| (question.short(), question.in_full(&audience, &names).join("\n"));
    Ok(Question::ALL.iter().map(answered).collect())
}

/// Why an audience could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum AudienceError {
    /// There is no such version, or question.
    #[error("There is no such audience.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The version cannot be edited now, or was edited meanwhile.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
    /// Codes that no organisation has.
    #[error("No organisation has {} {}.", if .0.len() == 1 { "the code" } else { "one of the codes" }, .0.join(", "))]
    UnknownCodes(Vec<String>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<AudienceError> for web::Error {
    fn from(error: AudienceError) -> Self {
        match error {
            AudienceError::NotFound => Self::NotFound,
            AudienceError::Forbidden(forbidden) => forbidden.into(),
            AudienceError::Advisory(error) => error.into(),
            AudienceError::UnknownCodes(_) => Self::Invalid(error.to_string()),
            AudienceError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_modes_read_back_what_they_write() {
        for part in Part::ALL {
            assert_eq!(part.code().parse(), Ok(part));
        }
        for mode in Mode::ALL {
            assert_eq!(mode.code().parse(), Ok(mode));
        }
    }

    #[test]
    fn exclusions_alone_mean_nobody() {
        let mut audience = Audience::default();
        audience.choices.insert(Part::ExcludeKind, vec!["trust".to_owned()]);
        assert!(!audience.means_somebody());
        audience.choices.insert(Part::Region, vec!["Y56".to_owned()]);
        assert!(audience.means_somebody());
    }
}
