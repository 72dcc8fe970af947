//! Drafts: a playbook that people at the CERT write, or change, in plain pages.
//!
//! A draft is the CACAO document itself, so that what the editor has no words for stays as it was. It may be saved
//! with whatever is wrong in it; it is submitted and published only when it can be followed to its end, and by
//! somebody who has not written in it. See docs/decisions/0043-playbooks-are-written-here.md.

pub mod about;
pub mod actions;
pub mod fields;
pub mod hints;
mod pages;
pub mod publish;
pub mod store;
mod value;

use formats::cacao::edit;
use platform::access::Forbidden;
use platform::web;

pub(crate) use pages::routes;

use super::PlaybookError;

db::id! {
    /// Names a draft.
    pub DraftId
}

/// The longest text of a field, in characters.
pub const LONGEST: usize = 4_000;
/// The longest that is written on one line, in characters.
pub const LONGEST_LINE: usize = 200;

platform::vocabulary! {
    /// Where a draft stands.
    ///
    /// | from      | what happens             | to        | who                          |
    /// |-----------|--------------------------|-----------|------------------------------|
    /// | Draft     | it is submitted          | Submitted | who keeps playbooks          |
    /// | Submitted | it is changed, sent back | Draft     | who keeps, who approves      |
    /// | Submitted | it is published          | Published | who approves and wrote nothing in it |
    /// | Draft, Submitted | it is dropped     | Dropped   | who keeps playbooks          |
    pub enum State {
        Draft = "draft", "Draft";
        Submitted = "submitted", "Waits for a second person";
        Published = "published", "Published";
        Dropped = "dropped", "Dropped";
    }
}

impl State {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Draft => "blue",
            Self::Submitted => "yellow",
            Self::Published => "green",
            Self::Dropped => "grey",
        }
    }

    /// Whether it can still be written in.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Submitted)
    }
}

/// Why something could not be done to a draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is none such.
    #[error("There is no such draft.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It is no draft any more.
    #[error("This draft was published or dropped meanwhile. Nothing of yours was saved.")]
    Over,
    /// Somebody else was faster.
    #[error("Somebody changed this draft after you opened it. Look at it again, then decide.")]
    Overtaken,
    /// What it changes was changed by somebody else.
    #[error(
        "Another version of this playbook came in after this draft was begun. Drop the draft, and change that version."
    )]
    Behind,
    /// Whoever publishes wrote in it.
    #[error("You wrote in this draft, so somebody else has to publish it.")]
    OwnWork,
    /// It was not submitted.
    #[error("This draft was not submitted yet.")]
    NotSubmitted,
    /// It cannot be followed.
    #[error("This cannot be followed yet. Mend what stands at the top of the draft.")]
    Unsound,
    /// It stands in front of one that everybody reads.
    #[error(
        "It stands in front of a playbook that everybody reads, also without signing in. Mark it TLP:CLEAR."
    )]
    NotClear,
    /// It was made by somebody else.
    #[error("Others made this playbook, and make its new versions. Copy it, and change the copy.")]
    NotOurs,
    /// A change of the steps that cannot be made.
    #[error(transparent)]
    Refused(#[from] edit::Refused),
    /// Too large.
    #[error("This playbook is larger than 1 MiB. Make several of it.")]
    TooLarge,
    /// The playbook that it is made of.
    #[error(transparent)]
    Playbook(#[from] PlaybookError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl From<DraftError> for web::Error {
    fn from(error: DraftError) -> Self {
        let sentence = error.to_string();
        match error {
            DraftError::NotFound => Self::NotFound,
            DraftError::Forbidden(forbidden) => forbidden.into(),
            DraftError::OwnWork => Self::Forbidden(sentence),
            DraftError::Over
            | DraftError::Overtaken
            | DraftError::Behind
            | DraftError::NotSubmitted
            | DraftError::Refused(_) => Self::Conflict(sentence),
            DraftError::Unsound | DraftError::NotClear | DraftError::NotOurs | DraftError::TooLarge => {
                Self::Unprocessable(sentence)
            }
            DraftError::Playbook(error) => error.into(),
            DraftError::Database(error) => error.into(),
        }
    }
}
