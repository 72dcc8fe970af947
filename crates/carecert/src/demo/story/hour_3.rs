//! Hour 3: one person alone acknowledges, from the mailbox that is all their trust has. In hour 30 the
//! board answers for its practices.

use broadcast::{
    alert::AlertId,
    response::{Applies, Chosen, Said},
};
use jiff::SignedDuration;

use super::{Moment, Story, rounds::Waiting};

/// How many practices the board leaves out of its answer.
const EXCEPTED: usize = 2;

pub(super) async fn play(story: &Story<'_>, alert: AlertId, waiting: &mut Waiting<'_>) -> anyhow::Result<()> {
    let issued = story.app.env.now();
    let after = |minutes| issued + SignedDuration::from_mins(minutes);
    waiting.until(story, alert, after(95)).await?;
    story.acknowledge(&story.people.responder, alert).await?;
    waiting.until(story, alert, after(160)).await?;
    story.acknowledge(&story.people.lone, alert).await?;
    story.note(Moment::Lone, &format!("/alerts/{alert}")).await?;
    waiting.until(story, alert, after(6 * 60)).await?;
    story.acknowledge(&story.people.icb, alert).await?;
    waiting.until(story, alert, after(30 * 60)).await?;
    answer_for_practices(story, alert).await
}

/// One answer for all but two.
async fn answer_for_practices(story: &Story<'_>, alert: AlertId) -> anyhow::Result<()> {
    let icb = &story.people.icb;
    let excepted: Vec<_> = story.people.practices.iter().take(EXCEPTED).map(|(id, _)| *id).collect();
    let no = Said {
        applies: Some(Applies::No),
        reason: Some("Practices run on the shared desktop, which has had the update for years.".to_owned()),
        ..Said::default()
    };
    story.say(icb, alert, &Chosen::AllBut(excepted.clone()), &no).await?;
    let yes = Said {
        applies: Some(Applies::Yes),
        systems: Some(1),
        done: Some("Each has a Windows server of its own, which is being updated.".to_owned()),
        ..Said::default()
    };
    story.say(icb, alert, &Chosen::Only(excepted), &yes).await?;
    story.note(Moment::Icb, &format!("/alerts/{alert}")).await
}
