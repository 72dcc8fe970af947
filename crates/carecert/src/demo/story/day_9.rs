//! Day 9: a scanner cannot be patched; its trust's executive accepts the maker's mitigation.

use broadcast::{
    alert::AlertId,
    response::{self, Applies, Chosen, Decision, Outcome, Said},
};

use super::{Moment, Story};
use crate::demo::people::TRUST;

pub(super) async fn play(story: &Story<'_>, alert: AlertId) -> anyhow::Result<()> {
    story.until(story.at(9, 14, 5)?).await?;
    story.say(&story.people.responder, alert, &Chosen::All, &asked()).await?;
    story.until(story.at(9, 16, 40)?).await?;
    let mut tx = story.app.write().await?;
    response::decide(&mut tx, &story.people.executive, alert, &Decision::Accept, 1).await?;
    tx.commit().await?;
    story.note(Moment::Accepted, &format!("/alerts/{alert}/respond/said/{TRUST}")).await
}

/// What the responder puts to the executive.
fn asked() -> Said {
    Said {
        applies: Some(Applies::Yes),
        systems: Some(1),
        done: Some("Every server is updated. One PET/CT scanner is not.".to_owned()),
        blockers: Some("The maker has no update for the scanner, and it cannot be replaced this year.".to_owned()),
        mitigation: Some("As its maker says: a network of its own, reached by its two workplaces alone.".to_owned()),
        reason: Some("Without the scanner nobody is examined here. What is left is that somebody sits at one of its workplaces.".to_owned()),
        outcome: Some(Outcome::RiskAccepted),
        ..Said::default()
    }
}

/// What the trust says of it in the days before.
pub(super) fn so_far() -> Said {
    Said {
        applies: Some(Applies::Yes),
        systems: Some(61),
        done: Some("60 servers are updated. For the PET/CT scanner we wait for its maker.".to_owned()),
        mitigation: Some("The scanner stands in a network of its own.".to_owned()),
        ..Said::default()
    }
}
