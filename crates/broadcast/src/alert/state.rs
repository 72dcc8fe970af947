//! The life of an alert.

platform::vocabulary! {
    /// Where an alert stands.
    ///
    /// | from    | event     | to         | who may                                       |
    /// |---------|-----------|------------|-----------------------------------------------|
    /// | Issued  | `CallBack` | `CalledBack` | duty manager, with a reason                   |
    /// | Issued  | Deliver   | InForce    | the fan-out, a minute after it was issued     |
    /// | InForce | Supersede | Superseded | the alert of the next version, when delivered |
    /// | InForce | Withdraw  | Withdrawn  | duty manager, with a reason                   |
    ///
    /// Organisations see an alert once it was in force, and answer it while it is.
    pub enum State {
        Issued = "issued", "Issued, not yet delivered";
        InForce = "in_force", "In force";
        CalledBack = "called_back", "Called back";
        Superseded = "superseded", "Superseded by an update";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// What can happen to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is taken back before anybody was told.
    CallBack,
    /// Delivery begins.
    Deliver,
    /// The alert of the next version takes its place.
    Supersede,
    /// It no longer holds.
    Withdraw,
}

/// The answer to an event that does not fit the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It has left.
    #[error(
        "Delivery has begun, so that the alert cannot be called back any more. Withdraw it instead: those who were told are told so."
    )]
    Delivered,
    /// It has not left yet.
    #[error("The alert has not been delivered yet. Call it back instead: then nobody hears of it.")]
    NotDelivered,
    /// It holds no more.
    #[error("The alert has already ended: it was called back, withdrawn or superseded by an update.")]
    Ended,
}

impl State {
    /// The state after `event`, or the sentence that tells the person why not.
    pub fn apply(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Issued, Event::CallBack) => Ok(Self::CalledBack),
            (Self::Issued, Event::Deliver) => Ok(Self::InForce),
            (Self::InForce, Event::Supersede) => Ok(Self::Superseded),
            (Self::InForce, Event::Withdraw) => Ok(Self::Withdrawn),
            (Self::InForce, Event::CallBack | Event::Deliver) => Err(Refused::Delivered),
            (Self::Issued, Event::Supersede | Event::Withdraw) => Err(Refused::NotDelivered),
            (Self::CalledBack | Self::Superseded | Self::Withdrawn, _) => Err(Refused::Ended),
        }
    }

    /// Whether those whom it went to see it.
    pub const fn is_out(self) -> bool {
        matches!(self, Self::InForce | Self::Superseded | Self::Withdrawn)
    }

    /// The colour of its tag.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Issued => "yellow",
            Self::InForce => "green",
            Self::CalledBack | Self::Withdrawn => "red",
            Self::Superseded => "grey",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_the_machine_does() {
        let table = [
            (State::Issued, Event::CallBack, State::CalledBack),
            (State::Issued, Event::Deliver, State::InForce),
            (State::InForce, Event::Supersede, State::Superseded),
            (State::InForce, Event::Withdraw, State::Withdrawn),
        ];
        for &from in State::ALL {
            for event in [Event::CallBack, Event::Deliver, Event::Supersede, Event::Withdraw] {
                let expected = table.iter().find(|row| (row.0, row.1) == (from, event)).map(|row| row.2);
                assert_eq!(from.apply(event).ok(), expected, "{from:?} {event:?}");
            }
        }
    }

    #[test]
    fn what_has_left_cannot_be_called_back() {
        assert!(State::ALL.iter().all(|state| !state.is_out() || state.apply(Event::CallBack).is_err()));
    }
}
