//! How trusts answer: when each acknowledges, and what it says in the days after.

use std::collections::VecDeque;

use broadcast::{
    alert::AlertId,
    response::{Applies, Chosen, Outcome, Said},
};
use jiff::{SignedDuration, Timestamp};
use platform::Actor;

use super::Story;
use crate::demo::people::{People, Trust};

/// The trust that sleeps through the deadline although it was told: its executive hears of it.
pub(super) const SLEEPER: &str = "RTE";
/// The unreachable trust that is rung.
pub(super) const RUNG: &str = "RFF";
/// Those who are late: two of whom nobody could be reached besides.
pub(super) const LATE: [&str; 4] = [SLEEPER, RUNG, "RLN", "RX3"];
/// The trust that is the last to close.
pub(super) const LAST: &str = "RJL";

/// Trusts that have not acknowledged yet, and when they will.
pub(super) struct Waiting<'a>(VecDeque<(Timestamp, &'a Trust)>);

impl<'a> Waiting<'a> {
    /// Many in the first hours, the last shortly before the deadline; the late ones not at all.
    pub(super) fn since(people: &'a People, issued: Timestamp) -> Self {
        let in_time: Vec<_> =
            people.trusts.iter().filter(|trust| !LATE.contains(&trust.code.as_str())).collect();
        let many = i64::try_from(in_time.len()).unwrap_or(1).max(1);
        // Minutes after the issue: the square of the place, up to hour 46.
        let minutes = |place: i64| 25 + 46 * 60 * place * place / (many * many);
        let at = |place| issued + SignedDuration::from_mins(minutes(place));
        Self((0..).zip(in_time).map(|(place, trust)| (at(place), trust)).collect())
    }

    /// Lets time pass until `moment`, and those acknowledge whose time has come.
    pub(super) async fn until(
        &mut self,
        story: &Story<'_>,
        alert: AlertId,
        moment: Timestamp,
    ) -> anyhow::Result<()> {
        while let Some((at, trust)) = self.0.pop_front_if(|(at, _)| *at <= moment) {
            story.until(at).await?;
            story.acknowledge(&trust.actor, alert).await?;
        }
        story.until(moment).await
    }
}

/// Trusts that have acknowledged and are not done yet.
pub(super) struct Rounds<'a> {
    open: Vec<(Course, &'a Actor)>,
    /// The day of the next round.
    next: i64,
}

/// How it goes on at a trust, and on which day it ends.
#[derive(Clone, Copy)]
enum Course {
    DoesNotApply,
    Remediated(i64),
    Mitigated(i64),
    /// Waits for the scanner's maker, until its executive decides.
    Scanner,
}

impl Course {
    fn of(place: usize, code: &str) -> Self {
        match (code, place % 5) {
            (LAST, _) => Self::Remediated(super::BEGAN),
            (_, 0) => Self::DoesNotApply,
            (_, 1) => Self::Remediated(5),
            (_, 2) => Self::Remediated(7),
            (_, 3) => Self::Mitigated(9),
            _ => Self::Remediated(13),
        }
    }

    fn ends(self) -> i64 {
        match self {
            Self::DoesNotApply => 3,
            Self::Remediated(day) | Self::Mitigated(day) => day,
            Self::Scanner => 9,
        }
    }

    /// What is said on `day`.
    fn said(self, day: i64) -> Said {
        let applies = Said { applies: Some(Applies::Yes), systems: Some(140), ..Said::default() };
        match self {
            Self::Scanner => super::day_9::so_far(),
            Self::DoesNotApply => Said {
                applies: Some(Applies::No),
                reason: Some(
                    "No Windows server here is older than 2016, and there is no such scanner.".to_owned(),
                ),
                ..Said::default()
            },
            Self::Remediated(last) if day >= last => Said {
                done: Some("MS15-034 is installed on every server.".to_owned()),
                outcome: Some(Outcome::Remediated),
                ..applies
            },
            Self::Mitigated(last) if day >= last => Said {
                done: Some(
                    "Servers are updated. The pathology server is out of reach from outside for good."
                        .to_owned(),
                ),
                outcome: Some(Outcome::Mitigated),
                ..applies
            },
            Self::Remediated(_) => Said {
                done: Some(
                    "Servers reached from outside are updated; the others follow night by night.".to_owned(),
                ),
                ..applies
            },
            Self::Mitigated(_) => Said {
                done: Some("Servers are updated but for one.".to_owned()),
                blockers: Some(
                    "The supplier of the pathology system forbids updates until it has tested them."
                        .to_owned(),
                ),
                mitigation: Some("The server answers to the laboratory's computers alone.".to_owned()),
                ..applies
            },
        }
    }
}

impl<'a> Rounds<'a> {
    pub(super) fn of(people: &'a People) -> Self {
        let many = people.trusts.iter().enumerate();
        let many = many.map(|(place, trust)| (Course::of(place, &trust.code), &trust.actor));
        let two = [(Course::Scanner, &people.responder), (Course::Remediated(5), &people.lone)];
        Self { open: many.chain(two).collect(), next: 3 }
    }

    /// Every other day until `day` each trust says where it stands, an hour earlier each time: so
    /// nobody has to be reminded.
    pub(super) async fn until_day(
        &mut self,
        story: &Story<'_>,
        alert: AlertId,
        day: i64,
    ) -> anyhow::Result<()> {
        while self.next <= day {
            let round = self.next;
            let hour = i8::try_from(15 - (round - 3) / 2)?;
            story.until(story.at(round, hour, 0)?).await?;
            for (course, actor) in &self.open {
                story.say(actor, alert, &Chosen::All, &course.said(round)).await?;
            }
            self.open.retain(|(course, _)| course.ends() > round);
            self.next += 2;
        }
        Ok(())
    }

    /// What the last trust says at the end.
    pub(super) async fn close_last(&mut self, story: &Story<'_>, alert: AlertId) -> anyhow::Result<()> {
        for (course, actor) in self.open.drain(..) {
            story.say(actor, alert, &Chosen::All, &course.said(course.ends())).await?;
        }
        Ok(())
    }
}
