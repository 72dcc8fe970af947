//! The published questions and answers on an advisory's alerts.
//!
//! An entry comes from a question that an organisation asked, and says nothing of it: the CERT words it
//! anew. It is read by whoever reads the alert for which it was written, or a later one of the same
//! advisory that is marked no wider, and never under a wider marking than the alert's. See
//! docs/decisions/0016-questions-and-answers.md.

pub mod actions;
mod pages;
pub mod store;

use formats::Tlp;
use platform::{access::Forbidden, web};

pub(crate) use pages::routes;

db::id! {
    /// Names an entry of the published questions and answers.
    pub FaqId
}

/// Entries on a page, and on the alert's own.
pub const SHOWN: usize = 15;
/// The longest question, in characters.
pub const LONGEST_QUESTION: usize = 300;
/// The longest answer, in characters.
pub const LONGEST_ANSWER: usize = 4_000;

platform::vocabulary! {
    /// Whether an entry is read.
    pub enum State {
        Published = "published", "Published";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

impl State {
    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Published => "green",
            Self::Withdrawn => "grey",
        }
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The question, as others may ask it too.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// How far it may travel.
    pub tlp: Tlp,
}

/// The markings that an entry can have where none may be wider than `widest`. RED is an alert's alone:
/// what is told to named people is not published to all who read of something else.
pub fn markings(widest: Tlp) -> impl Iterator<Item = Tlp> {
    Tlp::ALL.into_iter().filter(move |tlp| *tlp >= widest && (*tlp != Tlp::Red || widest == Tlp::Red))
}

/// Why something could not be done to an entry.
#[derive(Debug, thiserror::Error)]
pub enum FaqError {
    /// There is none such.
    #[error("There is no such entry.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The marking is wider than the alert's.
    #[error(
        "{0} cannot be the marking here: choose one of those offered, which are no wider than the alert's"
    )]
    Marking(Tlp),
    /// It is read no more.
    #[error("This entry was withdrawn. Publish a new one from the question.")]
    Withdrawn,
    /// Somebody else was faster.
    #[error(
        "Somebody changed this entry after you opened it. Read below what it says now, and send yours again."
    )]
    Overtaken,
    /// The same form came twice at the same moment.
    #[error("This was published a moment ago. Open the question to see it.")]
    Twice,
    /// There is nothing in it.
    #[error("Write something first.")]
    Empty,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for FaqError {
    fn field(&self, _: &'static str) -> Option<&'static str> {
        match self {
            Self::Marking(_) => Some("tlp"),
            Self::Withdrawn | Self::Overtaken => Some("question"),
            _ => None,
        }
    }
}

impl From<FaqError> for web::Error {
    fn from(error: FaqError) -> Self {
        let sentence = error.to_string();
        match error {
            FaqError::NotFound => Self::NotFound,
            FaqError::Forbidden(forbidden) => forbidden.into(),
            FaqError::Marking(_) | FaqError::Empty => Self::Unprocessable(sentence),
            FaqError::Withdrawn | FaqError::Overtaken | FaqError::Twice => Self::Conflict(sentence),
            FaqError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_marking_is_wider_than_the_alerts() {
        let offered = |widest| markings(widest).collect::<Vec<_>>();
        assert_eq!(offered(Tlp::Green), [Tlp::Green, Tlp::Amber, Tlp::AmberStrict]);
        assert_eq!(offered(Tlp::AmberStrict), [Tlp::AmberStrict]);
        assert_eq!(offered(Tlp::Red), [Tlp::Red]);
    }
}
