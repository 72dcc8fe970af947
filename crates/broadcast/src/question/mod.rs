//! What an organisation asks the CERT about an alert, and what it is answered.
//!
//! A question is its organisation's own: it, those who answer for it and the CERT read it, and nobody
//! else learns that there is one. What helps others too is written anew, as an entry of
//! [`faq`](crate::faq). See docs/decisions/0016-questions-and-answers.md.

pub mod actions;
pub mod api;
pub(crate) mod messages;
mod pages;
pub mod store;

use platform::{access::Forbidden, web};

pub use messages::ANSWERED;
pub use store::FORGOTTEN;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<web::Route> {
    pages::routes().into_iter().chain(api::routes()).collect()
}

db::id! {
    /// Names a question.
    pub QuestionId
}

/// The number that an organisation quotes when it speaks of a question.
pub type Receipt = platform::receipt::Receipt<'Q'>;

/// The most questions about an alert that wait for the CERT at once, for one organisation.
pub const MOST_OPEN: i64 = 20;
/// The most that is said about one question, by both sides: the CERT has the last word.
pub const MOST_MESSAGES: i64 = 20;
/// The longest that an organisation writes at once, in characters.
pub const LONGEST_QUESTION: usize = 2_000;
/// The longest that the CERT answers at once, in characters.
pub const LONGEST_ANSWER: usize = 4_000;

platform::vocabulary! {
    /// Who said something.
    pub enum Side {
        Organisation = "organisation", "The organisation";
        Cert = "cert", "The CERT";
    }
}

platform::vocabulary! {
    /// Where a question stands.
    ///
    /// | from                   | event    | to       | who may                   |
    /// |------------------------|----------|----------|---------------------------|
    /// | Open, Answered         | FollowUp | Open     | responder, lead           |
    /// | Open, Answered, Closed | Answer   | Answered | analyst, duty manager     |
    /// | Open                   | Claim    | Open     | analyst, duty manager     |
    /// | Open                   | Close    | Closed   | analyst, duty manager, with a reason |
    pub enum State {
        Open = "open", "Waits for an answer";
        Answered = "answered", "Answered";
        Closed = "closed", "Closed without an answer";
    }
}

/// What can happen to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The organisation asks on.
    FollowUp,
    /// The CERT answers.
    Answer,
    /// Somebody at the CERT takes it on.
    Claim,
    /// The CERT does not answer it.
    Close,
}

/// The answer to an event that does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was not answered, and will not be.
    #[error("This question was closed without an answer. Ask a new one if you still need to know.")]
    Closed,
    /// It waits no more.
    #[error("This question does not wait for an answer any more. Reload the page to see it as it is.")]
    Settled,
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Open | Self::Answered, Event::FollowUp) | (Self::Open, Event::Claim) => Ok(Self::Open),
            (_, Event::Answer) => Ok(Self::Answered),
            (Self::Open, Event::Close) => Ok(Self::Closed),
            (Self::Closed, Event::FollowUp) => Err(Refused::Closed),
            (Self::Answered | Self::Closed, Event::Claim | Event::Close) => Err(Refused::Settled),
        }
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Open => "blue",
            Self::Answered => "green",
            Self::Closed => "grey",
        }
    }
}

/// Why something could not be done to a question.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// There is none such, or not for this actor.
    #[error("There is no such question.")]
    NotFound,
    /// The role does not allow it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The actor does not ask for an organisation of this code, or the alert did not go to it.
    #[error(
        "This alert did not go to an organisation {0} that you answer for. Enter the code of one to which it went."
    )]
    NotYours(String),
    /// The alert asks nothing of anybody any more.
    #[error("This alert has ended, so that nothing can be asked about it any more.")]
    Ended,
    /// Enough of them wait.
    #[error("{MOST_OPEN} of your questions about this alert wait for an answer. Wait for one, or ring us.")]
    TooMany,
    /// Enough was said.
    #[error("A lot was said about this question. Ask a new one, or ring us.")]
    Enough,
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else was faster.
    #[error(
        "Somebody wrote or changed something after you opened this page. Read below what it is, and send yours again."
    )]
    Overtaken,
    /// The same form came twice at the same moment.
    #[error("This was sent a moment ago. Open your questions to see it.")]
    Twice,
    /// There is nothing in it.
    #[error("Write something first.")]
    Empty,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl web::Refusal for QuestionError {
    fn field(&self, about: &'static str) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Forbidden(_) | Self::Twice | Self::Database(_) => None,
            Self::NotYours(_) => Some("organisation"),
            _ => Some(about),
        }
    }
}

impl From<QuestionError> for web::Error {
    fn from(error: QuestionError) -> Self {
        let sentence = error.to_string();
        match error {
            QuestionError::NotFound => Self::NotFound,
            QuestionError::Forbidden(forbidden) => forbidden.into(),
            QuestionError::NotYours(_) | QuestionError::Empty => Self::Unprocessable(sentence),
            QuestionError::Ended
            | QuestionError::TooMany
            | QuestionError::Enough
            | QuestionError::Refused(_)
            | QuestionError::Overtaken
            | QuestionError::Twice => Self::Conflict(sentence),
            QuestionError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event::*, State, State::*};

    #[test]
    fn every_event_in_every_state_does_what_the_table_says() {
        let table = [
            (Open, FollowUp, Open),
            (Answered, FollowUp, Open),
            (Open, Answer, Answered),
            (Answered, Answer, Answered),
            (Closed, Answer, Answered),
            (Open, Claim, Open),
            (Open, Close, Closed),
        ];
        for &from in State::ALL {
            for event in [FollowUp, Answer, Claim, Close] {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }
}
