//! Day 21: the last answer comes in, what was learned is written down, and the auditor proves the log.

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
    let mut tx = story.app.write().await?;
    log::ask_to_verify(&mut tx, &story.people.auditor, None).await?;
    tx.commit().await?;
    story.until(story.at(21, 8, 5)?).await?;
    story.note(Moment::Verified, "/log/verify").await
}

const LEARNED: &str = "- Six trusts could not be reached by mail. **Ask every trust for a second mailbox** before the next alert.\n\
                       - Practices were answered for within 30 hours, since their board had a list of their servers.\n\
                       - Makers of scanners take longer than we give: say in the alert which mitigation will do.";
