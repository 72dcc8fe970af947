//! How a mailbox is told: by severity and channel at once, in the daily digest or not at all, and
//! when it is not to be disturbed.
//!
//! Preferences belong to a mailbox, since a mailbox is what is written to: its owner's where it has
//! an account, otherwise the security lead's of the organisation whose contact it is. They hold for the
//! mobiles of its contacts too; a contact that has a mobile alone has preferences by its number. They change
//! when something is told, never what an organisation has to do or by when. What a severity means is
//! the service's matter: it says of each thing whether it overrides them, and how it is told unless chosen.

pub mod actions;
pub mod mailing;
mod quiet;
pub mod store;

use std::{collections::BTreeMap, str::FromStr};

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::{message::Channel, uk};
use mailing::Mailing;
pub use quiet::Quiet;

/// How something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// As soon as it is known, outside quiet hours.
    AtOnce,
    /// With all else of the day.
    Digest,
    /// Not at all: it stands in the portal.
    Never,
}

impl How {
    /// Every one, in the order in which people are offered them.
    pub const ALL: [Self; 3] = [Self::AtOnce, Self::Digest, Self::Never];

    /// The word in forms and documents.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Digest => "digest",
            Self::Never => "never",
        }
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AtOnce => "At once",
            Self::Digest => "In the daily digest",
            Self::Never => "Not at all",
        }
    }

    /// What a channel offers: a digest is a mail.
    pub fn offered(channel: Channel) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |how| *how != Self::Digest || channel == Channel::Mail)
    }
}

impl FromStr for How {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|how| how.code() == text).ok_or(())
    }
}

/// When the digest is sent, where nobody chose: on the hour, UK time.
pub const DIGEST_HOUR: i8 = 8;

/// What was chosen for one mailbox, or one mobile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// By the codes of severity and channel; what is not named is told as the matter says.
    choices: BTreeMap<String, BTreeMap<String, How>>,
    /// The hour of the day at which the digest is sent, UK time.
    pub digest_hour: i8,
    /// When nothing but the gravest is sent.
    pub quiet: Quiet,
    /// Whether the weekly bulletin is sent.
    pub bulletin: bool,
    /// The digest was stopped by the link in it: what is chosen for it is not told by mail, until somebody chooses anew.
    digest_stopped: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            choices: BTreeMap::new(),
            digest_hour: DIGEST_HOUR,
            quiet: Quiet::default(),
            bulletin: true,
            digest_stopped: false,
        }
    }
}

/// Something to be told, as far as preferences ask.
#[derive(Clone, Copy, Debug)]
pub struct Matter {
    /// The code of its severity.
    pub severity: &'static str,
    /// It is told at once whatever was chosen.
    pub overrides: bool,
    /// How it is told where nothing was chosen.
    pub unchosen: How,
    /// Later than this it would be told in vain.
    pub before: Option<Timestamp>,
}

/// What becomes of something to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is sent, not before this moment; at once where `None`.
    Send(Option<Timestamp>),
    /// It waits for the digest of this moment.
    Digest(Timestamp),
    /// It is not told.
    Nothing,
}

impl Preferences {
    /// How things of this severity (its code) are told over `channel`, where that was chosen.
    pub fn chosen(&self, severity: &str, channel: Channel) -> Option<How> {
        let how = self.choices.get(severity)?.get(channel.code()).copied()?;
        Some(if how == How::Digest && self.digest_stopped { How::Never } else { how })
    }

    /// Whether a mailing is not sent.
    pub(crate) fn is_stopped(&self, mailing: Mailing) -> bool {
        match mailing {
            Mailing::Bulletin => !self.bulletin,
            Mailing::Digest => self.digest_stopped,
        }
    }

    /// Stops a mailing.
    pub(crate) fn stop(&mut self, mailing: Mailing) {
        match mailing {
            Mailing::Bulletin => self.bulletin = false,
            Mailing::Digest => self.digest_stopped = true,
        }
    }

    /// Has a mailing sent again, as it was chosen.
    pub(crate) fn send_again(&mut self, mailing: Mailing) {
        match mailing {
            Mailing::Bulletin => self.bulletin = true,
            Mailing::Digest => self.digest_stopped = false,
        }
    }

    /// The codes of the severities that were chosen to be told by text, with a space before and behind each.
    pub(crate) fn texted(&self) -> Option<String> {
        let texted = |by_channel: &BTreeMap<_, _>| by_channel.get(Channel::Sms.code()) == Some(&How::AtOnce);
        let codes: Vec<_> =
            self.choices.iter().filter(|(_, how)| texted(how)).map(|(code, _)| code.as_str()).collect();
        (!codes.is_empty()).then(|| format!(" {} ", codes.join(" ")))
    }

    /// Chooses how things of this severity (its code) are told over `channel`.
    pub fn choose(&mut self, severity: &str, channel: Channel, how: How) {
        if how == How::Digest {
            self.digest_stopped = false;
        }
        self.choices.entry(severity.to_owned()).or_default().insert(channel.code().to_owned(), how);
    }

    /// What becomes of `matter` at `now`.
    ///
    /// Nothing is held back to a moment at or behind that at which it would be told in vain.
    pub fn settle(&self, channel: Channel, matter: &Matter, now: Timestamp) -> Then {
        let in_time = |at: &Timestamp| matter.before.is_none_or(|before| *at < before);
        if matter.overrides {
            return Then::Send(None);
        }
        match self.chosen(matter.severity, channel).unwrap_or(matter.unchosen) {
            How::Never => Then::Nothing,
            How::Digest => match Some(self.next_digest(now)).filter(in_time) {
                Some(at) => Then::Digest(at),
                None => Then::Send(self.quiet.end(now).filter(in_time)),
            },
            How::AtOnce => Then::Send(self.quiet.end(now).filter(in_time)),
        }
    }

    /// When the next digest behind `now` is sent: at its hour, on a day on which that is not quiet.
    pub fn next_digest(&self, now: Timestamp) -> Timestamp {
        let today = uk::day(now);
        let days = (0..15).filter_map(|days| today.checked_add(days.days()).ok());
        let hours = days.map(|day| day.at(self.digest_hour, 0, 0, 0)).filter(|at| !self.quiet.holds(*at));
        let next = hours.filter_map(uk::moment).find(|at| *at > now);
        // All hours are quiet, which no form allows: it is not lost for that.
        next.unwrap_or(now + SignedDuration::from_hours(24))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEDIUM: Matter =
        Matter { severity: "medium", overrides: false, unchosen: How::AtOnce, before: None };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn nights() -> Quiet {
        Quiet { hours: Some((22 * 60, 7 * 60)), ..Quiet::default() }
    }

    #[test]
    fn who_chose_nothing_is_told_as_the_matter_says() {
        let nothing = Preferences::default();
        let by_text = Matter { unchosen: How::Never, ..MEDIUM };
        assert_eq!(nothing.settle(Channel::Sms, &by_text, at("2026-06-01T02:00:00Z")), Then::Nothing);
        assert_eq!(nothing.settle(Channel::Mail, &MEDIUM, at("2026-06-01T02:00:00Z")), Then::Send(None));
        assert_eq!(serde_json::from_str::<Preferences>("{}").unwrap(), nothing);
    }

    #[test]
    fn what_overrides_is_told_at_once_whatever_was_chosen() {
        let mut all = Preferences { quiet: nights(), ..Preferences::default() };
        for how in How::ALL {
            all.choose("high", Channel::Mail, how);
            let high = Matter { severity: "high", overrides: true, ..MEDIUM };
            assert_eq!(all.settle(Channel::Mail, &high, at("2026-06-01T23:00:00Z")), Then::Send(None));
        }
    }

    #[test]
    fn the_digest_comes_at_its_hour_in_summer_and_winter_once_a_day() {
        let mut chosen = Preferences::default();
        chosen.choose("medium", Channel::Mail, How::Digest);
        for (now, next) in [
            ("2026-06-01T06:59:59Z", "2026-06-01T07:00:00Z"),
            ("2026-06-01T07:00:00Z", "2026-06-02T07:00:00Z"),
            ("2026-12-01T07:30:00Z", "2026-12-01T08:00:00Z"),
            // The clocks go forward and back in the night between.
            ("2026-03-28T12:00:00Z", "2026-03-29T07:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-25T08:00:00Z"),
        ] {
            assert_eq!(chosen.settle(Channel::Mail, &MEDIUM, at(now)), Then::Digest(at(next)), "{now}");
        }
        // One o'clock comes twice on that day: the digest once.
        chosen.digest_hour = 1;
        assert_eq!(chosen.next_digest(at("2026-10-24T23:00:00Z")), at("2026-10-25T00:00:00Z"));
        assert_eq!(chosen.next_digest(at("2026-10-25T00:00:00Z")), at("2026-10-26T01:00:00Z"));
        assert_eq!(chosen.next_digest(at("2026-10-25T00:59:00Z")), at("2026-10-26T01:00:00Z"));
        // And is left out in March: the digest then comes with the hour after.
        assert_eq!(chosen.next_digest(at("2026-03-28T12:00:00Z")), at("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn a_digest_that_was_stopped_is_not_told_and_comes_back_as_it_was() {
        let mut chosen = Preferences::default();
        chosen.choose("medium", Channel::Mail, How::Digest);
        let now = at("2026-06-01T12:00:00Z");
        chosen.stop(Mailing::Digest);
        assert_eq!(chosen.settle(Channel::Mail, &MEDIUM, now), Then::Nothing);
        assert_eq!(chosen.chosen("medium", Channel::Mail), Some(How::Never));
        chosen.send_again(Mailing::Digest);
        assert!(matches!(chosen.settle(Channel::Mail, &MEDIUM, now), Then::Digest(_)));
        chosen.stop(Mailing::Digest);
        chosen.choose("medium", Channel::Mail, How::Digest);
        assert!(matches!(chosen.settle(Channel::Mail, &MEDIUM, now), Then::Digest(_)), "chosen anew");
        chosen.stop(Mailing::Bulletin);
        assert!(!chosen.bulletin);
    }

    #[test]
    fn a_digest_passes_over_days_that_are_quiet() {
        let quiet = Quiet { weekends: true, holidays: true, ..nights() };
        let chosen = Preferences { quiet, ..Preferences::default() };
        // Before Good Friday, 3 April 2026: the next working day is the Tuesday.
        assert_eq!(chosen.next_digest(at("2026-04-02T09:00:00Z")), at("2026-04-07T07:00:00Z"));
    }

    #[test]
    fn a_reminder_is_never_held_back_past_its_deadline() {
        let mut chosen = Preferences { quiet: nights(), ..Preferences::default() };
        let now = at("2026-06-01T22:00:00Z");
        let due = |before| Matter { before: Some(at(before)), ..MEDIUM };
        let settled = |chosen: &Preferences, before| chosen.settle(Channel::Mail, &due(before), now);
        assert_eq!(settled(&chosen, "2026-06-02T06:00:01Z"), Then::Send(Some(at("2026-06-02T06:00:00Z"))));
        assert_eq!(settled(&chosen, "2026-06-02T06:00:00Z"), Then::Send(None));
        chosen.choose("medium", Channel::Mail, How::Digest);
        assert_eq!(settled(&chosen, "2026-06-02T07:00:01Z"), Then::Digest(at("2026-06-02T07:00:00Z")));
        assert_eq!(settled(&chosen, "2026-06-02T07:00:00Z"), Then::Send(Some(at("2026-06-02T06:00:00Z"))));
        assert_eq!(settled(&chosen, "2026-06-02T03:00:00Z"), Then::Send(None));
    }
}
