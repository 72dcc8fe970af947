//! The life of one version of an advisory.

platform::vocabulary! {
    /// Where a version of an advisory stands.
    ///
    /// | from      | event        | to         | who may                                        |
    /// |-----------|--------------|------------|------------------------------------------------|
    /// | Draft     | Edit         | Draft      | analyst, duty manager                          |
    /// | InReview  | Edit         | Draft      | the same: who approves knows what was approved |
    /// | Approved  | Edit         | Draft      | the same                                       |
    /// | Draft     | Submit       | InReview   | the same                                       |
    /// | InReview  | SendBack     | Draft      | duty manager, with a reason                    |
    /// | InReview  | Approve      | Approved   | duty manager who edited nothing of it          |
    /// | InReview  | ReleaseAlone | Approved   | duty manager, where the installation allows it |
    /// | Approved  | Publish      | Published  | duty manager                                   |
    /// | Published | Supersede    | Superseded | the publication of the next version            |
    /// | Published | Withdraw     | Withdrawn  | duty manager, with a reason                    |
    /// | Published | CallBack     | Approved   | duty manager, before it is delivered           |
    /// | Superseded | StandAgain  | Published  | the calling back of the next version           |
    pub enum State {
        Draft = "draft", "Draft";
        InReview = "in_review", "In review";
        Approved = "approved", "Approved";
        Published = "published", "Published";
        Withdrawn = "withdrawn", "Withdrawn";
        Superseded = "superseded", "Superseded";
    }
}

/// What can happen to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its text is changed.
    Edit,
    /// It is handed to whoever approves.
    Submit,
    /// The approver wants it changed.
    SendBack,
    /// A second person approves it.
    Approve,
    /// One person releases it without a second one.
    ReleaseAlone,
    /// An alert is made of it.
    Publish,
    /// A newer version was published.
    Supersede,
    /// It no longer holds.
    Withdraw,
    /// Its alert was called back before anybody was told.
    CallBack,
    /// The version that had superseded it was called back.
    StandAgain,
}

/// The answer to an event that does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This version stands at “{}”, so that it cannot be {} now. Reload the page to see it as it is.", .state.label(), .event.done())]
pub struct Refused {
    /// Where the version stands.
    pub state: State,
    /// What was tried.
    pub event: Event,
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Draft | Self::InReview | Self::Approved, Event::Edit)
            | (Self::InReview, Event::SendBack) => Ok(Self::Draft),
            (Self::Draft, Event::Submit) => Ok(Self::InReview),
            (Self::InReview, Event::Approve | Event::ReleaseAlone) | (Self::Published, Event::CallBack) => {
                Ok(Self::Approved)
            }
            (Self::Approved, Event::Publish) | (Self::Superseded, Event::StandAgain) => Ok(Self::Published),
            (Self::Published, Event::Supersede) => Ok(Self::Superseded),
            (Self::Published, Event::Withdraw) => Ok(Self::Withdrawn),
            (state, event) => Err(Refused { state, event }),
        }
    }

    /// Whether it is still on its way to publication.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::InReview | Self::Approved)
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Draft => "white",
            Self::InReview => "yellow",
            Self::Approved => "blue",
            Self::Published => "green",
            Self::Withdrawn => "red",
            Self::Superseded => "grey",
        }
    }
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 10] = [
        Self::Edit,
        Self::Submit,
        Self::SendBack,
        Self::Approve,
        Self::ReleaseAlone,
        Self::Publish,
        Self::Supersede,
        Self::Withdraw,
        Self::CallBack,
        Self::StandAgain,
    ];

    /// What was done, as a sentence has it.
    const fn done(self) -> &'static str {
        match self {
            Self::Edit => "edited",
            Self::Submit => "submitted",
            Self::SendBack => "sent back",
            Self::Approve => "approved",
            Self::ReleaseAlone => "released",
            Self::Publish => "published",
            Self::Supersede => "superseded",
            Self::Withdraw => "withdrawn",
            Self::CallBack => "called back",
            Self::StandAgain => "restored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event::*, State, State::*};

    /// The table of the doc comment; whatever is not in it is refused.
    const TABLE: [(State, super::Event, State); 12] = [
        (Draft, Edit, Draft),
        (InReview, Edit, Draft),
        (Approved, Edit, Draft),
        (Draft, Submit, InReview),
        (InReview, SendBack, Draft),
        (InReview, Approve, Approved),
        (InReview, ReleaseAlone, Approved),
        (Approved, Publish, Published),
        (Published, Supersede, Superseded),
        (Published, Withdraw, Withdrawn),
        (Published, CallBack, Approved),
        (Superseded, StandAgain, Published),
    ];

    #[test]
    fn every_event_in_every_state_does_what_the_table_says() {
        for &from in State::ALL {
            for event in super::Event::ALL {
                let expected = TABLE.iter().find(|(state, on, _)| (*state, *on) == (from, event));
                match (from.apply(event), expected) {
                    (Ok(to), Some((_, _, expected))) => assert_eq!(to, *expected, "{from:?} {event:?}"),
                    (Err(refused), None) => {
                        let sentence = refused.to_string();
                        assert!(sentence.contains(from.label()) && sentence.contains(event.done()));
                    }
                    (found, expected) => panic!("{from:?} {event:?}: {found:?}, not {expected:?}"),
                }
            }
        }
    }

    #[test]
    fn nothing_is_published_that_was_not_approved() {
        let before: Vec<_> = TABLE.iter().filter(|row| row.2 == Published).map(|row| row.0).collect();
        // What was superseded was approved once.
        assert_eq!(before, [Approved, Superseded]);
    }
}
