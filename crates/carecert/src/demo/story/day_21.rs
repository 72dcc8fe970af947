//! Day 21: the last answer comes in, what was learned is written down, and the auditor proves the log.

use anyhow::ensure;
use broadcast::{alert::AlertId, sector};
use platform::log;

use super::{Moment, Story, rounds::Rounds};

pub(super) async fn play(story: &Story<'_>, alert: AlertId, rounds: &mut Rounds<'_>) -> anyhow::Result<()> {
    rounds.until_day(story, alert, 19).await?;
    story.until(story.at(21, 7, 10)?).await?;
    rounds.close_last(story, alert).await?;
    story.note(Moment::Closed, &format!("/sector/{alert}/report")).await?;
    story.until(story.at(21, 7, 40)?).await?;
    let mut tx = story.app.write().await?;
    sector::learn(&mut tx, &story.people.analyst, alert, 0, LEARNED).await?;
    tx.commit().await?;
    story.until(story.at(21, 8, 0)?).await?;
    verify(story).await?;
    story.note(Moment::Verified, "/log").await
}

const LEARNED: &str = "- Six trusts could not be reached by mail. **Ask every trust for a second mailbox** before the next alert.\n\
                       - Practices were answered for within 30 hours, since their board had a list of their servers.\n\
                       - Makers of scanners take longer than we give: say in the alert which mitigation will do.";

/// What `carecert audit verify` does.
async fn verify(story: &Story<'_>) -> anyhow::Result<()> {
    let mut snapshot = story.app.db.read_long().await?;
    let report = log::verify(&mut snapshot, story.app.env.now(), None).await?;
    ensure!(report.finding.is_none() && report.unsealed == 0, "the log is not whole: {report:?}");
    Ok(())
}
