//! The words that go with an event: what applies, what is done, by when, and why.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use super::Event;

/// Whether an alert concerns an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nobody knows yet.
    Unknown,
}

impl Applies {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::No => "No",
            Self::Unknown => "Not yet known",
        }
    }
}

impl FromStr for Applies {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Yes, Self::No, Self::Unknown].into_iter().find(|each| each.code() == text).ok_or(())
    }
}

impl fmt::Display for Applies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// How a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The remedy is in place.
    Remediated,
    /// The risk is lowered in another way, for good.
    Mitigated,
    /// The executive bears the risk.
    RiskAccepted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Remediated, Self::Mitigated, Self::RiskAccepted];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Remediated => "remediated",
            Self::Mitigated => "mitigated",
            Self::RiskAccepted => "risk_accepted",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Remediated => "Remediated",
            Self::Mitigated => "Mitigated",
            Self::RiskAccepted => "Risk accepted",
        }
    }

    /// What is said to end so.
    pub const fn event(self) -> Event {
        match self {
            Self::Remediated => Event::Remediate,
            Self::Mitigated => Event::Mitigate,
            Self::RiskAccepted => Event::AskToAccept,
        }
    }
}

impl FromStr for Outcome {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == text).ok_or(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

db::text_column!(Applies, Outcome);

/// What is said. What is not said stays as it was said before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Said {
    /// Whether the alert applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applies: Option<Applies>,
    /// Why: it does not apply, the risk has to be borne, the executive sends it back, what was said
    /// was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// What was done so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub done: Option<String>,
    /// How many systems are concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "whole")]
    #[schema(maximum = 4_294_967_295_u32)]
    pub systems: Option<u32>,
    /// The day by which the remedy is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub planned_on: Option<Date>,
    /// What stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub blockers: Option<String>,
    /// What lowers the risk until the remedy is in place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub mitigation: Option<String>,
    /// When the next update is to be awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_update_at: Option<Timestamp>,
    /// Why the next update is later than the policy says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub next_update_reason: Option<String>,
    /// How it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// A count. To JSON, 7.0 is as whole as 7, and some clients write every number so.
fn whole<'de, D: Deserializer<'de>>(count: D) -> Result<Option<u32>, D::Error> {
    let Some(count) = Option::<f64>::deserialize(count)? else { return Ok(None) };
    // Adding nothing makes a plain 0 of -0.
    let digits = (count + 0.0).to_string();
    digits.parse().map(Some).map_err(|_| D::Error::custom("expected a whole number from 0 to 4294967295"))
}

/// The longest answer in words, in characters: some thirty lines. It is kept once for each of the
/// thousands that somebody may answer for.
pub(super) const LONGEST: usize = 2_000;

impl Said {
    /// Whether every answer is within [`LONGEST`].
    pub(super) fn is_short(&self) -> bool {
        [&self.reason, &self.done, &self.blockers, &self.mitigation, &self.next_update_reason]
            .into_iter()
            .flatten()
            .all(|words| words.chars().count() <= LONGEST)
    }

    /// The event that these words are.
    pub fn event(&self) -> Event {
        match (self.applies, self.outcome) {
            (Some(Applies::No), _) => Event::NotApplicable,
            (_, Some(outcome)) => outcome.event(),
            _ => Event::Update,
        }
    }

    /// Nothing but a reason.
    pub fn reason(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::default() }
    }

    /// Whether a reason is given.
    pub(super) fn has_reason(&self) -> bool {
        self.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_whole_however_it_is_written() {
        let read = |count: &str| {
            let said = serde_json::from_str::<Said>(&format!(r#"{{"systems": {count}}}"#));
            said.ok().map(|said| said.systems)
        };
        for (written, count) in [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("7e2", Some(700)),
            ("-0.0", Some(0)),
            ("4294967295", Some(u32::MAX)),
            ("null", None),
        ] {
            assert_eq!(read(written), Some(count), "{written}");
        }
        for refused in ["7.5", "-1", "4294967296", "1e300", "\"7\""] {
            assert_eq!(read(refused), None, "{refused}");
        }
        assert_eq!(serde_json::from_str::<Said>("{}").ok(), Some(Said::default()));
    }
}
