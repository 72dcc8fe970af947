//! The verbs of a response: what can be said, by whom, and from which stages.

use std::str::FromStr;

use platform::access::Role;

use super::{DECIDING, Outcome, Stage};

/// What is said about an alert; the words that go with it are a [`super::Said`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody has it in hand.
    Acknowledge,
    /// Whether it applies, and what is being done.
    Update,
    /// It does not apply, for a reason.
    NotApplicable,
    /// The remedy is in place.
    Remediate,
    /// The risk is lowered in another way, for good.
    Mitigate,
    /// The executive is asked to accept the risk.
    AskToAccept,
    /// The executive accepts the risk.
    Accept,
    /// The executive does not, and says why.
    SendBack,
    /// What was said before was wrong, and why.
    Correct,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 9] = [
        Self::Acknowledge,
        Self::Update,
        Self::NotApplicable,
        Self::Remediate,
        Self::Mitigate,
        Self::AskToAccept,
        Self::Accept,
        Self::SendBack,
        Self::Correct,
    ];

    /// The word in database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Update => "update",
            Self::NotApplicable => "not_applicable",
            Self::Remediate => "remediate",
            Self::Mitigate => "mitigate",
            Self::AskToAccept => "ask_to_accept",
            Self::Accept => "accept",
            Self::SendBack => "send_back",
            Self::Correct => "correct",
        }
    }

    /// The words in a history.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Acknowledge => "Acknowledged",
            Self::Update => "Updated",
            Self::NotApplicable => "Said that it does not apply",
            Self::Remediate => "Closed as remediated",
            Self::Mitigate => "Closed as mitigated",
            Self::AskToAccept => "Asked the executive to accept the risk",
            Self::Accept => "Risk accepted",
            Self::SendBack => "Sent back by the executive",
            Self::Correct => "Corrected",
        }
    }

    /// The entry of the log.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Acknowledge => "response.acknowledged",
            Self::Update => "response.updated",
            Self::NotApplicable => "response.not_applicable",
            Self::Remediate => "response.remediated",
            Self::Mitigate => "response.mitigated",
            Self::AskToAccept => "response.acceptance_asked",
            Self::Accept => "response.risk_accepted",
            Self::SendBack => "response.sent_back",
            Self::Correct => "response.corrected",
        }
    }

    /// The roles that may say it.
    pub(super) const fn roles(self) -> &'static [Role] {
        match self {
            Self::Accept | Self::SendBack => DECIDING,
            _ => Role::ANSWERING,
        }
    }

    /// The stages from which it can be said.
    pub fn from(self) -> impl Iterator<Item = Stage> {
        Stage::ALL.into_iter().filter(move |stage| stage.apply(self).is_ok())
    }

    /// The stage that it leads to; `None` where the stage stays what it was.
    pub fn to(self) -> Option<Stage> {
        if self == Self::Update { None } else { self.from().find_map(|stage| stage.apply(self).ok()) }
    }

    /// How it ends a response, where it does or asks to.
    pub(super) const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Remediate => Some(Outcome::Remediated),
            Self::Mitigate => Some(Outcome::Mitigated),
            Self::AskToAccept => Some(Outcome::RiskAccepted),
            _ => None,
        }
    }
}

impl FromStr for Event {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|event| event.code() == text).ok_or(())
    }
}

db::text_column!(Event);
