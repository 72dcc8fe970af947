//! The demonstration's three weeks, played through the program's own actions on a clock that is moved
//! by hand. What becomes due on the way, the program's own workers do: they deliver, remind, tell the
//! executive and fill the list of those to ring.
//!
//! One file for each chapter. Who says what is made up; organisations and threats are real and historic.

mod day_1;
mod day_16;
mod day_19;
mod day_21;
mod day_4;
mod day_9;
mod hour_3;
mod hour_48;
mod rounds;
mod today;

use anyhow::Context;
use broadcast::{
    advisory::{self, VersionId},
    alert::{self, AlertId, Answers},
    response::{self, Chosen, Said},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use platform::{Actor, App, log, uk, work};

use super::{
    moment::{self, Moment},
    people::People,
};

pub use day_1::{CVE, REGIONS};
use rounds::{Rounds, Waiting};

/// The story as it is played.
pub(super) struct Story<'a> {
    app: &'a App,
    people: &'a People,
    /// Day 1.
    first: Date,
}

/// How many days before today the story begins, so that its day 21 is yesterday.
const BEGAN: i64 = 21;

/// The day on which a story begins whose present is `now`.
pub(super) fn first_day(now: Timestamp) -> Date {
    uk::day(now).saturating_sub(jiff::Span::new().days(BEGAN))
}

/// Plays everything to the present, and tells of each chapter as it begins.
pub(super) async fn play(
    app: &App,
    people: &People,
    first: Date,
    present: Timestamp,
    tell: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<()> {
    let story = Story { app, people, first };
    tell("Day 1: a threat is taken in, and an alert goes out in the night");
    let alert = day_1::play(&story).await.context("day 1")?;
    tell("Hour 3: the first acknowledgements");
    let mut waiting = Waiting::since(people, app.env.now());
    hour_3::play(&story, alert, &mut waiting).await.context("hour 3")?;
    tell("Hour 48: the deadline");
    hour_48::play(&story, alert, &mut waiting).await.context("hour 48")?;
    tell("Day 4: a region is warned of what its trusts saw");
    let mut rounds = Rounds::of(people);
    rounds.until_day(&story, alert, 3).await?;
    day_4::play(&story).await.context("day 4")?;
    tell("Day 9: a scanner that cannot be patched");
    rounds.until_day(&story, alert, 9).await?;
    day_9::play(&story, alert).await.context("day 9")?;
    tell("Day 16: a trust is attacked at night");
    rounds.until_day(&story, alert, 15).await?;
    day_16::play(&story).await.context("day 16")?;
    tell("Day 19: a supplier is down for many");
    day_19::play(&story).await.context("day 19")?;
    tell("Day 21: the last answer, and the auditor");
    day_21::play(&story, alert, &mut rounds).await.context("day 21")?;
    tell("Today: an alert that waits for you");
    today::play(&story, alert, present).await.context("today")
}

impl Story<'_> {
    /// The moment on day `day` at which the clocks show `hour` and `minute`.
    fn at(&self, day: i64, hour: i8, minute: i8) -> anyhow::Result<Timestamp> {
        let date = self.first.checked_add(jiff::Span::new().days(day - 1))?;
        uk::moment(date.at(hour, minute, 0, 0)).context("a day within the calendar")
    }

    /// Moves the clock on to `moment`, an hour at a time, and does what became due on the way.
    async fn until(&self, moment: Timestamp) -> anyhow::Result<()> {
        let now = || self.app.env.now();
        // What was just done is told at once, and not an hour later.
        let mut step = SignedDuration::from_mins(1);
        while now() < moment {
            self.app.env.advance(moment.duration_since(now()).min(step));
            step = SignedDuration::from_hours(1);
            log::mail_head(self.app).await?;
            work::all_due(self.app).await?;
        }
        Ok(())
    }

    /// Lets some minutes pass.
    async fn minutes(&self, minutes: i64) -> anyhow::Result<()> {
        self.until(self.app.env.now() + SignedDuration::from_mins(minutes)).await
    }

    /// Notes a step of the story, and the page that shows it.
    async fn note(&self, moment: Moment, path: &str) -> anyhow::Result<()> {
        let mut tx = self.app.write().await?;
        moment::note(&mut tx, moment, path).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Somebody has an alert in hand, for all whom they answer for.
    async fn acknowledge(&self, actor: &Actor, alert: AlertId) -> anyhow::Result<()> {
        let mut tx = self.app.write().await?;
        response::acknowledge(&mut tx, actor, alert, &Chosen::All).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Somebody says where those whom they answer for stand.
    async fn say(&self, actor: &Actor, alert: AlertId, chosen: &Chosen, said: &Said) -> anyhow::Result<()> {
        let mut tx = self.app.write().await?;
        response::answer(&mut tx, actor, alert, chosen, said).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The duty manager takes on what somebody else wrote, approves and publishes it.
    async fn release(&self, version: VersionId) -> anyhow::Result<AlertId> {
        let duty_manager = &self.people.duty_manager;
        let mut tx = self.app.write().await?;
        advisory::rota::accept(&mut tx, duty_manager, version).await?;
        tx.commit().await?;
        self.minutes(4).await?;
        let mut tx = self.app.write().await?;
        let submitted = advisory::store::version(&mut tx, version).await?.context("a version")?;
        advisory::actions::approve(&mut tx, duty_manager, version, submitted.edition).await?;
        tx.commit().await?;
        self.minutes(2).await?;
        let mut tx = self.app.write().await?;
        let published = alert::actions::publish(&mut tx, duty_manager, version, Answers::Anew).await?;
        tx.commit().await?;
        Ok(published.alert)
    }
}
