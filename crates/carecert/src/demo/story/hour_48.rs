//! Hour 48: the deadline of the acknowledgements. Four are late: the executive of one is told, and one
//! of whom nobody can be reached by mail is rung.

use anyhow::Context;
use broadcast::{
    alert::{self, AlertId},
    response::{Applies, Chosen, Outcome, Said},
    sector::{self, Call},
};

use super::{
    Moment, Story,
    rounds::{LATE, RUNG, SLEEPER, Waiting},
};

pub(super) async fn play(story: &Story<'_>, alert: AlertId, waiting: &mut Waiting<'_>) -> anyhow::Result<()> {
    let deadline = alert::store::alert(&mut story.app.read().await?, alert).await?;
    let deadline = deadline.and_then(|alert| alert.acknowledge_by).context("a deadline")?;
    waiting.until(story, alert, deadline).await?;
    story.note(Moment::Deadline, &format!("/sector/{alert}")).await?;
    // Told in the night, the executive has somebody woken.
    story.until(story.at(3, 6, 40)?).await?;
    acknowledge(story, alert, SLEEPER).await?;
    story.until(story.at(3, 8, 30)?).await?;
    ring(story, alert).await?;
    story.minutes(35).await?;
    acknowledge(story, alert, RUNG).await?;
    story.until(story.at(3, 11, 20)?).await?;
    for code in LATE.into_iter().filter(|code| ![SLEEPER, RUNG].contains(code)) {
        acknowledge(story, alert, code).await?;
        story.minutes(40).await?;
    }
    close_practices(story, alert).await
}

async fn acknowledge(story: &Story<'_>, alert: AlertId, code: &str) -> anyhow::Result<()> {
    story.acknowledge(&story.people.trust(code)?.actor, alert).await
}

/// The analyst rings a trust on the list, and reaches somebody.
async fn ring(story: &Story<'_>, alert: AlertId) -> anyhow::Result<()> {
    let call = Call {
        alert,
        organisation: story.people.trust(RUNG)?.id,
        outcome: sector::Outcome::Reached,
        note: "The mailbox on record is closed. The on-call engineer has the alert now and acknowledges it.",
    };
    let mut tx = story.app.write().await?;
    sector::ring(&mut tx, &story.people.analyst, &call).await?;
    tx.commit().await?;
    Ok(())
}

/// The board's two practices are done.
async fn close_practices(story: &Story<'_>, alert: AlertId) -> anyhow::Result<()> {
    let two = story.people.practices.iter().take(2).map(|(id, _)| *id).collect();
    let done = Said {
        applies: Some(Applies::Yes),
        done: Some("Both servers were updated over night.".to_owned()),
        outcome: Some(Outcome::Remediated),
        ..Said::default()
    };
    story.say(&story.people.icb, alert, &Chosen::Only(two), &done).await
}
